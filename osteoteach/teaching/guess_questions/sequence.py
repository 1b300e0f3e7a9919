"""The question of the page `sequence`."""

from __future__ import annotations

from typing import Any

from osteoteach.model.medicines import medicine
from osteoteach.model.trajectory import Trajectory
from osteoteach.model.vocabulary import plain_name
from osteoteach.teaching.guess_questions.trials import CHANGE_SCALE_PCT, trials_with_plan
from osteoteach.teaching.guesses import Guessable
from osteoteach.teaching.sentences import whom, years_in_words

__all__ = ["PITFALLS", "PITFALL_OTHERWISE", "PITFALL_STILL_GIVEN", "sequence_guess"]

#: Of two medicines that end together the one named first here decides what is left.
PITFALLS = {
    "bisphosphonate": "A bisphosphonate stays in bone and goes on acting after the last dose, "
                      "risedronate for a shorter time; most other medicines do not.",
    "rankl_antibody": "Denosumab is not kept in bone. The cells it held back return together, so "
                      "the gain goes faster than after a bisphosphonate.",
    "pth_analogue": "New bone that nothing protects is resorbed again: an anabolic course needs "
                    "a medicine after it.",
    "sclerostin_antibody": "New bone that nothing protects is resorbed again: an anabolic course "
                           "needs a medicine after it.",
}
PITFALL_OTHERWISE = ("A gain lasts as long as what holds it. When a medicine leaves the body its "
                "effect goes with it, and the loss of age goes on.")


PITFALL_STILL_GIVEN = ("Nothing has been stopped by then. Most of a gain comes in the first years; "
                       "an end before the last year shown tells what is left.")


def sequence_guess(course: Trajectory, site: str, settings: tuple[Any, ...]) -> Guessable:
    """What is left one year after the treatment has ended."""
    last = max((one.end_years for one in course.plan.courses), default=0.0)
    at = min(last + 1.0, course.years)
    where, person = plain_name(site), whom(course.patient)
    if not course.plan.courses:
        when, pitfall = f"after {years_in_words(at)} without medicine", PITFALL_OTHERWISE
    elif at <= last:
        when, pitfall = f"after {years_in_words(at)} of this plan", PITFALL_STILL_GIVEN
    else:
        after = "one year" if at == last + 1.0 else f"{12 * (at - last):.0f} months"
        when = f"{after} after the end of this plan, {years_in_words(at)} from today"
        ended = {medicine(one.medicine).medicine_class for one in course.plan.courses
                 if one.end_years == last}
        pitfall = next((PITFALLS[group] for group in PITFALLS if group in ended),
                       PITFALL_OTHERWISE)
    return Guessable(
        "sequence", f"By how many percent will bone density at the {where} differ from today "
        f"{when}?", f"{person.capitalize()}, {where}, {when}", settings,
        course.change_pct(site, at), pitfall, unit="%", off_unit="percentage points",
        scale=CHANGE_SCALE_PCT, decimals=1, signed=True, band=course.band_pct(site, at),
        band_words="90 of 100 people",
        further=trials_with_plan(course.plan, course.patient.sex, site, at), at=at)
