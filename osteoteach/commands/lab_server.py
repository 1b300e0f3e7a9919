"""How JupyterLab is started on the notebooks; tests start it in the same way."""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["lab_command"]


def lab_command(folder: Path, port: int) -> list[str]:
    """Return the command line of a JupyterLab on ``folder``.

    Parameters
    ----------
    folder : Path
        Root of what the lab shows.
    port : int
        Port to listen on; it is not changed if it is taken.
    """
    return [
        sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}",
        f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
        # A lab must work without internet, so it does not look for updates.
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        # So that phones can vote in a room that is opened from the lab.
        "--ServerApp.jpserver_extensions={'osteoteach.view.classroom.extension': True}"]
