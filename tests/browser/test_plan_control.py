"""The treatment plan operated in a browser: mouse, touch, keyboard, typing, phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_page import code, write_notebook

HEAD = """
    import time
    from osteoteach.view.controls import NumberControl, ToggleControl
    from osteoteach.view.page import Answer, Group, Page
    from osteoteach.view.plan_control import PlanControl

    def course(medicine, start_years, end_years, adherence=1.0):
        return {"medicine": medicine, "start_years": start_years, "end_years": end_years,
                "adherence": adherence}

    START = [course("romosozumab", 0, 1), course("denosumab", 1, 6, 0.8),
             course("denosumab", 9, 10)]
    plan = PlanControl(
        "plan", "Treatment plan",
        [("Alendronate", "alendronate", "#1c6ea4"), ("Denosumab", "denosumab", "#6f2a86"),
         ("Romosozumab", "romosozumab", "#e0b341")],
        START, most_courses=4, help="Drag a bar or its ends.",
    )

    def written(values):
        if any(c["adherence"] == 0.33 for c in values["plan"]):
            time.sleep(0.5)  # a busy computer
        return "; ".join(
            f"{c['medicine']} {c['start_years']:.3f} to {c['end_years']:.3f} at {c['adherence']:g}"
            for c in values["plan"]) or "nothing"
"""
ON_PAGE = """
    locked = ToggleControl("locked", "Locked", False)
    locked.observe(lambda change: setattr(plan, "enabled", not change["new"]), "value")
    Page("A plan", "Build one.", [
        Group("Treatment", [plan, locked]),
        Group("Person", [NumberControl("age_years", "Age", "years", 40, 90, 1, 62)]),
    ], {}, lambda values: Answer(written(values) + "."))
"""
TWO_VIEWS = """
    from IPython.display import display
    display(plan)
    display(plan)
"""
AT_START = (
    "romosozumab 0.000 to 1.000 at 1; denosumab 1.000 to 6.000 at 0.8; "
    "denosumab 9.000 to 10.000 at 1."
)


@pytest.fixture(scope="module")
def site(serve, tmp_path_factory):
    root = tmp_path_factory.mktemp("plans")
    write_notebook(root / "dashboards" / "plan.ipynb", code(HEAD, ON_PAGE), title="A plan")
    write_notebook(root / "dashboards" / "two.ipynb", code(HEAD, TWO_VIEWS), title="Two views")
    return serve(root)


@pytest.fixture(scope="module")
def shared_page(site, module_watch):
    page = module_watch.open(f"{site}/voila/render/dashboards/plan.ipynb", has_touch=True)
    page.emulate_media(reduced_motion="reduce")
    return page


@pytest.fixture
def page(shared_page):
    """The page at its start, in the laptop's size."""
    shared_page.set_viewport_size({"width": 1366, "height": 768})
    shared_page.get_by_role("button", name="Reset").click()
    expect(sentence(shared_page)).to_have_text(AT_START)
    expect(shared_page.locator(".ot-plan .ot-problem")).to_be_empty()
    shared_page.mouse.move(0, 0)
    return shared_page


def sentence(page):
    return page.locator("[role=status] .ot-sentence")


def row(page, place):
    """The group of the ``place``-th course, counted from 1 as the page does."""
    return page.get_by_role("group", name=re.compile(f"^Course {place}:"))


def slider(page, place, part):
    return row(page, place).get_by_role("slider", name=re.compile(f", {part}$"))


def box(page, place, name):
    return row(page, place).get_by_role("textbox", name=name)


def type_into(target, text):
    target.fill(text)
    target.press("Enter")


def centre(target):
    target.scroll_into_view_if_needed()
    place = target.bounding_box()
    return place["x"] + place["width"] / 2, place["y"] + place["height"] / 2


def year_px(page):
    lane = page.locator(".ot-plan-axis .ot-plan-lane").first
    return lane.evaluate("node => node.clientWidth") / 12


def drag(page, target, years, steps=8, release=True):
    x, y = centre(target)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + years * year_px(page), y, steps=steps)
    if release:
        page.mouse.up()


