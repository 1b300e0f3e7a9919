"""What is said about each step of a student: marks computed by the models, and why.

Every wrong path has its own explanation. Nothing is said here before the student has
committed: the page sees to that.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.model.diagnosis import guideline_name
from osteoteach.model.vertebrae import LEVELS
from osteoteach.model.vocabulary import CATEGORIES, plain_name
from osteoteach.teaching.cases.case import Case
from osteoteach.teaching.cases.offered_tests import OfferedTest, offered_tests
from osteoteach.teaching.sentences import diagnosis_sentence, of_100, signed, signed_pct

__all__ = ["CHANGES", "Line", "Marked", "mark_category", "mark_reading", "mark_risk",
           "mark_tests", "written_line"]

Z_CATEGORIES = ("within_expected_range", "below_expected_range")
_ORDER = ("normal", "low_bone_mass", "osteoporosis", "severe_osteoporosis")
CHANGES = {"loss": "a real loss", "gain": "a real gain", "not_shown": "no change is shown"}
#: A range that holds the number but is wider than this (high over low) says little.
WIDEST_USEFUL_RANGE = 4.0
HALF = 0.5
UNNEEDED_COSTS = 0.1


@dataclass(frozen=True)
class Line:
    """One remark with its sources.

    Attributes
    ----------
    mark : str
        ``right``, ``partly``, ``wrong`` or ``note``; of a test also ``missed`` and
        ``unneeded``; of a plan also the severity of a warning.
    """

    mark: str
    text: str
    source_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Marked:
    """What is said about one step, and its score (0 to 1)."""

    score: float
    lines: tuple[Line, ...]


@functools.cache
def _texts() -> dict[tuple[str, str, str], tuple[str, tuple[str, ...]]]:
    return {(row["trap"], row["step"], row["path"]):
            (row["text"], tuple((row["source_ids"] or "").split(";")) if row["source_ids"] else ())
            for row in table("case_feedback")}


def written_line(traps: Iterable[str], step: str, path: str, mark: str) -> Line | None:
    """The written text for a path: that of the first of these traps, else the general one."""
    for trap in (*traps, "any"):
        if (trap, step, path) in _texts():
            text, sources = _texts()[trap, step, path]
            return Line(mark, text, sources)
    return None


def _marked(score: float, lines: Iterable[Line | None]) -> Marked:
    return Marked(min(1.0, max(0.0, score)), tuple(filter(None, lines)))


# --- tests -----------------------------------------------------------------------------


def mark_tests(case: Case, ordered: Iterable[str]) -> Marked:
    """Marks for the tests that were ordered.

    Examples
    --------
    >>> from osteoteach.teaching.cases import written_case
    >>> mark_tests(written_case("routine_woman_of_66"), []).score < 1
    True
    """
    known = {one.test: one for one in offered_tests(case)}
    chosen = set(ordered)
    for test in chosen - known.keys():
        raise InputError("tests", "must be tests that are offered", test, "Tick one of the list.")
    needed = [one for one in known.values() if one.need == "needed"]
    lines = [_test_line(one, one.test in chosen) for one in known.values()]
    if not needed and not chosen:
        lines.append(Line("right", "No test is needed here: normal for what counts, and no "
                          "fragility fracture."))
    unneeded = sum(known[test].need == "unneeded" for test in chosen)
    share = sum(one.test in chosen for one in needed) / len(needed) if needed else 1.0
    return _marked(share - UNNEEDED_COSTS * unneeded, lines)


def _test_line(one: OfferedTest, ordered: bool) -> Line | None:
    if ordered:
        mark = {"needed": "right", "optional": "note", "unneeded": "unneeded"}[one.need]
        return Line(mark, f"{one.label}: {one.result}. {one.reason}", one.source_ids)
    if one.need == "needed":
        return Line("missed", f"{one.label}: {one.result}. {one.reason}", one.source_ids)
    return None


# --- reading the report ----------------------------------------------------------------


def mark_reading(case: Case, kept: Iterable[str], score: str, change: str | None) -> Marked:
    """Marks for which vertebrae count, which score, and whether a change is real.

    Parameters
    ----------
    kept : iterable of str
        Levels that the student counts; none: the spine cannot be read.
    score : str
        ``t_score`` or ``z_score``.
    change : str or None
        A key of `CHANGES`; ``None`` where there is no earlier scan.
    """
    marks = [_vertebrae(case, set(kept)), _which_score(case, score)]
    if case.earlier is not None:
        marks.append(_change(case, change))
    # One part of each step: all count alike.
    return _marked(sum(line.mark == "right" for line in marks) / len(marks), marks)


def _vertebrae(case: Case, kept: set[str]) -> Line:
    unknown = kept - set(LEVELS)
    if unknown:
        raise InputError("vertebrae", f"must be some of {', '.join(LEVELS)}", sorted(unknown),
                         "Tick the levels.")
    reading, sources = case.report.reading, ("iscd_discordance", "rosen_2024")
    right = set(reading.kept)
    names = "-".join((LEVELS[0], LEVELS[-1])) if right == set(LEVELS) else ", ".join(reading.kept)
    if not right:
        truth = "The spine cannot be read: fewer than two levels count."
    else:
        row = case.report.kept_row
        aside = "; ".join(f"{level} is left out: {why}" for level, why in
                          reading.set_aside.items())
        truth = (f"{names} count, {row.bmd_g_cm2:.3f} g/cm², T-score {signed(row.t_score)}."
                 + (f" {aside}." if aside else ""))
        truth = truth.replace("T-score -", "T-score −")
    if kept == right:
        return Line("right", truth, sources)
    return Line("wrong", f"{truth} You counted {', '.join(sorted(kept)) or 'none'}.", sources)


def _which_score(case: Case, score: str) -> Line:
    rule = next(rule for rule in case.diagnosis.rules
                if rule.rule_id.startswith(("t_scores", "z_scores")))
    mark = "right" if score == case.score_in_use else "wrong"
    return Line(mark, f"{rule.finding} {rule.statement}", (rule.source_id,))


def _change(case: Case, change: str | None) -> Line:
    found = case.earlier.main
    text = (f"{plain_name(found.site).capitalize()}: {found.then_g_cm2:.3f} to "
            f"{found.now_g_cm2:.3f} g/cm², {signed_pct(found.change_pct)}. The least significant "
            f"change is {found.least_significant_change_pct:.1f}%, so "
            f"{'this is ' if found.verdict != 'not_shown' else ''}{CHANGES[found.verdict]}.")
    return Line("right" if change == found.verdict else "wrong", text,
                ("iscd_glossary", "iscd_2023"))


# --- category --------------------------------------------------------------------------


def mark_category(case: Case, chosen: str) -> Marked:
    """Marks for the category; another guideline's counts half where that is the lesson.

    Examples
    --------
    >>> from osteoteach.teaching.cases import written_case
    >>> mark_category(written_case("hip_fracture_good_scan"), "normal").score
    0.0
    """
    if chosen not in CATEGORIES:
        raise InputError("category", f"must be one of {', '.join(CATEGORIES)}", chosen,
                         "Choose from the list.")
    truth = diagnosis_sentence(case.diagnosis)
    sources = case.diagnosis.sources
    if chosen == case.category:
        return _marked(1.0, [Line("right", truth, sources), *_guidelines(case)])
    path = _wrong_path(case, chosen)
    mark = "partly" if chosen in case.also_accepted else "wrong"
    return _marked(HALF if mark == "partly" else 0.0, [
        Line(mark, truth, sources), written_line(case.traps, "classify", path, "note"),
        *_guidelines(case)])


def _wrong_path(case: Case, chosen: str) -> str:
    if case.category in Z_CATEGORIES:
        return "z_side" if chosen in Z_CATEGORIES else "t_word_for_z"
    if chosen in Z_CATEGORIES:
        return "z_word_for_t"
    if case.diagnosis.decided_by == "earlier_diagnosis" and chosen in ("normal", "low_bone_mass"):
        return "earlier_diagnosis"
    if case.diagnosis.decided_by == "fragility_fracture" and _ORDER.index(
            chosen) < _ORDER.index(case.category):
        return "missed_fracture"
    if chosen == "severe_osteoporosis":
        return "called_severe"
    if case.category == "severe_osteoporosis" and chosen == "osteoporosis":
        return "not_severe"
    return "too_mild" if _ORDER.index(chosen) < _ORDER.index(case.category) else "too_severe"


def _guidelines(case: Case) -> list[Line]:
    """Where published rules differ on this person, say so."""
    if len(set(case.by_guideline.values())) == 1:
        return []
    told = "; ".join(f"{guideline_name(name)}: {plain_name(category)}"
                     for name, category in case.by_guideline.items())
    return [Line("note", f"Published rules differ on this person. {told}. WHO and ISCD read "
                 "density only; the others read the history too.", ())]


# --- risk ------------------------------------------------------------------------------


def mark_risk(case: Case, value_pct: float | None, low_pct: float | None = None,
              high_pct: float | None = None) -> Marked:
    """Marks for the ten-year risk of a major osteoporotic fracture.

    Parameters
    ----------
    value_pct, low_pct, high_pct : float or None
        The estimate and its range, %; ``None``: no published risk applies to this person.
    """
    if case.risk is None:
        text = (f"No published risk covers {case.patient.age_years:g} years, so a number would "
                "be made up.")
        return _marked(float(value_pct is None), [Line(
            "right" if value_pct is None else "wrong", text)])
    major, hip = case.risk.major, case.risk.hip
    truth = (f"The model says {of_100(major.probability)} in ten years, {of_100(hip.probability)} "
             f"for the hip; the average of this age and sex is {of_100(major.average)}. It is not "
             "FRAX, and the medicines are not in it.")
    sources = case.risk.major.sources
    if value_pct is None:
        return _marked(0.0, [Line("wrong", f"A risk can be given at this age. {truth}", sources)])
    _check_range(value_pct, low_pct, high_pct)
    return _marked(*_risk_lines(100 * major.probability, value_pct, low_pct, high_pct, truth,
                                sources))


def _check_range(value: float, low: float | None, high: float | None) -> None:
    numbers = (low, value, high)
    if any(one is None or not math.isfinite(one) or not 0 <= one <= 100 for one in numbers):
        raise InputError("risk", "must be three numbers from 0 to 100", numbers,
                         "Give your estimate, and the lowest and highest that you would believe.")
    if not low <= value <= high:
        raise InputError("risk", "must lie within its own range", numbers,
                         "Put the lowest first and the highest last.")


def _risk_lines(model: float, value: float, low: float, high: float, truth: str,
                sources: tuple[str, ...]) -> tuple[float, list[Line]]:
    # Natural frequencies are whole people: 12.4 lies within "10 to 12".
    inside = low - HALF <= model <= high + HALF
    narrow = high <= WIDEST_USEFUL_RANGE * max(low, 1.0)
    if inside and narrow:
        return 1.0, [Line("right", f"Your range holds it. {truth}", sources)]
    if inside:
        return HALF, [Line("partly", "Your range holds it, but it is so wide that it says "
                           f"little. {truth}", sources)]
    side = "high" if value > model else "low"
    return 0.0, [Line("wrong", f"Your estimate is too {side}. {truth}", sources)]
