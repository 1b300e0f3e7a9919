"""How Voila is started for the dashboards, and what its gallery lists.

The settings live here once. :mod:`osteoteach.view.server` hands them to Voila;
``notebooks/voila.json`` repeats them for people who start a plain ``voila`` in that
folder (a test holds the two together).
"""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

__all__ = ["CLASS_SETTINGS", "SETTINGS", "add_cards", "class_command", "find_free_port",
           "gallery_sections", "voila_command"]

JUPYTER_DIR = Path(__file__).parent / "jupyter"
PACKAGE_PARENT = Path(__file__).parents[2]

SECTIONS = {"dashboards": "Dashboards", "lessons": "Lessons"}

SETTINGS: dict[str, dict[str, Any]] = {
    "VoilaConfiguration": {
        "template": "osteoteach",
        "theme": "light",
        "allow_template_override": "NO",
        "allow_theme_override": "NO",
        "strip_sources": True,
        "show_tracebacks": False,
        # Nothing of the folder is served as a file: pages carry what they show.
        "file_allowlist": [],
        # The two extensions that widgets need; the others cost requests and time.
        "extension_allowlist": [
            "@jupyter-widgets/jupyterlab-manager",
            "@voila-dashboards/widgets-manager8",
            "anywidget",
        ],
    },
    "VoilaExecutor": {
        "cell_error_instruction": (
            "The reason is in the window where the server runs. Reload the page; "
            "if it fails again, show your teacher what that window says."
        ),
    },
    # A browser that vanishes cannot end its kernel. One without a browser goes after ten
    # minutes, long enough for a laptop shut during a break; one with a browser stays.
    "MappingKernelManager": {
        "cull_idle_timeout": 600,
        "cull_interval": 60,
        "cull_connected": False,
    },
}

#: What `osteoteach serve` adds for a class; all else is as above.
CLASS_SETTINGS: dict[str, dict[str, Any]] = {
    # A teacher's window shows what is wrong, not who comes and goes.
    "Voila": {"log_level": "WARN"},
    # A kernel that died has lost its page: a fresh one in its place would help nobody.
    "KernelRestarter": {"restart_limit": 0},
    # The server ends kernels that nobody visits itself, and sooner.
    "MappingKernelManager": {"cull_idle_timeout": 0},
}


def find_free_port(preferred: int, ip: str = "127.0.0.1") -> int:
    """Return ``preferred`` if nobody listens there, else a port the system chooses.

    Parameters
    ----------
    preferred : int
        Port from 0 to 65535; 0 means any.
    ip : str
        Address the server will listen on.
    """
    for port in (preferred, 0):
        with socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET) as probe:
            if os.name == "posix":
                # A server that stopped a moment ago must not make its port look taken.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((ip, port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise OSError(f"No port is free on {ip}.")


def voila_command(
    notebooks_dir: Path, port: int, *, open_browser: bool, ip: str = "127.0.0.1",
    module: str = "osteoteach.view.server",
) -> tuple[list[str], dict[str, str]]:
    """Return the command line and the environment that serve the dashboards.

    Parameters
    ----------
    notebooks_dir : Path
        Folder with ``dashboards/`` and ``lessons/``.
    port : int
        Port to listen on, see :func:`find_free_port`.
    open_browser : bool
        Whether Voila opens the gallery in the visitor's browser.
    ip : str
        Address to listen on. Anything but the default lets other computers in.
    module : str
        What is run.

    Returns
    -------
    tuple of (list of str, dict of str to str)
        ``argv`` and ``env`` for :mod:`subprocess`.
    """
    argv = [
        sys.executable,
        "-m",
        module,
        str(notebooks_dir),
        f"--port={port}",
        f"--Voila.ip={ip}",
        # Configuration of other Voila servers on this computer is none of ours.
        "--Voila.config_file_paths=",
        "--Voila.port_retries=0",
        f"--Voila.open_browser={open_browser}",
    ]
    env = dict(os.environ)
    # So that a page can tell which address other computers may use.
    env["OSTEOTEACH_LISTENS_ON"] = ip
    # Our template brings the chart engine as a file: it need not come from each kernel.
    env["OSTEOTEACH_ENGINE_IS_SERVED"] = "1"
    # A teacher's own scenario lists lie beside the dashboards that are served.
    env["OSTEOTEACH_SCENARIOS"] = str(notebooks_dir.resolve() / "scenarios")
    env["JUPYTER_PATH"] = _path_list(JUPYTER_DIR, env.get("JUPYTER_PATH"))
    # The kernels must find the same osteoteach as we, also in a bare checkout.
    env["PYTHONPATH"] = _path_list(PACKAGE_PARENT, env.get("PYTHONPATH"))
    return argv, env


