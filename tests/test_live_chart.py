"""LiveChart on the Python side: what it refuses, what it sends, what it ships."""

from __future__ import annotations

import hashlib
import json
import math
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import altair as alt
import comm
import numpy as np
import pytest
from comm.base_comm import BaseComm
from ipywidgets import Widget

from osteoteach.errors import InputError
from osteoteach.view import chart_specs
from osteoteach.view.live_chart import LiveChart, VegaRuntime

ROOT = Path(__file__).parent.parent
FRONTEND = ROOT / "frontend"
STATIC = ROOT / "osteoteach" / "view" / "static"
SERVED = STATIC.parent / "jupyter" / "voila" / "templates" / "osteoteach" / "static"
SHIPPED = {path.name: path for folder in (STATIC, SERVED) for path in folder.glob("*.[jc]s*")}

SPEC = {
    "params": [
        {"name": "finding", "value": ""},
        {"name": "brush", "select": {"type": "interval"}},
    ],
    "title": {"text": {"expr": "finding"}},
    "layer": [
        {"data": {"name": "curve"}, "mark": "line"},
        {"data": {"name": "scans"}, "mark": "point"},
    ],
}
CURVE = {"age_years": [50, 60, 70], "t_score": [-0.5, -1.2, -1.9]}
SCANS = {"age_years": [62], "t_score": [-2.6], "site": ["total_hip"]}


class RecordedComm(BaseComm):
    """A comm whose messages stay in a list."""

    sent: list[dict]

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
        type(self).sent.append({"type": msg_type, "data": data, "buffers": buffers or []})


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict]]:
    """Messages to the page, as they would cross the websocket of a fresh kernel."""
    RecordedComm.sent = []
    monkeypatch.setattr(comm, "create_comm", RecordedComm)
    monkeypatch.setattr(VegaRuntime, "_shared", None)
    yield RecordedComm.sent
    Widget.close_all()


def make(**changes) -> LiveChart:
    given = {"data": {"curve": CURVE, "scans": SCANS}, "description": "T-score by age."}
    return LiveChart(SPEC, **{**given, **changes})


def updates(sent: list[dict]) -> list[dict]:
    return [m["data"]["state"] for m in sent if m["data"].get("method") == "update"]


# ---- what it refuses ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"data": {"curve": CURVE}}, "scans"),
        ({"data": {"curve": CURVE, "scans": SCANS, "scan": SCANS}}, "scan"),
        ({"data": {"curve": CURVE, "scans": {"a": [1], "b": [1, 2]}}}, "one length"),
        ({"data": {"curve": CURVE, "scans": {"a": [math.nan]}}}, "finite"),
        ({"data": {"curve": CURVE, "scans": {"a": [1, -math.inf]}}}, "row 1"),
        ({"data": {"curve": CURVE, "scans": {"a": [object()]}}}, "finite"),
        ({"signals": {"findings": "x"}}, "finding"),
        ({"signals": {"brush": 1}}, "brush"),
        ({"signals": {"finding": math.nan}}, "finite"),
        ({"signals": {"finding": None}}, "finite"),
        ({"description": ""}, "description"),
        ({"description": "  "}, "description"),
        ({"description": None}, "description"),
    ],
)
def test_a_chart_that_would_draw_nothing_is_refused(sent, changes, words):
    with pytest.raises(InputError, match=re.escape(words)) as caught:
        make(**changes)
    error = caught.value
    assert all([error.name, error.rule, error.remedy])


@pytest.mark.parametrize(
    "changes",
    [
        {"data": {"unknown": SCANS}},
        {"data": {"scans": {"age_years": [62], "t_score": [-2.6]}}},
        {"data": {"scans": {**SCANS, "age_years": [62, 63]}}},
        {"data": {"scans": {**SCANS, "t_score": [math.nan]}}},
        {"signals": {"unknown": 1}},
        {"description": ""},
    ],
)
def test_a_patch_with_one_bad_part_changes_nothing(sent, changes):
    chart = make(signals={"finding": "as before"})
    sent.clear()
    good = {"data": {"curve": {**CURVE, "t_score": [0, 0, 0]}}, "description": "New."}
    good["signals"] = {"finding": "new"}
    mixed = {**good, **changes}
    for key in ("data", "signals"):
        mixed[key] = {**good[key], **changes.get(key, {})}
    with pytest.raises(InputError):
        chart.patch(**mixed)
    assert sent == []
    assert chart.data["curve"] == CURVE
    assert chart.signals == {"finding": "as before"}
    assert chart.description == "T-score by age."


