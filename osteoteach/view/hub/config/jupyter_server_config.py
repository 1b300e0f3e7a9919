"""Read by a user's server on a hub; see osteoteach.commands.hub_server."""

from osteoteach.view.hub.settings import hub_settings

get_config().merge(hub_settings())  # noqa: F821
