"""How many marks a card takes: writing must be quick."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from cards.notation import parse
from cards.packet import Carries, Flags
from cards.penform import PenForm
from cards.penlayout import layout
from hub.checking import playing
from hub.lessons import ids, load
from hub.lessons.forms import pen_form
from hub.lessons.marks import MOST_FOR_A_SYN, MOST_FOR_DATA, marks, too_long
from hub.scripted import journal_of_nobody
from tests.cards.forms import NUMBERS, SMALL, WHOLE


@pytest.mark.parametrize(
    ("text", "form", "count"),
    [
        ("10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100", SMALL, 5),
        ("10.0.1.2:40001 > 10.0.2.1:23 SYN seq=0", NUMBERS, 8),
        ("10.0.1.2:40001 > 10.0.2.1:23 SYN seq=100", NUMBERS, 10),
        ('10.0.1.2:40001 > 10.0.2.1:23 ACK seq=1001 ack=3001 data="my name is Danilo"', NUMBERS, 15),
        ("?:40001 > 10.0.1.1:23 SYN", SMALL, 4),
        ("10.0.1.2 > 10.0.2.1 ECHO seq=3", WHOLE, 7),  # with its kind and the check digit
        ("10.0.1.2:40001 > 10.0.2.1:23 SYN ttl=3 via=r1", WHOLE, 10),
    ],
)
def test_marks(text: str, form: PenForm, count: int) -> None:
    assert marks(parse(text), form) == count


def test_a_number_that_the_form_does_not_ask_for_may_be_long() -> None:
    written = parse("10.0.1.2:40001 > 10.0.1.1:23 ACK seq=9999 ack=10000")
    assert too_long(written, NUMBERS)
    assert not too_long(written, replace(NUMBERS, ack=False))
    assert not too_long(written, SMALL)


@pytest.mark.parametrize("id", ids())
def test_our_lessons_are_quickly_written(id: str) -> None:
    """Every packet that a bot needs, on the form that beginners have."""
    lesson = load(id)
    basic = load(f"{id}:basic") if "basic" in lesson.variants else lesson
    with journal_of_nobody() as journal:
        cards = playing.alone(journal, basic).cards
    form = pen_form(basic)
    assert layout(form).bubbles
    tcp = [card for card in cards if card.carries is Carries.TCP]
    assert max((marks(card, form) for card in tcp if card.flags is Flags.SYN), default=0) <= MOST_FOR_A_SYN
    assert max((marks(card, form) for card in tcp if card.payload), default=0) <= MOST_FOR_DATA


@pytest.mark.parametrize("id", ids())
def test_whoever_can_mark_a_ping_can_mark_its_reply(id: str) -> None:
    for name in (id, *(f"{id}:{variant}" for variant in load(id).variants)):
        kinds = pen_form(load(name)).kinds
        assert (Carries.ECHO in kinds) == (Carries.ECHO_REPLY in kinds), name


@pytest.mark.parametrize("id", ["linked", "loss", "no-route", "refused"])
def test_every_card_of_these_courses_can_be_written_by_pen(id: str) -> None:
    """The other lessons show slips, too, that only a printed card can have."""
    for variant in (None, *load(id).variants):
        lesson = load(f"{id}:{variant}" if variant else id)
        for script in lesson.scripts:
            for card in script.cards.values():
                if script.variant in (None, variant):
                    assert marks(card, pen_form(lesson)) > 0
