"""Sheets for the laser: the flat parts laid beside each other, as DXF and SVG in millimetres."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hardware.case import scad
from hardware.case.parts import cut
from hardware.dimensions import dimensions
from hardware.steps import Finding

Outline = list[tuple[float, float]]

APART = 3.0
"""Millimetres between parts, and to the edge of the sheet."""
CUT, NAMES = "cut", "names"
"""Layers: what is cut through, and what at most is engraved."""
_NUMBER = r"(-?[\d.]+(?:e-?\d+)?)"
_POINT = re.compile(f"[ML] {_NUMBER},{_NUMBER}")


@dataclass(frozen=True, slots=True)
class Flat:
    """A part: its name and its closed lines, from (0, 0) to (width, height)."""

    name: str
    lines: list[Outline]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A part on a sheet."""

    part: Flat
    x: float
    y: float


def flats() -> list[Flat]:
    """All parts for one badge, each as often as it is needed. Finding: OpenSCAD does not like them."""
    found = []
    with TemporaryDirectory() as folder:
        for part in cut():
            file = Path(folder) / f"{part.name}.svg"
            scad.export("laser.scad", part.name, file)
            found += [_flat(part.name, file.read_text(encoding="utf-8"))] * part.builds["laser"]
    return found


def _flat(name: str, svg: str) -> Flat:
    match = re.search(r'<path d="([^"]*)"', svg)
    if match is None:
        raise Finding(f"{name} has no outline")
    lines = [[(float(x), -float(y)) for x, y in _POINT.findall(piece)] for piece in match[1].split("z")]
    lines = [line for line in lines if line]
    x0, y0 = (min(point[n] for line in lines for point in line) for n in range(2))
    x1, y1 = (max(point[n] for line in lines for point in line) for n in range(2))
    moved = [[(round(x - x0, 3), round(y - y0, 3)) for x, y in line] for line in lines]
    return Flat(name, moved, round(x1 - x0, 3), round(y1 - y0, 3))


def lay(parts: Sequence[Flat], size: Sequence[float]) -> list[list[Placed]]:
    """On as many sheets as it takes: each as low as it goes, the largest first. Finding: one is larger than a sheet."""
    sheets: list[list[Placed]] = []
    skylines: list[list[float]] = []
    """Of each sheet: how high it is filled, for each millimetre along it."""
    for part in sorted((_lying(part, size) for part in parts), key=lambda part: (-part.height, -part.width, part.name)):
        wide = math.ceil(part.width + APART)
        for number in range(len(sheets) + 1):
            if number == len(sheets):
                sheets.append([])
                skylines.append([APART] * int(size[0] - APART))
            skyline = skylines[number]
            y, x = min((max(skyline[x : x + wide]), x) for x in range(int(APART), len(skyline) - wide + 1))
            if y + part.height + APART <= size[1]:
                sheets[number].append(Placed(part, float(x), y))
                skyline[x : x + wide] = [round(y + part.height + APART, 3)] * wide
                break
    return sheets


def _lying(part: Flat, size: Sequence[float]) -> Flat:
    """The long way along the sheet, where it stands higher than wide."""
    if part.height > part.width:
        lines = [[(y, round(part.width - x, 3)) for x, y in line] for line in part.lines]
        part = Flat(part.name, lines, part.height, part.width)
    if part.width + 3 * APART > size[0] or part.height + 2 * APART > size[1]:
        raise Finding(f"{part.name} is larger than a sheet of {size[0]:.0f} x {size[1]:.0f} mm")
    return part


