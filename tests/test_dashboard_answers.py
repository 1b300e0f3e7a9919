"""The dashboards' answers, without a browser: any setting gives an answer or a named error."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.view.answer import FOLDS, SEVERITIES
from osteoteach.view.chart_specs import load_spec, render_specs
from osteoteach.view.controls import ChoiceControl, NumberControl
from osteoteach.view.dashboards import diagnose, noise, population, reversal, risk, sequence
from osteoteach.view.guess_marks import marked
from osteoteach.view.plan_control import PlanControl

MODULES = {"diagnose": diagnose, "reversal": reversal, "sequence": sequence, "risk": risk,
           "population": population,
           "noise": noise}


def controls(module) -> list:
    return [control for group in module._controls() for control in group.controls]


def settings_of(control):
    if isinstance(control, NumberControl):
        ends = st.sampled_from([control.low, control.high])
        return ends | st.floats(control.low, control.high).map(lambda x: round(x, 2))
    if isinstance(control, ChoiceControl):
        return st.sampled_from(control._values)
    if isinstance(control, PlanControl):
        return plans(control)
    return st.integers(0, 50)


@st.composite
def plans(draw, control):
    """Any plan the control takes: courses one after the other, or of different medicines."""
    courses, names = [], [value for _, value, _ in control.medicines]
    for name in draw(st.lists(st.sampled_from(names), max_size=4, unique=True)):
        start = draw(st.floats(0, control.longest_years - 0.1))
        end = draw(st.floats(start + 0.05, control.longest_years))
        courses.append({"medicine": name, "start_years": start, "end_years": end,
                        "adherence": draw(st.floats(0, 1))})
    return tuple(courses)


@pytest.mark.parametrize("name", MODULES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_setting_gives_an_answer_with_finite_numbers(name, data):
    """No control setting breaks a page: an answer, or an error that names what to do."""
    module = MODULES[name]
    values = {control.name: data.draw(settings_of(control), control.name)
              for control in controls(module)}
    try:
        answer = module.answer(values)
    except InputError:
        return  # a named error with what to do is an answer too
    assert answer.sentence.endswith(".")
    assert "nan" not in answer.sentence.lower()
    for patch in answer.charts.values():
        assert len(patch.description) > 40
        for table in patch.data.values():
            assert len({len(column) for column in table.values()}) == 1
            for column in table.values():
                assert all(math.isfinite(x) for x in column if isinstance(x, float))


def fields_used(part, dataset=None) -> set[tuple[str, str]]:
    """Pairs of dataset and field that a spec's encodings read."""
    found = set()
    if isinstance(part, list):
        for item in part:
            found |= fields_used(item, dataset)
    elif isinstance(part, dict):
        if "sequence" in (part.get("data") or {}):
            return found  # rows that the spec makes itself
        dataset = (part.get("data") or {}).get("name", dataset)
        # What the spec calculates itself needs the columns that it calculates from.
        made = {step["as"]: re.findall(r"datum\.(\w+)", step["calculate"])
                for step in part.get("transform", []) if "calculate" in step}
        for channel in (part.get("encoding") or {}).values():
            if isinstance(channel, dict) and "field" in channel:
                field = channel["field"]
                found |= {(dataset, column) for column in made.get(field, [field])}
        for key in ("layer", "hconcat", "vconcat"):
            found |= fields_used(part.get(key, []), dataset)
    return found


@pytest.mark.parametrize("name", MODULES)
def test_each_chart_gets_every_column_that_its_spec_reads(name):
    """A column that is missing would leave a mark out without a word."""
    module = MODULES[name]
    answer = module.answer({control.name: control.reading() for control in controls(module)})
    for chart, patch in marked(answer, None).charts.items():
        used = fields_used(load_spec(f"{name}_{chart}"))
        given_columns = {(table, column) for table, columns in patch.data.items()
                         for column in columns}
        assert used <= given_columns
        assert {table for table, _ in used} == set(patch.data)


def test_built_specs_are_those_of_the_charts():
    """The files that pages read were built from the present code (make specs)."""
    for name, text in render_specs().items():
        assert json.loads(text) == load_spec(name), name


