"""Currents of the lights, watts of the states, what a cable loses, how long a power bank lasts.

A bracket is (least, usual, most). Nothing is measured: hardware/power.toml says where each number is from.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from math import ceil, pi
from typing import Any

from hardware.steps import ROOT
from hardware.wiring import wires

NUMBERS = ROOT / "hardware" / "power.toml"
Bracket = tuple[float, float, float]

_COPPER = 1.72e-8
"""Ohm metres, at 20 °C."""


def numbers() -> dict[str, Any]:
    """The file."""
    return tomllib.loads(NUMBERS.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class State:
    """What a badge does, and how many watts it takes meanwhile."""

    name: str
    watts: Bracket


def led_ma(colour: str, ohm: float) -> Bracket:
    """The current through a LED of a colour behind so many ohm, in mA."""
    data = numbers()
    volts, (strong, usual, weak) = data["gpio"]["volts"], data["gpio"]["ohm_inside"]
    low, typical, high = data["led"][colour]
    pairs = ((high, weak), (typical, usual), (low, strong))
    least, middle, most = (max(0.0, volts - forward) / (ohm + inside) * 1000 for forward, inside in pairs)
    return least, middle, most


def lights_ma() -> dict[str, Bracket]:
    """The current of each light, as it is wired."""
    found = {name: wire for name, wire in wires().items() if wire.part.startswith("LED")}
    return {name: led_ma(wire.part.split()[-1], float(wire.resistor_ohm or 0)) for name, wire in found.items()}


def piezo_ma() -> tuple[float, float]:
    """The buzzer's current in mA: on average at its highest tone, and for the microsecond in which it is charged."""
    data = numbers()
    volts, ohm = data["gpio"]["volts"], float(wires()["buzzer"].resistor_ohm or 0)
    average = data["piezo"]["farad"] * volts * data["piezo"]["most_hertz"] * 1000
    return average, volts / (ohm + data["gpio"]["ohm_inside"][1]) * 1000


def lit_watts() -> Bracket:
    """What all lights and the buzzer take, at 5 V: what the pins give comes through a regulator."""
    data = numbers()
    sums = [sum(bracket[n] for bracket in lights_ma().values()) + piezo_ma()[0] for n in range(3)]
    least, usual, most = (total / 1000 * data["cable"]["volts_at_usb"] for total in sums)
    return least, usual, most


def states(model: str) -> list[State]:
    """What a badge with this Raspberry Pi takes, from the least to the most."""
    data = numbers()["pi"][model]
    scanning = _bracket(data["scanning"])
    lit = _plus(scanning, lit_watts())
    return [
        State("switched on, nothing runs", _bracket(data["idle"])),
        State("scanning", scanning),
        State("scanning, all lights and buzzer on", lit),
        State("the same, while Wi-Fi sends", _plus(lit, _bracket(data["sending"]))),
    ]


def lesson_watts(model: str) -> Bracket:
    """What to count with for hours: scanning all the time, half of the lights on."""
    least, usual, most = lit_watts()
    return _plus(_bracket(numbers()["pi"][model]["scanning"]), (least / 2, usual / 2, most / 2))


def cable_ohm(gauge: int, metres: float) -> float:
    """There and back through wires of this gauge (AWG), and the plugs."""
    millimetres: float = 0.127 * 92 ** ((36 - gauge) / 39)
    area = pi * (millimetres / 1000) ** 2 / 4
    return float(2 * _COPPER * metres / area + numbers()["cable"]["ohm_plugs"])


def volts_at_badge(gauge: int, metres: float, amps: float) -> float:
    """What a supply of 5.0 V leaves at the end of a cable."""
    return float(numbers()["cable"]["volts_at_usb"]) - cable_ohm(gauge, metres) * amps


def hours(mah: float, watts: Bracket) -> Bracket:
    """How long a power bank of so many mAh (as printed, at 3.7 V) lasts: with the most watts, the usual, the least."""
    data = numbers()["bank"]
    worst, usual, best = data["efficiency"]
    energy = mah / 1000 * data["volts_inside"]
    return energy * worst / watts[2], energy * usual / watts[1], energy * best / watts[0]


@dataclass(frozen=True, slots=True)
class Wall:
    """A class on chargers: how many, watts that one gives, watts of all from the wall."""

    chargers: int
    each: Bracket
    wall: Bracket


def wall(badges: int, model: str) -> Wall:
    """What so many badges take from chargers with several ports, and from the wall."""
    data = numbers()["charger"]
    watts = lesson_watts(model)
    on_one = min(badges, data["ports"])
    each = (watts[0] * on_one, watts[1] * on_one, watts[2] * on_one)
    total = (watts[0] * badges, watts[1] * badges, watts[2] * badges)
    from_wall = (total[0] / data["efficiency"], total[1] / data["efficiency"], total[2] / data["efficiency"])
    return Wall(ceil(badges / data["ports"]), each, from_wall)


def _bracket(values: list[float]) -> Bracket:
    least, usual, most = (float(value) for value in values)
    return least, usual, most


def _plus(one: Bracket, other: Bracket) -> Bracket:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]
