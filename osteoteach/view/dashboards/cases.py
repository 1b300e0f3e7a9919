"""Page "Virtual patients"."""

from __future__ import annotations

from typing import Any

from osteoteach.model.medicines import medicine, medicine_names
from osteoteach.teaching.cases import Case, make_case, written_case
from osteoteach.teaching.cases.follow_up import YEARS_AFTER
from osteoteach.teaching.cases.session import STEPS
from osteoteach.teaching.cases.written import case_documents
from osteoteach.view.case_card import CaseCard
from osteoteach.view.case_control import CaseControl
from osteoteach.view.html import paragraph, reference_list
from osteoteach.view.page import Answer, Group, Page
from osteoteach.view.palette import MEDICINE_COLOURS
from osteoteach.view.plan_control import PlanControl

__all__ = ["page"]

TASKS = {
    "tests": "read the history, and order tests.",
    "read": "read the report.",
    "classify": "classify.",
    "risk": "estimate the risk.",
    "plan": "make a plan.",
}


HOW_SURE = (
    "The persons are made up. Category, risk, changes and warnings are computed by the models "
    "of this package for just this person; the texts beside them cite what they rest on.",
    "The years after the plan are the model's: a mean course with a 90% band, one response of "
    "this person's own, and scans with the largest precision error that ISCD accepts. "
    "Glucocorticoids and diseases behind the bone are not in the course.",
    "Points count your steps. There is seldom one right plan: the checks ask only what can be "
    "computed, and a plan with all points is not thereby the best.",
)
SOURCES = ("leboff_2022", "iscd_2019", "iscd_2023", "iscd_glossary", "nbha_2014", "sioot_2017")


def _written() -> list[tuple[str, str, int]]:
    """Value, label and level; neither gives anything away."""
    return [(f"case-{one['number']}", f"Case {one['number']}: {_title(name)}", one["level"])
            for name, one in case_documents().items()]


def _title(name: str) -> str:
    return written_case(name).title


def _case(value: str) -> tuple[Case, str]:
    """The case of a control's value, and what it is called on the page."""
    if value.startswith("case-"):
        names = {f"case-{one['number']}": name for name, one in case_documents().items()}
        return written_case(names[value]), f"Case {value.removeprefix('case-')}"
    return make_case(value), f"Code {value}"


def _sentence(card: CaseCard) -> str:
    session = card.session
    if session.present is None:
        return (f"{session.case.title}: finished, {round(100 * session.score)} of 100 points. "
                "Compare your plan with the years after it.")
    number = STEPS.index(session.present) + 1
    return f"{session.case.title}. Step {number} of {len(STEPS)}: {TASKS[session.present]}"


def page() -> Page:
    """The whole page, for the last line of a notebook."""
    medicines = [(medicine(name).label, name, MEDICINE_COLOURS[medicine(name).medicine_class])
                 for name in medicine_names()]
    plan = PlanControl("plan", "Medicines from today on", medicines, [], YEARS_AFTER, 4)
    chooser = CaseControl("case", "Patient", _written(),
                          "Everybody who types the same code meets the same person.")
    card = CaseCard(plan, lambda: made.refresh())

    def answer(values: dict[str, Any]) -> Answer:
        card.show_case(*_case(values["case"]))
        return Answer(_sentence(card), how_sure="".join(map(paragraph, HOW_SURE)),
                      sources=reference_list(SOURCES))

    made = Page(
        "Virtual patients",
        "Read, order, classify, estimate and plan. You say first; then you see what counts, "
        "why, and what your plan does over five years.",
        [Group("", [chooser])], {}, answer, parts={"below_answer": card})
    return made
