"""Where a form lies, when the corners of its code lie: a clear answer, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cards import reader
from cards.decoder import Code, Picture, Rung
from cards.filling import marks
from cards.notation import parse
from tests.cards.forms import NUMBERS
from tests.cards.penpaper import paper

Corner = tuple[float, float]
FORMS = {NUMBERS.id: NUMBERS}
PICTURE = paper(NUMBERS, sorted(marks(NUMBERS, parse("10.0.1.2:40001 > 10.0.1.1:23 SYN")))).seen()
(FOUND,) = reader.find(PICTURE)
AT = FOUND.corners

anywhere = st.one_of(st.floats(-3000, 3000), st.floats(width=32), st.sampled_from([0.0, 1279.0, math.nan, math.inf]))
near = st.builds(lambda at, x, y: (at[0] + x, at[1] + y), st.sampled_from(AT), st.floats(-40, 40), st.floats(-40, 40))
corner = st.one_of(st.sampled_from(AT), near, st.tuples(anywhere, anywhere))


def read(corners: Sequence[Corner], picture: Picture = PICTURE) -> reader.Found:
    """What comes of a code that a decoder has found at these corners."""

    def decoder(_: Picture) -> list[Code]:
        return [Code(FOUND.text, np.array(corners, np.float32))]

    (found,) = reader.read(picture, [Rung(decoder, lambda grey: grey, installed=True)], FORMS)
    return found


@given(st.lists(corner, min_size=4, max_size=4))
@example([AT[0]] * 4)
@example([AT[0], AT[1], AT[0], AT[1]])
@example([AT[0], AT[2], AT[1], AT[3]])
@example([(float(n), 2.0 * n) for n in (0, 100, 200, 300)])
def test_no_corners_of_a_code_break_the_reader(corners: list[Corner]) -> None:
    found = read(corners)
    assert found.reading is not None or (found.problem is not None and found.problem.code == "card.unclear")


@pytest.mark.parametrize(
    "corners",
    [[AT[0]] * 4, [(0.0, 0.0), (100.0, 100.0), (200.0, 200.0), (300.0, 300.0)], [AT[0], AT[2], AT[1], AT[3]]],
)
def test_a_code_that_has_no_area_says_what_to_do(corners: list[Corner]) -> None:
    problem = read(corners).problem
    assert problem is not None
    assert problem.detail == "the code is seen too much from the side: lay the card flat under the camera"


def test_a_code_outside_the_picture_says_what_to_do() -> None:
    problem = read([(x + 5000, y + 5000) for x, y in AT]).problem
    assert problem is not None
    assert problem.detail == "the code is out of the picture: lay the card down so that all of it is in view"


def test_a_picture_without_anything_in_it_is_no_card() -> None:
    """As when a decoder has read a frame that is gone."""
    problem = read(AT, np.full_like(PICTURE, 128)).problem
    assert problem is not None
    assert problem.code == "card.unclear"
