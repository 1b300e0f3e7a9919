"""One viewer without a browser: the page, its websocket, and what its widgets say.

It asks for what JupyterLab's widget manager asks for, in the same order and with the same
protocol on the websocket, so that a server cannot tell it from a page. What it leaves out is
the browser's own work.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import time
import uuid
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

__all__ = ["RoomFull", "Viewer"]

V1 = "v1.kernel.websocket.jupyter.org"
KERNEL_ID = re.compile(r'"kernelId"\s*:\s*"([0-9a-f-]{36})"')
PATIENCE_SECONDS = 90


class RoomFull(Exception):
    """The server has no place."""


@dataclass
class Viewer:
    """A page on one server.

    Parameters
    ----------
    url : str
        Of the page, with or without a query.
    """

    url: str
    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    kernel_id: str = ""
    html_seconds: float = 0
    chart_seconds: float = 0
    _token: str = ""
    _socket: WebSocketClientConnection | None = None
    _waiting: dict[str, asyncio.Future] = field(default_factory=dict)
    _session: str = field(default_factory=lambda: uuid.uuid4().hex)
    _reader: asyncio.Task | None = None
    _seen: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Viewer:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Load the page and wait for its first chart, or for a label if it has none."""
        start = time.perf_counter()
        answer = await AsyncHTTPClient(max_clients=200).fetch(
            HTTPRequest(self.url, request_timeout=PATIENCE_SECONDS), raise_error=False)
        if answer.code == 503:
            raise RoomFull
        answer.rethrow()
        cookies = SimpleCookie()
        for line in answer.headers.get_list("Set-Cookie"):
            cookies.load(line)
        self._token = cookies["_xsrf"].value
        self.html_seconds = time.perf_counter() - start
        self.kernel_id = KERNEL_ID.search(answer.body.decode()).group(1)
        base = re.match(r"http(://[^/]+)/", self.url).group(1)
        self._socket = await websocket_connect(
            f"ws{base}/api/kernels/{self.kernel_id}/channels?session_id={self._session}",
            subprotocols=[V1])
        self._reader = asyncio.create_task(self._read())
        await self._ask("kernel_info_request", {})
        await self._ask("comm_info_request", {"target_name": "jupyter.widget"})
        await self._widget_states()
        for comm_id, state in self.states.items():
            if state.get("_anywidget_id", "").endswith("GuessLock"):
                # The page's own word whether its link asks for a guess.
                await self._comm(comm_id, {"method": "custom", "content": {"link": False}})
            if "link_problems" in state and "?" in self.url:
                # As the page does: a kernel that was started ahead cannot know the link.
                query = f"?{self.url.partition('?')[2]}"
                await self._comm(comm_id, {"method": "custom", "content": {"query": query}})
        while not (self.charts() or self._has_label()) or self._is_locked() \
                or ("?" in self.url and not self._is_linked()):
            self._seen.clear()
            await asyncio.wait_for(self._seen.wait(), PATIENCE_SECONDS)
        self.chart_seconds = time.perf_counter() - start

    def charts(self) -> list[str]:
        """The live charts' numbers."""
        return [comm_id for comm_id, state in self.states.items()
                if any(name.startswith("data_") for name in state)]

    def named(self, name: str) -> str:
        """The number of the control with a name."""
        return next(comm_id for comm_id, state in self.states.items()
                    if state.get("name") == name or state.get("description") == name)

    async def move(self, control: str, value: float) -> float:
        """Move a slider; seconds until the first chart (or label) has changed."""
        start = time.perf_counter()
        number = uuid.uuid4().hex
        changed = self._waiting[f"changed {number}"] = asyncio.get_running_loop().create_future()
        await self._comm(control, {"method": "update", "state": {"value": value},
                                   "buffer_paths": []}, number)
        try:
            await asyncio.wait_for(changed, PATIENCE_SECONDS)
        finally:
            del self._waiting[f"changed {number}"]
        return time.perf_counter() - start

    async def leave(self) -> None:
        """Close the tab: a page's last word ends its kernel."""
        base = re.match(r"http://[^/]+/", self.url).group(0)
        await AsyncHTTPClient().fetch(HTTPRequest(
            f"{base}voila/api/shutdown/{self.kernel_id}", method="POST", body=b"",
            headers={"Cookie": f"_xsrf={self._token}", "X-XSRFToken": self._token},
            request_timeout=PATIENCE_SECONDS))
        await self.close()

    async def close(self) -> None:
        """Go as a browser goes that says nothing."""
        if self._reader is not None:
            self._reader.cancel()
        if self._socket is not None:
            self._socket.close()

    # ---- inside ---------------------------------------------------------------------

    def _has_label(self) -> bool:
        return any(state.get("_model_name") == "LabelModel" for state in self.states.values())

    def _is_locked(self) -> bool:
        return any(state.get("locked") is True and "sentence" in state
                   for state in self.states.values())

    def _is_linked(self) -> bool:
        return any(state.get("linked") for state in self.states.values())

    async def _widget_states(self) -> None:
        comm_id = uuid.uuid4().hex
        answered = self._waiting["states"] = asyncio.get_running_loop().create_future()
        await self._send("comm_open", {"comm_id": comm_id, "data": {},
                                       "target_name": "jupyter.widget.control"},
                         {"version": "1.0.0"})
        await self._comm(comm_id, {"method": "request_states"})
        self.states = await asyncio.wait_for(answered, PATIENCE_SECONDS)

    async def _comm(self, comm_id: str, data: dict[str, Any], number: str = "") -> None:
        await self._send("comm_msg", {"comm_id": comm_id, "data": data}, number=number)

    async def _ask(self, kind: str, content: dict[str, Any]) -> None:
        number = uuid.uuid4().hex
        answered = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._send(kind, content, number=number)
        await asyncio.wait_for(answered, PATIENCE_SECONDS)

    async def _send(self, kind: str, content: dict[str, Any],
                    metadata: dict[str, Any] | None = None, number: str = "") -> None:
        header = {"msg_id": number or uuid.uuid4().hex, "msg_type": kind,
                  "username": "", "session": self._session,
                  "date": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
                  "version": "5.2"}
        parts = [b"shell", *(json.dumps(part).encode()
                             for part in (header, {}, metadata or {}, content))]
        offsets = [8 * (len(parts) + 2)]
        for part in parts:
            offsets.append(offsets[-1] + len(part))
        head = b"".join(number.to_bytes(8, "little") for number in (len(offsets), *offsets))
        await self._socket.write_message(head + b"".join(parts), binary=True)

    async def _read(self) -> None:
        while (message := await self._socket.read_message()) is not None:
            self._take(message)

    def _take(self, message: bytes) -> None:
        count = int.from_bytes(message[:8], "little")
        at = [int.from_bytes(message[8 * i: 8 * i + 8], "little") for i in range(1, count + 1)]
        part = [message[start:end] for start, end in itertools.pairwise(at)]
        kind = json.loads(part[1])["msg_type"]
        if kind.endswith("_reply"):
            self._done(json.loads(part[2]).get("msg_id", ""), None)
        elif kind == "comm_msg":
            content = json.loads(part[4])
            data = content["data"]
            if data.get("method") == "update_states":
                self._done("states", {name: one["state"] for name, one in data["states"].items()})
            elif data.get("method") == "update":
                changed = self.states.setdefault(content["comm_id"], {})
                changed.update(data["state"])
                self._seen.set()
                # The answer to one movement, not what is still coming from the one before.
                if changed.get("_model_name") == "LabelModel" or any(
                        name.startswith("data_") for name in data["state"]):
                    self._done(f"changed {json.loads(part[2]).get('msg_id')}", None)

    def _done(self, name: str, result: Any) -> None:
        future = self._waiting.get(name)
        if future is not None and not future.done():
            future.set_result(result)
