"""What happens next by itself, for a teacher who goes through a paused room step by step."""

from __future__ import annotations

from hub.simulator import bots
from hub.simulator.turns import turn
from hub.simulator.world import World, advance
from hub.speech import turn_text
from hub.texts import of_room


def next_world(world: World) -> World | None:
    """The world at the next moment at which time alone changes something that people could notice; None: it never does.

    Of several things at the same moment all have happened.
    """
    before = world
    while (when := bots.wakes_at(world)) is not None:
        world = advance(world, when)
        if _changed(before, world):
            return world
    return None


def told(before: World, after: World) -> str:
    """What has happened from one world to another by time alone, in a sentence for each node."""
    seconds = str(-(-(after.at - before.at) // 1000))
    sentences = []
    for node in _changed(before, after):
        owed = turn(after, node)
        code = "step.card" if after.nodes[node] == before.nodes[node] else "step.timer"
        params = {"seconds": seconds, "who": after.rules.title(node)}
        turn_of = {} if owed is None else {"turn": turn_text(after.rules, owed)}
        sentences.append(of_room(code, params | turn_of, after.rules.language))
    return " ".join(sentences)


def _changed(before: World, after: World) -> list[str]:
    """The nodes that are not as they were, or have something else to do, in the order of the lesson."""
    nodes = (node.id for node in before.rules.nodes)
    return [id for id in nodes if before.nodes[id] != after.nodes[id] or _owed(before, id) != _owed(after, id)]


def _owed(world: World, node: str) -> tuple[str, str | None] | None:
    owed = turn(world, node)
    return None if owed is None else (owed.code, owed.card)
