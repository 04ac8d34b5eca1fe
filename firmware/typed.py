"""Cards for the virtual hand, typed: a line is a packet in the notation of `cards.notation`, the word `command` and
what it says, or the word `role` and a node's id; each perhaps after an identity.

10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100
DEMO-12 10.0.1.1:23 > 10.0.1.2:40001 SYN,ACK seq=300 ack=101
command lose router server
role server
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable

from cards.notation import parse_packet
from cards.qrtext import Card, CardId, CommandCard, PrintedCard, RoleCard
from cards.qrtext import encode as encode_card
from firmware.virtual import VirtualHand

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LINE = re.compile(
    r"(?:(?P<id>[A-Za-z0-9]+-[0-9]+)\s+)?(?:command\b(?P<command>.*)|role\b(?P<role>.*)|(?P<packet>.*))", re.IGNORECASE
)


def show_typed(lines: Iterable[str], hand: VirtualHand, complain: Callable[[str], None]) -> None:
    """Show a card for each line, then finish the hand. Empty lines are passed over.

    A line without an identity is a new piece of paper, of a deck that is new each time. complain: is given a
    sentence about every line that is no card.
    """
    deck = "".join(secrets.choice(_LETTERS) for _ in range(4))
    serial = 0
    for line in lines:
        match = _LINE.fullmatch(line.strip())
        if match is None or match["packet"] == "":
            continue
        try:
            id = CardId.parse(match["id"].upper()) if match["id"] else CardId(deck, serial + 1)
            card = _card(id, match["packet"], match["command"], match["role"])
            encode_card(card)
        except ValueError as error:
            complain(str(error))
        else:
            serial += match["id"] is None
            hand.show(card)
    hand.finish()


def _card(id: CardId, packet: str | None, command: str | None, role: str | None) -> Card:
    if packet is not None:
        return PrintedCard(id, parse_packet(packet))
    if role is not None:
        return RoleCard(id, role.strip().lower())
    return CommandCard(id, " ".join((command or "").lower().split()))
