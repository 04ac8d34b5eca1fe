"""Why a segment may not be sent: compared field by field with the nearest one that may."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

import msgspec
from msgspec.structs import replace

from cards.notation import write
from cards.packet import Flags, Packet, Segment, Written
from cards.payload import octets
from cards.seqnum import SeqNum
from hub.simulator import admission, checks, counting, moves
from hub.simulator.connection import Connection, Pair
from hub.simulator.host import Host
from hub.simulator.moves import Kind, Move
from hub.simulator.rules import Counting, Rules
from hub.simulator.states import State
from hub.simulator.verdicts import Difference


class Explanation(msgspec.Struct, frozen=True, gc=False):
    """A reason code, what its sentence mentions, and all fields that differ."""

    reason: str
    params: dict[str, str]
    differences: tuple[Difference, ...] = ()


class _Wrong(msgspec.Struct, frozen=True, gc=False):
    """One field that is not as a move has it. weight: how far off, for finding the nearest move."""

    reason: str
    weight: int
    difference: Difference


_GOODBYES = {Kind.ABORT: Flags.RST, Kind.FIN: Flags.FIN}
_NOT_NOW = frozenset(("tcp.not-asked", "tcp.unanswered", "tcp.time-wait", "tcp.rst-unowed"))
"""Where one waits, or takes a port, or sends nothing: no card is near what could go now."""
_CLIENT_PORTS = 1024
"""Ports below are services' (RFC 6335 §6)."""
_ALIKE = 0.6
"""From this ratio of equal octets on, words are those of before with a slip, and no others (as difflib has it)."""
_NUMBERS = ("tcp.seq-mismatch", "tcp.ack-mismatch")
_CLOSING = frozenset((State.FIN_WAIT_1, State.FIN_WAIT_2, State.CLOSING, State.LAST_ACK, State.TIME_WAIT))


def explain(host: Host, packet: Packet, written: Written, rules: Rules, now: int) -> Explanation:
    """Why `host` may not send `packet`; to be asked only when `admission.admit` has said so.

    written: what stands on the paper: numbers that nobody wrote are not held against it. now: lesson time in ms.
    """
    by, written = rules.counting, counting.minded(rules.counting, written)
    s, pair = packet.segment, host.pair_of(packet)
    move, wrong = _nearest(host, packet, written, by)
    differences = tuple(each.difference for each in wrong if each.difference.written != each.difference.should)
    answer = counting.on_form(rules, _as_card(host, move, packet, rules, now), written)
    params = {"peer": str(move.pair.remote), "answer": as_line(answer)}
    if wrong:
        params |= {"written": wrong[0].difference.written, "should": wrong[0].difference.should}
    c = host.connections.get(pair)
    if not checks.flags_possible(s.flags if c is None else s.flags | Flags.ACK):
        clash = s.flags & (Flags.SYN | Flags.FIN | Flags.RST)
        said = {"written": str(s.flags)} | ({"clash": str(clash)} if len(clash.names) > 1 else {})
        return Explanation("tcp.flags-impossible", params | said, differences)
    reason = _of_the_situation(c, s) if c is not None else None
    if c is not None and reason == "tcp.acknowledged-already":
        next_of_ours = Move(Kind.ACK, pair, Flags.ACK, c.snd_nxt, c.rcv_nxt)
        should = _on_paper(by, host, next_of_ours, c.snd_nxt, c.rcv_nxt)[0]
        params = {key: value for key, value in params.items() if key != "should"}
        if "seq" in counting.rows(rules, written) and should is not None:
            params["should"] = str(should)
    if reason is None and move.kind is Kind.OPEN and c is None:
        reason = _why_not_open(host, pair, s.flags, bool(s.payload))
        if pair.local.port < _CLIENT_PORTS:  # services do not open connections
            return Explanation(reason, _without_answer(params))
    if reason in _NOT_NOW:
        return Explanation(reason, _without_answer(params))
    if reason is None and wrong:
        reason = wrong[0].reason
        if reason in _NUMBERS and c is not None and wrong[0].difference.written != "0":  # with 0 begin many streams
            other = _other_stream(host, packet, written, by)
            if other is not None:
                params |= _told_apart(pair, other)
                return Explanation("tcp.mixed-streams", params, differences)
        if reason in _NUMBERS:
            params |= _how_to_count(move, wrong[0], by)
        if reason == "tcp.flags-mismatch":
            reason = _which_flag(s.flags, move.flags)
            if move.kind is Kind.RESET and host.listener(move.pair.local) is None and Flags.RST not in s.flags:
                params["closed"] = str(move.pair.local.port)
            if reason == "tcp.rst-unowed" and move.kind is Kind.SYN_ACK and host.listener(move.pair.local) is not None:
                params["open"] = str(move.pair.local.port)
        if reason == "tcp.window-exceeded" and c is not None and move.most == c.snd_mss:
            reason = "tcp.segment-too-big"
    return Explanation(reason or "tcp.too-early", params, differences)


def _without_answer(params: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in params.items() if name != "answer"}


