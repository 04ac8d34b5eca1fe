from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cards.rolecard import role_card
from cards.sheet import Code, Text
from tests.cards.examples import LONGEST_ROLE, ROLE
from tests.cards.test_printedcard import PRINTER_MARGIN, box_around

LEGIBLE_AT_5_M = 12.5
"""Millimetres of a capital letter: an inch for each ten feet is what sign makers go by; this is that."""
CAPITAL = 0.668
"""Of the typeface, in ems."""

titles = st.text("Router Wm", min_size=1, max_size=40).map(str.strip).filter(bool)


@pytest.mark.parametrize("title", ["Client", "Server", "Router", "Router B", "Web server", "Name server"])
def test_the_title_can_be_read_from_the_other_side_of_the_room(title: str) -> None:
    texts = [shape for shape in role_card(ROLE, title, ("10.0.1.2",)).shapes if isinstance(shape, Text)]
    largest = max(texts, key=lambda text: text.size)
    assert largest.text == title
    assert largest.size * CAPITAL >= LEGIBLE_AT_5_M


def test_a_long_title_goes_on_a_second_line() -> None:
    texts = [shape for shape in role_card(ROLE, "Router of the north wing", ()).shapes if isinstance(shape, Text)]
    (one, other) = [text for text in texts if text.size > 10]
    assert f"{one.text} {other.text}" == "Router of the north wing"


def test_it_says_who_it_is_for_and_which_paper_it_is() -> None:
    sheet = role_card(ROLE, "Server", ("10.0.1.1", "answers on port 23"))
    words = [shape.text for shape in sheet.shapes if isinstance(shape, Text)]
    assert {"Server", "10.0.1.1", "answers on port 23", "ROLE-2"} <= set(words)
    assert sheet.title == "ROLE-2: role: Server"


@settings(max_examples=60)
@given(titles, st.lists(st.text("abc 10.", max_size=60), max_size=8).map(tuple))
def test_nothing_runs_out_of_the_card_or_into_another_thing(title: str, lines: tuple[str, ...]) -> None:
    sheet = role_card(LONGEST_ROLE, title, lines)
    boxes = [box_around(shape) for shape in sheet.shapes if not isinstance(shape, Text) or shape.text.strip()]
    for n, (left, top, right, bottom) in enumerate(boxes):
        assert left >= PRINTER_MARGIN
        assert top >= PRINTER_MARGIN
        assert right <= sheet.width - PRINTER_MARGIN
        assert bottom <= sheet.height - PRINTER_MARGIN
        for other_left, other_top, other_right, other_bottom in boxes[n + 1 :]:
            assert right <= other_left or other_right <= left or bottom <= other_top or other_bottom <= top


def test_there_is_one_code() -> None:
    assert len([shape for shape in role_card(ROLE, "Server", ()).shapes if isinstance(shape, Code)]) == 1
