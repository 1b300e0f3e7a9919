"""``osteoteach``: serve the dashboards, open the lab, copy the notebooks, check the set-up.

The commands about answers are in ``progress`` and ``handing_in``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

import osteoteach
from osteoteach.commands.checks import run_checks
from osteoteach.commands.export import export
from osteoteach.commands.folders import copy_notebooks, notebooks_folder
from osteoteach.commands.handing_in import classkey, collect, handin
from osteoteach.commands.lab_server import lab_command
from osteoteach.commands.progress import progress, review
from osteoteach.commands.running import run_server as _run
from osteoteach.commands.serve import serve
from osteoteach.errors import DataError, InputError
from osteoteach.progress.problems import StoreProblem

__all__ = ["main"]

DASHBOARDS_PORT, LAB_PORT = 8866, 8888


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(osteoteach.__version__, prog_name="osteoteach")
def cli() -> None:
    """Learn whether, and how far, bone loss can be reversed.

    For teaching. Not for patient care.
    """


_port = click.option("--port", type=click.IntRange(0, 65535), default=None,
                     help="Port to listen on; 0 for any free one.")
_no_browser = click.option("--no-browser", is_flag=True, help="Only print the address.")


LOCAL = "127.0.0.1"


@cli.command()
@_port
@_no_browser
@click.option("--ip", default=LOCAL, metavar="ADDRESS", show_default=True,
              help="Address to listen on; 0.0.0.0 lets a class on the same network in.")
def apps(port: int | None, no_browser: bool, ip: str) -> None:
    """Serve the dashboards on this computer and open the gallery.

    For a class, use osteoteach serve: it knows how many pages this computer holds.
    """
    from osteoteach.view.serving import find_free_port, voila_command

    chosen = find_free_port(DASHBOARDS_PORT if port is None else port, ip)
    address = f"http://{LOCAL}:{chosen}/"
    argv, environment = voila_command(notebooks_folder(), chosen, open_browser=False, ip=ip)
    _announce("The dashboards are at", address)
    if ip == LOCAL:
        # Nobody else can reach this server: whatever browser it is, the learner is the same.
        environment.setdefault("OSTEOTEACH_LEARNER", "me")
    else:
        from osteoteach.view.classroom.join import lan_address

        host = lan_address()
        click.echo(f"For the class: http://{host}:{chosen}/" if host else
                   "No network address was found: is this computer on the class's network?")
    _run(argv, environment, None if no_browser else address)


@cli.command(context_settings={"ignore_unknown_options": True})
@_port
@_no_browser
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def lab(port: int | None, no_browser: bool, options: tuple[str, ...]) -> None:
    """Open JupyterLab on the notebooks; other OPTIONS go to JupyterLab.

    From an installed package, copy them first (osteoteach copy DIR) and start
    jupyter lab there, so that your work is not overwritten by an update.
    """
    from osteoteach.view.serving import find_free_port

    chosen = find_free_port(LAB_PORT if port is None else port)
    argv = lab_command(notebooks_folder(), chosen)
    if no_browser:
        argv.append("--no-browser")
    argv += options
    click.echo(f"JupyterLab starts on port {chosen}; stop it with Ctrl+C.")
    _run(argv, None, None)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def copy(folder: Path) -> None:
    """Give yourself a working copy of the notebooks in FOLDER.

    Files that are already there are kept, never overwritten.
    """
    written, kept = copy_notebooks(folder)
    click.echo(f"{written} files copied to {folder}.")
    if kept:
        click.echo(f"{kept} were there already and were left as they are.")
    click.echo(f"Start with: jupyter lab {folder}")


@cli.command()
def doctor() -> None:
    """Say what is missing on this computer, and how to get it."""
    failed = 0
    for check in run_checks():
        mark = click.style("ok     ", fg="green") if check.ok else click.style("missing", fg="red")
        click.echo(f"{mark} {check.subject}: {check.finding}")
        if not check.ok:
            failed += check.required
            click.echo(f"        {check.remedy}")
    click.echo("Everything needed is here." if not failed
               else f"{failed} thing(s) to put right first.")
    sys.exit(1 if failed else 0)


for command in (serve, progress, review, handin, classkey, collect, export):
    cli.add_command(command)


def _announce(text: str, address: str) -> None:
    click.echo(f"{text} {click.style(address, bold=True)}")
    click.echo("Keep this window open; stop with Ctrl+C.")


def main() -> None:
    """Entry point: our own errors as one clear line, without a traceback."""
    try:
        cli()
    except (DataError, InputError, StoreProblem) as error:
        click.echo(click.style("osteoteach: ", fg="red") + str(error), err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