def test_the_description_is_required():
    with pytest.raises(TypeError, match="description"):
        LiveChart(SPEC, data={"curve": CURVE, "scans": SCANS})


@pytest.mark.parametrize("filename", ["", "a/b", "C:\\x", "what?"])
def test_a_file_name_that_a_computer_refuses_is_refused(sent, filename):
    chart = make()
    with pytest.raises(InputError, match="filename"):
        chart.filename = filename
    assert chart.filename == "osteoteach-chart"


def test_datasets_are_found_wherever_a_spec_names_them(sent):
    spec = {
        "vconcat": [
            {"data": {"name": "a"}, "mark": "line"},
            {"hconcat": [{"facet": {}, "spec": {"data": {"name": "b"}, "mark": "bar"}}]},
        ],
        "transform": [{"lookup": "x", "from": {"data": {"name": "c"}, "key": "x"}}],
        "datasets": {"filled": [{"x": 1}]},
        "config": {"data": {"name": "not data"}},
    }
    table = {"x": [1]}
    LiveChart(spec, data={"a": table, "b": table, "c": table}, description="All.")
    LiveChart(spec, data=dict.fromkeys(("a", "b", "c", "filled"), table), description="All.")
    with pytest.raises(InputError, match="a, b, c"):
        LiveChart(spec, data={}, description="None.")


# ---- what it sends -----------------------------------------------------------------


def test_the_spec_and_the_bundle_are_sent_once(sent):
    charts = [make() for _ in range(3)]
    for number in range(5):
        for chart in charts:
            chart.patch(signals={"finding": str(number)})
    bundle = SHIPPED["vega_runtime.js"].read_bytes()
    assert [b for m in sent for b in m["buffers"] if bytes(b) == bundle] == [bundle]
    openings = [m["data"]["state"] for m in sent if m["type"] == "comm_open"]
    assert sum(state.get("spec") == SPEC for state in openings) == len(charts)
    assert not any("spec" in state or "_esm" in state for state in updates(sent))


def test_where_the_engine_is_served_it_comes_only_if_a_page_asks(sent, monkeypatch):
    monkeypatch.setenv("OSTEOTEACH_ENGINE_IS_SERVED", "1")
    make()
    runtime = VegaRuntime.shared()
    assert [m["buffers"] for m in sent if m["buffers"]] == []
    for nonsense in ({"want": "spec"}, {"want": "bundle", "more": 1}, "bundle", None):
        runtime._handle_custom_msg(nonsense, [])
    assert [m["buffers"] for m in sent if m["buffers"]] == []
    runtime._handle_custom_msg({"want": "bundle"}, [])
    bundle = SHIPPED["vega_runtime.js"].read_bytes()
    assert [bytes(b) for m in sent for b in m["buffers"]] == [bundle]


def test_a_patch_is_one_message_with_only_what_changed(sent):
    chart = make(signals={"finding": "as before"})
    sent.clear()
    lower = {**SCANS, "t_score": [-3.1]}
    chart.patch(
        data={"curve": dict(CURVE), "scans": lower},
        signals={"finding": "as before"},
        description="Lower now.",
    )
    assert updates(sent) == [{"data_scans": lower, "description": "Lower now."}]


def test_a_patch_without_news_sends_nothing(sent):
    chart = make()
    sent.clear()
    chart.patch(data={"curve": CURVE, "scans": SCANS}, description="T-score by age.")
    assert updates(sent) == []


