"""What the sentence about a ruling may mention: the packet, and where it was, is and goes."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address

from cards.packet import Carries, Flags, Packet, Segment, Written
from hub.simulator import counting
from hub.simulator.rules import Counting, Rules
from hub.simulator.verdicts import Ruling


def facts(rules: Rules, ruling: Ruling) -> Mapping[str, str]:
    """The parameters of a ruling's sentence. The numbers are those on the paper, where there is one."""
    said = ruling.written or (None if ruling.packet is None else _written(ruling.packet))
    mentioned = _of_packet(rules, said, ruling) if said is not None else {}
    for name, node in (("here", ruling.node), ("holder", ruling.came_from), ("next", ruling.goes_to)):
        if node is not None:
            mentioned[name] = rules.title(node)
    if ruling.node is not None:
        mentioned["address"] = str(rules.node(ruling.node).address)
    if ruling.origin is not None:
        mentioned["from"] = rules.title(ruling.origin)
    if ruling.written is not None and is_printed(rules, ruling.written):
        mentioned["printed"] = ""
    elif ruling.written is not None and ruling.node == ruling.origin and ruling.goes_to is None:
        mentioned["writer"] = ""  # its way has ended
    return {**mentioned, **_peers(rules, ruling)}


def _peers(rules: Rules, ruling: Ruling) -> Mapping[str, str]:
    """The parameters of the ruling itself: the other end of a connection by its title, unless its port matters."""
    peer = ruling.params.get("peer")
    if peer is None or ruling.reason == "tcp.mixed-streams":
        return ruling.params
    return {**ruling.params, "peer": who(rules, IPv4Address(peer.partition(":")[0]))}


def kind(written: Written) -> str:
    """What people call a packet: its flags, or what else it carries."""
    if written.carries is Carries.TCP:
        return str(written.flags or Flags.NONE)
    return written.carries.word


def what(written: Written) -> str:
    """What people call this one, when it is not alone: data is no mere ACK, but a `packet`."""
    return "packet" if written.payload and kind(written) == str(Flags.ACK) else kind(written)


def is_printed(rules: Rules, written: Written) -> bool:
    """A paper has what nobody writes by hand: a window, or numbers where the form has no row and nobody counts."""
    uncounted = rules.counting is Counting.OFF and not rules.form.seq
    return written.window is not None or (uncounted and written.seq is not None)


def who(rules: Rules, address: IPv4Address | None) -> str:
    """The title of the node with an address; the address itself, when nobody has it; without one `nobody`."""
    node = None if address is None else rules.by_address.get(address)
    return "nobody" if address is None else str(address) if node is None else rules.title(node)


def _of_packet(rules: Rules, said: Written, ruling: Ruling) -> dict[str, str]:
    packet = ruling.packet
    seq, ack = said.seq, said.ack
    if packet is not None and isinstance(packet.body, Segment) and rules.counting is not Counting.BYTES:
        seq, ack = seq or packet.body.seq, ack or packet.body.ack
    rows = counting.rows(rules, said)
    numbers = {row: str(number) for row, number in (("seq", seq), ("ack", ack)) if row in rows and number is not None}
    return (
        numbers
        | ({"numbers": ", ".join(rows)} if rows else {})
        | {
            "flags": kind(said),
            "what": what(said),
            "source": who(rules, said.src if packet is None else packet.src),
            "target": _number(said.dst if packet is None else packet.dst),
            "destination": who(rules, said.dst if packet is None else packet.dst),
            "sport": _number(said.sport),
            "dport": _number(said.dport),
            "length": str(len(said.payload or b"")),
            "ttl": str(said.ttl if packet is None else packet.ttl),
        }
        | ({"timer": ""} if rules.timers.retransmission is not None and said.carries is Carries.TCP else {})
    )


def _number(value: object) -> str:
    return "-" if value is None else str(value)


def _written(packet: Packet) -> Written | None:
    try:
        return packet.written()
    except TypeError:
        return None
