"""The meshes of all parts where they are in a badge: by OpenSCAD, and kept under build/ while their sources stay."""

from __future__ import annotations

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hardware.case import mesh, scad
from hardware.case.layout import HEAD_UPRIGHT, derived
from hardware.case.mesh import Triangles
from hardware.dimensions import dimensions
from hardware.steps import ROOT

_KEPT = ROOT / "build" / "case"
_PART = re.compile(r'part == "(\w+)"')

HEAD = (
    *("tub", "panel", "scan_button", "power_button", "board", "leds", "icons", "switches", "buzzer", "pi", "pi_parts"),
    *(
        "pi_header",
        "plug",
        "screws_board",
        "screws_panel",
        "breadboard",
        "scan_button_long",
        "ribbon",
        "cable_in_head",
        "marks",
        "spacers_pi",
        "screws_spacers",
        "screws_pi",
    ),
)
"""What is drawn in the head's frame and goes with the head."""


def parts_of(source: str) -> tuple[str, ...]:
    """The names that a source answers to."""
    return tuple(dict.fromkeys(_PART.findall((scad.HERE / source).read_text(encoding="utf-8"))))


def load(source: str, names: tuple[str, ...]) -> dict[str, Triangles]:
    """Meshes by name, as their source draws them. Finding: OpenSCAD does not like it."""
    files = {name: _kept(source, name) for name in names}
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: _make(source, name, files[name]), names))
    return {name: mesh.read(file) for name, file in files.items()}


def _make(source: str, name: str, to: Path) -> None:
    if not to.exists():
        to.parent.mkdir(parents=True, exist_ok=True)
        scad.export(source, name, to)


def _kept(source: str, name: str) -> Path:
    text = b"".join((scad.HERE / file).read_bytes() for file in ("dimensions.scad", "shapes.scad", source))
    return _KEPT / f"{name}-{hashlib.sha256(text).hexdigest()[:12]}.stl"


def stand(names: tuple[str, ...]) -> dict[str, Triangles]:
    """Parts of the table badge where they are on the table."""
    matrix = derived(dimensions())["head_on_stand"]
    return {name: mesh.turned(part, matrix) if name in HEAD else part for name, part in _any(names).items()}


def lanyard(names: tuple[str, ...]) -> dict[str, Triangles]:
    """Parts of the lanyard, upright."""
    return {name: mesh.turned(part, HEAD_UPRIGHT) for name, part in _any(names).items()}


def _any(names: tuple[str, ...]) -> dict[str, Triangles]:
    printed = set(parts_of("printed.scad"))
    found = load("printed.scad", tuple(name for name in names if name in printed))
    return found | load("bought.scad", tuple(name for name in names if name not in printed))
