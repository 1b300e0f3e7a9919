"""Can it be reversed? Gain needed, gain likely, and four meanings of the word.

"Reversed" may mean that BMD rose by more than a scan can mistake; that the
category changed; that the T-score is normal again; or that the risk of fracture
is back to the average for that age. They are far apart, and articles on the
subject seldom say which they mean.
"""

from __future__ import annotations

import bisect
import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from osteoteach.errors import InputError
from osteoteach.model.densitometry import reported, young_adult_reference
from osteoteach.model.diagnosis import (
    NORMAL_FROM_T,
    OSTEOPOROSIS_UP_TO_T,
    score_in_use,
    t_category,
)
from osteoteach.model.fracture_hazard import OLDEST, YOUNGEST
from osteoteach.model.fracture_risk import outcome_risk
from osteoteach.model.patient import Patient
from osteoteach.model.plan import Plan
from osteoteach.model.precision import least_significant_change, precision_cv_pct
from osteoteach.model.site_path import PERSONS
from osteoteach.model.trajectory import Trajectory, simulate
from osteoteach.model.vocabulary import plain_name

__all__ = ["Meaning", "Reversal", "SiteReversal", "gain_needed_pct", "reversal"]

#: The first reported score on the good side of each line.
LINES = {"normal": NORMAL_FROM_T, "above_osteoporosis": OSTEOPOROSIS_UP_TO_T + 0.1}
HALF_STEP = 0.05 - 1e-9
NECK = "femoral_neck"
# T-scores between which the log of the hazard is nearly straight; over more of the scale it
# bends, because the hip's fractures and the others rise by different gradients.
PROBES = tuple(-4.5 + 0.5 * step for step in range(14))
_ORDER = ("osteoporosis", "low_bone_mass", "normal")


@dataclass(frozen=True)
class SiteReversal:
    """One site: what it would take, and what is likely.

    Attributes
    ----------
    gain_needed_pct : mapping of line to %
        Lines ``normal`` (T = -1.0) and ``above_osteoporosis`` (T = -2.4, the first
        that is not osteoporosis). If the person is already there: negative, the change at
        which the T-score, to one decimal, still reads so.
    gain_likely_pct, low_pct, high_pct : float
        Expected change at the end, and its 90% band.
    chance : mapping of line to probability
        That the T-score at the end reads on the good side of the line, to one decimal.
    chance_of_real_gain : float
        That the true gain is at least the least significant change.
    """

    site: str
    t_score_now: float
    t_score_then: float
    gain_needed_pct: Mapping[str, float]
    gain_likely_pct: float
    low_pct: float
    high_pct: float
    least_significant_change_pct: float
    chance: Mapping[str, float]
    chance_of_real_gain: float


@dataclass(frozen=True)
class Meaning:
    """One meaning of "reversed", and its probability (``None``: not to be had, and why).

    Attributes
    ----------
    note : str
        What was counted, in sentences.
    remark : str
        Some words to stand beside the number, or in its place: what holds today already
        is not brought about by a plan.
    """

    meaning: str
    question: str
    probability: float | None
    note: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Reversal:
    """The answer of `reversal`."""

    sites: Mapping[str, SiteReversal]
    meanings: tuple[Meaning, ...]
    trajectory: Trajectory
    limiting_site: str

    def probability(self, meaning: str) -> float | None:
        """Probability of one meaning: ``bmd_up``, ``category_changed``,
        ``t_score_normal`` or ``fracture_risk_average``."""
        for item in self.meanings:
            if item.meaning == meaning:
                return item.probability
        names = ", ".join(item.meaning for item in self.meanings)
        raise InputError("meaning", f"must be one of {names}", meaning, "Use one of these.")


