"""Page "From scan to diagnosis"."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.model.densitometry import (
    age_matched_reference,
    patient_bmd,
    young_adult_reference,
)
from osteoteach.model.diagnosis import (
    BELOW_EXPECTED_UP_TO_Z,
    NORMAL_FROM_T,
    OSTEOPOROSIS_UP_TO_T,
    STATUS_NEEDED_BELOW_AGE,
    STATUS_NEEDED_FROM_AGE,
    T_SCORES_APPLY_FROM_AGE_MEN,
    Diagnosis,
    FiredRule,
    diagnose,
    t_category,
)
from osteoteach.model.patient import Patient
from osteoteach.model.vocabulary import plain_name
from osteoteach.teaching.guess_questions.diagnosis import diagnosis_guess
from osteoteach.teaching.guesses import Guessable
from osteoteach.teaching.sentences import diagnosis_sentence, joined, signed
from osteoteach.view.controls import ChoiceControl, NumberControl
from osteoteach.view.dashboards.assembly import dashboard
from osteoteach.view.dashboards.person import FRACTURES, SITES, t_score_controls
from osteoteach.view.dashboards.rows_behind import scale_rows
from osteoteach.view.evidence_rows import RowsUsed, rows_used
from osteoteach.view.guess_marks import GuessPlace
from osteoteach.view.html import bullet_list, paragraph, prose, reference_list, short_link
from osteoteach.view.page import Answer, ChartPatch, Group, Page

__all__ = ["answer", "page"]

# A little beyond the sliders, so that a mark at their end stands inside its band.
STRIP_LOW, STRIP_HIGH = -5.4, 2.4
# Where the curve of a reference without an upper age ends.
OPEN_BAND_ENDS = 90

_TONES = {"normal": "normal", "within_expected_range": "normal", "low_bone_mass": "low",
          "osteoporosis": "osteoporosis", "severe_osteoporosis": "osteoporosis",
          "below_expected_range": "osteoporosis"}


def _controls() -> list[Group]:
    guidelines = [(f"{row['name']}", row["guideline_id"]) for row in table("guidelines")]
    return [
        Group("Person", [
            NumberControl("age_years", "Age", "years", 20, 100, 1, 62),
            ChoiceControl("sex", "Sex", [("Woman", "female"), ("Man", "male")], "female"),
            ChoiceControl("menopausal_status", "Menopause", [
                ("Before menopause", "premenopausal"),
                ("In the transition", "menopausal_transition"),
                ("After menopause", "postmenopausal")], "postmenopausal"),
        ]),
        Group("T-scores on the report", t_score_controls((-2.1, -1.8, -2.0))),
        Group("History and rules", [
            ChoiceControl("fracture", "Fragility fracture", FRACTURES, "none",
                          "From a fall from standing height or less."),
            ChoiceControl("guideline", "Rules", guidelines, "bhof_2022"),
        ]),
    ]


def _patient(values: dict[str, Any]) -> Patient:
    female = values["sex"] == "female"
    fracture = values["fracture"]
    return Patient(
        age_years=values["age_years"], sex=values["sex"],
        menopausal_status=values["menopausal_status"] if female else None,
        t_scores={site: values[site] for site in SITES},
        fractures=() if fracture == "none" else (fracture,))


def answer(values: dict[str, Any]) -> Answer:
    """Diagnosis of the person on the controls, with its charts."""
    patient = _patient(values)
    found = diagnose(patient, values["guideline"])
    return Answer(
        sentence=diagnosis_sentence(found),
        why=lambda: _why(found),
        how_sure=lambda: _how_sure(found),
        sources=lambda: reference_list([*found.sources, *_reference_sources(patient)]),
        charts={"scores": _scores_patch(found), "age_curve": _age_patch(found)},
        tone=_TONES[found.category],
        warnings=_rare_status(values),
        guess=_guess(found, values),
        guess_place=GuessPlace("scores"),
    )


def _rare_status(values: dict[str, Any]) -> list[tuple[str, str]]:
    """A slider of age leaves the menopause where it is: the wrong score would decide unseen."""
    age, status = values["age_years"], values["menopausal_status"]
    if values["sex"] == "male":
        return []
    if age < STATUS_NEEDED_FROM_AGE and status != "premenopausal":
        return [("warning", f"A woman of {age:g} is taken as before menopause where nothing is "
                 "known, and then the Z-score decides. Set “Before menopause” unless hers came "
                 "early.")]
    if age >= STATUS_NEEDED_BELOW_AGE and status != "postmenopausal":
        return [("warning", f"A woman of {age:g} is taken as after menopause where nothing is "
                 "known, and then the T-score decides.")]
    return []


def _guess(found: Diagnosis, values: dict[str, Any]) -> Guessable:
    # The rule that names the class comes last, except that a Z-score has a word after it.
    decisive = next((rule for rule in reversed(found.rules) if found.decided_by == "z_score"
                     and rule.rule_id.startswith("z_")), found.rules[-1])
    return diagnosis_guess(found, tuple(values.values()), decisive.finding,
                           (decisive.source_id, "diagnostic_rules", _rule_key(found, decisive)))


def _rule_key(found: Diagnosis, rule: FiredRule) -> str:
    """Address of a rule: the rule set's own wording if it has one, else the shared one."""
    own = f"{rule.rule_id}|{found.guideline}"
    known = any((row["rule_id"], row["guideline_id"]) == (rule.rule_id, found.guideline)
                for row in table("diagnostic_rules"))
    return own if known else f"{rule.rule_id}|"


