"""Where things stand on a card for the pen: all of it on the paper, nothing on top of another."""

from __future__ import annotations

from itertools import combinations, pairwise
from math import hypot

import pytest
from hypothesis import HealthCheck, assume, given, settings

from cards.pencard import pen_card
from cards.penform import FormError, PenForm, Port
from cards.penlayout import MARK_RADIUS, Layout, layout
from cards.qrtext import CardId, PenCard
from cards.sheet import Code, Disc, Line, Path, Text
from tests.cards.forms import NUMBERS, SMALL, WHOLE, built_in, forms
from tests.cards.test_printedcard import box_around


def boxes(places: Layout) -> list[tuple[float, float, float, float]]:
    """What may not touch: bubbles, cells, discs, and the code with four modules of white (ISO/IEC 18004), of its 25."""
    code, quiet = places.code, 4 / 25 * places.code.side
    return [
        *((b.x - b.d / 2, b.y - b.d / 2, b.x + b.d / 2, b.y + b.d / 2) for b in places.bubbles),
        *((c.x, c.y, c.x + c.width, c.y + c.height) for c in places.comb),
        *((x - MARK_RADIUS, y - MARK_RADIUS, x + MARK_RADIUS, y + MARK_RADIUS) for x, y in places.marks),
        (code.x - quiet, code.y - quiet, code.x + code.side + quiet, code.y + code.side + quiet),
    ]


def overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    slack = 0.01
    return (
        one[0] < other[2] - slack
        and other[0] < one[2] - slack
        and one[1] < other[3] - slack
        and other[1] < one[3] - slack
    )


def check(form: PenForm) -> None:
    places = layout(form)
    for one, other in combinations(boxes(places), 2):
        assert not overlap(one, other)
    for left, top, right, bottom in boxes(places):
        assert left >= 3
        assert top >= 3
        assert right <= places.width - 3
        assert bottom <= places.height - 3
    texts = [box_around(shape) for shape in places.shapes if isinstance(shape, Text) and shape.shade < 0.5]
    for box in texts:
        assert box[0] >= 3
        assert box[2] <= places.width - 3
        assert not any(overlap(box, other) for other in boxes(places))
    for one, other in combinations(texts, 2):
        assert not overlap(one, other)


@settings(max_examples=40, deadline=None)
@given(built_in)
def test_nothing_touches_on_the_forms_of_the_lessons(form: PenForm) -> None:
    check(form)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(forms())
def test_nothing_touches_on_any_form_that_fits(form: PenForm) -> None:
    try:
        layout(form)
    except FormError:
        assume(False)
    check(form)


def test_beginners_have_a6_and_all_bubbles_of_at_least_3_4_mm() -> None:
    assert (layout(SMALL).width, layout(SMALL).height) == (148, 105)
    assert (layout(NUMBERS).width, layout(NUMBERS).height) == (148, 105)
    assert (layout(WHOLE).width, layout(WHOLE).height) == (210, 148)
    assert min(bubble.d for form in (SMALL, NUMBERS, WHOLE) for bubble in layout(form).bubbles) >= 3.4


def test_every_value_of_every_field_has_one_bubble() -> None:
    places = layout(WHOLE)
    bubbles = [(bubble.field, bubble.value) for bubble in places.bubbles]
    assert sorted(bubbles) == sorted((field.name, value) for field in WHOLE.fields for value in field.values)
    assert len(set(bubbles)) == len(bubbles)


def test_a_column_of_digits_is_not_periodic() -> None:
    """A grid that is read one row too low must not look right."""
    column = [bubble.y for bubble in layout(NUMBERS).bubbles if bubble.field == "seq.1"]
    steps = {round(b - a, 3) for a, b in pairwise(column)}
    assert len(steps) > 1


def test_a_written_digit_has_a_cell_above_its_column() -> None:
    places = layout(NUMBERS)
    for bubble in (b for b in places.bubbles if b.field.startswith("seq.") and b.value == "0"):
        cells = [shape for shape in places.shapes if isinstance(shape, Path) and shape.closed]
        assert any(
            min(x for x, _ in cell.points) < bubble.x < max(x for x, _ in cell.points)
            and 0 < bubble.y - max(y for _, y in cell.points) < bubble.d
            for cell in cells
        )


def test_an_impossible_form_says_what_is_most() -> None:
    ports = tuple(Port(n) for n in range(1, 90))
    with pytest.raises(FormError, match="89 ports"):
        layout(PenForm(("10.0.1",), (1, 2), ports))


def test_the_card_has_its_code_its_name_and_the_marks_that_are_asked_for() -> None:
    card = PenCard(CardId(SMALL.id, 77))
    sheet = pen_card(SMALL, card, filled={("src.host", "2")}, data="hi you")
    assert f"{SMALL.id}-77" in [shape.text for shape in sheet.shapes if isinstance(shape, Text)]
    assert [shape.text for shape in sheet.shapes if isinstance(shape, Code)] == [
        next(shape.text for shape in pen_card(SMALL, card).shapes if isinstance(shape, Code))
    ]
    bubble = next(b for b in layout(SMALL).bubbles if (b.field, b.value) == ("src.host", "2"))
    discs = [shape for shape in sheet.shapes if isinstance(shape, Disc) and not shape.stroke and shape.shade == 0]
    assert [hypot(disc.x - bubble.x, disc.y - bubble.y) < 0.01 for disc in discs].count(True) == 1
    letters = [shape.text if isinstance(shape, Text) else type(shape) for shape in sheet.shapes[-6:]]
    assert letters == ["h", "i", Line, "y", "o", "u"]


def test_greys_are_only_inside_what_one_marks() -> None:
    """What people read is black: a printer that is low on toner still prints it."""
    for shape in layout(WHOLE).shapes:
        if isinstance(shape, Line) or (isinstance(shape, Text) and len(shape.text) > 1):
            assert shape.shade == 0
