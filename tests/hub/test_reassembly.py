"""Pieces of one stream, in any order and overlapping: every octet once and in order (RFC 9293 §3.10.7.4, seventh)."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import example, given
from hypothesis import strategies as st

from cards.seqnum import SeqNum
from hub.simulator.reassembly import MOST_PIECES, Piece, arrived, held, ready, trimmed

START = SeqNum(2**32 - 7)
"""The number of the stream's first octet: most streams cross the wrap."""
STREAM = bytes(range(65, 65 + 24))
LENGTH = len(STREAM)

spans = st.tuples(st.integers(0, LENGTH), st.integers(0, LENGTH)).map(sorted).map(tuple)
spans_of_something = spans.filter(lambda span: span[0] < span[1])


def piece(begin: int, end: int, fin: bool = False) -> Piece:
    return Piece(START + begin, STREAM[begin:end], fin)


def offset(p: Piece) -> int:
    return p.seq - START


class Naive:
    """What has come, octet by octet; the FIN is one more place after the last."""

    def __init__(self) -> None:
        self.came: set[int] = set()
        self.next = 0

    def takes(self, begin: int, end: int, fin: bool, window: int) -> bytes:
        places = {*range(begin, end), *([LENGTH] if fin else [])}
        self.came |= {place for place in places if self.next <= place < self.next + window}
        first = self.next
        while self.next in self.came:
            self.next += 1
        return STREAM[first : self.next]

    @property
    def ended(self) -> bool:
        return self.next == LENGTH + 1


class Engine:
    """The same with what is tested, as a connection uses it."""

    def __init__(self) -> None:
        self.held: tuple[Piece, ...] = ()
        self.next = START
        self.ended = False

    def takes(self, p: Piece, window: int) -> bytes:
        fitting = trimmed(p, self.next, window)
        if not (fitting.octets or fitting.fin):
            return b""
        taken, self.held = arrived(self.held, fitting, self.next)
        assert taken.seq == self.next
        self.next = taken.end + taken.fin
        self.ended = self.ended or taken.fin
        return taken.octets

    def check(self) -> None:
        """What is held is in order, beyond a gap, and none of it lies inside another piece."""
        begins = [p.seq - self.next for p in self.held]
        ends = [p.end - self.next + p.fin for p in self.held]
        assert all(begin > 0 for begin in begins)
        assert begins == sorted(set(begins))
        assert ends == sorted(set(ends))


Arrivals = Sequence[tuple[tuple[int, int], int]]
arrivals = st.lists(st.tuples(spans, st.sampled_from([1, 3, 8, 40])), max_size=30)


@given(arrivals)
@example([((4, 8), 40), ((0, 12), 40), ((8, 24), 40)])
@example([((20, 24), 40), ((22, 24), 40), ((0, 22), 40)])
@example([((24, 24), 40), ((22, 24), 40), ((0, 22), 40)])
@example([((2, 4), 40), ((6, 8), 40), ((10, 24), 40), ((0, 24), 40)])
def test_every_octet_comes_once_and_in_order_as_soon_as_it_can(course: Arrivals) -> None:
    naive, engine, received = Naive(), Engine(), b""
    for (begin, end), window in course:
        fin = end == LENGTH
        if naive.ended or (end if fin else end - 1) < naive.next or begin >= naive.next + window:
            continue  # the sequence number of such a segment is not acceptable
        octets = engine.takes(piece(begin, end, fin), window)
        assert octets == naive.takes(begin, end, fin, window)
        assert (engine.next - START, engine.ended) == (naive.next, naive.ended)
        engine.check()
        received += octets
    assert received == STREAM[: len(received)]


@given(st.permutations(range(8)), st.booleans())
def test_when_all_has_come_all_is_there(order: list[int], twice: bool) -> None:
    engine, received = Engine(), b""
    for number in [*order, *order] if twice else order:
        if not engine.ended and not engine.next - START > 3 * number:
            received += engine.takes(piece(3 * number, 3 * number + 3, number == 7), 100)
    assert (received, engine.ended, engine.held) == (STREAM, True, ())


@given(st.lists(spans_of_something, min_size=1, max_size=12))
def test_where_they_contradict_each_other_an_octet_is_one_of_those_that_came_for_its_place(
    spans: list[tuple[int, int]],
) -> None:
    engine, received = Engine(), b""
    came: list[set[int]] = [set() for _ in range(LENGTH)]
    for version, (begin, end) in enumerate(spans):
        if end - 1 < engine.next - START:
            continue
        received += engine.takes(Piece(START + begin, bytes([version]) * (end - begin)), 100)
        engine.check()
        for place in range(begin, end):
            came[place].add(version)
    assert len(received) == engine.next - START
    assert all(octet in came[place] for place, octet in enumerate(received))


def test_text_in_order_wins_over_text_that_was_held() -> None:
    _, still = arrived((), Piece(START + 2, b"CD"), START)
    taken, still = arrived(still, Piece(START, b"abcde"), START)
    assert (taken, still) == (Piece(START, b"abcde"), ())


@given(spans_of_something, st.integers(0, LENGTH), st.integers(0, LENGTH), st.booleans())
def test_what_lies_outside_the_window_is_cut_off(span: tuple[int, int], left: int, window: int, ends: bool) -> None:
    begin, end = span
    if end - 1 + ends < left:
        return  # all of it is old
    fitting = trimmed(Piece(START + begin, STREAM[begin:end], ends), START + left, window)
    places = [place for place in range(begin, end) if left <= place < left + window]
    assert fitting.octets == bytes(STREAM[place] for place in places)
    assert not fitting.octets or offset(fitting) == places[0]
    assert fitting.fin is (ends and left <= end < left + window)


def test_what_is_in_order_needs_no_place() -> None:
    assert ready((piece(0, 3),), START) == (piece(0, 3), ())
    assert ready((), START) == (Piece(START, b""), ())


def test_nothing_is_taken_beyond_a_gap() -> None:
    beyond = piece(4, 8)
    assert ready((piece(0, 3), beyond), START) == (piece(0, 3), (beyond,))
    assert ready((beyond,), START) == (Piece(START, b""), (beyond,))


def test_nothing_comes_after_the_end() -> None:
    """A peer that goes on after its FIN is not believed."""
    taken, _ = ready((piece(0, 3, fin=True), piece(4, 8)), START)
    assert taken == piece(0, 3, fin=True)


def test_a_fin_alone_is_a_piece() -> None:
    pieces = held((), piece(24, 24, fin=True))
    pieces = held(pieces, piece(0, 24))
    assert ready(pieces, START) == (piece(0, 24, fin=True), ())


def test_however_many_pieces_wait_the_one_that_is_missing_is_taken() -> None:
    """Held pieces have a bound: those farthest ahead give way, and nobody waits for ever."""
    pieces: tuple[Piece, ...] = ()
    for place in range(2, 4 * MOST_PIECES, 2):
        taken, pieces = arrived(pieces, Piece(START + place, b"x"), START)
        assert not taken.octets
    assert len(pieces) == MOST_PIECES
    for place in (0, 1):
        taken, pieces = arrived(pieces, Piece(START + place, b"y"), START + place)
        assert taken.octets.startswith(b"y")
    assert taken.octets == b"yx"
