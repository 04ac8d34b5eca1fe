"""What the application of a node wants next: its tasks, one after the other, as far as the world lets it."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Address

import msgspec
from msgspec.structs import replace

from cards.datagram import Datagram, Echo
from cards.packet import Flags, Packet, Segment
from hub.simulator.connection import Connection, Pair
from hub.simulator.host import Host
from hub.simulator.rules import Do, Task

PROBES = 8
"""Hops after which nobody traces a way any further."""
PATIENCE = 60_000
"""For how long one waits for the answer to a probe, in ms."""


class Progress(msgspec.Struct, frozen=True, gc=False):
    """How far an application is. left: the tasks that it has not done yet, the one whose turn it is first.

    count: SYNs, octets or probes of that one that have gone out; answered: probes that were answered; arrived: one by
    the host itself. pair: the connection that it opened last. at: when the last one went out, in ms.
    """

    left: tuple[int, ...]
    count: int = 0
    answered: int = 0
    arrived: bool = False
    pair: Pair | None = None
    at: int = 0


class Wish(msgspec.Struct, frozen=True, gc=False):
    """A task that may be done now. progress: as it is at this task."""

    task: Task
    progress: Progress


def at_the_start(tasks: tuple[Task, ...]) -> Progress:
    """Nothing is done yet."""
    return Progress(tuple(range(len(tasks))))


def restarted(tasks: tuple[Task, ...], progress: Progress, peer: Collection[IPv4Address]) -> Progress:
    """Whatever has been begun with one peer is to be done anew, in its order; nothing else is.

    What goes on with somebody else comes first, up to where the next connection would be opened.
    """
    ahead = progress.left[1:]
    begun = [n for n, task in enumerate(tasks) if task.remote.address in peer and n not in ahead]
    others = tuple(number for number in progress.left if number not in begun)
    if not progress.left or progress.left[0] in begun:
        return Progress((*begun, *others))
    first = progress.count > 0
    here = next((at for at, number in enumerate(others) if at >= first and tasks[number].do is Do.OPEN), len(others))
    return replace(progress, left=(*others[:here], *begun, *others[here:]))


def gone_on(tasks: tuple[Task, ...], progress: Progress, host: Host, now: int) -> Progress:
    """The progress at the first task that is not over."""
    while progress.left and _over(tasks[progress.left[0]], progress, _connection(progress, host), now):
        progress = Progress(progress.left[1:], pair=progress.pair)
    return progress


def wish(tasks: tuple[Task, ...], progress: Progress, host: Host, now: int) -> Wish | None:
    """What the application wants to send now; None when it waits for something, or has done everything."""
    progress = gone_on(tasks, progress, host, now)
    if not progress.left:
        return None
    task = tasks[progress.left[0]]
    return Wish(task, progress) if _possible(task, progress, _connection(progress, host), now) else None


def departed(tasks: tuple[Task, ...], progress: Progress, host: Host, packet: Packet, now: int, cells: int) -> Progress:
    """The progress after a node has sent a packet; `host` is as it was before. cells: octets that one card takes."""
    wanted = wish(tasks, progress, host, now)
    if wanted is None:
        return progress
    task, progress = wanted.task, replace(wanted.progress, at=now)
    body = packet.body
    if packet.dst != task.remote.address:
        return progress
    if isinstance(body, (Echo, Datagram)):
        return _probed(progress) if task.do in (Do.PING, Do.TRACE) else progress
    if not isinstance(body, Segment) or body.dport != task.remote.port:
        return progress
    opens = Flags.SYN in body.flags and body.ack is None
    if task.do is Do.OPEN and opens:
        return replace(progress, count=1, pair=host.pair_of(packet))
    if task.do is Do.TRACE and opens:
        return _probed(progress)
    if task.do is Do.SAY and len(body.payload):
        return replace(progress, count=_said(task, progress, host.connections.get(host.pair_of(packet)), body, cells))
    if task.do is Do.CLOSE and Flags.FIN in body.flags:
        return replace(progress, count=1)
    return progress


def answered(progress: Progress, by_the_host: bool) -> Progress:
    """Something came back for a probe: from the host that was asked, or from somebody on the way."""
    if progress.answered >= progress.count:
        return progress
    return replace(progress, answered=progress.answered + 1, arrived=progress.arrived or by_the_host)


def _probed(progress: Progress) -> Progress:
    """One more probe has gone out; earlier ones that nobody answered never will be."""
    return replace(progress, count=progress.count + 1, answered=progress.count)


def _connection(progress: Progress, host: Host) -> Connection | None:
    return None if progress.pair is None else host.connections.get(progress.pair)


def _over(task: Task, progress: Progress, c: Connection | None, now: int) -> bool:
    match task.do:
        case Do.OPEN:
            return progress.count > 0 and (c is None or c.state.synchronized)
        case Do.SAY:
            return c is None or not c.state.may_send_data or progress.count >= len(task.text)
        case Do.CLOSE:
            return c is None or not c.state.may_send_data
        case Do.PING:
            return progress.answered > 0 or (progress.count > 0 and now >= progress.at + PATIENCE)
        case Do.TRACE:
            return progress.arrived or (progress.count >= PROBES and progress.answered >= progress.count)


def _possible(task: Task, progress: Progress, c: Connection | None, now: int) -> bool:
    match task.do:
        case Do.OPEN | Do.PING:
            return progress.count == 0
        case Do.SAY:
            return c is not None and c.room > 0
        case Do.CLOSE:
            return True
        case Do.TRACE:
            return progress.answered >= progress.count or now >= progress.at + PATIENCE


def _said(task: Task, progress: Progress, c: Connection | None, s: Segment, cells: int) -> int:
    """How far in its text an application is: what is sent again takes it no further. Who says something else, where one
    card could have said it all, has said it in its own words; where it takes several cards each counts what it carries.
    """
    again = 0 if c is None or c.iss is None else max(0, c.snd_nxt - s.seq)
    if again >= len(s.payload):
        return progress.count
    count = progress.count + len(s.payload) - again
    as_asked = isinstance(s.payload, bytes) and s.payload[again:] == task.text[progress.count : count]
    return count if as_asked or len(task.text) > cells else len(task.text)