@pytest.mark.parametrize("name", MODULES)
def test_a_page_is_plain_python_with_widgets_only(name):
    """What a visitor waits for imports no NumPy, pandas or Altair."""
    code = (f"from osteoteach.view.dashboards import {name}; {name}.page(); import sys; "
            "print([m for m in ('numpy', 'pandas', 'altair', 'jsonschema') if m in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_update_stays_small():
    """A slider's move sends at most 40 kB to the page."""
    for module in MODULES.values():
        answer = module.page()._shown._answer(
            {control.name: control.reading() for control in controls(module)})
        sent = sum(len(json.dumps(patch.data)) for patch in answer.charts.values())
        sent += len(answer.sentence) + sum(len(answer.fold(name)) for name in FOLDS)
        assert sent < 40_000


#: About what 13 px letters need along an axis of 180 px, which is what a phone leaves.
LONGEST_AXIS_TITLE = 28


@pytest.mark.parametrize("name", sorted(render_specs()))
def test_the_title_of_an_upright_axis_is_no_longer_than_the_axis_on_a_phone(name):
    """Vega makes room for a longer one by drawing the plot flatter, down to nothing."""

    def titles(part):
        if isinstance(part, dict):
            own = part.get("y")
            if isinstance(own, dict) and isinstance(own.get("title"), str):
                yield own["title"]
            part = list(part.values())
        if isinstance(part, list):
            for inner in part:
                yield from titles(inner)

    assert all(len(title) <= LONGEST_AXIS_TITLE for title in titles(load_spec(name)))


#: Charts that stand side by side on a desk, by rows.
SIDE_BY_SIDE = [
    ("diagnose_scores", "diagnose_age_curve"), ("noise_rescans", "noise_change"),
    ("population_distribution", "population_shares"),
    ("population_strategies", "population_screening"), ("reversal_course", "reversal_needed"),
    ("risk_parts", "risk_by_t_score"), ("risk_icons", "risk_balance"),
    ("sequence_density", "sequence_t_scores"), ("sequence_markers", "sequence_biology"),
    ("claims_verdicts", "claims_calibration"),
]


@pytest.mark.parametrize(("left", "right"), SIDE_BY_SIDE)
def test_charts_side_by_side_have_one_height(left, right):
    assert load_spec(left)["height"] == load_spec(right)["height"]


def test_names_of_lines_stand_above_the_names_of_medicines():
    """Without medicine she loses so much that the name would lie on a medicine's."""
    start = {control.name: control.reading() for control in controls(sequence)}
    answer = sequence.answer(start | {"age_years": 88, "years": 12})
    density = answer.charts["density"]
    assert min(density.data["untreated"]["value"]) < max(density.data["courses"]["top"])
    assert min(density.data["ends"]["value"]) > max(density.data["courses"]["top"])


REVERSAL_START = {control.name: control.value for control in controls(reversal)}


@pytest.mark.parametrize(("changed", "title", "words"), [
    ({}, "Needed for T −1.0, and likely after 5 years", "needed +14.8%"),
    ({"lumbar_spine": 0.0, "total_hip": -0.5, "femoral_neck": 0.5},
     "Down to T −1.0, and likely after 5 years", "normal to −11.0%"),
    ({"age_years": 40, "menopause_age_years": 52}, "Likely change after 5 years, by site", None),
])
def test_reversal_shows_a_line_of_the_t_score_only_to_whom_it_applies(changed, title, words):
    """iscd_2005: before menopause no T-score is the goal. By hand: T −1.05, the last that reads
    −1.0, lies 1.05 times 0.110 g/cm2 below 1.047: 11.0%.
    """
    charts = reversal.answer(REVERSAL_START | changed).charts
    assert charts["needed"].signals["finding"] == title
    assert charts["needed"].data["needed"]["text"][:1] == ([words] if words else [])
    assert bool(charts["course"].data["lines"]["label"]) == bool(words)
    assert ("T −1.0" in charts["needed"].description) == bool(words)


def test_reversal_names_the_site_the_comparator_and_today():
    """A bar says what was counted: which site, against whom, and what held before."""
    charts = reversal.answer(REVERSAL_START).charts
    meanings = charts["meanings"].data["meanings"]
    assert meanings["text"][0].endswith("(at the lumbar spine)")
    assert meanings["label"][3] == "Fracture risk back to the average for that age"
    assert meanings["text"][3].endswith("(no higher today)")
    old = reversal.answer(REVERSAL_START | {"age_years": 90, "years": 10}).charts["meanings"]
    assert old.data["meanings"]["text"][3] == "no rates at 100 years"


SEQUENCE_START = {control.name: control.value for control in controls(sequence)}
ROMOSOZUMAB = {"medicine": "romosozumab", "start_years": 0, "end_years": 1, "adherence": 1}
DENOSUMAB = {"medicine": "denosumab", "start_years": 0, "end_years": 3, "adherence": 1}


def test_sequence_says_of_which_plan_a_warning_is_and_tells_boxed_ones_openly():
    """label_evenity_2026, label_prolia_2026: a boxed warning is not folded away."""
    said = sequence.answer(SEQUENCE_START | {
        "plan": (ROMOSOZUMAB,), "second_plan": (DENOSUMAB,), "compare": "plan"}).warnings
    own = [words for severity, words in said if not words.startswith("Second plan. ")]
    other = [words for severity, words in said if words.startswith("Second plan. ")]
    assert any("heart attack, stroke" in words and "boxed" in words for words in own)
    assert not any("Denosumab" in words for words in own)
    assert any("hypocalcaemia" in words and "boxed" in words for words in other)
    order = [[*SEVERITIES].index(severity) for severity, _ in said]
    assert order == sorted(order)
    alone = sequence.answer(SEQUENCE_START | {"plan": (ROMOSOZUMAB,), "compare": "none"}).warnings
    assert [words for _, words in alone] == own


def test_sequence_tells_the_same_warning_of_two_plans_once():
    both = sequence.answer(SEQUENCE_START | {
        "plan": (DENOSUMAB,), "second_plan": (DENOSUMAB,), "compare": "plan"}).warnings
    assert both
    assert not any(words.startswith("Second plan. ") for _, words in both)


def test_sequence_shows_markers_against_placebo_and_says_which_the_model_misses():
    """label_romo_02: CTX 0.45 times that on placebo after two weeks of romosozumab."""
    found = sequence.answer(SEQUENCE_START | {"plan": (ROMOSOZUMAB,), "compare": "none"})
    trials = found.charts["markers"].data["trials"]
    at = trials["from_row"].index("label_romo_02")
    assert (trials["against"][at], trials["value"][at]) == ("against placebo", 0.45)
    assert "CTX 0.45 against placebo after 2 weeks (Romosozumab label), in the model" \
        in found.fold("how_sure")


RISK_START = {control.name: control.value for control in controls(risk)}


@pytest.mark.parametrize("changed", [
    {}, {"medicine": "none"}, {"outcome": "hip", "sex": "male", "age_years": 90, "smokes": True},
    {"age_years": 40, "years": 1, "femoral_neck": -4.5, "fracture_years_ago": 0},
    {"age_years": 40, "years": 1, "femoral_neck": 1.0, "fracture": "none", "outcome": "hip"},
    {"medicine": "estrogen"}, {"medicine": "zoledronate", "years": 3}, {"medicine": "denosumab"},
    {"age_years": 90, "femoral_neck": -4.5, "prednisolone_mg_day": 40, "falls_last_year": 10}])
def test_sentence_figures_and_bars_of_the_risk_page_tell_one_story(changed):
    """Counts subtract to the benefit, each harm stands once, the axes hold what they show."""
    answer = risk.answer(RISK_START | changed)
    signals = {name: patch.signals for name, patch in answer.charts.items()}
    without, with_ = (signals["icons"][f"fracture_{name}"] for name in ("without", "with"))
    assert ("fewer than 1 have" if without == 0 else f", {without} ha") in answer.sentence
    bars, reach = answer.charts["balance"].data["rows"], signals["balance"]["reach"]
    assert len(set(bars["name"])) == len(bars["name"])
    assert all(abs(count) <= reach for count in bars["per_1000"])
    if bars["name"]:
        assert bars["per_1000"][0] == without - with_
        assert bars["text"][0] == (f"{without - with_} fewer" if without > with_
                                   else "fewer than 1")
        assert not any(words.endswith("comparator") for words in bars["text"])
    curve, top = answer.charts["by_t_score"], signals["by_t_score"]["top"]
    assert max(curve.data["curve"]["risk"]) <= top
    assert curve.data["person"]["risk"][0] <= top
    assert answer.guess_place.axis == (0.0, top)


def test_the_title_of_the_factors_gives_hazard_and_risk():
    """2.1 times today's hazard is not 2.1 times the risk: 234 against 155 of 1,000 is 1.5."""
    answer = risk.answer(RISK_START)
    found = re.search(r"(\d+) have .* The average at her age is (\d+)\.", answer.sentence)
    title = answer.charts["parts"].signals["finding"]
    assert title.startswith("Today's hazard: 2.1 times")
    assert title.endswith(f"over 10 years {int(found[1]) / int(found[2]):.1f} times the risk")


@pytest.mark.parametrize(("changed", "words"), [
    ({}, "a time of 10 years"), ({"femoral_neck": 1.0}, "no significant benefit"),
    ({"medicine": "teriparatide", "outcome": "hip", "years": 2},
     "No ratio with an interval against placebo"),
    ({"medicine": "none", "femoral_neck": 1.0}, None)])
def test_a_medicine_used_beyond_its_trial_is_warned_of_once(changed, words):
    """An open warning, one at most; none where no medicine is chosen."""
    warnings = risk.answer(RISK_START | changed).warnings
    assert [severity for severity, _ in warnings] == ([] if words is None else ["warning"])
    assert words is None or words in warnings[0][1]


@pytest.mark.parametrize(("medicine", "shown"), [
    ("alendronate", True), ("raloxifene", False), ("abaloparatide", False)])
def test_a_benefit_whose_interval_holds_1_is_not_told_as_shown(medicine, shown):
    """MORE (raloxifene): nonvertebral fractures 0.93 (0.81 to 1.06); ACTIVE: 0.57 (0.32 to 1)."""
    answer = risk.answer(RISK_START | {"medicine": medicine})
    assert ("holds 1, which is no effect" in answer.sentence) is not shown
    name = answer.charts["balance"].data["rows"]["name"][0]
    assert name == f"Benefit{'' if shown else ' not shown'}: major osteoporotic fracture"


def test_studies_that_differ_on_a_harm_are_all_told():
    """Abstracts: 85.9 per 100,000 person-years (Lee 2018); 11 per 10,000 from the fourth year
    on (Schilcher 2015); 363 per 100,000 in ten years (BMC Musculoskelet Disord 2020)."""
    text = risk.answer(RISK_START).fold("how_sure")
    assert "66 (Schilcher 2015, 6 years counted), 36 (BMC Musculoskelet Disord 2020)" in text
    assert "86 (Lee 2018)" in text
    assert "by study" not in risk.answer(RISK_START | {"medicine": "raloxifene"}).fold("how_sure")


POPULATION_START = {control.name: control.value for control in controls(population)}


def test_population_asks_tells_and_shows_the_same_share():
    """One direction everywhere: how many have osteoporosis at the femoral neck."""
    found = population.answer(POPULATION_START)
    shares = found.charts["shares"].data["shares"]
    at = next(place for place, what in enumerate(shares["what"])
              if (what, shares["category"][place]) == ("Fractures", "Osteoporosis"))
    inside = shares["to"][at] - shares["from"][at]
    assert found.guess.answer == pytest.approx(inside)
    assert f"{inside:.0f} of 100 of them have osteoporosis at the femoral neck" in found.sentence
    for what in ("Women", "Fractures"):
        texts = [int(text) for name, text in zip(shares["what"], shares["text"], strict=True)
                 if name == what and text]
        assert len(texts) < 3 or sum(texts) == 100


def test_population_warns_where_the_line_lies_above_the_trials_scores_and_zero_prevents_none():
    """cummings_1998: without a vertebral fracture no significant benefit in all."""
    assert population.answer(POPULATION_START).warnings == []
    high = population.answer(POPULATION_START | {"cut_off": 0.0, "shift": 0.0})
    assert len(high.warnings) == 1
    assert "above −2.5" in high.warnings[0][1]
    assert "no significant benefit" in high.warnings[0][1]
    assert high.sentence.endswith("raising every T-score by 0 prevents none.")
    assert high.charts["strategies"].data["strategies"]["prevented"][1] == 0


@pytest.mark.parametrize(("module", "changed", "words"), [
    (diagnose, {"age_years": 25}, "the Z-score decides"),
    (diagnose, {"age_years": 62, "menopausal_status": "premenopausal"}, "the T-score decides"),
    (risk, {"sex": "male", "medicine": "raloxifene"}, "postmenopausal women only"),
    (risk, {"age_years": 45, "medicine": "raloxifene"}, "Only for postmenopausal women"),
    (population, {"sex": "male", "medicine": "estrogen_progestogen"}, "a man"),
    (population, {"sex": "male", "medicine": "estrogen_progestogen"}, "in men the label names"),
    (reversal, {"medicine": "denosumab"}, "brings rebound"),
    (reversal, {"medicine": "zoledronate"}, "Acute kidney failure"),
    (risk, {"medicine": "teriparatide"}, "More than 2 years in a lifetime only"),
    (noise, {"precision_pct": 2.5}, "above 1.8%, the largest that ISCD accepts"),
    (noise, {"precision_pct": 2.0, "site": "lumbar_spine"}, "above 1.9%"),
])
def test_a_page_warns_where_a_setting_misleads(module, changed, words):
    """Open beside the answer, and gone with the setting."""
    start = {control.name: control.reading() for control in controls(module)}
    assert any(words in text for _, text in module.answer(start | changed).warnings)
    assert not any(words in text for _, text in module.answer(start).warnings)


def test_fewer_than_with_another_medicine_is_no_benefit():
    """miller_2016b: hypercalcaemia in 3.4% on abaloparatide, 6.4% on teriparatide."""
    found = risk.answer(RISK_START | {"medicine": "abaloparatide"})
    rows = found.charts["balance"].data["rows"]
    place = next(at for at, name in enumerate(rows["name"]) if name.startswith("Hypercalcaemia"))
    assert rows["text"][place] == "34 have it"
    assert rows["per_1000"][place] < 0
    assert "640 (teriparatide)" in found.fold("why")


def test_harms_of_women_are_not_drawn_for_men_nor_those_of_the_old_for_all():
    """whims_2003: dementia was counted from 65 years on; RUTH was a trial of women."""
    for sex, is_drawn in (("female", True), ("male", False)):
        names = risk.answer(RISK_START | {"sex": sex, "medicine": "raloxifene"}).charts[
            "balance"].data["rows"]["name"]
        assert any("breast" in name for name in names) == is_drawn
    found = risk.answer(RISK_START | {"medicine": "estrogen_progestogen"})
    assert "dementia" in found.charts["balance"].description.split("Not counted:")[1]
    assert "Only in some people: women of 65 and over" in found.fold("why")


def test_a_result_that_may_be_chance_is_not_told_as_what_the_medicine_does():
    """Raloxifene and fractures outside the spine: the interval holds 1."""
    why = risk.answer(RISK_START | {"medicine": "raloxifene"}).fold("why")
    assert "which may be chance" in why
    assert "would be spared by it" in why
    assert "The medicine lowers" not in why


def test_nbha_asks_for_low_bone_mass_beside_a_broken_vertebra():
    """nbha_2014: only the hip decides alone; bhof_2022: the spine does too."""
    start = {control.name: control.reading() for control in controls(diagnose)}
    broken = start | {"fracture": "vertebral", "guideline": "nbha_2014"}
    assert "together with low bone mass" in diagnose.answer(broken).sentence
    assert "although" in diagnose.answer(broken | {"guideline": "bhof_2022"}).sentence


def test_quarter_steps_of_the_population_are_printed_whole():
    """T -2.25 is not -2.3."""
    assert "at or below T −2.25 " in population.answer(POPULATION_START | {
        "cut_off": -2.25}).sentence


def test_a_later_scan_tells_of_the_person_on_every_line():
    """Fast loss, seen on treatment, is hers without treatment and with another plan as well."""
    known = SEQUENCE_START | {"scanned": True, "scan_t_score": -2.8, "site": "total_hip"}
    before, after = (sequence.answer(one).charts["density"].data for one in (SEQUENCE_START, known))
    for line in ("plan", "other", "untreated"):
        assert after[line]["value"][-1] < before[line]["value"][-1]


@pytest.mark.parametrize(("site", "score", "words"), [
    ("total_hip", -3.0, "lower after 2 years of this plan"),
    ("total_hip", -3.0, "the medicine was taken"), ("total_hip", -0.5, "or higher after 2 years"),
    ("lumbar_spine", 0.0, "degenerate"), ("total_hip", -2.2, None)])
def test_a_scan_that_hardly_anybody_would_have_is_questioned(site, score, words):
    """iscd_2023: scans compare on one device, of one region, in one position."""
    found = sequence.answer(SEQUENCE_START | {
        "scanned": True, "scan_t_score": score, "site": site})
    told = [text for _, text in found.warnings if text.startswith("Fewer than 1 of 100")]
    assert bool(told) == bool(words)
    assert not words or words in told[0]
    scans = found.charts["density"].data["scans"]
    assert scans["years"] == [2]
    assert scans["label"][0].startswith("scan ")
    assert "The later scan reads" in found.charts["density"].description


def test_a_scan_stands_on_the_chart_as_the_two_reports_read_it():
    """By hand, total hip: T -2.4 is 0.649 and T -2.5 is 0.637 g/cm2, 1.9% less."""
    found = sequence.answer(SEQUENCE_START | {"scanned": True, "scan_t_score": -2.5})
    assert found.charts["density"].data["scans"]["label"] == ["scan −1.9%"]
    assert sequence.answer(SEQUENCE_START).charts["density"].data["scans"]["years"] == []


def test_the_age_at_menopause_counts_before_it_is_reached():
    """Bone goes fastest around the final period: set later, less is lost until then."""
    lost = [reversal.answer(REVERSAL_START | {
        "age_years": 45, "menopause_age_years": age, "years": 10}).charts["needed"].data[
            "sites"]["likely"] for age in (46, 50, 55)]
    assert all(early < middle < late for early, middle, late in zip(*lost, strict=True))


def test_what_moves_says_from_when_for_how_long_and_what_a_larger_gain_leaves_out():
    """law_1997: smoking costs bone after the menopause; ensrud_2003: 4.4 years."""
    why = reversal.answer(REVERSAL_START | {
        "age_years": 45, "menopause_age_years": 50, "smoking": "current",
        "weight_change_pct": -10, "combining": "largest_only"}).fold("why")
    assert "−0.2% a year, from 5 years on" in why
    assert "× 1.35, for 4.4 years" in why
    assert why.count("not counted, because a larger gain is") == 1
    small = reversal.answer(REVERSAL_START | {"weight_change_pct": 3}).fold("how_sure")
    assert "Weight change of 3%: only 5% or more was studied" in small


def test_who_has_no_t_score_classes_sees_none_on_the_sequence():
    """ISCD: before menopause, and in men under 50, the Z-score is used."""
    found = sequence.answer(SEQUENCE_START | {"age_years": 42})
    assert found.sentence.endswith("T-score classes do not apply to this person.")
    assert found.charts["t_scores"].data["lines"]["score"] == []


def test_a_category_that_gets_better_does_not_undo_a_diagnosis():
    """BHOF 2022: who has osteoporosis keeps the diagnosis, whatever the next scan says."""
    start = {control.name: control.value for control in controls(reversal)}
    for spine, is_said in ((-2.5, True), (-2.1, False)):
        fold = reversal.answer(start | {"lumbar_spine": spine}).fold("how_sure")
        assert ("stays on the record whatever the next scan says" in fold) is is_said
