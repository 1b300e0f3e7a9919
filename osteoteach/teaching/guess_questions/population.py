"""The question of the page `population`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from osteoteach.evidence import table
from osteoteach.teaching.guesses import Guessable, Published

__all__ = ["population_guess"]


def population_guess(inside_pct: float, people: str, outcome_words: str, sex: str,
                     settings: tuple[Any, ...]) -> Guessable:
    """How many of those who break a bone have osteoporosis at the femoral neck before."""
    return Guessable(
        "population", f"Of 100 {people} who break a bone ({outcome_words}), how many have "
        "osteoporosis at the femoral neck today?",
        f"{people.capitalize()}, {outcome_words}", settings, inside_pct,
        "Two things multiply: the risk, which rises as the T-score falls, and the number of "
        "people, which shrinks. Guesses follow the first and forget the second.",
        unit="of 100", off_unit="in 100", further=tuple(_surveys(sex)))


def _surveys(sex: str) -> Iterable[Published]:
    """Cohorts that counted the same: what lies in the osteoporosis range."""
    for row in table("population_targets"):
        if (row["measure"], row["group"], row["sex"]) == ("share_of_fractures", "osteoporosis",
                                                          sex):
            place = row["population"].split(",")[0]
            yield Published(f"{place}, {row['from_age']} and over", row["value"], None, None,
                            row["source_id"], "population_targets", row["target_id"])
