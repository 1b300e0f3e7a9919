"""The pages "What is the risk?" and "Who breaks a bone?" in real Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from osteoteach.commands.folders import notebooks_folder
from tests.browser.test_dashboards import sentence


@pytest.fixture(scope="module")
def address(serve):
    base = serve(notebooks_folder())
    return lambda name: f"{base}/voila/render/dashboards/{name}.ipynb"


@pytest.fixture
def risk(address, page_watch):
    page = page_watch.open(address("risk"))
    expect(page.locator("svg.marks").first).to_be_visible()
    return page


def of_1000(page) -> tuple[int, int]:
    """Without and with treatment, from the sentence."""
    found = re.search(r"Of 1,000 \w+ like \w+, (\d+) have .*; with \w+ (\d+)\.",
                      sentence(page).inner_text())
    return int(found.group(1)), int(found.group(2))


def enter(page, label: str, text: str) -> None:
    box = page.get_by_role("textbox", name=label, exact=True)
    box.fill(text)
    box.press("Enter")


def test_a_lower_t_score_raises_the_risk_and_the_trial_ratio_stays(risk):
    """black_1996: the same relative reduction gives more absolute benefit at a higher risk."""
    before = of_1000(risk)
    enter(risk, "Femoral neck T-score", "-3.5")
    expect(sentence(risk)).not_to_contain_text(f", {before[0]} have")
    after = of_1000(risk)
    assert after[0] > before[0]
    assert after[0] - after[1] > before[0] - before[1]
    assert after[1] / after[0] == pytest.approx(before[1] / before[0], abs=0.02)


def test_without_a_medicine_no_benefit_is_claimed(risk):
    risk.get_by_role("combobox", name="Medicine", exact=True).select_option("None")
    expect(sentence(risk)).not_to_contain_text("alendronate")
    expect(risk.get_by_role("img", name=re.compile("Benefit and harm"))).to_have_attribute(
        "aria-label", re.compile("No medicine is chosen"))


def test_icons_are_a_thousand_and_their_counts_are_the_sentence(risk):
    without, with_ = of_1000(risk)
    picture = risk.get_by_role("img", name=re.compile("Of 1,000 people like this one"))
    expect(picture).to_have_attribute("aria-label", re.compile(rf"\b{without} have .*{with_} with"))
    # A figure is one closed outline; those of a row that fare alike are one path. The legend
    # has three more, which are no path of many.
    figures = picture.evaluate("""(node) => {
      const drawn = {};
      for (const path of node.querySelectorAll('.role-mark.mark-symbol path')) {
        const outlines = path.getAttribute('d').split('M').filter((one) => one.length > 12).length;
        const colour = getComputedStyle(path).fill;
        if (outlines > 0) drawn[colour] = (drawn[colour] ?? 0) + outlines;
      }
      return Object.values(drawn).sort((a, b) => a - b);
    }""")
    assert figures == sorted([with_, without - with_, 1000 - without])


def test_a_ratio_used_beyond_its_trial_is_warned_of_in_the_open(risk):
    """cummings_1998: at a normal density the other arm found no significant benefit."""
    warnings = risk.get_by_role("region", name="Warnings")
    expect(warnings).to_contain_text("a time of 10 years")
    expect(warnings).not_to_contain_text("Cummings 1998")
    enter(risk, "Femoral neck T-score", "1")
    expect(warnings).to_contain_text("Cummings 1998")
    risk.get_by_role("combobox", name="Medicine", exact=True).select_option("None")
    expect(warnings).to_be_hidden()


def test_factors_stand_in_one_order_whatever_was_moved_before(risk):
    """Names from above to below are those of the table, though one came last."""
    enter(risk, "Prednisolone", "20")
    chart = risk.get_by_role("img", name=re.compile("Factors that multiply"))
    expect(chart).to_have_attribute("aria-label", re.compile("Glucocorticoids"))
    enter(risk, "Alcohol", "60")
    expect(chart).to_have_attribute("aria-label", re.compile("Alcohol.*Glucocorticoids"))
    names = chart.evaluate("""(node) => [...node.querySelectorAll('.role-axis-label text')]
      .map((one) => [one.getBoundingClientRect().y, one.textContent])
      .sort((a, b) => a[0] - b[0]).map((one) => one[1]).filter((one) => /^[A-Z]/.test(one))""")
    said = chart.get_attribute("aria-label")
    assert len(names) >= 4
    assert names == sorted(names, key=said.index)


def test_the_years_since_a_fracture_appear_only_with_a_fracture(risk):
    expect(risk.get_by_role("textbox", name="Years ago")).to_be_visible()
    risk.get_by_role("combobox", name="Fragility fracture").select_option("None")
    expect(risk.get_by_role("textbox", name="Years ago")).to_be_hidden()


def test_the_page_says_that_it_is_not_frax_and_links_to_it(risk):
    risk.get_by_text("How sure is this").click()
    link = risk.get_by_role("link", name="official site")
    expect(link).to_have_attribute("href", "https://www.fraxplus.org/")


def test_most_women_who_break_a_bone_have_no_osteoporosis(address, page_watch):
    """pasco_2006: fewer than half of fractures come from the osteoporosis range."""
    page = page_watch.open(address("population"))
    share = int(re.search(r"(\d+) of 100 of them have osteoporosis at the femoral neck",
                          sentence(page).inner_text()).group(1))
    assert 20 < share < 50
    treated = re.search(r"Treating the (\d+)", sentence(page).inner_text()).group(1)
    enter(page, "Treat from T-score", "-1")
    expect(sentence(page)).not_to_contain_text(f"Treating the {treated} ")
    assert int(re.search(r"Treating the (\d+)",
                         sentence(page).inner_text()).group(1)) > int(treated)
