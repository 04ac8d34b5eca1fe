"""What holds whatever happens: every state with every kind of segment, and two hosts over a bad link."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from copy import deepcopy
from ipaddress import IPv4Address
from itertools import product
from typing import NamedTuple

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cards.packet import Flags, Packet, Segment
from cards.seqnum import SeqNum
from hub.simulator import admission, arrive, moves, timers, transmit
from hub.simulator.arrive import Learned
from hub.simulator.connection import Connection, Endpoint, Pair
from hub.simulator.emit import emit, opened
from hub.simulator.host import Host
from hub.simulator.options import KeepAlive, Options
from hub.simulator.reassembly import Piece
from hub.simulator.sockets import Outcome, Sockets
from hub.simulator.states import TRANSITIONS, Input, State
from hub.simulator.verdicts import Verdict
from tests.hub.tcp import EASY, IRS, ISS, PAIR, THEM, US, after, arrives, emitted, in_state, said, segment

# (1) Every state, every segment


def _situations() -> Iterator[tuple[str, Connection]]:
    """Every state, and some in which more is going on."""
    established = in_state(State.ESTABLISHED)
    half_open = in_state(State.SYN_RECEIVED, passive=False)
    for state in State:
        if state not in (State.CLOSED, State.LISTEN):
            yield state.value, in_state(state)
    yield "SYN-SENT, before the SYN", opened(PAIR, EASY)
    yield "SYN-RECEIVED, both opened", half_open
    yield "SYN-RECEIVED, text came with the SYN", _queued(b"hello", "S")
    yield "SYN-RECEIVED, text and FIN came with the SYN", _queued(b"", "SF")
    yield "FIN-WAIT-1, the SYN is not acknowledged", said(half_open, "FA")
    yield "ESTABLISHED, text is on its way", said(established, "A", b"hello")
    yield "ESTABLISHED, text waits", replace(said(established, "A", b"h"), text=b"hello")
    yield "ESTABLISHED, their window is shut", _waiting(in_state(State.ESTABLISHED, window=0))
    yield "ESTABLISHED, their shut window is probed", _probing(in_state(State.ESTABLISHED, window=0))
    yield "ESTABLISHED, our window is shut", replace(established, rcv_wnd=0)
    yield "ESTABLISHED, after a gap", replace(established, held=(Piece(IRS + 3, b"ll"),))
    yield "ESTABLISHED, the end came first", replace(established, held=(Piece(IRS + 6, b"", True),))
    yield "ESTABLISHED, the ACK waits", _acking_late()
    yield "ESTABLISHED, keep-alive", in_state(State.ESTABLISHED, replace(EASY, keep_alive=KeepAlive()))
    yield "FIN-WAIT-1, text before the FIN", said(established, "FA", b"hello")
    yield "FIN-WAIT-1, their shut window is probed", _closing(_probing(in_state(State.ESTABLISHED, window=0)))
    yield "FIN-WAIT-1, text and FIN wait", _closing(_waiting(in_state(State.ESTABLISHED, window=0)))
    yield "CLOSING, text before the FIN", after(arrives(said(established, "FA", b"hello"), segment("FA")))
    yield "FIN-WAIT-2, nobody reads", replace(in_state(State.FIN_WAIT_2), deaf=True)
    yield "CLOSE-WAIT, text is on its way", said(in_state(State.CLOSE_WAIT), "A", b"hello")


def _queued(data: bytes, letters: str) -> Connection:
    c = after(arrive.at_listen(PAIR, segment(letters, 0, data=data), EASY))
    syn_ack = transmit.next_segment(c, ISS)
    assert syn_ack is not None
    return _emitted(c, syn_ack)


def _waiting(c: Connection) -> Connection:
    return timers.settled(replace(c, text=b"hello"), 0)


def _probing(c: Connection) -> Connection:
    waiting = _waiting(c)
    assert waiting.retransmit_at is not None
    asking, _ = timers.fired(waiting, waiting.retransmit_at)
    assert asking is not None
    return emitted(asking, waiting.retransmit_at)[0]


def _closing(c: Connection) -> Connection:
    return replace(c, state=State.FIN_WAIT_1, fin=True)


def _acking_late() -> Connection:
    return after(arrives(in_state(State.ESTABLISHED, replace(EASY, delayed_ack=200)), segment("A", data=b"?")))


def _emitted(c: Connection, s: Segment) -> Connection:
    following = emit(c, s, 0)
    assert following is not None
    return following


SITUATIONS = dict(_situations())
PLAIN = [Flags(bits) for bits in range(64) if not Flags(bits) & (Flags.PSH | Flags.URG)]
NO_DIFFERENCE = [Flags.PSH, Flags.URG, Flags.PSH | Flags.URG]
FAR = 2**30
NOW = 500


def seqs(c: Connection) -> list[SeqNum]:
    """Around every edge of what they may send."""
    nxt = IRS + 1 if c.irs is None else c.rcv_nxt
    edge = nxt + c.rcv_wnd
    numbers = [nxt + -6, nxt + -1, nxt, nxt + 2, edge + -1, edge, nxt + FAR, nxt + -FAR]
    return list(dict.fromkeys(numbers))


def acks(c: Connection) -> list[SeqNum]:
    """Around every edge of what they may acknowledge."""
    una, nxt = (c.snd_una, c.snd_nxt) if c.iss is not None else (ISS, ISS)
    return list(dict.fromkeys([una + -5, una, una + 1, nxt, nxt + 1, nxt + FAR, una + -FAR]))


def segments(c: Connection) -> Iterator[Segment]:
    """With every combination of flags but PSH and URG."""
    ports = THEM.port, US.port
    for seq, data, window in product(seqs(c), (b"", b"x", b"hello"), (0, 65_535)):
        for flags in PLAIN:
            for ack in acks(c) if Flags.ACK in flags else [None]:
                yield Segment(*ports, flags, seq, ack, window, data)


def acceptable(c: Connection, s: Segment) -> bool:
    """The table of RFC 9293 §3.10.7.4, in offsets from RCV.NXT."""
    first, length, window = s.seq - c.rcv_nxt, s.length, c.rcv_wnd
    if length == 0:
        return first == 0 if window == 0 else 0 <= first < window
    return window > 0 and (0 <= first < window or 0 <= first + length - 1 < window)


def inputs(c: Connection, s: Segment) -> set[Input]:
    """What a segment could be, by figure 5."""
    happens: set[Input] = set()
    if Flags.SYN in s.flags:
        happens.add(Input.RECEIVE_SYN if s.ack is None else Input.RECEIVE_SYN_ACK)
    if Flags.FIN in s.flags or any(piece.fin for piece in c.held):
        happens.add(Input.RECEIVE_FIN)
    if s.ack is not None and c.iss is not None and c.snd_una < s.ack <= c.snd_nxt:
        if not c.syn_acked:
            happens.add(Input.RECEIVE_ACK_OF_SYN)
        if c.fin_sent and s.ack == c.snd_nxt:
            happens.add(Input.RECEIVE_ACK_OF_FIN)
    return happens


def reachable(state: State, happens: set[Input]) -> set[State]:
    """Where these arrows lead, each taken at most once."""
    states = {state}
    for happened in happens:
        arrow = TRANSITIONS.get((state, happened))
        if arrow is not None:
            states |= reachable(arrow.to, happens - {happened})
    return states


def may_be_gone(c: Connection, s: Segment) -> bool:
    """The connection may end by this segment."""
    if c.state is State.SYN_SENT:
        return Flags.RST in s.flags and s.ack is not None and c.iss is not None and c.iss < s.ack <= c.snd_nxt
    if Flags.RST in s.flags:
        return s.seq == c.rcv_nxt
    if Flags.SYN in s.flags:
        return c.state is State.SYN_RECEIVED and c.passive and acceptable(c, s)
    if c.state is State.LAST_ACK:
        return s.ack == c.snd_nxt
    return c.deaf and len(s.payload) > 0


LEFT_ALONE = (
    *(
        "state",
        "iss",
        "snd_una",
        "snd_nxt",
        "snd_wnd",
        "snd_wl1",
        "snd_wl2",
        "snd_sml",
        "max_wnd",
        "snd_mss",
        "syn_acked",
    ),
    *(
        "text",
        "sent",
        "fin",
        "fin_sent",
        "irs",
        "rcv_nxt",
        "rcv_wnd",
        "held",
        "acked",
        "deaf",
        "owes_resend",
        "owes_probe",
    ),
    *("rto", "retries", "recover", "retransmit_at", "soft_error"),
)
"""What a segment does not touch that is not acceptable."""


class Walked(NamedTuple):
    """A segment came, and what was owed went out."""

    learned: Learned
    sent: list[Segment]
    c: Connection | None


def check_arrival(c: Connection, s: Segment, again: bool = False) -> Walked:
    """One segment comes and everything that is owed goes out; what must hold of any.

    again: it was the last one, too.
    """
    learned = arrives(c, s, NOW)
    now = learned.connection
    if Flags.RST in s.flags:
        assert learned.reset is None, "an RST is never answered by an RST"
    assert (learned.reset is None) or (Flags.RST in learned.reset.flags and learned.verdict is Verdict.RST)
    if now is None:
        assert may_be_gone(c, s)
        return Walked(learned, [], None)
    assert now.state in reachable(c.state, inputs(c, s))
    if c.state is not State.SYN_SENT and not acceptable(c, s):
        check_unacceptable(c, s, learned, again)
    check_numbers(c, learned, now)
    for bits in NO_DIFFERENCE:
        assert arrives(c, replace(s, flags=s.flags | bits), NOW) == learned
    sent, quiet = check_emissions(now)
    assert not quiet.outstanding or quiet.retransmit_at is not None, "what may be lost goes again"
    assert not quiet.waiting or not quiet.syn_acked or quiet.retransmit_at is not None, (
        "what waits does not wait for ever"
    )
    return Walked(learned, sent, quiet)


def check_unacceptable(c: Connection, s: Segment, learned: Learned, again: bool) -> None:
    now = after(learned)
    if Flags.RST not in s.flags:
        both_opened = s.flags == Flags.SYN | Flags.ACK and s.seq == c.irs and c.state is State.SYN_RECEIVED
        last_again = s.ack is not None and Flags.SYN not in s.flags and s.seq + s.length == c.rcv_nxt
        if both_opened or last_again or (c.rcv_wnd == 0 and s.seq == c.rcv_nxt):
            return  # its ACK counts all the same
    assert (learned.verdict, learned.text, learned.reset) == (Verdict.DROPPED, b"", None)
    assert [getattr(now, name) for name in LEFT_ALONE] == [getattr(c, name) for name in LEFT_ALONE]
    assert now.until == c.until or (c.state is State.TIME_WAIT and Flags.FIN in s.flags)
    assert now.owes_syn == c.owes_syn or Flags.SYN in s.flags, "only a SYN asks for the SYN,ACK"
    if Flags.RST in s.flags:
        assert (now.owes_ack, now.owes_syn) == (c.owes_ack, c.owes_syn)
    elif not again:  # one such ACK is enough for a while (RFC 5961 §7)
        assert now.owes_syn or (now.owes_ack and now.ack_at is None)


def check_numbers(before: Connection, learned: Learned, now: Connection) -> None:
    """Nothing goes back, and every octet that is delivered moves RCV.NXT by one."""
    assert now.snd_nxt == before.snd_nxt
    assert now.snd_una <= now.snd_nxt
    assert before.snd_una <= now.snd_una
    if now.irs is None:
        assert learned.text == b""
        return
    moved = now.rcv_nxt - (before.rcv_nxt if before.irs is not None else now.irs + 1)
    ended = now.state.synchronized and not now.state.may_receive_data
    had_ended = before.state.synchronized and not before.state.may_receive_data
    assert moved == len(learned.text) + (ended and not had_ended)
    if before.irs is not None:
        assert (now.rcv_nxt + now.rcv_wnd) - (before.rcv_nxt + before.rcv_wnd) == (ended and not had_ended)
    assert ended or all(now.rcv_nxt <= piece.seq for piece in now.held)


def check_emissions(c: Connection) -> tuple[list[Segment], Connection]:
    """Everything goes out: soon it is quiet, and whatever went out was admissible."""
    sent: list[Segment] = []
    while (s := transmit.next_segment(c, ISS)) is not None:
        sent.append(s)
        assert len(sent) <= 3, sent
        assert Flags.RST not in s.flags
        assert admissible(c, s)
        following = _emitted(c, s)
        assert following.snd_una == c.snd_una or c.iss is None
        assert c.snd_nxt <= following.snd_nxt or c.iss is None
        assert following.rcv_nxt == c.rcv_nxt
        c = following
    assert not any((c.owes_syn, c.owes_resend, c.owes_probe, c.owes_keep_alive))
    assert not c.owes_ack or c.ack_at is not None
    return sent, c


def admissible(c: Connection, s: Segment) -> bool:
    """A person could have written it."""
    return asks_whether_they_are_there(c, s) or any(moves.fits(move, s) for move in moves.for_connection(c))


def asks_whether_they_are_there(c: Connection, s: Segment) -> bool:
    """A keep-alive probe (§3.8.4), which nobody sends by hand."""
    return c.owes_keep_alive and s.length == 0 and s.seq == c.snd_nxt + -1


@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_segment_in_every_state(situation: str) -> None:
    c = SITUATIONS[situation]
    copy = deepcopy(c)
    for s in segments(c):
        try:
            walked = check_arrival(c, s)
            if walked.c is not None:
                again = check_arrival(walked.c, s, again=True)
                assert not (walked.learned.text and again.learned.text), "no octet comes twice"
        except AssertionError as fault:
            raise AssertionError(f"{situation}: {s}") from fault
    assert c == copy, "the old value is untouched"


@pytest.mark.parametrize("situation", SITUATIONS)
def test_left_alone_every_state_comes_to_rest(situation: str) -> None:
    """Whoever is not answered gives up, and nothing goes on for ever."""
    c: Connection | None = SITUATIONS[situation]
    now = 0
    for _ in range(100):
        assert c is not None
        _, c = check_emissions(c)
        if c.deadline is None:
            assert not c.outstanding
            assert not c.waiting
            return
        assert c.deadline >= now
        now = c.deadline
        c, _ = timers.fired(c, now)
        if c is None:
            return
    pytest.fail("it goes on for ever")


@pytest.mark.parametrize("flags", PLAIN, ids=str)
def test_every_segment_where_there_is_no_connection(flags: Flags) -> None:
    for seq, ack, data in product((SeqNum(0), IRS, IRS + FAR), (SeqNum(0), ISS), (b"", b"hello")):
        s = Segment(THEM.port, US.port, flags, seq, ack if Flags.ACK in flags else None, payload=data)
        for learned in (arrive.at_closed(s, "tcp.no-listener"), arrive.at_listen(PAIR, s, EASY)):
            assert learned.text == b""
            if Flags.RST in flags:
                assert (learned.verdict, learned.connection, learned.reset) == (Verdict.DROPPED, None, None)
            elif Flags.ACK in flags:
                assert learned.reset == Segment(US.port, THEM.port, Flags.RST, ack, window=0)
            elif learned.connection is not None:
                assert Flags.SYN in flags
                check_emissions(learned.connection)


# (2) Two hosts over a link that loses, duplicates, reorders and delays

Fate = tuple[int, ...]
"""What becomes of a packet: after how many ms it comes, each time that it does; () is lost."""
Step = tuple[int, str, str, int]
"""An application's step: so many ms after the one before, at which host, what, how much."""

