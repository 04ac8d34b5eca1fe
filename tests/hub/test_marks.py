"""How many marks a card takes: writing must be quick."""

from __future__ import annotations

import pytest

from cards.notation import parse
from hub.lessons.marks import marks, too_long
from hub.simulator.rules import Form

PLAIN = Form()
NUMBERS = Form(seq=True, ack=True)
ROUTES = Form(ttl=4, next_hop=True)


@pytest.mark.parametrize(
    ("text", "form", "count"),
    [
        ("10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100", PLAIN, 7),
        ("10.0.1.2:40001 > 10.0.1.1:23 SYN seq=0", NUMBERS, 8),
        ("10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100", NUMBERS, 10),
        ('10.0.1.2:40001 > 10.0.1.1:23 ACK seq=1001 ack=3001 data="my name is Danilo"', NUMBERS, 15),
        ("?:40001 > 10.0.1.1:23 SYN", PLAIN, 5),
        ("10.0.1.2 > 10.0.2.1 ECHO id=7 seq=3", PLAIN, 5),
        ("10.0.1.2:40001 > 10.0.2.1:33434 UDP ttl=1", ROUTES, 9),
        ("10.0.1.2:40001 > 10.0.2.1:23 SYN ttl=4 via=r1", ROUTES, 8),
        ("10.0.1.2:40001 > 10.0.2.1:23 SYN ttl=64 via=r1", PLAIN, 7),
    ],
)
def test_marks(text: str, form: Form, count: int) -> None:
    assert marks(parse(text), form) == count


def test_a_number_that_the_form_does_not_ask_for_may_be_long() -> None:
    written = parse("10.0.1.2:40001 > 10.0.1.1:23 ACK seq=9999 ack=10000")
    assert too_long(written, NUMBERS)
    assert not too_long(written, Form(seq=True))
    assert not too_long(written, PLAIN)
