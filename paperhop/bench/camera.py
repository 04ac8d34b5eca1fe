"""Photographs of a card as the camera of a badge takes them, from level 0 (flat and sharp) to 4 (hardly readable).

What happens to the light happens in linear light, in the order in which it does: paper and table, what lies on them,
lamp and shadows, lens, sensor, and what a cheap camera makes of it (gamma, sharpening, JPEG). Everything random comes
from the generator that is passed in, so the same seed gives the same picture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from paperhop.bench.lens import Points, View, rotation
from paperhop.bench.scenery import Light, capsule, finger_at_corner, hand_at_edge, table

Picture = NDArray[np.uint8]

CARD_MM = (148.0, 105.0)
PX_PER_MM = 300 / 25.4
FRAME = (1280, 720)
_STEP = 8
_MARGIN_MM = 6.0
"""Around a card, for its shadow."""
_PAPER = 0.82
_SUPERSAMPLING = 1.25
_DECODED = ((np.arange(256) / 255.0) ** 2.2).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Level:
    """How hard photographs are: each pair is a range, from which each photograph draws.

    tilt, turn: degrees. fill: the card's longer side as a part of the frame's width. defocus: radius, and motion:
    length, in pixels. gradient: the part of the light lost across the frame, at most. curl_mm: how far the card's
    middle stands out, at most. finger, hand, shadow: how often there is one.
    """

    tilt: tuple[float, float]
    turn: float
    fill: tuple[float, float]
    defocus: tuple[float, float]
    motion: tuple[float, float]
    gradient: float
    curl_mm: float
    finger: float = 0.0
    hand: float = 0.0
    shadow: float = 0.0
    noise: float = 1.0


LEVELS = (
    Level((0, 8), 8, (0.45, 0.7), (0, 0.5), (0, 0.5), 0.1, 0.5, noise=0.5),
    Level((0, 20), 20, (0.45, 0.7), (0.3, 1.0), (0, 1.5), 0.25, 1.5, shadow=0.7),
    Level((10, 32), 180, (0.45, 0.7), (0.3, 1.6), (0, 4), 0.4, 4.0, finger=0.25, shadow=0.5),
    Level((20, 42), 180, (0.4, 0.6), (0.5, 1.8), (1, 7), 0.5, 4.0, hand=0.5, shadow=0.6, noise=1.3),
    Level((35, 50), 180, (0.3, 0.5), (0.8, 2.0), (2, 12), 0.5, 5.0, hand=0.8, shadow=0.6, noise=1.6),
)


@dataclass(frozen=True, slots=True)
class Shot:
    """A photograph. image: grey (height, width)."""

    image: Picture
    _view: View
    _hidden: NDArray[np.bool_]

    def to_px(self, points_mm: Points) -> Points:
        """Where points of the card (n, 2), in millimetres from its top left corner, are in the image (x, y)."""
        return self._view.to_px(points_mm)

    def covered(self, x_mm: float, y_mm: float, r_mm: float) -> bool:
        """Whether any of a disc on the card is behind a finger or outside the frame."""
        angle = np.linspace(0, math.tau, 12, endpoint=False)
        rim = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        disc = np.concatenate([rim * part for part in np.linspace(0, 1, 2 + int(r_mm / 2))]) * r_mm
        x, y = np.rint(self.to_px(disc + np.array([x_mm, y_mm]))).astype(int).T
        height, width = self._hidden.shape
        inside = (x >= 1) & (y >= 1) & (x < width - 1) & (y < height - 1)
        return not inside.all() or bool(self._hidden[y, x].any())


def shoot(
    card: Picture,
    level: int,
    rng: np.random.Generator,
    size: tuple[int, int] = FRAME,
    card_mm: tuple[float, float] = CARD_MM,
    px_per_mm: float = PX_PER_MM,
    also: Sequence[Picture] = (),
    laminated: bool = False,
) -> Shot:
    """A photograph of a card, given as a flat grey picture with what was printed and written on it.

    size: of the frame, (width, height). also: pictures of further cards that lie beside it. laminated: it shines.
    """
    return shoot_many(card, level, rng, 1, size, card_mm, px_per_mm, also, laminated)[0]


def shoot_many(
    card: Picture,
    level: int,
    rng: np.random.Generator,
    n: int,
    size: tuple[int, int] = FRAME,
    card_mm: tuple[float, float] = CARD_MM,
    px_per_mm: float = PX_PER_MM,
    also: Sequence[Picture] = (),
    laminated: bool = False,
) -> list[Shot]:
    """`n` photographs of a card that lies where it is: a little moved, with new blur and noise each."""
    hard = LEVELS[level]
    others = _beside(card_mm, also, px_per_mm, rng)
    corners = _corners(card_mm)
    if others:
        corners = np.concatenate([corners, *(other.corners() for other in others)])
    view = _view(hard, size, card_mm, corners, rng)
    look = _look(hard, size, card_mm, view, laminated, rng)
    return [
        _expose(card, others, px_per_mm, view if number == 0 else _moved(view, rng), look, hard, rng)
        for number in range(n)
    ]


@dataclass(frozen=True, slots=True)
class _Other:
    """A card beside the first: its picture, where its top left corner is, and how it is turned."""

    picture: Picture
    size_mm: Points
    place: Points
    turned: float

    def axes(self) -> Points:
        cos, sin = math.cos(self.turned), math.sin(self.turned)
        return np.array([[cos, sin], [-sin, cos]])

    def corners(self) -> Points:
        return self.place + _corners((self.size_mm[0], self.size_mm[1])) @ self.axes()


@dataclass(frozen=True, slots=True)
class _Look:
    """What stays the same from one photograph of a card to the next."""

    table: Light
    lamp: Light
    fingers: list[Points]
    skin: float
    card_shadow: tuple[float, float, float]
    glare: Light | None
    paper_level: float
    gamma: float
    contrast: float
    flare: float
    noise: float
    smooth_noise: bool
    halo: tuple[float, float]
    jpeg: int


def _corners(size_mm: tuple[float, float]) -> Points:
    width, height = size_mm
    return np.array([(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)])


def _beside(
    card_mm: tuple[float, float], also: Sequence[Picture], px_per_mm: float, rng: np.random.Generator
) -> list[_Other]:
    others = []
    for number, picture in enumerate(also):
        size = np.array(picture.shape[::-1]) / px_per_mm
        column, row = (number + 1) % 2, (number + 1) // 2
        place = np.array([column * (card_mm[0] + 12), row * (card_mm[1] + 12)]) + rng.uniform(-4, 4, 2)
        others.append(_Other(picture, size, place, rng.normal(0, 0.03)))
    return others


def _view(
    hard: Level, size: tuple[int, int], card_mm: tuple[float, float], corners: Points, rng: np.random.Generator
) -> View:
    """A pose of this level with all the cards in the frame (a corner may just be cut off where any turn goes)."""
    turn = rotation(
        math.radians(rng.uniform(*hard.tilt)),
        rng.uniform(0, math.tau),
        math.radians(rng.uniform(-hard.turn, hard.turn)),
    )
    curl = rng.uniform(0.1, 1.0) * hard.curl_mm
    radius = max(card_mm) ** 2 / (8 * curl) * rng.choice([-1, 1])
    view = View(
        card_mm,
        turn,
        np.zeros(3),
        size,
        radius=float(radius),
        along=float(rng.choice([0.0, math.pi / 2]) + rng.normal(0, 0.3)),
        distortion=float(rng.uniform(-0.06, 0.06)),
    )
    away = view.focal_px * max(card_mm) / (rng.uniform(*hard.fill) * size[0])
    margin = 0.985 if hard.turn < 90 else 1.01
    wish = rng.uniform(-0.5, 0.5, 2)
    shift = np.zeros(2)
    for _ in range(6):
        view = replace(view, place=np.array([*(shift / view.focal_px * away), away]))
        seen = replace(view, radius=1e7).to_px(corners)
        low, high = seen.min(axis=0), seen.max(axis=0)
        away *= max(1.0, float(((high - low) / (margin * np.array(size))).max()))
        slack = (margin * np.array(size) - (high - low)).clip(0)
        shift = shift + (np.array(size) / 2 + wish * slack - (high + low) / 2) * 0.9
    return view


def _moved(view: View, rng: np.random.Generator) -> View:
    nudge = rotation(abs(rng.normal(0, 0.008)), rng.uniform(0, math.tau), rng.normal(0, 0.01))
    return replace(view, turn=view.turn @ nudge, place=view.place + rng.normal(0, 0.6, 3))


def _look(
    hard: Level,
    size: tuple[int, int],
    card_mm: tuple[float, float],
    view: View,
    laminated: bool,
    rng: np.random.Generator,
) -> _Look:
    fingers: list[Points] = []
    if rng.random() < hard.finger:
        fingers += finger_at_corner(card_mm, rng)
    if rng.random() < hard.hand:
        fingers += hand_at_edge(card_mm, rng)
    exposure = rng.random()
    if exposure < 0.12:
        paper_level = rng.uniform(80, 140)
    elif exposure < 0.22:
        paper_level = rng.uniform(245, 275)
    else:
        paper_level = rng.uniform(150, 240)
    angle = rng.uniform(0, math.tau)
    return _Look(
        table=table(size, rng),
        lamp=_lamp(hard, size, view, rng),
        fingers=fingers,
        skin=float(rng.uniform(0.06, 0.45)),
        card_shadow=(math.cos(angle) * rng.uniform(0, 8), math.sin(angle) * rng.uniform(0, 8), rng.uniform(0.1, 0.7)),
        glare=_glare(size, view, rng) if laminated else None,
        paper_level=float(paper_level),
        gamma=float(rng.uniform(1.8, 2.5)),
        contrast=float(rng.uniform(0.0, 0.35)),
        flare=float(rng.uniform(0.0, 0.05)),
        noise=float(10 ** rng.uniform(-4.3, -3.3) * hard.noise),
        smooth_noise=bool(rng.random() < 0.4),
        halo=(float(rng.uniform(0.8, 1.6)), float(rng.choice([0.0, rng.uniform(0.2, 1.2)]))),
        jpeg=int(rng.integers(60, 96)),
    )


def _lamp(hard: Level, size: tuple[int, int], view: View, rng: np.random.Generator) -> Light:
    """How much light falls on each place: a gradient, the lens's darker corners, and soft shadows. At most 1."""
    width, height = size
    y, x = np.mgrid[0:height:4, 0:width:4].astype(np.float32)
    x, y = x / width - 0.5, (y - height / 2) / width
    angle = rng.uniform(0, math.tau)
    across = (x * math.cos(angle) + y * math.sin(angle)) + 0.5
    lamp = 1 - rng.uniform(0.3, 1.0) * hard.gradient * across.clip(0, 1)
    lamp *= 1 - rng.uniform(0.05, 0.6) * (x**2 + y**2)
    if rng.random() < hard.shadow:
        edge = view.to_px(np.array([rng.uniform(0, 1, 2) * view.card_mm]))[0] / width - [0.5, height / width / 2]
        angle, soft = rng.uniform(0, math.tau), 10 ** rng.uniform(-2.3, -0.8)
        way = (
            (x - edge[0]) * math.cos(angle)
            + (y - edge[1]) * math.sin(angle)
            + rng.normal(0, 0.8) * (-(x - edge[0]) * math.sin(angle) + (y - edge[1]) * math.cos(angle)) ** 2
        )
        lamp *= 1 - rng.uniform(0.15, 0.55) / (1 + np.exp(-(way / soft).clip(-20, 20)))
    return cast(Light, cv2.resize(lamp.astype(np.float32), size, interpolation=cv2.INTER_LINEAR))


