"""A contact sheet: all pictures of one page side by side, the lower edge of a screen marked."""

from __future__ import annotations

import html
from pathlib import Path

from playwright.sync_api import Browser

__all__ = ["write_sheet"]

#: The part of a picture that a visitor sees without scrolling, as height by width.
FOLDS = {"projector": 1080 / 1920, "laptop": 768 / 1366, "phone": 844 / 390, "zoom200": 768 / 1366}
WIDTHS = {"projector": 480, "laptop": 420, "phone": 200, "zoom200": 300}
STYLE = """
body { margin: 12px; background: #777; color: #fff; font: 13px sans-serif; }
main { display: flex; flex-wrap: wrap; gap: 14px; align-items: flex-start; }
figure { margin: 0; position: relative; }
figcaption { height: 20px; }
img { display: block; width: 100%; }
i { position: absolute; left: 0; right: 0; border-top: 2px dashed #e0218a; }
"""


def write_sheet(browser: Browser, title: str, shots: list[Path], target: Path) -> None:
    """Put pictures on one sheet; a dashed line is where a screen ends before scrolling."""
    if not shots:
        return
    sheet = target.with_suffix(".html")
    sheet.write_text(
        f"<!doctype html><title>{html.escape(title)}</title><style>{STYLE}</style>"
        f"<h1>{html.escape(title)}</h1><main>{''.join(map(_figure, shots))}</main>",
        encoding="utf-8")
    page = browser.new_page(viewport={"width": 1800, "height": 900})
    page.goto(sheet.as_uri())
    page.screenshot(path=target, full_page=True)
    page.close()
    sheet.unlink()
    print(f"screenshots/{target.name}", flush=True)


def _figure(shot: Path) -> str:
    size = next((size for size in FOLDS if f"-{size}-" in shot.name), "laptop")
    width = WIDTHS[size]
    name = html.escape(shot.stem)
    return (f'<figure style="width: {width}px"><figcaption>{name}</figcaption>'
            f'<img src="{html.escape(shot.name)}" alt="{name}">'
            f'<i style="top: {20 + round(width * FOLDS[size])}px"></i></figure>')
