"""The octets that a step injects, right or spoiled as it says. What makes no sense raises ValueError."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from ipaddress import IPv4Address

from cards.datagram import Datagram, Echo, Fragment, Opaque, Protocol
from cards.packet import Body, Flags, Packet, Segment
from cards.seqnum import SeqNum
from hub.simulator import wire
from hub.simulator.ethernet import BROADCAST, UNKNOWN, Arp, Frame, Mac, Operation, frame_octets
from paperhop.vectors.case import station
from paperhop.vectors.describe import LETTERS
from paperhop.vectors.numbers import Numbers, named
from paperhop.vectors.reading import alphabet, octets
from paperhop.vectors.steps import About, Carried, Inject, InjectArp, InjectIp

_HEADER = 20
"""Octets of the IPv4 headers that are made here."""
_IP_CHECKSUM, _TCP_CHECKSUM, _UDP_CHECKSUM = 10, _HEADER + 16, _HEADER + 6
_QUOTED = _HEADER + 8
_IPV4 = b"\x08\x00"
"""The type of a frame that carries IPv4."""


def segment(do: Inject, numbers: Numbers) -> bytes:
    """A segment of a flow's peer."""
    flags = _flags(do.flags) if do.ack is not None else _flags(do.flags) & ~Flags.ACK
    ack = numbers.host_base + do.ack if do.ack is not None and Flags.ACK in flags else None
    stream = do.seq - (Flags.SYN not in flags)
    data = alphabet(do.len, stream) if do.data is None else octets(do.data)
    local, remote = numbers.pair.local, numbers.pair.remote
    body = Segment(remote.port, local.port, flags, numbers.peer_isn + do.seq, ack, do.win, data, do.mss, do.urg)
    packet = Packet(remote.address, local.address, body, do.ttl, do.df, do.ident)
    return _spoiled(wire.encode(packet), do, _TCP_CHECKSUM if do.bad_tcp_checksum else None)


def packet(do: InjectIp, flows: Mapping[str, Numbers]) -> bytes:
    """Any packet."""
    whole = Packet(do.src, do.dst, _body(do, flows), do.ttl, do.df, do.ident)
    spoiled = None
    if do.proto == "tcp" and do.bad_tcp_checksum:
        spoiled = _TCP_CHECKSUM
    elif do.proto == "udp" and do.udp_checksum == "bad":
        spoiled = _UDP_CHECKSUM
    if do.mf or do.frag_offset:
        part = Fragment(wire.protocol_of(whole.body), do.frag_offset, do.mf, wire.encode_body(whole))
        whole = Packet(do.src, do.dst, part, do.ttl, do.df, do.ident)
    return _spoiled(wire.encode(whole), do, spoiled)


def framed(octets: bytes, src: IPv4Address, to: Mac) -> bytes:
    """A packet in the frame in which its sender passes it on."""
    return to.octets + station(src).octets + _IPV4 + octets


def arp(do: InjectArp, to: Mac) -> bytes:
    """An ARP message in its frame; a request asks everybody."""
    sender = station(do.sender)
    if do.op_arp == "request":
        return frame_octets(Frame(BROADCAST, sender, Arp(Operation.REQUEST, sender, do.sender, UNKNOWN, do.target)))
    return frame_octets(Frame(to, sender, Arp(Operation.REPLY, sender, do.sender, to, do.target)))


def _body(do: InjectIp, flows: Mapping[str, Numbers]) -> Body:
    data = alphabet(do.len) if do.data is None else octets(do.data)
    if do.proto == "udp":
        return Datagram(do.sport, do.dport, data, do.udp_checksum != "zero")
    if do.proto == "tcp":
        flags = _flags(do.flags)
        ack = SeqNum(do.ack_abs) if Flags.ACK in flags else None
        return Segment(do.sport, do.dport, flags, SeqNum(do.seq_abs), ack, do.win, data, do.mss, do.urg)
    if do.proto == "icmp":
        return Opaque(Protocol.ICMP, _message(do, data, flows))
    if do.number is None:
        raise ValueError("a raw packet needs the `number` of its protocol")
    return Opaque(do.number, data)


def _message(do: InjectIp, data: bytes, flows: Mapping[str, Numbers]) -> bytes:
    """An ICMP message (RFC 792); an error quotes a header and 8 octets."""
    rest = (0, do.mtu) if do.about is not None else (do.id, do.icmp_seq)
    content = data if do.about is None else wire.encode(_about(do.about, flows))[:_QUOTED]
    head = struct.Struct("!BBHHH")
    unsealed = head.pack(do.type, do.code, 0, *rest) + content
    return head.pack(do.type, do.code, wire.checksum(unsealed), *rest) + content


def _about(about: About, flows: Mapping[str, Numbers]) -> Packet:
    """The packet that an error quotes; only its beginning counts."""
    if about.flow is not None:
        numbers = named(flows, about.flow)
        local, remote = numbers.pair.local, numbers.pair.remote
        sent = Segment(local.port, remote.port, Flags.NONE, numbers.host_base + about.seq)
        return Packet(local.address, remote.address, sent)
    if about.src is None or about.dst is None:
        raise ValueError("`about` needs a flow, or src and dst")
    bodies: dict[str, Body] = {
        "udp": Datagram(about.sport, about.dport),
        "tcp": Segment(about.sport, about.dport, Flags.NONE, SeqNum(about.seq)),
        "icmp": Echo(False, about.sport, about.dport),
    }
    return Packet(about.src, about.dst, bodies[about.proto])


def _flags(letters: str) -> Flags:
    flags = Flags.NONE
    for letter in letters.replace("-", ""):
        if letter not in LETTERS:
            raise ValueError(f"flags are letters of {' '.join(LETTERS)}, or - for none, not {letters!r}")
        flags |= LETTERS[letter]
    return flags


def _spoiled(right: bytes, do: Carried, at: int | None) -> bytes:
    """The packet with those checksums wrong by one that should be; `at`: where that of what it carries is."""
    octets = bytearray(right)
    for each in (_IP_CHECKSUM if do.bad_ip_checksum else None, at):
        if each is not None:
            octets[each + 1] ^= 1
    return bytes(octets)
