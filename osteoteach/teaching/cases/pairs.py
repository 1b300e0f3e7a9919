"""Contrast pairs: two cases one feature apart, and what the feature changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from osteoteach.model.vocabulary import plain_name
from osteoteach.teaching.cases.case import Case
from osteoteach.teaching.cases.written import case_documents, written_case
from osteoteach.teaching.sentences import diagnosis_sentence, of_100, signed, signed_pct

__all__ = ["Contrast", "contrast", "differing_features"]

#: Parts of a document that make the person; the rest are texts and bookkeeping.
FEATURES = ("person", "scan", "earlier_scan", "treatment")
#: Below these a difference counts as one feature, however it is written.
_WHOLE = ("person.fractures", "treatment", "scan.vertebrae.L1", "scan.vertebrae.L2",
          "scan.vertebrae.L3", "scan.vertebrae.L4")
_LABELS = {
    "person.age_years": "Age", "person.fractures": "Fragility fracture",
    "person.prednisolone_mg_day": "Prednisolone, mg a day", "person.condition": "Finding",
    "treatment": "Injections of denosumab", "scan.vertebrae.L3": "Third lumbar vertebra",
    "earlier_scan.change_pct.total_hip": "Total hip since the earlier scan",
}


@dataclass(frozen=True)
class Contrast:
    """A pair, side by side.

    Attributes
    ----------
    rows : tuple of (str, str, str)
        What, in the first case, in the second.
    changes : str
        What the difference changes, in the author's words.
    """

    titles: tuple[str, str]
    rows: tuple[tuple[str, str, str], ...]
    changes: str


def differing_features(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, ...]:
    """Paths of the features in which two documents differ.

    Examples
    --------
    >>> from osteoteach.teaching.cases.written import case_documents
    >>> differing_features(case_documents()["man_of_49"], case_documents()["man_of_52"])
    ('person.age_years',)
    """
    first = {part: one.get(part) for part in FEATURES}
    second = {part: other.get(part) for part in FEATURES}
    return tuple(_differing(first, second, ""))


def _differing(one: Any, other: Any, path: str) -> list[str]:
    if one == other:
        return []
    if path in _WHOLE or not (isinstance(one, Mapping) and isinstance(other, Mapping)):
        return [path]
    return [found for key in dict.fromkeys((*one, *other))
            for found in _differing(one.get(key), other.get(key),
                                    f"{path}.{key}" if path else key)]


def contrast(case: Case) -> Contrast | None:
    """The pair of a written case; ``None`` if it has none.

    Examples
    --------
    >>> contrast(written_case("man_of_49")).rows[0]
    ('Age', '49', '52')
    """
    if case.pair is None:
        return None
    pair = sorted((case, written_case(case.pair["with"])), key=lambda one: one.case_id)
    documents = [case_documents()[one.case_id] for one in pair]
    path = case.pair["differs"]
    rows = [(_LABELS[path], *(_shown(path, _at(document, path), one)
                              for document, one in zip(documents, pair, strict=True)))]
    rows.append(("Category", *(diagnosis_sentence(one.diagnosis) for one in pair)))
    if all(one.risk is not None for one in pair):
        rows.append(("Major fracture in ten years",
                     *(of_100(one.risk.major.probability) for one in pair)))
    rows.append(("Medicine today", *(
        plain_name(one.medicine_now) if one.medicine_now else "none" for one in pair)))
    return Contrast(tuple(_name(document, one) for document, one in
                          zip(documents, pair, strict=True)), tuple(rows), case.pair["changes"])


def _name(document: Mapping[str, Any], case: Case) -> str:
    return f"Case {document['number']}: {case.title}"


def _at(document: Mapping[str, Any], path: str) -> Any:
    for key in path.split("."):
        document = document.get(key) if document is not None else None
    return document


def _shown(path: str, value: Any, case: Case) -> str:
    if path == "person.fractures":
        return ", ".join(plain_name(one["site"]) for one in value) if value else "none"
    if path == "person.condition":
        return case.condition.label if case.condition else "none"
    if path.startswith("scan.vertebrae"):
        return f"T-score {signed(value['t_score'])}" + (
            f", {value['seen']}" if "seen" in value else "")
    if path == "treatment":
        return next((line for line in case.history if "injections" in line), "none")
    if path.startswith("earlier_scan"):
        return signed_pct(case.earlier.main.change_pct)
    return "none" if value is None else f"{value:g}"
