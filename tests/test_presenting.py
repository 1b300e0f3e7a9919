"""Scenario lists: checked against the real dashboards, answered by the model, clear when bad."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from osteoteach.errors import DataError, InputError
from osteoteach.evidence import source, table
from osteoteach.progress.room_questions import Question, Vote
from osteoteach.view.classroom.join import NO_NETWORK, ONLY_HERE, join_address
from osteoteach.view.classroom.reveal import model_words, reveal_of
from osteoteach.view.classroom.session import Session
from osteoteach.view.classroom.tally import bin_edges, counts_in_bins, summary
from osteoteach.view.classroom.vote_chart import vote_chart
from osteoteach.view.presenting.expected import Expected, expected, step_values, trial_of
from osteoteach.view.presenting.paper import written_paper
from osteoteach.view.presenting.scenarios import list_names, load_list, read_list
from osteoteach.view.presenting.web import full_address, shown_list

LISTS = [load_list(name) for name in list_names()]
STEPS = [pytest.param(step, id=f"{found.name}-{number}")
         for found in LISTS for number, step in enumerate(found.steps, 1)]


def test_ten_scenarios_and_more_are_shipped_for_50_minutes():
    first = load_list("can_it_be_reversed")
    assert len(first.steps) >= 10
    assert sum(step.minutes for step in first.steps) == first.minutes == 50
    assert all(step.prepared for step in first.steps)


@pytest.mark.parametrize("step", STEPS)
def test_names_and_values_are_those_of_the_real_dashboard(step):
    page = import_module(f"osteoteach.view.dashboards.{step.dashboard}").page()
    wanted = step_values(step, page)
    page.apply_state(wanted)
    state = page.state()
    assert {name: state[name] for name in wanted} == wanted
    assert page.frame.fault == page.frame.notice == ""


@pytest.mark.parametrize("step", STEPS)
def test_every_question_has_an_answer_that_the_model_computes_and_the_class_can_give(step):
    found = expected(step)
    question = step.prepared.question
    assert found.sentence.endswith(".")
    if question.choices:
        assert found.choice is not None
    else:
        assert question.low < found.value < question.high
    assert model_words(question, found)


@pytest.mark.parametrize("step", STEPS)
def test_sources_and_trials_are_in_the_evidence(step):
    for source_id in step.sources:
        assert source(source_id).link
    if step.prepared.trial:
        trial = trial_of(step.prepared)
        row = next(row for row in table("trials") if row["row_id"] == step.prepared.trial)
        assert trial.value == row["value"]
        assert source(trial.source_id).short in trial.text


def test_the_models_number_is_the_one_that_the_dashboard_shows():
    """Step 8, three years of denosumab: the gain of the total hip as on the chart."""
    step = load_list("can_it_be_reversed").step(8)
    module = import_module("osteoteach.view.dashboards.reversal")
    page = module.page()
    page.apply_state(step_values(step, page))
    sites = module.answer(page.values()).charts["needed"].data["sites"]
    assert expected(step).value == sites["likely"][sites["site"].index("Total hip")]


def test_a_change_since_a_stop_is_percent_of_the_bone_at_the_stop():
    step = load_list("can_it_be_reversed").step(9)
    module = import_module("osteoteach.view.dashboards.sequence")
    page = module.page()
    page.apply_state(step_values(step, page))
    plan = module.answer(page.values()).charts["density"].data["plan"]
    then, after = (plan["value"][plan["years"].index(year)] for year in (3.5, 4.5))
    assert expected(step).value == pytest.approx(100 * ((100 + after) / (100 + then) - 1))
    assert expected(step).value < -2


def test_what_is_said_with_an_answer_belongs_to_the_question():
    """Both ends of a change since a stop; the chart where the page's sentence is of another."""
    steps = load_list("can_it_be_reversed")
    found = expected(steps.step(9))
    then, now = (float(text.replace("−", "-")) for text in re.findall(
        r"([+−][\d.]+)%", found.sentence))
    assert 100 * ((100 + now) / (100 + then) - 1) == pytest.approx(found.value, abs=0.1)
    assert found.sentence.endswith(" after 4.5 years.")
    losers = expected(steps.step(5))
    assert f"show {losers.value:+.1f}% at the next scan" in losers.sentence
    assert "BMD up beyond scan noise" in expected(steps.step(7)).sentence


