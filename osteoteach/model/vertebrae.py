"""Which lumbar vertebrae count.

A level is set aside when it is abnormal or cannot be assessed, or when its
T-score lies more than 1.0 from its neighbours; a single remaining vertebra is
never used (source iscd_2023).
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from osteoteach.errors import InputError
from osteoteach.model.vocabulary import checked_kind, checked_number, number_between

__all__ = ["SpineReading", "VertebraScan", "read_spine"]

LEVELS = ("L1", "L2", "L3", "L4")
LARGEST_STEP_T = 1.0
FEWEST_VERTEBRAE = 2


@dataclass(frozen=True)
class VertebraScan:
    """One level of a spine scan.

    Parameters
    ----------
    t_score : float
    bmd_g_cm2 : float, optional
    area_cm2 : float, optional
        Projected area, 5 to 40 cm2; with BMD it gives the density of a combination.
    abnormality : str
        Why the level cannot be assessed, for example ``"compression fracture"``.
    """

    t_score: float
    bmd_g_cm2: float | None = None
    area_cm2: float | None = None
    abnormality: str = ""

    def __post_init__(self) -> None:
        checked_number("t_score", self.t_score)
        if self.bmd_g_cm2 is not None:
            checked_number("bmd_g_cm2", self.bmd_g_cm2)
        if self.area_cm2 is not None:
            number_between("area_cm2", self.area_cm2, 5, 40, "must be from 5 to 40 cm2",
                           "Check the number and its unit.")


@dataclass(frozen=True)
class SpineReading:
    """Levels kept and set aside.

    Attributes
    ----------
    kept : tuple of str
        Empty if fewer than two can be used: the spine is then not reported.
    set_aside : mapping of level to reason
    bmd_g_cm2 : float or None
        Bone mineral content over area of the kept levels, if both were given.
    mean_t_score : float or None
        Mean of the kept levels' T-scores: a guide only. The report's own T-score
        for this combination is the one to diagnose with, because it uses the
        manufacturer's reference for exactly these levels.
    """

    kept: tuple[str, ...]
    set_aside: Mapping[str, str]
    bmd_g_cm2: float | None
    mean_t_score: float | None

    @property
    def usable(self) -> bool:
        return bool(self.kept)


def read_spine(levels: Mapping[str, VertebraScan]) -> SpineReading:
    """Apply the exclusion rules to L1 to L4.

    Levels are set aside one at a time, the one farthest from the median first,
    so that one abnormal vertebra does not take its neighbours with it.

    Parameters
    ----------
    levels : mapping of ``"L1"``..``"L4"`` to VertebraScan

    Returns
    -------
    SpineReading

    Raises
    ------
    InputError
        Unknown level, or none.

    Examples
    --------
    L3 is 1.6 above both neighbours, as degenerative change makes it.

    >>> reading = read_spine({"L1": VertebraScan(-2.4), "L2": VertebraScan(-2.2),
    ...                       "L3": VertebraScan(-0.6), "L4": VertebraScan(-2.3)})
    >>> reading.kept, round(reading.mean_t_score, 1)
    (('L1', 'L2', 'L4'), -2.3)
    """
    checked_kind("levels", levels, Mapping)
    for name, scan in levels.items():
        checked_kind(f"level {name}", scan, VertebraScan)
    unknown = [name for name in levels if name not in LEVELS]
    if unknown or not levels:
        raise InputError("levels", f"must be some of {', '.join(LEVELS)}", list(levels),
                         'Write {"L1": VertebraScan(t_score=-1.9), ...}.')
    set_aside = {name: levels[name].abnormality for name in LEVELS
                 if name in levels and levels[name].abnormality}
    kept = [name for name in LEVELS if name in levels and name not in set_aside]
    while len(kept) > FEWEST_VERTEBRAE:
        suspects = [name for name in kept if _differs(kept, name, levels)]
        if not suspects:
            break
        middle = statistics.median(levels[name].t_score for name in kept)
        worst = max(suspects, key=lambda name: abs(levels[name].t_score - middle))
        set_aside[worst] = (f"T-score {levels[worst].t_score:.1f} differs by more than "
                            f"{LARGEST_STEP_T} from its neighbours")
        kept.remove(worst)
    if len(kept) == FEWEST_VERTEBRAE and _differs(kept, kept[0], levels):
        # Two that disagree: nothing says which one to believe.
        set_aside |= dict.fromkeys(kept, "the last two levels differ by more than 1.0")
        kept = []
    if len(kept) == 1:
        set_aside[kept[0]] = "a single vertebra is never used"
        kept = []
    return SpineReading(tuple(kept), set_aside, _combined_bmd(kept, levels),
                        statistics.fmean(levels[n].t_score for n in kept) if kept else None)


def _differs(kept: list[str], name: str, levels: Mapping[str, VertebraScan]) -> bool:
    """Whether a level differs from *all* its adjacent kept levels by more than 1.0."""
    place = kept.index(name)
    neighbours = kept[max(place - 1, 0):place] + kept[place + 1:place + 2]
    own = levels[name].t_score
    # T-scores have one decimal: the small term keeps 1.0 itself on the safe side.
    return min(abs(own - levels[other].t_score) for other in neighbours) > LARGEST_STEP_T + 1e-9


def _combined_bmd(kept: list[str], levels: Mapping[str, VertebraScan]) -> float | None:
    scans = [levels[name] for name in kept]
    if not scans or any(scan.bmd_g_cm2 is None or scan.area_cm2 is None for scan in scans):
        return None
    content = sum(scan.bmd_g_cm2 * scan.area_cm2 for scan in scans)
    return content / sum(scan.area_cm2 for scan in scans)
