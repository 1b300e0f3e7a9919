"""Write a folder: one page a scenario, and a page that lists them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from osteoteach.errors import InputError
from osteoteach.view.export.sheet import Neighbour, index_sheet, scenario_sheet
from osteoteach.view.page import Page
from osteoteach.view.presenting.expected import step_values
from osteoteach.view.presenting.scenarios import ScenarioList, Step

__all__ = ["Exported", "export_list", "file_names", "shown_page"]


@dataclass(frozen=True)
class Exported:
    """What was written: the list's page, the scenarios' pages, and bytes of all."""

    index: Path
    pages: tuple[Path, ...]
    size_bytes: int


def shown_page(step: Step) -> Page:
    """The dashboard of a step, at the step's settings, with the answer it gives to them.

    Parameters
    ----------
    step : Step

    Raises
    ------
    InputError
        The step does not fit its dashboard, or its settings have no answer.

    Examples
    --------
    >>> from osteoteach.view.presenting.scenarios import load_list
    >>> page = shown_page(load_list("can_it_be_reversed").step(1))
    >>> page.values()["fracture"], page.frame.tone
    ('hip', 'osteoporosis')
    """
    page: Page = import_module(f"osteoteach.view.dashboards.{step.dashboard}").page()
    page.apply_state(step_values(step, page))
    if page.frame.stale:
        raise InputError(step.title, "must have settings that can be answered together",
                         page.frame.fault or page.frame.notice, "Correct the scenario list.")
    return page


def file_names(found: ScenarioList) -> list[str]:
    """One file name a step, in order.

    Examples
    --------
    >>> from osteoteach.view.presenting.scenarios import load_list
    >>> file_names(load_list("can_it_be_reversed"))[1]
    '02-a-man-of-49.html'
    """
    return ["-".join([f"{number:02}", *re.findall(r"[a-z0-9]+", step.title.lower())])[:60] + ".html"
            for number, step in enumerate(found.steps, 1)]


def export_list(found: ScenarioList, folder: Path) -> Exported:
    """Write every scenario of a list as a page of its own, and an ``index.html``.

    Parameters
    ----------
    found : ScenarioList
    folder : Path
        Where to write; made if it is not there. Pages of an earlier export are replaced,
        other files are left alone.

    Raises
    ------
    InputError
        A step has no answer, or the folder cannot be written to.
    """
    names = file_names(found)
    # Everything is computed before anything is written: a list with a fault leaves no half.
    sheets = {"index.html": index_sheet(found, names)}
    for number, step in enumerate(found.steps, 1):
        before = Neighbour(names[number - 2], found.steps[number - 2].title) if number > 1 else None
        after = (Neighbour(names[number], found.steps[number].title)
                 if number < len(found.steps) else None)
        sheets[names[number - 1]] = scenario_sheet(
            found, number, shown_page(step), before, after)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in sheets.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(str(folder), "must be a folder that can be written to", error.strerror,
                         "Choose another folder, or free some space.") from error
    return Exported(folder / "index.html", tuple(folder / name for name in names),
                    sum((folder / name).stat().st_size for name in sheets))
