"""The kernels of a class: spares that wait with a built page, and viewers' own.

Voila can keep pools of kernels that have run their notebook before anybody asks, but
refuses to together with a ``prelaunch_hook``, hands the address of one visitor to the kernel
of the next, counts a pool's broken kernels as good and knows no limit. So its manager is
used for what it does well, building pages ahead, and the pools themselves are kept here.
A page that was built ahead asks its visitor's browser for the link that it was opened with,
as every page does; nothing in a notebook has to wait for the request.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path
from typing import Any

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from traitlets import Instance, Integer
from voila.utils import ENV_VARIABLE
from voila.voila_kernel_manager import voila_kernel_manager_factory

from osteoteach.view.hosting.room import Room
from osteoteach.view.serving import add_cards

__all__ = ["ClassKernels"]

PREPARED_FOLDER = "dashboards"
#: Two processors, and visitors come first: spares start one after the other.
STARTING_AT_A_TIME = 1
AGAIN_SECONDS = 60

_Prebuilding = voila_kernel_manager_factory(
    AsyncMappingKernelManager, preheat_kernel=True, default_pool_size=0,
    page_config_hook=add_cards)


class ClassKernels(_Prebuilding):
    """Kernels within a limit.

    Spares are started when `open_pools` is called, and again whenever one was handed out.
    """

    room = Instance(Room)
    spares_per_page = Integer(1, help="Kernels that wait ahead for each dashboard.")

    def __init__(self, **kwargs: Any) -> None:
        self._are_open = False
        self._starting = 0
        self._not_before: dict[str, float] = {}
        self._starts = asyncio.Semaphore(STARTING_AT_A_TIME)
        super().__init__(**kwargs)

    # ---- Spares ---------------------------------------------------------------------

    def open_pools(self) -> None:
        """Start the spares of all dashboards."""
        self._are_open = True
        for path in self._prepared_notebooks():
            self.fill_if_needed(notebook_name=path)

    def _prepared_notebooks(self) -> list[str]:
        folder = Path(self.root_dir) / PREPARED_FOLDER
        return sorted(path.relative_to(self.root_dir).as_posix()
                      for path in folder.glob("*.ipynb"))

    @property
    def spare_ids(self) -> set[str]:
        """Kernels that wait for a viewer."""
        return {spare.result()["kernel_id"] for pool in self._pools.values() for spare in pool
                if _is_good(spare)}

    def fill_if_needed(self, delay: float | None = None, notebook_name: str | None = None,
                       *_: Any, **__: Any) -> None:
        """Start what is missing in a page's pool, as far as the limit allows."""
        if not self._are_open or notebook_name not in self._prepared_notebooks() \
                or time.monotonic() < self._not_before.get(notebook_name, 0):
            return
        pool = self._pools.setdefault(notebook_name, [])
        for _ in range(self.spares_per_page - len(pool)):
            spare = asyncio.get_running_loop().create_task(
                self._start_spare(notebook_name, self.fill_delay if delay is None else delay))
            spare.add_done_callback(partial(self._drop_broken, notebook_name))
            pool.append(spare)

    async def _start_spare(self, notebook: str, delay: float) -> dict[str, Any]:
        await asyncio.sleep(delay)
        async with self._starts:
            if len(self) + self._starting >= self.room.limit:
                raise NoPlace
            self._starting += 1
            try:
                built = await self._initialize(
                    notebook, None, path=str(Path(notebook).parent),
                    env={**self.parent.kernel_environment(), ENV_VARIABLE.VOILA_PREHEAT: "True"})
            finally:
                self._starting -= 1
            # The page itself, so that the next spare does not slow this one down.
            await asyncio.wait([built["task"]])
            return built

    def _drop_broken(self, notebook: str, spare: asyncio.Task) -> None:
        """A spare that could not be started is none; a later sweep tries again."""
        if _is_good(spare):
            return
        if spare in self._pools.get(notebook, ()):
            self._pools[notebook].remove(spare)
        if not spare.cancelled() and not isinstance(spare.exception(), NoPlace):
            self._not_before[notebook] = time.monotonic() + AGAIN_SECONDS
            self.log.error("No kernel could be started ahead for %s: %s", notebook,
                           spare.exception())

    def get_pool_size(self, notebook_name: str) -> int:
        """Spares that can be handed out now."""
        pool = self._pools.get(notebook_name, [])
        pool[:] = [spare for spare in pool if not spare.done() or (
            _is_good(spare) and spare.result()["kernel_id"] in self)]
        # One that is still starting would keep a visitor waiting behind others.
        pool.sort(key=lambda spare: not spare.done())
        return sum(spare.done() for spare in pool)

    async def get_rendered_notebook(self, notebook_name: str, **_: Any) -> tuple:
        """Hand a spare out. Nothing of this visitor's address goes to the next kernel."""
        task, cache, kernel_id = await super().get_rendered_notebook(notebook_name)
        self.room.settle(kernel_id)
        return task, cache, kernel_id

    async def _make_place(self) -> None:
        """End a spare if a viewer's kernel would be one too many."""
        if len(self) + self._starting < self.room.limit:
            return
        for spare in self.spare_ids:
            await self.shutdown_kernel(spare, now=True)
            return

    # ---- Viewers --------------------------------------------------------------------

    async def start_kernel(self, **kwargs: Any) -> str:
        await self._make_place()
        self._starting += 1
        try:
            kernel_id = await super().start_kernel(**kwargs)
        finally:
            self._starting -= 1
        self.room.settle(kernel_id)
        return kernel_id

    def notify_connect(self, kernel_id: str) -> None:
        super().notify_connect(kernel_id)
        self.room.connected(kernel_id)

    def notify_disconnect(self, kernel_id: str) -> None:
        super().notify_disconnect(kernel_id)
        if not self._kernel_connections.get(kernel_id):
            self.room.alone(kernel_id)

    def remove_kernel(self, kernel_id: str) -> Any:
        self.room.leave(kernel_id)
        return super().remove_kernel(kernel_id)

    async def sweep(self) -> int:
        """End the kernels that nobody visits, start missing spares; how many were ended."""
        ended = 0
        for kernel_id in self.room.overdue():
            if kernel_id in self:
                await self.shutdown_kernel(kernel_id)
                ended += 1
            self.room.leave(kernel_id)
        for path in self._prepared_notebooks():
            self.get_pool_size(path)
            self.fill_if_needed(notebook_name=path)
        return ended

    async def shutdown_all(self, *args: Any, **kwargs: Any) -> None:
        self._are_open = False
        for pool in self._pools.values():
            for spare in pool:
                spare.cancel()
        await super().shutdown_all(*args, **kwargs)


class NoPlace(Exception):
    """There is no place for a spare now."""


def _is_good(spare: asyncio.Task) -> bool:
    return spare.done() and not spare.cancelled() and spare.exception() is None
