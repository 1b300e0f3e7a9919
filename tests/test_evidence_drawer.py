"""The evidence drawer: every number on a page can be asked where it comes from."""

from __future__ import annotations

import json
import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.evidence.citation import source
from osteoteach.model.fracture_factors import patient_factors
from osteoteach.model.patient import Patient
from osteoteach.model.treatment_effect import trial_effects
from osteoteach.model.untreated_loss import untreated_segments
from osteoteach.view.answer import FOLDS
from osteoteach.view.dashboards import diagnose, noise, population, reversal, risk, sequence
from osteoteach.view.dashboards.rows_behind import effect_key, factor_keys, loss_keys
from osteoteach.view.evidence_cards import conflicts_about, row_card, row_number, used_card
from osteoteach.view.evidence_drawer import NOT_YET, REFUSED, EvidenceDrawer
from osteoteach.view.evidence_peers import peers_of
from osteoteach.view.evidence_rows import asked_tables, find_row, resource, row_key, row_sources
from osteoteach.view.html import citations, reference_list, short_link, where_button
from tests.test_dashboard_answers import controls, settings_of

MODULES = {"diagnose": diagnose, "reversal": reversal, "sequence": sequence, "risk": risk,
           "noise": noise, "population": population}
BUTTON = re.compile(r'<button class="ot-where" hidden((?: data-[a-z-]+="[^"]*")*) aria-label="'
                    r'Where from: [^"]+">')


def addresses(html: str) -> list[dict[str, str]]:
    """What each "where from?" button of some HTML asks for."""
    assert html.count('class="ot-where"') == len(BUTTON.findall(html))
    found = [dict(re.findall(r'data-([a-z-]+)="([^"]*)"', one)) for one in BUTTON.findall(html)]
    return [{"table": one["table"], "row": one["row"]} if "row" in one
            else {"source": one["source-id"]} for one in found]


def values_of(module) -> dict:
    return {control.name: control.reading() for control in controls(module)}


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_source_and_row_that_a_page_shows_resolves(module, data):
    """Whatever is set: each button opens on its number, and so does each row that was used."""
    values = {one.name: data.draw(settings_of(one), one.name) for one in controls(module)}
    try:
        answer = module.answer(values)
    except InputError:
        return
    drawer = EvidenceDrawer(lambda: module.rows_behind(values))
    wanted = addresses("".join(map(answer.fold, FOLDS)))
    assert wanted
    for one in wanted:
        assert drawer.content(one)["kind"] in ("row", "source"), one
    used = drawer.content({"used": True})
    assert used["kind"] == "used"
    for group in used["groups"]:
        assert group["rows"]
        for row in group["rows"]:
            assert row["number"]
            assert find_row(group["name"], row["row"])


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
def test_what_a_page_cites_is_reached_from_the_rows_it_used(module):
    """The Sources fold and the drawer's list agree: no citation without a row behind it."""
    values = values_of(module)
    cited = {one["source"] for one in addresses(module.answer(values).fold("sources"))}
    used = {name for group in module.rows_behind(values)
            for key in group.keys for name in row_sources(find_row(group.table, key))}
    # Regression to the mean is an idea, not a number of a table.
    assert cited - used <= {"cummings_2000"}