def _of_the_situation(c: Connection, s: Segment) -> str | None:
    """What the state alone forbids, whatever the numbers are."""
    if c.state is State.SYN_SENT and Flags.ACK in s.flags and Flags.RST not in s.flags:
        return "tcp.unanswered"
    if c.state is State.TIME_WAIT and s.flags & ~moves.NOT_COMPARED == Flags.SYN:
        return "tcp.time-wait"
    if c.iss is None or Flags.RST in s.flags or Flags.SYN in s.flags:
        return None
    carries = bool(s.payload) or Flags.FIN in s.flags
    if carries and c.iss < s.seq and s.seq + s.length <= c.snd_una:
        return "tcp.after-own-fin" if Flags.FIN in s.flags else "tcp.acknowledged-already"
    if c.state in _CLOSING and ((s.payload and c.snd_nxt + -1 <= s.seq) or (carries and not c.fin_sent)):
        return "tcp.after-own-fin"
    return None


def _nearest(host: Host, packet: Packet, written: Written, by: Counting) -> tuple[Move, tuple[_Wrong, ...]]:
    """The move with the least differences; of equals the one that is owed, then the one that comes first.

    Nobody who did not write RST is told to break a connection off, nobody who did not write FIN to end it.
    """
    pair = host.pair_of(packet)
    unasked = [kind for kind, flag in _GOODBYES.items() if flag not in packet.segment.flags]
    candidates = [move for move in admission.likely(host, pair) if move.kind not in unasked]
    if pair not in host.connections and not any(owed == pair for owed, _ in host.resets):
        candidates += moves.for_closed(pair)
    compared = [(move, tuple(_differences(host, move, packet, written, by))) for move in candidates]
    compared = [(move, wrong) for move, wrong in compared if wrong]
    if not compared:
        return Move(Kind.OPEN, pair, Flags.SYN), ()
    return min(compared, key=lambda each: (sum(wrong.weight for wrong in each[1]), not each[0].owed))


def _differences(host: Host, move: Move, packet: Packet, written: Written, by: Counting) -> Iterator[_Wrong]:
    """What differs between a packet and a move, in the order in which one reads a card."""
    s, pair = packet.segment, move.pair
    if packet.dst != pair.remote.address:
        yield _wrong("ip.wrong-address", 2, "address", packet.dst, pair.remote.address)
    # Both ports the wrong way round are one slip: they were copied from the card that this one answers.
    weight = 1 if (s.sport, s.dport) == (pair.remote.port, pair.local.port) else 2
    if s.sport != pair.local.port:
        yield _wrong("tcp.wrong-source-port", weight, "sport", s.sport, pair.local.port)
    if s.dport != pair.remote.port:
        yield _wrong("tcp.wrong-port", weight, "dport", s.dport, pair.remote.port)
    wrong_bits = (s.flags ^ move.flags) & ~moves.NOT_COMPARED
    if wrong_bits:
        yield _wrong("tcp.flags-mismatch", 3 * len(wrong_bits.names), "flags", s.flags, move.flags)
    seq = moves.seq_wanted(move, s)
    if written.seq is not None and seq is not None and not moves.seq_fits(move, s):
        should = _on_paper(by, host, move, seq, None)[0]
        yield _wrong("tcp.seq-mismatch", 2, "seq", written.seq, should)
    if written.ack is not None and move.ack is not None and s.ack is not None and not moves.ack_fits(move, s.ack):
        should = _on_paper(by, host, move, move.seq or SeqNum(0), move.ack)[1]
        yield _wrong("tcp.ack-mismatch", 2, "ack", written.ack, should)
    length = len(s.payload)
    if length < move.least:
        yield _wrong("tcp.data-missing", 2, "data", 0, move.least)
    if length > move.most:
        # Whoever writes data wants to send data: that it is too much comes before that it is there at all.
        reason, weight = ("tcp.window-exceeded", 2) if move.kind is Kind.DATA else ("tcp.data-unexpected", 3)
        yield _wrong(reason, weight, "data", length, move.most)
    elif moves.seq_fits(move, s) and not moves.repeats(move, s):
        first = _said_first(move, s)
        # Whoever has other words has new ones: it is the number that is wrong.
        alike = SequenceMatcher(None, octets(s.payload), first, autojunk=False).ratio() >= _ALIKE
        yield _wrong("tcp.retransmission-differs", 1 if alike else 3, "data", length, len(first))


def _said_first(move: Move, s: Segment) -> bytes:
    """What went out where the octets of a segment stand that repeats it; with a FIN it is the last that was said."""
    assert move.stream is not None
    assert move.seq is not None
    if Flags.FIN in move.flags:
        return move.stream[max(0, len(move.stream) - len(s.payload)) :]
    begin = max(0, s.seq - move.seq)
    return move.stream[begin : begin + len(s.payload) - moves.early(move, s)]


def _wrong(reason: str, weight: int, field: str, written: object, should: object) -> _Wrong:
    return _Wrong(reason, weight, Difference(field, str(written), str(should)))


