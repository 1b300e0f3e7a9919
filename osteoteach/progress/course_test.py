"""The test before and the test after a course, tied to the measured gaps.

Which questions a learner gets follows from a seed of the learner's name, and from the answers
already kept: a test that was begun keeps its questions when the pool grows. The two tests ask
the same ideas by parallel questions, and no question is in both. It does not know a page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from osteoteach.evidence import table
from osteoteach.progress.records import AnswerRecord
from osteoteach.teaching.questions import Question, all_questions, parallel_forms

__all__ = ["SIZE", "TESTS", "CourseTest", "GapResult", "course_test", "gap_results",
           "met_elsewhere"]

SIZE = 16
TESTS = ("pre", "post")
KIND = "question"


@dataclass(frozen=True)
class CourseTest:
    """Two parallel tests of one learner, and what was answered in them.

    ``answered`` holds by ``"pre"`` and ``"post"`` the first answer to each question.
    """

    forms: Mapping[str, tuple[Question, ...]]
    answered: Mapping[str, Mapping[str, AnswerRecord]]

    def open_questions(self, test: str) -> tuple[Question, ...]:
        """What is still to be answered, in order."""
        return tuple(one for one in self.forms[test] if one.id not in self.answered[test])

    def points(self, test: str) -> float:
        """Points so far, one for a right answer."""
        return sum(record.score for record in self.answered[test].values())


@dataclass(frozen=True)
class GapResult:
    """One measured gap: points and questions in each test, and the published size."""

    gap_id: str
    what: str
    asked: Mapping[str, int]
    points: Mapping[str, float]
    knew_pct: float | None
    who: str
    source_id: str
    note: str


def course_test(learner: str, records: Iterable[AnswerRecord],
                questions: Iterable[Question] | None = None) -> CourseTest:
    """The tests of one learner.

    Parameters
    ----------
    learner : str
        The same name gives the same two tests.
    records : iterable of AnswerRecord
        The learner's answers, oldest first.
    questions : iterable of Question, optional
        Default: those of the package. Only pairs that belong to a gap are asked.

    Examples
    --------
    >>> test = course_test("anna", ())
    >>> len(test.forms["pre"]), {one.pair for one in test.forms["pre"]} == {
    ...     one.id for one in test.forms["post"]}
    (16, True)
    """
    pool = {one.id: one for one in (all_questions() if questions is None else questions)
            if one.form and one.gaps}
    given = _first_answers(records, pool)
    seed = int.from_bytes(hashlib.sha256(learner.encode()).digest()[:4])
    dealt = parallel_forms(seed, min(SIZE, len(pool) // 2), pool.values())
    # What was begun stays: first the questions answered before, then the twins of those
    # answered after, then what the seed deals, until the test is full.
    before = list(dict.fromkeys([*given["pre"], *(
        pool[one].pair for one in given["post"] if pool[one].pair not in given["pre"]
        and one not in given["pre"])]))
    taken = {*before, *(pool[one].pair for one in before)}
    fresh = [one.id for one in dealt[0] if one.id not in taken]
    before += fresh[:max(0, len(dealt[0]) - len(before))]
    order = {one.id: place for place, one in enumerate(dealt[1])}
    after = sorted((pool[one].pair for one in before),
                   key=lambda name: order.get(name, len(order)))
    forms = {"pre": tuple(pool[one] for one in before),
             "post": tuple(pool[one] for one in after)}
    return CourseTest(forms, {test: {one.id: given[test][one.id] for one in forms[test]
                                     if one.id in given[test]} for test in TESTS})


def _first_answers(records: Iterable[AnswerRecord], pool: Mapping[str, Question],
                   ) -> dict[str, dict[str, AnswerRecord]]:
    given: dict[str, dict[str, AnswerRecord]] = {test: {} for test in TESTS}
    for record in records:
        if record.item_kind != KIND or record.item_id not in pool or record.score is None:
            continue
        for test in TESTS:
            # Of two twins in one test (a class changed its forms) the first counts.
            if test in record.tags and pool[record.item_id].pair not in given[test]:
                given[test].setdefault(record.item_id, record)
    return given


def gap_results(test: CourseTest) -> tuple[GapResult, ...]:
    """Results by gap, in the order of ``data/learning_gaps.csv``; gaps not asked are left out.

    Examples
    --------
    >>> gap_results(course_test("anna", ()))[0].knew_pct
    77.0
    """
    found = []
    for row in table("learning_gaps"):
        asked, points = {}, {}
        for name in TESTS:
            ids = [one.id for one in test.forms[name] if row["gap_id"] in one.gaps]
            scores = [test.answered[name][one].score for one in ids
                      if one in test.answered[name]]
            asked[name], points[name] = len(ids), sum(scores)
        if asked["pre"]:
            found.append(GapResult(row["gap_id"], row["what"], asked, points, row["knew_pct"],
                                   _who(row), row["source_id"], row["note"] or ""))
    return tuple(found)


def _who(row: Mapping[str, Any]) -> str:
    # Only where knowledge was tested is n a number of people.
    return f"{row['n']:,.0f} {row['who']}" if row["kind"] == "knowledge" else row["who"]


def met_elsewhere(test: CourseTest, name: str, records: Sequence[AnswerRecord]) -> int:
    """Questions of a test that the learner had answered outside both tests before it.

    Examples
    --------
    >>> met_elsewhere(course_test("anna", ()), "post", ())
    0
    """
    ids = {one.id for one in test.forms[name]}
    seen: set[str] = set()
    met: set[str] = set()
    for record in records:
        if record.item_kind == KIND and record.item_id in ids:
            if name in record.tags and record.item_id in seen:
                met.add(record.item_id)
            elif not set(TESTS) & set(record.tags):
                seen.add(record.item_id)
            if name in record.tags:
                ids.discard(record.item_id)
    return len(met)
