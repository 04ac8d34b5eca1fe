"""Where a form lies in a picture, to a tenth of a millimetre: by its code, its discs, and all that is printed.

Four steps, each from a guess to a better one: the corners of the code; the modules of the code; the discs near the
paper's corners, which give the perspective; and the printed form itself, tile by tile, because paper is curled.
The registration is refused rather than guessed: three discs must be found, and the form must look like itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from cards.decoder import Code, Picture
from cards.drawing import MM_PER_INCH, sheet_picture
from cards.penform import PenForm
from cards.penlayout import MARK_RADIUS, Layout, layout
from cards.sheet import Disc, Sheet

Points = NDArray[np.float32]
"""(n, 2): x and y."""
Matrix = NDArray[np.float64]
"""(3, 3): a homography."""
Grey = NDArray[np.float32]
Field = NDArray[np.float64]
"""(2, 10): how far a paper that is not flat is off, by the powers of x and y."""

FLAT = {148.0: 5.0, 210.0: 4.0}
"""Pixels per millimetre of the rectified card, by the width of the paper: about what the camera has."""
_FINE = 5
"""How many times finer than `flat` the form is drawn before it is made as coarse: circles begin on whole pixels."""
_FINEST, _WORTH = 1.4, 0.85
"""Pixels of a picture for one of `flat`, at most; and by how much it must be made smaller to be worth it."""
LEAST_DISCS = 3
_MATCH_BLUR = 0.25
"""Additional blur of what tiles are compared with."""
_CODE_SCALE = 4.0
_CODE_MARGIN = 5.0
_DISC_WINDOW = 5.0
"""Half a side of the template of a disc, in millimetres: it has white around it."""
_DISC_LOOKS = ((4.0, 3.0), (17.0, 2.0))
"""How far a disc is looked for, in millimetres, and pixels for a millimetre: close by first, then farther."""
_CLOSE = (1.5, 4.0)
"""The last look, for its exact place."""
_LEAST_DISC = (0.72, 0.78)
"""Correlation of a disc with its template, at least, at each look."""
_MOST_OFF = 1.6
"""Millimetres between where the discs say that the code is, and where it is, at most."""
_TILE = 17.0
_SNAPS = ((2, 28.0, 4.5, 2), (1, 17.0, 1.4, 3))
"""Of each pass over the tiles: how often the picture is halved, the side of a tile, how far it is looked for, and the
degree of the field that is fitted; millimetres.
"""
_LEAST_TILE = 0.45
_LEAST_PRINT = 24
"""Between the darkest and the lightest of a tile that has something printed in it, of 255."""
_AGREES = 0.35
"""Millimetres by which a tile may be off the field and still agree with it."""
_TERMS, _TERMS_OF = 10, {2: 6, 3: 10}
_RIM = 0.6
"""From a ring inwards to where people write."""
_LOCAL, _LOCAL_LEAST, _LOCAL_MOST = 13.0, 0.6, 0.9
"""How far around a tile it says more than the field does, how well it must be seen, and by how much it may differ."""
_RIDGE = np.array([1e-6] * 3 + [0.03] * 3 + [0.1] * 4)
_LEAST_TILES, _LEAST_SHARE = 6, 0.2
_LEAST_LIKE = 0.6
"""Correlation of the better tiles with the printed form, times the part of them that agree on where it lies."""
_BLUR = 0.16
"""Millimetres by which templates are blurred, as any camera does."""


class Unregistered(ValueError):
    """A form's code is there, but the rest of it cannot be found; the text says what to do."""


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
class Registered:
    """A rectified card. flat: grey, `scale` pixels per millimetre. bend: see `place`."""

    flat: Picture
    scale: float
    bend: Bend

    def place(self, points: Points) -> Points:
        """Where points in millimetres are in `flat`, in pixels."""
        moved = self.bend.at(points)
        return cast(Points, ((points + moved) * self.scale - 0.5).astype(np.float32))


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


