"""A class on one computer: memory a viewer, time to the first chart, sliders under load.

``make load``. Viewers are light clients (:mod:`benchmarks.viewer`), because thirty browsers
would need more of the computer than what is measured; one real Chromium tab beside them says
whether the numbers agree. Everything goes to 127.0.0.1. The measure of memory is what the
whole server (Voila, nursery, all kernels) takes more than without viewers, by viewer. The
slider-only notebook is measured on a plain Voila, and again on the class server.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.first_change import LATENCY, PAGES
from benchmarks.pages import _p
from benchmarks.served_pages import _notebooks
from benchmarks.viewer import Viewer
from osteoteach.view.serving import class_command, find_free_port, voila_command
from tests.browser.conftest import chromium_options

__all__ = ["run"]

#: Page -> the slider that moves, and two places for it.
MOVED = {"slider_only": ("Value", 40, 60), "reversal": ("years", 3, 7),
         "sequence": ("years", 2, 6)}
ARRIVALS = (1, 5, 10, 20, 30)
ARRIVE_SECONDS = 10
#: Even: a round ends where the next one does not begin, or nothing would change.
MOVE_SECONDS = 16
PLAIN_VIEWERS = 5


@dataclass
class Server:
    """A server that was started for a measurement."""

    url: str
    process: subprocess.Popen

    def page(self, name: str) -> str:
        return f"{self.url}/voila/render/dashboards/{name}.ipynb"

    def processes(self) -> list[int]:
        """The server and all that it started."""
        parents: dict[int, list[int]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    after = (entry / "stat").read_text().rpartition(")")[2].split()
                    parents.setdefault(int(after[1]), []).append(int(entry.name))
        found, new = [], [self.process.pid]
        while new:
            found += new
            new = [child for parent in new for child in parents.get(parent, [])]
        return found

    def memory_mb(self) -> float:
        """Proportional set size of all of them: what is shared counts once."""
        whole = 0
        for pid in self.processes():
            with contextlib.suppress(OSError):
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                whole += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return whole / 1024

    def processor_seconds(self) -> float:
        """Processor time of all of them up to now."""
        ticks = 0
        for pid in self.processes():
            with contextlib.suppress(OSError):
                after = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += int(after[11]) + int(after[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def run(pages: Sequence[str] = tuple(MOVED), arrivals: Sequence[int] = ARRIVALS,
        tab: bool = True) -> None:
    """Print everything. Goals: 1.25 times the slider-only memory; p95 below 150 ms at 30."""
    with tempfile.TemporaryDirectory() as folder:
        notebooks = _notebooks(Path(folder))
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before the start")
        with _server(notebooks, None) as plain:
            floor = asyncio.run(_plain_memory(plain))
        print(f"slider-only notebook on a plain Voila: {floor:.1f} MB a viewer "
              f"({PLAIN_VIEWERS} viewers)")
        with _server(notebooks, max(arrivals) + 15) as server:
            asyncio.run(_loads(server, pages, arrivals, floor, tab))


async def _plain_memory(server: Server) -> float:
    # The first one pays for what the server itself reads once.
    first = Viewer(server.page("slider_only"))
    await first.open()
    before = server.memory_mb()
    viewers = [Viewer(server.page("slider_only")) for _ in range(PLAIN_VIEWERS)]
    for viewer in viewers:
        await viewer.open()
    await asyncio.sleep(1)
    return (server.memory_mb() - before) / PLAIN_VIEWERS


async def _loads(server: Server, pages: Sequence[str], arrivals: Sequence[int], floor: float,
                 tab: bool) -> None:
    await _until_waiting(server)
    for page in pages:
        print(f"\n{page}\n{'viewers':>7} {'first chart s, median':>21} {'slowest':>8} "
              f"{'MB a viewer':>12} {'to floor':>8}   {'move p50 ms':>11} {'p95':>6}  moves   "
              f"{'server CPU':>10} {'client CPU':>10}")
        for number in arrivals:
            await _one_load(server, page, number, floor)
            await _until_waiting(server)
        if tab:
            await _beside_a_tab(server, page, max(arrivals) - 1)
            await _until_waiting(server)


async def _one_load(server: Server, page: str, number: int, floor: float) -> None:
    empty = server.memory_mb()
    viewers = await _arrive(server, page, number)
    seconds = [viewer.chart_seconds for viewer in viewers]
    mine, theirs, start = _own_seconds(), server.processor_seconds(), time.perf_counter()
    times = await _move_all(viewers, page)
    wall = time.perf_counter() - start
    mine, theirs = _own_seconds() - mine, server.processor_seconds() - theirs
    await asyncio.sleep(2)  # the last spare is back in its place
    mb = (server.memory_mb() - empty) / number
    await _leave(viewers)
    print(f"{number:7} {statistics.median(seconds):21.2f} {max(seconds):8.2f} {mb:12.1f} "
          f"{mb / floor:8.2f}   {1000 * _p(times, 0.5):11.0f} {1000 * _p(times, 0.95):6.0f} "
          f"{len(times):6}   {theirs / wall:10.2f} {mine / wall:10.2f}", flush=True)


async def _arrive(server: Server, page: str, number: int) -> list[Viewer]:
    """Viewers who come within ten seconds, evenly."""
    async def come(viewer: Viewer, after: float) -> Viewer:
        await asyncio.sleep(after)
        await viewer.open()
        return viewer

    return await asyncio.gather(*(
        come(Viewer(server.page(page)), place * ARRIVE_SECONDS / number)
        for place in range(number)))


async def _move_all(viewers: Sequence[Viewer], page: str) -> list[float]:
    """Everybody moves one slider once a second, each at a moment of their own."""
    name, one, other = MOVED[page]

    async def move(viewer: Viewer, place: int) -> list[float]:
        control, times = viewer.named(name), []
        begin = time.perf_counter() + place / len(viewers)
        for count, value in zip(range(MOVE_SECONDS), itertools.cycle((one, other)), strict=False):
            await asyncio.sleep(max(0, begin + count - time.perf_counter()))
            times.append(await viewer.move(control, value))
        return times[1:]  # the first answer of a page reads what later ones remember

    found = await asyncio.gather(*(move(viewer, place) for place, viewer in enumerate(viewers)))
    return list(itertools.chain.from_iterable(found))


async def _leave(viewers: Sequence[Viewer]) -> None:
    for viewer in viewers:
        await viewer.leave()


async def _beside_a_tab(server: Server, page: str, number: int) -> None:
    """The same load from one fewer, and a real browser's slider among them."""
    viewers = await _arrive(server, page, number)
    tab = asyncio.create_task(asyncio.to_thread(_tab, server, page))
    times = []
    while not tab.done():
        times += await _move_all(viewers, page)
    seconds, seen = await tab
    print(f"beside {number} viewers, one Chromium tab: first chart {seconds:.2f} s, move p50 "
          f"{_p(seen, 0.5):.0f} ms, p95 {_p(seen, 0.95):.0f} ms ({len(seen)} moves); the others "
          f"meanwhile p50 {1000 * _p(times, 0.5):.0f} ms, p95 {1000 * _p(times, 0.95):.0f} ms",
          flush=True)
    await _leave(viewers)


