"""The page of every dashboard, operated in a browser by mouse, keyboard and assistive tools."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import textwrap
import time
import urllib.request

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import expect

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
STALE = "Last valid answer, for the earlier settings"

# A dashboard with every kind of control, every way to fail, and a chart of one line.
IMPORTS = """
    import os
    import anywidget, traitlets
    from osteoteach.view.one_message import Carried
    from osteoteach.errors import InputError
    from osteoteach.view.controls import (
        ActionButton, ChoiceControl, NumberControl, ToggleControl,
    )
    from osteoteach.view.page import Answer, ChartPatch, Group, Page

    class Line(Carried, anywidget.AnyWidget):
        _esm = '''
        export default { render({ model, el }) {
          el.setAttribute("role", "img");
          const draw = () => {
            el.textContent = `${model.get("age")} years`;
            el.setAttribute("aria-label", model.get("description"));
          };
          model.on("change", draw);
          draw();
        } }'''
        age = traitlets.Float(0).tag(sync=True)
        description = traitlets.Unicode("").tag(sync=True)

        def patch(self, data=None, signals=None, description=None):
            with self.hold_sync():
                self.age, self.description = signals["age"], description
"""
DASHBOARD = """
    def answer(values):
        if values["trouble"] == "program":
            raise ZeroDivisionError("division by zero")
        if values["trouble"] == "input":
            raise InputError("bmd_g_cm2", "must fit the site", 0.78, "Lower it.")
        if values["trouble"] == "elsewhere":
            raise InputError("scans", "need two sites", 1, "Add a site.")
        age = values["age_years"]
        return Answer(
            f"You are {age:g}, {values['sex']}, scanned {values['again']} times.",
            why=f"<p>Because {age:g}.</p>", how_sure="<p>Quite.</p>",
            sources=f"<ol><li>Process <span id='pid'>{os.getpid()}</span></li></ol>",
            charts={"line": ChartPatch(signals={"age": age}, description=f"Age {age:g}")},
        )

    Page(
        "A test page", "Move something.",
        [
            Group("Person", [
                ChoiceControl("sex", "Sex", [("Woman", "female"), ("Man", "male")], "female"),
                NumberControl("age_years", "Age", "years", 40, 90, 1, 62),
                ToggleControl("menopause", "After menopause", True, help="Women only."),
            ]),
            Group("Scan", [
                NumberControl("bmd_g_cm2", "Total hip BMD", "g/cm²", 0.4, 1.4, 0.005, 0.78),
                ActionButton("again", "Scan again"),
                ChoiceControl("trouble", "Trouble", [
                    ("None", "none"), ("Program", "program"), ("Input", "input"),
                    ("Elsewhere", "elsewhere"),
                ], "none"),
            ]),
        ],
        {"line": Line()}, answer,
        lambda values: {"menopause"} if values["sex"] == "male" else set(),
    )
