"""Steps that can be undone and done again: plain values, without a page."""

from __future__ import annotations

import time
from collections.abc import Set as AbstractSet
from typing import Any

__all__ = ["History"]

State = dict[str, Any]

#: Changes of one slider that follow each other within this time are one step.
SAME_MOVE_S = 1.0


class History:
    """States of a page in the order they were reached.

    Parameters
    ----------
    start : dict
        The state to begin with.
    longest : int
        Steps that are kept; the oldest is forgotten first.

    Examples
    --------
    >>> steps = History({"age_years": 62})
    >>> steps.record({"age_years": 63})
    >>> steps.record({"age_years": 64}, merge=True)
    >>> steps.undo()
    {'age_years': 62}
    >>> steps.redo()
    {'age_years': 64}
    """

    def __init__(self, start: State, longest: int = 200) -> None:
        self.present = start
        self._past: list[State] = []
        self._future: list[State] = []
        self._longest = longest
        self._last_move: tuple[frozenset[str], float] = (frozenset(), 0.0)
        self._is_dragging = False

    def move(self, state: State, sliders: AbstractSet[str]) -> frozenset[str]:
        """Record ``state``; what moves one of the ``sliders`` on is part of the last step.

        Returns
        -------
        frozenset of str
            The names whose values have changed.
        """
        now = time.monotonic()
        changed = frozenset(name for name in state if state[name] != self.present[name])
        if changed:
            last_changed, last_time = self._last_move
            # The first move of a slider may have set another control too.
            is_same_move = (changed <= last_changed and changed <= sliders
                            and (self._is_dragging or now - last_time < SAME_MOVE_S))
            self.record(state, merge=is_same_move)
            self._last_move = changed, now
        return changed

    def drag(self, begins: bool) -> None:
        """Take note that a slider is pressed or let go: in between is one step."""
        self._is_dragging = begins
        if begins:
            self.begin_step()

    def begin_step(self) -> None:
        """Make what changes next a step of its own."""
        self._last_move = frozenset(), 0.0

    def record(self, state: State, *, merge: bool = False) -> None:
        """Take ``state`` as the present one; ``merge`` makes it part of the last step."""
        if state == self.present:
            return
        if not (merge and self._past):
            self._past.append(self.present)
            del self._past[: -self._longest]
        self.present = state
        # A new way was taken: the old one cannot be done again.
        self._future.clear()

    @property
    def can_undo(self) -> bool:
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        return bool(self._future)

    def undo(self) -> State:
        """Step back and return the state there; at the start, stay."""
        if self._past:
            self._future.append(self.present)
            self.present = self._past.pop()
        return self.present

    def redo(self) -> State:
        """Step forward again and return the state there; at the end, stay."""
        if self._future:
            self._past.append(self.present)
            self.present = self._future.pop()
        return self.present

    def start_from(self, state: State) -> None:
        """Forget all steps and begin at ``state``."""
        self.present = state
        self._past.clear()
        self._future.clear()
