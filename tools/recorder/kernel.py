"""The kernel as one end of a case: real sockets, hand-made packets, and what comes out of the devices."""

from __future__ import annotations

import errno
import math
import os
import select
import socket
import struct
import time
from collections.abc import Callable
from ipaddress import IPv4Address
from itertools import pairwise
from pathlib import Path
from typing import Any

from hub.simulator import wire
from hub.simulator.connection import Endpoint, Pair
from hub.simulator.ethernet import frame_from
from hub.simulator.states import State
from hub.simulator.wire import Damaged
from paperhop.vectors import craft, describe, steps
from paperhop.vectors.case import Case, station
from paperhop.vectors.describe import Form
from paperhop.vectors.numbers import Numbers, named
from paperhop.vectors.operations import OPERATIONS
from paperhop.vectors.reading import alphabet, endpoint, octets, read
from tools.recorder import namespace

SETTLE = 0.02
"""Seconds without a packet, after which nothing more is expected to come of a step."""
_LONGEST = 70_000
_TCP_REPAIR, _TCP_REPAIR_QUEUE, _TCP_QUEUE_SEQ, _SEND_QUEUE, _REPAIR_OFF = 19, 20, 21, 2, -1
_IPV4, _ARP = b"\x08\x00", b"\x08\x06"
_STATES = {
    1: State.ESTABLISHED,
    2: State.SYN_SENT,
    3: State.SYN_RECEIVED,
    4: State.FIN_WAIT_1,
    5: State.FIN_WAIT_2,
    6: State.TIME_WAIT,
    8: State.CLOSE_WAIT,
    9: State.LAST_ACK,
    11: State.CLOSING,
}
"""By their numbers in /proc/net/tcp; 7 is CLOSED, 10 is LISTEN."""
_LISTEN = 10


