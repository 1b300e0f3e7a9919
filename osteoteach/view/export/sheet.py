"""One scenario as one HTML file: what the dashboard shows at its settings, charts live.

The file holds the chart engine, each chart's spec and the numbers that the dashboard has
sent to its own charts, so it needs neither kernel nor network; its content security policy
forbids both. Nothing is computed here. What a list or a dashboard says is escaped; the
folds, which are HTML already, are read again and only plain markup of theirs is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

from osteoteach.evidence import source
from osteoteach.view.answer import SEVERITIES
from osteoteach.view.control import PARTS, TEMPLATE
from osteoteach.view.handout import DISCLAIMER, plain_markup
from osteoteach.view.html import prose
from osteoteach.view.live_chart import VegaRuntime, engine_text
from osteoteach.view.page import Page
from osteoteach.view.presenting.scenarios import ScenarioList, Step

__all__ = ["Neighbour", "chart_facts", "index_sheet", "scenario_sheet"]

_HERE = Path(__file__).parent
_STATIC = TEMPLATE / "static"
_CHART = _HERE.parent / "static"
#: No address at all; the engine compiles chart expressions, and is itself a blob.
_POLICY = ("default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:; "
           "script-src 'unsafe-inline' blob:; base-uri 'none'; form-action 'none'")


@dataclass(frozen=True)
class Neighbour:
    """Another page of the same folder."""

    file: str
    title: str


def scenario_sheet(found: ScenarioList, number: int, page: Page,
                   before: Neighbour | None, after: Neighbour | None) -> str:
    """The page of one step, from its dashboard at the step's settings."""
    step = found.step(number)
    title = f"{number}. {step.title}"
    body = f"""
<div class="ot-page"><div class="ot-frame">
<div class="ot-title"><div class="ot-title-words">
<p>{prose(found.title)} · {prose(page.frame.title)}</p><h1>{prose(title)}</h1>
<p class="ot-ask">{prose(step.ask)}</p></div></div>
<div class="ot-grid">{_settings(page)}
<section class="ot-result" aria-labelledby="result">
<h2 id="result" class="ot-hidden">Answer</h2>
<div class="ot-answer ot-card" data-tone="{escape(page.frame.tone)}">
<p class="ot-sentence">{escape(page.frame.sentence)}</p></div>
{_warnings(page.frame.warnings)}
<div class="ot-charts">{''.join(map(_chart_place, page.charts))}</div>
{_folds(step, page)}
</section></div>
<p class="ot-point"><strong>Take home.</strong> {prose(step.point)}</p>
{_steps(before, after)}
<p class="ot-footer">{DISCLAIMER} Computed by the model on {date.today():%d %B %Y}. This page
needs no network and sends nothing.</p>
</div></div>
<noscript><p class="ot-note">The charts need JavaScript.</p></noscript>"""
    facts = {name: chart_facts(chart) for name, chart in page.charts.items()}
    return _document(f"{title} · osteoteach", body, _chart_scripts(facts))


def index_sheet(found: ScenarioList, files: Iterable[str]) -> str:
    """The page that lists the scenarios."""
    tiles = "".join(
        f'<li class="ot-tile"><h2><a href="{escape(file, quote=True)}">{prose(step.title)}</a>'
        f"</h2><p>{prose(step.ask)}</p></li>"
        for file, step in zip(files, found.steps, strict=True))
    body = f"""
<div class="ot-gallery"><h1>{prose(found.title)}</h1>
<p class="ot-intro">{prose(found.audience)} {len(found.steps)} scenarios, {found.minutes} minutes.
Answer each question before you open it.</p>
<ol class="ot-cards ot-cards-small ot-steps">{tiles}</ol>
<p class="ot-note">{DISCLAIMER}</p></div>"""
    return _document(f"{found.title} · osteoteach", body, "")


def chart_facts(chart: Any) -> dict[str, Any]:
    """What a chart is drawn from: spec, data, signals and words, as the dashboard has them."""
    return {"spec": chart.spec, "data": chart.data, "signals": chart.signals,
            "description": chart.description, "filename": chart.filename}


