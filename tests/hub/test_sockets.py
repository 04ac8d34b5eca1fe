"""What an application sees: every call, every error, several connections, the backlog, UDP, and what ICMP does."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from msgspec.structs import replace

from cards.datagram import Datagram, Echo, IcmpError, IcmpType, Opaque, Protocol, Quote, Unreachable
from cards.packet import Body, Flags, Packet, Segment
from cards.seqnum import SeqNum
from hub.simulator import isn, wire
from hub.simulator.arrive import Learned
from hub.simulator.connection import Connection, Endpoint, Pair
from hub.simulator.host import ANY, Host, Notice
from hub.simulator.options import Options
from hub.simulator.sockets import Outcome, Sockets
from hub.simulator.states import State
from hub.simulator.verdicts import Verdict
from tests.hub.tcp import flags

SERVER, ALSO_SERVER, CLIENT = IPv4Address("10.0.1.1"), IPv4Address("10.0.1.11"), IPv4Address("10.0.1.2")
HTTP = Endpoint(SERVER, 80)
MINUTE = 60_000
EBADF, DONE = Outcome(error="EBADF"), Outcome()
IN_USE = ("EADDRINUSE", "EADDRNOTAVAIL")
EAGAIN, EOF = Outcome(error="EAGAIN"), Outcome(eof=True)


def port(number: int) -> Endpoint:
    """One of the client's."""
    return Endpoint(CLIENT, number)


class Program:
    """The applications of one host. After every call, what is owed is carried to the other side and back."""

    def __init__(self, net: Net, sockets: Sockets) -> None:
        self.net, self.sockets = net, sockets

    def _did(self, result: tuple[Sockets, Outcome]) -> Outcome:
        self.sockets, outcome = result
        self.net.settles()
        return outcome

    def listen(self, name: str, port: int, address: IPv4Address | None = None, backlog: int = 128) -> Outcome:
        return self._did(self.sockets.listen(name, port, address, backlog))

    def connect(self, name: str, local: Endpoint, remote: Endpoint = HTTP, options: Options | None = None) -> Outcome:
        return self._did(self.sockets.connect(name, local, remote, options))

    def accept(self, listener: str, name: str) -> Outcome:
        return self._did(self.sockets.accept(listener, name))

    def send(self, name: str, data: bytes) -> Outcome:
        return self._did(self.sockets.send(name, data, self.net.now))

    def recv(self, name: str, most: int | None = None) -> Outcome:
        return self._did(self.sockets.recv(name, most))

    def shutdown(self, name: str, how: str = "wr") -> Outcome:
        return self._did(self.sockets.shutdown(name, how, self.net.now))

    def close(self, name: str) -> Outcome:
        return self._did(self.sockets.close(name, self.net.now))

    def abort(self, name: str) -> Outcome:
        return self._did(self.sockets.abort(name))

    def error(self, name: str) -> str | None:
        return self._did(self.sockets.error(name)).error

    def udp_open(self, name: str, port: int, address: IPv4Address | None = None) -> Outcome:
        return self._did(self.sockets.udp_open(name, port, address))

    def sendto(self, name: str, to: Endpoint, data: bytes) -> Outcome:
        return self._did(self.sockets.sendto(name, to, data))

    def hears(self, packet: Packet) -> Learned:
        self.sockets, learned = self.sockets.receive(packet, self.net.now)
        return learned

    def connection(self, local: Endpoint, remote: Endpoint) -> Connection | None:
        return self.sockets.host.connections.get(Pair(local, remote))

    def state(self, local: Endpoint, remote: Endpoint) -> State | None:
        c = self.connection(local, remote)
        return None if c is None else c.state


class Net:
    """A server and a client, and a link between them that loses nothing, unless it is cut, and takes no time."""

    def __init__(self, options: Options | None = None) -> None:
        options = options or Options()
        self.server = Program(self, Sockets(Host((SERVER, ALSO_SERVER), options, "server")))
        self.client = Program(self, Sockets(Host((CLIENT,), options, "client")))
        self.now = 0
        self.cut = False
        self.log: list[Packet] = []
        """Everything that was sent."""

    def settles(self) -> None:
        for _ in range(200):
            carried = 0
            for here, there in ((self.client, self.server), (self.server, self.client)):
                here.sockets, packets = here.sockets.transmit(self.now)
                for packet in packets:
                    carried += 1
                    if packet.src == ANY:  # its node fills in the address of the way out
                        packet = replace(packet, src=here.sockets.addresses[0])
                    self.log.append(packet)
                    if not self.cut:
                        there.hears(packet)
            if not carried:
                return
        raise AssertionError("they never come to rest")

    def waits(self, ms: int) -> list[Notice]:
        """So much time goes by; what ended meanwhile without a packet."""
        end = self.now + ms
        ended: list[Notice] = []
        while True:
            due = [p.sockets.deadline for p in (self.server, self.client) if p.sockets.deadline is not None]
            if not due or min(due) > end:
                self.now = end
                return ended
            self.now = max(self.now, min(due))
            for program in (self.server, self.client):
                program.sockets, notices = program.sockets.advance(self.now)
                ended += notices
            self.settles()

    def segments(self) -> list[tuple[str, bytes]]:
        """What was sent since the last time that this was asked: flags and text."""
        log, self.log = self.log, []
        return [(",".join(p.body.flags.names), bytes(p.body.payload)) for p in log if isinstance(p.body, Segment)]  # type: ignore[arg-type]


def connected(options: Options | None = None) -> Net:
    """The client's `c` is connected with the server's `s`, which the listener `l` took."""
    net = Net(options)
    net.server.listen("l", 80)
    net.client.connect("c", port(4001))
    assert net.server.accept("l", "s").peer == port(4001)
    net.segments()
    return net


# From the first packet to the last


