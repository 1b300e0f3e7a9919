"""Undo, links, tables, saved files, handout, themes, presenting: the frame of every page."""

from __future__ import annotations

import csv
import re
import xml.etree.ElementTree as ElementTree
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Page, expect

from osteoteach.commands.folders import notebooks_folder

# A name of a control, and what to do with it; the plan has a test of its own.
DASHBOARDS = {
    "diagnose": "Age", "noise": "Precision error", "population": "Treat from T-score",
    "reversal": "Calcium planned", "risk": "Age", "sequence": "Age",
}


@pytest.fixture(scope="module")
def address(serve):
    base = serve(notebooks_folder())
    return lambda name, query="": f"{base}/voila/render/dashboards/{name}.ipynb{query}"


@pytest.fixture(scope="module")
def noise(address, module_watch) -> Page:
    """One page for the tests that leave it as they found it."""
    page = module_watch.open(address("noise"), accept_downloads=True)
    expect(page.locator("svg.marks")).to_have_count(3)
    return page


@pytest.fixture
def desk(noise) -> Page:
    noise.get_by_role("button", name="Reset").click()
    expect(sentence(noise)).to_contain_text("Two scans must differ by 5.0%")
    return noise


def sentence(page: Page):
    return page.locator(".ot-sentence")


def tool(page: Page, name: str):
    return page.get_by_role("group", name="Tools").get_by_role("button", name=name)


def box(page: Page, name: str):
    return page.get_by_role("textbox", name=name, exact=True)


def slider(page: Page, name: str):
    return page.get_by_role("slider", name=name, exact=True)


def copied_link(page: Page) -> str:
    """The link as the page gives it where no clipboard is allowed."""
    page.evaluate("Object.defineProperty(navigator, 'clipboard',"
                  " {value: undefined, configurable: true})")
    tool(page, "Copy link").click()
    offered = page.get_by_label("Copy it:")
    expect(offered).to_be_focused()
    link = offered.input_value()
    assert page.evaluate("getSelection().toString() || document.activeElement.value") == link
    page.get_by_role("button", name="Close").click()
    expect(tool(page, "Copy link")).to_be_focused()
    return link


# ---- undo -----------------------------------------------------------------------


def test_a_drag_is_one_step_and_undo_takes_it_back(desk):
    undo, redo = tool(desk, "Undo"), tool(desk, "Redo")
    track = slider(desk, "Precision error").bounding_box()
    middle = track["y"] + track["height"] / 2
    desk.mouse.move(track["x"] + track["width"] * 0.3, middle)
    desk.mouse.down()
    for part in (0.4, 0.5, 0.6):
        desk.mouse.move(track["x"] + track["width"] * part, middle, steps=5)
        desk.wait_for_timeout(400)
    desk.wait_for_timeout(1100)  # a drag that rests is still one drag
    desk.mouse.move(track["x"] + track["width"] * 0.9, middle, steps=5)
    desk.mouse.up()
    expect(box(desk, "Precision error")).not_to_have_value("1.8")
    dragged = box(desk, "Precision error").input_value()
    expect(undo).to_have_attribute("aria-disabled", "false")
    undo.click()
    expect(box(desk, "Precision error")).to_have_value("1.8")
    expect(sentence(desk)).to_contain_text("differ by 5.0%")
    redo.click()
    expect(box(desk, "Precision error")).to_have_value(dragged)
    expect(redo).to_have_attribute("aria-disabled", "true")


def test_undo_by_keyboard_but_not_inside_a_text_box(desk):
    slider(desk, "Precision error").press("ArrowRight")
    expect(box(desk, "Precision error")).to_have_value("1.9")
    desk.get_by_role("button", name="Scan her again").click()
    expect(sentence(desk)).to_be_visible()
    desk.keyboard.press("Control+z")
    expect(box(desk, "Precision error")).to_have_value("1.9")
    box(desk, "Precision error").focus()
    desk.keyboard.press("Control+z")
    desk.wait_for_timeout(300)
    expect(box(desk, "Precision error")).to_have_value("1.9")
    desk.get_by_label("Site").focus()
    desk.keyboard.press("Control+z")
    expect(box(desk, "Precision error")).to_have_value("1.8")
    desk.keyboard.press("Control+Shift+Z")
    expect(box(desk, "Precision error")).to_have_value("1.9")


