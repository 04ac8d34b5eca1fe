"""Playing a lesson in tests: `room.scan("client", "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100")`."""

from __future__ import annotations

import zlib
from dataclasses import replace
from functools import cache

from cards.notation import parse
from hub.lessons import load
from hub.simulator.events import CardLost, Event, Redone, RoundBegan, Scanned, Seated, Undone
from hub.simulator.history import History
from hub.simulator.referee import judge
from hub.simulator.rules import Rules
from hub.simulator.states import State
from hub.simulator.verdicts import Ruling
from hub.simulator.world import World, new_world

CLIENT, SERVER = "10.0.1.2:40001", "10.0.1.1:23"
SYN = f"{CLIENT} > {SERVER} SYN seq=100"
SYN_ACK = f"{SERVER} > {CLIENT} SYN,ACK seq=300 ack=101"
ACK = f"{CLIENT} > {SERVER} ACK seq=101 ack=301"


@cache
def handshake_rules() -> Rules:
    return load("handshake").rules


def seated(rules: Rules) -> list[Event]:
    """A badge sits at every node."""
    return [Seated(0, f"badge-{node.id}", node.id) for node in rules.nodes]


def scanned(at: int, node: str, text: str, card: str | None = None) -> Scanned:
    """A card is scanned at a node; it is named after what is written on it, unless it has a name."""
    return Scanned(at, f"badge-{node}", card or _name(text), parse(text))


class Play:
    """A room with a badge at every node; each call is one second later than the one before."""

    def __init__(self, rules: Rules | None = None, seed: str = "seed") -> None:
        self.world: World = new_world(rules or handshake_rules(), seed)
        self.events: list[Event] = []
        self.at = 0
        for event in seated(self.world.rules):
            self.do(event)

    def do(self, event: Event) -> tuple[Ruling, ...]:
        self.events.append(event)
        self.world, rulings = judge(self.world, event)
        return rulings

    def scan(self, node: str, text: str, card: str | None = None) -> Ruling:
        """One scan at a node. A card is named after what is written on it, unless it has a name."""
        self.at += 1000
        (ruling,) = self.do(scanned(self.at, node, text, card))
        return ruling

    def scanned_by(self, badge: str, text: str) -> Scanned:
        """The next scan, by a badge of another name."""
        self.at += 1000
        return Scanned(self.at, badge, _name(text), parse(text))

    def carry(self, text: str, *nodes: str) -> list[str]:
        """The same card scanned at node after node; the verdicts."""
        return [self.scan(node, text).verdict.value for node in nodes]

    def lose(self, text: str) -> None:
        """The teacher has found the card of this text in the drop box."""
        self.do(CardLost(self.at, _name(text)))

    def round(self) -> None:
        self.do(RoundBegan(self.at))

    def state(self, node: str) -> list[State]:
        host = self.world.host(node)
        return [host.connections[pair].state for pair in sorted(host.connections)]


def established(rules: Rules | None = None) -> Play:
    """Client and server after a good handshake: client seq 101, server seq 301."""
    play = Play(rules)
    play.carry(SYN, "client", "router", "server")
    play.carry(SYN_ACK, "server", "router", "client")
    play.carry(ACK, "client", "router", "server")
    assert play.state("client") == play.state("server") == [State.ESTABLISHED]
    return play


def undo(room: History, node: str) -> bool:
    """Whether a node's last move could be taken back."""
    return room.move(Undone(room.world.at, node)) is None


def redo(room: History, node: str) -> bool:
    """Whether a move that was taken back could be made after all."""
    return room.move(Redone(room.world.at, node)) is None


def with_rules(**changes: object) -> Rules:
    return replace(handshake_rules(), **changes)  # type: ignore[arg-type]


def _name(text: str) -> str:
    return f"T-{zlib.crc32(text.encode()) % 100_000}"
