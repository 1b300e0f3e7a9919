"""A release: built twice, read, and tried where no checkout is."""
