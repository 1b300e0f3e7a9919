"""The dashboards inside a JupyterHub: in each user's server, and the rooms in one place."""
