"""A film of a room: what everybody saw right after one thing that happened."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hub import view
from hub.footprints import Footprint
from hub.ladder import Ladder, ladders
from hub.lessons import Lesson
from hub.messages import LightWord, Verdict
from hub.simulator.world import World
from hub.view import NodeView, PacketView, StoryLine


class Scene(msgspec.Struct, frozen=True):
    """The room right after an event of its journal. entry: what it was; nodes, packets: as in `RoomState`, but nobody
    knows any more which badges were there, and who had been given hints; ladders: of the round so far.
    """

    event: int
    at_ms: int
    entry: StoryLine
    nodes: list[NodeView]
    packets: list[PacketView]
    ladders: list[Ladder]


def scene(lesson: Lesson, world: World, so_far: Sequence[Footprint], shown: Sequence[Footprint]) -> Scene:
    """What was seen when the last of these had happened. so_far: of one round, in order; shown: those of them since the
    room went back to an earlier moment, which is when badges forget; world: after the last.
    """
    last = so_far[-1]
    lit = {each.node: each for each in shown if not each.by_engine}
    return Scene(
        event=last.event,
        at_ms=last.at_ms,
        entry=_line(last),
        nodes=[_node(lesson, world, node.id, lit.get(node.id)) for node in lesson.rules.nodes],
        packets=[each for each in view.packets(world) if not world.instances[each.card].lost],
        ladders=ladders(so_far),
    )


def _node(lesson: Lesson, world: World, node: str, shown: Footprint | None) -> NodeView:
    seen = view.node(lesson, world, node, None, False, False, None, 0)
    if shown is None:
        return seen
    light = LightWord(shown.verdict)
    return msgspec.structs.replace(seen, light=light, key=shown.key, sentence=shown.sentence)


def _line(left: Footprint) -> StoryLine:
    return StoryLine(
        event=left.event,
        round=left.round,
        at_ms=left.at_ms,
        badge="",
        node=left.node,
        card=left.card,
        packet=left.packet,
        verdict=Verdict(left.verdict),
        reason=left.reason,
        sentence=left.sentence,
        light=LightWord(left.verdict),
        key=left.key,
        rfc=left.rfc,
        came_from=left.came_from,
        goes_to=left.goes_to,
    )
