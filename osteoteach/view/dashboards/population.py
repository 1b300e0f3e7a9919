"""Page "Who breaks a bone?"."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from osteoteach.evidence import table
from osteoteach.model.diagnosis import NORMAL_FROM_T, OSTEOPOROSIS_UP_TO_T
from osteoteach.model.medicines import medicine, medicine_names
from osteoteach.model.patient import Patient
from osteoteach.model.plan_warnings import person_warnings
from osteoteach.model.screening_yield import AGE_GROUPS
from osteoteach.model.treatment_effect import TrialEffect, main_effect
from osteoteach.teaching.beyond_trial import MAN, beyond_trial
from osteoteach.teaching.guess_questions.population import population_guess
from osteoteach.view.controls import ChoiceControl, NumberControl
from osteoteach.view.dashboards.assembly import dashboard
from osteoteach.view.dashboards.rows_behind import effect_key
from osteoteach.view.dashboards.screening_part import (
    screening_controls,
    screening_patch,
    screening_sources,
    screening_table,
)
from osteoteach.view.evidence_rows import RowsUsed, rows_used
from osteoteach.view.guess_marks import GuessPlace
from osteoteach.view.html import data_table, paragraph, prose, reference_list, where_button
from osteoteach.view.page import Answer, ChartPatch, Group, Page
from osteoteach.view.palette import CATEGORY_COLOURS, OTHER_PLAN, PLAN

__all__ = ["answer", "page"]

AGES = [("50 and over", "50"), ("50 to 59", "50-59"), ("60 to 69", "60-69"),
        ("70 to 79", "70-79"), ("80 and over", "80")]
OF = 1000
YEARS = 10
#: As in the table: hip, or any of hip, clinical vertebral, forearm and humerus.
OUTCOMES = {"major": ("major_fractures", "a major fracture", ("any_clinical", "nonvertebral")),
            "hip": ("hip_fractures", "a hip fracture", ("hip",))}
CATEGORIES = ("Osteoporosis", "Low bone mass", "Normal")
COLOURS = dict(zip(CATEGORIES, (CATEGORY_COLOURS[name] for name in (
    "osteoporosis", "low_bone_mass", "normal")), strict=True))
# Below this a share is too narrow for its number.
LEAST_SHOWN_PCT = 6
# Where the axis of prevented fractures ends, and a longer bar is cut; its words say the number.
LONGEST_BAR = 80.0


@dataclass(frozen=True)
class Step:
    """People whose T-score lies in one step, and those who break a bone."""

    start: float
    end: float
    persons: float
    broken: float

    @property
    def category(self) -> str:
        # Steps end at the lines; a score of exactly -2.5 belongs to the step above it.
        if self.end <= OSTEOPOROSIS_UP_TO_T + 1e-9:
            return CATEGORIES[0]
        return CATEGORIES[2] if self.start >= NORMAL_FROM_T - 1e-9 else CATEGORIES[1]


def _controls() -> list[Group]:
    medicines = [(medicine(name).label, name) for name in medicine_names()
                 if main_effect(name, "hip") and _effect(name, "major")]
    return [
        Group("Who", [
            ChoiceControl("sex", "Sex", [("Women", "female"), ("Men", "male")], "female"),
            ChoiceControl("ages", "Age", AGES, "50"),
            ChoiceControl("outcome", "Fracture", [
                ("Major osteoporotic", "major"), ("Hip", "hip")], "major"),
        ]),
        Group("Treat those below a line", [
            NumberControl("cut_off", "Treat from T-score", "SD", -4, 0, 0.25, -2.5,
                          help="Everybody with this T-score or a lower one."),
            ChoiceControl("medicine", "Medicine", medicines, "alendronate"),
        ]),
        Group("Or move everybody", [
            NumberControl("shift", "Raise all T-scores by", "SD", 0, 1, 0.05, 0.2),
        ]),
        screening_controls(),
    ]


def _effect(name: str, outcome: str) -> TrialEffect | None:
    for kind in OUTCOMES[outcome][2]:
        effect = main_effect(name, kind)
        if effect is not None:
            return effect
    return None


@functools.lru_cache(maxsize=32)
def _groups(sex: str, ages: str, outcome: str) -> tuple[tuple[Step, ...], ...]:
    """Steps of the T-score, one tuple for each age group that is counted."""
    column = OUTCOMES[outcome][0]
    groups: dict[int, list[Step]] = {}
    for row in table("population_summary"):
        if _is_counted(row, sex, ages):
            groups.setdefault(row["from_age"], []).append(Step(
                row["from_t_score"], row["to_t_score"], row["persons"], row[column]))
    return tuple(map(tuple, groups.values()))


def _merged(groups: Iterable[Sequence[Step]]) -> list[Step]:
    """All ages together, scaled to 1,000 people."""
    columns = list(zip(*groups, strict=True))
    whole = sum(step.persons for column in columns for step in column)
    return [Step(column[0].start, column[0].end, OF * sum(step.persons for step in column) / whole,
                 OF * sum(step.broken for step in column) / whole) for column in columns]


def _moved(groups: Iterable[tuple[Step, ...]], shift: float) -> float:
    """Fractures among 1,000 if every T-score were higher, each age keeping its own rates.

    People of a step get the rate of the T-score they move to: between two steps the
    rate is on a straight line.
    """
    people = broken = 0.0
    for steps in groups:
        rates = _rates(steps)
        width = steps[0].end - steps[0].start
        for place, step in enumerate(steps):
            at = min(place + shift / width, len(steps) - 1)
            low = int(at)
            high = min(low + 1, len(steps) - 1)
            rate = rates[low] + (at - low) * (rates[high] - rates[low])
            people += step.persons
            broken += step.persons * rate
    return OF * broken / people


@functools.lru_cache(maxsize=64)
def _rates(steps: tuple[Step, ...]) -> list[float]:
    """Share who break a bone in each step; a step without people takes its neighbour's."""
    rates = [step.broken / step.persons if step.persons else None for step in steps]
    known = [place for place, rate in enumerate(rates) if rate is not None]
    return [rates[min(known, key=lambda one: abs(one - place))] for place in range(len(steps))]