"""


def write_notebook(path, cells, **card):
    made = new_notebook(
        cells=cells, metadata={"kernelspec": KERNEL, **({"osteoteach": card} if card else {})}
    )
    path.parent.mkdir(exist_ok=True)
    nbformat.write(made, path)


def code(*sources):
    return [new_code_cell(textwrap.dedent(source).strip()) for source in sources]


@pytest.fixture(scope="module")
def site(serve, tmp_path_factory):
    root = tmp_path_factory.mktemp("notebooks")
    write_notebook(
        root / "dashboards" / "test.ipynb", code(IMPORTS, DASHBOARD),
        title="A test page", sentence="Try every control.", minutes=10, order=1,
    )  # fmt: skip
    write_notebook(root / "dashboards" / "broken.ipynb", code("1 / 0"), title="Broken")
    lesson = [new_markdown_cell("# A lesson\n\nIts text."), *code("print('its output')")]
    write_notebook(root / "lessons" / "one.ipynb", lesson, title="A lesson", sentence="Read.")
    write_notebook(root / "scratch.ipynb", code("pass"))
    (root / "private.csv").write_text("secret\n", encoding="utf-8")
    return serve(root)


@pytest.fixture(scope="module")
def shared_page(site, module_watch):
    return module_watch.open(f"{site}/voila/render/dashboards/test.ipynb")


@pytest.fixture
def page(shared_page):
    """The dashboard at its start. A new kernel for each test would take two minutes."""
    shared_page.set_viewport_size({"width": 1366, "height": 768})
    shared_page.get_by_role("button", name="Reset").click()
    expect(sentence(shared_page)).to_have_text("You are 62, female, scanned 0 times.")
    expect(shared_page.locator(".ot-page")).not_to_have_class(re.compile("ot-stale"))
    for fold in shared_page.locator("details[open] summary").all():
        fold.click()
    return shared_page


def sentence(page):
    return page.locator("[role=status] .ot-sentence")


def age_box(page):
    return page.get_by_role("textbox", name="Age")


def age_slider(page):
    return page.get_by_role("slider", name="Age")


def type_age(page, text):
    age_box(page).fill(text)
    age_box(page).press("Enter")


# ---- at rest --------------------------------------------------------------------


def test_page_has_a_title_a_language_landmarks_and_no_violation(page, axe):
    assert page.title() == "A test page · osteoteach"
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.get_by_role("main").count() == 1
    assert page.get_by_role("heading", level=1).all_inner_texts() == ["A test page"]
    assert page.get_by_text("For teaching. Not for patient care.").is_visible()
    back = page.get_by_role("link", name="All dashboards")
    assert back.get_attribute("href") == "/voila/tree"
    axe(page)


def test_everything_inside_the_page_is_inside_its_landmark(page):
    assert page.locator("main .ot-page").count() == 1


def test_focus_visits_the_controls_in_reading_order(page):
    page.get_by_role("button", name="Save handout").focus()
    visited = []
    for _ in range(12):
        page.keyboard.press("Tab")
        visited.append(page.evaluate("document.activeElement.closest('[data-name]')?.dataset.name"))
    assert visited[:9] == [
        "sex", "age_years", "age_years", "menopause",
        "bmd_g_cm2", "bmd_g_cm2", "again", "trouble", None,
    ]  # fmt: skip


def test_every_target_is_at_least_24_pixels_and_shows_its_focus(page):
    inputs = ".ot-page :is(button, input, select, summary)"
    targets = page.locator(f"{inputs}, .ot-bar a:not(.ot-skip)")
    assert targets.count() >= 14
    for target in targets.all():
        if not target.is_visible():
            continue
        box = target.bounding_box()
        assert min(box["width"], box["height"]) >= 24, target.evaluate("e => e.outerHTML")
    for target in page.locator(inputs).all():
        if target.is_visible():
            target.focus()
            page.keyboard.press("Shift")  # makes the browser treat focus as by keyboard
            outline = target.evaluate("e => getComputedStyle(e).outlineStyle")
            assert outline == "solid", target.evaluate("e => e.outerHTML")


# ---- moving ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "age"),
    [("ArrowRight", 63), ("ArrowUp", 63), ("ArrowLeft", 61), ("ArrowDown", 61), ("Home", 40),
     ("End", 90), ("PageUp", 67), ("PageDown", 57)],
)  # fmt: skip
def test_slider_obeys_the_keyboard(page, key, age):
    age_slider(page).press(key)
    expect(sentence(page)).to_contain_text(f"You are {age},")
    expect(age_box(page)).to_have_value(str(age))
    expect(age_slider(page)).to_have_attribute("aria-valuetext", f"{age} years")


def test_dragging_the_slider_moves_box_answer_and_chart(page):
    track = age_slider(page).bounding_box()
    middle = track["y"] + track["height"] / 2
    page.mouse.move(track["x"] + track["width"] * 0.44, middle)
    page.mouse.down()
    for part in range(45, 101):
        page.mouse.move(track["x"] + track["width"] * part / 100, middle)
    page.mouse.up()
    expect(age_box(page)).to_have_value("90")
    expect(sentence(page)).to_contain_text("You are 90,")
    expect(page.get_by_role("img", name="Age 90")).to_have_text("90 years")
    # Read out once, when the slider has come to rest.
    expect(page.get_by_role("status")).to_have_attribute("aria-busy", "false")


def test_number_between_two_steps_moves_the_slider_there(page):
    type_age(page, " 63,5 ")
    expect(sentence(page)).to_contain_text("You are 63.5,")
    expect(age_box(page)).to_have_value("63.5")
    assert float(age_slider(page).input_value()) == 63.5
    age_slider(page).press("ArrowRight")
    expect(age_box(page)).to_have_value("64")


def test_box_applies_when_it_loses_the_focus(page):
    age_box(page).fill("70")
    page.keyboard.press("Tab")
    expect(sentence(page)).to_contain_text("You are 70,")


def test_choice_toggle_and_button_change_the_answer(page):
    page.get_by_role("button", name="Scan again").click()
    page.get_by_role("button", name="Scan again").press("Enter")
    page.get_by_label("Sex").select_option("Man")
    expect(sentence(page)).to_have_text("You are 62, male, scanned 2 times.")


def test_control_that_does_not_apply_leaves_page_and_tab_order(page):
    toggle = page.get_by_label("After menopause")
    expect(toggle).to_be_visible()
    page.get_by_label("Sex").select_option("Man")
    expect(toggle).to_be_hidden()
    age_slider(page).focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox", name="Total hip BMD")).to_be_focused()


def test_opened_fold_stays_open_and_is_the_same_element(page):
    fold = page.locator("details[data-fold=why]")
    fold.locator("summary").click()
    fold.evaluate("e => { e.mark = 'kept' }")
    age_slider(page).press("ArrowRight")
    expect(fold).to_contain_text("Because 63.")
    assert fold.evaluate("e => [e.open, e.mark]") == [True, "kept"]


# ---- wrong input ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("620", "Age must be from 40 to 90 years. You entered “620”."),
        ("sixty", "Age must be a number. You entered “sixty”."),
        ("", "Age must be a number. The box is empty."),
        ("nan", "Age must be a number. You entered “nan”."),
    ],
)
def test_refused_text_stays_with_a_message_and_the_answer_is_marked(page, axe, typed, message):
    type_age(page, typed)
    alert = page.locator("[data-name=age_years] [role=alert]")
    expect(alert).to_contain_text(message)
    expect(age_box(page)).to_have_value(typed)
    expect(age_box(page)).to_have_attribute("aria-invalid", "true")
    assert alert.get_attribute("id") in age_box(page).get_attribute("aria-describedby").split()
    expect(page.get_by_role("status")).to_contain_text(STALE)
    expect(page.get_by_role("status")).to_contain_text("Correct Age to go on.")
    expect(sentence(page)).to_contain_text("You are 62,")
    axe(page)

    page.get_by_role("button", name="Scan again").click()  # still not computed with 62
    expect(sentence(page)).to_contain_text("scanned 0 times")

    type_age(page, "71")
    expect(sentence(page)).to_have_text("You are 71, female, scanned 1 times.")
    expect(page.get_by_role("status")).not_to_contain_text(STALE)
    expect(alert).to_be_empty()
    assert age_box(page).get_attribute("aria-invalid") is None


def test_moving_the_slider_takes_a_refused_text_back(page):
    type_age(page, "620")
    expect(page.get_by_role("status")).to_contain_text(STALE)
    age_slider(page).press("ArrowRight")
    expect(sentence(page)).to_contain_text("You are 63,")
    expect(age_box(page)).to_have_value("63")
    expect(page.get_by_role("status")).not_to_contain_text(STALE)


def test_error_of_the_model_goes_beside_the_control_it_names(page):
    page.get_by_label("Trouble").select_option("Input")
    alert = page.locator("[data-name=bmd_g_cm2] [role=alert]")
    expect(alert).to_have_text("Total hip BMD must fit the site. You entered 0.78. Lower it.")
    expect(page.get_by_role("status")).to_contain_text(STALE)
    page.get_by_label("Trouble").select_option("None")
    expect(alert).to_be_empty()
    expect(page.get_by_role("status")).not_to_contain_text(STALE)


def test_error_that_names_no_control_goes_to_the_answer(page):
    page.get_by_label("Trouble").select_option("Elsewhere")
    expect(page.get_by_role("status")).to_contain_text("scans need two sites")


def test_fault_of_the_program_is_told_and_reset_recovers(page, axe):
    page.get_by_label("Trouble").select_option("Program")
    banner = page.get_by_role("alert").filter(has_text="Something went wrong in the program")
    expect(banner).to_contain_text("ZeroDivisionError: division by zero.")
    expect(banner).to_contain_text("Press Reset")
    expect(page.get_by_role("status")).to_contain_text(STALE)
    axe(page)
    page.get_by_role("button", name="Reset").click()
    expect(banner).to_have_count(0)
    expect(sentence(page)).to_have_text("You are 62, female, scanned 0 times.")


# ---- sizes ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width", "height"),
    [(320, 640), (390, 844), (683, 384), (1366, 768), (1920, 1080)],
    ids=["320", "phone", "laptop at 200%", "laptop", "projector"],
)
def test_nothing_is_cut_off(page, width, height):
    page.set_viewport_size({"width": width, "height": height})
    type_age(page, "6" * 60)
    expect(page.get_by_role("status")).to_contain_text(STALE)
    page.get_by_text("Why this answer").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    spill = page.evaluate(
        """() => [...document.querySelectorAll('.ot-page *')].filter((e) => {
             const box = e.getBoundingClientRect();
             return box.width && !e.matches('.ot-hidden') && box.right > innerWidth + 0.5;
           }).map((e) => e.outerHTML.slice(0, 120))"""
    )
    assert spill == []


def test_settings_come_first_on_a_phone_and_the_answer_stays_in_view(page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("window.scrollTo(0, 0)")
    answer = page.get_by_role("status").bounding_box()
    settings = page.get_by_role("region", name="Settings").bounding_box()
    assert settings["y"] < answer["y"]
    assert answer["y"] + answer["height"] <= 844


# ---- starting and ending --------------------------------------------------------


def test_waiting_page_says_so_and_offers_a_reload_after_a_minute(site, page_watch):
    url = f"{site}/voila/render/dashboards/broken.ipynb"
    with urllib.request.urlopen(url, timeout=60) as reply:
        # What a visitor has while the kernel starts: everything ahead of the cells.
        head = reply.read().decode().split('<script id="jupyter-config-data"')[0]
    page = page_watch.blank()
    page.clock.install()
    page.route("**/voila/render/waiting", lambda route: route.fulfill(
        body=head, content_type="text/html"))  # fmt: skip
    page.goto(f"{site}/voila/render/waiting")
    waiting = page.get_by_role("status")
    expect(waiting).to_have_text("Starting the page: a few seconds")
    page.clock.fast_forward(61_000)
    expect(waiting).to_contain_text("Still loading")
    expect(waiting.get_by_role("link", name="Reload the page")).to_be_visible()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_a_dead_kernel_costs_no_settings(site, page_watch):
    """The page says so, and comes back with its settings and with what others need."""
    page = page_watch.open(f"{site}/voila/render/dashboards/test.ipynb?step=2&guess=0")
    age_slider(page).press("End")
    expect(sentence(page)).to_contain_text("You are 90,")
    os.kill(int(page.locator("#pid").text_content()), signal.SIGKILL)
    told = "The program behind this page has stopped"
    banner = page.get_by_role("alert").filter(has_text=told)
    expect(banner).to_be_visible(timeout=30_000)
    banner.get_by_role("button", name="Reload with these settings").click()
    page.wait_for_url("**/test.ipynb?age_years=90&step=2&guess=0")
    page.wait_for_selector("body.ot-ready", timeout=60_000)
    expect(sentence(page)).to_contain_text("You are 90,")
    expect(banner).to_have_count(0)


def test_closing_the_tab_ends_the_kernel(site, page_watch):
    page = page_watch.open(f"{site}/voila/render/dashboards/test.ipynb")
    kernel = int(page.locator("#pid").text_content())
    with page.expect_event("close"):
        page.close(run_before_unload=True)
    deadline = time.monotonic() + 20
    while _is_running(kernel):
        assert time.monotonic() < deadline, "the kernel outlived its page by 20 s"
        time.sleep(0.2)


def _is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_cell_that_fails_is_told_in_our_words(site, page_watch, axe):
    page = page_watch.open(f"{site}/voila/render/dashboards/broken.ipynb")
    expect(page.get_by_role("heading", level=1)).to_have_text("This page could not be built")
    expect(page.get_by_role("main")).to_contain_text("The reason is in the window")
    assert "ZeroDivisionError" not in page.content()
    axe(page)


def test_lesson_is_shown_without_waiting_for_widgets(site, page_watch, axe):
    page = page_watch.open(f"{site}/voila/render/lessons/one.ipynb")
    expect(page.get_by_text("its output")).to_be_visible()
    axe(page)


# ---- gallery --------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/voila/tree", "/voila/tree/dashboards"])
def test_gallery_lists_dashboards_and_lessons_and_nothing_else(site, page_watch, axe, path):
    page = page_watch.blank()
    page.goto(site + path)
    links = {a.inner_text(): a.get_attribute("href") for a in page.locator("main a").all()}
    assert links == {
        "A test page": "/voila/render/dashboards/test.ipynb",
        "Broken": "/voila/render/dashboards/broken.ipynb",
    }
    # A lesson needs its code cells, which Voila hides: the gallery says where to open it.
    expect(page.get_by_role("heading", name="A lesson")).to_be_visible()
    expect(page.get_by_text("osteoteach lab")).to_be_visible()
    assert page.get_by_role("heading", level=2).all_inner_texts() == ["Dashboards", "Lessons"]
    assert "Try every control." in page.get_by_role("main").inner_text()
    axe(page)


def test_missing_page_and_closed_files(site, page_watch, axe):
    page_watch.expect_console("404")
    page = page_watch.blank()
    assert page.goto(f"{site}/voila/render/nothing.ipynb").status == 404
    expect(page.get_by_role("main")).to_contain_text("There is no such page")
    axe(page)
    page_watch.expect_console("403")
    assert page.goto(f"{site}/voila/files/private.csv").status == 403


def test_an_update_is_one_message_and_its_folds_another(site, page_watch):
    """Chart and words come together; the folds follow when the slider rests, compressed."""
    page = page_watch.blank()
    frames = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda f: frames.append(f)))
    page.goto(f"{site}/voila/render/dashboards/test.ipynb")
    page.wait_for_selector("body.ot-ready", timeout=60_000)
    expect(page.locator(".ot-sentence")).to_contain_text("You are 62,")
    page.wait_for_timeout(500)
    frames.clear()
    age_slider(page).press("ArrowRight")
    expect(sentence(page)).to_contain_text("You are 63,")
    page.wait_for_timeout(600)
    answer, folds = [content for content in map(_comm_content, frames) if content]
    states = sorted(sorted(state) for state in answer["states"].values())
    assert states == [["age", "description"], ["can_undo", "link", "sentence"]]
    assert folds == {"packed": True}


def _comm_content(frame):
    """Return what one websocket message brings to a page, None if it brings nothing."""
    text = frame if isinstance(frame, str) else frame.decode("utf-8", "ignore")
    found = re.search(r'\{"data":\s*\{"method":.*', text)
    if not found:
        return None
    data = json.JSONDecoder().raw_decode(found.group())[0]["data"]
    assert data["method"] == "custom", "no widget sends for itself"
    return data["content"]
