"""Kernels from the nursery, in the place where Jupyter asks how a kernel is started.

Jupyter hands every provisioner the command of the kernel. If that is this Python's own
ipykernel and the nursery is there, the kernel is forked; else it is started as always.
"""

from __future__ import annotations

import os
import pathlib
import sys
from importlib.metadata import EntryPoint
from typing import Any, ClassVar

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

from osteoteach.view.hosting.nursery_line import NurseryGone, NurseryLine

__all__ = ["ForkedKernel", "register"]

NAME = "osteoteach-forked"


class ForkedKernel(LocalProvisioner):
    """A kernel that the nursery forked, or a plain one where that cannot be."""

    #: The nursery of this server; None switches forking off.
    nursery: ClassVar[NurseryLine | None] = None
    _forked: int | None = None

    @property
    def has_process(self) -> bool:
        return self._forked is not None or super().has_process

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        arguments = _arguments_of_own_kernel(cmd)
        if self.nursery is None or self.nursery.is_gone or arguments is None:
            return await super().launch_kernel(cmd, **kwargs)
        env = {name: str(value) for name, value in (kwargs.get("env") or os.environ).items()}
        try:
            # At the server's start: a plain kernel would import the same, only for itself.
            await self.nursery.wait_until_ready()
            self._forked = await self.nursery.fork(
                arguments, env, str(kwargs.get("cwd") or pathlib.Path.cwd()))
        except NurseryGone as gone:
            self.log.warning("A kernel could not be forked and is started plainly: %s", gone)
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.pgid = self._forked
        self.cwd = kwargs.get("cwd", pathlib.Path.cwd())
        return self.connection_info

    async def poll(self) -> int | None:
        if self._forked is None:
            return await super().poll()
        return self.nursery.exit_code(self._forked)

    async def wait(self) -> int | None:
        if self._forked is None:
            return await super().wait()
        code = await self.nursery.wait(self._forked)
        self.nursery.forget(self._forked)
        self._forked = None
        return code

    async def send_signal(self, signum: int) -> None:
        if self._forked is None:
            return await super().send_signal(signum)
        return await self.nursery.signal(self._forked, signum)

    async def kill(self, restart: bool = False) -> None:
        if self._forked is None:
            return await super().kill(restart)
        return await self.send_signal(9)

    async def terminate(self, restart: bool = False) -> None:
        if self._forked is None:
            return await super().terminate(restart)
        return await self.send_signal(15)


def _arguments_of_own_kernel(cmd: list[str]) -> list[str] | None:
    """What stands behind ``python -m ipykernel_launcher`` of this very Python.

    Examples
    --------
    >>> import sys
    >>> _arguments_of_own_kernel([sys.executable, "-m", "ipykernel_launcher", "-f", "k.json"])
    ['-f', 'k.json']
    >>> _arguments_of_own_kernel(["R", "--slave", "-e", "IRkernel::main()"])
    """
    if len(cmd) < 3 or cmd[1:3] != ["-m", "ipykernel_launcher"]:
        return None
    return cmd[3:] if cmd[0] == sys.executable else None


def register(nursery: NurseryLine | None) -> None:
    """Let this process start its kernels with `ForkedKernel`."""
    ForkedKernel.nursery = nursery
    factory = KernelProvisionerFactory.instance()
    # Only here: an entry point in the package would offer it to every Jupyter of the computer.
    factory.provisioners[NAME] = EntryPoint(
        NAME, f"{__name__}:{ForkedKernel.__name__}", KernelProvisionerFactory.GROUP_NAME)
    factory.default_provisioner_name = NAME
