"""The test card of badges: a printed card with the densest code there is. A badge that reads it reads every other."""

from __future__ import annotations

from cards.notation import parse_packet
from cards.printedcard import printed_card
from cards.qrtext import DEFAULT_HOST, CardId, PrintedCard
from cards.sheet import Sheet

TEST_DECK = "TEST"
"""The deck of test cards: of which a self-test takes any."""
_DATA = "a badge that reads this card in good light can read all others"
_PACKET = f'192.0.2.1:7 > 192.0.2.2:7 PSH,ACK seq=1 ack=1 data="{_DATA}"'
"""Addresses of documentation (RFC 5737), which no lesson has: in play nobody may send it."""

TEST_CARD = PrintedCard(CardId(TEST_DECK, 1), parse_packet(_PACKET))


def printed_test_card(host: str = DEFAULT_HOST) -> Sheet:
    """The card as it is printed, A6. ValueError for a host that no card can have."""
    return printed_card(TEST_CARD, host, "the test card: lay it on the rest")
