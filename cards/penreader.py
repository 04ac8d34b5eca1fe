"""What is marked on a pen card: decisions that are never guesses.

A bubble is marked, empty, or neither of the two; a field is read when each of its bubbles is one of the first two, and
refused by name otherwise. What counts as a mark was measured with pens, pencils and markers of many strengths (see
docs/reading.md). Between the faintest mark and the strongest trace of a rubber there is room, and what falls there is
refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import fields as fields_of
from functools import lru_cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from cards.combreader import CombRead, comb_read, handwriting
from cards.decoder import Code, Picture
from cards.filling import Misfilled, ink, place, written
from cards.inkmeter import Inked, measure, neighbours
from cards.packet import Written
from cards.payload import Payload
from cards.penform import Field, PenForm
from cards.penlayout import layout
from cards.plane import Grey
from cards.qrcode import modules
from cards.registration import Unregistered, register

COMB = "comb"
"""The name of the comb among the fields."""

_STROKE_MEAN, _STROKE_DARK = 0.10, 0.20
"""A stroke: it covers at least so much, and its darkest part is so dark."""
_SHADE_MEAN, _SHADE_DARK = 0.15, 0.165
"""A light shade, as of a soft pencil: it covers more."""
_EMPTY_MEAN, _EMPTY_DARK = 0.04, 0.12
"""Nothing: what noise and blur leave."""
_HAZE, _NO_SPREAD = 0.06, 0.02
"""Nor is it more than haze where no part of the ink stands out, so that it has no shape (see `inkmeter`)."""
_NOISY, _NOISIEST = 1.6, 0.18
"""In a noisy picture, nothing is as dark as so many times what most bubbles are that nobody marked; but not darker."""
_TRACE_DARK = {"one": 0.18, "any": 0.07}
"""The trace of a mark that was taken back is not darker; where any number may be marked, nothing else tells."""
_TRACE_PART = 0.42
"""Nor is it darker, or covers it more, than this part of the marks of the same hand."""
_TRACE_BROAD = 0.55
"""A trace is smeared: its mean is at least this part of its darkest. The end of a stroke that misses is not."""
_TRACE_LONG, _TRACE_SPREAD, _SHAPELESS = 1.7, 0.28, 0.08
"""Nor is it as long beside its width, or as small, as what was drawn by a pen and is pale for some other reason. How
long it is cannot be told when it is no darker than the last.
"""
_TRACE_SEEN = 0.04
"""What is fainter is nothing, or glare has washed it out."""
_TRACE_SHARP, _TRACE_RING = 0.55, 0.75
"""How well rings must be seen before anything is taken for a trace; and that of the bubble itself, beside most."""
_MOST_AROUND = 0.33
"""Darkness of the paper around a bubble beside that of the card: a finger, or the edge of a hard shadow."""
_MOST_SHADE = 0.9
"""What is hardly darker than the darker part of the paper around it, and does not fill the bubble, may be the edge of
glare or of a shadow.
"""
_SHARP = 0.7
"""How well most rings are seen in a sharp picture."""
_LEAST_RING, _LEAST_RING_PART, _LEAST_RINGS_NEAR = 0.0, 0.6, 0.22
"""How well the ring of an empty bubble must be seen in a blurred picture; in a sharp one, beside most of its rings; and
those around it in the mean. Glare hides a ring together with the mark in it, and so does a mark that is hardly to be
seen, or that lies mostly beside its bubble.
"""
_LEAST_RINGS = 0.4
"""How well most rings of empty bubbles must be seen: else the form is not where it seems to be."""
_PALE = 0.15
"""A mark that covers less than this part of what marks of the same hand cover may be a slip of the pen."""
_WIPED = 0.35
"""A light shade that is less dark than this part of them may be what a cloth has left."""
_STRAIGHT, _LONG = 0.10, 3.0
"""A straight stroke is bent by less, and so many times as long as wide: a slip of the pen, as a tick is bent and a
cross is as wide as long.
"""
_THIN_LONG, _THIN_MEAN = 2.2, 0.16
"""So is one that covers less than this, and is less long: blur makes it wider."""
_THROUGH_SPREAD, _THROUGH_LONG, _THROUGH_BEND = 0.6, 2.5, 0.15
"""So is a line that runs through a bubble and goes on at both sides."""
_ASIDE, _ASIDE_MEAN = 0.5, 0.15
"""What lies so far from the middle of its bubble, and covers so little, passes by."""
_SPOT_SPREAD = 0.22
"""A spot spreads so little."""
_SMEARED_SPREAD, _SMEARED_DARK = 0.52, 0.20
"""What was smeared, half wiped away, is wider than a mark made as lightly."""
_FILLED = 0.4
"""What covers so much is no slip, whatever its shape."""
_STRAY_MEAN, _STRAY_PART, _STRAY_RING = 0.13, 0.33, 0.5
"""Where one is to be marked and one is, for sure, a straight thin line in another is the end of a stroke: it covers no
more than this, and than this part of what the mark covers, and its ring is still to be seen beside most.
"""
_SURE_MEAN, _SURE_ASIDE = 0.3, 0.4
"""Such a mark covers at least so much, and lies no farther from the middle."""


@dataclass(frozen=True, slots=True)
class FieldRead:
    """A field: its marked `values` with a confidence, 0 to 1; or `refused`, which says why it is not read.

    blank: it is refused because nothing is marked there, for sure; some fields may be left so.
    """

    values: tuple[str, ...]
    confidence: float
    refused: str | None = None
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from a card of `form`, in one picture or several. picture: PNG of the comb, if it has ink."""

    form: PenForm
    inked: Inked
    fields: Mapping[str, FieldRead]
    comb: CombRead
    picture: bytes

    def written(self) -> Written:
        """What the card says. `filling.Misfilled` says why it says nothing: `card.unclear` when a field was refused."""
        for field in self.form.fields:
            read = self.fields[field.name]
            if read.refused is not None and not read.blank:
                raise Misfilled(read.refused, "card.unclear")
        return written(self.form, {name: read.values for name, read in self.fields.items()}, self._payload())

    def _payload(self) -> Payload:
        if self.comb.refused is not None:
            raise Misfilled(self.comb.refused, "card.unclear")
        cells = self.comb.cells
        gap = next((n for n, cell in enumerate(cells) if cell != n), None)
        if gap is not None:
            raise Misfilled(f"cell {gap + 1} of DATA is empty, and others behind it are not: a space is a dash")
        return ink(len(cells), self.picture)


