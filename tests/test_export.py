"""Exported scenarios: the dashboard's numbers, everything escaped, nothing from outside."""

from __future__ import annotations

import json
import re
from html import unescape
from importlib import import_module

import pytest
from click.testing import CliRunner

from osteoteach.commands.main import cli
from osteoteach.errors import DataError, InputError
from osteoteach.view.export import export_list
from osteoteach.view.export.folder import file_names, shown_page
from osteoteach.view.presenting.expected import step_values
from osteoteach.view.presenting.scenarios import load_list, read_list

SHIPPED = load_list("can_it_be_reversed")
HOSTILE = '</script><img src=x onerror=alert(1)>"\'&<b>'
LIST = """
title: "TEXT"
minutes: 5
for: "TEXT"
steps:
  - title: "TEXT"
    minutes: 5
    dashboard: noise
    values: {site: total_hip}
    ask: "TEXT"
    show: "TEXT"
    notes: "TEXT"
    point: "TEXT"
    sources: [nelson_2010]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    target = tmp_path_factory.mktemp("export")
    export_list(SHIPPED, target)
    return target


def held(sheet):
    """What the page's script reads."""
    inner = re.search(r'<script type="application/json" id="held">(.*?)</script>', sheet, re.S)[1]
    return json.loads(inner)


def test_there_is_one_page_for_each_scenario_and_each_leads_to_its_neighbours(folder):
    names = file_names(SHIPPED)
    assert sorted(path.name for path in folder.iterdir()) == sorted([*names, "index.html"])
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'<h2><a href="([^"]+)"', index) == names
    for place, name in enumerate(names):
        sheet = (folder / name).read_text(encoding="utf-8")
        assert re.findall(r'<a rel="prev" href="([^"]+)"', sheet) == names[place - 1:place]
        assert re.findall(r'<a rel="next" href="([^"]+)"', sheet) == names[place + 1:place + 2]


@pytest.mark.parametrize("number", range(1, len(SHIPPED.steps) + 1))
def test_sentence_and_numbers_are_those_of_the_dashboard(folder, number):
    step = SHIPPED.step(number)
    module = import_module(f"osteoteach.view.dashboards.{step.dashboard}")
    page = module.page()
    page.apply_state(step_values(step, page))
    answer = module.answer(page.values())
    sheet = (folder / file_names(SHIPPED)[number - 1]).read_text(encoding="utf-8")
    said = unescape(re.search(r'<p class="ot-sentence">(.*?)</p>', sheet, re.S)[1])
    assert said == answer.sentence
    charts = held(sheet)["charts"]
    assert charts.keys() == answer.charts.keys()
    for name, patch in answer.charts.items():
        for table, columns in patch.data.items():
            for column, values in columns.items():
                shown = charts[name]["data"][table][column]
                # Four digits of a number are shown; everything else is the same.
                assert all(one == pytest.approx(other, rel=6e-4) if isinstance(other, float)
                           else one == other for one, other in zip(shown, values, strict=True))


def test_a_page_says_all_that_it_must(folder):
    sheet = (folder / file_names(SHIPPED)[6]).read_text(encoding="utf-8")
    for words in ("Why this answer", "How sure is this", "Sources of the numbers",
                  "For teaching. Not for patient care.", "Alendronate, 5 years", "Take home"):
        assert words in sheet
    # The lecturer's notes are not for students.
    assert "Let two students" not in sheet


def test_no_page_names_a_file_or_an_address_that_it_would_load(folder):
    for path in folder.iterdir():
        sheet = path.read_text(encoding="utf-8")
        markup = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", sheet, flags=re.S)
        assert re.findall(r'<link[^>]*href="(?!data:)|\ssrc=|url\(', markup) == []
        assert "default-src 'none'" in sheet
        assert "connect-src" not in sheet


def test_hostile_text_of_a_list_stays_text(tmp_path):
    text = LIST.replace("TEXT", HOSTILE.replace('"', '\\"'))
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    export_list(read_list(tmp_path / "mine.yaml"), tmp_path / "out")
    for path in (tmp_path / "out").iterdir():
        sheet = path.read_text(encoding="utf-8")
        assert "<img" not in re.sub(r"<script[^>]*>.*?</script>", "", sheet, flags=re.S)
        assert "onerror=alert(1)&gt;" in sheet
        assert "</script><img" not in sheet


def test_settings_without_an_answer_are_told_before_anything_is_written(tmp_path):
    text = LIST.replace("TEXT", "Words").replace("site: total_hip", "site: elbow")
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="site"):
        export_list(read_list(tmp_path / "mine.yaml"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_place_that_cannot_be_written_to_is_told_in_one_line(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="must be a folder"):
        export_list(SHIPPED, tmp_path / "file" / "inside")


def test_the_command_writes_a_list_of_one_s_own(tmp_path):
    (tmp_path / "mine.yaml").write_text(LIST.replace("TEXT", "Words"), encoding="utf-8")
    done = CliRunner().invoke(cli, ["export", "--scenarios", str(tmp_path / "mine.yaml"),
                                    "--to", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("1 scenario written to ")
    assert (tmp_path / "out" / "01-words.html").is_file()
    assert (tmp_path / "out" / "index.html").is_file()


def test_a_broken_list_is_an_error_that_names_the_field(tmp_path):
    (tmp_path / "mine.yaml").write_text("title: 3\n", encoding="utf-8")
    done = CliRunner().invoke(cli, ["export", "--scenarios", str(tmp_path / "mine.yaml")])
    assert isinstance(done.exception, DataError)
    assert "mine.yaml" in str(done.exception)


def test_the_page_that_is_exported_holds_no_guess_back():
    page = shown_page(SHIPPED.step(6))
    assert not page.frame.locked
    assert page.frame.sentence
