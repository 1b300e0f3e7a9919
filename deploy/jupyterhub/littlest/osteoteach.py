"""For /opt/tljh/config/jupyterhub_config.d/: osteoteach on The Littlest JupyterHub."""

import os
from pathlib import Path

# The users' environment of The Littlest JupyterHub; the hub's own is another one.
os.environ.setdefault("OSTEOTEACH_PYTHON", "/opt/tljh/user/bin/python")
# Readable by root only: a secret in a file, as TLJH's hub runs as root.
os.environ.setdefault("OSTEOTEACH_OWNER_DATABASE_URL",
                      Path("/opt/tljh/config/osteoteach-owner-url").read_text().strip())

load_subconfig("/opt/tljh/config/osteoteach_hub.py")  # noqa: F821
