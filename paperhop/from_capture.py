"""From a stream of captured packets to a deck: long payloads are cut into pieces that fit a code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from msgspec.structs import replace

from cards.deck import Deck, DeckCard
from cards.packet import Flags, Packet, Segment
from cards.qrtext import MOST_PAYLOAD, CardId, PrintedCard
from cards.seqnum import SeqNum
from paperhop.capture import Frame
from paperhop.dissect import Captured, NoCard, dissect
from paperhop.recount import SmallNumbers
from paperhop.streams import Stream, Streams, payload_of
from paperhop.windows import Windows

_LAST_PIECE = Flags.FIN | Flags.RST | Flags.PSH
"""The flags that say what comes after the data."""
_TOO_LONG = f"of UDP or ping with more than {MOST_PAYLOAD} octets of data: only TCP can be cut to the room of a code"
_BEYOND = "beyond the most cards (--max)"
_CUT = f"cut into pieces: a code has room for {MOST_PAYLOAD} octets of data"


@dataclass(frozen=True, slots=True)
class Survey:
    """What a capture holds. left_out: what no card can be made of, and how often."""

    streams: tuple[Stream, ...]
    left_out: Counter[str]


@dataclass(frozen=True, slots=True)
class Made:
    """A deck. left_out: packets of the stream that it lacks; noted: what its cards do not show. Each with how often."""

    deck: Deck
    left_out: Counter[str]
    noted: Counter[str]


def survey(frames: Iterable[Frame]) -> Survey:
    """The streams of a capture."""
    streams, left_out = Streams(), Counter[str]()
    for frame in frames:
        try:
            streams.take(dissect(frame).packet)
        except NoCard as error:
            left_out[str(error)] += 1
    return Survey(tuple(streams.all), left_out)


def packets_of(number: int, frames: Iterable[Frame]) -> Iterator[Captured]:
    """The packets of the stream with this number."""
    streams = Streams()
    for frame in frames:
        try:
            captured = dissect(frame)
        except NoCard:
            continue
        if streams.take(captured.packet).number == number:
            yield captured


def make(
    stream: Stream, packets: Iterable[Captured], source: str, *, name: str, most: int, small_numbers: bool = False
) -> Made:
    """The deck of a stream, with at most `most` cards; a packet is on it with all of its pieces, or not at all.

    source: what to call the capture. name: of the deck. Raises ValueError for a name that no deck can have, and when
    there is nothing to print.
    """
    CardId(name, 0)
    left_out, noted = Counter[str](), Counter[str]()
    taken: list[Captured] = []
    room, full = most, False
    for captured in packets:
        pieces = _pieces(captured.packet)
        if pieces is None:
            left_out[_TOO_LONG] += 1
        elif full or pieces > room:
            full = True
            left_out[_BEYOND] += 1
        else:
            room -= pieces
            taken.append(captured)
            noted.update(captured.notes)
            noted[_CUT] += pieces > 1
    cards = tuple(_cards(taken, name, small_numbers))
    if not cards:
        raise ValueError(f"there is nothing to print of stream {stream.number}: {'; '.join(counted(left_out))}")
    deck = Deck(name, stream.title, f"From {source}, stream {stream.number}: {stream}."[:1000], cards)
    return Made(deck, left_out, +noted)


def counted(counts: Counter[str]) -> list[str]:
    """A line for each kind, the most frequent first."""
    return [f"{times} packet{'s' if times > 1 else ''} {text}" for text, times in counts.most_common()]


def cut(packet: Packet) -> tuple[Packet, ...]:
    """The packet in pieces that fit a code. SYN goes with the first piece; FIN, RST and PSH with the last one.

    What fits stays as it is, and so does all that is not TCP.
    """
    segment, payload = packet.body, payload_of(packet)
    if not isinstance(segment, Segment) or len(payload) <= MOST_PAYLOAD:
        return (packet,)
    pieces = []
    for start in range(0, len(payload), MOST_PAYLOAD):
        part = payload[start : start + MOST_PAYLOAD]
        seq, flags = segment.seq, segment.flags
        if start:
            seq += start + (Flags.SYN in flags)
            flags &= ~Flags.SYN
        if start + len(part) < len(payload):
            flags &= ~_LAST_PIECE
        pieces.append(replace(packet, body=replace(segment, seq=seq, flags=flags, payload=part)))
    return tuple(pieces)


def _pieces(packet: Packet) -> int | None:
    """How many cards a packet makes; None when it has no room on one, and cannot be cut."""
    pieces = -(-len(payload_of(packet)) // MOST_PAYLOAD) or 1
    return pieces if isinstance(packet.body, Segment) or pieces == 1 else None


def _cards(taken: list[Captured], name: str, small_numbers: bool) -> Iterator[DeckCard]:
    windows, numbers = Windows(taken), SmallNumbers(captured.packet for captured in taken)
    sent: dict[tuple[IPv4Address, int], SeqNum] = {}
    serial = 0
    for captured in taken:
        packet = windows.of(captured.packet)
        pieces = cut(numbers.of(packet) if small_numbers else packet)
        for n, piece in enumerate(pieces, 1):
            part = f", part {n} of {len(pieces)}" if len(pieces) > 1 else ""
            again = ", sent again" if _sent_again(piece, sent) else ""
            serial += 1
            yield DeckCard(PrintedCard(CardId(name, serial), piece), f"packet {captured.number}{part}{again}")


def _sent_again(packet: Packet, sent: dict[tuple[IPv4Address, int], SeqNum]) -> bool:
    """A segment all of which its end has sent before. sent: how far each end has come."""
    segment = packet.body
    if not isinstance(segment, Segment) or not segment.length:
        return False
    sender, end = (packet.src, segment.sport), segment.seq + segment.length
    if sender in sent and end <= sent[sender]:
        return True
    sent[sender] = end
    return False
