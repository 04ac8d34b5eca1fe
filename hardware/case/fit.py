"""Each whole badge, put together of meshes, and held against `checks`; what was measured goes into a page."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.frames import HEIGHT, WIDTH
from hardware.case import checks, mesh, meshes, view
from hardware.case.layout import derived, on_board, place
from hardware.case.mesh import Triangles
from hardware.case.parts import Printed, printed
from hardware.dimensions import dimensions
from hardware.steps import Finding

PIXELS = (WIDTH, HEIGHT)
DENSEST = 50 / 49
"""Millimetres of the smallest module of all cards: a printed packet's, full (cards/printedcard.py)."""
CUBIC_CM_AN_HOUR = 12.0
"""What an ordinary printer with a nozzle of 0.4 mm lays down."""

HEAD = ("tub", "panel", "screws_panel")
_PI = ("pi", "pi_parts", "pi_header", "spacers_pi", "screws_spacers", "screws_pi", "plug")
_BOARD = ("board", "leds", "switches", "buzzer", *_PI, "screws_board")
_CASE = ("foot", "tray", "column", "arm", "lid")
_SCREWS = ("screws_column_foot", "screws_tray", "screws_arm", "screws_lid", "screws_head_arm", "nuts_head_arm", "tie")
_CAMERA = ("camera", "camera_parts", "screws_camera")
_IN_FOOT = ("bank", "bank_plug")
_BREADBOARD = (
    "breadboard",
    "scan_button_long",
    "arm_pi",
    "arm_pi_parts",
    "arm_pi_header",
    "arm_pi_plug",
    "screws_arm_pi",
)
OVER_HANDS = ("screws_camera", "screws_arm_pi")
"""Screws through the arm's floor, over the hands of whoever lays a card."""

CABLES = ("ribbon", "cable", "cable_in_head")
PLATES_IN_PIECES = {"in_place_ears": 8, "in_place_rails": 2, "in_place_ridges": 2}

STAND = (*HEAD, *_BOARD, "scan_button", "power_button", *_CASE, *_SCREWS, *_CAMERA, *_IN_FOOT)
STAND_BREADBOARD = (*HEAD, *_BREADBOARD, *_CASE, *_SCREWS, *_CAMERA, *_IN_FOOT)
LANYARD = (
    *(*HEAD, *_BOARD, "scan_button", "power_button", "lanyard_plate", "lanyard_cover", "pocket", "screws_lanyard"),
    *("lanyard_camera", "lanyard_camera_parts", "lanyard_camera_screws", "lanyard_bank", "lanyard_bank_plug"),
)
HEAVY = ("bank", "board", "camera", "pi")
"""What is heavy, and not printed."""


def check() -> str:
    """Put together every build and check it. The page about it. Finding: what is wrong."""
    d = dimensions()
    stand = meshes.stand(STAND)
    stand_cables = meshes.stand(CABLES)
    checks.apart(stand | meshes.stand(("card_a6", "card_a5", "role_card")))
    for name, cable in stand_cables.items():
        checks.apart(stand | {name: cable})
    on_breadboard = meshes.stand(STAND_BREADBOARD)
    checks.apart(on_breadboard)
    for name in OVER_HANDS:
        checks.nothing_below(name, on_breadboard[name], derived(d)["arm_z"])
    lanyard = meshes.lanyard(LANYARD)
    checks.apart(lanyard)
    sight_on_stand(d, stand)
    sight_on_lanyard(d, lanyard)
    checks.reaches("the ribbon", _ribbon_way(d, stand_cables), _ribbon(d))
    pushes = checks.push_that_tips(_weights(d, stand), d, derived(d)["arm_top"])
    checks.stands(pushes)
    return _page(d, pushes, _weights(d, stand))


def check_cut() -> None:
    """Put together what a laser cuts, with a board in it. Finding: what is wrong."""
    d = dimensions()
    names = tuple(name for name in meshes.parts_of("laser.scad") if name.startswith("in_place_"))
    plates = meshes.load("laser.scad", names)
    for name, plate in plates.items():
        checks.solid(name, plate, PLATES_IN_PIECES.get(name, 1))
    # Sheet is thicker than a printed wall: what is fixed to it moves by as much.
    thicker = d["sheet"]["thickness"] - d["case"]["wall"]
    back = np.array([row[2] for row in derived(d)["head_on_stand"]]) * -thicker
    moved = {name: part + back for name, part in meshes.stand((*_BOARD[:-1], "scan_button", "power_button")).items()}
    moved |= {name: part + np.array((0, 0, thicker)) for name, part in meshes.stand(_IN_FOOT).items()}
    camera = d["sheet"]["camera_spacer"] + thicker - derived(d)["camera_post"]
    seeing = {name: part + np.array((0, 0, camera)) for name, part in meshes.stand(_CAMERA[:-1]).items()}
    checks.apart(plates | moved | seeing)
    checks.camera_sees(d, PIXELS, lens(seeing["camera_parts"]))


