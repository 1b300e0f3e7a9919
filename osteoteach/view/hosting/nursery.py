"""A process that has imported everything once, and forks a kernel when asked.

A kernel that starts from nothing imports for more than half a second and keeps some 75 MB
for itself. One that is forked from here starts in a few hundredths of a second and shares
what is only read: the code of Python, ipykernel and osteoteach, and the evidence.

``python -m osteoteach.view.hosting.nursery FD`` speaks lines of JSON over the socket FD:

- ``{"fork": NUMBER, "argv": [...], "env": {...}, "cwd": "..."}`` is answered by
  ``{"forked": NUMBER, "pid": PID}`` or ``{"failed": NUMBER, "why": "..."}``;
- ``{"signal": PID, "number": 15}`` goes to the process group of one of its children;
- ``{"ended": PID, "code": CODE}`` tells, unasked, that a child is no more.

Only this process reaps its children, and only it signals them, so a process number is never
somebody else's. When the server is gone the socket ends, and then so do all kernels. A
thread or a ZeroMQ context does not survive a fork in order: `prepare` refuses to go on with
one, and the server then starts plain kernels.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import random
import signal
import socket
import sys
import threading
import time
import traceback
from selectors import EVENT_READ, DefaultSelector
from typing import Any, NoReturn

from osteoteach.progress.prepare import loaded, nothing_in_background

__all__ = ["Nursery", "prepare"]

#: Also what a kernel would import only while it starts.
KERNEL = ("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "anywidget",
          "IPython.core.debugger", "IPython.core.completerlib", "IPython.core.oinspect",
          "IPython.extensions.storemagic", "tornado.platform.asyncio", "tornado.queues",
          "psutil", "resource")
PAGES = ("cases", "claims", "classroom", "diagnose", "noise", "population", "pretest",
         "reversal", "review", "risk", "sequence")
GOODBYE_SECONDS = 3
#: From <linux/prctl.h>: the signal that a process gets when its parent ends.
PR_SET_PDEATHSIG = 1
#: Address space that a kernel may fill with data of its own, the shared part included.
MOST_DATA_BYTES = 2 * 1024**3


def prepare() -> None:
    """Import what kernels need, and let every page read its evidence once.

    Raises
    ------
    RuntimeError
        If that left a thread behind: then nothing may be forked from here.
    """
    # A debugger would cost every kernel 33 MB and a second, and nobody may use it here.
    sys.modules["debugpy"] = None
    for name in KERNEL:
        importlib.import_module(name)
    from ipywidgets import Widget

    # What a first answer needs is shared too. A page would load it in a thread of its own.
    loaded()
    with nothing_in_background():
        for name in PAGES:
            # The tables that a page reads are kept by the modules that read them; the page
            # itself is thrown away, because its widgets belong to no kernel.
            importlib.import_module(f"osteoteach.view.dashboards.{name}").page()
    Widget.close_all()
    if threading.active_count() > 1:
        names = ", ".join(thread.name for thread in threading.enumerate())
        raise RuntimeError(f"These threads would not survive a fork: {names}.")
    # Collected now and left alone afterwards: a collection would write to shared memory.
    gc.collect()
    gc.freeze()


class Nursery:
    """Forks kernels, passes signals on, and tells when a kernel has ended.

    Parameters
    ----------
    line : socket.socket
        To the server.
    """

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._children: set[int] = set()
        self._heard = b""
        self._woken, self._wake = socket.socketpair()

    def serve(self) -> None:
        """Do what the server asks until it is gone, then end all kernels."""
        for end in (self._woken, self._wake):
            end.setblocking(False)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        # Ctrl+C in the server's window reaches this process too; the server decides.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with DefaultSelector() as ready:
            ready.register(self._line, EVENT_READ)
            ready.register(self._woken, EVENT_READ)
            while True:
                asked = [key.fileobj for key, _ in ready.select()]
                if self._woken in asked:
                    with contextlib.suppress(BlockingIOError):
                        self._woken.recv(4096)
                self._reap()
                if self._line in asked and not self._listen(ready):
                    break
        self._end_all()

    def _listen(self, ready: DefaultSelector) -> bool:
        """Take what has come; False when the server is gone."""
        try:
            heard = self._line.recv(1 << 16)
        except ConnectionError:
            heard = b""
        if not heard:
            return False
        *lines, self._heard = (self._heard + heard).split(b"\n")
        for line in lines:
            wish = json.loads(line)
            if "fork" in wish:
                self._fork(wish, ready)
            elif wish["signal"] in self._children:
                self._signal(wish["signal"], wish["number"])
        return True

    def _fork(self, wish: dict[str, Any], ready: DefaultSelector) -> None:
        nursery = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:  # no memory, or too many processes
            self._tell({"failed": wish["fork"], "why": str(error)})
            return
        if pid == 0:
            _become_kernel(nursery, wish, ready, self._line, self._woken, self._wake)
        # Here and in the child: whoever is first, a signal right after finds the group.
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
        self._children.add(pid)
        self._tell({"forked": wish["fork"], "pid": pid})

    def _signal(self, pid: int, number: int) -> None:
        # A child that has ended is not reaped yet, so the number is still its own.
        try:
            os.killpg(pid, number)
        except OSError:
            with contextlib.suppress(OSError):
                os.kill(pid, number)

    def _reap(self) -> None:
        while self._children:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._children.discard(pid)
            self._tell({"ended": pid, "code": os.waitstatus_to_exitcode(status)})

    def _tell(self, news: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # the server is gone; the next read says so
            self._line.sendall(json.dumps(news).encode() + b"\n")

    def _end_all(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in self._children:
                self._signal(pid, number)
            patience = time.monotonic() + GOODBYE_SECONDS
            while self._children and time.monotonic() < patience:
                self._reap()
                time.sleep(0.02)


def _become_kernel(nursery: int, wish: dict[str, Any], ready: DefaultSelector,
                   *lines: socket.socket) -> NoReturn:
    """In the child: leave everything of the parent behind and be a kernel."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        _end_with(nursery)
        os.setpgid(0, 0)
        ready.close()
        for line in lines:
            line.close()
        _limit_data()
        os.environ.clear()
        os.environ.update(wish["env"])
        os.chdir(wish["cwd"])
        # Python itself gives each child a new state of `random`; said here because it matters.
        random.seed()
        code = _run_kernel(nursery, wish["argv"])
    except SystemExit as wanted:
        code = wanted.code if isinstance(wanted.code, int) else int(wanted.code is not None)
    except BaseException:  # noqa: BLE001  what is not told here is told by nobody
        traceback.print_exc()
    finally:
        for stream in (sys.__stdout__, sys.__stderr__):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


