"""The badge tests itself: each part in turn, in plain words, and then with its lights for a badge without a screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firmware import camera_check, line_checks, machine_checks
from firmware.frames import FrameSource
from firmware.lights import Lights
from firmware.machine import Machine
from firmware.pin_checks import Ask, check_pins
from firmware.results import Result, State
from hub.messages import DEFAULT_SET, LightWord

_SAID_WITHIN = 15.0
"""Seconds that a word of the lights takes at most."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is tested. badge, broker_url, set_name: as of `Badge`. outbox: its file. open_source: the camera.

    pins: gpiozero's factory. machine: this computer. ask: None when nobody sits at the terminal. pace: how many times
    faster than for people lights and sounds are. look: seconds for which the camera is watched.
    """

    badge: str
    broker_url: str
    outbox: Path
    open_source: Callable[[], FrameSource]
    pins: Any
    machine: Machine
    set_name: str = DEFAULT_SET
    ask: Ask | None = None
    pace: float = 1.0
    look: float = camera_check.LOOK


def run(subject: Subject, say: Callable[[str], None]) -> bool:
    """Test every part, say each result at once, then show what is wrong on the lights; whether nothing is wrong."""
    results: list[Result] = []
    for found in _results(subject, say):
        results.append(found)
        for line in found.lines():
            say(line)
    bad = sorted({result.key for result in results if result.state is State.WRONG})
    say(_summary(results))
    _show(subject, bad)
    return not any(result.state is State.WRONG for result in results)


def _results(subject: Subject, say: Callable[[str], None]) -> Iterator[Result]:
    yield from check_pins(subject.pins, say, subject.ask, subject.pace)
    yield from camera_check.check(subject.open_source, subject.look)
    yield from line_checks.check_line(subject.badge, subject.broker_url, subject.set_name)
    yield from machine_checks.check_outbox(subject.outbox, subject.machine)
    yield machine_checks.check_card(subject.machine)
    yield from machine_checks.check_power(subject.machine)
    yield machine_checks.check_clock(time.time())


def _summary(results: Sequence[Result]) -> str:
    wrong = list(dict.fromkeys(result.part for result in results if result.state is State.WRONG))
    notes = sum(result.state is State.NOTE for result in results)
    noted = f" {notes} to take note of." if notes else ""
    if wrong:
        return f"Wrong: {', '.join(wrong)}.{noted} The lights blink it now: docs/badge.md says which."
    return f"Nothing is wrong.{noted}"


def _show(subject: Subject, bad: Sequence[int]) -> None:
    """Blink each part that is wrong; `delivered` when none is."""
    try:
        lights = Lights(subject.pins, speed=subject.pace)
    except Exception:
        # Whatever a pin library raises when its pins are taken has been said as the result of the lights.
        return
    try:
        if not bad:
            lights.say(LightWord.DELIVERED)
        for key in bad:
            lights.say(LightWord.FAULT, key)
            lights.wait_said(_SAID_WITHIN)
        lights.wait_said(_SAID_WITHIN)
    finally:
        lights.close()
