"""The rehearsal can be ended from another thread, whatever it is waiting for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.lessons import load
from paperhop.rehearsal import Outcome, Rehearsal, RehearsalInterrupted

WITHIN = 10.0


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Rehearsal]:
    with Rehearsal(load("handshake"), tmp_path, ("127.0.0.1", 0), "real") as rehearsal:
        yield rehearsal


def test_once_interrupted_it_waits_for_nothing(rehearsal: Rehearsal) -> None:
    rehearsal.interrupt()
    rehearsal.interrupt()
    with pytest.raises(RehearsalInterrupted):
        rehearsal.wait_ready()
    with pytest.raises(RehearsalInterrupted):
        next(rehearsal.play(rehearsal.scripts[0], pause=3600.0))


def test_it_is_interrupted_while_a_card_lies_there(rehearsal: Rehearsal) -> None:
    told: list[Outcome] = []
    first_told, ended = threading.Event(), threading.Event()

    def play() -> None:
        try:
            rehearsal.wait_ready()
            for outcome in rehearsal.play(rehearsal.scripts[0]):
                told.append(outcome)
                first_told.set()
        except RehearsalInterrupted:
            ended.set()

    threading.Thread(target=play, daemon=True).start()
    assert first_told.wait(WITHIN)
    rehearsal.interrupt()
    assert ended.wait(WITHIN)
    assert len(told) == 1, "the second card was not played to its end"