# ---- at rest --------------------------------------------------------------------


def test_rows_stand_in_order_with_names_words_and_no_violation(page, axe):
    assert row(page, 1).get_attribute("aria-label") == "Course 1: Romosozumab"
    assert row(page, 3).get_attribute("aria-label") == "Course 3: Denosumab"
    expect(row(page, 2)).to_contain_text("From 1 year to 6 years")
    expect(row(page, 2)).to_contain_text(re.compile("lasts 5 years", re.IGNORECASE))
    expect(row(page, 1).locator(".ot-plan-name")).to_have_text("Romosozumab")
    axe(page)


def test_handles_say_what_they_are_and_how_far_they_may_go(page):
    def told(part, *names):
        return [slider(page, 2, part).get_attribute(f"aria-{name}") for name in names]

    names = ("label", "valuenow", "valuemin", "valuemax", "valuetext")
    assert told("start", *names) == ["Denosumab, start", "1", "0", "5.9167", "1 year"]
    assert told("end", *names) == ["Denosumab, end", "6", "1.0833", "9", "6 years"]
    assert told("whole course", *names) == [
        "Denosumab, whole course", "1", "0", "4", "from 1 year to 6 years",
    ]  # fmt: skip


@pytest.mark.parametrize("size", [(1366, 768), (390, 844), (320, 640)])
def test_every_target_is_24_pixels_and_no_handle_covers_another(page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    type_into(box(page, 1, "End"), "0.08")
    expect(sentence(page)).to_contain_text("romosozumab 0.000 to 0.080")
    for target in page.locator(".ot-plan :is([role=slider], input, select, button)").all():
        place = target.bounding_box()
        assert min(place["width"], place["height"]) >= 24, target.evaluate("e => e.outerHTML")
    for part in ("start", "whole course", "end"):
        target = slider(page, 1, part)
        found = target.evaluate("""node => {
          node.scrollIntoView({ block: 'center' });
          const box = node.getBoundingClientRect();
          return [0.1, 0.5, 0.9].map((share) => document.elementFromPoint(
            box.left + box.width * share, box.top + box.height / 2) === node);
        }""")
        assert found == [True, True, True]


def test_focus_shows_and_goes_through_a_row_in_reading_order(page):
    slider(page, 2, "start").focus()
    seen = []
    for _ in range(8):
        seen.append(page.evaluate(
            "document.activeElement.dataset.part ?? document.activeElement.tagName"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        page.keyboard.press("Tab")
        assert outline == ("solid" if len(seen) > 1 else outline)
    assert seen == ["start", "bar", "end", "SELECT", "INPUT", "INPUT", "INPUT", "BUTTON"]


def test_jupyterlab_shortcuts_stay_away(page):
    bare = page.locator(
        ".ot-plan :is([role=slider], input, select, button):not([data-lm-suppress-shortcuts])")
    expect(bare).to_have_count(0)


# ---- dragging -------------------------------------------------------------------


def test_moves_of_a_bar_do_not_lay_the_page_out(page):
    """The browser does that once a frame, not once a move: each was 20 ms of a laptop."""
    target = slider(page, 2, "end")
    target.focus()
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def layouts() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(one["value"] for one in metrics if one["name"] == "LayoutCount")

    page.wait_for_timeout(300)
    before = layouts()
    target.evaluate("""node => {
      for (let move = 0; move < 40; move += 1) {
        const key = move % 2 ? 'ArrowRight' : 'ArrowLeft';
        node.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
      }
    }""")
    assert layouts() - before < 10
    session.detach()


def test_a_name_stands_where_it_fits_after_the_type_has_grown(page):
    """Its width is measured once, and again when the page changes."""
    name = row(page, 2).locator(".ot-plan-name")
    expect(name).to_have_attribute("data-place", "inside")
    page.add_style_tag(content=".ot-plan-name.ot-plan-name { font-size: 120px; }")
    page.set_viewport_size({"width": 800, "height": 768})
    expect(name).not_to_have_attribute("data-place", "inside")
    page.evaluate("document.head.lastElementChild.remove()")
    page.set_viewport_size({"width": 1366, "height": 768})
    expect(name).to_have_attribute("data-place", "inside")


def test_dragging_the_bar_moves_the_course_by_whole_months(page):
    drag(page, slider(page, 2, "whole course"), 1.52)
    expect(sentence(page)).to_contain_text("denosumab 2.500 to 7.500 at 0.8")
    expect(row(page, 2)).to_contain_text("From 2 years 6 months to 7 years 6 months")
    expect(box(page, 2, "Start")).to_have_value("2.5")


def test_dragging_an_end_changes_that_end_only(page):
    drag(page, slider(page, 2, "end"), -2)
    expect(sentence(page)).to_contain_text("denosumab 1.000 to 4.000 at 0.8")
    drag(page, slider(page, 2, "start"), 0.5)
    expect(sentence(page)).to_contain_text("denosumab 1.500 to 4.000 at 0.8")


def test_answer_follows_while_the_button_is_still_down(page):
    drag(page, slider(page, 2, "end"), 1, release=False)
    expect(sentence(page)).to_contain_text("denosumab 1.000 to 7.000")
    page.keyboard.press("Escape")
    expect(sentence(page)).to_have_text(AT_START)
    page.mouse.up()
    expect(sentence(page)).to_have_text(AT_START)


def test_drag_writes_at_most_once_a_frame(page):
    """Sixty events in one frame make one update; each whole month is seen at most once."""
    target = slider(page, 2, "end")
    count = target.evaluate("""async (node) => {
      const words = node.closest('.ot-course').querySelector('.ot-plan-words');
      let changes = 0;
      new MutationObserver((all) => { changes += all.length; }).observe(words, { childList: true });
      const box = node.getBoundingClientRect();
      const fire = (type, x) => node.dispatchEvent(new PointerEvent(type, {
        pointerId: 1, isPrimary: true, button: 0, bubbles: true, clientX: x, clientY: box.top + 9,
      }));
      node.setPointerCapture = () => {};
      await new Promise(requestAnimationFrame);
      fire('pointerdown', box.left);
      for (let i = 0; i < 60; i += 1) fire('pointermove', box.left + i);
      await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
      const inOneFrame = changes;
      fire('pointerup', box.left + 59);
      delete node.setPointerCapture;
      return inOneFrame;
    }""")
    assert count == 1


@pytest.mark.parametrize(
    ("place", "part", "years", "answer"),
    [
        (2, "whole course", 8, "denosumab 4.000 to 9.000 at 0.8; denosumab 9.000 to 10.000"),
        (2, "end", 8, "denosumab 1.000 to 9.000 at 0.8; denosumab 9.000 to 10.000"),
        (3, "start", -8, "denosumab 1.000 to 6.000 at 0.8; denosumab 6.000 to 10.000"),
        (3, "whole course", 8, "denosumab 11.000 to 12.000 at 1."),
        (1, "whole course", -8, "romosozumab 0.000 to 1.000 at 1; denosumab 1.000"),
        (2, "end", -9, "denosumab 1.000 to 1.083 at 0.8"),
        (2, "start", 9, "denosumab 5.917 to 6.000 at 0.8"),
    ],
)
def test_drag_stops_at_the_line_the_neighbour_and_one_month(page, place, part, years, answer):
    drag(page, slider(page, place, part), years)
    expect(sentence(page)).to_contain_text(answer)
    expect(page.locator(".ot-plan .ot-problem")).to_be_empty()


def test_course_of_another_medicine_may_be_dragged_across_and_the_rows_change_places(page):
    drag(page, slider(page, 1, "whole course"), 3, release=False)
    expect(sentence(page)).to_contain_text("romosozumab 3.000 to 4.000")
    assert row(page, 1).get_attribute("aria-label") == "Course 1: Romosozumab"
    page.mouse.up()
    expect(row(page, 1)).to_have_attribute("aria-label", "Course 1: Denosumab")
    expect(slider(page, 2, "whole course")).to_be_focused()
    expect(slider(page, 2, "whole course")).to_have_attribute(
        "aria-label", "Romosozumab, whole course")


def test_a_press_without_a_drag_changes_nothing(page):
    type_into(box(page, 2, "Start"), "1,29")
    expect(sentence(page)).to_contain_text("denosumab 1.290 to 6.000")
    for part in ("whole course", "start"):
        drag(page, slider(page, 2, part), 2 / year_px(page), steps=1)
    page.wait_for_timeout(200)
    expect(sentence(page)).to_contain_text("denosumab 1.290 to 6.000")
    # Beside a number that is no whole month the other one stops at touching, exactly.
    drag(page, slider(page, 3, "start"), -8)
    expect(sentence(page)).to_contain_text("denosumab 6.000 to 10.000")
    drag(page, slider(page, 2, "whole course"), 0.25)
    expect(page.locator(".ot-plan .ot-problem")).to_be_empty()


def test_finger_drags_the_bar_and_leaves_scrolling_to_the_page(page):
    x, y = centre(slider(page, 2, "whole course"))
    touch = page.context.new_cdp_session(page)

    def finger(kind, *points):
        touch.send("Input.dispatchTouchEvent", {
            "type": kind, "touchPoints": [{"x": px, "y": py} for px, py in points]})

    finger("touchStart", (x, y))
    for part in range(1, 11):
        finger("touchMove", (x + 2 * year_px(page) * part / 10, y))
    finger("touchEnd")
    expect(sentence(page)).to_contain_text("denosumab 3.000 to 8.000")
    assert slider(page, 2, "end").evaluate("e => getComputedStyle(e).touchAction") == "pan-y"


# ---- keyboard -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "key", "answer"),
    [
        ("start", "ArrowRight", "1.083 to 6.000"), ("start", "ArrowLeft", "0.917 to 6.000"),
        ("start", "PageUp", "2.000 to 6.000"), ("start", "PageDown", "0.000 to 6.000"),
        ("start", "Home", "0.000 to 6.000"), ("start", "End", "5.917 to 6.000"),
        ("end", "ArrowRight", "1.000 to 6.083"), ("end", "ArrowLeft", "1.000 to 5.917"),
        ("end", "PageUp", "1.000 to 7.000"), ("end", "PageDown", "1.000 to 5.000"),
        ("end", "Home", "1.000 to 1.083"), ("end", "End", "1.000 to 9.000"),
        ("whole course", "ArrowRight", "1.083 to 6.083"),
        ("whole course", "ArrowLeft", "0.917 to 5.917"),
        ("whole course", "PageUp", "2.000 to 7.000"),
        ("whole course", "PageDown", "0.000 to 5.000"),
        ("whole course", "Home", "0.000 to 5.000"), ("whole course", "End", "4.000 to 9.000"),
    ],
)  # fmt: skip
def test_handles_obey_the_keyboard(page, part, key, answer):
    slider(page, 2, part).press(key)
    expect(sentence(page)).to_contain_text(f"denosumab {answer} at 0.8")
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused == f"Denosumab, {part}"


def test_arrow_from_a_number_between_two_months_goes_to_the_next_month(page):
    type_into(box(page, 2, "Start"), "1.29")
    # At once, before the program has answered: what was typed counts already.
    slider(page, 2, "start").press("ArrowRight")
    expect(sentence(page)).to_contain_text("denosumab 1.333 to 6.000")
    type_into(box(page, 2, "Adherence"), "33")  # a slow answer
    type_into(box(page, 2, "Start"), "2,29")
    slider(page, 2, "start").press("ArrowRight")
    expect(sentence(page)).to_contain_text("denosumab 2.333 to 6.000 at 0.33")


def test_keyboard_keeps_the_focus_when_rows_change_places(page):
    slider(page, 1, "whole course").press("PageUp")
    slider(page, 1, "whole course").press("PageUp")
    expect(row(page, 2)).to_have_attribute("aria-label", "Course 2: Romosozumab")
    expect(slider(page, 2, "whole course")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(sentence(page)).to_contain_text("romosozumab 2.083 to 3.083")


# ---- typing ---------------------------------------------------------------------


def test_boxes_take_a_decimal_comma_and_percent(page):
    type_into(box(page, 2, "End"), " 2,5 ")
    expect(sentence(page)).to_contain_text("denosumab 1.000 to 2.500 at 0.8")
    expect(box(page, 2, "End")).to_have_value("2.5")
    box(page, 2, "Adherence").fill("55")
    page.keyboard.press("Tab")
    expect(sentence(page)).to_contain_text("denosumab 1.000 to 2.500 at 0.55")
    expect(row(page, 2).locator(".ot-plan-name")).to_contain_text("Denosumab")


def test_number_between_two_months_is_kept_and_said_to_be_about(page):
    type_into(box(page, 2, "End"), "2.29")
    expect(sentence(page)).to_contain_text("denosumab 1.000 to 2.290")
    expect(row(page, 2)).to_contain_text("to about 2 years 3 months")


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("End", "14", "Denosumab: end must be from 0 to 12 years. You entered “14”."),
        ("Start", "-1", "Denosumab: start must be from 0 to 12 years. You entered “-1”."),
        ("End", "soon", "Denosumab: end must be a number. You entered “soon”."),
        ("End", "", "Denosumab: end must be a number. The box is empty."),
        ("Start", "7", "Denosumab: start must come before the end. You entered 7 to 6 years."),
        ("End", "9.5", "Denosumab must not overlap the one from 9 to 10 years. You entered 1"),
        ("Adherence", "120", "Denosumab: adherence must be from 0 to 100 %. You entered “120”."),
    ],
)
def test_refused_text_stays_beside_its_message_and_nothing_jumps(page, axe, name, typed, message):
    before = page.locator(".ot-plan").bounding_box()
    target = box(page, 2, name)
    type_into(target, typed)
    alert = page.locator("[data-name=plan] [role=alert]")
    expect(alert).to_contain_text(message)
    expect(row(page, 2).get_by_role("alert")).to_be_visible()
    expect(target).to_have_value(typed)
    expect(target).to_have_attribute("aria-invalid", "true")
    assert alert.get_attribute("id") in target.get_attribute("aria-describedby").split()
    expect(page.get_by_role("status")).to_contain_text("Correct Treatment plan to go on.")
    expect(sentence(page)).to_have_text(AT_START)
    assert page.locator(".ot-plan").bounding_box()["height"] == before["height"]
    axe(page)

    type_into(target, {"End": "5", "Start": "2", "Adherence": "70"}[name])
    expect(sentence(page)).to_contain_text(
        {"End": "1.000 to 5.000", "Start": "2.000 to 6.000", "Adherence": "at 0.7;"}[name])
    expect(alert).to_be_empty()
    assert target.get_attribute("aria-invalid") is None


def test_two_boxes_may_be_wrong_on_the_way_to_a_good_course(page):
    box(page, 2, "Start").fill("10,5")
    page.keyboard.press("Tab")
    expect(row(page, 2).get_by_role("alert")).to_contain_text("must come before the end")
    page.keyboard.type("11")
    page.keyboard.press("Enter")
    expect(sentence(page)).to_contain_text("denosumab 10.500 to 11.000 at 0.8.")
    expect(box(page, 3, "Start")).to_have_value("10.5")
    expect(box(page, 3, "End")).to_be_focused()


def test_quick_typing_from_box_to_box_loses_nothing(page):
    box(page, 2, "Start").focus()
    for text in ("2", "5", "90"):
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    expect(sentence(page)).to_contain_text("denosumab 2.000 to 5.000 at 0.9;")


def test_typing_ahead_of_a_slow_answer_loses_nothing(page):
    """The answer to the first box arrives while the second is under way."""
    type_into(box(page, 2, "Adherence"), "33")
    expect(sentence(page)).to_contain_text("at 0.33")
    texts = {"Start": "2", "End": "5"}
    for name, text in texts.items():
        type_into(box(page, 2, name), text)
        page.wait_for_timeout(100)
    page.wait_for_timeout(600)
    type_into(box(page, 3, "End"), "11")
    for name, text in texts.items():
        expect(box(page, 2, name)).to_have_value(text)
    expect(sentence(page)).to_contain_text(
        "denosumab 2.000 to 5.000 at 0.33; denosumab 9.000 to 11.000")
    expect(box(page, 2, "End")).to_have_value("5")


@pytest.mark.parametrize("how", ["drag", "key"])
def test_dragging_or_stepping_takes_a_refused_text_back(page, how):
    type_into(box(page, 2, "End"), "14")
    expect(row(page, 2).get_by_role("alert")).to_contain_text("from 0 to 12 years")
    if how == "drag":
        drag(page, slider(page, 2, "whole course"), 1)
    else:
        slider(page, 2, "whole course").press("PageUp")
    expect(sentence(page)).to_contain_text("denosumab 2.000 to 7.000 at 0.8")
    expect(box(page, 2, "End")).to_have_value("7")
    expect(page.locator(".ot-plan .ot-problem")).to_be_empty()


def test_refused_medicine_shows_and_the_last_good_plan_holds(page):
    drag(page, slider(page, 1, "end"), 1)
    expect(sentence(page)).to_contain_text("romosozumab 0.000 to 2.000")
    choice = row(page, 1).get_by_role("combobox", name="Medicine")
    choice.select_option("Denosumab")
    expect(page.locator(".ot-plan .ot-problem")).to_contain_text("must not overlap the one from")
    expect(choice).to_have_value("denosumab")
    expect(choice).to_have_attribute("aria-invalid", "true")
    expect(sentence(page)).to_contain_text("romosozumab 0.000 to 2.000")
    choice.select_option("Alendronate")
    expect(sentence(page)).to_contain_text("alendronate 0.000 to 2.000")
    expect(page.locator(".ot-plan .ot-problem")).to_be_empty()


# ---- adding and removing --------------------------------------------------------


def test_added_course_starts_where_the_last_ends_and_is_ready_to_choose(page):
    add = page.get_by_role("button", name="Add a course")
    add.click()
    expect(sentence(page)).to_contain_text("alendronate 10.000 to 11.000 at 1.")
    expect(row(page, 4).get_by_role("combobox", name="Medicine")).to_be_focused()
    expect(add).to_be_disabled()
    expect(add).to_have_accessible_description("A plan has at most 4 courses. Remove one first.")
    row(page, 4).get_by_role("button", name="Remove Alendronate").click()
    expect(add).to_be_enabled()


def test_full_line_has_no_room_and_says_why(page, axe):
    slider(page, 3, "end").press("End")
    expect(sentence(page)).to_contain_text("denosumab 9.000 to 12.000")
    add = page.get_by_role("button", name="Add a course: no room")
    expect(add).to_be_disabled()
    expect(add).to_have_accessible_description(re.compile("The last course ends at 12 years"))
    expect(page.get_by_text("Shorten it to make room.")).to_be_visible()
    axe(page)
    drag(page, slider(page, 3, "end"), -0.5)
    page.get_by_role("button", name="Add a course", exact=True).click()
    expect(sentence(page)).to_contain_text("alendronate 11.500 to 12.000")


def test_removing_moves_the_focus_to_the_next_course_and_last_to_the_button(page):
    slider(page, 2, "end").press("Delete")
    expect(sentence(page)).to_have_text(
        "romosozumab 0.000 to 1.000 at 1; denosumab 9.000 to 10.000 at 1.")
    expect(slider(page, 2, "end")).to_be_focused()
    expect(page.get_by_text("Denosumab removed.")).to_be_attached()
    slider(page, 2, "start").press("Delete")
    expect(slider(page, 1, "start")).to_be_focused()
    row(page, 1).get_by_role("button", name="Remove Romosozumab").click()
    expect(sentence(page)).to_have_text("nothing.")
    expect(page.get_by_text("No medicine. Add a course.")).to_be_visible()
    add = page.get_by_role("button", name="Add a course")
    expect(add).to_be_focused()
    add.press("Enter")
    expect(sentence(page)).to_have_text("alendronate 0.000 to 1.000 at 1.")
    expect(page.get_by_text("No medicine.")).to_be_hidden()


def test_removing_a_refused_course_lets_the_page_go_on(page):
    type_into(box(page, 2, "End"), "14")
    expect(page.get_by_role("status")).to_contain_text("Correct Treatment plan")
    row(page, 2).get_by_role("button", name="Remove Denosumab").click()
    expect(sentence(page)).to_have_text(
        "romosozumab 0.000 to 1.000 at 1; denosumab 9.000 to 10.000 at 1.")
    expect(page.get_by_role("status")).not_to_contain_text("Correct Treatment plan")


def test_locked_plan_can_be_read_but_not_changed(page):
    page.get_by_label("Locked").check()
    bar = slider(page, 2, "whole course")
    expect(bar).to_have_attribute("aria-disabled", "true")
    expect(bar).to_have_attribute("tabindex", "-1")
    expect(box(page, 2, "End")).to_be_disabled()
    expect(page.get_by_role("button", name="Add a course")).to_be_disabled()
    drag(page, bar, 1)
    page.wait_for_timeout(200)
    expect(sentence(page)).to_have_text(AT_START)
    page.get_by_label("Locked").uncheck()
    expect(bar).to_have_attribute("tabindex", "0")
    drag(page, bar, 1)
    expect(sentence(page)).to_contain_text("denosumab 2.000 to 7.000")


# ---- sizes and views ------------------------------------------------------------


@pytest.mark.parametrize("width", [320, 390, 683, 1366])
def test_nothing_is_cut_off_at_any_width(page, axe, width):
    page.set_viewport_size({"width": width, "height": 844})
    drag(page, slider(page, 3, "end"), 9)
    type_into(box(page, 1, "Start"), "9" * 60)
    expect(page.locator(".ot-plan .ot-problem")).to_contain_text("must be from 0 to 12")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    spill = page.evaluate("""() => {
      const frame = document.querySelector('.ot-settings').getBoundingClientRect();
      return [...document.querySelectorAll('.ot-plan *')].filter((node) => {
        const box = node.getBoundingClientRect();
        return box.width > 1 && (box.left < frame.left || box.right > frame.right);
      }).map((node) => node.outerHTML.slice(0, 120));
    }""")
    assert spill == []
    axe(page)


def test_phone_works_by_mouse_and_typing(page):
    page.set_viewport_size({"width": 390, "height": 844})
    drag(page, slider(page, 2, "end"), -2)
    expect(sentence(page)).to_contain_text("denosumab 1.000 to 4.000")
    type_into(box(page, 2, "Adherence"), "100")
    expect(sentence(page)).to_contain_text("denosumab 1.000 to 4.000 at 1;")


def test_two_views_of_one_plan_stay_in_step_and_share_no_id(site, page_watch):
    page = page_watch.open(f"{site}/voila/render/dashboards/two.ipynb")
    first, second = page.locator(".ot-control").all()
    drag(page, slider(first, 1, "whole course"), 3)
    expect(slider(second, 2, "whole course")).to_have_attribute(
        "aria-valuetext", "from 3 years to 4 years")
    type_into(box(second, 1, "End"), "14")
    for view in (first, second):
        expect(box(view, 1, "End")).to_have_value("14")
        expect(row(view, 1).get_by_role("alert")).to_contain_text("from 0 to 12 years")
    slider(first, 1, "end").press("Delete")
    for view in (first, second):
        expect(view.locator(".ot-course")).to_have_count(2)
        expect(view.locator(".ot-problem")).to_be_empty()
    ids = page.locator(".ot-plan [id]").evaluate_all("nodes => nodes.map((node) => node.id)")
    assert len(ids) == len(set(ids)) > 20
