"""Checking an article of 10,000 words against the claim base."""

from __future__ import annotations

import random
import time

from osteoteach.evidence import table
from osteoteach.teaching.claims import check_article, claims
from osteoteach.teaching.claims.matching import checked_text

__all__ = ["article", "run"]

WORDS = 10_000


def article(words: int = WORDS, seed: int = 1) -> str:
    """Claims, refutations and titles of papers in random order, with one odd word each."""
    draw = random.Random(seed)
    pool = [one.text for one in claims()] + [one.refutation for one in claims()]
    pool += [f"{row['title']}." for row in table("sources")]
    parts: list[str] = []
    count = 0
    while count < words:
        odd = "".join(draw.choices("abcdefghijklmnoprstuvw", k=8)).capitalize()
        parts.append(f"{odd} {draw.choice(pool)}")
        count += len(parts[-1].split())
    return " ".join(parts)


def run() -> None:
    """Print the time for 10,000 words, first and again."""
    text = checked_text(article())
    for turn in ("first", "again"):
        started = time.perf_counter()
        found = check_article(text)
        took = time.perf_counter() - started
        print(f"{turn:6} {len(text.split()):,} words, {len(found.sentences)} sentences, "
              f"{len(found.matched)} matched: {took:.2f} s")
