"""What looks like a code: every code that could be read does, and what hands and light do does not."""

from __future__ import annotations

from itertools import chain

import cv2
import numpy as np
import pytest

from cards import reader
from cards.decoder import Picture
from firmware.codelike import changed, cut_out, halved, region, textured
from paperhop.bench.rest import Rest
from tests.cards.forms import SMALL
from tests.cards.penpaper import paper


@pytest.mark.parametrize("level", range(5))
def test_a_code_that_can_be_read_is_in_what_looks_like_one(level: int) -> None:
    seen = 0
    for seed in range(8):
        image = paper(SMALL).seen(level, seed)
        for found in reader.find(image):
            seen += 1
            box = region(textured(halved(image)))
            assert box is not None
            part, left, top = cut_out(image, box)
            corners = np.array(found.corners) - (left, top)
            assert (corners >= 0).all()
            assert (corners <= part.shape[::-1]).all()
    assert seen


@pytest.mark.parametrize("size", [(2000, 1500), (640, 480), (400, 300)])
def test_so_it_is_in_pictures_of_other_sizes(size: tuple[int, int]) -> None:
    image = cv2.resize(paper(SMALL).seen(), size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    assert region(textured(halved(image))) is not None


@pytest.mark.parametrize("kind", ["dark", "white"])
def test_nothing_that_happens_above_a_plain_rest_looks_like_a_code(kind: str) -> None:
    rest = Rest(np.random.default_rng(2), kind)
    for image in chain(rest.still(1), rest.hand(10, sleeve="dark"), rest.lamp(10)):
        assert region(textured(halved(image))) is None


def test_a_rest_that_looks_like_a_code_does_so_in_no_new_way_when_a_hand_or_light_is_above_it() -> None:
    rest = Rest(np.random.default_rng(2), "newspaper")
    (empty,) = (halved(image) for image in rest.still(1))
    assert region(textured(empty)) is not None
    for image in chain(rest.still(2), rest.hand(10, sleeve="white"), rest.lamp(10)):
        half = halved(image)
        assert region(textured(half) & changed(empty, half)) is None


def test_a_card_on_a_newspaper_is_new() -> None:
    rest = Rest(np.random.default_rng(2), "newspaper")
    (empty,) = rest.still(1)
    with_card = empty.copy()
    card = paper(SMALL).seen(0)
    with_card[:, 300:] = card[:, 300:]
    (found,) = reader.find(with_card)
    half = halved(with_card)
    box = region(textured(half) & changed(halved(empty), half))
    assert box is not None
    part, *_ = cut_out(with_card, box)
    assert [one.text for one in reader.find(part)] == [found.text]


def _edges() -> list[Picture]:
    straight = np.full((720, 1280), 40, np.uint8)
    straight[:, 500:] = 220
    corner = straight.copy()
    corner[:300] = 40
    disc = cv2.circle(np.full((720, 1280), 200, np.uint8), (640, 360), 150, (30,), -1, cv2.LINE_AA)
    slope = np.repeat(np.linspace(0, 255, 1280)[None], 720, axis=0)
    return [np.asarray(picture, np.uint8) for picture in (straight, corner, disc, slope)]


@pytest.mark.parametrize("picture", _edges())
def test_edges_and_gradients_do_not_look_like_a_code(picture: Picture) -> None:
    noisy = picture + np.random.default_rng(1).normal(0, 5, picture.shape)
    assert region(textured(halved(noisy.clip(0, 255).astype(np.uint8)))) is None


def test_the_noise_of_a_dim_room_does_not() -> None:
    noisy = np.random.default_rng(1).normal(60, 8, (720, 1280)).clip(0, 255).astype(np.uint8)
    assert region(textured(halved(noisy))) is None
