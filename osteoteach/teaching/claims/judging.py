"""A reader's verdict on a claim: the points it earns, and what is said of it.

The right verdict earns one point, a neighbouring one half: "supported" for a claim that is
"supported with a caveat" is close. Confidence is asked first, because errors that were made
with confidence are the ones worth correcting.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from osteoteach.errors import InputError
from osteoteach.teaching.claims.base import VERDICT_WORDS, Claim

__all__ = ["CONFIDENCES_PCT", "Judgement", "calibration_words", "judge",
           "score_sentence", "verdict_sentence"]

#: The steps of the course test, so that "fairly sure" is the same everywhere.
CONFIDENCES_PCT = (10, 30, 50, 75, 95)
SURE_FROM_PCT = 75
#: With fewer claims chance decides how well confidence and points agree.
ENOUGH_CLAIMS = 10
_CLOSE = {
    frozenset(pair) for pair in (
        ("supported", "supported_with_caveat"), ("supported_with_caveat", "contested"),
        ("supported_with_caveat", "misleading"), ("contested", "misleading"),
        ("contested", "not_testable"), ("contested", "contradicted"),
        ("misleading", "contradicted"))
}


@dataclass(frozen=True)
class Judgement:
    """What a reader said about one claim.

    Attributes
    ----------
    verdict : str
        The reader's.
    confidence_pct : int
        How sure, 0 to 100.
    points : float
        1 right, 0.5 close, 0 wrong.
    """

    claim_id: str
    verdict: str
    confidence_pct: int
    points: float


def judge(claim: Claim, verdict: str, confidence_pct: int) -> Judgement:
    """Take a reader's verdict.

    Raises
    ------
    InputError
        The verdict is unknown, or the confidence is none that was offered.

    Examples
    --------
    >>> from osteoteach.teaching.claims.base import claim
    >>> judge(claim("xgeva_for_osteoporosis"), "misleading", 50).points
    0.5
    """
    if verdict not in VERDICT_WORDS:
        raise InputError("verdict", f"must be one of {', '.join(VERDICT_WORDS)}", verdict,
                         "Choose one.")
    if isinstance(confidence_pct, bool) or confidence_pct not in CONFIDENCES_PCT:
        raise InputError("confidence_pct", f"must be one of {CONFIDENCES_PCT}", confidence_pct,
                         "Choose one.")
    points = 1.0 if verdict == claim.verdict else 0.0
    if frozenset((verdict, claim.verdict)) in _CLOSE:
        points = 0.5
    return Judgement(claim.claim_id, verdict, confidence_pct, points)


def verdict_sentence(claim: Claim, given: Judgement) -> str:
    """What is said right after the commitment.

    Examples
    --------
    >>> from osteoteach.teaching.claims.base import claim
    >>> one = claim("xgeva_for_osteoporosis")
    >>> verdict_sentence(one, judge(one, "contradicted", 30))
    'Right. You were 30% sure: you knew more than you trusted yourself with.'
    """
    sure = given.confidence_pct
    if given.points == 1:
        tail = (f"You were {sure}% sure: you knew more than you trusted yourself with."
                if sure < 50 else f"You were {sure}% sure.")
        return f"Right. {tail}"
    said = VERDICT_WORDS[given.verdict].lower()
    start = "Close" if given.points else "Not right"
    tail = ("Read on: an error made with confidence is the one that is corrected best."
            if sure >= SURE_FROM_PCT and not given.points else "Read why.")
    return f"{start}: you said “{said}”, {sure}% sure. {tail}"


def score_sentence(judgements: Sequence[Judgement], number_of_claims: int) -> str:
    """The running score and how well confidence fits it.

    Examples
    --------
    >>> score_sentence([Judgement("a", "supported", 80, 1.0)], 174)
    'You have judged 1 of 174 claims: 1 right, 0 close, 0 wrong.'
    """
    if not judgements:
        return ("Commit a verdict on the claim below, and how sure you are. The evidence comes "
                "after.")
    points = [one.points for one in judgements]
    counts = [points.count(value) for value in (1.0, 0.5, 0.0)]
    words = (f"You have judged {len(points)} of {number_of_claims} claims: {counts[0]} right, "
             f"{counts[1]} close, {counts[2]} wrong.")
    return words + (
        f" {calibration_words(judgements)}." if len(points) >= ENOUGH_CLAIMS else "")


def calibration_words(judgements: Sequence[Judgement]) -> str:
    """How well confidence fits the points, or that so few claims cannot say.

    Examples
    --------
    >>> calibration_words([Judgement("a", "supported", 80, 1.0)])
    '1 claim: too few to say'
    """
    number = len(judgements)
    if number < ENOUGH_CLAIMS:
        return f"{number} claim{'s' if number > 1 else ''}: too few to say"
    sure = _mean(one.confidence_pct for one in judgements)
    earned = 100 * _mean(one.points for one in judgements)
    gap = sure - earned
    verdict = "about as sure as you should be"
    if abs(gap) > 10:
        verdict = "surer than you should be" if gap > 0 else "less sure than you could be"
    return f"On average you were {sure:.0f}% sure and earned {earned:.0f} of 100 points: {verdict}"


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)
