"""The table that says where each part goes, for docs/wiring.md."""

from __future__ import annotations

from collections.abc import Iterator

from hardware.breadboard.bands import bands
from hardware.breadboard.places import Hole, Place, on_breadboard, places
from hardware.pages import table
from hardware.wiring import Wire

_NAMES = {"power_button": "POWER", "scan_button": "SCAN"}
_RAILS = {"lower": "lower − rail", "upper": "upper − rail"}


def blocks() -> dict[str, str]:
    """What docs/wiring.md takes from here."""
    return {"places": table(("", "for", "what", "from", "to", "mind"), list(_rows()))}


def _rows() -> Iterator[tuple[str, ...]]:
    wires = on_breadboard()
    for number, part in enumerate(places(), 1):
        wire = wires[part.function]
        what, start, end, mind = _said(part, wire)
        yield str(number), _NAMES.get(part.function, part.function), what, start, end, mind


def _said(part: Place, wire: Wire) -> tuple[str, str, str, str]:
    """The part in words, its two ends, and what to mind."""
    start = f"pin {wire.header_pin}" if part.start is None else _hole(part.start)
    end = _hole(part.end)
    if part.kind == "jumper":
        return f"jumper, {part.colour}", start, end, part.note
    if part.kind == "resistor":
        ohm = wire.resistor_ohm or 0
        return f"resistor {ohm} ohm", start, end, ", ".join(filter(None, (", ".join(bands(ohm)), part.note)))
    if part.kind == "led":
        return wire.part, f"long leg {start}", f"short leg {end}", "the short leg is on the flat side"
    if part.kind == "button":
        corners = [str(leg) for leg in part.legs()]
        return "button", f"legs {', '.join(corners[:2])}", f"legs {', '.join(corners[2:])}", part.note
    if part.kind == "buzzer":
        return wire.part, start, end, part.note
    return f"bridge, {part.colour}", start, end, part.note


def _hole(hole: Hole) -> str:
    return f"{_RAILS[hole.column]}, near row {hole.row}" if hole.on_rail else str(hole)