def svg(sheet: Sequence[Placed], size: Sequence[float]) -> str:
    """A sheet as a drawing for a laser's program: red hairlines are cut, blue letters tell the parts apart."""
    width, height = (f"{length:g}" for length in size)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm"'
        f' viewBox="0 0 {width} {height}">',
        f'<g id="{CUT}" fill="none" stroke="#f00" stroke-width="0.1">',
    ]
    for placed in sheet:
        paths = "".join(f"M{'L'.join(f'{x:g} {y:g}' for x, y in line)}z" for line in _on_sheet(placed, size))
        lines.append(f'<path d="{paths}"><title>{placed.part.name}</title></path>')
    lines += ["</g>", f'<g id="{NAMES}" fill="#00f" font-family="sans-serif" font-size="4">']
    lines += [f'<text x="{x:g}" y="{size[1] - y:g}">{name}</text>' for name, x, y in _names(sheet)]
    return "\n".join([*lines, "</g>", "</svg>"]) + "\n"


def dxf(sheet: Sequence[Placed], size: Sequence[float], to: Path) -> None:
    """The same as DXF (R2010, millimetres). Finding: ezdxf finds fault with it."""
    from ezdxf import units
    from ezdxf._options import options
    from ezdxf.filemanagement import new

    options.write_fixed_meta_data_for_testing = True
    drawing = new("R2010", units=units.MM)
    drawing.layers.add(CUT, color=1)
    drawing.layers.add(NAMES, color=5)
    space = drawing.modelspace()
    for placed in sheet:
        for line in placed.part.lines:
            space.add_lwpolyline([(x + placed.x, y + placed.y) for x, y in line], close=True, dxfattribs={"layer": CUT})
    for name, x, y in _names(sheet):
        space.add_text(name, height=4, dxfattribs={"layer": NAMES}).set_placement((x, y))
    # Left to itself ezdxf names the classes that it needs in an order that changes from run to run.
    for kind in sorted({entity.dxftype() for entity in drawing.entitydb.values()}):
        drawing.classes.add_class(kind)
    drawing.saveas(to)
    check_dxf(to, size)


def check_dxf(file: Path, size: Sequence[float]) -> None:
    """ezdxf finds no error, its unit is the millimetre, all lines are closed and on the sheet. Finding: what is not."""
    from ezdxf import units
    from ezdxf.filemanagement import readfile
    from ezdxf.lldxf.const import DXFError

    try:
        drawing = readfile(file)
    except (DXFError, OSError) as error:
        raise Finding(f"{file.name} is no DXF: {error}") from None
    if faults := drawing.audit().errors:
        raise Finding(f"{file.name}: {faults[0].message}")
    if drawing.units != units.MM:
        raise Finding(f"{file.name} is not in millimetres")
    lines = list(drawing.modelspace().query(f'LWPOLYLINE[layer=="{CUT}"]'))
    if not lines or not all(line.closed for line in lines):
        raise Finding(f"{file.name} has a line that is not closed, or none")
    for line in lines:
        for x, y in line.get_points("xy"):
            if not (0 <= x <= size[0] and 0 <= y <= size[1]):
                raise Finding(f"{file.name}: a line leaves the sheet at ({x:.0f}, {y:.0f})")


def _on_sheet(placed: Placed, size: Sequence[float]) -> list[Outline]:
    """With y downwards, as SVG has it."""
    return [[(round(x + placed.x, 3), round(size[1] - y - placed.y, 3)) for x, y in line] for line in placed.part.lines]


def _names(sheet: Sequence[Placed]) -> list[tuple[str, float, float]]:
    """Names of the parts that have room for one."""
    return [
        (placed.part.name, round(placed.x + 4, 3), round(placed.y + 4, 3))
        for placed in sheet
        if placed.part.width > 40 and placed.part.height > 20
    ]


def make(folder: Path) -> int:
    """Draw all sheets; how many they are."""
    size = dimensions()["sheet"]["size"]
    sheets = lay(flats(), size)
    for number, sheet in enumerate(sheets, 1):
        (folder / f"sheet-{number}.svg").write_text(svg(sheet, size), encoding="utf-8")
        dxf(sheet, size, folder / f"sheet-{number}.dxf")
    return len(sheets)
