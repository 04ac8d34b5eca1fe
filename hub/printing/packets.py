"""The printed cards of a lesson: packets that it shows, replies of its stations, commands for its teacher."""

from __future__ import annotations

from dataclasses import dataclass

from cards.packet import Packet
from hub.commands import parse
from hub.lessons import Lesson
from hub.printing.course import shown, whole
from hub.simulator.rules import Do, NodeRules


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
    return bool(printed(lesson).replies)


def commands(lesson: Lesson) -> tuple[str, ...]:
    """What a teacher can use in this lesson: a new round; faults where losses can be mended; help for each player."""
    rules = lesson.rules
    wires = sorted(tuple(id for id in rules.by_id if id in pair) for pair in rules.links)
    players = [node for node in rules.nodes if node.id not in rules.engines]
    words = ["round"]
    if lesson.faults or rules.timers.retransmission:
        words += [f"lose {one} {other}" for one, other in wires]
        words += [f"delay {one} {other}" for one, other in wires]
    if lesson.faults or rules.timers.retransmission:
        words.append("lift")
    words += [f"{word} {node.id}" for node in players for word in ("undo", "play")]
    words += [f"restart {one} {other}" for one, other in _conversations(lesson)]
    return tuple(parse(line, rules).text for line in words)


def _conversations(lesson: Lesson) -> list[tuple[str, str]]:
    """Who opens a connection with whom, once each."""
    rules = lesson.rules
    pairs = (
        (node.id, rules.by_address[task.remote.address])
        for node in rules.nodes
        for task in node.tasks
        if task.do is Do.OPEN and task.remote.address in rules.by_address
    )
    return list(dict.fromkeys(pairs))


def writers(lesson: Lesson) -> tuple[NodeRules, ...]:
    """Whoever writes cards: people at hosts that answer."""
    rules = lesson.rules
    return tuple(n for n in rules.nodes if not n.router and not n.silent and n.id not in rules.engines)
