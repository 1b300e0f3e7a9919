"""A lesson as a page: stored outputs, charts as pictures, results folded until asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from osteoteach.evidence import table
from tools.site.lesson_charts import LiveParts, Picture, Standing

__all__ = ["dashboard_cards", "linked_sources", "page_of"]

_NOTICE = ("```{{note}}\nThis is the lesson to read. To work in it: `osteoteach lab`, "
           "then `lessons/{name}`. Results are folded: guess first.\n```\n")


def page_of(notebook: Mapping[str, Any], name: str, sources_page: str) -> dict[str, Any]:
    """The notebook that the site shows for a lesson.

    Parameters
    ----------
    notebook : mapping
        The lesson as saved: text outputs are taken from here and not computed again.
    name : str
        File name, told to who wants to work in it.
    sources_page : str
        Where ``[source_id]`` leads, relative to the lesson.
    """
    live, cells = LiveParts(), []
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            cells.append(_markdown(linked_sources(text, sources_page)))
        elif cell["cell_type"] == "code":
            cells += _code_cells(cell, text, live.run(text))
    cells.insert(1, _markdown(_NOTICE.format(name=name)))
    return {"nbformat": 4, "nbformat_minor": 4, "cells": cells,
            "metadata": {"kernelspec": notebook["metadata"]["kernelspec"]}}


def linked_sources(text: str, sources_page: str) -> str:
    """Turn ``[nbha_2014]`` into a link to the list of sources.

    Examples
    --------
    >>> linked_sources("Agreed [nbha_2014; who_1994].", "s.md").count("](s.md#source-")
    2
    >>> linked_sources("[a word] and [a link](x.md)", "s.md")
    '[a word] and [a link](x.md)'
    """
    known = {row["source_id"] for row in table("sources")}

    def link(found: re.Match) -> str:
        parts = re.split(r"([,;] ?)", found[1])
        if not all(part in known for part in parts[::2]):
            return found[0]
        linked = [f"[{part}]({sources_page}#source-{part.replace('_', '-')})"
                  if part in known else part for part in parts]
        return f"[{''.join(linked)}]" if len(parts) > 1 else linked[0]

    return re.sub(r"\[([a-z0-9_,; ]+)\](?!\()", link, text)


def _markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _code_cells(cell: Mapping[str, Any], text: str, shown: list) -> list[dict[str, Any]]:
    """The cell, and after it a sentence for what only a live lesson can show."""
    outputs = [*cell["outputs"], *(_image(part) for part in shown if isinstance(part, Picture))]
    metadata: dict[str, Any] = {"tags": ["hide-output"] if outputs else []}
    pictures = [part for part in shown if isinstance(part, Picture)]
    if len(pictures) > 1:
        raise ValueError(f"one chart a cell, so that each has its own text: {text}")
    if pictures:
        metadata["mystnb"] = {"image": {"alt": pictures[0].description, "width": "100%"}}
    made = [{"cell_type": "code", "execution_count": cell["execution_count"], "metadata": metadata,
             "outputs": outputs, "source": text}]
    return made + [_markdown(_standing(part)) for part in shown if isinstance(part, Standing)]


def _image(picture: Picture) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {},
            "data": {"image/svg+xml": picture.svg}}


def _standing(part: Standing) -> str:
    note = f"```{{note}}\n{part.sentence}\n```\n"
    if part.dashboard is None:
        return note
    return f"![The live page at its first setting](../../dashboards/{part.dashboard}.png)\n\n{note}"


def dashboard_cards(notebooks: Path, picture: Callable[[str], str]) -> str:
    """The live pages, one after another, from the cards in their notebooks."""
    cards = [json.loads(path.read_text(encoding="utf-8"))["metadata"]["osteoteach"]
             for path in (notebooks / "dashboards").glob("*.ipynb")]
    parts = ["# The live pages\n\nA page computes while you move a slider, so it needs Python "
             "behind it: `osteoteach apps` opens all of them in your browser."]
    for card in sorted(cards, key=lambda card: card["order"]):
        parts.append(f"## {card['title']}\n\n{card['sentence']} {card['minutes']} minutes.\n\n"
                     f"![The page “{card['title']}” at its first setting]"
                     f"({picture(card['picture'])})")
    return "\n\n".join(parts) + "\n"
