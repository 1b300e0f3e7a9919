"""What a page sends: one message an answer, folds at rest, and never much."""

from __future__ import annotations

import asyncio
import functools
import json
import time
import zlib

import pytest

from osteoteach.view import look_ahead, page_answer
from osteoteach.view.answer import FOLDS, Answer
from osteoteach.view.controls import NumberControl
from osteoteach.view.dashboards import diagnose, noise, population, reversal, risk, sequence
from osteoteach.view.page import Group, Page
from osteoteach.view.serving import class_command

MODULES = {"diagnose": diagnose, "reversal": reversal, "sequence": sequence, "risk": risk,
           "noise": noise, "population": population}
#: No dashboard sends more for one update.
MOST_BYTES = 40_000


def wire(page: Page) -> list[tuple[str, dict, bytes]]:
    """Open the page as a browser does; returns its messages as they are sent."""
    sent: list[tuple[str, dict, bytes]] = []
    widgets = (page.frame, *page.charts.values(), *page.controls.values(), *page.parts.values())
    for one in widgets:
        one._send = functools.partial(_send, sent, type(one).__name__)
    page.frame._handle_custom_msg({"open": True}, [])
    return sent


def _send(sent: list, name: str, message: dict, buffers: list[bytes] | None = None) -> None:
    sent.append((name, message, b"".join(buffers or [])))


@pytest.fixture(params=MODULES)
def opened(request, monkeypatch):
    monkeypatch.delenv("QUERY_STRING", raising=False)
    page = MODULES[request.param].page()
    if page.lock is not None:
        page.lock._opened_with(False)
    return page, wire(page)


def ends(control) -> list[dict]:
    """What a browser sends to bring a control to its extremes."""
    if control.kind == "number":
        return [{"value": control.low}, {"value": control.high}]
    if control.kind == "choice":
        return [{"index": place} for place in range(len(control.labels))]
    if control.kind == "toggle":
        return [{"value": True}, {"value": False}]
    if control.kind == "button":
        return [{"count": control.count + 1}]
    # A plan as full as it can be.
    names = [value for _, value, _ in control.medicines][:control.most_courses]
    return [{"value": []}, {"value": [
        {"medicine": name, "start_years": 2.0 * place, "end_years": 2.0 * place + 1.5,
         "adherence": 1.0} for place, name in enumerate(names)]}]


def test_an_answer_is_one_message_and_its_folds_another(opened):
    """Each message costs a millisecond on its way: charts and words come as one."""
    page, sent = opened
    slider = next(one for one in page.controls.values()
                  if one.name in ("lumbar_spine", "femoral_neck", "precision_pct", "cut_off"))
    slider.set_state({"value": slider.high})
    page._shown.write_folds()
    assert {name for name, *_ in sent} == {"PageFrame"}
    now = sent[0][1]["content"]["states"]
    assert {page.frame.model_id} < now.keys() <= {
        one.model_id for one in (page.frame, *page.charts.values(), *page.controls.values())}
    # Folds that did not change are not sent.
    for _, message, packed in sent[1:]:
        assert message["content"] == {"packed": True}
        later = json.loads(zlib.decompress(packed))
        assert later.keys() == {page.frame.model_id}
        assert later[page.frame.model_id].keys() <= {*FOLDS}
    assert len(sent) <= 2


def test_no_update_is_large_whatever_control_goes_to_its_end(opened):
    """At most 40 kB an update, with folds, at the extremes of every control."""
    page, sent = opened
    for name, control in page.controls.items():
        for state in ends(control):
            sent.clear()
            control.set_state(state)
            size = sum(len(json.dumps(message)) + len(packed) for _, message, packed in sent)
            assert size < MOST_BYTES, (name, state, size)


def aged(written: list[float]) -> Page:
    """A page whose fold says when it was written."""
    age = NumberControl("age_years", "Age", "years", 40, 90, 1, 62)

    def answer(values: dict) -> Answer:
        def why() -> str:
            written.append(values["age_years"])
            return f"<p>{values['age_years']:g}</p>"
        return Answer(f"You are {values['age_years']:g}.", why=why)
    return Page("Age", "", [Group("", [age])], {}, answer)


def test_folds_wait_until_the_slider_rests_and_say_the_last_answer(monkeypatch):
    """While a slider is dragged no fold is written; afterwards it belongs to the last value."""
    monkeypatch.setattr(page_answer, "REST_S", 0.02)
    written: list[float] = []
    page = aged(written)
    assert page.frame.why == "<p>62</p>"

    async def drag() -> None:
        wire(page)
        for age in (70, 71, 72):
            page.controls["age_years"].set_state({"value": age})
            await asyncio.sleep(0)
        assert page.frame.sentence == "You are 72."
        assert page.frame.why == "<p>62</p>"
        await asyncio.sleep(0.1)

    asyncio.run(drag())
    assert page.frame.why == "<p>72</p>"
    assert written == [62, 72]


def counted(asked: list[float], slow_s: float = 0) -> Page:
    """A page that notes for which ages an answer was computed."""
    controls = [NumberControl("age_years", "Age", "years", 40, 90, 1, 62)]

    def answer(values: dict) -> Answer:
        asked.append(values["age_years"])
        time.sleep(slow_s)
        return Answer(f"You are {values['age_years']:g}.")
    return Page("Age", "", [Group("", controls)], {}, answer)


@pytest.fixture
def hurried(monkeypatch):
    for name in ("REST_S", "AHEAD_S", "AHEAD_OF_FIRST_S"):
        monkeypatch.setattr(page_answer, name, 0.001)


