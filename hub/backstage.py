"""What only the teacher sees: badges, whose turn it is and since when, tables, lessons, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from hub import commands
from hub.holders import Holders
from hub.lessons import COURSE, Lesson, ids, load
from hub.messages import BadgeStatus
from hub.plan import Plan
from hub.preflight import Finding
from hub.roster import Lease
from hub.simulator.tables import lines
from hub.simulator.turns import turns
from hub.simulator.world import World
from hub.speech import turn_text


class BadgeRow(msgspec.Struct, frozen=True):
    """A badge, or a phone. nodes: that it plays, the first one first. reader: command cards work there.

    seconds: since it was heard of last; waiting: scans in its outbox; frames: what its camera is; program: its version.
    """

    badge: str
    phone: bool
    reader: bool
    online: bool
    nodes: tuple[str, ...]
    seconds: int
    waiting: int
    frames: str
    program: str


class TurnRow(msgspec.Struct, frozen=True):
    """Something that a node has to do. since, until: lesson time in ms; until None: no timer runs for it."""

    node: str
    code: str
    text: str
    since_ms: int
    until_ms: int | None
    card: str | None
    optional: bool


class TableRow(msgspec.Struct, frozen=True):
    """A node's routing table, as people write it. wanted: as the lesson has it."""

    node: str
    routes: tuple[tuple[str, str], ...]
    wanted: tuple[tuple[str, str], ...]
    filled_by_hand: bool


class LessonRow(msgspec.Struct, frozen=True):
    """A lesson that can be chosen. variants: their names; `ID:NAME` is what one orders."""

    id: str
    title: str
    goal: str
    nodes: int
    variants: tuple[str, ...]


class FaultRow(msgspec.Struct, frozen=True):
    """A fault that is in force. name: what lifts it; text: what it does."""

    name: str
    text: str


class PlanRow(msgspec.Struct, frozen=True):
    """What happens later. due_ms: of lesson time. refused: why it could not be done when its time had come."""

    id: int
    due_ms: int
    text: str
    refused: str


class Backstage(msgspec.Struct, frozen=True):
    """The whole of it. name: of the room. engines: nodes that the engine plays. findings: what is missing (preflight).

    event: the number of the newest event in the journal. broker: the sentence about the line to it. addresses: where
    phones find the pages, HOST:PORT; none: they are served to this machine alone. pace: seconds of lesson time in a
    second, 0: paused. down: wires that are broken. holders: who must hold which card. leases:
    who was dealt which seat.
    """

    name: str
    event: int
    at_ms: int
    broker: str
    addresses: list[str]
    badges: list[BadgeRow]
    engines: list[str]
    pace: float
    faults: list[FaultRow]
    down: list[tuple[str, str]]
    plan: list[PlanRow]
    holders: Holders
    turns: list[TurnRow]
    tables: list[TableRow]
    findings: list[Finding]
    lessons: list[LessonRow]
    leases: list[Lease]


def lesson_rows() -> list[LessonRow]:
    """All lessons that come with Paperhop."""
    rows = []
    for id in sorted(ids(), key=lambda id: COURSE.index(id) if id in COURSE else len(COURSE)):
        lesson = load(id)
        rows.append(LessonRow(id, lesson.title, lesson.goal, len(lesson.rules.nodes), lesson.variants))
    return rows


def badge_rows(
    seats: Mapping[str, tuple[str, ...]],
    heard: Mapping[str, tuple[BadgeStatus, float]],
    phones: Iterable[str],
    readers: Iterable[str],
    now: float,
) -> list[BadgeRow]:
    """Every badge and phone that has a seat, or was heard of. heard: its last status, and when; now: the same clock."""
    phones, readers = set(phones), set(readers)
    rows = []
    for badge in sorted({*seats, *heard, *readers}):
        status, when = heard.get(badge, (None, now))
        rows.append(
            BadgeRow(
                badge=badge,
                phone=badge in phones,
                reader=badge in readers,
                online=status is not None and status.state == "online",
                nodes=seats.get(badge, ()),
                seconds=int(now - when),
                waiting=0 if status is None else status.waiting,
                frames="" if status is None else status.frames,
                program="" if status is None else status.program,
            )
        )
    return rows


def turn_rows(world: World) -> list[TurnRow]:
    """All that there is to do, what has waited longest first."""
    rows = [
        TurnRow(node, owed.code, turn_text(owed), owed.since, owed.until, owed.card, owed.optional)
        for node in world.nodes
        for owed in turns(world, node)
    ]
    return sorted(rows, key=lambda row: (row.optional, row.since_ms))


def fault_rows(lesson: Lesson, world: World) -> list[FaultRow]:
    """The faults that are in force."""
    return [FaultRow(name, commands.described(fault, lesson.rules)) for name, fault in sorted(world.faults.items())]


def plan_rows(plan: Plan, lesson: Lesson) -> list[PlanRow]:
    """What is planned, by its time."""
    return [PlanRow(each.id, each.due, commands.described(each.act, lesson.rules), each.refused) for each in plan]


def table_rows(lesson: Lesson, world: World) -> list[TableRow]:
    """The tables of all nodes that have one."""
    owners = lesson.rules.by_address
    return [
        TableRow(node.id, lines(world.nodes[node.id].table, owners), lines(node.table, owners), node.fill_in)
        for node in lesson.rules.nodes
        if node.router or node.fill_in
    ]
