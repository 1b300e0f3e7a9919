"""What a medicine may harm, in the unit of what it helps.

Answers: published rates with exposure and population, and what they come to among
10,000 people over some years.
Refuses: to turn a ratio without a rate, or a percentage of another group, into persons.
A rate that could not be confirmed is absent, and `absent_harms` says so.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from osteoteach.evidence import table
from osteoteach.model.framing import Framing
from osteoteach.model.medicines import medicine as medicine_by_name
from osteoteach.model.medicines import medicine_names
from osteoteach.model.vocabulary import checked_choice, number_between, plain_name

__all__ = ["BalanceRow", "Harm", "PerTenThousand", "absent_harms", "benefit_and_harm", "harms",
           "per_10_000", "suited_row"]

PERSONS = 10_000
PERCENT = 100
#: Supplements are no medicine of the model, but their harm is known.
SUPPLEMENT = "calcium_vitamin_d"
_RATES = ("per_10000_person_years", "excess_per_10000_person_years")
_NOT_CONFIRMED = "not_confirmed"
_UNITS = {
    "per_10000_person_years": "per 10,000 person-years",
    "excess_per_10000_person_years": "more (if negative, fewer) per 10,000 person-years",
    "pct_over_period": "% over the time studied", "pct_once": "%, once",
    "pct_of_patients": "% of patients, no time given",
    "pct_of_those_affected": "% of those who had the event", "ratio_only": "ratio only",
    _NOT_CONFIRMED: "not confirmed",
}


@dataclass(frozen=True)
class Harm:
    """One published rate of harm.

    Attributes
    ----------
    exposure_from_years, exposure_to_years : float or None
        Years of use between which the rate holds.
    applies : str
        ``on_treatment``, ``after_stopping``, or ``only_some``: people in a special
        situation, which ``exposure`` names.
    rate, comparator_rate, low, high : float or None
        In ``unit``; ``low`` and ``high`` are the 95% interval of ``rate``.
    period_years : float or None
        Time over which a percentage was counted.
    studied_years : float or None
        Mean or median time on treatment in the study.
    """

    harm_id: str
    harm: str
    medicines: tuple[str, ...]
    exposure: str
    exposure_from_years: float | None
    exposure_to_years: float | None
    applies: str
    population: str | None
    rate: float | None
    unit: str
    period_years: float | None
    studied_years: float | None
    comparator: str | None
    comparator_rate: float | None
    low: float | None
    high: float | None
    relative_risk: float | None
    relative_risk_low: float | None
    relative_risk_high: float | None
    source_ids: tuple[str, ...]
    note: str | None

    @property
    def name(self) -> str:
        """The harm in words."""
        return plain_name(self.harm)

    @property
    def unit_in_words(self) -> str:
        """The unit of the rate in words."""
        return _UNITS[self.unit]


@functools.cache
def _all() -> tuple[Harm, ...]:
    names = [name for name in Harm.__dataclass_fields__ if name not in ("medicines", "source_ids")]
    return tuple(Harm(medicines=tuple(row["medicines"].split(";")),
                      source_ids=tuple((row["source_ids"] or "").split(";"))
                      if row["source_ids"] else (), **{name: row[name] for name in names})
                 for row in table("harms"))


def _of(medicine: str | None) -> tuple[Harm, ...]:
    if medicine is None:
        return _all()
    checked_choice("medicine", medicine, (*medicine_names(), SUPPLEMENT))
    also = {medicine}
    if medicine != SUPPLEMENT:
        # A row for "estrogen" means the medicine, which has the name of its class.
        also |= {medicine_by_name(medicine).medicine_class} - set(medicine_names())
    return tuple(harm for harm in _all() if also & set(harm.medicines))


def harms(medicine: str | None = None) -> tuple[Harm, ...]:
    """Published harms of a medicine and of its class; without a name, all.

    Parameters
    ----------
    medicine : str, optional
        A name of `medicines.medicine_names`, or ``calcium_vitamin_d``.

    Returns
    -------
    tuple of Harm
        In the order of the table.

    Examples
    --------
    >>> sorted({one.harm for one in harms("raloxifene")})
    ['fatal_stroke', 'invasive_breast_cancer', 'stroke', 'venous_thromboembolism']
    """
    return tuple(harm for harm in _of(medicine) if harm.unit != _NOT_CONFIRMED)


def absent_harms(medicine: str | None = None) -> tuple[Harm, ...]:
    """Harms that are known of but whose rate could not be confirmed; ``note`` says what.

    Examples
    --------
    >>> [one.harm for one in absent_harms("teriparatide")]
    ['bone_tumour']
    """
    return tuple(harm for harm in _of(medicine) if harm.unit == _NOT_CONFIRMED)


@dataclass(frozen=True)
class PerTenThousand:
    """A harm among 10,000 people.

    Attributes
    ----------
    count, count_low, count_high : float or None
        People with the harm while on the medicine, with its interval.
    comparator_count : float or None
        The same in the comparator.
    extra : float or None
        Difference to the comparator; of an excess rate the excess itself. ``None``
        where the study gives no comparator's rate.
    over_years : float or None
        Time to which the count belongs.
    remark : str
        Why there is no count, or what the count assumes.
    """

    count: float | None
    count_low: float | None
    count_high: float | None
    comparator_count: float | None
    extra: float | None
    over_years: float | None
    remark: str


def _none(remark: str) -> PerTenThousand:
    return PerTenThousand(None, None, None, None, None, None, remark)


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def per_10_000(harm: Harm, years: float) -> PerTenThousand:
    """A published rate as persons among 10,000, where its unit allows.

    A rate by person-years is taken as steady, and counted only in the years of use to
    which it belongs. A percentage stays with the time over which it was counted.

    Parameters
    ----------
    harm : Harm
    years : float
        Time on the medicine, above 0 and at most 40.

    Returns
    -------
    PerTenThousand
        With no count, and the reason, where the unit does not allow one.

    Examples
    --------
    Atypical fracture of the femur, 11 per 10,000 person-years from the fourth year on
    (source schilcher_2015). By hand for ten years: 11 x 6 = 66.

    >>> long_use = next(one for one in harms("alendronate") if one.exposure_from_years == 4)
    >>> per_10_000(long_use, 10).count
    66.0
    >>> per_10_000(long_use, 3).remark
    'The rate belongs to later years of use.'
    """
    years = number_between("years", years, 1e-9, 40, "must be above 0 and at most 40 years",
                           "Give the years on the medicine.")
    if harm.rate is None:
        return _none("Only a ratio is published, or nothing that could be confirmed.")
    if harm.applies == "after_stopping":
        return _none("It belongs to the time after stopping without a follow-on medicine.")
    if harm.unit in _RATES:
        return _from_rate(harm, years)
    if harm.unit == "pct_once":
        return _scaled(harm, PERSONS / PERCENT, None, "Counted once, at the first dose.")
    if harm.unit == "pct_over_period":
        if years < harm.period_years:
            return _none(f"Published over {harm.period_years:g} years, not for a shorter time.")
        return _scaled(harm, PERSONS / PERCENT, harm.period_years,
                       f"Over the {harm.period_years:g} years that were studied.")
    return _none(f"Published as {harm.unit_in_words}.")


def _from_rate(harm: Harm, years: float) -> PerTenThousand:
    start, end = harm.exposure_from_years or 0.0, harm.exposure_to_years
    counted = min(years, years if end is None else end) - start
    if counted <= 0:
        return _none("The rate belongs to later years of use.")
    remark = "Taken as steady over the years counted."
    if harm.studied_years is not None and years > harm.studied_years:
        remark = f"Studied for {harm.studied_years:g} years; taken to stay the same after."
    return _scaled(harm, counted, counted, remark)


def _scaled(harm: Harm, factor: float, over_years: float | None, remark: str) -> PerTenThousand:
    rate, low, high, comparator = (
        _times(value, factor)
        for value in (harm.rate, harm.low, harm.high, harm.comparator_rate))
    if harm.unit.startswith("excess"):
        return PerTenThousand(None, low, high, None, rate, over_years, remark)
    extra = None if comparator is None else rate - comparator
    return PerTenThousand(rate, low, high, comparator, extra, over_years, remark)


@dataclass(frozen=True)
class BalanceRow:
    """One line of benefit beside harm, in persons among 10,000.

    Attributes
    ----------
    kind : str
        ``benefit`` or ``harm``.
    difference : float or None
        Persons more with the medicine (negative: fewer).
    with_medicine, without_medicine : float or None
    over_years : float or None
    remark : str
    harm : str or None
        Which harm; rows of one harm stand beside each other and are not to be added up.
    comparator : str or None
        Against what ``without_medicine`` was counted.
    covers_course : bool
        Whether the row's years of use are those of the whole course.
    """

    kind: str
    what: str
    difference: float | None
    with_medicine: float | None
    without_medicine: float | None
    over_years: float | None
    population: str | None
    remark: str
    source_ids: tuple[str, ...]
    harm: str | None = None
    comparator: str | None = None
    covers_course: bool = True


def benefit_and_harm(medicine: str, framing: Framing, years: float = 10.0,
                     ) -> tuple[BalanceRow, ...]:
    """Benefit beside harm in one unit: persons among 10,000.

    Harms are those of the people studied, not of this person.

    Parameters
    ----------
    medicine : str
    framing : Framing
        The benefit, made for the same number of years.
    years : float
        Time on the medicine.

    Returns
    -------
    tuple of BalanceRow
        The benefit first, then the harms in the order of the table.

    Examples
    --------
    By hand: 10,000 x 0.19 x (1 - 0.64) = 684 fewer break a bone.

    >>> from osteoteach.model.framing import framing
    >>> rows = benefit_and_harm("zoledronate", framing(0.19, 0.64), years=6)
    >>> round(rows[0].difference)
    -684
    """
    benefit = BalanceRow("benefit", framing.event, -PERSONS * framing.absolute_reduction,
                         PERSONS * framing.risk_with, PERSONS * framing.risk_without, years,
                         framing.whom, framing.number_needed_sentence, ())
    return (benefit, *(_balance(harm, years) for harm in harms(medicine)))


def _balance(harm: Harm, years: float) -> BalanceRow:
    persons = per_10_000(harm, years)
    if harm.applies == "only_some":
        persons = _none(f"Only in some people: {harm.exposure}.")
    return BalanceRow("harm", f"{harm.name}, {harm.exposure}", persons.extra, persons.count,
                      persons.comparator_count, persons.over_years, harm.population,
                      persons.remark, harm.source_ids, harm.harm, harm.comparator,
                      persons.over_years == years
                      and not harm.exposure_from_years
                      and (harm.exposure_to_years or years) >= years)


def suited_row(rows: Iterable[BalanceRow]) -> BalanceRow | None:
    """Of the rows of one harm the one that fits the course best.

    A row with a number whose years of use are those of the course; else the one that
    counts the longest. Of several the first of the table.

    Examples
    --------
    Ten years of alendronate: the rate of any use counts all ten (source lee_2018). By hand:
    8.59 x 10 = 85.9 of 10,000.

    >>> from osteoteach.model.framing import framing
    >>> rows = benefit_and_harm("alendronate", framing(0.2, 0.7), years=10)
    >>> best = suited_row(row for row in rows if row.harm == "atypical_femoral_fracture")
    >>> best.what, round(best.with_medicine, 1)
    ('atypical femoral fracture, any use', 85.9)
    """
    counted = [row for row in rows
               if row.with_medicine is not None or row.difference is not None]
    return max(counted, key=lambda row: (row.covers_course, row.over_years or 0.0), default=None)
