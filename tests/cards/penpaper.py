"""Cards for the pen that hands can write on, and that are photographed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from cards.decoder import Picture
from cards.drawing import DEFAULT_DPI, MM_PER_INCH, sheet_picture
from cards.filling import Mark
from cards.packet import Written
from cards.pencard import pen_card
from cards.penform import PenForm
from cards.penlayout import layout
from cards.qrtext import CardId, PenCard
from paperhop.bench import hand
from paperhop.bench.camera import Shot, shoot, shoot_many

PX_PER_MM = DEFAULT_DPI / MM_PER_INCH


@dataclass(frozen=True)
class Paper:
    """A printed card that hands can write on."""

    form: PenForm
    picture: Picture

    def mark(self, field: str, value: str, kind: str = "full", seed: int = 1) -> Paper:
        hand.mark(self.picture, self._bubble(field, value), kind, np.random.default_rng(seed), PX_PER_MM)
        return self

    def line(self, field: str, value: str, start: tuple[float, float], end: tuple[float, float]) -> Paper:
        """A straight stroke of a fine pen; start, end: from the middle of this bubble, in its radii."""
        x, y, radius = (bubble := self._bubble(field, value)).x_mm, bubble.y_mm, bubble.d_mm / 2
        left, top, right, bottom = (
            round((middle + radius * off) * PX_PER_MM)
            for middle, off in ((x, start[0]), (y, start[1]), (x, end[0]), (y, end[1]))
        )
        cv2.line(self.picture, (left, top), (right, bottom), (40,), round(0.4 * PX_PER_MM), cv2.LINE_AA)
        return self

    def erase(self, field: str, value: str, seed: int = 1) -> Paper:
        hand.erase(self.picture, self._bubble(field, value), np.random.default_rng(seed), PX_PER_MM)
        return self

    def write(self, text: str, start: int = 0, seed: int = 1) -> Paper:
        rng = np.random.default_rng(seed)
        for cell, letter in zip(layout(self.form).comb[start:], text, strict=False):
            hand.write(self.picture, letter, (cell.x, cell.y, cell.width, cell.height), rng, PX_PER_MM)
        return self

    def seen(self, level: int = 0, seed: int = 1) -> Picture:
        places = layout(self.form)
        return shoot(self.picture, level, np.random.default_rng(seed), card_mm=(places.width, places.height)).image

    def shots(self, n: int, level: int = 0, seed: int = 1) -> list[Shot]:
        """Photographs of it as it lies there, with other noise each time."""
        places = layout(self.form)
        return shoot_many(self.picture, level, np.random.default_rng(seed), n, card_mm=(places.width, places.height))

    def _bubble(self, field: str, value: str) -> hand.Bubble:
        return next(hand.Bubble(*b) for b in layout(self.form).bubbles if (b.field, b.value) == (field, value))


def paper(form: PenForm, filled: Sequence[Mark] = (), kind: str = "full", serial: int = 7) -> Paper:
    blank = Paper(form, sheet_picture(pen_card(form, PenCard(CardId(form.id, serial)))).copy())
    for number, (field, value) in enumerate(sorted(filled)):
        blank.mark(field, value, kind, seed=number)
    return blank


def without_ink(written: Written) -> Written:
    return Written(**{name: getattr(written, name) for name in written.__struct_fields__} | {"payload": b""})
