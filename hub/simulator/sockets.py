"""Sockets as an application sees them (RFC 9293 §3.9.1, in POSIX's words): what the programs of one host hold.

Every call gives the sockets after it and an `Outcome`; a call that fails says so by POSIX's name of the error. Nothing
here sends: `transmit` does, when it is asked.
"""

from __future__ import annotations

from ipaddress import IPv4Address

import msgspec
from immutables import Map
from msgspec.structs import replace

from cards.datagram import Datagram, IcmpError, Protocol
from cards.packet import Packet, Segment
from cards.payload import octets
from cards.seqnum import SeqNum
from hub.simulator import timers
from hub.simulator.arrive import Learned
from hub.simulator.connection import Connection, Endpoint, Pair
from hub.simulator.emit import opened
from hub.simulator.host import Host, Listener, Local, Notice
from hub.simulator.options import Options
from hub.simulator.states import Input, State, step
from hub.simulator.verdicts import Verdict


class Outcome(msgspec.Struct, frozen=True):
    """What a call gives. accepted: octets that were taken for sending. eof: nothing will ever come any more. peer:
    who is at the other end. error: POSIX's name; None when the call did what it should.
    """

    data: bytes = b""
    eof: bool = False
    accepted: int = 0
    peer: Endpoint | None = None
    error: str | None = None


class Socket(msgspec.Struct, frozen=True):
    """One socket: a listener (local), a UDP port (local, udp) or one end of a connection (pair, until that has ended).

    inbox: octets that came and were not read. fin: their FIN has come. over: nothing more can come, for whatever
    reason. error: what the application has not been told yet. mute: it has said that it sends nothing more.
    """

    local: Local | None = None
    udp: bool = False
    pair: Pair | None = None
    options: Options = Options()
    inbox: bytes = b""
    datagrams: tuple[tuple[Endpoint, bytes], ...] = ()
    fin: bool = False
    over: bool = False
    mute: bool = False
    error: str | None = None


_DONE = Outcome()
_NO_SOCKET = Outcome(error="EBADF")
_TAKEN = Outcome(error="EEXIST")
"""There is a socket of that name: close it first."""
_MOST_OCTETS = 65_507
"""Of a datagram (RFC 768)."""
_MOST_DATAGRAMS = 64
"""Datagrams that wait to be read; of more, the newest is lost (RFC 768 promises nothing)."""


