"""One answer of one learner, as a value: checked, and turned into plain JSON and back.

It knows nothing of databases. What arrives may come from a browser or from a stranger's
file, so every field is checked here and nowhere else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

from osteoteach.errors import InputError

__all__ = ["ITEM_KINDS", "AnswerRecord", "checked", "from_plain", "to_plain", "utc_text"]

ITEM_KINDS = ("question", "claim", "case", "guess")
LONGEST_TEXT = 200
LONGEST_GIVEN_BYTES = 100_000
MOST_TAGS = 50
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class AnswerRecord:
    """What one learner committed to, once.

    Parameters
    ----------
    answer_id : str
        uuid4 hex made by the caller: the same id recorded twice is one answer.
    learner : str
        ``"me"``, the name of a hub user, or ``"browser-<32 hex>"``; "" takes the store's own.
    item_kind : str
        One of `ITEM_KINDS`.
    item_id, item_version : str
        Which item, and a short hash of its content: a changed question is another one.
    given : dict
        JSON-able: what the learner said.
    score : float or None
        0 to 1; None where nothing is right or wrong.
    confidence_pct : int or None
        0 to 100.
    tags : tuple of str
        Learning gaps and objectives; ``"pre"`` and ``"post"`` mark the two tests.
    answered_at : str
        UTC, ISO 8601; "" lets the store set it.

    Examples
    --------
    >>> AnswerRecord("0" * 32, "me", "claim", "c1", "ab12", {"verdict": "no"}, 1.0, 80).tags
    ()
    """

    answer_id: str
    learner: str
    item_kind: str
    item_id: str
    item_version: str
    given: dict
    score: float | None = None
    confidence_pct: int | None = None
    tags: tuple[str, ...] = ()
    answered_at: str = ""


def utc_text(moment: datetime) -> str:
    """A moment as the store writes it.

    Examples
    --------
    >>> utc_text(datetime(2026, 11, 22, 12, 0, tzinfo=UTC))
    '2026-11-22T12:00:00.000+00:00'
    """
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def checked(record: AnswerRecord) -> AnswerRecord:
    """The record with every field checked and in its one spelling.

    Raises
    ------
    InputError
        A field breaks its rule; nothing is mended in silence.

    Examples
    --------
    >>> checked(AnswerRecord("a1", "me", "claim", "c1", "ab12", {}, 7.0))
    Traceback (most recent call last):
    ...
    osteoteach.errors.InputError: score must be a number from 0 to 1, or None; received 7.0. ...
    """
    for name in ("answer_id", "learner", "item_kind", "item_id", "item_version"):
        _check_text(name, getattr(record, name))
    if record.item_kind not in ITEM_KINDS:
        raise InputError("item_kind", f"must be one of {', '.join(ITEM_KINDS)}",
                         record.item_kind, "Name the kind of item.")
    return replace(
        record, given=_checked_given(record.given), score=_checked_score(record.score),
        confidence_pct=_checked_confidence(record.confidence_pct),
        tags=_checked_tags(record.tags), answered_at=_checked_time(record.answered_at))


def _check_text(name: str, value: object) -> None:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TEXT:
        raise InputError(name, f"must be text of 1 to {LONGEST_TEXT} characters",
                         _shown(value), "Give a short name.")
    if _CONTROL.search(value):
        raise InputError(name, "must hold no control characters", _shown(value),
                         "Take them out.")


def _checked_given(given: object) -> dict:
    try:
        if not isinstance(given, Mapping):
            raise TypeError("not an object")
        text = json.dumps(dict(given), allow_nan=False)
        if len(text) > LONGEST_GIVEN_BYTES:
            raise ValueError(f"{len(text):,} bytes")
        # Read back, so that what is returned now and what is read later are the same.
        return json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(
            "given", f"must be a JSON object of at most {LONGEST_GIVEN_BYTES:,} bytes",
            _shown(str(error)), "Keep what the learner said, no more.") from error


def _checked_score(score: object) -> float | None:
    if score is None:
        return None
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        raise InputError("score", "must be a number from 0 to 1, or None", _shown(score),
                         "Give the share that was right.")
    return float(score)


def _checked_confidence(confidence: object) -> int | None:
    if confidence is None:
        return None
    if isinstance(confidence, bool) or not isinstance(confidence, int) or not (
            0 <= confidence <= 100):
        raise InputError("confidence_pct", "must be a whole number from 0 to 100, or None",
                         _shown(confidence), "Give percent.")
    return confidence


def _checked_tags(tags: object) -> tuple[str, ...]:
    if not isinstance(tags, list | tuple) or len(tags) > MOST_TAGS:
        raise InputError("tags", f"must be at most {MOST_TAGS} texts", _shown(tags),
                         "Give the gaps and objectives.")
    for tag in tags:
        _check_text("tags", tag)
    return tuple(tags)


def _checked_time(text: object) -> str:
    if text == "":
        return utc_text(datetime.now(UTC))
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("no time zone")
        return utc_text(moment)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError("answered_at", "must be an ISO 8601 time with its zone", _shown(text),
                         'Write for example "2026-11-22T12:00:00+00:00".') from error


def _shown(value: object) -> object:
    """A value short enough for an error message."""
    return value if isinstance(value, float | None) else repr(value).strip("'")[:60]


def to_plain(record: AnswerRecord) -> dict[str, Any]:
    """The record as a JSON-able dict, fields in their order.

    Examples
    --------
    >>> to_plain(AnswerRecord("a1", "me", "claim", "c1", "ab12", {}, tags=("gap-1",)))["tags"]
    ['gap-1']
    """
    return asdict(record) | {"tags": list(record.tags)}


def from_plain(plain: object) -> AnswerRecord:
    """The checked record of a dict that a stranger may have written.

    Raises
    ------
    InputError
        It is not an object, a field is missing, unknown, or breaks its rule.
    """
    names = [field.name for field in fields(AnswerRecord)]
    if not isinstance(plain, Mapping) or sorted(map(str, plain)) != sorted(names):
        raise InputError("answer", f"must have exactly the fields {', '.join(names)}",
                         _shown(plain), "Use a file that osteoteach wrote.")
    record = checked(AnswerRecord(**plain))
    if not plain["answered_at"]:
        raise InputError("answered_at", "must be given", "", "Use a file that osteoteach wrote.")
    return record
