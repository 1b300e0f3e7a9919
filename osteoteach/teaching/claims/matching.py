"""Find the claims that a sentence makes.

Shared concepts count by how few claims use them; a text library (rapidfuzz) adds likeness of
the words and puts typing errors right. A match whose direction differs is kept, and said to
be the opposite: its verdict is not the sentence's verdict.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace

from osteoteach.errors import InputError
from osteoteach.teaching.claims.base import Claim, claims
from osteoteach.teaching.claims.wording import Wording, known_words, read_wording, relation

__all__ = ["MATCH_FROM", "Match", "check_claim", "checked_text", "matches"]

LONGEST_TEXT = 200_000
LONGEST_SENTENCE = 2_000
#: Scores from which a match is one, chosen on the development half of the test sentences.
MATCH_FROM, MATCH_FROM_IN_CONTEXT, MATCH_FROM_WITHOUT_BONE = 0.58, 0.60, 0.62
_SHARE_OF_CONCEPTS, _UNKNOWN_WORD, _CANDIDATES = 0.5, 0.85, 8
#: A wording of the same claim this near to the limit has a say about the direction.
_SECOND_VOICE = 0.75
_OPPOSITE, _UNSURE, _OTHER_NUMBERS, _ELSEWHERE, _BONE_MISSING = 0.9, 0.97, 0.85, 0.5, 0.75


@dataclass(frozen=True)
class Match:
    """A claim that a sentence makes, or contradicts.

    Attributes
    ----------
    claim : Claim
        With verdict, evidence and refutation.
    score : float
        How alike they are, 0 to 1.
    agreement : str
        ``"same"``: the sentence says it. ``"opposite"``: it says the reverse, so the verdict
        is not its own. ``"unsure"``: the direction could not be read.
    numbers_differ : bool
        Both name numbers, and none is the same.
    """

    claim: Claim
    score: float
    agreement: str
    numbers_differ: bool

    @property
    def verdict(self) -> str | None:
        """The verdict on the sentence: the claim's, if the sentence says the same."""
        return self.claim.verdict if self.agreement == "same" else None

    @property
    def refutation(self) -> str:
        return self.claim.refutation


@dataclass(frozen=True)
class _Phrasing:
    claim: Claim
    wording: Wording
    concepts: frozenset[str]
    length: float
    words: str


@dataclass(frozen=True)
class _Index:
    phrasings: tuple[_Phrasing, ...]
    by_concept: dict[str, tuple[int, ...]]
    weights: dict[str, float]
    unknown: float


@functools.cache
def _index() -> _Index:
    read = [(one, read_wording(text)) for one in claims() for text in (one.text, *one.also_said)]
    used: dict[str, set[str]] = {}
    for one, wording in read:
        for concept in wording.concepts:
            used.setdefault(concept, set()).add(one.claim_id)
    number = len(claims())
    weights = {concept: math.log((number + 1) / (len(ids) + 0.5)) for concept, ids in used.items()}
    phrasings = tuple(_Phrasing(one, wording, frozenset(wording.concepts),
                                math.sqrt(sum(weights[c] ** 2 for c in set(wording.concepts))),
                                " ".join(wording.concepts)) for one, wording in read)
    by_concept: dict[str, list[int]] = {}
    for place, phrasing in enumerate(phrasings):
        for concept in phrasing.concepts:
            by_concept.setdefault(concept, []).append(place)
    return _Index(phrasings, {c: tuple(p) for c, p in by_concept.items()}, weights,
                  _UNKNOWN_WORD * max(weights.values()))


