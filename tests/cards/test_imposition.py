"""Cards on pages: how many, where they are cut, and that backs lie behind their fronts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cards.imposition import MARGIN, PAPERS, Piece, Slot, pages, slots
from cards.sheet import Line, Placed, Sheet

A6, A5 = (148.0, 105.0), (210.0, 148.0)

each_way = pytest.mark.parametrize(("size", "paper"), [(size, paper) for size in (A6, A5) for paper in PAPERS])
sizes = st.tuples(st.floats(20.0, 210.0), st.floats(20.0, 210.0))


@pytest.mark.parametrize(
    ("size", "paper", "count"),
    [(A6, "a4", 4), (A5, "a4", 2), (A6, "letter", 3), (A5, "letter", 1), ((210.0, 297.0), "a4", 1)],
)
def test_as_many_lie_on_a_page_as_fit(size: tuple[float, float], paper: str, count: int) -> None:
    assert len(slots(*size, paper)) == count


@given(sizes, st.sampled_from(sorted(PAPERS)))
def test_cards_have_their_size_lie_on_the_paper_and_not_on_each_other(size: tuple[float, float], paper: str) -> None:
    across, down = PAPERS[paper]
    places = slots(*size, paper)
    for slot in places:
        assert sorted((slot.width, slot.height)) == sorted(size)
        assert (slot.width, slot.height) == (size if slot.turns == 0 else size[::-1])
        assert slot.x >= -1e-9
        assert slot.y >= -1e-9
        assert slot.x + slot.width <= across + 1e-9
        assert slot.y + slot.height <= down + 1e-9
    for one, other in combinations(places, 2):
        beside = one.x + one.width <= other.x + 1e-9 or other.x + other.width <= one.x + 1e-9
        assert beside or one.y + one.height <= other.y + 1e-9 or other.y + other.height <= one.y + 1e-9


def test_what_is_larger_than_the_paper_is_refused() -> None:
    with pytest.raises(ValueError, match="300 x 20 mm does not fit on a4"):
        slots(300.0, 20.0, "a4")


@given(sizes, st.sampled_from(sorted(PAPERS)))
@example((34.0, 103.0), "a4")  # two turned cards leave 2 mm at each side, the six below them 4 mm at one
def test_marks_are_on_no_card_and_where_a_printer_prints(size: tuple[float, float], paper: str) -> None:
    across, down = PAPERS[paper]
    places = slots(*size, paper)
    for mark in _marks(next(pages([_piece("a", size)], paper))):
        assert min(mark.x1, mark.x2) >= MARGIN - 1e-9
        assert min(mark.y1, mark.y2) >= MARGIN - 1e-9
        assert max(mark.x1, mark.x2) <= across - MARGIN + 1e-9
        assert max(mark.y1, mark.y2) <= down - MARGIN + 1e-9
        for slot in places:
            inside = (
                max(mark.x1, mark.x2) > slot.x + 1e-6
                and min(mark.x1, mark.x2) < slot.x + slot.width - 1e-6
                and max(mark.y1, mark.y2) > slot.y + 1e-6
                and min(mark.y1, mark.y2) < slot.y + slot.height - 1e-6
            )
            assert not inside, (mark, slot)


@each_way
def test_every_edge_between_two_cards_has_marks_and_the_edge_of_the_paper_none(
    size: tuple[float, float], paper: str
) -> None:
    across, down = PAPERS[paper]
    marks = list(_marks(next(pages([_piece("a", size)], paper))))
    upright = {round(mark.x1, 3) for mark in marks if mark.x1 == mark.x2}
    level = {round(mark.y1, 3) for mark in marks if mark.y1 == mark.y2}
    for edges, cut, end in (
        (_edges(slots(*size, paper), 0), upright, across),
        (_edges(slots(*size, paper), 1), level, down),
    ):
        assert {edge for edge in edges if MARGIN <= edge <= end - MARGIN} == cut


def test_four_a6_take_two_cuts_of_a4() -> None:
    marks = list(_marks(next(pages([_piece("a", A6)], "a4"))))
    assert {mark.x1 for mark in marks if mark.x1 == mark.x2} == {105.0}
    assert {mark.y1 for mark in marks if mark.y1 == mark.y2} == {148.5}


@each_way
def test_a_back_lies_behind_its_front_when_the_paper_is_turned_over_its_long_edge(
    size: tuple[float, float], paper: str
) -> None:
    count = len(slots(*size, paper)) + 1
    pieces = [_piece(f"{n}", size, back=True) for n in range(count)]
    one, behind_one, two, behind_two = pages(pieces, paper)
    for front, back in ((one, behind_one), (two, behind_two)):
        backs = {placed.sheet.title: placed for placed in _placed(back)}
        for placed in _placed(front):
            other = backs[f"back of {placed.sheet.title}"]
            assert other.size == placed.size
            assert other.x == pytest.approx(PAPERS[paper][0] - placed.x - placed.size[0])
            assert other.y == pytest.approx(placed.y)
            # What is up on the front is up on the back: seen from behind, left and right change places.
            assert (other.turns + placed.turns) % 4 == 0
        assert len(backs) == len(list(_placed(front)))


def test_pieces_follow_each_other_over_the_pages_and_none_is_lost() -> None:
    pieces = [_piece(f"{n}", A6) for n in range(9)]
    titles = [[placed.sheet.title for placed in _placed(page)] for page in pages(pieces, "a4")]
    assert titles == [["0", "1", "2", "3"], ["4", "5", "6", "7"], ["8"]]
    assert list(pages([], "a4")) == []


def test_cards_are_made_when_their_page_is() -> None:
    made = []

    def endless() -> Iterator[Piece]:
        while True:
            made.append(1)
            yield _piece("a", A6)

    made_pages = pages(endless(), "a4")
    next(made_pages)
    assert len(made) == 4


def test_cards_of_two_sizes_on_a_page_are_refused() -> None:
    with pytest.raises(ValueError, match="different sizes"):
        list(pages([_piece("a", A6), _piece("b", A5)], "a4"))


def _piece(title: str, size: tuple[float, float], back: bool = False) -> Piece:
    return Piece(Sheet(*size, title, ()), Sheet(*size, f"back of {title}", ()) if back else None)


def _marks(page: Sheet) -> Iterator[Line]:
    return (shape for shape in page.shapes if isinstance(shape, Line))


def _placed(page: Sheet) -> Iterator[Placed]:
    return (shape for shape in page.shapes if isinstance(shape, Placed))


def _edges(places: tuple[Slot, ...], axis: int) -> set[float]:
    if axis == 0:
        return {round(edge, 3) for slot in places for edge in (slot.x, slot.x + slot.width)}
    return {round(edge, 3) for slot in places for edge in (slot.y, slot.y + slot.height)}
