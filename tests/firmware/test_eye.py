"""The eye: what does not change is not looked at again, and whatever a player does is."""

from __future__ import annotations

import time
from typing import cast

import cv2
import numpy as np
import pytest
from pyzbar import pyzbar

from cards import decoder, reader
from cards.decoder import HAS_ZBAR, HAS_ZXING, Picture
from firmware import eye
from firmware.eye import AGAIN_EVERY, TRIES, Eye
from firmware.frames import Frame
from paperhop.bench.rest import Rest
from tests.cards.forms import SMALL
from tests.cards.penpaper import paper
from tests.conftest import needs

needs_zxing = needs(HAS_ZXING, "zxing-cpp", "pip install zxing-cpp")
TABLE = np.full((720, 1280), 90, np.uint8)


class Watched(Eye):
    """An eye that counts its looks. looks: whole frames and parts of one; thorough: those by later decoders.

    most: cards that it finds in one.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.looks = self.thorough = 0
        self.most = 99
        monkeypatch.setattr(eye, "find", self._find)
        self._at = 0.0

    def _find(self, picture: Picture, rungs: tuple[decoder.Rung, ...]) -> tuple[reader.Found, ...]:
        self.looks += rungs[0] is decoder.LADDER[0]
        self.thorough += rungs[-1] is decoder.LADDER[-1]
        return reader.find(picture, rungs)[: self.most]

    def sees(self, *images: Picture) -> list[list[str]]:
        """Ten frames in a second: the names of the cards in each."""
        names = []
        for image in images:
            self._at += 0.1
            names.append([str(found.card.id) for found in self.look(Frame(image, self._at)) if found.card])
        return names


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(monkeypatch)


def noisy(image: Picture, sigma: float, seed: int, gain: float = 1.0, shift: float = 0.0) -> Picture:
    noise = np.random.default_rng(seed).normal(shift, sigma, image.shape)
    return (image * gain + noise).clip(0, 255).astype(np.uint8)


def soft(image: Picture, sigma: float) -> Picture:
    return cast(Picture, cv2.GaussianBlur(image, (0, 0), sigma))


def with_card(serial: int = 7, shifted: int = 0) -> Picture:
    return np.roll(paper(SMALL, serial=serial).seen(), shifted, axis=1)


NAME = f"{SMALL.id}-7"


def unreadable() -> Picture:
    """A card whose code nobody can read, as half of its finder patterns are painted over."""
    image = with_card()
    (found,) = reader.find(image)
    for x, y in found.corners:
        cv2.circle(image, (round(x), round(y)), 60, (255,), -1)
    assert not reader.find(image)
    return image


def test_an_empty_table_is_looked_at_a_few_times_and_then_rarely(watched: Watched) -> None:
    watched.sees(*[noisy(TABLE, 8.0, seed) for seed in range(20)])
    assert watched.looks == TRIES
    watched.sees(*[noisy(TABLE, 8.0, seed) for seed in range(100)])
    assert watched.looks <= TRIES + 10 / AGAIN_EVERY + 1


@needs_zxing
def test_without_anything_like_a_code_no_decoder_but_the_first_is_tried(watched: Watched) -> None:
    rest = Rest(np.random.default_rng(2), "white")
    frames = [*rest.still(4), *rest.hand(10, sleeve="dark"), *rest.lamp(10), *rest.still(4)]
    watched.sees(*frames)
    assert watched.looks >= 20
    assert watched.thorough == 0


def test_what_looks_like_a_code_but_is_none_is_tried_a_few_times_and_then_rarely(watched: Watched) -> None:
    image = unreadable()
    watched.sees(*[noisy(image, 4.0, seed) for seed in range(20)])
    tried = watched.thorough
    assert TRIES <= tried <= TRIES / 0.2
    watched.sees(*[noisy(image, 4.0, seed) for seed in range(100)])
    assert tried + 4 <= watched.thorough <= tried + 10 / AGAIN_EVERY + 1


def test_a_rest_like_a_code_costs_no_more_when_hands_move_above_it(watched: Watched) -> None:
    rest = Rest(np.random.default_rng(2), "newspaper")
    watched.sees(*rest.still(10))
    tried = watched.thorough
    assert TRIES <= tried <= TRIES + 1
    watched.sees(*rest.hand(20, sleeve="white"), *rest.lamp(20))
    assert watched.thorough <= tried + 4 / AGAIN_EVERY + 1


def test_a_card_on_a_rest_like_a_code_is_seen_at_once_even_by_a_later_decoder_only(watched: Watched) -> None:
    rest = Rest(np.random.default_rng(2), "newspaper")
    (empty,) = rest.still(1)
    blurred = soft(with_card(), 3.2)
    assert not reader.find(blurred, decoder.LADDER[:1])
    with_it = empty.copy()
    with_it[:, 200:] = blurred[:, 200:]
    assert watched.sees(*[noisy(empty, 3.0, n) for n in range(12)], with_it)[-1] == [NAME]


def test_a_code_that_only_a_later_decoder_reads_has_its_corners_in_the_whole_frame() -> None:
    blurred = soft(with_card(), 3.2)
    (whole,) = reader.find(blurred)
    (found,) = Eye().look(Frame(blurred, 0.0))
    assert np.abs(np.array(found.corners) - np.array(whole.corners)).max() < 4


@needs(HAS_ZBAR, "zbar", "apt-get install libzbar0, or brew install zbar")
def test_zbar_alone_sees_cards_as_soon_and_looks_no_more_at_what_is_no_code(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eye, "_WHOLE", ())
    monkeypatch.setattr(eye, "_PARTLY", decoder.ZBAR_LADDER)
    monkeypatch.setattr(decoder, "LADDER", decoder.ZBAR_LADDER)
    rest = Rest(np.random.default_rng(2), "white")
    watched.sees(*rest.still(4), *rest.hand(10, sleeve="dark"))
    assert watched.looks <= 1
    assert watched.sees(with_card(), with_card(8), TABLE) == [[NAME], [f"{SMALL.id}-8"], []]


def test_a_card_that_lies_there_is_found_once_and_seen_in_every_frame(watched: Watched) -> None:
    card = with_card()
    seen = watched.sees(TABLE, *[noisy(card, 5.0, seed) for seed in range(15)])
    assert seen == [[], *[[NAME]] * 15]
    assert watched.looks == 1 + TRIES


def test_light_that_flickers_or_fades_changes_nothing(watched: Watched) -> None:
    card = with_card()
    flickering = [noisy(card, 3.0, n, gain=0.9 + 0.02 * (n % 3)) for n in range(15)]
    assert watched.sees(*flickering) == [[NAME]] * 15
    assert watched.looks == TRIES
    fading = [noisy(card, 3.0, n, gain=0.9 - 0.01 * n) for n in range(30)]
    assert watched.sees(*fading) == [[NAME]] * 30
    assert watched.looks < 15


def test_a_card_that_comes_slowly_is_followed(watched: Watched) -> None:
    corners = []
    for n in range(12):
        (found,) = watched.look(Frame(with_card(shifted=-2 * n), n / 10))
        corners.append(found.corners[0][0])
    assert np.allclose(np.array(corners), corners[0] - 2 * np.arange(12), atol=2.5)


@pytest.mark.parametrize("seed", range(3))
def test_a_card_in_the_place_of_its_twin_is_another_card(watched: Watched, seed: int) -> None:
    first, second = (noisy(paper(SMALL, serial=serial).seen(0, seed), 4.0, serial) for serial in (7, 8))
    assert watched.sees(first, first, second, second) == [[NAME], [NAME], [f"{SMALL.id}-8"], [f"{SMALL.id}-8"]]


def test_a_stroke_of_a_pencil_is_a_change(watched: Watched) -> None:
    watched.sees(*[with_card()] * 10)
    watched.sees(paper(SMALL).mark("dst.port", "23", "pencil").seen())
    assert watched.looks == TRIES + 1


def test_a_card_that_is_taken_away_is_gone_at_once(watched: Watched) -> None:
    assert watched.sees(with_card(), TABLE) == [[NAME], []]


def test_what_was_found_in_a_frame_holds_when_a_later_look_misses_it(watched: Watched) -> None:
    watched.sees(with_card())
    watched.most = 0
    assert watched.sees(*[with_card()] * 50) == [[NAME]] * 50
    assert watched.looks > TRIES


def test_a_second_card_that_one_look_misses_is_seen_by_the_next_and_stays(watched: Watched) -> None:
    both = np.concatenate([with_card(7), with_card(8)])
    names = [NAME, f"{SMALL.id}-8"]
    watched.most = 1
    assert watched.sees(both) == [[NAME]]
    watched.most = 2
    assert [sorted(each) for each in watched.sees(both, both, both)] == [names] * 3
    watched.most = 1
    assert [sorted(each) for each in watched.sees(*[both] * 50)] == [names] * 50


def test_a_card_that_only_a_later_decoder_reads_is_seen_when_it_has_settled(watched: Watched) -> None:
    blurred = soft(with_card(), 3.2)
    assert not reader.find(blurred, decoder.LADDER[:1])
    assert reader.find(blurred)
    hand = with_card(shifted=300)
    assert [NAME] in watched.sees(hand, noisy(hand, 3.0, 1), blurred, blurred, blurred)[2:]


def test_a_camera_that_focuses_late_is_noticed(watched: Watched) -> None:
    card = with_card()
    assert watched.sees(*[soft(card, 5.0)] * 20)[-1] == []
    assert watched.sees(*[card] * 25)[-1] == [NAME]


def test_what_changes_all_the_time_is_looked_at_thoroughly_now_and_then(watched: Watched) -> None:
    rng = np.random.default_rng(1)
    squares = np.kron(rng.integers(0, 2, (90, 160)) * 255, np.ones((8, 8))).astype(np.uint8)
    watched.sees(*[np.roll(squares, 40 * n, axis=1) for n in range(20)])
    assert watched.looks == 20
    assert 4 <= watched.thorough <= 9


def test_frames_of_other_sizes_are_other_frames(watched: Watched) -> None:
    card = with_card()
    assert watched.sees(card, np.zeros((32, 32), np.uint8), card) == [[NAME], [], [NAME]]


@needs(HAS_ZBAR, "zbar", "apt-get install libzbar0, or brew install zbar")
@pytest.mark.parametrize("what", ["empty", "card"])
def test_an_unchanged_frame_costs_less_than_a_tenth_of_a_pass_of_zbar(what: str) -> None:
    scene = TABLE if what == "empty" else with_card()
    frames = [noisy(scene, 4.0, seed) for seed in range(20)]
    began = time.process_time()
    for frame in frames[:5]:
        pyzbar.decode(frame)
    one_pass = (time.process_time() - began) / 5
    watching = Eye()
    for n, frame in enumerate(frames):
        watching.look(Frame(frame, n / 10))
    began = time.process_time()
    for n, frame in enumerate(frames):
        watching.look(Frame(frame, 2 + n / 10))
    assert (time.process_time() - began) / 20 < one_pass / 10


def test_two_cards_of_one_name_have_a_problem_each() -> None:
    both = np.concatenate([with_card(), with_card()])
    found = Eye().look(Frame(both, 0.0))
    assert [one.problem.code for one in found if one.problem] == ["card.twice"] * 2
