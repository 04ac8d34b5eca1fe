"""How much ink is in each cell of the comb, and whether the cell can be seen at all."""

from __future__ import annotations

from functools import lru_cache
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from cards.bend import template_of
from cards.decoder import Picture
from cards.patches import cut, darkest, likeness
from cards.penform import PenForm
from cards.penlayout import layout
from cards.plane import Grey, Points
from cards.registration import Registered

_INSET = 0.75
"""Millimetres from the edge of a cell to what is looked at inside."""
_SPOT = 0.2
"""Square millimetres that the smallest sign covers: a full stop, a dash for a space."""
_PAPER = 80
"""Per cent of a cell that may be darker than its paper."""
_FRAME = 0.55
"""To both sides of the edge of a cell, where its printed line is looked for."""
_WIDE, _DARK = 3.0, 0.25
"""What is wider than any pen, and at least so dark, was not written."""
_ABOVE = 4.0
"""From the comb upwards as far as that is looked for."""
_SOFT = 0.5
"""From the edge of such a thing to where paper is seen as it is."""


def cells(card: Registered, form: PenForm, lit: Grey, black: float) -> tuple[Grey, Grey, Grey]:
    """Of each cell: how dark its darkest spot is; how well its frame is seen, -1 to 1; what part of it is covered.

    lit: how bright the paper is in each part of the card; black: how bright the print is beside it.
    """
    comb = layout(form).comb
    if not comb:
        nothing = np.zeros(0, np.float32)
        return nothing, nothing, nothing
    middles = card.place(np.array([(x + wide / 2, y + high / 2) for x, y, wide, high in comb], np.float32))
    half = np.array((comb[0].width, comb[0].height)) * card.scale / 2
    return (
        _inked(card, middles, half - _INSET * card.scale, black),
        _framed(card, form, middles),
        _covered(card, comb[0].y, middles, half, lit, black),
    )


def _inked(card: Registered, middles: Points, half: NDArray[np.float64], black: float) -> Grey:
    """The darkest spot, less what the brightest one has: noise goes both ways, ink does not."""
    soft = cast(Picture, cv2.blur(card.flat, (3, 3)))
    across, down = np.rint(2 * half).astype(int).tolist()
    seen = cut(soft, middles, (across, down)).reshape(len(middles), -1)
    paper = np.percentile(seen, _PAPER, axis=1, keepdims=True).clip(1).astype(np.float32)
    dark = (1 - seen / paper) / np.float32(1 - black)
    part = _SPOT * card.scale**2 / dark.shape[1]
    return cast(Grey, darkest(dark, part) - darkest(-dark, part).clip(0))


def _framed(card: Registered, form: PenForm, middles: Points) -> Grey:
    blank, near, size = _frames(form)
    return likeness(cut(card.flat, middles, size)[:, near], blank)


@lru_cache(maxsize=32)
def _frames(form: PenForm) -> tuple[Grey, NDArray[np.bool_], tuple[int, int]]:
    """The frames of the cells as they are printed, which pixels around one count, and how large it is."""
    template, comb = template_of(form), layout(form).comb
    scale = template.scale
    half = np.array((comb[0].width, comb[0].height)) / 2
    across, down = np.rint(2 * (half + _FRAME) * scale).astype(int).tolist()
    x, y = (np.abs(np.arange(count) - (count - 1) / 2) / scale for count in (across, down))
    beyond = np.maximum(x - half[0], (y - half[1])[:, None])
    near = np.abs(beyond) <= _FRAME
    middles = np.array([(c.x + c.width / 2, c.y + c.height / 2) for c in comb], np.float32) * scale - np.float32(0.5)
    return 1 - cut(template.picture, middles, (across, down))[:, near] / np.float32(255), near, (across, down)


def _covered(card: Registered, top: float, middles: Points, half: NDArray[np.float64], lit: Grey, black: float) -> Grey:
    """How much of each cell is under a hand or a finger: something wide and dark that comes from beyond the comb."""
    height, width = card.flat.shape
    first = max(0, int((top - _ABOVE) * card.scale))
    strip = card.flat[first:]
    paper = cast(Grey, cv2.resize(lit, (width, height), interpolation=cv2.INTER_LINEAR))[first:]
    dark = (strip < paper * (1 - _DARK * (1 - black))).astype(np.uint8)
    wide = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (round(_WIDE * card.scale),) * 2)
    blobs = cv2.morphologyEx(dark, cv2.MORPH_OPEN, wide, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    if not blobs.any():
        return np.zeros(len(middles), np.float32)
    _, numbers = cv2.connectedComponents(blobs)
    edges = np.unique(np.concatenate([numbers[0], numbers[-1], numbers[:, 0], numbers[:, -1]]))
    over = (np.isin(numbers, edges) & (numbers > 0)).astype(np.uint8)
    over = cv2.dilate(over, np.ones((2 * round(_SOFT * card.scale) + 1,) * 2, np.uint8)).astype(np.float32)
    across, down = np.rint(2 * half).astype(int).tolist()
    within = cut(over, middles - np.array((0, first), np.float32), (across, down))
    return cast(Grey, within.mean(axis=(1, 2)))
