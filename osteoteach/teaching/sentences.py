"""One sentence for each kind of answer.

Short, second-person-free and without advice: what was found, by which rule, and
how sure it is. Natural frequencies rather than percentages for probabilities.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from osteoteach.model.densitometry import reported
from osteoteach.model.diagnosis import guideline_name, score_in_use
from osteoteach.model.vocabulary import plain_name

# What a sentence is about comes as an argument: a page that has no use for it does not read it.
if TYPE_CHECKING:
    from osteoteach.model.diagnosis import Diagnosis
    from osteoteach.model.fracture_forecast import Risk
    from osteoteach.model.framing import Framing
    from osteoteach.model.patient import Patient
    from osteoteach.model.precision import Rescans
    from osteoteach.model.reversal import Reversal
    from osteoteach.model.trajectory import Trajectory

__all__ = ["change_sentence", "diagnosis_sentence", "joined", "of_100", "rescans_sentence",
           "reversal_sentence", "risk_sentence", "sequence_sentence", "signed", "signed_pct",
           "whom", "years_in_words"]


def of_100(probability: float) -> str:
    """A probability as a natural frequency.

    Examples
    --------
    >>> [of_100(p) for p in (0.0, 0.004, 0.12, 0.997, 1.0)]
    ['fewer than 1 of 100', 'fewer than 1 of 100', '12 of 100', 'more than 99 of 100', ...]
    """
    # Halves upwards, as people round; 0.5 of 100 is not nobody.
    people = math.floor(probability * 100 + 0.5)
    if people < 1:
        return "fewer than 1 of 100"
    return "more than 99 of 100" if people > 99 else f"{people} of 100"


def people_like_this(probability: float, one: str, many: str) -> str:
    """A natural frequency as the subject of a verb, in the number it needs.

    Examples
    --------
    >>> [people_like_this(p, "falls", "fall") for p in (0.01, 0.12)]
    ['1 of 100 people like this falls', '12 of 100 people like this fall']
    """
    share = of_100(probability)
    return f"{share} people like this {one if share.startswith('1 of') else many}"


def signed(score: float) -> str:
    """A score with one decimal and a true minus sign.

    Examples
    --------
    >>> signed(-2.04)
    '−2.0'
    """
    return f"{reported(score):.1f}".replace("-", "−")


def signed_pct(change: float) -> str:
    """A change in percent, always with its sign.

    Examples
    --------
    >>> signed_pct(1.234), signed_pct(-0.51)
    ('+1.2%', '−0.5%')
    """
    text = f"{change:+.1f}%".replace("-", "−")
    return "0.0%" if text in ("+0.0%", "−0.0%") else text


def joined(parts: list[str]) -> str:
    """Parts as a list in prose.

    Examples
    --------
    >>> joined(["spine", "hip", "wrist"])
    'spine, hip and wrist'
    """
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]])) if parts else ""


def years_in_words(years: float) -> str:
    """Years with the right number of the noun.

    Examples
    --------
    >>> years_in_words(1), years_in_words(2.5)
    ('1 year', '2.5 years')
    """
    return "1 year" if years == 1 else f"{years:g} years"


_HEADLINE = {
    "normal": "Normal bone density",
    "low_bone_mass": "Low bone mass (osteopenia)",
    "osteoporosis": "Osteoporosis",
    "severe_osteoporosis": "Severe osteoporosis",
    "within_expected_range": "Bone density within the expected range for age",
    "below_expected_range": "Bone density below the expected range for age",
}


def diagnosis_sentence(answer: Diagnosis) -> str:
    """The diagnosis and what decided it.

    Examples
    --------
    >>> from osteoteach.model.diagnosis import diagnose
    >>> from osteoteach.model.patient import Patient
    >>> man = Patient(age_years=70, sex="male", t_scores={"femoral_neck": -2.6})
    >>> diagnosis_sentence(diagnose(man))
    'Osteoporosis: the T-score of −2.6 at the femoral neck decides (BHOF 2022).'
    """
    headline = _HEADLINE[answer.category]
    rules = guideline_name(answer.guideline)
    if answer.decided_by in ("t_score", "z_score"):
        score = "T-score" if answer.decided_by == "t_score" else "Z-score"
        lowest = [plain_name(site) for site, value in answer.scores.items()
                  if value == answer.deciding_score]
        why = (f"the {score} of {signed(answer.deciding_score)} at the "
               f"{joined(lowest)} decides")
        if answer.category == "severe_osteoporosis":
            why += ", and there is a fragility fracture"
    elif answer.decided_by == "fragility_fracture":
        why = f"the {plain_name(answer.deciding_site)} fracture decides"
        if answer.scores:
            # Hip and spine decide whatever the score; other sites need low bone mass too.
            alone = ("hip",) if answer.guideline == "nbha_2014" else ("hip", "vertebral")
            joint = ("although" if answer.deciding_site in alone
                     else "together with low bone mass:")
            why += f", {joint} the lowest T-score is {signed(min(answer.scores.values()))}"
    elif answer.decided_by == "frax":
        why = "low bone mass with the FRAX probability you entered decides"
    else:
        why = "it was diagnosed before, and a better scan does not undo it"
    return f"{headline}: {why} ({rules})."


def reversal_sentence(answer: Reversal, site: str) -> str:
    """Gain needed beside gain likely at one site, then how many get there."""
    item, years = answer.sites[site], answer.trajectory.years
    chance = item.chance["normal"]
    needed, where = item.gain_needed_pct["normal"], plain_name(site)
    likely = (f"this plan is likely to bring {signed_pct(item.gain_likely_pct)} in "
              f"{years_in_words(years)} (90 of 100 people {signed_pct(item.low_pct)} to "
              f"{signed_pct(item.high_pct)})")
    if score_in_use(answer.trajectory.patient) == "z_score":
        return (f"T-score classes do not apply to this person, so none is the goal. At the "
                f"{where} {likely}.")
    if needed <= 0:
        return (f"The {where} is normal today, T {signed(item.t_score_now)}; {likely}. "
                f"{people_like_this(chance, 'is', 'are').capitalize()} still normal then.")
    return (f"To reach T −1.0 the {where} needs {signed_pct(needed)}; {likely}. "
            f"{people_like_this(chance, 'gets', 'get').capitalize()} there.")


def sequence_sentence(course: Trajectory, site: str, years: float,
                      other: Trajectory | None = None) -> str:
    """What a plan of medicines does to one site, beside a second plan and none.

    Examples
    --------
    >>> from osteoteach.model.patient import Patient
    >>> from osteoteach.model.plan import Plan
    >>> from osteoteach.model.trajectory import simulate
    >>> woman = Patient(age_years=65, sex="female", menopausal_status="postmenopausal",
    ...                 menopause_age_years=50, t_scores={"total_hip": -2.0})
    >>> sequence_sentence(simulate(woman, Plan(), 5), "total_hip", 5)
    'Without medicine the total hip changes by −2.5% in 5 years (90 of 100 people −6.5% ...'
    """
    path, change = course.paths[site], course.change_pct(site, years)
    low, high = course.band_pct(site, years)
    what = "With this plan" if course.plan.courses else "Without medicine"
    text = (f"{what} the {plain_name(site)} changes by {signed_pct(change)} in "
            f"{years_in_words(years)} (90 of 100 people {signed_pct(low)} to {signed_pct(high)})")
    applies = score_in_use(course.patient) == "t_score"
    if applies and path.t_score(0.0) is not None:
        now, then = signed(path.t_score(0.0)), signed(path.t_score(change))
        text += f"; T-score {then}, as today" if now == then else f"; T-score {now} to {then}"
    if other is not None:
        text += f". With the second plan {signed_pct(other.change_pct(site, years))}"
    if not applies:
        text += ". T-score classes do not apply to this person"
    return text + "."


def risk_sentence(risk: Risk, outcome: str, sex: str, medicine: str = "",
                  framed: Framing | None = None) -> str:
    """The risk of 1,000 people, with a medicine, and the average; one denominator for all.

    Parameters
    ----------
    risk : Risk
    outcome : str
        The fracture in words.
    sex : str
        ``female`` or ``male``.
    medicine : str
        Its name as it stands in a sentence; used with ``framed`` only.
    framed : Framing, optional
        What the medicine does, for 1,000 people.

    Examples
    --------
    >>> from osteoteach.model.fracture_risk import fracture_risk
    >>> from osteoteach.model.patient import Patient
    >>> woman = Patient(age_years=65, sex="female", t_scores={"femoral_neck": -2.5})
    >>> risk_sentence(fracture_risk(woman).hip, "hip fracture", "female")
    'Of 1,000 women like her, ... have a hip fracture within 10 years. The average ...'
    """
    whom, whose = ("women like her", "her") if sex == "female" else ("men like him", "his")
    without = _of_1000(risk.probability)
    text = (f"Of 1,000 {whom}, {without} {'has' if without == '1' else 'have'} a {outcome} "
            f"within {years_in_words(risk.years)}")
    if framed is not None:
        text += f"; with {medicine} {_of_1000(framed.risk_with)}"
        if not framed.effect_shown and framed.low is not None:
            text += (f", though the trial's interval ({framed.low:g} to {framed.high:g}) "
                     "holds 1, which is no effect")
    return f"{text}. The average at {whose} age is {_of_1000(risk.average)}."


def _of_1000(probability: float) -> str:
    people = math.floor(probability * 1000 + 0.5)
    return "fewer than 1" if people < 1 else f"{people:,}"


def rescans_sentence(scans: Rescans) -> str:
    """What the same person's repeated scans say."""
    words = [f"{scans.categories.count(category)} {name}" for category, name in (
        ("normal", "normal"), ("low_bone_mass", "low bone mass"),
        ("osteoporosis", "osteoporosis")) if category in scans.categories]
    return (f"{len(scans.t_scores)} scans of one unchanged person (true T "
            f"{signed(scans.true_t_score)}): {joined(words)}.")


def change_sentence(true_change_pct: float, limit_pct: float, shares: dict[str, float]) -> str:
    """What two scans will show of a true change, or of none."""
    if true_change_pct == 0:
        changed = shares["gain"] + shares["loss"]
        return (f"Two scans must differ by {limit_pct:.1f}% to count: where nothing changed, "
                f"{of_100(changed)} pairs still show a gain or a loss.")
    shown = "gain" if true_change_pct >= 0 else "loss"
    return (f"Two scans must differ by {limit_pct:.1f}% to count: a true "
            f"{signed_pct(true_change_pct)} shows as a {shown} in {of_100(shares[shown])} pairs.")


def whom(patient: Patient) -> str:
    """A person in two words.

    Examples
    --------
    >>> from osteoteach.model.patient import Patient
    >>> whom(Patient(age_years=62, sex="female"))
    'woman of 62'
    """
    return f"{'woman' if patient.sex == 'female' else 'man'} of {patient.age_years:g}"