A, B = "a", "b"
ENDS = {A: Endpoint(IPv4Address("10.0.1.2"), 40001), B: Endpoint(IPv4Address("10.0.1.1"), 80)}
PAIRS = {A: Pair(ENDS[A], ENDS[B]), B: Pair(ENDS[B], ENDS[A])}
OTHER = {A: B, B: A}
STREAMS = {A: bytes(range(256)) * 8, B: bytes(range(255, -1, -1)) * 8}
SECOND, HOUR = 1000, 3_600_000
MOST_EVENTS, MOST_IN_A_SECOND = 20_000, 1500


class Course(NamedTuple):
    """Everything that one run depends on. listening: b listens; else both open at once. endless: the fates begin anew
    when they are used up; else the link is good from then on.
    """

    options: dict[str, Options]
    fates: list[Fate]
    endless: bool
    script: list[Step]
    listening: bool


class Run:
    """Two hosts, their applications, and what is on its way between them.

    When the script is over each application says its end, reads what comes, and closes at the other's end, or when
    nothing comes any more.
    """

    def __init__(self, course: Course, watched: bool = False) -> None:
        self.course, self.watched = course, watched
        self.now = self.events = self.posted = self.fated = 0
        self.on_its_way: list[tuple[int, int, str, Packet]] = []
        self.lately: deque[int] = deque(maxlen=MOST_IN_A_SECOND)
        self.script = list(course.script)
        self.next_step = self.script[0][0] if self.script else 0
        self.sent = {A: 0, B: 0}
        self.received = {A: b"", B: b""}
        self.troubles: list[str] = []
        """Why not all may have come: errors that applications were told, and connections that were given up."""
        self.sides = {side: Sockets(Host((ENDS[side].address,), course.options[side], side)) for side in (A, B)}
        if course.listening:
            self.did(B, self.sides[B].listen("listener", ENDS[B].port))
        else:
            self.did(B, self.sides[B].connect(B, ENDS[B], ENDS[A]))
        self.did(A, self.sides[A].connect(A, ENDS[A], ENDS[B]))
        self.go()

    def did(self, side: str, result: tuple[Sockets, Outcome]) -> Outcome:
        """A call of an application, and what goes out because of it."""
        self.sides[side], outcome = result
        if outcome.error not in (None, "EAGAIN", "EBADF", "ENOTCONN", "EPIPE"):
            self.troubles.append(f"{side}: {outcome.error}")
        self.transmits(side)
        return outcome

    def transmits(self, side: str) -> None:
        before = self.sides[side]
        self.sides[side], packets = before.transmit(self.now)
        check_host(self.sides[side])
        if self.watched:
            check_admitted(before.host, packets, self.sides[side].host, self.now)
        for packet in packets:
            for after_ms in self.fate():
                self.on_its_way.append((self.now + after_ms, self.posted, OTHER[side], packet))
                self.posted += 1
        self.on_its_way.sort(key=lambda each: each[:2], reverse=True)

    def fate(self) -> Fate:
        fates, self.fated = self.course.fates, self.fated + 1
        if not fates or (self.fated > len(fates) and not self.course.endless):
            return (1,)
        return fates[(self.fated - 1) % len(fates)]

    def go(self) -> None:
        """Event by event, until nothing is on its way and nothing will happen."""
        while (at := self.next_event()) is not None or self.patience_ends():
            if at is None:
                continue
            self.now = max(self.now, at)
            self.happens()
            self.time_goes_on()
            if self.on_its_way and self.on_its_way[-1][0] <= self.now:
                _, _, side, packet = self.on_its_way.pop()
                self.sides[side], _ = self.sides[side].receive(packet, self.now)
                self.transmits(side)
            if self.script and self.next_step <= self.now:
                self.act(*self.script.pop(0)[1:])
                self.next_step = self.now + (self.script[0][0] if self.script else 0)
            if not self.script:
                for side in (A, B):
                    self.ends(side)

    def happens(self) -> None:
        """One event more; there cannot be so many."""
        self.events += 1
        self.lately.append(self.now)
        assert len(self.lately) < MOST_IN_A_SECOND or self.now - self.lately[0] >= SECOND, "they talk for ever"
        assert self.events < MOST_EVENTS, "it does not end"
        assert self.now < 10 * HOUR, "it does not end"

    def patience_ends(self) -> bool:
        """Nothing will happen: who still waits closes. Whether anybody did."""
        waited = [side for side in (A, B) if side in self.sides[side].by_name]
        for side in waited:
            self.act(side, "close", 0)
        return bool(waited)

    def next_event(self) -> int | None:
        times = [sockets.deadline for sockets in self.sides.values() if sockets.deadline is not None]
        times += [self.on_its_way[-1][0]] if self.on_its_way else []
        times += [self.next_step] if self.script else []
        return min(times) if times else None

    def time_goes_on(self) -> None:
        for side in (A, B):
            before = self.sides[side].host.connections
            self.sides[side], notices = self.sides[side].advance(self.now)
            for notice in notices:
                if notice.error and not half_open(before[notice.pair]):
                    self.troubles.append(f"{side}: {notice.error}")
            self.transmits(side)

    def act(self, side: str, what: str, size: int) -> None:
        """A step of the script; a socket that is not there (any more) does nothing."""
        sockets = self.sides[side]
        if what == "send":
            data = STREAMS[side][self.sent[side] : self.sent[side] + size]
            self.sent[side] += self.did(side, sockets.send(side, data, self.now)).accepted
        elif what == "recv":
            self.reads(side, size)
        elif what == "shutdown" and self.opened(side):
            self.did(side, sockets.shutdown(side, "wr", self.now))
        elif what == "close":
            self.did(side, sockets.close(side, self.now))
        elif what == "abort":
            self.did(side, sockets.abort(side))
        elif what == "accept":
            self.did(side, sockets.accept("listener", side))

    def opened(self, side: str) -> bool:
        """Who closes before anybody has answered, closes nothing and sends nothing (§3.10.4, SYN-SENT)."""
        c = self.sides[side].host.connections.get(PAIRS[side])
        return c is not None and c.state is not State.SYN_SENT

    def reads(self, side: str, most: int | None) -> Outcome:
        outcome = self.did(side, self.sides[side].recv(side, most))
        self.received[side] += outcome.data
        sent = STREAMS[OTHER[side]][: self.sent[OTHER[side]]]
        assert sent.startswith(self.received[side]), "what was received is a prefix of what was sent"
        return outcome

    def ends(self, side: str) -> None:
        if side == B and self.course.listening and B not in self.sides[B].by_name:
            self.did(B, self.sides[B].accept("listener", B))
        if side not in self.sides[side].by_name:
            return
        self.act(side, "shutdown", 0)
        while (outcome := self.reads(side, None)).data:
            pass
        if outcome.eof or outcome.error not in (None, "EAGAIN"):
            self.act(side, "close", 0)