def test_signals_that_a_patch_does_not_name_keep_their_value(sent):
    spec = {**SPEC, "params": [{"name": "finding"}, {"name": "cut"}]}
    chart = LiveChart(
        spec,
        data={"curve": CURVE, "scans": SCANS},
        signals={"finding": "low", "cut": -2.5},
        description="Two.",
    )
    chart.patch(signals={"finding": "lower"})
    assert chart.signals == {"finding": "lower", "cut": -2.5}


def test_a_list_that_changes_afterwards_does_not_change_the_chart(sent):
    ages = [50, 60, 70]
    chart = make(data={"curve": {**CURVE, "age_years": ages}, "scans": SCANS})
    sent.clear()
    ages[0] = 40
    assert chart.data["curve"]["age_years"] == [50, 60, 70]
    chart.patch(data={"curve": {**CURVE, "age_years": ages}})
    assert updates(sent) == [{"data_curve": {**CURVE, "age_years": [40, 60, 70]}}]


def test_numpy_columns_become_plain_numbers(sent):
    chart = make(data={"curve": {"age_years": np.arange(3)}, "scans": SCANS})
    assert json.dumps(chart.data["curve"]) == '{"age_years": [0, 1, 2]}'
    with pytest.raises(InputError, match="row 1"):
        chart.patch(data={"curve": {"age_years": np.array([1.0, np.nan, 2.0])}})


def test_a_page_cannot_change_the_chart_or_the_code(sent):
    chart = make()
    runtime = VegaRuntime.shared()
    bundle = runtime.bundle
    for widget, state in [
        (chart, {"description": "", "data_scans": {}, "filename": "a/b", "_esm": "steal()"}),
        (runtime, {"bundle": b"steal()"}),
    ]:
        data = {"method": "update", "state": state}
        widget._handle_msg({"content": {"data": data}, "buffers": []})
    assert (chart.description, chart.filename) == ("T-score by age.", "osteoteach-chart")
    assert chart.data["scans"] == SCANS
    assert "steal" not in str(chart._esm)
    assert runtime.bundle == bundle


def test_a_chart_after_close_all_gets_a_runtime_again(sent):
    make()
    first = VegaRuntime.shared()
    Widget.close_all()
    chart = make()
    assert chart._runtime is not first
    assert chart._runtime.comm is not None


def test_a_chart_made_with_altair_becomes_a_live_chart(sent):
    drawn = alt.Chart(alt.NamedData(name="scans")).mark_point().encode(x="age_years:Q")
    chart = LiveChart.from_altair(drawn, data={"scans": SCANS}, description="One scan.")
    assert chart.spec["encoding"]["x"]["field"] == "age_years"


# ---- specs built ahead -------------------------------------------------------------


def test_the_text_of_a_spec_does_not_depend_on_charts_made_before():
    def chart():
        brush, pick = alt.selection_interval(), alt.selection_point()
        points = alt.Chart(alt.NamedData(name="a")).mark_point().encode(x="x:Q")
        bars = alt.Chart(alt.NamedData(name="b")).mark_bar().encode(x="x:Q")
        return (points.add_params(brush) | bars.add_params(pick)).transform_filter(brush)

    first, second = chart_specs.spec_text(chart()), chart_specs.spec_text(chart())
    assert first == second
    numbered = re.findall(r'"((?:view|param)_\d+)"', first)
    assert {"param_1", "param_2", "view_1", "view_2"} <= set(numbered)


