"""What a class knew: counted from the hand-in files, for each objective and each item.

Everything is counted over learners, so that one who answered a question ten times weighs no
more than one who answered it once.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from osteoteach.progress.confidence import Calibration, calibration
from osteoteach.progress.handin import HandIn
from osteoteach.progress.records import AnswerRecord

__all__ = ["ClassSummary", "ItemResult", "PrePost", "TagResult", "summarise"]

TEST_TAGS = ("pre", "post")
LONGEST_SHOWN = 80


@dataclass(frozen=True)
class TagResult:
    """One gap or objective: learners who met it before a post-test, and their mean share right."""

    tag: str
    learners: int
    first_right_pct: float
    last_right_pct: float


@dataclass(frozen=True)
class ItemResult:
    """One item in one version; its commonest answer that was not fully right."""

    item_kind: str
    item_id: str
    item_version: str
    learners: int
    first_right_pct: float
    last_right_pct: float
    commonest_error: str
    commonest_error_learners: int


@dataclass(frozen=True)
class PrePost:
    """Pre-test against post-test, of the learners who sat both."""

    tag: str  # "" for everything
    learners: int
    pre_right_pct: float
    post_right_pct: float
    better: int
    same: int
    worse: int


@dataclass(frozen=True)
class ClassSummary:
    """All that the class report prints."""

    learners: int
    answers: int
    tags: tuple[TagResult, ...]
    items: tuple[ItemResult, ...]
    confidence: Calibration
    pre_post: tuple[PrePost, ...]


def summarise(hand_ins: Sequence[HandIn]) -> ClassSummary:
    """Count the answers of a class; those without a score are left out of the shares.

    Parameters
    ----------
    hand_ins : sequence of HandIn
        One for each learner.
    """
    learners = [tuple(record for record in one.answers if record.score is not None)
                for one in hand_ins]
    tags = sorted({tag for records in learners for record in records for tag in record.tags}
                  - set(TEST_TAGS))
    return ClassSummary(
        len(hand_ins), sum(len(one.answers) for one in hand_ins),
        tuple(found for tag in tags if (found := _tag_result(tag, learners)).learners),
        _items(learners),
        calibration(record for records in learners for record in records),
        tuple(found for tag in ("", *tags) if (found := _pre_post(tag, learners)).learners))


def _tag_result(tag: str, learners: Sequence[Sequence[AnswerRecord]]) -> TagResult:
    met = [with_tag for records in learners
           if (with_tag := [record for record in records
                            if tag in record.tags and "post" not in record.tags])]
    if not met:
        return TagResult(tag, 0, 0.0, 0.0)
    return TagResult(tag, len(met), _mean_pct(map(_first_share, met)),
                     _mean_pct(map(_last_share, met)))


def _by_item(records: Iterable[AnswerRecord]) -> dict[tuple[str, str, str], list[AnswerRecord]]:
    items = defaultdict(list)
    for record in records:
        items[record.item_kind, record.item_id, record.item_version].append(record)
    return items


def _first_share(records: Sequence[AnswerRecord]) -> float:
    """A learner's mean score over items, at the first try of each."""
    firsts = [tries[0].score for tries in _by_item(records).values()]
    return sum(firsts) / len(firsts)


def _last_share(records: Sequence[AnswerRecord]) -> float:
    lasts = [tries[-1].score for tries in _by_item(records).values()]
    return sum(lasts) / len(lasts)


def _mean_pct(shares: Iterable[float]) -> float:
    several = list(shares)
    return 100 * sum(several) / len(several)


def _items(learners: Sequence[Sequence[AnswerRecord]]) -> tuple[ItemResult, ...]:
    tries = defaultdict(list)
    for records in learners:
        for item, several in _by_item(records).items():
            tries[item].append(several)
    found = []
    for item in sorted(tries):
        errors = Counter(shown_given(several[0].given) for several in tries[item]
                         if several[0].score < 1)
        # The alphabet decides between equals, so that a report is the same each time.
        error, count = min(errors.items(), key=lambda one: (-one[1], one[0]), default=("", 0))
        found.append(ItemResult(
            *item, len(tries[item]), _mean_pct(several[0].score for several in tries[item]),
            _mean_pct(several[-1].score for several in tries[item]), error, count))
    return tuple(found)


def shown_given(given: dict) -> str:
    """What a learner said, short enough for a table; in words, where the question kept them.

    Examples
    --------
    >>> shown_given({"choice": "b"})
    'choice: b'
    """
    words = given.get("words")
    if isinstance(words, str) and words.strip():
        given = {"": words}
    parts = [f"{name + ': ' * bool(name)}{value if isinstance(value, str) else json.dumps(value)}"
             for name, value in sorted(given.items())]
    # Control characters could turn the direction of the text around or hide some of it.
    text = "".join(sign if sign.isprintable() else " " for sign in "; ".join(parts))
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN - 1]}…"


def _pre_post(tag: str, learners: Sequence[Sequence[AnswerRecord]]) -> PrePost:
    pairs = []
    for records in learners:
        pre, post = (_of_test(records, test, tag) for test in TEST_TAGS)
        if pre and post:
            pairs.append((_first_share(pre), _first_share(post)))

    def count(holds: Callable[[float], bool]) -> int:
        return sum(holds(round(after - before, 9)) for before, after in pairs)

    if not pairs:
        return PrePost(tag, 0, 0.0, 0.0, 0, 0, 0)
    return PrePost(tag, len(pairs), _mean_pct(before for before, _ in pairs),
                   _mean_pct(after for _, after in pairs),
                   count(lambda change: change > 0),
                   count(lambda change: change == 0),
                   count(lambda change: change < 0))


def _of_test(records: Sequence[AnswerRecord], test: str, tag: str) -> list[AnswerRecord]:
    return [record for record in records
            if test in record.tags and (not tag or tag in record.tags)]
