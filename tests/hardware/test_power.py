"""The power budget keeps to the limits of pins, cables and chargers, and to the conservation of energy."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from hardware.pages import with_blocks
from hardware.power.budget import (
    cable_ohm,
    hours,
    led_ma,
    lesson_watts,
    lights_ma,
    lit_watts,
    numbers,
    piezo_ma,
    states,
    volts_at_badge,
    wall,
)
from hardware.power.steps import PAGE
from hardware.power.tables import blocks
from hub.messages.lights import Led

GPIO = numbers()["gpio"]
MODELS = list(numbers()["pi"])


def test_every_light_is_there() -> None:
    assert set(lights_ma()) == {led.value for led in Led}


@pytest.mark.parametrize("light", [led.value for led in Led])
def test_no_light_takes_more_than_its_pin_may_give(light: str) -> None:
    least, usual, most = lights_ma()[light]
    assert 0.5 < least < usual < most <= GPIO["most_ma_each_pi4"] <= GPIO["most_ma_each"]


def test_all_lights_and_the_buzzer_take_no_more_than_the_header_may_give() -> None:
    assert sum(most for _, _, most in lights_ma().values()) + piezo_ma()[0] <= GPIO["most_ma_all"]


def test_one_light_by_hand() -> None:
    """3.3 V less 2.0 V over 330 ohm and the 60 ohm of the pin."""
    assert led_ma("orange", 330)[1] == pytest.approx((3.3 - 2.0) / 390 * 1000)


def test_more_ohm_less_current_and_none_without_voltage() -> None:
    for colour in numbers()["led"]:
        if colour != "source":
            assert led_ma(colour, 330)[1] < led_ma(colour, 100)[1]
    assert led_ma("blue", 1e9)[2] < 1e-3


@pytest.mark.parametrize("model", MODELS)
def test_what_does_more_takes_more(model: str) -> None:
    for before, after in pairwise(states(model)):
        assert all(less <= more for less, more in zip(before.watts, after.watts, strict=True))
    for state in states(model):
        assert state.watts[0] <= state.watts[1] <= state.watts[2]


@pytest.mark.parametrize("model", MODELS)
def test_the_supply_that_is_named_is_enough(model: str) -> None:
    data = numbers()["pi"][model]
    assert states(model)[-1].watts[2] / numbers()["cable"]["volts_at_usb"] <= data["supply_amps"]
    assert data["boot_amps"] <= data["supply_amps"]


def test_lights_are_a_small_part_of_a_badge() -> None:
    assert lit_watts()[2] < 0.1 * states("zero2w")[1].watts[1]


@pytest.mark.parametrize(("gauge", "milliohm_per_metre"), [(20, 33.3), (24, 84.2), (26, 133.9), (28, 212.9)])
def test_copper_is_as_in_the_tables_of_wire(gauge: int, milliohm_per_metre: float) -> None:
    both_ways = (cable_ohm(gauge, 1.0) - cable_ohm(gauge, 0.0)) * 1000
    assert both_ways / 2 == pytest.approx(milliohm_per_metre, rel=0.02)


def test_a_cable_loses_more_the_longer_and_the_thinner_it_is() -> None:
    assert (
        volts_at_badge(24, 0.3, 1)
        > volts_at_badge(24, 1.0, 1)
        > volts_at_badge(28, 1.0, 1)
        > volts_at_badge(28, 1.0, 2)
    )
    assert volts_at_badge(24, 1.0, 0) == numbers()["cable"]["volts_at_usb"]


@pytest.mark.parametrize(("gauge", "metres"), [(24, 0.3), (24, 1.0)])
def test_the_cables_of_the_bill_are_thick_enough(gauge: int, metres: float) -> None:
    amps = max(numbers()["pi"]["zero2w"]["boot_amps"], states("zero2w")[-1].watts[2] / 5)
    assert volts_at_badge(gauge, metres, amps) >= numbers()["cable"]["volts_least"]


def banks() -> Iterator[tuple[float, str]]:
    for mah in numbers()["bank"]["mah"]:
        for model in MODELS:
            yield mah, model


@pytest.mark.parametrize(("mah", "model"), list(banks()))
def test_no_bank_gives_more_than_is_in_it(mah: float, model: str) -> None:
    watts = lesson_watts(model)
    shortest, usual, longest = hours(mah, watts)
    assert shortest < usual < longest
    inside = mah / 1000 * 3.7
    assert longest * watts[0] < inside
    assert shortest * watts[2] < usual * watts[1] < longest * watts[0]
    assert hours(2 * mah, watts)[1] == pytest.approx(2 * usual)


@pytest.mark.parametrize(("mah", "lessons"), [(3000, 1), (5000, 3), (10000, 6)])
def test_the_lessons_that_a_bank_is_said_to_last(mah: float, lessons: int) -> None:
    assert int(hours(mah, lesson_watts("zero2w"))[0] / 1.5 + 0.01) == lessons


def test_a_booth_takes_what_its_guide_says() -> None:
    """About 15 W, 30 at the most, and less than half a kilowatt-hour in ten hours."""
    beside = numbers()["beside"]
    usual, most = (3 * lesson_watts("zero2w")[n] + beside["hub"][n] + beside["router"][n] for n in (1, 2))
    assert usual == pytest.approx(15, abs=1)
    assert most < 30
    assert most * 10 / numbers()["charger"]["efficiency"] < 500


@pytest.mark.parametrize("badges", [1, 6, 7, 30])
def test_no_charger_gives_more_than_it_can(badges: int) -> None:
    found, charger = wall(badges, "zero2w"), numbers()["charger"]
    assert (found.chargers - 1) * charger["ports"] < badges <= found.chargers * charger["ports"]
    assert found.each[2] <= charger["watts"]
    assert states("zero2w")[-1].watts[2] / 5 <= charger["amps_each"]
    assert all(total > badges * one for total, one in zip(found.wall, lesson_watts("zero2w"), strict=True))


def brackets(value: Any) -> Iterator[list[float]]:
    if isinstance(value, dict):
        for each in value.values():
            yield from brackets(each)
    elif isinstance(value, list) and len(value) == 3:
        yield value


def test_every_bracket_is_in_order() -> None:
    found = list(brackets(numbers()))
    assert len(found) > 15
    assert all(values == sorted(values) for values in found)


def test_the_page_is_made_from_the_numbers() -> None:
    text = PAGE.read_text("utf-8")
    assert with_blocks(text, blocks()) == text, "make hardware ARGS=power"
