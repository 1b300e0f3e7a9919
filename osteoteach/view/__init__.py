"""What a visitor sees: controls, charts, pages and the Voila template."""
