"""The badge's lights: what plays on which pins. gpiozero devices, so that any machine can play with mock pins."""

from __future__ import annotations

import logging
import os
import threading
import time
import warnings
from collections import deque
from collections.abc import Iterator
from typing import Any

from gpiozero import LED, Device
from gpiozero.exc import BadPinFactory

from firmware.mockpins import MockPins
from firmware.patterns import anew, flips, to_play
from firmware.pins import GPIO
from hub.messages import LightWord
from hub.messages.lights import DARK, PATTERNS, Led, Lit, Step

MOST_LATE = 5
"""Words that wait to be said; of more, the oldest are left out: nobody waits for minutes."""
_LONGEST_WAIT = 3600.0

log = logging.getLogger(__name__)


class Lights:
    """Four lights that say one word at a time.

    pin_factory: gpiozero's, one for each badge of a process; by default what the machine has, else mock pins.
    speed: how many times faster than the table says (1.0 for people).
    """

    def __init__(self, pin_factory: Any = None, speed: float = 1.0) -> None:
        self.pin_factory = machine_pins() if pin_factory is None else pin_factory
        self._speed = speed
        self._leds: dict[Led, Any] = {led: LED(GPIO[led], pin_factory=self.pin_factory) for led in Led}
        self._lit = DARK
        self._changed = threading.Condition()
        self._resting: LightWord = LightWord.READY
        self._saying = False
        self._said_at = 0.0
        self._late: deque[tuple[LightWord, int | None]] = deque(maxlen=MOST_LATE)
        self._closed = False
        self._steps: Iterator[Step] = iter(())
        self._next_at = 0.0
        with self._changed:
            self._begin(self._resting)
        self._player = threading.Thread(target=self._play, name="lights", daemon=True)
        self._player.start()

    def ambient(self, word: LightWord) -> None:
        """Show this between scans, from now on, or as soon as what is being said is over.

        ValueError when the word is about a card: those play once, by `say`.
        """
        if not PATTERNS[word].repeats:
            raise ValueError(f"{word.value} is about one card: it cannot be shown between scans")
        with self._changed:
            if word is self._resting:
                return
            self._resting = word
            if not self._saying:
                self._begin(word)

    def say(self, word: LightWord, key: int | None = None, asked: float = float("inf")) -> bool:
        """Say a word at once, once, instead of what is playing; the first light has changed when this returns.

        key: what `stopped` or `fault` blinks, from 1. A word that repeats is shown from now on, as by `ambient`.
        asked: since when somebody waits for this word (`time.monotonic()`). If that was before the one began that is
        being said, nobody has seen that one to its end: it is, and then this one comes; False is returned.
        """
        if PATTERNS[word].repeats:
            self.ambient(word)
            return True
        with self._changed:
            if self._saying and asked < self._said_at:
                self._late.append((word, key))
                return False
            self._late.clear()
            self._begin(word, key)
            return True

    def nod(self) -> None:
        """Show that something was noticed of which nothing is said yet: what is shown between scans begins anew."""
        with self._changed:
            if not self._saying and not self._closed:
                self._steps = anew(self._resting)
                self._advance()
                self._changed.notify_all()

    def wait_said(self, timeout: float) -> bool:
        """Wait until nothing is being said any more; False when that took longer than `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._saying, timeout)

    def close(self) -> None:
        """Switch all lights off and give the pins back. Closing twice changes nothing."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._saying = False
            self._changed.notify_all()
        self._player.join()
        self._switch(DARK)
        for led in self._leds.values():
            led.close()

    def _begin(self, word: LightWord, key: int | None = None) -> None:
        if self._closed:
            return
        self._saying = not PATTERNS[word].repeats
        self._said_at = time.monotonic()
        self._steps = to_play(self._lit, word, key)
        self._advance()
        self._changed.notify_all()

    def _advance(self) -> None:
        """Go to the next step; after the last one of a word about a card, to the next word, or to what is shown between
        scans.
        """
        step = next(self._steps, None)
        if step is None:
            self._begin(*(self._late.popleft() if self._late else (self._resting,)))
            return
        self._switch(step.on)
        self._next_at = time.monotonic() + step.seconds / self._speed

    def _switch(self, lit: Lit) -> None:
        for led, on in flips(self._lit, lit):
            self._leds[led].value = on
        self._lit = lit

    def _play(self) -> None:
        with self._changed:
            while not self._closed:
                left = self._next_at - time.monotonic()
                if left > 0:
                    self._changed.wait(min(left, _LONGEST_WAIT))
                else:
                    self._advance()


def machine_pins() -> Any:
    """The pins of this machine; mock ones when it has none, or when gpiozero's environment variable says so."""
    if os.environ.get("GPIOZERO_PIN_FACTORY") == "mock":
        return MockPins()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            Device.ensure_pin_factory()
    except (BadPinFactory, ImportError, OSError):
        log.warning("This machine has no GPIO pins: the lights are mock pins, and nothing lights up.")
        return MockPins()
    return Device.pin_factory
