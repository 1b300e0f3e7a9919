"""Colours by their role, for charts and for what dashboards put into them.

Plain values, so that a page can use them without importing Altair. Blue, amber
and purple stay apart under the common colour-vision deficiencies; each also has
a shape or a label, so colour never stands alone.
"""

from __future__ import annotations

__all__ = ["AS_NOW", "BAND_FILLS", "CATEGORY_COLOURS", "FORMATION", "GRID", "INK",
           "MEDICINE_COLOURS", "MUTED", "ON_PLAN", "OTHER_PLAN", "PLAN", "PRECURSORS",
           "RESERVE", "RESORPTION", "UNAFFECTED", "VERDICT_COLOURS"]

INK, MUTED, GRID = "#1c2733", "#5b6875", "#dfe4ea"
PLAN, AS_NOW, ON_PLAN = "#0b6bad", "#5b6875", "#ffffff"
OTHER_PLAN = "#a85300"
#: People to whom nothing happens: a denominator, quiet but to be seen on a projector.
UNAFFECTED = "#8f9cab"
RESORPTION, FORMATION, PRECURSORS, RESERVE = "#a85300", "#0b6bad", "#7a2a8f", "#3d4b58"
#: By class of medicine; every bar also carries the medicine's name.
MEDICINE_COLOURS = {
    "bisphosphonate": "#0f7c74", "rankl_antibody": "#7a2a8f", "sclerostin_antibody": "#b26a00",
    "pth_analogue": "#0b6bad", "estrogen": "#a3324f", "serm": "#c06a86",
    "tissue_selective_estrogen_complex": "#8a4a63", "calcitonin": "#5b6875",
}

#: Verdicts on claims; the badge of a claim has the same (tokens.css, --ot-verdict-…).
VERDICT_COLOURS = {
    "supported": "#0b6bad", "supported_with_caveat": "#0f7c74", "contested": "#a85300",
    "misleading": "#a3324f", "contradicted": "#7a2a8f", "not_testable": "#5b6875",
}

CATEGORY_COLOURS = {
    "normal": "#0b6bad", "low_bone_mass": "#b26a00", "osteoporosis": "#7a2a8f",
    "within_expected_range": "#0b6bad", "below_expected_range": "#7a2a8f",
}
BAND_FILLS = {
    "normal": "#e3f0fa", "low_bone_mass": "#fdf0da", "osteoporosis": "#f1e4f5",
    "within_expected_range": "#e3f0fa", "below_expected_range": "#f1e4f5",
}
