"""What the referee says of one scan. A ruling is a code with parameters; sentences are made at the hub's edge."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

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


@dataclass(frozen=True, slots=True)
class Ruling:
    """The verdict on one scan.

    reason: a code of `reasons`. params: what its sentence mentions. came_from: the node that the packet was carried
    from; goes_to: the node where it must be next. packet: with the engine's numbers, where there is one.
    repeated: the same card was shown again, nothing was counted.
    """

    verdict: Verdict
    reason: str
    params: dict[str, str] = field(default_factory=dict)
    node: str | None = None
    card: str | None = None
    written: Written | None = None
    packet: Packet | None = None
    came_from: str | None = None
    goes_to: str | None = None
    repeated: bool = False