def half_open(c: Connection) -> bool:
    """Perhaps by an old SYN; nobody knows of it."""
    return c.state is State.SYN_RECEIVED and c.passive


def check_admitted(before: Host, packets: tuple[Packet, ...], transmitted: Host, now: int) -> None:
    """Whatever a stack sends, a person at the same host could have written, and with the same effect."""
    host = before
    for packet in packets:
        c = host.connections.get(host.pair_of(packet))
        if c is not None and asks_whether_they_are_there(c, packet.segment):
            host = host.keep(c.pair, emit(c, packet.segment, now))
            continue
        admitted = admission.admit(host, packet, now)
        assert admitted is not None, (c, packet)
        host, _ = admitted
    assert (host.connections, host.owing, host.resets) == (
        transmitted.connections,
        transmitted.owing,
        transmitted.resets,
    )


def check_host(sockets: Sockets) -> None:
    """What holds of a host that has just sent everything."""
    host = sockets.host
    assert host.transmit(0) == (host, ()), "nothing more is to be said"
    for pair, c in host.connections.items():
        assert c.snd_una <= c.snd_nxt
        assert not c.outstanding or c.retransmit_at is not None
        assert c.deadline is None or (host.deadline is not None and host.deadline <= c.deadline)
        assert len(c.text) >= c.sent
        name = sockets.by_pair.get(pair)
        if name is not None:
            assert c.rcv_wnd + len(sockets.by_name[name].inbox) <= c.options.receive_buffer


