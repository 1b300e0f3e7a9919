"""What the dice propose: documents of virtual patients, one recipe for each trap.

Nothing here is an answer. A recipe only aims at a kind of person; `generated` lets the
models judge whether the aim was met.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from osteoteach.teaching.cases.dice import Dice
from osteoteach.teaching.cases.phrases import examination_lines, history_lines, title

__all__ = ["LEVELS", "SECOND_TRAPS", "draft"]

Document = dict[str, Any]

#: Traps of each level.
LEVELS = {
    1: ("plain", "z_score", "fragility_normal_t", "discordant", "man_52"),
    2: ("excluded_vertebra", "boundary", "within_lsc", "denosumab_lapse", "glucocorticoids",
        "man_52", "secondary", "drug_holiday", "discordant"),
    3: ("vertebral_normal_t", "real_loss", "atypical_fracture", "fracture_on_treatment",
        "kidney", "recent_heart_attack", "secondary", "denosumab_lapse", "glucocorticoids",
        "within_lsc"),
}
#: A further trap in the report; ``None``: one is enough.
SECOND_TRAPS = {3: (None, "excluded_vertebra", "excluded_vertebra", "discordant")}

#: T-scores of the lowest site, in tenths: well inside the classes.
AIMS = {"normal": (-7, 4), "low_bone_mass": (-22, -13), "osteoporosis": (-36, -27)}
SITES = ("lumbar_spine", "total_hip", "femoral_neck")
BRIGHT = ("bony spurs at its margins", "dense end plates and a narrowed disc",
          "dense facet joints", "a sclerotic lower half")
TEACHES = {
    "plain": "The routine of reading a report and a history.",
    "excluded_vertebra": "Which vertebrae count.",
    "z_score": "Whom the T-score does not fit.",
    "fragility_normal_t": "A fragility fracture overrides a normal scan.",
    "vertebral_normal_t": "A silent vertebral fracture, and where guidelines differ.",
    "discordant": "The lowest site decides.",
    "boundary": "What belongs to -1.0 and to -2.5.",
    "within_lsc": "A change smaller than the noise.",
    "real_loss": "A real loss on treatment, and why.",
    "denosumab_lapse": "What happens when denosumab runs out.",
    "atypical_fracture": "Thigh pain on a long course.",
    "secondary": "A disease behind the bone.",
    "glucocorticoids": "Bone under glucocorticoids.",
    "man_52": "Men from 50 on.",
    "drug_holiday": "Who may pause, and for how long.",
    "fracture_on_treatment": "A fracture on treatment.",
    "kidney": "What the kidneys allow.",
    "recent_heart_attack": "What the heart forbids.",
}
QUESTIONS = {"within_lsc": "bmd_fell", "real_loss": "bmd_fell", "drug_holiday": "drug_holiday",
             "fracture_on_treatment": "fracture_on_treatment",
             "atypical_fracture": "adverse_effects", "kidney": "adverse_effects",
             "recent_heart_attack": "adverse_effects", "denosumab_lapse": "adverse_effects"}


def draft(dice: Dice, code: str, level: int, trap: str, second: str | None) -> Document:
    """One proposal for a code; the next throw of the same dice gives another."""
    found = _RECIPES[trap](dice)
    traps = [trap]
    if second and second not in traps and not (second == "discordant" and "normal_t" in trap):
        traps.append(second)
    scan = _scan(dice, found.pop("aim"), traps, found.pop("exact", None))
    document = {
        "case_id": code, "number": 0, "level": level, "traps": traps, "teaches": TEACHES[trap],
        "question": QUESTIONS.get(trap, "routine_assessment"), "scan": scan, "debrief": [],
        **found,
    }
    document["title"] = title(document["person"])
    document["history"] = history_lines(document, dice)
    document["examination"] = examination_lines(document["person"])
    return document


# --- persons ---------------------------------------------------------------------------


def _woman(dice: Dice, low: int = 56, high: int = 78) -> Document:
    age = dice.whole(low, high)
    return {
        "age_years": age, "sex": "female", "menopausal_status": "postmenopausal",
        "menopause_age_years": min(dice.whole(46, 54), age - 2),
        "height_cm": dice.whole(154, 172), "weight_kg": dice.whole(50, 80),
        "smoking": dice.pick(("never", "never", "former", "current")),
        "alcohol_g_day": dice.pick((0, 5, 10)), "falls_last_year": dice.pick((0, 0, 1)),
        "parental_hip_fracture": dice.one_in(5), "egfr_ml_min": dice.whole(62, 95),
    }


def _man(dice: Dice, low: int, high: int) -> Document:
    return {
        "age_years": dice.whole(low, high), "sex": "male", "height_cm": dice.whole(168, 188),
        "weight_kg": dice.whole(64, 96), "smoking": dice.pick(("never", "former", "current")),
        "alcohol_g_day": dice.pick((0, 10, 20)), "falls_last_year": 0,
        "parental_hip_fracture": dice.one_in(6), "egfr_ml_min": dice.whole(68, 105),
    }


def _fracture(dice: Dice, sites: tuple[str, ...], low: int = 0, high: int = 6) -> list[Document]:
    return [{"site": dice.pick(sites), "years_ago": dice.whole(low, high)}]


def _course(name: str, years: int) -> list[Document]:
    return [{"medicine": name, "started_months_ago": 12 * years, "stopped_months_ago": 0}]


# --- recipes ---------------------------------------------------------------------------


def _plain(dice: Dice) -> Document:
    aim = dice.pick(("normal", "low_bone_mass", "osteoporosis"))
    return {"person": _woman(dice), "aim": aim}


def _z_score(dice: Dice) -> Document:
    if dice.one_in(3):
        person = _man(dice, 34, 48)
    else:
        person = _woman(dice, 27, 46)
        del person["menopause_age_years"]
        person["menopausal_status"] = "premenopausal"
    if dice.one_in(2):
        person["fractures"] = _fracture(dice, ("distal_forearm", "proximal_humerus"), 1, 4)
    return {"person": person, "aim": dice.pick(("low_bone_mass", "osteoporosis"))}


def _fragility(dice: Dice) -> Document:
    person = _woman(dice, 60, 82) if not dice.one_in(4) else _man(dice, 58, 79)
    person["fractures"] = _fracture(dice, ("hip",), 0, 3)
    return {"person": person, "aim": "normal"}


def _vertebral(dice: Dice) -> Document:
    person = _woman(dice, 60, 79)
    person["condition"] = "hidden_vertebral_fracture"
    return {"person": person, "aim": "normal"}


def _any_class(dice: Dice) -> Document:
    return {"person": _woman(dice), "aim": dice.pick(("low_bone_mass", "osteoporosis"))}


def _boundary(dice: Dice) -> Document:
    exact = dice.pick((-10, -25))
    return {"person": _woman(dice), "aim": "normal" if exact == -10 else "osteoporosis",
            "exact": exact}


def _treated(dice: Dice, name: str, years: int, aim: str) -> Document:
    person = _woman(dice, 62, 79)
    person["prior_osteoporosis_diagnosis"] = True
    return {"person": person, "aim": aim, "treatment": _course(name, years)}


def _within_lsc(dice: Dice) -> Document:
    years = dice.whole(1, 3)
    found = _treated(dice, dice.pick(("alendronate", "risedronate")), years, "osteoporosis")
    found["earlier_scan"] = {"years_ago": years,
                             "change_pct": {"total_hip": dice.tenths(-37, -14)}}
    return found


def _real_loss(dice: Dice) -> Document:
    years = dice.whole(2, 3)
    found = _treated(dice, dice.pick(("alendronate", "risedronate")), years, "osteoporosis")
    found["earlier_scan"] = {"years_ago": years,
                             "change_pct": {"total_hip": dice.tenths(-95, -66)}}
    return found


def _denosumab(dice: Dice) -> Document:
    found = _treated(dice, "denosumab", 1, dice.pick(("low_bone_mass", "osteoporosis")))
    doses, last = dice.whole(4, 9), dice.pick((4, 5, 5, 7, 8))
    found["treatment"] = [{"medicine": "denosumab",
                           "started_months_ago": last + 6 * (doses - 1),
                           "stopped_months_ago": max(0, last - 6)}]
    return found


def _glucocorticoids(dice: Dice) -> Document:
    person = _woman(dice, 52, 76) if dice.one_in(2) else _man(dice, 52, 76)
    person["prednisolone_mg_day"] = dice.pick((5, 7.5, 10))
    person["rheumatoid_arthritis"] = dice.one_in(3)
    return {"person": person, "aim": dice.pick(("low_bone_mass", "osteoporosis"))}


def _man_52(dice: Dice) -> Document:
    return {"person": _man(dice, 50, 54), "aim": dice.pick(("low_bone_mass", "osteoporosis"))}


def _secondary(dice: Dice) -> Document:
    male = dice.one_in(3)
    person = _man(dice, 51, 68) if male else _woman(dice, 54, 70)
    names = ["hyperparathyroidism", "coeliac_disease", "thyrotoxicosis", "myeloma",
             "vitamin_d_deficiency"]
    person["condition"] = dice.pick(["hypogonadism", *names] if male else names)
    return {"person": person, "aim": "osteoporosis"}


def _drug_holiday(dice: Dice) -> Document:
    found = _treated(dice, "alendronate", dice.whole(5, 7), "low_bone_mass")
    found["person"]["age_years"] = dice.whole(62, 70)
    return found


def _atypical(dice: Dice) -> Document:
    found = _treated(dice, dice.pick(("alendronate", "alendronate", "risedronate")),
                     dice.whole(9, 12), dice.pick(("low_bone_mass", "osteoporosis")))
    found["person"]["condition"] = "incomplete_atypical_fracture"
    found["person"]["age_years"] = max(found["person"]["age_years"], 66)
    return found


def _on_treatment(dice: Dice) -> Document:
    found = _treated(dice, dice.pick(("alendronate", "risedronate")), dice.whole(2, 4),
                     "osteoporosis")
    found["person"]["fractures"] = _fracture(dice, ("vertebral", "proximal_humerus", "hip"), 0, 0)
    return found


def _kidney(dice: Dice) -> Document:
    person = _woman(dice, 68, 82)
    person["egfr_ml_min"] = dice.whole(20, 29)
    return {"person": person, "aim": "osteoporosis"}


def _heart(dice: Dice) -> Document:
    person = _woman(dice, 66, 80)
    person["months_since_heart_attack_or_stroke"] = dice.whole(3, 9)
    person["fractures"] = _fracture(dice, ("vertebral", "hip"), 0, 1)
    return {"person": person, "aim": "osteoporosis"}


_RECIPES: dict[str, Callable[[Dice], Document]] = {
    "plain": _plain, "excluded_vertebra": _any_class, "z_score": _z_score,
    "fragility_normal_t": _fragility, "vertebral_normal_t": _vertebral,
    "discordant": _any_class, "boundary": _boundary, "within_lsc": _within_lsc,
    "real_loss": _real_loss, "denosumab_lapse": _denosumab, "atypical_fracture": _atypical,
    "secondary": _secondary, "glucocorticoids": _glucocorticoids, "man_52": _man_52,
    "drug_holiday": _drug_holiday, "fracture_on_treatment": _on_treatment, "kidney": _kidney,
    "recent_heart_attack": _heart,
}


# --- scans -----------------------------------------------------------------------------


def _scan(dice: Dice, aim: str, traps: list[str], exact: int | None) -> Document:
    """T-scores with the lowest site in the class aimed at."""
    low, high = AIMS[aim]
    lowest = exact if exact is not None else dice.whole(low, high)
    excluded = "excluded_vertebra" in traps
    first = "lumbar_spine" if traps[0] == "excluded_vertebra" else dice.pick(SITES)
    widest = 16 if "discordant" in traps else 7
    tenths = {site: lowest if site == first else lowest + dice.whole(2, widest)
              for site in SITES}
    return {"vertebrae": _vertebrae(dice, tenths["lumbar_spine"], excluded),
            "hip": {site: tenths[site] / 10 for site in SITES[1:]}}


def _vertebrae(dice: Dice, spine: int, excluded: bool) -> Document:
    areas = {"L1": (110, 130), "L2": (125, 148), "L3": (140, 168), "L4": (160, 190)}
    levels = {level: {"t_score": (spine + dice.whole(-2, 2)) / 10, "area_cm2": dice.tenths(*area)}
              for level, area in areas.items()}
    if excluded:
        level = levels[dice.pick(("L2", "L3", "L4", "L4"))]
        level["t_score"] = (spine + dice.whole(17, 27)) / 10
        level["seen"] = dice.pick(BRIGHT)
    return levels
