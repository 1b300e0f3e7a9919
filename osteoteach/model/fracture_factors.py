"""Risk factors of fracture: what each does to a person's hazard, over the average.

A published ratio compares people with the factor to people without it. The base rates
are those of everybody, so each ratio is divided by its own mean in the population:
somebody without the factor has a little less than the mean risk.

With a bone density only ratios adjusted for BMD may be used: an unadjusted one would
count thin bones twice. Where none was printed, a documented bridge of
``data/fracture_risk_ratios.csv`` takes its place, and the answer says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from osteoteach.model.age_curve import Curve
from osteoteach.model.fracture_ratios import Ratio, body_mass, ratios, share_at, share_error_at
from osteoteach.model.patient import Patient
from osteoteach.model.vocabulary import plain_name

__all__ = ["LABELS", "Factor", "patient_factors", "stated_share"]

#: Factors in the order of an answer, with the words for the reader.
LABELS: Mapping[str, str] = {
    "prior_fracture": "Fragility fracture", "parental_hip_fracture": "Parent's hip fracture",
    "smoking": "Smoking", "alcohol": "Alcohol", "glucocorticoids": "Glucocorticoids",
    "rheumatoid_arthritis": "Rheumatoid arthritis", "body_mass_index": "Body mass index",
    "falls": "Falls",
}
#: The factors whose score was held against bone density (data/fracture_gradient.csv).
SCORED = tuple(name for name in LABELS if name != "falls")
MAJOR_SITES = ("hip", "vertebral", "proximal_humerus", "distal_forearm")


@dataclass(frozen=True)
class Factor:
    """A stated factor of one person.

    Attributes
    ----------
    name, value : str
        Name of the factor, and what was stated, in words.
    amount : float
        1 and 0 for yes and no, years since the fracture, or kg/m2.
    kind : str
        ``flag``, ``recency`` or ``body_mass``.
    hip, major : Ratio
        What the person has, or would have.
    reference : tuple of Ratio
        Hip and major: what the factor means in the population.
    """

    name: str
    value: str
    amount: float
    kind: str
    country: str
    sex: str
    hip: tuple[Ratio, ...]
    major: tuple[Ratio, ...]
    reference: tuple[Ratio, Ratio]

    def rows(self, outcome: str) -> tuple[Ratio, ...]:
        """Ratios that took part for an outcome."""
        return self.hip if outcome == "hip" else self.major

    def log_multiplier(self, outcome: str, age_years: float, years: float,
                       errors: float = 0.0) -> float:
        """ln of the person's hazard over the population's mean.

        Parameters
        ----------
        outcome : str
            ``hip`` or ``major``.
        age_years, years : float
            Age, and years from now.
        errors : float
            Standard errors by which the ratio is moved, for the interval.
        """
        rows = self.rows(outcome)
        if self.kind == "recency":
            return _recent(rows, self.amount + years, errors)
        if self.kind == "body_mass":
            return _body_mass_effect(rows[0], self.amount, age_years, self.country, self.sex,
                                     errors)
        own = rows[0].log_ratio + errors * rows[0].error if self.amount else 0.0
        usual = self.reference[outcome != "hip"]
        share = share_at(self.country, self.name, self.sex, age_years)
        return own - math.log1p(share * math.expm1(usual.log_ratio + errors * usual.error))


    def share_error(self, outcome: str, age_years: float) -> float:
        """Standard error of `log_multiplier` from the share of people with the factor."""
        if self.kind != "flag":
            return 0.0
        excess = math.expm1(self.reference[outcome != "hip"].log_ratio)
        share = share_at(self.country, self.name, self.sex, age_years)
        error = share_error_at(self.country, self.name, self.sex, age_years)
        return abs(excess) * error / (1 + share * excess)


def _recent(rows: tuple[Ratio, ...], years_ago: float, errors: float) -> float:
    """Risk after a fracture, against the whole population: it fades with the years."""
    ages = tuple(row.from_value for row in rows)
    return (Curve(ages, tuple(row.log_ratio for row in rows)).at(years_ago)
            + errors * Curve(ages, tuple(row.error for row in rows)).at(years_ago))


def _body_mass_effect(row: Ratio, bmi: float, age_years: float, country: str, sex: str,
                      errors: float) -> float:
    """Each kg/m2 counts, inside the range the ratio was published for."""
    mean, sd = (curve.at(age_years) for curve in body_mass(country, sex))
    slope = row.log_ratio + errors * row.error
    inside = min(max(bmi, row.from_value), row.to_value)
    return slope * (inside - mean) - (slope * sd) ** 2 / 2


def patient_factors(patient: Patient, with_bmd: bool,
                    country: str) -> tuple[tuple[Factor, ...], tuple[str, ...]]:
    """Factors that are stated, and the names of those that are not.

    What is not stated is taken as the population's average and changes nothing.

    Examples
    --------
    >>> stated, missing = patient_factors(Patient(age_years=70, sex="female"), False, "US")
    >>> [factor.name for factor in stated]
    ['prior_fracture', 'parental_hip_fracture', 'rheumatoid_arthritis']
    >>> missing
    ('smoking', 'alcohol', 'glucocorticoids', 'body_mass_index', 'falls')
    """
    made = {name: _make(name, patient, with_bmd, country) for name in LABELS}
    return (tuple(factor for factor in made.values() if factor),
            tuple(name for name, factor in made.items() if factor is None))


def stated_share(factors: tuple[Factor, ...], country: str, sex: str, outcome: str,
                 age_years: float) -> float:
    """Share of the spread of risk by risk factors that the stated ones make up, 0 to 1.

    Density overlaps with what is stated, not with what is not. The spread of a factor is
    the variance of its ln ratio in the population, without density.

    Examples
    --------
    Body mass makes up most of it:

    >>> stated, _ = patient_factors(Patient(age_years=65, sex="female"), True, "US")
    >>> stated_share(stated, "US", "female", "hip", 65.0) < 0.5
    True
    """
    spreads = {name: _spread(name, country, sex, outcome, age_years) for name in SCORED}
    names = {factor.name for factor in factors}
    return (sum(spread for name, spread in spreads.items() if name in names)
            / sum(spreads.values()))


def _spread(name: str, country: str, sex: str, outcome: str, age_years: float) -> float:
    rows = ratios(name, sex, outcome, False)
    row = rows[len(rows) // 2]
    if name == "body_mass_index":
        return (row.log_ratio * body_mass(country, sex)[1].at(age_years)) ** 2
    share = share_at(country, name, sex, age_years)
    return share * (1 - share) * row.log_ratio ** 2


def _make(name: str, patient: Patient, with_bmd: bool, country: str) -> Factor | None:
    stated = _stated(name, patient)
    if stated is None:
        return None
    kind, amount, value = stated
    source = "recent_fracture" if kind == "recency" else name
    hip, major = (ratios(source, patient.sex, outcome, with_bmd) for outcome in ("hip", "major"))
    middle = len(hip) // 2 if name == "glucocorticoids" else 0
    reference = (hip[middle], major[middle])
    if kind == "flag":
        level = _level(hip, amount)
        present = level is not None
        hip, major = (hip[level or 0],), (major[level or 0],)
        amount = float(present)
        if not present:
            hip, major = reference[:1], reference[1:]
    return Factor(name, value, amount, kind, country, patient.sex, hip, major, reference)


def _level(rows: tuple[Ratio, ...], amount: float) -> int | None:
    """Which row an amount falls into; ``None``: below the first."""
    for index, row in enumerate(rows):
        low = 1.0 if row.from_value is None else row.from_value
        if low <= amount < (math.inf if row.to_value is None else row.to_value):
            return index
    return None


def _stated(name: str, patient: Patient) -> tuple[str, float, str] | None:
    """Kind, amount and words of a factor; ``None`` if the patient does not state it."""
    risks, habits = patient.risk_factors, patient.lifestyle
    if name == "prior_fracture":
        return _fracture(patient)
    if name in ("parental_hip_fracture", "rheumatoid_arthritis"):
        present = getattr(risks, name)
        return "flag", float(present), "yes" if present else "no"
    if name == "smoking":
        return None if habits.smoking is None else (
            "flag", float(habits.smoking == "current"), habits.smoking)
    if name == "body_mass_index":
        if patient.height_cm is None or patient.weight_kg is None:
            return None
        bmi = patient.weight_kg / (patient.height_cm / 100) ** 2
        return "body_mass", bmi, f"{bmi:.1f} kg/m2"
    amount, unit = {"alcohol": (habits.alcohol_g_day, "g a day"),
                    "glucocorticoids": (risks.prednisolone_mg_day, "mg a day"),
                    "falls": (risks.falls_last_year, "in the past year")}[name]
    return None if amount is None else ("flag", amount, f"{amount:g} {unit}")


def _fracture(patient: Patient) -> tuple[str, float, str]:
    """The latest major fracture with a date counts by its age; any other as `ever`."""
    dated = [fracture for fracture in patient.fractures
             if fracture.site in MAJOR_SITES and fracture.years_ago is not None]
    if dated:
        latest = min(dated, key=lambda fracture: fracture.years_ago)
        ago = latest.years_ago
        return ("recency", ago,
                f"{plain_name(latest.site)}, {ago:g} year{'' if ago == 1 else 's'} ago")
    if patient.fractures:
        return "flag", 1.0, ", ".join(plain_name(item.site) for item in patient.fractures)
    return "flag", 0.0, "none"
