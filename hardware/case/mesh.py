"""Triangle meshes: read and written as STL, turned, measured. numpy only, so that tests may ask."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Triangles = NDArray[np.float64]
"""(n, 3 corners, 3): counter-clockwise as seen from outside."""


def read(path: Path) -> Triangles:
    """A binary STL. ValueError where it is none."""
    data = path.read_bytes()
    if len(data) < 84 or len(data) != 84 + 50 * struct.unpack_from("<I", data, 80)[0]:
        raise ValueError(f"{path.name} is no binary STL")
    facets = np.frombuffer(data, np.dtype([("corners", "<f4", (4, 3)), ("rest", "<u2")]), offset=84)
    return np.array(facets["corners"][:, 1:], np.float64)


def write(path: Path, triangles: Triangles, name: str) -> None:
    """A binary STL, its triangles in an order that follows from themselves."""
    corners = np.round(triangles, 4).astype("<f4")
    first = np.array([min(range(3), key=lambda n: tuple(corner[n])) for corner in corners])
    turned = np.take_along_axis(corners, ((first[:, None] + np.arange(3)) % 3)[:, :, None], axis=1)
    ordered = turned[np.lexsort(turned.reshape(len(turned), 9).T[::-1])]
    facets = np.zeros(len(ordered), np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("rest", "<u2")]))
    facets["normal"], facets["corners"] = normals(ordered.astype(np.float64)), ordered
    path.write_bytes(name.encode("ascii").ljust(80) + struct.pack("<I", len(facets)) + facets.tobytes())


def normals(triangles: Triangles) -> NDArray[np.float64]:
    """Of length 1; zero for a triangle without area."""
    across = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    length = np.linalg.norm(across, axis=1, keepdims=True)
    return np.asarray(across / np.where(length > 0, length, 1.0))


def turned(triangles: Triangles, matrix: object) -> Triangles:
    """Turned and moved by three rows of four."""
    rows = np.asarray(matrix, np.float64)
    return triangles @ rows[:, :3].T + rows[:, 3]


def volume(triangles: Triangles) -> float:
    """Of a closed mesh, in cubic millimetres."""
    return float(np.einsum("ij,ij->i", triangles[:, 0], np.cross(triangles[:, 1], triangles[:, 2])).sum() / 6)


def centre(triangles: Triangles) -> NDArray[np.float64]:
    """The middle of a closed mesh's mass."""
    parts = np.einsum("ij,ij->i", triangles[:, 0], np.cross(triangles[:, 1], triangles[:, 2])) / 6
    return np.asarray((parts[:, None] * triangles.sum(axis=1) / 4).sum(axis=0) / parts.sum())


def bounds(triangles: Triangles) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The lowest and the highest corner of the box around it."""
    return triangles.min(axis=(0, 1)), triangles.max(axis=(0, 1))


def open_edges(triangles: Triangles) -> int:
    """Edges that are not exactly between two triangles, which run along them in opposite ways; watertight: none."""
    points = np.round(triangles, 4).reshape(-1, 3)
    _, number = np.unique(points, axis=0, return_inverse=True)
    corner = number.reshape(-1, 3)
    ways = np.concatenate([corner[:, (0, 1)], corner[:, (1, 2)], corner[:, (2, 0)]])
    base = int(corner.max()) + 1
    forth, back = ways[:, 0] * base + ways[:, 1], ways[:, 1] * base + ways[:, 0]
    there, count = np.unique(forth, return_counts=True)
    _, paired = np.unique(back, return_counts=True)
    mirrored = np.intersect1d(there[count == 1], np.unique(back)[paired == 1])
    return len(forth) - len(mirrored)


def pieces(triangles: Triangles) -> list[Triangles]:
    """What does not touch each other, apart."""
    _, number = np.unique(np.round(triangles, 4).reshape(-1, 3), axis=0, return_inverse=True)
    corner = number.reshape(-1, 3)
    label = np.arange(int(corner.max()) + 1)
    while True:
        least = label[corner].min(axis=1)
        then = label.copy()
        for n in range(3):
            np.minimum.at(then, corner[:, n], least)
        then = then[then]
        if (then == label).all():
            break
        label = then
    of_triangle = label[corner[:, 0]]
    return [triangles[of_triangle == one] for one in np.unique(of_triangle)]


def bodies(triangles: Triangles) -> int:
    """How many pieces there are."""
    return len(pieces(triangles))
