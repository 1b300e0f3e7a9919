"""Run a server in this window until it stops."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from typing import NoReturn

import click

__all__ = ["run_server"]


def run_server(argv: list[str], environment: dict[str, str] | None, address: str | None) -> None:
    """Run a server until it stops; open ``address`` once it answers.

    Whoever ends this process, by Ctrl+C or as a service manager does, ends the server too.
    """
    signal.signal(signal.SIGTERM, _as_ctrl_c)
    process = subprocess.Popen(argv, env=environment)
    try:
        if address and _answers(address, process):
            webbrowser.open(address)
        code = process.wait()
    except KeyboardInterrupt:
        process.terminate()
        code = process.wait()
        click.echo("Stopped.")
        code = 0
    sys.exit(code)


def _as_ctrl_c(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _answers(address: str, process: subprocess.Popen, seconds: int = 60) -> bool:
    """Wait until the server answers, or until it has stopped."""
    for _ in range(seconds * 5):
        if process.poll() is not None:
            return False
        try:
            with urllib.request.urlopen(address, timeout=5):
                return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    return False
