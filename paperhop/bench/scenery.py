"""What lies around a card: table tops, and fingers, in linear light (0 black to 1 white)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

Light = NDArray[np.float32]
Points = NDArray[np.float64]


def table(size: tuple[int, int], rng: np.random.Generator, kind: str | None = None) -> Light:
    """A table top of (width, height) pixels, of some kind of `TABLES` or of any."""
    width, height = size
    small = (width // 2 + 1, height // 2 + 1)
    side = math.ceil(math.hypot(*small))
    top = TABLES[kind or list(TABLES)[rng.integers(len(TABLES))]](side, rng)
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), rng.uniform(0, 360), 1.0)
    turn = turn + np.array([[0, 0, (small[0] - side) / 2], [0, 0, (small[1] - side) / 2]])
    turned = cv2.warpAffine(top, turn, small, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    large = cv2.resize(turned, (small[0] * 2, small[1] * 2), interpolation=cv2.INTER_LINEAR)
    return cast(Light, np.ascontiguousarray(large[:height, :width]).clip(0.003, 1.0))


def _grain(shape: tuple[int, int], cells: tuple[int, int], rng: np.random.Generator) -> Light:
    """Noise of deviation 1 in so many cells."""
    return cast(Light, cv2.resize(rng.standard_normal(cells, np.float32), shape[::-1], interpolation=cv2.INTER_LINEAR))


def _wood(side: int, rng: np.random.Generator) -> Light:
    warp = _grain((side, side), (5, 9), rng) * 25 + _grain((side, side), (40, 60), rng) * 1.5
    across = np.arange(side, dtype=np.float32)[:, None] + warp
    rings = np.sin(across * rng.uniform(0.08, 0.3)) * 0.5 + np.sin(across * rng.uniform(0.4, 1.2)) * 0.3
    fibre = _grain((side, side), (side, side // 40), rng)
    return cast(Light, rng.uniform(0.06, 0.4) * (1 + 0.2 * rings + 0.12 * fibre))


def _cloth(side: int, rng: np.random.Generator) -> Light:
    at = np.arange(side, dtype=np.float32) * rng.uniform(1.0, 2.4)
    weave = np.sin(at)[:, None] * np.sin(at)[None, :]
    check = np.sign(np.sin(at * 0.02))[:, None] * rng.choice([0.0, 0.25])
    return cast(Light, rng.uniform(0.05, 0.5) * (1 + 0.2 * weave + check + 0.1 * _grain((side, side), (90, 90), rng)))


def _dark(side: int, rng: np.random.Generator) -> Light:
    return cast(Light, rng.uniform(0.01, 0.05) * (1 + 0.2 * _grain((side, side), (side // 2, side // 2), rng)))


def _white(side: int, rng: np.random.Generator) -> Light:
    return cast(Light, rng.uniform(0.5, 0.8) * (1 + 0.02 * _grain((side, side), (60, 60), rng)))


def _newspaper(side: int, rng: np.random.Generator) -> Light:
    """Columns of words, headlines, pictures, and a frame here and there."""
    page = np.full((side, side), rng.uniform(0.35, 0.6), np.float32)
    pitch = int(rng.integers(4, 9))
    column = int(rng.integers(70, 140))
    for left in range(0, side, column):
        inked = np.repeat(rng.random((side // pitch + 1, column // 3)) < 0.75, 3, axis=1)[:, : column - 8]
        rough = np.repeat(inked, pitch, axis=0)[:side]
        rough &= (np.arange(side) % pitch < pitch * 0.55)[:, None]
        rough &= rng.random(rough.shape) < 0.7
        part = page[:, left : left + rough.shape[1]]
        part[rough[:, : part.shape[1]]] *= 0.15
    for _ in range(int(rng.integers(2, 7))):
        x, y = (int(n) for n in rng.integers(0, side, 2))
        wide, tall = (int(n) for n in rng.integers(30, 180, 2))
        part = page[y : y + tall, x : x + wide]
        if part.size:
            part[:] = (0.2 + 0.12 * _grain((part.shape[0], part.shape[1]), (8, 8), rng)).clip(0.02, 0.7)
            cv2.rectangle(page, (x, y), (x + wide, y + tall), (0.03,), int(rng.integers(1, 6)))
    return page


TABLES: Mapping[str, Callable[[int, np.random.Generator], Light]] = {
    "wood": _wood,
    "cloth": _cloth,
    "dark": _dark,
    "white": _white,
    "newspaper": _newspaper,
}


def finger_at_corner(card_mm: tuple[float, float], rng: np.random.Generator) -> list[Points]:
    """A finger that lies on a corner of the card, as its two ends and its half width: [tip, root, (width, 0)]."""
    corner = np.array(card_mm) * rng.integers(0, 2, 2)
    inward = np.array(card_mm) / 2 - corner
    way = _turned(inward / np.linalg.norm(inward), rng.normal(0, 0.5))
    return [_finger(corner + way * rng.uniform(2, 20), way, rng.uniform(6.5, 9.5))]


def hand_at_edge(card_mm: tuple[float, float], rng: np.random.Generator) -> list[Points]:
    """A hand that holds the card: a thumb well on it, and one to three fingers beside it."""
    size = np.array(card_mm)
    edge = int(rng.integers(4))
    outward = np.array([(-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0)][edge])
    along = np.array([abs(outward[1]), abs(outward[0])])
    spot = rng.choice([rng.uniform(0, 0.25), rng.uniform(0.75, 1.0), rng.uniform(0, 1)])
    base = size / 2 + outward * size / 2 + along * size * (spot - 0.5)
    way = _turned(-outward, rng.normal(0, 0.35))
    fingers = [_finger(base + way * rng.uniform(8, 28), way, rng.uniform(8.5, 11.5))]
    step = rng.choice([-1.0, 1.0])
    for n in range(int(rng.integers(1, 4))):
        beside = base + along * step * (20 + 18 * n)
        fingers.append(_finger(beside + way * rng.uniform(-2, 14), way, rng.uniform(6.5, 9)))
    return fingers


def capsule(finger: Points, part: float = 1.0) -> Points:
    """The outline of a finger in millimetres, (n, 2); a narrower one inside it for a smaller `part`."""
    tip, root, (half, _) = finger
    way = (tip - root) / np.linalg.norm(tip - root)
    side = np.array([-way[1], way[0]])
    angle = np.linspace(-math.pi / 2, math.pi / 2, 16)
    end = tip - way * half
    cap = end + half * part * (np.outer(np.cos(angle), way) + np.outer(np.sin(angle), side))
    return np.concatenate([cap, [root + side * half * 1.15 * part, root - side * half * 1.15 * part]])


def _finger(tip: Points, way: Points, half: float) -> Points:
    return np.stack([tip, tip - way * 130, np.array([half, 0.0])])


def _turned(way: Points, angle: float) -> Points:
    cos, sin = math.cos(angle), math.sin(angle)
    return np.array([cos * way[0] - sin * way[1], sin * way[0] + cos * way[1]])
