"""The cases that were written by hand, ``data/cases/*.yaml``."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from osteoteach.errors import InputError
from osteoteach.evidence import document, document_paths
from osteoteach.teaching.cases.case import Case, build_case

__all__ = ["case_documents", "written_case", "written_case_ids"]


@functools.cache
def case_documents() -> dict[str, Mapping[str, Any]]:
    """Documents by case, in order of their numbers: the easier ones first.

    Examples
    --------
    >>> len(case_documents()) >= 24
    True
    """
    found = [document(path) for path in document_paths("cases")]
    found.sort(key=lambda one: one["number"])
    return {one["case_id"]: one for one in found}


def written_case_ids() -> tuple[str, ...]:
    """Names of all written cases, the easier ones first."""
    return tuple(case_documents())


@functools.cache
def written_case(case_id: str) -> Case:
    """A written case by its name.

    Raises
    ------
    InputError
        There is no such case; the message names the nearest.

    Examples
    --------
    >>> written_case("man_of_49").score_in_use
    'z_score'
    """
    documents = case_documents()
    if case_id not in documents:
        import difflib

        word = case_id[:100] if isinstance(case_id, str) else ""
        near = difflib.get_close_matches(word, documents, n=3, cutoff=0.3)
        raise InputError("case_id", "must be a written case", case_id,
                         f"Did you mean {', '.join(near)}?" if near
                         else f"Use one of {', '.join(documents)}.")
    return build_case(documents[case_id])
