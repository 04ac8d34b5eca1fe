"""The retransmission timeout (RFC 6298). Times are in ms."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from cards.seqnum import SeqNum

CLOCK_GRANULARITY = 1
"""G, in ms."""
AFTER_SYN_LOST = 3000
"""What the timeout begins with when the SYN had to be sent again (RFC 6298 §5.7), in ms."""


class Rto(msgspec.Struct, frozen=True, gc=False):
    """The variables of RFC 6298 §2. srtt None: nothing measured yet. timed: the number after the octet that is being
    timed, and when it went out; None while nothing is.
    """

    rto: float = 1000.0
    srtt: float | None = None
    rttvar: float = 0.0
    timed: tuple[SeqNum, int] | None = None


def sampled(t: Rto, rtt: int, least: int, most: int) -> Rto:
    """After a measurement of the round trip (§2.2, §2.3): `rtt` ms; the timeout stays between `least` and `most`."""
    if t.srtt is None:
        srtt, rttvar = float(rtt), rtt / 2
    else:
        rttvar = 0.75 * t.rttvar + 0.25 * abs(t.srtt - rtt)
        srtt = 0.875 * t.srtt + 0.125 * rtt
    rto = srtt + max(CLOCK_GRANULARITY, 4 * rttvar)
    return Rto(min(max(rto, least), most), srtt, rttvar)


def restored(t: Rto, least: int, most: int) -> Rto:
    """As it was measured: the peer had shut its window and was asked less and less often, but nothing was lost."""
    return t if t.srtt is None else replace(t, rto=min(max(t.srtt + max(CLOCK_GRANULARITY, 4 * t.rttvar), least), most))


def backed_off(t: Rto, most: int) -> Rto:
    """After the timer has run out (§5.5): twice as long, at most `most` ms. What is sent again is not timed (§3)."""
    return Rto(min(t.rto * 2, most), t.srtt, t.rttvar)
