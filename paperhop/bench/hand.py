"""A model of a hand: it marks the bubbles of a card and writes into its cells, on a flat picture of the card.

Every stroke is a jittered line with a pressure that varies along it, drawn with smooth edges. Ink multiplies what the
paper has (a grey picture, 0 black to 255 white), in place. Lengths are millimetres, darkness 0 none to 1 black. All
chance comes from the generator that is passed in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from paperhop.bench.glyphs import GLYPHS

Picture = NDArray[np.uint8]
_Points = NDArray[np.float64]
_Layer = NDArray[np.float32]

AIM_MM = 0.35
"""How far a hand is off where it aims: the standard deviation along each axis."""
_FINE = 2
_SHIFT = 4


@dataclass(frozen=True, slots=True)
class Bubble:
    """A bubble to be marked. x_mm, y_mm: its middle; d_mm: the diameter of its ring."""

    field: str
    value: str
    x_mm: float
    y_mm: float
    d_mm: float


@dataclass(frozen=True, slots=True)
class Hand:
    """One person with one pen. pen_mm: width of its stroke; ink: its darkness; aim_mm: see `AIM_MM`."""

    pen_mm: float = 0.6
    ink: float = 0.9
    aim_mm: float = AIM_MM


def any_hand(rng: np.random.Generator, aim_mm: float = AIM_MM) -> Hand:
    """Somebody with a pen of 0.4 to 0.9 mm and ink of a darkness from 0.75 to 1."""
    return Hand(float(rng.uniform(0.4, 0.9)), float(rng.uniform(0.75, 1.0)), aim_mm)


@dataclass(frozen=True, slots=True)
class Profile:
    """How people fill in their cards.

    kinds: how often each kind of mark occurs. For each mark made: erased, wiped: how often another bubble of the
    same field has been rubbed out, wiped; stray: how often the pen slips somewhere else.
    """

    kinds: Mapping[str, float]
    erased: float = 0.0
    wiped: float = 0.0
    stray: float = 0.0
    aim_mm: float = AIM_MM


PROFILES = {
    "careful": Profile({"full": 0.7, "sloppy": 0.3}),
    "mixed": Profile(
        {"full": 0.55, "sloppy": 0.15, "cross": 0.12, "tick": 0.08, "pencil": 0.10}, erased=0.04, stray=0.03
    ),
    "hostile": Profile(
        {"full": 0.2, "sloppy": 0.2, "cross": 0.2, "tick": 0.15, "pencil": 0.15, "dot": 0.1},
        erased=0.12,
        stray=0.1,
        aim_mm=0.5,
    ),
    "whiteboard": Profile({"marker": 1.0}, wiped=0.15, stray=0.02),
}


def fill_in(
    picture: Picture,
    chosen: Sequence[Bubble],
    others: Sequence[Bubble],
    profile: Profile,
    rng: np.random.Generator,
    px_per_mm: float,
) -> list[str]:
    """One person marks the `chosen` bubbles; some of the `others` were marked before. The kinds used."""
    hand = any_hand(rng, profile.aim_mm)
    names = list(profile.kinds)
    weights = np.array([profile.kinds[name] for name in names])
    kinds = [names[int(n)] for n in rng.choice(len(names), len(chosen), p=weights / weights.sum())]
    for bubble, kind in zip(chosen, kinds, strict=True):
        neighbours = [other for other in others if other.field == bubble.field]
        for chance, undo in ((profile.erased, erase), (profile.wiped, half_wiped)):
            if rng.random() < chance and neighbours:
                undo(picture, neighbours[int(rng.integers(len(neighbours)))], rng, px_per_mm, hand)
        mark(picture, bubble, kind, rng, px_per_mm, hand)
        if rng.random() < profile.stray:
            stray(picture, rng, px_per_mm, hand)
    return kinds


def mark(
    picture: Picture,
    bubble: Bubble,
    kind: str,
    rng: np.random.Generator,
    px_per_mm: float,
    hand: Hand | None = None,
) -> None:
    """Mark a bubble: `full`, `sloppy`, `cross`, `tick`, `pencil`, `marker` or `dot` (else KeyError).

    hand: whose; without one, anybody's (`any_hand`).
    """
    hand = hand or any_hand(rng)
    _MARKS[kind](bubble.d_mm / 2, hand, rng).onto(picture, _aimed(bubble, hand, rng), rng, px_per_mm)


def erase(
    picture: Picture, bubble: Bubble, rng: np.random.Generator, px_per_mm: float, hand: Hand | None = None
) -> None:
    """A pencil mark rubbed out: a smeared ghost of 5 to 12 % darkness."""
    hand = hand or any_hand(rng)
    ghost = _pencil(bubble.d_mm / 2, hand, rng)
    ghost.smear_mm, ghost.peak = float(rng.uniform(0.8, 2.5)), float(rng.uniform(0.05, 0.12))
    ghost.onto(picture, _aimed(bubble, hand, rng), rng, px_per_mm)


def half_wiped(
    picture: Picture, bubble: Bubble, rng: np.random.Generator, px_per_mm: float, hand: Hand | None = None
) -> None:
    """A whiteboard mark wiped away: streaks of 5 to 20 % darkness, drawn out the way that the cloth went."""
    hand = hand or any_hand(rng)
    streaks = _marker(bubble.d_mm / 2, hand, rng)
    streaks.smear_mm, streaks.peak, streaks.grain = float(rng.uniform(3, 9)), float(rng.uniform(0.05, 0.2)), 0.8
    streaks.onto(picture, _aimed(bubble, hand, rng), rng, px_per_mm)


def stray(picture: Picture, rng: np.random.Generator, px_per_mm: float, hand: Hand | None = None) -> None:
    """The pen slips: a line of 4 to 50 mm, or a spot of up to 2 mm, anywhere on the card."""
    hand = hand or any_hand(rng)
    where = rng.uniform(0, 1, 2) * np.array(picture.shape[::-1]) / px_per_mm
    if rng.random() < 0.3:
        ink = _dot(float(rng.uniform(0.5, 2.5)), hand, rng)
    else:
        length, bend = rng.uniform(4, 50), rng.normal(0, 0.1)
        along = np.linspace(-0.5, 0.5, 12)
        line = np.stack([along, bend * (1 - 4 * along**2)], axis=1) * length
        ink = _Ink([line @ _turn(rng.uniform(0, math.tau))], hand.pen_mm * rng.uniform(0.6, 1.1), hand.ink)
    ink.onto(picture, where, rng, px_per_mm)


def write(
    picture: Picture,
    letter: str,
    box_mm: tuple[float, float, float, float],
    rng: np.random.Generator,
    px_per_mm: float,
    hand: Hand | None = None,
) -> None:
    """Write a digit, a letter, a mark of punctuation or a space's mark into a box (x, y, width, height).

    Capitals are written as large small letters. ValueError for what this hand has never learnt.
    """
    strokes = GLYPHS.get(letter.lower())
    if strokes is None:
        raise ValueError(f"this hand cannot write {letter!r}")
    hand = hand or any_hand(rng)
    x, y, width, height = box_mm
    tall = height * rng.uniform(0.55, 0.85)
    wide = min(width * rng.uniform(0.45, 0.8), tall * 0.8)
    lean = np.array([[1.0, 0.0], [rng.normal(-0.15, 0.12), 1.0]])
    # A letter is placed, sized and slanted as a whole, then each of its points wanders.
    size = np.array([wide, tall])
    lines = [
        ((np.array(stroke) - 0.5) * size + rng.normal(0, 0.035, (len(stroke), 2)) * tall) @ lean for stroke in strokes
    ]
    middle = np.array([x + width / 2, y + height / 2]) + rng.normal(0, hand.aim_mm, 2)
    _Ink([_smooth(line) for line in lines], hand.pen_mm * 0.9, hand.ink).onto(picture, middle, rng, px_per_mm)


@dataclass(slots=True)
class _Ink:
    """Strokes around the origin, and what they are drawn with.

    grain: how unevenly it takes to the paper. streak: whether that follows the first stroke. smear_mm: how far it was
    rubbed, and peak: what is left then of its darkness.
    """

    lines: list[_Points]
    width_mm: float
    darkness: float
    grain: float = 0.06
    streak: bool = False
    smear_mm: float = 0.0
    peak: float = 0.0
    bleed_mm: float = 0.0

    def onto(self, picture: Picture, at: _Points, rng: np.random.Generator, px_per_mm: float) -> None:
        lines = [_unsteady(line + at, rng) for line in self.lines]
        reach = self.width_mm + self.smear_mm * 1.5 + self.bleed_mm + 0.5
        points = np.concatenate(lines)
        height, width = picture.shape
        left, top = np.floor((points.min(axis=0) - reach) * px_per_mm).astype(int).clip(0)
        right, bottom = np.minimum(np.ceil((points.max(axis=0) + reach) * px_per_mm).astype(int), (width, height))
        if left >= right or top >= bottom:
            return
        fine = np.zeros(((bottom - top) * _FINE, (right - left) * _FINE), np.uint8)
        scale = px_per_mm * _FINE
        for line in lines:
            _draw(fine, (line - np.array([left, top]) / px_per_mm) * scale, self.width_mm * scale, self.darkness, rng)
        ink = cv2.resize(fine, (right - left, bottom - top), interpolation=cv2.INTER_AREA) / np.float32(255)
        angle = math.atan2(*(lines[0][-1] - lines[0][0])[::-1]) if self.streak else rng.uniform(0, math.tau)
        if self.bleed_mm:
            ink = np.maximum(ink, cv2.GaussianBlur(ink, (0, 0), self.bleed_mm * px_per_mm) * np.float32(0.9))
        if self.smear_mm:
            ink = _smeared(ink, self.smear_mm * px_per_mm, angle)
            ink *= self.peak / max(float(ink.max()), 1e-3)
        ink *= _texture(ink.shape, self.grain, px_per_mm, angle if self.streak or self.smear_mm else None, rng)
        part = picture[top:bottom, left:right]
        part[:] = (part * (1 - ink.clip(0, 1))).round().astype(np.uint8)


def _draw(fine: Picture, line: _Points, width: float, darkness: float, rng: np.random.Generator) -> None:
    """A stroke, its segments from the lightest to the darkest, so that the darkest shows where they cross."""
    count = len(line) - 1
    pressure = _wander(count, rng)
    dark = (255 * darkness * (1 + 0.1 * pressure)).clip(0, 255)
    wide = np.maximum(1, np.rint(width * (1 + 0.12 * pressure))).astype(int)
    ends = np.rint(line * (1 << _SHIFT)).astype(int)
    for n in np.argsort(dark):
        start, end = (cast(Sequence[int], ends[m].tolist()) for m in (n, n + 1))
        cv2.line(fine, start, end, (float(dark[n]),), int(wide[n]), cv2.LINE_AA, _SHIFT)


def _unsteady(line: _Points, rng: np.random.Generator) -> _Points:
    """A line in steps of a third of a millimetre or so, with the tremor of a hand."""
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    way = np.concatenate([[0.0], np.cumsum(steps)])
    count = max(3, int(way[-1] / 0.3) + 1)
    at = np.linspace(0, way[-1], count)
    dense = np.stack([np.interp(at, way, line[:, axis]) for axis in (0, 1)], axis=1)
    return dense + 0.05 * np.stack([_wander(count, rng), _wander(count, rng)], axis=1)


def _wander(count: int, rng: np.random.Generator) -> _Points:
    """A smooth random course of `count` values with a deviation of about 1."""
    knots = rng.standard_normal(count // 6 + 3)
    return np.interp(np.linspace(0, len(knots) - 1, count), np.arange(len(knots)), knots)


def _smooth(line: _Points) -> _Points:
    """A curve through the points (Catmull-Rom)."""
    if len(line) < 3:
        return line
    ends = np.concatenate([[2 * line[0] - line[1]], line, [2 * line[-1] - line[-2]]])
    t = np.linspace(0, 1, 6, endpoint=False)[:, None]
    pieces = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False)
    ]
    return np.concatenate([*pieces, line[-1:]])


def _texture(
    shape: tuple[int, ...], grain: float, px_per_mm: float, along: float | None, rng: np.random.Generator
) -> _Layer:
    """What part of the ink the paper takes: around 1 - grain / 2, in grains of 0.15 mm, or in streaks."""
    noise = cast(_Layer, cv2.GaussianBlur(rng.standard_normal(shape, np.float32), (0, 0), 0.08 * px_per_mm))
    if along is not None:
        noise = _smeared(noise, 4 * px_per_mm, along)
    noise /= max(float(noise.std()), 1e-6)
    return cast(_Layer, (1 - grain / 2 + noise * grain / 2).clip(0.02, 1.0).astype(np.float32))


def _smeared(layer: _Layer, length: float, angle: float) -> _Layer:
    half = max(1, int(length / 2))
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    end = (half + half * math.cos(angle), half + half * math.sin(angle))
    start = (2 * half - end[0], 2 * half - end[1])
    cv2.line(kernel, (round(start[0]), round(start[1])), (round(end[0]), round(end[1])), (1.0,), 1, cv2.LINE_AA)
    return cast(_Layer, cv2.filter2D(layer, -1, kernel / kernel.sum(), borderType=cv2.BORDER_CONSTANT))


def _aimed(bubble: Bubble, hand: Hand, rng: np.random.Generator) -> _Points:
    return np.array([bubble.x_mm, bubble.y_mm]) + rng.normal(0, hand.aim_mm, 2)


def _turn(angle: float) -> _Points:
    return np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])


def _scribble(radius: float, pitch: float, rng: np.random.Generator) -> _Points:
    """To and fro over a disc."""
    rows = np.arange(-radius + pitch / 3, radius - pitch / 4, pitch)
    half = np.sqrt(radius**2 - rows**2)
    sides = np.where(np.arange(len(rows)) % 2, -1, 1) * half * rng.uniform(0.8, 1.15, len(rows))
    there = np.stack([-sides, rows + rng.normal(0, pitch / 6, len(rows))], axis=1)
    back = np.stack([sides, rows + rng.normal(0, pitch / 6, len(rows))], axis=1)
    return np.stack([there, back], axis=1).reshape(-1, 2) @ _turn(rng.uniform(0, math.tau))


def _circle(radius: float, rng: np.random.Generator) -> _Points:
    angle = np.linspace(0, math.tau * rng.uniform(0.95, 1.15), 28) + rng.uniform(0, math.tau)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius * rng.uniform(0.93, 1.07, (1, 2))


def _full(radius: float, hand: Hand, rng: np.random.Generator) -> _Ink:
    room = max(radius * rng.uniform(0.9, 1.08) - hand.pen_mm / 2, 0.2)
    return _Ink([_circle(room, rng), _scribble(room, hand.pen_mm * rng.uniform(0.65, 0.9), rng)], hand.pen_mm, hand.ink)


def _sloppy(radius: float, hand: Hand, rng: np.random.Generator) -> _Ink:
    room = max(radius * rng.uniform(0.8, 1.2) - hand.pen_mm / 3, 0.3)
    return _Ink([_scribble(room, max(hand.pen_mm * rng.uniform(1.2, 2.0), room / 4), rng)], hand.pen_mm, hand.ink)


def _cross(radius: float, hand: Hand, rng: np.random.Generator) -> _Ink:
    def bar(angle: float) -> _Points:
        half = radius * rng.uniform(0.75, 1.35)
        return np.array([[-half, 0.0], [0.0, rng.normal(0, 0.1)], [half, 0.0]]) @ _turn(angle) + rng.normal(0, 0.15, 2)

    lean = rng.normal(0, 0.15)
    return _Ink([bar(sign * math.pi / 4 + rng.normal(lean, 0.15)) for sign in (1, -1)], hand.pen_mm, hand.ink)


def _tick(radius: float, hand: Hand, rng: np.random.Generator) -> _Ink:
    """Down into the bubble, then up to the right, out of it by as much as one and a half diameters."""
    foot = np.array([rng.normal(-0.1, 0.2), rng.uniform(0.2, 0.8)]) * radius
    start = foot + np.array([-rng.uniform(0.5, 1.1), -rng.uniform(0.5, 1.1)]) * radius
    out, rise = radius * (1 + rng.uniform(0, 3)), math.radians(rng.uniform(40, 65))
    end = np.array([math.cos(rise), -math.sin(rise)]) * out
    line = np.stack([start, foot, (foot + end) / 2 + rng.normal(0, 0.1, 2), end])
    return _Ink([line + rng.normal(0, 0.25, 2)], hand.pen_mm, hand.ink)


def _pencil(radius: float, hand: Hand, rng: np.random.Generator) -> _Ink:
    width = rng.uniform(0.5, 1.0)
    room = max(radius * rng.uniform(0.85, 1.1) - width / 2, 0.3)
    return _Ink([_scribble(room, width * rng.uniform(0.7, 1.1), rng)], width, float(rng.uniform(0.3, 0.6)), grain=0.35)


def _marker(radius: float, hand: Hand, rng: np.random.Generator) -> _Ink:
    """A whiteboard pen: one wide stroke, or two or three, over the bubble."""
    width = float(rng.uniform(1.5, 2.5))
    room = max(radius * rng.uniform(0.7, 1.1) - width / 3, 0.4)
    return _Ink(
        [_scribble(room, width * rng.uniform(0.6, 1.0), rng)] if room > 0.5 * width else [_circle(room, rng)],
        width,
        hand.ink,
        grain=0.25,
        streak=True,
        bleed_mm=float(rng.choice([0.0, 0.0, 0.15])),
    )


def _dot(radius: float, hand: Hand, rng: np.random.Generator) -> _Ink:
    return _Ink([_circle(max(radius * rng.uniform(0.1, 0.3), 0.1), rng)], hand.pen_mm, hand.ink)


_MARKS = {
    "full": _full,
    "sloppy": _sloppy,
    "cross": _cross,
    "tick": _tick,
    "pencil": _pencil,
    "marker": _marker,
    "dot": _dot,
}
KINDS = tuple(_MARKS)
"""The kinds of marks that `mark` makes."""
