"""What maintainers run: `tools.site` builds the documentation, `tools.release` a release."""
