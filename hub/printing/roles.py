"""Who plays what: the role card, which is worn as the badge's face, and the name tent on the table."""

from __future__ import annotations

from cards.qrtext import DEFAULT_HOST, CardId, RoleCard
from cards.rolecard import role_card
from cards.sheet import Line, Placed, Shape, Sheet, Text
from cards.typeface import fitted, shortened
from hub.lessons import Lesson
from hub.printing.grid import BODY, HAIR, HEAD, LEAD, bullets
from hub.printing.lights import blink_key
from hub.printing.wording import duties
from hub.simulator.rules import NodeRules

TENT = (190.0, 130.0)
"""Width and height of a name tent before it is folded: two fit on A4, and on Letter."""

_DASH = 3.0
_INSET = 12.0


def role(lesson: Lesson, node: NodeRules, id: CardId, host: str = DEFAULT_HOST) -> Sheet:
    """The role card of a node: its addresses and what its player does."""
    return role_card(RoleCard(id, node.id), node.title, (addresses(node), *duties(lesson, node)), host)


def addresses(node: NodeRules) -> str:
    """All addresses of a node in a line."""
    return " · ".join(map(str, node.addresses))


def tent(lesson: Lesson, node: NodeRules) -> Sheet:
    """A name tent: folded in the middle, the name is turned to the room, and what there is to do to its player."""
    across, down = TENT
    half = down / 2
    dashes = [Line(x, half, x + _DASH, half, HAIR) for x in _steps(_INSET, across - _INSET - _DASH, 2 * _DASH)]
    shapes: tuple[Shape, ...] = (
        Placed(0.0, 0.0, _to_the_player(lesson, node, across, half), 2),
        Placed(0.0, half, _to_the_room(lesson, node, across, half)),
        *dashes,
    )
    return Sheet(across, down, f"Name tent: {node.title}", shapes)


def _steps(start: float, end: float, step: float) -> list[float]:
    return [start + n * step for n in range(int((end - start) / step) + 1)]


def _to_the_room(lesson: Lesson, node: NodeRules, across: float, down: float) -> Sheet:
    room = across - 2 * _INSET
    size = fitted(node.title, 34.0, room, bold=True)
    end = across - _INSET
    return Sheet(
        across,
        down,
        node.title,
        (
            Text(across / 2, 32.0, node.title, size, bold=True, anchor="middle"),
            Text(across / 2, 47.0, shortened(addresses(node), 9.0, room), 9.0, anchor="middle"),
            Text(_INSET, down - 8.5, "played by", LEAD),
            Line(_INSET + 22.0, down - 8.5, end, down - 8.5, HAIR),
        ),
    )


def _to_the_player(lesson: Lesson, node: NodeRules, across: float, down: float) -> Sheet:
    end = across - _INSET
    room = end - _INSET
    return Sheet(
        across,
        down,
        f"What {node.title} does",
        (
            Text(_INSET, 15.5, node.title, HEAD, bold=True),
            Text(end, 15.5, shortened(addresses(node), LEAD, room / 2), LEAD, anchor="end"),
            Line(_INSET, 18.5, end, 18.5, HAIR),
            *bullets(_INSET, 24.8, duties(lesson, node), BODY, room, 5),
            Line(_INSET, down - 13.0, end, down - 13.0, HAIR),
            Text(_INSET, down - 6.8, "stopped blinks", BODY, bold=True),
            *blink_key(_INSET + 36.0, down - 6.8, room - 36.0),
        ),
    )