def _document(title: str, body: str, scripts: str) -> str:
    styles = "\n".join(path.read_text(encoding="utf-8") for path in (
        _STATIC / "tokens.css", _STATIC / "site.css", PARTS / "page.css",
        _CHART / "live_chart.css", _HERE / "export.css", PARTS / "page_print.css"))
    theme = (_STATIC / "theme.js").read_text(encoding="utf-8")
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<link rel="icon" href="data:,">
<script>{theme}</script>
<style>{styles}</style>
</head>
<body class="ot-site">
<a class="ot-skip" href="#ot-main">Skip to the page</a>
<header class="ot-bar"><a class="ot-brand" href="index.html">osteoteach</a>
<a href="index.html">All scenarios</a>
<button type="button" class="ot-theme-switch" aria-label="Dark theme" aria-pressed="false"
 hidden>Dark</button></header>
<main id="ot-main" tabindex="-1">{body}
</main>
{scripts}
</body>
</html>
"""


def _settings(page: Page) -> str:
    tables = "".join(
        "<table>" + (f"<caption>{escape(group.label)}</caption>" if group.label else "")
        + "".join(f'<tr><th scope="row">{escape(control.label)}</th>'
                  f"<td>{escape(control.in_words(control.held()))}</td></tr>"
                  for control in group.controls if control.visible) + "</table>"
        for group in page.groups if any(control.visible for control in group.controls))
    return ('<section class="ot-settings ot-card" aria-labelledby="settings" tabindex="0">'
            f'<h2 id="settings">Settings</h2>{tables}</section>')


def _warnings(warnings: Iterable[tuple[str, str]]) -> str:
    loud, quiet = [], []
    for severity, text in warnings:
        item = (f'<li data-severity="{escape(severity)}"><strong>'
                f"{escape(SEVERITIES.get(severity, severity))}:</strong> {escape(text)}</li>")
        (loud if severity in ("contraindicated", "warning") else quiet).append(item)
    if not loud and not quiet:
        return ""
    rest = (f"<details><summary>What else to know about this plan ({len(quiet)})</summary>"
            f"<ul>{''.join(quiet)}</ul></details>" if quiet else "")
    return (f'<section class="ot-warnings ot-card" aria-label="Warnings">'
            f'<ul class="ot-warnings-open">{"".join(loud)}</ul>{rest}</section>')


def _chart_place(name: str) -> str:
    return f'<div class="ot-chart ot-card" data-chart="{escape(name, quote=True)}"></div>'


def _folds(step: Step, page: Page) -> str:
    read = "".join(
        f'<li>{escape(source(one).reference)} <a href="{escape(source(one).link, quote=True)}">'
        f"Open {escape(source(one).short)}</a></li>" for one in step.sources)
    parts = [("Why this answer", plain_markup(page.frame.why), " open"),
             ("How sure is this", plain_markup(page.frame.how_sure), " open"),
             ("Sources of the numbers", plain_markup(page.frame.sources), ""),
             ("To read on", f"<ul>{read}</ul>" if read else "", "")]
    return '<div class="ot-folds ot-card">' + "".join(
        f'<details{state}><summary>{title}</summary><div class="ot-fold-body">{inner}</div>'
        "</details>" for title, inner, state in parts if inner) + "</div>"


def _steps(before: Neighbour | None, after: Neighbour | None) -> str:
    links = [f'<a rel="{way}" href="{escape(one.file, quote=True)}">{word}: {prose(one.title)}</a>'
             for way, word, one in (("prev", "Back", before), ("next", "Next", after)) if one]
    return f'<nav class="ot-steps-nav" aria-label="Scenarios">{"".join(links)}</nav>'


def _chart_scripts(facts: Mapping[str, Any]) -> str:
    runtime = VegaRuntime.shared()
    held = {"charts": facts, "digest": runtime.digest,
            "engine": engine_text().decode("utf-8"),
            "drawing": (_CHART / "live_chart.js").read_text(encoding="utf-8")}
    start = (_HERE / "export.js").read_text(encoding="utf-8")
    return (f'<script type="application/json" id="held">{_json(held)}</script>\n'
            f"<script>{start}</script>")


def _json(held: Any) -> str:
    """JSON that no text in it can end: the page reads it back unchanged."""
    return (json.dumps(held, ensure_ascii=False, allow_nan=False)
            .replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))
