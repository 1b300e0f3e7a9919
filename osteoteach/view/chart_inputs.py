"""What a chart may be given: the datasets and params its spec names, and clean values.

Vega draws nothing, without a word, for a dataset or a column it does not know.
So every name and value is held to the spec before it is sent. Whether the numbers
are right is not checked here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from osteoteach.errors import InputError

__all__ = ["ChartInputs", "checked_text"]


@dataclass(frozen=True)
class ChartInputs:
    """Names that a Vega-Lite spec leaves open.

    Parameters
    ----------
    needed : frozenset of str
        Datasets that the spec names without rows of its own.
    optional : frozenset of str
        Datasets that have rows in the spec and may be replaced.
    params : frozenset of str
        Params that hold a value. Selections are set by pointing at the chart.
    """

    needed: frozenset[str]
    optional: frozenset[str]
    params: frozenset[str]

    @classmethod
    def of_spec(cls, spec: Mapping[str, Any]) -> ChartInputs:
        named = list(_named_data(spec))
        filled = frozenset(name for name, has_rows in named if has_rows)
        return cls(
            needed=frozenset(name for name, _ in named) - filled,
            optional=filled,
            params=frozenset(p["name"] for p in spec.get("params", []) if "select" not in p),
        )

    def first_data(self, data: Mapping[str, Mapping[str, Sequence]]) -> dict[str, dict]:
        """All datasets as checked columns, for a new chart."""
        missing = self.needed - data.keys()
        if missing:
            raise InputError(
                "data",
                f"must give every dataset the spec names, also {_listed(missing)}",
                sorted(data),
                "Give it as {dataset: {column: values}}; empty columns are allowed.",
            )
        known = self.needed | self.optional
        return {name: _checked_table(name, data[name], known) for name in data}

    def next_data(
        self, data: Mapping[str, Mapping[str, Sequence]], shown: Mapping[str, Mapping]
    ) -> dict[str, dict]:
        """Some datasets as checked columns, to replace those shown now."""
        tables = {name: _checked_table(name, data[name], shown.keys()) for name in data}
        for name, table in tables.items():
            if table.keys() != shown[name].keys():
                raise InputError(
                    f"data[{name!r}]",
                    f"must have the same columns as before ({_listed(shown[name])})",
                    sorted(table),
                    "Give all of them; Vega draws nothing for a missing column.",
                )
        return tables

    def signals(self, signals: Mapping[str, Any]) -> dict[str, str | float | bool]:
        """The signals, checked."""
        for name, value in signals.items():
            if name not in self.params:
                raise InputError(
                    "signals",
                    f"must name params of the spec ({_listed(self.params)})",
                    name,
                    "Correct the name, or add the param to the chart.",
                )
            if value is None or not _is_plain(value):
                raise InputError(
                    f"signals[{name!r}]",
                    "must be text, a finite number or True/False",
                    value,
                    "Compute a value for it, or leave the signal out.",
                )
        return dict(signals)


def checked_text(name: str, text: object) -> str:
    """The text, if it says anything."""
    if not isinstance(text, str) or not text.strip():
        raise InputError(name, "must be text that is not empty", text, "Say it in a few words.")
    return text


def _checked_table(
    name: str, table: Mapping[str, Sequence], known: Iterable[str]
) -> dict[str, list]:
    if name not in known:
        raise InputError(
            "data",
            f"must name datasets of the chart ({_listed(known)})",
            name,
            "Correct the name, or name the dataset in the chart and give it at the start.",
        )
    columns = {key: _checked_column(name, key, values) for key, values in table.items()}
    lengths = {key: len(values) for key, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise InputError(
            f"data[{name!r}]",
            "must have columns of one length",
            lengths,
            "Fill the shorter columns, or make them two datasets.",
        )
    return columns


def _checked_column(dataset: str, column: str, values: Sequence) -> list:
    # NumPy and pandas columns become plain numbers, without importing either here.
    plain = values.tolist() if hasattr(values, "tolist") else list(values)
    # Most columns are numbers alone: those are looked through at the speed of C.
    if set(map(type, plain)) <= {float} and all(map(math.isfinite, plain)):
        return plain
    for row, value in enumerate(plain):
        if not _is_plain(value):
            raise InputError(
                f"data[{dataset!r}][{column!r}], row {row},",
                "must be a finite number, text, True/False or None",
                value,
                "Leave the row out, or give None for a gap.",
            )
    return plain


def _is_plain(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, (str, int))


def _named_data(part: object) -> Iterator[tuple[str, bool]]:
    """Names of the datasets in a spec, and whether the spec holds rows for them."""
    if isinstance(part, list):
        for item in part:
            yield from _named_data(item)
    elif isinstance(part, dict):
        source = part.get("data")
        if isinstance(source, dict) and isinstance(source.get("name"), str):
            yield source["name"], not source.keys() <= {"name", "format"}
        for name in part.get("datasets", {}):
            yield name, True
        for key, item in part.items():
            if key not in {"data", "datasets", "usermeta", "config"}:
                yield from _named_data(item)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "it has none"
