"""How many marks a player makes on a pen card: writing must be quick (docs/lessons.md, "The form")."""

from __future__ import annotations

from cards.packet import Written
from cards.seqnum import SeqNum
from hub.simulator.isn import DIGITS
from hub.simulator.rules import Form

MOST_FOR_A_SYN = 8
"""Marks of the first packet that a beginner writes."""
MOST_FOR_DATA = 16
"""Marks of a packet that brings data."""

_ADDRESS = 2
"""One for the network, one for the host."""


def marks(written: Written, form: Form) -> int:
    """The marks with which somebody writes this packet on a card of this form; cells of the payload are none.

    An address takes two, a port one, a flag one, a number one for each digit. A TTL takes one for each box that its
    sender crosses out, a next hop one.
    """
    count = _ADDRESS * sum(each is not None for each in (written.src, written.dst))
    count += sum(each is not None for each in (written.sport, written.dport))
    count += 0 if written.flags is None else len(written.flags.names)
    count += _digits(written.seq, form.seq) + _digits(written.ack, form.ack)
    if form.ttl is not None and written.ttl is not None:
        count += max(0, form.ttl - written.ttl)
    return count + (form.next_hop and written.next_hop is not None)


def too_long(written: Written, form: Form) -> bool:
    """It has a number, which the form asks for, with more digits than the paper has columns."""
    return max(_digits(written.seq, form.seq), _digits(written.ack, form.ack)) > DIGITS


def _digits(number: SeqNum | None, asked: bool) -> int:
    return len(str(number.value)) if asked and number is not None else 0
