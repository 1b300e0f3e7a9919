"""Read questions, and hand out their texts with every number computed.

A question keeps its content as the file gives it. Texts may hold ``{name}``; the name is
one of the question's ``values``, and a value is computed by the model or read in a table.
So no clinical number is typed in a question.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from osteoteach.errors import DataError, InputError
from osteoteach.evidence import table
from osteoteach.evidence.catalogue import data_folder
from osteoteach.evidence.documents import (
    document,
    document_paths,
    document_schema,
    read_document,
)
from osteoteach.model.vocabulary import plain_name

__all__ = ["KINDS", "Question", "all_questions", "question", "questions_in", "questions_of"]

KINDS = ("choice", "number", "order", "find_the_mistake", "plan")
FOLDER = "questions"
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_MINUS = re.compile(r"(?<![\w.])-(?=\d)")
_POWER = re.compile(r"\bcm([23])\b")


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes
    ----------
    id, kind, lesson, objective, gaps
        As the file gives them.
    form, pair : str or None
        ``A`` or ``B`` and the id of the twin in the other form.
    content : mapping
        Everything, as the file gives it.
    file, line
        Where it stands, for errors.
    """

    id: str
    kind: str
    lesson: int
    objective: str
    gaps: tuple[str, ...]
    form: str | None
    pair: str | None
    content: Mapping[str, Any] = field(repr=False, compare=False)
    file: str = field(default="", repr=False, compare=False)
    line: int | None = field(default=None, repr=False, compare=False)

    @functools.cached_property
    def version(self) -> str:
        """Short hash of the content: an answer belongs to one wording.

        Examples
        --------
        >>> len(question("hip_fracture_normal_bmd").version)
        12
        """
        text = json.dumps(self.content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @functools.cached_property
    def _found(self) -> dict[str, Any]:
        """Values that were computed before."""
        return {}

    @property
    def tags(self) -> tuple[str, ...]:
        """Objective, lesson and gaps, as an answer records them."""
        return (f"objective:{self.objective}", f"lesson:{self.lesson}",
                *(f"gap:{gap}" for gap in self.gaps))

    @property
    def prompt(self) -> str:
        return self.text(self.content["prompt"], "prompt")

    def fault(self, rule: str, value: object, column: str = "") -> DataError:
        """An error of the file at this question."""
        place = f"{self.id}.{column}" if column else self.id
        return DataError(self.file, rule, value, self.line, place)

    def value(self, spec: Any, column: str = "") -> Any:
        """What a value of the file stands for: a number, a truth value or a word.

        Examples
        --------
        >>> question("bmd_is_areal").value({"computed": "precision_pct",
        ...     "with": {"site": "total_hip"}})
        1.8
        """
        if isinstance(spec, list):
            return [self.value(part, column) for part in spec]
        if not isinstance(spec, Mapping):
            return spec
        if "computed" in spec:
            # A simulation costs milliseconds, and one text may ask for it many times.
            key = json.dumps(spec, sort_keys=True)
            if key not in self._found:
                self._found[key] = self._computed(spec, column)
            return self._found[key]
        if "table" in spec:
            return self._cell(spec, column)
        return {name: self.value(part, column) for name, part in spec.items()}

    def text(self, template: str, column: str = "",
             extra: Mapping[str, str] | None = None) -> str:
        """A text with its values filled in, true minus signs and raised powers.

        Parameters
        ----------
        template : str
        extra : mapping, optional
            Further names that the text may use.
        """
        values = self.content.get("values", {})

        def fill(match: re.Match[str]) -> str:
            name = match[1]
            if extra and name in extra:
                return extra[name]
            if name not in values:
                known = ", ".join([*values, *(extra or {})]) or "none"
                raise self.fault(f"must use names under `values` ({known})", match[0], column)
            return shown(self.value(values[name], f"values.{name}"),
                         values[name].get("decimals", 1), values[name].get("signed", False))

        filled = _PLACEHOLDER.sub(fill, " ".join(template.split()))
        if "{" in filled or "}" in filled:
            raise self.fault("must hold braces only around the name of a value", filled[:60],
                             column)
        powers = {"2": "\N{SUPERSCRIPT TWO}", "3": "\N{SUPERSCRIPT THREE}"}
        filled = _POWER.sub(lambda found: f"cm{powers[found[1]]}", filled)
        return _MINUS.sub("\N{MINUS SIGN}", filled)

    def person(self, name: str, column: str = "people") -> Any:
        """One of the question's people, as a `Patient`."""
        people = self.content.get("people", {})
        if name not in people:
            raise self.fault(f"must be one of people: {', '.join(people) or 'none'}", name, column)
        from osteoteach.teaching.questions.people import patient_from

        try:
            return patient_from(people[name])
        except (InputError, TypeError) as error:
            raise self.fault(f"must describe a person ({error})", name, column) from error

    def _computed(self, spec: Mapping[str, Any], column: str) -> Any:
        from osteoteach.teaching.questions.computed import compute

        given = {name: self.value(part, column) for name, part in spec.get("with", {}).items()}
        if "person" in given:
            given["person"] = self.person(given["person"], column)
        try:
            return compute(spec["computed"], given)
        except InputError as error:
            raise self.fault(f"must be a value that can be computed ({error})",
                             spec["computed"], column) from error

    def _cell(self, spec: Mapping[str, Any], column: str) -> Any:
        rows = [row for row in table(spec["table"])
                if all(name in row and row[name] == wanted
                       for name, wanted in spec["where"].items())]
        if len(rows) != 1:
            raise self.fault(f"must match one row of {spec['table']}.csv, not {len(rows)}",
                             spec["where"], column)
        cell = rows[0].get(spec["column"])
        if cell is None:
            raise self.fault(f"must name a filled column of {spec['table']}.csv",
                             spec["column"], column)
        return cell


def shown(value: Any, decimals: int = 1, signed: bool = False) -> str:
    """A value as it is printed: digits, thousands and sign, or plain words.

    Examples
    --------
    >>> shown(-2.04), shown(1234.4, 0), shown(0.31, 1, signed=True), shown("low_bone_mass")
    ('−2.0', '1,234', '+0.3', 'low bone mass (osteopenia)')
    """
    if isinstance(value, str):
        return plain_name(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    # Halves away from zero, as people round; the small term lifts 2.45 stored as 2.4499999.
    scale = 10**decimals
    size = int(abs(value) * scale + 0.5 + 1e-9) / scale
    sign = "\N{MINUS SIGN}" if value < 0 and size else "+" if signed and size else ""
    return f"{sign}{size:,.{decimals}f}"


def _made(content: Mapping[str, Any], file: str, text: str) -> Iterator[Question]:
    lines = text.splitlines()
    for item in content["questions"]:
        name = re.compile(rf"\s*-?\s*id:\s*['\"]?{re.escape(item['id'])}['\"]?\s*(#.*)?$")
        line = next((number for number, one in enumerate(lines, 1) if name.match(one)), None)
        yield Question(item["id"], item["kind"], item["lesson"], item["objective"],
                       tuple(item.get("gaps", ())), item.get("form"), item.get("pair"),
                       item, file, line)


def questions_in(path: Path) -> tuple[Question, ...]:
    """Questions of a file of your own, checked against the schema.

    Parameters
    ----------
    path : Path
        A YAML file; `osteoteach.teaching.questions.review` checks the rest of the rules.

    Raises
    ------
    DataError
        With file, line and field.
    """
    content = read_document(path, document_schema(FOLDER))
    return tuple(_made(content, path.name, path.read_text(encoding="utf-8-sig")))


@functools.cache
def _document_questions(path: str) -> dict[str, Question]:
    text = (data_folder() / path).read_text(encoding="utf-8")
    return {one.id: one for one in _made(document(path), path, text)}


@functools.cache
def all_questions() -> tuple[Question, ...]:
    """Every question of the package, by lesson and then in the order of the files.

    Examples
    --------
    >>> len(all_questions()) > 60
    True
    """
    found = [one for path in document_paths(FOLDER) for one in _document_questions(path).values()]
    return tuple(sorted(found, key=lambda one: one.lesson))


def question(question_id: str) -> Question:
    """One question of the package by its id.

    Raises
    ------
    InputError
        There is none; the message names the nearest ids.

    Examples
    --------
    >>> question("hip_fracture_normal_bmd").kind
    'choice'
    """
    # Only the file that holds the id is read: a lesson should not wait for the others.
    for path in document_paths(FOLDER):
        text = (data_folder() / path).read_text(encoding="utf-8")
        if isinstance(question_id, str) and f"id: {question_id}" in text:
            found = _document_questions(path).get(question_id)
            if found is not None:
                return found
    import difflib

    ids = [one.id for one in all_questions()]
    word = question_id[:100] if isinstance(question_id, str) else ""
    near = difflib.get_close_matches(word, ids, n=3, cutoff=0.3)
    raise InputError("question", "must be the id of a question", question_id,
                     f"Did you mean {', '.join(near)}?" if near else "See data/questions.")


def questions_of(*, lesson: int | None = None, form: str | None = None,
                 gap: str | None = None, objective: str | None = None) -> tuple[Question, ...]:
    """Questions of a lesson, a form, a gap or an objective, in reading order.

    Raises
    ------
    InputError
        None fits.

    Examples
    --------
    >>> {one.lesson for one in questions_of(lesson=2)}
    {2}
    """
    wanted = {"lesson": lesson, "form": form, "objective": objective}
    found = tuple(one for one in all_questions()
                  if all(value in (None, getattr(one, name)) for name, value in wanted.items())
                  and (gap is None or gap in one.gaps))
    if not found:
        asked = {name: value for name, value in {**wanted, "gap": gap}.items() if value is not None}
        raise InputError("questions", "must be asked for by what some of them have", asked,
                         "Use a lesson from 1 to 11, form A or B, or a gap of learning_gaps.csv.")
    return found
