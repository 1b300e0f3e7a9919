"""Values that nobody should give, and good ones with one thing spoiled."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

__all__ = ["arguments", "hostile", "json_like", "spoiled_bytes", "spoiled_tree"]

NUMBERS = [0, -0.0, 1, -1, 1e-320, 1e308, -1e308, 10**18, 10**400, -(10**5000), 0.1, 2.5, 50, 365,
           float("nan"), float("inf"), float("-inf"), True, False, Decimal("NaN"), Fraction(1, 3),
           1 + 2j]
TEXTS = ["", " ", "\x00", "\ud800", "\u202e", "é" * 3000, "x" * 100_000, "../../etc/passwd",
         "1e999", "NaN", "<script>alert(1)</script>", "%s{}{0.__class__}", "female", "total_hip",
         "denosumab", "US", "\n", "٣", "1_000", "=1+1"]
hostile: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(NUMBERS), st.sampled_from(TEXTS), st.none(), st.text(max_size=30),
    st.floats(), st.integers(), st.binary(max_size=8),
    st.sampled_from([[], {}, (), set(), [[]], {"a": 1}, {1: 2}, {None: None}, ["x"], [1.0], (None,),
                     object(), int, len, dt.date(2026, 11, 22), dt.datetime(1, 1, 1),
                     range(3), iter(())]),
)


def arguments(**good: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Keyword arguments of a call: good ones, with some left out and some hostile."""
    kinds = {name: st.one_of(one, one, one, hostile) for name, one in good.items()}
    whole = st.fixed_dictionaries(dict(good))
    return st.one_of(whole, st.fixed_dictionaries(kinds),
                     st.fixed_dictionaries({}, optional=kinds))


json_like = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20),
              st.sampled_from([text for text in TEXTS if len(text) < 4000]),
              st.sampled_from([10**400, 1e308, -1, 1e-320])),
    lambda inner: st.one_of(st.lists(inner, max_size=4),
                            st.dictionaries(st.text(max_size=8), inner, max_size=4)), max_leaves=8)


@st.composite
def spoiled_tree(draw: Any, good: Any) -> Any:
    """A good tree of plain values in which some branches are others, missing or doubled."""
    def change(value: Any, left: int) -> Any:
        act = draw(st.integers(0, 9)) if left else 0
        if act == 9:
            return draw(json_like)
        if isinstance(value, dict) and value:
            name = draw(st.sampled_from(sorted(value)))
            if act == 8:
                return {one: kept for one, kept in value.items() if one != name}
            if act == 7:
                return {**value, draw(st.text(max_size=5)): draw(json_like)}
            return {**value, name: change(value[name], left)}
        if isinstance(value, list) and value:
            place = draw(st.integers(0, len(value) - 1))
            if act == 8:
                return value + value[place:place + 1]
            return [*value[:place], change(value[place], left), *value[place + 1:]]
        return value if act < 3 else draw(json_like)

    for _ in range(draw(st.integers(0, 3))):
        good = change(good, 3)
    return good


PIECES = [
    b"\x00", b"\xff", b"\xef\xbb\xbf", b"\r", b"\n", b'"', b"'", b",", b";", b"{", b"[", b"&a ",
    b"*a", b"!!python/object/apply:os.system ", b"<<: ", b"- ", b": ", b"null", b"NaN", b"1e999",
    b"-1", b"9" * 400, b"[" * 60, b'{"a":' * 60, b"\xed\xa0\x80", "٣".encode(), b"true", b"=1+1",
]


@st.composite
def spoiled_bytes(draw: Any, good: bytes) -> bytes:
    """A good file with pieces cut out, put in, moved or doubled; or any bytes at all."""
    if draw(st.integers(0, 7)) == 0:
        return draw(st.binary(max_size=200))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, max(0, len(good))))
        end = min(len(good), start + draw(st.integers(0, 40)))
        act = draw(st.integers(0, 3))
        if act == 0:
            good = good[:start] + good[end:]
        elif act == 1:
            good = good[:start] + draw(st.sampled_from(PIECES)) + good[start:]
        elif act == 2:
            good = good[:start] + good[start:end] * 3 + good[end:]
        else:
            good = good[:start] + draw(st.binary(max_size=6)) + good[end:]
    return good
