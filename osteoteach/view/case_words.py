"""What a student said in one step of a case, in words, for the card."""

from __future__ import annotations

from osteoteach.model.medicines import medicine
from osteoteach.model.vocabulary import plain_name
from osteoteach.teaching.cases.case import Case
from osteoteach.teaching.cases.marking import CHANGES
from osteoteach.teaching.cases.offered_tests import names_of_tests
from osteoteach.teaching.cases.session import Step

__all__ = ["given_in_words"]

FLAGS = {"refer": "refer", "find_cause": "look for or treat a cause first",
         "lifestyle": "supervised exercise"}


def given_in_words(step: Step, case: Case) -> str:
    """One sentence with what was committed.

    Examples
    --------
    >>> from osteoteach.teaching.cases import CaseSession, written_case
    >>> session = CaseSession(written_case("man_of_49"))
    >>> given_in_words(session.ready("tests", {"tests": []}), session.case)
    'You ordered nothing.'
    """
    given = step.given
    if step.name == "tests":
        names = dict(names_of_tests())
        chosen = ", ".join(names[one] for one in given["tests"])
        return f"You ordered {chosen or 'nothing'}."
    if step.name == "read":
        parts = [f"You counted {', '.join(given['vertebrae']) or 'no vertebra'}",
                 "the T-score" if given["score"] == "t_score" else "the Z-score"]
        if case.earlier is not None:
            parts.append(CHANGES[given["change"]])
        return f"{'; '.join(parts)}."
    if step.name == "classify":
        return (f"You said: {plain_name(given['category'])}, {step.confidence_pct}% sure.")
    if step.name == "risk":
        if given.get("applies") is False:
            return "You said that no published risk applies."
        return (f"You said {given['value_pct']:g} of 100, {given['low_pct']:g} to "
                f"{given['high_pct']:g}.")
    courses = [f"{medicine(one['medicine']).label}, year {one['start_years']:g} to "
               f"{one['end_years']:g}" for one in given["courses"]]
    chosen = [*courses, *(words for name, words in FLAGS.items() if given[name])]
    return f"You planned: {'; '.join(chosen) or 'no medicine, nothing else'}."
