"""One error for everything that can go wrong with the place where answers are kept."""

from __future__ import annotations

__all__ = ["StoreProblem"]


class StoreProblem(RuntimeError):
    """Answers cannot be kept or read just now. The text is a sentence to show to the learner.

    Parameters
    ----------
    what : str
        What happened, with the file or server it happened to.
    remedy : str
        What to do.
    saved : bool
        True where the answer was kept all the same, and the learner must only be told
        something (a damaged file was put aside).

    Examples
    --------
    >>> print(StoreProblem("The disk of a.sqlite3 is full.", "Free some space."))
    The disk of a.sqlite3 is full. Free some space.
    """

    def __init__(self, what: str, remedy: str, saved: bool = False) -> None:
        self.what, self.remedy, self.saved = what, remedy, saved
        super().__init__(f"{what} {remedy}")

    def __reduce__(self):
        # Exceptions with several arguments do not pickle by themselves.
        return type(self), (self.what, self.remedy, self.saved)
