"""Sources: what a number rests on, and how to cite it."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from osteoteach.errors import InputError
from osteoteach.evidence.catalogue import table

__all__ = ["Source", "cite", "source"]


@dataclass(frozen=True)
class Source:
    """One row of ``data/sources.csv``: a publication that was found and confirmed.

    Attributes
    ----------
    what_was_read : str
        How much of it the maintainers saw: abstract, table, official_page,
        full_text, or secondary (read in a page that cites it).
    checked_on : str
        ISO date on which title and identifiers were confirmed.
    """

    source_id: str
    authors: str | None
    year: int | None
    title: str
    journal: str | None
    volume_pages: str | None
    pmid: str | None
    doi: str | None
    url: str | None
    design: str
    what_was_read: str
    checked_on: str

    @property
    def link(self) -> str:
        """Address of the publication: DOI, else PubMed, else the official page."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        if self.pmid:
            return f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/"
        return self.url or ""

    @property
    def reference(self) -> str:
        """Reference in Vancouver style, identifiers last."""
        where = " ".join(str(part) for part in (self.journal, self.year) if part)
        where += f";{self.volume_pages}" if self.volume_pages else ""
        parts = [part if part.endswith(("?", "!")) else f"{part.rstrip('.')}."
                 for part in (self.authors, self.title, where) if part]
        if self.doi:
            parts.append(f"doi:{self.doi}.")
        if self.pmid:
            parts.append(f"PMID {self.pmid}.")
        if not self.doi and not self.pmid:
            parts.append(f"{self.url}.")
        return " ".join(parts)

    @property
    def short(self) -> str:
        """First author (or the journal, where no author is known) and year."""
        first = (self.authors or self.journal or self.title).split(",")[0].split(" et al")[0]
        words = first.strip().split()
        # "Looker AC" -> "Looker"; organisations and journals keep their whole name.
        if self.authors and len(words) > 1:
            words = words[:-1] if words[-1] in ("3rd", "Jr") else words
            words = words[:-1] if words[-1].isupper() and len(words[-1]) <= 4 else words
        return " ".join([*words, *([str(self.year)] if self.year else [])])


@functools.cache
def _sources() -> dict[str, Source]:
    names = Source.__dataclass_fields__
    return {row["source_id"]: Source(**{name: row[name] for name in names})
            for row in table("sources")}


def source(source_id: str) -> Source:
    """The source with this id.

    Parameters
    ----------
    source_id : str
        First column of ``data/sources.csv``.

    Returns
    -------
    Source

    Raises
    ------
    InputError
        No such id; the message names the nearest ones.

    Examples
    --------
    >>> source("nbha_2014").short
    'Siris 2014'
    """
    try:
        return _sources()[source_id]
    except KeyError:
        import difflib

        word = source_id[:100] if isinstance(source_id, str) else ""
        near = difflib.get_close_matches(word, _sources(), n=3, cutoff=0.3)
        hint = f"Did you mean {', '.join(near)}?" if near else "See data/sources.csv."
        raise InputError("source_id", "must be an id of data/sources.csv",
                         source_id, hint) from None


def cite(source_id: str) -> str:
    """Formatted reference of a source.

    Parameters
    ----------
    source_id : str
        First column of ``data/sources.csv``, for example ``"nbha_2014"``.

    Returns
    -------
    str
        Vancouver style with DOI and PMID where they exist.

    Raises
    ------
    InputError
        The id is unknown.

    Examples
    --------
    >>> cite("gourlay_2012")[:18]
    'Gourlay ML, Fine J'
    """
    return source(source_id).reference
