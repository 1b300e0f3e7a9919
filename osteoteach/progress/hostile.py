"""Read files that a stranger may have written: limited, plain, and refused with a sentence."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from osteoteach.errors import InputError

__all__ = ["LARGEST_BYTES", "plain_json", "small_text"]

LARGEST_BYTES = 10_000_000
MOST_DEPTH = 40


def small_text(path: Path) -> str:
    """The text of a stranger's file, unless it is too large or no text.

    Raises
    ------
    InputError
        It says which, and what to do.
    """
    remedy = "Use a file that osteoteach wrote."
    try:
        # One byte more than allowed is enough to know, and no huge file is swallowed whole.
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise InputError(path.name, "must be a file that can be read", error.strerror,
                         "Check its name and rights.") from error
    if len(content) > LARGEST_BYTES:
        raise InputError(path.name, f"must have at most {LARGEST_BYTES:,} bytes",
                         "a larger file", remedy)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(path.name, "must be UTF-8 text", error.reason, remedy) from error
    if "\x00" in text:
        raise InputError(path.name, "must hold no NUL bytes", "NUL", remedy)
    return text


def plain_json(name: str, text: str) -> Any:
    """JSON without its dark corners: no key twice, no NaN, no endless nesting or number.

    Raises
    ------
    InputError
        It names the file.

    Examples
    --------
    >>> plain_json("a.json", '{"score": 1, "score": 0}')
    Traceback (most recent call last):
    ...
    osteoteach.errors.InputError: a.json must be JSON that osteoteach wrote; received 'a key ...
    """
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a key is given twice")
        return found

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    def finite(digits: str) -> float:
        value = float(digits)
        return value if math.isfinite(value) else refuse(f"{digits[:20]}")

    try:
        whole = json.loads(text, object_pairs_hook=once, parse_constant=refuse,
                           parse_float=finite)
        _refuse_depth(whole)
        return whole
    except (ValueError, RecursionError) as error:
        raise InputError(name, "must be JSON that osteoteach wrote", str(error)[:100],
                         "Save it again; do not edit it by hand.") from error


def _refuse_depth(whole: Any) -> None:
    """Nesting that the parser could still follow might be too deep for what comes after it."""
    level = [whole]
    for _ in range(MOST_DEPTH):
        level = [child for value in level if isinstance(value, dict | list)
                 for child in (value.values() if isinstance(value, dict) else value)]
        if not level:
            return
    raise ValueError(f"nested deeper than {MOST_DEPTH}")
