"""What surveys and cohorts have printed, beside what the population gives.

The targets are in ``data/population_targets.csv``. None was used to set a number of the
population. Some are no independent proof: spine and hip of 2005-08 are of the survey whose
mean densities the population starts from (its shares below a line are not used), and the
losses over the menopause are among the sources of ``data/untreated_loss.csv``. Where
population and publication disagree, the table says so, and `REASONS` why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteoteach.evidence import table
from osteoteach.synthetic_population.measures import COUNTRY, reproduced_value
from osteoteach.synthetic_population.population import checked_request

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["REASONS", "reproduce_published"]

_WHO = ("The densities are of white people: held against white people alone "
        "(wright_2014_white), all four figures are met. ")
_SURVEYS = ("The four surveys differ among themselves more than chance allows: at the femoral "
            "neck of women chi-squared is 10.3 on 3 degrees of freedom. ")
#: Why the population is not where a kind of target is.
REASONS: dict[str, str] = {
    "prevalence": _WHO + _SURVEYS + "The survey sees people who live at home, the census here has "
                  "nursing homes too, which counts most past 80. Men are too few below the line: "
                  "log-normal densities have short lower tails.",
    "t_score_mean": "White people here, all groups there.",
    "t_score_sd": "White people here, all groups there.",
    "predicted_risk_mean": "FRAX knows clinical factors of risk and ethnic groups, and its own "
                           "rates; here age, sex and density alone are known, with the hip rates "
                           "of white Americans in 2006.",
    "predicted_risk_share": "As for the mean: one published example of FRAX for the US gives two "
                            "thirds of our hip risk (docs/fracture_risk.md).",
    "years_to_osteoporosis": "Unexplained. Tried in vain: the error of scans, a lower "
                             "correlation of the hip sites, and a spread of loss twice as wide, "
                             "which besides loses the published tracking.",
    "share_of_people": "Another country, another reference for the T-score, and the years "
                       "before the hips of older women became denser.",
    "share_of_fractures": "Major fractures here, all or all nonvertebral ones there, which "
                          "depend less on density; another country and reference.",
    "loss_over_menopause": "Four ethnic groups there; the loss before the transition is a median "
                           "of several cohorts here.",
    "tracking": "The pace of loss lasts for life here.",
}


def reproduce_published(n: int = 200_000, seed: int = 1) -> pd.DataFrame:
    """Every published target beside the same figure of a population of ``n``.

    Parameters
    ----------
    n : int
        Persons drawn for each kind of figure, 1,000 or more for one that is not all chance.
    seed : int
        0 or more.

    Returns
    -------
    pandas.DataFrame
        One row a target: ``target_id``, ``measure``, ``group``, ``sex``, ``from_age``,
        ``to_age``, ``site``, ``unit``, ``published`` with ``low`` and ``high``,
        ``reproduced`` (infinite years where it never happens), ``inside`` (the interval;
        missing where none was printed), ``source_id``, and ``why_not``: what may keep the
        two apart, empty for a figure inside its interval.

    Raises
    ------
    InputError
        A number is out of range.

    Examples
    --------
    >>> found = reproduce_published(2000).set_index("target_id")
    >>> bool(5 < found.loc["greendale_2012_lumbar_spine_minus_1_to_2", "reproduced"] < 10)
    True
    """
    import pandas as pd

    checked_request(0, n, COUNTRY, seed, 0, (20, 100), 1)
    rows = []
    for target in table("population_targets"):
        value = reproduced_value(target, n, seed)
        inside = (None if target["low"] is None
                  else bool(target["low"] <= value <= target["high"]))
        kept = {name: target[name] for name in (
            "target_id", "measure", "group", "sex", "from_age", "to_age", "site", "unit",
            "low", "high", "source_id")}
        rows.append(kept | {"published": target["value"], "reproduced": value, "inside": inside,
                            "why_not": "" if inside else REASONS.get(target["measure"], "")})
    frame = pd.DataFrame(rows)
    frame["inside"] = frame["inside"].astype("boolean")
    return frame.astype({"from_age": "Int64", "to_age": "Int64"})
