"""What a page would load from elsewhere: a reader without internet would miss it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

__all__ = ["outside_resources"]

#: A link (`a`) may lead anywhere: nothing is loaded until a reader follows it.
LOADS = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src",
         "video": "src", "audio": "src", "object": "data", "embed": "src", "image": "href"}
#: Links of a head that a browser does not load.
NAMES_ONLY = {"canonical", "index", "search", "next", "prev", "license"}
_OUTSIDE = re.compile(r"(?:[a-z]+:)?//", re.IGNORECASE)
_IN_CSS = re.compile(r"(?:url\(|@import)\s*['\"]?((?:https?:)?//[^'\")\s]+)", re.IGNORECASE)


class _Loads(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        address = given.get(LOADS.get(tag, "")) or ""
        if tag == "link" and given.get("rel") in NAMES_ONLY:
            return
        if _OUTSIDE.match(address):
            self.found.append(address)
        self.found += _IN_CSS.findall(given.get("style") or "")


def outside_resources(site: Path) -> list[tuple[str, str]]:
    """File and address of everything that the site's files load from another host.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.html").write_text('<a href="https://x.org"></a><img src="//y.org/z">')
    >>> outside_resources(folder)
    [('a.html', '//y.org/z')]
    """
    found = []
    for path in sorted(site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if path.suffix == ".html":
            text = path.read_text(encoding="utf-8")
            parser = _Loads()
            parser.feed(text)
            addresses = [*parser.found, *_IN_CSS.findall(text)]
        elif path.suffix == ".css":
            addresses = _IN_CSS.findall(path.read_text(encoding="utf-8"))
        else:
            continue
        found += [(name, address) for address in dict.fromkeys(addresses)]
    return found
