"""What was on the wires of a game: every packet as each node saw it that sent it, passed it on, or took it.

A node sees a packet once: as it leaves, where it sends or forwards it, else as it comes. What was stopped, or could not
be read, was on no wire. What a wire lost was seen up to there, and that it got lost is noted where it was seen last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from dataclasses import replace as changed

from msgspec.structs import replace

from cards.datagram import Datagram, Echo, IcmpError, Opaque
from cards.packet import Packet, Segment
from cards.payload import Ink
from hub.records import MovedRecord, ScannedRecord
from hub.replay import Past
from hub.simulator import wire
from hub.simulator.ethernet import Frame, Mac
from hub.simulator.events import CardLost
from hub.simulator.rules import Rules
from hub.simulator.verdicts import Ruling, Verdict
from hub.simulator.world import Instance
from hub.view import StoryLine

_LEAST_QUOTED = 8
"""Octets of a packet's body that every ICMP error quotes (RFC 792)."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A packet at one node. at: lesson time in ms. outbound: it leaves the node; else it comes.

    number: of the packet, the same wherever it is seen; one that is sent again is another. notes: what was said of it
    there, what else is to be known of it.
    """

    node: str
    at: int
    round: int
    outbound: bool
    number: int
    frame: Frame
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Watched:
    """sights: in the order of time. unseen: how many scans put nothing on a wire, by node, round and verdict."""

    sights: list[Sight]
    unseen: Counter[tuple[str | None, int, Verdict]]


def watch(rules: Rules, past: Iterable[Past]) -> Watched:
    """What was on the wires of a whole game."""
    watcher = _Watcher(rules)
    for each in past:
        watcher.take(each)
    return Watched(watcher.sights, watcher.unseen)


@dataclass(slots=True)
class _Travelling:
    """A packet of this round. ident: its identification; sent: as it left; last: where it was seen last."""

    number: int
    ident: int
    sent: Packet
    last: Sight


class _Watcher:
    def __init__(self, rules: Rules) -> None:
        self.sights: list[Sight] = []
        self.unseen: Counter[tuple[str | None, int, Verdict]] = Counter()
        self._rules = rules
        self._round = 0
        self._numbers = 0
        self._idents: Counter[str] = Counter()
        self._travelling: dict[str, _Travelling] = {}
        self._quotable: dict[tuple[object, ...], int] = {}

    def take(self, past: Past) -> None:
        if past.world.round != self._round:
            self._round = past.world.round
            self._travelling.clear()
        record = past.record
        if isinstance(record, MovedRecord) and isinstance(record.move, CardLost):
            self._note(record.move.card, "Lost: the card lies in the drop box.")
        command = isinstance(record, ScannedRecord) and (record.command is not None or record.role is not None)
        if past.ruling is not None and past.line is not None and not command and not past.ruling.repeated:
            self._scanned(past, past.ruling, past.line)

    def _scanned(self, past: Past, ruling: Ruling, line: StoryLine) -> None:
        instance = None if ruling.card is None else past.world.instances.get(ruling.card)
        said = self._said(ruling, line)
        if instance is not None and ruling.verdict is Verdict.SENT:
            self._leaves(instance, past.at, said)
        elif instance is not None and _taken(instance, ruling):
            if instance.card not in self._travelling and not self._found(instance, past):
                title = self._rules.title(instance.path[0])
                self._leaves(instance, past.at, f"sent at {title}: the engine gives its answer with this very card.")
            self._arrives(instance, past.at, ruling, said)
        else:
            self.unseen[ruling.node, self._round, ruling.verdict] += 1
            lost = instance is not None and ruling.packet == instance.packet and ruling.verdict is Verdict.DROPPED
            if instance is not None and lost:
                self._note(instance.card, said)

    def _leaves(self, instance: Instance, at: int, said: str) -> None:
        """A packet begins its way."""
        source = instance.path[0]
        self._numbers += 1
        self._idents[source] = self._idents[source] % 0xFFFF + 1
        first = instance.path[1] if len(instance.path) > 1 else instance.due
        assert first is not None
        number, ident = self._numbers, self._idents[source]
        sight = self._seen(source, at, number, ident, instance.sent, source, first, said)
        self._travelling[instance.card] = _Travelling(number, ident, instance.sent, sight)
        self._quotable[_quoted(instance.sent)] = ident

    def _arrives(self, instance: Instance, at: int, ruling: Ruling, said: str) -> None:
        """A packet is at a node that passes it on, or takes it."""
        packet, node = ruling.packet, instance.path[-1]
        assert packet is not None
        to = ruling.goes_to or (instance.was_due if instance.lost else None)
        ends = (instance.path[-2], node) if to is None else (node, to)
        travelling = self._travelling[instance.card]
        travelling.last = self._seen(node, at, travelling.number, travelling.ident, packet, *ends, said)

    def _found(self, instance: Instance, past: Past) -> bool:
        """A packet of the engine that had no paper, and has one now."""
        for card, travelling in self._travelling.items():
            if card not in past.world.instances and travelling.sent == instance.sent:
                self._travelling[instance.card] = self._travelling.pop(card)
                return True
        return False

    def _seen(
        self, node: str, at: int, number: int, ident: int, packet: Packet, src: str, dst: str, said: str
    ) -> Sight:
        packet = self._identified(packet, ident)
        frame = Frame(self._mac(dst, src), self._mac(src, dst), packet)
        sight = Sight(node, at, self._round, node == src, number, frame, [said, *_to_be_known(packet)])
        self.sights.append(sight)
        return sight

    def _identified(self, packet: Packet, ident: int) -> Packet:
        """With its identification, and with that of the packet that it quotes."""
        body = packet.body
        if isinstance(body, IcmpError):
            about = body.about
            key = (about.src, about.dst, about.protocol, about.begins[:_LEAST_QUOTED])
            body = changed(body, about=changed(about, ident=self._quotable.get(key, about.ident)))
        return replace(packet, ident=ident, body=body)

    def _mac(self, node: str, near: str) -> Mac:
        """The Ethernet address of a node on the wire to another one: of its address that is on that one's network."""
        own = [address for each in self._rules.node(node).interfaces for address in each.addresses]
        others = self._rules.node(near).addresses
        here = next((address for address in own if any(other in address.network for other in others)), own[0])
        return Mac.of(b"\x02\x00" + here.ip.packed)

    def _note(self, card: str, words: str) -> None:
        travelling = self._travelling.get(card)
        if travelling is not None:
            travelling.last.notes.append(words)

    def _said(self, ruling: Ruling, line: StoryLine) -> str:
        where = "" if ruling.node is None else f" at {self._rules.title(ruling.node)}"
        return f"{line.verdict.value}{where} ({line.reason}, card {ruling.card}, round {self._round}): {line.sentence}"


def _taken(instance: Instance, ruling: Ruling) -> bool:
    """This very scan has brought the packet to a node that passed it on, or took it."""
    there = len(instance.path) > 1 and instance.path[-1] == ruling.node
    return there and (instance.last.node, instance.last.reason) == (ruling.node, ruling.reason)


def _quoted(packet: Packet) -> tuple[object, ...]:
    """By what an ICMP error names a packet."""
    body = wire.encode_body(packet)[:_LEAST_QUOTED]
    return packet.src, packet.dst, wire.protocol_of(packet.body), body


def _to_be_known(packet: Packet) -> list[str]:
    """What its octets do not say of themselves."""
    body = packet.body
    if isinstance(body, Segment | Datagram | Echo) and isinstance(body.payload, Ink):
        length = len(body.payload)
        what = (
            "1 octet of handwriting that nobody has read: ? stands for it."
            if length == 1
            else (f"{length} octets of handwriting that nobody has read: ? stands for each of them.")
        )
        return [what]
    if isinstance(body, Opaque):
        return ["Damaged on its way: what is wrong with its checksum is so."]
    return []