def test_a_whole_conversation() -> None:
    net = Net()
    assert net.server.listen("l", 80) == DONE
    assert net.client.connect("c", port(4001)) == DONE
    assert net.server.accept("l", "s") == Outcome(peer=port(4001))
    assert net.client.send("c", b"GET /") == Outcome(accepted=5)
    assert net.server.recv("s") == Outcome(data=b"GET /")
    assert net.server.send("s", b"hello") == Outcome(accepted=5)
    assert net.server.close("s") == DONE
    assert net.client.recv("c") == Outcome(data=b"hello")
    assert net.client.recv("c") == EOF
    assert net.client.recv("c") == EOF, "the end stays the end"
    assert net.client.close("c") == DONE
    assert net.client.state(port(4001), HTTP) is None
    assert net.server.state(HTTP, port(4001)) is State.TIME_WAIT
    net.waits(MINUTE)
    assert net.server.state(HTTP, port(4001)) is None
    assert net.server.sockets.deadline is None


def test_reading_in_small_bites() -> None:
    net = connected()
    net.client.send("c", b"hello world")
    assert [net.server.recv("s", 4).data for _ in range(3)] == [b"hell", b"o wo", b"rld"]
    assert net.server.recv("s", 4) == EAGAIN


def test_octets_have_no_boundaries() -> None:
    net = connected()
    net.client.send("c", b"one")
    net.client.send("c", b"two")
    assert net.server.recv("s") == Outcome(data=b"onetwo")


def test_sending_nothing() -> None:
    net = connected()
    assert net.client.send("c", b"") == Outcome(accepted=0)
    assert net.segments() == []


def test_half_a_connection_goes_on() -> None:
    net = connected()
    assert net.client.shutdown("c") == DONE
    assert net.server.recv("s") == EOF
    assert net.server.send("s", b"still here") == Outcome(accepted=10)
    assert net.client.recv("c") == Outcome(data=b"still here")
    assert net.client.send("c", b"more") == Outcome(error="EPIPE")


def test_shutting_down_twice_is_shutting_down_once() -> None:
    net = connected()
    net.client.shutdown("c")
    net.segments()
    assert net.client.shutdown("c") == DONE
    assert net.segments() == []


def test_what_was_sent_before_the_end_comes_before_the_end() -> None:
    net = connected(Options(mss=100))
    net.client.send("c", b"x" * 950)
    net.client.close("c")
    assert net.server.recv("s") == Outcome(data=b"x" * 950)
    assert net.server.recv("s") == EOF


def test_both_close_at_once() -> None:
    net = connected()
    net.client.sockets, _ = net.client.sockets.close("c", 0)
    net.server.close("s")
    assert net.client.state(port(4001), HTTP) is State.TIME_WAIT
    assert net.server.state(HTTP, port(4001)) is State.TIME_WAIT


def test_both_open_at_once() -> None:
    """RFC 9293 §3.5, figure 8: one connection, and nobody listens."""
    net = Net()
    net.client.sockets, _ = net.client.sockets.connect("c", port(4001), HTTP)
    assert net.server.connect("s", HTTP, port(4001)) == DONE
    assert net.client.state(port(4001), HTTP) is net.server.state(HTTP, port(4001)) is State.ESTABLISHED
    net.client.send("c", b"hello")
    assert net.server.recv("s") == Outcome(data=b"hello")


# Who does not read


def test_shut_down_for_reading_it_is_at_its_end() -> None:
    net = connected()
    net.server.shutdown("s", "rd")
    assert net.server.recv("s") == EOF
    assert net.server.send("s", b"I still talk") == Outcome(accepted=12)
    assert net.client.recv("c").data == b"I still talk"


def test_shut_down_both_ways() -> None:
    net = connected()
    net.server.shutdown("s", "rdwr")
    assert net.server.recv("s") == EOF
    assert net.server.send("s", b"x") == Outcome(error="EPIPE")
    assert net.client.recv("c") == EOF


def test_closing_without_having_read_resets() -> None:
    """RFC 9293 §3.6.1, SHLD-3: they learn that their text was lost."""
    net = connected()
    net.client.send("c", b"unread")
    net.segments()
    net.server.close("s")
    assert net.segments() == [("RST,ACK", b"")]
    assert net.client.recv("c") == Outcome(error="ECONNRESET")


def test_what_comes_after_closing_is_reset() -> None:
    net = connected()
    net.server.close("s")
    net.client.send("c", b"anybody?")
    assert net.server.state(HTTP, port(4001)) is None
    assert net.client.error("c") is not None
    assert net.client.send("c", b"hello?") == Outcome(error="EPIPE")


def test_abort_resets_and_forgets() -> None:
    net = connected()
    net.client.send("c", b"last words")
    assert net.client.abort("c") == DONE
    assert net.client.state(port(4001), HTTP) is None
    assert net.server.recv("s") == Outcome(data=b"last words"), "what came can be read"
    assert net.server.recv("s") == Outcome(error="ECONNRESET")
    assert net.server.recv("s") == EOF, "an error is told once"
    assert net.server.send("s", b"x") == Outcome(error="EPIPE")


def test_aborting_before_anybody_answered_sends_nothing() -> None:
    """§3.10.5: in SYN-SENT there is nobody to tell."""
    net = Net()
    net.cut = True
    net.client.connect("c", port(4001))
    net.segments()
    net.client.abort("c")
    assert net.segments() == []
    assert net.client.state(port(4001), HTTP) is None


# Errors


@pytest.mark.parametrize("call", ["send", "recv", "close", "abort", "error", "accept", "shutdown", "sendto", "options"])
def test_a_name_that_nobody_holds(call: str) -> None:
    sockets = Net().client.sockets
    after, outcome = {
        "send": lambda: sockets.send("?", b"x", 0),
        "recv": lambda: sockets.recv("?"),
        "close": lambda: sockets.close("?", 0),
        "abort": lambda: sockets.abort("?"),
        "error": lambda: sockets.error("?"),
        "accept": lambda: sockets.accept("?", "!"),
        "shutdown": lambda: sockets.shutdown("?", "wr", 0),
        "sendto": lambda: sockets.sendto("?", HTTP, b"x"),
        "options": lambda: sockets.set_options("?", Options(), 0),
    }[call]()
    assert after == sockets
    assert outcome.error in ("EBADF", "ENOTCONN")


