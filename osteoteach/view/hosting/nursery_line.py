"""The server's end of the line to the nursery: start it, ask for kernels, hear of their end."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

__all__ = ["NurseryGone", "NurseryLine"]

log = logging.getLogger(__name__)

PACKAGE_PARENT = Path(__file__).parents[3]
#: A write of one line is this long at most in one piece; environments are longer.
READ_BYTES = 1 << 16


class NurseryGone(RuntimeError):
    """The process that forks kernels has ended or never became ready."""


class NurseryLine:
    """One nursery process.

    The process is started at once and imports for a second or two; meanwhile and whenever
    it is gone `is_ready` is False, and whoever wants a kernel starts a plain one.
    """

    def __init__(self, command: tuple[str, ...] = ("osteoteach.view.hosting.nursery",)) -> None:
        ours, theirs = socket.socketpair()
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(
            filter(None, [str(PACKAGE_PARENT), os.environ.get("PYTHONPATH")]))}
        # Each thread of a kernel would get a heap of its own, most of it empty.
        env.setdefault("MALLOC_ARENA_MAX", "2")
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *command, str(theirs.fileno())], env=env,
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True)
        ours.setblocking(False)
        self._socket = ours
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[int]] = {}
        self._ends: dict[int, asyncio.Future[int]] = {}
        self._ready: asyncio.Future[None] | None = None
        self._listening: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._gone = False

    @property
    def pid(self) -> int:
        """Process number of the nursery."""
        return self._process.pid

    @property
    def is_gone(self) -> bool:
        """Whether it has ended."""
        return self._gone

    @property
    def is_ready(self) -> bool:
        """Whether a kernel can be forked now."""
        return self._ready is not None and self._ready.done() and not self._gone

    async def wait_until_ready(self, seconds: float = 60) -> None:
        """Return when the first kernel can be forked.

        Raises
        ------
        NurseryGone
            If that does not happen in time.
        """
        if self._listening is None:
            self._ready = asyncio.get_running_loop().create_future()
            self._listening = asyncio.create_task(self._listen())
        try:
            await asyncio.wait_for(asyncio.shield(self._ready), seconds)
        except TimeoutError:
            raise NurseryGone(f"It was not ready after {seconds:g} seconds.") from None

    async def fork(self, argv: list[str], env: dict[str, str], cwd: str) -> int:
        """Return the process number of a new kernel.

        Raises
        ------
        NurseryGone
            If the nursery cannot make one.
        """
        if not self.is_ready:
            raise NurseryGone("It is not running.")
        number = next(self._numbers)
        self._asked[number] = asyncio.get_running_loop().create_future()
        try:
            await self._send({"fork": number, "argv": argv, "env": env, "cwd": cwd})
            return await self._asked[number]
        finally:
            del self._asked[number]

    async def signal(self, pid: int, number: int) -> None:
        """Send a signal to a kernel's process group; one that has ended hears nothing."""
        if self.exit_code(pid) is None and not self._gone:
            await self._send({"signal": pid, "number": int(number)})

    def exit_code(self, pid: int) -> int | None:
        """How a kernel ended; None while it lives."""
        end = self._ends.get(pid)
        return None if end is None or not end.done() else end.result()

    async def wait(self, pid: int) -> int:
        """Return the exit code of a kernel when it has ended."""
        return await asyncio.shield(self._ends[pid])

    def forget(self, pid: int) -> None:
        """A kernel has ended and nobody will ask for it again."""
        self._ends.pop(pid, None)

    def close(self) -> None:
        """End the nursery and all kernels of it."""
        self._socket.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
            return
        self._process.kill()
        self._process.wait()

    async def _send(self, wish: dict[str, Any]) -> None:
        # One at a time: a line may take several writes.
        async with self._turn:
            try:
                await asyncio.get_running_loop().sock_sendall(
                    self._socket, json.dumps(wish).encode() + b"\n")
            except OSError as error:
                self._lost()
                raise NurseryGone(str(error)) from error

    async def _listen(self) -> None:
        loop, heard = asyncio.get_running_loop(), b""
        while True:
            try:
                part = await loop.sock_recv(self._socket, READ_BYTES)
            except OSError:
                part = b""
            if not part:
                return self._lost()
            *lines, heard = (heard + part).split(b"\n")
            for line in lines:
                self._hear(json.loads(line))

    def _hear(self, news: dict[str, Any]) -> None:
        match news:
            case {"ready": True}:
                if not self._ready.done():
                    self._ready.set_result(None)
            case {"forked": number, "pid": pid}:
                self._ends[pid] = asyncio.get_running_loop().create_future()
                if (asked := self._asked.get(number)) and not asked.done():
                    asked.set_result(pid)
            case {"failed": number, "why": why}:
                if (asked := self._asked.get(number)) and not asked.done():
                    asked.set_exception(NurseryGone(why))
            case {"ended": pid, "code": code}:
                if (end := self._ends.get(pid)) and not end.done():
                    end.set_result(code)

    def _lost(self) -> None:
        """The nursery is gone, and its kernels end with it."""
        if self._gone:
            return
        self._gone = True
        log.error("The process that forks kernels has ended; new kernels start slowly from now.")
        for asked in self._asked.values():
            if not asked.done():
                asked.set_exception(NurseryGone("It ended."))
        for end in self._ends.values():
            if not end.done():
                end.set_result(-9)
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(NurseryGone("It ended while it was starting."))
