"""Codes: decoders read them, and the mask is the best of all eight."""

from __future__ import annotations

import re
from random import Random

import numpy as np
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from cards.qrcode import modules, penalties

texts = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", min_size=1, max_size=120)


@settings(max_examples=40)
@given(texts)
def test_it_is_a_code_of_segno_and_the_one_with_the_fewest_penalties(text: str) -> None:
    ours = np.array([list(row) for row in modules(text)], np.uint8)
    every = np.stack(
        [np.array(segno.make_qr(text, error="m", mode="alphanumeric", mask=mask).matrix, np.uint8) for mask in range(8)]
    )
    assert [same for same in every if (same == ours).all()]
    assert penalties(ours[None])[0] == penalties(every).min()


@given(st.integers(8, 16), st.randoms(use_true_random=False))
def test_penalties_are_those_of_the_standard(size: int, chance: Random) -> None:
    board = np.array([[chance.choice((0, 0, 1)) for _ in range(size)] for _ in range(size)], np.uint8)
    assert penalties(board[None])[0] == _by_the_book(board)
    assert penalties(1 - board[None])[0] == _by_the_book(1 - board)


def test_a_text_that_is_not_alphanumeric_is_refused() -> None:
    with pytest.raises(ValueError, match="alphanumeric"):
        modules("lower case")


def _by_the_book(board: np.ndarray) -> int:
    """ISO/IEC 18004, table 11, line by line."""
    size = len(board)
    lines = ["".join(map(str, line)) for line in (*board, *board.T)]
    runs = sum(len(run[0]) - 2 for line in lines for run in re.finditer("0{5,}|1{5,}", line))
    blocks = sum(len({*board[y : y + 2, x : x + 2].flat}) == 1 for y in range(size - 1) for x in range(size - 1))
    finder = re.compile("(?=0000(1011101)|....(1011101)0000)")
    finders = sum(len(finder.findall(f"0000{line}0000")) for line in lines)
    return runs + 3 * blocks + 40 * finders + 10 * int(abs(100 * board.sum() / size**2 - 50) // 5)