def test_reset_and_a_refused_text_can_be_undone(desk):
    slider(desk, "Precision error").press("End")
    expect(box(desk, "Precision error")).to_have_value("5.0")
    tool(desk, "Reset").click()
    expect(box(desk, "Precision error")).to_have_value("1.8")
    tool(desk, "Undo").click()
    expect(box(desk, "Precision error")).to_have_value("5.0")
    box(desk, "Precision error").fill("much")
    box(desk, "Precision error").press("Enter")
    expect(desk.locator(".ot-page")).to_have_class(re.compile("ot-stale"))
    tool(desk, "Undo").click()
    expect(box(desk, "Precision error")).to_have_value("5.0")
    expect(desk.locator(".ot-page")).not_to_have_class(re.compile("ot-stale"))


# ---- links ----------------------------------------------------------------------


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_link_gives_back_the_page(address, page_watch, name):
    """What was set comes back from the copied link, in a new kernel, and is not undone."""
    page = page_watch.open(address(name))
    for _ in range(3):
        slider(page, DASHBOARDS[name]).press("ArrowRight")
    value = box(page, DASHBOARDS[name]).input_value()
    page.wait_for_timeout(500)
    said, link = sentence(page).inner_text(), copied_link(page)
    assert len(parse_qs(urlsplit(link).query)) == 1
    page.close()
    again = page_watch.open(link)
    expect(box(again, DASHBOARDS[name])).to_have_value(value)
    expect(sentence(again)).to_have_text(said)
    expect(tool(again, "Undo")).to_have_attribute("aria-disabled", "true")
    expect(again.locator(".ot-banner")).to_have_count(0)


def test_a_link_carries_the_plan(address, page_watch):
    """A plan by hand in the address; an example that was chosen; a plan that was changed."""
    page = page_watch.open(address("sequence", "?plan=denosumab:0-3,zoledronate:3-4@0.8"))
    plan = page.locator(".ot-control[data-name=plan]")
    expect(plan.get_by_role("slider", name=re.compile("Denosumab, end"))).to_have_count(1)
    expect(plan.get_by_role("slider", name=re.compile("Zoledronate, yearly, end"))).to_have_count(1)
    assert "plan=denosumab:0-3,zoledronate:3-4@0.8" in copied_link(page)
    page.get_by_label("Example").select_option("Teriparatide, then nothing")
    ends = plan.get_by_role("slider", name=re.compile("Teriparatide, end"))
    expect(ends).to_have_count(1)
    for _ in range(2):
        ends.press("ArrowRight")
    page.wait_for_timeout(800)
    said, link = sentence(page).inner_text(), copied_link(page)
    page.close()
    again = page_watch.open(link)
    expect(sentence(again)).to_have_text(said)
    again.close()


def test_nothing_but_the_linked_state_is_ever_seen(address, page_watch):
    """Until the link is taken over the page stands behind its skeleton."""
    page = page_watch.blank()
    page.add_init_script("""
      window.seen = new Set();
      const look = () => {
        const text = document.querySelector('.ot-sentence')?.textContent;
        if (text && document.body.classList.contains('ot-ready')) window.seen.add(text);
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);""")
    page.goto(address("noise", "?precision_pct=4"), wait_until="commit")
    page.wait_for_selector("body.ot-ready", timeout=60_000)
    page.wait_for_timeout(500)
    seen = page.evaluate("[...window.seen]")
    assert len(seen) == 1
    assert "must differ by 11.1%" in seen[0]