def find_faults() -> None:
    """Spoil copies of the badge: each check must find it. Finding: one that did not."""
    d = dimensions()
    stand = meshes.stand(STAND)
    tub = meshes.load("printed.scad", ("tub",))["tub"]
    down = np.array((0.0, 0.0, -3.0))
    back = np.array([row[2] for row in derived(d)["head_on_stand"]]) * -3.0
    spoilt: dict[str, Callable[[], None]] = {
        "a Raspberry Pi sunk into the tub": lambda: checks.apart(stand | {"pi": stand["pi"] + 2 * back}),
        "a camera sunk into the arm": lambda: checks.apart(stand | {"camera": stand["camera"] + down}),
        "a longer screw": lambda: checks.apart(stand | {"screws_tray": stand["screws_tray"] - down}),
        "a power bank that is too thick": lambda: checks.apart(stand | {"bank": stand["bank"] - 2 * down}),
        "a camera to the front": lambda: sight_on_stand(d, _moved(stand, "camera_parts", (0.0, -6.0, 0.0))),
        "a camera higher up": lambda: sight_on_stand(d, _moved(stand, "camera_parts", (0.0, 0.0, 25.0))),
        "a column before the card": lambda: sight_on_stand(d, _moved(stand, "column", (0.0, -40.0, 0.0))),
        "an arm before the lights": lambda: sight_on_stand(d, _moved(stand, "arm", (0.0, -130.0, 60.0))),
        "a screw out of the arm": lambda: checks.nothing_below(
            "a screw", stand["screws_camera"] + 2 * down, derived(d)["arm_z"]
        ),
        "a face that is missing": lambda: checks.solid("tub", tub[1:]),
        "a part in two": lambda: checks.solid("tub", np.concatenate([tub, tub + 500.0])),
        "a part across the bed": lambda: checks.fits_bed("tub", 3 * tub, d["case"]["bed"]),
    }
    for what, check_ in spoilt.items():
        try:
            check_()
        except Finding:
            continue
        raise Finding(f"{what} was not found")


def _moved(parts: dict[str, Triangles], name: str, move: tuple[float, float, float]) -> dict[str, Triangles]:
    return parts | {name: parts[name] + np.array(move)}


def lens(camera_parts: Triangles) -> NDArray[np.float64]:
    """The middle of the lens's front, which is what is lowest of the camera on the stand."""
    lowest = camera_parts[:, :, 2].min()
    rim = camera_parts.reshape(-1, 3)
    rim = rim[rim[:, 2] < lowest + 1e-3]
    return np.asarray((rim.min(axis=0) + rim.max(axis=0)) / 2)


def sight_on_stand(d: dict[str, Any], parts: dict[str, Triangles]) -> None:
    """The camera sees the cards; people see the lights."""
    eye = lens(parts["camera_parts"])
    checks.camera_sees(d, PIXELS, eye)
    checks.readable(d, PIXELS, DENSEST)
    case = {name: parts[name] for name in ("foot", "tray", "column", "arm", "lid", "tub", "panel")}
    for size, back, below in view.places(d).values():
        ring = np.array([(x, y, derived(d)["lens_z"] - below + 0.5) for x, y in _rim(d, size, back)])
        checks.nothing_between("the lens and a card's edge", eye - np.array((0, 0, 0.01)), ring, case)
    matrix = derived(d)["head_on_stand"]
    lights = np.array([place(matrix, on_board(d, x, y, 12.5)) for x, y in d["lights"].values()])
    forward = np.array([row[2] for row in matrix])
    checks.lights_seen(lights, forward, {name: case[name] for name in case if name != "panel"})


def sight_on_lanyard(d: dict[str, Any], parts: dict[str, Triangles]) -> None:
    """Nothing of the badge is before the camera, as far as the picture reaches."""
    front = parts["lanyard_camera_parts"].reshape(-1, 3)
    at = np.array((0.0, float(front[:, 1].min()) - 0.01, d["lanyard"]["lens"]))
    sight = view.sight(d, d["reading"]["distance"], PIXELS)
    far = at[1] - d["reading"]["distance"]
    ends = np.array([(x * sight.width / 2, far, at[2] + z * sight.height / 2) for x in (-1, 0, 1) for z in (-1, 0, 1)])
    checks.nothing_between(
        "the lens and the picture's edge", at, ends, {n: parts[n] for n in ("panel", "lanyard_cover")}
    )


def _rim(d: dict[str, Any], size: list[float], back: float) -> list[tuple[float, float]]:
    """Points around a card, a little inside its edge, and its middle."""
    x, y = size[0] / 2 - 0.5, size[1] / 2 - 0.5
    middle = back - size[1] / 2
    around = [(a * x, b * y) for a in (-1, -0.5, 0, 0.5, 1) for b in (-1, -0.5, 0, 0.5, 1)]
    return [(a, middle + b) for a, b in around]


