"""What a lesson fixes for the referee: the nodes, the wires between them, and how strictly one plays."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from hub.simulator.connection import Endpoint
from hub.simulator.router import Interface, Table


class Counting(enum.Enum):
    """Who minds sequence and acknowledgement numbers.

    OFF: nobody; numbers on paper are not looked at and the engine fills in admissible ones. BYTES: the players, from 0
    on, and only data counts. RFC: the players, as RFC 9293 has it (SYN and FIN count).
    """

    OFF = "off"
    BYTES = "bytes"
    RFC = "rfc"


class Play(enum.Enum):
    """What happens to a packet that its sender may not send: COACH stops it, FREE carries it as it is."""

    COACH = "coach"
    FREE = "free"


class Do(enum.Enum):
    """What an application wants: to open a connection, to say something on it, to close it; to ping; to trace a way."""

    OPEN = "open"
    SAY = "say"
    CLOSE = "close"
    PING = "ping"
    TRACE = "trace"


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that the application of a node wants, after the one before it.

    remote: with whom; the port of a ping means nothing. text: what is said. port: the source port to speak from, None:
    any.
    """

    do: Do
    remote: Endpoint
    text: bytes = b""
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """What the lesson's pen cards ask for, beside addresses, ports and flags.

    seq, ack: the numbers must be written. ttl: boxes of the TTL row, None: the form has none. next_hop: the router's
    player marks it. payload: cells of the comb, octets. check: a check digit is written. addresses, ports: what can be
    marked although no node has it.
    """

    seq: bool = False
    ack: bool = False
    ttl: int | None = None
    next_hop: bool = False
    payload: int = 32
    check: bool = False
    addresses: tuple[IPv4Address, ...] = ()
    ports: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Timers:
    """Timers of people, in ms of lesson time. retransmission: None: nobody is ever asked to send again."""

    retransmission: int | None = None
    delayed_ack: int = 20_000
    msl_2: int = 60_000


@dataclass(frozen=True, slots=True)
class NodeRules:
    """A node of the lesson.

    interfaces: its addresses, the one it speaks from first; table: its routes. router: it forwards what is not for
    itself. services: port -> name, what listens here. tasks: what its application wants. silent: a firewall in front of
    it swallows everything. secret: what listens here is named on no page that all can see. team: who plays together.
    fill_in: its table is empty at the start, its player fills it in, and `table` is what belongs there. addresses: all
    of its own. A node's id is what messages, lessons and pages call it.
    """

    id: str
    title: str
    interfaces: tuple[Interface, ...]
    table: Table
    router: bool = False
    services: tuple[tuple[int, str], ...] = ()
    tasks: tuple[Task, ...] = ()
    silent: bool = False
    team: str | None = None
    fill_in: bool = False
    secret: bool = False
    addresses: tuple[IPv4Address, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        own = tuple(address.ip for interface in self.interfaces for address in interface.addresses)
        object.__setattr__(self, "addresses", own)

    @property
    def address(self) -> IPv4Address:
        """The address that it speaks from."""
        return self.addresses[0]


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything of a lesson that the referee needs.

    links: pairs of node ids. isn_digits: digits of the initial sequence numbers that the engine makes. engines: the
    nodes that the engine plays from the start. language: in which the room is spoken to, as its code (ISO 639-1): words
    are made elsewhere.
    """

    nodes: tuple[NodeRules, ...]
    links: frozenset[frozenset[str]]
    counting: Counting = Counting.RFC
    play: Play = Play.COACH
    isn_digits: int = 3
    timers: Timers = Timers()
    form: Form = Form()
    engines: frozenset[str] = frozenset()
    language: str = "en"
    by_id: dict[str, NodeRules] = field(init=False, compare=False, repr=False)
    by_address: dict[IPv4Address, str] = field(init=False, compare=False, repr=False)
    near: dict[str, tuple[str, ...]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {node.id: node for node in self.nodes})
        owners = {address: node.id for node in self.nodes for address in node.addresses}
        object.__setattr__(self, "by_address", owners)
        near: dict[str, set[str]] = {node.id: set() for node in self.nodes}
        for one, other in map(tuple, self.links):
            near[one].add(other)
            near[other].add(one)
        order = {node.id: number for number, node in enumerate(self.nodes)}
        object.__setattr__(self, "near", {id: tuple(sorted(ids, key=order.__getitem__)) for id, ids in near.items()})

    def node(self, id: str) -> NodeRules:
        """The rules of one node; KeyError when there is none of this id."""
        return self.by_id[id]

    def title(self, id: str) -> str:
        """What people call a node."""
        return self.by_id[id].title

    def named(self, name: str) -> str | None:
        """The id of the node that people call `name`, by its id or its title, in whatever case."""
        wanted = name.casefold()
        return next((node.id for node in self.nodes if wanted in (node.id, node.title.casefold())), None)

    def linked(self, one: str, other: str) -> bool:
        """Whether a wire joins two nodes."""
        return frozenset((one, other)) in self.links

    def neighbours(self, id: str) -> tuple[str, ...]:
        """The nodes to which a wire leads, in the order of the lesson's file."""
        return self.near[id]
