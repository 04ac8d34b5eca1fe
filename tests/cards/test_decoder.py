from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from cards import drawing
from cards.decoder import HAS_ZBAR, HAS_ZXING, LADDER, ZBAR_LADDER, ZXING_LADDER, NoDecoder, Rung, find_codes
from cards.printedcard import printed_card
from cards.qrtext import encode
from cards.sheet import Code
from tests.cards.examples import DATA, SYN, seen_by_camera
from tests.conftest import needs

needs_zbar = needs(HAS_ZBAR, "zbar", "apt-get install libzbar0, or brew install zbar")
needs_zxing = needs(HAS_ZXING, "zxing-cpp", "pip install zxing-cpp")
each_rung = pytest.mark.parametrize(
    "rung",
    [
        *(pytest.param(rung, marks=needs_zxing, id=f"zxing{n}") for n, rung in enumerate(ZXING_LADDER)),
        *(pytest.param(rung, marks=needs_zbar, id=f"zbar{n}") for n, rung in enumerate(ZBAR_LADDER)),
    ],
)


@each_rung
@pytest.mark.parametrize("seed", range(6))
def test_each_rung_alone_finds_a_code_and_which_corner_is_which(rung: Rung, seed: int) -> None:
    frame, to_frame = seen_by_camera(SYN, seed)
    (code,) = find_codes(frame, [rung])
    assert code.text == encode(SYN)
    assert np.abs(code.corners - _true_corners(to_frame)).max() < 8  # a module has 6 to 8 pixels here


def test_a_rung_is_tried_only_when_those_before_found_nothing() -> None:
    tried: list[str] = []
    found = find_codes(drawing.picture(SYN, dpi=100), LADDER)

    def rung(name: str, finds: bool) -> Rung:
        def decode(_: NDArray[np.uint8]) -> list[object]:
            tried.append(name)
            return list(found) if finds else []

        return Rung(decode, lambda grey: grey, installed=True)  # type: ignore[arg-type]

    assert find_codes(np.full((100, 100), 255, np.uint8), [rung("a", False), rung("b", True), rung("c", True)])
    assert tried == ["a", "b"]


@needs_zxing
@pytest.mark.parametrize("seed", range(6))
def test_a_code_is_found_that_a_thin_stroke_crosses_where_it_hurts_most(seed: int) -> None:
    """Across the finder pattern of a corner, by which a decoder knows that there is a code at all."""
    frame, to_frame = seen_by_camera(SYN, seed)
    frame = cv2.resize(frame, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA).astype(np.uint8)
    top_left, top_right, bottom_right, bottom_left = _true_corners(to_frame) * 0.6
    middle, along = top_left + 0.12 * (bottom_right - top_left), 0.3 * (top_right - bottom_left)
    start, end = ([round(float(x)), round(float(y))] for x, y in (middle - along, middle + along))
    cv2.line(frame, start, end, (30,), 1, cv2.LINE_AA)
    assert not any(find_codes(frame, [rung]) for rung in ZXING_LADDER[:3])
    (code,) = find_codes(frame, ZXING_LADDER)
    assert code.text == encode(SYN)


@needs_zxing
def test_a_blurred_code_is_found_when_the_picture_is_enlarged_and_sharpened() -> None:
    """Blurred by half a module, so that the first rung finds none of them."""
    frames = [cv2.GaussianBlur(seen_by_camera(DATA, seed)[0], (0, 0), 3.5).astype(np.uint8) for seed in range(6)]
    assert not any(find_codes(frame, ZXING_LADDER[:1]) for frame in frames)
    assert sum(code.text == encode(DATA) for frame in frames for code in find_codes(frame)) >= 3


def test_a_decoder_that_is_not_installed_is_passed_over() -> None:
    absent = replace(LADDER[0], installed=False)
    picture = drawing.picture(SYN, dpi=100)
    assert find_codes(picture, [absent, *LADDER])[0].text == encode(SYN)
    with pytest.raises(NoDecoder, match=r"apt install libzbar0.*brew install zbar"):
        find_codes(picture, [absent])


@pytest.mark.parametrize(
    ("absent", "prints"),
    [
        pytest.param(["zxingcpp"], "True", marks=needs_zbar),
        pytest.param(["pyzbar"], "True", marks=needs_zxing),
        (["zxingcpp", "pyzbar"], "NoDecoder"),
    ],
)
def test_cards_are_read_with_either_library_missing(absent: list[str], prints: str) -> None:
    program = f"""
import sys
for name in {absent}: sys.modules[name] = None
from cards import reader, drawing, decoder
from tests.cards.examples import SYN
try: print([found.card for found in reader.read(drawing.picture(SYN, dpi=150))] == [SYN])
except decoder.NoDecoder: print("NoDecoder")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == prints, done.stderr


@pytest.mark.parametrize("shape", [(1, 1), (20, 20), (1, 4000), (30, 30, 1), (30, 30, 3), (30, 30, 4)])
def test_pictures_without_a_code_give_none(shape: tuple[int, ...]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    assert find_codes(noise) == []


@pytest.mark.parametrize(
    "what",
    [
        np.zeros((0, 0), np.uint8),
        np.zeros((0, 10, 3), np.uint8),
        np.zeros(100, np.uint8),
        np.zeros((30, 30, 2), np.uint8),
        np.zeros((2, 30, 30, 3), np.uint8),
        np.zeros((30, 30), np.float32),
        np.zeros((30, 30), bool),
        None,
        [[0, 0], [0, 0]],
    ],
)
def test_what_is_no_picture_is_refused(what: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="picture is"):
        find_codes(what)


@pytest.mark.parametrize("conversion", [cv2.COLOR_GRAY2BGR, cv2.COLOR_GRAY2BGRA])
def test_colour_pictures_are_read(conversion: int) -> None:
    colour = cv2.cvtColor(drawing.picture(SYN, dpi=100), conversion).astype(np.uint8)
    assert find_codes(colour)[0].text == encode(SYN)


def test_a_part_of_a_larger_picture_is_read() -> None:
    wide = np.repeat(drawing.picture(SYN, dpi=100), 2, axis=1)
    assert find_codes(wide[:, ::2])[0].text == encode(SYN)


def test_a_picture_of_fifty_megapixels_is_read_with_corners_in_its_own_pixels() -> None:
    dpi = 200
    large = np.full((7000, 7200), 255, np.uint8)
    card = drawing.picture(SYN, dpi)
    large[6000 : 6000 + card.shape[0], 100 : 100 + card.shape[1]] = card
    (code,) = find_codes(large)
    to_picture = np.array([[dpi / 25.4, 0, 100], [0, dpi / 25.4, 6000], [0, 0, 1]])
    assert np.abs(code.corners - _true_corners(to_picture)).max() < 8


def _true_corners(to_frame: NDArray[np.float64]) -> NDArray[np.float64]:
    code = next(shape for shape in printed_card(SYN).shapes if isinstance(shape, Code))
    right, bottom = code.x + code.side, code.y + code.side
    corners = np.array([[(code.x, code.y), (right, code.y), (right, bottom), (code.x, bottom)]])
    return np.asarray(cv2.perspectiveTransform(corners, to_frame)[0], np.float64)
