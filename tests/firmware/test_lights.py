from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from firmware.lights import Lights
from firmware.mockpins import MockPins
from firmware.patterns import Shown
from hub.messages import LightWord
from hub.messages.lights import DARK, KEYS, PATTERNS, Led

WITHIN = 10.0
ABOUT_A_CARD = [word for word, pattern in PATTERNS.items() if not pattern.repeats]


@pytest.fixture
def pins() -> MockPins:
    return MockPins()


@pytest.fixture
def lights(pins: MockPins) -> Iterator[Lights]:
    lights = Lights(pins, speed=100.0)
    yield lights
    lights.close()


def said(lights: Lights, pins: MockPins, word: LightWord, key: int | None = None) -> Shown | None:
    before = time.monotonic()
    lights.say(word, key)
    assert lights.wait_said(WITHIN)
    return pins.shown_after(before)


@pytest.mark.parametrize("word", ABOUT_A_CARD)
def test_the_pins_do_what_was_said(lights: Lights, pins: MockPins, word: LightWord) -> None:
    assert said(lights, pins, word) == Shown(word)


@pytest.mark.parametrize("key", KEYS)
def test_the_pins_blink_the_key(lights: Lights, pins: MockPins, key: int) -> None:
    assert said(lights, pins, LightWord.STOPPED, key) == Shown(LightWord.STOPPED, key)


def test_the_same_verdict_twice_is_seen_twice(lights: Lights, pins: MockPins) -> None:
    first = said(lights, pins, LightWord.DELIVERED)
    assert said(lights, pins, LightWord.DELIVERED) == first == Shown(LightWord.DELIVERED)


def test_words_that_somebody_has_waited_for_are_said_one_after_the_other(lights: Lights, pins: MockPins) -> None:
    asked = time.monotonic()
    assert lights.say(LightWord.DELIVERED, asked=asked)
    assert not lights.say(LightWord.RST, asked=asked)
    assert not lights.say(LightWord.STOPPED, 2, asked=asked)
    assert lights.wait_said(WITHIN)
    shown = [pins.shown_after(change.at) for change in pins.switchings_after(asked)]
    seen = [each for each in shown if each is not None and each.word in ABOUT_A_CARD]
    assert list(dict.fromkeys(seen)) == [Shown(LightWord.DELIVERED), Shown(LightWord.RST), Shown(LightWord.STOPPED, 2)]


def test_whoever_has_laid_down_another_card_since_does_not_wait(pins: MockPins) -> None:
    lights = Lights(pins)
    try:
        lights.say(LightWord.DELIVERED, asked=time.monotonic())
        moment = time.monotonic()
        assert lights.say(LightWord.RST, asked=moment)
        assert any(change.lit == {Led.RST} for change in pins.switchings_after(moment))
    finally:
        lights.close()


def test_a_nod_is_seen_and_what_is_shown_between_scans_goes_on(pins: MockPins) -> None:
    lights = Lights(pins, speed=20.0)
    try:
        lights.ambient(LightWord.NO_ANSWER)
        moment = time.monotonic()
        lights.nod()
        assert any(change.lit == DARK for change in pins.switchings_after(moment)), "this word is never dark by itself"
        assert pins.wait_for(lambda: Led.RST in pins.lit and Led.LINK in pins.lit, WITHIN)
    finally:
        lights.close()


def test_a_light_changes_before_say_returns(pins: MockPins) -> None:
    lights = Lights(pins)
    try:
        for word in (LightWord.DELIVERED, LightWord.DELIVERED, LightWord.RST):
            before = time.monotonic()
            lights.say(word)
            assert any(before <= switching.at <= time.monotonic() for switching in pins.switchings_after(before))
    finally:
        lights.close()


def test_a_later_verdict_replaces_the_one_that_plays(pins: MockPins) -> None:
    lights = Lights(pins, speed=20.0)
    try:
        lights.say(LightWord.DROPPED)
        assert said(lights, pins, LightWord.DELIVERED) == Shown(LightWord.DELIVERED)
    finally:
        lights.close()


def test_after_a_verdict_comes_what_is_shown_between_scans(lights: Lights, pins: MockPins) -> None:
    lights.say(LightWord.RST)
    lights.ambient(LightWord.NO_BROKER)
    before = time.monotonic()
    assert lights.wait_said(WITHIN)
    blink = [frozenset({Led.LINK}), DARK] * 2
    assert pins.wait_for(
        lambda: [change.lit for change in pins.switchings_after(before)][-4:] in (blink, blink[1:] + blink[:1]), WITHIN
    )


def test_ready_is_shown_from_the_beginning(lights: Lights, pins: MockPins) -> None:
    assert pins.lit == {Led.LINK}


def test_saying_what_repeats_shows_it_from_now_on(lights: Lights, pins: MockPins) -> None:
    lights.say(LightWord.YOUR_TURN)
    assert lights.wait_said(0.0)


def test_a_verdict_cannot_be_shown_between_scans(lights: Lights) -> None:
    with pytest.raises(ValueError, match="about one card"):
        lights.ambient(LightWord.DELIVERED)


def test_closed_lights_are_dark_and_give_their_pins_back(pins: MockPins) -> None:
    for _ in range(2):
        lights = Lights(pins)
        lights.say(LightWord.STOPPED, 5)
        lights.close()
        lights.close()
        assert lights.wait_said(0.0)
        assert not any(pin.state for pin in pins.pins.values())


def test_the_first_verdict_after_a_moment_is_found_with_its_time(lights: Lights, pins: MockPins) -> None:
    before = time.monotonic()
    assert pins.said_after(before) is None
    lights.ambient(LightWord.YOUR_TURN)
    lights.say(LightWord.RST)
    assert pins.wait_for(lambda: pins.said_after(before) is not None, WITHIN)
    said = pins.said_after(before)
    assert said is not None
    assert said.shown == Shown(LightWord.RST)
    assert before < said.at < time.monotonic()


def test_two_badges_in_one_process_have_pins_of_their_own(pins: MockPins) -> None:
    mine, theirs = Lights(pins), Lights(MockPins())
    try:
        mine.say(LightWord.DELIVERED)
        assert pins.lit == {Led.DELIVERED}
        assert theirs.pin_factory.lit == {Led.LINK}
    finally:
        mine.close()
        theirs.close()


def test_off_the_pi_there_are_mock_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    lights = Lights()
    assert isinstance(lights.pin_factory, MockPins)
    lights.close()
