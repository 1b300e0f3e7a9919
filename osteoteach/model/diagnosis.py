"""From scan and history to a diagnosis, rule by rule.

Answers: the category under a published set of rules, the site or fracture that
decided, every rule that fired with its source, and what would change the answer.
Refuses: children, and people whose data the rules need but do not have.
It is a teaching aid. It does not decide about treatment, nor about patients.

The boundaries are definitions: T = -1.0 is normal, T = -2.5 is osteoporosis
(source who_1994). Scores are read as reported, to one decimal (see
`densitometry.reported`): -2.45 counts as -2.5, -2.44 as -2.4.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.model.densitometry import patient_t_scores, patient_z_scores, reported
from osteoteach.model.patient import Patient
from osteoteach.model.vocabulary import SiteValues, checked_choice, plain_name

if TYPE_CHECKING:
    from osteoteach.model.what_would_change import PossibleChange

__all__ = ["Diagnosis", "FiredRule", "diagnose", "guideline_ids", "guideline_name",
           "score_in_use", "t_category"]

NORMAL_FROM_T = -1.0
OSTEOPOROSIS_UP_TO_T = -2.5
BELOW_EXPECTED_UP_TO_Z = -2.0
T_SCORES_APPLY_FROM_AGE_MEN = 50
ADULT_FROM_AGE = 20
#: Where a woman's menopausal status is not given, it is assumed only outside this
#: span and the assumption is listed among the rules.
STATUS_NEEDED_FROM_AGE, STATUS_NEEDED_BELOW_AGE = 40, 60

CENTRAL_SITES = ("lumbar_spine", "total_hip", "femoral_neck")
HIP_SITES = ("total_hip", "femoral_neck")
#: Fractures that need low bone mass beside them to make the diagnosis.
FRACTURES_WITH_LOW_BONE_MASS = ("proximal_humerus", "pelvis", "distal_forearm")


@dataclass(frozen=True)
class FiredRule:
    """One rule that applied to this person.

    Attributes
    ----------
    statement : str
        The published rule in our words.
    finding : str
        What it met in this person.
    """

    rule_id: str
    statement: str
    finding: str
    source_id: str


@dataclass(frozen=True)
class Diagnosis:
    """What the rules say of one person.

    Attributes
    ----------
    category : str
        ``normal``, ``low_bone_mass``, ``osteoporosis`` or ``severe_osteoporosis``;
        ``within_expected_range`` or ``below_expected_range`` where the Z-score rules.
    deciding_site : str
        The DXA site whose score decided, or the fracture's site.
    deciding_score : float or None
        The reported score that decided; ``None`` if no score did.
    decided_by : str
        ``t_score``, ``z_score``, ``fragility_fracture``, ``frax`` or ``earlier_diagnosis``.
    rules : tuple of FiredRule
        In the order in which they fired.
    """

    category: str
    deciding_site: str | None
    deciding_score: float | None
    decided_by: str
    guideline: str
    scores: SiteValues
    rules: tuple[FiredRule, ...]
    patient: Patient = field(repr=False)

    @property
    def sources(self) -> tuple[str, ...]:
        """Source ids: the rule set's own first, then those of the rules that fired."""
        return tuple(dict.fromkeys((_guidelines()[self.guideline]["source_id"],
                                    *(rule.source_id for rule in self.rules))))

    @property
    def would_change(self) -> tuple[PossibleChange, ...]:
        """What would change the answer, each item computed by diagnosing again."""
        from osteoteach.model.what_would_change import possible_changes

        return tuple(possible_changes(self))


@functools.cache
def _guidelines() -> dict[str, Any]:
    return {row["guideline_id"]: row for row in table("guidelines")}


def guideline_ids() -> tuple[str, ...]:
    """The published rule sets that `diagnose` knows.

    Examples
    --------
    >>> guideline_ids()
    ('who_1994', 'iscd_2023', 'nbha_2014', 'bhof_2022', 'aace_2020')
    """
    return tuple(_guidelines())


def guideline_name(guideline_id: str) -> str:
    """Short name of a rule set with its year, for prose.

    Examples
    --------
    >>> guideline_name("bhof_2022")
    'BHOF 2022'
    """
    return _guidelines()[guideline_id]["name"]


@functools.cache
def _rule(rule_id: str, guideline: str) -> tuple[str, str]:
    """Statement and source of a rule: the guideline's own wording, else the shared one."""
    rows = {row["guideline_id"]: row for row in table("diagnostic_rules")
            if row["rule_id"] == rule_id}
    row = rows.get(guideline) or rows[None]
    return row["statement"], row["source_id"]


class _Log:
    """Collects the rules that fire."""

    def __init__(self, guideline: str) -> None:
        self.guideline = guideline
        self.rules: list[FiredRule] = []

    def fired(self, rule_id: str, finding: str) -> None:
        statement, source_id = _rule(rule_id, self.guideline)
        self.rules.append(FiredRule(rule_id, statement, finding, source_id))


