"""How the paper of a card differs from a plane: by all that is printed on it, tile by tile, because paper is curled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from cards.decoder import Picture
from cards.drawing import MM_PER_INCH, sheet_picture
from cards.matching import BLUR, matched
from cards.penform import PenForm
from cards.penlayout import Layout, layout
from cards.plane import Grey, Points
from cards.sheet import Sheet

Field = NDArray[np.float64]
"""(2, 10): how far a paper that is not flat is off, by the powers of x and y."""

FLAT = {148.0: 5.0, 210.0: 4.0}
"""Pixels per millimetre of the rectified card, by the width of the paper: about what the camera has."""
_FINE = 5
"""How many times finer than `flat` the form is drawn before it is made as coarse: circles begin on whole pixels."""
_MATCH_BLUR = 0.25
"""Additional blur of what tiles are compared with."""
_TILE = 17.0
_SNAPS = ((2, 28.0, 4.5, 2), (1, 17.0, 1.4, 3))
"""Of each pass over the tiles: how often the picture is halved, the side of a tile, how far it is looked for, and the
degree of the field that is fitted; millimetres.
"""
_LEAST_TILE = 0.45
_AGREES = 0.35
"""Millimetres by which a tile may be off the field and still agree with it."""
_TERMS, _TERMS_OF = 10, {2: 6, 3: 10}
_RIM = 0.6
"""From a ring inwards to where people write."""
_LOCAL, _LOCAL_LEAST, _LOCAL_MOST = 13.0, 0.6, 0.9
"""How far around a tile it says more than the field does, how well it must be seen, and by how much it may differ."""
_RIDGE = np.array([1e-6] * 3 + [0.03] * 3 + [0.1] * 4)
_LEAST_TILES, _LEAST_SHARE = 6, 0.2


@dataclass(frozen=True, slots=True)
class Bend:
    """How paper differs from a plane: a smooth field, and what tiles say beyond it close to where they are."""

    field: Field
    tiles: Points
    beyond: Points
    weights: Grey

    def at(self, points: Points) -> NDArray[np.float64]:
        """(n, 2): by how many millimetres these points are off."""
        apart = ((points[:, None] - self.tiles) ** 2).sum(axis=2)
        near = self.weights * np.exp(-apart / (2 * _LOCAL**2))
        local = near @ self.beyond / (near.sum(axis=1, keepdims=True) + 0.3)
        return np.asarray(_terms(points) @ self.field.T + local, np.float64)


@dataclass(frozen=True, slots=True)
class Template:
    """A form as it is printed, without code, and the middles of the tiles to look for.

    pyramid: at the scale of `Registered.flat`, at half of it without what is printed inside bubbles, and at a quarter.
    """

    places: Layout
    pyramid: tuple[Grey, ...]
    scale: float
    tiles: Points

    @property
    def picture(self) -> Grey:
        """The form at the full scale."""
        return self.pyramid[0]


@lru_cache(maxsize=32)
def template_of(form: PenForm) -> Template:
    """What a blank card of the form looks like."""
    places = layout(form)
    scale = FLAT[places.width]
    drawn = sheet_picture(Sheet(places.width, places.height, "", places.shapes), _FINE * scale * MM_PER_INCH)
    size = (round(places.width * scale), round(places.height * scale))
    picture = cv2.resize(drawn, size, interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(picture, (0, 0), BLUR * scale)
    whole = cast(Picture, blurred).astype(np.float32)
    softer = cv2.GaussianBlur(whole, (0, 0), _MATCH_BLUR * scale)
    half, quarter = (_smaller(cast(Grey, softer), halvings) for halvings in (1, 2))
    pyramid = (whole, _unmarked(half, places, np.zeros((2, _TERMS)), scale / 2), quarter)
    return Template(places, pyramid, scale, _tiles(places))


def _tiles(places: Layout) -> Points:
    """Middles of tiles that have something printed in them, a few for each part of the paper."""
    points = np.array([(b.x, b.y) for b in places.bubbles] + [(c.x, c.y) for c in places.comb], np.float32)
    across, down = round(places.width / 16), round(places.height / 14)
    inset = _TILE / 2 + 2
    middles = []
    for column in range(across):
        for row in range(down):
            x, y = (column + 0.5) * places.width / across, (row + 0.5) * places.height / down
            near = points[(np.abs(points - (x, y)) < _TILE / 2).all(axis=1)]
            if len(near):
                middles.append(near.mean(axis=0).clip(inset, np.array((places.width, places.height)) - inset))
    return np.array(middles, np.float32)


def bend_of(flat: Picture, template: Template) -> tuple[Bend, float]:
    """How the paper differs from a plane, and how like the form it is.

    First with large parts that may lie far off, then with small ones near where those say.
    """
    field = np.zeros((2, _TERMS))
    found, good, likeness = np.zeros_like(template.tiles), np.zeros(len(template.tiles), np.float32), 0.0
    half = _smaller(flat, 1)
    pictures = {1: half, 2: _smaller(half, 1)}
    for halvings, side, search, degree in _SNAPS:
        scale = template.scale / 2**halvings
        small, model = pictures[halvings], template.pyramid[halvings]
        if field.any():
            small = _unmarked(small, template.places, field, scale)
        expected = _terms(template.tiles) @ field.T
        found, good = matched(small, model, template.tiles, expected, side, search, scale)
        keep = good > _LEAST_TILE
        if keep.sum() < max(_LEAST_TILES, _LEAST_SHARE * len(good)):
            return Bend(field, template.tiles, np.zeros_like(found), np.zeros_like(good)), 0.0
        field, off = _fitted(template.tiles[keep], found[keep], good[keep], degree)
        likeness = float(np.percentile(good, 75)) * float((off < _AGREES).mean())
    beyond = (found - _terms(template.tiles) @ field.T).astype(np.float32)
    trusted = (good > _LOCAL_LEAST) & (np.linalg.norm(beyond, axis=1) < _LOCAL_MOST)
    return Bend(field, template.tiles, beyond, np.where(trusted, good**2, 0).astype(np.float32)), likeness


def _unmarked(picture: Grey, places: Layout, field: Field, scale: float) -> Grey:
    """The picture with paper where people write, so that print is compared with print."""
    paper = cv2.dilate(picture, np.ones((7, 7), np.uint8))
    picture = picture.copy()
    middles = np.array([(bubble.x, bubble.y) for bubble in places.bubbles], np.float32)
    for x, y in (middles + _terms(middles) @ field.T) * scale:
        middle = (round(x), round(y))
        cv2.circle(picture, middle, round((places.bubble / 2 - _RIM) * scale), _at(paper, middle), cv2.FILLED)
    corners = np.array([(c.x, c.y, c.x + c.width, c.y + c.height) for c in places.comb], np.float32).reshape(-1, 2)
    boxes = ((corners + _terms(corners) @ field.T) * scale).reshape(-1, 4)
    for left, top, right, bottom in np.rint(boxes + _RIM * scale * np.array([1, 1, -1, -1])).astype(int):
        middle = (int(left + right) // 2, int(top + bottom) // 2)
        cv2.rectangle(picture, (int(left), int(top)), (int(right), int(bottom)), _at(paper, middle), cv2.FILLED)
    return picture


def _at(picture: NDArray[Any], place: tuple[int, int]) -> float:
    height, width = picture.shape
    return float(picture[min(max(place[1], 0), height - 1), min(max(place[0], 0), width - 1)])


def _fitted(points: Points, moved: Points, good: Grey, degree: int) -> tuple[Field, Grey]:
    """The smooth field that agrees best with most of the parts, and how far each is off, in millimetres."""
    used = _TERMS_OF[degree]
    terms = _terms(points)[:, :used]
    ridge = np.diag(_RIDGE[:used])
    weights = good**2
    for _ in range(5):
        weighted = terms * weights[:, None]
        part = np.linalg.solve(weighted.T @ terms + ridge, weighted.T @ moved).T
        off = np.linalg.norm(moved - terms @ part.T, axis=1)
        weights = good**2 / (1 + (off / 0.12) ** 2)
    field = np.zeros((2, _TERMS))
    field[:, :used] = part
    return field, off.astype(np.float32)


def _terms(points: Points) -> NDArray[np.float64]:
    """(n, 10): the powers of x and y up to the third, in units of the order of one."""
    x, y = (points[:, 0].astype(np.float64) - 74) / 74, (points[:, 1].astype(np.float64) - 52) / 52
    one = np.ones_like(x)
    return np.stack([one, x, y, x * x, x * y, y * y, x**3, x * x * y, x * y * y, y**3], axis=1)


def _smaller(picture: Picture | Grey, halvings: int) -> Grey:
    for _ in range(halvings):
        size = (picture.shape[1] // 2, picture.shape[0] // 2)
        picture = cast(Picture, cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
    return picture.astype(np.float32)
