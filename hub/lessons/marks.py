"""How many marks a player makes on a card for the pen: writing must be quick (docs/lessons.md, "The form")."""

from __future__ import annotations

from cards import filling
from cards.packet import Written
from cards.penform import PenForm
from cards.seqnum import SeqNum

MOST_FOR_A_SYN = 8
"""Marks of the first packet that a beginner writes."""
MOST_FOR_DATA = 16
"""Marks of a packet that brings data."""


def marks(written: Written, form: PenForm) -> int:
    """The bubbles and boxes with which somebody writes this on a card of the form; cells of the payload are none.

    ValueError says what cannot be marked there.
    """
    return len(filling.marks(form, written))


def too_long(written: Written, form: PenForm) -> bool:
    """It has a number, which the form asks for, with more digits than the form has columns."""
    return max(_digits(written.seq, form.seq), _digits(written.ack, form.ack)) > form.digits


def _digits(number: SeqNum | None, asked: bool) -> int:
    return len(str(number.value)) if asked and number is not None else 0
