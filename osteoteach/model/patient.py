"""A person as the teaching cases describe one: a frozen, checked value.

All fields are optional except age and sex, because real referrals are
incomplete. What an answer cannot do without, it asks for by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from osteoteach.errors import InputError
from osteoteach.model.vocabulary import (
    DEVICES,
    EXERCISE_KINDS,
    FRACTURE_SITES,
    MENOPAUSAL_STATUSES,
    PLAUSIBLE,
    SEXES,
    SMOKING,
    SiteValues,
    checked_choice,
    checked_number,
)

__all__ = ["FragilityFracture", "Lifestyle", "Patient", "RiskFactors"]


def _set(instance: Any, name: str, value: Any) -> None:
    """Assign on a frozen dataclass while it is being made."""
    object.__setattr__(instance, name, value)


def _check_optional(instance: Any, *names: str) -> None:
    for name in names:
        if getattr(instance, name) is not None:
            _set(instance, name, checked_number(name, getattr(instance, name)))


def _check_flags(instance: Any, *names: str) -> None:
    for name in names:
        if not isinstance(getattr(instance, name), bool):
            raise InputError(name, "must be True or False", getattr(instance, name),
                             "Write True if it applies.")


@dataclass(frozen=True)
class FragilityFracture:
    """A fracture from a fall from standing height or less.

    Parameters
    ----------
    site : str
        One of `vocabulary.FRACTURE_SITES`.
    years_ago : float, optional
        Years before the scan (0 to 100).

    Examples
    --------
    >>> FragilityFracture("vertebral", years_ago=1.5)
    FragilityFracture(site='vertebral', years_ago=1.5)
    """

    site: str
    years_ago: float | None = None

    def __post_init__(self) -> None:
        checked_choice("fracture site", self.site, FRACTURE_SITES)
        _check_optional(self, "years_ago")


@dataclass(frozen=True, kw_only=True)
class Lifestyle:
    """How a person lives, or plans to live.

    Parameters
    ----------
    exercise : str, optional
        Kind, one of `vocabulary.EXERCISE_KINDS`. Here and below ``None`` means not
        stated in a patient, and unchanged in a plan; a plan to stop is ``"none"``.
    exercise_sessions_per_week : float, optional
        Sessions a week (0 to 14); needed with a kind.
    calcium_mg_day : float, optional
        Food and supplements together, mg a day.
    vitamin_d_iu_day : float, optional
        IU a day from supplements and food.
    protein_g_kg_day : float, optional
        Grams for each kg of body weight a day.
    smoking : str, optional
        ``never``, ``former`` or ``current``.
    alcohol_g_day : float, optional
        Grams of ethanol a day. A US standard drink holds 14 g, a UK unit 8 g.
    weight_change_pct : float
        Planned change of body weight, % (negative: loss). Zero in a patient.

    Examples
    --------
    >>> Lifestyle(exercise="resistance", exercise_sessions_per_week=2).exercise
    'resistance'
    """

    exercise: str | None = None
    exercise_sessions_per_week: float | None = None
    calcium_mg_day: float | None = None
    vitamin_d_iu_day: float | None = None
    protein_g_kg_day: float | None = None
    smoking: str | None = None
    alcohol_g_day: float | None = None
    weight_change_pct: float = 0.0

    def __post_init__(self) -> None:
        if self.exercise is not None:
            checked_choice("exercise", self.exercise, EXERCISE_KINDS)
        if self.smoking is not None:
            checked_choice("smoking", self.smoking, SMOKING)
        _check_optional(self, "exercise_sessions_per_week", "calcium_mg_day", "vitamin_d_iu_day",
                        "protein_g_kg_day", "alcohol_g_day")
        _set(self, "weight_change_pct",
             checked_number("weight_change_pct", self.weight_change_pct))
        self._check_exercise()

    def _check_exercise(self) -> None:
        trains = self.exercise not in (None, "none")
        if self.exercise_sessions_per_week and not trains:
            raise InputError("exercise", "must name a kind when there are sessions",
                             self.exercise, f"Use one of {', '.join(EXERCISE_KINDS[1:])}.")
        if trains and self.exercise_sessions_per_week is None:
            raise InputError("exercise_sessions_per_week", "is needed with a kind of exercise",
                             None, "Give sessions a week, for example 2.")


@dataclass(frozen=True, kw_only=True)
class RiskFactors:
    """What raises fracture risk apart from age, sex, density and earlier fractures.

    Parameters
    ----------
    parental_hip_fracture, rheumatoid_arthritis : bool
    prednisolone_mg_day : float, optional
        Present oral glucocorticoid dose as prednisolone, mg a day.
    falls_last_year : float, optional
        Number of falls in the past 12 months.
    egfr_ml_min : float, optional
        Estimated glomerular filtration rate or creatinine clearance, mL/min: some
        medicines are not for failing kidneys.
    months_since_heart_attack_or_stroke : float, optional
        Months since the last one; leave out if there was none.
    hyperparathyroidism : bool
        Also makes the one-third radius count (ISCD).
    secondary_causes : tuple of str
        Other diseases or medicines linked to bone loss, in words.
    frax_major_10y, frax_hip_10y : float, optional
        Ten-year probabilities (0 to 1) that *you* read from the official FRAX
        site. osteoteach does not compute FRAX.
    """

    parental_hip_fracture: bool = False
    rheumatoid_arthritis: bool = False
    prednisolone_mg_day: float | None = None
    falls_last_year: float | None = None
    egfr_ml_min: float | None = None
    months_since_heart_attack_or_stroke: float | None = None
    hyperparathyroidism: bool = False
    secondary_causes: tuple[str, ...] = ()
    frax_major_10y: float | None = None
    frax_hip_10y: float | None = None

    def __post_init__(self) -> None:
        _check_flags(self, "parental_hip_fracture", "rheumatoid_arthritis", "hyperparathyroidism")
        _check_optional(self, "prednisolone_mg_day", "falls_last_year", "egfr_ml_min",
                        "months_since_heart_attack_or_stroke", "frax_major_10y", "frax_hip_10y")
        causes = self.secondary_causes
        if not isinstance(causes, (list, tuple)) \
                or not all(isinstance(cause, str) for cause in causes):
            raise InputError("secondary_causes", "must be a list of words", causes,
                             'Write secondary_causes=("coeliac disease",).')
        _set(self, "secondary_causes", tuple(causes))


@dataclass(frozen=True, kw_only=True)
class Patient:
    """A person with a bone density scan.

    Parameters
    ----------
    age_years : float
        0 to 110. Children can be described; diagnosis and simulation refuse them.
    sex : str
        ``female`` or ``male``: the sex whose bone loss and reference data apply.
    menopausal_status : str, optional
        ``premenopausal``, ``menopausal_transition`` or ``postmenopausal``.
    menopause_age_years : float, optional
        Age at the final menstrual period.
    expected_menopause_age_years : float, optional
        Before it: the age to reckon with, not below ``age_years``. Not given: the median age,
        or two years from now.
    height_cm, weight_kg : float, optional
    t_scores, z_scores : mapping of DXA site to SD, optional
        As the report prints them. Sites: ``lumbar_spine``, ``total_hip``,
        ``femoral_neck``, ``one_third_radius``.
    bmd_g_cm2 : mapping of DXA site to g/cm2, optional
        Needs ``device``. A site may have a BMD or a T-score, not both.
    device : str, optional
        ``hologic``, ``lunar`` or ``norland``.
    serum_25_oh_d_nmol_l : float, optional
        25-hydroxyvitamin D, nmol/L (ng/mL times 2.5). Not given: taken as replete.
    fractures : iterable of FragilityFracture or of site names
    prior_osteoporosis_diagnosis : bool
        Osteoporosis was diagnosed before.
    lifestyle : Lifestyle
    risk_factors : RiskFactors

    Raises
    ------
    InputError
        With the name, the rule, the value received and what to do.

    Examples
    --------
    >>> patient = Patient(age_years=62, sex="female", menopausal_status="postmenopausal",
    ...                   menopause_age_years=50, t_scores={"total_hip": -1.8})
    >>> patient.years_since_menopause
    12.0
    """

    age_years: float
    sex: str
    menopausal_status: str | None = None
    menopause_age_years: float | None = None
    expected_menopause_age_years: float | None = None
    height_cm: float | None = None
    weight_kg: float | None = None
    t_scores: Mapping[str, float] = field(default_factory=dict)
    z_scores: Mapping[str, float] = field(default_factory=dict)
    bmd_g_cm2: Mapping[str, float] = field(default_factory=dict)
    device: str | None = None
    serum_25_oh_d_nmol_l: float | None = None
    fractures: tuple[FragilityFracture, ...] = ()
    prior_osteoporosis_diagnosis: bool = False
    lifestyle: Lifestyle = field(default_factory=Lifestyle)
    risk_factors: RiskFactors = field(default_factory=RiskFactors)

    def __post_init__(self) -> None:
        _set(self, "age_years", checked_number("age_years", self.age_years))
        checked_choice("sex", self.sex, SEXES)
        _check_optional(self, "menopause_age_years", "expected_menopause_age_years", "height_cm",
                        "weight_kg", "serum_25_oh_d_nmol_l")
        _check_flags(self, "prior_osteoporosis_diagnosis")
        self._check_menopause()
        _set(self, "t_scores", SiteValues(self.t_scores, "t_scores", "t_score"))
        _set(self, "z_scores", SiteValues(self.z_scores, "z_scores", "z_score"))
        _set(self, "bmd_g_cm2", SiteValues(self.bmd_g_cm2, "bmd_g_cm2", "bmd_g_cm2"))
        self._check_density()
        _set(self, "fractures", _as_fractures(self.fractures))
        for name, kind in (("lifestyle", Lifestyle), ("risk_factors", RiskFactors)):
            if not isinstance(getattr(self, name), kind):
                raise InputError(name, f"must be a {kind.__name__}", getattr(self, name),
                                 f"Write {name}={kind.__name__}(...).")

    def _check_menopause(self) -> None:
        if self.menopausal_status is not None:
            checked_choice("menopausal_status", self.menopausal_status, MENOPAUSAL_STATUSES)
        for name in ("menopausal_status", "menopause_age_years", "expected_menopause_age_years"):
            if self.sex == "male" and getattr(self, name) is not None:
                raise InputError(name, "applies to women only", getattr(self, name),
                                 "Leave it out for a man.")
        before = self.menopausal_status in ("premenopausal", "menopausal_transition")
        latest = PLAUSIBLE["menopause_age_years"][1]
        if before and self.age_years > latest:
            raise InputError("menopausal_status", f"cannot be {self.menopausal_status} after "
                             f"{latest:g} years", self.age_years, "Correct age or status.")
        expected = self.expected_menopause_age_years
        if expected is not None:
            if self.menopausal_status == "postmenopausal" or self.menopause_age_years is not None:
                raise InputError("expected_menopause_age_years", "is for a woman before menopause",
                                 expected, "Give menopause_age_years instead.")
            if expected < self.age_years:
                raise InputError("expected_menopause_age_years", "must not be below age_years "
                                 f"({self.age_years:g})", expected, "Correct one of the two ages.")
        if self.menopause_age_years is None:
            return
        if self.menopausal_status in ("premenopausal", "menopausal_transition"):
            raise InputError("menopause_age_years",
                             f"cannot be known while {self.menopausal_status}",
                             self.menopause_age_years, "Leave it out, or change the status.")
        if self.menopause_age_years > self.age_years:
            raise InputError("menopause_age_years", "must not be above age_years "
                             f"({self.age_years:g})", self.menopause_age_years,
                             "Correct one of the two ages.")

    def _check_density(self) -> None:
        if self.device is not None:
            checked_choice("device", self.device, DEVICES)
        if self.bmd_g_cm2 and self.device is None:
            raise InputError("device", "is needed to read a BMD in g/cm2", None,
                             f"Give device, one of {', '.join(DEVICES)}.")
        both = [site for site in self.bmd_g_cm2 if site in self.t_scores]
        if both:
            raise InputError("t_scores", "must not repeat a site that has a BMD", both,
                             "Give the BMD or the T-score of a site, not both.")

    @property
    def years_since_menopause(self) -> float | None:
        """Years since the final menstrual period, where it is known."""
        if self.menopause_age_years is None:
            return None
        return self.age_years - self.menopause_age_years

    @property
    def scanned_sites(self) -> tuple[str, ...]:
        """Sites with a T-score or a BMD, in vocabulary order."""
        return tuple(SiteValues({**self.t_scores, **dict.fromkeys(self.bmd_g_cm2, 0)},
                                "t_scores", "t_score"))

    def has_fracture(self, *sites: str) -> bool:
        """Whether one of these fragility fractures is recorded (no site: any)."""
        return any(not sites or fracture.site in sites for fracture in self.fractures)


def _as_fractures(value: Iterable[FragilityFracture | str]) -> tuple[FragilityFracture, ...]:
    if not isinstance(value, (list, tuple, set, frozenset)):
        raise InputError("fractures", "must be a list of fractures", value,
                         'Write fractures=[FragilityFracture("hip", years_ago=2)].')
    fractures = []
    for item in value:
        if isinstance(item, str):
            item = FragilityFracture(item)
        if not isinstance(item, FragilityFracture):
            raise InputError("fractures", "must hold FragilityFracture values", item,
                             'Write fractures=[FragilityFracture("hip", years_ago=2)].')
        fractures.append(item)
    return tuple(fractures)
