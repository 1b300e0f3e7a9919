"""Both themes can be read: contrast computed from the tokens, by the WCAG 2 formula."""

from __future__ import annotations

import json
import re

import pytest

from osteoteach.view import palette
from osteoteach.view.chart_specs import render_specs
from osteoteach.view.control import PARTS, TEMPLATE

TEXT = (TEMPLATE / "static" / "tokens.css").read_text(encoding="utf-8")
TOKEN = re.compile(r"--(ot-[\w-]+):\s*(#[0-9a-f]{6});")
LIGHT_BLOCK, DARK_BLOCK = TEXT.split("@media not print")
LIGHT = dict(TOKEN.findall(LIGHT_BLOCK))
DARK = {**LIGHT, **dict(TOKEN.findall(DARK_BLOCK))}
THEMES = {"light": LIGHT, "dark": DARK}

TEXTS = ("ink", "ink-soft", "accent", "accent-strong", "problem", "caution", "normal", "low",
         "osteoporosis")
#: A text and the tinted ground that only it stands on.
PAIRS = [("problem", "problem-soft"), ("ink", "problem-soft"), ("caution", "caution-soft"),
         ("ink", "caution-soft"), ("normal", "normal-soft"), ("low", "low-soft"),
         ("osteoporosis", "osteoporosis-soft"), ("ink", "accent-soft"), ("accent", "accent-soft"),
         ("ink", "normal-soft"), ("ink", "low-soft"), ("ink", "osteoporosis-soft"),
         ("on-accent", "accent"), ("on-accent", "accent-strong"), ("on-bar", "bar"),
         ("surface", "ink-soft")]


def luminance(colour: str) -> float:
    parts = [int(colour[place:place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
              for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def drawn(theme: str, colour: str) -> str:
    """A colour of palette.py as a page of this theme draws it."""
    return colour if theme == "light" else DARK[f"ot-chart-{colour[1:]}"]


def test_the_formula_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("theme", THEMES)
def test_texts_reach_4_5_to_1_on_every_ground(theme):
    tokens = THEMES[theme]
    pairs = [(text, ground) for text in TEXTS for ground in ("surface", "ground")] + PAIRS
    low = {pair: round(contrast(*(tokens[f"ot-{name}"] for name in pair)), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in low.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_borders_focus_and_edges_reach_3_to_1(theme):
    tokens = THEMES[theme]
    for name in ("border", "focus", "accent", "normal", "low", "osteoporosis", "problem"):
        for ground in ("surface", "ground"):
            ratio = contrast(tokens[f"ot-{name}"], tokens[f"ot-{ground}"])
            assert ratio >= 3, (name, ground)


@pytest.mark.parametrize("theme", THEMES)
def test_texts_and_marks_of_charts_can_be_told_from_their_ground(theme):
    """Texts 4.5:1 and marks 3:1 on the card; the class bands carry dark or light ink."""
    surface = THEMES[theme]["ot-surface"]
    texts = {palette.INK, palette.MUTED, palette.PLAN, palette.OTHER_PLAN, palette.AS_NOW,
             palette.RESORPTION, palette.FORMATION, palette.PRECURSORS, palette.RESERVE}
    texts |= set(palette.VERDICT_COLOURS.values())
    marks = {*palette.CATEGORY_COLOURS.values(), *palette.MEDICINE_COLOURS.values()}
    for colours, least in ((texts, 4.5), (marks, 3)):
        low = {c: contrast(drawn(theme, c), surface) for c in colours
               if contrast(drawn(theme, c), surface) < least}
        assert low == {}
    for band, fill in palette.BAND_FILLS.items():
        assert contrast(drawn(theme, palette.INK), drawn(theme, fill)) >= 4.5
        assert contrast(drawn(theme, palette.CATEGORY_COLOURS[band]), drawn(theme, fill)) >= 3
    assert contrast(drawn(theme, palette.ON_PLAN), drawn(theme, palette.PLAN)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_the_badge_of_a_verdict_has_the_colour_of_its_bar(theme):
    """One colour for a verdict, wherever a reader meets it."""
    sheet = (PARTS / "claim.css").read_text(encoding="utf-8")
    for verdict, colour in palette.VERDICT_COLOURS.items():
        name = f"ot-verdict-{verdict.replace('_', '-')}"
        assert THEMES[theme][name] == drawn(theme, colour)
        assert f'data-verdict="{verdict}"] .ot-c-sign {{\n  background: var(--{name});' in sheet


def test_names_inside_the_bars_of_a_plan_can_be_read_on_a_dark_page():
    """plan.css writes them in the colour of the surface there."""
    for colour in palette.MEDICINE_COLOURS.values():
        assert contrast(drawn("dark", colour), DARK["ot-surface"]) >= 4.5


def test_the_classes_differ_in_lightness_in_both_themes():
    """For every colour-vision deficiency and on a grey projector."""
    for theme in THEMES:
        shades = [luminance(drawn(theme, palette.CATEGORY_COLOURS[name]))
                  for name in ("normal", "low_bone_mass", "osteoporosis")]
        assert len({round(shade, 2) for shade in shades}) == 3


def test_every_colour_that_a_chart_or_a_row_names_has_a_dark_one():
    colours = set()
    for value in vars(palette).values():
        for text in value.values() if isinstance(value, dict) else [value]:
            if isinstance(text, str):
                colours |= set(re.findall(r"#[0-9a-f]{6}\b", text))
    for text in render_specs().values():
        colours |= set(re.findall(r"#[0-9a-f]{6}\b", json.dumps(json.loads(text))))
    assert {c for c in colours if f"ot-chart-{c[1:]}" not in DARK} == set()
    assert len(colours) > 15


def test_styles_name_no_colour_of_their_own():
    """A literal colour would not follow the theme."""
    sheets = [*PARTS.glob("*.css"), TEMPLATE / "static" / "site.css"]
    literal = {sheet.name: re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)",
                                      sheet.read_text(encoding="utf-8")) for sheet in sheets}
    assert {name: found for name, found in literal.items() if found} == {}


def test_no_style_makes_the_browser_look_at_the_whole_page_for_every_letter():
    """What follows ``:has()`` in a selector is styled anew at every change of a text: one such
    rule cost 4 to 10 ms at each of a move's 2 to 7 changes. Where ``:has()`` stands in the
    last place, only that element is looked at."""
    sheets = [*PARTS.parent.rglob("*.css")]
    assert len(sheets) > 10
    found = []
    for sheet in sheets:
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
        for selector in re.findall(r"([^{}]+)\{", text):
            bare = selector
            while bare != (bare := re.sub(r"\((?:[^()]*)\)", lambda inside: "_" * len(
                    inside[0]), bare)):
                pass
            for place in (match.start() for match in re.finditer(":has", selector)):
                after = re.split(",", bare[place:])[0]
                if re.search(r"[\s>+~]", after.strip()):
                    found.append(f"{sheet.name}: {' '.join(selector.split())}")
    assert found == []


def test_the_dark_block_gives_every_colour_a_dark_value():
    dark = dict(TOKEN.findall(DARK_BLOCK))
    assert set(LIGHT) - set(dark) == set()