def test_a_closed_name_is_nobodys() -> None:
    net = connected()
    net.client.close("c")
    assert net.client.recv("c") == net.client.send("c", b"x") == net.client.close("c") == EBADF


def test_calls_that_a_listener_has_not() -> None:
    net = Net()
    net.server.listen("l", 80)
    assert net.server.send("l", b"x").error is not None
    assert net.server.abort("l").error is not None
    assert net.server.recv("l") == net.server.shutdown("l") == Outcome(error="ENOTCONN")


def test_a_connection_accepts_nobody() -> None:
    net = connected()
    assert net.server.accept("s", "t") == EBADF


@pytest.mark.parametrize("call", ["error", "recv", "send"])
def test_a_refused_connection_says_so_once_to_whichever_call_comes_first(call: str) -> None:
    net = Net()
    net.client.connect("c", port(4001))
    told = {
        "error": lambda: net.client.error("c"),
        "recv": lambda: net.client.recv("c").error,
        "send": lambda: net.client.send("c", b"x").error,
    }[call]()
    assert told == "ECONNREFUSED"
    assert net.client.error("c") is None
    assert net.client.recv("c") == EOF
    assert net.client.send("c", b"x") == Outcome(error="EPIPE")


def test_nobody_answers() -> None:
    net = Net(Options(syn_retries=2))
    net.cut = True
    net.client.connect("c", port(4001))
    assert net.waits(7000) == [Notice(Pair(port(4001), HTTP), "ETIMEDOUT")]
    assert net.client.recv("c") == Outcome(error="ETIMEDOUT")


def test_there_is_one_connection_of_a_pair() -> None:
    net = connected()
    assert net.client.connect("again", port(4001)).error in IN_USE
    net.client.close("c")
    net.server.close("s")
    assert net.client.state(port(4001), HTTP) is State.TIME_WAIT
    assert net.client.connect("again", port(4001)).error in IN_USE
    net.waits(MINUTE)
    assert net.client.connect("again", port(4001)) == DONE


def test_one_listens_on_a_port_once() -> None:
    net = Net()
    assert net.server.listen("l", 80) == DONE
    assert net.server.listen("m", 80) == Outcome(error="EADDRINUSE")
    net.server.close("l")
    assert net.server.listen("m", 80) == DONE


def test_after_shutting_down_before_the_handshake_there_is_nothing_to_wait_for() -> None:
    net = Net()
    net.cut = True
    net.client.connect("c", port(4001))
    net.client.shutdown("c")
    assert net.client.state(port(4001), HTTP) is None
    assert net.client.recv("c") != EAGAIN


# Several connections


def test_each_connection_has_its_own_stream() -> None:
    net = Net()
    net.server.listen("l", 80)
    for number in (1, 2, 3):
        net.client.connect(f"c{number}", port(4000 + number))
    assert [net.server.accept("l", f"s{number}").peer for number in (1, 2, 3)] == [port(4001), port(4002), port(4003)]
    for number in (3, 1, 2):
        net.client.send(f"c{number}", f"I am {number}".encode())
    net.client.close("c2")
    assert [net.server.recv(f"s{number}").data for number in (1, 2, 3)] == [b"I am 1", b"I am 2", b"I am 3"]
    assert [net.server.recv(f"s{number}") for number in (1, 2, 3)] == [EAGAIN, EOF, EAGAIN]


def test_two_servers_on_one_host() -> None:
    net = Net()
    net.server.listen("web", 80)
    net.server.listen("mail", 25)
    net.client.connect("c", port(4001), Endpoint(SERVER, 25))
    assert net.server.accept("web", "s") == EAGAIN
    assert net.server.accept("mail", "s") == Outcome(peer=port(4001))


def test_a_listener_of_one_address_does_not_answer_for_the_other() -> None:
    net = Net()
    net.server.listen("l", 80, SERVER)
    net.client.connect("c", port(4001), Endpoint(ALSO_SERVER, 80))
    assert net.client.error("c") == "ECONNREFUSED"


def test_the_listener_of_the_very_address_goes_before_that_of_all() -> None:
    net = Net()
    net.server.listen("all", 80)
    net.server.listen("one", 80, ALSO_SERVER)
    net.client.connect("a", port(4001), Endpoint(ALSO_SERVER, 80))
    net.client.connect("b", port(4002), HTTP)
    assert net.server.accept("one", "s") == Outcome(peer=port(4001))
    assert net.server.accept("all", "t") == Outcome(peer=port(4002))


def test_a_connection_belongs_to_the_listener_that_answered_its_syn() -> None:
    net = Net()
    net.server.listen("all", 80, backlog=1)
    net.client.sockets, _ = net.client.sockets.connect("c", port(4001), HTTP)
    net.client.sockets, packets = net.client.sockets.transmit(0)
    for packet in packets:
        net.server.hears(packet)  # the SYN
    net.server.listen("one", 80, SERVER)
    assert net.server.accept("all", "s") == Outcome(peer=port(4001))


def test_text_and_end_that_come_before_accept_are_kept() -> None:
    net = Net()
    net.server.listen("l", 80)
    net.client.connect("c", port(4001))
    net.client.send("c", b"hello")
    net.client.close("c")
    net.server.accept("l", "s")
    assert net.server.recv("s") == Outcome(data=b"hello")
    assert net.server.recv("s") == EOF


def test_what_waits_to_be_accepted_counts_against_the_window() -> None:
    net = Net(Options(receive_buffer=10))
    net.server.listen("l", 80)
    net.client.connect("c", port(4001))
    net.client.send("c", b"x" * 30)
    c = net.server.connection(HTTP, port(4001))
    assert c is not None
    assert c.rcv_wnd == 0
    net.server.accept("l", "s")
    got = b""
    for _ in range(5):
        got += net.server.recv("s").data
    assert got == b"x" * 30


# The backlog


def syn(number: int) -> Packet:
    """A SYN from a client that does not answer."""
    return Packet(CLIENT, SERVER, Segment(number, 80, Flags.SYN, SeqNum(100)))


