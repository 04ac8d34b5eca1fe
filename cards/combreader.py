"""What is written in the comb: how many cells have ink, and a picture of it for human eyes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from cards.decoder import Picture
from cards.inkmeter import Inked
from cards.penform import PenForm
from cards.penlayout import layout
from cards.registration import Registered

_INKED, _EMPTY = 0.19, 0.13
"""The darkest spot of a cell with ink is at least so dark, and that of one without at most."""
_LEAST_FRAME = 0.1
"""How well the frame of an empty cell must be seen: else paper is not what is seen there."""
_GREYS = 4
"""Of the picture of what was written: enough to read it by, in 4 kB for a comb of 64 cells."""
_STROKE = (9, 9)
"""Pixels of a window that is wider than a stroke: its lightest part is paper."""
_PAPER = 0.9
"""From this part of its light on, paper is white."""


@dataclass(frozen=True, slots=True)
class CombRead:
    """The cells of the comb that are inked, from 0 on; or `refused`."""

    cells: tuple[int, ...]
    confidence: float
    refused: str | None = None


def comb_read(inked: Inked) -> CombRead:
    """What ink says that was measured in the comb."""
    dark = inked.cells
    hidden = np.flatnonzero((inked.over > 0) | ((dark <= _EMPTY) & (inked.frames < _LEAST_FRAME)))
    if len(hidden):
        return CombRead((), 0.0, f"cell {hidden[0] + 1} of DATA cannot be seen: take the hand off it")
    unsure = np.flatnonzero((dark > _EMPTY) & (dark < _INKED))
    if len(unsure):
        return CombRead((), 0.0, f"cell {unsure[0] + 1} of DATA is not for sure: write darker, or rub it out")
    middle = (_EMPTY + _INKED) / 2
    off = np.abs(dark - middle) / middle
    sure = round(float(np.clip(off.min(), 0, 1)), 3) if len(dark) else 1.0
    return CombRead(tuple(np.flatnonzero(dark >= _INKED).tolist()), sure)


def handwriting(card: Registered, form: PenForm, inked: Inked) -> bytes:
    """The comb as it was written, as a small PNG; nothing when nobody wrote there."""
    comb = layout(form).comb
    if not comb or not (inked.cells >= _INKED).any():
        return b""
    first, last = comb[0], comb[-1]
    corners = np.array([(first.x, first.y), (last.x + last.width, last.y + last.height)], np.float32)
    at = np.rint(card.place(corners)).astype(int)
    (left, top), (right, bottom) = at.min(axis=0).clip(0), at.max(axis=0).clip(0)
    part = card.flat[top:bottom, left:right]
    if not part.size:
        return b""  # where the paper seems to be bent so far that the comb would lie beside the card
    _, png = cv2.imencode(".png", _ink_on_white(part), [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return bytes(png)


def _ink_on_white(part: Picture) -> Picture:
    """A part of the card in few greys, without shadow and noise: small enough for every scan and for the journal."""
    light = cv2.GaussianBlur(cv2.dilate(part, np.ones(_STROKE, np.uint8)), (0, 0), _STROKE[0])
    shade = part / np.maximum(light, 1).astype(np.float32)
    darkest = min(float(np.percentile(shade, 0.5)), _PAPER - 0.1)
    grey = ((shade - darkest) / (_PAPER - darkest)).clip(0, 1)
    return np.asarray(np.rint(grey * (_GREYS - 1)) * (255 / (_GREYS - 1)), np.uint8)
