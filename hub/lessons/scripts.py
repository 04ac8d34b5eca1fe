"""The scripts of a lesson file: every name in them is one that the lesson has, every reason one that exists."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from cards.notation import parse as parse_card
from cards.packet import Written
from hub.lessons import topology
from hub.lessons.document import Document, LessonError, Path, each
from hub.lessons.lesson import ActStep, GoalStep, ScanStep, Script, SeatStep, Step, TurnStep, WaitStep
from hub.lessons.schema import FaultFile, ScriptFile, StepFile
from hub.simulator.acts import ON_CARD, ON_NODE, ON_TWO, ON_WIRE, Act, NewRound
from hub.simulator.events import FaultKind, FaultLifted, FaultSet, TableSet
from hub.simulator.reasons import REASONS
from hub.simulator.rules import Rules
from hub.simulator.turns import CODES
from hub.simulator.verdicts import Verdict

_KINDS = (
    *("scan", "wait", "seat", "round", "hand_over", "take_back", "play", "restart", "undo", "redo", "forgive", "table"),
    *("link_down", "link_up", "fault", "lift", "lose", "find", "goal", "turn"),
)
"""What a step can be: exactly one of these stands in it."""
_WORDS = {"hand_over": "engine", "take_back": "people", "link_down": "down", "link_up": "up"}
"""What a teacher does in a script, and its word on a command card, where that is another."""


def scripts(
    document: Document, files: list[ScriptFile], rules: Rules, goals: Mapping[str | None, tuple[str, ...]]
) -> tuple[Script, ...]:
    """The scripts of a lesson. goals: their ids, in each variant. Raises LessonError."""
    document.distinct("scripts", "id", [script.id for script in files])
    readers = (_Reader(document, number, file, rules, goals) for number, file in enumerate(files))
    return tuple(each(readers, _Reader.script))


def fault(document: Document, path: Path, file: FaultFile, nodes: Collection[str], rules: Rules) -> FaultSet:
    """A fault of a link of the lesson. Raises LessonError."""
    kind = FaultKind(document.one_of((*path, "kind"), file.kind, [kind.value for kind in FaultKind]))
    _link(document, (*path, "link"), file.link, rules)
    return FaultSet(0, file.name, kind, file.link, file.count, file.rate, file.seconds)


def _link(document: Document, path: Path, pair: tuple[str, str], rules: Rules) -> tuple[str, str]:
    if topology.link(document, path, pair, list(rules.by_id)) not in rules.links:
        raise document.error(path, f"no wire joins {pair[0]} and {pair[1]}; see links:")
    return pair


class _Reader:
    """One script, while it is read."""

    def __init__(
        self,
        document: Document,
        number: int,
        file: ScriptFile,
        rules: Rules,
        goals: Mapping[str | None, tuple[str, ...]],
    ) -> None:
        self._document = document
        self._at: Path = ("scripts", number)
        self._file = file
        self._rules = rules
        self._goals = goals

    def script(self) -> Script:
        f, document = self._file, self._document
        if f.variant is not None:
            document.one_of((*self._at, "variant"), f.variant, [name for name in self._goals if name is not None])
        for place, node in enumerate(f.engines):
            self._node((*self._at, "engines", place), node)
        cards = dict(each(f.cards.items(), lambda item: (item[0], self._card(*item))))
        places = [(*self._at, "steps", place) for place in range(len(f.steps))]
        steps = tuple(each(zip(places, f.steps, strict=True), lambda placed: self._step(*placed)))
        lines = tuple(document.line(path) for path in places)
        engines = frozenset(f.engines)
        return Script(f.id, f.title, f.text, cards, steps, lines, f.variant, engines, self._papers(), f.demo)

    def _papers(self) -> dict[str, str]:
        papers = {name: name for name in self._file.cards}
        for name, paper in self._file.same_paper.items():
            path = (*self._at, "same_paper", name)
            self._document.one_of(path, name, list(self._file.cards))
            papers[name] = self._document.one_of(path, paper, [card for card in self._file.cards if card != name])
            if paper in self._file.same_paper:
                raise self._document.error(path, f"{paper} is itself written on the paper of another: name that one")
        return papers

    def _card(self, name: str, text: str) -> Written:
        try:
            return parse_card(text)
        except ValueError as error:
            raise self._document.error((*self._at, "cards", name), f"{text!r} is not a packet: {error}") from None

    def _node(self, path: Path, id: str) -> str:
        return self._document.one_of(path, id, list(self._rules.by_id))

    def _step(self, path: Path, step: StepFile) -> Step:
        kinds = [kind for kind in _KINDS if getattr(step, kind) not in (None, False)]
        if len(kinds) != 1:
            there = f"this has {' and '.join(kinds)}" if kinds else "this has none of them"
            raise self._document.error(path, f"a step is one of {', '.join(_KINDS)}; {there}")
        (kind,) = kinds
        here = (*path, kind)
        value: Any = getattr(step, kind)
        match kind:
            case "scan":
                return self._scan(path, step)
            case "wait":
                return WaitStep(value)
            case "seat":
                return SeatStep(value, None if step.at is None else self._node((*path, "at"), step.at))
            case "goal":
                by = None if step.by is None else self._node((*path, "by"), step.by)
                self._document.one_of(here, value, self._goals[self._file.variant])
                word = self._document.one_of((*path, "is"), step.is_ or "reached", ["reached", "open"])
                return GoalStep(value, by, word == "reached")
            case "turn":
                code = step.is_ or "nothing"
                self._document.one_of((*path, "is"), code, ["nothing", *CODES])
                return TurnStep(self._node(here, value), None if code == "nothing" else code)
            case _:
                return ActStep(self._act(path, here, kind, step, value), self._reason(path, step))

    def _scan(self, path: Path, step: StepFile) -> Step:
        document = self._document
        card = document.one_of((*path, "scan"), step.scan or "", list(self._file.cards))
        if (step.at is None) == (step.by is None):
            raise document.error(path, "a card is scanned at a node, or by a badge: write at: or by:, one of them")
        if step.at is not None:
            self._node((*path, "at"), step.at)
        expect = None
        if step.expect is not None:
            expect = Verdict(document.one_of((*path, "expect"), step.expect, [verdict.value for verdict in Verdict]))
        reason = self._reason(path, step)
        if step.charged is not None:
            document.one_of((*path, "charged"), step.charged, ["nobody", *self._rules.by_id])
        return ScanStep(card, step.at, step.by, step.via, step.ttl, expect, reason, step.charged)

    def _reason(self, path: Path, step: StepFile) -> str | None:
        return None if step.reason is None else self._document.one_of((*path, "reason"), step.reason, list(REASONS))

    def _act(self, path: Path, here: Path, kind: str, step: StepFile, value: Any) -> Act:
        document, word = self._document, _WORDS.get(kind, kind)
        if word in ON_NODE:
            return ON_NODE[word](self._node(here, value))
        if word in ON_TWO:
            return ON_TWO[word](*(self._node((*here, end), node) for end, node in enumerate(value)))
        if word in ON_WIRE:
            return ON_WIRE[word](*_link(document, here, value, self._rules))
        if word in ON_CARD:
            return ON_CARD[word](document.one_of(here, value, list(self._file.cards)))
        match kind:
            case "round":
                return NewRound()
            case "table":
                node, routes = self._node(here, value), step.routes or {}
                return TableSet(
                    0, node, topology.routes_of(document, (*path, "routes"), node, routes, self._rules.links)
                )
            case "fault":
                return fault(document, here, value, self._rules.by_id, self._rules)
            case "lift":
                return FaultLifted(0, value)
            case _:
                raise LessonError(f"{document.name}: no such step: {kind}")
