"""The printed packets of a lesson: those that it shows, and replies of its stations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from cards.packet import Packet, Written
from hub.lessons import Lesson, Script
from hub.printing.course import shown, whole, written_by_bots
from hub.simulator.rules import NodeRules


@dataclass(frozen=True, slots=True)
class Shown:
    """A packet of a course of play. number: which one of its cards it is, from 1, of so many."""

    packet: Packet
    course: str
    number: int
    of: int


@dataclass(frozen=True, slots=True)
class Printed:
    """The packets of a lesson's own course of play.

    players: what people carry; replies: station -> what lies in its tray. Both are empty where no course of play goes
    with printed cards alone (`shown`).
    """

    players: tuple[Shown, ...]
    replies: dict[str, tuple[Shown, ...]]


def printed(lesson: Lesson) -> Printed:
    """The packets of the courses of play to print, in the order of the lesson's file."""
    packets = [each for script in shown(lesson) for each in _packets(script)]
    rules = lesson.rules
    stations = [node for node in rules.nodes if node.id in rules.engines]
    replies = {node.id: tuple(each for each in packets if each.packet.src in node.addresses) for node in stations}
    players = tuple(each for each in packets if rules.by_address.get(each.packet.src) not in replies)
    return Printed(players, {id: some for id, some in replies.items() if some})


def _packets(script: Script) -> Iterator[Shown]:
    for number, card in enumerate(script.cards.values(), 1):
        packet = whole(card)
        assert packet is not None, "a course that is shown is printed whole"
        yield Shown(packet, script.title, number, len(script.cards))


def is_carried_only(lesson: Lesson) -> bool:
    """All cards lie ready, those of the stations too: people carry them, and write nothing."""
    there = printed(lesson)
    ready = {_said(each.packet.written()) for each in chain(there.players, *there.replies.values())}
    return bool(there.replies) and ready >= {_said(card) for card in written_by_bots(lesson)}


def _said(card: Written) -> tuple[object, ...]:
    """What matters on a card where nobody counts."""
    return card.src, card.dst, card.sport, card.dport, card.carries, card.flags, card.payload or b""


def writers(lesson: Lesson) -> tuple[NodeRules, ...]:
    """Whoever writes cards: people at hosts that answer."""
    rules = lesson.rules
    return tuple(n for n in rules.nodes if not n.router and not n.silent and n.id not in rules.engines)