def test_the_process_apart_prints_the_same_answer():
    done = subprocess.run([sys.executable, "-m", "osteoteach.view.presenting.expected",
                           "can_it_be_reversed", "3"], capture_output=True, text=True, check=True)
    step = load_list("can_it_be_reversed").step(3)
    assert Expected(**json.loads(done.stdout)) == expected(step)


# --- Files that are wrong -------------------------------------------------------------

GOOD = """\
title: A session
minutes: 10
for: Students
steps:
  - title: One
    minutes: 10
    dashboard: noise
    values: {site: total_hip}
    ask: How many?
    show: The chart.
    notes: Wait.
    point: Noise.
    sources: [cummings_2000]
    question:
      kind: number
      prompt: How many of ten?
      low: 0
      high: 10
      model: {chart: rescans, table: scans, count: {category: normal}}
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_smallest_list_is_read(tmp_path):
    found = read_list(written(tmp_path, GOOD))
    assert found.step(1).prepared.question == Question("number", "How many of ten?", "", 0, 10)


@pytest.mark.parametrize(("old", "new", "told"), [
    ("minutes: 10\nfor", "minutes: ten\nfor", ["row 2", "minutes"]),
    ("dashboard: noise", "dashboard: weather", ["row 7", "dashboard"]),
    ("    notes: Wait.\n", "", ["steps[0]", "notes"]),
    ("kind: number", "kind: essay", ["row 15", "kind"]),
    ("high: 10", "high: -1", ["steps[0].question.low"]),
    ("site: total_hip", "site: [1, 2]", ["row 8"]),
    ("title: One", "title: &x One", ["row 5", "anchors"]),
    ("point: Noise.", "point: Noise.\n    answer: 7", ["answer"]),
    ("steps:", "steps: !!python/object:os.system x\nmore:", ["anchors, aliases or tags"]),
    ("  - title: One", " \t- title: One", ["row"]),
])
def test_a_bad_file_names_file_line_and_field(tmp_path, old, new, told):
    assert old in GOOD
    with pytest.raises(DataError) as error:
        read_list(written(tmp_path, GOOD.replace(old, new, 1)))
    for part in ["mine.yaml", *told]:
        assert part in str(error.value)


def test_a_list_that_points_at_nothing_says_so(tmp_path):
    for old, new in (("table: scans", "table: skans"), ("category: normal", "kategory: normal"),
                     ("chart: rescans", "chart: nothing")):
        step = read_list(written(tmp_path, GOOD.replace(old, new))).step(1)
        with pytest.raises(DataError, match="must point at what the page noise shows"):
            expected(step)


def test_a_value_that_the_dashboard_refuses_says_so(tmp_path):
    for old, new in (("site: total_hip", "site: elbow"), ("site: total_hip", "elbow: 1"),
                     ("site: total_hip", "precision_pct: 50")):
        with pytest.raises(InputError):
            expected(read_list(written(tmp_path, GOOD.replace(old, new))).step(1))


@pytest.mark.parametrize("name", ["../can_it_be_reversed", "", "CAN", "a" * 99, None, 7, "x/y"])
def test_a_name_that_is_no_list_opens_no_file(name):
    with pytest.raises(InputError, match="must be one of the scenario lists"):
        load_list(name)


# --- Addresses of steps ---------------------------------------------------------------


def test_a_short_link_leads_to_the_dashboard_with_the_steps_values():
    address = full_address("dashboards/diagnose.ipynb", "present=can_it_be_reversed&step=9")
    assert address.startswith("sequence.ipynb?ready=own&plan=denosumab:0-3.5&")
    assert address.endswith("&present=can_it_be_reversed&step=9")
    assert full_address("dashboards/sequence.ipynb", address.partition("?")[2]) is None


@pytest.mark.parametrize("query", [
    "", "step=1", "present=can_it_be_reversed", "present=can_it_be_reversed&step=0",
    "present=can_it_be_reversed&step=99", "present=../x&step=1", "present=x&step=1",
    "present=can_it_be_reversed&step=²", "present=can_it_be_reversed&step=1&age_years=70",
    "present=can_it_be_reversed&step=" + "1" * 500,
])
def test_every_other_link_is_left_alone(query):
    assert full_address("dashboards/diagnose.ipynb", query) is None


def test_the_projector_gets_no_notes_and_no_answers():
    found = load_list("can_it_be_reversed")
    shown = json.dumps(shown_list(found), ensure_ascii=False)
    for step in found.steps:
        assert step.ask in shown
        assert step.notes not in shown
        assert step.point not in shown


def test_the_projector_says_what_a_number_may_be():
    """Who votes by hand sees the unit and the ends; a choice needs none."""
    found = load_list("can_it_be_reversed")
    for step, shown in zip(found.steps, shown_list(found)["steps"], strict=True):
        if step.prepared.question.kind == "number":
            assert step.prepared.question.unit in shown["scale"]
            assert re.match(r"−?\d+ to \d+ ", shown["scale"])
        else:
            assert shown["scale"] == ""


# --- Papers ---------------------------------------------------------------------------


def test_plan_and_key_say_everything_and_escape_it(tmp_path):
    found = read_list(written(tmp_path, GOOD.replace("ask: How many?", "ask: <script>x</script>")))
    plan, key = written_paper(found, "plan"), written_paper(found, "key")
    assert "&lt;script&gt;x&lt;/script&gt;" in plan
    for part in ("Timetable", "0 to 10", "Wait.", "Noise.", "Cummings", "How many of ten?"):
        assert part in plan
    assert "Wait." not in key
    for page in (plan, key):
        assert "<script" not in page
        assert 'src="' not in page


# --- What a class said ----------------------------------------------------------------

GAIN = Question("number", "Gain?", "%", -10, 20)


def test_every_vote_falls_into_one_bin_also_at_both_ends():
    votes = [Vote(number=value) for value in (-10, -8, -7.9, 0, 19.9, 20)]
    bins = counts_in_bins(GAIN, votes)
    assert sum(bins["count"]) == len(votes)
    assert bins["count"][:2] == [1, 2]
    assert bins["count"][-1] == 2


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-0.3, 0.7), (0, 1000), (-5, 2), (3, 4.5)])
def test_bins_cover_the_range_at_round_numbers(low, high):
    edges = bin_edges(Question("number", "x", "", low, high))
    assert edges[0] <= low < high <= edges[-1]
    assert 4 <= len(edges) - 1 <= 21


def test_a_summary_counts_and_names_the_middle():
    assert summary(GAIN, []) == "Nobody has voted."
    assert summary(GAIN, [Vote(number=2.0)]).startswith("1 vote: half say +2% or less")
    asked = Question("category_confidence", "x", choices=("A", "B", "C"))
    votes = [Vote(choice=0, confidence_pct=100), Vote(choice=1, confidence_pct=50)]
    assert summary(asked, votes) == (
        "2 votes: most for “A” and “B”, 50% each. On average they are 75% sure.")


def test_a_model_beyond_the_axis_is_drawn_at_its_end_and_says_so():
    content = vote_chart(GAIN, [Vote(number=1.0)], [], {"model": 33.0, "low": -40, "high": 50})
    assert content.data["model"] == {"value": [20], "label": ["Model +33%, beyond the axis"],
                                     "side": ["left"]}
    assert content.data["band"] == {"low": [-10], "high": [20]}


def test_a_reveal_without_a_model_says_so_and_holds_no_marks():
    shown = reveal_of(GAIN, "3 votes.")
    assert shown["marks"] == {}
    assert "typed in by hand" in shown["parts"][1][1]


# --- The address for students ---------------------------------------------------------


def test_a_server_on_this_computer_only_is_said_plainly():
    for origin in ("http://127.0.0.1:8866", "http://localhost:8866", "http://[::1]:8866"):
        assert join_address(origin, "/", "127.0.0.1").problem == ONLY_HERE
        assert join_address(origin, "/", "").problem == ONLY_HERE


def test_a_server_for_the_network_gives_its_own_address():
    found = join_address("http://127.0.0.1:8866", "/", "0.0.0.0", "10.1.2.3")
    assert found.address == "http://10.1.2.3:8866/class/"
    assert join_address("http://10.1.2.3:8866", "/", "0.0.0.0", "x").address == found.address
    assert join_address("http://localhost:1", "/", "::", "fd00::1").address == (
        "http://[fd00::1]:1/class/")


def test_no_network_is_told(monkeypatch):
    monkeypatch.setattr("osteoteach.view.classroom.join.lan_address", lambda: "")
    assert join_address("http://127.0.0.1:8866", "/", "0.0.0.0").problem == NO_NETWORK


@pytest.mark.parametrize("origin", [None, 7, "javascript:alert(1)", "http://a b", "http://x/y",
                                    'http://"><script>'])
def test_a_hostile_origin_is_not_shown(origin):
    assert join_address(origin, "/", "").address == "http://127.0.0.1/class/"


# --- The session of an instructor -----------------------------------------------------


@pytest.fixture
def session(tmp_path):
    from osteoteach.progress.rooms import Rooms

    def compute(name: str, number: int) -> Expected:
        return expected(load_list(name).step(number))

    return Session(Rooms(f"sqlite:///{tmp_path}/rooms.sqlite3"), compute)


def test_a_contrast_is_linked_to_its_partner_only_if_that_was_asked(session):
    session.open()
    session.ask("can_it_be_reversed", 10)
    assert session.asked().round.link == ""
    session.ask("can_it_be_reversed", 9)
    session.ask("can_it_be_reversed", 10)
    assert (session.asked().round.link, session.asked().round.linked_round) == ("contrast", 2)


def test_a_reveal_closes_first_and_holds_model_trial_and_point(session):
    session.open()
    session.ask("can_it_be_reversed", 8)
    session.reveal()
    found = session.rooms.current(session.code)
    assert found.state == "revealed"
    titles = [title for title, _ in found.reveal["parts"]]
    assert titles == ["The class", "The model", "The trial", "What to take home"]
    assert found.reveal["marks"]["trial"] == 5.0


def test_secrets_can_be_tried_a_few_times_only(session):
    session.open()
    code = session.code
    session.leave()
    from osteoteach.progress.rooms import RoomRefused

    for _ in range(10):
        with pytest.raises(RoomRefused):
            session.enter(code, "wrong")
    with pytest.raises(InputError, match="tried too often"):
        session.enter(code, "wrong")


def test_the_panel_ignores_state_and_nonsense_from_a_browser(session):
    from osteoteach.view.classroom.panel import ClassPanel

    panel = ClassPanel(session)
    panel.set_state({"view": {"stage": "room"}, "chart": "x"})
    for content in (None, [], "open", {"do": "drop"}, {"do": ["open"]}, {"do": 7}):
        panel._on_message(panel, content, [])
    assert panel.view["stage"] == "start"
    for content in ({"do": "reveal"}, {"do": "ask", "list": 7}, {"do": "close"},
                    {"do": "ask_own", "question": 5}, {"do": "enter", "code": [], "key": {}}):
        panel._on_message(panel, content, [])
        assert panel.view["problem"]
        assert panel.view["stage"] == "start"
    panel._on_message(panel, {"do": "open"}, [])
    assert panel.view["stage"] == "room"
    assert session.secret not in json.dumps(panel.view)
