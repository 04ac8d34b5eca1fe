from __future__ import annotations

import math
from itertools import accumulate, islice, pairwise
from pathlib import Path

import pytest

from firmware.lights_page import page
from firmware.patterns import Shown, flips, recognise, to_play
from firmware.pins import BUZZER, GPIO, POWER_BUTTON, SCAN_BUTTON
from hub.messages import LightWord
from hub.messages.lights import BLINKED, DARK, KEYS, PARTS, PATTERNS, Led, Lit, Step, steps

WORDS = [(word, key) for word in LightWord for key in (None, *BLINKED.get(word, ()))]
BETWEEN = [word for word, pattern in PATTERNS.items() if pattern.repeats]
EVERY_SET = sorted({step.on for word, key in WORDS for step in steps(word, key)} | {DARK}, key=str)


def switchings(before: Lit, played: list[Step]) -> list[Lit]:
    """What somebody saw who watched every single switching, with what was on before."""
    seen = [before]
    for step in played:
        for led, on in flips(seen[-1], step.on):
            seen.append(seen[-1] | {led} if on else seen[-1] - {led})
    return seen


def test_every_word_has_a_pattern() -> None:
    assert set(PATTERNS) == set(LightWord)
    assert set(BETWEEN) == {
        LightWord.READY,
        LightWord.YOUR_TURN,
        LightWord.SEND_AGAIN,
        LightWord.NO_ANSWER,
        LightWord.NO_BROKER,
        LightWord.STAND_BY,
    }


def test_no_two_words_look_alike_even_without_their_rhythm() -> None:
    looks = [tuple(step.on for step in steps(word, key)) for word, key in WORDS]
    assert len(set(looks)) == len(looks)


@pytest.mark.parametrize(("word", "led"), [("delivered", "delivered"), ("rst", "rst"), ("dropped", "dropped")])
def test_the_three_big_ones_use_their_own_light_alone(word: str, led: str) -> None:
    assert {step.on for step in steps(LightWord(word))} - {DARK} == {frozenset({Led(led)})}


def test_the_three_big_ones_as_the_hardware_page_says() -> None:
    delivered, rst, dropped = (steps(word) for word in (LightWord.DELIVERED, LightWord.RST, LightWord.DROPPED))
    assert len(delivered) == 1
    assert delivered[0].seconds >= 1.0
    assert [bool(step.on) for step in rst] == [True, False] * 3
    assert [bool(step.on) for step in dropped] == [True, False]
    assert dropped[0].seconds >= 1.0


@pytest.mark.parametrize("key", KEYS)
def test_stopped_blinks_its_key(key: int) -> None:
    blinks = steps(LightWord.STOPPED, key)[len(steps(LightWord.STOPPED)) :]
    assert sum(bool(step.on) for step in blinks) == key


@pytest.mark.parametrize("key", PARTS)
def test_a_fault_blinks_its_part(key: int) -> None:
    blinks = steps(LightWord.FAULT, key)[len(steps(LightWord.FAULT)) :]
    assert sum(bool(step.on) for step in blinks) == key


@pytest.mark.parametrize(("word", "key"), WORDS)
def test_at_most_three_flashes_in_any_second(word: LightWord, key: int | None) -> None:
    played = list(islice(to_play(DARK, word, key), 60))
    begins = list(accumulate((step.seconds for step in played), initial=0.0))
    for leds in [{led} for led in Led] + [set(Led)]:
        lit = [False, *(bool(step.on & leds) for step in played)]
        flashes = [begins[n] for n, (before, after) in enumerate(pairwise(lit)) if after and not before]
        for flash in flashes:
            assert sum(flash <= other < flash + 1.0 for other in flashes) <= 3


@pytest.mark.parametrize(("word", "key"), WORDS)
def test_a_verdict_begins_with_a_visible_change(word: LightWord, key: int | None) -> None:
    if not PATTERNS[word].repeats:
        for before in EVERY_SET:
            assert next(to_play(before, word, key)).on != before


def test_a_verdict_is_never_hidden_by_what_is_shown_between_scans() -> None:
    between = {step.on for word in BETWEEN for step in steps(word)}
    assert not between & {steps(word)[0].on for word in LightWord if word not in BETWEEN}


@pytest.mark.parametrize(("word", "key"), WORDS)
def test_what_was_played_is_recognised(word: LightWord, key: int | None) -> None:
    repeats = PATTERNS[word].repeats
    for before in EVERY_SET:
        if word is LightWord.READY and before == steps(word)[0].on:
            continue
        played = list(islice(to_play(before, word, key), 2 * len(steps(word)) if repeats else None))
        assert recognise(switchings(before, played)) == Shown(word, key)


@pytest.mark.parametrize(("word", "key"), [(word, key) for word, key in WORDS if word not in BETWEEN])
@pytest.mark.parametrize("then", BETWEEN)
def test_a_verdict_is_recognised_with_what_follows_it(word: LightWord, key: int | None, then: LightWord) -> None:
    said = list(to_play(DARK, word, key))
    after = list(islice(to_play(said[-1].on, then), 2 * len(steps(then))))
    assert recognise(switchings(DARK, said + after)) == Shown(word, key)


@pytest.mark.parametrize("word", [word for word in LightWord if word not in BETWEEN and len(steps(word)) > 2])
def test_half_a_verdict_is_not_recognised_as_it(word: LightWord) -> None:
    said = list(to_play(DARK, word))
    cut = [step for step in said[: len(said) // 2] if step.on]
    assert recognise(switchings(DARK, cut)) != Shown(word)


@pytest.mark.parametrize(
    ("word", "key"), [(word, key) for word, key in WORDS if word not in BETWEEN and key in (None, 2)]
)
def test_somebody_who_looks_at_any_moment_sees_no_other_verdict(word: LightWord, key: int | None) -> None:
    for between in BETWEEN:
        for phase in range(len(steps(between))):
            shown = list(islice(to_play(DARK, between), phase + 1))
            said = list(to_play(shown[-1].on, word, key))
            after = islice(to_play(said[-1].on, between), 2 * len(steps(between)))
            seen = switchings(DARK, [*shown, *said, *after])
            verdicts = {
                found.word for end in range(len(seen) + 1) for found in [first_verdict(seen[:end])] if found is not None
            }
            assert verdicts == {word}


def first_verdict(seen: list[Lit]) -> Shown | None:
    for begin in range(len(seen)):
        found = recognise(seen[begin:])
        if found is not None and found.word not in BETWEEN:
            return found
    return None


def test_nothing_is_recognised_in_nothing() -> None:
    assert recognise([]) is None
    assert recognise([DARK]) is None


def test_every_step_lasts() -> None:
    assert all(0 < step.seconds < math.inf for word, key in WORDS for step in steps(word, key))


def test_each_light_has_a_pin_of_its_own() -> None:
    assert set(GPIO) == set(Led)
    assert len({*GPIO.values(), SCAN_BUTTON, POWER_BUTTON, BUZZER}) == len(Led) + 3


def test_the_page_is_made_from_this_table() -> None:
    stored = Path(__file__).parents[2] / "docs" / "lights.md"
    assert stored.read_text(encoding="utf-8") == page(), "run: python -m firmware.lights_page > docs/lights.md"
