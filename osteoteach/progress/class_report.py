"""The class report: one HTML file that asks nothing of the network and runs no script.

Every text in it came from a stranger's file and is escaped. Shares are numbers first; the
bar beside each is decoration, so nothing is lost to a reader who cannot see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from osteoteach.progress.class_summary import ClassSummary, PrePost
from osteoteach.progress.collect import Collected

__all__ = ["report_html"]

# No script, no picture, no address: only the styles in the file itself.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

STYLE = """
body { margin: 0; background: var(--ot-ground); color: var(--ot-ink);
  font: var(--ot-text-m)/1.5 var(--ot-font); }
main { max-width: 72rem; margin: 0 auto; padding: var(--ot-space-5) var(--ot-space-4); }
h1 { font-size: var(--ot-text-xl); line-height: 1.25; margin: 0 0 var(--ot-space-2); }
h2 { font-size: var(--ot-text-l); margin: 0 0 var(--ot-space-2); }
section { background: var(--ot-surface); border: 1px solid var(--ot-line);
  border-radius: var(--ot-radius); padding: var(--ot-space-4); margin-top: var(--ot-space-4); }
p { max-width: var(--ot-measure); margin: 0 0 var(--ot-space-3); }
p.note { color: var(--ot-ink-soft); font-size: var(--ot-text-s); }
.wide { overflow-x: auto; }
.wide:focus-visible { outline: 2px solid var(--ot-focus); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: var(--ot-space-2) var(--ot-space-3)
  var(--ot-space-2) 0; border-bottom: 1px solid var(--ot-line); overflow-wrap: break-word; }
td:last-child { overflow-wrap: anywhere; }
th { font-weight: 600; }
thead th { color: var(--ot-ink-soft); font-size: var(--ot-text-s); white-space: nowrap; }
td.number { white-space: nowrap; }
.code { color: var(--ot-ink-soft); font-size: var(--ot-text-s); font-weight: 400; }
.bar { display: block; position: relative; width: 8rem; height: 8px; margin-top: 4px;
  border: 1px solid var(--ot-border); border-radius: 2px; background: var(--ot-ground); }
