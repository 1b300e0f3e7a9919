"""`make_case`: a virtual patient from a code, the same one for the whole class.

The dice propose a person with one trap; the models check that the case is sound: one best
category on which the guidelines agree (unless their difference is the trap), no score next
to a line (unless the line is the trap), and a trap that changes something. What is not
sound is thrown again, so every code has its patient.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import replace

from osteoteach.errors import DataError, InputError
from osteoteach.evidence import table
from osteoteach.model.densitometry import reported
from osteoteach.model.diagnosis import (
    BELOW_EXPECTED_UP_TO_Z,
    NORMAL_FROM_T,
    OSTEOPOROSIS_UP_TO_T,
    diagnose,
    t_category,
)
from osteoteach.model.vocabulary import number_between
from osteoteach.teaching.cases.case import CLINICAL_GUIDELINES, GUIDELINE, Case, build_case
from osteoteach.teaching.cases.dice import Dice
from osteoteach.teaching.cases.recipes import LEVELS, SECOND_TRAPS, draft

__all__ = ["LARGEST_SEED", "case_code", "make_case", "parse_code"]

LARGEST_SEED = 99_999
MOST_THROWS = 2_000
#: T-scores nearer to a line than this are left out, where the line is not the lesson.
CLEAR_OF_LINES = 0.2
_CODE = re.compile(r"\s*([1-3])\s*[-‐–—]\s*(\d{1,5})\s*")


def case_code(seed: int, level: int) -> str:
    """The code that a teacher reads out.

    Examples
    --------
    >>> case_code(417, 2)
    '2-417'
    """
    return f"{level}-{seed}"


def parse_code(code: str) -> tuple[int, int]:
    """Seed and level of a code.

    Raises
    ------
    InputError
        The text is not a level, a dash and a number.

    Examples
    --------
    >>> parse_code("2-417")
    (417, 2)
    """
    found = _CODE.fullmatch(code) if isinstance(code, str) else None
    if found is None:
        raise InputError("code", "must be a level from 1 to 3, a dash and a number of up to 5 "
                         "digits", code, "Type it as your teacher wrote it, for example 2-417.")
    return int(found.group(2)), int(found.group(1))


def make_case(seed: int | str, level: int = 1) -> Case:
    """A virtual patient: the same seed and level give the same person everywhere.

    Parameters
    ----------
    seed : int or str
        0 to 99,999; or a whole code such as ``"2-417"``, which brings its level.
    level : int
        1 to 3. Each adds traps.

    Returns
    -------
    Case

    Raises
    ------
    InputError

    Examples
    --------
    >>> make_case(417, 2) == make_case("2-417")
    True
    >>> make_case("2-417").case_id
    '2-417'
    """
    if isinstance(seed, str):
        seed, level = parse_code(seed)
    _check_whole("seed", seed, 0, LARGEST_SEED)
    _check_whole("level", level, min(LEVELS), max(LEVELS))
    return _made(int(seed), int(level))


def _check_whole(name: str, value: object, low: int, high: int) -> None:
    rule = f"must be a whole number from {low} to {high:,}"
    number = number_between(name, value, low, high, rule, "Correct it.")
    if number != int(number):
        raise InputError(name, rule, value, "Leave out the decimals.")


@functools.lru_cache(maxsize=512)
def _made(seed: int, level: int) -> Case:
    code = case_code(seed, level)
    dice = Dice(f"osteoteach case {code}")
    trap = dice.pick(LEVELS[level])
    second = dice.pick(SECOND_TRAPS[level]) if level in SECOND_TRAPS else None
    for _ in range(MOST_THROWS):
        case = build_case(draft(dice, code, level, trap, second))
        if _is_sound(case):
            return case
    raise DataError("recipes", f"must give a sound case of {trap} within {MOST_THROWS} throws",
                    code)


def _is_sound(case: Case) -> bool:
    """One best category, clear of the lines, and every trap changes something."""
    return (_agrees(case) and _clear_of_lines(case) and _has_one_lowest(case)
            and all(_BITES.get(trap, _always)(case) for trap in case.traps))


def _agrees(case: Case) -> bool:
    if case.also_accepted:
        return True
    names = CLINICAL_GUIDELINES if case.patient.fractures else tuple(case.by_guideline)
    return len({case.by_guideline[name] for name in names}) == 1


def _clear_of_lines(case: Case) -> bool:
    scores = case.diagnosis.scores
    lines = ((BELOW_EXPECTED_UP_TO_Z,) if case.score_in_use == "z_score"
             else (NORMAL_FROM_T, OSTEOPOROSIS_UP_TO_T))
    lowest = min(scores.values())
    gap = min(abs(lowest - line) for line in lines)
    if case.has("boundary"):
        return lowest in lines
    return gap > CLEAR_OF_LINES - 1e-9


def _has_one_lowest(case: Case) -> bool:
    first, second, *_ = sorted(case.diagnosis.scores.values())
    return first < second


def _always(case: Case) -> bool:
    return True


def _with_all_vertebrae(case: Case) -> str:
    """The category of a reader who takes the printed total."""
    total = case.report.rows[0].t_score
    scores = {**case.patient.t_scores, "lumbar_spine": total}
    return diagnose(replace(case.patient, t_scores=scores)).category


def _excluded_bites(case: Case) -> bool:
    reading = case.report.reading
    return (reading.usable and len(reading.kept) < len(case.report.vertebrae)
            and (case.traps[0] != "excluded_vertebra"
                 or _with_all_vertebrae(case) != case.category))


def _z_bites(case: Case) -> bool:
    lowest = min(row.t_score for row in case.report.rows)
    return case.score_in_use == "z_score" and t_category(lowest) != "normal"


def _man_bites(case: Case) -> bool:
    """Read by the Z-score, as one year earlier, he would be within the expected range."""
    printed = [row.z_score for row in case.report.rows if row.z_score is not None]
    return case.score_in_use == "t_score" and case.category != "normal" and bool(printed)


def _discordant(case: Case) -> bool:
    scores = case.diagnosis.scores
    hip = min(scores[site] for site in ("total_hip", "femoral_neck"))
    return t_category(scores["lumbar_spine"]) != t_category(hip)


def _change_is(verdict: str) -> Callable[[Case], bool]:
    def bites(case: Case) -> bool:
        if case.earlier is None or case.earlier.main.verdict != verdict:
            return False
        change = case.earlier.main
        # Well inside or well outside, so that rounding a density does not decide.
        off = abs(abs(change.change_pct) / change.least_significant_change_pct - 1)
        return off > CLEAR_OF_LINES and change.change_pct < 0
    return bites


def _only_the_fracture(case: Case) -> bool:
    lowest = min(case.diagnosis.scores.values())
    return t_category(reported(lowest)) == "normal" and case.category == "osteoporosis"


def _may_pause(case: Case) -> bool:
    """A low risk by our model: below the lines that BHOF draws for FRAX."""
    rules = next(row for row in table("guidelines") if row["guideline_id"] == GUIDELINE)
    return (case.risk.major.probability < rules["frax_major_10y_from"]
            and case.risk.hip.probability < rules["frax_hip_10y_from"]
            and not case.patient.risk_factors.parental_hip_fracture)


_BITES = {
    "drug_holiday": _may_pause,
    "excluded_vertebra": _excluded_bites, "z_score": _z_bites, "man_52": _man_bites,
    "discordant": _discordant, "within_lsc": _change_is("not_shown"),
    "real_loss": _change_is("loss"), "fragility_normal_t": _only_the_fracture,
    "vertebral_normal_t": _only_the_fracture,
}
