"""The dashboards: each a list of controls, some charts and one function that answers."""
