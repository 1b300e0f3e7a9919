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
from osteoteach.view.answer import FOLDS
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
