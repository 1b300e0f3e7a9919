"""Answers as files: CSV for a spreadsheet, xAPI statements for a learning record store.

Both come back without loss (`read_answers`), so either serves as a backup. The only
personal datum in them is the learner's name as it was chosen.

xAPI asks for addresses as names of things. The project owns no web domain, so its names
begin with ``https://osteoteach.invalid/``: "invalid" is reserved and never leads anywhere.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, UUID, uuid5

from osteoteach.errors import InputError
from osteoteach.progress.hostile import plain_json, small_text
from osteoteach.progress.records import AnswerRecord, from_plain, to_plain

__all__ = ["answers_csv", "answers_json", "read_answers", "spreadsheet_cell", "statement"]

NAMES = "https://osteoteach.invalid"
WHOLE_ANSWER = f"{NAMES}/xapi/answer"
CONFIDENCE = f"{NAMES}/xapi/confidence_pct"
ANSWERED = {"id": "http://adlnet.gov/expapi/verbs/answered", "display": {"en-US": "answered"}}
ACTIVITY_TYPES = {
    "question": "http://adlnet.gov/expapi/activities/question",
    "claim": "http://adlnet.gov/expapi/activities/question",
    "case": "http://adlnet.gov/expapi/activities/simulation",
    "guess": "http://adlnet.gov/expapi/activities/interaction",
}
_FORMULA_STARTS = ("=", "+", "-", "@", "'")
_COLUMNS = tuple(field.name for field in fields(AnswerRecord))


def statement(record: AnswerRecord) -> dict[str, Any]:
    """One answer as an xAPI 1.0.3 statement.

    Examples
    --------
    >>> said = statement(AnswerRecord("5f0c" * 8, "me", "claim", "walking", "ab12", {}, 1.0,
    ...                               80, ("gap-1",), "2026-11-22T12:00:00.000+00:00"))
    >>> said["object"]["id"], said["result"]["score"]
    ('https://osteoteach.invalid/claim/walking', {'scaled': 1.0})
    """
    result: dict[str, Any] = {"completion": True, "response": json.dumps(record.given),
                              "extensions": {WHOLE_ANSWER: to_plain(record)}}
    if record.score is not None:
        result["score"] = {"scaled": record.score}
        result["success"] = record.score == 1
    if record.confidence_pct is not None:
        result["extensions"][CONFIDENCE] = record.confidence_pct
    return {
        "id": _statement_id(record.answer_id),
        "version": "1.0.3",
        "timestamp": record.answered_at,
        "actor": {"objectType": "Agent",
                  "account": {"homePage": f"{NAMES}/", "name": record.learner}},
        "verb": ANSWERED,
        "object": {"objectType": "Activity",
                   "id": f"{NAMES}/{record.item_kind}/{quote(record.item_id, safe='')}",
                   "definition": {"type": ACTIVITY_TYPES[record.item_kind],
                                  "name": {"en-US": record.item_id}}},
        "result": result,
        "context": {"platform": "osteoteach", "revision": record.item_version,
                    "contextActivities": {"category": [
                        {"objectType": "Activity", "id": f"{NAMES}/tag/{quote(tag, safe='')}"}
                        for tag in record.tags]}},
    }


def _statement_id(answer_id: str) -> str:
    """A UUID: the answer's own, or one that always follows from it."""
    try:
        return str(UUID(hex=answer_id))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, f"{NAMES}/answer/{quote(answer_id, safe='')}"))


def answers_json(records: Iterable[AnswerRecord]) -> str:
    """A JSON array of xAPI statements."""
    return json.dumps([statement(record) for record in records], indent=1) + "\n"


def answers_csv(records: Iterable[AnswerRecord]) -> str:
    """One line an answer; ``given`` and ``tags`` are JSON.

    Text that a spreadsheet would take for a formula starts with an apostrophe; reading the
    file takes it away again.

    Examples
    --------
    >>> print(answers_csv([]))
    answer_id,learner,item_kind,item_id,item_version,given,score,confidence_pct,tags,...
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for record in records:
        plain = to_plain(record) | {"given": json.dumps(record.given),
                                    "tags": json.dumps(record.tags)}
        writer.writerow([spreadsheet_cell(plain[name]) for name in _COLUMNS])
    return out.getvalue()


def spreadsheet_cell(value: object) -> object:
    """The value as a cell that no spreadsheet runs as a formula.

    Examples
    --------
    >>> spreadsheet_cell("=1+1"), spreadsheet_cell(None), spreadsheet_cell(0.5)
    ("'=1+1", '', 0.5)
    """
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def read_answers(path: Path) -> tuple[AnswerRecord, ...]:
    """The answers of an exported file, CSV or JSON.

    Raises
    ------
    InputError
        The file cannot be used; it names the file and the line or statement. Nothing was kept.
    """
    path = Path(path)
    text = small_text(path)
    rows = _csv_rows(path.name, text) if path.suffix.lower() == ".csv" else _statements(
        path.name, text)
    found = []
    for place, plain in rows:
        try:
            found.append(from_plain(plain))
        except InputError as error:
            raise InputError(f"{path.name}, {place}: {error.name}", error.rule, error.value,
                             error.remedy) from error
    return tuple(found)


def _statements(name: str, text: str) -> Iterable[tuple[str, Any]]:
    whole = plain_json(name, text)
    if not isinstance(whole, list):
        raise InputError(name, "must be a list of xAPI statements", type(whole).__name__,
                         "Use a file of `osteoteach progress export`.")
    for number, said in enumerate(whole, start=1):
        try:
            yield f"statement {number}", said["result"]["extensions"][WHOLE_ANSWER]
        except (KeyError, TypeError, IndexError) as error:
            raise InputError(f"{name}, statement {number}", "must be an answer of osteoteach",
                             "another statement",
                             "Use a file of `osteoteach progress export`.") from error


def _csv_rows(name: str, text: str) -> Iterable[tuple[str, Any]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        if tuple(header) != _COLUMNS:
            raise InputError(f"{name}, line 1", f"must be {','.join(_COLUMNS)}",
                             ",".join(header)[:60], "Use a file of `osteoteach progress export`.")
        for row in reader:
            place = f"line {reader.line_num}"
            yield place, _plain_row(f"{name}, {place}", row)
    except csv.Error as error:
        raise InputError(f"{name}, line {reader.line_num}", "must be CSV", str(error),
                         "Save it as CSV with commas.") from error


def _plain_row(place: str, row: Sequence[str]) -> dict[str, Any]:
    if len(row) != len(_COLUMNS):
        raise InputError(place, f"must have {len(_COLUMNS)} fields", len(row),
                         "Save it as CSV with commas.")
    plain: dict[str, Any] = {
        name: text[1:] if text[:1] == "'" and text[1:2] in _FORMULA_STARTS else text
        for name, text in zip(_COLUMNS, row, strict=True)}
    for name in ("given", "tags", "score", "confidence_pct"):
        plain[name] = plain_json(f"{place}: {name}", plain[name]) if plain[name] else None
    return plain
