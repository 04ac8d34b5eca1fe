"""What pages show of a game beside its nodes and packets: faults, goals, teams, and what is planned."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from hub.commands import described
from hub.lessons import Lesson
from hub.plan import Plan
from hub.simulator.goals import Goal, reached
from hub.simulator.rounds import NEVER, NOBODY, Round
from hub.simulator.tables import lines
from hub.simulator.world import World


class FaultView(msgspec.Struct, frozen=True):
    """A fault that is in force. name: what lifts it. left: so many packets, then it is over; null: until it is lifted.
    sentence: what it does.
    """

    name: str
    kind: str
    link: tuple[str, str]
    left: int | None
    rate: float
    seconds: int
    sentence: str


class GoalView(msgspec.Struct, frozen=True):
    """A goal. earners: the nodes that can earn it, each by itself; none: the room does. count: how often it must
    happen. reached: by all who can. reached_by: the nodes that have. counts: node -> how often it has happened; "" is
    the room.
    """

    id: str
    text: str
    quest: bool
    points: int
    count: int
    earners: list[str]
    reached: bool
    reached_by: list[str]
    counts: dict[str, int]


class PlanView(msgspec.Struct, frozen=True):
    """What is to be done at lesson time `due_ms`. refused: why it could not be done then; "": it is still to come."""

    id: int
    due_ms: int
    sentence: str
    refused: str


class TableView(msgspec.Struct, frozen=True):
    """A router's table, for the teacher. lines: (network, next node, or `link`); solution: as the lesson has them."""

    node: str
    title: str
    lines: list[tuple[str, str]]
    solution: list[tuple[str, str]]


def faults(world: World) -> list[FaultView]:
    """The faults that are in force, by name."""
    found = []
    for name in sorted(world.faults):
        fault = world.faults[name]
        sentence = described(fault, world.rules)
        kind, link = fault.kind.value, fault.link
        found.append(FaultView(name, kind, link, fault.count, fault.rate, fault.seconds, sentence))
    return found


def down(world: World) -> list[tuple[str, str]]:
    """The wires that are down."""
    return sorted((min(wire), max(wire)) for wire in world.down)


def goals(lesson: Lesson, tally: Round) -> list[GoalView]:
    """Every goal of a lesson in a round, in the order of its file."""
    return [
        GoalView(
            goal.id,
            goal.title,
            goal.quest,
            goal.points,
            goal.count,
            list(goal.who),
            reached(tally, lesson.goals, goal.id),
            sorted(node for node in tally.reached.get(goal.id, NOBODY) if node is not None),
            dict(_counts(goal, tally)),
        )
        for goal in lesson.goals
    ]


def plan(lesson: Lesson, planned: Plan) -> list[PlanView]:
    """What is planned, by its time."""
    return [PlanView(each.id, each.due, described(each.act, lesson.rules), each.refused) for each in planned]


def tables(world: World) -> list[TableView]:
    """The tables of routers, and those that are filled in by hand, in the order of the lesson."""
    owners = world.rules.by_address
    return [
        TableView(node.id, node.title, [*lines(world.nodes[node.id].table, owners)], [*lines(node.table, owners)])
        for node in world.rules.nodes
        if node.router or node.fill_in
    ]


def _counts(goal: Goal, tally: Round) -> Iterator[tuple[str, int]]:
    for earner, times in sorted(tally.times.get(goal.id, NEVER).items(), key=lambda each: each[0] or ""):
        yield earner or "", len(times)
