"""What a class server answers itself: a viewer's page or "the room is full", and its health."""

from __future__ import annotations

import json
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.utils import url_path_join
from tornado.web import RequestHandler

import osteoteach
from osteoteach.view.hosting.kernels import ClassKernels
from osteoteach.view.presenting.web import PresentingVoilaHandler

__all__ = ["ClassPageHandler", "Health", "health_handler"]


class ClassPageHandler(PresentingVoilaHandler):
    """A page with a kernel, if there is a place for one."""

    @property
    def kernels(self) -> ClassKernels:
        return self.settings["kernel_manager"]

    def should_use_rendered_notebook(self, *_: Any) -> bool:
        """Always: `ClassKernels` builds every page, ahead of its visitor or for them."""
        return True

    async def get(self, path: str | None = None) -> None:
        with self.kernels.room.arrival() as has_place:
            if has_place:
                # The cookie with which the page may end its kernel when its tab closes. A
                # page that was built ahead passes no prelaunch_hook, which sets it elsewhere.
                _ = self.xsrf_token
                await super().get(path)
                return
        every_seconds = self.settings["look_again_seconds"]
        self.set_status(503)
        self.set_header("Retry-After", str(every_seconds))
        self.set_header("Cache-Control", "no-store")
        self.finish(self.render_template(
            "full.html", base_url=self.base_url, limit=self.kernels.room.limit,
            every_seconds=every_seconds,
            health=url_path_join(self.base_url, "health")))


class Health(RequestHandler):
    """Whether the server answers, and how full it is. Nothing about anybody."""

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.set_header("X-Content-Type-Options", "nosniff")

    @allow_unauthenticated
    def get(self) -> None:
        self.finish(json.dumps(self._state()))

    @allow_unauthenticated
    def head(self) -> None:
        self.finish()

    def _state(self) -> dict[str, Any]:
        kernels: ClassKernels = self.settings["kernel_manager"]
        return {"ok": True, "version": osteoteach.__version__,
                "kernels": {"in_use": kernels.room.in_use, "limit": kernels.room.limit,
                            "waiting": len(kernels.spare_ids)}}


def health_handler(base_url: str) -> tuple:
    """The handler of ``health`` for a Tornado application."""
    return (url_path_join(base_url, "health"), Health)
