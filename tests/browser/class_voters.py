"""Many voters without browsers: what 200 phones send, over real HTTP, in bounded loops."""

from __future__ import annotations

import http.client
import json
import subprocess
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPMessage
from pathlib import Path
from urllib.parse import urlsplit


@dataclass
class Voter:
    """One phone: a cookie, a token and a connection."""

    base: str
    code: str
    cookie: str = ""
    token: str = ""

    def __post_init__(self) -> None:
        parts = urlsplit(self.base)
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)

    def request(self, method: str, path: str, body: object = None,
                headers: dict[str, str] | None = None) -> tuple[int, bytes, HTTPMessage]:
        sent = {"Cookie": self.cookie, **(headers or {})}
        content = None
        if body is not None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent = {"Content-Type": "application/json", "X-XSRFToken": self.token, **sent}
        self._connection.request(method, path, content, sent)
        answer = self._connection.getresponse()
        text = answer.read()
        return answer.status, text, answer.headers

    def join(self) -> None:
        """What a page does when it is opened."""
        for path in (f"/class/{self.code}", "/class/static/class.js", f"/class/api/{self.code}"):
            status, _, _ = self.request("GET", path)
            assert status == 200
        status, text, headers = self.request("GET", f"/class/api/{self.code}/me")
        assert status == 200
        self.token = json.loads(text)["token"]
        if headers["Set-Cookie"]:
            self.cookie = headers["Set-Cookie"].partition(";")[0]

    def vote(self, round_number: int, **plain: object) -> int:
        status, _, _ = self.request("POST", f"/class/api/{self.code}/vote",
                                    {"round": round_number, **plain})
        return status


def wait_until_up(address: str, process: subprocess.Popen, log: Path,
                  seconds: float = 120) -> None:
    """Wait until a server answers; fail with the end of its log if it does not."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"No answer at {address}:\n{log.read_text('utf-8')[-2000:]}")


@dataclass(frozen=True)
class Counted:
    """What came back to many voters."""

    first: list[int]
    again: list[int]
    seconds: float  # for the first votes of all


def vote_as_many(base: str, code: str, voters: int, at_once: int) -> Counted:
    """All open the page; then all vote, which is timed; then all vote once more."""
    phones = [Voter(base, code) for _ in range(voters)]

    def vote(place: int) -> int:
        return phones[place].vote(1, number=float(place % 7))

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(Voter.join, phones))
        start = time.monotonic()
        first = list(pool.map(vote, range(voters)))
        seconds = time.monotonic() - start
        again = list(pool.map(vote, range(voters)))
    return Counted(first, again, seconds)
