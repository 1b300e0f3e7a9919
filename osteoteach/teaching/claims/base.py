"""The claim base: distinct claims with verdict, evidence, refutation and conflicts."""

from __future__ import annotations

import functools
import hashlib
import re
from dataclasses import dataclass

from osteoteach.errors import DataError, InputError
from osteoteach.evidence import table
from osteoteach.teaching.claims.evidence import Evidence, evidence_row

__all__ = ["ARTICLES", "VERDICT_MEANINGS", "VERDICT_WORDS", "Claim", "claim", "claims",
           "topic_words", "topics"]

#: Verdicts from best to worst, as a reader sees them.
VERDICT_WORDS = {
    "supported": "Supported",
    "supported_with_caveat": "Supported with a caveat",
    "contested": "Contested",
    "misleading": "Misleading",
    "contradicted": "Contradicted",
    "not_testable": "Not testable",
}
VERDICT_MEANINGS = {
    "supported": "The evidence bears it out.",
    "supported_with_caveat": "Right, but a limit or a size is missing.",
    "contested": "Sources or experts disagree, or only half of it is right.",
    "misleading": "True to the letter, and it gives a wrong picture.",
    "contradicted": "The evidence says otherwise.",
    "not_testable": "Nothing that we could confirm decides it.",
}
ARTICLES = ("S0", "S1", "S2", "S3", "S4")
_PLACE = re.compile(r"(\(?)\{(\d+)(e?)\}")


@dataclass(frozen=True)
class Claim:
    """One distinct claim.

    Attributes
    ----------
    claim_id, topic, lesson
        Its name, its subject, and the lesson (1 to 11) that teaches it.
    text : str
        The claim in our words.
    also_said : tuple of str
        Other ways to say it.
    verdict : str
        A key of `VERDICT_WORDS`.
    references : tuple of str
        The rows of evidence that decide it; `evidence` holds what they say.
    template : str
        The refutation before its numbers are in place.
    conflicts_with : tuple of str
        Claims that contradict it.
    what_would_change_it : str
        Evidence that would change the verdict, where it was named.
    taught_by : str
        Words of its lesson that deal with it, or ``"question:ID"``; empty: its refutation.
    made_in : tuple of str
        Where the articles make it: ``"S0-005"`` is claim 5 of article S0.
    """

    claim_id: str
    topic: str
    lesson: int
    text: str
    also_said: tuple[str, ...]
    verdict: str
    references: tuple[str, ...]
    template: str
    further_sources: tuple[str, ...]
    conflicts_with: tuple[str, ...]
    what_would_change_it: str
    taught_by: str
    made_in: tuple[str, ...]

    @property
    def verdict_words(self) -> str:
        return VERDICT_WORDS[self.verdict]

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What decides it, with intervals."""
        # Read when asked for: a page that deals one claim need not read all tables.
        return tuple(evidence_row(reference) for reference in self.references)

    @property
    def refutation(self) -> str:
        """The belief, what is wrong with it, why, and what is right.

        For a supported claim: what it rests on. Numbers come from the evidence rows.
        """
        return _filled(self.claim_id, self.template, self.evidence)

    @property
    def reason_beside(self) -> str:
        """What a lesson tells beside a claim that none of its rounds and questions deals with.

        Examples
        --------
        >>> claim("honeycomb").reason_beside == claim("honeycomb").refutation
        True
        >>> claim("bone_remodels").reason_beside
        ''
        """
        return "" if self.taught_by else self.refutation

    @property
    def source_ids(self) -> tuple[str, ...]:
        """All sources, those of the evidence first."""
        sources = [source for part in self.evidence for source in part.source_ids]
        return tuple(dict.fromkeys([*sources, *self.further_sources]))

    @property
    def articles(self) -> tuple[str, ...]:
        """The articles that make it, each once."""
        return tuple(sorted({place[:2] for place in self.made_in}))

    @property
    def version(self) -> str:
        """Changes when the claim, its verdict or its refutation change."""
        content = "\n".join((self.text, self.verdict, self.template))
        return hashlib.sha256(content.encode()).hexdigest()[:12]


@functools.cache
def _all() -> dict[str, Claim]:
    made_in: dict[str, list[str]] = {}
    for place in table("claim_places"):
        made_in.setdefault(place["claim_id"], []).append(place["seed_id"])
    return {row["claim_id"]: Claim(
        claim_id=row["claim_id"], topic=row["topic"], lesson=row["lesson"], text=row["claim"],
        also_said=_parts(row["also_said"], "|"), verdict=row["verdict"],
        references=_parts(row["evidence"], ";"), template=row["refutation"],
        further_sources=_parts(row["source_ids"], ";"),
        conflicts_with=_parts(row["conflicts_with"], ";"),
        what_would_change_it=row["what_would_change_it"] or "",
        taught_by=row["taught_by"] or "",
        made_in=tuple(made_in.get(row["claim_id"], ()))) for row in table("claims")}


def _parts(cell: str | None, separator: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(separator)) if cell else ()


@functools.lru_cache(maxsize=512)
def _filled(claim_id: str, words: str, evidence: tuple[Evidence, ...]) -> str:
    """The refutation with the numbers of its evidence rows in place."""

    def number(found: re.Match[str]) -> str:
        place = int(found[2]) - 1
        text = ""
        if place < len(evidence):
            text = evidence[place].absolute if found[3] else evidence[place].value
        if not text:
            rule = f"refutation of {claim_id} must name a number that its evidence has"
            raise DataError("claims.csv", rule, found[0], column="refutation")
        # An interval inside a bracket takes square ones.
        return "(" + text.replace("(", "[").replace(")", "]") if found[1] else text

    return _PLACE.sub(number, words)


def claims(topic: str | None = None, lesson: int | None = None) -> tuple[Claim, ...]:
    """All distinct claims, or those of one topic or one lesson.

    Parameters
    ----------
    topic : str, optional
        One of `topics`.
    lesson : int, optional
        1 to 10: the lesson that teaches or corrects them.

    Returns
    -------
    tuple of Claim
        In the order of the table.

    Raises
    ------
    InputError
        The topic is unknown, or the lesson.

    Examples
    --------
    >>> {claim.lesson for claim in claims(lesson=3)}
    {3}
    >>> [claim.verdict for claim in claims("sequence_and_stopping")][:2]
    ['contradicted', 'supported']
    """
    if topic is not None and topic not in topics():
        raise InputError("topic", f"must be one of {', '.join(topics())}", topic, "Correct it.")
    lessons = sorted({one.lesson for one in _all().values()})
    if lesson is not None and lesson not in lessons:
        raise InputError("lesson", f"must be from {lessons[0]} to {lessons[-1]}", lesson,
                         "Give the lesson's number.")
    return tuple(one for one in _all().values()
                 if topic in (None, one.topic) and lesson in (None, one.lesson))


def claim(claim_id: str) -> Claim:
    """One claim by its name.

    Raises
    ------
    InputError
        There is no such claim.

    Examples
    --------
    >>> claim("xgeva_for_osteoporosis").verdict_words
    'Contradicted'
    """
    if claim_id not in _all():
        raise InputError("claim_id", "must be a claim_id of data/claims.csv", claim_id,
                         "See osteoteach.claims().")
    return _all()[claim_id]


def topics() -> tuple[str, ...]:
    """The topics, in the order of the claim base."""
    return tuple(dict.fromkeys(row["topic"] for row in table("claims")))


def topic_words(topic: str) -> str:
    """A topic as a reader sees it.

    Examples
    --------
    >>> topic_words("food_and_supplements")
    'Food and supplements'
    """
    return topic.replace("_", " ").capitalize()
