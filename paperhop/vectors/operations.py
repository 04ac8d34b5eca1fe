"""What each operation does, and what the application sees of it: a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec.structs import replace

from cards.seqnum import SeqNum
from hub.simulator.options import KeepAlive
from hub.simulator.sockets import Outcome, Socket
from paperhop.vectors import craft, describe, steps
from paperhop.vectors.describe import Form
from paperhop.vectors.numbers import named
from paperhop.vectors.reading import Unsupported, alphabet, endpoint, octets
from paperhop.vectors.session import Session

Result = Form | None
"""What the application saw; None where there was no application."""


class Operation(NamedTuple):
    """The fields that it takes, and what it does. `act` raises ValueError and Unsupported, before anything happened."""

    fields: type[steps.Step]
    act: Callable[[Session, Any], Result]


# From outside


def _inject(session: Session, do: steps.Inject) -> None:
    numbers = named(session.flows, do.flow)
    session.arrive(craft.segment(do, numbers), numbers.pair.remote.address, do.link)


def _inject_ip(session: Session, do: steps.InjectIp) -> None:
    session.arrive(craft.packet(do, session.flows), do.src, do.link)


def _inject_arp(session: Session, do: steps.InjectArp) -> None:
    if do.link not in session.node.neighbours:
        raise ValueError(f"{do.link!r} is no link with Ethernet and ARP")
    session.arrive_framed(craft.arp(do, session.node.neighbours[do.link].mac), do.link)


# From the application


def _listen(session: Session, do: steps.Listen) -> Result:
    options = session.sockets.host.options
    if do.rcvbuf is not None:
        options = replace(options, receive_buffer=do.rcvbuf)
    return _opened(session, do.sock, session.call(session.sockets.listen(do.sock, do.port, do.ip, do.backlog, options)))


def _connect(session: Session, do: steps.Connect) -> Result:
    pair = named(session.flows, do.flow).pair
    iss = None if do.host_isn is None else SeqNum(do.host_isn)
    outcome = session.call(session.sockets.connect(do.sock, pair.local, pair.remote, iss=iss))
    return _opened(session, do.sock, outcome)


def _accept(session: Session, do: steps.Accept) -> Result:
    _known(session, do.listener)
    outcome = session.call(session.sockets.accept(do.listener, do.sock))
    return _opened(session, do.sock, outcome) or {"from": str(outcome.peer)}


def _send(session: Session, do: steps.Send) -> Result:
    _known(session, do.sock)
    sent = session.streamed[do.sock]
    data = alphabet(do.len, sent) if do.data is None else octets(do.data)
    outcome = session.call(session.sockets.send(do.sock, data, session.now))
    session.streamed[do.sock] = sent + outcome.accepted
    return _failed(outcome) or {"accepted_bytes": outcome.accepted}


def _recv(session: Session, do: steps.OnSocket) -> Result:
    _known(session, do.sock)
    outcome = session.call(session.sockets.recv(do.sock))
    if outcome.eof:
        return {"eof": True}
    return _failed(outcome) or {"bytes": len(outcome.data)} | describe.stream(outcome.data)


def _shutdown(session: Session, do: steps.Shutdown) -> Result:
    _known(session, do.sock)
    return _failed(session.call(session.sockets.shutdown(do.sock, do.how, session.now)))


def _close(session: Session, do: steps.OnSocket) -> Result:
    _known(session, do.sock)
    return _failed(session.call(session.sockets.close(do.sock, session.now)))


def _abort(session: Session, do: steps.OnSocket) -> Result:
    _known(session, do.sock)
    return _failed(session.call(session.sockets.abort(do.sock)))


def _error(session: Session, do: steps.OnSocket) -> Result:
    _known(session, do.sock)
    closed = do.sock not in session.sockets.by_name
    outcome = session.call(session.sockets.error(do.sock))
    return _failed(outcome) if closed else {"pending_error": outcome.error}


def _info(session: Session, do: steps.OnSocket) -> Result:
    pair = _known(session, do.sock).pair
    return {} if pair is None else {"state": session.state(pair).value}


def _set_option(session: Session, do: steps.SetOption) -> Result:
    options = _known(session, do.sock).options
    if do.opt == "keepalive":
        keep_alive = KeepAlive(do.idle_s * 1000, do.interval_s * 1000, do.count) if do.value else None
        options = replace(options, keep_alive=keep_alive)
    elif do.opt == "nodelay":
        options = replace(options, nagle=not do.value)
    else:
        raise Unsupported(f"{do.opt!r} is not known here as an option of a socket")
    return _failed(session.call(session.sockets.set_options(do.sock, options, session.now)))


def _open_udp(session: Session, do: steps.OpenUdp) -> Result:
    return _opened(session, do.sock, session.call(session.sockets.udp_open(do.sock, do.port, do.ip)))


def _send_to(session: Session, do: steps.SendTo) -> Result:
    _known(session, do.sock)
    data = alphabet(do.len) if do.data is None else octets(do.data)
    outcome = session.call(session.sockets.sendto(do.sock, endpoint(do.to), data))
    return _failed(outcome) or {"accepted_bytes": outcome.accepted}


# Time


def _advance(session: Session, do: steps.Advance) -> None:
    session.pass_time(do.ms)


# What they share


def _known(session: Session, name: str) -> Socket:
    """A socket that has been opened; without anything in it once it is closed. Raises ValueError for any other."""
    if name not in session.streamed:
        raise ValueError(f"no socket is called {name!r}")
    return session.sockets.by_name.get(name, Socket())


def _opened(session: Session, name: str, outcome: Outcome) -> Result:
    session.streamed.setdefault(name, 0)
    return _failed(outcome)


def _failed(outcome: Outcome) -> Result:
    return None if outcome.error is None else {"error": outcome.error}


OPERATIONS = {
    "inject": Operation(steps.Inject, _inject),
    "inject_ip": Operation(steps.InjectIp, _inject_ip),
    "inject_arp": Operation(steps.InjectArp, _inject_arp),
    "listen": Operation(steps.Listen, _listen),
    "connect": Operation(steps.Connect, _connect),
    "accept": Operation(steps.Accept, _accept),
    "send": Operation(steps.Send, _send),
    "recv": Operation(steps.OnSocket, _recv),
    "shutdown": Operation(steps.Shutdown, _shutdown),
    "close": Operation(steps.OnSocket, _close),
    "abort": Operation(steps.OnSocket, _abort),
    "error": Operation(steps.OnSocket, _error),
    "info": Operation(steps.OnSocket, _info),
    "setopt": Operation(steps.SetOption, _set_option),
    "udp_open": Operation(steps.OpenUdp, _open_udp),
    "sendto": Operation(steps.SendTo, _send_to),
    "advance": Operation(steps.Advance, _advance),
}
