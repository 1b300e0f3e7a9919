"""The hub of the tests: ours, with local processes and a log-in that believes everybody."""

import os
from pathlib import Path

c = get_config()  # noqa: F821
folder = Path(os.environ["HUB_TEST_FOLDER"])
load_subconfig(str(Path(__file__).parents[2] / "deploy/jupyterhub/osteoteach_hub.py"))  # noqa: F821

c.JupyterHub.bind_url = os.environ["HUB_TEST_URL"]
c.JupyterHub.hub_port = int(os.environ["HUB_TEST_HUB_PORT"])
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{os.environ['HUB_TEST_PROXY_PORT']}"
c.ConfigurableHTTPProxy.command = os.environ["HUB_TEST_PROXY"].split()
c.JupyterHub.db_url = f"sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = str(folder / "cookie_secret")
c.JupyterHub.pid_file = str(folder / "hub.pid")
c.ConfigurableHTTPProxy.pid_file = str(folder / "proxy.pid")

c.JupyterHub.authenticator_class = "jupyterhub.auth.DummyAuthenticator"
c.DummyAuthenticator.allow_all = True
c.DummyAuthenticator.admin_users = {"head"}
c.JupyterHub.load_groups = {"instructors": {"users": ["lecturer"]}}

c.JupyterHub.spawner_class = "jupyterhub.spawner.SimpleLocalProcessSpawner"
c.SimpleLocalProcessSpawner.home_dir_template = str(folder / "home" / "{username}")
c.Spawner.args = ["--allow-root"]
c.Spawner.env_keep = ["PATH", "LANG", "VIRTUAL_ENV"]

if os.environ.get("HUB_TEST_TOKEN"):
    # For the measurement, which culls at a moment of its own choice.
    c.JupyterHub.services.append({"name": "measure", "api_token": os.environ["HUB_TEST_TOKEN"]})
    c.JupyterHub.load_roles.append({"name": "measure", "services": ["measure"], "scopes": [
        "list:users", "read:users:activity", "read:servers", "delete:servers"]})
if os.environ.get("HUB_TEST_PLAIN"):
    # What a hub without our server has: the measurement compares the two.
    c.Spawner.cmd = [str(Path(os.environ["OSTEOTEACH_PYTHON"]).with_name("jupyterhub-singleuser"))]
    c.Spawner.notebook_dir = os.environ["HUB_TEST_PLAIN"]