def diagnose(patient: Patient, guideline: str = "bhof_2022") -> Diagnosis:
    """Diagnose a person under a published set of rules.

    Parameters
    ----------
    patient : Patient
    guideline : str
        One of `guideline_ids`: ``who_1994`` and ``iscd_2023`` read density only;
        ``nbha_2014``, ``bhof_2022`` and ``aace_2020`` add fractures and FRAX, and
        the last two keep an earlier diagnosis.

    Returns
    -------
    Diagnosis

    Raises
    ------
    InputError
        Under 20 years; no scores and no deciding fracture; menopausal status
        missing between 40 and 60.

    Examples
    --------
    >>> patient = Patient(age_years=62, sex="female", menopausal_status="postmenopausal",
    ...     t_scores={"lumbar_spine": -2.1, "total_hip": -1.8, "femoral_neck": -2.0})
    >>> answer = diagnose(patient)
    >>> answer.category, answer.deciding_site, answer.deciding_score
    ('low_bone_mass', 'lumbar_spine', -2.1)
    """
    if not isinstance(patient, Patient):
        raise InputError("patient", "must be a Patient", patient, "Write Patient(age_years=...).")
    checked_choice("guideline", guideline, guideline_ids())
    log = _Log(guideline)
    if score_in_use(patient, log) == "z_score":
        return _by_z_score(patient, log)
    return _by_t_score_and_history(patient, log)


def score_in_use(patient: Patient, log: _Log | None = None) -> str:
    """Which score applies to this person: ``"t_score"`` or ``"z_score"`` (ISCD).

    Raises
    ------
    InputError
        Children; women of 40 to 59 whose menopausal status is not given.
    """
    log = log or _Log("iscd_2023")
    age = patient.age_years
    if age < ADULT_FROM_AGE:
        statement, _ = _rule("children_refused", log.guideline)
        raise InputError("age_years", f"must be {ADULT_FROM_AGE} or more for this diagnosis. "
                         f"{statement}", age, "Use the paediatric positions of ISCD.")
    if patient.sex == "male":
        if age >= T_SCORES_APPLY_FROM_AGE_MEN:
            log.fired("t_scores_apply", f"A man of {age:g}: the T-score applies.")
            log.fired("female_reference_for_men", "His T-scores use the female reference.")
            return "t_score"
        log.fired("z_scores_apply", f"A man of {age:g}: the Z-score applies.")
        return "z_score"
    status = _menopausal_status(patient, log)
    if status == "premenopausal":
        log.fired("z_scores_apply", "A woman before menopause: the Z-score applies.")
        return "z_score"
    rule = "t_scores_in_transition" if status == "menopausal_transition" else "t_scores_apply"
    log.fired(rule, f"A woman, {plain_name(status)}: the T-score applies.")
    return "t_score"


def _menopausal_status(patient: Patient, log: _Log) -> str:
    if patient.menopausal_status is not None:
        return patient.menopausal_status
    if patient.menopause_age_years is not None:
        return "postmenopausal"
    if patient.age_years >= STATUS_NEEDED_BELOW_AGE:
        log.fired("status_assumed", f"Status not given; taken as postmenopausal at "
                  f"{patient.age_years:g}.")
        return "postmenopausal"
    if patient.age_years < STATUS_NEEDED_FROM_AGE:
        log.fired("status_assumed", f"Status not given; taken as premenopausal at "
                  f"{patient.age_years:g}.")
        return "premenopausal"
    raise InputError(
        "menopausal_status", f"is needed for a woman from {STATUS_NEEDED_FROM_AGE} to "
        f"{STATUS_NEEDED_BELOW_AGE - 1}, because it decides between T-score and Z-score", None,
        "Give premenopausal, menopausal_transition or postmenopausal.")


def _by_z_score(patient: Patient, log: _Log) -> Diagnosis:
    scores = _reported_scores(patient_z_scores(patient), "z_scores", "z_score")
    missing = [plain_name(site) for site in patient.scanned_sites if site not in scores]
    if missing and scores:
        log.fired("z_scores_missing", f"No Z-score could be made at the {' and '.join(missing)}: "
                  "not judged. Enter the one that the report prints.")
    if not scores:
        raise InputError("z_scores", "are needed where the T-score does not apply", None,
                         "Give z_scores, or a BMD or T-score from which they can be made.")
    site = min(scores, key=lambda name: scores[name])
    below = scores[site] <= BELOW_EXPECTED_UP_TO_Z
    category = "below_expected_range" if below else "within_expected_range"
    log.fired("z_below_expected", f"Lowest Z-score {scores[site]:.1f}, {plain_name(site)}.")
    if patient.sex == "male":
        log.fired("men_under_50_not_on_bmd_alone", "No osteoporosis from BMD alone at this age.")
    if patient.has_fracture():
        log.fired("fracture_needs_a_cause", "A fragility fracture at this age: look for a cause.")
    return Diagnosis(category, site, scores[site], "z_score", log.guideline, scores,
                     tuple(log.rules), patient)