def _weights(d: dict[str, Any], stand: dict[str, Triangles]) -> dict[str, tuple[float, NDArray[np.float64]]]:
    density = d["case"]["filament_density"] / 1000
    made = {p.name for p in printed() if "stand" in p.builds}
    weights = {name: (mesh.volume(stand[name]) * density, mesh.centre(stand[name])) for name in sorted(made)}
    return weights | {name: (d[name]["grams"], mesh.centre(stand[name])) for name in HEAVY}


def _length(cable: Triangles, section: float) -> float:
    """About how long something is that is equally thick everywhere."""
    return mesh.volume(cable) / section


def _ribbon_way(d: dict[str, Any], cables: dict[str, Triangles]) -> float:
    return _length(cables["ribbon"], d["camera"]["ribbon"] * d["camera"]["ribbon_thickness"])


def _ribbon(d: dict[str, Any]) -> float:
    length: float = d["camera"]["ribbon_length"] - d["camera"]["ribbon_in"]
    return length


def grams(part: Printed) -> float:
    """Of plastic, when it is solid."""
    density: float = dimensions()["case"]["filament_density"]
    return mesh.volume(meshes.load("printed.scad", (part.name,))[part.name]) * density / 1000


def _page(d: dict[str, Any], pushes: dict[str, float], weights: dict[str, tuple[float, NDArray[np.float64]]]) -> str:
    density = d["case"]["filament_density"]
    lines = [
        "# Measured on the models",
        "",
        "Made by `make hardware`; nothing here was measured on a thing.",
        *("", "## Printed parts", "", "| part | lies | size on the bed, mm | grams | minutes |"),
        "| --- | --- | --- | --- | --- |",
    ]
    for part in printed():
        low, high = mesh.bounds(mesh.turned(meshes.load("printed.scad", (part.name,))[part.name], part.onto_bed()))
        size = " x ".join(f"{length:.0f}" for length in high - low)
        minutes = 10 * math.ceil(grams(part) / density / CUBIC_CM_AN_HOUR * 6)
        lines.append(f"| {part.title} | {part.lies} | {size} | {grams(part):.0f} | {minutes} |")
    lines += ["", "| build | grams of plastic | hours |", "| --- | --- | --- |"]
    for build in ("stand", "stand-breadboard", "lanyard", "laser"):
        total = sum(grams(part) * part.builds.get(build, 0) for part in printed())
        lines.append(f"| {build} | {total:.0f} | {total / density / CUBIC_CM_AN_HOUR:.1f} |")
    lines += [
        "",
        f"Grams are those of solid plastic ({density} g/cm3), the most that it can be. Minutes are for an ordinary",
        f"printer, which lays down {CUBIC_CM_AN_HOUR:.0f} cm3 an hour; a fast one needs a third.",
        *("", "## What the camera sees", ""),
        "| | distance, mm | picture, mm | pixels per mm | of the smallest module | sharp, mm |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, distance, wide in _sights(d):
        s = view.sight(d, distance, PIXELS, wide)
        sharp = "" if wide else f"{s.nearest:.0f} to {s.farthest:.0f}"
        lines.append(
            f"| {name} | {distance:.1f} | {s.width:.0f} x {s.height:.0f} | {s.pixels:.2f}"
            f" | {DENSEST * s.pixels:.1f} | {sharp} |"
        )
    total, middle = checks.balance(weights)
    cables = meshes.stand(CABLES)
    round_section = math.pi * (d["plug"]["cable"] / 2) ** 2
    power = sum(_length(cables[name], round_section) for name in CABLES[1:])
    least, behind = d["reading"]["least_pixels"], middle[1] - d["stand"]["front"]
    lines += [
        "",
        f"The smallest module of a code is {DENSEST:.2f} mm wide; a decoder wants {least:.0f} pixels of it or more.",
        "So the Wide camera does not do at this distance.",
        *("", "## Cables", ""),
        f"The ribbon's way from the Raspberry Pi to the camera is {_ribbon_way(d, cables):.0f} mm; a ribbon of"
        f" {d['camera']['ribbon_length']:.0f} mm has {_ribbon(d):.0f} between its sockets.",
        f"The power cable's way is {power / 10:.0f} cm, from the power bank's plug to the Raspberry Pi's.",
        *("", "## Standing", ""),
        f"The stand weighs {total:.0f} g at most, with a power bank of {d['bank']['grams']:.0f} g in its foot."
        " The middle",
        f"of its mass is {middle[2]:.0f} mm above the table and {behind:.0f} mm behind its front edge. Pushed",
        f"at the arm, {derived(d)['arm_top']:.0f} mm up, it tips over with:",
        *("", "| to the | newtons |", "| --- | --- |"),
        *(f"| {side} | {push:.1f} |" for side, push in pushes.items()),
    ]
    return "\n".join(lines) + "\n"


def _sights(d: dict[str, Any]) -> list[tuple[str, float, bool]]:
    reading = d["reading"]["distance"]
    return [
        ("A5 on the stand", reading, False),
        ("A6 on the stand", reading + d["case"]["wall"], False),
        ("held before a lanyard", reading, False),
        ("the Wide camera, A5", reading, True),
    ]
