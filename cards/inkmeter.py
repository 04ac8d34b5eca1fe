"""How much ink is in each bubble of a card, beside what is printed there.

Darkness is 0 for the paper around a place and 1 for the black of the card's code, whatever the light, the printer, or
the pen: no threshold is in units of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from cards.bend import template_of
from cards.combmeter import cells
from cards.decoder import Picture
from cards.matching import peak
from cards.patches import cut, darkest, likeness
from cards.penform import PenForm
from cards.penlayout import Layout, layout
from cards.plane import Grey, Points
from cards.registration import Registered

Blur = tuple[float, float, float]
"""Out of focus by, moved by, and in which direction."""

_RIM = 0.42
"""Millimetres from the edge of a bubble to what is looked at inside: the ring is left out."""
_AROUND = (0.35, 1.0)
"""From the edge of a bubble to the paper around it that it is compared with."""
_BEYOND = 0.6
"""From the edge of a bubble outwards, as far as the shape of a mark is looked at, from where `_AROUND` begins."""
_SHAPE_PART, _SHAPE_LEAST = 0.6, 0.05
"""Ink whose shape counts: so dark beside the darkest of the bubble, and at least so dark."""
_NEAR = 0.25
"""From the edge of a bubble to what is compared with the printed ring."""
_WHITE = 0.06
"""What is lighter than this on the blank form counts as paper."""
_PAPER_SCALE = 1.25
_PAPER_REACH, _PAPER_SOFT = 9, 5.0
_LIGHTER, _DARKER = 0.65, 0.25
"""The part of the paper around a bubble that may be darker than what it is compared with; and than its darker part."""
_SHARP: Blur = (0.0, 0.0, 0.0)
_SOFTER: tuple[Blur, ...] = (_SHARP, (0.3, 0.0, 0.0), (0.55, 0.0, 0.0))
_MOVED: tuple[Blur, ...] = tuple((0.25, far, angle) for far in (0.8, 1.4) for angle in (0.0, 45.0, 90.0, 135.0))
"""Blurs with which a picture is compared: out of focus, then by motion. Millimetres beyond those of the template, and
degrees."""
_NEIGHBOURS = 8
_LOST = 0.6
"""Rings that are seen worse than this part of most may be where nobody looked: within _SNAP millimetres."""
_SNAP = 1.0
_SNAP_LEAST = 0.3
"""How well rings must then be seen that are looked at together, at least."""
_SHARP_ENOUGH = 0.75
"""How well rings are seen in a picture that nothing has moved in."""
_PALEST = 0.9
"""Black that is hardly darker than paper, beside which nothing can be measured; no registration gets so far."""
_MOST_HABIT = 0.12


@dataclass(frozen=True, slots=True)
class Inked:
    """What was measured, an entry for each bubble or cell in the order of the layout.

    mean: darkness inside, beyond what is printed there. dark: the same of the darkest fifth. around: darkness of the
    paper close by, beside that of the whole card. shade: darkness of the darker part of that paper, beside the lighter
    one. ring: how well what is printed there can be made out, -1 to 1.
    long: how many times as long as wide the ink is, in and just around the bubble. spread: how far it lies from its
    middle, in radii of the bubble. bend: how far it is from straight, 0 to about 1. aside: how far its middle lies from
    that of the bubble, in radii. cells, frames, over: of the comb, see `combmeter`.
    """

    mean: Grey
    dark: Grey
    around: Grey
    shade: Grey
    ring: Grey
    long: Grey
    spread: Grey
    bend: Grey
    aside: Grey
    cells: Grey
    frames: Grey
    over: Grey


@dataclass(frozen=True, slots=True)
class _Places:
    """What of the blank form is needed at each bubble. inside, near, shape, around: which pixels of a window count.

    paper: which of those around are white. offsets: those of `shape` from the middle, in radii of a bubble.
    """

    middles: Points
    size: tuple[int, int]
    inside: NDArray[np.bool_]
    near: NDArray[np.bool_]
    shape: NDArray[np.bool_]
    offsets: Points
    around: NDArray[np.bool_]
    paper: NDArray[np.bool_]
    blank: Grey
    blank_shape: Grey
    blank_mean: Grey
    blank_dark: Grey
    printed: NDArray[np.bool_]


def measure(card: Registered, form: PenForm) -> Inked:
    """The ink on a card that was registered."""
    places = layout(form)
    lit = _light(card.flat, card.scale)
    black = _black(card, places, lit)
    sharp = _places(form, _SHARP)
    middles = card.place(sharp.middles)
    windows = cut(card.flat, middles, sharp.size)
    known, ring = _as_blurred(form, windows)
    lost = np.median(ring[neighbours(form)], axis=1) < _LOST * np.median(ring)
    if lost.any():
        middles = _snapped(card, form, middles, lost)
        windows[lost] = cut(card.flat, middles[lost], sharp.size)
        known, ring = _as_blurred(form, windows)
    paper = _local_paper(windows[:, known.around], known.paper, _LIGHTER)
    level = lit[tuple(_cells_of(middles, card.scale, lit.shape))]
    darkness = (1 - windows / paper[:, None, None]) / (1 - black)
    inner = darkness[:, known.inside]
    mean = inner.mean(axis=1) - known.blank_mean
    dark = darkest(inner, 0.2) - known.blank_dark
    for kind in (sharp.printed, ~sharp.printed):
        if kind.any():
            mean[kind] -= _habit(mean[kind])
            dark[kind] -= _habit(dark[kind])
    shape = _shape(darkness[:, known.shape] - known.blank_shape, dark, known.offsets)
    shade = 1 - _local_paper(windows[:, known.around], known.paper, _DARKER) / paper
    return Inked(mean, dark, 1 - paper / level, shade / (1 - black), ring, *shape, *cells(card, form, lit, black))


@lru_cache(maxsize=32)
def neighbours(form: PenForm) -> NDArray[np.int64]:
    """(n, 8): the bubbles that are closest to each, itself first."""
    middles = np.array([(bubble.x, bubble.y) for bubble in layout(form).bubbles])
    apart = np.linalg.norm(middles[:, None] - middles, axis=2)
    return np.asarray(apart.argsort(axis=1)[:, :_NEIGHBOURS])


def _snapped(card: Registered, form: PenForm, middles: Points, lost: NDArray[np.bool_]) -> Points:
    """Where these bubbles are, as they and their neighbours say together: paper is bent most at its edges."""
    near = neighbours(form)
    places = _places(form, _SHARP)
    reach = round(_SNAP * card.scale)
    wider = (places.size[0] + 2 * reach, places.size[1] + 2 * reach)
    printed = (places.middles * card.scale - 0.5).astype(np.float32)
    scores: dict[int, Grey] = {}
    for n in np.unique(near[lost]).tolist():
        (seen,) = cut(card.flat, middles[n : n + 1], wider)
        (blank,) = cut(template_of(form).picture, printed[n : n + 1], places.size)
        scores[n] = cast(Grey, cv2.matchTemplate(seen, blank, cv2.TM_CCOEFF_NORMED))
    found = middles.copy()
    for n in np.flatnonzero(lost):
        together = np.mean([scores[other] for other in near[n].tolist()], axis=0)
        _, best, _, (column, row) = cv2.minMaxLoc(together)
        if best >= _SNAP_LEAST:
            found[n] += np.array(peak(together, row, column), np.float32) - reach
    return found


def _as_blurred(form: PenForm, windows: Grey) -> tuple[_Places, Grey]:
    """The blank form as blurred as this picture is, and how well what is printed at each bubble can be made out."""
    known, ring = _most_like(form, windows, _SOFTER)
    if np.median(ring) >= _SHARP_ENOUGH:
        return known, ring
    moved, moved_ring = _most_like(form, windows, _MOVED)
    return (moved, moved_ring) if np.median(moved_ring) > np.median(ring) else (known, ring)


def _most_like(form: PenForm, windows: Grey, blurs: tuple[Blur, ...]) -> tuple[_Places, Grey]:
    tries = [_places(form, blur) for blur in blurs]
    rings = [likeness(windows[:, places.near], places.blank) for places in tries]
    best = max(range(len(tries)), key=lambda n: float(np.median(rings[n])))
    return tries[best], rings[best]


@lru_cache(maxsize=128)
def _places(form: PenForm, blur: Blur) -> _Places:
    """What is needed of the blank form in a picture with this blur."""
    softer, far_moved, angle = blur
    template = template_of(form)
    places = layout(form)
    scale = template.scale
    middles = np.array([(bubble.x, bubble.y) for bubble in places.bubbles], np.float32)
    radius = places.bubble / 2
    side = 2 * round((radius + _AROUND[1]) * scale) + 1
    offsets = (np.arange(side) - side // 2) / scale
    far = np.hypot(offsets[:, None], offsets)
    inside = far <= radius - _RIM
    picture = template.picture
    if softer:
        picture = cast(Grey, cv2.GaussianBlur(picture, (0, 0), softer * scale))
    if far_moved:
        picture = cast(Grey, cv2.filter2D(picture, -1, _motion(far_moved * scale, angle)))
    blank = 1 - cut(picture, (middles * scale - 0.5).astype(np.float32), (side, side)) / np.float32(255)
    near = far <= radius + _NEAR
    shape = inside | ((far >= radius + _AROUND[0]) & (far <= radius + _BEYOND))
    rows, columns = np.nonzero(shape)
    at = (np.stack([columns, rows], axis=1) - side // 2) / (scale * radius)
    around = (far >= radius + _AROUND[0]) & (far <= radius + _AROUND[1])
    paper = blank[:, around] < _WHITE
    inner = blank[:, inside]
    printed = inner.mean(axis=1) > 0.01
    return _Places(
        middles=middles,
        size=(side, side),
        inside=inside,
        near=near,
        shape=shape,
        offsets=at.astype(np.float32),
        around=around,
        paper=paper,
        blank=blank[:, near],
        blank_shape=blank[:, shape],
        blank_mean=inner.mean(axis=1),
        blank_dark=darkest(inner, 0.2),
        printed=printed,
    )


def _motion(length: float, angle: float) -> Grey:
    """What a point becomes in a picture that moved by so many pixels."""
    half = int(length / 2) + 1
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    along = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))]) * length / 2
    start, end = (np.rint((half + sign * along) * 16).astype(int).tolist() for sign in (-1, 1))
    cv2.line(kernel, start, end, (1.0,), 1, cv2.LINE_8, 4)
    return kernel / np.float32(kernel.sum())


def _light(flat: Picture, scale: float) -> Grey:
    """How bright the paper is in each part of the card: the brightest of its neighbourhood, softened."""
    shrink = _PAPER_SCALE / scale
    small = cv2.resize(flat, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    brightest = cv2.dilate(small, np.ones((_PAPER_REACH, _PAPER_REACH), np.uint8))
    return cast(Grey, cv2.GaussianBlur(brightest.astype(np.float32), (0, 0), _PAPER_SOFT)).clip(1)


def _cells_of(points: Points, scale: float, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """(2, n): the row and column of `_light` for places in `flat`."""
    at = (points * (_PAPER_SCALE / scale)).astype(np.int64)
    return np.stack([at[:, 1].clip(0, shape[0] - 1), at[:, 0].clip(0, shape[1] - 1)])


def _black(card: Registered, places: Layout, lit: Grey) -> float:
    """How bright the black of the code's finder patterns is beside the paper, 0 to _PALEST."""
    x, y, side = places.code
    near, far, size = 0.04 * side, 0.74 * side, side / 4
    found = []
    for left, top in ((x + near, y + near), (x + far, y + near), (x + near, y + far)):
        column, row = int(left * card.scale), int(top * card.scale)
        span = int(size * card.scale)
        part = card.flat[row : row + span, column : column + span]
        middle = np.array([(column + span / 2, row + span / 2)], np.float32)
        at = _cells_of(middle, card.scale, lit.shape)
        found.append(float(np.percentile(part, 12)) / float(lit[at[0, 0], at[1, 0]]))
    return min(float(np.median(found)), _PALEST)


