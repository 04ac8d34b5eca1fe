"""The printed cards of a lesson: packets that it shows, replies of its stations, commands for its teacher."""

from __future__ import annotations

from dataclasses import dataclass

from cards.packet import Packet, Written
from cards.qrtext import MOST_SERIAL, CardId, PrintedCard, encode
from hub.commands import parse
from hub.lessons import Lesson
from hub.simulator.rules import Do, NodeRules


@dataclass(frozen=True, slots=True)
class Printed:
    """The packets of a lesson's own course of play.

    players: what people carry; replies: station -> what lies in its tray. Cards that leave something out, and ICMP
    errors, are not there: they are for the pen.
    """

    players: tuple[Packet, ...]
    replies: dict[str, tuple[Packet, ...]]


def printed(lesson: Lesson) -> Printed:
    """The packets of the scripts to show, in the order of the lesson's file; of the first one, when none is to show."""
    variant = lesson.id.partition(":")[2] or None
    played = [script for script in lesson.scripts if script.variant in (None, variant)]
    scripts = [script for script in played if script.demo] or played[:1]
    written = [card for script in scripts for card in script.cards.values()]
    packets = [packet for packet in map(_whole, written) if packet is not None]
    rules = lesson.rules
    stations = [node for node in rules.nodes if node.id in rules.engines]
    replies = {node.id: tuple(p for p in packets if p.src in node.addresses) for node in stations}
    players = tuple(p for p in packets if rules.by_address.get(p.src) not in replies)
    return Printed(players, {id: some for id, some in replies.items() if some})


def _whole(written: Written) -> Packet | None:
    """The packet on a card, when it can be printed whole."""
    try:
        packet = written.complete()
        encode(PrintedCard(CardId("DEMO", MOST_SERIAL), packet))
    except ValueError:
        return None
    return packet


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
