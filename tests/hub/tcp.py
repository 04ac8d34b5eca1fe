"""TCP in tests, in easy numbers: every number is relative to where its side began to count.

A side's SYN is number 0 and its first octet number 1, whatever the initial sequence numbers are; the real ones lie
just below 2**32, so that every test crosses the wrap.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import NamedTuple

from immutables import Map
from msgspec.structs import replace

from cards.packet import Flags, Packet, Segment
from cards.payload import octets
from cards.seqnum import SeqNum
from hub.simulator import arrive, transmit
from hub.simulator.arrive import Learned
from hub.simulator.connection import Connection, Endpoint, Pair
from hub.simulator.emit import emit, opened
from hub.simulator.host import Host
from hub.simulator.options import Options
from hub.simulator.sockets import Outcome, Socket, Sockets
from hub.simulator.states import State

ISS, IRS = SeqNum(2**32 - 3), SeqNum(2**32 - 2)
"""Where we begin and where they begin."""
US = Endpoint(IPv4Address("10.0.1.1"), 80)
THEM = Endpoint(IPv4Address("10.0.1.2"), 40001)
PAIR = Pair(US, THEM)
BUFFER, WINDOW = 1000, 2000
"""What we take and what they take, in octets."""
EASY = Options(mss=100, receive_buffer=BUFFER)

_LETTERS = {
    "S": Flags.SYN,
    "F": Flags.FIN,
    "R": Flags.RST,
    "P": Flags.PSH,
    "U": Flags.URG,
    "A": Flags.ACK,
    "-": Flags.NONE,
}


def flags(letters: str) -> Flags:
    """`FA` is FIN,ACK; `-` is none at all."""
    both = Flags.NONE
    for letter in letters:
        both |= _LETTERS[letter]
    return both


def segment(
    letters: str, seq: int = 1, ack: int = 1, data: bytes = b"", window: int = WINDOW, mss: int | None = None
) -> Segment:
    """A segment from them to us. What is not mentioned is as it is right after the handshake."""
    control = flags(letters)
    number = ISS + ack if Flags.ACK in control else None
    return Segment(THEM.port, US.port, control, IRS + seq, number, window, data, mss)


class Out(NamedTuple):
    """A segment from us to them, without PSH, which makes no difference."""

    letters: str
    seq: int
    ack: int | None
    data: bytes = b""


def shown(s: Segment, iss: SeqNum = ISS) -> Out:
    """What we sent, for comparing."""
    letters = "".join(letter for letter, flag in _LETTERS.items() if flag and flag in s.flags and letter != "P")
    return Out(letters or "-", s.seq - iss, None if s.ack is None else s.ack - IRS, octets(s.payload))


# One connection


def arrives(c: Connection, s: Segment, now: int = 0) -> Learned:
    """The segment comes to the connection."""
    return arrive.at_syn_sent(c, s, now) if c.state is State.SYN_SENT else arrive.at_connection(c, s, now)


def after(learned: Learned) -> Connection:
    """The connection as it is after that; it must be there."""
    assert learned.connection is not None, learned
    return learned.connection


def emitted(c: Connection, now: int = 0) -> tuple[Connection, list[Segment]]:
    """Everything that a stack would send now, and the connection after it."""
    sent: list[Segment] = []
    while (s := transmit.next_segment(c, ISS)) is not None:
        assert len(sent) < 100, "it does not stop sending"
        sent.append(s)
        following = emit(c, s, now)
        assert following is not None
        c = following
    return c, sent


def answers(c: Connection, now: int = 0) -> list[Out]:
    """Everything that a stack would send now."""
    return [shown(s) for s in emitted(c, now)[1]]


def said(c: Connection, letters: str, data: bytes = b"", now: int = 0) -> Connection:
    """The connection after its application has said this with the next numbers."""
    s = Segment(US.port, THEM.port, flags(letters), c.snd_nxt, c.rcv_nxt, c.rcv_wnd, data)
    following = emit(c, s, now)
    assert following is not None
    return following


def in_state(state: State, options: Options = EASY, passive: bool = True, window: int = WINDOW) -> Connection:
    """A connection in this state that owes nothing, after the shortest way there; all of it happened at 0 ms.

    passive: they opened it; SYN-RECEIVED otherwise means that both did. window: octets that they take.
    """
    if state is State.SYN_SENT:
        return emitted(opened(PAIR, options))[0]
    if state is State.SYN_RECEIVED or passive:
        c = _half_open(options, passive, window)
    else:
        c = _heard(emitted(opened(PAIR, options))[0], segment("SA", 0, 1, window=window))
    if state is not State.SYN_RECEIVED and passive:
        c = _heard(c, segment("A", window=window))
    for step in _WAYS.get(state, ()):
        c = said(c, "FA") if step is None else _heard(c, replace(step, window=window))
    assert c.state is state
    return c


_THEIR_FIN, _ACK_OF_OURS = segment("FA"), segment("A", ack=2)
_WAYS: dict[State, tuple[Segment | None, ...]] = {
    State.FIN_WAIT_1: (None,),
    State.FIN_WAIT_2: (None, _ACK_OF_OURS),
    State.CLOSING: (None, _THEIR_FIN),
    State.TIME_WAIT: (None, segment("FA", ack=2)),
    State.CLOSE_WAIT: (_THEIR_FIN,),
    State.LAST_ACK: (_THEIR_FIN, None),
}
"""From ESTABLISHED on; None: we close."""


def _half_open(options: Options, passive: bool, window: int) -> Connection:
    syn = segment("S", 0, window=window)
    if passive:
        return emitted(after(arrive.at_listen(PAIR, syn, options)))[0]
    return _heard(emitted(opened(PAIR, options))[0], syn)


def _heard(c: Connection, s: Segment) -> Connection:
    return emitted(after(arrives(c, s)))[0]


# A host with one connection


class End:
    """A host whose application holds the connection as socket `a`; time goes on only when it waits."""

    def __init__(self, c: Connection | None = None, now: int = 0) -> None:
        c = in_state(State.ESTABLISHED) if c is None else c
        socket = Socket(pair=PAIR, options=c.options)
        host = Host((US.address,), c.options).keep(PAIR, c)
        self.sockets = Sockets(host, Map(a=socket), Map({PAIR: "a"}))
        self.now = now

    @property
    def connection(self) -> Connection:
        """As it is now; it must be there."""
        return self.sockets.host.connections[PAIR]

    @property
    def gone(self) -> bool:
        """There is no connection any more."""
        return PAIR not in self.sockets.host.connections

    def transmits(self) -> list[Segment]:
        """Everything that goes out now."""
        self.sockets, packets = self.sockets.transmit(self.now)
        return [packet.segment for packet in packets]

    def says(self) -> list[Out]:
        """Everything that goes out now, for comparing."""
        return [shown(s) for s in self.transmits()]

    def hears(
        self, letters: str, seq: int = 1, ack: int = 1, data: bytes = b"", window: int = WINDOW, mss: int | None = None
    ) -> list[Out]:
        """A segment comes; everything that goes out then."""
        packet = Packet(THEM.address, US.address, segment(letters, seq, ack, data, window, mss))
        self.sockets, _ = self.sockets.receive(packet, self.now)
        return self.says()

    def send(self, data: bytes) -> list[Out]:
        """The application sends; everything that goes out then."""
        self.sockets, outcome = self.sockets.send("a", data, self.now)
        assert outcome == Outcome(accepted=len(data))
        return self.says()

    def read(self, most: int | None = None) -> bytes:
        """What the application reads; nothing where there is nothing, or an error."""
        self.sockets, outcome = self.sockets.recv("a", most)
        return outcome.data

    def close(self) -> list[Out]:
        """The application closes its socket; everything that goes out then."""
        self.sockets, _ = self.sockets.close("a", self.now)
        return self.says()

    def shutdown(self, how: str = "wr") -> list[Out]:
        """The application has said all; everything that goes out then."""
        self.sockets, _ = self.sockets.shutdown("a", how, self.now)
        return self.says()

    def error(self) -> str | None:
        """The error that its application is told."""
        self.sockets, outcome = self.sockets.error("a")
        return outcome.error

    def waits(self, ms: int) -> list[tuple[int, Out]]:
        """So much time goes by; everything that goes out meanwhile, and when."""
        said: list[tuple[int, Out]] = []
        end = self.now + ms
        while (due := self.sockets.deadline) is not None and due <= end:
            assert len(said) < 1000, "it does not come to rest"
            self.now = max(self.now, due)
            self.sockets, _ = self.sockets.advance(self.now)
            said += [(self.now, out) for out in self.says()]
        self.now = end
        return said
