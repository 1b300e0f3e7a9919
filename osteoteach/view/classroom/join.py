"""Which address students type, and the same as a square to point a phone at."""

from __future__ import annotations

import io
import ipaddress
import os
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

__all__ = ["JoinAddress", "join_address", "lan_address", "qr_svg"]

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(:\d{1,5})?|https?://\[[0-9a-fA-F:]+\](:\d{1,5})?")
_BASE = re.compile(r"/([A-Za-z0-9._~@%\-]+/)*")
ONLY_HERE = ("This server listens only on this computer, so no phone can reach it. Stop it and "
             "start it for a class: osteoteach serve --ip 0.0.0.0")
NO_NETWORK = ("This computer is in no network, so no phone can reach it. Join the network of the "
              "room and open this page again.")


@dataclass(frozen=True)
class JoinAddress:
    """Where students go.

    Parameters
    ----------
    address : str
        Ends with ``/class/``; the code follows.
    problem : str
        Why no other computer can reach it, ``""`` if one can.
    """

    address: str
    problem: str = ""


def join_address(origin: object, base: object, listens_on: str | None = None,
                 lan: str | None = None) -> JoinAddress:
    """The address for students, from what the instructor's browser shows.

    Parameters
    ----------
    origin, base : str
        From the browser, for example ``"http://127.0.0.1:8866"`` and ``"/"``.
    listens_on : str, optional
        Address on which the server listens; by default what the server told its kernels.
    lan : str, optional
        This computer's address in its network; looked up by default.

    Examples
    --------
    >>> join_address("https://hub.school", "/user/anna/", "")
    JoinAddress(address='https://hub.school/user/anna/class/', problem='')
    >>> join_address("http://localhost:8866", "/", "0.0.0.0", "192.168.1.7")
    JoinAddress(address='http://192.168.1.7:8866/class/', problem='')
    >>> join_address("http://localhost:8866", "/", "127.0.0.1").problem[:45]
    'This server listens only on this computer, so'
    """
    # A visitor's browser can send anything.
    if not (isinstance(origin, str) and _ORIGIN.fullmatch(origin)):
        origin = "http://127.0.0.1"
    if not (isinstance(base, str) and _BASE.fullmatch(base)):
        base = "/"
    # On a hub the rooms are in one place, not in the instructor's own server.
    base = os.environ.get("OSTEOTEACH_CLASS_PATH") or base
    if listens_on is None:
        listens_on = os.environ.get("OSTEOTEACH_LISTENS_ON", "")
    parts = urlsplit(origin)
    if not _only_here(parts.hostname or ""):
        return JoinAddress(f"{origin}{base}class/")
    if _only_here(listens_on or "127.0.0.1"):
        return JoinAddress(f"{origin}{base}class/", ONLY_HERE)
    host = listens_on if not _everywhere(listens_on) else (lan or lan_address())
    if not host:
        return JoinAddress(f"{origin}{base}class/", NO_NETWORK)
    shown = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port else ""
    return JoinAddress(f"{parts.scheme}://{shown}{port}{base}class/")


def _only_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _everywhere(host: str) -> bool:
    return host in ("0.0.0.0", "::", "*")


def lan_address() -> str:
    """This computer's address in its network, ``""`` without one. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Choosing a route to a documentation address tells which address is our own.
            probe.connect(("192.0.2.1", 9))
            found = probe.getsockname()[0]
        except OSError:
            return ""
    return "" if _only_here(found) or _everywhere(found) else found


def qr_svg(address: str) -> str:
    """The address as the SVG of a QR code; dark on light in every theme.

    Examples
    --------
    >>> qr_svg("http://192.168.1.7:8866/class/K7M3QX").startswith("<svg")
    True
    """
    import segno

    out = io.BytesIO()
    segno.make_qr(address, error="m").save(
        out, kind="svg", xmldecl=False, svgns=True, border=4, omitsize=True, dark="#000",
        light="#fff", title="QR code of the address for students")
    return out.getvalue().decode().strip()
