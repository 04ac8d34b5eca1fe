"""What those who measure with synthetic photographs rely on."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from paperhop.bench.camera import CARD_MM, LEVELS, PX_PER_MM, Picture, Shot, shoot, shoot_many
from paperhop.bench.printer import printed

DISCS = [(20.0, 15.0), (128.0, 15.0), (74.0, 52.5), (20.0, 90.0), (128.0, 90.0), (45.0, 70.0)]
DISC_MM = 3.0


def blank() -> Picture:
    return np.full((round(CARD_MM[1] * PX_PER_MM), round(CARD_MM[0] * PX_PER_MM)), 255, np.uint8)


def with_discs() -> Picture:
    card = blank()
    for x, y in DISCS:
        centre = (round((x * PX_PER_MM - 0.5) * 16), round((y * PX_PER_MM - 0.5) * 16))
        cv2.circle(card, centre, round(DISC_MM * PX_PER_MM * 16), (0,), -1, cv2.LINE_AA, 4)
    return card


def found_at(shot: Shot, x: float, y: float) -> NDArray[np.float64]:
    """The centre of gravity of the dark disc that is near (x, y), in pixels."""
    around = np.array([(x + dx, y + dy) for dx in (-6, 6) for dy in (-6, 6)])
    left, top = np.floor(shot.to_px(around).min(axis=0)).astype(int)
    right, bottom = np.ceil(shot.to_px(around).max(axis=0)).astype(int)
    part = shot.image[top:bottom, left:right].astype(float)
    dark = (np.percentile(part, 60) * 0.8 - part).clip(0)
    ys, xs = np.mgrid[top:bottom, left:right]
    near = np.hypot(*(shot.to_px(np.array([(x, y)]))[0][:, None, None] - np.stack([xs, ys]))) < (right - left) * 0.45
    dark *= near
    return np.asarray([(dark * xs).sum(), (dark * ys).sum()] / dark.sum(), np.float64)


@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize("seed", range(4))
def test_a_disc_is_found_where_to_px_says(level: int, seed: int) -> None:
    shot = shoot(with_discs(), level, np.random.default_rng(seed))
    checked = 0
    for x, y in DISCS:
        if shot.covered(x, y, 9):
            continue
        here, right, below = shot.to_px(np.array([(x, y), (x + 1, y), (x, y + 1)]))
        per_mm = np.stack([right - here, below - here], axis=1)
        off = np.linalg.solve(per_mm, found_at(shot, x, y) - here)
        assert math.hypot(*off) < 0.15
        checked += 1
    assert checked >= 3


def test_covered_is_true_where_a_finger_is_and_only_there() -> None:
    """The same fingers on a white card and on a black one: what shows no difference is not the card."""
    hidden = said = 0
    for seed in range(12):
        white, black = (shoot(card, 3, np.random.default_rng(seed)) for card in (blank(), blank() * 0))
        for x in range(4, 148, 6):
            for y in range(4, 105, 6):
                column, row = np.rint(black.to_px(np.array([(x, y)]))[0]).astype(int)
                if not (2 < column < 1277 and 2 < row < 717):
                    assert black.covered(x, y, 1.5)
                    continue
                spot = np.s_[row - 1 : row + 2, column - 1 : column + 2]
                unseen = white.image[spot].mean() - black.image[spot].mean() < 10
                covered = black.covered(x, y, 0.1)
                assert covered or not unseen
                hidden += unseen
                said += covered
    assert hidden > 50
    assert said < 1.4 * hidden


def test_what_lies_outside_the_card_or_the_frame_is_covered() -> None:
    shot = shoot(blank(), 0, np.random.default_rng(1))
    assert not shot.covered(74, 52, 10)
    assert shot.covered(74, 2000, 1)
    assert shot.covered(74, 52, 400)


@pytest.mark.parametrize("level", range(len(LEVELS)))
def test_the_same_seed_takes_the_same_photographs(level: int) -> None:
    def pair(seed: int) -> list[Shot]:
        return shoot_many(with_discs(), level, np.random.default_rng(seed), 2, laminated=True)

    first, second = pair(5)
    assert (first.image == pair(5)[0].image).all()
    assert (second.image == pair(5)[1].image).all()
    assert (first.image != second.image).any()
    assert (first.image != pair(6)[0].image).any()


def test_a_card_at_rest_hardly_moves_from_frame_to_frame() -> None:
    spots = np.array(DISCS)
    shots = shoot_many(with_discs(), 1, np.random.default_rng(3), 4)
    moves = [np.abs(shot.to_px(spots) - shots[0].to_px(spots)).max() for shot in shots[1:]]
    assert 0 < max(moves) < 60


def test_a_photograph_has_the_size_that_was_asked_for() -> None:
    shot = shoot(blank(), 1, np.random.default_rng(2), size=(644, 481))
    assert shot.image.shape == (481, 644)


def test_further_cards_lie_beside_the_first() -> None:
    def dark(also: list[Picture]) -> float:
        image = shoot(blank(), 0, np.random.default_rng(8), also=also).image
        return float((image < 15).mean())

    assert dark([blank() * 0]) > dark([blank()]) + 0.05


def test_lamination_shines() -> None:
    def brightest(laminated: bool) -> float:
        shots = [shoot(blank() // 2, 1, np.random.default_rng(seed), laminated=laminated) for seed in range(6)]
        return float(np.mean([np.percentile(shot.image, 99) for shot in shots]))

    assert brightest(True) > brightest(False) + 20


def test_a_printer_keeps_the_shades_but_not_their_evenness() -> None:
    steps = np.repeat(np.repeat(np.array([[0, 90, 150, 200, 255]], np.uint8), 120, axis=1), 120, axis=0)
    for seed in range(5):
        page = printed(steps, np.random.default_rng(seed))
        blocks = [page[20:100, n * 120 + 20 : n * 120 + 100].astype(float) for n in range(5)]
        means = [block.mean() for block in blocks]
        assert means == sorted(means)
        assert means[0] <= 0.45 * 255
        assert means[4] > 250
        assert blocks[2].std() > blocks[4].std() + 3
