"""Go through an article sentence by sentence: which claims it makes, and what is unknown.

The text stays in memory and is kept nowhere. Markup is read as words, never run.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from osteoteach.teaching.claims.base import VERDICT_WORDS
from osteoteach.teaching.claims.matching import LONGEST_SENTENCE, Match, checked_text, matches
from osteoteach.teaching.claims.wording import read_wording

__all__ = ["ArticleCheck", "SentenceCheck", "check_article", "sentences"]

NOT_MATCHED = "Not matched: the claim base holds nothing like it."
# A full stop inside "e.g." or "2.5" ends no sentence; a line of its own does. A line that
# goes on in lower case was only broken to fit a page.
_BROKEN_LINE = re.compile(r"(?<=[^\s.!?:])[ \t]*\r?\n[ \t]*(?=[a-z(])")
_END = re.compile(r"(?<=[.!?])[\"'”’)\]]*[ \t]+(?=[\"'“‘(\[•*<]?[A-Z0-9•<−-])|[\r\n]+")
_SHORT_FORMS = re.compile(r"\b(?:e\.g|i\.e|vs|dr|mr|mrs|prof|fig|approx|st)\.$", re.IGNORECASE)
_CONTEXT = 3


@dataclass(frozen=True)
class SentenceCheck:
    """One sentence of an article, and the claim it makes.

    Attributes
    ----------
    text : str
        The sentence as pasted.
    match : Match or None
        The best claim; None if the base holds nothing like it.
    """

    text: str
    match: Match | None

    @property
    def note(self) -> str:
        """What was found, in words.

        Examples
        --------
        >>> check_article("The train was late.").sentences[0].note
        'Not matched: the claim base holds nothing like it.'
        """
        if self.match is None:
            return NOT_MATCHED
        if self.match.agreement == "opposite":
            return ("Says the opposite of a claim that is: "
                    f"{self.match.claim.verdict_words.lower()}.")
        if self.match.agreement == "unsure":
            return ("Close to a claim, and whether it says the same could not be read. The claim "
                    f"is: {self.match.claim.verdict_words.lower()}.")
        return f"{self.match.claim.verdict_words}."


@dataclass(frozen=True)
class ArticleCheck:
    """All sentences of an article in their order."""

    sentences: tuple[SentenceCheck, ...]

    @property
    def matched(self) -> tuple[SentenceCheck, ...]:
        return tuple(one for one in self.sentences if one.match)

    @property
    def unmatched(self) -> tuple[SentenceCheck, ...]:
        return tuple(one for one in self.sentences if not one.match)

    @property
    def counts(self) -> dict[str, int]:
        """Sentences by verdict, for those that say what a claim says."""
        found = Counter(one.match.verdict for one in self.matched if one.match.verdict)
        return {verdict: found[verdict] for verdict in VERDICT_WORDS if found[verdict]}


def check_article(text: str) -> ArticleCheck:
    """Check each sentence of a text against the claim base.

    Parameters
    ----------
    text : str
        An article, at most 200,000 characters.

    Returns
    -------
    ArticleCheck
        A sentence without a match is not judged: that is not the same as false.

    Raises
    ------
    InputError
        The text is no text, empty, too long, or binary.

    Examples
    --------
    >>> check = check_article("There is no cure for osteoporosis. The train was late.")
    >>> [one.match is not None for one in check.sentences]
    [True, False]
    """
    checked, since_bone = [], _CONTEXT
    for sentence in sentences(checked_text(text)):
        since_bone = 0 if read_wording(sentence).about_bone else since_bone + 1
        found = matches(sentence, 1, bone_context=since_bone < _CONTEXT)
        checked.append(SentenceCheck(sentence, found[0] if found else None))
    return ArticleCheck(tuple(checked))


def sentences(text: str) -> Iterator[str]:
    """Sentences of a text, in order, with their own punctuation.

    Examples
    --------
    >>> list(sentences("T was -2.5, e.g. at the hip. It fell."))
    ['T was -2.5, e.g. at the hip.', 'It fell.']
    """
    waiting = ""
    for part in _END.split(_BROKEN_LINE.sub(" ", text)):
        joined = f"{waiting} {part}".strip()
        if _SHORT_FORMS.search(joined) and len(joined) < LONGEST_SENTENCE:
            waiting = joined
            continue
        waiting = ""
        yield from (piece for piece in _pieces(joined) if any(map(str.isalnum, piece)))
    if waiting:
        yield waiting


def _pieces(sentence: str) -> Iterator[str]:
    """A sentence without an end, in pieces that can be read."""
    while len(sentence) > LONGEST_SENTENCE:
        cut = sentence.rfind(" ", 0, LONGEST_SENTENCE)
        cut = cut if cut > 0 else LONGEST_SENTENCE
        yield sentence[:cut]
        sentence = sentence[cut:].lstrip()
    yield sentence