class Kernel:
    """One case under way. Making one puts this process into a network namespace of its own."""

    def __init__(self, case: Case) -> None:
        self._links = case.links
        self._names_links = len(case.links) > 1
        self._settle = case.settle_ms / 1000 or SETTLE
        self._devices = namespace.build(case)
        self._sockets: dict[str, socket.socket] = {}
        self._streamed: dict[str, int] = {}
        self._flows = {
            name: Numbers(name, Pair(endpoint(flow.host), endpoint(flow.peer)), flow.peer_isn)
            for name, flow in case.flows.items()
        }
        self._seen = {name: Seen() for name in case.flows}
        self._by_pair = {numbers.pair: numbers for numbers in self._flows.values()}
        self._last = time.monotonic()
        self._emitted(until=time.monotonic() + SETTLE)

    def step(self, do: dict[str, Any]) -> Form:
        """What the kernel answers to one step."""
        plain, resolved = self._resolved(do)
        name = plain.pop("op")
        given = read(OPERATIONS[name].fields, plain)
        begun, before = time.monotonic(), self._last
        result = _DOES[name](self, given)
        until = begun + given.ms / 1000 if isinstance(given, steps.Advance) else None
        settle = given.settle_ms / 1000 or self._settle
        came = self._emitted(until, settle)
        emits = [form for _, form in came]
        answer: Form = {"emits": emits, "state": self._states()} if self._flows else {"emits": emits}
        if result is not None:
            answer["result"] = result
        if isinstance(given, steps.Advance) and came:
            since = begun if given.timing in (False, "from_step") else before
            answer |= _timing([when for when, _ in came], since, begun, bool(given.timing))
        return answer | resolved

    # What the case sees

    def _resolved(self, do: dict[str, Any]) -> tuple[dict[str, Any], Form]:
        """The step with window expressions as numbers, and what these were."""
        plain, resolved = dict(do), {}
        for key in ("seq", "ack", "len"):
            if do["op"] == "inject" and isinstance(do.get(key), str):
                plain[key] = resolved[f"{key}_resolved"] = self._seen[do["flow"]].number(do[key])
        return plain, resolved

    def _emitted(self, until: float | None = None, settle: float = SETTLE) -> list[tuple[float, Form]]:
        """What comes out until then, or, when that is None, until it has been quiet for `settle` seconds."""
        came: list[tuple[float, Form]] = []
        by_device = {device: link for link, device in self._devices.items()}
        end = time.monotonic() + settle if until is None else until
        while (left := end - time.monotonic()) > 0:
            for device in select.select(list(by_device), (), (), left)[0]:
                form = self._form(os.read(device, _LONGEST), by_device[device])
                if form is not None:
                    self._last = time.monotonic()
                    came.append((self._last, form))
                    end = self._last + settle if until is None else until
        return came

    def _form(self, octets: bytes, link: str) -> Form | None:
        """A packet or frame as the case writes it; None for what is not IPv4 or ARP."""
        where: Form = {"link": link} if self._names_links else {}
        if self._links[link].kind == "tap":
            frame = frame_from(octets)
            if isinstance(frame, Damaged) or octets[12:14] not in (_IPV4, _ARP):
                return None
            form = describe.frame(frame, self._by_pair)
        elif octets[0] >> 4 != 4:
            return None
        else:
            packet = wire.decode(octets)
            if isinstance(packet, Damaged):
                return where | {"proto": "damaged", "bad_checksum": True}
            form = describe.packet(packet, self._by_pair)
        if "flow" in form:
            self._seen[form["flow"]].see(form)
        return where | form

    def _states(self) -> dict[str, str]:
        table = {
            Pair(_end(words[1]), _end(words[2])): _STATES.get(int(words[3], 16), State.CLOSED)
            for words in (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
            if int(words[3], 16) != _LISTEN
        }
        return {name: table.get(numbers.pair, State.CLOSED).value for name, numbers in self._flows.items()}

    # What the steps do

    def _inject(self, do: steps.Inject) -> None:
        numbers = named(self._flows, do.flow)
        self._arrive(craft.segment(do, numbers), numbers.pair.remote.address, do.link)

    def _inject_ip(self, do: steps.InjectIp) -> None:
        self._arrive(craft.packet(do, self._flows), do.src, do.link)

    def _arrive(self, packet: bytes, src: IPv4Address, link: str | None) -> None:
        if link is None:
            link = next(
                (name for name, each in self._links.items() if src in each.addr.network), next(iter(self._links))
            )
        if self._links[link].kind == "tap":
            packet = craft.framed(packet, src, station(self._links[link].addr.ip))
        os.write(self._devices[link], packet)

    def _inject_arp(self, do: steps.InjectArp) -> None:
        os.write(self._devices[do.link], craft.arp(do, station(self._links[do.link].addr.ip)))

    def _listen(self, do: steps.Listen) -> None:
        listener = self._opened(do.sock, socket.SOCK_STREAM)
        if do.rcvbuf is not None:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, do.rcvbuf)
        listener.bind((str(do.ip or ""), do.port))
        listener.listen(do.backlog)

    def _connect(self, do: steps.Connect) -> Form | None:
        pair = named(self._flows, do.flow).pair
        active = self._opened(do.sock, socket.SOCK_STREAM)
        if do.host_isn is not None:
            for option, value in (
                (_TCP_REPAIR, 1),
                (_TCP_REPAIR_QUEUE, _SEND_QUEUE),
                (_TCP_QUEUE_SEQ, do.host_isn),
                (_TCP_REPAIR, _REPAIR_OFF),
            ):
                active.setsockopt(socket.IPPROTO_TCP, option, struct.pack("=i" if value < 0 else "=I", value))
        active.bind((str(pair.local.address), pair.local.port))
        error = active.connect_ex((str(pair.remote.address), pair.remote.port))
        return None if error in (0, errno.EINPROGRESS) else {"error": errno.errorcode[error]}

    def _accept(self, do: steps.Accept) -> Form:
        accepted, peer = self._open(do.listener).accept()
        accepted.setblocking(False)
        self._sockets[do.sock], self._streamed[do.sock] = accepted, 0
        return {"from": f"{peer[0]}:{peer[1]}"}

    def _send(self, do: steps.Send) -> Form:
        sent = self._streamed[do.sock]
        accepted = self._open(do.sock).send(_data(do, sent), socket.MSG_NOSIGNAL)
        self._streamed[do.sock] = sent + accepted
        return {"accepted_bytes": accepted}

    def _recv(self, do: steps.OnSocket) -> Form:
        sock = self._open(do.sock)
        data = sock.recv(1_000_000)
        if not data and sock.type == socket.SOCK_STREAM:
            return {"eof": True}
        return {"bytes": len(data)} | describe.stream(data)

    def _shutdown(self, do: steps.Shutdown) -> None:
        how = {"rd": socket.SHUT_RD, "wr": socket.SHUT_WR, "rdwr": socket.SHUT_RDWR}
        self._open(do.sock).shutdown(how[do.how])

    def _close(self, do: steps.OnSocket) -> None:
        self._open(do.sock).close()

    def _abort(self, do: steps.OnSocket) -> None:
        self._open(do.sock).setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._open(do.sock).close()

    def _error(self, do: steps.OnSocket) -> Form:
        number = self._open(do.sock).getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        return {"pending_error": errno.errorcode[number] if number else None}

    def _info(self, do: steps.OnSocket) -> Form:
        number = self._open(do.sock).getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
        return {"state": _STATES.get(number, State.LISTEN if number == _LISTEN else State.CLOSED).value}

    def _set_option(self, do: steps.SetOption) -> None:
        sock, tcp = self._open(do.sock), socket.IPPROTO_TCP
        if do.opt == "nodelay":
            sock.setsockopt(tcp, socket.TCP_NODELAY, bool(do.value))
            return
        for option, value in (
            (socket.TCP_KEEPIDLE, do.idle_s),
            (socket.TCP_KEEPINTVL, do.interval_s),
            (socket.TCP_KEEPCNT, do.count),
        ):
            sock.setsockopt(tcp, option, value)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, bool(do.value))

    def _open_udp(self, do: steps.OpenUdp) -> None:
        self._opened(do.sock, socket.SOCK_DGRAM).bind((str(do.ip or ""), do.port))

    def _send_to(self, do: steps.SendTo) -> Form:
        to = endpoint(do.to)
        sent = self._open(do.sock).sendto(_data(do, 0), (str(to.address), to.port))
        return {"accepted_bytes": sent}

    def _advance(self, do: steps.Advance) -> None:
        """Nothing but waiting: `step` does."""

    def _open(self, name: str) -> socket.socket:
        if name not in self._sockets:
            raise OSError(errno.EBADF, f"nothing became of the socket {name!r}")
        return self._sockets[name]

    def _opened(self, name: str, kind: socket.SocketKind) -> socket.socket:
        new = socket.socket(socket.AF_INET, kind)
        if kind is socket.SOCK_STREAM:
            new.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        new.setblocking(False)
        self._sockets[name], self._streamed[name] = new, 0
        return new


