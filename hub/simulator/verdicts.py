"""What the referee says of one scan. A ruling is a code with parameters; sentences are made at the hub's edge."""

from __future__ import annotations

import enum

import msgspec

from cards.packet import Packet, Written


class Verdict(enum.Enum):
    """What became of a packet at the node that scanned it.

    `rst`: the packet makes this host answer RST, or is an RST that closes its connection.
    """

    SENT = "sent"
    FORWARDED = "forwarded"
    DELIVERED = "delivered"
    RST = "rst"
    DROPPED = "dropped"
    STOPPED = "stopped"
    UNREAD = "unread"


class Difference(msgspec.Struct, frozen=True, gc=False):
    """One field of a card that is not as the nearest admissible packet has it, in the numbers of the paper.

    field: `address`, `sport`, `dport`, `flags`, `seq`, `ack`, `data`, `ttl` or `next-hop`.
    """

    field: str
    written: str
    should: str


class Ruling(msgspec.Struct, frozen=True, gc=False):
    """The verdict on one scan.

    reason: a code of `reasons`. params: what its sentence mentions besides the packet and the places (`facts`).
    came_from: the node that the packet was carried from; goes_to: the node where it must be next. packet: with the
    engine's numbers, where there is one. charged: the node whose player made the mistake, None when there is none.
    differences: what to correct, field by field. origin: the node where the packet was scanned first. forged: that was
    not the node whose address it bears. repeated: the same card was shown again, nothing was counted.
    """

    verdict: Verdict
    reason: str
    params: dict[str, str] = {}
    node: str | None = None
    card: str | None = None
    written: Written | None = None
    packet: Packet | None = None
    came_from: str | None = None
    goes_to: str | None = None
    charged: str | None = None
    differences: tuple[Difference, ...] = ()
    origin: str | None = None
    forged: bool = False
    repeated: bool = False
