"""Every reason that a ruling can have: its section, the part of the card to correct, and whose mistake it is.

The sentences and hints are in `hub.texts`; docs/reasons.md is made from both.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

ADDRESS, PORT, FLAGS, NUMBERS, PLACE = range(1, 6)
"""What a badge blinks after `stopped`: 1 address, 2 port, 3 flags, 4 numbers, 5 wrong place."""


class Charge(enum.Enum):
    """Whose mistake it is: never simply that of whoever scans it.

    HERE: who scans it has written or marked it. HOLDER: who carried it here, or had it last. SOURCE: the node whose
    address it bears.
    """

    NOBODY = "nobody"
    HERE = "here"
    HOLDER = "holder"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Reason:
    """code: what messages and the journal say. rfc: where the rule comes from. key: the part of the card, 1 to 5; None:
    it is none of these, such as the data, and the sentence says what it is.

    hack: the named card that whoever does this earns (`hack.` and this word): no mistake but an idea that networks
    have had, too.
    """

    code: str
    rfc: str | None = None
    key: int | None = None
    charge: Charge = Charge.NOBODY
    hack: str | None = None

    @property
    def mistake(self) -> bool:
        """Somebody did something wrong; there are hints."""
        return self.charge is not Charge.NOBODY


_HERE, _HOLDER, _SOURCE = Charge.HERE, Charge.HOLDER, Charge.SOURCE

SECTIONS: dict[str, tuple[Reason, ...]] = {
    "A card is read, or not": (
        Reason("card.foreign"),
        Reason("card.damaged"),
        Reason("card.newer"),
        Reason("card.unclear"),
        Reason("card.marks"),
        Reason("card.check-digit"),
        Reason("card.twice"),
        Reason("card.not-understood"),
        Reason("card.too-many"),
        Reason("card.not-yet"),
        Reason("card.copy", "RFC 791 §2.2", PLACE, _HERE, hack="copier"),
        Reason("card.spent", "RFC 791 §2.2", PLACE, _HOLDER),
        Reason("card.stopped", key=PLACE),
        Reason("card.miscopied", "RFC 791 §2.2", NUMBERS),
        Reason("card.altered", "RFC 791 §2.2", charge=_HOLDER, hack="middleman"),
        Reason("card.lost", "RFC 791 §1.2", PLACE),
        Reason("room.no-seat"),
        Reason("room.lost-count"),
        Reason("room.station"),
    ),
    "A teacher's move, a command card, or a role card": (
        Reason("room.commanded"),
        Reason("room.seated"),
        Reason("room.not-a-reader"),
        Reason("card.command-unknown"),
        Reason("room.seat-taken"),
        Reason("room.no-such-node"),
        Reason("room.no-such-wire"),
        Reason("room.no-such-table"),
        Reason("room.table-to-itself"),
        Reason("room.table-twice"),
        Reason("room.no-such-fault"),
        Reason("room.no-such-card"),
        Reason("room.card-not-lost"),
        Reason("room.nothing-between"),
        Reason("room.nothing-to-play"),
        Reason("room.nothing-to-undo"),
        Reason("room.acted-on"),
        Reason("room.told-since"),
        Reason("room.nothing-to-redo"),
        Reason("room.moved-since"),
        Reason("room.no-mistake"),
        Reason("room.no-such-pace"),
        Reason("room.not-paused"),
        Reason("room.nothing-by-itself"),
        Reason("room.no-such-badge"),
        Reason("room.nothing-to-swap"),
        Reason("room.no-such-hint"),
        Reason("room.no-help"),
        Reason("room.nobody-there"),
        Reason("room.no-such-time"),
        Reason("room.no-such-plan"),
        Reason("room.too-much-planned"),
        Reason("room.no-such-moment"),
        Reason("room.older-round"),
        Reason("room.no-questions"),
        Reason("room.not-asking"),
        Reason("room.no-such-question"),
        Reason("room.no-such-option"),
        Reason("room.other-options"),
        Reason("room.enough-answers"),
    ),
    "It leaves its sender": (
        Reason("tcp.syn-sent", "RFC 9293 §3.5"),
        Reason("tcp.syn-ack-sent", "RFC 9293 §3.5"),
        Reason("tcp.ack-sent", "RFC 9293 §3.4"),
        Reason("tcp.data-sent", "RFC 9293 §3.7"),
        Reason("tcp.ack-behind", "RFC 9293 §3.4"),
        Reason("tcp.fin-sent", "RFC 9293 §3.6"),
        Reason("tcp.rst-sent", "RFC 9293 §3.5.2"),
        Reason("tcp.retransmitted", "RFC 9293 §3.8.1"),
        Reason("tcp.retransmitted-early", "RFC 6298 §5"),
        Reason("udp.sent", "RFC 768"),
        Reason("icmp.echo-sent", "RFC 792"),
        Reason("icmp.reply-sent", "RFC 1122 §3.2.2.6"),
        Reason("icmp.error-sent", "RFC 1812 §4.3"),
    ),
    "Its sender may not send it": (
        Reason("ip.address-missing", "RFC 791 §3.1", ADDRESS, _HERE),
        Reason("ip.wrong-address", "RFC 9293 §3.3.1", ADDRESS, _HERE),
        Reason("ip.to-yourself", "RFC 1122 §3.2.1.3", ADDRESS, _HERE),
        Reason("ip.bad-destination", "RFC 1122 §3.2.1.3", ADDRESS, _HERE),
        Reason("ip.wrong-source", "RFC 1122 §3.2.1.3", ADDRESS, _HERE),
        Reason("ip.ttl-zero", "RFC 1122 §3.2.1.7", NUMBERS, _HERE),
        Reason("ip.swapped-addresses", "RFC 791 §3.1", ADDRESS, _HERE),
        Reason("ip.no-route-here", "RFC 1122 §3.3.1", ADDRESS, _HERE),
        Reason("tcp.port-missing", "RFC 9293 §3.1", PORT, _HERE),
        Reason("tcp.port-zero", "RFC 6335 §6", PORT, _HERE),
        Reason("tcp.wrong-port", "RFC 9293 §3.3.1", PORT, _HERE),
        Reason("tcp.wrong-source-port", "RFC 9293 §3.3.1", PORT, _HERE),
        Reason("tcp.flags-missing", "RFC 9293 §3.1", FLAGS, _HERE),
        Reason("tcp.flags-impossible", "RFC 9293 §3.1", FLAGS, _HERE),
        Reason("tcp.flags-mismatch", "RFC 9293 §3.5", FLAGS, _HERE),
        Reason("tcp.ack-flag-missing", "RFC 9293 §3.1", FLAGS, _HERE),
        Reason("tcp.syn-on-open", "RFC 9293 §3.5", FLAGS, _HERE),
        Reason("tcp.rst-unowed", "RFC 9293 §3.5.2", FLAGS, _HERE),
        Reason("tcp.too-early", "RFC 9293 §3.5", charge=_HERE),
        Reason("tcp.not-asked", "RFC 9293 §3.5", charge=_HERE),
        Reason("tcp.unanswered", "RFC 9293 §3.5", charge=_HERE),
        Reason("tcp.data-in-syn", "RFC 9293 §3.5", charge=_HERE, hack="fast-open"),
        Reason("tcp.data-unexpected", "RFC 9293 §3.5", charge=_HERE),
        Reason("tcp.data-missing", "RFC 9293 §3.7", charge=_HERE),
        Reason("tcp.begins-at-0", "RFC 9293 §3.4", NUMBERS, _HERE),
        Reason("tcp.no-room-to-count", "RFC 9293 §3.4.1", NUMBERS, _HERE),
        Reason("tcp.seq-mismatch", "RFC 9293 §3.4", NUMBERS, _HERE),
        Reason("tcp.ack-mismatch", "RFC 9293 §3.4", NUMBERS, _HERE),
        Reason("tcp.window-exceeded", "RFC 9293 §3.8.6", NUMBERS, _HERE),
        Reason("tcp.retransmission-differs", "RFC 9293 §3.8.1", NUMBERS, _HERE),
        Reason("tcp.seq-missing", "RFC 9293 §3.1", NUMBERS, _HERE),
        Reason("tcp.ack-missing", "RFC 9293 §3.1", NUMBERS, _HERE),
        Reason("tcp.mixed-streams", "RFC 9293 §3.3.1", NUMBERS, _HERE),
        Reason("tcp.acknowledged-already", "RFC 9293 §3.8.1", NUMBERS, _HERE),
        Reason("tcp.segment-too-big", "RFC 9293 §3.7.1", NUMBERS, _HERE),
        Reason("tcp.after-own-fin", "RFC 9293 §3.6", FLAGS, _HERE),
        Reason("tcp.time-wait", "RFC 9293 §3.6.1", FLAGS, _HERE),
        Reason("tcp.wrong-person", "RFC 9293 §3.3.1", PLACE, _HERE),
        Reason("icmp.unowed", "RFC 1122 §3.2.2", FLAGS, _HERE),
        Reason("icmp.mismatch", "RFC 1812 §4.3", FLAGS, _HERE),
        Reason("link.down", "RFC 1812 §5.2.7.1", PLACE),
    ),
    "It is somewhere else": (
        Reason("link.skipped-router", "RFC 1122 §3.3.1", PLACE, _HOLDER, hack="cable"),
        Reason("link.skipped-sender", "RFC 791 §2.2", PLACE, _SOURCE),
        Reason("link.too-early", "RFC 791 §2.2", PLACE),
        Reason("link.wrong-neighbour", "RFC 1812 §5.2.4", PLACE, _HOLDER, hack="hub"),
        Reason("link.no-wire", "RFC 1812 §5.2.4", PLACE, _HOLDER, hack="bridge"),
        Reason("ip.spoofed-source", "RFC 2827 §1", ADDRESS, _HOLDER, hack="spoofer"),
        Reason("ip.replayed", "RFC 3552 §3.3.1", ADDRESS, _HOLDER, hack="replayer"),
    ),
    "A router has it": (
        Reason("ip.forwarded", "RFC 1812 §5.2"),
        Reason("ip.looping", "RFC 1812 §5.3.1"),
        Reason("ip.wrong-next-hop", "RFC 1812 §5.2.4", PLACE, _HERE, hack="source-routing"),
        Reason("ip.next-hop-missing", "RFC 1812 §5.2.4", PLACE, _HERE),
        Reason("ip.ttl-not-crossed", "RFC 1812 §5.3.1", NUMBERS, _HERE, hack="immortal"),
        Reason("ip.ttl-mismatch", "RFC 1812 §5.3.1", NUMBERS, _HERE),
        Reason("ip.no-route", "RFC 1812 §5.2.4.3"),
        Reason("ip.host-unreachable", "RFC 1812 §5.2.7.1"),
        Reason("ip.ttl-expired", "RFC 1812 §5.3.1"),
    ),
    "A link does something to it": (
        Reason("fault.lost", "RFC 791 §1.2"),
        Reason("fault.delayed", "RFC 791 §1.2"),
        Reason("fault.wait", "RFC 791 §1.2"),
        Reason("fault.duplicated", "RFC 791 §1.2"),
        Reason("fault.reordered", "RFC 791 §1.2"),
        Reason("fault.overtake", "RFC 791 §1.2"),
    ),
    "It arrives": (
        Reason("ip.not-for-me", "RFC 1122 §3.2.1.3"),
        Reason("tcp.syn-received", "RFC 9293 §3.10.7.2"),
        Reason("tcp.syn-acked", "RFC 9293 §3.10.7.3"),
        Reason("tcp.simultaneous-open", "RFC 9293 §3.5"),
        Reason("tcp.established", "RFC 9293 §3.10.7.4"),
        Reason("tcp.data-received", "RFC 9293 §3.10.7.4"),
        Reason("tcp.out-of-order", "RFC 9293 §3.10.7.4"),
        Reason("tcp.ack-received", "RFC 9293 §3.10.7.4"),
        Reason("tcp.fin-received", "RFC 9293 §3.6"),
        Reason("tcp.closed", "RFC 9293 §3.6"),
    ),
    "It makes the receiver answer RST, or is one that counts": (
        Reason("tcp.no-listener", "RFC 9293 §3.10.7.1"),
        Reason("tcp.no-connection", "RFC 9293 §3.10.7.1"),
        Reason("tcp.ack-of-nothing", "RFC 9293 §3.10.7.3"),
        Reason("tcp.connection-refused", "RFC 9293 §3.10.7.3"),
        Reason("tcp.connection-reset", "RFC 9293 §3.10.7.4"),
    ),
    "The receiver throws it away": (
        Reason("tcp.rst-stray", "RFC 9293 §3.10.7.1"),
        Reason("tcp.rst-forged", "RFC 5961 §3.2"),
        Reason("tcp.rst-challenged", "RFC 5961 §3.2"),
        Reason("tcp.syn-challenged", "RFC 5961 §4.2"),
        Reason("tcp.ack-too-old", "RFC 5961 §5.2"),
        Reason("tcp.no-syn", "RFC 9293 §3.10.7.2"),
        Reason("tcp.ack-absent", "RFC 9293 §3.10.7.4"),
        Reason("tcp.duplicate", "RFC 9293 §3.10.7.4"),
        Reason("tcp.out-of-window", "RFC 9293 §3.10.7.4"),
        Reason("tcp.syn-twice", "RFC 9293 §3.10.7.4"),
        Reason("tcp.after-fin", "RFC 9293 §3.10.7.4"),
        Reason("tcp.backlog-full", "RFC 4987 §2"),
        Reason("tcp.nobody-reads", "RFC 9293 §3.6.1"),
    ),
    "Not TCP": (
        Reason("udp.received", "RFC 768"),
        Reason("udp.no-listener", "RFC 1122 §4.1.3.1"),
        Reason("icmp.echo", "RFC 1122 §3.2.2.6"),
        Reason("icmp.echo-reply", "RFC 792"),
        Reason("icmp.refused", "RFC 1122 §4.2.3.9"),
        Reason("icmp.reported", "RFC 1122 §3.2.2"),
        Reason("icmp.noted", "RFC 1122 §4.2.3.9"),
        Reason("icmp.fragmentation-needed", "RFC 1191 §6"),
        Reason("icmp.unasked", "RFC 792"),
        Reason("icmp.stray", "RFC 5927 §4.1"),
        Reason("icmp.ignored", "RFC 1122 §4.2.3.9"),
        Reason("ip.unknown-protocol", "RFC 1122 §3.2.2.1"),
    ),
    "A router, or a host before it looks into a packet": (
        Reason("ip.unreachable-route", "RFC 1812 §5.2.7.1"),
        Reason("ip.prohibited", "RFC 1812 §5.2.7.1"),
        Reason("ip.blackhole", "RFC 1812 §5.2.7.1"),
        Reason("ip.filtered", "RFC 2979 §2"),
        Reason("ip.fragmentation-needed", "RFC 1191 §4"),
        Reason("ip.martian-source", "RFC 1812 §5.3.7"),
        Reason("ip.link-local", "RFC 3927 §2.7"),
        Reason("ip.broadcast-not-forwarded", "RFC 2644"),
        Reason("ip.multicast-not-forwarded", "RFC 1812 §5.2.1.3"),
        Reason("ip.broadcast-ignored", "RFC 1122 §3.2.2.6"),
        Reason("ip.fragment-kept", "RFC 791 §3.2"),
        Reason("ip.fragment-duplicate", "RFC 791 §3.2"),
        Reason("ip.fragment-overlap", "RFC 5722 §4"),
        Reason("ip.bad-fragment", "RFC 791 §3.2"),
        Reason("ip.too-many-fragments", "RFC 1122 §3.3.2"),
    ),
    "Octets that are no packet": (
        Reason("ip.bad-version", "RFC 1122 §3.2.1.1"),
        Reason("ip.bad-length", "RFC 791 §3.1"),
        Reason("ip.bad-checksum", "RFC 1122 §3.2.1.2"),
        Reason("tcp.bad-length", "RFC 9293 §3.1"),
        Reason("tcp.bad-checksum", "RFC 9293 §3.1"),
        Reason("udp.bad-length", "RFC 768"),
        Reason("udp.bad-checksum", "RFC 1122 §4.1.3.4"),
        Reason("icmp.bad-length", "RFC 792"),
        Reason("icmp.bad-checksum", "RFC 792"),
    ),
    "Ethernet": (
        Reason("arp.heard", "RFC 826"),
        Reason("arp.bad-length", "RFC 826"),
        Reason("arp.unknown-kind", "RFC 826"),
        Reason("arp.unknown-operation", "RFC 826"),
        Reason("ethernet.not-for-me", "RFC 894"),
        Reason("ethernet.broadcast", "RFC 1122 §3.3.6"),
        Reason("ethernet.bad-length", "RFC 894"),
        Reason("ethernet.unknown-type", "RFC 894"),
    ),
}
"""What can happen to a card, in the order of its way, and the reasons of each."""

EARLY = frozenset(("tcp.too-early", "tcp.not-asked", "tcp.unanswered"))
"""Nothing on the card is wrong: its time has not come."""

REASONS: dict[str, Reason] = {reason.code: reason for section in SECTIONS.values() for reason in section}