options = st.builds(
    Options,
    mss=st.sampled_from([3, 20, 100]),
    receive_buffer=st.sampled_from([1, 5, 20, 64, 1000]),
    rto_min=st.sampled_from([200, 1000]),
    rto_max=st.just(4000),
    retries=st.just(6),
    orphan_retries=st.just(4),
    delayed_ack=st.sampled_from([0, 50, 300]),
    nagle=st.booleans(),
    msl_2=st.just(30_000),
    fin_wait_2=st.just(20_000),
    keep_alive=st.none() | st.just(KeepAlive(5000, 1000, 3)),
)
lucks: list[Fate] = [(1,), (1,), (1,), (), (), (400,), (3000,), (1, 2), (1, 1500)]
fates = st.lists(st.sampled_from(lucks), max_size=40)
gaps, sizes = st.sampled_from([0, 1, 50, 500, 3000]), st.sampled_from([1, 2, 19, 20, 21])
polite = st.sampled_from(["send", "send", "send", "recv", "recv", "accept", "shutdown"])
rude = polite | st.sampled_from(["close", "abort"])


def courses(does: st.SearchStrategy[str]) -> st.SearchStrategy[Course]:
    script = st.lists(st.tuples(gaps, st.sampled_from([A, B]), does, sizes), max_size=20)
    both = st.fixed_dictionaries({A: options, B: options})
    return st.builds(Course, both, fates, st.booleans(), script, st.booleans())


