"""What a room is made of: its code, its rounds, the ballots, and why something is refused."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from osteoteach.progress.room_questions import Question, Vote

__all__ = ["CODE_LENGTH", "CODE_SIGNS", "Ballot", "OpenedRoom", "RoomRefused", "Round",
           "join_code", "voter_hash"]

#: Letters and digits that nobody takes for another; no vowels, so no words.
CODE_SIGNS = "CDFGHJKMNPQRTWXY3479"
CODE_LENGTH = 6


class RoomRefused(RuntimeError):
    """A room that is not there, a wrong secret, or a vote that comes too late.

    Parameters
    ----------
    reason : str
        ``"unknown"``, ``"secret"``, ``"none_open"``, ``"other_round"``, ``"closed"`` or
        ``"full"``.
    sentence : str
        For the person at the browser.
    """

    def __init__(self, reason: str, sentence: str) -> None:
        self.reason = reason
        super().__init__(sentence)


@dataclass(frozen=True)
class OpenedRoom:
    """A new room. The secret is here and nowhere else."""

    code: str
    secret: str
    expires_at: str


@dataclass(frozen=True)
class Round:
    """One question to a room.

    Parameters
    ----------
    number : int
        From 1.
    question : Question
    state : str
        ``"open"``, ``"closed"`` or ``"revealed"``.
    link : str
        ``""``, ``"again"`` (the linked round's question once more) or ``"contrast"``.
    linked_round : int or None
    reveal : dict or None
        What is shown to everybody after the reveal.
    """

    number: int
    question: Question
    state: str
    link: str = ""
    linked_round: int | None = None
    reveal: dict[str, Any] | None = None


@dataclass(frozen=True)
class Ballot:
    """A vote on its way into the store."""

    code: str
    round: int
    voter: str
    vote: Vote


def join_code(text: object) -> str:
    """The code that somebody typed, in its one spelling; "" if it cannot be one.

    Examples
    --------
    >>> join_code(" k7m-3qx ")
    'K7M3QX'
    >>> join_code("../etc")
    ''
    """
    plain = re.sub(r"[\s\-.]", "", text[:40]).upper() if isinstance(text, str) else ""
    return plain if len(plain) == CODE_LENGTH and set(plain) <= set(CODE_SIGNS) else ""


def voter_hash(code: str, browser_id: str) -> str:
    """The name under which a browser votes in one room; it cannot be joined with another's.

    Examples
    --------
    >>> voter_hash("K7M3QX", "a" * 32) == voter_hash("K7M3QY", "a" * 32)
    False
    """
    return hashlib.sha256(f"{code}:{browser_id}".encode()).hexdigest()[:32]