def gain_needed_pct(t_score_now: float, t_score_target: float, site: str) -> float:
    """Rise of BMD that moves a T-score to a target, %.

    Examples
    --------
    By hand, femoral neck: T -2.0 is 0.618 g/cm2 and T -1.0 is 0.738; 0.738/0.618
    is 1.194.

    >>> round(gain_needed_pct(-2.0, -1.0, "femoral_neck"), 1)
    19.4
    """
    reference = young_adult_reference(site)
    now = reference.mean_g_cm2 + t_score_now * reference.sd_g_cm2
    if now <= 0:
        raise InputError("t_score_now", "must leave a density above 0 g/cm2", t_score_now,
                         "Check the T-score.")
    return 100 * (t_score_target - t_score_now) * reference.sd_g_cm2 / now


def reversal(patient: Patient, plan: Plan | None = None, years: float = 5.0,
             seed: int = 1) -> Reversal:
    """Ask whether, and how far, a plan reverses bone loss.

    Parameters
    ----------
    patient : Patient
        With a T-score or BMD at the spine, total hip or femoral neck.
    plan : Plan, optional
        Default: live on as now.
    years : float
        When to look: above 0, up to 40.
    seed : int
        Of the simulated persons.

    Returns
    -------
    Reversal

    Raises
    ------
    InputError
        No usable site, or what `simulate` refuses.

    Examples
    --------
    >>> woman = Patient(age_years=62, sex="female", menopausal_status="postmenopausal",
    ...                 menopause_age_years=50, t_scores={"femoral_neck": -2.0})
    >>> answer = reversal(woman, Plan(), years=5)
    >>> round(answer.sites["femoral_neck"].gain_needed_pct["normal"], 1)
    19.4
    """
    course = simulate(patient, plan, years, seed)
    if not course.scanned_sites:
        raise InputError("t_scores", "must hold the spine, total hip or femoral neck", None,
                         'Give t_scores={"total_hip": ...} or a BMD with its device.')
    sites = {site: _site(course, site) for site in course.scanned_sites}
    limiting = min(sites, key=lambda site: reported(sites[site].t_score_now))
    return Reversal(sites, _meanings(patient, course, sites), course, limiting)


def _site(course: Trajectory, site: str) -> SiteReversal:
    path, end = course.paths[site], course.years
    now, change = path.t_score(0.0), path.change_pct(end)
    # A report has one decimal: from -1.05 on it reads -1.0, and from -2.45 on -2.4.
    reads = {line: gain_needed_pct(now, score - HALF_STEP, site) for line, score in LINES.items()}
    needed = {line: reads[line] if reported(now) >= score else gain_needed_pct(now, score, site)
              for line, score in LINES.items()}
    limit = least_significant_change(precision_cv_pct(site))
    low, high = path.band_pct(end)
    return SiteReversal(site, now, path.t_score(change), needed, change, low, high, limit,
                        {line: path.chance_of_change(gain, end) for line, gain in reads.items()},
                        path.chance_of_change(limit, end))


def _risk_meaning(patient: Patient, course: Trajectory) -> Meaning:
    """Whether the risk of a major fracture falls to the average, through density alone."""
    question = "Is the risk of fracture back to the average for that age?"

    def unknown(why: str, remark: str) -> Meaning:
        return Meaning("fracture_risk_average", question, None, why, remark)

    then = patient.age_years + course.years
    if NECK not in course.scanned_sites:
        return unknown("It needs the femoral neck: the risk by density is published for it.",
                       "needs the femoral neck")
    if not YOUNGEST <= then <= OLDEST:
        return unknown(f"Fracture rates cover {YOUNGEST:g} to {OLDEST:g} years.",
                       f"no rates at {then:g} years")
    path = course.paths[NECK]
    now, average_t = path.t_score(0.0), _average_t(patient, course.years)
    needed = gain_needed_pct(now, average_t, NECK)
    today = ""
    if patient.age_years >= YOUNGEST:
        today = ("above it today" if _hazard_ratio_at(patient, 0.0, now) > 1
                 else "no higher today")
    note = (f"Counted for a major fracture: the risk is average at a femoral neck T-score of "
            f"{average_t:.1f} then, the other factors held. It counts through bone density alone.")
    if patient.lifestyle.smoking == "current":
        note += " Smoking is counted as today's, also where the plan stops it."
    return Meaning("fracture_risk_average", question,
                   path.chance_of_change(needed, course.years), note,
                   today)


