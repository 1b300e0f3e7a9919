"""The process that forks kernels: many at once, killed, alone, and alike in nothing secret."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from osteoteach.view.hosting.nursery import PAGES
from osteoteach.view.hosting.nursery_line import NurseryGone, NurseryLine
from osteoteach.view.hosting.provisioner import ForkedKernel
from osteoteach.view.hosting.system import can_fork

NOTEBOOKS = Path(__file__).parents[1] / "notebooks" / "dashboards"
pytestmark = pytest.mark.skipif(not can_fork(), reason="kernels are forked on Linux only")

#: A kernel of its own that says how it is told apart from others, and ends.
TELL = ("import os, random, uuid, json, sys, threading; "
        "open(os.environ['TOLD'], 'w').write(json.dumps("
        "[random.random(), uuid.uuid4().hex, os.getcwd(), 'debugpy.server' in sys.modules]))")


def test_nursery_prepares_exactly_the_pages_that_are_served():
    cells = [json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"]
             for path in NOTEBOOKS.glob("*.ipynb")]
    imported = {"".join(cell).rpartition(" ")[2].strip() for cell in cells}
    assert imported == set(PAGES)


def _in_nursery(work):
    """Run ``work(nursery)`` in one loop with a nursery that is ready."""
    async def run():
        nursery = NurseryLine()
        try:
            await nursery.wait_until_ready()
            return await work(nursery)
        finally:
            nursery.close()

    return asyncio.run(run())


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "gone"


def test_kernels_forked_all_at_once_end_as_they_should_and_none_is_like_another(tmp_path):
    async def work(nursery):
        told = [tmp_path / f"told{number}" for number in range(6)]
        started = await asyncio.gather(*(
            nursery.fork(["-f", str(tmp_path / f"k{number}.json"),
                          f"--IPKernelApp.exec_lines={TELL}"],
                         {**os.environ, "TOLD": str(file), "IPYTHONDIR": str(tmp_path)},
                         str(tmp_path))
            for number, file in enumerate(told)))
        for _ in range(400):
            if all(file.exists() and file.read_text() for file in told):
                break
            await asyncio.sleep(0.05)
        # Half are killed, half asked to go; nobody is left as a zombie.
        for place, pid in enumerate(started):
            await nursery.signal(pid, signal.SIGKILL if place % 2 else signal.SIGTERM)
        codes = await asyncio.gather(*map(nursery.wait, started))
        await nursery.signal(started[0], signal.SIGKILL)  # one that is gone hears nothing
        return [json.loads(file.read_text()) for file in told], codes, started

    told, codes, started = _in_nursery(work)
    assert len({one[0] for one in told}) == len({one[1] for one in told}) == 6
    assert {one[2] for one in told} == {str(tmp_path)}
    assert not any(one[3] for one in told)
    assert list(codes) == [-signal.SIGTERM, -signal.SIGKILL] * 3
    assert {_state(pid) for pid in started} == {"gone"}


def test_nursery_that_is_killed_is_told_and_its_kernels_end(tmp_path):
    async def work(nursery):
        pids = await asyncio.gather(*(
            nursery.fork(["-f", str(tmp_path / f"k{number}.json")], dict(os.environ),
                         str(tmp_path))
            for number in range(4)))
        # Some of them have hardly begun.
        os.kill(nursery.pid, signal.SIGKILL)
        await asyncio.gather(*map(nursery.wait, pids))
        assert nursery.is_gone
        with pytest.raises(NurseryGone):
            await nursery.fork([], {}, str(tmp_path))
        # Who collects what is left of a kernel then is the computer's affair.
        for _ in range(300):
            if all(_state(pid) in ("gone", "Z") for pid in pids):
                return True
            await asyncio.sleep(0.1)
        return False

    assert _in_nursery(work)


def test_kernel_whose_nursery_ended_before_it_began_ends_at_once():
    code = "import sys; from osteoteach.view.hosting.nursery import _end_with; " \
           "_end_with(int(sys.argv[1])); print('goes on')"
    for parent, said in ((os.getpid(), "goes on"), (os.getpid() + 1, "")):
        ran = subprocess.run([sys.executable, "-c", code, str(parent)], capture_output=True,
                             text=True, timeout=60, check=False)
        assert (ran.stdout.strip(), ran.returncode) == (said, 0 if said else 1)


def test_nursery_that_cannot_start_is_no_reason_not_to_serve():
    async def work():
        nursery = NurseryLine(command=("osteoteach.no_such_module",))
        with pytest.raises(NurseryGone):
            await nursery.wait_until_ready(20)
        nursery.close()
        return nursery.is_gone

    assert asyncio.run(work())


def test_only_this_pythons_own_kernel_is_forked(monkeypatch):
    from jupyter_client.provisioning import LocalProvisioner

    plainly = []

    async def plain(self, cmd, **_kwargs):
        plainly.append(cmd)

    monkeypatch.setattr(LocalProvisioner, "launch_kernel", plain)
    monkeypatch.setattr(ForkedKernel, "nursery", None)
    for cmd in (["R", "--slave"], [sys.executable, "-m", "ipykernel_launcher", "-f", "k.json"]):
        asyncio.run(ForkedKernel().launch_kernel(cmd))
    assert len(plainly) == 2
