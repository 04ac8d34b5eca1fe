"""Mock pins that remember what they did, so that a test or the demo can say what somebody would have seen."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gpiozero.pins.mock import MockFactory, MockPin, MockPWMPin

from firmware.patterns import Shown, recognise
from firmware.pins import BUZZER, GPIO
from hub.messages.lights import DARK, PATTERNS, Lit

_MEMORY = 2000
_LED_OF = {f"GPIO{number}": led for led, number in GPIO.items()}


@dataclass(frozen=True, slots=True)
class Switching:
    """One pin was switched, at this `time.monotonic()`; `lit`: the lights that were on from then."""

    at: float
    lit: Lit


@dataclass(frozen=True, slots=True)
class Said:
    """A word about a card, and the `time.monotonic()` of its first switching."""

    at: float
    shown: Shown


class MockPins(MockFactory):  # type: ignore[misc]
    """A board of mock pins: every badge of a process can have its own. It remembers the last 2,000 switchings."""

    def __init__(self) -> None:
        self._switched = threading.Condition()
        self._lit: Lit = DARK
        self._switchings: deque[Switching] = deque(maxlen=_MEMORY)
        super().__init__(pin_class=_RememberedPin)

    def pin(self, name: Any, pin_class: type[MockPin] | None = None, **kwargs: Any) -> MockPin:
        """A pin of the board; the buzzer's can hum."""
        hums = any(info.name == f"GPIO{BUZZER}" for _, info in self.board_info.find_pin(name))
        return super().pin(name, pin_class or (MockPWMPin if hums else None), **kwargs)

    def switched(self, pin_name: str, on: bool) -> None:
        """Called by a pin that has changed."""
        led = _LED_OF.get(pin_name)
        if led is not None:
            with self._switched:
                self._lit = self._lit | {led} if on else self._lit - {led}
                self._switchings.append(Switching(time.monotonic(), self._lit))
                self._switched.notify_all()

    @property
    def lit(self) -> Lit:
        """The lights that are on now."""
        return self._lit

    def wait_for(self, happened: Callable[[], bool], timeout: float) -> bool:
        """Wait until something is true that depends on the pins; False when it is not after `timeout` seconds."""
        with self._switched:
            return self._switched.wait_for(happened, timeout)

    def wake(self) -> None:
        """Let everybody who waits in `wait_for` look again."""
        with self._switched:
            self._switched.notify_all()

    def switchings_after(self, moment: float) -> list[Switching]:
        """What was switched at or after a `time.monotonic()`."""
        with self._switched:
            return [switching for switching in self._switchings if switching.at >= moment]

    def shown_after(self, moment: float) -> Shown | None:
        """The word that the lights said from a moment on; None when it was none, or is not complete yet."""
        with self._switched:
            before = [switching.lit for switching in self._switchings if switching.at < moment]
            after = [switching.lit for switching in self._switchings if switching.at >= moment]
        return recognise([before[-1] if before else DARK, *after])

    def said_after(self, moment: float) -> Said | None:
        """The first word about a card that began after a moment and is complete; None when there was none yet."""
        with self._switched:
            switchings = list(self._switchings)
        lit = [DARK, *(switching.lit for switching in switchings)]
        for number, switching in enumerate(switchings):
            if switching.at >= moment:
                shown = recognise(lit[number:])
                if shown is not None and not PATTERNS[shown.word].repeats:
                    return Said(switching.at, shown)
        return None


class _RememberedPin(MockPin):  # type: ignore[misc]
    def _change_state(self, value: Any) -> bool:
        changed = bool(super()._change_state(value))
        if changed:
            del self.states[:-_MEMORY]
            self.factory.switched(self.info.name, bool(value))
        return changed
