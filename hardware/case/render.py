"""Pictures of meshes as a technical drawing shows them: flat colours in soft light, dark lines along edges; numpy only.

The same meshes give the same picture, pixel for pixel: nothing here asks a graphics card.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hardware.case.mesh import Triangles, normals

Colour = tuple[int, int, int]
Pixels = NDArray[np.float64]

_SAMPLES = 2
"""Across and down, for each pixel."""
_LIGHT = np.array((-0.45, -0.65, 0.9)) / np.linalg.norm((-0.45, -0.65, 0.9))
_PAPER = 255.0
_LINE = 0.28
"""How dark a line is, as a part of the colour beneath."""
_CREASE = 0.75
"""Neighbouring pixels whose normals have a smaller product than this have an edge between them."""
_STEP = 2.0
"""And those, in millimetres, that are farther apart in depth than a surface as steep as theirs explains."""


@dataclass(frozen=True, slots=True)
class Print:
    """A grey picture on a flat side: its top left corner, and from there the whole way to the right and down."""

    image: NDArray[np.uint8]
    corner: NDArray[np.float64]
    across: NDArray[np.float64]
    down: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Solid:
    """A mesh in a colour, and what is printed on it."""

    triangles: Triangles
    colour: Colour
    printed: Print | None = None


@dataclass(frozen=True, slots=True)
class Eye:
    """Where one looks from: degrees around (0: from the player) and above the table. Rays are parallel."""

    around: float
    above: float

    def axes(self) -> NDArray[np.float64]:
        """Right, up, and towards the eye."""
        a, e = np.radians((self.around, self.above))
        right = np.array((np.cos(a), np.sin(a), 0.0))
        towards = np.array((np.sin(a) * np.cos(e), -np.cos(a) * np.cos(e), np.sin(e)))
        return np.array((right, np.cross(towards, right), towards))


@dataclass(frozen=True, slots=True)
class View:
    """How millimetres become pixels of a picture."""

    axes: NDArray[np.float64]
    scale: float
    offset: NDArray[np.float64]

    def to_px(self, points: Sequence[Sequence[float]] | NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 3) places in the room as (n, 2) pixels of the finished picture."""
        return (self._seen(np.asarray(points, np.float64)) / _SAMPLES)[:, :2]

    def _seen(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        seen = points @ self.axes.T
        return np.stack(
            [seen[:, 0] * self.scale + self.offset[0], self.offset[1] - seen[:, 1] * self.scale, seen[:, 2]], 1
        )


def fitted(solids: Sequence[Solid], eye: Eye, size: tuple[int, int], border: int = 24) -> View:
    """A view that shows all of these as large as the picture allows."""
    axes = eye.axes()
    points = np.concatenate([solid.triangles.reshape(-1, 3) for solid in solids]) @ axes.T
    low, high = points.min(axis=0), points.max(axis=0)
    room = (np.array(size) - 2 * border) * _SAMPLES
    scale = float((room / (high - low)[:2]).min())
    middle = (low + high)[:2] / 2 * scale
    half = np.array(size) * _SAMPLES / 2
    return View(axes, scale, np.array((half[0] - middle[0], half[1] + middle[1])))


def picture(solids: Sequence[Solid], view: View, size: tuple[int, int]) -> Image.Image:
    """The solids as one sees them."""
    width, height = size[0] * _SAMPLES, size[1] * _SAMPLES
    depth = np.full((height, width), -np.inf)
    normal = np.zeros((height, width, 3))
    owner = np.full((height, width), -1, np.int32)
    for number, solid in enumerate(solids):
        _fill(solid.triangles, view, number, depth, normal, owner)
    colours = np.array([solid.colour for solid in solids] + [(_PAPER,) * 3], np.float64)
    image = colours[owner] * _shade(normal, owner)[..., None]
    for number, solid in enumerate(solids):
        if solid.printed is not None:
            _print(solid.printed, view, owner == number, depth, image)
    image *= 1 - (1 - _LINE) * _lines(depth, normal, owner, view.scale)[..., None]
    small = image.reshape(size[1], _SAMPLES, size[0], _SAMPLES, 3).mean(axis=(1, 3))
    return Image.fromarray(np.clip(np.rint(small), 0, 255).astype(np.uint8))


def _fill(
    triangles: Triangles, view: View, number: int, depth: Pixels, normal: Pixels, owner: NDArray[np.int32]
) -> None:
    towards = normals(triangles)
    front = towards @ view.axes[2] > 1e-6
    seen = view._seen(triangles[front].reshape(-1, 3)).reshape(-1, 3, 3)
    height, width = depth.shape
    for corners, up in zip(seen, towards[front], strict=True):
        (ax, ay, az), (bx, by, bz), (cx, cy, cz) = corners
        x0, x1 = max(int(np.ceil(min(ax, bx, cx) - 0.5)), 0), min(int(max(ax, bx, cx) - 0.5) + 1, width)
        y0, y1 = max(int(np.ceil(min(ay, by, cy) - 0.5)), 0), min(int(max(ay, by, cy) - 0.5) + 1, height)
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if x0 >= x1 or y0 >= y1 or abs(area) < 1e-9:
            continue
        x = np.arange(x0, x1) + 0.5
        y = (np.arange(y0, y1) + 0.5)[:, None]
        v = ((x - ax) * (cy - ay) - (y - ay) * (cx - ax)) / area
        w = ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / area
        z = az + v * (bz - az) + w * (cz - az)
        here = (v >= -1e-9) & (w >= -1e-9) & (v + w <= 1 + 1e-9) & (z > depth[y0:y1, x0:x1])
        depth[y0:y1, x0:x1][here] = z[here]
        normal[y0:y1, x0:x1][here] = up
        owner[y0:y1, x0:x1][here] = number


def _print(printed: Print, view: View, here: NDArray[np.bool_], depth: Pixels, image: Pixels) -> None:
    """Darken what shows the picture, on the side that it is on."""
    y, x = np.nonzero(here)
    seen = np.stack([(x + 0.5 - view.offset[0]) / view.scale, (view.offset[1] - y - 0.5) / view.scale, depth[y, x]], 1)
    from_corner = seen @ view.axes - printed.corner
    height, width = printed.image.shape
    column = (from_corner @ printed.across / (printed.across @ printed.across) * width).astype(int)
    row = (from_corner @ printed.down / (printed.down @ printed.down) * height).astype(int)
    off = np.abs(from_corner @ np.cross(printed.across, printed.down)) / (
        np.linalg.norm(printed.across) * np.linalg.norm(printed.down)
    )
    on = (column >= 0) & (column < width) & (row >= 0) & (row < height) & (off < 0.05)
    image[y[on], x[on]] *= (0.12 + 0.88 * printed.image[row[on], column[on]] / 255.0)[:, None]


def _shade(normal: Pixels, owner: NDArray[np.int32]) -> Pixels:
    lit = np.clip(normal @ _LIGHT, 0, 1)
    sky = 0.5 + 0.5 * normal[..., 2]
    return np.where(owner < 0, 1.0, 0.5 + 0.36 * lit + 0.16 * sky)


def _lines(depth: Pixels, normal: Pixels, owner: NDArray[np.int32], scale: float) -> Pixels:
    lines = np.zeros(depth.shape)
    for axis in (0, 1):
        a: tuple[slice, ...] = (slice(None, -1), slice(None)) if axis == 0 else (slice(None), slice(None, -1))
        b: tuple[slice, ...] = (slice(1, None), slice(None)) if axis == 0 else (slice(None), slice(1, None))
        other = owner[a] != owner[b]
        crease = (normal[a] * normal[b]).sum(axis=2) < _CREASE
        with np.errstate(invalid="ignore"):
            jump = np.abs(depth[a] - depth[b]) > _STEP + 6 / scale
        edge = other | ((crease | jump) & (owner[a] >= 0))
        lines[a] = np.maximum(lines[a], edge)
        lines[b] = np.maximum(lines[b], edge)
    return lines