def test_at_rest_the_answers_one_step_further_are_made(hurried):
    """A press of a key then finds its answer; any other setting is computed when it comes."""
    asked: list[float] = []
    page = counted(asked)

    async def visit() -> None:
        wire(page)
        await asyncio.sleep(0.1)
        assert asked == [62, 61, 63]
        page.controls["age_years"].set_state({"value": 63})
        assert (asked, page.frame.sentence) == ([62, 61, 63], "You are 63.")
        await asyncio.sleep(0.1)
        assert asked[3:] == [62, 64]
        page.controls["age_years"].set_state({"value": 80})
        assert (asked[5:], page.frame.sentence) == ([80], "You are 80.")
        # The answers around 63 are forgotten.
        page.controls["age_years"].set_state({"value": 64})
        assert (asked[6:], page.frame.sentence) == ([64], "You are 64.")

    asyncio.run(visit())


def test_a_slow_computer_makes_nothing_ahead_after_the_first(hurried, monkeypatch):
    """A hand must not wait for an answer that it has not asked for."""
    monkeypatch.setattr(look_ahead, "SLOW_S", 0.01)
    asked: list[float] = []
    page = counted(asked, slow_s=0.02)

    async def visit() -> None:
        wire(page)
        await asyncio.sleep(0.15)

    asyncio.run(visit())
    assert asked == [62, 61]


def test_a_server_for_a_class_makes_nothing_ahead(hurried, monkeypatch, tmp_path):
    """Its processors are there for those who wait."""
    _, environment = class_command(tmp_path, 8866, max_kernels=2)
    monkeypatch.setenv("OSTEOTEACH_LOOK_AHEAD", environment["OSTEOTEACH_LOOK_AHEAD"])
    asked: list[float] = []
    page = counted(asked)

    async def visit() -> None:
        wire(page)
        await asyncio.sleep(0.15)

    asyncio.run(visit())
    assert asked == [62]


@pytest.mark.parametrize("name", ["diagnose", "noise", "risk"])
def test_an_answer_made_ahead_shows_what_one_made_when_asked_shows(name, hurried, monkeypatch):
    """Charts, sentence and folds are the same either way."""
    monkeypatch.delenv("QUERY_STRING", raising=False)
    ahead, asked = MODULES[name].page(), MODULES[name].page()
    slider = next(one.name for one in ahead.controls.values() if one.kind == "number")
    value = ahead.controls[slider].next_readings()[0]

    async def visit() -> None:
        wire(ahead)
        await asyncio.sleep(0.5)
        assert any(values[slider] == value for values, _ in ahead._shown._ahead._made)
        ahead.controls[slider].set_state({"value": value})
        await asyncio.sleep(0.1)

    asyncio.run(visit())
    asked.controls[slider].set_state({"value": value})
    names = ("sentence", "warnings", *FOLDS)
    assert [getattr(ahead.frame, one) for one in names] == [
        getattr(asked.frame, one) for one in names]
    assert ahead.chart_words == asked.chart_words
    for chart in ahead.charts:
        assert ahead.charts[chart].data == asked.charts[chart].data


def test_a_key_on_a_bar_of_the_plan_finds_its_answer_made(hurried, monkeypatch):
    """The bar says that keys have come near; one month on and one back are made then."""
    monkeypatch.delenv("QUERY_STRING", raising=False)
    monkeypatch.setattr(look_ahead, "SLOW_S", 10)
    ahead, asked = sequence.page(), sequence.page()
    plan = ahead.controls["plan"]
    first, last = plan.held()
    longer = [first, {**last, "end_years": 61 / 12}]

    async def visit() -> None:
        wire(ahead)
        plan._handle_custom_msg({"near": [1, "end"]}, [])
        await asyncio.sleep(0.4)
        assert [[course["end_years"] for course in values["plan"]][1]
                for values, _ in ahead._shown._ahead._made] == [61 / 12, 59 / 12]
        plan.set_state({"value": longer})
        await asyncio.sleep(0.05)

    asyncio.run(visit())
    asked.controls["plan"].set_state({"value": longer})
    assert ahead.frame.sentence == asked.frame.sentence
    for chart in ahead.charts:
        assert ahead.charts[chart].data == asked.charts[chart].data


def test_a_handout_does_not_wait_for_the_folds():
    """A sheet asked for at once has the folds of the answer that is shown."""
    page = aged([])

    async def ask() -> str:
        wire(page)
        page.controls["age_years"].set_state({"value": 80})
        return page.handout()

    assert "<p>80</p>" in asyncio.run(ask())


def test_a_fault_while_a_fold_is_written_is_told():
    """Voila shows no exception: the page's banner has to."""
    age = NumberControl("age_years", "Age", "years", 40, 90, 1, 62)

    def why() -> str:
        raise ZeroDivisionError("no rows")
    page = Page("Age", "", [Group("", [age])], {}, lambda values: Answer("Yes.", why=why))
    assert page.frame.fault == "ZeroDivisionError: no rows."


@pytest.mark.parametrize("message", [
    {"open": False}, {"open": 1}, {"open": True, "more": 1}, {"states": {}}, ["open"], None])
def test_a_page_opens_by_no_other_message(message):
    """What a browser sends in another shape changes nothing."""
    page = aged([])
    page.frame._handle_custom_msg(message, [])
    assert not page.is_open


def test_before_the_browser_is_there_each_widget_sends_its_own():
    """A message to a page that is not shown yet would be lost; states of widgets are not."""
    page = aged([])
    sent = wire(page)
    page.is_open = False
    page.controls["age_years"].set_state({"value": 70})
    assert [message["method"] for _, message, _ in sent] == ["update", "update"]
