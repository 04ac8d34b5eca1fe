"""The buzzer: a short sound for each word, for whoever looks at the card and not at the lights. It may be muted."""

from __future__ import annotations

import threading
from typing import Any, NamedTuple

from gpiozero import TonalBuzzer

from firmware.pins import BUZZER
from hub.messages import LightWord


class Note(NamedTuple):
    """For so many seconds a tone of this pitch in Hz; 0: silence."""

    seconds: float
    hertz: float


SOUNDS: dict[LightWord, tuple[Note, ...]] = {
    LightWord.DELIVERED: (Note(0.08, 660), Note(0.16, 880)),
    LightWord.RST: (Note(0.08, 440), Note(0.06, 0), Note(0.08, 440), Note(0.06, 0), Note(0.08, 440)),
    LightWord.DROPPED: (Note(0.30, 262),),
    LightWord.SENT: (Note(0.08, 660),),
    LightWord.FORWARDED: (Note(0.08, 660), Note(0.06, 0), Note(0.08, 660)),
    LightWord.STOPPED: (Note(0.16, 523), Note(0.24, 330)),
    LightWord.UNREAD: (Note(0.08, 330), Note(0.06, 0), Note(0.08, 330)),
    LightWord.ONE_AT_A_TIME: (Note(0.08, 330), Note(0.06, 0), Note(0.08, 330)),
}
"""What each word sounds like; words that are not here are silent, so that nothing sounds between scans."""


class Buzzer:
    """A buzzer that plays one sound at a time, in a thread of its own: `play` returns at once.

    pin_factory: gpiozero's. speed: how many times faster than the table says (1.0 for people). muted: it is silent, and
    its pin is left alone.
    """

    def __init__(self, pin_factory: Any, speed: float = 1.0, muted: bool = False) -> None:
        self._speed = speed
        self._device = None if muted else TonalBuzzer(BUZZER, octaves=2, pin_factory=pin_factory)
        self._changed = threading.Condition()
        self._next: tuple[Note, ...] | None = None
        self._playing = False
        self._closed = False
        self._player = threading.Thread(target=self._run, name="buzzer", daemon=True)
        self._player.start()

    def play(self, word: LightWord) -> None:
        """The sound of a word, instead of what is playing; nothing for a word that has none."""
        if self._device is None or word not in SOUNDS:
            return
        with self._changed:
            self._next = SOUNDS[word]
            self._changed.notify_all()

    def wait_played(self, timeout: float) -> bool:
        """Wait until it is silent; False when that took longer than `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._next is None and not self._playing, timeout)

    def close(self) -> None:
        """Fall silent and give the pin back. Closing twice changes nothing."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._player.join()
        if self._device is not None:
            self._device.close()

    def _run(self) -> None:
        with self._changed:
            while not self._closed:
                if self._next is None:
                    self._changed.wait()
                else:
                    self._sound()

    def _sound(self) -> None:
        notes, self._next, self._playing = self._next or (), None, True
        for note in notes:
            self._hum(note.hertz)
            if self._changed.wait_for(lambda: self._closed or self._next is not None, note.seconds / self._speed):
                break
        self._hum(0)
        self._playing = False
        self._changed.notify_all()

    def _hum(self, hertz: float) -> None:
        if self._device is None:
            return
        if hertz:
            self._device.play(float(hertz))
        else:
            self._device.stop()