def test_specs_are_written_and_those_without_a_chart_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(chart_specs, "_SPECS", tmp_path)
    monkeypatch.setattr(chart_specs, "render_specs", lambda: {"new": '{"mark": "bar"}\n'})
    (tmp_path / "gone.json").write_text("{}")
    assert [path.name for path in chart_specs.build_specs()] == ["new.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["new.json"]
    assert chart_specs.load_spec("new") == {"mark": "bar"}


@pytest.mark.parametrize("name", ["nothing", "../static/x", ""])
def test_an_unknown_spec_is_refused_with_the_names_there_are(tmp_path, monkeypatch, name):
    monkeypatch.setattr(chart_specs, "_SPECS", tmp_path)
    (tmp_path / "known.json").write_text("{}")
    with pytest.raises(InputError, match="known"):
        chart_specs.load_spec(name)


def test_a_dashboard_imports_nothing_slow():
    code = (
        "import sys, osteoteach.view.live_chart, osteoteach.view.chart_specs;"
        "print([m for m in ('altair', 'numpy', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


# ---- the JavaScript that is shipped ------------------------------------------------

# Addresses that occur as text. Nothing loads them: the loader in frontend/src/drawing.js
# refuses every address, and the menu of vega-embed, which links to the editor, is off.
ADDRESSES_AS_TEXT = {
    "http://www.w3.org/1999/xlink",
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/2000/xmlns/",
    "https://github.com/vega/vega-lite/issues/2415",
    "https://vega.github.io/editor/",
    "https://vega.github.io/schema/vega/v6.json",
}


def test_the_scripts_hold_no_address_that_could_be_loaded():
    found = set()
    for name in ("vega_runtime.js", "live_chart.js", "live_chart.css"):
        text = SHIPPED[name].read_text(encoding="utf-8")
        found |= set(re.findall(r"(?:https?|wss?)://[\w./#-]*", text))
        assert not re.search(r"""["'`(]//\w""", text), f"{name}: address without a protocol"
        imports = r"""\bimport\s*\(?["'`]|\bimport\s*[\w{*][^;"']*?\bfrom\s*["']"""
        assert not re.search(imports, text), f"{name}: import by a fixed name"
        assert "@import" not in text
    # vega-embed compares an address with these two beginnings.
    assert found - {"http://", "https://"} == ADDRESSES_AS_TEXT


def test_the_shipped_files_were_built_from_these_sources():
    names = [f"src/{path.name}" for path in (FRONTEND / "src").iterdir()]
    digest = hashlib.sha256()
    for name in sorted([*names, "build.mjs", "package-lock.json", "package.json"]):
        text = (FRONTEND / name).read_text(encoding="utf-8")
        digest.update(f"{name}\n{text}".encode())
    for name in ("vega_runtime.js", "vega_preload.js", "live_chart.js"):
        head = SHIPPED[name].read_text(encoding="utf-8").splitlines()[0]
        assert digest.hexdigest() in head, f"{name} is stale: run make frontend"


def test_the_parts_have_the_sizes_they_should():
    size = {name: path.stat().st_size for name, path in SHIPPED.items()}
    assert size["live_chart.js"] < 11_000, "sent with every chart"
    assert size["live_chart.css"] < 3_000
    assert 500_000 < size["vega_runtime.js"] < 1_000_000, "sent once for each kernel"
    for source in (FRONTEND / "src").glob("*.js"):
        assert len(source.read_text(encoding="utf-8").splitlines()) <= 250, source.name


def test_the_preloaded_engine_is_the_one_that_charts_ask_for():
    """Another digest would load the engine twice."""
    digest = hashlib.sha256(SHIPPED["vega_runtime.js"].read_bytes()).hexdigest()
    assert f'"{digest}"' in SHIPPED["vega_preload.js"].read_text(encoding="utf-8")
    assert VegaRuntime.shared().digest == digest


def test_the_packages_are_pinned_and_their_licences_shipped():
    pinned = json.loads((FRONTEND / "package.json").read_text())
    lock = (FRONTEND / "package-lock.json").read_text()
    licences = (STATIC / "THIRD_PARTY_LICENSES.txt").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    installed = json.loads(lock)["packages"]
    for name, version in {**pinned["dependencies"], **pinned["devDependencies"]}.items():
        assert installed[f"node_modules/{name}"]["version"] == version
    for name, version in pinned["dependencies"].items():
        assert f"\n{name} {version} (BSD-3-Clause)\n" in licences


def test_the_bundle_reads_the_vega_lite_that_altair_writes():
    version = json.loads((FRONTEND / "package.json").read_text())["dependencies"]["vega-lite"]
    assert alt.SCHEMA_VERSION.lstrip("v").split(".")[:2] == version.split(".")[:2]
