"""``osteoteach export``: a list of scenarios as files that open anywhere."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["export"]

SHIPPED = "can_it_be_reversed"


@click.command()
@click.option("--scenarios", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              default=None, metavar="FILE",
              help=f"List of scenarios; default: the one that comes along ({SHIPPED}).")
@click.option("--to", "folder", type=click.Path(path_type=Path, file_okay=False),
              default=Path("osteoteach-scenarios"), show_default=True, metavar="FOLDER",
              help="Where to write.")
def export(scenarios: Path | None, folder: Path) -> None:
    """Write each scenario of a list as one HTML file with live charts.

    The files need no server, no Python and no network: mail them, put them on a stick or
    into a learning platform. The answers are computed now, by the model as it is installed.
    """
    from osteoteach.view.export import export_list
    from osteoteach.view.presenting.scenarios import load_list, read_list

    found = read_list(scenarios) if scenarios else load_list(SHIPPED)
    done = export_list(found, folder)
    count = f"{len(done.pages)} scenario{'s' * (len(done.pages) != 1)}"
    click.echo(f"{count} written to {folder}, {done.size_bytes / 1e6:.1f} MB. "
               f"Open {done.index}.")
