"""The site that runs without a server: every dashboard in the visitor's own browser."""
