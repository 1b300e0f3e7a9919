"""The risk of a fracture, from a person's own factors, with every part visible.

`fracture_risk` answers: how probable is a hip fracture, and a major osteoporotic one
(hip, clinical vertebral, forearm, humerus), within some years, with death competing.

The mean hazard of the person's age and sex is multiplied by her place in the BMD
distribution and by her factors, each divided by its own mean in the population. This is
not FRAX, which is proprietary and lives on its own site; see `fracture_comparison`.

The plan's medicines are not part of it: `treatment_effect` gives what they do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from osteoteach.errors import InputError
from osteoteach.model.fracture_density import NECK, Density, density_at_t_score, patient_density
from osteoteach.model.fracture_factors import LABELS, patient_factors
from osteoteach.model.fracture_forecast import Forecast, Part, Person, Risk
from osteoteach.model.fracture_hazard import OLDEST, BaseRates, base_rates, check_age, countries
from osteoteach.model.patient import Patient
from osteoteach.model.plan import LONGEST_YEARS, Plan
from osteoteach.model.vocabulary import checked_choice, number_between

__all__ = ["ASSUMPTIONS", "FractureRisk", "Part", "Risk", "forecast_at_rates", "fracture_risk",
           "outcome_risk", "risk_by_t_score"]

#: What holds for every answer, for a page to show.
ASSUMPTIONS = (
    "Death comes at the rate of the whole population of that age and sex, whatever the "
    "person's factors, and no higher after a fracture.",
    "Factors multiply, and are spread independently of each other. What they and density tell "
    "twice is taken out with one correlation for all of them.",
    "The person keeps a place among people of the same age: the Z-score stays, the T-score falls.",
    "The rates are those of US people, mostly white. The interval holds what two sources of the "
    "rates, the gradient, the ratios and the shares of the population leave open, where that was "
    "printed; it leaves out that people of another time or place break more or less.",
)
STEP_YEARS = 1.0
# Density and death: low density goes with more deaths (1.20 per SD at the hip, qu_2013), part
# of them after a fracture, which do not compete with the first one. Left out.


@dataclass(frozen=True)
class FractureRisk:
    """The answer of `fracture_risk`: hip, and any major osteoporotic fracture."""

    patient: Patient
    years: float
    country: str
    hip: Risk
    major: Risk

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings of both, once."""
        return tuple(dict.fromkeys((*self.hip.warnings, *self.major.warnings)))

    @property
    def sources(self) -> tuple[str, ...]:
        """Source ids of both, once."""
        return tuple(dict.fromkeys((*self.hip.sources, *self.major.sources)))


def fracture_risk(patient: Patient, years: float = 10, plan: Plan | None = None,
                  country: str = "US") -> FractureRisk:
    """Risk of fracture within some years, with its parts, interval and sources.

    Parameters
    ----------
    patient : Patient
        40 to 95 years. A femoral neck T-score, BMD or Z-score brings in the density; the
        total hip stands in for it. Without either the ratios not adjusted for BMD serve.
    years : float
        Above 0, up to 40.
    plan : Plan, optional
        A change of lifestyle moves BMD, and so the risk. Medicines do not: their effect
        on fractures is not what they do to BMD alone; see `treatment_effect`.
    country : str
        One of `countries`.

    Returns
    -------
    FractureRisk

    Raises
    ------
    InputError
        Also for a plan of lifestyle without a hip scan: it could change nothing.

    Examples
    --------
    A lower T-score, a higher risk; and the parts multiply to the whole:

    >>> import math
    >>> def woman(t):
    ...     return Patient(age_years=65, sex="female", t_scores={"femoral_neck": t})
    >>> risk = fracture_risk(woman(-2.5)).hip
    >>> risk.probability > fracture_risk(woman(-1.0)).hip.probability
    True
    >>> math.isclose(math.prod(part.ratio for part in risk.parts), risk.hazard_ratio)
    True
    """
    years = _check(patient, years, plan, country)
    forecast, notes = _forecast(patient, years, plan, country)
    return FractureRisk(patient, years, country,
                        forecast.risk("hip", years, notes), forecast.risk("major", years, notes))


def outcome_risk(patient: Patient, outcome: str, years: float = 10,
                 country: str = "US") -> Risk:
    """One of the two risks that `fracture_risk` gives, without the work for the other.

    Parameters
    ----------
    patient, years, country
        As for `fracture_risk`.
    outcome : str
        ``hip`` or ``major``.

    Examples
    --------
    >>> woman = Patient(age_years=65, sex="female", t_scores={"femoral_neck": -2.5})
    >>> outcome_risk(woman, "hip") == fracture_risk(woman).hip
    True
    """
    years = _check(patient, years, None, country)
    checked_choice("outcome", outcome, ("hip", "major"))
    forecast, notes = _forecast(patient, years, None, country)
    return forecast.risk(outcome, years, notes)


def _forecast(patient: Patient, years: float, plan: Plan | None,
              country: str) -> tuple[Forecast, tuple[str, ...]]:
    """The hazards of a person, and what the evidence does not cover of them."""
    base = base_rates(country, patient.sex)
    steps = _steps(years)
    density = patient_density(patient, plan, tuple(middle for middle, _ in steps))
    if density is None and plan is not None and plan.lifestyle is not None:
        raise InputError("t_scores", "must hold a femoral neck (or total hip) for a plan",
                         dict(patient.t_scores), "Add the femoral neck T-score, or leave the "
                         "plan out: without a density a plan cannot change the risk.")
    factors, missing = patient_factors(patient, density is not None, country)
    forecast = Forecast(Person(patient.age_years, base, steps, factors), density)
    return forecast, _warnings(patient, years, plan, base, density, missing)