.bar i { display: block; height: 100%; background: var(--ot-accent); }
.bar b { position: absolute; top: -4px; bottom: -4px; width: 2px; background: var(--ot-ink); }
@media (max-width: 40rem) {
  thead th { white-space: normal; vertical-align: bottom; }
  th[scope=row] { min-width: 9rem; font-size: var(--ot-text-s); }
  .bar { width: 4.5rem; }
}
@media print { body { background: none; } section { break-inside: avoid; } }
"""


def report_html(title: str, found: Sequence[Collected], summary: ClassSummary,
                labels: Mapping[str, str], tokens: str) -> str:
    """The whole report.

    Parameters
    ----------
    title : str
        Of the class, as the instructor wrote it.
    found : sequence of Collected
        Every file, whether it counts or not.
    summary : ClassSummary
        Of those that count.
    labels : mapping
        What a gap is about, by its id; a tag without one is shown as it is.
    tokens : str
        CSS with the design tokens (``--ot-ink`` and so on).
    """
    sections = [_finding(summary, labels), _tags(summary, labels), _pre_post(summary, labels),
                _confidence(summary), _items(summary), _files(found)]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{tokens}{STYLE}</style></head>"
        f'<body class="ot-site"><main><h1>{escape(title)}</h1>'
        f"{''.join(sections)}</main></body></html>\n")


def _counted(number: int, name: str) -> str:
    return f"{number:,} {name}{'s' * (number != 1)}"


def _bar(share_pct: float, mark_pct: float | None = None) -> str:
    mark = "" if mark_pct is None else f'<b style="left:calc({mark_pct:.0f}% - 1px)"></b>'
    return (f'<span class="bar" aria-hidden="true"><i style="width:{share_pct:.0f}%"></i>{mark}'
            "</span>")


def _share(share_pct: float) -> str:
    return f'<td class="number">{share_pct:.0f}%{_bar(share_pct)}</td>'


def _table(name: str, heads: Sequence[str], rows: Iterable[str]) -> str:
    cells = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    # A wide table scrolls inside its frame, also by keyboard.
    return (f'<div class="wide" role="region" aria-label="{escape(name)}" tabindex="0"><table>'
            f"<thead><tr>{cells}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>")


def _named(tag: str, labels: Mapping[str, str]) -> str:
    label = labels.get(tag)
    if label is None:
        return f'<th scope="row">{escape(tag)}</th>'
    return f'<th scope="row">{escape(label)}<br><span class="code">{escape(tag)}</span></th>'


def _finding(summary: ClassSummary, labels: Mapping[str, str]) -> str:
    said = f"{_counted(summary.learners, 'learner')}, {_counted(summary.answers, 'answer')}."
    if summary.tags:
        weakest = min(summary.tags, key=lambda one: (one.first_right_pct, one.tag))
        said += (f" Weakest at the first try: {labels.get(weakest.tag, weakest.tag)} "
                 f"({weakest.first_right_pct:.0f}% right, "
                 f"{_counted(weakest.learners, 'learner')}).")
    return f"<p>{escape(said)}</p>"


def _tags(summary: ClassSummary, labels: Mapping[str, str]) -> str:
    rows = [f"<tr>{_named(one.tag, labels)}<td>{one.learners}</td>{_share(one.first_right_pct)}"
            f"{_share(one.last_right_pct)}</tr>"
            for one in sorted(summary.tags, key=lambda one: (one.first_right_pct, one.tag))]
    body = _table("Gaps and objectives", ["Gap or objective", "Learners",
                                          "Right, first try", "Right, last try"], rows)
    return ("<section><h2>Gaps and objectives, the weakest first</h2>"
            "<p class=note>Mean over learners of the share right. The first try shows what was "
            "known before the feedback. The post-test is left out here.</p>"
            f"{body if rows else '<p>No answer carries a gap or an objective.</p>'}</section>")


def _pre_post(summary: ClassSummary, labels: Mapping[str, str]) -> str:
    if not summary.pre_post:
        return ("<section><h2>Before and after</h2><p>No learner handed in both a pre-test and a "
                "post-test.</p></section>")
    rows = [f"<tr>{_named(one.tag, labels) if one.tag else '<th scope=row>All questions</th>'}"
            f"<td>{one.learners}</td>{_share(one.pre_right_pct)}{_share(one.post_right_pct)}"
            f"<td>{_change(one)}</td></tr>" for one in summary.pre_post]
    body = _table("Before and after", ["Gap or objective", "Learners with both", "Pre-test right",
                                       "Post-test right", "Change"], rows)
    return ("<section><h2>Before and after</h2><p class=note>Only learners who sat both tests, "
            "first tries only. There is no group without the lessons: what else they read in "
            f"between is in the change too.</p>{body}</section>")


def _change(one: PrePost) -> str:
    points = one.post_right_pct - one.pre_right_pct
    return (f"{points:+.0f} points: {one.better} better, {one.same} the same, "
            f"{one.worse} worse")


def _confidence(summary: ClassSummary) -> str:
    found = summary.confidence
    if found.over_points is None:
        return ("<section><h2>Confidence</h2><p>No answer has both a confidence and a result."
                "</p></section>")
    word = "too sure" if found.over_points > 0 else "too modest"
    said = (f"{found.mean_confidence_pct:.0f}% sure on average, {found.right_pct:.0f}% right: "
            f"{abs(found.over_points):.0f} points {word}, over "
            f"{_counted(found.answers, 'answer')}.")
    rows = []
    for level in found.levels:
        cells = ("<td>–</td><td>–</td>" if not level.answers else
                 f"<td>{level.mean_confidence_pct:.0f}%</td><td class=number>"
                 f"{level.right_pct:.0f}%{_bar(level.right_pct, level.mean_confidence_pct)}</td>")
        rows.append(f"<tr><th scope=row>{level.low_pct} to {level.high_pct}%</th>"
                    f"<td>{level.answers:,}</td>{cells}</tr>")
    body = _table("Confidence against results", ["Confidence given", "Answers", "Mean confidence",
                                                 "Right (mark: mean confidence)"], rows)
    return f"<section><h2>Confidence against results</h2><p>{said}</p>{body}</section>"


def _items(summary: ClassSummary) -> str:
    rows = []
    for one in sorted(summary.items, key=lambda one: (one.first_right_pct, one.item_id)):
        error = "" if not one.commonest_error else (
            f"{escape(one.commonest_error)} ({_counted(one.commonest_error_learners, 'learner')})")
        rows.append(f"<tr><th scope=row>{escape(one.item_id)}<br><span class=code>"
                    f"{escape(one.item_kind)}, version {escape(one.item_version)}</span></th>"
                    f"<td>{one.learners}</td>{_share(one.first_right_pct)}"
                    f"{_share(one.last_right_pct)}<td>{error}</td></tr>")
    body = _table("Each question", ["Item", "Learners", "Right, first try", "Right, last try",
                                    "Commonest first answer that was not right"], rows)
    return ("<section><h2>Each question, the hardest first</h2>"
            f"{body if rows else '<p>No answer has a result.</p>'}</section>")


def _files(found: Sequence[Collected]) -> str:
    rows = []
    for one in found:
        learner = "–" if one.hand_in is None else escape(one.hand_in.learner)
        made = "–" if one.hand_in is None else escape(one.hand_in.made_at[:16].replace("T", " "))
        count = "–" if one.hand_in is None else f"{len(one.hand_in.answers):,}"
        rows.append(f"<tr><th scope=row>{escape(one.file)}</th><td>{learner}</td><td>{made}</td>"
                    f"<td>{count}</td><td>{'yes' if one.counts else 'no'}</td>"
                    f"<td>{escape('; '.join(one.findings))}</td></tr>")
    counting = sum(one.counts for one in found)
    body = _table("Files", ["File", "Learner", "Made (UTC)", "Answers", "Counts", "Finding"], rows)
    return (f"<section><h2>Files: {counting} of {len(found)} count</h2>"
            "<p class=note>A right hash shows that a file arrived as it was written. A class "
            "signature shows that someone with the class key wrote it. Neither shows who "
            f"answered.</p>{body}</section>")
