"""What must be true of the case's parts. Each raises `Finding` where it is not; tests show that each can."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.case import mesh, view
from hardware.case.layout import derived
from hardware.case.mesh import Triangles
from hardware.steps import Finding

TOUCHING = 0.1
"""Cubic millimetres in which parts that lie on each other may overlap: what rounding makes."""
BED_BORDER = 3.0
"""Millimetres of the printer's bed that a brim takes."""
LEAST_PUSH = 2.0
"""Newtons that must not tip a badge over, wherever one pushes."""
EYES = ((0.0, -420.0, 420.0), (-250.0, -400.0, 400.0), (250.0, -400.0, 400.0), (0.0, -700.0, 700.0))
"""Where people look from: the player, who sits or stands, and whoever sits beside."""
FROM_FRONT = 60.0
"""Degrees from straight ahead up to which a lit icon is seen well."""


def solid(name: str, part: Triangles, bodies: int = 1) -> None:
    """Watertight, its triangles facing outwards, and in one piece."""
    if gaps := mesh.open_edges(part):
        raise Finding(f"{name} is not watertight: {gaps} open edges")
    if mesh.volume(part) <= 0:
        raise Finding(f"{name} is inside out")
    if (found := mesh.bodies(part)) != bodies:
        raise Finding(f"{name} is in {found} pieces, not {bodies}")


def fits_bed(name: str, part: Triangles, bed: list[float]) -> None:
    """As it lies, with a brim around it, it goes onto the printer's bed."""
    low, high = mesh.bounds(part)
    size = high - low + np.array((2 * BED_BORDER, 2 * BED_BORDER, 0))
    if (size > np.array(bed)).any():
        raise Finding(
            f"{name} is {size[0]:.0f} x {size[1]:.0f} x {size[2]:.0f} mm with its brim: too large for the bed"
        )


def apart(parts: Mapping[str, Triangles]) -> None:
    """No two parts are in the same place."""
    import manifold3d

    made = {}
    for name, part in parts.items():
        points, number = np.unique(np.round(part, 4).reshape(-1, 3), axis=0, return_inverse=True)
        shape = manifold3d.Mesh(points.astype(np.float32), number.reshape(-1, 3).astype(np.uint32))
        made[name] = manifold3d.Manifold(shape)
        if made[name].status() != manifold3d.Error.NoError:
            raise Finding(f"{name} is no closed mesh: {made[name].status()}")
    for one, other in combinations(sorted(parts), 2):
        if _near(parts[one], parts[other]) and (overlap := (made[one] ^ made[other]).volume()) > TOUCHING:
            raise Finding(f"{one} and {other} are in the same place: {overlap:.1f} mm3")


def nothing_below(name: str, part: Triangles, height: float) -> None:
    """It does not stick out below a height."""
    if (out := height - float(part[:, :, 2].min())) > 0:
        raise Finding(f"{name} sticks out by {out:.1f} mm")


def camera_sees(d: dict[str, Any], pixels: tuple[int, int], lens: NDArray[np.float64]) -> None:
    """Every card on the stand is whole in the picture, sharp, and large enough to be read."""
    for name, (size, back, _) in view.places(d).items():
        top = derived(d)["tray_top"] - (d["case"]["wall"] if name == "a6" else 0)
        distance = float(lens[2]) - top
        sight = view.sight(d, distance, pixels)
        for x, y in view.corners(d, size, back):
            if not view.seen(sight, (x - lens[0], y - lens[1])):
                raise Finding(
                    f"the camera does not see the corner ({x:.0f}, {y:.0f}) of an {name} card with its margin"
                )
        if not max(sight.nearest, d["camera"]["nearest"]) <= distance <= sight.farthest:
            raise Finding(f"an {name} card is {distance:.1f} mm from the lens: out of focus")


def readable(d: dict[str, Any], pixels: tuple[int, int], module: float, wide: bool = False) -> None:
    """A code's module has enough pixels."""
    there = module * view.sight(d, d["reading"]["distance"], pixels, wide).pixels
    if there < d["reading"]["least_pixels"]:
        raise Finding(f"a module of {module:.2f} mm has {there:.1f} pixels: too few")


def reaches(what: str, way: float, length: float) -> None:
    """It is as long as its way."""
    if way > length:
        raise Finding(f"{what} has {length:.0f} mm for a way of {way:.0f} mm")


def nothing_between(
    what: str, start: NDArray[np.float64], ends: NDArray[np.float64], parts: Mapping[str, Triangles]
) -> None:
    """No part cuts a straight line from `start` to any of `ends`."""
    for name, part in parts.items():
        for end in ends:
            if _cut(start, end, part):
                raise Finding(f"{name} is between {what} and ({end[0]:.0f}, {end[1]:.0f}, {end[2]:.0f})")


def lights_seen(lights: NDArray[np.float64], forward: NDArray[np.float64], parts: Mapping[str, Triangles]) -> None:
    """Everybody who looks sees every light, not too much from the side and nothing before it."""
    for eye in np.array(EYES):
        for light in lights:
            towards = (eye - light) / np.linalg.norm(eye - light)
            angle = math.degrees(math.acos(float(towards @ forward)))
            if angle > FROM_FRONT:
                raise Finding(f"an eye at {eye.astype(int).tolist()} sees a light from {angle:.0f} degrees aside")
        nothing_between("an eye and a light", eye, lights + 0.5 * forward, parts)


def push_that_tips(
    weights: Mapping[str, tuple[float, NDArray[np.float64]]], d: dict[str, Any], height: float
) -> dict[str, float]:
    """Newtons at `height` that tip the stand, by where it would fall. weights: grams and middles."""
    grams, middle = balance(weights)
    half, front, back = d["stand"]["width"] / 2, d["stand"]["front"], d["stand"]["back"]
    room = {"left": middle[0] + half, "right": half - middle[0], "front": middle[1] - front, "back": back - middle[1]}
    return {side: grams / 1000 * 9.81 * float(far) / height for side, far in room.items()}


def balance(weights: Mapping[str, tuple[float, NDArray[np.float64]]]) -> tuple[float, NDArray[np.float64]]:
    """All the grams, and the middle of their mass."""
    grams = sum(weight for weight, _ in weights.values())
    return grams, sum((weight * at for weight, at in weights.values()), np.zeros(3)) / grams


def stands(pushes: Mapping[str, float]) -> None:
    """No light push tips it."""
    side = min(pushes, key=lambda name: pushes[name])
    if pushes[side] < LEAST_PUSH:
        raise Finding(f"a push of {pushes[side]:.1f} N at the top tips the stand over to the {side}")


def _near(one: Triangles, other: Triangles) -> bool:
    (low, high), (low2, high2) = mesh.bounds(one), mesh.bounds(other)
    return bool((low <= high2).all() and (low2 <= high).all())


def _cut(start: NDArray[np.float64], end: NDArray[np.float64], part: Triangles) -> bool:
    """Möller and Trumbore's test, of all triangles at once."""
    ray = end - start
    first, second = part[:, 1] - part[:, 0], part[:, 2] - part[:, 0]
    across = np.cross(ray, second)
    size = np.einsum("ij,ij->i", first, across)
    fine = np.abs(size) > 1e-9
    size = np.where(fine, size, 1.0)
    from_corner = start - part[:, 0]
    u = np.einsum("ij,ij->i", from_corner, across) / size
    turned = np.cross(from_corner, first)
    v = turned @ ray / size
    along = np.einsum("ij,ij->i", second, turned) / size
    return bool((fine & (u >= 0) & (v >= 0) & (u + v <= 1) & (along > 1e-6) & (along < 1 - 1e-6)).any())
