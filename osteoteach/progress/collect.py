"""Read a folder of hand-in files: which count, which do not, and why.

Every file is a stranger's. None is followed out of the folder, none is run, and one that
breaks a rule is named with the rule while the others are read.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from osteoteach.errors import InputError
from osteoteach.progress.exchange import spreadsheet_cell
from osteoteach.progress.handin import HandIn, read_handin
from osteoteach.progress.keys import Key

__all__ = ["Collected", "collect", "table_csv"]

MOST_FILES = 2_000
MOST_TOTAL_BYTES = 500_000_000


@dataclass(frozen=True)
class Collected:
    """One file of the folder.

    ``counts`` says whether its answers are in the report; ``findings`` says what there is to
    know about it, and why it does not count.
    """

    file: str
    hand_in: HandIn | None
    counts: bool
    findings: tuple[str, ...] = ()


def collect(folder: Path, class_key: Key | None = None) -> tuple[Collected, ...]:
    """Every ``*.json`` below a folder, checked.

    Parameters
    ----------
    folder : Path
        Folders inside it are read too, links are not followed.
    class_key : Key, optional
        If given, only files signed with it count.

    Returns
    -------
    tuple of Collected
        In the order of their names. Of several files of one learner the last made counts.

    Raises
    ------
    InputError
        The folder cannot be read, or holds too much.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(str(folder), "must be a folder", "none", "Name the folder of the files.")
    found = [_checked_file(path, folder, class_key) for path in _files(folder)]
    return _shared_answers_marked(_newest_of_each_learner(found))


def _files(folder: Path) -> Sequence[Path]:
    paths = sorted(path for path in folder.rglob("*.json") if path.is_symlink() or path.is_file())
    if len(paths) > MOST_FILES:
        raise InputError(str(folder), f"must hold at most {MOST_FILES:,} files", len(paths),
                         "Split it into folders of one class each.")
    total = sum(path.stat().st_size for path in paths if not path.is_symlink())
    if total > MOST_TOTAL_BYTES:
        raise InputError(str(folder), f"must hold at most {MOST_TOTAL_BYTES:,} bytes", total,
                         "Take out what is no hand-in file.")
    return paths


def _checked_file(path: Path, folder: Path, class_key: Key | None) -> Collected:
    name = path.relative_to(folder).as_posix()
    if path.is_symlink():
        return Collected(name, None, False, ("a link, not followed",))
    try:
        hand_in = read_handin(path)
    except InputError as error:
        # The reader has the file's name in front of them already.
        said = f"{error.name} {error.rule}".removeprefix(f"{path.name}: ").removeprefix(path.name)
        return Collected(name, None, False, (f"not usable: {said.strip()}",))
    if class_key is None:
        return Collected(name, hand_in, True, ("hash right, class signature not asked for",))
    if hand_in.class_id is None:
        return Collected(name, hand_in, False, ("not signed with the class key",))
    if not hand_in.signed_by(class_key):
        return Collected(name, hand_in, False, ("signed with another key, or changed",))
    return Collected(name, hand_in, True, ("hash and class signature right",))


def _newest_of_each_learner(found: list[Collected]) -> list[Collected]:
    newest: dict[str, Collected] = {}
    for one in found:
        if one.counts:
            key = one.hand_in.learner.casefold()
            if key not in newest or _age(one) > _age(newest[key]):
                newest[key] = one
    marked = []
    for one in found:
        if one.counts and (chosen := newest[one.hand_in.learner.casefold()]) is not one:
            what = ("the same file as" if one.hand_in.sha256 == chosen.hand_in.sha256
                    else "the same learner as in")
            one = replace(one, counts=False, findings=(*one.findings, f"{what} {chosen.file}, "
                                                       "which counts"))
        marked.append(one)
    return marked


def _age(one: Collected) -> tuple[str, int]:
    return one.hand_in.made_at, len(one.hand_in.answers)


def _shared_answers_marked(found: list[Collected]) -> tuple[Collected, ...]:
    """Answer ids are made at random: two learners who share one have copied, or share a login."""
    holders = Counter(record.answer_id for one in found if one.counts
                      for record in one.hand_in.answers)
    marked = []
    for one in found:
        shared = sum(holders[record.answer_id] > 1 for record in one.hand_in.answers) if (
            one.counts) else 0
        if shared:
            one = replace(one, findings=(
                *one.findings, f"{shared} of {len(one.hand_in.answers)} answers are in another "
                "learner's file too: copied, or one computer for two"))
        marked.append(one)
    return tuple(marked)


def table_csv(found: Sequence[Collected]) -> str:
    """One line for each answer that counts, for a spreadsheet or R."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["file", "learner", "item_kind", "item_id", "item_version", "try", "score",
                     "confidence_pct", "tags", "answered_at"])
    for row in _rows(found):
        writer.writerow([spreadsheet_cell(value) for value in row])
    return out.getvalue()


def _rows(found: Sequence[Collected]) -> Iterator[tuple]:
    for one in found:
        if not one.counts:
            continue
        tries: Counter[tuple[str, str, str]] = Counter()
        for record in one.hand_in.answers:
            item = (record.item_kind, record.item_id, record.item_version)
            tries[item] += 1
            yield (one.file, record.learner, *item, tries[item], record.score,
                   record.confidence_pct, " ".join(record.tags), record.answered_at)
