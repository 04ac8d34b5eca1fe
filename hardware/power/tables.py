"""The tables of docs/power.md."""

from __future__ import annotations

from collections.abc import Sequence

from hardware.pages import table
from hardware.power.budget import (
    Bracket,
    cable_ohm,
    hours,
    lesson_watts,
    lights_ma,
    numbers,
    piezo_ma,
    states,
    volts_at_badge,
    wall,
)
from hardware.wiring import wires

BADGE = "zero2w"
SETS = (3, 8, 30)


def blocks() -> dict[str, str]:
    """What docs/power.md takes from here."""
    return {
        "lights": _lights(),
        "states": _states(),
        "cables": _cables(),
        "banks": _banks(),
        "walls": _walls(),
        "booth": _booth(),
    }


def _said(bracket: Bracket, digits: int = 1) -> str:
    """The usual, and in brackets least and most."""
    least, usual, most = (f"{value:.{digits}f}" for value in bracket)
    return f"{usual} ({least} to {most})"


def _lights() -> str:
    wired = wires()
    rows = [
        (name, wired[name].part, str(wired[name].resistor_ohm), _said(bracket)) for name, bracket in lights_ma().items()
    ]
    sums = tuple(sum(bracket[n] for bracket in lights_ma().values()) for n in range(3))
    average, peak = piezo_ma()
    rows.append(
        (
            "buzzer",
            wired["buzzer"].part,
            str(wired["buzzer"].resistor_ohm),
            f"{average:.2f}; for microseconds {peak:.0f}",
        )
    )
    rows.append(("**all lights**", "", "", _said((sums[0], sums[1], sums[2]))))
    return table(("pin of", "part", "ohm", "mA"), rows, (2,))


def _states() -> str:
    rows = []
    for model, data in numbers()["pi"].items():
        for state in states(model):
            rows.append((data["name"], state.name, _said(state.watts), f"{state.watts[1] / 5:.2f}"))
        rows.append(
            (data["name"], "peak at start", "", f"{data['boot_amps']:.1f}; take a supply of {data['supply_amps']:.1f}")
        )
    return table(("computer", "state", "W", "A at 5 V"), rows)


def _cables() -> str:
    data, amps = numbers()["cable"], _amps()
    rows = []
    for gauge in data["gauges"]:
        for metres in data["lengths"]:
            volts = [volts_at_badge(gauge, metres, each) for each in amps]
            rows.append(
                (f"{gauge}", f"{metres:g}", f"{cable_ohm(gauge, metres):.2f}", *(_enough(value) for value in volts))
            )
    heads = ("AWG", "m", "ohm, both ways", *(f"V at {each:.2f} A" for each in amps))
    return table(heads, rows, (0, 1, 2))


def _amps() -> Sequence[float]:
    """Scanning at its most, and the peak at the start."""
    return states(BADGE)[-1].watts[2] / 5, numbers()["pi"][BADGE]["boot_amps"]


def _enough(volts: float) -> str:
    return f"{volts:.2f}" if volts >= numbers()["cable"]["volts_least"] else f"{volts:.2f}, **too little**"


def _banks() -> str:
    models = numbers()["pi"]
    rows = [
        (str(mah), *(_said(hours(mah, lesson_watts(model)), 0 if mah > 5000 else 1) for model in models))
        for mah in numbers()["bank"]["mah"]
    ]
    return table(("mAh", *(f"{data['name']}, hours" for data in models.values())), rows, (0,))


def _walls() -> str:
    ports = numbers()["charger"]["ports"]
    rows = []
    for badges in SETS:
        found = wall(badges, BADGE)
        rows.append((str(badges), str(found.chargers), _said(found.each, 0), _said(found.wall, 0)))
    return table(
        ("badges", f"chargers with {ports} ports", "W that one charger gives", "W from the wall, all"), rows, (0, 1)
    )


def _booth() -> str:
    """Ten hours, watt-hours from the wall."""
    beside, efficiency = numbers()["beside"], numbers()["charger"]["efficiency"]
    large = beside["bank_mah"]
    watts = {"three badges": _times(lesson_watts(BADGE), 3), **{name: _of(beside[name]) for name in ("hub", "router")}}
    rows = [
        (name, _said(each), _said(_times(each, 10 / efficiency), 0), _said(hours(large, each), 0))
        for name, each in watts.items()
    ]
    return table(("what", "W", "Wh from the wall in ten hours", f"hours on a bank of {large} mAh"), rows)


def _of(values: list[float]) -> Bracket:
    return float(values[0]), float(values[1]), float(values[2])


def _times(bracket: Bracket, factor: float) -> Bracket:
    return bracket[0] * factor, bracket[1] * factor, bracket[2] * factor
