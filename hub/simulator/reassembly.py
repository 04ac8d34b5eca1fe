"""Text that came before its time (RFC 9293 §3.10.7.4, seventh check): held until the gap before it is filled."""

from __future__ import annotations

from typing import NamedTuple

from cards.seqnum import SeqNum

MOST_PIECES = 256
"""Pieces that are held; those farthest ahead are forgotten, and must come again."""


class Piece(NamedTuple):
    """Octets of the stream from sequence number `seq` on; fin: the stream ends after them."""

    seq: SeqNum
    octets: bytes
    fin: bool = False

    @property
    def end(self) -> SeqNum:
        """The number after the last octet, the FIN not counted."""
        return self.seq + len(self.octets)


def trimmed(piece: Piece, left: SeqNum, window: int) -> Piece:
    """What of a piece lies in `window` octets from `left` on; a FIN that lies beyond is cut off."""
    seq, octets, fin = piece
    early = left - seq
    if early > 0:
        octets, seq, fin = octets[early:], left, fin and early <= len(octets)
    room = window + min(early, 0)
    fits = len(octets) + fin <= room
    return piece if fits and early <= 0 else Piece(seq, octets[: max(0, room)], fin and fits)


def held(pieces: tuple[Piece, ...], piece: Piece) -> tuple[Piece, ...]:
    """The pieces and one more, in the order in which they begin; none lies inside another, and none touches another.

    Of octets that came twice with different text, those of the piece that begins first count (`ready`).
    """
    if any(_covers(old, piece) for old in pieces):
        return pieces
    kept: list[Piece] = []
    for each in _with(tuple(old for old in pieces if not _covers(piece, old)), piece):
        if kept and kept[-1].end == each.seq and not kept[-1].fin:
            kept[-1] = Piece(kept[-1].seq, kept[-1].octets + each.octets, each.fin)
        else:
            kept.append(each)
    return tuple(kept[:MOST_PIECES])


def ready(pieces: tuple[Piece, ...], rcv_nxt: SeqNum) -> tuple[Piece, tuple[Piece, ...]]:
    """What can be taken from `rcv_nxt` on without a gap, and what is still held."""
    octets: list[bytes] = []
    expected = rcv_nxt
    for index, piece in enumerate(pieces):
        if expected < piece.seq:
            return Piece(rcv_nxt, b"".join(octets)), pieces[index:]
        if expected <= piece.end:
            octets.append(piece.octets[expected - piece.seq :])
            expected = piece.end
            if piece.fin:
                return Piece(rcv_nxt, b"".join(octets), True), ()
    return Piece(rcv_nxt, b"".join(octets)), ()


def arrived(pieces: tuple[Piece, ...], piece: Piece, left: SeqNum) -> tuple[Piece, tuple[Piece, ...]]:
    """One piece more has come: what can be taken from `left` on without a gap, and what is still held."""
    if not pieces and piece.seq == left:
        return piece, ()
    return ready(held(pieces, piece) if piece.octets or piece.fin else pieces, left)


def _covers(one: Piece, other: Piece) -> bool:
    """All of the other lies in the one."""
    return one.seq <= other.seq and other.end + other.fin <= one.end + one.fin


def _with(pieces: tuple[Piece, ...], piece: Piece) -> tuple[Piece, ...]:
    """The piece where it belongs: before all that begin later."""
    place = sum(old.seq <= piece.seq for old in pieces)
    return (*pieces[:place], piece, *pieces[place:])
