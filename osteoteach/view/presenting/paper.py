"""A session on paper: the lecturer's plan, and the key with the answers.

One HTML file that prints well and asks for nothing from outside. The answers are computed
while it is written: ``python -m osteoteach.view.presenting.paper LIST plan`` prints it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from html import escape
from string import Template

from osteoteach.errors import DataError
from osteoteach.evidence import source
from osteoteach.view.classroom.reveal import model_words
from osteoteach.view.html import prose
from osteoteach.view.presenting.expected import Expected, Trial, expected, trial_of
from osteoteach.view.presenting.scenarios import ScenarioList, Step, load_list

__all__ = ["paper", "written_paper"]

SECONDS = 120

_SHEET = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #17242f; background: #fff;
  font: 1rem/1.5 system-ui, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 0 0 .4rem; }
section { margin: 1.6rem 0; padding-top: .8rem; border-top: 1px solid #71808c;
  break-inside: avoid; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0;
  border-bottom: 1px solid #d3dbe1; }
caption { text-align: left; font-weight: 600; }
dl { display: grid; grid-template-columns: 8.5rem 1fr; gap: .3rem 1rem; margin: 0; }
dt { font-weight: 600; } dd { margin: 0; }
.soft { color: #4a5b69; } a { color: #14568a; overflow-wrap: anywhere; }
@media (max-width: 480px) { dl { grid-template-columns: 1fr; } }
@media print { body { margin: 0; max-width: none; font-size: 10.5pt; } }
</style>
</head>
<body>
$body
<p class="soft">Written on $day. Answers computed by the model on that day. For teaching. Not for
patient care.</p>
</body>
</html>
""")


def paper(name: str, kind: str) -> str:
    """The paper of a list, written in a process of its own (some seconds).

    Parameters
    ----------
    name : str
        Name of the scenario list.
    kind : str
        ``"plan"``: everything the lecturer needs; ``"key"``: questions and answers.

    Raises
    ------
    InputError
        There is no such list.
    DataError
        The list breaks a rule, or an answer cannot be computed.
    """
    load_list(name)
    done = subprocess.run([sys.executable, "-m", __name__, name, kind], check=False,
                          capture_output=True, text=True, timeout=SECONDS)
    if done.returncode:
        raise DataError(f"{name}.yaml", "must have answers that can be computed",
                        done.stderr.strip().split("\n")[-1][-300:])
    return done.stdout


def written_paper(found: ScenarioList, kind: str) -> str:
    """The same, in this process."""
    rows = [(number, step, expected(step), trial_of(step.prepared) if step.prepared else None)
            for number, step in enumerate(found.steps, 1)]
    if kind == "key":
        title = f"Key: {found.title}"
        parts = [_key_part(*row) for row in rows if row[1].prepared is not None]
    else:
        title = f"Lecturer's plan: {found.title}"
        parts = [_timetable(found), *(_plan_part(*row) for row in rows)]
        if found.after:
            parts.append(f"<section><h2>At the end</h2><p>{prose(found.after)}</p></section>")
    head = (f"<h1>{escape(title)}</h1><p class=\"soft\">{found.minutes} minutes. "
            f"{prose(found.audience)}</p>")
    return _SHEET.substitute(title=escape(title), body=head + "".join(parts),
                             day=date.today().isoformat())


def _timetable(found: ScenarioList) -> str:
    rows, minute = [], 0.0
    for number, step in enumerate(found.steps, 1):
        vote = "vote" if step.prepared else ""
        rows.append(f"<tr><td>{number}</td><td>{minute:g} to {minute + step.minutes:g}</td>"
                    f"<td>{prose(step.title)}</td><td>{escape(step.dashboard)}</td>"
                    f"<td>{vote}</td></tr>")
        minute += step.minutes
    before = f"<p>{prose(found.before)}</p>" if found.before else ""
    return (f"{before}<table><caption>Timetable</caption><thead><tr><th>Step</th><th>Minutes</th>"
            "<th>Scenario</th><th>Dashboard</th><th></th></tr></thead>"
            f"<tbody>{''.join(rows)}</tbody></table>")


def _plan_part(number: int, step: Step, found: Expected, trial: Trial | None) -> str:
    rows = [("Ask", prose(step.ask)), *_question_rows(step), ("Show", prose(step.show)),
            ("Notes", prose(step.notes))]
    return _part(number, step, [*rows, *_answer_rows(step, found, trial)],
                 f" ({step.minutes:g} minutes, {escape(step.dashboard)})")


def _key_part(number: int, step: Step, found: Expected, trial: Trial | None) -> str:
    return _part(number, step, [*_question_rows(step), *_answer_rows(step, found, trial)])


def _question_rows(step: Step) -> list[tuple[str, str]]:
    if step.prepared is None:
        return []
    asked = step.prepared.question
    rows = [("Question", prose(asked.prompt))]
    if asked.choices:
        rows.append(("Choices", "; ".join(map(prose, asked.choices))))
    return rows


def _answer_rows(step: Step, found: Expected, trial: Trial | None) -> list[tuple[str, str]]:
    said = model_words(step.prepared.question, found) if step.prepared else found.sentence
    rows = [("Model", prose(said))]
    if trial is not None:
        rows.append(("Trial", prose(trial.text)))
    rows.append(("Take home", prose(step.point)))
    ids: Iterable[str] = dict.fromkeys((*((trial.source_id,) if trial else ()), *step.sources))
    rows.append(("Sources", "<br>".join(
        f'{escape(source(one).reference)} <a href="{escape(source(one).link, quote=True)}">'
        f"{escape(source(one).link)}</a>" for one in ids)))
    return rows


def _part(number: int, step: Step, rows: list[tuple[str, str]], after: str = "") -> str:
    told = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in rows)
    return (f"<section><h2>{number}. {prose(step.title)}<span class=\"soft\">{after}</span></h2>"
            f"<dl>{told}</dl></section>")


def main(name: str, kind: str) -> None:
    """Print one paper."""
    sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.write(written_paper(load_list(name), kind))


if __name__ == "__main__":
    main(*sys.argv[1:])
