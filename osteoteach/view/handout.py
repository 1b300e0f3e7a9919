"""The handout: one scenario on a sheet that prints well, as one HTML file.

It holds no script and asks for nothing from outside. Every text is escaped; the folds,
which are HTML already, are read again and only plain markup of theirs is kept. The
charts are drawn by the page: each has a mark here, ``<!--chart:NAME-->``, where the page
puts its SVG. What the sheet says is what the page says; nothing is computed here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from html.parser import HTMLParser

from osteoteach.view.answer import SEVERITIES

__all__ = ["DISCLAIMER", "Handout", "file_name", "plain_markup", "written_handout"]

DISCLAIMER = "For teaching. Not for patient care."
MOST_LINK = 6000

_KEPT = frozenset({"p", "ul", "ol", "li", "table", "caption", "thead", "tbody", "tr", "th", "td",
                   "a", "strong", "em", "b", "i", "sup", "sub", "dl", "dt", "dd", "h3", "h4"})
_DROPPED = frozenset({"script", "style", "template", "dialog", "iframe", "object", "svg", "math"})
_VOID = frozenset({"br", "img", "input", "hr", "link", "meta", "wbr", "source", "embed"})
_ADDRESS = re.compile(r"https?://[^\s\"'<>\\]+")
_CHART_NAME = re.compile(r"[\w-]+")


@dataclass(frozen=True)
class Handout:
    """What a handout says.

    Parameters
    ----------
    title : str
        Heading of the page.
    settings : sequence of (str, sequence of (str, str))
        Groups of controls: label, and for each control its label and its value in words.
    sentence : str
        The answer.
    warnings : sequence of (str, str)
        Severity and text.
    why, how_sure, sources : str
        HTML of the three folds.
    charts : sequence of (str, str)
        Name of each chart and what it shows, in words.
    link : str
        Where the scenario can be opened again; ``""`` for nowhere.
    """

    title: str
    settings: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    sentence: str
    warnings: Sequence[tuple[str, str]] = ()
    why: str = ""
    how_sure: str = ""
    sources: str = ""
    charts: Sequence[tuple[str, str]] = ()
    link: str = ""


def written_handout(content: Handout, today: date) -> str:
    """Write the sheet.

    Examples
    --------
    >>> sheet = written_handout(Handout("Age", [("", [("Age", "62 years")])], "You are 62."),
    ...                         date(2026, 11, 22))
    >>> "<td>62 years</td>" in sheet, "<script" in sheet
    (True, False)
    """
    title = escape(content.title)
    parts = [
        f'<header><h1>{title}</h1><p>{today:%d %B %Y} · osteoteach</p></header>',
        f'<p class="answer">{escape(content.sentence)}</p>',
        _warnings(content.warnings),
        _settings(content.settings),
        "".join(_figure(name, words) for name, words in content.charts),
        _section("Why this answer", content.why),
        _section("How sure is this", content.how_sure, "sure"),
        _section("Sources", content.sources, "sources"),
        _link(content.link),
        f'<footer><strong>{DISCLAIMER}</strong></footer>',
    ]
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{title} · osteoteach handout</title><style>{_STYLE}</style></head>"
            f"<body><main>{''.join(parts)}</main></body></html>\n")


def file_name(title: str) -> str:
    """A name for the file, from the heading.

    Examples
    --------
    >>> file_name("Is the change real?")
    'osteoteach-is-the-change-real'
    """
    words = re.findall(r"[a-z0-9]+", title.lower())
    return "-".join(["osteoteach", *words])[:80]


def _warnings(warnings: Sequence[tuple[str, str]]) -> str:
    items = "".join(f"<li><strong>{escape(SEVERITIES.get(severity, severity))}:</strong> "
                    f"{escape(text)}</li>" for severity, text in warnings)
    return f'<ul class="warnings">{items}</ul>' if items else ""


def _settings(groups: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> str:
    tables = "".join(
        "<table>" + (f"<caption>{escape(label)}</caption>" if label else "")
        + "".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>'
                  for name, value in rows) + "</table>"
        for label, rows in groups if rows)
    return f'<section class="settings"><h2>Settings</h2><div>{tables}</div></section>'


def _figure(name: str, words: str) -> str:
    if not _CHART_NAME.fullmatch(name):
        return ""
    return (f'<figure><div role="img" aria-label="{escape(words, quote=True)}">'
            f"<!--chart:{name}--></div></figure>")


def _section(title: str, markup: str, kind: str = "") -> str:
    inner = plain_markup(markup)
    return f'<section class="{kind}"><h2>{title}</h2>{inner}</section>' if inner else ""


def _link(link: str) -> str:
    if len(link) > MOST_LINK or not _ADDRESS.fullmatch(link):
        return ""
    address = escape(link, quote=True)
    return f'<p class="link">Open this scenario: <a href="{address}">{address}</a></p>'


def plain_markup(markup: str) -> str:
    """HTML with paragraphs, lists, tables and links; all else is left as its text.

    Examples
    --------
    >>> plain_markup('<p onclick="x()">T <button>−2.5</button><script>x()</script></p>')
    '<p>T −2.5</p>'
    """
    reader = _PlainMarkup()
    reader.feed(markup)
    reader.close()
    return reader.written()


class _PlainMarkup(HTMLParser):
    """Keeps what a printed sheet can show; closes what was left open."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._open: list[str] = []
        self._hidden: list[str] = []

    def written(self) -> str:
        return "".join(self._out) + "".join(f"</{tag}>" for tag in reversed(self._open))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            if tag == "br" and not self._hidden:
                self._out.append("<br>")
            return
        said = dict(attrs)
        if self._hidden or tag in _DROPPED or "hidden" in said:
            self._hidden.append(tag)
            return
        if tag in _KEPT:
            self._open.append(tag)
            self._out.append(f"<{tag}{self._attributes(tag, said)}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            if tag in self._hidden:
                while self._hidden.pop() != tag:
                    pass
            return
        if tag not in self._open:
            return
        while True:
            last = self._open.pop()
            self._out.append(f"</{last}>")
            if last == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._out.append(escape(data, quote=False))

    @staticmethod
    def _attributes(tag: str, said: dict[str, str | None]) -> str:
        address = said.get("href") or ""
        if tag == "a" and _ADDRESS.fullmatch(address):
            return f' href="{escape(address, quote=True)}"'
        if tag == "th" and said.get("scope") in ("col", "row"):
            return f' scope="{said["scope"]}"'
        return ""


# Sizes for paper: about two A4 pages with every fold open.
_STYLE = """
@page { size: A4; margin: 8mm 12mm; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: #17242f;
  font: 9.5pt/1.35 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans",
  "Liberation Sans", Arial, sans-serif; }
main { max-width: 190mm; margin: 0 auto; padding: 6mm; }
@media print { main { max-width: none; padding: 0; } }
h1 { margin: 0; font-size: 16pt; line-height: 1.2; }
h2 { margin: 2mm 0 0.5mm; font-size: 10.5pt; }
h3, h4 { margin: 2mm 0 0; font-size: 9pt; }
p { margin: 0 0 0.8mm; }
header { display: flex; justify-content: space-between; align-items: baseline; gap: 5mm; }
header p, .link { color: #4a5b69; font-size: 8pt; }
.answer { margin: 2mm 0; padding: 2mm 3mm; border-left: 1.5mm solid #14568a;
  background: #f2f5f7; font-size: 11.5pt; font-weight: 600; }
.warnings { margin: 2mm 0; padding: 1.5mm 3mm; border-left: 1.5mm solid #9c1c1c;
  list-style: none; font-size: 8.5pt; }
.settings div { columns: 3; column-gap: 6mm; }
.settings table { width: 100%; break-inside: avoid; margin-bottom: 1.5mm; }
table { border-collapse: collapse; font-size: 6.5pt; line-height: 1.2;
  font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; color: #14568a; }
th, td { padding: 0.1mm 2.5mm 0.1mm 0; border-bottom: 0.2mm solid #d3dbe1; text-align: left;
  vertical-align: top; font-weight: 400; }
.settings table { font-size: 7.5pt; }
.settings td { font-weight: 600; text-align: right; padding-right: 0; }
thead th { font-weight: 600; }
figure { display: inline-block; width: 44%; margin: 0.5mm 2.5%; vertical-align: top;
  break-inside: avoid; }
figure svg { display: block; width: 100%; height: auto; }
section { font-size: 7.3pt; line-height: 1.22; }
.sure { columns: 2; column-gap: 6mm; }
.sure h2 { column-span: all; }
section ul, section ol { margin: 0 0 1.2mm; padding-left: 5mm; }
.sources { font-size: 5.6pt; line-height: 1.18; overflow-wrap: anywhere; }
.sources ul, .sources ol { columns: 3; column-gap: 5mm; }
a { color: #14568a; overflow-wrap: anywhere; }
.sources a { color: inherit; }
footer { margin-top: 1.5mm; padding-top: 1mm; border-top: 0.3mm solid #71808c; }
@media (max-width: 600px) { figure { width: 100%; }
  .settings div, .sure, .sources ul, .sources ol { columns: 1; } }
"""