def test_who_finds_no_place_is_not_answered_and_tries_again() -> None:
    net = Net()
    net.server.listen("l", 80, backlog=1)
    for number in (1, 2):
        net.client.connect(f"c{number}", port(4000 + number))
    net.client.connect("c3", port(4003))
    assert net.client.state(port(4003), HTTP) is State.SYN_SENT
    assert net.server.accept("l", "s1") == Outcome(peer=port(4001))
    net.waits(1000)
    assert net.client.state(port(4003), HTTP) is State.ESTABLISHED
    assert [net.server.accept("l", name).peer for name in ("s2", "s3")] == [port(4002), port(4003)]


def test_half_open_connections_take_places_too() -> None:
    net = Net()
    net.server.listen("l", 80, backlog=2)
    learned = [net.server.hears(syn(number)).reason for number in (1, 2, 3, 4)]
    assert learned == ["tcp.syn-received"] * 3 + ["tcp.backlog-full"]


def test_the_places_of_half_open_connections_are_free_again_when_they_are_given_up() -> None:
    net = Net(Options(syn_ack_retries=1))
    net.cut = True
    net.server.listen("l", 80, backlog=2)
    for number in (1, 2, 3):
        net.server.hears(syn(number))
    net.settles()
    assert net.server.hears(syn(4)).reason == "tcp.backlog-full"
    net.waits(10_000)
    assert net.server.hears(syn(4)).reason == "tcp.syn-received"


def test_a_connection_that_was_reset_before_it_was_accepted_is_given_to_its_application_which_learns_of_it() -> None:
    net = Net()
    net.server.listen("l", 80)
    net.client.connect("c", port(4001))
    net.client.connect("d", port(4002))
    net.client.send("c", b"hello")
    net.client.abort("c")
    assert net.server.accept("l", "s") == Outcome(peer=port(4001))
    assert net.server.recv("s") == Outcome(data=b"hello")
    assert net.server.recv("s") == Outcome(error="ECONNRESET")
    assert net.server.accept("l", "t") == Outcome(peer=port(4002))


def test_a_pair_that_was_reset_and_comes_again_waits_twice() -> None:
    net = Net()
    net.server.listen("l", 80)
    net.client.connect("c", port(4001))
    net.client.send("c", b"old")
    net.client.abort("c")
    net.client.connect("c", port(4001))
    net.client.send("c", b"new")
    assert net.server.accept("l", "s").peer == net.server.accept("l", "t").peer == port(4001)
    assert net.server.recv("s") == Outcome(data=b"old")
    assert net.server.recv("s") == Outcome(error="ECONNRESET")
    assert net.server.recv("t") == Outcome(data=b"new")
    net.server.close("s")
    net.server.send("t", b"yes")
    assert net.client.recv("c") == Outcome(data=b"yes")


def overflowing(options: Options) -> Net:
    """The last segments of three handshakes come when two connections may wait."""
    net = Net(options)
    net.server.listen("l", 80, backlog=1)
    net.client.connect("c1", port(4001))
    for number in (2, 3):  # both are half open before either is established
        net.client.sockets, _ = net.client.sockets.connect(f"c{number}", port(4000 + number), HTTP)
    listening = net.server.sockets.host.listening
    roomy = listening.set((None, 80), replace(listening[(None, 80)], backlog=3))
    cramped = net.server.sockets
    net.server.sockets = replace(cramped, host=replace(cramped.host, listening=roomy))
    net.client.sockets, packets = net.client.sockets.transmit(0)
    for packet in packets:
        net.server.hears(packet)
    listener = net.server.sockets.host.listening[(None, 80)]
    small = listening.set((None, 80), replace(listener, backlog=1))
    net.server.sockets = replace(net.server.sockets, host=replace(net.server.sockets.host, listening=small))
    net.settles()
    return net


def test_the_end_of_a_handshake_for_which_there_is_no_room_is_not_heard() -> None:
    net = overflowing(Options())
    assert net.server.state(HTTP, port(4003)) is State.SYN_RECEIVED
    assert net.client.state(port(4003), HTTP) is State.ESTABLISHED
    net.server.accept("l", "s1")
    net.waits(5000)
    assert net.server.state(HTTP, port(4003)) is State.ESTABLISHED, "the SYN,ACK again, and its ACK"


def test_or_it_is_reset_if_the_host_is_told_to() -> None:
    net = overflowing(Options(abort_on_overflow=True))
    assert net.server.state(HTTP, port(4003)) is None
    assert net.client.error("c3") == "ECONNRESET"


# Closing a listener


def test_closing_a_listener_resets_who_waits_and_forgets_who_knocked() -> None:
    net = Net()
    net.server.listen("l", 80)
    net.client.connect("taken", port(4001))
    net.server.accept("l", "s")
    net.client.connect("waits", port(4002))
    net.server.hears(syn(4003))
    net.server.close("l")
    assert net.client.error("waits") == "ECONNRESET"
    assert net.server.state(HTTP, port(4003)) is None
    net.client.send("taken", b"hello")
    assert net.server.recv("s") == Outcome(data=b"hello"), "who was accepted does not notice"
    net.client.connect("late", port(4004))
    assert net.client.error("late") == "ECONNREFUSED"


def test_closing_the_listener_of_all_addresses_leaves_that_of_one_alone() -> None:
    net = Net()
    net.cut = True
    net.server.listen("all", 80)
    net.server.listen("one", 80, SERVER)
    net.server.hears(syn(4001))
    net.server.close("all")
    assert net.server.state(HTTP, port(4001)) is State.SYN_RECEIVED


# The same pair once more


def reopened() -> Net:
    """The client aborted, and has connected again from the same port; the server still holds its old socket."""
    net = connected()
    net.client.abort("c")
    net.client.connect("c", port(4001))
    assert net.client.state(port(4001), HTTP) is State.ESTABLISHED
    return net