BRIEF = settings(deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink))
"""A run takes some ms; what it depends on is explained well enough by the example."""


def everything_is_over(run: Run) -> bool:
    return not any(sockets.host.connections for sockets in run.sides.values())


@given(courses(polite))
@settings(BRIEF, max_examples=200)
def test_all_that_was_sent_is_received_unless_somebody_gives_up(course: Course) -> None:
    run = Run(course)
    assert everything_is_over(run)
    if not run.troubles:
        assert run.received == {side: STREAMS[OTHER[side]][: run.sent[OTHER[side]]] for side in (A, B)}


@given(courses(polite).map(lambda course: course._replace(fates=course.fates[:5], endless=False)))
@settings(BRIEF, max_examples=100)
def test_over_a_link_that_becomes_good_nobody_gives_up(course: Course) -> None:
    run = Run(course)
    assert everything_is_over(run)
    assert not course.listening or not run.troubles


@given(courses(rude))
@settings(BRIEF, max_examples=200)
def test_whatever_the_applications_do_it_ends(course: Course) -> None:
    assert everything_is_over(Run(course))


@given(courses(rude))
@settings(BRIEF, max_examples=50)
def test_the_same_events_give_equal_hosts(course: Course) -> None:
    one, two = Run(course), Run(course)
    assert (one.sides, one.received, one.troubles) == (two.sides, two.received, two.troubles)


@given(courses(rude))
@settings(BRIEF, max_examples=100)
def test_whatever_a_stack_sends_a_person_may_send(course: Course) -> None:
    Run(course, watched=True)
