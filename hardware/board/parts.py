"""What is on the board: each part with its symbol, footprint and nets, from hardware/wiring.csv."""

from __future__ import annotations

from dataclasses import dataclass, field

from hardware.board.numbers import Numbers
from hardware.wiring import POWER_PINS, Wire, wires


@dataclass(frozen=True)
class Part:
    """One part. `nets`: pin's number to net's name; a pin that is not there is not connected."""

    ref: str
    symbol: str
    footprint: str
    value: str
    nets: dict[str, str] = field(default_factory=dict)
    maker_number: str = ""
    """One that fits, of a maker; others do too."""
    bought: bool = True
    """Whether it is in the bill of materials."""


_RESISTOR = "Resistor_THT:R_Axial_DIN0207_L6.3mm_D2.5mm_P7.62mm_Horizontal"
_BUTTON = "Button_Switch_THT:SW_PUSH_6mm_H4.3mm"
_TEST_PAD = "TestPoint:TestPoint_THTPad_D2.0mm_Drill1.0mm"
_LEDS = {
    "blue": "Kingbright WP7113QBC/D",
    "orange": "Kingbright WP7113SED",
    "white": "Kingbright WP7113QWC/D",
    "yellow": "Kingbright WP7113SYD",
}
BUTTONS = {"scan": "scan_button", "power": "power_button"}
"""By its name in dimensions.toml, the function of each button."""


def net_of(function: str) -> str:
    """The net at the Raspberry Pi's pin for a function."""
    return function.removesuffix("_button").upper()


def parts(numbers: Numbers) -> dict[str, Part]:
    """All parts by reference."""
    wiring = wires()
    every = [_header(wiring), _display()]
    for index, name in enumerate(numbers.lights, 1):
        every += _light(index, wiring[name])
    for index, function in enumerate(BUTTONS.values(), 1):
        every += _button(index, f"R{index + 4}", wiring[function])
    every += _buzzer("R7", wiring["buzzer"])
    every += [
        Part(f"TP{index}", "Connector:TestPoint", _TEST_PAD, value, {"1": net}, bought=False)
        for index, (value, net) in enumerate((("5 V", "+5V"), ("GND", "GND"), ("3.3 V", "+3.3V")), 1)
    ]
    every += _holes(len(numbers.holes), len(numbers.pi_holes))
    return {part.ref: part for part in every}


def _header(wiring: dict[str, Wire]) -> Part:
    nets = {str(pin): net for net, pins in POWER_PINS.items() for pin in pins}
    nets |= {str(wire.header_pin): net_of(wire.function) for wire in wiring.values() if wire.gpio is not None}
    return Part(
        "J1",
        "Connector:Raspberry_Pi_4",
        "Connector_PinSocket_2.54mm:PinSocket_2x20_P2.54mm_Vertical",
        "Raspberry Pi Zero",
        nets,
        "Samtec SSW-120-01-T-D",
    )


def _display() -> Part:
    return Part(
        "J2",
        "Connector:Conn_01x04_Socket",
        "Connector_PinSocket_2.54mm:PinSocket_1x04_P2.54mm_Vertical",
        "OLED, optional",
        {"1": "GND", "2": "+3.3V", "3": "DISPLAY_SCL", "4": "DISPLAY_SDA"},
        "Samtec SSW-104-01-T-S",
    )


def _resistor(ref: str, ohm: int | None, from_net: str, to_net: str) -> Part:
    if ohm is None:
        raise ValueError(f"wiring.csv has no resistor for {from_net}")
    return Part(ref, "Device:R", _RESISTOR, f"{ohm} Ω", {"1": from_net, "2": to_net}, f"Yageo CFR-25JB-52-{ohm}R")


def _light(index: int, wire: Wire) -> list[Part]:
    net, lamp = net_of(wire.function), f"{net_of(wire.function)}_LED"
    colour = wire.part.split()[-1]
    return [
        _resistor(f"R{index}", wire.resistor_ohm, net, lamp),
        Part(f"D{index}", "Device:LED", "LED_THT:LED_D5.0mm_Clear", colour, {"1": "GND", "2": lamp}, _LEDS[colour]),
    ]


def _button(index: int, resistor: str, wire: Wire) -> list[Part]:
    net, switch = net_of(wire.function), f"{net_of(wire.function)}_SWITCH"
    return [
        _resistor(resistor, wire.resistor_ohm, net, switch),
        Part(f"SW{index}", "Switch:SW_Push", _BUTTON, net, {"1": switch, "2": "GND"}, "Omron B3F-1000"),
    ]


def _buzzer(resistor: str, wire: Wire) -> list[Part]:
    net, tone = net_of(wire.function), f"{net_of(wire.function)}_PIEZO"
    footprint = "Buzzer_Beeper:Buzzer_TDK_PS1240P02BT_D12.2mm_H6.5mm"
    return [
        _resistor(resistor, wire.resistor_ohm, net, tone),
        Part("BZ1", "Device:Buzzer", footprint, "PS1240", {"1": tone, "2": "GND"}, "TDK PS1240P02BT"),
    ]


def _holes(case: int, pi: int) -> list[Part]:
    """Those to the case are on ground, where a spark to a screw goes; those to the Pi are bare, as its own are."""
    pad = "MountingHole:MountingHole_2.7mm_M2.5_Pad"
    bare = "MountingHole:MountingHole_2.7mm_M2.5"
    return [
        Part(f"H{index}", "Mechanical:MountingHole_Pad", pad, "M2.5, case", {"1": "GND"}, bought=False)
        for index in range(1, case + 1)
    ] + [
        Part(f"H{index}", "Mechanical:MountingHole", bare, "M2.5, Pi", bought=False)
        for index in range(case + 1, case + pi + 1)
    ]
