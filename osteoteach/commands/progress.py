"""``osteoteach progress`` and ``osteoteach review``: a learner's own answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from osteoteach.commands.files import write_text
from osteoteach.errors import InputError

if TYPE_CHECKING:
    from osteoteach.progress.review import ReviewItem
    from osteoteach.progress.store import AnswerRecord

__all__ = ["kept_answers", "progress", "review", "say_what_was_found"]

whose = click.option("--learner", default=None, metavar="NAME",
                     help="Whose answers; default: yours (on a hub, your user name).")


def kept_answers(learner: str | None) -> tuple[AnswerRecord, ...]:
    """The answers, after saying what was found wrong with the file, if anything was."""
    from osteoteach.progress.store import open_store

    records = open_store(learner=learner).answers()
    say_what_was_found()
    return records


def say_what_was_found() -> None:
    """Say, once, that a damaged file was put aside; other problems go on as errors."""
    from osteoteach.progress.store import StoreProblem, open_store

    try:
        open_store().retry()
    except StoreProblem as problem:
        if not problem.saved:
            raise
        click.echo(str(problem), err=True)


@click.group(invoke_without_command=True)
@whose
@click.pass_context
def progress(context: click.Context, learner: str | None) -> None:
    """Show what you answered, how much was right, and how sure you were.

    The answers lie in your own data folder, or where OSTEOTEACH_DATABASE_URL says.
    """
    if context.invoked_subcommand is not None:
        context.obj = learner
        return
    records = kept_answers(learner)
    if not records:
        click.echo("No answer is kept yet. Start with: osteoteach lab")
        return
    for line in _overview(records):
        click.echo(line)


def _overview(records: Sequence[AnswerRecord]) -> Iterable[str]:
    from osteoteach.progress.confidence import calibration

    items = {(record.item_kind, record.item_id) for record in records}
    scored = [record for record in records if record.score is not None]
    first, last = (min(record.answered_at for record in records)[:10],
                   max(record.answered_at for record in records)[:10])
    yield (f"{_counted(len(records), 'answer')} to {_counted(len(items), 'item')}, "
           f"{first} to {last}.")
    if not scored:
        yield "None of them has a right or wrong."
        return
    yield f"{_right(scored)} right, of {_counted(len(scored), 'answer')} with a result."
    yield ""
    by_tag = defaultdict(list)
    for record in scored:
        for tag in record.tags:
            by_tag[tag].append(record)
    if by_tag:
        width = max(map(len, by_tag))
        yield f"{'Gap or objective':<{max(width, 16)}}  answers  right"
        for tag, several in sorted(by_tag.items(), key=lambda one: (_share(one[1]), one[0])):
            yield f"{tag:<{max(width, 16)}}  {len(several):>7}  {_right(several):>5}"
        yield ""
    yield calibration(scored).in_words


def _counted(number: int, name: str) -> str:
    return f"{number:,} {name}{'s' * (number != 1)}"


def _share(records: Sequence[AnswerRecord]) -> float:
    return sum(record.score for record in records) / len(records)


def _right(records: Sequence[AnswerRecord]) -> str:
    return f"{100 * _share(records):.0f}%"


@progress.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--everyone", is_flag=True, help="The answers of all learners of this database.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@click.pass_obj
def export_answers(learner: str | None, file: Path, everyone: bool, force: bool) -> None:
    """Write your answers to FILE: .csv for a spreadsheet, .json for xAPI statements.

    Both can be imported again. The only personal datum in them is the learner's name.
    """
    from osteoteach.progress.exchange import answers_csv, answers_json
    from osteoteach.progress.store import EVERYONE

    writers = {".csv": answers_csv, ".json": answers_json}
    if file.suffix.lower() not in writers:
        raise InputError(str(file), "must end in .csv or .json", file.suffix, "Name it so.")
    records = kept_answers(EVERYONE if everyone else learner)
    write_text(file, writers[file.suffix.lower()](records), force)
    click.echo(f"{_counted(len(records), 'answer')} written to {file}.")


@progress.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def import_answers(file: Path) -> None:
    """Add the answers of an exported FILE. Importing twice changes nothing."""
    from osteoteach.progress.exchange import read_answers
    from osteoteach.progress.store import open_store

    records = read_answers(file)
    new = open_store().record_many(records)
    say_what_was_found()
    click.echo(f"{_counted(new, 'new answer')} kept; {len(records) - new:,} were there already.")


@click.command()
@whose
def review(learner: str | None) -> None:
    """Say what is worth another look today, and how to open it.

    The days follow from your answers by FSRS, a published rule for spacing: a wrong answer
    comes back the next day, a right and sure one after weeks.
    """
    from datetime import UTC, datetime

    from osteoteach.progress.review import schedule

    now = datetime.now(UTC)
    items = schedule(kept_answers(learner), now)
    waiting = [item for item in items if item.due_at <= now]
    if waiting:
        click.echo(f"{_counted(len(waiting), 'item')} due:")
        for item in waiting:
            click.echo(f"  {item.item_kind:<8}  {item.item_id}  "
                       f"({100 * item.last_score:.0f}% right on "
                       f"{item.last_answered_at:%Y-%m-%d}, recall now about "
                       f"{100 * item.recall_now:.0f}%)")
        for line in _how_to_open(waiting):
            click.echo(line)
    elif items:
        click.echo(f"Nothing is due today. Next: {items[0].item_kind} {items[0].item_id} on "
                   f"{items[0].due_at:%Y-%m-%d}.")
    else:
        click.echo("Nothing to review yet: answer some questions first. Start with: "
                   "osteoteach lab")


def _how_to_open(waiting: Sequence[ReviewItem]) -> Iterable[str]:
    kinds = {item.item_kind for item in waiting}
    if "question" in kinds:
        ids = ", ".join(f'"{item.item_id}"' for item in waiting if item.item_kind == "question")
        yield "Questions, in a notebook (osteoteach lab):"
        yield "  from osteoteach.view.questions import quiz"
        yield f"  quiz([{ids}])"
    for kind, page in (("claim", "claims"), ("case", "cases")):
        if kind in kinds:
            yield f"{page.capitalize()}: run osteoteach apps and open the page {page}."