def _tab(server: Server, page: str) -> tuple[float, list[float]]:
    from playwright.sync_api import sync_playwright

    sliders, which, watched = PAGES[page]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium_options())
        opened = browser.new_page(viewport={"width": 1366, "height": 768})
        start = time.perf_counter()
        opened.goto(server.page(page), wait_until="commit")
        opened.wait_for_selector(watched, state="attached", timeout=60_000)
        seconds = time.perf_counter() - start
        opened.wait_for_timeout(2000)
        opened.evaluate(LATENCY, [sliders, which, watched])
        for move in range(MOVE_SECONDS):
            opened.keyboard.press("ArrowRight" if move % 2 else "ArrowLeft")
            opened.wait_for_timeout(1000)
        times = opened.evaluate("window.otTimes")
        opened.close(run_before_unload=True)
        browser.close()
    return seconds, times


@contextlib.contextmanager
def _server(notebooks: Path, limit: int | None) -> Iterator[Server]:
    """A class server with a limit, or without one a plain Voila."""
    port = find_free_port(0)
    if limit is None:
        argv, environment = voila_command(notebooks, port, open_browser=False)
    else:
        argv, environment = class_command(notebooks, port, max_kernels=limit)
    process = subprocess.Popen(argv, env=environment, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        server = Server(f"http://127.0.0.1:{port}", process)
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{server.url}/voila/tree", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        else:
            sys.exit("The server did not start.")
        yield server
    finally:
        process.terminate()
        process.wait(60)


async def _until_waiting(server: Server, seconds: float = 60) -> None:
    """Until everybody has left and each dashboard has its spare."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        with urllib.request.urlopen(f"{server.url}/health", timeout=5) as answer:
            kernels = json.load(answer)["kernels"]
        if kernels["in_use"] == 0 and kernels["waiting"] >= len(PAGES):
            break
        await asyncio.sleep(0.5)
    await asyncio.sleep(2)


def _own_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
