"""Read the tables of ``data/``, and refuse what breaks their catalogue.

The catalogue is ``data/datapackage.json`` (Frictionless Data Package): for each
table its fields with type, unit, description and constraints, its keys, its
licence and its SHA-256. Rows are checked by fastjsonschema.

After an intended edit of a table run ``make catalogue``: it checks every row and
key, and only then writes the new hashes. So a file whose hash is right needs no
second check, which keeps 60 ms out of every page's start; a file whose hash is
wrong is checked row by row, so that the error names what is wrong in it.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
import hashlib
import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from osteoteach.errors import DataError

__all__ = ["catalogue", "check_all", "check_hashes", "data_folder", "rewrite_hashes", "table",
           "table_names"]

CATALOGUE = "datapackage.json"
OTHER_FILE = ("must be the file that the catalogue describes (its SHA-256 differs). "
              "Restore the file, or run `make catalogue` after an intended edit")
Row = Mapping[str, Any]


def data_folder() -> Path:
    """Folder of the tables: inside an installed wheel, or beside a checkout's package."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_data"
    return installed if installed.is_dir() else package.parent / "data"


@functools.cache
def catalogue() -> dict[str, Any]:
    """The content of ``data/datapackage.json``."""
    text = (data_folder() / CATALOGUE).read_text(encoding="utf-8")
    return json.loads(text)


def table_names() -> tuple[str, ...]:
    """Names of all tables, in the order of the catalogue.

    Examples
    --------
    >>> "sources" in table_names()
    True
    """
    return tuple(resource["name"] for resource in catalogue()["resources"])


def _resource(name: str) -> dict[str, Any]:
    for resource in catalogue()["resources"]:
        if resource["name"] == name:
            return resource
    raise DataError(CATALOGUE, f"knows the tables {', '.join(table_names())}", name)


@functools.cache
def table(name: str) -> tuple[Row, ...]:
    """Rows of one table, typed and checked; blank cells are ``None``.

    Parameters
    ----------
    name : str
        Table name without ``.csv``; see `table_names`.

    Returns
    -------
    tuple of read-only mappings, in file order.

    Raises
    ------
    DataError
        A row breaks the schema (file, row, column, rule, value), or the file
        is not the one that the catalogue describes (its hash differs).

    Examples
    --------
    >>> neck = [r for r in table("bmd_reference") if r["site"] == "femoral_neck"
    ...         and r["role"] == "young_adult" and r["sex"] == "female"]
    >>> neck[0]["mean_g_cm2"], neck[0]["sd_g_cm2"]
    (0.858, 0.12)
    """
    resource = _resource(name)
    content = (data_folder() / resource["path"]).read_bytes()
    as_described = digest(content) == resource["hash"]
    rows = read_rows(resource, content, check=not as_described)
    if not as_described:
        raise DataError(resource["path"], OTHER_FILE, digest(content)[:19] + "...")
    return rows


def digest(content: bytes) -> str:
    """SHA-256 as the catalogue writes it.

    Line ends are normalised first, so that a checkout with Windows line ends
    is the same file.
    """
    return "sha256:" + hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def read_rows(resource: Mapping[str, Any], content: bytes, *,
              check: bool = True) -> tuple[Row, ...]:
    """Typed rows of ``content`` under the schema of ``resource``, or `DataError`.

    Without ``check`` only the types are made: for content that was checked before.
    """
    path, fields = resource["path"], resource["schema"]["fields"]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(path, "must be UTF-8 text", str(error)) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = [field["name"] for field in fields]
    try:
        found = next(reader, None)
    except csv.Error as error:
        raise DataError(path, "must be well-formed CSV", str(error), row=1) from error
    if found != header:
        raise DataError(path, f"must have the columns {', '.join(header)}", found, row=1)
    validate = _row_validator(resource) if check else None
    casts = [(field["name"], field["type"], _CASTS[field["type"]]) for field in fields]
    rows = []
    try:
        for cells in reader:
            # An empty line is no row.
            if cells:
                row = _typed_row(path, reader.line_num, casts, cells)
                if validate is not None:
                    validate(row, reader.line_num)
                rows.append(row)
    except csv.Error as error:
        raise DataError(path, "must be well-formed CSV", str(error), reader.line_num) from error
    if check:
        _check_primary_key(resource, rows)
    return tuple(rows)


def _typed_row(path: str, line: int, casts: Sequence[tuple[str, str, Callable[[str], Any]]],
               cells: list[str]) -> Row:
    # A page waits for some 2,500 rows before its first chart.
    if len(cells) != len(casts):
        raise DataError(path, f"must have {len(casts)} cells", cells[len(casts):] or "too few",
                        line)
    row = {}
    for (name, kind, cast), cell in zip(casts, cells, strict=True):
        text = cell.strip()
        try:
            row[name] = cast(text) if text else None
        except ValueError:
            raise DataError(path, f"must be of type {kind}", text, line, name) from None
    return MappingProxyType(row)


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text] if text in ("true", "false") else _refuse(text)


def _date(text: str) -> str:
    return dt.date.fromisoformat(text).isoformat()


def _refuse(text: str) -> bool:
    raise ValueError(text)


