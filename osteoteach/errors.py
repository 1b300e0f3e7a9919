"""The two errors a user of osteoteach can meet: their input, or our data.

Both say the same four things, because an error should teach: which name, which
rule, which value was received, and what to do next.
"""

from __future__ import annotations

__all__ = ["DataError", "InputError"]


LONGEST_SHOWN = 240


def _shown(value: object) -> str:
    """The value as it was received, unless it would fill the page."""
    if isinstance(value, int) and abs(value) >= 10**100:
        return "a whole number of more than 100 digits"  # Python refuses to write out longer ones
    try:
        text = repr(value)
    except ValueError:  # such a number inside something else
        return f"a {type(value).__name__} that cannot be written out"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


class InputError(ValueError):
    """A value given by the user breaks a rule. Nothing was changed.

    Parameters
    ----------
    name : str
        The field as the caller spelled it, for example ``"age_years"``.
    rule : str
        What must hold, for example ``"must be from 20 to 100 years"``.
    value : object
        What was received.
    remedy : str
        What to do next, as a sentence.

    Examples
    --------
    >>> print(InputError("age_years", "must be from 0 to 110", 620, "Give years."))
    age_years must be from 0 to 110; received 620. Give years.
    """

    def __init__(self, name: str, rule: str, value: object, remedy: str) -> None:
        self.name = name
        self.rule = rule
        self.value = value
        self.remedy = remedy
        super().__init__(f"{name} {rule}; received {_shown(value)}. {remedy}")

    def __reduce__(self):
        # Exceptions with several arguments do not pickle by themselves.
        return type(self), (self.name, self.rule, self.value, self.remedy)


class DataError(ValueError):
    """A file of ``data/`` breaks its schema, a key or its recorded hash.

    Parameters
    ----------
    file : str
        File name inside ``data/``.
    rule : str
        What must hold.
    value : object
        What was found.
    row : int, optional
        Line in the file, the header being line 1.
    column : str, optional
        Field name.

    Examples
    --------
    >>> print(DataError("sources.csv", "must be a year", "19x8", row=4, column="year"))
    data/sources.csv, row 4, column year: must be a year; found '19x8'.
    """

    def __init__(
        self,
        file: str,
        rule: str,
        value: object,
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        self.file = file
        self.rule = rule
        self.value = value
        self.row = row
        self.column = column
        place = f"data/{file}"
        if row is not None:
            place += f", row {row}"
        if column is not None:
            place += f", column {column}"
        super().__init__(f"{place}: {rule}; found {_shown(value)}.")

    def __reduce__(self):
        return type(self), (self.file, self.rule, self.value, self.row, self.column)
