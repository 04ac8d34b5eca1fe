"""The goals of a lesson file: every name in them is one that the lesson has, and each of them can be reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace

from cards.packet import Carries, Flags
from hub.lessons.document import Document, LessonError, Path
from hub.lessons.schema import GoalFile, WhenFile
from hub.simulator.goals import Goal
from hub.simulator.moves import NOT_COMPARED
from hub.simulator.race import Unfair, fairness
from hub.simulator.reasons import REASONS, SECTIONS
from hub.simulator.rules import Rules
from hub.simulator.states import State
from hub.simulator.verdicts import Verdict
from hub.simulator.when import EACH, OTHERS, AnyOf, When, several

T = TypeVar("T")

_NONE = "none"
_NO_FLAGS = str(Flags.NONE)
_STATES = {state.value: state for state in State if state not in (State.CLOSED, State.LISTEN)} | {_NONE: State.CLOSED}
_KINDS = {carries.word: carries for carries in Carries if carries is not Carries.TCP}
_FLAGS = {flag.name or "": flag for flag in Flags}
_PLACES = (("at", "at"), ("source", "from"), ("destination", "to"), ("peer", "peer"))
"""The fields of `when` that name a node: in the schema, in the file."""
_VERDICTS = {"ip.forwarded": Verdict.FORWARDED, "ip.looping": Verdict.FORWARDED} | {
    reason.code: Verdict.SENT for reason in SECTIONS["It leaves its sender"]
}
"""Reasons that only one verdict can have."""


def goals(document: Document, files: list[GoalFile], rules: Rules) -> tuple[Goal, ...]:
    """The goals of a lesson, in the order of its file. Raises LessonError."""
    document.distinct("goals", "id", [goal.id for goal in files])
    return tuple(_goal(document, ("goals", number), files, file, rules) for number, file in enumerate(files))


def unfair(rules: Rules) -> list[str]:
    """A sentence for everything in a lesson that makes a race of its teams unfair; none, when it is fair."""
    return [_sentence(rules, each) for each in fairness(rules)]


def _goal(document: Document, path: Path, files: list[GoalFile], file: GoalFile, rules: Rules) -> Goal:
    nodes = list(rules.by_id)
    for place, node in enumerate(file.who):
        document.one_of((*path, "for", place), node, nodes)
        if node in file.who[:place]:
            raise document.error((*path, "for", place), f"{node!r} is there twice; write it once")
    _after(document, path, files, file)
    when = _when(document, (*path, "when"), file, rules)
    _reachable(document, (*path, "when"), file, when, rules)
    return Goal(file.id, file.title, when, tuple(file.who), file.count, tuple(file.after), file.points, file.quest)


def _after(document: Document, path: Path, files: list[GoalFile], file: GoalFile) -> None:
    """Goals come after others that stand above them, and what must be done comes after what must be done."""
    ids = [each.id for each in files]
    mine = ids.index(file.id)
    for place, id in enumerate(file.after):
        here = (*path, "after", place)
        first = ids.index(document.one_of(here, id, ids))
        if first == mine:
            raise document.error(here, "a goal cannot come after itself; name one that stands above it")
        if first > mine:
            raise document.error(here, f"{id!r} stands below this goal; move it above, or leave it out here")
        if id in file.after[:place]:
            raise document.error(here, f"{id!r} is there twice; write it once")
        if files[first].quest and not file.quest:
            raise document.error(
                here, f"{id!r} is a quest, which nobody has to do; write quest: true here, too, or leave it out"
            )


def _when(document: Document, path: Path, file: GoalFile, rules: Rules) -> When:
    w = file.when
    _says_something(document, path, w)
    places = {field: _place(document, (*path, name), getattr(w, field), file, rules) for field, name in _PLACES}
    when = When(
        verdict=_any(document, (*path, "verdict"), w.verdict, _verdict_of),
        reason=_any(document, (*path, "reason"), w.reason, lambda d, p, text: d.one_of(p, text, list(REASONS))),
        flags=_any(document, (*path, "flags"), w.flags, _kind),
        text=b"" if w.text is None else _octets(document, (*path, "text"), w.text),
        state=_any(document, (*path, "state"), w.state, _state),
        octets=w.octets or 0,
        acknowledged=_nothing(document, (*path, "unacknowledged"), w.unacknowledged),
        idle=_nothing(document, (*path, "turn"), w.turn),
        port=tuple(w.port) if isinstance(w.port, list) else w.port,
        at=places["at"],
        source=places["source"],
        destination=places["destination"],
        peer=places["peer"],
    )
    if OTHERS not in places.values():
        return when
    return replace(when, others=tuple((earner, _others(rules, earner)) for earner in file.who))


def _any(
    document: Document, path: Path, given: str | list[str] | None, read: Callable[[Document, Path, str], T]
) -> AnyOf[T]:
    """One, or any of a list. Raises LessonError."""
    if given is None:
        return None
    if isinstance(given, str):
        return read(document, path, given)
    return tuple(read(document, (*path, place), each) for place, each in enumerate(given))


def _place(document: Document, path: Path, given: str | list[str] | None, file: GoalFile, rules: Rules) -> AnyOf[str]:
    words = () if isinstance(given, list) else (EACH, OTHERS)
    place = _any(document, path, given, lambda d, p, node: d.one_of(p, node, [*rules.by_id, *words]))
    if place in (EACH, OTHERS) and not file.who:
        meant = "the node that earns the goal" if place == EACH else "whoever does not play with the one that earns it"
        raise document.error(path, f"{place!r} is {meant}: write for: [{', '.join(list(rules.by_id)[:2])}]")
    return place


def _others(rules: Rules, earner: str) -> tuple[str, ...]:
    """Who does not play together with a node: is of another team, or of none; without teams it is alone."""
    team = rules.node(earner).team
    return tuple(node.id for node in rules.nodes if node.id != earner and (team is None or node.team != team))


def _says_something(document: Document, path: Path, w: WhenFile) -> None:
    if all(getattr(w, field) is None for field in w.__struct_fields__):
        raise document.error(
            path,
            "this says nothing; write what must happen, like {verdict: delivered, at: server}, or be so, like "
            "{state: ESTABLISHED, at: server}",
        )
    for field, name in (("state", "state"), ("octets", "bytes"), ("unacknowledged",) * 2, ("turn", "turn")):
        if getattr(w, field) is not None and w.at is None:
            raise document.error((*path, name), "of which node? Write at: and a node of the lesson, or at: each")
    if w.peer is not None and w.state is None and w.octets is None:
        raise document.error(
            (*path, "peer"),
            "this is the other end of a connection: write its state, too, like state: ESTABLISHED, or bytes:",
        )


def _nothing(document: Document, path: Path, text: str | None) -> bool:
    return text is not None and bool(document.one_of(path, text, ["nothing"]))


def _verdict_of(document: Document, path: Path, text: str) -> Verdict:
    return Verdict(document.one_of(path, text, [each.value for each in Verdict]))


def _kind(document: Document, path: Path, text: str) -> Flags | Carries:
    """What kind of packet: flags as a card has them (`-`: none), or what it carries when it is not TCP."""
    if text in _KINDS:
        return _KINDS[text]
    flags = Flags.NONE
    for name in [] if text == _NO_FLAGS else text.split(","):
        flags |= _FLAGS[document.one_of(path, name.strip(), _FLAGS if "," in text else [*_FLAGS, *_KINDS])]
    if flags & NOT_COMPARED:
        raise document.error(path, f"{flags & NOT_COMPARED} makes no difference; leave it out")
    return flags


def _state(document: Document, path: Path, text: str) -> State:
    if text in (State.CLOSED.value, State.LISTEN.value):
        raise document.error(path, f"a connection is never in {text}; write 'none' if there must not be any")
    right = next((each for each in _STATES if each.casefold() == text.casefold()), text)
    if right != text:
        raise document.error(path, f"{text!r} is not known; did you mean {right!r}?")
    return _STATES[document.one_of(path, text, _STATES)]


def _octets(document: Document, path: Path, text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        raise document.error(path, f"{text!r} has letters that are more than one byte; write it without them") from None


# What can never happen, or has happened before the game begins


def _reachable(document: Document, path: Path, file: GoalFile, when: When, rules: Rules) -> None:
    """LessonError for a goal that nobody can reach, that all reach at once, or that is reached from the start."""
    if len(file.who) > 1 and not when.names_each:
        raise document.error(
            path, "this is the same for all of them; write 'each' for the node that earns it, as in at: each"
        )
    _different(document, path, file, when, "from", "to", "nobody sends a packet to itself")
    _different(document, path, file, when, "at", "peer", "a node has no connection with itself")
    _verdict(document, path, file, when, rules)
    silent = [flags for flags in several(when.flags) if isinstance(flags, Carries) and flags.is_error]
    if when.text and silent and len(silent) == len(several(when.flags)):
        raise document.error((*path, "text"), f"{silent[0].word} brings no text; leave one of them out")
    _not_from_the_start(document, path, file, when, rules)


def _verdict(document: Document, path: Path, file: GoalFile, when: When, rules: Rules) -> None:
    verdicts, at = set(several(when.verdict)), _meant(file, when, "at")
    verdict = when.verdict
    if verdict is Verdict.UNREAD and (when.flags is not None or when.text or when.source or when.destination):
        raise document.error((*path, "verdict"), "nobody knows what is on a card that was not read; leave verdict out")
    if verdict is Verdict.FORWARDED and at and not any(rules.node(node).router for node in at):
        raise document.error((*path, "at"), "only a router forwards; write a router here, or another verdict")
    if verdict is Verdict.SENT:
        _same(document, path, file, when, "from", "a packet is sent where it is scanned first")
    if verdict in (Verdict.DELIVERED, Verdict.RST):
        _same(document, path, file, when, "to", f"a packet is {verdict.value} where it is addressed to")
    fixed = {_VERDICTS.get(reason) for reason in several(when.reason)}
    if verdicts and fixed and None not in fixed and not fixed & verdicts:
        named, always = " or ".join(several(when.reason)), " or ".join(sorted(each.value for each in fixed if each))
        raise document.error((*path, "verdict"), f"with {named} it is always {always}; leave verdict out")


def _not_from_the_start(document: Document, path: Path, file: GoalFile, when: When, rules: Rules) -> None:
    if when.of_packet or file.after:
        return
    at = _meant(file, when, "at")
    idle = when.idle and not any(rules.node(node).tasks for node in at)
    closed = State.CLOSED in several(when.state)
    if closed or ((idle or when.acknowledged) and not when.of_connection):
        field = "state" if closed else "turn" if idle else "unacknowledged"
        raise document.error(
            (*path, field), "that is so before anybody has done anything; write after: and a goal that comes first"
        )


def _meant(file: GoalFile, when: When, name: str) -> frozenset[str]:
    """The nodes that a field can mean; none, when it is left out."""
    field = {given: field for field, given in _PLACES}[name]
    place = getattr(when, field)
    return frozenset(node for earner in file.who or (None,) for node in when.nodes(place, earner))


def _different(document: Document, path: Path, file: GoalFile, when: When, one: str, other: str, why: str) -> None:
    """LessonError when two fields can only mean the same node."""
    here, there = _meant(file, when, one), _meant(file, when, other)
    fields = {given: getattr(when, field) for field, given in _PLACES}
    same = fields[one] == fields[other] and fields[one] == EACH
    if here and there and (same or (len(here) == 1 and here == there)):
        raise document.error((*path, other), f"{why}; {one}: and {other}: are different nodes")


def _same(document: Document, path: Path, file: GoalFile, when: When, other: str, why: str) -> None:
    """LessonError when `at` and another field can never mean the same node."""
    here, there = _meant(file, when, "at"), _meant(file, when, other)
    if here and there and not here & there:
        raise document.error((*path, other), f"{why}: write the node of at: here, too, or leave one of them out")


def _sentence(rules: Rules, each: Unfair) -> str:
    clients, should = ("+".join(str(count) for count in counts) or "none" for counts in (each.clients, each.should))
    match each.code:
        case "too-many-clients":
            return f"{rules.title(each.who)} has {clients} clients, and its player writes for all: {should} at most"
        case "unequal-clients":
            return (
                f"team {each.who} has clients for its servers: {clients}; the first team has {should}: make them equal"
            )
        case "unequal-servers":
            return f"the servers of team {each.who} have clients: {clients}; the first team's {should}: make them equal"
        case _:
            raise LessonError(f"a race that is not fair: {each.code}")