_CASTS: dict[str, Callable[[str], Any]] = {
    "string": str, "integer": int, "year": int, "number": _number,
    "boolean": _boolean, "date": _date,
}
_JSON_TYPES = {"integer": "integer", "year": "integer", "number": "number",
               "boolean": "boolean", "string": "string", "date": "string"}


def _row_validator(resource: Mapping[str, Any]) -> Callable[[Row, int], None]:
    """A function that raises `DataError` for a row that breaks the field constraints."""
    import fastjsonschema  # only a file that is checked pays for it

    validate = fastjsonschema.compile(_row_schema(resource))

    def check_row(row: Row, line: int) -> None:
        try:
            validate({key: value for key, value in row.items() if value is not None})
        except fastjsonschema.JsonSchemaValueException as error:
            missing = [name for name in error.definition.get("required", ())
                       if row.get(name) is None]
            column = error.path[1] if len(error.path) > 1 else missing[0]
            rule = "must not be blank" if missing else error.message.split(" ", 1)[-1]
            raise DataError(resource["path"], rule, row[column], line, column) from None

    return check_row


def _row_schema(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The Frictionless field constraints as a JSON Schema for one row."""
    properties, required = {}, []
    for field in resource["schema"]["fields"]:
        constraints = dict(field.get("constraints", {}))
        if constraints.pop("required", False):
            required.append(field["name"])
        constraints.pop("unique", None)
        if "pattern" in constraints:
            constraints["pattern"] = f"^(?:{constraints['pattern']})$"
        properties[field["name"]] = {"type": _JSON_TYPES[field["type"]], **constraints}
    return {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
            "properties": properties, "required": required}


def _check_primary_key(resource: Mapping[str, Any], rows: list[Row]) -> None:
    key = resource["schema"].get("primaryKey", [])
    seen: dict[tuple[Any, ...], int] = {}
    for line, row in enumerate(rows, start=2):
        value = tuple(row[name] for name in key)
        if key and value in seen:
            rule = f"must be unique (also in row {seen[value]})"
            raise DataError(resource["path"], rule, value, line, ", ".join(key))
        seen[value] = line


def check_all() -> dict[str, int]:
    """Check every table: schema, keys, references between tables, and hashes.

    Returns
    -------
    dict
        Rows by table name.

    Raises
    ------
    DataError
        At the first thing that is wrong.

    Examples
    --------
    >>> check_all()["sources"] > 20
    True
    """
    counts = {}
    for name in table_names():
        resource, rows = _resource(name), table(name)
        read_rows(resource, (data_folder() / resource["path"]).read_bytes())
        _check_references(resource, rows)
        counts[name] = len(rows)
    return counts


def check_hashes() -> None:
    """Hold every file to the hash in the catalogue; quicker than `check_all`, for a start.

    Raises
    ------
    DataError
        At the first file that is missing, or not the one that the catalogue describes.

    Examples
    --------
    >>> check_hashes()
    """
    for entry in (*catalogue()["resources"], *catalogue().get("documents", ())):
        try:
            found = digest((data_folder() / entry["path"]).read_bytes())
        except OSError as error:
            raise DataError(entry["path"], "must be a file that can be read",
                            str(error.strerror)) from error
        if found != entry["hash"]:
            raise DataError(entry["path"], OTHER_FILE, found[:19] + "...")


def _check_references(resource: Mapping[str, Any], rows: tuple[Row, ...]) -> None:
    """Follow foreign keys, and the fields that hold a list of them.

    Frictionless knows no list of keys in one cell, so those fields carry a property
    of our own, ``listOf``, which other tools pass over.
    """
    schema = resource["schema"]
    keys = [(key["fields"], key["reference"], None) for key in schema.get("foreignKeys", [])]
    keys += [(field["name"], field["listOf"], field["listOf"]["separator"])
             for field in schema["fields"] if "listOf" in field]
    for column, reference, separator in keys:
        known = {row[reference["fields"]] for row in table(reference["resource"])}
        for line, row in enumerate(rows, start=2):
            cell = row[column]
            for part in [] if cell is None else cell.split(separator) if separator else [cell]:
                if part.strip() not in known:
                    rule = f"must be a {reference['fields']} of {reference['resource']}.csv"
                    raise DataError(resource["path"], rule, part.strip(), line, column)


def rewrite_hashes() -> list[str]:
    """Check all rows and documents, then write the present hashes into the catalogue.

    Returns the names of the tables and documents whose hash changed.
    """
    from osteoteach.evidence.documents import listed_documents  # which reads this module

    listing, changed = catalogue(), []
    for resource in listing["resources"]:
        content = (data_folder() / resource["path"]).read_bytes()
        read_rows(resource, content)
        if resource.get("hash") != digest(content):
            changed.append(resource["name"])
        resource["hash"] = digest(content)
        resource["bytes"] = len(content.replace(b"\r\n", b"\n"))
    known = {entry["path"]: entry["hash"] for entry in listing.get("documents", [])}
    listing["documents"] = listed_documents(listing.get("documentSchemas", {}))
    changed += [entry["path"] for entry in listing["documents"]
                if known.get(entry["path"]) != entry["hash"]]
    table.cache_clear()
    check_all()
    text = json.dumps(listing, indent=2, ensure_ascii=False) + "\n"
    (data_folder() / CATALOGUE).write_text(text, encoding="utf-8", newline="\n")
    return changed

