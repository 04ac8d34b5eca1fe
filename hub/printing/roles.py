"""Who plays what: the role card, which is worn as the badge's face, and the name tent on the table."""

from __future__ import annotations

from cards.qrtext import DEFAULT_HOST, CardId, RoleCard
from cards.rolecard import role_card
from cards.sheet import Line, Placed, Shape, Sheet, Text
from cards.typeface import fitted, shortened, width
from hub.lessons import Lesson
from hub.printing.grid import BODY, BULLET, HAIR, HEAD, LEAD, NAME, bullets, paragraph
from hub.printing.lights import blink_key
from hub.printing.wording import duties
from hub.printing.words import ENGLISH, Words
from hub.simulator.rules import NodeRules

TENT = (190.0, 130.0)
"""Width and height of a name tent before it is folded: two fit on A4, and on Letter."""

_DASH = 3.0
_INSET = 12.0
_SIZES = ((HEAD, 3), (LEAD, 4), (BODY, 5))
"""What there is to do is as large as it fits: sizes, and how many lines there is room for."""


def role(
    lesson: Lesson, node: NodeRules, id: CardId, host: str = DEFAULT_HOST, team: str = "", say: Words = ENGLISH
) -> Sheet:
    """The role card of a node: its addresses and what its player does. team: whose it is."""
    lines = (addresses(node), *duties(lesson, node, say))
    return role_card(RoleCard(id, node.id), node.title, lines, host, team)


def addresses(node: NodeRules) -> str:
    """All addresses of a node in a line."""
    return " · ".join(map(str, node.addresses))


def tent(lesson: Lesson, node: NodeRules, team: str = "", say: Words = ENGLISH) -> Sheet:
    """A name tent: folded in the middle, the name is turned to the room, and what there is to do to its
    player. team: whose it is.
    """
    across, down = TENT
    half = down / 2
    dashes = [Line(x, half, x + _DASH, half, HAIR) for x in _steps(_INSET, across - _INSET - _DASH, 2 * _DASH)]
    shapes: tuple[Shape, ...] = (
        Placed(0.0, 0.0, _to_the_player(lesson, node, team, say), 2),
        Placed(0.0, half, _to_the_room(node, team, say)),
        *dashes,
    )
    return Sheet(across, down, node.title, shapes)


def _steps(start: float, end: float, step: float) -> list[float]:
    return [start + n * step for n in range(int((end - start) / step) + 1)]


def _to_the_room(node: NodeRules, team: str, say: Words) -> Sheet:
    across, down = TENT[0], TENT[1] / 2
    room = across - 2 * _INSET
    size = fitted(node.title, 34.0, room, bold=True)
    end, line = across - _INSET, down - 8.5
    rule = _INSET + width(say("tent.by"), LEAD) + 3.0
    shapes = [
        Text(across / 2, 32.0, node.title, size, bold=True, anchor="middle"),
        Text(across / 2, 47.0, shortened(addresses(node), 9.0, room), 9.0, anchor="middle"),
        Text(_INSET, line, say("tent.by"), LEAD),
    ]
    if team:
        shapes.append(Text(end, line, team, NAME, bold=True, anchor="end"))
        end -= width(team, NAME, bold=True) + 6.0
    return Sheet(across, down, node.title, (*shapes, Line(rule, line, end, line, HAIR)))


def _to_the_player(lesson: Lesson, node: NodeRules, team: str, say: Words) -> Sheet:
    across, down = TENT[0], TENT[1] / 2
    end = across - _INSET
    room = end - _INSET
    name = " · ".join(filter(None, (node.title, team)))
    blinks = _INSET + width(say("tent.blinks"), BODY, bold=True) + 6.0
    words = duties(lesson, node, say)
    size, most = next(
        ((size, most) for size, most in _SIZES if sum(_lines(text, size, room) for text in words) <= most), _SIZES[-1]
    )
    return Sheet(
        across,
        down,
        name,
        (
            Text(_INSET, 15.5, name, HEAD, bold=True),
            Text(end, 15.5, shortened(addresses(node), LEAD, room / 2), LEAD, anchor="end"),
            Line(_INSET, 18.5, end, 18.5, HAIR),
            *bullets(_INSET, 20.4 + 1.1 * size, words, size, room, most),
            Line(_INSET, down - 13.0, end, down - 13.0, HAIR),
            Text(_INSET, down - 6.8, say("tent.blinks"), BODY, bold=True),
            *blink_key(blinks, down - 6.8, end - blinks, say),
        ),
    )


def _lines(text: str, size: float, room: float) -> int:
    return len(paragraph(0.0, 0.0, text, size, room - BULLET, _SIZES[-1][1]))