def _line(t_score: float) -> str:
    """A T-score of the quarter steps of this page, which one decimal would misprint.

    Examples
    --------
    >>> _line(-2.25), _line(-2.5)
    ('−2.25', '−2.5')
    """
    return f"{round(t_score, 2) + 0.0:.2f}".removesuffix("0").replace("-", "−")


def _fewer(broken: float, prevented: float) -> str:
    """How many fewer, as whole people: what the bars show must subtract to what is said.

    Examples
    --------
    >>> _fewer(117.3, 8.7), _fewer(117.3, 0.2), _fewer(117.3, 0)
    ('8', 'fewer than 1', 'none')
    """
    if prevented <= 0:
        return "none"
    shown = round(broken) - round(broken - prevented)
    return f"{shown}" if shown else "fewer than 1"


def answer(values: dict[str, Any]) -> Answer:
    """Who breaks a bone, by T-score, and what two strategies would prevent."""
    groups = _groups(values["sex"], values["ages"], values["outcome"])
    steps, effect = _merged(groups), _effect(values["medicine"], values["outcome"])
    broken = sum(step.broken for step in steps)
    inside = sum(step.broken for step in steps if step.category == CATEGORIES[0])
    treated = [step for step in steps if step.end <= values["cut_off"] + 1e-9]
    prevented = sum(step.broken for step in treated) * (1 - effect.value)
    moved = broken - _moved(groups, values["shift"]) if values["shift"] else 0.0
    outcome = OUTCOMES[values["outcome"]][1]
    people = "women" if values["sex"] == "female" else "men"
    number = sum(step.persons for step in treated)
    return Answer(
        sentence=(f"Of 1,000 {people} {broken:.0f} break a bone within {YEARS} years ({outcome}); "
                  f"{100 * inside / broken:.0f} of 100 of them have osteoporosis at the femoral "
                  f"neck today. Treating the {number:.0f} at or below T "
                  f"{_line(values['cut_off'])} prevents {_fewer(broken, prevented)}; raising "
                  f"every T-score by {values['shift']:g} prevents {_fewer(broken, moved)}."),
        why=lambda: (_why(steps, broken, number, prevented, moved, values)
                     + screening_table(values)),
        how_sure=lambda: _how_sure(effect),
        sources=lambda: reference_list((
            *effect.source_ids, *(row["source_id"] for row in table("population_targets")),
            *screening_sources(values["tool"]))),
        charts={
            "distribution": _distribution_patch(steps, values, people),
            "shares": _shares_patch(steps, broken, people),
            "strategies": _strategies_patch(broken, prevented, moved, values, people),
            "screening": screening_patch(values),
        },
        warnings=_warning(values, effect),
        guess=population_guess(100 * inside / broken, people, outcome, values["sex"],
                               (values["sex"], values["ages"], values["outcome"])),
        guess_place=GuessPlace("shares", "Fractures"),
    )