def _local_paper(around: Grey, paper: NDArray[np.bool_], darker: float) -> Grey:
    """How bright the paper around each bubble is: of what is white on the blank form, `darker` is as dark or darker."""
    ordered = np.sort(np.where(paper, around, np.float32(np.inf)), axis=1)
    at = (darker * (paper.sum(axis=1) - 1).clip(0)).astype(np.int64)
    return np.take_along_axis(ordered, at[:, None], axis=1)[:, 0].clip(1, 255)


def _shape(values: Grey, dark: Grey, offsets: Points) -> tuple[Grey, Grey, Grey, Grey]:
    """Of the ink of each row: `long`, `spread`, `bend` and `aside` (see `Inked`).

    By its moments: the second ones say how long and how wide it is, and those of its length squared how it is bent.
    """
    least = np.maximum(_SHAPE_PART * dark, _SHAPE_LEAST)
    ink = np.maximum(values - least[:, None], 0)
    ink /= np.maximum(ink.sum(axis=1, keepdims=True), 1e-6)
    x, y = offsets.T
    mx, my, xx, xy, yy = (ink @ np.stack([x, y, x * x, x * y, y * y], axis=1)).T
    xx, xy, yy = xx - mx * mx, xy - mx * my, yy - my * my
    middle, half = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    wide = np.sqrt(np.maximum(middle - half, 1e-4))
    spread = np.sqrt(np.maximum(middle + half, 1e-4))
    turn = np.arctan2(2 * xy, xx - yy)[:, None] / 2
    right, down = x - mx[:, None], y - my[:, None]
    along, off = right * np.cos(turn) + down * np.sin(turn), down * np.cos(turn) - right * np.sin(turn)
    arch = along**2 - (spread**2)[:, None]
    bend = np.abs((ink * arch * off).sum(axis=1)) / np.maximum((ink * arch**2).sum(axis=1), 1e-6)
    return spread / wide, spread, bend, np.hypot(mx, my)


def _habit(values: Grey) -> float:
    """What bubbles have that nobody marked: most of a card's are such. Blur brings ring and digit into them."""
    return float(np.clip(np.percentile(values, 35), -_MOST_HABIT, _MOST_HABIT))