def register(grey: Picture, code: Code, form: PenForm, rows: Sequence[bytes]) -> Registered:
    """Where the form is of which this code was found. rows: the code's modules. Unregistered says why it is nowhere."""
    places = layout(form)
    grey, corners = _no_finer(grey, code.corners, _FINEST * FLAT[places.width], places.code.side)
    coarse = _from_corners(places, corners)
    at_code, in_picture = _refined_by_code(grey, places, coarse, rows)
    by_code, _ = _homography(at_code, in_picture)
    discs, seen = _discs(grey, places, by_code)
    if len(discs) < LEAST_DISCS:
        raise Unregistered(
            f"only {len(discs)} of the four black discs in the corners can be seen: take the hand off the card, "
            "and lay it down so that all of it is in view"
        )
    matrix = _agreed(at_code, in_picture, discs, seen)
    template = template_of(form)
    scale = template.scale
    to_flat = np.diag([1 / scale, 1 / scale, 1.0])
    to_flat[:2, 2] = 0.5 / scale
    size = (template.picture.shape[1], template.picture.shape[0])
    flat = cv2.warpPerspective(
        grey, matrix @ to_flat, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    bend, likeness = _snapped(cast(Picture, flat), template)
    if likeness < _LEAST_LIKE:
        raise Unregistered("the printed lines cannot be made out: hold the card still, flat, and in good light")
    return Registered(cast(Picture, flat), scale, bend)


def _no_finer(grey: Picture, corners: Points, most: float, side: float) -> tuple[Picture, Points]:
    """A picture with at most so many pixels for a millimetre, and the corners of its code, which has a side of `side`.

    Lines that are thinner than the pixels of `flat` come and go when they are looked at only here and there.
    """
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1)
    shrink = most * side / float(edges.mean())
    if shrink > _WORTH:
        return grey, corners
    small = cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return cast(Picture, small), ((corners + 0.5) * shrink - 0.5).astype(np.float32)


