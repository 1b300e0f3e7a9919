"""How far off the model was on each kind of stop, switch and combination."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from osteoteach.calibration.scores import Prediction
from osteoteach.calibration.write_fit import write_table
from osteoteach.model.plan_kinds import kinds_of
from osteoteach.model.remodelling import SITES

__all__ = ["kind_rows", "write_kinds"]

COLUMNS = ("kind", "site", "numbers", "bias_points", "covered_pct")
# A number read at the very moment of a switch says nothing of it.
LATER_YEARS = 1e-6


def _latest_kind(one: Prediction) -> str | None:
    """What happened last before a number was read."""
    kinds = [kind for kind, since in kinds_of(one.arm.plan, one.row.time_years)
             if since < one.row.time_years - LATER_YEARS]
    return kinds[-1] if kinds else None


def kind_rows(found: Iterable[Prediction]) -> Iterator[tuple]:
    """Rows of ``validation_kinds.csv``: women and men, both roles, bone density only."""
    groups: dict[tuple[str, str], list[Prediction]] = {}
    for one in found:
        kind = None if one.row.is_marker else _latest_kind(one)
        if kind is not None:
            groups.setdefault((kind, one.row.site), []).append(one)
    for kind, site in sorted(groups, key=lambda key: (key[0], SITES.index(key[1]))):
        some = groups[kind, site]
        yield (kind, site, len(some), f"{sum(one.error for one in some) / len(some):.2f}",
               f"{100 * sum(one.covered for one in some) / len(some):.0f}")


def write_kinds(found: Iterable[Prediction], folder: Path) -> None:
    """Write ``validation_kinds.csv``."""
    write_table(folder / "validation_kinds.csv", COLUMNS, kind_rows(found))