def rows_behind(values: dict[str, Any]) -> Iterator[RowsUsed]:
    """Rows of the evidence that the answer to some values rests on."""
    patient = _patient(values)
    found = diagnose(patient, values["guideline"])
    yield from rows_used("The rules that fired", "diagnostic_rules",
                         [_rule_key(found, rule) for rule in found.rules])
    yield from rows_used("The rule set", "guidelines", [found.guideline])
    yield from scale_rows(patient.scanned_sites)
    yield from rows_used("People of the same sex by age", "bmd_reference", lambda row: (
        row["role"] == "age_matched" and row["sex"] == patient.sex
        and row["population"] == "us_white" and row["site"] in found.scores))


def _why(found: Diagnosis) -> str:
    rules = [f"<strong>{prose(rule.finding)}</strong> {prose(rule.statement)} "
             f"({short_link(rule.source_id, 'diagnostic_rules', _rule_key(found, rule))})"
             for rule in found.rules]
    changes = [f"{prose(item.change)}: <strong>{prose(plain_name(item.category))}</strong>."
               for item in found.would_change]
    return ("<h3>The rules that fired, in order</h3>" + bullet_list(rules, ordered=True)
            + "<h3>What would change the answer</h3>"
            + (bullet_list(changes) or paragraph("Nothing that this page can change.")))


def _how_sure(found: Diagnosis) -> str:
    texts = ["Scores are read as a report prints them, to one decimal: −2.45 reads −2.5 and "
             "counts as osteoporosis, −2.44 reads −2.4 and does not."]
    if found.decided_by in ("t_score", "z_score"):
        texts.append("One more scan of the same person can move a score by several tenths. "
                     "Near a line the class is partly luck: see the page “Is the change real?”.")
    if found.decided_by == "z_score":
        texts.append("Z-scores here are made from the T-scores with published reference "
                     "tables; your densitometer's own tables may differ.")
    return "".join(map(paragraph, texts))


def _reference_sources(patient: Patient) -> list[str]:
    return [young_adult_reference(site).source_id for site in patient.scanned_sites]


def _scores_patch(found: Diagnosis) -> ChartPatch:
    by_z = found.decided_by == "z_score"
    kind = "Z-score" if by_z else "T-score"
    sites = [site for site in SITES if site in found.scores]
    scores = [found.scores[site] for site in sites]
    words = [f"{plain_name(site)} {signed(score)}" for site, score in
             zip(sites, scores, strict=True)]
    return ChartPatch(
        data={
            "bands": _bands(by_z),
            "lines": {"score": [BELOW_EXPECTED_UP_TO_Z] if by_z
                      else [OSTEOPOROSIS_UP_TO_T, NORMAL_FROM_T]},
            "scores": {
                "site": [plain_name(site).capitalize() for site in sites],
                "score": scores,
                "category": [_class_of(score, by_z) for score in scores],
                "decides": [
                    found.decided_by in ("t_score", "z_score") and score == found.deciding_score
                    for score in scores],
                "text": [signed(score) for score in scores],
            },
        },
        signals={"finding": f"{kind}: {joined(words)}"},
        description=(f"Strip of {kind}s with the bands of the classes. "
                     f"{joined(words).capitalize()}. The diagnosis is "
                     f"{plain_name(found.category)}."),
    )


