"""What a lesson asks of each node's player, in words that fit on a card."""

from __future__ import annotations

from itertools import groupby

from cards.packet import Carries
from hub.lessons import Lesson
from hub.lessons.forms import pen_form
from hub.printing.packets import is_carried_only
from hub.simulator.bots import TRACE_PORT
from hub.simulator.rules import Counting, Do, NodeRules, Rules, Task

_VERBS = {Do.OPEN: "Open a connection to", Do.PING: "Ping", Do.TRACE: "Trace the way to"}


def listed(words: list[str], joint: str = "and") -> str:
    """One, two and three."""
    *most, last = words
    return f"{', '.join(most)} {joint} {last}" if most else last


def is_station(rules: Rules, node: NodeRules) -> bool:
    """The engine plays this node from the start."""
    return node.id in rules.engines


def duties(lesson: Lesson, node: NodeRules) -> tuple[str, ...]:
    """What whoever plays this node has to do, one thing a line."""
    rules = lesson.rules
    if is_station(rules, node):
        return ("A station: the engine plays it.", _at_a_station(lesson, node))
    if node.router:
        telling = ("Dropped? Write its sender a card of ICMP that says why.",) if tells_why(lesson) else ()
        return (_routing(rules), "Bring each card to the next hop, and leave it there.", *telling)
    if node.silent:
        return ("A firewall: scan whatever comes, keep it, and say nothing.",)
    return (*_tasks(rules, node), *_services(lesson, node), _writing(lesson, node))


def tells_why(lesson: Lesson) -> bool:
    """Whoever throws a packet away tells its sender, with a card of ICMP."""
    return any(kind.is_error for kind in pen_form(lesson).kinds)


def _at_a_station(lesson: Lesson, node: NodeRules) -> str:
    if node.router:
        return "Show it the card that you bring, and take the card on."
    if is_carried_only(lesson):
        return "Show it the card that you bring; take the answer from its tray."
    return "Show it the card that you bring; write the answer that the screen shows."


def _routing(rules: Rules) -> str:
    steps = ["look up the next hop" if len(rules.nodes) > 3 else "look where the card goes"]
    if rules.form.next_hop:
        steps.append("mark it")
    if rules.form.ttl is not None:
        steps.append("cross out a TTL box")
    text = listed([*steps, "scan the card here"])
    return f"{text[0].upper()}{text[1:]}."


def _tasks(rules: Rules, node: NodeRules) -> tuple[str, ...]:
    """What its application wants; the same asked of several is one line."""
    return tuple(_task(rules, do, list(tasks)) for do, tasks in groupby(node.tasks, key=lambda task: task.do))


def _task(rules: Rules, do: Do, tasks: list[Task]) -> str:
    match do:
        case Do.SAY:
            return f"Say {listed([_quoted(task.text) for task in tasks])}."
        case Do.CLOSE:
            return "Close the connection."
        case Do.TRACE:
            ports = listed(list(dict.fromkeys(str(task.remote.port or TRACE_PORT) for task in tasks)))
            ways = listed([str(task.remote.address) for task in tasks])
            return f"{_VERBS[do]} {ways}: UDP to port {ports}, with 1 TTL box left, then 2, then 3."
        case _:
            return f"{_VERBS[do]} {listed([_remote(task) for task in tasks])}."


def _remote(task: Task) -> str:
    return f"{task.remote.address}:{task.remote.port}" if task.remote.port else str(task.remote.address)


def _quoted(text: bytes) -> str:
    return f"“{text.decode('latin-1')}”"


def _services(lesson: Lesson, node: NodeRules) -> tuple[str, ...]:
    if not node.services:
        return ()
    ports = listed([f"{port} ({name})" for port, name in node.services])
    listening = f"Listen on port {ports}, and answer."
    kinds = pen_form(lesson).kinds
    replies = []
    if Carries.ECHO_REPLY in kinds:
        replies.append("A ping? Answer with a ping reply.")
    if Carries.PORT_UNREACHABLE in kinds:
        replies.append("UDP to another port? Answer “no such port”.")
    return (listening, *replies)


def _writing(lesson: Lesson, node: NodeRules) -> str:
    rules = lesson.rules
    near = rules.neighbours(node.id)
    to = rules.title(near[0]) if len(near) == 1 else "a neighbour"
    if is_carried_only(lesson):
        return f"Take the next card of the pile, show it here, and carry it to {to}."
    return f"Write a card, scan it here, give it to {to}."


def way_of_a_packet(lesson: Lesson) -> tuple[str, ...]:
    """Who carries, in the order of a packet's life."""
    rules = lesson.rules
    if is_carried_only(lesson):
        return _way_of_a_printed_card(rules)
    stations = [node.title for node in rules.nodes if is_station(rules, node) and not node.silent]
    steps = [
        "Write a card, and scan it at your own badge.",
        "Sent? Give it to the router, who comes for it.",
        f"Router: {_routing(rules)[0].lower()}{_routing(rules)[1:-1]}, and carry it on.",
        "Whoever gets it scans it, and writes the answer that is owed.",
    ]
    if stations:
        steps[-1] += f" {listed(stations)} {'answers by itself' if len(stations) == 1 else 'answer by themselves'}."
    if any(rules.node(id).router for id in rules.engines):
        steps[1:3] = ["Sent? Carry it to the router, show it there, and take it on."]
    rest = ["Senders sit, routers carry, nobody talks about packets."]
    if lesson.faults or rules.timers.retransmission:
        rest.append("A lost card goes face down into the drop box, and nobody says so.")
    return (*steps, *rest, counting(rules))


def _way_of_a_printed_card(rules: Rules) -> tuple[str, ...]:
    """The same where all cards lie ready."""
    routers = listed([rules.title(id) for id in rules.by_id if id in rules.engines and rules.node(id).router] or ["-"])
    hosts = listed([rules.title(id) for id in rules.by_id if id in rules.engines and not rules.node(id).router])
    first = next(node for node in rules.nodes if node.id not in rules.engines)
    return (
        f"Take the next card of the pile, and show it to {first.title}.",
        f"Sent? Carry it to {routers}, show it there, and take it on.",
        f"Show it to {hosts}, and leave it there. Is an answer owed? It is the next card of the tray.",
        f"Carry the answer back: {routers} first, then {first.title}.",
        "Nothing is written. The numbers on the cards are an example: nobody counts.",
    )


def counting(rules: Rules) -> str:
    """Who minds the numbers."""
    match rules.counting:
        case Counting.OFF:
            return "Nobody counts: SEQ and ACK fill themselves in."
        case Counting.BYTES:
            return "Count from 0, and only letters count. ACK: the number that you expect next."
        case Counting.RFC:
            return "SYN, FIN and each letter count one. ACK: the number that you expect next."
