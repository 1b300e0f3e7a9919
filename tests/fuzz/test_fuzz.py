"""A fixed number of inputs for every target, the same ones at each run; `make fuzz` has more."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

import osteoteach

from .functions import FUNCTIONS, NOT_CALLED
from .targets import TARGETS

INPUTS = 40
#: A slow target (it simulates, it draws) gets fewer inputs, so that all fit into 25 s.
MOST_SECONDS = 0.4


@pytest.mark.parametrize("name", TARGETS)
def test_any_input_gives_an_answer_or_a_sentence(name):
    """Never another exception, a NaN, or an end that does not come."""
    target, ends = TARGETS[name], time.monotonic() + MOST_SECONDS
    failed = []

    @settings(max_examples=INPUTS, database=None, deadline=None, derandomize=True,
              phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck))
    @given(target.inputs)
    def attempt(value: Any) -> None:
        # What failed is tried again whatever the time, or it would seem to fail by chance.
        if failed or time.monotonic() < ends:
            failed.append(value)
            target.attempt(value)
            failed.pop()

    attempt()


def test_every_public_name_is_fuzzed():
    assert set(FUNCTIONS) | NOT_CALLED == set(osteoteach.__all__)
