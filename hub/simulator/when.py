"""What must happen, or be so: the condition of a goal, and whether it is met."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import TypeAlias, TypeVar

import msgspec

from cards.packet import Carries, Flags, Written
from cards.payload import Ink
from hub.simulator.moves import NOT_COMPARED
from hub.simulator.states import State
from hub.simulator.turns import turn
from hub.simulator.verdicts import Ruling, Verdict
from hub.simulator.world import World

EACH = "each"
"""In the place of a node: the one that would earn the goal."""
OTHERS = "others"
"""In the place of a node: any that does not play together with the one that would earn the goal."""

Earner = str | None
"""Who earns a goal: a node, or (None) the room."""

T = TypeVar("T")
AnyOf: TypeAlias = T | tuple[T, ...] | None
"""What is asked for: one, or any of several; None: it does not matter."""


class When(msgspec.Struct, frozen=True, cache_hash=True):
    """Everything that is given must hold at the same moment; of several, any. A node is an id, EACH or OTHERS.

    Of a packet that was scanned: verdict; reason, its code; flags, what kind of packet (PSH and URG make no
    difference); at, the node that scanned it; source, where it was scanned first; destination, the node that has its
    destination address; text, octets that are in its payload (handwriting that nobody has typed in has them when it
    is long enough).

    Of what is so at node `at`: state, of one of its connections (with node `peer`), CLOSED: it has none; octets, of
    data that have come on it in order, whatever pieces they came in; acknowledged: everything is that went out on its
    connections; idle: its player has nothing to do just now, which one may also have who waits for an answer.

    port: at either end, of the packet or of the connection. others: who OTHERS are, for each who could earn the goal.
    """

    verdict: AnyOf[Verdict] = None
    reason: AnyOf[str] = None
    flags: AnyOf[Flags | Carries] = None
    at: AnyOf[str] = None
    source: AnyOf[str] = None
    destination: AnyOf[str] = None
    text: bytes = b""
    state: AnyOf[State] = None
    peer: AnyOf[str] = None
    octets: int = 0
    acknowledged: bool = False
    idle: bool = False
    port: AnyOf[int] = None
    others: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def of_state(self) -> bool:
        """It asks what is so."""
        return self.of_connection or self.acknowledged or self.idle

    @property
    def of_connection(self) -> bool:
        """It asks what one connection is like."""
        return self.state is not None or self.octets > 0

    @property
    def of_packet(self) -> bool:
        """It asks for a packet that is scanned."""
        asked = self.verdict, self.reason, self.flags, self.source, self.destination
        return any(each is not None for each in asked) or bool(self.text) or not self.of_state

    @property
    def names_each(self) -> bool:
        """It is another condition for each node that could earn the goal."""
        places = self.at, self.source, self.destination, self.peer
        return EACH in places or OTHERS in places

    def nodes(self, place: AnyOf[str], earner: Earner) -> tuple[str, ...]:
        """The nodes that a place means for one who would earn the goal; none, where it is left out."""
        if place == EACH:
            return () if earner is None else (earner,)
        return dict(self.others).get(earner or "", ()) if place == OTHERS else several(place)


def several(wanted: AnyOf[T]) -> tuple[T, ...]:
    """All that are asked for; none, where it does not matter."""
    return wanted if isinstance(wanted, tuple) else () if wanted is None else (wanted,)


class Seen(msgspec.Struct, frozen=True):
    """A packet that was scanned. source: the node where it was scanned first; destination: of its address."""

    ruling: Ruling
    source: str | None
    destination: str | None


def seen(world: World, ruling: Ruling) -> Seen:
    """The packet of a ruling; `world` is as it was before the scan, or after it."""
    return Seen(ruling, ruling.origin, _owner(world, _destination(ruling)))


def ends(world: World, ruling: Ruling) -> frozenset[str]:
    """The nodes that have the addresses of a ruling's packet, as far as anybody has them."""
    src = ruling.written.src if ruling.packet is None and ruling.written is not None else None
    src = src if ruling.packet is None else ruling.packet.src
    return frozenset(node for address in (src, _destination(ruling)) if (node := _owner(world, address)) is not None)


