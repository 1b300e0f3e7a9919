"""Every dashboard as a visitor meets it: real Voila, real Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from osteoteach.commands.folders import notebooks_folder

from .conftest import CUT_WORDS

#: Pages that are not a simulator with sliders and charts at rest; each has tests of its own.
OTHER_PAGES = {"cases", "claims", "class", "review", "test"}
PAGES = sorted(path.stem for path in (notebooks_folder() / "dashboards").glob("*.ipynb"))
DASHBOARDS = [name for name in PAGES if name not in OTHER_PAGES]
SIZES = {"desktop": (1366, 768), "phone": (390, 844)}


@pytest.fixture(scope="module")
def address(serve):
    base = serve(notebooks_folder())
    return lambda name: f"{base}/voila/render/dashboards/{name}.ipynb"


@pytest.fixture(params=[(name, size) for name in DASHBOARDS for size in SIZES],
                ids=lambda param: "-".join(param))
def opened(request, address, page_watch) -> Page:
    """One dashboard at one size; the watch fails it on console errors and outside requests."""
    name, size = request.param
    page = page_watch.open(address(name), *SIZES[size])
    expect(page.locator("svg.marks").first).to_be_visible()
    return page


# Two controls with one id would give a label to the wrong one.
DOUBLE_IDS = """() => {
  const ids = [...document.querySelectorAll('.ot-page [id]')].map((node) => node.id);
  return ids.filter((id, place) => ids.indexOf(id) !== place);
}"""


def sentence(page: Page):
    return page.get_by_role("status")


def test_works_at_rest_and_at_both_ends_of_every_slider(opened, axe):
    """The page has charts and an answer, is accessible, and no slider end breaks it."""
    assert opened.locator("svg.marks").count() >= 2
    expect(sentence(opened)).to_have_text(re.compile(r"\w.*\."))
    for picture in opened.get_by_role("img").all():
        assert len(picture.get_attribute("aria-label")) > 40
    assert opened.evaluate(DOUBLE_IDS) == []
    axe(opened)
    for key in ("Home", "End"):
        for slider in opened.get_by_role("slider").all():
            slider.press(key)
            expect(sentence(opened)).to_have_text(re.compile(r"\w.*\."))
        expect(opened.locator(".ot-fault:visible")).to_have_count(0)
        assert "NaN" not in opened.locator("body").inner_text()
        opened.wait_for_timeout(400)  # charts below the window are drawn last
        assert opened.evaluate(CUT_WORDS) == []
    axe(opened)
    assert opened.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth")


# The least that WCAG asks for (1.4.10), and a desk at four times the size.
NARROWEST = 320, 640


@pytest.mark.parametrize("size", [SIZES["phone"], NARROWEST], ids=["phone", "narrowest"])
@pytest.mark.parametrize("name", DASHBOARDS)
def test_no_choice_cuts_a_word_of_a_chart_where_it_is_narrow(name, size, address, page_watch):
    """The title of six harms left its chart; a word beside a long bar, too."""
    page = page_watch.open(address(name), *size)
    expect(page.locator("svg.marks").first).to_be_visible()
    for slider in page.get_by_role("slider").all():
        slider.press("End")
    for choice in page.locator(".ot-control > .ot-head select").all():
        for place in range(choice.locator("option").count()):
            if not choice.is_visible():  # an earlier choice took it away
                break
            choice.select_option(index=place)
            page.wait_for_timeout(250)  # charts below the window are drawn last
            assert page.evaluate(CUT_WORDS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


MOVED = {"diagnose": "Total hip", "reversal": "Total hip", "sequence": "Look after", "risk": "Age",
         "population": "Treat from T-score",
         "noise": "True T-score"}


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_slider_moves_chart_and_sentence_by_keyboard_and_mouse(name, address, page_watch):
    """Arrow keys and a drag both reach the chart and the sentence; the SVG is never replaced."""
    page = page_watch.open(address(name))
    svg = page.locator("svg.marks").first
    expect(svg).to_be_visible()
    svg.evaluate("node => { node.dataset.kept = 'yes'; }")
    slider = page.get_by_role("slider", name=MOVED[name], exact=True)
    for move in ("keyboard", "mouse"):
        marks, words = svg.inner_html(), sentence(page).inner_text()
        if move == "keyboard":
            for _ in range(8):
                slider.press("ArrowLeft")
        else:
            slider.scroll_into_view_if_needed()
            box = slider.bounding_box()
            y = box["y"] + box["height"] / 2
            page.mouse.move(box["x"] + box["width"] / 2, y)
            page.mouse.down()
            page.mouse.move(box["x"] + box["width"] * 0.15, y, steps=5)
            page.mouse.up()
        expect(sentence(page)).not_to_have_text(words)
        page.wait_for_function("([node, before]) => node.innerHTML !== before",
                               arg=[svg.element_handle(), marks])
    assert svg.evaluate("node => node.dataset.kept") == "yes"


@pytest.mark.parametrize("name", DASHBOARDS)
def test_bad_input_is_told_beside_the_control_and_loses_nothing(name, address, page_watch, axe):
    """A wrong number gives a message, the last answer stays, greyed and marked; then recovery."""
    page = page_watch.open(address(name))
    words = sentence(page).inner_text()
    box = page.get_by_role("textbox", name=MOVED[name], exact=True)
    good = box.input_value()
    for bad in ("99", "two"):
        box.fill(bad)
        box.press("Enter")
        expect(box).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_role("alert").filter(has_text=bad)).to_be_visible()
        expect(page.get_by_text("Last valid answer").first).to_be_visible()
        assert words in page.locator("body").inner_text()
        assert box.input_value() == bad
    axe(page)
    box.fill(good)
    box.press("Enter")
    expect(box).not_to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("Last valid answer")).to_be_hidden()
    expect(sentence(page)).to_have_text(words)


def test_a_hip_fracture_overrides_a_normal_scan_on_the_page(address, page_watch):
    """nbha_2014: a hip fracture makes osteoporosis although every T-score is normal."""
    page = page_watch.open(address("diagnose"))
    for site in ("Lumbar spine", "Total hip", "Femoral neck"):
        box = page.get_by_role("textbox", name=site, exact=True)
        box.fill("0,5")
        box.press("Enter")
    expect(sentence(page)).to_contain_text("Normal bone density")
    page.get_by_label("Fragility fracture").select_option("Hip")
    expect(sentence(page)).to_contain_text("Osteoporosis: the hip fracture decides")


def test_a_man_of_49_is_read_by_his_z_score_and_loses_the_menopause_control(address, page_watch):
    """iscd_2005: under 50 the Z-score rules in men; a control that does not apply is gone."""
    page = page_watch.open(address("diagnose"))
    page.get_by_label("Sex").select_option("Man")
    expect(page.get_by_label("Menopause")).to_be_hidden()
    box = page.get_by_role("textbox", name="Age", exact=True)
    box.fill("49")
    box.press("Enter")
    expect(sentence(page)).to_contain_text("expected range for age")


def test_the_gallery_has_a_card_with_picture_for_every_dashboard(serve, page_watch, axe):
    """The index shows each dashboard once, with its picture loaded, and is accessible."""
    page = page_watch.blank()
    page.goto(serve(notebooks_folder()))
    for name in PAGES:
        link = page.locator(f"a[href*='dashboards/{name}.ipynb']")
        expect(link).to_have_count(1)
    expect(page.get_by_text("osteoteach lab").first).to_be_visible()
    pictures = page.locator("img")
    assert pictures.count() == len(PAGES)
    for picture in pictures.all():
        assert picture.evaluate("node => node.complete && node.naturalWidth > 100")
    axe(page)
