"""Lessons as pages: the text, cells that run in the browser, and results for those that cannot.

pandas, NumPy and Altair do not run in the site's Python. Where a cell needs one of them, the
page says so and shows the result that the notebook was saved with; charts, which a notebook
does not save, are drawn while the site is built.
"""

from __future__ import annotations

import json
import re
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import mistune

from osteoteach.view import lessons as shown_by_lessons

__all__ = ["Cell", "lesson_cells"]

_MARKDOWN = mistune.create_markdown(escape=True, plugins=["table"])


@dataclass(frozen=True)
class Cell:
    """One cell of a lesson: text as HTML, or code with what it shows when it cannot run here."""

    html: str = ""
    code: str = ""
    saved: str = "[]"

    @property
    def rows(self) -> int:
        """Lines of the code."""
        return self.code.count("\n") + 1


def lesson_cells(notebook: Path) -> list[Cell]:
    """Cells of a lesson, in order; the code is run here for its charts."""
    model = json.loads(notebook.read_text(encoding="utf-8"))
    codes = ["".join(cell["source"]) for cell in model["cells"] if cell["cell_type"] == "code"]
    charts = iter(_charts_of(codes))
    cells = []
    for cell in model["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            saved = [*_saved(cell["outputs"]), *next(charts)]
            cells.append(Cell(code=source, saved=json.dumps(saved)))
        else:
            html = _MARKDOWN(source)
            # A wide table is scrolled in a box of its own.
            html = html.replace("<table>", '<div class="lite-table" tabindex="0" role="region" '
                                'aria-label="Table"><table>').replace("</table>", "</table></div>")
            cells.append(Cell(html=re.sub(r'(href="[^":]*)\.ipynb', r"\1.html", html)))
    return cells


def _saved(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for output in outputs:
        data = output.get("data", {})
        if output["output_type"] == "stream":
            found.append({"text": "".join(output["text"])})
        elif "text/html" in data:
            found.append({"html": "".join(data["text/html"])})
        elif "text/plain" in data:
            found.append({"text": "".join(data["text/plain"])})
    return found


def _charts_of(codes: list[str]) -> list[list[dict[str, Any]]]:
    """The charts that each cell draws, as spec and words."""
    drawn: list[dict[str, Any]] = []

    def draw(chart: Any) -> None:
        drawn.append({"chart": {"spec": chart.to_dict(), "description": chart.description}})

    names: dict[str, Any] = {"__name__": "__main__", "display": lambda *_: None}
    found, original = [], shown_by_lessons._display
    shown_by_lessons._display = draw
    try:
        for code in codes:
            with redirect_stdout(StringIO()):
                exec(compile(code, "lesson", "exec"), names)
            found.append(list(drawn))
            drawn.clear()
    finally:
        shown_by_lessons._display = original
    return found
