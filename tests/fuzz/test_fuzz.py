"""A few inputs for each target of `make fuzz`, always the same; what was a bug once is in the corpus."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.mutating import mutated
from tests.fuzz.targets import CORPUS, TARGETS

FEW = {"photo": 40, "http": 60, "lesson": 60, "up": 150, "words": 100}


@pytest.mark.parametrize("name", TARGETS)
def test_all_that_is_kept_passes(name: str) -> None:
    target = TARGETS[name]
    kept = target.corpus()
    assert len(kept) >= 3
    for octets in kept:
        target.run(octets)


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_nearly_right_passes(name: str) -> None:
    target, corpus = TARGETS[name], TARGETS[name].corpus()

    @settings(
        derandomize=True,
        max_examples=FEW.get(name, 400),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 2**32))
    def runs(number: int) -> None:
        target.run(mutated(random.Random(number), corpus))

    runs()


def test_every_folder_of_the_corpus_is_of_a_target() -> None:
    assert {path.name for path in CORPUS.iterdir()} <= set(TARGETS)
