"""Packets and cards of every sort, for properties."""

from __future__ import annotations

import string
from ipaddress import IPv4Address

from hypothesis import strategies as st

from cards.datagram import Datagram, Echo, Fragment, IcmpError, IcmpType, Opaque, Protocol, Quote, Unreachable
from cards.packet import ICMP_ERRORS, Body, Carries, Flags, Packet, Segment, Written
from cards.payload import Ink
from cards.qrtext import MOST_COMMAND, MOST_PAYLOAD, CardId, CommandCard, PrintedCard, RoleCard
from cards.seqnum import SeqNum

addresses = st.integers(0, 2**32 - 1).map(IPv4Address)
ports = st.integers(0, 65535)
flags = st.integers(0, 63).map(Flags)
seqnums = st.integers(0, 2**32 - 1).map(SeqNum)
inks = st.builds(Ink, st.integers(0, 500))
payloads = st.binary(max_size=100) | inks
card_ids = st.builds(
    CardId, st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=4), st.integers(0, 99999)
)


@st.composite
def tcp(draw: st.DrawFn, payload: st.SearchStrategy[bytes | Ink]) -> Segment:
    """TCP segments of what a card asks for: no option, no urgent pointer."""
    bits = draw(flags)
    return Segment(
        draw(ports),
        draw(ports),
        bits,
        draw(seqnums),
        draw(seqnums) if Flags.ACK in bits else None,
        draw(st.just(65535) | ports),
        draw(payload),
    )


def packets(payload: st.SearchStrategy[bytes | Ink] = payloads) -> st.SearchStrategy[Packet]:
    """Packets that a card holds whole: TCP, UDP, a ping or its reply."""
    usually_none = st.just(0) | ports
    body: st.SearchStrategy[Body] = (
        tcp(payload)
        | st.builds(Datagram, ports, ports, payload)
        | st.builds(Echo, st.booleans(), usually_none, usually_none, payload)
    )
    return st.builds(Packet, addresses, addresses, body, st.just(64) | st.integers(0, 255))


written = st.builds(
    Written,
    *(st.none() | part for part in (addresses, addresses, ports, ports, flags, seqnums, seqnums, ports, payloads)),
    st.none() | st.integers(0, 255),
    st.none() | st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=12),
    st.sampled_from(Carries),
)
printed_cards = st.builds(PrintedCard, card_ids, packets(st.binary(max_size=MOST_PAYLOAD)))
_words = st.text("abcxyz019-%", min_size=1, max_size=MOST_COMMAND)
command_cards = st.builds(
    CommandCard,
    card_ids,
    st.lists(_words, min_size=1, max_size=7).map(lambda words: " ".join(words)[:MOST_COMMAND].rstrip()),
)

role_cards = st.builds(RoleCard, card_ids, st.from_regex(r"[a-z][a-z0-9-]{0,31}", fullmatch=True))


@st.composite
def segments(draw: st.DrawFn, payload: st.SearchStrategy[bytes | Ink] = payloads) -> Segment:
    """TCP segments with every field drawn, the option and the urgent pointer too."""
    bits = draw(flags)
    return Segment(
        draw(ports),
        draw(ports),
        bits,
        draw(seqnums),
        draw(seqnums) if Flags.ACK in bits else None,
        draw(ports),
        draw(payload),
        mss=draw(st.none() | ports),
        urgent=draw(ports),
    )


octets = st.binary(max_size=100)
datagrams = st.builds(Datagram, ports, ports, octets, st.booleans())
echoes = st.builds(Echo, st.booleans(), ports, ports, octets)
quotes = st.builds(Quote, addresses, addresses, st.integers(0, 255), octets, st.integers(0, 255), ports)
fragmentation_needed = st.builds(
    IcmpError, st.just(IcmpType.UNREACHABLE), st.just(Unreachable.FRAGMENTATION_NEEDED), quotes, ports
)
icmp_errors = fragmentation_needed | st.builds(
    IcmpError,
    st.sampled_from([IcmpType.SOURCE_QUENCH, IcmpType.TIME_EXCEEDED, IcmpType.PARAMETER_PROBLEM]),
    st.integers(0, 255),
    quotes,
)
named_icmp_errors = st.builds(
    lambda kind, about: IcmpError(kind[0], kind[1], about), st.sampled_from(list(ICMP_ERRORS.values())), quotes
)
"""Those for which a card has a name."""
fragments = st.builds(
    lambda protocol, unit, more, octets: Fragment(protocol, unit * 8, more or unit == 0, octets),
    st.integers(0, 255),
    st.just(0) | st.integers(0, 8191),
    st.booleans(),
    octets,
)
opaques = st.builds(Opaque, st.integers(0, 255).filter(lambda number: number not in tuple(Protocol)), octets)


def packets_with(body: st.SearchStrategy[Body]) -> st.SearchStrategy[Packet]:
    """Packets with every field of the IPv4 header drawn."""
    return st.builds(Packet, addresses, addresses, body, st.integers(0, 255), st.booleans(), ports)


checked_bodies: st.SearchStrategy[Body] = segments(octets) | echoes | icmp_errors
"""Those in which a checksum covers every octet."""
bodies: st.SearchStrategy[Body] = checked_bodies | datagrams | fragments | opaques
tunnels: st.SearchStrategy[Body] = packets_with(bodies) | packets_with(packets_with(bodies))
