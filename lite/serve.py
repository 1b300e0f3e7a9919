"""Serve the built site as a static host does, compressed: ``python -m lite.serve [PORT]``.

For looking at it, tests and measurements on this computer. A host on the web serves the
folder as it is.
"""

from __future__ import annotations

import functools
import gzip
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from lite.build import OUTPUT

__all__ = ["SiteServer", "served"]

TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm"}


class SiteServer(ThreadingHTTPServer):
    """Counts what it sent, so that a first visit's bytes are those of the wire."""

    daemon_threads = True

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder
        self.sent_bytes: dict[str, int] = {}
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        """Address of the gallery."""
        return f"http://127.0.0.1:{self.server_port}/"


class _Handler(SimpleHTTPRequestHandler):
    """GET of a file of the site, always compressed."""

    server: SiteServer
    protocol_version = "HTTP/1.1"
    extensions_map = SimpleHTTPRequestHandler.extensions_map | TYPES

    def do_GET(self) -> None:
        name = urlsplit(self.path).path.lstrip("/") or "index.html"
        file = (self.server.folder / name).resolve()
        if not file.is_relative_to(self.server.folder.resolve()) or not file.is_file():
            self.send_error(404)
            return
        content = _compressed(file, file.stat().st_mtime_ns)
        self.server.sent_bytes[name] = self.server.sent_bytes.get(name, 0) + len(content)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(name))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: what is asked for is nobody's business."""


@functools.lru_cache(maxsize=256)
def _compressed(file: Path, _changed: int) -> bytes:
    return gzip.compress(file.read_bytes(), 6, mtime=0)


@contextmanager
def served(folder: Path = OUTPUT, port: int = 0) -> Iterator[SiteServer]:
    """Serve a folder from a thread until the block ends."""
    server = SiteServer(folder, port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


if __name__ == "__main__":
    with SiteServer(OUTPUT, int(*sys.argv[1:2] or ["8000"])) as site:
        print(f"The site is at {site.url}; stop it with Ctrl+C.", flush=True)
        try:
            site.serve_forever()
        except KeyboardInterrupt:
            print("Stopped.")
