"""What was seen of a card, as a scan says it: badges and phones tell the hub the same of the same piece of paper."""

from __future__ import annotations

from cards import reader
from cards.jsonform import to_json
from cards.qrtext import CommandCard, PenCard, PrintedCard, RoleCard
from hub.messages import Problem, Sighting

_MOST_DETAIL = 800
"""Characters of what is said about a card that cannot be read; a message holds more of them than octets."""


def sighting(found: reader.Found) -> Sighting:
    """What was found in a picture. ValueError for a card for the pen whose marks nobody has looked at."""
    card = None if found.card is None else str(found.card.id)
    if found.problem is not None:
        return Sighting(card, problem=Problem(found.problem.code, found.problem.detail[:_MOST_DETAIL]))
    match found.card:
        case PrintedCard(_, packet):
            return Sighting(card, written=to_json(packet))
        case CommandCard(_, command):
            return Sighting(card, command=command)
        case RoleCard(_, node):
            return Sighting(card, role=node)
        case PenCard() if found.reading is not None:
            return Sighting(card, written=to_json(found.reading.written()))
    raise ValueError(f"{found} is neither read nor has a problem")
