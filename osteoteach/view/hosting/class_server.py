"""Voila for a class: ``python -m osteoteach.view.hosting.class_server NOTEBOOKS``.

`osteoteach serve` starts it with :func:`osteoteach.view.serving.class_command`.
"""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

from tornado.ioloop import PeriodicCallback
from traitlets import Bool, Float, Integer
from voila.utils import ENV_VARIABLE

from osteoteach.view.hosting import provisioner
from osteoteach.view.hosting.kernels import ClassKernels
from osteoteach.view.hosting.logs import access_log, scrub_logs
from osteoteach.view.hosting.nursery_line import NurseryGone, NurseryLine
from osteoteach.view.hosting.pages import ClassPageHandler, health_handler
from osteoteach.view.hosting.room import Room
from osteoteach.view.hosting.system import can_fork
from osteoteach.view.server import OsteoteachVoila, configuration

__all__ = ["ClassServer", "main"]

STOP_SECONDS = 20


class ClassServer(OsteoteachVoila):
    """Our Voila with a limit, kernels that wait ahead, health, and silent logs."""

    page_handler = ClassPageHandler

    max_kernels = Integer(20, help="Most viewers at a time.").tag(config=True)
    spares = Integer(1, help="Kernels that wait ahead for each dashboard.").tag(config=True)
    fork = Bool(True, help="Fork kernels where the system can.").tag(config=True)
    log_addresses = Bool(False, help="Write visitors' addresses into the log.").tag(config=True)
    never_visited_seconds = Float(
        60, help="A kernel goes whose page did not connect in this time.").tag(config=True)
    left_seconds = Float(
        180, help="A kernel goes whose page is no longer connected for this long: "
        "long enough for a network that stumbles.").tag(config=True)
    sweep_seconds = Float(5, help="How often is looked.").tag(config=True)
    look_again_seconds = Integer(
        15, help="How often a visitor who found no place looks again.").tag(config=True)
    nursery: NurseryLine | None = None
    _sweeping: PeriodicCallback | None = None

    def init_settings(self) -> dict[str, Any]:
        settings = super().init_settings()
        scrub_logs(self.log, addresses=self.log_addresses)
        if self.fork and can_fork():
            self.nursery = NurseryLine()
        provisioner.register(self.nursery)
        room = Room(self.max_kernels, self.never_visited_seconds, self.left_seconds)
        self.kernel_manager = settings["kernel_manager"] = ClassKernels(
            parent=self, room=room, spares_per_page=self.spares,
            connection_dir=self.connection_dir, kernel_spec_manager=self.kernel_spec_manager,
            allowed_message_types=self.kernel_manager.allowed_message_types)
        # A phone whose network is gone is noticed in half a minute instead of two.
        settings["ws_ping_interval"], settings["ws_ping_timeout"] = 10_000, 30_000
        settings["look_again_seconds"] = self.look_again_seconds
        settings["log_function"] = access_log(addresses=self.log_addresses)
        return settings

    def init_handlers(self) -> list:
        # Here, because now there is a loop that has not yet begun.
        asyncio.get_event_loop().create_task(self._begin())
        return [health_handler(self.server_url), *super().init_handlers()]

    def kernel_environment(self) -> dict[str, str]:
        """The environment of a kernel that starts before anybody has asked for it."""
        return {**os.environ, ENV_VARIABLE.VOILA_BASE_URL: self.base_url,
                ENV_VARIABLE.VOILA_SERVER_URL: self.server_url,
                ENV_VARIABLE.VOILA_APP_PORT: str(self.port)}

    async def _begin(self) -> None:
        if self.nursery is not None:
            try:
                await self.nursery.wait_until_ready()
            except NurseryGone as gone:
                self.log.warning("Kernels are not forked, which needs more memory: %s", gone)
        self.kernel_manager.open_pools()
        self._sweeping = PeriodicCallback(self._sweep, self.sweep_seconds * 1000)
        self._sweeping.start()

    async def _sweep(self) -> None:
        ended = await self.kernel_manager.sweep()
        if ended:
            self.log.info("%d kernels that nobody visits were ended.", ended)

    def stop(self) -> None:
        # It is under way: a second Ctrl+C must not leave half of it undone.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        if self._sweeping is not None:
            self._sweeping.stop()
        try:
            # In the loop in which they live; Voila's own `stop` takes another one.
            self.ioloop.run_sync(self.kernel_manager.shutdown_all, timeout=STOP_SECONDS)
        finally:
            if self.nursery is not None:
                self.nursery.close()
            super().stop()


def main() -> None:
    """Serve until interrupted."""
    ClassServer.launch_instance(config=configuration(for_class=True))


if __name__ == "__main__":
    main()
