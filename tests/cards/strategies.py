"""Packets and cards of every sort, for properties."""

from __future__ import annotations

import string
from ipaddress import IPv4Address

from hypothesis import strategies as st

from cards.packet import Flags, Packet, Segment, Written
from cards.payload import Ink
from cards.qrtext import MOST_PAYLOAD, CardId, PrintedCard
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
def packets(draw: st.DrawFn, payload: st.SearchStrategy[bytes | Ink] = payloads) -> Packet:
    bits = draw(flags)
    segment = Segment(
        draw(ports),
        draw(ports),
        bits,
        draw(seqnums),
        draw(seqnums) if Flags.ACK in bits else None,
        draw(st.just(65535) | ports),
        draw(payload),
    )
    return Packet(draw(addresses), draw(addresses), segment, draw(st.just(64) | st.integers(0, 255)))


written = st.builds(
    Written,
    *(st.none() | part for part in (addresses, addresses, ports, ports, flags, seqnums, seqnums, ports, payloads)),
    st.none() | st.integers(0, 255),
    st.none() | st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=12),
)
printed_cards = st.builds(PrintedCard, card_ids, packets(st.binary(max_size=MOST_PAYLOAD)))
