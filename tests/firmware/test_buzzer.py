from __future__ import annotations

import pytest

from firmware.buzzer import SOUNDS, Buzzer
from firmware.mockpins import MockPins
from firmware.pins import BUZZER
from hub.messages import LightWord
from hub.messages.lights import PATTERNS

WITHIN = 10.0


def heard(pins: MockPins, monkeypatch: pytest.MonkeyPatch) -> list[float | None]:
    """The pitches at which the buzzer's pin hums, None: silent; filled as it goes."""
    pin = pins.pin(BUZZER)
    pitches: list[float | None] = []
    original = type(pin)._set_frequency

    def noted(self: object, hertz: float | None) -> None:
        pitches.append(hertz)
        original(self, hertz)
        pins.wake()

    monkeypatch.setattr(type(pin), "frequency", property(type(pin)._get_frequency, noted))
    return pitches


def test_a_word_is_heard_and_ends_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    pins = MockPins()
    pitches = heard(pins, monkeypatch)
    buzzer = Buzzer(pins, speed=100.0)
    pitches.clear()
    buzzer.play(LightWord.DELIVERED)
    assert buzzer.wait_played(WITHIN)
    assert pitches == [660.0, 880.0, None]
    buzzer.close()
    buzzer.close()
    assert pins.pin(BUZZER).state == 0


def test_a_new_word_cuts_the_old_one_short(monkeypatch: pytest.MonkeyPatch) -> None:
    pins = MockPins()
    pitches = heard(pins, monkeypatch)
    buzzer = Buzzer(pins, speed=0.001)
    pitches.clear()
    buzzer.play(LightWord.DROPPED)
    assert pins.wait_for(lambda: 262.0 in pitches, WITHIN)
    buzzer.play(LightWord.SENT)
    assert pins.wait_for(lambda: pitches[-1] == 660.0, WITHIN)
    buzzer.close()
    assert pitches[:3] == [262.0, None, 660.0]


def test_a_muted_buzzer_leaves_its_pin_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    pins = MockPins()
    pitches = heard(pins, monkeypatch)
    buzzer = Buzzer(pins, muted=True)
    buzzer.play(LightWord.DELIVERED)
    assert buzzer.wait_played(0.0)
    buzzer.close()
    assert pitches == []


def test_only_words_about_a_card_sound_and_briefly() -> None:
    for word, notes in SOUNDS.items():
        assert not PATTERNS[word].repeats
        assert sum(note.seconds for note in notes) < 1.0
