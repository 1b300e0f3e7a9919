"""What the claim desk sends to the browser: plain values, no markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from osteoteach.evidence import source
from osteoteach.teaching.claims.base import (
    VERDICT_MEANINGS,
    VERDICT_WORDS,
    Claim,
    claim,
    topic_words,
)
from osteoteach.teaching.claims.judging import Judgement, verdict_sentence

if TYPE_CHECKING:
    from osteoteach.teaching.claims.article import ArticleCheck

__all__ = ["CHOICES", "EXAMPLE", "SIGNS", "article_of", "feedback_of", "item_of", "label_of",
           "signed_words"]

#: A sign for each verdict, so that colour never stands alone.
SIGNS = {"supported": "✓", "supported_with_caveat": "✓*", "contested": "±", "misleading": "!",
         "contradicted": "✗", "not_testable": "?"}
CHOICES = [{"value": verdict, "label": words, "meaning": VERDICT_MEANINGS[verdict],
            "sign": SIGNS[verdict]} for verdict, words in VERDICT_WORDS.items()]
EXAMPLE = (
    "Osteopenia can be partly reversed. Walking is a highly effective way to build bone. "
    "Calcium and vitamin D alone cannot raise bone density. Take the tablets with water. "
    "When you stop a bisphosphonate after many years, bone density falls quickly. "
    "Smoking does not harm bone. Our café opens at nine.")
#: More would slow the page, and nobody reads them.
MOST_SENTENCES = 400
_LONGEST_LABEL = 90


def label_of(one: Claim) -> str:
    """The claim, short enough for a list."""
    text = one.text
    return text if len(text) <= _LONGEST_LABEL else f"{text[:_LONGEST_LABEL - 1].rstrip()}…"


def signed_words(verdict: str) -> str:
    """A verdict with its sign, as a key names it.

    Examples
    --------
    >>> signed_words("contested")
    '± Contested'
    """
    return f"{SIGNS[verdict]} {VERDICT_WORDS[verdict]}"


def item_of(one: Claim) -> dict[str, Any]:
    """The claim as it is asked: nothing of its verdict."""
    return {"id": one.claim_id, "text": one.text, "topic": topic_words(one.topic),
            "said": _said_in(one)}


def _said_in(one: Claim) -> str:
    count = len(one.articles)
    return f"said in {count} of the five articles"


def feedback_of(one: Claim, given: Judgement) -> dict[str, Any]:
    """Everything about the claim, for after the commitment."""
    return {"said": verdict_sentence(one, given), "points": given.points, **_known(one)}


def with_minus_signs(text: str) -> str:
    """Prose with a true minus sign before a number; a range keeps its hyphen.

    Examples
    --------
    >>> with_minus_signs("Below -2.5, at 1-2 years (-4% of L1-L4).")
    'Below −2.5, at 1-2 years (−4% of L1-L4).'
    """
    return re.sub(r"(?<![\w.-])-(?=\d)", "−", text)


def _known(one: Claim) -> dict[str, Any]:
    return {
        "verdict": one.verdict, "words": one.verdict_words, "sign": SIGNS[one.verdict],
        "meaning": VERDICT_MEANINGS[one.verdict], "claim": one.text,
        "refutation": with_minus_signs(one.refutation),
        # The page ends each with a full stop.
        "evidence": [{"what": with_minus_signs(row.what).removesuffix("."),
                      "value": with_minus_signs(row.value),
                      "absolute": with_minus_signs(row.absolute).removesuffix("."),
                      "links": _links(row.source_ids)} for row in one.evidence],
        "sources": _links(one.source_ids),
        # Of the other claim only the words: its verdict may still be a question.
        "conflicts": [{"text": other.text, "said": _said_in(other)}
                      for other in map(claim, one.conflicts_with)],
        "change": one.what_would_change_it,
        "places": f"{_said_in(one).capitalize()} ({', '.join(one.made_in)}). "
                  f"Taught in lesson {one.lesson}.",
    }


def _links(source_ids: tuple[str, ...]) -> list[dict[str, str]]:
    found = [source(source_id) for source_id in dict.fromkeys(source_ids)]
    return [{"text": one.short, "title": one.title, "href": one.link} for one in found]


def article_of(check: ArticleCheck) -> dict[str, Any]:
    """A checked article: counts, sentences, and each claim once."""
    shown = check.sentences[:MOST_SENTENCES]
    named = {one.match.claim.claim_id: one.match.claim for one in shown if one.match}
    return {
        "summary": summary_of(check),
        "counts": [{"verdict": verdict, "sign": SIGNS[verdict], "words": VERDICT_WORDS[verdict],
                    "count": count} for verdict, count in check.counts.items()],
        "left_out": len(check.sentences) - len(shown),
        "sentences": [{"text": one.text, "note": one.note,
                       "claim": one.match.claim.claim_id if one.match else "",
                       "agreement": one.match.agreement if one.match else "",
                       "numbers_differ": bool(one.match and one.match.numbers_differ)}
                      for one in shown],
        "claims": {claim_id: _known(one) for claim_id, one in named.items()},
    }


def summary_of(check: ArticleCheck) -> str:
    """The count, in one sentence.

    Examples
    --------
    >>> from osteoteach.teaching.claims.article import check_article
    >>> summary_of(check_article("There is no cure for osteoporosis. The train was late."))
    '1 of 2 sentences makes a known claim: 1 contested. 1 is not matched, so not judged.'
    """
    total, matched = len(check.sentences), len(check.matched)
    parts = [f"{count} {VERDICT_WORDS[verdict].lower()}"
             for verdict, count in check.counts.items()]
    other = matched - sum(check.counts.values())
    if other:
        parts.append(f"{other} against a claim or unsure")
    words = (f"{matched} of {total} sentences {'makes' if matched == 1 else 'make'} "
             "a known claim") + (f": {', '.join(parts)}." if parts else ".")
    left = total - matched
    if left:
        words += f" {left} {'is' if left == 1 else 'are'} not matched, so not judged."
    return words