@pytest.mark.parametrize("name", asked_tables())
def test_every_row_has_an_address_of_its_own_and_a_card(name):
    """Two rows with one address would show the wrong study; no row may break the drawer."""
    rows = table(name)
    assert len({row_key(name, row) for row in rows}) == len(rows)
    for row in rows:
        # Equal, not the same object: another test may have had the tables read again.
        assert find_row(name, row_key(name, row)) == row
    for row in rows[::max(len(rows) // 8, 1)]:
        card = row_card(name, row_key(name, row))
        json.dumps(card)
        assert card["title"]
        assert card["facts"][0][0] == "Number"
        assert len(card["sources"]) == min(len(row_sources(row)), 12)
        assert bool(card["own"]) == (not row_sources(row))


def test_a_card_shows_what_is_known_of_its_number():
    """FREEDOM, vertebral fracture: 0.32 (0.26 to 0.41), with people, design and dates."""
    effect = trial_effects("denosumab", "vertebral_morphometric")[-1]
    card = row_card("fracture_effects", effect_key(effect))
    facts = dict(card["facts"])
    assert facts["Number"] == "0.32 (relative risk) (0.26 to 0.41)"
    assert facts["The interval"] == "95% interval"
    assert facts["Who was studied"].startswith("women 60-91")
    assert facts["People"]
    study = dict(card["sources"][0]["facts"])
    assert {"Study", "Year", "Design", "Read", "Date read"} <= set(study)
    assert card["sources"][0]["link"].startswith("https://")


def test_conflicts_between_sources_are_shown_with_both_sides():
    """data/evidence_conflicts.csv, C01: what ma_2013 says of walking, and what to teach."""
    found = conflicts_about(["ma_2013"])
    assert [one["topic"] for one in found] == ["walking"]
    assert len(found[0]["sides"]) == 2
    assert found[0]["teach"].startswith("Advise walking")
    row = next(row for row in table("lifestyle_effects") if row["level"] == "walking")
    assert row_card("lifestyle_effects", row["effect_id"])["conflicts"] == found
    assert conflicts_about(["who_1994"]) == []


def test_intervals_that_do_not_meet_are_marked_and_only_those():
    """Apart means: same kind of number, and one interval wholly above the other."""
    marked = 0
    for name in ("lifestyle_effects", "fracture_effects", "untreated_loss", "trials"):
        for row in table(name)[::3]:
            for peer in peers_of(name, row):
                other = find_row(peer["table"], peer["row"])
                if peer["apart"]:
                    marked += 1
                    assert row["low"] > other["high"] or other["low"] > row["high"]
    assert marked > 0


@given(age=st.integers(20, 85), sex=st.sampled_from(["female", "male"]),
       menopause=st.integers(38, 58), years=st.integers(1, 12),
       site=st.sampled_from(["lumbar_spine", "total_hip", "femoral_neck"]))
@settings(max_examples=60, deadline=None)
def test_the_loss_rows_are_those_that_the_model_walks_through(age, sex, menopause, years, site):
    """The rate of each stretch of time is that of a listed row, and no listed row is idle."""
    given_age = {"menopause_age_years": menopause} if sex == "female" and menopause <= age else {}
    patient = Patient(age_years=age, sex=sex, **given_age)
    rows = [find_row("untreated_loss", key) for key in loss_keys(patient, site, years)]
    listed = {(math.log1p(row["change_pct_per_year"] / 100), row["source_ids"]) for row in rows}
    walked = {(part.log_rate, ";".join(part.source_ids))
              for part in untreated_segments(patient, site, years)}
    assert listed == walked


def test_the_ratio_rows_hold_the_ratios_that_the_model_multiplied():
    """Each factor of a risk finds the published ratio that took part."""
    patient = risk._patient(values_of(risk))
    for outcome in ("hip", "major"):
        for factor in patient_factors(patient, True, "US")[0]:
            rows = [find_row("fracture_risk_ratios", key) for key in factor_keys(factor, outcome)]
            assert {math.log(row["ratio"]) for row in rows} >= {
                ratio.log_ratio for ratio in factor.rows(outcome)}


def test_every_trial_effect_finds_its_row():
    """A ratio of the model leads back to the one row it was read from."""
    for name in {name for row in table("fracture_effects") for name in row["medicines"].split(";")}:
        for effect in trial_effects(name):
            row = find_row("fracture_effects", effect_key(effect))
            assert (row["value"], row["source_id"]) == (effect.value, effect.source_ids[0])


HOSTILE = [
    None, 7, "sources", [], {}, {"source": None}, {"source": "nobody_2020"},
    {"source": "../data/sources.csv"}, {"source": "looker_1998", "more": 1}, {"source": "x" * 500},
    {"table": "sources", "row": "looker_1998"}, {"table": "model_covariance", "row": "a|b"},
    {"table": "bmd_precision", "row": "nowhere|best"}, {"table": "../x", "row": "y"},
    {"table": "bmd_precision"}, {"table": ["bmd_precision"], "row": "a"},
    {"row": "total_hip|minimum_acceptable"}, {"used": 1}, {"used": True, "table": "harms"},
    {"source": "<img src=x onerror=alert(1)>"},
]


@pytest.mark.parametrize("wanted", HOSTILE, ids=lambda one: json.dumps(one)[:40])
def test_a_hostile_request_is_refused_without_being_repeated(wanted):
    """Unknown sources, tables and rows get one sentence; nothing of the request comes back."""
    content = EvidenceDrawer().content(wanted)
    assert content == {"kind": "refused", "title": "Where from?", "text": REFUSED}


@pytest.mark.parametrize("message", [
    None, "x", {}, {"asked": 1}, {"wanted": {"source": "looker_1998"}},
    {"asked": "1", "wanted": {}}, {"asked": True, "wanted": {}}, {"asked": 1.5, "wanted": {}},
    {"asked": 1, "wanted": {"source": "looker_1998"}, "more": 1},
])
def test_a_message_of_another_shape_gets_no_answer(message):
    drawer, sent = EvidenceDrawer(), []
    drawer.send = sent.append
    drawer._on_message(None, message, None)
    assert sent == []
    drawer._on_message(None, {"asked": 3, "wanted": {"source": "looker_1998"}}, None)
    assert (sent[0]["asked"], sent[0]["content"]["title"]) == (3, "Looker 1998")


def test_a_failure_inside_is_said_and_not_hidden(monkeypatch):
    """An exception that leaves a widget's callback is seen by nobody."""
    def broken():
        raise ZeroDivisionError
    drawer, sent = EvidenceDrawer(broken), []
    drawer.send = sent.append
    drawer._on_message(None, {"asked": 1, "wanted": {"used": True}}, None)
    assert "could not look this number up" in sent[0]["content"]["text"]


def test_the_drawer_keeps_quiet_while_the_answer_waits(monkeypatch):
    """The rows of an answer may give it away: they come with it, not before."""
    monkeypatch.setenv("QUERY_STRING", "guess=1")
    page = sequence.page()
    drawer = page.parts["below_answer"]
    assert drawer.content({"used": True})["text"] == NOT_YET
    page.lock.switch(False)
    assert drawer.content({"used": True})["kind"] == "used"


def test_a_group_of_rows_is_shown_once():
    """Two plans share the constants of the model: one list is enough."""
    groups = used_card(sequence.rows_behind(values_of(sequence)))["groups"]
    keys = [(group["name"], tuple(row["row"] for row in group["rows"])) for group in groups]
    assert len(keys) == len(set(keys))


def test_citations_are_escaped_and_carry_their_address():
    """A button says of which number it is, for readers who hear it alone."""
    assert addresses(short_link("looker_1998")) == [{"source": "looker_1998"}]
    assert addresses(citations(["looker_1998", "xue_2021"], "bmd_reference", "a|b", "the mean")) \
        == [{"table": "bmd_reference", "row": "a|b"}]
    assert addresses(citations(["looker_1998", "xue_2021"])) == [
        {"source": "looker_1998"}, {"source": "xue_2021"}]
    assert addresses(reference_list(["looker_1998"])) == [{"source": "looker_1998"}]
    assert '"><' not in where_button('"><b>', "looker_1998")


def test_a_number_is_written_with_unit_and_interval():
    """As the reader sees it in the list: ISCD's 1.8% at the hip; a rate with its limits."""
    assert row_number("bmd_precision", find_row("bmd_precision", "total_hip|minimum_acceptable")) \
        == "1.8%"
    row = next(row for row in table("untreated_loss") if row["change_pct_per_year"] < 0)
    text = row_number("untreated_loss", row)
    assert text.startswith(f"−{abs(row['change_pct_per_year']):g}% a year (")
    assert source(row_sources(row)[0])


def test_tables_that_hold_no_single_number_are_not_asked():
    with pytest.raises(InputError, match="must be a table"):
        resource("sources")
