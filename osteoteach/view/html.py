"""Small pieces of HTML for the folds of a page; everything from outside is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from osteoteach.evidence import source

__all__ = ["bullet_list", "data_table", "paragraph", "prose", "reference_list", "short_link"]


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


def short_link(source_id: str) -> str:
    """First author and year, linked to the publication."""
    item = source(source_id)
    return (f'<a href="{escape(item.link, quote=True)}" target="_blank" rel="noopener">'
            f"{escape(item.short)}</a>")


def reference_list(source_ids: Iterable[str]) -> str:
    """Full references, each once, in the order given, with how each was read."""
    items = []
    for source_id in dict.fromkeys(source_ids):
        item = source(source_id)
        read = item.what_was_read.replace("_", " ")
        items.append(
            f"{escape(item.reference)} "
            f'<a href="{escape(item.link, quote=True)}" target="_blank" rel="noopener">'
            f"Open {escape(item.short)}</a>. Read: {escape(read)}; checked {item.checked_on}.")
    return bullet_list(items)


def data_table(caption: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A plain table with a caption and column headers. Cells are ready HTML."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    body = "".join(
        '<tr><th scope="row">' + row[0] + "</th>"
        + "".join(f"<td>{cell}</td>" for cell in row[1:]) + "</tr>" for row in rows)
    return (f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table>")