def _warning(values: dict[str, Any], effect: TrialEffect) -> list[tuple[str, str]]:
    """Where the line, or men, lie beyond the trial, and medicines not listed for men."""
    is_low = values["cut_off"] <= OSTEOPOROSIS_UP_TO_T
    if is_low and values["sex"] == "female":
        return []
    at_line = Patient(age_years=int(values["ages"].split("-")[0]), sex=values["sex"],
                      menopausal_status="postmenopausal" if values["sex"] == "female" else None,
                      t_scores={"femoral_neck": values["cut_off"]})
    beyond = beyond_trial(effect, at_line, YEARS)
    if beyond is None or (is_low and MAN not in beyond.reasons):
        return []
    labels = () if values["sex"] == "female" else person_warnings(at_line, values["medicine"])
    return [("warning", beyond.text), *((one.severity, str(one)) for one in labels)]


def _is_counted(row: Any, sex: str, ages: str) -> bool:
    """Whether a row of the counted population belongs to the people on the controls."""
    first = int(ages.split("-")[0])
    last = int(ages.split("-")[1]) + 1 if "-" in ages else 100
    return row["sex"] == sex and first <= row["from_age"] and row["to_age"] <= last


def rows_behind(values: dict[str, Any]) -> Iterator[RowsUsed]:
    """Rows of the evidence that the answer to some values rests on."""
    sex = values["sex"]
    yield from rows_used("The simulated people, counted", "population_summary",
                         lambda row: _is_counted(row, sex, values["ages"]))
    yield from rows_used("What the medicine does to fractures", "fracture_effects",
                         [effect_key(_effect(values["medicine"], values["outcome"]))])
    yield from rows_used("Who lives in the country", "population_census",
                         lambda row: row["sex"] == sex)
    yield from rows_used("How often people break a bone", "fracture_incidence",
                         lambda row: (row["country"], row["sex"]) == ("US", sex))
    yield from rows_used("Risk by bone density", "fracture_gradient",
                         lambda row: row["role"] == "model")
    yield from rows_used("Death", "death_rates",
                         lambda row: (row["country"], row["sex"]) == ("US", sex))
    yield from rows_used("Assumptions of the simulated population", "population_assumptions",
                         lambda row: True)
    yield from rows_used("Screening tools on the simulated women", "screening_counts",
                         lambda row: (row["tool"], row["from_age"]) == (
                             values["tool"], AGE_GROUPS[values["tool_ages"]][0]))
    yield from rows_used("The tool, and its published accuracy", "screening_tools",
                         lambda row: row["tool"] == values["tool"])
    yield from rows_used("Published results that it is held against", "population_targets",
                         lambda row: row["sex"] in (sex, "both"))


def _distribution_patch(steps: list[Step], values: dict[str, Any], people: str) -> ChartPatch:
    return ChartPatch(
        data={
            "people": {"start": [step.start for step in steps], "end": [step.end for step in steps],
                       "persons": [step.persons for step in steps],
                       "colour": [COLOURS[step.category] for step in steps]},
            "broken": {"start": [step.start for step in steps], "end": [step.end for step in steps],
                       "persons": [step.broken for step in steps]},
            "line": {"score": [values["cut_off"]], "label": ["treat"]},
        },
        signals={"finding": f"In front: the {sum(step.broken for step in steps):.0f} who break "
                            "a bone"},
        description=(f"1,000 {people} by femoral neck T-score today, and those of each step who "
                     f"break a bone within {YEARS} years. The most fractures come from the step "
                     f"at T {_line(max(steps, key=lambda step: step.broken).start)}."))


def _by_category(steps: list[Step], column: str) -> list[float]:
    return [sum(getattr(step, column) for step in steps if step.category == name)
            for name in CATEGORIES]


def _whole_shares(shares: Sequence[float]) -> list[int]:
    """Whole numbers that add up to 100: the largest remainders are rounded up.

    Examples
    --------
    >>> _whole_shares([10.4, 50.3, 39.3]), _whole_shares([0.0, 50.0, 50.0])
    ([11, 50, 39], [0, 50, 50])
    """
    whole = [int(share + 1e-9) for share in shares]
    for place in sorted(range(len(shares)), key=lambda one: whole[one] - shares[one])[
            :round(sum(shares)) - sum(whole)]:
        whole[place] += 1
    return whole


