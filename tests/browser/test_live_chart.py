"""The live chart in real pages: shown twice, resized, saved, refused, and in JupyterLab."""

from __future__ import annotations

import re
import shutil

import nbformat
import pytest
from playwright.sync_api import expect

from osteoteach.commands.folders import notebooks_folder

from .jupyter_kernels import ask_server, wait_until_idle

CHART = """
import ipywidgets
from osteoteach.view.live_chart import LiveChart

def table(top):
    return {"points": {"x": [0, 1, 2], "y": [0, top / 2, top]}}

spec = {"data": {"name": "points"}, "mark": {"type": "point", "filled": True}, "width": "container",
        "height": 200, "params": [{"name": "finding", "value": ""}],
        "title": {"text": {"expr": "finding"}, "anchor": "start"},
        "encoding": {"x": {"field": "x", "type": "quantitative"},
                     "y": {"field": "y", "type": "quantitative",
                           "scale": {"domain": [0, 100]}}}}
chart = LiveChart(spec, data=table(40), signals={"finding": "Top 40"},
                  description="Three points that rise to 40.")
other = LiveChart(spec, data=table(10), description="Three points that rise to 10.")
slider = ipywidgets.IntSlider(value=40, min=0, max=100)
slider.observe(lambda change: chart.patch(
    data=table(change["new"]), signals={"finding": f"Top {change['new']}"},
    description=f"Three points that rise to {change['new']}."), "value")
slider
"""
FETCHES = """
LiveChart({"data": {"name": "points"}, "mark": "image", "encoding": {
    "url": {"value": "http://192.0.2.1/picture.png"}, "x": {"field": "x", "type": "quantitative"}}},
    data=table(10), description="A picture from elsewhere, which must not be fetched.")
"""


@pytest.fixture(scope="module")
def site(serve, tmp_path_factory):
    folder = tmp_path_factory.mktemp("charts")
    (folder / "dashboards").mkdir()
    cells = [nbformat.v4.new_code_cell(source)
             for source in (CHART, "chart", "chart", "other", FETCHES)]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})
    nbformat.write(notebook, folder / "dashboards" / "charts.ipynb")
    return f"{serve(folder)}/voila/render/dashboards/charts.ipynb"


def test_two_views_of_one_chart_follow_the_slider_in_place(site, page_watch):
    """Both views and their words follow; neither SVG is replaced; the engine came once.

    The server hands it out as a file, so it does not cross the kernel's line as well.
    """
    page = page_watch.blank()
    large, fetched = [], []
    page.on("websocket", lambda socket: socket.on(
        "framereceived", lambda data: large.append(1) if len(data) > 500_000 else None))
    page.on("requestfinished", lambda request: fetched.append(request.url))
    page.goto(site)
    views = page.locator("svg.marks")
    expect(views).to_have_count(4)
    marks = [view.inner_html() for view in views.all()]
    for view in views.all():
        view.evaluate("node => { node.dataset.kept = 'yes'; }")
    page.locator(".noUi-handle").press("ArrowRight")
    pictures = page.get_by_role("img", name="Three points that rise to 41.")
    expect(pictures).to_have_count(2)
    page.wait_for_function(
        "before => [...document.querySelectorAll('svg.marks')].slice(0, 2)"
        ".every((view, place) => view.innerHTML !== before[place])", arg=marks)
    assert [view.get_attribute("data-kept") for view in views.all()] == ["yes"] * 4
    assert views.nth(2).inner_html() == marks[2]
    assert large == []
    assert sum("vega_runtime.js" in url for url in fetched) == 1


def test_chart_resizes_with_the_page(site, page_watch):
    """A narrower window gives a narrower chart, without a new SVG and without a loop."""
    page = page_watch.blank(1300, 800)
    page.goto(site)
    view = page.locator("svg.marks").first
    expect(view).to_be_visible()
    wide = view.bounding_box()["width"]
    page.set_viewport_size({"width": 500, "height": 800})
    page.wait_for_function("wide => document.querySelector('svg.marks').getBoundingClientRect()"
                           ".width < wide / 1.5", arg=wide)
    assert view.bounding_box()["width"] <= 500


def test_picture_is_saved_as_png_and_svg_by_keyboard(site, page_watch, tmp_path):
    """The buttons give files that a slide can take."""
    page = page_watch.blank()
    page.goto(site)
    expect(page.locator("svg.marks").first).to_be_visible()
    for kind, start in (("PNG", b"\x89PNG"), ("SVG", b"<svg")):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Save {kind}").first.press("Enter")
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        assert path.suffix == f".{kind.lower()}"
        assert path.read_bytes().startswith(start)
        assert path.stat().st_size > 1000
    # The last one is the SVG. Without a page its words bring their halo along.
    assert "paint-order:stroke" in path.read_text(encoding="utf-8")[:1000]


