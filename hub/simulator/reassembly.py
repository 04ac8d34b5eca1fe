"""Text that came before its time (RFC 9293 §3.10.7.4, seventh check): held until the gap before it is filled."""

from __future__ import annotations

from typing import NamedTuple

from cards.seqnum import SeqNum


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
    """The pieces and one more, in order and without overlaps.

    Of octets that came twice the first are kept, but a piece is replaced by one that covers it.
    """
    kept: list[Piece] = []
    left: Piece | None = piece
    for old in pieces:
        if piece.seq <= old.seq and _beyond(old, piece) is None:
            continue
        if left is not None and left.seq < old.seq:
            kept.append(Piece(left.seq, left.octets[: old.seq - left.seq], left.fin and left.end <= old.seq))
        kept.append(old)
        left = None if left is None else _beyond(left, old)
    if left is not None:
        kept.append(left)
    return tuple(kept)


def _beyond(piece: Piece, old: Piece) -> Piece | None:
    """What of a piece comes after an older one; None when nothing does."""
    if piece.end < old.end or (piece.end == old.end and (old.fin or not piece.fin)):
        return None
    return piece if old.end <= piece.seq else Piece(old.end, piece.octets[old.end - piece.seq :], piece.fin)


def arrived(pieces: tuple[Piece, ...], piece: Piece, left: SeqNum) -> tuple[Piece, tuple[Piece, ...]]:
    """One piece more has come: what can be taken from `left` on without a gap, and what is still held."""
    if piece.seq != left:
        return ready(held(pieces, piece) if piece.octets or piece.fin else pieces, left)
    if not pieces or piece.fin:
        return piece, ()
    beyond = (_beyond(old, piece) for old in pieces)
    more, still = ready(tuple(old for old in beyond if old is not None), piece.end)
    return Piece(left, piece.octets + more.octets, more.fin), still


def ready(pieces: tuple[Piece, ...], rcv_nxt: SeqNum) -> tuple[Piece, tuple[Piece, ...]]:
    """What can be taken from `rcv_nxt` on without a gap, and what is still held."""
    octets: list[bytes] = []
    expected, fin = rcv_nxt, False
    for index, piece in enumerate(pieces):
        if piece.seq != expected or fin:
            return Piece(rcv_nxt, b"".join(octets), fin), pieces[index:]
        octets.append(piece.octets)
        expected, fin = piece.end, piece.fin
    return Piece(rcv_nxt, b"".join(octets), fin), ()
