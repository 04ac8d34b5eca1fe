"""Where a form lies in a picture, to a tenth of a millimetre: by its code, its discs, and all that is printed.

Four steps, each from a guess to a better one: the corners of the code; the modules of the code; the discs near the
paper's corners, which give the perspective; and the printed form itself, tile by tile, because paper is curled.
The registration is refused rather than guessed: three discs must be found, and the form must look like itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from cards.bend import FLAT, Bend, bend_of, template_of
from cards.decoder import Code, Picture
from cards.discs import find_discs
from cards.matching import BLUR, matched
from cards.penform import PenForm
from cards.penlayout import Square, layout
from cards.plane import Grey, Matrix, Points, fitted, from_corners, is_quadrangle, patch, project

LEAST_DISCS = 3
_FINEST, _WORTH = 1.4, 0.85
"""Pixels of a picture for one of the rectified card, at most; by how much it must be made smaller to be worth it."""
_CODE_SCALE = 4.0
_CODE_MARGIN = 5.0
_LEAST_PART, _LEAST_PARTS = 0.6, 6
"""Correlation of the parts of a code that are trusted; if they are fewer, the best ones are."""
_MOST_OFF = 1.6
"""Millimetres between where the discs say that the code is, and where it is, at most."""
_LEAST_LIKE = 0.6
"""Correlation of the better tiles with the printed form, times the part of them that agree on where it lies."""
_ASKEW = "the code is seen too much from the side: lay the card flat under the camera"


class Unregistered(ValueError):
    """A form's code is there, but the rest of it cannot be found; the text says what to do."""


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


def register(grey: Picture, code: Code, form: PenForm, rows: Sequence[bytes]) -> Registered:
    """Where the form is of which this code was found. rows: the code's modules. Unregistered says why it is nowhere."""
    places = layout(form)
    if not is_quadrangle(code.corners, float(np.hypot(*grey.shape))):
        raise Unregistered(_ASKEW)
    grey, corners = _no_finer(grey, code.corners, _FINEST * FLAT[places.width], places.code.side)
    at_code, in_picture = _refined_by_code(grey, places.code, corners, rows)
    by_code = fitted(at_code, in_picture)
    if by_code is None:
        raise Unregistered(_ASKEW)
    discs, seen = find_discs(grey, places, by_code[0])
    if len(discs) < LEAST_DISCS:
        raise Unregistered(
            f"only {len(discs)} of the four black discs in the corners can be seen: take the hand off the card, "
            "and lay it down so that all of it is in view"
        )
    matrix = _agreed(at_code, in_picture, discs, seen)
    template = template_of(form)
    flat = patch(grey, matrix, 0, 0, places.width, places.height, template.scale)
    bend, likeness = bend_of(flat, template)
    if likeness < _LEAST_LIKE:
        raise Unregistered("the printed lines cannot be made out: hold the card still, flat, and in good light")
    return Registered(flat, template.scale, bend)


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


def _right_way_round(seen: Grey, pattern: Grey) -> None:
    """Unregistered when the code is a mirror image, or has black and white swapped; some decoders read such codes."""
    if not np.ptp(seen):
        raise Unregistered("the code is out of the picture: lay the card down so that all of it is in view")
    as_it_is, mirrored = (np.corrcoef(each.ravel(), pattern.ravel())[0, 1] for each in (seen, seen.T))
    if as_it_is < 0:
        raise Unregistered("black and white are swapped in this picture: take it as it is")
    if mirrored > as_it_is + 0.2:
        raise Unregistered("this picture is a mirror image: turn off the mirror of the camera")


def _refined_by_code(grey: Picture, square: Square, corners: Points, rows: Sequence[bytes]) -> tuple[Points, Points]:
    """Points of the code, in millimetres and in the picture, by comparing its modules with what they should be."""
    x, y, side = square
    coarse = from_corners(x, y, side, corners)
    left, top, whole = x - _CODE_MARGIN, y - _CODE_MARGIN, side + 2 * _CODE_MARGIN
    pattern, points = _code_pattern(tuple(rows), side)
    seen = patch(grey, coarse, left, top, whole, whole, _CODE_SCALE).astype(np.float32)
    _right_way_round(seen, pattern)
    tile = 0.30 * side
    moved, good = matched(seen, pattern, points, np.zeros((len(points), 2)), tile, 1.6, _CODE_SCALE)
    keep = np.flatnonzero(good > _LEAST_PART)
    if len(keep) < _LEAST_PARTS:
        keep = good.argsort()[-_LEAST_PARTS:]
    mm = points[keep] + np.array((left, top), np.float32)
    return mm, project(coarse, mm + moved[keep])


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
    blurred = cv2.GaussianBlur(picture, (0, 0), 2 * BLUR * _CODE_SCALE)
    steps = _CODE_MARGIN + side * np.array([0.12, 0.5, 0.88])
    points = np.array([(a, b) for b in steps for a in steps], np.float32)
    return cast(Picture, blurred).astype(np.float32), points


def _agreed(at_code: Points, in_picture: Points, discs: Points, seen: Points) -> Matrix:
    """The homography by the code and most of the discs: one of them may be something else on the table."""

    def fit(used: NDArray[np.bool_]) -> tuple[Matrix, float] | None:
        return fitted(np.concatenate([at_code, discs[used]]), np.concatenate([in_picture, seen[used]]))

    fits = [fit(np.ones(len(discs), bool))]
    if len(discs) > LEAST_DISCS and not _close(fits[0]):
        fits += [fit(np.arange(len(discs)) != left_out) for left_out in range(len(discs))]
    best = min((each for each in fits if each is not None), key=lambda each: each[1], default=None)
    if best is None or not _close(best):
        raise Unregistered("the card is bent too much, or something on the table looks like its discs: lay it flat")
    return best[0]


def _close(fit: tuple[Matrix, float] | None) -> bool:
    return fit is not None and fit[1] <= _MOST_OFF