HOSTILE = {
    "script": ("precision_pct=<script>alert(1)</script>", "Precision error must be a number"),
    "markup": ("<img src=x onerror=alert(1)>=1", "which this page does not have"),
    "range": ("precision_pct=99", "Precision error must be from 0.5 to 5 %"),
    "twice": ("precision_pct=2&precision_pct=3", "more than once"),
    "null": ("site=%00%FF%ZZ", "Site must be one of"),
    "long": ("site=" + "x" * 10_000, "longer than"),
    "many": ("&".join(f"a{n}=1" for n in range(300)), "more than 100"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_link_is_told_and_does_no_harm(address, page_watch, axe, kind):
    """The start values, a message in plain text, and nothing from the link is run or drawn."""
    query, told = HOSTILE[kind]
    query = query if kind in ("null", "many", "twice") else quote(query, safe="=&")
    if kind == "long":
        page_watch.expect_console("414")
    page = page_watch.blank()
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.goto(address("noise", f"?{query}&guess=0"), wait_until="commit")
    page.wait_for_selector("body.ot-ready", timeout=60_000)
    banner = page.get_by_role("alert").filter(has_text="Not all of the link was taken over.")
    expect(banner).to_contain_text(told)
    assert banner.locator("img, script").count() == 0
    expect(box(page, "Precision error")).to_have_value("1.8")
    if kind == "script":
        axe(page)
        slider(page, "Precision error").press("ArrowRight")
        expect(box(page, "Precision error")).to_have_value("1.9")
        banner.get_by_role("button", name="Close").click()
        expect(banner).to_have_count(0)


# ---- tables and saved files -------------------------------------------------------


def test_a_chart_is_shown_as_a_table_that_follows(desk, axe):
    card = desk.locator("[data-chart=rescans]")
    toggle = card.get_by_role("button", name="Show as table")
    toggle.press("Enter")
    table = card.get_by_role("table").filter(has_text="Scans")
    expect(table.get_by_role("columnheader").first).to_have_text("Scan number")
    before = table.inner_text()
    assert table.get_by_role("row").count() == 11
    axe(desk)
    slider(desk, "True T-score").press("ArrowLeft")
    expect(table).not_to_have_text(before)
    region = card.get_by_role("group", name="The chart as a table")
    assert region.bounding_box()["height"] <= 345
    toggle.click()
    expect(region).to_be_hidden()


def test_every_chart_of_every_dashboard_has_a_table(address, page_watch):
    """Headers in words: no column without a title, no field name, no colour."""
    for name in DASHBOARDS:
        page = page_watch.open(address(name))
        for toggle in page.get_by_role("button", name="Show as table").all():
            toggle.click()
        for card in page.locator(".ot-chart").all():
            expect(card.get_by_role("table").first).to_be_visible()
        headers = page.locator(".osteoteach-table th").all_inner_texts()
        assert headers
        assert not [text for text in headers if not text.strip() or "_" in text]
        assert not re.search(r"#[0-9a-f]{6}", " ".join(
            page.locator(".osteoteach-table").all_inner_texts()))
        page.close()


def test_a_chart_is_saved_as_png_svg_and_csv(desk, tmp_path):
    """In the light colours, also while the page is dark; the CSV has all that is drawn."""
    desk.evaluate("document.documentElement.dataset.otTheme = 'dark'")
    card, files = desk.locator("[data-chart=regression]"), {}
    for kind in ("PNG", "SVG", "CSV"):
        with desk.expect_download() as download:
            card.get_by_role("button", name=f"Save {kind}").click()
        files[kind] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[kind])
    desk.evaluate("document.documentElement.dataset.otTheme = 'light'")
    assert files["PNG"].read_bytes().startswith(b"\x89PNG")
    svg = files["SVG"].read_text(encoding="utf-8")
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    assert "var(" not in svg
    assert "#1c2733" in svg
    with files["CSV"].open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert sum(row["Table"] == "People" for row in rows) == 200
    assert {"First change, scan 1 to 2 (%)", "Next change, scan 2 to 3 (%)"} <= set(rows[0])


@pytest.mark.parametrize("name", DASHBOARDS)
def test_the_handout_holds_the_scenario_on_two_pages(address, page_watch, tmp_path, name):
    """Settings, answer, charts, sources and the disclaimer; no script, no outside request."""
    page = page_watch.open(address(name), accept_downloads=True)
    expect(page.locator("svg.marks")).to_have_count(page.locator(".ot-chart").count())
    charts = page.locator(".ot-chart").count()
    with page.expect_download() as download:
        tool(page, "Save handout").click()
    assert download.value.suggested_filename.startswith("osteoteach-")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    said = sentence(page).inner_text()
    page.close()
    text = path.read_text(encoding="utf-8")
    assert "<script" not in text
    assert not re.search(r"\bon\w+=|var\(--", text)
    sheet = page_watch.blank()
    sheet.goto(path.as_uri())
    expect(sheet.locator(".answer")).to_have_text(said)
    expect(sheet.locator("figure svg")).to_have_count(charts)
    expect(sheet.get_by_text("For teaching. Not for patient care.")).to_be_visible()
    assert sheet.locator(".settings td").count() >= 4
    assert sheet.locator(".sources li").count() >= 1
    pages = len(re.findall(rb"/Type\s*/Page\b", sheet.pdf(format="A4", prefer_css_page_size=True)))
    assert pages <= 2


# ---- themes, presenting, sizes ------------------------------------------------------


@pytest.mark.parametrize("name", DASHBOARDS)
def test_dark_is_accessible_and_the_charts_follow(address, page_watch, axe, name):
    page = page_watch.open(address(name), color_scheme="dark")
    expect(page.locator("svg.marks").first).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.otTheme") == "dark"
    ink = page.locator("svg.marks .role-title text, svg.marks .role-axis-label text").first
    dark = ink.evaluate("e => getComputedStyle(e).fill")
    black = page.evaluate("""() => [...document.querySelectorAll('svg.marks :is(text, path)')]
      .filter((e) => getComputedStyle(e).fill === 'rgb(0, 0, 0)' && e.getBoundingClientRect().width)
      .map((e) => e.outerHTML.slice(0, 120))""")
    assert black == [], "black on a dark page"
    for summary in page.locator(".ot-folds summary").all():
        summary.click()
    for toggle in page.get_by_role("button", name="Show as table").all():
        toggle.click()
    axe(page)
    page.get_by_role("button", name="Dark theme").click()
    assert ink.evaluate("e => getComputedStyle(e).fill") != dark
    axe(page)


def test_the_choice_of_a_theme_is_kept_and_shared_with_the_gallery(address, page_watch, axe):
    page = page_watch.open(address("noise"))
    switch = page.get_by_role("button", name="Dark theme")
    expect(switch).to_have_attribute("aria-pressed", "false")
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="All dashboards").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.otTheme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 24, 31)"
    axe(page)
    page.get_by_role("button", name="Dark theme").press("Enter")
    assert page.evaluate("localStorage.getItem('osteoteach-theme')") is None
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(242, 245, 247)"


