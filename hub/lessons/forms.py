"""The form of a lesson's pen cards: what its players can mark follows from who is in it and what they want."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from cards.packet import Carries
from cards.penform import DIGITS, FormError, Neighbour, PenForm, Port, split
from cards.penlayout import layout
from cards.printedcard import PORT_NAMES
from hub.lessons.lesson import Lesson
from hub.simulator.bots import TRACE_PORT
from hub.simulator.rules import Do, NodeRules, Rules

CLIENT_PORTS = (40001, 40002, 40003)
"""The ports that clients speak from; people call them A, B and C."""
KNOCKED = (23, 80)
"""Doors that every form names, open or closed."""
_NAMES = dict(zip(CLIENT_PORTS, "ABC", strict=True))


def pen_form(lesson: Lesson) -> PenForm:
    """The form of a lesson."""
    rules, form = lesson.rules, lesson.rules.form
    places = sorted({split(address) for address in (*_addresses(rules), *form.addresses)})
    names = {port: name for node in rules.nodes for port, name in node.services} | _NAMES
    ports = sorted({*_ports(rules), *form.ports})
    routers = [node.id for node in rules.nodes if node.router]
    near = {id for router in routers for id in rules.neighbours(router)}
    return PenForm(
        networks=tuple(dict.fromkeys(network for network, _ in places)),
        hosts=tuple(sorted({host for _, host in places})),
        ports=tuple(Port(port, names.get(port, PORT_NAMES.get(port, ""))) for port in ports),
        kinds=tuple(kind for kind in Carries if kind in _kinds(lesson)),
        seq=form.seq,
        ack=form.ack,
        digits=min(DIGITS, rules.isn_digits + 1),
        check=form.check,
        ttl=form.ttl or 0,
        hops=(form.ttl or len(routers)) if form.next_hop else 0,
        neighbours=tuple(_neighbour(lesson, n) for n in rules.nodes if n.id in near) if form.next_hop else (),
        comb=form.payload,
    )


def readable_form(lesson: Lesson) -> PenForm | None:
    """The form of a lesson for those who read its cards; None when no paper has room for it."""
    form = pen_form(lesson)
    try:
        layout(form)
    except FormError:
        return None
    return form


def _neighbour(lesson: Lesson, node: NodeRules) -> Neighbour:
    """A node as its file calls it: the form, and so its name, is the same in every language."""
    return Neighbour(node.id, lesson.own_titles.get(node.id, node.title))


def _addresses(rules: Rules) -> Iterator[IPv4Address]:
    for node in rules.nodes:
        yield from node.addresses
        for task in node.tasks:
            yield task.remote.address


def _ports(rules: Rules) -> Iterator[int]:
    yield from KNOCKED
    yield from CLIENT_PORTS
    for node in rules.nodes:
        yield from (port for port, _ in node.services)
        for task in node.tasks:
            if task.do is Do.OPEN or (task.do is Do.TRACE and task.remote.port):
                yield task.remote.port
            elif task.do is Do.TRACE:
                yield TRACE_PORT
            if task.port is not None:
                yield task.port


def _kinds(lesson: Lesson) -> set[Carries]:
    """What a script writes, and what players must write to do their tasks. Whoever can ping can be answered."""
    kinds = {card.carries for script in lesson.scripts for card in script.cards.values()}
    for node in lesson.rules.nodes:
        for task in node.tasks:
            if task.do is Do.PING:
                kinds.add(Carries.ECHO)
            elif task.do is Do.TRACE:
                kinds |= {Carries.UDP, Carries.TIME_EXCEEDED, Carries.PORT_UNREACHABLE}
    if any(kind.is_echo for kind in kinds):
        kinds |= {Carries.ECHO, Carries.ECHO_REPLY}
    return kinds - {Carries.TCP}
