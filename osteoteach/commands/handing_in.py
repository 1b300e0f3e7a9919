"""``osteoteach handin``, ``classkey`` and ``collect``: from a student to an instructor."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from osteoteach.commands.files import write_text
from osteoteach.commands.progress import kept_answers, whose

__all__ = ["classkey", "collect", "handin"]

_new_file = click.Path(path_type=Path, dir_okay=False)
_old_file = click.Path(path_type=Path, dir_okay=False, exists=True)
TOKENS = "jupyter/voila/templates/osteoteach/static/tokens.css"


@click.command()
@click.argument("file", type=_new_file)
@click.option("--name", prompt="Your name, as your instructor should read it",
              help="The name to hand in under.")
@click.option("--class-key", type=_old_file, default=None,
              help="The key file that your instructor gave to the class.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@whose
def handin(file: Path, name: str, class_key: Path | None, force: bool,
           learner: str | None) -> None:
    """Write all your answers to one signed FILE for your instructor.

    It holds the name you give, your answers with their times, and nothing else about you.

    What the file proves: its SHA-256 shows that it arrived as it was written. It is signed
    with a key of this installation, which never leaves this computer: only this computer can
    tell by it that the file is its own. With --class-key it is also signed with your class's
    key: that shows that someone in the class wrote it, and that nobody outside changed it.
    Neither proves who answered, nor that the answers were given by hand.
    """
    from osteoteach.progress.handin import handin_text
    from osteoteach.progress.keys import installation_key, read_class_key

    key = read_class_key(class_key) if class_key else None
    records = kept_answers(learner)
    write_text(file, handin_text(records, name, installation_key(), key), force)
    click.echo(f"{len(records):,} answer{'s' * (len(records) != 1)} of {name.strip()} written to "
               f"{file}.")
    click.echo("Signed with the class key." if key else
               "Not signed with a class key; give --class-key if your instructor handed one out.")


@click.command()
@click.argument("file", type=_new_file)
@click.option("--class", "class_name", default="", help="A name for the class, kept in the file.")
def classkey(file: Path, class_name: str) -> None:
    """Make a key FILE for your class, for handin and collect.

    Give the file to your students, and keep it. It tells files of the class from files of
    others. It does not tell one student from another: all of them have it.
    """
    from osteoteach.progress.keys import new_class_key

    key = new_class_key(file, class_name)
    click.echo(f"Class key {key.key_id} written to {file}.")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("-o", "--output", type=_new_file, default=Path("report.html"), show_default=True,
              help="The report; a table of all answers is written beside it as .csv.")
@click.option("--class-key", type=_old_file, default=None,
              help="Count only files that are signed with this key.")
@click.option("--title", default="Class report", show_default=True)
def collect(folder: Path, output: Path, class_key: Path | None, title: str) -> None:
    """Read the hand-in files in FOLDER and write a class report (HTML) and a table (CSV).

    Every file is checked: size, format, hash, signature, doubles. One that cannot be used is
    named with the reason, and the others are read. An earlier report is overwritten.
    """
    from osteoteach.evidence import table
    from osteoteach.progress.class_report import report_html
    from osteoteach.progress.class_summary import summarise
    from osteoteach.progress.collect import collect as collect_files
    from osteoteach.progress.collect import table_csv
    from osteoteach.progress.keys import read_class_key

    found = collect_files(folder, read_class_key(class_key) if class_key else None)
    summary = summarise([one.hand_in for one in found if one.counts])
    labels = {row["gap_id"]: row["what"] for row in table("learning_gaps")}
    tokens = files("osteoteach.view").joinpath(TOKENS).read_text("utf-8")
    write_text(output, report_html(title, found, summary, labels, tokens), overwrite=True)
    write_text(output.with_suffix(".csv"), table_csv(found), overwrite=True)
    for one in found:
        if not one.counts:
            click.echo(f"not counted: {one.file}: {'; '.join(one.findings)}")
    click.echo(f"{summary.learners} of {len(found)} files count, {summary.answers:,} "
               f"answer{'s' * (summary.answers != 1)}.")
    click.echo(f"Report: {output}")
    click.echo(f"Table:  {output.with_suffix('.csv')}")
