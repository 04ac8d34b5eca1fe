"""What those who measure with synthetic pen marks rely on."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from paperhop.bench.hand import KINDS, PROFILES, Bubble, Hand, Picture, erase, fill_in, half_wiped, mark, stray, write

PX = 11.81
BUBBLE = Bubble("seq.0", "4", 20.0, 20.0, 4.0)
STEADY = Hand(aim_mm=0.0)


def paper() -> Picture:
    return np.full((round(40 * PX), round(40 * PX)), 255, np.uint8)


def darkness(picture: Picture, radius_mm: float = 1.8, x_mm: float = 20.0, y_mm: float = 20.0) -> float:
    """Mean darkness within a disc, 0 .. 1."""
    disc = np.zeros_like(picture)
    cv2.circle(disc, (round(x_mm * PX), round(y_mm * PX)), round(radius_mm * PX), (1,), -1)
    return float(1 - picture[disc > 0].mean() / 255)


def marked(kind: str, seed: int, hand: Hand | None = STEADY) -> Picture:
    picture = paper()
    mark(picture, BUBBLE, kind, np.random.default_rng(seed), PX, hand)
    return picture


def mean(kind: str) -> float:
    return float(np.mean([darkness(marked(kind, seed)) for seed in range(20)]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(5))
def test_every_kind_of_mark_darkens_its_bubble(kind: str, seed: int) -> None:
    assert darkness(marked(kind, seed)) > 0.02


def test_kinds_differ_as_they_should() -> None:
    assert mean("full") > 0.75
    assert mean("full") > mean("sloppy") + 0.1 > mean("cross") + 0.1
    assert 0.15 < mean("pencil") < 0.6
    assert mean("tick") > mean("dot")
    assert mean("marker") > 0.4


def test_a_tick_goes_out_of_its_bubble_to_the_upper_right() -> None:
    ticks = [marked("tick", seed) for seed in range(20)]
    upper_right = [darkness(tick, 1.5, 22.6, 17.4) for tick in ticks]
    lower_right = [darkness(tick, 1.5, 22.6, 22.6) for tick in ticks]
    assert np.mean(upper_right) > 5 * np.mean(lower_right)


def test_pencil_is_lighter_than_ink_and_marker_strokes_are_wider() -> None:
    assert min(int(marked("pencil", seed).min()) for seed in range(10)) > max(
        int(marked("full", seed).min()) for seed in range(10)
    )
    wide, thin = (
        np.mean([cv2.distanceTransform((marked(kind, seed) < 200).astype(np.uint8), 2, 5).max() for seed in range(10)])
        for kind in ("marker", "cross")
    )
    assert wide > 1.5 * thin


@pytest.mark.parametrize(("undo", "most"), [(erase, 0.13), (half_wiped, 0.22)])
def test_what_was_undone_leaves_little(undo: object, most: float) -> None:
    for seed in range(10):
        picture = paper()
        undo(picture, BUBBLE, np.random.default_rng(seed), PX)  # type: ignore[operator]
        assert 0.03 < 1 - picture.min() / 255 < most


def test_a_hand_misses_by_its_aim() -> None:
    def middle(seed: int) -> float:
        dark = 255.0 - marked("full", seed, Hand(aim_mm=0.35))
        return float((dark * np.arange(dark.shape[1])).sum() / dark.sum() / PX - 20)

    assert 0.2 < np.std([middle(seed) for seed in range(60)]) < 0.5


def test_what_is_printed_stays_under_the_ink() -> None:
    picture = paper()
    picture[: 20 * 12] = 30
    before = picture.copy()
    mark(picture, BUBBLE, "full", np.random.default_rng(1), PX)
    assert (picture <= before).all()


@pytest.mark.parametrize("x", [0.0, 40.0, -100.0])
def test_marks_at_the_edge_of_the_paper_or_past_it_do_no_harm(x: float) -> None:
    mark(paper(), Bubble("f", "v", x, x, 4.0), "tick", np.random.default_rng(1), PX)


@pytest.mark.parametrize("letter", list("0123456789abcdefghijklmnopqrstuvwxyz A.?"))
def test_letters_stand_in_their_box(letter: str) -> None:
    picture = paper()
    write(picture, letter, (10, 10, 6, 8), np.random.default_rng(2), PX)
    ys, xs = np.nonzero(picture < 128)
    assert len(xs) > 20
    assert abs(xs.mean() / PX - 13) < 2.5
    assert abs(ys.mean() / PX - 14) < 3.5


def test_letters_look_different() -> None:
    pictures = []
    for letter in "0123456789":
        picture = paper()
        write(picture, letter, (10, 10, 12, 16), np.random.default_rng(2), PX, STEADY)
        pictures.append(picture < 128)
    assert all((one ^ other).sum() > 500 for n, one in enumerate(pictures) for other in pictures[:n])


def test_what_a_hand_has_not_learnt_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot write '§'"):
        write(paper(), "§", (10, 10, 6, 8), np.random.default_rng(2), PX)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_card_is_filled_in_by_its_profile(profile: str) -> None:
    def filled(seed: int) -> tuple[Picture, list[str]]:
        picture = np.full((round(105 * PX), round(148 * PX)), 255, np.uint8)
        rows = [[Bubble(f"f{row}", str(n), 20 + n * 8, 10 + row * 8, 4.0) for n in range(10)] for row in range(10)]
        chosen, others = [row[3] for row in rows], [bubble for row in rows for bubble in row if bubble.value != "3"]
        kinds = fill_in(picture, chosen, others, PROFILES[profile], np.random.default_rng(seed), PX)
        return picture, kinds

    picture, kinds = filled(4)
    assert set(kinds) <= set(PROFILES[profile].kinds)
    assert all(darkness(picture, 2.5, 44, 10 + row * 8) > 0.005 for row in range(10))
    again, kinds_again = filled(4)
    assert kinds == kinds_again
    assert (picture == again).all()
    assert (picture != filled(5)[0]).any()


def test_a_stray_line_lies_anywhere() -> None:
    places = set()
    for seed in range(20):
        picture = paper()
        stray(picture, np.random.default_rng(seed), PX)
        ys, xs = np.nonzero(picture < 128)
        if len(xs):
            places.add((int(xs.mean() / PX / 10), int(ys.mean() / PX / 10)))
    assert len(places) > 5
