"""The routing table as a card: filled in on its face, empty on its back for whoever is to find it out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise

from cards.imposition import Piece
from cards.sheet import Line, Shape, Sheet, Text
from cards.typeface import shortened
from hub.lessons import Lesson
from hub.printing.grid import BODY, CARD, CARD_MARGIN, HAIR, LEAD, NAME, RULE, card_head
from hub.printing.words import ENGLISH, Words
from hub.simulator.rules import NodeRules, Rules

_ROWS = 5
_TOP, _ROW = 42.0, 10.0
_COLUMNS = (CARD_MARGIN, 62.0, 108.0)
_HEADS = ("network", "next", "address")
_WHOLE_WORLD = 0

_Row = tuple[str, str, str]


def table_cards(lesson: Lesson, node: NodeRules, team: str = "", say: Words = ENGLISH) -> Iterator[Piece]:
    """The table of a router; a long one goes on on further cards. team: whose it is."""
    rows = iter(_rows(lesson.rules, node, say))
    first = True
    while some := list(islice(rows, _ROWS)) or ([("", "", "")] if first else []):
        yield Piece(_side(lesson, node, some, team, say), _side(lesson, node, [], team, say))
        first = False


def _rows(rules: Rules, node: NodeRules, say: Words) -> Iterator[_Row]:
    """Its own networks, then its routes, as its table has them."""
    for interface in node.interfaces:
        for address in interface.addresses:
            if address.network.prefixlen < 32:
                yield str(address.network), say("table.own"), ""
    for route in node.table.routes:
        prefix = say("table.rest") if route.prefix.prefixlen == _WHOLE_WORLD else str(route.prefix)
        if route.via is None:
            yield prefix, say("table.own"), ""
        else:
            yield prefix, rules.title(rules.by_address[route.via]), str(route.via)


def _side(lesson: Lesson, node: NodeRules, rows: list[_Row], team: str, say: Words) -> Sheet:
    end = CARD[0] - CARD_MARGIN
    shapes: list[Shape] = [
        *card_head(" · ".join(filter(None, (say("table.head"), team))), lesson.title),
        Text(CARD_MARGIN, 28.5, shortened(node.title, NAME, 80.0, bold=True), NAME, bold=True),
        Text(end, 28.5, "" if rows else say("table.empty"), LEAD, anchor="end"),
        *(Text(x, _TOP - 3.0, say(f"table.{head}"), BODY) for x, head in zip(_COLUMNS, _HEADS, strict=True)),
        Line(CARD_MARGIN, _TOP, end, _TOP, RULE),
    ]
    for n in range(_ROWS):
        y = _TOP + (n + 1) * _ROW
        shapes.append(Line(CARD_MARGIN, y, end, y, HAIR))
        if n < len(rows):
            rooms = (*(b - a - 3.0 for a, b in pairwise(_COLUMNS)), end - _COLUMNS[-1])
            for x, word, room in zip(_COLUMNS, rows[n], rooms, strict=True):
                bold = x == _COLUMNS[0] or bool(rows[n][2] and x == _COLUMNS[1])
                shapes.append(Text(x, y - 3.2, shortened(word, LEAD, room, bold), LEAD, bold))
    return Sheet(
        *CARD,
        f"{say('table.head')}: {node.title}" + ("" if rows else f" ({say('table.empty')})"),
        tuple(s for s in shapes if _says(s)),
    )


def _says(shape: Shape) -> bool:
    return not isinstance(shape, Text) or bool(shape.text)
