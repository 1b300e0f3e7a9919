"""A server as a class meets it, and a stranger who sends it whatever they like."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import subprocess
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClosedError, websocket_connect

from osteoteach.view.security.connection import V1
from osteoteach.view.serving import find_free_port, voila_command
from tests.browser.class_voters import wait_until_up

DASHBOARD = """
import ipywidgets
ipywidgets.IntSlider(value=7)
"""


def write_notebook(path: Path, source: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)], metadata={
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})
    nbformat.write(made, path)


@dataclass
class Answered:
    """What came back to a stranger."""

    status: int
    body: bytes
    headers: http.client.HTTPMessage


@dataclass
class Server:
    """A running server, what it wrote to its log, and its folder."""

    base: str
    folder: Path
    log: Path
    process: subprocess.Popen
    pages: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, method: str = "GET", body: bytes | None = None,
            **headers: str) -> Answered:
        """Send one request exactly as it is written, dots and all."""
        parts = urlsplit(self.base)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
        try:
            connection.request(method, path, body,
                               {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return Answered(answer.status, answer.read(), answer.headers)
        finally:
            connection.close()

    def kernel(self, page: str = "/voila/render/dashboards/small.ipynb") -> str:
        """The id of a kernel as its own page knows it; one for each page that is asked for."""
        if page not in self.pages:
            told = self.ask(page).body.decode()
            self.pages[page] = re.search(r'"kernelId": "([^"]+)"', told).group(1)
        return self.pages[page]


def serve(folder: Path, scratch: Path, *options: str, **settings: str) -> Server:
    """Start the server of `osteoteach apps` on a folder."""
    port = find_free_port(0)
    argv, env = voila_command(folder, port, open_browser=False)
    env |= {"JUPYTER_CONFIG_DIR": str(scratch / "config"), "IPYTHONDIR": str(scratch / "ipython"),
            "OSTEOTEACH_DATABASE_URL": f"sqlite:///{scratch}/answers.sqlite3", **settings}
    log = scratch / f"log-{port}"
    with log.open("wb") as out:
        process = subprocess.Popen([*argv, *options], env=env, cwd=scratch, stdout=out, stderr=out)
    base = f"http://127.0.0.1:{port}"
    wait_until_up(f"{base}/class/", process, log)
    return Server(base, folder, log, process)


def stop(server: Server) -> None:
    server.process.terminate()
    try:
        server.process.wait(20)
    except subprocess.TimeoutExpired:
        server.process.kill()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One server on a small folder with things that nobody may see."""
    scratch = tmp_path_factory.mktemp("secure")
    folder = scratch / "notebooks"
    write_notebook(folder / "dashboards" / "small.ipynb", DASHBOARD)
    write_notebook(folder / ".hidden" / "dashboard.ipynb", "1 / 0")
    write_notebook(scratch / "outside.ipynb", "1 / 0")
    for place in (folder / "secret.txt", folder / "dashboards" / "secret.py",
                  scratch / "secret.txt"):
        place.write_text("hush-hush")
    running = serve(folder, scratch)
    yield running
    stop(running)


@dataclass
class Said:
    """One message that a kernel sent."""

    channel: str
    kind: str
    parent: str
    content: dict


@dataclass
class Talk:
    """What came back over a websocket, and whether the server hung up."""

    said: list[Said]
    closed: int | None = None

    def to(self, message_id: str) -> list[Said]:
        return [one for one in self.said if one.parent == message_id]


def message(kind: str, content: dict | None = None, channel: str = "shell") -> tuple:
    """A message of a browser: its id, and what it consists of."""
    name = uuid.uuid4().hex
    header = {"msg_id": name, "msg_type": kind, "username": "", "session": "s",
              "date": "2026-11-22T12:00:00Z", "version": "5.3"}
    return name, channel, header, content or {}


def packed(parts: tuple, protocol: str | None) -> str | bytes:
    """The message as it goes over the wire."""
    _, channel, header, content = parts
    # ipywidgets holds the two protocols apart by their versions.
    control = content.get("target_name") == "jupyter.widget.control"
    metadata = {"version": "1.0.0" if control else "2.1.0"}
    if protocol == V1:
        return serialize_msg_to_ws_v1(
            [json.dumps(one).encode() for one in (header, {}, metadata, content)],
            channel)
    return json.dumps({"channel": channel, "header": header, "parent_header": {}, "buffers": [],
                       "metadata": metadata, "content": content})


def talk(server: Server, kernel: str, sent: list, protocol: str | None = V1,
         **headers: str) -> Talk:
    """Send messages to a kernel; all that came back until it has answered a last question.

    A message is a tuple of `message`, or bytes or text to be sent as they are.
    """
    return asyncio.run(_talk(server, kernel, sent, protocol, headers))


async def _talk(server: Server, kernel: str, sent: list, protocol: str | None,
                headers: dict[str, str]) -> Talk:
    address = f"{server.base.replace('http', 'ws', 1)}/api/kernels/{kernel}/channels?session_id=s"
    socket = await websocket_connect(HTTPRequest(address, headers=headers),
                                     subprotocols=[protocol] if protocol else None)
    last = message("kernel_info_request")
    got: list[Said] = []
    try:
        for one in [*sent, last]:
            await socket.write_message(one if isinstance(one, str | bytes)
                                       else packed(one, protocol), isinstance(one, bytes) or
                                       (protocol == V1 and not isinstance(one, str)))
        while not any(one.parent == last[0] and one.kind == "kernel_info_reply" for one in got):
            text = await asyncio.wait_for(socket.read_message(), 20)
            if text is None:
                return Talk(got, socket.close_code or 1006)
            got.append(_said(text, protocol))
    except WebSocketClosedError:
        return Talk(got, socket.close_code or 1006)
    finally:
        socket.close()
    return Talk(got)


def _said(text: str | bytes, protocol: str | None) -> Said:
    if protocol == V1:
        channel, parts = deserialize_msg_from_ws_v1(text)
        header, parent, _, content = (json.loads(one) for one in parts[:4])
    else:
        whole = json.loads(text)
        channel, header = whole["channel"], whole["header"]
        parent, content = whole["parent_header"], whole["content"]
    return Said(channel, header["msg_type"], parent.get("msg_id", ""), content)