def test_the_text_of_a_new_connection_does_not_go_to_the_socket_of_the_old_one() -> None:
    net = reopened()
    net.client.send("c", b"new")
    assert net.server.recv("s") == Outcome(error="ECONNRESET")
    assert net.server.recv("s") == EOF
    net.server.accept("l", "t")
    assert net.server.recv("t") == Outcome(data=b"new")


@pytest.mark.parametrize("call", ["close", "abort", "send", "shutdown", "error"])
def test_what_is_done_to_the_old_socket_does_not_reach_the_new_connection(call: str) -> None:
    net = reopened()
    net.server.accept("l", "t")
    for _ in range(2):  # the first may only be told the error
        if call == "send":
            net.server.send("s", b"old")
        else:
            getattr(net.server, call)("s")
    assert net.server.state(HTTP, port(4001)) is State.ESTABLISHED
    net.client.send("c", b"new")
    assert net.server.recv("t") == Outcome(data=b"new")
    net.server.send("t", b"yes")
    assert net.client.recv("c") == Outcome(data=b"yes")


def time_waiting() -> Net:
    """The server closed first and is in TIME-WAIT; its program still holds the socket."""
    net = connected()
    net.server.shutdown("s")
    net.client.close("c")
    assert net.server.state(HTTP, port(4001)) is State.TIME_WAIT
    assert net.client.state(port(4001), HTTP) is None
    return net


def test_a_new_syn_out_of_time_wait() -> None:
    """RFC 9293 §3.6.1, MAY-2: its number is beyond what was received, and we begin beyond what was sent."""
    net = time_waiting()
    before = net.server.connection(HTTP, port(4001))
    assert before is not None
    net.waits(1000)
    net.client.connect("c", port(4001))
    now = net.server.connection(HTTP, port(4001))
    assert now is not None
    assert now.state is State.ESTABLISHED
    assert now.iss is not None
    assert now.iss > before.snd_nxt
    net.client.send("c", b"new")
    assert net.server.recv("s") == EOF
    net.server.accept("l", "t")
    assert net.server.recv("t") == Outcome(data=b"new")


def test_an_old_syn_does_not_end_time_wait() -> None:
    net = time_waiting()
    c = net.server.connection(HTTP, port(4001))
    assert c is not None
    old = Packet(CLIENT, SERVER, Segment(4001, 80, Flags.SYN, c.rcv_nxt + -1))
    assert net.server.hears(old).verdict is Verdict.DROPPED
    assert net.server.state(HTTP, port(4001)) is State.TIME_WAIT


def test_without_a_listener_no_syn_ends_time_wait() -> None:
    net = time_waiting()
    net.server.close("l")
    c = net.server.connection(HTTP, port(4001))
    assert c is not None
    net.server.hears(Packet(CLIENT, SERVER, Segment(4001, 80, Flags.SYN, c.rcv_nxt + 100)))
    assert net.server.state(HTTP, port(4001)) is State.TIME_WAIT


