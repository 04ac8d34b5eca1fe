"""What must happen, or be so: the condition of a goal, and whether it is met."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

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

Earner = str | None
"""Who earns a goal: a node, or (None) the room."""


class When(msgspec.Struct, frozen=True, cache_hash=True):
    """Everything that is given must hold at the same moment. A node is an id, or EACH.

    Of a packet that was scanned: verdict; reason, its code; flags, what kind of packet (PSH and URG make no
    difference); at, the node that scanned it; source, where it was scanned first; destination, the node that has its
    destination address; text, octets that are in its payload (handwriting that nobody has typed in has them when it
    is long enough).

    Of what is so at node `at`: state, of one of its connections (with node `peer`), CLOSED: it has none; idle: its
    player has nothing to do just now, which one may also have who waits for an answer.
    """

    verdict: Verdict | None = None
    reason: str | None = None
    flags: Flags | Carries | None = None
    at: str | None = None
    source: str | None = None
    destination: str | None = None
    text: bytes = b""
    state: State | None = None
    peer: str | None = None
    idle: bool = False

    @property
    def of_state(self) -> bool:
        """It asks what is so."""
        return self.state is not None or self.idle

    @property
    def of_packet(self) -> bool:
        """It asks for a packet that is scanned."""
        asked = self.verdict, self.reason, self.flags, self.source, self.destination
        return any(each is not None for each in asked) or bool(self.text) or not self.of_state

    @property
    def names_each(self) -> bool:
        """It is another condition for each node that could earn the goal."""
        return EACH in (self.at, self.source, self.destination, self.peer)


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
        when.reason in (None, ruling.reason)
        and when.verdict in (None, ruling.verdict)
        and _is(when.at, earner, ruling.node)
        and _is(when.source, earner, packet.source)
        and _is(when.destination, earner, packet.destination)
        and (when.flags is None or _is_kind(when.flags, ruling.written))
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
    node = named(when.at, earner)
    if node is None or node not in world.nodes:
        return False
    if when.state is not None and not _in_state(world, node, named(when.peer, earner), when.state):
        return False
    return not when.idle or turn(world, node) is None


def named(name: str | None, earner: Earner) -> str | None:
    """The node that a name in a goal means for one who would earn it."""
    return earner if name == EACH else name


def _in_state(world: World, node: str, peer: str | None, state: State) -> bool:
    there = None if peer is None else world.rules.node(peer).addresses
    states = (
        c.state for pair, c in world.host(node).connections.items() if there is None or pair.remote.address in there
    )
    return not any(True for _ in states) if state is State.CLOSED else state in states


def _is(name: str | None, earner: Earner, node: str | None) -> bool:
    return name is None or (node is not None and node == named(name, earner))


def _is_kind(flags: Flags | Carries, written: Written | None) -> bool:
    if written is None:
        return False
    if isinstance(flags, Carries):
        return written.carries is flags
    is_flags = written.flags or Flags.NONE
    return written.carries is Carries.TCP and is_flags & ~NOT_COMPARED == flags & ~NOT_COMPARED


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
