"""Page "Is it true?": judge claims about bone loss, or check an article against them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from osteoteach.teaching.claims.base import (
    ARTICLES,
    VERDICT_MEANINGS,
    VERDICT_WORDS,
    claim,
    claims,
    topic_words,
    topics,
)
from osteoteach.teaching.claims.judging import Judgement, calibration_words, score_sentence
from osteoteach.view.chart_specs import load_spec
from osteoteach.view.claim_card import ClaimDesk
from osteoteach.view.claim_words import SIGNS, signed_words, summary_of
from osteoteach.view.controls import ChoiceControl
from osteoteach.view.html import data_table, paragraph
from osteoteach.view.live_chart import LiveChart
from osteoteach.view.page import Answer, ChartPatch, Group, Page

__all__ = ["page"]

PASTE = ("Paste an article below. Each sentence is compared with the claim base; what is not "
         "matched is not judged.")
FEW_GROUPS = len(ARTICLES)
LINE = {"sure": [0, 100], "points": [0, 100]}


def _controls() -> list[Group]:
    every = [("All topics", None), *((topic_words(one), one) for one in topics())]
    return [Group("", [
        ChoiceControl("mode", "You want to", [("Judge claims", "judge"),
                                              ("Check an article", "article")], "judge"),
        ChoiceControl("topic", "Topic", every, None),
        ChoiceControl("grouped_by", "Chart your claims by", [("Topic", "topic"),
                                                             ("Article", "article")], "topic"),
    ])]


def _hidden(values: dict[str, Any]) -> set[str]:
    return {"topic", "grouped_by"} if values["mode"] == "article" else set()


def answer(values: dict[str, Any], desk: ClaimDesk) -> Answer:
    """Score and charts of what was judged, or the count of what was pasted."""
    with desk.hold_sync():
        desk.mode = values["mode"]
        desk.filter(values["topic"])
    given = desk.judgements
    if values["mode"] == "article":
        checked = desk.checked_article
        sentence = PASTE if checked is None else summary_of(checked)
        found = {} if checked is None else checked.counts
        bars = verdict_table(["This article"], [("This article", verdict) for verdict, count
                                                in found.items() for _ in range(count)])
        finding = "What the article says, by verdict" if found else "No article checked yet"
    else:
        sentence = score_sentence(given, len(claims()))
        bars = verdict_table(*_grouped(given, values["grouped_by"]))
        finding = ("The verdicts of the claims you have judged" if given
                   else "No claim judged yet: the bars come with your answers")
    return Answer(
        sentence=sentence, why=_why(), how_sure=_how_sure(),
        charts={"verdicts": _verdicts_patch(bars, finding),
                "calibration": _calibration_patch(given)})


def _grouped(given: Sequence[Judgement], by: str) -> tuple[list[str], list[tuple[str, str]]]:
    judged = [claim(one.claim_id) for one in given]
    if by == "topic":
        return ([topic_words(one) for one in topics()],
                [(topic_words(one.topic), one.verdict) for one in judged])
    names = {article: f"Article {number}" for number, article in enumerate(ARTICLES, 1)}
    return list(names.values()), [(names[article], one.verdict)
                                  for one in judged for article in one.articles]


def verdict_table(groups: Iterable[str], members: Iterable[tuple[str, str]]) -> dict[str, list]:
    """Bars end to end: for each group its verdicts in their order, and their names.

    Examples
    --------
    >>> rows = verdict_table(["A"], [("A", "supported"), ("A", "contested")])
    >>> rows["to"], rows["names"]
    ([1, 2], ['', '✓ 1 supported\\n± 1 contested'])
    """
    counts = Counter(members)
    rows: dict[str, list] = {name: [] for name in
                             ("group", "from", "to", "middle", "sign", "verdict", "names")}
    listed = list(groups)
    # Many groups have a line each; among few there is room to write the verdicts in a column.
    many = len(listed) > FEW_GROUPS
    for group in listed:
        start = 0
        verdicts = [one for one in VERDICT_WORDS if counts[group, one]] or ["not_testable"]
        for verdict in verdicts:
            end = start + counts[group, verdict]
            names = _names(group, counts, many=many) if verdict == verdicts[-1] else ""
            cells = (group, start, end, (start + end) / 2, SIGNS[verdict] if end > start else "",
                     signed_words(verdict), names)
            for name, cell in zip(rows, cells, strict=True):
                rows[name].append(cell)
            start = end
    return rows


def _names(group: str, counts: Mapping[tuple[str, str], int], *, many: bool) -> str:
    found = [f"{SIGNS[verdict]} {counts[group, verdict]} {words.lower()}"
             for verdict, words in VERDICT_WORDS.items() if counts[group, verdict]]
    if not many:
        return "\n".join(found)
    line = ", ".join(found)
    return line.replace("supported with a", "with a") if len(found) > 1 else line


def _verdicts_patch(bars: dict[str, list], finding: str) -> ChartPatch:
    told = [f"{group}: " + ", ".join(names.splitlines()) for group, names in zip(
        bars["group"], bars["names"], strict=True) if names]
    return ChartPatch(
        data={"verdicts": bars}, signals={"finding": finding},
        description=f"{finding}. " + ("; ".join(told) + "." if told else
                                      "The chart is empty until you have answered."))


def _calibration_patch(given: Sequence[Judgement]) -> ChartPatch:
    by_confidence: dict[int, list[float]] = {}
    for one in given:
        by_confidence.setdefault(one.confidence_pct, []).append(one.points)
    rows = [(sure, 100 * sum(points) / len(points), len(points), f"{len(points)} claims"
             if len(points) > 1 else "1 claim") for sure, points in sorted(by_confidence.items())]
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    told = "; ".join(f"{sure}% sure: {earned:.0f} of 100 points in {text}"
                     for sure, earned, _, text in rows)
    finding = (calibration_words(given) if given
               else "Your confidence against your points: nothing yet")
    return ChartPatch(
        data={"answers": dict(zip(("sure", "points", "number", "text"),
                                  map(list, columns), strict=True)), "line": LINE},
        signals={"finding": finding},
        description=f"Confidence against points earned. {told or 'No claim judged yet'}.")


def _why() -> str:
    rows = [(signed_words(verdict), VERDICT_MEANINGS[verdict]) for verdict in VERDICT_WORDS]
    return data_table("The six verdicts", ("Verdict", "Meaning"), rows) + paragraph(
        "The right verdict earns one point, a neighbouring one half: “supported” for a claim "
        "that is supported with a caveat is close.")


def _how_sure() -> str:
    return "".join(map(paragraph, (
        f"The claim base holds {len(claims())} claims, merged from what five public articles "
        "say. Their words are ours.",
        "Every number comes from a row of the evidence tables, with its source. Where nothing "
        "could be confirmed, the verdict is “not testable”.",
        "A sentence is matched by its words. It may be missed, and a match may be wrong: read "
        "the claim beside it. A sentence that says the opposite of a claim is marked so.",
        "A pasted text stays in the program behind this page and is not kept.")))


def page() -> Page:
    """The whole page, for the last line of a notebook."""
    desk = ClaimDesk()
    start: Answer = answer({"mode": "judge", "topic": None, "grouped_by": "topic"}, desk)
    charts = {name: LiveChart(load_spec(f"claims_{name}"), data=patch.data,
                              signals=patch.signals, description=patch.description)
              for name, patch in start.charts.items()}
    for name, chart in charts.items():
        chart.filename = f"osteoteach-claims-{name}"
    made = Page(
        "Is it true?",
        "Judge what is said about reversing bone loss. Commit first: a verdict, and how sure "
        "you are. Or paste an article.",
        _controls(), charts, lambda values: answer(values, desk), _hidden,
        parts={"below_answer": desk})
    desk.on_change(made.refresh)
    return made
