"""Every reason that a ruling can have: its section, and which part of the card to correct.

The sentences are in `hub.texts`.
"""

from __future__ import annotations

from dataclasses import dataclass

ADDRESS, PORT, FLAGS, NUMBERS, PLACE = range(1, 6)
"""What a badge blinks after `stopped`: 1 address, 2 port, 3 flags, 4 numbers, 5 wrong place."""


@dataclass(frozen=True, slots=True)
class Reason:
    """code: what messages and the journal say. rfc: where the rule comes from. key: the part of the card, 1 to 5."""

    code: str
    rfc: str | None = None
    key: int | None = None


REASONS: dict[str, Reason] = {
    reason.code: reason
    for reason in (
        # A card is read, or not
        Reason("card.foreign"),
        Reason("card.damaged"),
        Reason("card.newer"),
        Reason("card.not-understood"),
        Reason("card.copy", key=PLACE),
        Reason("card.spent", key=PLACE),
        Reason("card.altered"),
        Reason("room.no-seat"),
        Reason("room.lost-count"),
        # It leaves its sender
        Reason("tcp.syn-sent", "RFC 9293 §3.5"),
        Reason("tcp.syn-ack-sent", "RFC 9293 §3.5"),
        Reason("tcp.ack-sent", "RFC 9293 §3.4"),
        Reason("tcp.data-sent", "RFC 9293 §3.7"),
        Reason("tcp.ack-behind", "RFC 9293 §3.4"),
        Reason("tcp.fin-sent", "RFC 9293 §3.6"),
        Reason("tcp.rst-sent", "RFC 9293 §3.5.2"),
        Reason("tcp.retransmitted", "RFC 9293 §3.8.1"),
        # Its sender may not send it
        Reason("ip.address-missing", "RFC 791 §3.1", ADDRESS),
        Reason("ip.wrong-address", "RFC 9293 §3.3.1", ADDRESS),
        Reason("ip.to-yourself", "RFC 1122 §3.2.1.3", ADDRESS),
        Reason("ip.bad-destination", "RFC 1122 §3.2.1.3", ADDRESS),
        Reason("ip.wrong-source", "RFC 1122 §3.2.1.3", ADDRESS),
        Reason("ip.ttl-zero", "RFC 1122 §3.2.1.7"),
        Reason("ip.swapped-addresses", "RFC 791 §3.1", ADDRESS),
        Reason("ip.no-route-here", "RFC 1122 §3.3.1", ADDRESS),
        Reason("tcp.port-missing", "RFC 9293 §3.1", PORT),
        Reason("tcp.port-zero", "RFC 6335 §6", PORT),
        Reason("tcp.wrong-port", "RFC 9293 §3.3.1", PORT),
        Reason("tcp.wrong-source-port", "RFC 9293 §3.3.1", PORT),
        Reason("tcp.flags-missing", "RFC 9293 §3.1", FLAGS),
        Reason("tcp.flags-impossible", "RFC 9293 §3.1", FLAGS),
        Reason("tcp.flags-mismatch", "RFC 9293 §3.5", FLAGS),
        Reason("tcp.ack-flag-missing", "RFC 9293 §3.1", FLAGS),
        Reason("tcp.syn-on-open", "RFC 9293 §3.5", FLAGS),
        Reason("tcp.rst-unowed", "RFC 9293 §3.5.2", FLAGS),
        Reason("tcp.not-open", "RFC 9293 §3.5", FLAGS),
        Reason("tcp.too-early", "RFC 9293 §3.5", FLAGS),
        Reason("tcp.unanswered", "RFC 9293 §3.5", FLAGS),
        Reason("tcp.data-in-syn", "RFC 9293 §3.4", FLAGS),
        Reason("tcp.data-unexpected", "RFC 9293 §3.5", FLAGS),
        Reason("tcp.data-missing", "RFC 9293 §3.7", FLAGS),
        Reason("tcp.seq-mismatch", "RFC 9293 §3.4", NUMBERS),
        Reason("tcp.ack-mismatch", "RFC 9293 §3.4", NUMBERS),
        Reason("tcp.window-exceeded", "RFC 9293 §3.8.6", NUMBERS),
        Reason("tcp.retransmission-differs", "RFC 9293 §3.8.1", NUMBERS),
        # It is somewhere
        Reason("link.skipped-router", "RFC 1122 §3.3.1", PLACE),
        Reason("link.skipped-sender", "RFC 791 §2.2", PLACE),
        Reason("link.wrong-neighbour", "RFC 1812 §5.2.4", PLACE),
        Reason("ip.spoofed-source", "RFC 2827 §1", ADDRESS),
        # A router has it
        Reason("ip.forwarded", "RFC 1812 §5.2"),
        Reason("ip.wrong-next-hop", "RFC 1812 §5.2.4", PLACE),
        Reason("ip.no-route", "RFC 1812 §5.2.4.3"),
        Reason("ip.host-unreachable", "RFC 1812 §5.2.7.1"),
        Reason("ip.ttl-expired", "RFC 1812 §5.3.1"),
        # It arrives
        Reason("ip.not-for-me", "RFC 1122 §3.2.1.3"),
        Reason("tcp.syn-received", "RFC 9293 §3.10.7.2"),
        Reason("tcp.syn-acked", "RFC 9293 §3.10.7.3"),
        Reason("tcp.simultaneous-open", "RFC 9293 §3.5"),
        Reason("tcp.established", "RFC 9293 §3.10.7.4"),
        Reason("tcp.data-received", "RFC 9293 §3.10.7.4"),
        Reason("tcp.ack-received", "RFC 9293 §3.10.7.4"),
        Reason("tcp.fin-received", "RFC 9293 §3.6"),
        Reason("tcp.closed", "RFC 9293 §3.6"),
        # It makes the receiver answer RST, or is one that counts
        Reason("tcp.no-listener", "RFC 9293 §3.10.7.1"),
        Reason("tcp.no-connection", "RFC 9293 §3.10.7.1"),
        Reason("tcp.ack-of-nothing", "RFC 9293 §3.10.7.3"),
        Reason("tcp.connection-refused", "RFC 9293 §3.10.7.3"),
        Reason("tcp.connection-reset", "RFC 9293 §3.10.7.4"),
        # The receiver throws it away
        Reason("tcp.rst-stray", "RFC 9293 §3.10.7.1"),
        Reason("tcp.rst-forged", "RFC 5961 §3.2"),
        Reason("tcp.rst-challenged", "RFC 5961 §3.2"),
        Reason("tcp.syn-challenged", "RFC 5961 §4.2"),
        Reason("tcp.ack-too-old", "RFC 5961 §5.2"),
        Reason("tcp.no-syn", "RFC 9293 §3.10.7.2"),
        Reason("tcp.ack-absent", "RFC 9293 §3.10.7.4"),
        Reason("tcp.duplicate", "RFC 9293 §3.10.7.4"),
        Reason("tcp.out-of-window", "RFC 9293 §3.10.7.4"),
        Reason("tcp.out-of-order", "RFC 9293 §3.10.7.4"),
        Reason("tcp.syn-twice", "RFC 9293 §3.10.7.4"),
        Reason("tcp.after-fin", "RFC 9293 §3.10.7.4"),
        Reason("tcp.backlog-full", "RFC 9293 §3.10.7.2"),
        Reason("tcp.nobody-reads", "RFC 9293 §3.6.1"),
        # Not TCP
        Reason("udp.received", "RFC 768"),
        Reason("udp.no-listener", "RFC 1122 §4.1.3.1"),
        Reason("icmp.echo", "RFC 1122 §3.2.2.6"),
        Reason("icmp.echo-reply", "RFC 792"),
        Reason("icmp.refused", "RFC 1122 §4.2.3.9"),
        Reason("icmp.noted", "RFC 1122 §4.2.3.9"),
        Reason("icmp.fragmentation-needed", "RFC 1191 §6"),
        Reason("icmp.stray", "RFC 5927 §4.1"),
        Reason("icmp.ignored", "RFC 1122 §4.2.3.9"),
        Reason("ip.unknown-protocol", "RFC 1122 §3.2.2.1"),
        # A router, or a host before it looks into a packet
        Reason("ip.unreachable-route", "RFC 1812 §5.2.7.1"),
        Reason("ip.prohibited", "RFC 1812 §5.2.7.1"),
        Reason("ip.blackhole", "RFC 1812 §5.2.7.1"),
        Reason("ip.fragmentation-needed", "RFC 1191 §4"),
        Reason("ip.martian-source", "RFC 1812 §5.3.7"),
        Reason("ip.link-local", "RFC 3927 §2.7"),
        Reason("ip.broadcast-not-forwarded", "RFC 2644"),
        Reason("ip.multicast-not-forwarded", "RFC 1812 §5.3.5"),
        Reason("ip.broadcast-ignored", "RFC 1122 §3.2.2.6"),
        Reason("ip.fragment-kept", "RFC 791 §3.2"),
        Reason("ip.fragment-duplicate", "RFC 791 §3.2"),
        Reason("ip.fragment-overlap", "RFC 5722 §4"),
        Reason("ip.bad-fragment", "RFC 791 §3.2"),
        Reason("ip.too-many-fragments", "RFC 1122 §3.3.2"),
        Reason("ip.reassembly-expired", "RFC 1122 §3.3.2"),
        # Octets that are no packet
        Reason("ip.bad-version", "RFC 1122 §3.2.1.1"),
        Reason("ip.bad-length", "RFC 791 §3.1"),
        Reason("ip.bad-checksum", "RFC 1122 §3.2.1.2"),
        Reason("tcp.bad-length", "RFC 9293 §3.1"),
        Reason("tcp.bad-checksum", "RFC 9293 §3.1"),
        Reason("udp.bad-length", "RFC 768"),
        Reason("udp.bad-checksum", "RFC 1122 §4.1.3.4"),
        Reason("icmp.bad-length", "RFC 792"),
        Reason("icmp.bad-checksum", "RFC 792"),
        # Ethernet
        Reason("arp.heard", "RFC 826"),
        Reason("arp.bad-length", "RFC 826"),
        Reason("arp.unknown-kind", "RFC 826"),
        Reason("arp.unknown-operation", "RFC 826"),
        Reason("ethernet.not-for-me", "RFC 894"),
        Reason("ethernet.broadcast", "RFC 1122 §3.3.6"),
        Reason("ethernet.bad-length", "RFC 894"),
        Reason("ethernet.unknown-type", "RFC 894"),
    )
}
