"""The kernels of a class: spares that wait with a built page, and viewers' own.

Voila can keep pools of kernels that have run their notebook before anybody asks, but
refuses to together with a ``prelaunch_hook``, hands the address of one visitor to the kernel
of the next, counts a pool's broken kernels as good and knows no limit. So its manager is
used for what it does well, building pages ahead, and the pools themselves are kept here.
Every page is built that way, also one whose visitor is waiting. It asks its visitor's
browser for the link that it was opened with, as all our pages do: nothing in a notebook has
to wait for the request, and no kernel has the query in its environment.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2.bccache import Bucket, BytecodeCache
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from traitlets import Instance, Integer
from voila.notebook_renderer import NotebookRenderer
from voila.request_info_handler import RequestInfoSocketHandler
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
        self._compiled = CompiledTemplates()
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
            built = await self._build(notebook)
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

    def _drop_dead(self, notebook: str) -> list[asyncio.Task]:
        pool = self._pools.get(notebook, [])
        pool[:] = [spare for spare in pool if not spare.done() or (
            _is_good(spare) and spare.result()["kernel_id"] in self)]
        return pool

    async def _build(self, notebook: str) -> dict[str, Any]:
        self._starting += 1
        try:
            return await self._initialize(
                notebook, None, path=Path(notebook).parent.as_posix(),
                env={**self.parent.kernel_environment(), ENV_VARIABLE.VOILA_PREHEAT: "True"})
        finally:
            self._starting -= 1

    def _notebook_renderer_factory(self, notebook_path: str | None = None) -> NotebookRenderer:
        made = super()._notebook_renderer_factory(notebook_path)
        plainly = made.initialize

        async def initialize(**kwargs: Any) -> None:
            await plainly(**kwargs)
            made.exporter.environment.bytecode_cache = self._compiled

        made.initialize = initialize
        return made

    async def _make_place(self) -> None:
        """End a spare if a viewer's kernel would be one too many."""
        if len(self) + self._starting < self.room.limit:
            return
        for spare in self.spare_ids:
            await self.shutdown_kernel(spare, now=True)
            return

    # ---- Viewers --------------------------------------------------------------------

    async def get_rendered_notebook(self, notebook_name: str, **_: Any) -> tuple:
        """A visitor's page: a spare that is ready, else one that is built before their eyes."""
        spare = next((one for one in self._drop_dead(notebook_name) if one.done()), None)
        if spare is not None:
            self._pools[notebook_name].remove(spare)
            built = spare.result()
        else:
            await self._make_place()
            built = await self._build(notebook_name)
        self.log.info("A visitor opens %s, %s.", notebook_name,
                      "built for them" if spare is None else "built ahead")
        # From here on the visitor's request draws what is still to come.
        built["renderer"].stop_generator = True
        self.room.settle(built["kernel_id"])
        self.fill_if_needed(notebook_name=notebook_name)
        return built["task"], built["renderer"].rendered_cache, built["kernel_id"]

    def notify_connect(self, kernel_id: str) -> None:
        super().notify_connect(kernel_id)
        self.room.connected(kernel_id)

    def notify_disconnect(self, kernel_id: str) -> None:
        super().notify_disconnect(kernel_id)
        if not self._kernel_connections.get(kernel_id):
            self.room.alone(kernel_id)

    def remove_kernel(self, kernel_id: str) -> Any:
        self.room.leave(kernel_id)
        # Voila keeps the address of each visit in case the notebook asks for it.
        RequestInfoSocketHandler._cache.pop(kernel_id, None)
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
            self._drop_dead(path)
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


class CompiledTemplates(BytecodeCache):
    """Templates compiled once for all pages: that was half of what a page cost the server."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code