def _glare(size: tuple[int, int], view: View, rng: np.random.Generator) -> Light:
    """Light that a laminated card mirrors: a veil, and spots of a lamp or a window."""
    width, height = size
    y, x = np.mgrid[0:height:4, 0:width:4].astype(np.float32)
    glare = np.full(x.shape, rng.uniform(0, 0.06), np.float32)
    for _ in range(int(rng.integers(1, 4))):
        at = view.to_px(np.array([rng.uniform(-0.1, 1.1, 2) * view.card_mm]))[0]
        angle, long, short = rng.uniform(0, math.pi), rng.uniform(25, 160), rng.uniform(10, 50)
        along = ((x - at[0]) * math.cos(angle) + (y - at[1]) * math.sin(angle)) / long
        across = (-(x - at[0]) * math.sin(angle) + (y - at[1]) * math.cos(angle)) / short
        glare += 10 ** rng.uniform(-1, 0.5) * np.exp(-((along**2 + across**2) ** rng.uniform(1, 2)))
    return cast(Light, cv2.resize(glare, size, interpolation=cv2.INTER_LINEAR))


def _expose(
    card: Picture,
    others: Sequence[_Other],
    px_per_mm: float,
    view: View,
    look: _Look,
    hard: Level,
    rng: np.random.Generator,
) -> Shot:
    kernel = _blur(rng.uniform(*hard.defocus), rng.uniform(*hard.motion), rng)
    light = look.table.copy()
    for other in others:
        flat = replace(view, radius=1e7)
        mm = (_grid_mm(flat) - other.place) @ other.axes().T
        _lay(light, other.picture, mm, px_per_mm, _scale(flat), None)
    _lay(light, card, _grid_mm(view), px_per_mm, _scale(view), look.card_shadow)
    light *= look.lamp
    hidden = _fingers(light, view, look, rng)
    if kernel.size > 1:
        light = cast(Light, cv2.filter2D(light, -1, kernel, borderType=cv2.BORDER_REFLECT))
        hidden = cast(Light, cv2.filter2D(hidden, -1, kernel)) if look.fingers else hidden
    if look.glare is not None:
        light += look.glare * _PAPER
    return Shot(_develop(light, look, rng), view, hidden > 0.05)


