"""Rows of ``data/`` by their key: the address that a number on a page carries.

A row's address is its table and the values of the table's primary key, joined. A page
says which rows an answer used, as groups (`RowsUsed`); the evidence drawer looks them up.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.evidence.catalogue import catalogue

__all__ = ["RowsUsed", "asked_tables", "find_row", "resource", "row_key", "row_sources",
           "rows_used"]

SEPARATOR = "|"
#: Written by this project's own programs: numbers to ask for, although no source is theirs.
_OWN = ("population_summary", "screening_counts", "validation_scores")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class RowsUsed:
    """Rows of one table that took part in an answer.

    Attributes
    ----------
    what : str
        What they were used for, for the reader.
    table : str
    keys : tuple of str
        Addresses of the rows; see `row_key`.
    """

    what: str
    table: str
    keys: tuple[str, ...]


@functools.cache
def resource(name: str) -> dict[str, Any]:
    """What the catalogue says of a table.

    Raises
    ------
    InputError
        The table is unknown, or none whose rows are numbers to ask for.
    """
    if name not in asked_tables():
        raise InputError("table", "must be a table of data/ with sources", name,
                         "Ask for a number of this page.")
    return next(one for one in catalogue()["resources"] if one["name"] == name)


@functools.cache
def asked_tables() -> tuple[str, ...]:
    """Tables whose rows are numbers to ask for: each row has its source, or is our own.

    Examples
    --------
    >>> "harms" in asked_tables(), "sources" in asked_tables()
    (True, False)
    """
    def has_source(resource: dict[str, Any]) -> bool:
        names = {field["name"] for field in resource["schema"]["fields"]}
        return bool({"source_id", "source_ids"} & names) and resource["name"] != "sources"

    return tuple(one["name"] for one in catalogue()["resources"]
                 if has_source(one) or one["name"] in _OWN)


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def row_key(name: str, row: Row) -> str:
    """Address of a row inside its table.

    Examples
    --------
    >>> row_key("bmd_precision", table("bmd_precision")[0])
    'lumbar_spine|minimum_acceptable'
    """
    return SEPARATOR.join(_written(row[field]) for field in resource(name)["schema"]["primaryKey"])


@functools.cache
def _by_key(name: str) -> dict[str, Row]:
    return {row_key(name, row): row for row in table(name)}


def find_row(name: str, key: str) -> Row:
    """The row with this address.

    Raises
    ------
    InputError
        There is no such table or row.

    Examples
    --------
    >>> find_row("bmd_precision", "total_hip|minimum_acceptable")["cv_pct"]
    1.8
    """
    resource(name)
    try:
        return _by_key(name)[key]
    except KeyError:
        raise InputError("row", f"must be a row of data/{name}.csv", key,
                         "Ask for a number of this page.") from None


def row_sources(row: Row) -> tuple[str, ...]:
    """Source ids of a row, each once; none where our own program wrote the row.

    Examples
    --------
    >>> row_sources(find_row("bmd_precision", "total_hip|minimum_acceptable"))
    ('iscd_2019',)
    """
    text = row.get("source_id") or row.get("source_ids") or ""
    return tuple(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))


def rows_used(what: str, name: str, wanted: Callable[[Row], Any] | Iterable[str],
              ) -> tuple[RowsUsed, ...]:
    """One group of rows, by their keys or by a condition; nothing if no row is meant.

    Examples
    --------
    >>> rows_used("Scan noise", "bmd_precision", lambda row: row["site"] == "total_hip")[0].keys[0]
    'total_hip|minimum_acceptable'
    """
    if callable(wanted):
        keys = tuple(row_key(name, row) for row in table(name) if wanted(row))
    else:
        keys = tuple(dict.fromkeys(wanted))
    return (RowsUsed(what, name, keys),) if keys else ()
