"""All that is fuzzed, by name, and how one target is run for a while."""

from __future__ import annotations

import random
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from .functions import FUNCTIONS
from .outcomes import Hang, tried
from .readers import READERS

__all__ = ["TARGETS", "Result", "Target", "run_for"]


@dataclass(frozen=True)
class Target:
    """Something that takes input."""

    name: str
    inputs: st.SearchStrategy[Any]
    #: True if it answered, False if it refused; anything else is raised.
    attempt: Callable[[Any], bool]


def _function(name: str) -> Target:
    inputs, call = FUNCTIONS[name]
    return Target(name, inputs, lambda given: tried(lambda: call(**given), types_too=True))


def _reader(name: str) -> Target:
    inputs, read = READERS[name]
    return Target(f"reader: {name}", inputs, lambda content: tried(lambda: read(content)))


TARGETS: dict[str, Target] = {target.name: target for target in (
    *map(_function, FUNCTIONS), *map(_reader, READERS))}


@dataclass
class Result:
    """What came of a run: how many inputs, how many of them answered, and what failed."""

    tried: int = 0
    answered: int = 0
    failure: str = ""


def run_for(target: Target, seconds: float, starts_from: int) -> Result:
    """Try inputs until the time is over or one fails; a failing one is made small."""
    result, ends = Result(), time.monotonic() + seconds
    dice, failed = random.Random(starts_from), []
    while time.monotonic() < ends and not result.failure:
        @seed(dice.getrandbits(32))
        @settings(max_examples=200, database=None, deadline=None, print_blob=False,
                  phases=[Phase.generate, Phase.shrink],
                  suppress_health_check=list(HealthCheck))
        @given(target.inputs)
        def batch(value: Any) -> None:
            # What failed is made small whatever the time.
            if time.monotonic() > ends and not failed:
                return
            result.tried += 1
            failed.append(value)
            result.answered += target.attempt(value)
            failed.pop()
        try:
            batch()
        except (Exception, Hang):  # noqa: BLE001 - whatever comes is what is looked for
            result.failure = traceback.format_exc()
    return result