@functools.lru_cache(maxsize=20_000)
def _corrected(word: str) -> str | None:
    """The known word that a mistyped one stands for."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    if len(word) < 6:
        return None
    found = process.extractOne(word, known_words(), scorer=OSA.normalized_similarity,
                               score_cutoff=0.85)
    return found[0] if found else None


def _read(sentence: str) -> Wording:
    wording = read_wording(sentence)
    unknown = {c for c in wording.concepts if c.isalpha() and c not in _index().weights}
    if not any(map(_corrected, unknown)):
        return wording
    words = [_corrected(word.lower().strip(".,;:!?")) or word
             if len(word) > 5 else word for word in sentence.split()]
    return read_wording(" ".join(words))


def matches(sentence: str, top: int, *, bone_context: bool = False) -> tuple[Match, ...]:
    """The claims above the limit, best first; see `check_claim`."""
    index, wording = _index(), _read(sentence[:LONGEST_SENTENCE])
    concepts = set(wording.concepts)
    length = math.sqrt(sum(index.weights.get(c, index.unknown) ** 2 for c in concepts))
    if not length:
        return ()
    shared: dict[int, float] = {}
    for concept in concepts & index.weights.keys():
        for place in index.by_concept[concept]:
            shared[place] = shared.get(place, 0.0) + index.weights[concept] ** 2
    alike = sorted(((value / (length * index.phrasings[place].length), place)
                    for place, value in shared.items()), reverse=True)[:_CANDIDATES]
    limit = MATCH_FROM if wording.about_bone else (
        MATCH_FROM_IN_CONTEXT if bone_context else MATCH_FROM_WITHOUT_BONE)
    best: dict[str, Match] = {}
    said_same: set[str] = set()
    for likeness, place in alike:
        shares = concepts & index.phrasings[place].concepts
        if len(shares) < min(2, len(index.phrasings[place].concepts)):
            continue
        found = _match(wording, index.phrasings[place], likeness, bone_context)
        if found.agreement == "same" and found.score >= _SECOND_VOICE * limit:
            said_same.add(found.claim.claim_id)
        known = best.get(found.claim.claim_id)
        if found.score >= limit and (known is None or found.score > known.score):
            best[found.claim.claim_id] = found
    # Two wordings of one claim that disagree about a sentence's direction: nobody can tell it.
    read = [replace(match, agreement="unsure")
            if match.agreement == "opposite" and name in said_same else match
            for name, match in best.items()]
    return tuple(sorted(read, key=lambda match: -match.score)[:top])


def _match(wording: Wording, phrasing: _Phrasing, likeness: float, bone_context: bool) -> Match:
    from rapidfuzz import fuzz

    said = " ".join(wording.concepts)
    # One half forgives what a long sentence says besides, the other half does not.
    words = (fuzz.token_set_ratio(said, phrasing.words)
             + fuzz.token_sort_ratio(said, phrasing.words)) / 200
    score = _SHARE_OF_CONCEPTS * likeness + (1 - _SHARE_OF_CONCEPTS) * words
    agreement = relation(wording, phrasing.wording)
    if agreement == "unsure":
        agreement = relation(wording, read_wording(phrasing.claim.text))
    here, there = wording.numbers, phrasing.wording.numbers
    numbers_differ = bool(here and there and not here & there)
    score *= {"same": 1, "opposite": _OPPOSITE, "unsure": _UNSURE}[agreement]
    score *= _OTHER_NUMBERS if numbers_differ else 1
    score *= _ELSEWHERE if wording.elsewhere - phrasing.concepts else 1
    if phrasing.wording.about_bone and not (wording.about_bone or bone_context):
        score *= _BONE_MISSING
    return Match(phrasing.claim, round(score, 3), agreement, numbers_differ)


def check_claim(text: str, top: int = 3) -> tuple[Match, ...]:
    """The claims that one sentence makes, best first; empty if the base holds none.

    Parameters
    ----------
    text : str
        One sentence. For a whole text use `check_article`.
    top : int
        At most so many.

    Returns
    -------
    tuple of Match
        Look at ``agreement`` before the verdict.

    Raises
    ------
    InputError
        The text is no text, empty or too long, or ``top`` is not positive.

    Examples
    --------
    >>> found = check_claim("Walking is a highly effective way to build bone.")[0]
    >>> found.claim.claim_id, found.verdict, found.agreement
    ('walking_highly_effective', 'contradicted', 'same')
    >>> check_claim("Prune roses in early spring.")
    ()
    """
    if isinstance(top, bool) or not isinstance(top, int) or top < 1:
        raise InputError("top", "must be a whole number from 1", top, "Ask for 3.")
    return matches(checked_text(text), top)


def checked_text(text: str) -> str:
    """The text, if it is one that can be read.

    Raises
    ------
    InputError
        It is not text, blank, too long, or holds characters that no text has.
    """
    if not isinstance(text, str):
        raise InputError("text", "must be text", type(text).__name__,
                         "Open the file as text and give its content.")
    if len(text) > LONGEST_TEXT:
        raise InputError("text", f"must be at most {LONGEST_TEXT:,} characters",
                         f"{len(text):,} characters", "Give one article at a time.")
    if not text.strip():
        raise InputError("text", "must hold words", text[:20], "Paste a sentence.")
    strange = sum(1 for sign in text if sign == "\x00" or (sign < " " and sign not in "\t\n\r\f\v"))
    if "\x00" in text or strange > len(text) / 100 or "\ufffd" * 3 in text:
        raise InputError("text", "must be readable text, without control characters",
                         f"{strange} control characters", "Copy the words, not the file.")
    return text
