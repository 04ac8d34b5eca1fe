"""What was on the wires of a game, as a pcapng file: draft-ietf-opsawg-pcapng-03."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from struct import Struct

from hub.capture.wires import Sight, Watched, watch
from hub.lessons import Lesson
from hub.records import RoomRecord
from hub.replay import Past
from hub.simulator.ethernet import frame_octets
from hub.simulator.rules import NodeRules
from hub.simulator.verdicts import Verdict

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_NUMBER, _OPTION = Struct("<I"), Struct("<HH")
_SECTION_HEAD, _INTERFACE_HEAD, _PACKET_HEAD = Struct("<IHHq"), Struct("<HHI"), Struct("<IIIII")
_BYTE_ORDER, _VERSION, _LENGTH_UNKNOWN = 0x1A2B3C4D, (1, 0), -1
_ETHERNET, _NO_LIMIT = 1, 0
_COMMENT, _PROGRAM = 1, 4
_NAME, _DESCRIPTION, _RESOLUTION = 2, 3, 9
_FLAGS, _PACKET_ID = 2, 5
_MILLISECONDS = 3
"""Timestamps count in units of 10 to the minus this."""
_INBOUND, _OUTBOUND, _UNICAST = 0b01, 0b10, 0b001 << 2
_LONGEST = 0xFFFF
"""Octets of the longest option."""


def octets(
    room: RoomRecord, lesson: Lesson, past: Iterable[Past], *, at: str | None = None, round: int | None = None
) -> Iterator[bytes]:
    """A capture of a game, block by block. Every node is an interface.

    room: how it began; past: from its start on. at: only what this node saw; round: only this round. Time is lesson
    time, counted from when the room began.
    """
    watched = watch(lesson.rules, past)
    nodes = [node for node in lesson.rules.nodes if at in (None, node.id)]
    number = {node.id: n for n, node in enumerate(nodes)}
    began = _ms(room.began)
    yield _section(room, lesson, watched, at, round)
    for node in nodes:
        yield _interface(node)
    for sight in watched.sights:
        if sight.node in number and round in (None, sight.round):
            yield _packet(sight, number[sight.node], began)


def _section(room: RoomRecord, lesson: Lesson, watched: Watched, at: str | None, round: int | None) -> bytes:
    comments = [
        f"Room {room.name}: {lesson.title} (lesson {room.lesson}), begun {room.began}. Times are lesson time, counted "
        "from then on: while the teacher pauses, no time passes.",
        *_what_it_is(lesson, at, round),
        _not_here(watched, at, round),
    ]
    body = _SECTION_HEAD.pack(_BYTE_ORDER, *_VERSION, _LENGTH_UNKNOWN)
    told = [_option(_COMMENT, text.encode()) for text in comments]
    return _block(_SECTION, body, [_option(_PROGRAM, f"Paperhop {room.program}".encode()), *told])


def _what_it_is(lesson: Lesson, at: str | None, round: int | None) -> Iterator[str]:
    if round is not None:
        yield f"Only round {round} is here."
    if at is not None:
        yield f"Only what {lesson.rules.title(at)} sent, passed on or took is here."
        return
    yield (
        "Every packet is here once for each node that sent it, passed it on or took it, on the interface that has "
        "the node's name. To Wireshark the second of them looks like a retransmission: look at one node at a time "
        "(paperhop export --at NODE), or let it keep interfaces apart (docs/running.md, Wireshark)."
    )


def _not_here(watched: Watched, at: str | None, round: int | None) -> str:
    """How many scans have no packet."""
    kinds: dict[str, int] = {"were stopped": 0, "could not be read": 0, "brought a packet to where it was not taken": 0}
    words = {Verdict.STOPPED: "were stopped", Verdict.UNREAD: "could not be read"}
    for (node, in_round, verdict), count in watched.unseen.items():
        if at in (None, node) and round in (None, in_round):
            kinds[words.get(verdict, "brought a packet to where it was not taken")] += count
    counted = "; ".join(f"{count} that {what}" for what, count in kinds.items())
    return f"Of these scans there is no packet here, as nothing came onto a wire or off it: {counted}."


def _interface(node: NodeRules) -> bytes:
    """A node. Its name is what people call it."""
    addresses = ", ".join(str(address) for address in node.addresses)
    return _block(
        _INTERFACE,
        _INTERFACE_HEAD.pack(_ETHERNET, 0, _NO_LIMIT),
        [
            _option(_NAME, node.title.encode()),
            _option(_DESCRIPTION, f"{node.id}, {'router' if node.router else 'host'}, {addresses}".encode()),
            _option(_RESOLUTION, bytes([_MILLISECONDS])),
        ],
    )


def _packet(sight: Sight, interface: int, began: int) -> bytes:
    frame = frame_octets(sight.frame)
    time = began + sight.at
    head = _PACKET_HEAD.pack(interface, time >> 32, time & 0xFFFFFFFF, len(frame), len(frame))
    flags = _UNICAST | (_OUTBOUND if sight.outbound else _INBOUND)
    options = [
        _option(_FLAGS, _NUMBER.pack(flags)),
        _option(_PACKET_ID, sight.number.to_bytes(8, "little")),
        *(_option(_COMMENT, note.encode()) for note in sight.notes),
    ]
    return _block(_PACKET, head + _padded(frame), options)


def _ms(began: str) -> int:
    """Milliseconds since 1970 of a moment in ISO 8601."""
    return int(datetime.fromisoformat(began).timestamp() * 1000)


def _block(kind: int, body: bytes, options: list[bytes]) -> bytes:
    whole = body + b"".join(options) + _OPTION.pack(0, 0)
    length = _NUMBER.pack(len(whole) + 3 * _NUMBER.size)
    return _NUMBER.pack(kind) + length + whole + length


def _option(code: int, value: bytes) -> bytes:
    value = value[:_LONGEST]
    return _OPTION.pack(code, len(value)) + _padded(value)


def _padded(value: bytes) -> bytes:
    return value + bytes(-len(value) % 4)
