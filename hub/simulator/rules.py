"""What a lesson fixes for the referee: the nodes, the wires between them, and how strictly one plays."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from hub.simulator.connection import Endpoint
from hub.simulator.router import Kind, Table


class Counting(enum.Enum):
    """Who minds sequence and acknowledgement numbers.

    OFF: nobody; numbers on paper are not looked at and the engine fills in admissible ones. RFC: the players, as
    RFC 9293 has it (the SYN counts).
    """

    OFF = "off"
    RFC = "rfc"


class Play(enum.Enum):
    """What happens to a packet that its sender may not send: COACH stops it, FREE carries it as it is."""

    COACH = "coach"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class NodeRules:
    """A node of the lesson.

    table: its routes. router: it forwards what is not for itself. services: port -> name, what listens here.
    opens: where its application wants a connection. A node's id is what messages, lessons and pages call it.
    """

    id: str
    title: str
    address: IPv4Address
    table: Table
    router: bool = False
    services: tuple[tuple[int, str], ...] = ()
    opens: tuple[Endpoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything of a lesson that the referee needs.

    links: pairs of node ids. isn_digits: digits of the initial sequence numbers that the engine makes. msl_2: ms.
    """

    nodes: tuple[NodeRules, ...]
    links: frozenset[frozenset[str]]
    counting: Counting = Counting.RFC
    play: Play = Play.COACH
    isn_digits: int = 3
    msl_2: int = 60_000
    by_address: dict[IPv4Address, str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_address", {node.address: node.id for node in self.nodes})

    def node(self, id: str) -> NodeRules:
        """The rules of one node; KeyError when there is none of this id."""
        for node in self.nodes:
            if node.id == id:
                return node
        raise KeyError(id)

    def named(self, name: str) -> str | None:
        """The id of the node that people call `name`, by its id or its title, in whatever case."""
        wanted = name.casefold()
        return next((node.id for node in self.nodes if wanted in (node.id, node.title.casefold())), None)

    def linked(self, one: str, other: str) -> bool:
        """Whether a wire joins two nodes."""
        return frozenset((one, other)) in self.links

    def next_hop(self, at: str, dst: IPv4Address) -> str | None:
        """The node where a packet for `dst` goes from `at` by its routing table; None: no route, or nobody there."""
        route = self.node(at).table.best(dst)
        if route is None or route.kind is not Kind.UNICAST:
            return None
        hop = self.by_address.get(dst if route.via is None else route.via)
        return hop if hop is not None and self.linked(at, hop) else None
