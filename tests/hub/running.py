"""A whole hub on this machine: PostgreSQL, JupyterHub, its proxy, and people who log in."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import requests

from osteoteach.view.serving import find_free_port
from tests.test_progress_postgres import Server

HERE = Path(__file__).parent
PROXY = HERE / "node_modules" / ".bin" / "configurable-http-proxy"


class Hub:
    """Started with `start`, ended with `stop`; everything it writes is in ``folder``."""

    def __init__(self, folder: Path, postgres: Server, **environment: str) -> None:
        self.folder, self.postgres = folder, postgres
        self.owner_url = self._new_database()
        ports = [find_free_port(0) for _ in range(4)]
        self.address = f"http://127.0.0.1:{ports[0]}"
        self.environment = {
            **os.environ,
            # A hub's Python is found by its scripts too, as in an activated environment.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "HUB_TEST_FOLDER": str(folder), "HUB_TEST_URL": self.address,
            "HUB_TEST_HUB_PORT": str(ports[1]), "HUB_TEST_PROXY_PORT": str(ports[2]),
            "HUB_TEST_PROXY": str(PROXY), "JUPYTERHUB_CRYPT_KEY": "",
            "OSTEOTEACH_OWNER_DATABASE_URL": self.owner_url,
            "OSTEOTEACH_PYTHON": sys.executable,
            "OSTEOTEACH_CLASS_SERVICE_URL": f"http://127.0.0.1:{ports[3]}",
            **environment,
        }
        for name in ("OSTEOTEACH_DATABASE_URL", "OSTEOTEACH_LEARNER", "JUPYTERHUB_USER"):
            self.environment.pop(name, None)
        self.log = folder / "hub.log"
        self.process: subprocess.Popen | None = None

    def _new_database(self) -> str:
        """A database whose owner may create roles, and is no superuser."""
        self.postgres.run("psql", "-h", self.postgres.folder, "-U", "tester", "-d", "postgres",
                          "-c", "CREATE ROLE school LOGIN CREATEROLE",
                          "-c", "CREATE DATABASE school OWNER school")
        return f"postgresql://school@/school?host={self.postgres.folder}"

    def start(self) -> None:
        """Back when the hub and the rooms answer."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", str(HERE / "jupyterhub_config.py")],
                cwd=self.folder, env=self.environment, stdout=log, stderr=log,
                start_new_session=True)
        for path in ("/hub/health", "/services/osteoteach-class/health"):
            self._wait_for(path)

    def _wait_for(self, path: str, seconds: float = 120) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            try:
                if requests.get(self.address + path, timeout=5).status_code == 200:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.3)
        raise AssertionError(f"{path} does not answer:\n{self.log.read_text()[-6000:]}")

    def stop(self) -> None:
        """End the hub, which ends its servers, its service and its proxy."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)


class Visitor:
    """One person with a browser's cookies, without a browser."""

    def __init__(self, hub: Hub, name: str) -> None:
        self.hub, self.name = hub, name
        self.web = requests.Session()
        self.web.headers["Referer"] = f"{hub.address}/hub/"
        self.home = f"{hub.address}/user/{name}/"

    def log_in(self) -> None:
        page = self.web.get(f"{self.hub.address}/hub/login")
        token = re.search(r'name="_xsrf" value="([^"]+)"', page.text).group(1)
        answer = self.web.post(f"{self.hub.address}/hub/login", allow_redirects=False, data={
            "_xsrf": token, "username": self.name, "password": "any"})
        assert answer.status_code == 302, answer.text[-500:]

    def api(self, method: str, path: str, **arguments: object) -> requests.Response:
        """Ask the hub's own interface, as its pages do."""
        return self.web.request(method, f"{self.hub.address}/hub/api/{path}", headers={
            "X-XSRFToken": self.xsrf("/hub/")}, **arguments)

    def xsrf(self, path: str) -> str:
        return next((cookie.value for cookie in self.web.cookies
                     if cookie.name == "_xsrf" and cookie.path == path), "")

    def start_server(self, seconds: float = 180) -> float:
        """Ask for a server and wait until it answers; how long it took."""
        began = time.monotonic()
        answer = self.api("POST", f"users/{self.name}/server")
        assert answer.status_code in (201, 202), (answer.status_code, answer.text)
        while time.monotonic() < began + seconds:
            server = self.api("GET", f"users/{self.name}").json()["servers"].get("", {})
            if server.get("ready"):
                took = time.monotonic() - began
                # A page leads through the log-in of the server itself; its API would refuse.
                assert self.get("voila").status_code == 200
                return took
            time.sleep(0.25)
        raise AssertionError(self.hub.log.read_text()[-6000:])

    def stop_server(self, seconds: float = 60) -> None:
        answer = self.api("DELETE", f"users/{self.name}/server")
        assert answer.status_code in (202, 204), answer.text
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not self.api("GET", f"users/{self.name}").json()["servers"]:
                return
            time.sleep(0.2)
        raise AssertionError("The server does not stop.")

    def get(self, path: str, **arguments: object) -> requests.Response:
        """An address of their own server."""
        return self.web.get(self.home + path, timeout=120, **arguments)

    def open_page(self, notebook: str) -> str:
        """Open a dashboard and give the id of its kernel."""
        page = self.get(f"voila/render/{notebook}")
        assert page.status_code == 200, page.text[-500:]
        return re.search(r'"kernelId":\s*"([0-9a-f-]{36})"', page.text).group(1)

    def socket(self, kernel: str, home: str = ""):
        """A websocket to a kernel, with this visitor's cookies."""
        import websocket

        address = (home or self.home).replace("http://", "ws://")
        cookies = "; ".join(f"{one.name}={one.value}" for one in self.web.cookies)
        return websocket.create_connection(
            f"{address}api/kernels/{kernel}/channels?session_id=test", timeout=30,
            cookie=cookies, origin=self.hub.address)


def execute(socket, code: str) -> str:
    """What code prints in a kernel."""
    import uuid

    ident = uuid.uuid4().hex
    socket.send(json.dumps({
        "header": {"msg_id": ident, "msg_type": "execute_request", "username": "x",
                   "session": "test", "date": "2026-01-01T00:00:00Z", "version": "5.3"},
        "parent_header": {}, "metadata": {}, "channel": "shell", "content": {
            "code": code, "silent": False, "store_history": False, "user_expressions": {},
            "allow_stdin": False}}))
    printed = ""
    while True:
        message = json.loads(socket.recv())
        if message["parent_header"].get("msg_id") != ident:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            printed += content["text"]
        elif kind == "error":
            printed += f"{content['ename']}: {content['evalue']}"
        elif kind == "status" and content["execution_state"] == "idle":
            return printed