def test_a_page_is_light_on_paper(address, page_watch):
    page = page_watch.open(address("noise"), color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    title = page.get_by_role("heading", level=1)
    assert title.evaluate("e => getComputedStyle(e).color") == "rgb(23, 36, 47)"
    expect(page.get_by_role("group", name="Tools")).to_be_hidden()


def test_presenting_hides_the_settings_behind_a_button(address, page_watch, axe):
    page = page_watch.open(address("noise", "?present=1&precision_pct=3"), 1920, 1080)
    expect(page.locator(".ot-page")).to_have_class(re.compile("ot-presenting"))
    expect(sentence(page)).to_contain_text("differ by 8.3%")
    button, settings = tool(page, "Settings"), page.get_by_role("region", name="Settings")
    expect(settings).to_be_hidden()
    axis = page.locator("svg.marks .role-axis-label text").first
    assert axis.bounding_box()["height"] > 17
    assert float(sentence(page).evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) >= 28
    axe(page)
    button.press("Enter")
    expect(settings).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    slider(page, "Precision error").press("ArrowRight")
    expect(sentence(page)).to_contain_text("differ by 8.6%")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert "present" not in copied_link(page)


CUT_TEXTS = """() => [...document.querySelectorAll('svg.marks text')].filter((text) => {
  const own = text.getBoundingClientRect();
  const all = text.closest('svg').getBoundingClientRect();
  return own.width && (own.right > all.right + 1 || own.left < all.left - 1);
}).map((text) => text.textContent)"""


@pytest.mark.parametrize("name", DASHBOARDS)
def test_at_twice_the_size_nothing_is_lost(address, page_watch, name):
    """1366x768 at 200%: no sideways scrolling, no text of a chart cut at its edge."""
    page = page_watch.open(address(name), 683, 384)
    for width, height in ((683, 384), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(400)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        cut = page.evaluate(CUT_TEXTS)
        assert cut == [], width
        for one in page.get_by_role("group", name="Tools").get_by_role("button").all():
            assert one.bounding_box()["height"] >= 24


def test_charts_stand_still_while_a_shorter_sentence_follows_a_longer_one(page_watch, address):
    """Ten scans of two classes take a line more to tell than ten of one class."""
    page = page_watch.open(address("noise", "?site=total_hip"))
    charts = page.locator(".ot-charts")
    slider = page.get_by_role("slider", name="True T-score")
    longest = charts.bounding_box()["y"]
    lengths = {len(sentence(page).inner_text())}
    for key in ("End", "Home"):
        slider.press(key)
        # The row of numbers on the chart has come to rest with the sentence.
        page.wait_for_timeout(600)
        lengths.add(len(sentence(page).inner_text()))
        assert charts.bounding_box()["y"] == longest
    assert max(lengths) - min(lengths) > 10
