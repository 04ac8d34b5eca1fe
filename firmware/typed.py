"""Cards for the virtual hand, typed: a line is a packet in the notation of `cards.notation`, perhaps after an identity.

10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100
DEMO-12 10.0.1.1:23 > 10.0.1.2:40001 SYN,ACK seq=300 ack=101
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable

from cards.notation import parse_packet
from cards.qrtext import CardId, PrintedCard
from cards.qrtext import encode as encode_card
from firmware.virtual import VirtualHand

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LINE = re.compile(r"(?:(?P<id>[A-Za-z0-9]+-[0-9]+)\s+)?(?P<packet>.*)")


def show_typed(lines: Iterable[str], hand: VirtualHand, complain: Callable[[str], None]) -> None:
    """Show a card for each line, then finish the hand. Empty lines are passed over.

    A line without an identity is a new piece of paper, of a deck that is new each time. complain: is given a
    sentence about every line that is no card.
    """
    deck = "".join(secrets.choice(_LETTERS) for _ in range(4))
    serial = 0
    for line in lines:
        match = _LINE.fullmatch(line.strip())
        if match is None or not match["packet"]:
            continue
        try:
            packet = parse_packet(match["packet"])
            if match["id"] is None:
                serial += 1
            card = PrintedCard(CardId.parse(match["id"].upper()) if match["id"] else CardId(deck, serial), packet)
            encode_card(card)
        except ValueError as error:
            complain(str(error))
        else:
            hand.show(card)
    hand.finish()