def _average_t(patient: Patient, years: float) -> float:
    """T-score of the femoral neck at which the risk is the average of that age."""
    def below_average(score: float) -> float:
        return -math.log(_hazard_ratio_at(patient, years, score))

    # Beyond the outer probes the line goes on.
    place = min(max(bisect.bisect_left(PROBES, 0.0, key=below_average), 1), len(PROBES) - 1)
    left, right = PROBES[place - 1], PROBES[place]
    low, high = below_average(left), below_average(right)
    return left - low * (right - left) / (high - low)


def _hazard_ratio_at(patient: Patient, years: float, t_score: float) -> float:
    """Hazard over the average of that age, some years from now, at a T-score."""
    status = patient.menopausal_status if patient.menopausal_status == "postmenopausal" else None
    fractures = tuple(
        replace(fracture, years_ago=fracture.years_ago + years)
        if fracture.years_ago is not None else fracture for fracture in patient.fractures)
    later = replace(patient, age_years=patient.age_years + years, menopausal_status=status,
                    expected_menopause_age_years=None,
                    t_scores={NECK: t_score}, z_scores={}, bmd_g_cm2={}, device=None,
                    fractures=fractures)
    return _hazard_ratio(later)


@functools.lru_cache(maxsize=256)
def _hazard_ratio(patient: Patient) -> float:
    # Her own T-scores play no part in it, so it is kept while they move.
    return outcome_risk(patient, "major", 1).hazard_ratio


def _meanings(patient: Patient, course: Trajectory,
              sites: Mapping[str, SiteReversal]) -> tuple[Meaning, ...]:
    end = course.years
    best = max(sites.values(), key=lambda item: item.chance_of_real_gain)
    up = Meaning("bmd_up", "Does BMD rise by more than a scan can mistake?",
                 best.chance_of_real_gain,
                 f"Counted at its best site, the {plain_name(best.site)}.",
                 f"at the {plain_name(best.site)}")
    risk = _risk_meaning(patient, course)
    if score_in_use(patient) == "z_score":
        why = "T-score categories do not apply to this person."
        short = "does not apply"
        return (up, Meaning("category_changed", "Does the category get better?", None, why, short),
                Meaning("t_score_normal", "Is every T-score -1.0 or better?", None, why, short),
                risk)
    by_site = [[path.t_score(change) for change in path.persons_change_pct(end, seed=course.seed)]
               for path in (course.paths[site] for site in sites)]
    lowest = [min(scores) for scores in zip(*by_site, strict=True)]
    now = _ORDER.index(t_category(min(item.t_score_now for item in sites.values())))
    better = sum(_ORDER.index(t_category(score)) > now for score in lowest) / PERSONS
    normal = sum(reported(score) >= NORMAL_FROM_T for score in lowest) / PERSONS
    note = "Share of 200 simulated persons; the lowest scanned site decides."
    if now == 0 and not patient.fractures:
        note += (" The category here is that of the T-score: osteoporosis that is diagnosed today "
                 "stays on the record whatever the next scan says.")
    elif patient.fractures or patient.prior_osteoporosis_diagnosis:
        note += (" The category here is that of the T-score: a fracture or an earlier "
                 "diagnosis keeps osteoporosis on the record whatever the scan says.")
    is_normal = now == len(_ORDER) - 1
    changed = Meaning("category_changed", "Does the category get better?",
                      None if is_normal else better,
                      "Already normal." if is_normal else note,
                      "already normal" if is_normal else "")
    return (up, changed,
            Meaning("t_score_normal", "Is every T-score -1.0 or better?", normal, note,
                    "normal today" if is_normal else ""), risk)
