"""The network of a lesson: every node has a wire, it is one piece, tables and wires agree, and it can be drawn."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations

from hub.checking.findings import Finding, advice, error
from hub.lessons import Lesson
from hub.lessons.document import Path
from hub.simulator.router import Way, way
from hub.simulator.rules import NodeRules, Rules

LEAST_APART = 0.12
"""How far from each other nodes are drawn at least, in widths of the picture."""


def findings(lesson: Lesson) -> Iterator[Finding]:
    """What is wrong with nodes and wires, whatever is played on them."""
    yield from _wires(lesson)
    yield from _own_wires(lesson)
    yield from _routers(lesson)
    yield from _places(lesson)


def at(lesson: Lesson, node: str, *field: str | int) -> Path:
    """Where a node, or a field of it, stands in the file."""
    number = next(number for number, each in enumerate(lesson.rules.nodes) if each.id == node)
    return ("nodes", number, *field)


def _wires(lesson: Lesson) -> Iterator[Finding]:
    rules, document = lesson.rules, lesson.document
    for node in rules.nodes:
        if not rules.neighbours(node.id):
            text = f"no wire leads to {node.id}: write one under links:, like [{node.id}, {_other(rules, node)}]"
            yield error(document, at(lesson, node.id), "no-wire", text)
    wired = [node.id for node in rules.nodes if rules.neighbours(node.id)]
    piece = _piece(rules, wired[0]) if wired else set()
    apart = [node for node in wired if node not in piece]
    if apart:
        text = (
            f"the network is in pieces: no way leads from {wired[0]} to {', '.join(apart)}: "
            f"write a wire between them under links:"
        )
        yield error(document, at(lesson, apart[0]), "pieces", text)


def _other(rules: Rules, node: NodeRules) -> str:
    others = sorted((each for each in rules.nodes if each.id != node.id), key=lambda each: not each.router)
    return others[0].id


def _piece(rules: Rules, start: str) -> set[str]:
    """Every node to which wires lead from this one."""
    seen, waiting = {start}, [start]
    while waiting:
        near = set(rules.neighbours(waiting.pop())) - seen
        seen |= near
        waiting += near
    return seen


def _direct(node: NodeRules, other: NodeRules) -> bool:
    """By its table, a node reaches another over its own wires, with nobody between."""
    found = way(node.table, node.interfaces, other.address)
    return isinstance(found, Way) and found.next_hop == other.address


def _own_wires(lesson: Lesson) -> Iterator[Finding]:
    """A router that believes somebody to be on its own wires, who is on another's, or on none."""
    rules, document = lesson.rules, lesson.document
    routers = [node for node in rules.nodes if node.router]
    for router in routers:
        told: set[str] = set()
        for node in rules.nodes:
            if node is router or rules.linked(router.id, node.id) or not _direct(router, node):
                continue
            owner = next((each.id for each in routers if rules.linked(each.id, node.id) and _direct(each, node)), None)
            if owner is None and node.router:
                owner = node.id
            if owner in told:
                continue
            if owner is None:
                text = (
                    f"the table of {router.id} says that {node.id} ({node.address}) is on its own wires, and no wire "
                    f"joins them: write the wire under links:, or the next node for that network"
                )
                yield error(document, at(lesson, router.id, "routes"), "no-such-wire", text)
                continue
            told.add(owner)
            text = (
                f"{router.id} and {owner} have overlapping networks: both believe that {node.id} ({node.address}) is "
                f"on their own side: give each side a network of its own, or write {owner} as the next node for it"
            )
            yield error(document, at(lesson, router.id, "routes"), "overlap", text)


def _routers(lesson: Lesson) -> Iterator[Finding]:
    """A host and the router at the other end of its wire are in one network."""
    rules, document = lesson.rules, lesson.document
    for node in rules.nodes:
        routers = [rules.node(id) for id in rules.neighbours(node.id) if rules.node(id).router]
        if node.router or not routers:
            continue
        if not any(_direct(router, node) for router in routers):
            network = _network(node)
            text = (
                f"{node.id} ({node.address}) is not in the network of its router {routers[0].id}: write "
                f"{network}: link under the routes of {routers[0].id}, or an address that is"
            )
            yield error(document, at(lesson, node.id, "address"), "router-elsewhere", text)
        nets = [a.network for i in node.interfaces for a in i.addresses if a.network.prefixlen < 32]
        there = [address for router in routers for address in router.addresses]
        if nets and not any(address in net for net in nets for address in there):
            text = (
                f"{node.id} says that its network is {nets[0]}, and its router {routers[0].id} "
                f"({routers[0].address}) is not in it: give them addresses in one network"
            )
            yield error(document, at(lesson, node.id, "address"), "router-elsewhere", text)


def _network(node: NodeRules) -> str:
    octets = str(node.address).split(".")
    return ".".join([*octets[:3], "0/24"])


def _places(lesson: Lesson) -> Iterator[Finding]:
    """Where the page draws the nodes; those without a place of their own stand in a row."""
    rules, document, places = lesson.rules, lesson.document, lesson.places
    missing = [node.id for node in rules.nodes if not document.has(at(lesson, node.id, "place"))]
    if missing:
        text = (
            f"no place for {', '.join(missing)}: the page draws them in a row; "
            "write where they stand, from the left and from the top, like place: [0.2, 0.4]"
        )
        yield advice(document, at(lesson, missing[0]), "no-place", text)
    for one, other in combinations(places, 2):
        apart = math.dist(places[one], places[other])
        if apart < LEAST_APART and not (one in missing and other in missing):
            later = other if other not in missing else one
            text = (
                f"{one} and {other} are drawn over each other ({apart:.2f} apart): "
                f"write places that are at least {LEAST_APART} apart"
            )
            yield advice(document, at(lesson, later, "place"), "places-overlap", text)