class Seen:
    """What a flow's host has said last, for questions in terms of its window: rcv_nxt, rcv_right, rcv_wnd, snd_nxt."""

    def __init__(self) -> None:
        self._now = {"rcv_nxt": 0, "rcv_right": 0, "rcv_wnd": 0, "snd_nxt": 0}

    def see(self, sent: Form) -> None:
        """The host sent a segment."""
        if "R" in sent["flags"]:
            return
        if sent["ack"] is not None:
            right = sent["ack"] + sent["win"]
            self._now |= {"rcv_nxt": sent["ack"], "rcv_right": right, "rcv_wnd": sent["win"]}
        end = sent["seq"] + sent["len"] + ("S" in sent["flags"]) + ("F" in sent["flags"])
        self._now["snd_nxt"] = max(self._now["snd_nxt"], end)

    def number(self, expression: str) -> int:
        """ "rcv_right-1" and the like."""
        name, sign, offset = expression.partition("-" if "-" in expression else "+")
        return self._now[name] + int(f"{sign}{offset}" if sign else 0)


def _asked(act: Callable[[Kernel, Any], Form | None]) -> Callable[[Kernel, Any], Form | None]:
    """A call of an application, whose failure is an answer as well."""

    def guarded(kernel: Kernel, do: Any) -> Form | None:
        try:
            return act(kernel, do)
        except OSError as failed:
            return {"error": errno.errorcode[failed.errno or 0]}

    return guarded


def _timing(times: list[float], since: float, begun: float, measured: bool) -> Form:
    """When the packets of a step came, in ms from its beginning; and the gaps, to a power of two."""
    answer: Form = {"_t_ms": [round((when - begun) * 1000) for when in times]}
    if not measured:
        return answer
    gaps = [later - earlier for earlier, later in pairwise([since, *times])]
    factors = [_power_of_two(later / earlier) for earlier, later in pairwise(gaps)]
    return {"first_gap_s": _power_of_two(gaps[0]), "gap_factors": factors} | answer


def _power_of_two(value: float) -> float:
    power = 2.0 ** round(math.log2(max(value, 1e-3)))
    return int(power) if power >= 1 else power


def _end(text: str) -> Endpoint:
    """ "0100A8C0:0017" of /proc/net/tcp: the address as this machine has it in memory."""
    address, port = text.split(":")
    return Endpoint(IPv4Address(struct.pack("=I", int(address, 16))), int(port, 16))


def _data(do: steps.Send | steps.SendTo, stream: int) -> bytes:
    return alphabet(do.len, stream) if do.data is None else octets(do.data)


_DOES: dict[str, Callable[[Kernel, Any], Form | None]] = {
    "inject": Kernel._inject,
    "inject_ip": Kernel._inject_ip,
    "inject_arp": Kernel._inject_arp,
    "advance": Kernel._advance,
    "listen": _asked(Kernel._listen),
    "connect": _asked(Kernel._connect),
    "accept": _asked(Kernel._accept),
    "send": _asked(Kernel._send),
    "recv": _asked(Kernel._recv),
    "shutdown": _asked(Kernel._shutdown),
    "close": _asked(Kernel._close),
    "abort": _asked(Kernel._abort),
    "error": _asked(Kernel._error),
    "info": _asked(Kernel._info),
    "setopt": _asked(Kernel._set_option),
    "udp_open": _asked(Kernel._open_udp),
    "sendto": _asked(Kernel._send_to),
}
