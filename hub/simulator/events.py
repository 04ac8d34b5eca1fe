"""What happens in a room. Every event carries `at`: lesson time in milliseconds, never going back.

Events are what a journal keeps and a replay needs: the same events give the same world.
"""

from __future__ import annotations

import enum

import msgspec

from cards.packet import Written


class Seated(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="seated"):
    """A badge plays a node from now on (node None: none any more).

    others: further nodes that the same badge serves; which one is meant is inferred from the card.
    """

    at: int
    badge: str
    node: str | None
    others: tuple[str, ...] = ()

    @property
    def nodes(self) -> tuple[str, ...]:
        """Every node that the badge plays."""
        return () if self.node is None else (self.node, *self.others)


class RoundBegan(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="round"):
    """A new round: all cards are forgotten, all hosts are as at the start. Seats, tables and faults stay."""

    at: int


class Scanned(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="scanned"):
    """A badge saw a card: what is written on it, or why it could not be read."""

    at: int
    badge: str
    card: str | None
    written: Written | None = None
    problem: str | None = None
    detail: str = ""


class Played(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="played"):
    """The engine plays one step for a node: it takes the card that is due there, or sends one of its own.

    What it does was decided before (`bots.step`): a replay needs no bot.
    """

    at: int
    node: str
    card: str
    written: Written


class HandedOver(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="handed-over"):
    """From now on the engine plays a node, or (engine False) people do again. Its connections stay."""

    at: int
    node: str
    engine: bool


class Restarted(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="restarted"):
    """Two nodes forget the connections between them, and the cards that are on their way for these."""

    at: int
    node: str
    peer: str


class Undone(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="undone"):
    """The last move of a node is taken back, as if it had never been made (`history`)."""

    at: int
    node: str


class Redone(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="redone"):
    """The move of a node that was taken back last has been made after all (`history`)."""

    at: int
    node: str


class Forgiven(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="forgiven"):
    """The last mistake that a node is charged with does not count."""

    at: int
    node: str


class TableSet(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="table"):
    """A node's routing table is these lines: (prefix, id of the next node, or `link` for its own wires)."""

    at: int
    node: str
    routes: tuple[tuple[str, str], ...]


class LinkTurned(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="link"):
    """A link goes down, or up again."""

    at: int
    link: tuple[str, str]
    up: bool


class FaultKind(enum.Enum):
    """What a link can do to a packet."""

    LOSE = "lose"
    DELAY = "delay"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    CORRUPT = "corrupt"


class FaultSet(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="fault"):
    """A fault of a link from now on.

    name: what lifts it again. count: so many packets, then it is over; None: until it is lifted. rate: of how many
    packets it is the fate, 0 to 1; which ones follows from the room's seed. seconds: of a delay, or how long a packet
    waits at most to be overtaken.
    """

    at: int
    name: str
    kind: FaultKind
    link: tuple[str, str]
    count: int | None = 1
    rate: float = 1.0
    seconds: int = 30


class FaultLifted(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="fault-lifted"):
    """A fault is over."""

    at: int
    name: str


class CardLost(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="card-lost"):
    """A card that is on its way is lost: it lies in the drop box."""

    at: int
    card: str


class CardFound(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="card-found"):
    """A card that was lost is on its way again."""

    at: int
    card: str


class Hinted(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="hinted"):
    """A node's player was given a hint. step: 0 a question, 1 where to look, 2 the answer."""

    at: int
    node: str
    step: int


class Passed(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="passed"):
    """Nothing but time."""

    at: int


Setting = HandedOver | Restarted | Forgiven | TableSet | LinkTurned | FaultSet | FaultLifted | CardLost | CardFound
"""What a teacher changes in the world."""
TeacherMove = Setting | Undone | Redone
"""What a teacher does to a room, by hand or by a command card."""

Event = Seated | RoundBegan | Scanned | Played | Hinted | Passed | Setting
"""What the referee judges."""
