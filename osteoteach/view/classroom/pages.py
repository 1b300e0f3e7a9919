"""The students' pages as HTML, and the few files they need: all from this server."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

__all__ = ["Asset", "assets", "home_page", "room_page", "spaced_code"]

_STATIC = Path(__file__).parent / "static"
_SITE = Path(__file__).parents[1] / "jupyter" / "voila" / "templates" / "osteoteach" / "static"
_FILES = {
    "tokens.css": _SITE, "site.css": _SITE, "icon.svg": _SITE,
    "theme.js": _SITE,
    "class.css": _STATIC, "class.js": _STATIC,
}
_KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
          ".svg": "image/svg+xml"}

_PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>$title · osteoteach</title>
<link rel="icon" href="${base}static/icon.svg" type="image/svg+xml">
<script src="${base}static/theme.js"></script>
<link rel="stylesheet" href="${base}static/tokens.css">
<link rel="stylesheet" href="${base}static/site.css">
<link rel="stylesheet" href="${base}static/class.css">
$script
</head>
<body class="ot-site ot-class" data-room="$code" data-api="${base}api/$code">
<header class="ot-bar"><span class="ot-brand">osteoteach</span>$room</header>
<main id="ot-main" tabindex="-1">
$body
<p class="ot-note">For teaching. Not for patient care.</p>
</main>
</body>
</html>
""")

_HOME = Template("""<h1>Join your class</h1>
$problem
<form class="ot-card ot-join" method="get" action="$base">
<label for="code">Code on the screen</label>
<input id="code" name="code" required maxlength="12" autocomplete="off"
 autocapitalize="characters" spellcheck="false" aria-describedby="code-help">
<p id="code-help">Six letters and digits. No account, no app.</p>
<button type="submit">Join</button>
</form>""")

_ROOM = """<noscript><p class="ot-problem">This page needs JavaScript. Switch it on and reload.</p>
</noscript>
<div id="ot-room"><p role="status">Looking for the question…</p></div>"""


@dataclass(frozen=True)
class Asset:
    """One file, ready to send."""

    content: bytes
    kind: str
    etag: str


@functools.cache
def assets() -> dict[str, Asset]:
    """The files that the pages may load, by name: these and no others."""
    found = {}
    for name, folder in _FILES.items():
        content = (folder / name).read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:20]
        found[name] = Asset(content, _KINDS[Path(name).suffix], f'"{digest}"')
    return found


def spaced_code(code: str) -> str:
    """A code as people read it out.

    Examples
    --------
    >>> spaced_code("K7M3QX")
    'K7M 3QX'
    """
    return f"{code[:3]} {code[3:]}"


def home_page(base: str, problem: str) -> str:
    """Where a code is typed; ``problem`` says why a room was not found.

    Examples
    --------
    >>> "&lt;b&gt;" in home_page("/class/", "<b>")
    True
    """
    told = f'<p class="ot-problem" role="alert">{escape(problem)}</p>' if problem else ""
    body = _HOME.substitute(base=escape(base), problem=told)
    return _PAGE.substitute(title="Join your class", base=escape(base), code="", room="",
                            script="", body=body)


def room_page(base: str, code: str) -> str:
    """The page of one room; its script asks the server for the rest."""
    script = f'<script src="{escape(base)}static/class.js" defer></script>'
    return _PAGE.substitute(
        title=f"Room {spaced_code(code)}", base=escape(base), code=escape(code), body=_ROOM,
        room=f"<span>Room {escape(spaced_code(code))}</span>", script=script)
