"""The hand-in file: one learner's answers as one JSON, with its hash and signatures.

The hash shows that the file arrived as it was written. What the signatures show, and what
not, stands in `osteoteach.progress.keys`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import osteoteach
from osteoteach.errors import InputError
from osteoteach.progress.hostile import plain_json, small_text
from osteoteach.progress.keys import Key
from osteoteach.progress.records import AnswerRecord, checked, from_plain, to_plain, utc_text

__all__ = ["HandIn", "handin_text", "read_handin"]

FORMAT, VERSION = "osteoteach-handin", 1
MOST_ANSWERS = 20_000
_SIGNED_FIELDS = ("format", "version", "written_by", "made_at", "learner", "answers")
_HEX = re.compile(r"[0-9a-f]{64}")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class HandIn:
    """A hand-in file whose hash and schema are right."""

    learner: str
    made_at: str
    answers: tuple[AnswerRecord, ...]
    sha256: str
    installation_id: str
    installation_signature: str
    class_id: str | None
    class_signature: str | None

    def signed_by(self, key: Key) -> bool:
        """Whether this key signed the file as class key or as installation key."""
        return any(key.key_id == name and key.signed(self.sha256.encode(), signature)
                   for name, signature in ((self.class_id, self.class_signature or ""),
                                           (self.installation_id, self.installation_signature)))


def handin_text(records: Iterable[AnswerRecord], learner: str, installation: Key,
                class_key: Key | None = None, now: datetime | None = None) -> str:
    """The content of a hand-in file.

    Parameters
    ----------
    records : iterable of AnswerRecord
        The learner's answers, in their order.
    learner : str
        The name to hand in under; it replaces the one in the answers.
    installation, class_key : Key
        See `osteoteach.progress.keys`.
    now : datetime, optional
        When it is made.

    Raises
    ------
    InputError
        The name is empty, too long, or holds control characters.
    """
    name = _SPACES.sub(" ", learner).strip()
    answers = [to_plain(checked(replace(record, learner=name))) for record in records]
    content: dict[str, Any] = {
        "format": FORMAT, "version": VERSION, "written_by": f"osteoteach {osteoteach.__version__}",
        "made_at": utc_text(now or datetime.now(UTC)), "learner": name, "answers": answers}
    content["sha256"] = _hash(content)
    signed = content["sha256"].encode()
    content["installation"] = {"id": installation.key_id, "signature": installation.sign(signed)}
    content["class"] = None if class_key is None else {
        "id": class_key.key_id, "signature": class_key.sign(signed)}
    return json.dumps(content, indent=1) + "\n"


def _hash(content: dict[str, Any]) -> str:
    """SHA-256 over the one canonical spelling of what is signed."""
    signed = {name: content[name] for name in _SIGNED_FIELDS}
    return hashlib.sha256(json.dumps(signed, sort_keys=True, separators=(",", ":"),
                                     allow_nan=False).encode()).hexdigest()


def read_handin(path: Path) -> HandIn:
    """A hand-in file, checked: size, JSON, schema, hash. It may come from anyone.

    Raises
    ------
    InputError
        It says what is wrong with the file.
    """
    path = Path(path)
    content = plain_json(path.name, small_text(path))
    remedy = "Ask for the file of `osteoteach handin`, not edited."

    def hold(truth: bool, name: str, rule: str, value: object) -> None:
        if not truth:
            raise InputError(f"{path.name}: {name}", rule, value, remedy)

    hold(isinstance(content, dict) and content.get("format") == FORMAT, "format",
         f"must be {FORMAT}", "another file")
    hold(content.get("version") == VERSION and not isinstance(content["version"], bool),
         "version", f"must be {VERSION}: update osteoteach for a newer one", "another one")
    names = {*_SIGNED_FIELDS, "sha256", "installation", "class"}
    hold(set(content) == names, "fields", f"must be {', '.join(sorted(names))}", "others")
    hold(isinstance(content["written_by"], str), "written_by", "must be text", "no text")
    hold(isinstance(content["answers"], list) and len(content["answers"]) <= MOST_ANSWERS,
         "answers", f"must be a list of at most {MOST_ANSWERS:,}", "another value")
    hold(_is_hex(content["sha256"]), "sha256", "must be a SHA-256 in hex", "another value")
    hold(_hash(content) == content["sha256"], "sha256",
         "must be the hash of the content: the file was changed or damaged", "another hash")
    hold(content["class"] is None or _is_signature(content["class"]), "class",
         "must be a signature or null", "another value")
    hold(_is_signature(content["installation"]), "installation", "must be a signature",
         "another value")
    return _handin(path.name, content, hold)


def _handin(name: str, content: dict[str, Any], hold: Any) -> HandIn:
    found, ids = [], set()
    for number, plain in enumerate(content["answers"], start=1):
        try:
            record = from_plain(plain)
        except InputError as error:
            raise InputError(f"{name}: answer {number}, {error.name}", error.rule, error.value,
                             error.remedy) from error
        hold(record.learner == content["learner"], f"answer {number}, learner",
             "must be the learner of the file", "another one")
        hold(record.answer_id not in ids, f"answer {number}, answer_id", "must be there once",
             "twice")
        ids.add(record.answer_id)
        found.append(record)
    # A name and a time are checked as those of an answer are, even in a file without answers.
    probe = AnswerRecord("0", content["learner"], "guess", "0", "0", {},
                         answered_at=content["made_at"] or "missing")
    made_at = checked(probe).answered_at
    group = content["class"] or {"id": None, "signature": None}
    return HandIn(content["learner"], made_at, tuple(found), content["sha256"],
                  content["installation"]["id"], content["installation"]["signature"],
                  group["id"], group["signature"])


def _is_hex(value: object) -> bool:
    return isinstance(value, str) and _HEX.fullmatch(value) is not None


def _is_signature(value: object) -> bool:
    return (isinstance(value, dict) and set(value) == {"id", "signature"}
            and isinstance(value["id"], str) and len(value["id"]) == 16
            and value["id"].isascii() and _is_hex(value["signature"]))