@lru_cache(maxsize=32)
def template_of(form: PenForm) -> Template:
    """What a blank card of the form looks like."""
    places = layout(form)
    scale = FLAT[places.width]
    drawn = sheet_picture(Sheet(places.width, places.height, "", places.shapes), _FINE * scale * MM_PER_INCH)
    size = (round(places.width * scale), round(places.height * scale))
    picture = cv2.resize(drawn, size, interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(picture, (0, 0), _BLUR * scale)
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


def _from_corners(places: Layout, corners: Points) -> Matrix:
    x, y, side = places.code
    square = np.array([(x, y), (x + side, y), (x + side, y + side), (x, y + side)], np.float32)
    return cast(Matrix, cv2.getPerspectiveTransform(square, corners.astype(np.float32)))


def _right_way_round(patch: Grey, pattern: Grey) -> None:
    """Unregistered when the code is a mirror image, or has black and white swapped; some decoders read such codes."""
    as_it_is, mirrored = (np.corrcoef(each.ravel(), pattern.ravel())[0, 1] for each in (patch, patch.T))
    if as_it_is < 0:
        raise Unregistered("black and white are swapped in this picture: take it as it is")
    if mirrored > as_it_is + 0.2:
        raise Unregistered("this picture is a mirror image: turn off the mirror of the camera")


def _refined_by_code(grey: Picture, places: Layout, coarse: Matrix, rows: Sequence[bytes]) -> tuple[Points, Points]:
    """Points of the code, in millimetres and in the picture, by comparing its modules with what they should be."""
    x, y, side = places.code
    left, top, whole = x - _CODE_MARGIN, y - _CODE_MARGIN, side + 2 * _CODE_MARGIN
    pattern, points = _code_pattern(tuple(rows), side)
    patch = _patch(grey, coarse, left, top, whole, whole, _CODE_SCALE)
    _right_way_round(patch, pattern)
    tile = 0.30 * side
    moved, good = _matched(patch, pattern, points, np.zeros((len(points), 2)), tile, 1.6, _CODE_SCALE)
    keep = good > 0.6
    if keep.sum() < 6:
        keep = good > np.sort(good)[-6]
    mm = points[keep] + (left, top)
    seen = mm + moved[keep]
    return mm.astype(np.float32), _project(coarse, seen.astype(np.float32))


@lru_cache(maxsize=8)
def _code_pattern(rows: tuple[bytes, ...], side: float) -> tuple[Grey, Points]:
    """The code with its margin as it is printed, and the middles of parts of it (in millimetres from that margin)."""
    whole = side + 2 * _CODE_MARGIN
    pixels = round(whole * _CODE_SCALE)
    light = np.array([[0 if module else 255 for module in row] for row in rows], np.uint8)
    fine = cv2.resize(light, None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST)
    inner = cv2.resize(fine, (round(side * _CODE_SCALE),) * 2, interpolation=cv2.INTER_AREA)
    picture = np.full((pixels, pixels), 255, np.uint8)
    start = round(_CODE_MARGIN * _CODE_SCALE)
    picture[start : start + inner.shape[0], start : start + inner.shape[1]] = inner
    blurred = cv2.GaussianBlur(picture, (0, 0), 2 * _BLUR * _CODE_SCALE)
    steps = _CODE_MARGIN + side * np.array([0.12, 0.5, 0.88])
    points = np.array([(a, b) for b in steps for a in steps], np.float32)
    return cast(Picture, blurred).astype(np.float32), points


def _discs(grey: Picture, places: Layout, matrix: Matrix) -> tuple[Points, Points]:
    """The discs that are seen: where they are in millimetres, and in the picture.

    The code alone says where they should be to a centimetre or two, because paper is curled: first a wide look.
    """
    middles, seen = [], []
    for x, y in places.marks:
        expected = np.array((x, y), np.float64)
        for (search, scale), least in zip(_DISC_LOOKS, _LEAST_DISC, strict=True):
            found, likeness = _disc(grey, matrix, expected, search, scale)
            if likeness >= least:
                found, _ = _disc(grey, matrix, found, *_CLOSE)
                middles.append((x, y))
                seen.append(_project(matrix, found.astype(np.float32)[None])[0])
                break
    return np.array(middles, np.float32).reshape(-1, 2), np.array(seen, np.float32).reshape(-1, 2)


def _agreed(at_code: Points, in_picture: Points, discs: Points, seen: Points) -> Matrix:
    """The homography by the code and most of the discs: one of them may be something else on the table."""

    def fit(used: NDArray[np.bool_]) -> tuple[float, Matrix]:
        mm, pixels = np.concatenate([at_code, discs[used]]), np.concatenate([in_picture, seen[used]])
        matrix, _ = _homography(mm, pixels)
        return _off(matrix, mm, pixels), matrix

    off, matrix = fit(np.ones(len(discs), bool))
    if off > _MOST_OFF and len(discs) > LEAST_DISCS:
        without = [fit(np.arange(len(discs)) != left_out) for left_out in range(len(discs))]
        off, matrix = min(without, key=lambda each: each[0])
    if off > _MOST_OFF:
        raise Unregistered("the card is bent too much, or something on the table looks like its discs: lay it flat")
    return matrix


def _disc(
    grey: Picture, matrix: Matrix, near: NDArray[np.float64], search: float, scale: float
) -> tuple[NDArray[np.float64], float]:
    """Where a disc is, at most `search` millimetres to either side of a place, and how like a disc it is."""
    half = _DISC_WINDOW + search
    patch = _patch(grey, matrix, near[0] - half, near[1] - half, 2 * half, 2 * half, scale)
    score = cv2.matchTemplate(patch, _disc_template(scale), cv2.TM_CCOEFF_NORMED)
    _, best, _, (column, row) = cv2.minMaxLoc(score)
    dx, dy = peak(score, row, column)
    return near - search + np.array((dx, dy)) / scale, float(best)


@lru_cache(maxsize=4)
def _disc_template(scale: float) -> Grey:
    side = 2 * _DISC_WINDOW
    disc = sheet_picture(Sheet(side, side, "", (Disc(side / 2, side / 2, MARK_RADIUS),)), 16 * MM_PER_INCH)
    small = cv2.resize(disc, (round(side * scale),) * 2, interpolation=cv2.INTER_AREA)
    return cast(Grey, cv2.GaussianBlur(small.astype(np.float32), (0, 0), 2 * _BLUR * scale))


def _snapped(flat: Picture, template: Template) -> tuple[Bend, float]:
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
        found, good = _matched(small, model, template.tiles, expected, side, search, scale)
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


def _matched(
    picture: Grey, model: Grey, middles: Points, expected: NDArray[np.float64], side: float, search: float, scale: float
) -> tuple[Points, Grey]:
    """How far the parts of `model` around these middles are off in `picture`, and the correlation there.

    expected: how far they should be off; all lengths in millimetres, and `scale` pixels to each.
    """
    reach, half = round(search * scale), round(side / 2 * scale)
    height, width = picture.shape
    moved = expected.astype(np.float32)
    good = np.zeros(len(middles), np.float32)
    shifts = np.rint(expected * scale).astype(int)
    for n, ((x, y), (right_by, down_by)) in enumerate(zip((middles * scale).astype(int), shifts, strict=True)):
        left, top = max(x - half, reach - right_by, 0), max(y - half, reach - down_by, 0)
        right = min(x + half + 1, width - reach - right_by, width)
        bottom = min(y + half + 1, height - reach - down_by, height)
        part = model[top:bottom, left:right]
        if min(part.shape) < half or np.ptp(part) < _LEAST_PRINT:
            continue
        window = picture[
            top - reach + down_by : bottom + reach + down_by, left - reach + right_by : right + reach + right_by
        ]
        score = cv2.matchTemplate(window, part, cv2.TM_CCOEFF_NORMED)
        _, best, _, (column, row) = cv2.minMaxLoc(score)
        dx, dy = peak(score, row, column)
        moved[n] = ((dx - reach + right_by) / scale, (dy - reach + down_by) / scale)
        good[n] = best
    return moved, good


def peak(score: NDArray[Any], row: int, column: int) -> tuple[float, float]:
    """The place of a maximum between pixels (x, y), by a parabola through it and its neighbours."""
    x, y = float(column), float(row)
    if 0 < column < score.shape[1] - 1:
        x += _vertex(*score[row, column - 1 : column + 2])
    if 0 < row < score.shape[0] - 1:
        y += _vertex(*score[row - 1 : row + 2, column])
    return x, y


def _vertex(before: float, at: float, after: float) -> float:
    bend = before - 2 * at + after
    return 0.5 * float(before - after) / float(bend) if bend < -1e-9 else 0.0


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


def _patch(grey: Picture, matrix: Matrix, left: float, top: float, wide: float, high: float, scale: float) -> Grey:
    """A part of the card, rectified. In millimetres, and pixels per millimetre."""
    to_mm = np.array([[1 / scale, 0, left + 0.5 / scale], [0, 1 / scale, top + 0.5 / scale], [0, 0, 1]])
    size = (round(wide * scale), round(high * scale))
    patch = cv2.warpPerspective(
        grey, matrix @ to_mm, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    return cast(Picture, patch).astype(np.float32)


def _homography(mm: Points, pixels: Points) -> tuple[Matrix, NDArray[np.uint8]]:
    matrix, mask = cv2.findHomography(mm, pixels, 0)
    if matrix is None:
        raise Unregistered("the card is seen too much from the side: lay it flat under the camera")
    return cast(Matrix, matrix), cast(NDArray[np.uint8], mask)


def _project(matrix: NDArray[np.floating[Any]], points: NDArray[np.floating[Any]]) -> Points:
    mapped = cv2.perspectiveTransform(points.reshape(-1, 1, 2).astype(np.float64), matrix)
    return mapped.reshape(-1, 2).astype(np.float32)


def _off(matrix: Matrix, mm: Points, pixels: Points) -> float:
    """Millimetres between points and where the homography puts them, the largest."""
    back = _project(np.linalg.inv(matrix), pixels)
    return float(np.linalg.norm(back - mm, axis=1).max())
