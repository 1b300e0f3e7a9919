"""Mend what the theme leaves open for a screen reader; each mend must find its place."""

from __future__ import annotations

from pathlib import Path

__all__ = ["MENDS", "mend", "mended"]

MENDS = {
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="Contents">',
    '<aside class="toc-drawer': '<aside aria-label="On this page" class="toc-drawer',
}


def mended(html: str) -> str:
    """The page with all mends.

    Examples
    --------
    >>> mended('<aside class="sidebar-drawer">')
    '<aside class="sidebar-drawer" aria-label="Contents">'
    """
    for theirs, ours in MENDS.items():
        html = html.replace(theirs, ours)
    # The corner of a table that pandas wrote: a head that says nothing is no head.
    return html.replace("<th></th>", "<td></td>")


def mend(site: Path) -> list[str]:
    """Mend every page; return the mends that no longer fit the theme's home page."""
    home = (site / "index.html").read_text(encoding="utf-8")
    for page in site.rglob("*.html"):
        page.write_text(mended(page.read_text(encoding="utf-8")), encoding="utf-8")
    return [theirs for theirs in MENDS if theirs not in home]
