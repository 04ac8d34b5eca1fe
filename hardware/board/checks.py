"""Whether schematic and board are what they should be; each check is a list of sentences, empty when all is well."""

from __future__ import annotations

import math
from pathlib import Path

from hardware.board import netlist
from hardware.board.kicad import violations
from hardware.board.laid import Laid
from hardware.board.numbers import Numbers, Point, header_pins
from hardware.board.parts import BUTTONS, parts
from hardware.board.router import NARROW

_CLOSE = 0.01
"""What counts as the same place, in millimetres."""


def electrical(folder: Path) -> list[str]:
    """KiCad's electrical rules on the schematic there, no severity left out."""
    report = violations(folder, "erc.rpt", "sch", "erc", "badge.kicad_sch", "--severity-all")
    return [report] if report else []


def drawn(folder: Path) -> list[str]:
    """KiCad's design rules on the board there, and whether it is the schematic's, no severity left out."""
    rules = ("--severity-all", "--schematic-parity")
    report = violations(folder, "drc.rpt", "pcb", "drc", "badge.kicad_pcb", *rules)
    return [report] if report else []


def wired(found: dict[tuple[str, str], str], numbers: Numbers) -> list[str]:
    """Whether a netlist connects what hardware/wiring.csv says."""
    wanted = {(part.ref, pin): net for part in parts(numbers).values() for pin, net in part.nets.items()}
    return netlist.differences(found, wanted)


def placed(board: Laid, numbers: Numbers) -> list[str]:
    """Whether the board has the outline of dimensions.toml, and everything where it says."""
    wrong = []
    outline = (0.0, 0.0, numbers.width, numbers.height)
    if any(abs(a - b) > _CLOSE for a, b in zip(board.outline, outline, strict=True)):
        wrong.append(f"the outline is {board.outline}, and should be {outline}")
    wanted: dict[str, Point] = {f"D{i}": at for i, at in enumerate(numbers.lights.values(), 1)}
    wanted |= {f"H{i}": at for i, at in enumerate((*numbers.holes, *numbers.pi_holes), 1)}
    wanted |= {f"SW{i}": numbers.buttons[name] for i, name in enumerate(BUTTONS, 1)}
    wanted |= {"BZ1": numbers.buzzer, "J1": numbers.pi_header}
    wrong += [
        f"{ref} is at {board.middle(ref)}, and should be at {at}"
        for ref, at in wanted.items()
        if math.dist(board.middle(ref), at) > _CLOSE
    ]
    wrong += [
        f"pin {pin} of J1 is at {board.pad('J1', str(pin)).at}, and the Raspberry Pi's at {at}"
        for pin, at in header_pins(numbers).items()
        if math.dist(board.pad("J1", str(pin)).at, at) > _CLOSE
    ]
    wrong += [
        f"the hole of {pad.ref} is {pad.drill} wide, and should be {numbers.hole_diameter}"
        for pad in board.pads
        if pad.ref.startswith("H") and pad.drill != numbers.hole_diameter
    ]
    if not board.pad("J1", "1").behind:
        wrong.append("J1 is on the player's side")
    return wrong


def tracked(board: Laid) -> list[str]:
    """Whether tracks are wide enough and without acute corners."""
    wrong = [f"{track} is too narrow" for track in board.tracks if track.width < NARROW]
    ends: dict[tuple[str, str, Point], list[Point]] = {}
    for track in board.tracks:
        ends.setdefault((track.net, track.layer, track.start), []).append(track.end)
        ends.setdefault((track.net, track.layer, track.end), []).append(track.start)
    for (net, layer, at), others in ends.items():
        for i, a in enumerate(others):
            wrong += [f"{net} turns back at {at} on {layer}" for b in others[:i] if _acute(at, a, b)]
    return wrong


def _acute(at: Point, a: Point, b: Point) -> bool:
    """Whether two tracks that meet leave less than a right angle between them."""
    cosine = ((a[0] - at[0]) * (b[0] - at[0]) + (a[1] - at[1]) * (b[1] - at[1])) / (math.dist(at, a) * math.dist(at, b))
    return cosine > 0.01
