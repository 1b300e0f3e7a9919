"""The readers of files, links and messages, each with good examples to spoil."""

from __future__ import annotations

import functools
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from osteoteach.commands.folders import notebooks_folder
from osteoteach.evidence.catalogue import catalogue, data_folder, read_rows
from osteoteach.evidence.documents import document_paths, document_schema, read_document
from osteoteach.progress.exchange import answers_csv, answers_json, read_answers
from osteoteach.progress.handin import handin_text, read_handin
from osteoteach.progress.keys import Key, new_class_key, read_class_key
from osteoteach.progress.records import checked
from osteoteach.progress.room_questions import (
    Question,
    clean_nickname,
    question_from_plain,
    vote_from_plain,
)
from osteoteach.progress.room_values import join_code
from osteoteach.teaching.questions.load import questions_in
from osteoteach.view.classroom.join import join_address
from osteoteach.view.presenting.scenarios import read_list
from osteoteach.view.presenting.web import full_address
from osteoteach.view.scenario_link import state_from_query
from osteoteach.view.security.connection import V1, refusal
from tests.progress_contract import answer

from .values import hostile, json_like, spoiled_bytes, spoiled_tree

__all__ = ["BYTES", "READERS", "read_bytes"]

KEY = Key(b"k" * 32)
#: The folder that is written to again and again; in memory where there is one.
_FOLDER = Path(tempfile.mkdtemp(prefix="osteoteach-fuzz-",
                                dir="/dev/shm" if Path("/dev/shm").is_dir() else None))


@functools.cache
def _answers() -> tuple:
    return tuple(checked(answer(f"q{number}", learner="anna", given={"text": "é", "x": [1, None]}))
                 for number in range(3))


@functools.cache
def _resource(name: str) -> Mapping[str, Any]:
    return next(one for one in catalogue()["resources"] if one["name"] == name)


@functools.cache
def _table_bytes(name: str) -> bytes:
    """The head of a table: a whole one would only slow the search."""
    return b"".join((data_folder() / _resource(name)["path"]).read_bytes().splitlines(True)[:6])


@functools.cache
def _class_key() -> bytes:
    file = _FOLDER / "made.json"
    file.unlink(missing_ok=True)
    new_class_key(file, "Bones 1")
    return file.read_bytes()


@functools.cache
def _controls() -> Mapping[str, Any]:
    from osteoteach.view.dashboards import noise, reversal

    return noise.page().controls | reversal.page().controls


def _in_file(reader: Callable[[Path], Any], name: str) -> Callable[[bytes], Any]:
    def read(content: bytes) -> Any:
        file = _FOLDER / name
        file.write_bytes(content)
        return reader(file)
    return read


def _document(folder: str) -> Callable[[Path], Any]:
    return lambda file: read_document(file, document_schema(folder))


def _first(folder: str) -> bytes:
    return min(((data_folder() / path).read_bytes() for path in document_paths(folder)), key=len)


def _questions() -> bytes:
    """A file with its first question only."""
    text = _first("questions").decode()
    second = text.find("\n  - id:", text.find("- id:") + 1)
    return text[:second + 1 if second > 0 else None].encode()


def _scenarios() -> bytes:
    return sorted((notebooks_folder() / "scenarios").glob("*.yaml"))[0].read_bytes()


#: Readers of bytes, by name: what reads, and a good example.
BYTES: Mapping[str, tuple[Callable[[bytes], Any], Callable[[], bytes]]] = {
    **{f"table {name}": (
        functools.partial(lambda name, content: read_rows(_resource(name), content), name),
        functools.partial(_table_bytes, name)) for name in ("sources", "trials", "medicines")},
    "case document": (_in_file(_document("case"), "case.yaml"), lambda: _first("cases")),
    "question document": (_in_file(questions_in, "questions.yaml"), _questions),
    "scenario list": (_in_file(read_list, "scenarios.yaml"), _scenarios),
    "hand-in": (_in_file(read_handin, "handin.json"),
                lambda: handin_text(_answers(), "anna", KEY, KEY).encode()),
    "class key": (_in_file(read_class_key, "key.json"), _class_key),
    "answers in CSV": (_in_file(read_answers, "answers.csv"),
                       lambda: answers_csv(_answers()).encode()),
    "answers in JSON": (_in_file(read_answers, "answers.json"),
                        lambda: answers_json(_answers()).encode()),
    "message": (lambda content: refusal(content, V1) + refusal(content.decode("latin-1"), None),
                lambda: (7).to_bytes(8, "little") + b"".join(
                    place.to_bytes(8, "little") for place in (64, 69, 102, 104, 106, 108, 108))
                + b'shell{"msg_type": "comm_msg", "x": 1}{}{}{}'),
}


def read_bytes(name: str, content: bytes) -> Any:
    """Read one file of this kind."""
    return BYTES[name][0](content)


def _spoiled_json(name: str) -> st.SearchStrategy[bytes]:
    """The same reader, with what it reads still well-formed JSON."""
    good = json.loads(BYTES[name][1]())
    return spoiled_tree(good).map(lambda tree: json.dumps(tree).encode())


GAIN = Question("number", "Gain?", "%", -10, 20)
SURE = Question("category_confidence", "Which?", choices=("a", "b"))
QUERY = st.lists(st.tuples(st.one_of(st.sampled_from(
    ["age_years", "site", "plan", "precision_pct", "guess", "present", "step"]),
    st.text(max_size=8)), st.text(max_size=30)), max_size=5).map(
        lambda pairs: "&".join(f"{name}={text}" for name, text in pairs))

READERS: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], Any]]] = {
    name: (spoiled_bytes(good()), reader) for name, (reader, good) in BYTES.items()}
READERS |= {f"{name}, well-formed": (_spoiled_json(name), BYTES[name][0])
            for name in ("hand-in", "class key", "answers in JSON")}
READERS |= {
    "scenario link": (QUERY, lambda query: state_from_query(_controls(), query)),
    "step link": (st.tuples(st.text(max_size=20), QUERY), lambda two: full_address(*two)),
    "join address": (st.tuples(hostile, hostile), lambda two: join_address(*two, lan="10.0.0.7")),
    "room code": (hostile, join_code),
    "nickname": (st.text(), clean_nickname),
    "room question": (st.one_of(spoiled_tree(GAIN.to_plain()), spoiled_tree(SURE.to_plain()),
                                json_like), question_from_plain),
    "vote": (st.one_of(spoiled_tree({"number": 3, "nickname": "Anna"}),
                       spoiled_tree({"choice": 1, "confidence_pct": 50}), json_like),
             lambda plain: [vote_from_plain(question, plain) for question in (GAIN, SURE)
                            if "number" in (plain if isinstance(plain, dict) else {}) or
                            question is SURE]),
}
