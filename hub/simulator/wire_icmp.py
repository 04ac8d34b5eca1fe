"""ICMP messages as octets (RFC 792).

A message about another packet is an IcmpError when all that matters of it fits one: a redirect names a gateway, so it
stays Opaque, like messages of an unknown type or code. Of a parameter problem the pointer is lost.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from struct import Struct

from cards.datagram import Echo, IcmpError, IcmpType, Opaque, Protocol, Quote, Unreachable
from cards.payload import octets as octets_of
from hub.simulator.damage import Damaged, checksum, sealed, wrong_checksum
from hub.simulator.wire_ipv4 import DONT_FRAGMENT, HEADER, OFFSET, VERSION, header_octets

_MESSAGE = Struct("!BBHHH")
"""Type, code, checksum, and two numbers: identifier and number of an echo; unused and MTU (RFC 1191 §4) of an error."""
_CHECKSUM_AT = 2

_ECHOES = (IcmpType.ECHO, IcmpType.ECHO_REPLY)
_ERRORS = (IcmpType.UNREACHABLE, IcmpType.SOURCE_QUENCH, IcmpType.TIME_EXCEEDED, IcmpType.PARAMETER_PROBLEM)
_TOO_BIG = (IcmpType.UNREACHABLE, Unreachable.FRAGMENTATION_NEEDED)
_LEAST_QUOTED = 8


def echo_octets(echo: Echo) -> bytes:
    """An echo request or reply with its checksum."""
    kind = IcmpType.ECHO_REPLY if echo.reply else IcmpType.ECHO
    return _sealed(_MESSAGE.pack(kind, 0, 0, echo.ident, echo.number) + octets_of(echo.payload))


def error_octets(error: IcmpError) -> bytes:
    """An error with its checksum.

    The packet in it ends where the quotation ends, and has DF exactly when that is what the error is about.
    """
    quote = error.about
    fragment = DONT_FRAGMENT if (error.type, error.code) == _TOO_BIG else 0
    header = header_octets(quote.src, quote.dst, quote.protocol, len(quote.begins), quote.ttl, quote.ident, fragment)
    return _sealed(_MESSAGE.pack(error.type, error.code, 0, 0, error.mtu) + header + quote.begins)


def message_from(octets: bytes) -> Echo | IcmpError | Opaque | Damaged:
    """The message that these octets are. Damaged: `icmp.bad-length` (of what it quotes too), `icmp.bad-checksum`."""
    if len(octets) < _MESSAGE.size:
        return Damaged("icmp.bad-length", f"{len(octets)} octets, shorter than the header of {_MESSAGE.size}")
    if wrong := wrong_checksum("icmp.bad-checksum", octets, _CHECKSUM_AT):
        return wrong
    kind, code, _, first, second = _MESSAGE.unpack_from(octets)
    if kind in _ECHOES and code == 0:
        return Echo(kind == IcmpType.ECHO_REPLY, first, second, octets[_MESSAGE.size :])
    about = _quote(octets[_MESSAGE.size :]) if kind in _ERRORS else None
    if about is None:
        return Opaque(Protocol.ICMP, octets)
    if isinstance(about, Damaged):
        return about
    return IcmpError(IcmpType(kind), code, about, mtu=second if (kind, code) == _TOO_BIG else 0)


def _quote(octets: bytes) -> Quote | Damaged | None:
    """The packet that an error is about; None for a later fragment, which has no error (RFC 1122 §3.2.2), or IPv6."""
    if len(octets) < HEADER.size:
        return Damaged("icmp.bad-length", f"{len(octets)} octets quoted, shorter than an IPv4 header")
    first, total, ident, fragment, ttl, protocol, src, dst = HEADER.unpack_from(octets)
    if first >> 4 != VERSION or fragment & OFFSET:
        return None
    header = (first & 0x0F) * 4
    begins = octets[header:]
    if not HEADER.size <= header <= len(octets) or len(begins) < min(_LEAST_QUOTED, total - header):
        return Damaged("icmp.bad-length", f"{len(octets)} octets quoted of {total}, with a header of {header}")
    return Quote(IPv4Address(src), IPv4Address(dst), protocol, begins, ttl, ident)


def _sealed(octets: bytes) -> bytes:
    return sealed(octets, _CHECKSUM_AT, checksum(octets))