def class_command(
    notebooks_dir: Path, port: int, *, max_kernels: int, ip: str = "127.0.0.1",
    spares: int = 1, fork: bool = True, log_addresses: bool = False,
) -> tuple[list[str], dict[str, str]]:
    """Return the same for a class, see :mod:`osteoteach.view.hosting`.

    Parameters
    ----------
    notebooks_dir, port, ip
        As in :func:`voila_command`.
    max_kernels : int
        Most viewers at a time.
    spares : int
        Kernels that wait ahead for each dashboard.
    fork : bool
        Whether kernels share memory where the system can.
    log_addresses : bool
        Whether visitors' network addresses may be logged.
    """
    argv, env = voila_command(notebooks_dir, port, open_browser=False, ip=ip,
                              module="osteoteach.view.hosting.class_server")
    argv += [f"--ClassServer.max_kernels={max_kernels}", f"--ClassServer.spares={spares}",
             f"--ClassServer.fork={fork}", f"--ClassServer.log_addresses={log_addresses}"]
    # The computer is there for those who wait, not for answers that may be asked for next.
    env["OSTEOTEACH_LOOK_AHEAD"] = "0"
    return argv, env


def gallery_sections(notebooks_dir: Path) -> list[dict[str, Any]]:
    """Read the cards of the gallery from the notebooks' own metadata.

    Parameters
    ----------
    notebooks_dir : Path
        Folder with ``dashboards/`` and ``lessons/``; a missing one is left out.

    Returns
    -------
    list of dict
        Per section its ``folder``, ``title`` and ``cards``; per card ``path``, ``title``,
        ``sentence``, ``minutes`` and ``picture`` (``""`` if there is no such picture).
    """
    sections = []
    for folder, title in SECTIONS.items():
        paths = (notebooks_dir / folder).glob("*.ipynb")
        cards = [_card(path, notebooks_dir) for path in paths]
        if cards:
            cards.sort(key=lambda card: (card["order"], card["path"]))
            sections.append({"folder": folder, "title": title, "cards": cards})
    return sections


def add_cards(page_config: dict[str, Any], **context: Any) -> dict[str, Any]:
    """Add the gallery's cards to what Voila hands its templates (a page_config_hook)."""
    root = Path(context["settings"]["contents_manager"].root_dir)
    page_config["osteoteachCards"] = gallery_sections(root)
    return page_config


def _card(path: Path, notebooks_dir: Path) -> dict[str, Any]:
    metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
    card = metadata.get("osteoteach", {})
    picture = card.get("picture", "")
    static = JUPYTER_DIR / "voila" / "templates" / "osteoteach" / "static"
    return {
        "path": path.relative_to(notebooks_dir).as_posix(),
        "title": card.get("title") or metadata.get("title") or path.stem,
        "sentence": card.get("sentence", ""),
        "minutes": card.get("minutes"),
        "picture": picture if picture and (static / picture).is_file() else "",
        "order": card.get("order", 99),
    }


def _path_list(first: Path, rest: str | None) -> str:
    return os.pathsep.join([str(first), *filter(None, [rest])])