def _scale(view: View) -> float:
    """Pixels per millimetre where the card is largest in the frame."""
    middle = np.array(view.card_mm) / 2
    spots = np.concatenate([[middle], _corners(view.card_mm)])
    step = 0.5
    seen = view.to_px(np.concatenate([spots, spots + np.array([step, 0]), spots + np.array([0, step])])).reshape(
        3, -1, 2
    )
    return float(np.linalg.norm(seen[1:] - seen[0], axis=2).max() / step)


def _grid_mm(view: View) -> Points:
    """What every eighth pixel sees of the card's plane, with one more around the frame."""
    columns, rows = (math.ceil(side / _STEP) + 2 for side in view.size)
    x, y = (np.arange(count) * _STEP + (_STEP - 1) / 2 - _STEP for count in (columns, rows))
    pixels = np.stack(np.meshgrid(x, y), axis=-1)
    return view.to_mm(pixels.reshape(-1, 2)).reshape(rows, columns, 2)


def _lay(
    light: Light,
    picture: Picture,
    grid_mm: Points,
    px_per_mm: float,
    scale: float,
    shadow: tuple[float, float, float] | None,
) -> None:
    """Put a card into the light, made smaller first to what the frame can show of it, so that nothing aliases."""
    size = np.array(picture.shape[::-1]) / px_per_mm
    rows, columns = np.nonzero(((grid_mm > -_MARGIN_MM) & (grid_mm < size + _MARGIN_MM)).all(axis=2))
    if not len(rows):
        return
    top, left = max(int(rows.min()) - 1, 1), max(int(columns.min()) - 1, 1)
    cells = grid_mm[top - 1 : int(rows.max()) + 3, left - 1 : int(columns.max()) + 3]
    part = light[(top - 1) * _STEP :, (left - 1) * _STEP :][
        : (cells.shape[0] - 2) * _STEP, : (cells.shape[1] - 2) * _STEP
    ]
    height, width = part.shape
    shrink = min(1.0, scale * _SUPERSAMPLING / px_per_mm)
    paper = cast(Light, cv2.LUT(picture, _DECODED)) * np.float32(_PAPER)
    small = (max(1, round(picture.shape[1] * shrink)), max(1, round(picture.shape[0] * shrink)))
    paper = cast(Light, cv2.resize(paper, small, interpolation=cv2.INTER_AREA))
    where = np.nan_to_num(cells * (np.array(small) / size) - 0.5, nan=-1e4).clip(-1e4, 1e4).astype(np.float32)
    whole = cv2.resize(where, None, fx=_STEP, fy=_STEP, interpolation=cv2.INTER_LINEAR)
    x, y = cv2.split(whole[_STEP : _STEP + height, _STEP : _STEP + width])
    seen = cast(Light, cv2.remap(paper, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
    there = np.full(small[::-1], 255, np.uint8)
    alpha = cv2.remap(there, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT) / np.float32(255)
    if shadow is not None:
        dx, dy, depth = shadow
        soft = cv2.GaussianBlur(cv2.resize(alpha, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), (0, 0), 1.5)
        move = np.array([[1.0, 0, dx / 4], [0, 1.0, dy / 4]])
        soft = cv2.warpAffine(soft, move, soft.shape[::-1])
        part *= 1 - depth * cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    seen -= part
    seen *= alpha
    part += seen


def _fingers(light: Light, view: View, look: _Look, rng: np.random.Generator) -> Light:
    """Put the fingers and their shadows into the light; how far each pixel is covered."""
    hidden = np.zeros_like(light)
    if not look.fingers:
        return hidden
    moved = [finger + np.array([[1.0], [1.0], [0.0]]) * rng.normal(0, 0.7, 2) for finger in look.fingers]
    tone = np.zeros_like(hidden)
    for finger in moved:
        _fill(hidden, view, capsule(finger), 1.0)
        for part in np.linspace(1.0, 0.25, 7):
            _fill(tone, view, capsule(finger, part), look.skin * (1.15 - 0.6 * part**2))
    soft = float(rng.uniform(3, 10))
    angle = rng.uniform(0, math.tau)
    move = np.array([[1.0, 0, 9 * math.cos(angle)], [0, 1.0, 9 * math.sin(angle)]])
    small = cv2.resize(hidden, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), soft / 2)
    shade = cv2.resize(small, light.shape[::-1], interpolation=cv2.INTER_LINEAR)
    light *= 1 - rng.uniform(0.2, 0.7) * cv2.warpAffine(shade, move, light.shape[::-1])
    light += hidden * (cv2.GaussianBlur(tone, (0, 0), 3.0) * look.lamp - light)
    return hidden


def _fill(layer: Light, view: View, outline_mm: Points, value: float) -> None:
    points = np.rint(replace(view, radius=1e7).to_px(outline_mm) * 16).clip(-(2**20), 2**20).astype(np.int32)
    cv2.fillPoly(layer, [points], (float(value),), cv2.LINE_AA, 4)


def _blur(defocus: float, motion: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """The spot that a point makes, drawn out over a slightly bent way. Centred, of sum 1.

    Half of the time it is a disc of that radius, half of the time a bell of that deviation, which takes twice as much.
    """
    bell = rng.random() < 0.5
    half = math.ceil(defocus * (2.5 if bell else 1) + motion / 2 + 0.5)
    fine = 4
    side = (2 * half + 1) * fine
    disc = np.zeros((side, side), np.float32)
    angle, bend = rng.uniform(0, math.tau), rng.normal(0, 0.15) * motion
    along = np.linspace(-0.5, 0.5, 9)
    way = np.stack([along * motion, bend * (along**2 - (along**2).mean())], axis=1)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    centres = (way @ turn + half + 0.5) * fine - 0.5
    radius = math.hypot(defocus, 0.35) * fine
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    for centre in centres:
        apart = np.hypot(x - centre[0], y - centre[1]) / np.float32(radius)
        disc += np.exp(-(apart**2) / 2) if bell else apart <= 1
    kernel = disc.reshape(2 * half + 1, fine, 2 * half + 1, fine).mean(axis=(1, 3))
    return cast(NDArray[np.float32], kernel / kernel.sum())


def _develop(light: Light, look: _Look, rng: np.random.Generator) -> Picture:
    """Sensor, gamma, sharpening, JPEG. In place: the light is gone."""
    bright = (look.paper_level / 255) ** look.gamma / (_PAPER * 0.85)
    light *= np.float32(bright)
    light += np.float32(look.flare * bright * 0.3)
    noise = rng.standard_normal(light.shape, np.float32)
    if look.smooth_noise:
        noise = cast(Light, cv2.GaussianBlur(noise, (0, 0), 0.7)) * np.float32(1.6)
    deviation = light * np.float32(look.noise)
    deviation += np.float32(look.noise / 40)
    noise *= np.sqrt(deviation, out=deviation)
    light += noise
    light *= np.float32(1023)
    level = light.clip(0, 1023, out=light).astype(np.uint16)
    x = (np.arange(1024) / 1023) ** (1 / look.gamma)
    curve = x + look.contrast * (x * x * (3 - 2 * x) - x)
    image = np.rint(curve * 255).astype(np.uint8)[level]
    radius, amount = look.halo
    if amount:
        soft = cv2.GaussianBlur(image, (0, 0), radius)
        image = cast(Picture, cv2.addWeighted(image, 1 + amount, soft, -amount, 0))
    _, file = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, look.jpeg])
    return cast(Picture, cv2.imdecode(file, cv2.IMREAD_GRAYSCALE))