def read_pen_card(grey: Picture, code: Code, form: PenForm) -> Reading:
    """The marks on a card whose code was found. `registration.Unregistered` says why the form cannot be made out."""
    card = register(grey, code, form, modules(code.text))
    inked = measure(card, form)
    return decided(form, inked, handwriting(card, form, inked))


def combined(readings: Sequence[Reading]) -> Reading:
    """Several readings of one card, of one form, as one: what blur or a passing hand did to one of them is outvoted."""
    last = readings[-1]
    if len(readings) == 1:
        return last
    inked = Inked(*(_median([getattr(r.inked, part.name) for r in readings]) for part in fields_of(Inked)))
    return decided(last.form, inked, last.picture)


def _median(parts: list[Grey]) -> Grey:
    return cast(Grey, np.median(np.stack(parts), axis=0).astype(np.float32))


def decided(form: PenForm, inked: Inked, picture: bytes) -> Reading:
    """What ink says that was measured. Unregistered when the bubbles cannot be made out in it."""
    strokes = (inked.mean >= _STROKE_MEAN) & (inked.dark >= _STROKE_DARK)
    shades = (inked.mean >= _SHADE_MEAN) & (inked.dark >= _SHADE_DARK)
    seen = inked.around <= _MOST_AROUND
    lit = (inked.shade <= _MOST_SHADE * inked.dark) | (inked.mean >= _FILLED)
    marked = (strokes | shades) & seen & lit
    empty = seen & (_rings_near(form, inked, marked) >= _LEAST_RINGS_NEAR) & ~marked
    sharpness = 1.0 if marked.all() else float(np.median(inked.ring[~marked]))
    ringed = inked.ring >= (_LEAST_RING_PART * sharpness if sharpness >= _SHARP else _LEAST_RING)
    darkest = _darkest_empty(inked.dark[~marked])
    haze = (inked.spread <= _NO_SPREAD) & (inked.mean <= _HAZE) & (inked.dark <= _HAZE)
    nothing = (((inked.mean <= _EMPTY_MEAN) & (inked.dark <= darkest)) | haze) & ringed & empty
    if sharpness < _LEAST_RINGS:
        raise Unregistered("the bubbles cannot be made out: hold the card still, flat, and in good light")
    usual = _usual(inked, np.flatnonzero(marked))
    slips = _slips(inked)
    fields: dict[str, FieldRead] = {}
    for field, at in zip(form.fields, _bubbles_of(form), strict=True):
        own = at[marked[at]]
        traces = _traces(inked, at, _usual(inked, own) if len(own) else usual, _TRACE_DARK[field.marks])
        taken_back = traces & empty[at] & (inked.ring[at] >= _TRACE_RING * sharpness) & (sharpness >= _TRACE_SHARP)
        pale = (inked.mean[at] < _PALE * usual[0]) | (~strokes[at] & (inked.dark[at] < _WIPED * usual[1]))
        sure = marked[at] & ~slips[at] & ~pale
        strays = _strays(inked, at, at[sure]) & seen[at] & (inked.ring[at] >= _STRAY_RING * sharpness)
        no = nothing[at] | taken_back | (strays if field.marks == "one" else False)
        fields[field.name] = _field(field, sure, no, _confidence(inked, at))
    return Reading(form, inked, fields, comb_read(inked), picture)


