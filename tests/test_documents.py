"""YAML documents: what is refused, and that the error says where."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteoteach.errors import DataError
from osteoteach.evidence import document, document_paths, document_schema, read_document
from osteoteach.evidence import documents as module

SCHEMA = {"type": "object", "required": ["name"], "additionalProperties": False, "properties": {
    "name": {"type": "string"}, "ages": {"type": "array", "items": {"type": "integer"}}}}


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "case.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_plain_values_come_back(tmp_path):
    """Text, numbers, lists, true, null; a date stays text."""
    text = "name: 2026-11-22\nages: [1, 2]\n"
    assert read_document(written(tmp_path, text), SCHEMA) == {"name": "2026-11-22", "ages": [1, 2]}


@pytest.mark.parametrize(("content", "row", "column", "rule"), [
    ("name: a\nages: [1, two]\n", 2, "ages[1]", "integer"),
    ("name: a\nname: b\n", 2, "name", "once"),
    ("ages: [1]\n", 1, None, "name"),
    ("name: a\nweight: 3\n", 1, None, "weight"),
    ("name: a\n  ages: [1\n", 2, None, "well-formed"),
    ("name: &x a\nages: [1]\n", 1, None, "anchors"),
    ("name: !!python/object/apply:os.system ['true']\n", 1, None, "tags"),
    ("name: a\nages: [1, .inf]\n", 2, "ages[1]", "decimal"),
    ("", None, None, "empty"),
    (b"name: \xff\xfe\n", None, None, "UTF-8"),
    ("name: a\0b\n", None, None, "well-formed"),
    ("name: " + "a" * 1_000_001, None, None, "bytes"),
    ("[" * 40 + "]" * 40, 1, None, "deep"),
])
def test_what_is_wrong_is_named_with_its_line_and_field(tmp_path, content, row, column, rule):
    """A teacher who writes a file by hand can mend it from the message alone."""
    with pytest.raises(DataError) as caught:
        read_document(written(tmp_path, content), SCHEMA)
    assert caught.value.file == "case.yaml"
    if row is not None:
        assert caught.value.row == row
    if column is not None:
        assert caught.value.column == column
    assert rule in str(caught.value)


def test_a_bomb_of_anchors_does_not_unfold(tmp_path):
    """Ten lines that would become a billion words are refused at the first."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]"
              for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
    with pytest.raises(DataError, match="anchors"):
        read_document(written(tmp_path, "\n".join(lines)), {})


def test_a_missing_file_is_said(tmp_path):
    """Not a traceback of the operating system."""
    with pytest.raises(DataError, match="can be read"):
        read_document(tmp_path / "none.yaml", SCHEMA)


@given(st.binary(max_size=200))
def test_any_bytes_give_values_or_a_data_error(tmp_path_factory, content):
    """Nothing else leaves the reader."""
    path = written(tmp_path_factory.mktemp("any"), content)
    with contextlib.suppress(DataError):
        read_document(path, {})


@pytest.mark.parametrize("folder", ["questions", "cases"])
def test_every_document_of_the_package_keeps_its_schema(folder):
    """Read without the hash's short cut."""
    for path in document_paths(folder):
        full = module.data_folder() / path
        name = {"questions": "questions", "cases": "case"}[folder]
        assert read_document(full, document_schema(name)) == document(path)
    assert len(document_paths(folder)) >= 10


def test_a_changed_document_stops_with_its_name(tmp_path, monkeypatch):
    """A file that is not the one of the catalogue is refused."""
    path = document_paths("cases")[0]
    copy = tmp_path / path
    copy.parent.mkdir(parents=True)
    original = (module.data_folder() / path).read_text(encoding="utf-8")
    copy.write_text(original.replace("\n", "\n# touched\n", 1), encoding="utf-8")
    monkeypatch.setattr(module, "data_folder", lambda: tmp_path)
    document.cache_clear()
    with pytest.raises(DataError, match="SHA-256"):
        document(path)
    document.cache_clear()
