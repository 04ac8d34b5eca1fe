"""What only the teacher sees: badges, whose turn it is and since when, tables, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from hub.game_view import FaultView, PlanView, TableView
from hub.holders import Holders
from hub.messages import BadgeStatus
from hub.preflight import Finding
from hub.roster import Lease
from hub.simulator import bots
from hub.simulator.reasons import EARLY, REASONS
from hub.simulator.rounds import Tally, Try
from hub.simulator.turns import Turn, turns
from hub.simulator.world import World
from hub.speech import turn_text
from hub.survey import SurveyView
from hub.texts import phrase, word
from hub.wallclock import ClockView

_UNHEARD = BadgeStatus("nobody", "offline", "0" * 8)


class BadgeRow(msgspec.Struct, frozen=True):
    """A badge, or a phone. nodes: that it plays, the first one first. reader: command cards work there.

    seconds: since it was heard of last; waiting: scans in its outbox; frames: what its camera is; program: its version.
    What it has measured, and which release its program is: as in `hub.messages.BadgeStatus`.
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
    frame_rate: float | None
    temperature: float | None
    under_voltage: bool | None
    free_mb: int | None
    release: int | None
    update: str


class TurnRow(msgspec.Struct, frozen=True):
    """Something that a node has to do. since, until: lesson time in ms; until None: no timer runs for it.

    tries: wrong cards that were stopped there since; last: what was wrong with the last of them, in a word or two; "":
    no more than its sentence says.
    """

    node: str
    code: str
    text: str
    since_ms: int
    until_ms: int | None
    card: str | None
    optional: bool
    tries: int
    last: str


class Backstage(msgspec.Struct, frozen=True):
    """The whole of it, beside what everybody may see (`RoomState`). name: of the room. engines: nodes that the engine
    plays. findings: what is missing (preflight).

    event: the number of the newest event in the journal. broker: the sentence about the line to it. addresses: where
    phones find the pages, HOST:PORT; none: they are served to this machine alone. holders: who must hold which card.
    faults, plan: what is wrong with the wires, and what will be done. leases: who was dealt which seat.
    helpable: nodes whose players can be given a hint now; playable: those for which the engine can play a step.
    survey: the questions of the lesson, before and after. release: the newest one that badges can get; 0: none.
    clock: the hub's on the wall.
    """

    name: str
    event: int
    at_ms: int
    broker: str
    addresses: list[str]
    badges: list[BadgeRow]
    engines: list[str]
    holders: Holders
    turns: list[TurnRow]
    tables: list[TableView]
    faults: list[FaultView]
    plan: list[PlanView]
    findings: list[Finding]
    leases: list[Lease]
    helpable: list[str]
    playable: list[str]
    survey: SurveyView
    release: int
    clock: ClockView


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
        status, when = heard.get(badge, (_UNHEARD, now))
        rows.append(
            BadgeRow(
                badge=badge,
                phone=badge in phones,
                reader=badge in readers,
                online=status.state == "online",
                nodes=seats.get(badge, ()),
                seconds=int(now - when),
                waiting=status.waiting,
                frames=status.frames,
                program=status.program,
                frame_rate=status.frame_rate,
                temperature=status.temperature,
                under_voltage=status.under_voltage,
                free_mb=status.free_mb,
                release=status.release,
                update=status.update,
            )
        )
    return rows


def playable(world: World) -> list[str]:
    """The nodes for which the engine can play a step now."""
    return sorted(node for node in world.nodes if bots.step(world, node) is not None)


def turn_rows(world: World, tally: Tally) -> list[TurnRow]:
    """All that there is to do, what has waited longest first."""
    rows = [_turn_row(world, owed, tally.player(node).tries) for node in world.nodes for owed in turns(world, node)]
    return sorted(rows, key=lambda row: (row.optional, row.since_ms))


def _turn_row(world: World, owed: Turn, tries: tuple[Try, ...]) -> TurnRow:
    since = [each for each in tries if each.at >= owed.since]
    return TurnRow(
        node=owed.node,
        code=owed.code,
        text=turn_text(world.rules, owed),
        since_ms=owed.since,
        until_ms=owed.until,
        card=owed.card,
        optional=owed.optional,
        tries=len(since),
        last=_what_is_wrong(since[-1].reason, world.rules.language) if since else "",
    )


def _what_is_wrong(reason: str, language: str) -> str:
    if reason in EARLY:
        return word("early", language)
    key = REASONS[reason].key
    return "" if key is None else phrase(f"lights.key.{key}", {}, language)
