"""What a scan, or a step of the engine, leaves behind for those who look back: small, and all that a ladder needs."""

from __future__ import annotations

import msgspec

from cards.jsonform import WrittenJson
from cards.packet import Packet, Written
from hub.discreet import as_all_may_see
from hub.pictures import has_picture
from hub.records import PlayedRecord, ScannedRecord
from hub.replay import Past
from hub.simulator.connection import Endpoint
from hub.simulator.facts import kind
from hub.simulator.reasons import REASONS
from hub.simulator.rules import Rules
from hub.simulator.states import State
from hub.simulator.verdicts import Difference, Ruling
from hub.simulator.world import World
from hub.speech import help_with, said
from hub.texts import Hints


class End(msgspec.Struct, frozen=True, order=True):
    """One end of an exchange. node: who has the address, None: nobody here. port: None for what has none."""

    address: str
    port: int | None
    node: str | None = None


class Seen(msgspec.Struct, frozen=True):
    """What all may see of it while its round goes on."""

    verdict: str
    reason: str
    sentence: str
    rfc: str | None
    goes_to: str | None


class Footprint(msgspec.Struct, frozen=True):
    """One scan, or one step of the engine.

    event: its number in the journal. src, dst: the ends of its packet, None where that is not known. label: its kind.
    seq, ack, data, ink: as on paper; ttl: as the packet travels. states: of both ends afterwards, by node, as
    RFC 9293 spells them. came_from, goes_to, origin, forged, repeated: as in a ruling. charged: the node whose mistake
    it is. differences: what to correct. hints: how it would have worked. picture: whether there is one of the
    handwriting. public: what all may see of it while its round goes on; None: all of it.
    """

    event: int
    round: int
    at_ms: int
    node: str | None
    card: str | None
    verdict: str
    reason: str
    sentence: str
    by_engine: bool
    rfc: str | None = None
    key: int | None = None
    packet: WrittenJson | None = None
    src: End | None = None
    dst: End | None = None
    label: str = ""
    ttl: int | None = None
    states: dict[str, str] = {}
    came_from: str | None = None
    goes_to: str | None = None
    origin: str | None = None
    forged: bool = False
    repeated: bool = False
    charged: str | None = None
    hack: str | None = None
    differences: tuple[Difference, ...] = ()
    hints: Hints | None = None
    picture: bool = False
    public: Seen | None = None

    @property
    def ends(self) -> frozenset[End] | None:
        """Both ends of its exchange, whichever way it goes."""
        return None if self.src is None or self.dst is None else frozenset((self.src, self.dst))


def footprint(rules: Rules, past: Past) -> Footprint | None:
    """What a record leaves behind; None: it is neither a scan of a packet's card nor a step of the engine."""
    record, ruling, line = past.record, past.ruling, past.line
    if ruling is None or line is None or not isinstance(record, ScannedRecord | PlayedRecord):
        return None
    if isinstance(record, ScannedRecord) and (record.command is not None or record.role is not None):
        return None
    reason = REASONS.get(line.reason)
    packet = ruling.packet
    src, dst = _ends(rules, ruling.packet, line.packet)
    shown = ruling.written if ruling.written is not None else None if packet is None else _written(packet)
    return Footprint(
        event=past.number,
        round=past.world.round,
        at_ms=past.at,
        node=ruling.node,
        card=ruling.card,
        verdict=line.verdict.value,
        reason=line.reason,
        sentence=line.sentence,
        by_engine=isinstance(record, PlayedRecord),
        rfc=line.rfc,
        key=line.key,
        packet=line.packet,
        src=src,
        dst=dst,
        label="" if shown is None else kind(shown),
        ttl=None if packet is None else packet.ttl,
        states=_states(past.world, src, dst),
        came_from=ruling.came_from,
        goes_to=ruling.goes_to,
        origin=ruling.origin,
        forged=ruling.forged,
        repeated=ruling.repeated,
        charged=ruling.charged,
        hack=None if reason is None else reason.hack,
        differences=ruling.differences,
        hints=help_with(rules, ruling),
        picture=has_picture(record),
        public=_public(rules, ruling),
    )


def discreet(each: Footprint, round: int) -> Footprint:
    """A footprint as all may see it when this round is played."""
    if each.public is None or each.round < round:
        return each
    seen = each.public
    return msgspec.structs.replace(
        each,
        verdict=seen.verdict,
        reason=seen.reason,
        sentence=seen.sentence,
        rfc=seen.rfc,
        goes_to=seen.goes_to,
        hints=None,
    )


def _public(rules: Rules, ruling: Ruling) -> Seen | None:
    seen = as_all_may_see(rules, ruling)
    if seen is None or seen is ruling:
        return None
    reason = REASONS.get(seen.reason)
    rfc = None if reason is None else reason.rfc
    return Seen(seen.verdict.value, seen.reason, said(rules, seen), rfc, seen.goes_to)


def _written(packet: Packet) -> Written | None:
    try:
        return packet.written()
    except TypeError:
        return None


def _ends(rules: Rules, packet: Packet | None, paper: WrittenJson | None) -> tuple[End | None, End | None]:
    if packet is not None:
        sport, dport = getattr(packet.body, "sport", None), getattr(packet.body, "dport", None)
        return _end(rules, str(packet.src), sport), _end(rules, str(packet.dst), dport)
    if paper is None or paper.src is None or paper.dst is None:
        return None, None
    return _end(rules, paper.src, paper.sport), _end(rules, paper.dst, paper.dport)


def _end(rules: Rules, address: str, port: int | None) -> End:
    owner = next((node for known, node in rules.by_address.items() if str(known) == address), None)
    return End(address, port, owner)


def _states(world: World, *ends: End | None) -> dict[str, str]:
    """The state of each end that is a host of this room and has a port."""
    states = {}
    for own, other in (ends, ends[::-1]):
        if own is None or other is None or own.node is None or own.port is None or other.port is None:
            continue
        host = world.host(own.node)
        pair = next(
            (pair for pair in host.connections if _is(pair.local, own) and _is(pair.remote, other)),
            None,
        )
        if pair is not None:
            states[own.node] = host.connections[pair].state.value
        elif any(port == own.port for _, port in host.listening):
            states[own.node] = State.LISTEN.value
        else:
            states[own.node] = State.CLOSED.value
    return states


def _is(endpoint: Endpoint, end: End) -> bool:
    return endpoint.port == end.port and str(endpoint.address) == end.address
