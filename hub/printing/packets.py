"""The printed packets of a lesson: those that it shows, and replies of its stations."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from cards.packet import Packet, Written
from hub.lessons import Lesson
from hub.printing.course import shown, whole, written_by_bots
from hub.simulator.rules import NodeRules


@dataclass(frozen=True, slots=True)
class Printed:
    """The packets of a lesson's own course of play.

    players: what people carry; replies: station -> what lies in its tray. Both are empty where no course of play goes
    with printed cards alone (`shown`).
    """

    players: tuple[Packet, ...]
    replies: dict[str, tuple[Packet, ...]]


def printed(lesson: Lesson) -> Printed:
    """The packets of the courses of play to print, in the order of the lesson's file."""
    written = [card for script in shown(lesson) for card in script.cards.values()]
    packets = [packet for packet in map(whole, written) if packet is not None]
    rules = lesson.rules
    stations = [node for node in rules.nodes if node.id in rules.engines]
    replies = {node.id: tuple(p for p in packets if p.src in node.addresses) for node in stations}
    players = tuple(p for p in packets if rules.by_address.get(p.src) not in replies)
    return Printed(players, {id: some for id, some in replies.items() if some})


def is_carried_only(lesson: Lesson) -> bool:
    """All cards lie ready, those of the stations too: people carry them, and write nothing."""
    there = printed(lesson)
    ready = {_said(packet.written()) for packet in chain(there.players, *there.replies.values())}
    return bool(there.replies) and ready >= {_said(card) for card in written_by_bots(lesson)}


def _said(card: Written) -> tuple[object, ...]:
    """What matters on a card where nobody counts."""
    return card.src, card.dst, card.sport, card.dport, card.carries, card.flags, card.payload or b""


def writers(lesson: Lesson) -> tuple[NodeRules, ...]:
    """Whoever writes cards: people at hosts that answer."""
    rules = lesson.rules
    return tuple(n for n in rules.nodes if not n.router and not n.silent and n.id not in rules.engines)
