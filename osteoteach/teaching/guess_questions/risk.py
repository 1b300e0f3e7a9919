"""The question of the page `risk`."""

from __future__ import annotations

from typing import Any

from osteoteach.evidence import table
from osteoteach.model.fracture_forecast import Risk
from osteoteach.model.patient import Patient
from osteoteach.teaching.guesses import Guessable, Published
from osteoteach.teaching.sentences import whom, years_in_words

__all__ = ["risk_guess"]


def risk_guess(risk: Risk, patient: Patient, outcome_words: str,
               settings: tuple[Any, ...]) -> Guessable:
    """How many of 100 people like this one have the fracture."""
    years, who = risk.years, "women like her" if patient.sex == "female" else "men like him"
    return Guessable(
        "risk", f"Of 100 {who}, how many have a {outcome_words} within "
        f"{years_in_words(years)}, untreated?",
        f"{whom(patient).capitalize()}, {outcome_words}, {years_in_words(years)}", settings,
        100 * risk.probability,
        "The T-score is easily read as if it were the risk. Age and earlier fractures count "
        "beside it, and some people die before they break a bone.",
        unit="of 100", off_unit="in 100", band=(100 * risk.low, 100 * risk.high),
        band_words="90% interval", further=_average(risk, patient))


def _average(risk: Risk, patient: Patient) -> tuple[Published, ...]:
    """Published risk of all people of the same country, sex and age."""
    return tuple(
        Published("Average of that age, United States", row["risk_pct"], None, None,
                  row["source_id"], "published_risks", row["row_id"])
        for row in table("published_risks")
        if (row["kind"], row["country"], row["sex"], row["outcome"], row["years"])
        == ("population", "US", patient.sex, risk.outcome, risk.years)
        and row["to_age"] is not None and row["age_years"] <= patient.age_years <= row["to_age"])