def _end_with(parent: int) -> None:
    """Let the system end this process when its parent ends, and at once if it has already.

    ipykernel's own look at the parent is not enough here: it starts late, and what it finds
    then may be whoever has adopted the kernel.
    """
    import ctypes

    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL)):
        raise OSError(ctypes.get_errno(), "The system does not tell of a parent's end.")
    if os.getppid() != parent:
        os._exit(1)


def _run_kernel(nursery: int, argv: list[str]) -> int:
    import atexit

    import ipywidgets
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = ["ipykernel_launcher", *argv]
    # A kernel's modules come from the path, never from the folder of its notebook.
    sys.path[:] = [entry for entry in sys.path if entry]
    app = IPKernelApp.instance()
    # Read at import, so in the parent: the kernel ends when this process's parent does.
    app.parent_handle = nursery
    try:
        # No page asks for the history of its cells; keeping it takes a thread and a file.
        app.initialize([*argv, "--HistoryManager.enabled=False"])
        # Imported where there was no kernel yet, ipywidgets has not said what it answers to.
        ipywidgets.register_comm_target()
        app.start()
    finally:
        # What a plain kernel does on its way out: answers that wait are kept, sockets closed.
        atexit._run_exitfuncs()
    return 0


def _limit_data() -> None:
    """One page that goes wrong must not take the memory of all."""
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    if most == resource.RLIM_INFINITY or most > MOST_DATA_BYTES:
        resource.setrlimit(resource.RLIMIT_DATA, (MOST_DATA_BYTES, most))


def main() -> None:
    """Import, say so, and serve."""
    line = socket.socket(fileno=int(sys.argv[1]))
    prepare()
    with contextlib.suppress(OSError):  # the server was stopped meanwhile; `serve` sees that
        line.sendall(b'{"ready": true}\n')
    Nursery(line).serve()


if __name__ == "__main__":
    main()
