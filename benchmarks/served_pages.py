"""A server with all dashboards and a page of one slider, and a Chromium that visits them."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from osteoteach.commands.folders import notebooks_folder
from osteoteach.view.serving import find_free_port, voila_command
from tests.browser.conftest import chromium_options

__all__ = ["first_chart_s", "received_bytes", "served"]

#: The floor: what Voila, ipywidgets and the browser need for a number that goes to the
#: kernel and comes back.
FLOOR = [
    "import ipywidgets as w",
    "slider = w.IntSlider(value=50, description='Value')\n"
    "label = w.Label(value='50')\n"
    "slider.observe(lambda change: setattr(label, 'value', str(change['new'])), 'value')\n"
    "w.VBox([slider, label])",
]
FLOOR_LABEL = ".widget-label:not(.widget-slider *)"


@contextmanager
def served() -> Iterator[tuple[Any, str]]:
    """Give a browser and the address of a server with the pages."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        url, server = _serve(_notebooks(Path(folder)))
        browser = playwright.chromium.launch(**chromium_options())
        try:
            yield browser, url
        finally:
            browser.close()
            server.terminate()
            server.wait(20)


def first_chart_s(page: Any, url: str, name: str) -> float:
    """Open a page and return the seconds until its first chart, or the floor's label."""
    start = time.perf_counter()
    page.goto(f"{url}/voila/render/dashboards/{name}.ipynb", wait_until="commit")
    page.wait_for_selector(FLOOR_LABEL if name == "slider_only" else "svg.marks",
                           state="attached", timeout=60_000)
    return time.perf_counter() - start


def received_bytes(context: Any, page: Any) -> list[int]:
    """Return a list that grows by the size of every websocket message to the page."""
    frames: list[int] = []
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.webSocketFrameReceived",
               lambda event: frames.append(_payload_bytes(event["response"])))
    return frames


def _payload_bytes(response: dict[str, Any]) -> int:
    # Chromium tells text as it is, and what is binary in base64.
    data = response["payloadData"]
    return len(data.encode()) if response["opcode"] == 1 else len(base64.b64decode(data))


def _notebooks(folder: Path) -> Path:
    target = folder / "dashboards"
    shutil.copytree(notebooks_folder() / "dashboards", target,
                    ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    model = json.loads((target / "noise.ipynb").read_text(encoding="utf-8"))
    for cell, source in zip(model["cells"], FLOOR, strict=True):
        cell["source"] = source
    (target / "slider_only.ipynb").write_text(json.dumps(model), encoding="utf-8")
    return folder


def _serve(notebooks: Path) -> tuple[str, subprocess.Popen]:
    port = find_free_port(0)
    argv, environment = voila_command(notebooks, port, open_browser=False)
    # An installed package is compiled; a checkout becomes so in the round that is not counted.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    server = subprocess.Popen(argv, env=environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return url, server
        except OSError:
            time.sleep(0.2)
    server.terminate()
    sys.exit("The server did not start.")
