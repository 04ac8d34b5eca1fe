"""Read back what a fab gets, and compare it with dimensions.toml and the board: nothing moved, lost or mirrored."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from pathlib import Path

from hardware.board.laid import Laid
from hardware.board.numbers import Numbers, Point, header_pins
from hardware.board.parts import BUTTONS

LAYERS = ("B_Cu", "B_Mask", "B_Silkscreen", "Edge_Cuts", "F_Cu", "F_Mask", "F_Silkscreen")
_CLOSE = 0.02
_PIN = re.compile(r"%TO\.P,([^,*]+),([^,*]*)[^*]*\*%")
_FLASH = re.compile(r"X(-?\d+)Y(-?\d+)D03\*")

Hole = tuple[float, float, float]
"""x, y and diameter, from the board's top left corner as the player sees it."""


def pins(copper: str, height: float) -> dict[tuple[str, str], list[Point]]:
    """Where a copper layer's pads are, by part and pin, as its X2 attributes tell; no library is needed.

    A gerber's y goes up from the board's lower edge; here it goes down from its upper one.
    """
    found: dict[tuple[str, str], list[Point]] = {}
    pin: tuple[str, str] | None = None
    for line in copper.splitlines():
        if named := _PIN.match(line):
            pin = (named[1], named[2])
        elif line.startswith("%TD"):
            pin = None
        elif pin and (flash := _FLASH.match(line)):
            x, y = (int(part) / 1e6 for part in flash.groups())
            found.setdefault(pin, []).append((round(x, 3), round(height - y, 3)))
    return found


def misplaced(copper: str, numbers: Numbers) -> list[str]:
    """A sentence for each pad of header, lights and buttons that is not where dimensions.toml has it."""
    found = pins(copper, numbers.height)
    wanted: dict[tuple[str, str], Point] = {("J1", str(pin)): at for pin, at in header_pins(numbers).items()}
    for index, (x, y) in enumerate(numbers.lights.values(), 1):
        wanted |= {(f"D{index}", "1"): (x - 1.27, y), (f"D{index}", "2"): (x + 1.27, y)}
    wrong = [
        f"pin {pin} of {ref} is at {found.get((ref, pin))}, and should be at {at}"
        for (ref, pin), at in wanted.items()
        if not any(_near(at, other) for other in found.get((ref, pin), []))
    ]
    for index, name in enumerate(BUTTONS, 1):
        pads = [at for pin in ("1", "2") for at in found.get((f"SW{index}", pin), [])]
        middle = (sum(x for x, _ in pads) / max(1, len(pads)), sum(y for _, y in pads) / max(1, len(pads)))
        if not _near(middle, numbers.buttons[name]):
            wrong.append(f"{name} is at {middle}, and should be at {numbers.buttons[name]}")
    return wrong


def wrong(folder: Path, numbers: Numbers, board: Laid) -> list[str]:
    """A sentence for everything in a folder of gerbers and drill files that is not as it should be."""
    from gerbonara import LayerStack

    found = []
    names = tuple(sorted(path.stem.removeprefix("badge-") for path in folder.glob("*.gbr")))
    if names != LAYERS:
        found.append(f"the layers are {names}, and should be {LAYERS}")
    with warnings.catch_warnings():
        # Of where KiCad's drill files say G90, which is allowed.
        warnings.simplefilter("ignore", SyntaxWarning)
        stack = LayerStack.open(folder)
    (left, bottom), (right, top) = stack.outline.bounding_box(unit="mm")
    stroke = 0.1
    size = (right - left - stroke, top - bottom - stroke)
    if not _near(size, (numbers.width, numbers.height)):
        found.append(f"the outline is {size[0]:.2f} by {size[1]:.2f}")
    drilled = [
        (obj.x, numbers.height - obj.y, obj.aperture.diameter)
        for layer in (stack.drill_pth, stack.drill_npth)
        for obj in layer.objects
    ]
    wanted: list[Hole] = [(*pad.at, pad.drill) for pad in board.pads]
    found += _unlike(drilled, wanted)
    found += _unlike(
        [hole for hole in drilled if abs(hole[2] - numbers.hole_diameter) < _CLOSE],
        [(*hole, numbers.hole_diameter) for hole in (*numbers.holes, *numbers.pi_holes)],
    )
    for layer in ("F_Cu", "B_Cu"):
        found += misplaced((folder / f"badge-{layer}.gbr").read_text(encoding="utf-8"), numbers)
    return found


def _unlike(found: list[Hole], wanted: list[Hole]) -> list[str]:
    def rounded(holes: list[Hole]) -> Counter[Hole]:
        return Counter((round(x, 2), round(y, 2), round(diameter, 2)) for x, y, diameter in holes)

    return [f"a hole is missing: {hole}" for hole in rounded(wanted) - rounded(found)] + [
        f"a hole too many: {hole}" for hole in rounded(found) - rounded(wanted)
    ]


def _near(a: Point, b: Point) -> bool:
    return abs(a[0] - b[0]) < _CLOSE and abs(a[1] - b[1]) < _CLOSE