def _class_of(score: float, by_z: bool) -> str:
    if by_z:
        return ("below_expected_range" if score <= BELOW_EXPECTED_UP_TO_Z
                else "within_expected_range")
    return t_category(score)


def _bands(by_z: bool) -> dict[str, list]:
    if by_z:
        edges = [STRIP_LOW, BELOW_EXPECTED_UP_TO_Z, STRIP_HIGH]
        names = ["below_expected_range", "within_expected_range"]
        labels = ["Below the|expected range", "Within the|expected range"]
    else:
        edges = [STRIP_LOW, OSTEOPOROSIS_UP_TO_T, NORMAL_FROM_T, STRIP_HIGH]
        names = ["osteoporosis", "low_bone_mass", "normal"]
        labels = ["Osteo-|porosis", "Low bone|mass", "Normal"]
    return {"low": edges[:-1], "high": edges[1:], "category": names, "label": labels,
            "middle": [(a + b) / 2 for a, b in pairwise(edges)]}


def _age_patch(found: Diagnosis) -> ChartPatch:
    """BMD of the lowest site on the reference curve of the person's own sex."""
    patient = found.patient
    site = min(found.scores, key=lambda name: found.scores[name])
    bmd = patient_bmd(patient, site)
    reference = young_adult_reference(site)
    rows = _age_rows(site, patient.sex)
    where = plain_name(site)
    finding = f"{where.capitalize()}: {bmd:.3f} g/cm² at {patient.age_years:g} years"
    try:
        z = (bmd - age_matched_reference(site, patient.sex, int(patient.age_years)).mean_g_cm2) / (
            age_matched_reference(site, patient.sex, int(patient.age_years)).sd_g_cm2)
        finding += f", Z-score {signed(z)}"
    except InputError:
        finding += "; no confirmed reference for this age"
    lines = {"bmd": [reference.mean_g_cm2 + t * reference.sd_g_cm2
                     for t in (NORMAL_FROM_T, OSTEOPOROSIS_UP_TO_T)],
             "label": ["T-score −1.0", "T-score −2.5"]}
    return ChartPatch(
        data={"reference": rows, "lines": lines,
              "person": {"age_years": [patient.age_years], "bmd": [bmd],
                         "text": [f"{bmd:.3f}"]}},
        signals={"finding": finding},
        description=(f"Bone density of the {where} by age. {finding}. The grey band is the mean "
                     f"plus and minus one SD of white US "
                     f"{'women' if patient.sex == 'female' else 'men'} of each age."),
    )


def _age_rows(site: str, sex: str) -> dict[str, list[float]]:
    """Reference by age, placed at the middle of each age band."""
    rows: dict[str, list[float]] = {"age_years": [], "mean": [], "low": [], "high": []}
    bands = [row for row in table("bmd_reference") if (
        row["role"], row["site"], row["sex"], row["population"]) == (
            "age_matched", site, sex, "us_white")]
    for place, row in enumerate(bands):
        low = row["age_low_years"]
        high = row["age_high_years"] + 1 if row["age_high_years"] is not None else OPEN_BAND_ENDS
        # The outer bands are drawn to their ends, for the Z-score is read there too.
        ages = [(low + high) / 2]
        ages = [low] * (place == 0) + ages + [high] * (place == len(bands) - 1)
        mean, sd = row["mean_g_cm2"], row["sd_g_cm2"]
        for age in ages:
            for name, value in (("age_years", age), ("mean", mean), ("low", mean - sd),
                                ("high", mean + sd)):
                rows[name].append(value)
    return rows


def _hidden(values: dict[str, Any]) -> set[str]:
    return {"menopausal_status"} if values["sex"] == "male" else set()


def page() -> Page:
    """The whole page, for the last line of a notebook."""
    return dashboard(
        "diagnose", "From scan to diagnosis",
        "Set a person and a scan. Watch which rule decides, and what would change it. "
        f"Try a man of {T_SCORES_APPLY_FROM_AGE_MEN - 1}, or a normal scan with a hip fracture.",
        _controls(), answer, _hidden, rows_behind)