def test_chart_that_wants_something_from_outside_says_so(site, page_watch):
    """No picture, file or address is fetched; the reader is told."""
    page_watch.expect_console("192.0.2.1")
    page = page_watch.blank()
    page.goto(site)
    told = page.get_by_text("This chart asked for http://192.0.2.1/picture.png")
    expect(told.first).to_be_visible()


@pytest.fixture(scope="module")
def lab(serve_lab, tmp_path_factory):
    """A JupyterLab on a copy of the notebooks, as `osteoteach lab` starts it."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(notebooks_folder() / "dashboards", folder / "dashboards",
                    ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    return serve_lab(folder)


def run_in_lab(lab, page_watch, name):
    """Open a dashboard's notebook in JupyterLab and run both cells."""
    # JupyterLab itself asks for the path of a file it has not saved yet, and is told 404.
    page_watch.expect_console("404")
    page = page_watch.blank(1500, 950)
    page.goto(f"{lab}/lab/tree/dashboards/{name}.ipynb?reset")
    expect(page.locator(".jp-CodeCell").last).to_be_visible(timeout=60_000)
    wait_until_idle(page)
    page.locator(".jp-CodeCell .cm-content").first.click()
    for _ in range(2):
        page.keyboard.press("Shift+Enter")
    expect(page.locator("svg.marks").first).to_be_visible(timeout=60_000)
    return page


def test_a_dashboard_works_in_jupyterlab(lab, page_watch):
    """Open, run both cells, move a slider: the same page, chart and sentence as in Voila."""
    page = run_in_lab(lab, page_watch, "diagnose")
    view = page.locator("svg.marks").first
    sentence = page.get_by_role("status").filter(has_text="decides")
    expect(sentence).to_contain_text("Low bone mass (osteopenia)")
    view.evaluate("node => { node.dataset.kept = 'yes'; }")
    cells = page.locator(".jp-Notebook .jp-CodeCell").count()
    slider = page.get_by_role("slider", name="Total hip", exact=True)
    slider.press("b")  # Lab's key for a new cell must not reach Lab from a control
    for _ in range(8):
        slider.press("ArrowLeft")
    expect(sentence).to_contain_text("−2.6 at the total hip")
    assert view.get_attribute("data-kept") == "yes"
    assert page.locator(".jp-Notebook .jp-CodeCell").count() == cells


def test_a_dashboard_in_jupyterlab_says_that_its_kernel_was_restarted_elsewhere(lab, page_watch):
    """JupyterLab itself says nothing: the controls would move, and the answer would stay."""
    page = run_in_lab(lab, page_watch, "diagnose")
    slider = page.get_by_role("slider", name="Total hip", exact=True)
    slider.press("ArrowLeft")
    stopped = page.get_by_role("alert").filter(has_text="The program behind this page has stopped")
    expect(stopped).to_have_count(0)
    ask_server(page, "POST", "/restart")
    # JupyterLab may hear no word of the new kernel before somebody asks it something.
    page.wait_for_timeout(3000)
    slider.press("ArrowLeft")
    expect(stopped).to_contain_text("Run the notebook again")


def test_the_frame_works_in_jupyterlab(lab, page_watch):
    """Undo by key, a link that says where links work, and Lab's own dark theme."""
    page = run_in_lab(lab, page_watch, "noise")
    box = page.get_by_role("textbox", name="Precision error")
    page.get_by_role("slider", name="Precision error").press("End")
    expect(box).to_have_value("5.0")
    tools = page.get_by_role("group", name="Tools")
    tools.get_by_role("button", name="Copy link").click()
    expect(page.get_by_label("Links work on served pages")).to_have_value("?precision_pct=5")
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("Control+z")
    expect(box).to_have_value("1.8")
    title = page.locator(".ot-page h1")
    light = title.evaluate("e => getComputedStyle(e).color")
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    expect(tools.get_by_role("button", name="Dark theme")).to_have_attribute("aria-pressed", "true")
    assert title.evaluate("e => getComputedStyle(e).color") != light
    tools.get_by_role("button", name="Dark theme").click()
    assert title.evaluate("e => getComputedStyle(e).color") == light
    with page.expect_download() as download:
        tools.get_by_role("button", name="Save handout").click()
    assert download.value.suggested_filename == "osteoteach-is-the-change-real.html"


def test_the_plan_editor_works_in_jupyterlab(lab, page_watch):
    """Moving the end of a course changes the answer; Lab's shortcuts do not reach Lab."""
    page = run_in_lab(lab, page_watch, "sequence")
    sentence = page.get_by_role("status").filter(has_text="With this plan")
    before = sentence.inner_text()
    cells = page.locator(".jp-Notebook .jp-CodeCell").count()
    plan = page.locator(".ot-control[data-name=plan]")
    end = plan.get_by_role("slider", name=re.compile("Romosozumab, end"))
    end.press("b")
    for _ in range(6):
        end.press("ArrowLeft")
    expect(sentence).not_to_have_text(before)
    assert page.locator(".jp-Notebook .jp-CodeCell").count() == cells