def t_category(lowest_t_score: float) -> str:
    """WHO class of a T-score, read as reported.

    Examples
    --------
    >>> [t_category(t) for t in (-1.0, -1.1, -2.44, -2.45, -2.5)]
    ['normal', 'low_bone_mass', 'low_bone_mass', 'osteoporosis', 'osteoporosis']
    """
    score = reported(lowest_t_score)
    if score <= OSTEOPOROSIS_UP_TO_T:
        return "osteoporosis"
    return "normal" if score >= NORMAL_FROM_T else "low_bone_mass"


def _reported_scores(scores: SiteValues, name: str, quantity: str) -> SiteValues:
    return SiteValues({site: reported(value) for site, value in scores.items()}, name, quantity)


def _counted_t_scores(patient: Patient, log: _Log) -> SiteValues:
    """Reported T-scores of the sites that count; the radius only where the rules let it."""
    scores = dict(_reported_scores(patient_t_scores(patient), "t_scores", "t_score"))
    if "one_third_radius" in scores:
        hip_missing = not any(site in scores for site in HIP_SITES)
        needed = (hip_missing or "lumbar_spine" not in scores
                  or patient.risk_factors.hyperparathyroidism)
        counts = needed or _guidelines()[log.guideline]["radius"] == "counts"
        verb = "counts" if counts else "is set aside"
        log.fired("radius", f"The one-third radius ({scores['one_third_radius']:.1f}) {verb}.")
        if not counts:
            del scores["one_third_radius"]
    return SiteValues(scores, "t_scores", "t_score")


def _by_t_score_and_history(patient: Patient, log: _Log) -> Diagnosis:
    scores = _counted_t_scores(patient, log)
    site = min(scores, key=lambda name: scores[name]) if scores else None
    density = None
    if site is not None:
        density = t_category(scores[site])
        log.fired("lowest_site_decides",
                  f"Lowest T-score {scores[site]:.1f}, {plain_name(site)}.")
        log.fired(f"who_{density}", f"{scores[site]:.1f} is in the range of "
                  f"{plain_name(density)}.")
    if density == "osteoporosis":
        category = density
        if patient.has_fracture():
            category = "severe_osteoporosis"
            log.fired("who_severe_osteoporosis", _fractures_in_words(patient))
        return Diagnosis(category, site, scores[site], "t_score", log.guideline, scores,
                         tuple(log.rules), patient)
    clinical = _clinical_osteoporosis(patient, density, log)
    if clinical:
        by, clinical_site = clinical
        return Diagnosis("osteoporosis", clinical_site or site, None, by, log.guideline, scores,
                         tuple(log.rules), patient)
    if site is None:
        raise InputError("t_scores", "are needed: no score was given and no recorded fracture "
                         f"decides under {log.guideline}", None,
                         'Give t_scores={"total_hip": ...} or a BMD with its device.')
    return Diagnosis(density, site, scores[site], "t_score", log.guideline, scores,
                     tuple(log.rules), patient)


def _fractures_in_words(patient: Patient) -> str:
    sites = ", ".join(dict.fromkeys(plain_name(f.site) for f in patient.fractures))
    return f"Fragility fracture recorded: {sites}."


def _clinical_osteoporosis(patient: Patient, density: str | None,
                           log: _Log) -> tuple[str, str | None] | None:
    """The criteria beside the T-score: what decided and at which site, or ``None``."""
    rules = _guidelines()[log.guideline]
    low = density == "low_bone_mass"
    for site in ("hip", "vertebral"):
        policy = rules[f"{site}_fracture"]
        if patient.has_fracture(site) and (policy == "any_bmd"
                                           or (policy == "with_low_bone_mass" and low)):
            log.fired(f"{site}_fracture", f"A {plain_name(site)} fragility fracture.")
            return "fragility_fracture", site
    if rules["other_fracture"] == "with_low_bone_mass" and low:
        for site in FRACTURES_WITH_LOW_BONE_MASS:
            if patient.has_fracture(site):
                log.fired("other_fracture", f"Low bone mass and a fragility fracture of the "
                          f"{plain_name(site)}.")
                return "fragility_fracture", site
    if low and _frax_above(patient, rules):
        log.fired("frax", _frax_in_words(patient))
        return "frax", None
    if rules["keeps_earlier_diagnosis"] and patient.prior_osteoporosis_diagnosis:
        log.fired("diagnosis_persists", "Osteoporosis was diagnosed before; it stays.")
        return "earlier_diagnosis", None
    return None


def _frax_above(patient: Patient, rules: Any) -> bool:
    factors = patient.risk_factors
    pairs = ((factors.frax_major_10y, rules["frax_major_10y_from"]),
             (factors.frax_hip_10y, rules["frax_hip_10y_from"]))
    return any(value is not None and limit is not None and value >= limit
               for value, limit in pairs)


def _frax_in_words(patient: Patient) -> str:
    factors = patient.risk_factors
    parts = [f"{value:.1%} {name}" for name, value in
             (("major", factors.frax_major_10y), ("hip", factors.frax_hip_10y))
             if value is not None]
    return f"FRAX, as you entered it: {', '.join(parts)} over ten years."
