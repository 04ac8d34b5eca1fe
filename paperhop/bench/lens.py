"""Where the points of a bent card in front of a camera come to lie in its frame, and back.

The card's plane has its origin in the card's top left corner, x right, y down, in millimetres; a curl bends it along
one direction into a cylinder. The camera is a pinhole with a little radial distortion.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

VIEW_DEGREES = 62.2
"""Horizontal angle of view: that of the Raspberry Pi Camera Module 2."""
_FLAT = 1e7


@dataclass(frozen=True, slots=True)
class View:
    """A card before a lens.

    turn: rotation from the card's axes to the camera's (x right, y down, z away). place: the card's middle in
    millimetres from the camera. size: of the frame in pixels. radius: of the curl in millimetres, its sign the side;
    along: the direction in which the card is bent. distortion: part by which a ray at one focal length is bent.
    """

    card_mm: tuple[float, float]
    turn: Points
    place: Points
    size: tuple[int, int]
    radius: float = _FLAT
    along: float = 0.0
    distortion: float = 0.0

    @property
    def focal_px(self) -> float:
        """Focal length in pixels."""
        return self.size[0] / 2 / math.tan(math.radians(VIEW_DEGREES / 2))

    def to_px(self, points_mm: Points) -> Points:
        """Points of the card, (n, 2), in pixels: (0, 0) is the middle of the first one."""
        bend, rest = self._axes()
        flat = np.asarray(points_mm, np.float64).reshape(-1, 2) - np.array(self.card_mm) / 2
        angle = (flat @ bend) / self.radius
        solid = np.outer(self.radius * np.sin(angle), bend) + np.outer(flat @ rest, rest)
        deep = 2 * self.radius * np.sin(angle / 2) ** 2
        seen = np.column_stack([solid, deep]) @ self.turn.T + self.place
        ideal = seen[:, :2] / seen[:, 2:]
        bent = ideal.copy()
        for _ in range(6):
            bent = ideal / (1 + self.distortion * (bent**2).sum(axis=1, keepdims=True))
        return np.asarray(bent * self.focal_px + (np.array(self.size) - 1) / 2, np.float64)

    def to_mm(self, pixels: Points) -> Points:
        """Where on the card's surface, going on beyond its edges, the pixels (n, 2) look; NaN where past it."""
        bend, rest = self._axes()
        bent = (np.asarray(pixels, np.float64).reshape(-1, 2) - (np.array(self.size) - 1) / 2) / self.focal_px
        ideal = bent * (1 + self.distortion * (bent**2).sum(axis=1, keepdims=True))
        rays = np.column_stack([ideal, np.ones(len(ideal))]) @ self.turn
        eye = -self.place @ self.turn
        across, eye_across = rays[:, :2] @ bend, float(eye[:2] @ bend)
        # The ray meets the cylinder across² + (z - radius)² = radius² twice; nearest the card's plane counts.
        a = across**2 + rays[:, 2] ** 2
        b = across * eye_across + rays[:, 2] * (eye[2] - self.radius)
        c = eye_across**2 + eye[2] ** 2 - 2 * eye[2] * self.radius
        with np.errstate(invalid="ignore", divide="ignore"):
            way = c / (-b - np.sign(b) * np.sqrt(b**2 - a * c))
            way[way <= 0] = np.nan
            met = eye + way[:, None] * rays
            arc = self.radius * np.arctan2(np.sign(self.radius) * (met[:, :2] @ bend), np.abs(self.radius - met[:, 2]))
        return np.outer(arc, bend) + np.outer(met[:, :2] @ rest, rest) + np.array(self.card_mm) / 2

    def _axes(self) -> tuple[Points, Points]:
        cos, sin = math.cos(self.along), math.sin(self.along)
        return np.array([cos, sin]), np.array([-sin, cos])


def rotation(tilt: float, towards: float, turned: float) -> Points:
    """A card turned in its plane, then tilted away towards a direction. Radians."""
    axis = np.array([-math.sin(towards), math.cos(towards), 0.0])
    cross = np.array([[0, 0, axis[1]], [0, 0, -axis[0]], [-axis[1], axis[0], 0.0]])
    lean = np.eye(3) + math.sin(tilt) * cross + (1 - math.cos(tilt)) * cross @ cross
    cos, sin = math.cos(turned), math.sin(turned)
    return np.asarray(lean @ np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1.0]]), np.float64)
