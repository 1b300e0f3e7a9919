"""The headers that every answer of the server carries, also an error and a picture.

Set in one place behind all handlers, because Voila's, Jupyter's and Tornado's own static
handlers each have their own idea of them, or none.
"""

from __future__ import annotations

import base64
import hashlib
import re

from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.web import OutputTransform

__all__ = ["INLINE_SCRIPTS", "SecurityHeaders", "page_policy"]

#: The only scripts that may stand in a page itself, to the letter: Voila streams the second
#: while a kernel works, and the template ends with the first.
INLINE_SCRIPTS = ("window.voila_finish();", "window.voila_heartbeat()")

_HOST = re.compile(r"[A-Za-z0-9.\-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:]{2,39}\](:\d{1,5})?")


def _hashed(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def page_policy(host: str) -> str:
    """The content security policy of a page: nothing but this server, and no eval.

    ``blob:`` is how anywidget imports a widget's script, which came through the kernel's own
    connection. Styles may stand in the page, because JupyterLab's parts write them there.

    Parameters
    ----------
    host : str
        The server as the browser calls it. Older browsers do not take a websocket of the
        same host for ``'self'``.

    Examples
    --------
    >>> "connect-src 'self' ws://10.0.0.7:8866 wss://10.0.0.7:8866;" in page_policy("10.0.0.7:8866")
    True
    >>> "connect-src 'self';" in page_policy("evil; script-src *")
    True
    """
    scripts = " ".join(f"'sha256-{_hashed(script)}'" for script in INLINE_SCRIPTS)
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return (f"default-src 'none'; script-src 'self' blob: {scripts}; "
            "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
            f"font-src 'self' data:; connect-src 'self'{sockets}; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'self'")


class SecurityHeaders(OutputTransform):
    """Adds them to whatever a handler answers; a policy that forbids more is left alone."""

    def __init__(self, request: HTTPServerRequest) -> None:
        self._host = request.host

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
    ) -> tuple[int, HTTPHeaders, bytes]:
        # Jupyter's own policy of a page says only who may frame it.
        if not headers.get("Content-Security-Policy", "").startswith("default-src 'none'"):
            headers["Content-Security-Policy"] = page_policy(self._host)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        # Links hold settings, no secrets; still nobody outside need see them.
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.pop("Server", None)
        return status_code, headers, chunk

    def transform_chunk(self, chunk: bytes, finishing: bool) -> bytes:
        return chunk

