"""What a lesson asks of each node's player, in words that fit on a card."""

from __future__ import annotations

from itertools import groupby

from cards.packet import Carries
from hub.lessons import Lesson
from hub.lessons.forms import pen_form
from hub.printing.packets import is_carried_only
from hub.printing.words import ENGLISH, Words
from hub.simulator.bots import TRACE_PORT
from hub.simulator.rules import Do, NodeRules, Rules, Task

_ASKED = {Do.OPEN: "open", Do.PING: "ping"}


def is_station(rules: Rules, node: NodeRules) -> bool:
    """The engine plays this node from the start."""
    return node.id in rules.engines


def duties(lesson: Lesson, node: NodeRules, say: Words = ENGLISH) -> tuple[str, ...]:
    """What whoever plays this node has to do, one thing a line."""
    rules = lesson.rules
    if is_station(rules, node):
        if node.silent:
            where = "at-firewall"
        else:
            where = "at-router" if node.router else "at-tray" if is_carried_only(lesson) else "at-screen"
        return (say("duties.station"), say(f"duties.{where}"))
    if node.router:
        telling = (say("duties.telling"),) if tells_why(lesson) else ()
        steps = _routing(rules, say)
        return (say("duties.steps", steps=f"{steps[0].upper()}{steps[1:]}"), say("duties.bring"), *telling)
    if node.silent:
        return (say("duties.firewall"),)
    return (*_tasks(node, say), *_services(lesson, node, say), _writing(lesson, node, say))


def tells_why(lesson: Lesson) -> bool:
    """Whoever throws a packet away tells its sender, with a card of ICMP."""
    return any(kind.is_error for kind in pen_form(lesson).kinds)


def _routing(rules: Rules, say: Words) -> str:
    """What a router's player does with each card."""
    steps = ["look-table" if len(rules.nodes) > 3 else "look"]
    if rules.form.next_hop:
        steps.append("mark")
    if rules.form.ttl is not None:
        steps.append("cross")
    return say.listed([say(f"duties.{step}") for step in (*steps, "scan")])


def _tasks(node: NodeRules, say: Words) -> tuple[str, ...]:
    """What its application wants; the same asked of several is one line."""
    return tuple(_task(do, list(tasks), say) for do, tasks in groupby(node.tasks, key=lambda task: task.do))


def _task(do: Do, tasks: list[Task], say: Words) -> str:
    match do:
        case Do.SAY:
            return say("duties.say", text=say.listed([_quoted(task.text) for task in tasks]))
        case Do.CLOSE:
            return say("duties.close")
        case Do.TRACE:
            ports = say.listed(list(dict.fromkeys(str(task.remote.port or TRACE_PORT) for task in tasks)))
            return say("duties.trace", remote=say.listed([str(task.remote.address) for task in tasks]), ports=ports)
        case _:
            return say(f"duties.{_ASKED[do]}", remote=say.listed([_remote(task) for task in tasks]))


def _remote(task: Task) -> str:
    return f"{task.remote.address}:{task.remote.port}" if task.remote.port else str(task.remote.address)


def _quoted(text: bytes) -> str:
    return f"“{text.decode('latin-1')}”"


def _services(lesson: Lesson, node: NodeRules, say: Words) -> tuple[str, ...]:
    if not node.services:
        return ()
    listening = say("duties.listen", ports=say.listed([f"{port} ({name})" for port, name in node.services]))
    kinds = pen_form(lesson).kinds
    replies = []
    if Carries.ECHO_REPLY in kinds:
        replies.append(say("duties.ping-reply"))
    if Carries.PORT_UNREACHABLE in kinds:
        replies.append(say("duties.no-port"))
    return (listening, *replies)


def _writing(lesson: Lesson, node: NodeRules, say: Words) -> str:
    near = lesson.rules.neighbours(node.id)
    to = lesson.rules.title(near[0]) if len(near) == 1 else say("duties.neighbour")
    return say("duties.carry" if is_carried_only(lesson) else "duties.write", next=to)


def way_of_a_packet(lesson: Lesson, say: Words = ENGLISH) -> tuple[str, ...]:
    """Who carries, in the order of a packet's life."""
    rules = lesson.rules
    if is_carried_only(lesson):
        return _way_of_a_printed_card(rules, say)
    answer = say("rules.answer")
    stations = [node.title for node in rules.nodes if is_station(rules, node) and not node.silent]
    if stations:
        key = "one-answers" if len(stations) == 1 else "many-answer"
        answer = f"{answer} {say(f'rules.{key}', stations=say.listed(stations))}"
    if any(rules.node(id).router for id in rules.engines):
        carrying = [say("rules.sent-carry")]
    else:
        carrying = [say("rules.sent"), say("rules.router", steps=_routing(rules, say))]
    losing = [say("rules.lost")] if lesson.faults or rules.timers.retransmission else []
    counting = say(f"rules.count-{rules.counting.value}")
    return (say("rules.write"), *carrying, answer, say("rules.silence"), *losing, counting)


def _way_of_a_printed_card(rules: Rules, say: Words) -> tuple[str, ...]:
    """The same where all cards lie ready."""
    stations = [rules.node(id) for id in rules.by_id if id in rules.engines]
    named = {
        "routers": say.listed([node.title for node in stations if node.router] or ["-"]),
        "hosts": say.listed([node.title for node in stations if not node.router]),
        "first": next(node for node in rules.nodes if node.id not in rules.engines).title,
    }
    steps = ("pile", "pile-router", "pile-host", "pile-back", "pile-numbers")
    return tuple(say(f"rules.{step}", **named) for step in steps)
