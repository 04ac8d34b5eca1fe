"""What an ICMP error does to the connection that it is about (RFC 1122 §4.2.3.9, RFC 5461, RFC 5927, RFC 1191)."""

from __future__ import annotations

from msgspec.structs import replace

from cards.datagram import IcmpError, IcmpType, Unreachable
from hub.simulator import checks
from hub.simulator.arrive import Learned
from hub.simulator.connection import DEFAULT_MSS, Connection
from hub.simulator.router import LEAST_MTU
from hub.simulator.states import State
from hub.simulator.verdicts import Verdict

HEADERS = 40
"""An IP header and a TCP header without options, in octets."""

_NAMES: dict[int, str] = {Unreachable.FRAGMENTATION_NEEDED: "EMSGSIZE"}
_HARD: dict[int, str] = {Unreachable.PROTOCOL: "ENOPROTOOPT", Unreachable.PORT: "ECONNREFUSED"}
_NET = (Unreachable.NET, Unreachable.NET_UNKNOWN, Unreachable.NET_PROHIBITED)


def error_name(e: IcmpError) -> str | None:
    """What POSIX calls it; None for what is no error to an application."""
    if e.type is IcmpType.UNREACHABLE:
        return _HARD.get(e.code) or _NAMES.get(e.code) or ("ENETUNREACH" if e.code in _NET else "EHOSTUNREACH")
    return {IcmpType.TIME_EXCEEDED: "EHOSTUNREACH", IcmpType.PARAMETER_PROBLEM: "EPROTO"}.get(e.type)


def at_connection(c: Connection, e: IcmpError) -> Learned:
    """A hard error ends a connection that is being opened; any other is remembered, in case that nothing ever comes."""
    if not checks.error_is_about_us(c, e.about.seq):
        return Learned(Verdict.DROPPED, "icmp.stray", c)
    if e.type is IcmpType.UNREACHABLE and e.code == Unreachable.FRAGMENTATION_NEEDED:
        return Learned(Verdict.DELIVERED, "icmp.fragmentation-needed", _smaller(c, e.mtu))
    name = error_name(e)
    if name is None:
        return Learned(Verdict.DROPPED, "icmp.ignored", c)
    hard = e.type is IcmpType.UNREACHABLE and e.code in _HARD
    if hard and c.state in (State.SYN_SENT, State.SYN_RECEIVED):
        return Learned(Verdict.DELIVERED, "icmp.refused", error=name)
    return Learned(Verdict.DELIVERED, "icmp.noted", replace(c, soft_error=name))


def _smaller(c: Connection, mtu: int) -> Connection:
    """Segments fit the path from now on, and what was too big goes again at once (RFC 1191 §6.4): all that is on its
    way is taken as not sent. A person is only told to send again.
    """
    fits = max(mtu, LEAST_MTU) - HEADERS if mtu else DEFAULT_MSS
    if fits >= c.snd_mss:
        return c
    c = replace(c, snd_mss=fits)
    if not c.syn_acked or c.options.rto_initial is None:
        return replace(c, owes_resend=c.outstanding > 0, recover=c.snd_nxt)
    timed = replace(c.rto, timed=None)
    return replace(
        c,
        snd_nxt=c.snd_una,
        snd_sml=c.snd_una,
        sent=0,
        fin_sent=False,
        rto=timed,
        recover=c.snd_nxt,
        retransmit_at=None,
    )
