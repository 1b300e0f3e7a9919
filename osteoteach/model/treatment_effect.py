"""What a medicine does to fractures: the trial's answer, and the answer of bone density.

Answers: the ratios that trials published, by medicine, fracture and population; what a
difference in BMD change would lead one to expect; and where the two disagree.
Refuses: a prediction from BMD outside what the meta-regression printed. Such a
prediction holds for trials; its authors say that it cannot be applied to one person
(source bouxsein_2019).
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

from osteoteach.errors import InputError
from osteoteach.evidence import source, table
from osteoteach.model.medicines import medicine as medicine_by_name
from osteoteach.model.vocabulary import checked_choice, number_between, plain_name

__all__ = ["BmdPrediction", "EffectComparison", "TrialEffect", "compare", "main_effect",
           "outcome_name", "outcome_names", "predicted_by_bmd", "trial_effects"]

_OUTCOMES = {
    "hip": "hip fracture", "vertebral_morphometric": "vertebral fracture on a radiograph",
    "vertebral_clinical": "vertebral fracture with symptoms",
    "nonvertebral": "non-vertebral fracture", "any_clinical": "fracture with symptoms",
    "any_fragility": "fragility fracture",
}
_SITES = ("total_hip", "femoral_neck", "lumbar_spine")


@dataclass(frozen=True)
class TrialEffect:
    """One published ratio, treated to comparator.

    Attributes
    ----------
    measure : str
        ``relative_risk``, ``hazard_ratio`` or ``odds_ratio``, as the trial has it.
    value, low, high : float
        The ratio and its 95% interval; the limits are ``None`` where none was read.
    months : int or None
        Follow-up.
    events_pct_treated, events_pct_control : float or None
        People with the fracture, %.
    """

    medicine: str
    trial: str
    comparator: str
    population: str
    outcome: str
    months: int | None
    measure: str
    value: float
    low: float | None
    high: float | None
    events_pct_treated: float | None
    events_pct_control: float | None
    n: int | None
    source_ids: tuple[str, ...]
    note: str | None

    @property
    def shows_benefit(self) -> bool | None:
        """Whether the whole interval lies below 1; ``None`` without an interval."""
        return None if self.high is None else self.high < 1

    def __str__(self) -> str:
        limits = "no interval read" if self.low is None else f"{self.low:g} to {self.high:g}"
        return f"{self.trial}, {outcome_name(self.outcome)}: {self.value:g} ({limits})"


def outcome_names() -> tuple[str, ...]:
    """Kinds of fracture for which a ratio is known.

    Examples
    --------
    >>> "hip" in outcome_names()
    True
    """
    return tuple(_OUTCOMES)


def outcome_name(outcome: str) -> str:
    """A kind of fracture as it is written in prose.

    Examples
    --------
    >>> outcome_name("vertebral_clinical")
    'vertebral fracture with symptoms'
    """
    return _OUTCOMES[checked_choice("outcome", outcome, _OUTCOMES)]


@functools.cache
def _effects_of(medicine: str) -> tuple[TrialEffect, ...]:
    names = [name for name in TrialEffect.__dataclass_fields__
             if name not in ("medicine", "source_ids")]
    return tuple(
        TrialEffect(medicine=medicine, source_ids=(row["source_id"],),
                    **{name: row[name] for name in names})
        for row in table("fracture_effects") if medicine in row["medicines"].split(";"))


def trial_effects(medicine: str, outcome: str | None = None) -> tuple[TrialEffect, ...]:
    """Published effects of a medicine on fracture, the main trials first.

    Rows of one trial overlap (a subgroup, a pooled analysis): they are to be read,
    not to be pooled.

    Parameters
    ----------
    medicine : str
        A name of `medicines.medicine_names`.
    outcome : str, optional
        One of `outcome_names`; without it all.

    Returns
    -------
    tuple of TrialEffect
        Empty where no fracture trial could be confirmed.

    Examples
    --------
    FREEDOM, three years: 86 of 3,702 against 264 of 3,691.

    >>> effect = trial_effects("denosumab", "vertebral_morphometric")[-1]
    >>> effect.months, effect.value, (effect.low, effect.high)
    (36, 0.32, (0.26, 0.41))
    """
    medicine_by_name(medicine)
    if outcome is not None:
        checked_choice("outcome", outcome, _OUTCOMES)
    return tuple(effect for effect in _effects_of(medicine) if outcome in (None, effect.outcome))


def main_effect(medicine: str, outcome: str) -> TrialEffect | None:
    """The effect to calculate with: against placebo, with an interval, longest follow-up.

    Of several with the same follow-up the first of the table; ``None`` where no
    comparison with placebo has a published interval.

    Examples
    --------
    >>> main_effect("zoledronate_18_months", "any_fragility").value
    0.63
    >>> main_effect("abaloparatide", "hip") is None
    True
    """
    usable = [effect for effect in trial_effects(medicine, outcome)
              if effect.comparator == "placebo" and effect.low is not None and effect.months]
    if not usable:
        return None
    first_trial = [effect for effect in usable if effect.trial == usable[0].trial]
    return max(first_trial, key=lambda effect: (effect.months, effect.measure != "odds_ratio"))


@dataclass(frozen=True)
class BmdPrediction:
    """What a difference in BMD change would lead one to expect, in a trial.

    Attributes
    ----------
    relative_risk : float
        Expected ratio, treated to placebo; the regression prints no interval.
    r_squared : tuple of (float, source id)
        How much of the variation between trials the regressions explain (0 to 1).
    threshold_pct : float or None
        Smallest difference from which some reduction is reliably predicted.
    """

    outcome: str
    bmd_site: str
    change_difference_pct: float
    relative_risk: float
    r_squared: tuple[tuple[float, str], ...]
    threshold_pct: float | None
    source_ids: tuple[str, ...]

    @property
    def reliably_below_1(self) -> bool | None:
        """Whether the difference reaches the threshold; ``None`` if none is published."""
        return None if self.threshold_pct is None \
            else self.change_difference_pct >= self.threshold_pct


def _rows(kind: str, outcome: str, bmd_site: str) -> list:
    return [row for row in table("bmd_change_and_fracture")
            if (row["kind"], row["outcome"], row["bmd_site"]) == (kind, outcome, bmd_site)]


def predicted_by_bmd(change_difference_pct: float, outcome: str,
                     bmd_site: str = "total_hip") -> BmdPrediction:
    """Ratio that the BMD change alone would predict, from published meta-regressions.

    The regression is linear in the logarithm of the ratio, and its paper prints two
    points of the line. Between them the line is read; beyond them nothing is said.

    Parameters
    ----------
    change_difference_pct : float
        BMD change with the medicine less that with placebo, %.
    outcome : str
        ``vertebral_morphometric`` or ``hip``; for others no reduction is printed.
    bmd_site : str
        ``total_hip``; for other sites no reduction is printed.

    Returns
    -------
    BmdPrediction

    Raises
    ------
    InputError
        No prediction is published for this outcome, site or difference.

    Examples
    --------
    Printed: 2% at the total hip, 28% fewer vertebral fractures; 6%, 66% fewer. By hand
    at 4%: the root of 0.72 x 0.34 is 0.495.

    >>> round(predicted_by_bmd(2, "vertebral_morphometric").relative_risk, 2)
    0.72
    >>> round(predicted_by_bmd(4, "vertebral_morphometric").relative_risk, 3)
    0.495
    """
    checked_choice("outcome", outcome, _OUTCOMES)
    checked_choice("bmd_site", bmd_site, _SITES)
    points = sorted((row["change_difference_pct"], row["value"], row["source_id"])
                    for row in _rows("risk_reduction", outcome, bmd_site))
    if not points:
        raise InputError("outcome", "must be one whose reduction is printed for this site "
                         "(vertebral_morphometric or hip, by total_hip)", (outcome, bmd_site),
                         "Use the trial's own ratio: see trial_effects.")
    low, high = points[0], points[-1]
    change = number_between(
        "change_difference_pct", change_difference_pct, low[0], high[0],
        f"must be from {low[0]:g} to {high[0]:g} %, where the regression is printed",
        "Use the trial's own ratio: see trial_effects.")
    share = (change - low[0]) / (high[0] - low[0])
    logs = [math.log(1 - point[1] / 100) for point in (low, high)]
    explained = tuple((row["value"], row["source_id"])
                      for row in _rows("r_squared", outcome, bmd_site))
    thresholds = _rows("surrogate_threshold", outcome, bmd_site)
    named = [low[2], *(name for _, name in explained), *(row["source_id"] for row in thresholds)]
    return BmdPrediction(outcome, bmd_site, change,
                         math.exp(logs[0] + share * (logs[1] - logs[0])), explained,
                         thresholds[0]["value"] if thresholds else None,
                         tuple(dict.fromkeys(named)))


@dataclass(frozen=True)
class EffectComparison:
    """A trial's ratio beside the one that BMD predicts.

    Attributes
    ----------
    prediction : BmdPrediction or None
        ``None`` where none is published; ``sentence`` says why.
    disagree : bool or None
        Whether the predicted ratio, to two decimals as trials print theirs, lies outside
        the trial's 95% interval. ``None`` without prediction or interval. Two intervals
        cannot be compared, because the regression prints none.
    """

    effect: TrialEffect
    prediction: BmdPrediction | None
    disagree: bool | None
    sentence: str


def compare(medicine: str, change_difference_pct: float,
            bmd_site: str = "total_hip") -> tuple[EffectComparison, ...]:
    """Every placebo-controlled effect of a medicine beside the prediction of BMD.

    Parameters
    ----------
    medicine : str
    change_difference_pct : float
        BMD change with the medicine less that without, %.

    Examples
    --------
    A gain of 6% at the hip over placebo lets one expect 66% fewer vertebral fractures;
    FREEDOM found 68% fewer.

    >>> three_years = [one for one in compare("denosumab", 6.0) if one.effect.months == 36]
    >>> three_years[0].disagree
    False
    """
    number_between("change_difference_pct", change_difference_pct, -50, 50,
                   "must be from -50 to 50 %", "Give the difference in BMD change.")
    return tuple(_comparison(effect, change_difference_pct, bmd_site)
                 for effect in trial_effects(medicine) if effect.comparator == "placebo")


def _comparison(effect: TrialEffect, change: float, bmd_site: str) -> EffectComparison:
    reason = _why_no_prediction(change, effect.outcome, bmd_site)
    if reason:
        return EffectComparison(effect, None, None, f"{effect}. {reason}")
    prediction = predicted_by_bmd(change, effect.outcome, bmd_site)
    expected = prediction.relative_risk
    from_bmd = (f"a difference of {change:g}% at the {plain_name(bmd_site)} lets one expect "
                f"{expected:.2f} ({source(prediction.source_ids[0]).short})")
    if effect.low is None:
        return EffectComparison(effect, prediction, None,
                                f"{effect}; {from_bmd}. Without an interval of the trial "
                                "they cannot be held against each other.")
    if effect.low <= round(expected, 2) <= effect.high:
        verdict, disagree = "The two agree: it lies inside the trial's interval.", False
    else:
        more = "more" if round(expected, 2) > effect.high else "less"
        verdict, disagree = (f"The two disagree: the trial found {more} protection than "
                             "density explains."), True
    return EffectComparison(effect, prediction, disagree, f"{effect}; {from_bmd}. {verdict}")


def _why_no_prediction(change: float, outcome: str, bmd_site: str) -> str:
    """Why the BMD change says nothing of this outcome; empty where it does."""
    printed = [row["change_difference_pct"]
               for row in _rows("risk_reduction", outcome, bmd_site)]
    if printed and min(printed) <= change <= max(printed):
        return ""
    if printed:
        return (f"The regression on BMD is printed from {min(printed):g} to {max(printed):g}%, "
                f"not at {change:g}%.")
    text = f"How large a reduction BMD predicts is not printed for {outcome_name(outcome)}"
    thresholds = _rows("surrogate_threshold", outcome, bmd_site)
    if not thresholds:
        return f"{text}."
    return (f"{text}; that there is one is predicted reliably from a difference of "
            f"{thresholds[0]['value']:g}% ({source(thresholds[0]['source_id']).short}).")