def risk_by_t_score(patient: Patient, t_scores: Sequence[float], years: float = 10,
                    country: str = "US", outcomes: Sequence[str] = ("hip", "major"),
                    ) -> dict[str, list[tuple[float, float, float]]]:
    """The risk if only the T-score of the femoral neck were another.

    Parameters
    ----------
    patient : Patient
        As for `fracture_risk`; her own density plays no part.
    t_scores : sequence of float
    years : float
        Above 0, up to 40.
    country : str
        One of `countries`.
    outcomes : sequence of str
        Which of ``hip`` and ``major`` to answer.

    Returns
    -------
    dict of outcome (``hip``, ``major``) to list of (probability, low, high), 0 to 1.

    Raises
    ------
    InputError

    Examples
    --------
    >>> woman = Patient(age_years=65, sex="female", t_scores={"femoral_neck": -2.5})
    >>> (probability, low, high), = risk_by_t_score(woman, [-2.5])["hip"]
    >>> probability == fracture_risk(woman).hip.probability
    True
    """
    years = _check(patient, years, None, country)
    for outcome in outcomes:
        checked_choice("outcomes", outcome, ("hip", "major"))
    factors, _ = patient_factors(patient, True, country)
    person = Person(patient.age_years, base_rates(country, patient.sex), _steps(years), factors)
    forecasts = [Forecast(person, density_at_t_score(patient, t_score)) for t_score in t_scores]
    return {outcome: [forecast.chances(outcome) for forecast in forecasts]
            for outcome in outcomes}


def _check(patient: Patient, years: float, plan: Plan | None, country: str) -> float:
    if not isinstance(patient, Patient):
        raise InputError("patient", "must be a Patient", patient, "Write Patient(age_years=...).")
    if plan is not None and not isinstance(plan, Plan):
        raise InputError("plan", "must be a Plan", plan, "Write Plan(lifestyle=Lifestyle(...)).")
    checked_choice("country", country, countries())
    check_age(patient.age_years)
    return number_between("years", years, 1e-6, LONGEST_YEARS,
                          f"must be above 0 and at most {LONGEST_YEARS}",
                          "Give the length of the forecast in years.")


def forecast_at_rates(patient: Patient, years: float, base: BaseRates) -> Forecast:
    """The forecast of a person if the base rates were these: to compare with other countries.

    Examples
    --------
    >>> woman = Patient(age_years=65, sex="female", t_scores={"femoral_neck": -2.5})
    >>> us = base_rates("US", "female")
    >>> forecast_at_rates(woman, 10, us).chances("hip")[0] == fracture_risk(woman).hip.probability
    True
    """
    density = patient_density(patient)
    factors, _ = patient_factors(patient, density is not None, base.country)
    return Forecast(Person(patient.age_years, base, _steps(years), factors), density)


def _steps(years: float) -> tuple[tuple[float, float], ...]:
    """Middle and length of each step: a year, and what remains."""
    whole = int(years / STEP_YEARS + 1e-9)
    steps = [((index + 0.5) * STEP_YEARS, STEP_YEARS) for index in range(whole)]
    rest = years - whole * STEP_YEARS
    return tuple(steps if rest < 1e-9 else [*steps, (whole * STEP_YEARS + rest / 2, rest)])


def _warnings(patient: Patient, years: float, plan: Plan | None, base: BaseRates,
              density: Density | None, missing: tuple[str, ...]) -> tuple[str, ...]:
    """What about this answer the evidence does not cover."""
    age, notes = patient.age_years, []
    if age < max(base.first_ages):
        notes.append(f"Below {max(base.first_ages):.0f} years no rates of this country were "
                     "found; the line of the ages above is carried on.")
    if age + years > OLDEST:
        notes.append(f"The forecast passes {OLDEST} years; the rates of the last band, from "
                     f"{base.last_age:.0f} on, are carried on.")
    if density is None and patient.scanned_sites:
        notes.append("The scan has no femoral neck and no total hip, so no density is used: "
                     "the published risk by density is that of the femoral neck.")
    if density is not None and density.site != NECK:
        notes.append("The total hip stands in for the femoral neck, whose published risk by "
                     "density is used.")
    if density is not None and density.site == NECK and patient.sex == "male":
        notes.append("Mean femoral neck BMD of men by age is a line through two groups; a "
                     "table by decade could not be confirmed.")
    if missing:
        notes.append("Not stated, so taken as the average of the population: "
                     + ", ".join(LABELS[name].lower() for name in missing) + ".")
    if patient.risk_factors.secondary_causes or patient.risk_factors.hyperparathyroidism:
        notes.append("A secondary cause is recorded; it is not in the risk.")
    if plan is not None and plan.courses:
        notes.append("The medicines of the plan are not in this risk; their effect on "
                     "fractures is given by treatment_effect.")
    if plan is not None and plan.lifestyle is not None:
        notes.append("The change of lifestyle counts only through BMD, not through falls or "
                     "the risk factor itself.")
    return tuple(notes)
