"""Between the server's handlers and the store: one thread writes, and reads are shared.

Two hundred phones must cost the store little. Votes that arrive together are kept in one
write, and "what is asked now?" is read at most every half second for each room, however many
phones want to know. A vote is acknowledged only when it is on the disk.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import queue
import threading
import time
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from osteoteach.progress.rooms import Ballot, RoomRefused, Rooms

__all__ = ["Desk", "ShownState"]

log = logging.getLogger(__name__)

FRESH_SECONDS = 0.5
MOST_STATES = 2000
MOST_TOGETHER = 400
MOST_WAITING = 5000


@dataclass(frozen=True)
class ShownState:
    """What everybody in a room may see now, ready to send."""

    body: bytes
    etag: str


class Desk:
    """Keeps votes and tells what is asked, without holding up the server's loop.

    Parameters
    ----------
    rooms : Rooms
    """

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="osteoteach-room")
        self._waiting: queue.Queue[tuple[Ballot, Future]] = queue.Queue(MOST_WAITING)
        self._states: OrderedDict[str, tuple[float, asyncio.Future]] = OrderedDict()
        self._writer: threading.Thread | None = None

    async def keep(self, ballot: Ballot) -> RoomRefused | None:
        """Keep one vote; back when it is on the disk, or with why it was not counted.

        Raises
        ------
        StoreProblem
            The store cannot be written to. Nothing was counted.
        queue.Full
            More votes wait than can be kept.
        """
        if self._writer is None:
            self._writer = threading.Thread(target=self._write, name="osteoteach-votes",
                                            daemon=True)
            self._writer.start()
        done: Future = Future()
        self._waiting.put_nowait((ballot, done))
        return await asyncio.wrap_future(done)

    async def own_vote(self, code: str, number: int, voter: str) -> Any:
        """What a voter has answered so far, or None."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self.rooms.own_vote, code, number, voter)

    async def state(self, code: str, fresh: bool = False) -> ShownState:
        """What is asked now; at most half a second old, or read afresh.

        Raises
        ------
        RoomRefused
            There is no such room.
        StoreProblem
            The store cannot be read.
        """
        now = time.monotonic()
        kept = self._states.get(code)
        if fresh or kept is None or now - kept[0] > FRESH_SECONDS:
            loop = asyncio.get_running_loop()
            kept = (now, loop.run_in_executor(self._readers, self._read_state, code))
            # Without this a failure that nobody waited for any more would be logged as lost.
            kept[1].add_done_callback(lambda done: done.cancelled() or done.exception())
            self._states[code] = kept
            self._states.move_to_end(code)
            if len(self._states) > MOST_STATES:
                self._states.popitem(last=False)
        return await asyncio.shield(kept[1])

    def _read_state(self, code: str) -> ShownState:
        found = self.rooms.current(code)
        shown: dict[str, Any] = {"round": 0}
        if found is not None:
            shown = {"round": found.number, "state": found.state, "link": found.link,
                     "question": found.question.to_plain(), "reveal": found.reveal}
        body = json.dumps(shown).encode()
        return ShownState(body, f'"{hashlib.sha256(body).hexdigest()[:20]}"')

    def _write(self) -> None:
        while True:
            batch = [self._waiting.get()]
            while len(batch) < MOST_TOGETHER and not self._waiting.empty():
                batch.append(self._waiting.get())
            try:
                outcomes = self.rooms.record([ballot for ballot, _ in batch])
            except Exception as error:
                # The thread serves everybody: it must outlive a failure, which goes to
                # those who wait for an answer.
                log.exception("%d votes could not be kept", len(batch))
                for _, done in batch:
                    done.set_exception(error)
                continue
            for (_, done), outcome in zip(batch, outcomes, strict=True):
                done.set_result(outcome)
