"""What a badge measures while it runs, and when the hub is told of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from firmware import link
from firmware.frames import Image
from firmware.link import Link
from firmware.machine import Machine
from firmware.outbox import Outbox
from firmware.vitals import Facts, Vitals
from tests.clock import Clock
from tests.firmware.standin import WITHIN, Heard, StandIn

LIT = np.full((720, 1280), 150, np.uint8)
NIGHT = np.full((720, 1280), 9, np.uint8)
_sets = count()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vitals(tmp_path: Path, clock: Clock) -> Vitals:
    return Vitals(Machine(Path("/nowhere"), lambda: None), tmp_path, "opencv:0", clock)


def watch(vitals: Vitals, clock: Clock, image: Image, seconds: float, rate: float = 10.0) -> None:
    for _ in range(round(seconds * rate)):
        clock.now += 1 / rate
        vitals.saw(image, clock.now)


def test_frames_are_counted(vitals: Vitals, clock: Clock) -> None:
    assert vitals.measure().frame_rate is None, "too early to tell"
    watch(vitals, clock, LIT, 12.0)
    assert vitals.measure().frame_rate == 10.0
    watch(vitals, clock, LIT, 12.0, rate=3.0)
    assert vitals.measure().frame_rate == 3.0


def test_a_camera_that_has_stopped_gives_none(vitals: Vitals, clock: Clock) -> None:
    watch(vitals, clock, LIT, 12.0)
    clock.now += 11.0
    assert vitals.measure()[:2] == (0.0, None)


def test_a_hand_before_the_lens_is_no_darkness_and_a_cap_is(vitals: Vitals, clock: Clock) -> None:
    watch(vitals, clock, LIT, 3.0)
    watch(vitals, clock, NIGHT, 3.0)
    assert vitals.measure().dark is False
    watch(vitals, clock, NIGHT, 4.0)
    assert vitals.measure().dark is True
    watch(vitals, clock, LIT, 2.0)
    assert vitals.measure().dark is False


def test_of_pictures_that_no_camera_takes_nothing_is_told(tmp_path: Path, clock: Clock) -> None:
    vitals = Vitals(Machine(Path("/nowhere"), lambda: None), tmp_path, "dir:cards", clock)
    watch(vitals, clock, NIGHT, 20.0)
    assert vitals.measure()[:4] == (None, None, None, None)


@pytest.mark.parametrize(
    ("now", "worse"),
    [
        (Facts(10.0, True), True),
        (Facts(0.0), True),
        (Facts(temperature=81.0), True),
        (Facts(under_voltage=True), True),
        (Facts(free_mb=3), True),
        (Facts(9.0, False, 60.0, False, 500), False),
        (Facts(), False),
    ],
)
def test_what_counts_as_worse(now: Facts, worse: bool) -> None:
    before = Facts(10.0, False, 50.0, False, 900)
    assert now.worse_than(before) is worse
    assert not now.worse_than(now)


def test_the_hub_is_told_at_once_of_what_got_worse_and_of_the_rest_later(
    broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "MEASURE_EVERY", 0.01)
    now, measured = [Facts(10.0, False)], threading.Semaphore(0)

    def measure() -> Facts:
        measured.release()
        return now[0]

    set_name = f"vitals-{next(_sets)}"
    with StandIn(broker, set_name) as hub, running(broker, set_name, measure):
        hub.wait(lambda: len(hub.statuses) == 1)
        now[0] = Facts(10.0, True)
        hub.wait(lambda: len(hub.statuses) == 2)
        assert (hub.statuses[-1].frame_rate, hub.statuses[-1].dark) == (10.0, True)
        now[0] = Facts(10.0, False)
        while measured.acquire(blocking=False):
            pass
        assert all(measured.acquire(timeout=WITHIN) for _ in range(5))
        assert len(hub.statuses) == 2, "what got better can wait"
        monkeypatch.setattr(link, "TELL_EVERY", 0.0)
        hub.wait(lambda: len(hub.statuses) > 2)
        assert hub.statuses[2].dark is False
    assert hub.statuses[-1].dark is None, "who is gone measures nothing"


class running:  # noqa: N801
    """A link that measures so, while the block lasts."""

    def __init__(self, url: str, set_name: str, measure: Callable[[], Facts]) -> None:
        self._outbox = Outbox(None)
        self._link = Link("b1", self._outbox, url, Heard(), set_name=set_name, measure=measure)

    def __enter__(self) -> None:
        self._link.start()

    def __exit__(self, *_: object) -> None:
        self._link.stop()
        self._outbox.close()
