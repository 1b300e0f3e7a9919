"""Links that carry a scenario: ``?age_years=70&sex=female&plan=denosumab:0-3``.

The names are the controls' own, each value is checked by its control, and what does not
pass is told in a sentence while the control keeps its start value. A link comes from
anybody: nothing of it is shown but as plain text, and nothing of it raises.
What this module does not judge: whether the values make sense together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any
from urllib.parse import parse_qsl, quote

from osteoteach.errors import InputError
from osteoteach.view.control import Control

__all__ = ["query_from_state", "state_from_query"]

#: Names in a query that belong to others: the guess lock, presenting, rooms, a hub, Voila.
RESERVED = frozenset({"guess", "present", "step", "room", "key", "token"})
RESERVED_START = "voila-"
#: The longest scenario of any page has less than half of this.
LONGEST_QUERY = 4000
MOST_NAMES = 100
MOST_TOLD = 8
QUOTED = 40


def state_from_query(
    controls: Mapping[str, Control], query: str
) -> tuple[dict[str, Any], list[str]]:
    """Read the query of a link.

    Parameters
    ----------
    controls : mapping of str to Control
        The controls of the page, by name.
    query : str
        What stands behind the address, with or without its question mark.

    Returns
    -------
    tuple of (dict, list of str)
        The values that are right, by control; and one sentence for each thing in the
        link that was not taken over.

    Examples
    --------
    >>> from osteoteach.view.controls import NumberControl
    >>> age = NumberControl("age_years", "Age", "years", 40, 90, 1, 62)
    >>> state_from_query({"age_years": age}, "?age_years=70")
    ({'age_years': 70.0}, [])
    >>> print(*state_from_query({"age_years": age}, "?age_years=7")[1])
    Age must be from 40 to 90 years; the link says “7”. The start value, 62 years, is shown.
    """
    query = query.removeprefix("?")
    if len(query) > LONGEST_QUERY:
        return {}, [f"The link is longer than {LONGEST_QUERY:,} characters. "
                    "Nothing was taken from it."]
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_NAMES)
    except ValueError:
        return {}, [f"The link names more than {MOST_NAMES} values. Nothing was taken from it."]
    pairs = [pair for pair in pairs if not _is_reserved(pair[0])]
    counts = Counter(name for name, _ in pairs)
    values, problems = {}, []
    for name, text in dict(pairs).items():
        control = controls.get(name)
        if control is None:
            problems.append(_unknown(name, controls))
        elif counts[name] > 1:
            problems.append(f"The link gives {control.label} more than once. {_kept(control)}")
        else:
            try:
                values[name] = control.read_text(text)
            except InputError as error:
                problems.append(f"{control.label} {error.rule}; the link says {_quoted(text)}. "
                                f"{_kept(control)}")
    return values, _told(problems)


def query_from_state(
    controls: Mapping[str, Control], state: Mapping[str, Any], also: Iterable[str] = ()
) -> str:
    """Write the query of a link, without a question mark.

    Parameters
    ----------
    controls : mapping of str to Control
        The controls of the page, by name.
    state : mapping
        Their values.
    also : iterable of str
        Controls that are written even if they have their start value.

    Returns
    -------
    str
        Only what differs from the start; ``""`` for the start itself.

    Examples
    --------
    >>> from osteoteach.view.controls import NumberControl
    >>> age = NumberControl("age_years", "Age", "years", 40, 90, 1, 62)
    >>> query_from_state({"age_years": age}, {"age_years": 70.5})
    'age_years=70.5'
    """
    wanted = set(also)
    return "&".join(
        f"{quote(name, safe='')}={quote(control.write_text(state[name]), safe=':,@/')}"
        for name, control in controls.items()
        if name in wanted or state[name] != control.start)


def _is_reserved(name: str) -> bool:
    return name in RESERVED or name.startswith(RESERVED_START)


def _unknown(name: str, controls: Iterable[str]) -> str:
    known = list(controls)
    close = [one for one in known if one.startswith(f"{name}_")] or get_close_matches(
        name[:QUOTED], known, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    return f"The link names {_quoted(name)}, which this page does not have.{hint}"


def _kept(control: Control) -> str:
    return f"The start value, {control.in_words(control.start)}, is shown."


def _quoted(text: str) -> str:
    shown = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
    return f"“{shown if len(shown) <= QUOTED else shown[: QUOTED - 1] + '…'}”"


def _told(problems: list[str]) -> list[str]:
    more = len(problems) - MOST_TOLD
    if more <= 0:
        return problems
    return [*problems[:MOST_TOLD], f"{more} more things in the link were not taken over."]
