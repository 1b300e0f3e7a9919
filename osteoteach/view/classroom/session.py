"""What an instructor does with a room, step by step, without any widget.

Every step goes to the store with the room's secret: this object believes nobody, not even
itself. It holds no votes; what is shown is read again each time.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from osteoteach.errors import DataError, InputError
from osteoteach.progress.room_questions import Question, question_from_plain
from osteoteach.progress.rooms import Rooms, Round, join_code
from osteoteach.view.classroom.limits import ROOMS_OF_KERNEL, SECRETS_OF_KERNEL, Limiter
from osteoteach.view.classroom.reveal import reveal_of
from osteoteach.view.classroom.tally import summary
from osteoteach.view.classroom.vote_chart import ChartContent, vote_chart
from osteoteach.view.presenting.expected import Expected, compute_apart, trial_of
from osteoteach.view.presenting.scenarios import ScenarioList, Step, list_names, load_list

__all__ = ["Asked", "Session"]

SECONDS_TO_COMPUTE = 60


@dataclass(frozen=True)
class Asked:
    """A round as the projector shows it."""

    round: Round
    count: int
    step: Step | None
    place: tuple[str, int] | None  # list and step, from 1


class Session:
    """One instructor at one room.

    Parameters
    ----------
    rooms : Rooms, optional
    compute : callable, optional
        Takes a list's name and a step's number and returns what the model expects.
    """

    def __init__(self, rooms: Rooms | None = None,
                 compute: Callable[[str, int], Expected] = compute_apart) -> None:
        self.rooms = rooms or Rooms()
        self._compute = compute
        self._computing: dict[tuple[str, int], Future] = {}
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="osteoteach-expected")
        self._tries = Limiter(SECRETS_OF_KERNEL)
        self._openings = Limiter(ROOMS_OF_KERNEL)
        self._lists: dict[str, ScenarioList] | None = None
        #: What is wrong with lists that could not be read: file, line and field.
        self.list_problems: list[str] = []
        self.code = self.secret = self.expires_at = ""

    # --- Rooms ------------------------------------------------------------------------

    def open(self) -> None:
        """Open a new room; the one before stays in the store until it expires."""
        if self._openings.wait_seconds("room"):
            raise InputError("room", "was opened too often", "", "Wait two minutes.")
        found = self.rooms.open()
        self.code, self.secret, self.expires_at = found.code, found.secret, found.expires_at

    def enter(self, code: object, secret: object) -> None:
        """Come back to a room with its secret.

        Raises
        ------
        RoomRefused
            There is no such room, or the secret is not its own.
        """
        if self._tries.wait_seconds("secret"):
            raise InputError("link", "was tried too often", "", "Wait a minute.")
        known = join_code(code)
        self.expires_at = self.rooms.check(known, secret if isinstance(secret, str) else "")
        self.code, self.secret = known, str(secret)

    def leave(self) -> None:
        """Forget the room; it stays open for whoever has its secret."""
        self.code = self.secret = self.expires_at = ""

    def end(self) -> None:
        """Take the room and its votes away."""
        self.rooms.end(self.code, self.secret)
        self.leave()

    # --- Questions --------------------------------------------------------------------

    def lists(self) -> dict[str, ScenarioList]:
        """All good scenario lists by name, read once; see `list_problems` for the others."""
        if self._lists is None:
            self._lists, self.list_problems = {}, []
            for name in list_names():
                try:
                    self._lists[name] = load_list(name)
                except DataError as error:
                    # One teacher's slip must not take the other lists away.
                    self.list_problems.append(str(error))
        return self._lists

    def ask(self, name: object, number: object) -> None:
        """Ask a prepared question; one that is a contrast is linked to its partner."""
        step = self._step(name, number)
        link, linked = "", None
        if step.prepared.contrast_of is not None:
            partner = self._step(name, step.prepared.contrast_of).prepared.question
            found = [one.number for one in self._rounds() if one.question == partner]
            if found:
                link, linked = "contrast", found[-1]
        self.rooms.ask(self.code, self.secret, step.prepared.question, link, linked)
        self._start_computing(str(name), int(number))

    def ask_own(self, plain: object) -> None:
        """Ask a question that was typed by hand."""
        if not isinstance(plain, dict):
            raise InputError("question", "must be filled in", "", "Type it.")
        self.rooms.ask(self.code, self.secret, question_from_plain(plain))

    def ask_again(self) -> None:
        """Ask the last question once more, after the class has talked about it."""
        last = self._last()
        self.rooms.ask(self.code, self.secret, last.question, "again", last.number)

    def close(self) -> None:
        """End the voting."""
        self.rooms.close(self.code, self.secret, self._last().number)

    def reveal(self) -> None:
        """Show everybody what the class, the model and the trial say."""
        asked = self.asked()
        if asked is None:
            raise InputError("round", "must be asked first", "", "Ask a question.")
        # Closed first, so that no vote arrives between the count and the reveal.
        self.rooms.close(self.code, self.secret, asked.round.number)
        votes = self.rooms.votes(self.code, self.secret, asked.round.number)
        found = trial = None
        if asked.place is not None:
            self._start_computing(*asked.place)
            found = self._computing[asked.place].result(SECONDS_TO_COMPUTE)
            trial = trial_of(asked.step.prepared)
        question = asked.round.question
        self.rooms.reveal(self.code, self.secret, asked.round.number, reveal_of(
            question, summary(question, votes), asked.step, found, trial))

    def asked(self) -> Asked | None:
        """The newest question with the count of its votes, None before the first."""
        rounds = self._rounds()
        if not rounds:
            return None
        place = self._place(rounds[-1].question)
        step = None if place is None else self.lists()[place[0]].step(place[1])
        count = self.rooms.count(self.code, self.secret, rounds[-1].number)
        return Asked(rounds[-1], count, step, place)

    def chart(self, asked: Asked) -> ChartContent:
        """The votes of a revealed round, over those of the round it is linked to."""
        votes = self.rooms.votes(self.code, self.secret, asked.round.number)
        before = ()
        if asked.round.linked_round is not None:
            linked = self._rounds()[asked.round.linked_round - 1]
            if _comparable(linked.question, asked.round.question):
                before = self.rooms.votes(self.code, self.secret, linked.number)
        return vote_chart(asked.round.question, votes, before,
                          (asked.round.reveal or {}).get("marks", {}), asked.round.link)

    def nicknames(self) -> list[str]:
        """Nicknames in the newest round, as texts."""
        votes = self.rooms.votes(self.code, self.secret, self._last().number)
        return sorted({vote.nickname for vote in votes if vote.nickname}, key=str.casefold)

    # --- Inside -----------------------------------------------------------------------

    def _rounds(self) -> tuple[Round, ...]:
        return self.rooms.rounds(self.code, self.secret)

    def _last(self) -> Round:
        rounds = self._rounds()
        if not rounds:
            raise InputError("round", "must be asked first", "", "Ask a question.")
        return rounds[-1]

    def _step(self, name: object, number: object) -> Step:
        found = self.lists().get(name) if isinstance(name, str) else None
        if found is None or type(number) is not int:
            raise InputError("question", "must be one of the prepared ones", str(name)[:40],
                             "Choose one.")
        step = found.step(number)
        if step.prepared is None:
            raise InputError("question", "must be one of the prepared ones", step.title,
                             "Choose another.")
        return step

    def _place(self, question: Question) -> tuple[str, int] | None:
        """Where a question was prepared. Found by its content, so a reload loses nothing."""
        for name, found in self.lists().items():
            for number, step in enumerate(found.steps, 1):
                if step.prepared is not None and step.prepared.question == question:
                    return name, number
        return None

    def _start_computing(self, name: str, number: int) -> None:
        # While the class votes; a computation that failed is tried again at the reveal.
        running = self._computing.get((name, number))
        if running is None or (running.done() and running.exception() is not None):
            self._computing[name, number] = self._worker.submit(self._compute, name, number)


def _comparable(one: Question, other: Question) -> bool:
    return (one.kind, one.unit, one.low, one.high, one.choices) == (
        other.kind, other.unit, other.low, other.high, other.choices)