class Sockets(msgspec.Struct, frozen=True):
    """A host and the sockets that its applications hold, by name. early: what came for connections that nobody has
    accepted yet; several of one pair when all but the last have ended.
    """

    host: Host
    by_name: Map[str, Socket] = msgspec.field(default_factory=Map)
    by_pair: Map[Pair, str] = msgspec.field(default_factory=Map)
    early: Map[Pair, tuple[Socket, ...]] = msgspec.field(default_factory=Map)

    @property
    def addresses(self) -> tuple[IPv4Address, ...]:
        """The host's addresses."""
        return self.host.addresses

    @property
    def deadline(self) -> int | None:
        """When `advance` may have something to do, in ms; None: never."""
        return self.host.deadline

    # Calls

    def listen(
        self,
        name: str,
        port: int,
        address: IPv4Address | None = None,
        backlog: int = 128,
        options: Options | None = None,
    ) -> tuple[Sockets, Outcome]:
        """Passive OPEN; backlog: connections that may wait to be accepted."""
        if name in self.by_name:
            return self, _TAKEN
        if (address, port) in self.host.listening:
            return self, Outcome(error="EADDRINUSE")
        options = options or self.host.options
        host = self.host.listen(port, address, Listener(options, backlog))
        return replace(self, host=host)._with(name, Socket(local=(address, port), options=options)), _DONE

    def connect(
        self, name: str, local: Endpoint, remote: Endpoint, options: Options | None = None, iss: SeqNum | None = None
    ) -> tuple[Sockets, Outcome]:
        """Active OPEN: a SYN is owed. iss: the number to begin with; None: the host's choice."""
        pair, options = Pair(local, remote), options or self.host.options
        if name in self.by_name:
            return self, _TAKEN
        if not _reachable(remote):
            return self, Outcome(error="EINVAL")
        if pair in self.host.connections or local.address not in self.addresses:
            return self, Outcome(error="EADDRNOTAVAIL")
        host = self.host.keep(pair, opened(pair, options, iss))
        return replace(self, host=host)._with(name, Socket(pair=pair, options=options)), _DONE

    def accept(self, listener: str, name: str) -> tuple[Sockets, Outcome]:
        """Take the connection that waits longest; EAGAIN when there is none."""
        held = self.by_name.get(listener)
        if held is None or held.local is None or held.udp or held.local not in self.host.listening:
            return self, _NO_SOCKET
        waits = self.host.listening[held.local]
        if not waits.waiting:
            return self, Outcome(error="EAGAIN")
        if name in self.by_name:
            return self, _TAKEN
        pair, *rest = waits.waiting
        listening = self.host.listening.set(held.local, replace(waits, waiting=tuple(rest)))
        after = replace(self, host=replace(self.host, listening=listening))
        socket, *others = after.early.get(pair, (Socket(pair=pair, options=held.options),))
        return after._early(pair, tuple(others))._with(name, socket), Outcome(peer=pair.remote)

    def send(self, name: str, data: bytes, now: int) -> tuple[Sockets, Outcome]:
        """SEND: the octets wait for their turn; EPIPE after `shutdown`."""
        socket = self.by_name.get(name)
        if socket is None or socket.local is not None:
            return self, _NO_SOCKET
        if socket.error is not None:
            return self._kept(name, replace(socket, error=None)), Outcome(error=socket.error)
        c = None if socket.pair is None else self.host.connections.get(socket.pair)
        if c is None or socket.pair is None or socket.mute:
            return self, Outcome(error="EPIPE")
        room = max(0, c.options.send_buffer - len(c.text))
        if data and not room:
            return self, Outcome(error="EAGAIN")
        data = data[:room]
        c = timers.settled(replace(c, text=c.text + data), now)
        return replace(self, host=self.host.keep(socket.pair, c)), Outcome(accepted=len(data))

    def recv(self, name: str, most: int | None = None) -> tuple[Sockets, Outcome]:
        """RECEIVE at most so many octets, or one datagram; EAGAIN when there is nothing (yet)."""
        socket = self.by_name.get(name)
        if socket is None:
            return self, _NO_SOCKET
        if socket.datagrams:
            (peer, data), *rest = socket.datagrams
            return self._kept(name, replace(socket, datagrams=tuple(rest))), Outcome(data=data[:most], peer=peer)
        if socket.inbox:
            data, left = socket.inbox[:most], b"" if most is None else socket.inbox[most:]
            after = self._kept(name, replace(socket, inbox=left))
            if socket.pair is not None:
                after = replace(after, host=after.host.read(socket.pair, len(left)))
            return after, Outcome(data=data)
        if socket.error is not None and not socket.fin:
            return self._kept(name, replace(socket, error=None)), Outcome(error=socket.error)
        if socket.local is not None and not socket.udp:
            return self, Outcome(error="ENOTCONN")
        return self, Outcome(eof=True) if socket.over else Outcome(error="EAGAIN")

    def shutdown(self, name: str, how: str, now: int) -> tuple[Sockets, Outcome]:
        """Half-close: `wr` says that nothing more is sent (FIN), `rd` that nothing more is read, `rdwr` both."""
        socket = self.by_name.get(name)
        if socket is None:
            return self, _NO_SOCKET
        if how not in ("rd", "wr", "rdwr"):
            return self, Outcome(error="EINVAL")
        pair = socket.pair
        c = None if pair is None else self.host.connections.get(pair)
        if pair is None or c is None or c.state is State.TIME_WAIT:
            return self, Outcome(error="ENOTCONN")
        over, mute = socket.over or "rd" in how, socket.mute or "wr" in how
        if over and mute and c.state.may_receive_data:
            c = replace(c, deaf=True)
        closing = _closing(c, now) if "wr" in how else c
        after = replace(self, host=self.host.keep(pair, closing))
        after = after._kept(name, replace(socket, over=over, mute=mute))
        return (after if closing is not None else after._ended(pair, None)), _DONE

    def close(self, name: str, now: int) -> tuple[Sockets, Outcome]:
        """CLOSE: nobody reads or writes any more. Octets that were never read make it an ABORT (§3.6.1, SHLD-3)."""
        socket = self.by_name.get(name)
        if socket is None:
            return self, _NO_SOCKET
        after = self._without(name)
        if socket.local is not None:
            return after._unbound(socket), _DONE
        c = None if socket.pair is None else after.host.connections.get(socket.pair)
        if c is None or socket.pair is None:
            return after, _DONE
        if socket.inbox and c.state is not State.TIME_WAIT:
            return replace(after, host=after.host.abort(socket.pair, unread=True)), _DONE
        return replace(after, host=after.host.keep(socket.pair, _closing(replace(c, deaf=True), now))), _DONE

    def abort(self, name: str) -> tuple[Sockets, Outcome]:
        """ABORT: RST, and everything is forgotten."""
        socket = self.by_name.get(name)
        if socket is None or socket.local is not None:
            return self, _NO_SOCKET
        after = self._without(name)
        return (after if socket.pair is None else replace(after, host=after.host.abort(socket.pair))), _DONE

    def error(self, name: str) -> tuple[Sockets, Outcome]:
        """The error that the application has not been told yet, or what ICMP said of late; asking takes it away."""
        socket = self.by_name.get(name)
        if socket is None:
            return self, _NO_SOCKET
        c = None if socket.pair is None else self.host.connections.get(socket.pair)
        if socket.error is None and c is not None and c.soft_error is not None:
            host = self.host.keep(c.pair, replace(c, soft_error=None))
            return replace(self, host=host), Outcome(error=c.soft_error)
        return self._kept(name, replace(socket, error=None)), Outcome(error=socket.error)

    def set_options(self, name: str, options: Options, now: int) -> tuple[Sockets, Outcome]:
        """Other options for a connection from now on."""
        socket = self.by_name.get(name)
        if socket is None:
            return self, _NO_SOCKET
        after = self._kept(name, replace(socket, options=options))
        c = None if socket.pair is None else self.host.connections.get(socket.pair)
        if c is None or socket.pair is None:
            return after, _DONE
        c = timers.heard(replace(c, options=options, keep_alive_at=None), now)
        return replace(after, host=after.host.keep(socket.pair, c)), _DONE

    def udp_open(self, name: str, port: int, address: IPv4Address | None = None) -> tuple[Sockets, Outcome]:
        """Bind a UDP port."""
        if name in self.by_name:
            return self, _TAKEN
        if (address, port) in self.host.bound:
            return self, Outcome(error="EADDRINUSE")
        host = replace(self.host, bound=self.host.bound | {(address, port)})
        return replace(self, host=host)._with(name, Socket(local=(address, port), udp=True)), _DONE

    def sendto(self, name: str, to: Endpoint, data: bytes) -> tuple[Sockets, Outcome]:
        """Send a datagram from a UDP port."""
        socket = self.by_name.get(name)
        if socket is None or socket.local is None or not socket.udp:
            return self, _NO_SOCKET
        if len(data) > _MOST_OCTETS:
            return self, Outcome(error="EMSGSIZE")
        address, port = socket.local
        packet = Packet(address or self.host.unbound, to.address, Datagram(port, to.port, data))
        return replace(self, host=replace(self.host, outbox=(*self.host.outbox, packet))), Outcome(accepted=len(data))

    # The host below

    def receive(self, packet: Packet, now: int) -> tuple[Sockets, Learned]:
        """A packet reached this host: what is for an application waits in its socket."""
        host, learned = self.host.receive(packet, now)
        after = replace(self, host=host)
        body = packet.body
        if isinstance(body, Segment):
            return after._heard(packet, learned, self.host), learned
        if isinstance(body, Datagram) and learned.verdict is Verdict.DELIVERED:
            return after._datagram(packet, body), learned
        if isinstance(body, IcmpError) and learned.error is not None and body.about.ports is not None:
            return after._reported(body, learned.error, self.host), learned
        return after, learned

    def transmit(self, now: int) -> tuple[Sockets, tuple[Packet, ...]]:
        """Everything that the host sends at `now` without being asked."""
        host, packets = self.host.transmit(now)
        return (self if host is self.host else replace(self, host=host)), packets

    def advance(self, now: int) -> tuple[Sockets, tuple[Notice, ...]]:
        """Every timer that was due by `now` (ms) has fired."""
        host, notices = self.host.advance(now)
        after = self if host is self.host else replace(self, host=host)
        for notice in notices:
            after = after._ended(notice.pair, notice.error)
        return after, notices

    def _heard(self, packet: Packet, learned: Learned, before: Host) -> Sockets:
        c = learned.connection
        if c is None:
            pair = before.pair_to(packet)
            return self._ended(pair, learned.error) if pair in before.connections else self
        if c.beyond is not None and c.state is State.SYN_RECEIVED:
            return self._ended(c.pair, None)  # a new connection has followed the old one out of TIME-WAIT
        over = c.state.synchronized and not c.state.may_receive_data
        return self._changed(c.pair, learned.text, over) if learned.text or over else self

    def _changed(self, pair: Pair, text: bytes, over: bool) -> Sockets:
        name = self.by_pair.get(pair)
        if name is not None:
            socket = self.by_name[name]
            return self._kept(name, _with_text(socket, text, over))
        c = self.host.connections.get(pair)
        if c is None or c.deaf or not c.passive:
            return self
        ended, live = self._waiting(pair, Socket(pair=pair, options=c.options))
        return self._early(pair, (*ended, _with_text(live, text, over)))

    def _ended(self, pair: Pair, error: str | None) -> Sockets:
        """A connection is no more: what was read so far can still be read, then the error or the end."""
        name = self.by_pair.get(pair)
        if name is None:
            ended, live = self._waiting(pair, Socket())
            # One that was only half open waits nowhere, though others of the pair may, which have ended before.
            if all(listener.waiting.count(pair) <= len(ended) for listener in self.host.listening.values()):
                return self
            return self._early(pair, (*ended, replace(live, pair=None, over=True, error=error)))
        after = replace(self, by_pair=self.by_pair.delete(pair))
        return after._kept(name, replace(self.by_name[name], pair=None, over=True, error=error))

    def _reported(self, e: IcmpError, error: str, before: Host) -> Sockets:
        """An ICMP error ended a connection, or is about a datagram (RFC 1122 §4.1.3.3)."""
        assert e.about.ports is not None
        pair = Pair(Endpoint(e.about.src, e.about.ports[0]), Endpoint(e.about.dst, e.about.ports[1]))
        if e.about.protocol == Protocol.TCP:
            return self._ended(pair, error) if pair in before.connections else self
        name = self._udp_socket(pair.local)
        return self if name is None else self._kept(name, replace(self.by_name[name], error=error))

    def _datagram(self, packet: Packet, datagram: Datagram) -> Sockets:
        name = self._udp_socket(Endpoint(packet.dst, datagram.dport))
        if name is None or len(self.by_name[name].datagrams) >= _MOST_DATAGRAMS:
            return self
        came = (Endpoint(packet.src, datagram.sport), octets(datagram.payload))
        socket = self.by_name[name]
        return self._kept(name, replace(socket, datagrams=(*socket.datagrams, came)))

    def _udp_socket(self, local: Endpoint) -> str | None:
        """Who has bound a port: on that very address, else on all."""
        bound = {socket.local: name for name, socket in self.by_name.items() if socket.udp}
        return bound.get((local.address, local.port)) or bound.get((None, local.port))

    # Bookkeeping

    def _kept(self, name: str, socket: Socket) -> Sockets:
        """One socket is different, its connection is the same."""
        return replace(self, by_name=self.by_name.set(name, socket))

    def _with(self, name: str, socket: Socket) -> Sockets:
        by_pair = self.by_pair if socket.pair is None else self.by_pair.set(socket.pair, name)
        return replace(self, by_name=self.by_name.set(name, socket), by_pair=by_pair)

    def _without(self, name: str) -> Sockets:
        pair = self.by_name[name].pair
        by_pair = self.by_pair if pair is None or pair not in self.by_pair else self.by_pair.delete(pair)
        return replace(self, by_name=self.by_name.delete(name), by_pair=by_pair)

    def _unbound(self, socket: Socket) -> Sockets:
        """A port is free again; who waited there to be accepted is reset, who had only knocked is forgotten."""
        local, host = socket.local, self.host
        assert local is not None
        if socket.udp:
            return replace(self, host=replace(host, bound=host.bound - {local}))
        waiting = host.listening[local].waiting
        for pair in waiting:
            c = host.connections.get(pair)
            if c is not None and c.came_to == local and pair not in self.by_pair:
                host = host.abort(pair)
        half_open = [
            pair for pair, c in host.connections.items() if c.state is State.SYN_RECEIVED and c.came_to == local
        ]
        for pair in half_open:
            host = host.keep(pair, None)
        after = replace(self, host=replace(host, listening=host.listening.delete(local)))
        for pair in waiting:
            after = after._early(pair, ())
        return after

    def _waiting(self, pair: Pair, new: Socket) -> tuple[tuple[Socket, ...], Socket]:
        """What waits to be accepted for a pair: connections that have ended, and the one that has not."""
        early = self.early.get(pair, ())
        return (early[:-1], early[-1]) if early and early[-1].pair is not None else (early, new)

    def _early(self, pair: Pair, sockets: tuple[Socket, ...]) -> Sockets:
        if sockets:
            return replace(self, early=self.early.set(pair, sockets))
        return replace(self, early=self.early.delete(pair)) if pair in self.early else self


def _reachable(remote: Endpoint) -> bool:
    """An active OPEN goes to one host, and to a port (RFC 9293 §3.10.1, MUST-46)."""
    address = remote.address
    return remote.port > 0 and not (address.is_multicast or address.is_unspecified or int(address) == 0xFFFFFFFF)


def _with_text(socket: Socket, text: bytes, fin: bool) -> Socket:
    return replace(socket, inbox=socket.inbox + text, fin=socket.fin or fin, over=socket.over or fin)


def _closing(c: Connection, now: int) -> Connection | None:
    """CLOSE (§3.10.4): the FIN comes after all that was given before; without a handshake there is nothing to close."""
    after = step(c.state, Input.CLOSE)
    if after is State.CLOSED:
        return None
    if c.state is State.SYN_RECEIVED and c.text:
        return replace(c, fin=True)  # what was given goes first, once the connection is established
    if after is c.state:
        return timers.lingering(c, now) if c.state is State.FIN_WAIT_2 else c
    return timers.settled(replace(c, state=after, fin=True), now)
