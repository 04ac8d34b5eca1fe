"""The clock on the wall jumps hours forward and years back, at hub and badges, in a play: nothing happens."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import program
from tests.faults.plays import found
from tests.faults.preload import preload
from tests.faults.processes import wait_until
from tests.faults.rig import Rig

HOUR, YEAR = 3600, 365 * 24 * 3600
JUMPS = (5 * HOUR, -30 * YEAR, 30 * YEAR, -1, 11 * YEAR, 0)
"""Seconds by which the clock is wrong, one after the other."""


@pytest.fixture
def clock(tmp_path: Path) -> tuple[dict[str, str], Callable[[int], None]]:
    """The environment of programs with a wrong clock, and what sets it."""
    says = tmp_path / "clock"
    says.write_bytes(bytes(8))
    env = {"LD_PRELOAD": str(preload("clock", tmp_path)), "PAPERHOP_CLOCK": str(says)}

    def jump(seconds: int) -> None:
        with says.open("r+b") as file:  # in place: programs have it mapped
            file.write(seconds.to_bytes(8, sys.byteorder, signed=True))

    return env, jump


def test_a_play_comes_to_the_same_end_whatever_the_clock_says(
    tmp_path: Path, clock: tuple[dict[str, str], Callable[[int], None]]
) -> None:
    env, jump = clock
    play = found("handshake", 1, waves=8)
    mosquitto = program("mosquitto", how="apt-get install mosquitto, or brew install mosquitto")
    jump(JUMPS[0])
    told = subprocess.run(["date", "+%Y"], env={**os.environ, **env}, capture_output=True, check=True)
    jump(JUMPS[1])
    assert int(
        subprocess.run(["date", "+%Y"], env={**os.environ, **env}, capture_output=True, check=True).stdout
    ) < int(told.stdout)
    (tmp_path / "kit").mkdir()
    with Rig(tmp_path / "kit", play, mosquitto, env) as kit:
        for number, wave in enumerate(play.waves):
            jump(JUMPS[number % len(JUMPS)])
            kit.do(wave, [])
        time_goes_on_as_ever(kit, jump)
        answers = kit.end().answers
    assert {badge: [answer.reason for _, answer in each] for badge, each in answers.items()} == {
        badge: [answer.reason for answer in each] for badge, each in play.answers.items()
    }


def time_goes_on_as_ever(kit: Rig, jump: Callable[[int], None]) -> None:
    """Lesson time runs, and with it timers: a jump is no time that has passed. The teacher stays known."""
    kit.teacher.do(kit.url, {"do": "pace", "rate": 1})
    began = before = kit.teacher.state(kit.url)["at_ms"]
    for seconds in JUMPS:
        jump(seconds)
        wait_until(lambda: kit.teacher.state(kit.url)["at_ms"] > before, "lesson time goes on")  # noqa: B023
        before = kit.teacher.state(kit.url)["at_ms"]
        kit.teacher.do(kit.url, {"do": "pace", "rate": 1})
    assert before - began < HOUR * 1000
