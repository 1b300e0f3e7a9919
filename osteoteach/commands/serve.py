"""``osteoteach serve``: the dashboards for a whole class, from one computer."""

from __future__ import annotations

import io

import click

from osteoteach.commands.folders import notebooks_folder
from osteoteach.commands.running import run_server

__all__ = ["serve"]

LOCAL = "127.0.0.1"
PORT = 8866
MOST_KERNELS, MOST_SPARES = 1000, 20


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True,
              help="Port to listen on; 0 for any free one.")
@click.option("--ip", default=LOCAL, metavar="ADDRESS", show_default=True,
              help="Address to listen on; 0.0.0.0 lets the class's network in.")
@click.option("--max-kernels", type=int, default=None, metavar="NUMBER",
              help="Most pages open at a time; by default what this computer's memory holds.")
@click.option("--spares", type=int, default=1, show_default=True, metavar="NUMBER",
              help="Pages of each dashboard that are built before anybody asks.")
@click.option("--fork/--no-fork", default=True, show_default=True,
              help="Let kernels share memory (Linux only).")
@click.option("--log-addresses", is_flag=True,
              help="Write visitors' network addresses into the log.")
def serve(port: int, ip: str, max_kernels: int | None, spares: int, fork: bool,
          log_addresses: bool) -> None:
    """Serve the dashboards for a class.

    For a lecture hall: osteoteach serve --ip 0.0.0.0. When all places are taken, the next
    visitor sees a page that waits. /health says how full it is.
    """
    from osteoteach.view.hosting.room import checked_limit, default_limit, memory_bytes
    from osteoteach.view.hosting.system import can_fork
    from osteoteach.view.serving import class_command, find_free_port

    forked = fork and can_fork()
    memory = memory_bytes()
    limit = default_limit(memory, forked=forked) if max_kernels is None else checked_limit(
        "max-kernels", max_kernels, 1, MOST_KERNELS)
    checked_limit("spares", spares, 0, MOST_SPARES)
    chosen = find_free_port(port, ip)
    argv, environment = class_command(
        notebooks_folder(), chosen, ip=ip, max_kernels=limit, spares=spares, fork=forked,
        log_addresses=log_addresses)
    _welcome(chosen, ip)
    click.echo(_capacity(limit, memory, forked=forked, chosen=max_kernels is not None))
    click.echo("Keep this window open; stop with Ctrl+C.")
    run_server(argv, environment, None)


def _welcome(port: int, ip: str) -> None:
    """What a teacher needs to know, with the address as a square for phones."""
    from osteoteach.view.classroom.join import join_address

    here = f"http://{ip if ip not in ('0.0.0.0', '::') else LOCAL}:{port}"
    click.echo(f"On this computer  {click.style(here + '/', bold=True)}")
    found = join_address(f"http://{LOCAL}:{port}", "/", ip)
    if found.problem:
        click.echo("For the class     only this computer can open it. "
                   "Start it with --ip 0.0.0.0 to let the class in."
                   if ip == LOCAL else f"For the class     {found.problem}")
        return
    address = found.address.removesuffix("class/")
    click.echo(f"For the class     {click.style(address, bold=True)}")
    click.echo(f"To vote           {found.address}")
    click.echo(_square(address))


def _square(address: str) -> str:
    """A QR code for a terminal."""
    import segno

    out = io.StringIO()
    segno.make_qr(address).terminal(out, compact=True)
    return out.getvalue()


def _capacity(limit: int, memory: int | None, *, forked: bool, chosen: bool) -> str:
    """How many pages may be open, and why so many.

    Examples
    --------
    >>> _capacity(102, 8 * 1024**3, forked=True, chosen=False)
    'Room for 102 open pages: this computer has 8.0 GB, and kernels share memory.'
    >>> _capacity(12, None, forked=False, chosen=True)
    'Room for 12 open pages, as you chose.'
    """
    room = f"Room for {limit} open {'page' if limit == 1 else 'pages'}"
    if chosen:
        return f"{room}, as you chose."
    if memory is None:
        return f"{room}: how much memory this computer has could not be told."
    shared = "kernels share memory" if forked else "every kernel has its own memory"
    return f"{room}: this computer has {memory / 1024**3:.1f} GB, and {shared}."
