"""Read by a user's server on a hub; see osteoteach.commands.hub_server."""

from osteoteach.view.hub.settings import hub_settings

# Jupyter runs this file and gives it `get_config`; whoever only imports it gets nothing.
if "get_config" in globals():
    get_config().merge(hub_settings())  # noqa: F821
