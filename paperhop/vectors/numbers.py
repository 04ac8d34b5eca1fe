"""Sequence numbers as cases have them: counted from the SYN of the side that they belong to."""

from __future__ import annotations

from collections.abc import Mapping

from cards.packet import Flags, Segment
from cards.seqnum import SeqNum
from hub.simulator.connection import Pair

ASSUMED = SeqNum(1_000_000)
"""Where the host's numbers begin as long as it has not sent a SYN."""


class Numbers:
    """Those of the flow of that name. host_isn: of the SYN that the host sent last, None before the first."""

    def __init__(self, flow: str, pair: Pair, peer_isn: int) -> None:
        """Raises ValueError for a `peer_isn` that is no sequence number."""
        self.flow = flow
        self.pair = pair
        self.peer_isn = SeqNum(peer_isn)
        self.host_isn: SeqNum | None = None

    @property
    def host_base(self) -> SeqNum:
        """What the host's numbers are counted from."""
        return ASSUMED if self.host_isn is None else self.host_isn

    def emitted(self, s: Segment) -> dict[str, int | str | None]:
        """`seq` and `ack` of a segment that the host sent; a SYN begins to count anew. seq_base: "zero" for a reset to
        a segment without ACK, "assumed" as long as there has been no SYN.
        """
        if Flags.SYN in s.flags:
            self.host_isn = s.seq
        ack = None if s.ack is None else s.ack - self.peer_isn
        if Flags.RST in s.flags and s.ack is not None and s.seq.value == 0:
            return {"seq": 0, "ack": ack, "seq_base": "zero"}
        numbers: dict[str, int | str | None] = {"seq": s.seq - self.host_base, "ack": ack}
        return numbers if self.host_isn is not None else numbers | {"seq_base": "assumed"}


def named(flows: Mapping[str, Numbers], flow: str) -> Numbers:
    """The numbers of a flow. Raises ValueError when there is none of that name."""
    if flow not in flows:
        raise ValueError(f"no flow is called {flow!r}")
    return flows[flow]
