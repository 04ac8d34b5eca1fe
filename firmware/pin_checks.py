"""What a self-test says of what is wired to the pins: lights, buzzer, buttons."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from gpiozero import LED, Button

from firmware.buzzer import Buzzer
from firmware.mockpins import MockPins
from firmware.pins import BUZZER, GPIO, POWER_BUTTON, SCAN_BUTTON
from firmware.results import Result, absent, note, well, wrong
from hub.messages import LightWord
from hub.messages.lights import Led

LIT = 1.0
"""Seconds for which each light is lit."""
PRESS_WITHIN = 10.0
"""Seconds that somebody has for pressing a button."""
_PLAYED_WITHIN = 5.0

Ask = Callable[[str], bool]
"""Asks the person at the terminal a question to answer with yes or no."""
Say = Callable[[str], None]

_BUSY = "the badge's own program has them, or this user may not use them (group gpio)"
_STOP_IT = "stop the badge first (sudo systemctl stop paperhop-badge), and test as the same user"
_SIMULATED = "this computer has none: lights, buzzer and buttons were only simulated."


def check_pins(pins: Any, say: Say, ask: Ask | None, pace: float = 1.0) -> list[Result]:
    """Lights, buzzer and buttons. pins: gpiozero's factory. ask: None when there is nobody to ask. pace: how many times
    faster than for people.
    """
    simulated = [absent("pins", _SIMULATED)] if isinstance(pins, MockPins) else []
    return [
        *simulated,
        *_guarded("lights", lambda: _lights(pins, say, ask, pace)),
        *_guarded("buzzer", lambda: _buzzer(pins, say, ask, pace)),
        *_guarded("buttons", lambda: _buttons(pins, say, ask, pace)),
    ]


def _guarded(part: str, check: Callable[[], list[Result]]) -> list[Result]:
    """Pin libraries raise what they like when a pin is taken."""
    try:
        return check()
    except Exception as error:
        return [wrong(part, f"their pins cannot be used ({error}).", _BUSY, _STOP_IT)]


def _lights(pins: Any, say: Say, ask: Ask | None, pace: float) -> list[Result]:
    short = []
    for place, led in enumerate(Led, 1):
        light = LED(GPIO[led], pin_factory=pins)
        try:
            say(f"Now the light {place} of {len(Led)} from the left, {led.value}, should be lit, and no other.")
            light.on()
            time.sleep(LIT / pace)
            if not light.pin.state:
                short.append(f"{led.value} (GPIO{GPIO[led]})")
        finally:
            light.off()
            light.close()
    if short:
        return [
            wrong(
                "lights",
                f"no voltage comes to {', '.join(short)}.",
                "the pin is shorted to ground: a drop of solder, or a LED without its resistor",
                "look at the wiring (hardware/wiring.csv), and do not switch on before it is right",
            )
        ]
    if ask is None:
        return [well("lights", "all four were switched on, one after the other; nobody was asked whether they lit up.")]
    if ask("Did each of the four light up, one after the other from left to right?"):
        return [well("lights", "all four light up, in their order.")]
    return [
        wrong(
            "lights",
            "not all of them lit up, or not in their order.",
            "a LED is the wrong way round (its longer leg goes to the resistor), its wire is loose, or two are swapped",
            "compare the wires with hardware/wiring.csv, one by one",
        )
    ]


def _buzzer(pins: Any, say: Say, ask: Ask | None, pace: float) -> list[Result]:
    buzzer = Buzzer(pins, speed=pace)
    try:
        say("Now the buzzer should sound, two tones upwards.")
        buzzer.play(LightWord.DELIVERED)
        buzzer.wait_played(_PLAYED_WITHIN)
    finally:
        buzzer.close()
    if ask is None:
        return [well("buzzer", "it was made to sound; nobody was asked whether it did.")]
    if ask("Did you hear the buzzer? (A badge without one: no.)"):
        return [well("buzzer", "it sounds.")]
    return [
        note(
            "buzzer",
            "it is not to be heard.",
            "there is none, its wire is loose, or it is an active one: those do not play tones",
            f"if there should be one: compare its wires with hardware/wiring.csv (GPIO{BUZZER})",
        )
    ]


def _buttons(pins: Any, say: Say, ask: Ask | None, pace: float) -> list[Result]:
    results = []
    for name, number in (("SCAN", SCAN_BUTTON), ("POWER", POWER_BUTTON)):
        button = Button(number, pin_factory=pins)
        try:
            if button.is_pressed:
                results.append(
                    wrong(
                        "buttons",
                        f"{name} (GPIO{number}) seems to be held down all the time.",
                        "it is stuck, or its wire touches ground",
                        "press it a few times; then compare its wires with hardware/wiring.csv",
                    )
                )
            elif ask is not None and name == "SCAN":
                say(f"Press the {name} button now, within {PRESS_WITHIN:.0f} seconds.")
                results.append(_pressed(button, name, number, pace))
        finally:
            button.close()
    return results or [well("buttons", "none is held down; nobody was asked to press them.")]


def _pressed(button: Button, name: str, number: int, pace: float) -> Result:
    if button.wait_for_press(PRESS_WITHIN / pace):
        return well("buttons", f"{name} works, and none is held down.")
    return wrong(
        "buttons",
        f"{name} (GPIO{number}) was not pressed, or a press does not arrive.",
        "its wire is loose, or it is wired across the two legs that always touch",
        "compare its wires with hardware/wiring.csv; turn the switch by a quarter",
    )
