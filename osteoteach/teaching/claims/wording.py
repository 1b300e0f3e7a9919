"""What a sentence says, as far as matching needs it: concepts, numbers and direction.

Words become concepts by ``data/claim_synonyms.csv`` ("BMD" and "bone density" are one), other
words are shortened to their stem, and words that carry nothing are left out. The direction
is a rough sum: does the sentence say that something good goes up, or down? It is what keeps
"calcium cannot raise BMD" apart from "calcium raises BMD".
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from osteoteach.evidence import table

__all__ = ["Wording", "read_wording", "relation", "stem"]

_TOKEN = re.compile(r"[−-]?\d[\d,]*(?:\.\d+)?|[^\W\d_]+(?:['-][^\W\d_]+)*")
_NUMBER_WORDS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10, "twelve": 12,
                 "fifteen": 15, "eighteen": 18, "thirty": 30, "sixty-five": 65, "seventy": 70}
_ENDINGS = ("ations", "ation", "ments", "ment", "ings", "ing", "ies", "ers", "es", "ed", "er",
            "ly", "s")
_CHANGES = {"up": 1, "better": 1, "down": -1, "worse": -1}
_REACH_AFTER, _REACH_BEFORE, _REACH_NEGATION, _REACH_CHAIN = 5, 4, 4, 2


@dataclass(frozen=True)
class Wording:
    """A sentence in concepts.

    Attributes
    ----------
    concepts : tuple of str
        In their order, without empty words; a number is ``"#2.5"``.
    elsewhere : frozenset of str
        Concepts that say the sentence is about something else.
    about_bone : bool
        Whether a word shows by itself that it is about bone.
    direction : int
        Above 0: something good goes up or something bad down. Below 0: the reverse.
    negations, loose_negations : int
        Negations, and those among them that no change word takes up.
    """

    concepts: tuple[str, ...]
    elsewhere: frozenset[str]
    about_bone: bool
    direction: int
    negations: int
    loose_negations: int

    @property
    def numbers(self) -> frozenset[str]:
        return frozenset(one for one in self.concepts if one.startswith("#"))


@functools.lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A word without its ending, the same for all its forms as far as English allows.

    Examples
    --------
    >>> stem("fractures"), stem("measured"), stem("measuring")
    ('fractur', 'measur', 'measur')
    """
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[:-len(ending)]
    return word[:-1] if word.endswith("e") and len(word) > 4 else word


@functools.cache
def _phrases() -> dict[str, list[tuple[tuple[str, ...], str, str, bool]]]:
    """Phrases by their first word, the longest first."""
    by_first: dict[str, list] = {}
    for row in table("claim_synonyms"):
        words = tuple(_split(row["phrase"]))
        by_first.setdefault(words[0], []).append(
            (words, row["concept"], row["role"], row["about_bone"]))
    for entries in by_first.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return by_first


@functools.cache
def known_words() -> tuple[str, ...]:
    """Single words that the synonyms hold, for putting typing errors right."""
    return tuple(sorted({words[0] for entries in _phrases().values() for words, *_ in entries
                         if len(words) == 1 and len(words[0]) > 5}))


def _split(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).lower()
    for sign in "’‘ʼ":
        plain = plain.replace(sign, "'")
    for sign in "‐‑‒–—":
        plain = plain.replace(sign, "-")
    # A range is two numbers, not a number and a negative one.
    plain = re.sub(r"(?<=\d)\s*-\s*(?=\d)", " to ", plain)
    return [word[:-2] if word.endswith("'s") else word for word in _TOKEN.findall(plain)]


def _items(words: list[str]) -> Iterator[tuple[str, str, bool]]:
    """Concept, role and whether it is about bone, for each word that says something."""
    place = 0
    while place < len(words):
        for phrase, concept, role, about_bone in _phrases().get(words[place], ()):
            if tuple(words[place:place + len(phrase)]) == phrase:
                if role != "empty":
                    yield concept, role, about_bone
                place += len(phrase)
                break
        else:
            yield from _plain_word(words[place])
            place += 1


def _plain_word(word: str) -> Iterator[tuple[str, str, bool]]:
    if word in _NUMBER_WORDS:
        yield f"#{_NUMBER_WORDS[word]}", "number", False
    elif word[-1].isdigit():
        yield f"#{abs(float(word.replace(',', '').replace('−', '-'))):g}", "number", False
    elif "-" in word and word not in _phrases():
        yield from _items(word.split("-"))
    elif len(word) > 1:
        yield stem(word), "term", False


def read_wording(sentence: str) -> Wording:
    """The wording of one sentence.

    Examples
    --------
    >>> read_wording("Calcium cannot raise your BMD.").concepts
    ('calcium', 'raise', 'bone_density')
    >>> read_wording("Calcium cannot raise your BMD.").direction
    -1
    """
    items = list(_items(_split(sentence)))
    roles = [role for _, role, _ in items]
    direction, loose = _direction(roles)
    return Wording(
        concepts=tuple(concept for concept, role, _ in items
                       if role != "negation" or concept != "not"),
        elsewhere=frozenset(concept for concept, role, _ in items if role == "elsewhere"),
        about_bone=any(about for _, _, about in items), direction=direction,
        negations=roles.count("negation"), loose_negations=loose)


def _direction(roles: list[str]) -> tuple[int, int]:
    """Sum of the changes told, and the negations that belong to none of them."""
    total, used, negated = 0, set(), -_REACH_CHAIN - 1
    for place, role in enumerate(roles):
        if role not in _CHANGES:
            continue
        change = _CHANGES[role] * (_object(roles, place) if role in ("up", "down") else 1)
        negation = _negation_before(roles, place)
        if negation is not None:
            used.add(negation)
        # "Not an effective way to build": the negation reaches the second change as well.
        if negation is not None or place - negated <= _REACH_CHAIN:
            change, negated = -change, place
        total += change
    return total, sum(role == "negation" for role in roles) - len(used)


def _negation_before(roles: list[str], place: int) -> int | None:
    for before in range(place - 1, max(-1, place - 1 - _REACH_NEGATION), -1):
        if roles[before] == "negation":
            return before
        if roles[before] in _CHANGES:
            return None
    return None


def _object(roles: list[str], place: int) -> int:
    """Whether what changes is good (1) or bad (-1) to have more of."""
    worth = {"good": 1, "bad": -1}
    for role in roles[place + 1:place + 1 + _REACH_AFTER]:
        if role in worth:
            return worth[role]
        if role in _CHANGES or role == "negation":
            break
    for role in reversed(roles[max(0, place - _REACH_BEFORE):place]):
        if role in worth:
            return worth[role]
    return 1


def relation(one: Wording, other: Wording) -> str:
    """Whether two wordings point the same way: ``"same"``, ``"opposite"`` or ``"unsure"``.

    Examples
    --------
    >>> relation(read_wording("Calcium raises BMD."), read_wording("Calcium cannot raise BMD."))
    'opposite'
    """
    if one.direction and other.direction:
        odd = (one.loose_negations - other.loose_negations) % 2 == 1
        return "unsure" if odd else "same" if one.direction * other.direction > 0 else "opposite"
    if (one.negations - other.negations) % 2 == 0:
        return "same"
    return "opposite" if one.direction == other.direction else "unsure"
