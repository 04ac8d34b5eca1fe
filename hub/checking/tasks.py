"""What the applications of a lesson want can be had: the tables lead there and back, and somebody listens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from hub.checking.findings import Code, Finding, advice, error
from hub.checking.network import at
from hub.lessons import Lesson
from hub.lessons.document import Path
from hub.lessons.lesson import ScanStep
from hub.simulator.router import Refused, way
from hub.simulator.rules import Do, NodeRules, Rules, Task
from hub.simulator.when import several

_NOWHERE = frozenset(("ip.no-route-here", "ip.no-route", "ip.host-unreachable"))
_TOO_FAR = frozenset(("ip.looping", "ip.ttl-expired"))
_CLOSED = frozenset(("tcp.no-listener", "tcp.connection-refused"))


@dataclass(frozen=True, slots=True)
class Walk:
    """The way of a packet by the tables. path: the nodes that have it, in order.

    blame: the node whose table ends it, None when it arrives; reason: what a referee would say then; text: what is
    wrong, and what to write instead.
    """

    path: tuple[str, ...]
    blame: str | None = None
    reason: str = ""
    text: str = ""


def findings(lesson: Lesson, lessons: tuple[Lesson, ...]) -> Iterator[Finding]:
    """What applications cannot have. lessons: the lesson in each of its variants."""
    named = _named(lesson)
    boxes = [each.rules.form.ttl for each in lessons if each.rules.form.ttl is not None]
    for node in lesson.rules.nodes:
        for number, task in enumerate(node.tasks):
            if task.do in (Do.SAY, Do.CLOSE):
                continue
            path = _task_at(lesson, node, number)
            yield from _reached(lesson, node, task, path, named, min(boxes, default=None))
            if task.do is Do.OPEN:
                yield from _answered(lesson, task, path, named)


def walk(rules: Rules, start: str, address: IPv4Address) -> Walk:
    """Follow the tables from a node to an address, hop by hop."""
    path = [start]
    while address not in rules.node(path[-1]).addresses:
        here = rules.node(path[-1])
        if here.id != start and not here.router:
            text = f"{here.id} gets it and is no router: write router: true there, or another next node at {path[-2]}"
            return Walk(tuple(path), here.id, "ip.not-for-me", text)
        found = way(here.table, here.interfaces, address)
        if isinstance(found, Refused):
            reason = "ip.no-route-here" if here.id == start else found.reason
            text = f"the table of {here.id} has no line for {address}: write one, like {_line(rules, here, address)}"
            return Walk(tuple(path), here.id, reason, text)
        hop = rules.by_address.get(found.next_hop)
        if hop is None or not rules.linked(here.id, hop):
            reason = "ip.no-route-here" if here.id == start else "ip.host-unreachable"
            who = f"nobody has {found.next_hop}" if hop is None else f"no wire joins it and {hop} ({found.next_hop})"
            text = (
                f"{here.id} sends it over its own wires, where {who}: "
                f"write the next node instead, like {_line(rules, here, address)}"
            )
            return Walk(tuple(path), here.id, reason, text)
        if hop in path:
            text = f"the tables of {here.id} and {hop} send it in circles: write another next node at one of them"
            return Walk((*path, hop), here.id, "ip.looping", text)
        path.append(hop)
    return Walk(tuple(path))


def _line(rules: Rules, node: NodeRules, address: IPv4Address) -> str:
    network = ".".join([*str(address).split(".")[:3], "0/24"])
    owner = rules.by_address.get(address)
    near = rules.neighbours(node.id)
    if owner in near:
        return f"{network}: {'link' if node.router else owner}"
    routers = [id for id in near if rules.node(id).router]
    return f"{network}: {routers[0] if routers else 'NODE'}"


def _task_at(lesson: Lesson, node: NodeRules, number: int) -> Path:
    """Where a task stands: those that only open may stand under opens:, before all others."""
    document, opens = lesson.document, 0
    while document.has(at(lesson, node.id, "opens", opens)):
        opens += 1
    return at(lesson, node.id, "opens", number) if number < opens else at(lesson, node.id, "tasks", number - opens)


def _named(lesson: Lesson) -> frozenset[str]:
    """The reasons that scripts and goals of the lesson name: what is in them is there on purpose."""
    steps = (step for script in lesson.scripts for step in script.steps)
    reasons = {step.reason for step in steps if isinstance(step, ScanStep) and step.reason is not None}
    return frozenset(reasons.union(*(several(goal.when.reason) for goal in lesson.goals)))


def _reached(
    lesson: Lesson, node: NodeRules, task: Task, path: Path, named: frozenset[str], boxes: int | None
) -> Iterator[Finding]:
    rules, document, to = lesson.rules, lesson.document, task.remote.address
    wants = f"{node.id} wants to {task.do.value} {to}"
    there = walk(rules, node.id, to)
    owner = rules.by_address.get(to)
    if owner is None:
        purpose = named & _NOWHERE
        what = f"{wants}, and nobody has that address"
        if purpose:
            text = (
                f"{what}; on purpose, it seems (the lesson names {min(purpose)}): else write an address that is there"
            )
            yield advice(document, path, "nobody", text)
        else:
            yield error(document, path, "nobody", f"{what}: write one that is there, like {_some(rules, node)}")
        return
    if there.blame is not None:
        yield _broken(lesson, wants, there, named)
        return
    routers = len(there.path) - 2
    if boxes is not None and boxes <= routers:
        text = (
            f"{wants}, {routers} routers away, and the form has {boxes} TTL boxes: "
            f"write at least ttl: {routers + 1} under form:"
        )
        kind = advice if named & _TOO_FAR else error
        yield kind(document, path, "ttl", text)
    back = walk(rules, owner, node.address)
    if back.blame is not None:
        yield _broken(lesson, f"{owner} has to answer {node.id} ({node.address})", back, named)


def _broken(lesson: Lesson, wants: str, found: Walk, named: frozenset[str]) -> Finding:
    assert found.blame is not None
    path = at(lesson, found.blame, "routes")
    text = f"{wants}, but {found.text}"
    code: Code = "loop" if found.reason == "ip.looping" else "no-way"
    purpose = named & (_TOO_FAR if code == "loop" else _NOWHERE | {found.reason})
    if purpose:
        text = f"{text}. On purpose, it seems: the lesson names {min(purpose)}"
        return advice(lesson.document, path, code, text)
    return error(lesson.document, path, code, text)


def _some(rules: Rules, node: NodeRules) -> str:
    others = [each for each in rules.nodes if each.id != node.id and not each.router]
    return str((others or [each for each in rules.nodes if each.id != node.id])[0].address)


def _answered(lesson: Lesson, task: Task, path: Path, named: frozenset[str]) -> Iterator[Finding]:
    owner = lesson.rules.by_address.get(task.remote.address)
    if owner is None:
        return
    services, port = dict(lesson.rules.node(owner).services), task.remote.port
    if port in services:
        return
    what = f"nobody listens on port {port} of {owner}"
    purpose = named & _CLOSED
    if purpose:
        text = f"{what}; on purpose, it seems (the lesson names {min(purpose)}): else write services: {{{port}: NAME}}"
        yield advice(lesson.document, path, "closed", text)
        return
    there = f"or open {task.remote.address}:{min(services)}" if services else "or open a port of somebody who listens"
    yield error(lesson.document, path, "closed", f"{what}: write services: {{{port}: NAME}} there, {there}")
