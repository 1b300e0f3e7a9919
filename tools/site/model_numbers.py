"""The numbers of the model card, from the tables: none is typed on the page."""

from __future__ import annotations

from collections.abc import Mapping

from osteoteach.evidence import table
from osteoteach.model.fracture_comparison import compare_with_published, mean_error

__all__ = ["substitutions"]

SITES = {"lumbar_spine": "lumbar spine", "total_hip": "total hip", "femoral_neck": "femoral neck",
         "from_the_switch": "any site, counted from the switch", "ctx": "CTX", "p1np": "P1NP"}
MEDICINES = {"bisphosphonate": "a bisphosphonate", "rankl_antibody": "denosumab",
             "pth_analogue": "a PTH analogue", "sclerostin_antibody": "romosozumab",
             "serm": "a SERM", "estrogen": "an estrogen"}
#: A mean miss of this size is told: about what trials of one medicine differ by.
WORTH_TELLING_POINTS = 1.5


def substitutions() -> dict[str, str]:
    """What stands for each ``{{ name }}`` of ``docs/model_card.md``.

    Examples
    --------
    >>> sorted(substitutions())[:3]
    ['against_frax', 'calibration_covered', 'calibration_numbers']
    """
    trials = table("trials")
    return {"trial_numbers": f"{len(trials):,}",
            "calibration_numbers": str(_score("calibration", "all")["rows"]),
            "holdout_numbers": str(_score("holdout", "all")["rows"]),
            "men_holdout": str(_score("holdout", "all", "male")["rows"]),
            "holdout_covered": f"{_score('holdout', 'all')['covered_pct']:.0f}",
            "calibration_covered": f"{_score('calibration', 'all')['covered_pct']:.0f}",
            "scores": _scores(), "failures": _failures(),
            "against_frax": _against_frax(), "sources": f"{len(table('sources'))}"}


def _score(role: str, group: str, sex: str = "female") -> Mapping:
    return next(row for row in table("validation_scores")
                if (row["role"], row["sex"], row["site"]) == (role, sex, group))


def _scores() -> str:
    lines = ["| Site or marker | Numbers | Fitted: error | Unseen: error | Aim | In the 90% band |",
             "|---|---|---|---|---|---|"]
    for site, words in SITES.items():
        fitted, unseen = _score("calibration", site), _score("holdout", site)
        met = "" if unseen["error"] <= unseen["target"] else ", missed"
        lines.append(f"| {words.capitalize() if site not in ('ctx', 'p1np') else words} "
                     f"| {unseen['rows']} | {fitted['error']:.2f} | {unseen['error']:.2f} "
                     f"| {unseen['target']:g}{met} | {unseen['covered_pct']:.0f}% |")
    return "\n".join(lines)


def _failures() -> str:
    """Kinds of plan that the model misses by more than trials differ, worst first."""
    rows = [row for row in table("validation_kinds")
            if abs(row["bias_points"]) >= WORTH_TELLING_POINTS]
    lines = ["| Plan | Site | Predicted minus published, points | Numbers |", "|---|---|---|---|"]
    for row in sorted(rows, key=lambda row: -abs(row["bias_points"])):
        lines.append(f"| {_plan(row['kind'])} | {SITES[row['site']]} "
                     f"| {row['bias_points']:+.1f} | {row['numbers']} |")
    return "\n".join(lines)


def _plan(kind: str) -> str:
    words = " ".join(MEDICINES.get(word, word) for word in kind.split())
    return words[0].upper() + words[1:]


def _against_frax() -> str:
    """Our risks beside published FRAX outputs: one US example, and the shape of the UK table."""
    found = compare_with_published()
    lines = ["| Compared with | Outcome | Ours |", "|---|---|---|"]
    for row in found:
        if row.kind == "level":
            lines.append(f"| FRAX for the US, a {row.sex} of {row.age_years:.0f} with a T-score of "
                         f"{row.t_score} | {row.outcome} | {row.ratio:.2f} times |")
    for outcome in ("major", "hip"):
        rows = [row for row in found
                if (row.kind, row.sex, row.outcome) == ("shape", "female", outcome)]
        lines.append(f"| FRAX for the UK over the T-score, women | {outcome} "
                     f"| off by {100 * mean_error(rows):.0f}% on average |")
    return "\n".join(lines)


