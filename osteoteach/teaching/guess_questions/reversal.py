"""The question of the page `reversal`."""

from __future__ import annotations

from typing import Any

from osteoteach.evidence import table
from osteoteach.model.reversal import Reversal
from osteoteach.model.vocabulary import plain_name
from osteoteach.teaching.guess_questions.trials import CHANGE_SCALE_PCT, trials_with_plan
from osteoteach.teaching.guesses import Guessable, Published
from osteoteach.teaching.sentences import signed, whom, years_in_words

__all__ = ["reversal_guess"]


def reversal_guess(found: Reversal, site: str, settings: tuple[Any, ...]) -> Guessable:
    """By how much a site gains with a plan."""
    item, course, years = found.sites[site], found.trajectory, found.trajectory.years
    person = whom(course.patient)
    if course.plan.courses:
        further = trials_with_plan(course.plan, course.patient.sex, site, years)
        pitfall = ("Most of a medicine's gain comes early and then flattens: some carry the first "
                   "year on, others take it for all there is.")
    else:
        further = _exercise(found, site)
        pitfall = ("Exercise and calcium bring one step, not a gain every year, and untreated "
                   "loss goes on beside it.")
    return Guessable(
        "reversal", f"By how many percent will bone density at the {plain_name(site)} have "
        f"changed after {years_in_words(years)} of this plan?",
        f"{person.capitalize()}, {plain_name(site)} T {signed(item.t_score_now)}, "
        f"{years_in_words(years)} of the plan as set", settings, item.gain_likely_pct, pitfall,
        unit="%", off_unit="percentage points", scale=CHANGE_SCALE_PCT, decimals=1, signed=True,
        band=(item.low_pct, item.high_pct), band_words="90 of 100 people", further=further,
        at=years)


def _exercise(found: Reversal, site: str) -> tuple[Published, ...]:
    """What trials found for the exercise of the plan alone."""
    used = {effect.effect_id for effect in found.trajectory.paths[site].effects
            if effect.exposure == "exercise"}
    return tuple(
        Published(f"Trials of {plain_name(row['level'])} exercise alone, against control",
                  row["value"], row["low"], row["high"], row["source_ids"].split(";")[0],
                  "lifestyle_effects", row["effect_id"])
        for row in table("lifestyle_effects") if row["effect_id"] in used)
