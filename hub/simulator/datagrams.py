"""What comes to a host and is not TCP: UDP (RFC 768, RFC 1122 §4.1), ping and the rest of ICMP (RFC 1122 §3.2.2).

Each function gives the answer that the host owes, if any, and what it learned.
"""

from __future__ import annotations

from cards.datagram import Datagram, Echo, IcmpError, IcmpType, Opaque, Protocol, Unreachable
from cards.packet import Body, Packet
from cards.payload import octets
from hub.simulator import icmp, wire
from hub.simulator.arrive import Learned
from hub.simulator.icmp_errors import error_name
from hub.simulator.verdicts import Verdict
from hub.simulator.wire import Damaged

Answer = tuple[Packet | None, Learned]


def at_port(packet: Packet, datagram: Datagram, bound: bool) -> Answer:
    """A datagram: to whoever has bound the port, else port unreachable (RFC 1122 §4.1.3.1)."""
    if bound:
        return None, Learned(Verdict.DELIVERED, "udp.received", text=octets(datagram.payload))
    answer = icmp.error(packet, packet.dst, IcmpType.UNREACHABLE, Unreachable.PORT)
    return answer, Learned(Verdict.DROPPED, "udp.no-listener")


def at_everybody(body: Body, bound: bool) -> Learned:
    """A broadcast: to whoever has bound the port on all addresses; nobody answers it (RFC 1122 §3.2.2, §4.2.3.10)."""
    if bound and isinstance(body, Datagram):
        return Learned(Verdict.DELIVERED, "udp.received", text=octets(body.payload))
    return Learned(Verdict.DROPPED, "ip.not-for-me")


def at_echo(packet: Packet, echo: Echo) -> Answer:
    """Ping is answered with the same data (RFC 1122 §3.2.2.6)."""
    if echo.reply:
        return None, Learned(Verdict.DELIVERED, "icmp.echo-reply", text=octets(echo.payload))
    reply = Echo(True, echo.ident, echo.number, echo.payload)
    return Packet(packet.dst, packet.src, reply), Learned(Verdict.DELIVERED, "icmp.echo")


def at_unknown(packet: Packet) -> Answer:
    """Nobody here speaks that protocol (RFC 1122 §3.2.2.1); or one does, and the packet is damaged: silence."""
    if isinstance(packet.body, Opaque) and packet.body.protocol in (Protocol.TCP, Protocol.UDP, Protocol.ICMP):
        body = wire.decode_body(packet.src, packet.dst, packet.body.protocol, packet.body.octets)
        return None, Learned(Verdict.DROPPED, body.reason if isinstance(body, Damaged) else "icmp.ignored")
    answer = icmp.error(packet, packet.dst, IcmpType.UNREACHABLE, Unreachable.PROTOCOL)
    return answer, Learned(Verdict.DROPPED, "ip.unknown-protocol")


def at_error(e: IcmpError) -> Learned:
    """An ICMP error about no connection: for the application that sent a datagram or a ping, if there is one."""
    name = error_name(e)
    probe = e.about.protocol == Protocol.ICMP or (e.about.protocol == Protocol.UDP and e.about.ports is not None)
    if name is None or not probe:
        return Learned(Verdict.DROPPED, "icmp.stray")
    return Learned(Verdict.DELIVERED, "icmp.reported", error=name)
