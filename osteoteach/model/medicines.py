"""The medicines: what the label says (``data/medicines.csv``), and what they push.

Regimen, limits and approval come from the table. Which lever of the remodelling model
a medicine moves is part of the model's structure, so it stands here.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass

from osteoteach.errors import InputError
from osteoteach.evidence import table
from osteoteach.model.remodelling import Constants, Number
from osteoteach.model.schedule import DailyIntake, Dose
from osteoteach.model.vocabulary import checked_choice

__all__ = ["Medicine", "acts_on", "dose_times", "is_injected", "medicine", "medicine_names"]

#: Given at intervals, each dose waning on its own.
_INJECTED = {"denosumab": "denosumab", "romosozumab": "romosozumab",
             "zoledronate": "zoledronate", "zoledronate_18_months": "zoledronate"}
#: Taken steadily: (lever of `Intake`, constant that says how strong; None is 1).
#: Quarterly ibandronate acts like a steady intake because bone surface holds it.
_DAILY = {
    "alendronate": (("bisphosphonate", None),),
    "risedronate": (("bisphosphonate", "risedronate_strength"),),
    "ibandronate_oral": (("bisphosphonate", "ibandronate_oral_strength"),),
    "ibandronate_iv": (("bisphosphonate", "ibandronate_iv_strength"),),
    "estrogen": (("estrogen", None),),
    "estrogen_progestogen": (("estrogen", None),),
    "raloxifene": (("estrogen", "raloxifene_strength"),),
    "conjugated_estrogens_bazedoxifene":
        (("estrogen", "conjugated_estrogens_bazedoxifene_strength"),),
    "calcitonin": (("estrogen", "calcitonin_strength"),),
    "teriparatide": (("pth_formation", None), ("pth_resorption", None)),
    "abaloparatide": (("pth_formation", "abaloparatide_formation_strength"),
                      ("pth_resorption", "abaloparatide_resorption_strength")),
}


@dataclass(frozen=True)
class Medicine:
    """One medicine with its approved regimen.

    Attributes
    ----------
    dose_interval_years : float
        Time from one dose to the next.
    limit_years : float or None
        Longest use by the label, in a course or in a lifetime (``limit_scope``).
    egfr_minimum_ml_min : float or None
        Below it the label advises against the medicine (``egfr_rule`` says how).
    """

    name: str
    label: str
    medicine_class: str
    regimen: str
    route: str
    dose_interval_years: float
    limit_years: float | None
    limit_scope: str | None
    egfr_minimum_ml_min: float | None
    egfr_rule: str | None
    approved_women: str | None
    approved_men: str | None
    source_ids: tuple[str, ...]


def medicine_names() -> tuple[str, ...]:
    """Names of all medicines, in the order of the table.

    Examples
    --------
    >>> "denosumab" in medicine_names()
    True
    """
    return tuple(_medicines())


@functools.cache
def _medicines() -> dict[str, Medicine]:
    found = {}
    for row in table("medicines"):
        values = {name: row[name] for name in Medicine.__dataclass_fields__
                  if name not in ("name", "source_ids")}
        found[row["medicine"]] = Medicine(
            name=row["medicine"], source_ids=tuple(row["source_ids"].split(";")), **values)
    return found


def medicine(name: str) -> Medicine:
    """A medicine by its name.

    Examples
    --------
    >>> medicine("denosumab").dose_interval_years
    0.5
    """
    return _medicines()[checked_choice("medicine", name, _medicines())]


def is_injected(name: str) -> bool:
    """Whether a medicine is modelled dose by dose."""
    return name in _INJECTED


def dose_times(name: str, start_years: float, end_years: float,
               adherence: float = 1.0) -> tuple[float, ...]:
    """When the doses of a course fall: from its start, none at or after its end.

    With an adherence below 1 doses are left out, evenly: at 0.5 every second one.

    Examples
    --------
    >>> dose_times("denosumab", 0, 2)
    (0.0, 0.5, 1.0, 1.5)
    >>> dose_times("denosumab", 0, 2, adherence=0.5)
    (0.0, 1.0)
    """
    interval = medicine(name).dose_interval_years
    # However short, a course begins with a dose.
    count = max(1, math.ceil((end_years - start_years) / interval - 1e-6))
    return tuple(
        float(start_years + number * interval) for number in range(count)
        if math.ceil((number + 1) * adherence - 1e-9) > math.ceil(number * adherence - 1e-9))


def acts_on(name: str, start_years: float, end_years: float, constants: Constants,
            adherence: Number = 1.0, usual_doses: Number = 1.0,
            ) -> Iterable[Dose | DailyIntake]:
    """What a course of a medicine gives the remodelling model.

    Parameters
    ----------
    adherence : float
        Share of the medicine taken, 0 to 1. A daily medicine is taken that much less;
        of injections that many are given.
    usual_doses : float
        Size of each dose, in usual doses.
    """
    if name in _INJECTED:
        return [Dose(time, _INJECTED[name], usual_doses)
                for time in dose_times(name, start_years, end_years, adherence)]
    if name not in _DAILY:
        raise InputError("medicine", f"must be one of {', '.join((*_INJECTED, *_DAILY))}", name,
                         "A medicine needs a lever of the model, in medicines.py.")
    amount = usual_doses * adherence
    given = []
    for lever, strength in _DAILY[name]:
        level = amount * (1.0 if strength is None else getattr(constants, strength))
        if lever == "estrogen":
            # A receptor cannot be filled more than once, however large the dose.
            level = 0.5 * (level + 1.0 - abs(level - 1.0))
        given.append(DailyIntake(start_years, end_years, lever, level))
    return given
