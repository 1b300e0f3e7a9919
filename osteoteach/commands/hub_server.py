"""One user's server on a hub: ``python -m osteoteach.commands.hub_server``.

It is ``jupyterhub-singleuser`` with our settings and without what a course does not need. A hub
of 300 pays for everything 300 times, so before the server is loaded

- the grammar that checks internationalised addresses (``rfc3987_syntax``, built at every
  import, wanted by no schema of ours) is left out;
- of JupyterHub, which a user's server needs to ask who comes, the hub's own pages and database
  are left out.

docs/jupyterhub.md tells what each saves.
"""

from __future__ import annotations

import os
import sys
import tempfile
import types
from pathlib import Path

from osteoteach.commands.folders import copy_notebooks, notebooks_folder

__all__ = ["leave_out", "main", "prepare_folder", "server_environment"]

FOLDER = "~/osteoteach"


def prepare_folder(folder: Path) -> None:
    """Give a user the notebooks: their own copies of what is written in, links to the rest.

    Parameters
    ----------
    folder : Path
        Made if absent. What a user changed is never overwritten; a dashboard holds nothing of
        a user's, so it is always that of the installed version.
    """
    folder.mkdir(parents=True, exist_ok=True)
    dashboards, source = folder / "dashboards", notebooks_folder() / "dashboards"
    if dashboards.is_symlink() and dashboards.readlink() != source:
        dashboards.unlink()
    if not dashboards.exists():
        dashboards.symlink_to(source)
    copy_notebooks(folder, leave_out=("dashboards",))


def server_environment(folder: Path) -> dict[str, str]:
    """What the server and its kernels find in their environment."""
    from osteoteach.view.hub.settings import CONFIG_FOLDER
    from osteoteach.view.serving import JUPYTER_DIR

    def first(path: Path, name: str) -> str:
        return os.pathsep.join([str(path), *filter(None, [os.environ.get(name)])])

    return {
        "JUPYTERHUB_ROOT_DIR": str(folder),
        "JUPYTER_CONFIG_PATH": first(CONFIG_FOLDER, "JUPYTER_CONFIG_PATH"),
        "JUPYTER_PATH": first(JUPYTER_DIR, "JUPYTER_PATH"),
        # Sockets of kernels lie here, and a socket's name may have at most 107 signs.
        "JUPYTER_RUNTIME_DIR": tempfile.mkdtemp(prefix="osteoteach-", dir="/tmp"),
        "OSTEOTEACH_SCENARIOS": str(folder / "scenarios"),
    }


class _Absent(types.ModuleType):
    """Stands for a module that is named while others load, and never used after."""

    __path__ = ()

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        # Whatever is named is a class that nothing is an instance of, fit for `except` too.
        return type(name, (Exception,), {})


# Only the hub has a database and pages of its own; JupyterHub's modules name them all the same.
_ONLY_IN_HUB = ("jupyterhub.orm", "jupyterhub.handlers", "jupyterhub.handlers.pages")
_DATABASE = ("sqlalchemy", "sqlalchemy.exc")


def leave_out() -> None:
    """Keep out of memory what only a hub, or a validator of addresses, needs."""
    # A module that is None cannot be imported; jsonschema then does without that check.
    sys.modules.setdefault("rfc3987_syntax", None)
    names = [name for name in (*_ONLY_IN_HUB, *_DATABASE) if name not in sys.modules]
    sys.modules.update({name: _Absent(name) for name in names})
    try:
        import jupyterhub.singleuser  # noqa: F401
    except (ImportError, AttributeError, TypeError):
        # Another version of JupyterHub may need more of itself: then it gets all.
        for name in [one for one in sys.modules if one.partition(".")[0] == "jupyterhub"]:
            del sys.modules[name]
    finally:
        # The store of answers, and what users install, need the real one.
        for name in set(names).intersection(_DATABASE):
            del sys.modules[name]


def main() -> None:
    """Serve until the hub stops it."""
    leave_out()
    folder = Path(os.environ.get("JUPYTERHUB_ROOT_DIR") or FOLDER).expanduser()
    prepare_folder(folder)
    os.environ.update(server_environment(folder))
    from jupyterhub.singleuser import main as serve

    serve()


if __name__ == "__main__":
    main()
