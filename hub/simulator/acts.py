"""What a teacher does to a room, however it is said: by hand, by a command card, or in a script; and how it is done.

What cannot be done changes nothing, and is refused with the reason: a ruling that the teacher reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from hub.simulator import bots
from hub.simulator.events import (
    CardFound,
    CardLost,
    FaultLifted,
    Forgiven,
    HandedOver,
    LinkTurned,
    Passed,
    Redone,
    Restarted,
    RoundBegan,
    TeacherMove,
    Undone,
)
from hub.simulator.history import History
from hub.simulator.teacher import nothing_done, strange, unknown
from hub.simulator.verdicts import Ruling
from hub.simulator.world import World


class NewRound(msgspec.Struct, frozen=True, tag_field="type", tag="new-round"):
    """A new round begins."""


class PlayStep(msgspec.Struct, frozen=True, tag_field="type", tag="play-step"):
    """The engine plays one step for a node (`bots.step`): that is a move of its own."""

    node: str


class LiftAll(msgspec.Struct, frozen=True, tag_field="type", tag="lift-all"):
    """Every fault that there is then is over. Wires that are down stay down."""


Act = TeacherMove | NewRound | PlayStep | LiftAll
"""A move of time 0: it is done when somebody says so."""

ON_NODE: Final[Mapping[str, Callable[[str], Act]]] = MappingProxyType(
    {
        "undo": lambda node: Undone(0, node),
        "redo": lambda node: Redone(0, node),
        "forgive": lambda node: Forgiven(0, node),
        "engine": lambda node: HandedOver(0, node, True),
        "people": lambda node: HandedOver(0, node, False),
        "play": PlayStep,
    }
)
"""What is done to a node, by its word."""
ON_TWO: Final[Mapping[str, Callable[[str, str], Act]]] = MappingProxyType(
    {"restart": lambda one, other: Restarted(0, one, other)}
)
"""What is done between two nodes, wherever they are."""
ON_WIRE: Final[Mapping[str, Callable[[str, str], Act]]] = MappingProxyType(
    {
        "down": lambda one, other: LinkTurned(0, (one, other), False),
        "up": lambda one, other: LinkTurned(0, (one, other), True),
    }
)
"""What is done to a wire between two nodes."""
ON_CARD: Final[Mapping[str, Callable[[str], Act]]] = MappingProxyType(
    {"lose": lambda card: CardLost(0, card), "find": lambda card: CardFound(0, card)}
)
"""What is done to a card."""


def misnamed(world: World, act: Act) -> Ruling | None:
    """Why an act can be done at no time: the room has no such node, or no such wire; None: there may be a time."""
    match act:
        case PlayStep(node=node):
            return unknown(world, node)
        case NewRound() | LiftAll():
            return None
        case _:
            return strange(world, act)


def do(history: History, act: Act, at: int) -> Ruling | None:
    """A teacher does something at lesson time `at` (ms). A ruling: nothing has been done, and why.

    Of a step of the engine it is only said whether there is one.
    """
    history.take(Passed(at))
    match act:
        case NewRound():
            history.take(RoundBegan(at))
        case LiftAll():
            for name in sorted(history.world.faults):
                history.move(FaultLifted(at, name))
        case PlayStep(node=node):
            stranger = unknown(history.world, node)
            if stranger is not None or bots.step(history.world, node) is None:
                return stranger or nothing_done(history.world, "room.nothing-to-play", node)
        case _:
            return history.move(msgspec.structs.replace(act, at=at))
    return None