def matches(when: When, earner: Earner, packet: Seen) -> bool:
    """Whether a packet that was scanned is what a goal asks for. What is so beside it is not looked at."""
    ruling = packet.ruling
    return (
        _one_of(ruling.reason, several(when.reason))
        and _one_of(ruling.verdict, several(when.verdict))
        and _is(when, when.at, earner, ruling.node)
        and _is(when, when.source, earner, packet.source)
        and _is(when, when.destination, earner, packet.destination)
        and (when.flags is None or _is_kind(several(when.flags), ruling.written))
        and (when.port is None or _has_port(several(when.port), ruling.written))
        and (not when.text or _holds(when.text, ruling.written))
    )


def candidates(when: When, who: tuple[str, ...], packet: Seen) -> Iterator[Earner]:
    """Those who may earn a goal by a packet: at most one, where the packet itself says who `each` is."""
    if not who:
        yield None
        return
    for name, node in (
        (when.at, packet.ruling.node),
        (when.source, packet.source),
        (when.destination, packet.destination),
    ):
        if name == EACH:
            if node in who:
                yield node
            return
    yield from who


def is_so(when: When, earner: Earner, world: World) -> bool:
    """Whether that is so in a world which a goal asks for; True where it asks for none of it."""
    if not when.of_state:
        return True
    peers = None if when.peer is None else when.nodes(when.peer, earner)
    return any(
        (not when.of_connection or _connected(world, node, peers, when))
        and (not when.acknowledged or not any(c.outstanding for c in world.host(node).connections.values()))
        and (not when.idle or turn(world, node) is None)
        for node in when.nodes(when.at, earner)
        if node in world.nodes
    )


def _connected(world: World, node: str, peers: tuple[str, ...] | None, when: When) -> bool:
    there = None if peers is None else {address for peer in peers for address in world.rules.node(peer).addresses}
    connections = [
        c
        for pair, c in world.host(node).connections.items()
        if (there is None or pair.remote.address in there)
        and (when.port is None or {pair.local.port, pair.remote.port}.intersection(several(when.port)))
    ]
    wanted: tuple[State, ...] = several(when.state)
    if not connections:
        return State.CLOSED in wanted and not when.octets
    return any((not wanted or c.state in wanted) and c.received >= when.octets for c in connections)


def _one_of(there: object, wanted: tuple[object, ...]) -> bool:
    return not wanted or there in wanted


def _is(when: When, place: AnyOf[str], earner: Earner, node: str | None) -> bool:
    return place is None or node in when.nodes(place, earner)


def _has_port(ports: tuple[int, ...], written: Written | None) -> bool:
    return written is not None and written.carries.has_ports and not {written.sport, written.dport}.isdisjoint(ports)


def _is_kind(kinds: tuple[Flags | Carries, ...], written: Written | None) -> bool:
    if written is None:
        return False
    if written.carries is not Carries.TCP:
        return written.carries in kinds
    flags = (written.flags or Flags.NONE) & ~NOT_COMPARED
    return any(isinstance(kind, Flags) and kind & ~NOT_COMPARED == flags for kind in kinds)


def _holds(text: bytes, written: Written | None) -> bool:
    payload = None if written is None else written.payload
    if payload is None:
        return False
    return len(payload) >= len(text) if isinstance(payload, Ink) else text in payload


def _destination(ruling: Ruling) -> IPv4Address | None:
    if ruling.packet is not None:
        return ruling.packet.dst
    return None if ruling.written is None else ruling.written.dst


def _owner(world: World, address: IPv4Address | None) -> str | None:
    return None if address is None else world.rules.by_address.get(address)