@lru_cache(maxsize=32)
def _bubbles_of(form: PenForm) -> tuple[NDArray[np.int64], ...]:
    """Which bubbles each field has."""
    names = np.array([bubble.field for bubble in layout(form).bubbles])
    return tuple(np.flatnonzero(names == field.name) for field in form.fields)


def _rings_near(form: PenForm, inked: Inked, marked: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How well rings can be made out around each bubble; one alone may be too faint to tell."""
    near = neighbours(form)
    counts = ~marked[near]
    total = np.maximum(counts.sum(axis=1), 1)
    return np.asarray((inked.ring[near] * counts).sum(axis=1) / total)


def _usual(inked: Inked, marked: NDArray[np.int64]) -> tuple[float, float]:
    """How much a mark of this hand covers, and how dark it is: the lighter ones. marked: which bubbles are."""
    if not len(marked):
        return 0.0, 0.0
    lighter = len(marked) // 4
    return float(np.sort(inked.mean[marked])[lighter]), float(np.sort(inked.dark[marked])[lighter])


def _darkest_empty(dark: Grey) -> float:
    """How dark nothing can be, by what bubbles have that nobody marked."""
    if not len(dark):
        return _EMPTY_DARK
    return float(np.clip(_NOISY * np.percentile(dark, 90), _EMPTY_DARK, _NOISIEST))


def _slips(inked: Inked) -> NDArray[np.bool_]:
    """What has the shape of a slip of the pen: a straight stroke, a spot, what passes by; or was smeared by a cloth."""
    straight = (inked.bend < _STRAIGHT) & (
        (inked.long > _LONG) | ((inked.long > _THIN_LONG) & (inked.mean < _THIN_MEAN))
    )
    through = (inked.spread > _THROUGH_SPREAD) & (inked.long > _THROUGH_LONG) & (inked.bend < _THROUGH_BEND)
    passing = (inked.aside > _ASIDE) & (inked.mean < _ASIDE_MEAN)
    smeared = (inked.spread > _SMEARED_SPREAD) & (inked.dark < _SMEARED_DARK)
    return np.asarray((inked.mean < _FILLED) & (straight | through | passing | smeared | (inked.spread < _SPOT_SPREAD)))


def _strays(inked: Inked, at: NDArray[np.int64], marked: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of these bubbles have the end of a stroke that was meant for another. marked: which are, for sure."""
    if len(marked) != 1 or inked.mean[marked[0]] < _SURE_MEAN or inked.aside[marked[0]] > _SURE_ASIDE:
        return np.zeros(len(at), np.bool_)
    thin = inked.mean[at] < min(_STRAY_MEAN, _STRAY_PART * float(inked.mean[marked[0]]))
    return np.asarray(thin & (inked.long[at] > _LONG) & (inked.bend[at] < _STRAIGHT))


def _traces(inked: Inked, at: NDArray[np.int64], hand: tuple[float, float], darkest: float) -> NDArray[np.bool_]:
    """Which of these bubbles have what is left of a mark that was taken back."""
    most_mean, most_dark = (_TRACE_PART * usual for usual in hand)
    mean, dark = inked.mean[at], inked.dark[at]
    pale = (mean <= most_mean) & (dark <= min(darkest, most_dark)) & (np.maximum(mean, dark) >= _TRACE_SEEN)
    drawn = ((inked.long[at] > _TRACE_LONG) & (dark > _SHAPELESS)) | (inked.spread[at] < _TRACE_SPREAD)
    return np.asarray(pale & (mean >= _TRACE_BROAD * dark) & ~drawn)


def _field(field: Field, marked: NDArray[np.bool_], empty: NDArray[np.bool_], confidence: float) -> FieldRead:
    values = tuple(value for value, yes in zip(field.values, marked, strict=True) if yes)
    unsure = [value for value, yes, no in zip(field.values, marked, empty, strict=True) if not yes and not no]
    where = place(field.name)
    if unsure:
        return FieldRead((), 0.0, f"{unsure[0]} under {where} is not for sure: fill it completely, or rub it out")
    if field.marks == "one" and not values:
        return FieldRead((), confidence, f"nothing is marked under {where}", blank=True)
    if field.marks == "one" and len(values) > 1:
        return FieldRead(
            (), 0.0, f"{_number(len(values))} are marked under {where}: {' and '.join(values)}; one is right"
        )
    return FieldRead(values, confidence)


def _number(count: int) -> str:
    return {2: "two", 3: "three", 4: "four"}.get(count, str(count))


def _confidence(inked: Inked, at: NDArray[np.int64]) -> float:
    """How far the closest bubble is from what would be refused: 0 to 1."""
    middle = (_EMPTY_DARK + _STROKE_DARK) / 2
    off = np.abs(inked.dark[at] - middle) / middle
    return round(float(np.clip(off.min(), 0, 1)), 3)