def _on_paper(
    by: Counting, host: Host, move: Move, seq: SeqNum, ack: SeqNum | None
) -> tuple[SeqNum | None, SeqNum | None]:
    flags = move.flags if ack is not None else move.flags & ~Flags.ACK
    return counting.to_paper(by, host, move.pair, Segment(move.pair.local.port, move.pair.remote.port, flags, seq, ack))


def _as_card(host: Host, move: Move, packet: Packet, rules: Rules, now: int) -> Written:
    """The nearest packet that one might send: what is free is as it was written."""
    s, pair, by = packet.segment, move.pair, rules.counting
    data = octets(s.payload)[: move.most]
    meant = Segment(pair.local.port, pair.remote.port, move.flags, s.seq, move.ack, payload=data)
    if move.kind is Kind.RETRANSMISSION and move.stream is not None:
        meant = _again(move, meant, rules.form.payload)
    else:
        if len(data) < move.least:
            meant = replace(meant, payload=b"?" * move.least)
        seq = moves.seq_wanted(move, meant)
        if seq is None:
            seq = s.seq if written_freely(by, s) else host.isn(pair, now)
        meant = replace(meant, seq=seq)
    return counting.as_written(by, host, Packet(pair.local.address, pair.remote.address, meant))


def _again(move: Move, s: Segment, cells: int) -> Segment:
    """What was said where a segment stands; from the start, as much as a form has cells for, when that is nothing."""
    assert move.stream is not None
    assert move.seq is not None
    if Flags.FIN in move.flags:
        said = _said_first(move, s)
        return replace(s, seq=move.seq + (len(move.stream) - len(said)), payload=said)
    if not moves.seq_fits(move, s) or not _said_first(move, s):
        s = replace(s, seq=move.seq)
    said = _said_first(move, s) or move.stream[: min(cells, move.most)]
    return replace(s, seq=max(s.seq, move.seq), payload=said)


def as_line(written: Written) -> str:
    """A card that somebody could write, as a line of notation: without what stands on no form."""
    return write(replace(written, ttl=None, window=None, payload=written.payload or None))


def written_freely(by: Counting, s: Segment) -> bool:
    """An initial sequence number that its writer may keep."""
    return by is Counting.RFC and Flags.SYN in s.flags


def _other_stream(host: Host, packet: Packet, written: Written, by: Counting) -> Pair | None:
    """Another connection of this host to which seq and ack belong, as far as they are written."""
    for each in host.latest:
        c = host.connections[each]
        if each == host.pair_of(packet) or c.iss is None or c.irs is None:
            continue
        seq, ack = counting.to_engine(by, counting.zero(host, each), written)
        s = replace(packet.segment, seq=seq or packet.segment.seq, ack=ack or packet.segment.ack)
        if s.ack is not None and any(moves.fits(move, s) for move in moves.for_connection(c)):
            return each
    return None


def _how_to_count(move: Move, wrong: _Wrong, by: Counting) -> dict[str, str]:
    """What a hint about a wrong number mentions, where it is so."""
    if wrong.reason == "tcp.seq-mismatch" and move.kind is Kind.RETRANSMISSION:
        return {"again": _what(move)}
    if wrong.reason == "tcp.seq-mismatch" and move.kind is Kind.RESET and Flags.ACK in move.flags:
        return {"refuses": "SYN"}
    said = {"only_data": ""} if by is Counting.BYTES else {"syn_counts": ""}
    if wrong.reason == "tcp.ack-mismatch" and wrong.difference.should != "0":
        said["came"] = wrong.difference.should
    return said


def _what(move: Move) -> str:
    """What goes again: its flags, or `packet`, for which each language has a word."""
    return "packet" if move.flags == Flags.ACK else str(move.flags)


def _told_apart(pair: Pair, other: Pair) -> dict[str, str]:
    """What to call two connections: by the other ends, and by our ports when it is one other end."""
    ends = {"peer": str(pair.remote), "other": str(other.remote)}
    if pair.remote != other.remote:
        return ends
    return ends | {"peer_from": str(pair.local.port), "other_from": str(other.local.port)}


def _why_not_open(host: Host, pair: Pair, written: Flags, with_data: bool) -> str:
    """The nearest thing would have been a first SYN; but not from a port where one listens: there one waits for it."""
    if Flags.RST in written:
        return "tcp.rst-unowed"
    if host.listener(pair.local) is not None and written & ~moves.NOT_COMPARED != Flags.SYN:
        return "tcp.not-asked"
    if Flags.ACK in written:
        return "tcp.too-early"
    if Flags.SYN in written and with_data:
        return "tcp.data-in-syn"
    return "tcp.too-early"


def _which_flag(written: Flags, should: Flags) -> str:
    """The flags differ: the mistakes that have a name of their own."""
    if Flags.RST in written and Flags.RST not in should:
        return "tcp.rst-unowed"
    if Flags.SYN in written and not should & (Flags.SYN | Flags.RST):
        return "tcp.syn-on-open"
    if Flags.ACK in should and Flags.ACK not in written:
        return "tcp.ack-flag-missing"
    return "tcp.flags-mismatch"
