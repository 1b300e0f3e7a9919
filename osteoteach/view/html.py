"""Small pieces of HTML for the folds of a page; everything from outside is escaped.

A citation carries its address: the button "where from?" behind it names source, table and
row, and the evidence drawer opens on it. On a page without a drawer the button is hidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from osteoteach.evidence import source

__all__ = ["bullet_list", "citations", "data_table", "paragraph", "prose", "reference_list",
           "screen_only", "short_link", "where_button", "without_screen_only"]

SCREEN_ONLY = "ot-screen-only"


def prose(text: str) -> str:
    """Text made safe for HTML, with true minus signs before numbers.

    Examples
    --------
    >>> prose("T < -2.5, L1-L4")
    'T &lt; −2.5, L1-L4'
    """
    return escape(re.sub(r"(?<![\w.])-(?=\d)", "−", text))


def paragraph(text: str) -> str:
    return f"<p>{prose(text)}</p>"


def bullet_list(items: Iterable[str], *, ordered: bool = False) -> str:
    """Items of ready HTML as a list; nothing for no items."""
    inner = "".join(f"<li>{item}</li>" for item in items)
    tag = "ol" if ordered else "ul"
    return f"<{tag}>{inner}</{tag}>" if inner else ""


def where_button(about: str, source_id: str = "", table: str = "", row: str = "") -> str:
    """The small button that opens the evidence drawer on a row, or else on a source.

    Parameters
    ----------
    about : str
        What it is about, for readers who hear the button by itself.
    source_id, table, row : str
        Address of the number; see `evidence_rows.row_key`.

    Examples
    --------
    >>> where_button("Looker 1998", "looker_1998")
    '<button class="ot-where" hidden data-source-id="looker_1998" aria-label="Where from: ...'
    """
    address = "".join(f' data-{name}="{escape(value, quote=True)}"' for name, value in (
        ("source-id", source_id), ("table", table), ("row", row)) if value)
    return (f'<button class="ot-where" hidden{address} '
            f'aria-label="Where from: {escape(about, quote=True)}">where from?</button>')


def _link(source_id: str, text: str = "") -> str:
    item = source(source_id)
    return (f'<a href="{escape(item.link, quote=True)}" target="_blank" rel="noopener">'
            f"{escape(text or item.short)}</a>")


def short_link(source_id: str, table: str = "", row: str = "") -> str:
    """First author and year, linked to the publication, and the button "where from?"."""
    return f"{_link(source_id)} {where_button(source(source_id).short, source_id, table, row)}"


def citations(source_ids: Iterable[str], table: str = "", row: str = "", about: str = "") -> str:
    """Several sources of one number. With its row one button serves them all.

    Examples
    --------
    >>> text = citations(["looker_1998", "xue_2021"], "bmd_precision", "total_hip|best", "x")
    >>> text.count("<a "), text.count("<button ")
    (2, 1)
    """
    ids = list(dict.fromkeys(source_ids))
    if not row:
        return ", ".join(map(short_link, ids))
    named = about or ", ".join(source(one).short for one in ids)
    return f"{', '.join(map(_link, ids))} {where_button(named, '', table, row)}".strip()


def reference_list(source_ids: Iterable[str]) -> str:
    """Full references, each once, in the order given, with how each was read."""
    items = []
    for source_id in dict.fromkeys(source_ids):
        item = source(source_id)
        read = item.what_was_read.replace("_", " ")
        items.append(
            f"{escape(item.reference)} {_link(source_id, f'Open {item.short}')}. "
            f"Read: {escape(read)}; checked {item.checked_on}. "
            f"{where_button(item.short, source_id)}")
    return bullet_list(items)


def screen_only(inner: str) -> str:
    """Ready HTML for the page, left out of the handout: for what would fill a third sheet."""
    return f'<section class="{SCREEN_ONLY}">{inner}</section>'


def without_screen_only(text: str) -> str:
    """Ready HTML as the handout holds it.

    Examples
    --------
    >>> without_screen_only("<p>a</p>" + screen_only("<p>b</p>"))
    '<p>a</p>'
    """
    return re.sub(rf'<section class="{SCREEN_ONLY}">.*?</section>', "", text, flags=re.DOTALL)


def data_table(caption: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A plain table with a caption and column headers. Cells are ready HTML."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    body = "".join(
        '<tr><th scope="row">' + row[0] + "</th>"
        + "".join(f"<td>{cell}</td>" for cell in row[1:]) + "</tr>" for row in rows)
    return (f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table>")
