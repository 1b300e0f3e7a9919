"""Many users at once, each with Lab and a dashboard: memory, times, and what culling returns.

``make hub-load``, or ``python -m tests.hub.load --users 30``; ``--plain`` measures the same with
JupyterHub's own single-user server and Voila's own extension, for comparison. Users have an
environment of their own, without what only our tests need (``--users-python``).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from osteoteach.commands.folders import notebooks_folder
from tests.hub.running import Hub, Visitor
from tests.test_progress_postgres import Server, programs

TOKEN = "for-this-measurement-only"


def memory_mb(hub: Hub) -> dict[str, list[float]]:
    """Memory by kind of process, in MB: pages that are shared count for each in part (PSS)."""
    found: dict[str, list[float]] = {"servers": [], "kernels": [], "hub": [], "proxy": [],
                                     "rooms": []}
    top = psutil.Process(hub.process.pid)
    for process in (top, *top.children(recursive=True)):
        try:
            words = " ".join(process.cmdline())
            size = process.memory_full_info().pss / 1e6
        except psutil.Error:
            continue
        kind = ("kernels" if "ipykernel" in words else "servers"
                if "hub_server" in words or "singleuser" in words else "rooms"
                if "class_service" in words else "proxy" if "http-proxy" in words else
                "hub" if "-m jupyterhub" in words else None)
        if kind:
            found[kind].append(size)
    return found


def servers_running(hub: Hub) -> int:
    """How many; asked often, so without a look at each page of their memory."""
    count = 0
    for process in psutil.Process(hub.process.pid).children():
        # One may end between the list and the question.
        with contextlib.suppress(psutil.Error):
            words = " ".join(process.cmdline())
            count += "hub_server" in words or "singleuser" in words
    return count


def open_pages(visitor: Visitor) -> float:
    """Open Lab and a dashboard; seconds until the whole page of the dashboard was there."""
    assert visitor.get("lab").status_code == 200
    began = time.monotonic()
    visitor.open_page("dashboards/noise.ipynb")
    return time.monotonic() - began


def cull(hub: Hub) -> float:
    """Start a culler that waits five seconds; how long until all servers are gone."""
    began = time.monotonic()
    culler = subprocess.Popen(
        [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=5", "--cull-every=5",
         f"--url={hub.address}/hub/api"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "JUPYTERHUB_API_TOKEN": TOKEN})
    try:
        while servers_running(hub) and time.monotonic() < began + 150:
            time.sleep(1)
    finally:
        culler.terminate()
        culler.wait(10)
    return time.monotonic() - began


def told(name: str, values: list[float], unit: str) -> None:
    values = sorted(values)
    print(f"{name}: median {statistics.median(values):.1f} {unit}, "
          f"worst {values[-1]:.1f}, n={len(values)}", flush=True)


def measure(hub: Hub, users: int) -> None:
    visitors = [Visitor(hub, f"user{number}") for number in range(users)]
    for visitor in visitors:
        visitor.log_in()
    cpu = psutil.cpu_times()
    began = time.monotonic()
    with ThreadPoolExecutor(users) as pool:
        told("server ready", list(pool.map(lambda one: one.start_server(400), visitors)), "s")
        print(f"all servers after {time.monotonic() - began:.1f} s")
        told("dashboard's page", list(pool.map(open_pages, visitors)), "s")
    after = psutil.cpu_times()
    spent = after.user + after.system - cpu.user - cpu.system
    print(f"CPU of the whole machine meanwhile: {spent:.0f} s in {time.monotonic() - began:.0f} s "
          f"on {os.cpu_count()} cores")
    found = memory_mb(hub)
    for kind, sizes in found.items():
        if sizes:
            told(f"memory, {kind}", sizes, "MB")
    each = (sum(found["servers"]) + sum(found["kernels"])) / users
    print(f"memory for each user (PSS): {each:.0f} MB", flush=True)
    print(f"culled after {cull(hub):.0f} s; left: "
          f"{sum(map(sum, memory_mb(hub).values())):.0f} MB for hub, proxy and rooms", flush=True)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=30)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--users-python", default=sys.executable)
    options = parser.parse_args()
    with (tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as data,
          tempfile.TemporaryDirectory(prefix="hub-", ignore_cleanup_errors=True) as folder):
        postgres = Server(Path(data), programs())
        postgres.start()
        hub = Hub(Path(folder), postgres, HUB_TEST_TOKEN=TOKEN,
                  OSTEOTEACH_PYTHON=os.path.abspath(options.users_python),
                  **({"HUB_TEST_PLAIN": str(notebooks_folder())} if options.plain else {}))
        try:
            hub.start()
            measure(hub, options.users)
        finally:
            hub.stop()
            postgres.stop("immediate")


if __name__ == "__main__":
    main()
