"""The claim desk: judge one claim after another, or check a pasted article.

One widget with two modes. Nothing of a verdict crosses to the browser before the reader
has committed one; a committed answer is recorded first, then its feedback is shown. A
pasted text stays in the memory of this kernel and is kept nowhere. What a browser sends is
taken in a few known shapes only.
"""

from __future__ import annotations

import logging
import random
import re
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from osteoteach.errors import InputError
from osteoteach.teaching.claims.base import Claim, claim, claims
from osteoteach.teaching.claims.judging import Judgement, judge
from osteoteach.view.claim_words import (
    CHOICES,
    EXAMPLE,
    article_of,
    feedback_of,
    item_of,
    label_of,
)
from osteoteach.view.code_once import CodeOnce, code
from osteoteach.view.controls import script, style
from osteoteach.view.questions.telling import CONFIDENCES

if TYPE_CHECKING:
    from osteoteach.teaching.claims.article import ArticleCheck

__all__ = ["ClaimDesk"]

log = logging.getLogger(__name__)
_LEARNER = re.compile(r"browser-[0-9a-f]{32}|")


class ClaimDesk(CodeOnce, anywidget.AnyWidget):
    """Claims to judge, and articles to check.

    Parameters
    ----------
    seed : int, optional
        Fixes the order in which claims are dealt.

    Examples
    --------
    >>> desk = ClaimDesk(seed=1)
    >>> desk.pick("xgeva_for_osteoporosis")
    >>> desk.item["text"], desk.feedback
    ('Xgeva or Prolia (denosumab) is used for osteoporosis.', {})
    """

    _esm = code(script("parts.js", "claim.js"))
    _css = code(style("claim.css"))

    mode = traitlets.Enum(["judge", "article"], "judge").tag(sync=True)
    #: The claim in question, without its verdict.
    item = traitlets.Dict().tag(sync=True)
    #: Empty until the reader has committed.
    feedback = traitlets.Dict().tag(sync=True)
    #: Claims to pick from: name and text.
    listing = traitlets.List().tag(sync=True)
    choices = traitlets.List(CHOICES).tag(sync=True)
    #: Percent and words.
    confidences = traitlets.List([list(one) for one in CONFIDENCES]).tag(sync=True)
    example = traitlets.Unicode(EXAMPLE).tag(sync=True)
    #: The checked article; empty before.
    article = traitlets.Dict().tag(sync=True)
    #: What is wrong with the pasted text.
    article_problem = traitlets.Unicode("").tag(sync=True)
    #: That an answer could not be kept, in words.
    notice = traitlets.Unicode("").tag(sync=True)

    def __init__(self, seed: int | None = None) -> None:
        super().__init__()
        self._draw = random.Random(seed)
        self._topic: str | None = None
        self._judged: dict[str, Judgement] = {}
        self._listeners: list[Callable[[], None]] = []
        self._claim: Claim | None = None
        self.checked_article: ArticleCheck | None = None
        self.on_msg(self._on_message)
        self.filter(None)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Ignore what a browser sets: it asks by messages, and those are checked."""

    # --- The page's side -----------------------------------------------------------

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """What the reader said, each claim once, in the order of the first answers."""
        return tuple(self._judged.values())

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` after every answer and every checked article."""
        self._listeners.append(callback)

    def filter(self, topic: str | None) -> None:
        """Deal claims of one topic only, or of all; an open claim that fits stays."""
        if topic == self._topic and self._claim is not None:
            return
        self._topic = topic
        self.listing = [[one.claim_id, label_of(one)] for one in claims(topic)]
        if self._claim is None or topic not in (None, self._claim.topic):
            self.deal()

    # --- The reader's side -----------------------------------------------------------

    def deal(self) -> None:
        """Put the next claim on the desk: one that was not judged yet, while there is one."""
        pool = claims(self._topic)
        fresh = [one for one in pool if one.claim_id not in self._judged]
        weak = [one for one in pool
                if one.claim_id in self._judged and self._judged[one.claim_id].points < 1]
        choice = [one for one in fresh or weak or pool if one is not self._claim] or list(pool)
        self._show(self._draw.choice(choice))

    def pick(self, claim_id: str) -> None:
        """Put a certain claim on the desk."""
        self._show(claim(claim_id))

    def _show(self, chosen: Claim) -> None:
        self._claim = chosen
        with self.hold_sync():
            self.feedback = {}
            self.notice = ""
            self.item = item_of(chosen)

    def commit(self, verdict: str, confidence_pct: int, learner: str = "") -> None:
        """Record the reader's verdict, then show the evidence.

        Raises
        ------
        InputError
            Verdict or confidence is none that was offered.
        """
        if self._claim is None or self.feedback:
            return
        given = judge(self._claim, verdict, confidence_pct)
        problem = _record(self._claim, given, learner)
        self._judged[given.claim_id] = given
        with self.hold_sync():
            self.notice = problem
            self.feedback = feedback_of(self._claim, given)
        self._changed()

    def check(self, text: str) -> None:
        """Check a pasted article; a text that cannot be read is refused with a sentence."""
        # The text library is not imported before somebody pastes a text.
        from osteoteach.teaching.claims.article import check_article

        try:
            found = check_article(text)
        except InputError as error:
            self.article_problem = f"The text {error.rule}. {error.remedy}"
            return
        self.checked_article = found
        with self.hold_sync():
            self.article_problem = ""
            self.article = article_of(found)
        self._changed()

    def clear_article(self) -> None:
        """Forget the pasted text."""
        self.checked_article = None
        with self.hold_sync():
            self.article_problem = ""
            self.article = {}
        self._changed()

    def remember(self, learner: str) -> None:
        """Take over what this learner judged before, so that the score goes on."""
        from osteoteach.progress.store import StoreProblem, open_store

        known = {one.claim_id: one for one in claims()}
        try:
            kept = open_store(learner=learner or None).answers(item_kind="claim")
        except StoreProblem as problem:
            self.notice = str(problem)
            return
        for answer in kept:
            one = known.get(answer.item_id)
            if one is None or one.version != answer.item_version or answer.score is None:
                continue
            earlier = Judgement(one.claim_id, str(answer.given.get("verdict", "")),
                                answer.confidence_pct or 0, answer.score)
            self._judged.setdefault(one.claim_id, earlier)
        self._changed()

    def _changed(self) -> None:
        for callback in self._listeners:
            callback()

    # --- Messages of the browser -------------------------------------------------------

    def _on_message(self, _widget: object, content: Any, _buffers: object) -> None:
        # A browser may send anything: only these shapes are taken, all else is left aside.
        try:
            self._take(content)
        except InputError as error:
            log.warning("A claim page sent what it cannot have offered: %s", error)
        except Exception as error:
            log.exception("The claim desk failed")
            self.notice = f"Something went wrong in the program ({type(error).__name__})."

    def _take(self, content: Any) -> None:
        match content:
            case {"hello": str(learner), **rest} if not rest and _LEARNER.fullmatch(learner):
                self.remember(learner)
            case {"commit": [str(claim_id), str(verdict), int(sure)], "learner": str(learner),
                  **rest} if not rest and _LEARNER.fullmatch(learner):
                # A late message about an earlier claim must not answer this one.
                if self._claim is not None and claim_id == self._claim.claim_id:
                    self.commit(verdict, sure, learner)
            case {"next": True, **rest} if not rest:
                self.deal()
            case {"pick": str(claim_id), **rest} if not rest:
                self.pick(claim_id)
            case {"article": str(text), **rest} if not rest:
                self.check(text)
            case {"clear": True, **rest} if not rest:
                self.clear_article()


def _record(chosen: Claim, given: Judgement, learner: str) -> str:
    """Keep the answer; returns why it could not be kept, or nothing."""
    # The store needs SQLAlchemy, which no page should wait for.
    from osteoteach.progress.store import AnswerRecord, StoreProblem, open_store

    record = AnswerRecord(
        answer_id=uuid.uuid4().hex, learner=learner, item_kind="claim", item_id=chosen.claim_id,
        item_version=chosen.version, given={"verdict": given.verdict, "claim": chosen.text},
        score=given.points, confidence_pct=given.confidence_pct,
        tags=(f"topic-{chosen.topic}", f"lesson-{chosen.lesson}"), answered_at="")
    try:
        open_store(learner=learner or None).record(record)
    except StoreProblem as problem:
        return str(problem)
    return ""