def _shares_patch(steps: list[Step], broken: float, people: str) -> ChartPatch:
    rows = []
    for what, column, whole in ((people.capitalize(), "persons", OF),
                                ("Fractures", "broken", broken)):
        start = 0.0
        shares = [100 * number / whole for number in _by_category(steps, column)]
        for name, share, shown in zip(CATEGORIES, shares, _whole_shares(shares), strict=True):
            rows.append((what, start, start + share, name,
                         f"{shown}" if share >= LEAST_SHOWN_PCT else ""))
            start += share
    said = "; ".join(f"{what}, {name}: {end - start:.0f} of 100"
                     for what, start, end, name, _ in rows)
    return ChartPatch(
        data={"shares": {
            "what": [row[0] for row in rows], "from": [row[1] for row in rows],
            "to": [row[2] for row in rows], "category": [row[3] for row in rows],
            "middle": [(row[1] + row[2]) / 2 for row in rows], "text": [row[4] for row in rows]}},
        signals={"finding": f"{people.capitalize()} and their fractures by class of the neck"},
        description=f"Share of {people} and of fractures by class of the femoral neck. {said}.")


def _strategies_patch(broken: float, prevented: float, moved: float,
                      values: dict[str, Any], people: str) -> ChartPatch:
    rows = [(f"Treat all at or below T {_line(values['cut_off'])}", prevented, OTHER_PLAN),
            (f"Raise every T-score by {values['shift']:g}", moved, PLAN)]
    text = [f"{_fewer(broken, number)} of {broken:.0f}" for _, number, _ in rows]
    said = "; ".join(f"{what}: {words}" for (what, _, _), words in zip(rows, text, strict=True))
    fewer = _fewer(broken, prevented), _fewer(broken, moved)
    return ChartPatch(
        data={"strategies": {
            "row": [0, 1], "what": [row[0] for row in rows],
            # The bars show what the words say: whole people.
            "prevented": [min(number, LONGEST_BAR) for _, number, _ in rows], "text": text,
            "colour": [row[2] for row in rows]}},
        signals={"finding": "Two strategies: " + (
            f"each prevents {fewer[0]}" if fewer[0] == fewer[1]
            else f"{fewer[0]} or {fewer[1]} prevented")},
        description=f"Fractures prevented among 1,000 {people} within {YEARS} years, of "
                    f"{broken:.0f}. {said}.")


def _why(steps: list[Step], broken: float, number: float, prevented: float, moved: float,
         values: dict[str, Any]) -> str:
    rows = [(name, f"{persons:.0f}", f"{fractures:.0f}",
             f"{100 * fractures / persons:.0f} of 100" if persons else "")
            for name, persons, fractures in zip(
                CATEGORIES, _by_category(steps, "persons"), _by_category(steps, "broken"),
                strict=True)]
    needed = f"{number / prevented:.0f} treated for one fewer" if prevented else "nobody treated"
    return data_table("1,000 people and their fractures", (
        "On the scan today", "People", "Break a bone", "Of those"), rows) + paragraph(
        "A high risk among few people gives fewer fractures than a middling risk among many. "
        f"Treating the left tail reaches {number:.0f} people ({needed}); a small change in "
        f"everybody reaches {OF}. Neither is free: the first needs scans and medicines, and no "
        f"programme is known to raise every T-score by {values['shift']:g}.")


def _how_sure(effect: TrialEffect) -> str:
    rows = [(prose(row["group"].replace("_", " ")), prose(row["sex"]),
             "" if row["from_age"] is None else f"{row['from_age']}+", f"{row['value']:g}",
             prose(row["unit"]), where_button(row["target_id"], "", "population_targets",
                                              row["target_id"]))
            for row in table("population_targets") if row["measure"] == "prevalence"]
    return "".join(map(paragraph, (
        "The people are simulated: a million US adults, made from published means, spreads, "
        "rates and ratios, and followed for ten years without medicines. They are compared "
        "with published surveys; reproduce_published() says where they differ. Women past 80 "
        "come out with too much osteoporosis.",
        f"The ratio of the medicine is that of {effect}, taken to hold at every T-score. Few "
        "trials took people above −2.5.",
        "The class is that of the femoral neck alone. A scan of spine and hip takes the lowest "
        "site, so more would have osteoporosis on it, of all and of those who break a bone.",
        "People of one T-score are taken to have the average of all other factors.",
        "The tools see age and weight alone; what else they ask is taken as absent. Weight goes "
        "with density as in two cohorts, and height is that of all adults.",
    ))) + data_table("Published prevalence that it is held against, %", (
        "What", "Sex", "Age", "Published", "Unit", "Source"), rows)


def page() -> Page:
    """The whole page, for the last line of a notebook."""
    return dashboard(
        "population", "Who breaks a bone?",
        "Look at a whole population instead of one person. Guess first: of all who break a bone, "
        "how many have osteoporosis at the femoral neck today?",
        _controls(), answer, rows_behind=rows_behind)