def test_closing_in_time_wait_does_not_make_it_longer() -> None:
    """§3.10.4: in TIME-WAIT a CLOSE changes nothing."""
    net = time_waiting()
    net.waits(MINUTE // 2)
    net.server.close("s")
    net.waits(MINUTE // 2)
    assert net.server.state(HTTP, port(4001)) is None


def test_fin_wait_2_of_a_closed_socket_lasts_as_long_as_the_host_says() -> None:
    for limit, state in ((3000, None), (None, State.FIN_WAIT_2)):
        net = connected(Options(fin_wait_2=limit))
        net.server.close("s")
        net.waits(2999)
        assert net.server.state(HTTP, port(4001)) is State.FIN_WAIT_2
        net.waits(1)
        assert net.server.state(HTTP, port(4001)) is state


def test_closing_what_was_shut_down_starts_the_limit() -> None:
    net = connected(Options(fin_wait_2=3000))
    net.server.shutdown("s")
    net.waits(10_000)
    assert net.server.state(HTTP, port(4001)) is State.FIN_WAIT_2
    net.server.close("s")
    net.waits(3000)
    assert net.server.state(HTTP, port(4001)) is None


# Two stacks do not answer each other's answers for ever (RFC 5961 §7)


def test_a_forged_segment_does_not_make_them_talk_for_ever() -> None:
    """Each then acknowledges what the other never sent, or sends what the other has long had."""
    net = connected()
    c = net.server.connection(HTTP, port(4001))
    assert c is not None
    net.server.hears(Packet(CLIENT, SERVER, Segment(4001, 80, Flags.ACK, c.rcv_nxt, c.snd_nxt, payload=b"forged")))
    net.settles()
    assert net.server.recv("s").data == b"forged"


def test_two_shut_windows_do_not_probe_each_other_for_ever() -> None:
    """Whoever has probed has sent an octet that was refused: his ACKs must still be heard."""
    net = connected(Options(receive_buffer=10))
    net.client.send("c", b"x" * 30)
    net.server.send("s", b"y" * 30)
    net.waits(MINUTE)
    got = {"c": b"", "s": b""}
    for _ in range(10):
        got["c"] += net.client.recv("c").data
        got["s"] += net.server.recv("s").data
        net.waits(MINUTE)
    assert got == {"c": b"y" * 30, "s": b"x" * 30}


def test_full_windows_that_were_lost_both_ways_are_made_good() -> None:
    """Then the next number of each lies just beyond what the other takes."""
    net = connected(Options(mss=10, receive_buffer=20))
    net.client.sockets, _ = net.client.sockets.send("c", b"x" * 20, 0)
    net.server.sockets, _ = net.server.sockets.send("s", b"y" * 20, 0)
    net.client.sockets, (_, second_of_client) = net.client.sockets.transmit(0)
    net.server.sockets, (_, second_of_server) = net.server.sockets.transmit(0)
    net.server.hears(second_of_client)
    net.client.hears(second_of_server)
    net.settles()
    net.waits(MINUTE)
    assert (net.client.recv("c").data, net.server.recv("s").data) == (b"y" * 20, b"x" * 20)


# UDP

DNS = Endpoint(SERVER, 53)


def test_question_and_answer() -> None:
    net = Net()
    assert net.server.udp_open("dns", 53) == DONE
    assert net.client.udp_open("u", 5000) == DONE
    assert net.client.sendto("u", DNS, b"who is?") == Outcome(accepted=7)
    assert net.server.recv("dns") == Outcome(data=b"who is?", peer=port(5000))
    net.server.sendto("dns", port(5000), b"10.0.1.7")
    assert net.client.recv("u") == Outcome(data=b"10.0.1.7", peer=DNS)
    assert net.client.recv("u") == EAGAIN


def test_datagrams_keep_their_boundaries_and_their_order() -> None:
    net = Net()
    net.server.udp_open("dns", 53)
    net.client.udp_open("u", 5000)
    for data in (b"one", b"", b"three"):
        net.client.sendto("u", DNS, data)
    assert [net.server.recv("dns") for _ in range(3)] == [
        Outcome(data=data, peer=port(5000)) for data in (b"one", b"", b"three")
    ]


def test_what_of_a_datagram_is_not_read_is_lost() -> None:
    net = Net()
    net.server.udp_open("dns", 53)
    net.client.udp_open("u", 5000)
    net.client.sendto("u", DNS, b"too long")
    net.client.sendto("u", DNS, b"next")
    assert net.server.recv("dns", 3).data == b"too"
    assert net.server.recv("dns", 3).data == b"nex"


def test_a_port_where_nobody_listens_is_unreachable() -> None:
    """RFC 1122 §4.1.3.1."""
    net = Net()
    net.client.udp_open("u", 5000)
    net.client.sendto("u", DNS, b"who is?")
    error = net.log[-1].body
    assert isinstance(error, IcmpError)
    assert (error.type, error.code) == (IcmpType.UNREACHABLE, Unreachable.PORT)
    assert (error.about.src, error.about.dst, error.about.ports) == (CLIENT, SERVER, (5000, 53))


def test_the_application_is_told_that_its_datagram_did_not_arrive() -> None:
    """RFC 1122 §4.1.3.3: UDP MUST pass on all ICMP errors."""
    net = Net()
    net.client.udp_open("u", 5000)
    net.client.sendto("u", DNS, b"who is?")
    assert net.client.error("u") == "ECONNREFUSED"
    assert net.client.error("u") is None


def test_a_udp_port_has_one_owner_until_it_is_closed() -> None:
    net = Net()
    net.server.udp_open("dns", 53)
    assert net.server.udp_open("other", 53) == Outcome(error="EADDRINUSE")
    net.server.close("dns")
    assert net.server.udp_open("other", 53) == DONE


def test_a_closed_udp_port_is_unreachable() -> None:
    net = Net()
    net.server.udp_open("dns", 53)
    net.client.udp_open("u", 5000)
    net.server.close("dns")
    net.client.sendto("u", DNS, b"who is?")
    assert isinstance(net.log[-1].body, IcmpError)


def test_the_udp_port_of_one_address_goes_before_that_of_all_and_answers_from_there() -> None:
    net = Net()
    net.server.udp_open("all", 53)
    net.server.udp_open("one", 53, ALSO_SERVER)
    net.client.udp_open("u", 5000)
    net.client.sendto("u", Endpoint(ALSO_SERVER, 53), b"?")
    assert net.server.recv("all") == EAGAIN
    assert net.server.recv("one").data == b"?"
    net.server.sendto("one", port(5000), b"!")
    assert net.client.recv("u").peer == Endpoint(ALSO_SERVER, 53)


def test_too_many_datagrams_are_lost_the_newest_first() -> None:
    net = Net()
    net.server.udp_open("dns", 53)
    net.client.udp_open("u", 5000)
    for number in range(100):
        net.client.sendto("u", DNS, bytes([number]))
    got = []
    while (data := net.server.recv("dns").data) != b"":
        got.append(data[0])
    assert got == list(range(len(got)))
    assert 0 < len(got) < 100


@pytest.mark.parametrize("listener", ["a", "b", "l", "tcp"])
def test_the_same_port_of_tcp_and_udp_are_two_ports(listener: str) -> None:
    net = Net()
    net.server.listen(listener, 53)
    net.server.udp_open("dns", 53)
    net.client.udp_open("u", 5000)
    net.client.sendto("u", DNS, b"who is?")
    assert net.server.recv("dns").data == b"who is?"
    net.client.connect("c", port(4001), DNS)
    assert net.server.accept(listener, "s").peer == port(4001)


def test_a_udp_port_accepts_nobody() -> None:
    net = Net()
    net.server.listen("l", 53)
    net.server.udp_open("dns", 53)
    net.client.connect("c", port(4001), DNS)
    assert net.server.accept("dns", "s") == EBADF


def test_closing_the_tcp_port_leaves_the_udp_port_open() -> None:
    net = Net()
    net.server.listen("l", 53)
    net.server.udp_open("dns", 53)
    net.client.udp_open("u", 5000)
    net.server.close("l")
    net.client.sendto("u", DNS, b"who is?")
    assert net.server.recv("dns").data == b"who is?"
    net.client.connect("c", port(4001), DNS)
    assert net.client.error("c") == "ECONNREFUSED"


def test_closing_the_udp_port_leaves_the_tcp_port_open() -> None:
    net = Net()
    net.server.listen("l", 53)
    net.server.udp_open("dns", 53)
    net.server.close("dns")
    net.client.connect("c", port(4001), DNS)
    assert net.server.accept("l", "s").peer == port(4001)


def test_a_listener_sends_no_datagrams() -> None:
    net = Net()
    net.server.listen("l", 80)
    assert net.server.sendto("l", port(5000), b"x").error is not None


# ICMP


def test_ping_is_answered_with_what_it_brought() -> None:
    """RFC 1122 §3.2.2.6."""
    net = Net()
    net.server.hears(Packet(CLIENT, SERVER, Echo(False, 7, 1, b"data")))
    net.settles()
    assert net.log == [Packet(SERVER, CLIENT, Echo(True, 7, 1, b"data"))]


def test_an_unknown_protocol_is_unreachable() -> None:
    """RFC 1122 §3.2.2.1."""
    net = Net()
    net.server.hears(Packet(CLIENT, SERVER, Opaque(200, b"what is this?")))
    net.settles()
    error = net.log[-1].body
    assert isinstance(error, IcmpError)
    assert (error.type, error.code) == (IcmpType.UNREACHABLE, Unreachable.PROTOCOL)


@pytest.mark.parametrize("body", [Echo(False, 1, 1), Datagram(1, 2), Segment(1, 2, Flags.SYN, SeqNum(0))])
def test_what_is_for_somebody_else_is_not_answered(body: Body) -> None:
    net = Net()
    before = net.server.sockets
    assert net.server.hears(Packet(CLIENT, IPv4Address("10.0.1.99"), body)).reason == "ip.not-for-me"
    assert net.server.sockets == before


def about(packet: Packet, code: int, type_: IcmpType = IcmpType.UNREACHABLE, mtu: int = 0) -> Packet:
    """An ICMP error about a packet of the client's, from somewhere on its way."""
    begins = wire.encode_body(packet)[:8]
    quote = Quote(packet.src, packet.dst, Protocol.TCP, begins)
    return Packet(IPv4Address("10.0.1.254"), packet.src, IcmpError(type_, code, quote, mtu))


def opening() -> tuple[Net, Packet]:
    """A SYN is on its way to nowhere."""
    net = Net(Options(syn_retries=1))
    net.cut = True
    net.client.connect("c", port(4001))
    return net, net.log[-1]


@pytest.mark.parametrize(("code", "error"), [(Unreachable.PORT, "ECONNREFUSED"), (Unreachable.PROTOCOL, "ENOPROTOOPT")])
def test_a_hard_error_ends_what_is_being_opened(code: int, error: str) -> None:
    """RFC 1122 §4.2.3.9."""
    net, sent = opening()
    net.client.hears(about(sent, code))
    assert net.client.state(port(4001), HTTP) is None
    assert net.client.error("c") == error


@pytest.mark.parametrize(("code", "error"), [(Unreachable.NET, "ENETUNREACH"), (Unreachable.HOST, "EHOSTUNREACH")])
def test_a_soft_error_explains_why_it_was_given_up(code: int, error: str) -> None:
    """RFC 1122 §4.2.3.9: it MUST NOT abort the connection."""
    net, sent = opening()
    net.client.hears(about(sent, code))
    assert net.client.state(port(4001), HTTP) is State.SYN_SENT
    net.waits(3000)
    assert net.client.state(port(4001), HTTP) is None
    assert net.client.recv("c") == Outcome(error=error)


def test_a_soft_error_is_forgotten_when_an_answer_comes() -> None:
    net, sent = opening()
    net.client.hears(about(sent, Unreachable.HOST))
    net.cut = False
    net.server.listen("l", 80)
    net.waits(1000)
    assert net.client.state(port(4001), HTTP) is State.ESTABLISHED
    assert net.client.error("c") is None


def test_a_soft_error_can_be_asked_for() -> None:
    net, sent = opening()
    net.client.hears(about(sent, Unreachable.HOST))
    assert net.client.error("c") == "EHOSTUNREACH"
    assert net.client.error("c") is None


def test_no_error_ends_what_is_established() -> None:
    """RFC 5461 §4.1, RFC 5927 §5.2."""
    net = connected()
    net.cut = True
    net.client.send("c", b"hello")
    for code in (Unreachable.PORT, Unreachable.PROTOCOL, Unreachable.NET):
        net.client.hears(about(net.log[-1], code))
        assert net.client.state(port(4001), HTTP) is State.ESTABLISHED


@pytest.mark.parametrize("off", [-1, 1, 2**31])
def test_an_error_about_what_is_not_on_its_way_is_forged(off: int) -> None:
    """RFC 5927 §4.1."""
    net, sent = opening()
    before = net.client.sockets
    s = replace(sent.segment, seq=sent.segment.seq + off)
    net.client.hears(about(replace(sent, body=s), Unreachable.PORT))
    assert net.client.sockets == before


def test_an_error_that_quotes_too_little_is_ignored() -> None:
    net, sent = opening()
    before = net.client.sockets
    for octets in (b"", b"\x0f", wire.encode_body(sent)[:4], wire.encode_body(sent)[:7]):
        quote = Quote(CLIENT, SERVER, Protocol.TCP, octets)
        net.client.hears(Packet(SERVER, CLIENT, IcmpError(IcmpType.UNREACHABLE, Unreachable.PORT, quote)))
    assert net.client.sockets == before


def test_segments_become_smaller_where_the_path_is_narrow() -> None:
    """RFC 1191 §6.4: 576 octets leave 536 for data; what was too big goes again at once."""
    net = connected()
    net.cut = True
    net.client.send("c", b"x" * 1000)
    first = net.log[-1]
    net.segments()
    net.client.hears(about(first, Unreachable.FRAGMENTATION_NEEDED, mtu=576))
    net.cut = False
    net.settles()
    assert [len(data) for names, data in net.segments() if data] == [536, 464]
    assert net.server.recv("s").data == b"x" * 1000


@pytest.mark.parametrize("mtu", [0, 1, 20, 67, 68, 576, 65_535])
def test_any_mtu_leaves_room_for_an_octet(mtu: int) -> None:
    """RFC 791 §3.2: every link carries 68 octets, whatever an error says."""
    net = connected()
    net.cut = True
    net.client.send("c", b"x" * 1000)
    net.client.hears(about(net.log[-1], Unreachable.FRAGMENTATION_NEEDED, mtu=mtu))
    net.cut = False
    net.waits(10_000)
    assert net.server.recv("s").data == b"x" * 1000


def test_source_quench_is_ignored() -> None:
    """RFC 6633."""
    net, sent = opening()
    before = net.client.sockets
    net.client.hears(about(sent, 0, IcmpType.SOURCE_QUENCH))
    assert net.client.sockets == before


@pytest.mark.parametrize("type_", IcmpType)
@pytest.mark.parametrize("protocol", [Protocol.TCP, Protocol.UDP, 99])
def test_no_code_of_no_type_raises(type_: IcmpType, protocol: int) -> None:
    """Codes come from the network: some nobody has defined."""
    for code in range(256):
        net, sent = opening()
        quote = Quote(CLIENT, SERVER, protocol, wire.encode_body(sent)[:8])
        net.client.hears(Packet(SERVER, CLIENT, IcmpError(type_, code, quote)))
        net.server.hears(Packet(CLIENT, SERVER, IcmpError(type_, code, quote)))


# Numbers and options


def test_a_connection_begins_with_the_number_of_its_secret_and_time() -> None:
    net = Net()
    net.now = 1234
    net.client.connect("c", port(4001))
    assert net.log[0].segment.seq == isn.initial("client", Pair(port(4001), HTTP), 1234)


def test_options_of_one_socket() -> None:
    net = Net()
    net.server.listen("l", 80)
    net.client.connect("c", port(4001), options=Options(mss=500, receive_buffer=100))
    first = net.log[0].segment
    assert (first.mss, first.window) == (500, 100)


def test_a_packet_that_came_twice_is_received_once() -> None:
    net = connected()
    net.client.send("c", b"hello")
    twice = next(packet for packet in net.log if isinstance(packet.body, Segment) and len(packet.body.payload))
    net.server.hears(twice)
    assert net.server.recv("s") == Outcome(data=b"hello")
    assert net.server.recv("s") == EAGAIN


def test_an_old_value_is_untouched() -> None:
    net = connected()
    old = net.client.sockets
    copy = replace(old, host=replace(old.host))
    net.client.send("c", b"hello")
    net.client.close("c")
    assert old == copy
    assert net.client.sockets != old
    again, _ = old.send("c", b"hello", 0)
    assert again.host.connections[Pair(port(4001), HTTP)].text == b"hello"


def test_impossible_flags_are_answered_and_never_raise() -> None:
    for letters in ("-", "SF", "SR", "FR", "SFRPUA", "FPU", "SFA"):
        net = connected()
        control = flags(letters)
        s = Segment(4001, 80, control, SeqNum(5), SeqNum(7) if Flags.ACK in control else None, payload=b"?")
        net.server.hears(Packet(CLIENT, SERVER, s))
        net.settles()


# What must not go wrong again


def test_closing_with_unread_text_resets_the_peer_whatever_was_closed_before() -> None:
    """Its FIN has come, ours is only just owed: without the RST the peer would wait for ever (§3.6.1, SHLD-3)."""
    net = connected()
    net.client.send("c", b"request")
    net.client.shutdown("c")
    net.server.sockets, _ = net.server.sockets.shutdown("s", "wr", net.now)
    net.server.close("s")
    assert net.client.recv("c") == Outcome(error="ECONNRESET")


def test_closing_a_listener_leaves_connections_alone_that_it_did_not_bring() -> None:
    net = Net()
    net.server.listen("l", 80)
    net.client.connect("c", port(4001))
    net.client.abort("c")
    net.client.listen("back", 4001)
    assert net.server.connect("x", HTTP, port(4001)) == DONE
    net.server.close("l")
    assert net.client.accept("back", "b").peer == HTTP
    net.client.send("b", b"still here")
    assert net.server.recv("x") == Outcome(data=b"still here")


def test_a_half_open_connection_that_ends_waits_nowhere() -> None:
    """One of its pair waits that has ended; the next one that is established is its own."""
    net = Net()
    net.server.listen("l", 80)
    net.client.connect("c", port(4001))
    net.client.abort("c")
    net.server.hears(syn(4001))
    net.settles()
    net.client.connect("c", port(4001))
    net.client.send("c", b"hello")
    assert net.server.accept("l", "s").peer == net.server.accept("l", "t").peer == port(4001)
    assert net.server.recv("s") == Outcome(error="ECONNRESET")
    assert net.server.recv("t") == Outcome(data=b"hello")
    assert not net.server.sockets.early


def test_a_name_is_one_socket() -> None:
    net = connected()
    taken = Outcome(error="EEXIST")
    assert net.client.listen("c", 90) == taken
    assert net.client.udp_open("c", 90) == taken
    assert net.client.connect("c", port(4002)) == taken
    net.client.send("c", b"hello")
    assert net.server.recv("s") == Outcome(data=b"hello")


def test_a_syn_that_nobody_takes_does_not_end_time_wait() -> None:
    net = Net()
    net.server.listen("l", 80, backlog=0)
    net.client.connect("c", port(4001))
    net.server.accept("l", "s")
    net.server.shutdown("s")
    net.client.close("c")
    assert net.server.state(HTTP, port(4001)) is State.TIME_WAIT
    net.client.connect("d", port(4002))
    net.server.hears(syn(4001))
    assert net.server.state(HTTP, port(4001)) is State.TIME_WAIT


@pytest.mark.parametrize("remote", ["255.255.255.255", "224.0.0.1", "0.0.0.0"])
def test_nobody_connects_to_everybody(remote: str) -> None:
    """RFC 9293 MUST-46."""
    sockets = Net().client.sockets
    local = Endpoint(CLIENT, 4001)
    assert sockets.connect("c", local, Endpoint(IPv4Address(remote), 80))[1].error == "EINVAL"
    assert sockets.connect("c", Endpoint(SERVER, 4001), HTTP)[1].error == "EADDRNOTAVAIL"


def test_a_datagram_that_is_too_long_is_refused() -> None:
    net = Net()
    net.client.udp_open("u", 5000)
    assert net.client.sendto("u", DNS, b"x" * 65_508) == Outcome(error="EMSGSIZE")


def test_who_gives_more_than_is_taken_is_told_how_much() -> None:
    net = connected(Options(send_buffer=10, receive_buffer=5))
    net.cut = True
    assert net.client.send("c", b"x" * 12) == Outcome(accepted=10)
    assert net.client.send("c", b"x") == EAGAIN
