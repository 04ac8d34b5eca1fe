"""Cards for the virtual hand, typed: a line is a packet in the notation of `cards.notation`, the word `pen` and what is
written on a card for the pen, the word `command` and what it says, or the word `role` and a node's id; each perhaps
after an identity.

10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100
DEMO-12 10.0.1.1:23 > 10.0.1.2:40001 SYN,ACK seq=300 ack=101
pen 10.0.1.2:40001 > 10.0.1.1:23 SYN
RMMF-7 pen 10.0.1.2:40001 > 10.0.1.1:23 SYN
command lose router server
role server
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Mapping

from cards.filling import bears, check_fits, marks
from cards.forms import known
from cards.notation import parse, parse_packet, write
from cards.payload import octets
from cards.pencard import pen_card
from cards.penform import PenForm
from cards.qrtext import Card, CardId, CommandCard, PenCard, PrintedCard, RoleCard
from cards.qrtext import encode as encode_card
from cards.sheet import Sheet
from firmware.virtual import VirtualHand

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LINE = re.compile(
    r"(?:(?P<id>[A-Za-z0-9]+-[0-9]+)\s+)?"
    r"(?:pen\b(?P<pen>.*)|command\b(?P<command>.*)|role\b(?P<role>.*)|(?P<packet>.*))",
    re.IGNORECASE,
)


def show_typed(
    lines: Iterable[str],
    hand: VirtualHand,
    complain: Callable[[str], None],
    forms: Callable[[], Mapping[str, PenForm]] = known,
) -> None:
    """Show a card for each line, then finish the hand. Empty lines are passed over.

    A line without an identity is a new piece of paper: a printed card of a deck that is new each time, a card for the
    pen of the first form on which all of it can be written. complain: is given a sentence about every line that is no
    card. forms: those of cards for the pen that are known at the moment.
    """
    deck = "".join(secrets.choice(_LETTERS) for _ in range(4))
    serial = 0
    for line in lines:
        match = _LINE.fullmatch(line.strip())
        if match is None or match["packet"] == "":
            continue
        try:
            id = CardId.parse(match["id"].upper()) if match["id"] else None
            if match["pen"] is not None:
                hand.show(_filled_in(id, match["pen"], forms()))
                continue
            card = _card(id or CardId(deck, serial + 1), match["packet"], match["command"], match["role"])
            encode_card(card)
        except ValueError as error:
            complain(str(error))
        else:
            serial += id is None
            hand.show(card)
    hand.finish()


def _card(id: CardId, packet: str | None, command: str | None, role: str | None) -> Card:
    if packet is not None:
        return PrintedCard(id, parse_packet(packet))
    if role is not None:
        return RoleCard(id, role.strip().lower())
    return CommandCard(id, " ".join((command or "").lower().split()))


def _filled_in(id: CardId | None, packet: str, forms: Mapping[str, PenForm]) -> Sheet:
    """A card for the pen with a packet on it. id: its deck is the form."""
    written = parse(packet.strip())
    if id is None:
        form = next((form for form in forms.values() if bears(form, written)), None)
        if form is None:
            raise ValueError(f"No form is known on which this can be written: {write(written)}")
        # Other badges have cards of this form, too, and they must not have the same names.
        id = CardId(form.id, 10_000 + secrets.randbelow(90_000))
    elif id.deck not in forms:
        raise ValueError(
            f"{id.deck} is no form of a card for the pen; those are {', '.join(forms)}. Leave the name out, and one is "
            "chosen that has room for the packet"
        )
    form = forms[id.deck]
    check_fits(form, written)
    return pen_card(
        form, PenCard(id), filled=marks(form, written), data=octets(written.payload or b"").decode("latin-1")
    )
