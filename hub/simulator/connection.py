"""One TCP connection as one end sees it: the transmission control block (RFC 9293 §3.3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import NamedTuple

from cards.packet import DEFAULT_WINDOW, Segment
from cards.seqnum import SeqNum
from hub.simulator.states import State

_ZERO = SeqNum(0)


class Endpoint(NamedTuple):
    """One end of a connection."""

    address: IPv4Address
    port: int

    def __str__(self) -> str:
        return f"{self.address}:{self.port}"


class Pair(NamedTuple):
    """What names a connection: both ends, ours first (the RFC's "socket pair")."""

    local: Endpoint
    remote: Endpoint


@dataclass(frozen=True, slots=True)
class Connection:
    """The RFC's variables; SND.x and RCV.x are `snd_x` and `rcv_x`.

    iss: None until our SYN has gone out; irs: None until theirs has come in. acked: the last acknowledgement
    number that we sent, None before the first. owes_ack: something came that must be acknowledged. unacked:
    what we sent and they have not acknowledged yet, in order. until: when TIME-WAIT ends, in milliseconds of
    lesson time.
    """

    pair: Pair
    state: State
    iss: SeqNum | None = None
    snd_una: SeqNum = _ZERO
    snd_nxt: SeqNum = _ZERO
    snd_wnd: int = 0
    snd_wl1: SeqNum = _ZERO
    snd_wl2: SeqNum = _ZERO
    irs: SeqNum | None = None
    rcv_nxt: SeqNum = _ZERO
    rcv_wnd: int = DEFAULT_WINDOW
    acked: SeqNum | None = None
    owes_ack: bool = False
    unacked: tuple[Segment, ...] = ()
    until: int | None = None

    @property
    def owes_syn(self) -> bool:
        """Their SYN came and ours has not gone out: SYN,ACK is owed."""
        return self.state is State.SYN_RECEIVED and (self.iss is None or self.owes_ack)

    @property
    def owes(self) -> bool:
        """Something must be sent: SYN,ACK or ACK."""
        return self.owes_ack or self.owes_syn

    @property
    def room(self) -> int:
        """Octets that we may still send: what is left of SND.WND (§3.8.6)."""
        return max(0, self.snd_wnd - (self.snd_nxt - self.snd_una))
