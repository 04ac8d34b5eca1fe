"""The past of a game: its records, in order, and what came of each. The world moves by the rules of today; what people
were told then stays as it was.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from cards.jsonform import from_json
from cards.packet import Written
from cards.payload import Ink
from hub import commands, view
from hub.discreet import COMMANDED
from hub.lessons import Lesson
from hub.messages import Answer
from hub.moments import Moments
from hub.plan import Plan, Planned, find, refused, with_planned, without
from hub.records import (
    BackRecord,
    CancelledRecord,
    DoneRecord,
    HintedRecord,
    MovedRecord,
    PaceRecord,
    PlannedRecord,
    PlayedRecord,
    Record,
    RoomRecord,
    RoundRecord,
    ScannedRecord,
    SeatedRecord,
)
from hub.seats import taking
from hub.simulator import acts, history, verdicts
from hub.simulator.acts import Act, NewRound
from hub.simulator.events import HandedOver, Hinted, Passed, Played, Scanned, Seated
from hub.simulator.history import History
from hub.simulator.rounds import Tally
from hub.simulator.rules import Rules
from hub.simulator.verdicts import Ruling
from hub.simulator.world import Instance, World, new_world
from hub.view import StoryLine

SEATED = "room.seated"
"""What the answer says when a role card gave its badge the node."""
_OUTSIDE = frozenset(("room.no-seat", "room.not-a-reader", "room.seat-taken", "room.no-such-node"))
"""What it says to a badge that has no part in the game."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Past:
    """One record, and what came of it. number: its own in the journal. at: lesson time in ms.

    ruling, line: of a scan, and of a step of the engine. world, tally: after it. done: it could happen again as it did.
    """

    number: int
    at: int
    record: Record
    ruling: Ruling | None
    line: StoryLine | None
    world: World
    tally: Tally
    done: bool

    @property
    def answer(self) -> Answer | None:
        """What a badge was told."""
        return self.record.answer if isinstance(self.record, ScannedRecord) else None

    @property
    def as_it_was(self) -> bool:
        """What is said of it today is what was said then."""
        told = self.record if isinstance(self.record, PlayedRecord) else self.answer
        if told is None or self.ruling is None:
            return True
        return (told.verdict.value, told.reason) == (self.ruling.verdict.value, self.ruling.reason)


class Since(msgspec.Struct, frozen=True):
    """From where a game goes on (see `Replay`)."""

    history: history.Since
    plan: Plan
    pace: float
    unsent: dict[str, Instance]
    stirred: int | None


class Replay:
    """A game from its start on, record by record.

    number: of the record with which the room began. history, plan, pace: as they are after the last record that was
    taken.
    moments: what one can go back to. unsent: cards that were sent in what has been taken back, and not since.
    stirred: when people scanned a packet in this round, or the teacher did something for them since (ms); None: nothing
    was scanned.
    """

    def __init__(self, lesson: Lesson, seed: str, number: int) -> None:
        self._lesson = lesson
        self.history = History(new_world(lesson.rules, seed), lesson.goals)
        self.plan: Plan = ()
        self.pace = 1.0
        for fault in lesson.faults:
            self.history.take(fault)
        self.unsent: Mapping[str, Instance] = {}
        self.moments = Moments()
        self.moments.begin(number, self.history, self.plan)
        self._round = self.history.world.round
        self.stirred: int | None = None
        self._done = True

    @classmethod
    def going_on(cls, lesson: Lesson, since: Since, number: int) -> Replay:
        """A game of which only the end is known, which was right after the record of this number."""
        game = cls.__new__(cls)
        game._lesson = lesson
        game.history = History.going_on(since.history, lesson.goals)
        game.plan, game.pace, game.unsent, game.stirred = since.plan, since.pace, since.unsent, since.stirred
        game.moments = Moments()
        game.moments.begin(number, game.history, game.plan)
        game._round = game.history.world.round
        game._done = True
        return game

    @property
    def since(self) -> Since:
        """All that is needed to go on from here."""
        return Since(self.history.since, self.plan, self.pace, dict(self.unsent), self.stirred)

    def copy(self) -> Replay:
        """The same game, to try something on: what happens to one does not happen to the other."""
        other = copy.copy(self)
        other.history, other.moments = self.history.copy(), self.moments.copy()
        return other

    def take(self, number: int, record: Record) -> Past:
        """The next record happens."""
        assert not isinstance(record, RoomRecord), "a room begins in front of its records"
        self._done = True
        if isinstance(record, BackRecord):
            self._go_back(record.to)
            ruling, line = None, None
        else:
            ruling, line = self._happen(number, record)
        self.note(number, record)
        at = record.move.at if isinstance(record, MovedRecord) else record.at
        return Past(number, at, record, ruling, line, self.history.world, self.history.tally, self._done)

    def note(self, number: int, record: Record) -> None:
        """A record has been made, and `history` is as it is after it."""
        if self.history.world.round == self._round:
            self.moments.note(number, record, self.history, self.plan)
            self._stir(record)
            return
        self._round = self.history.world.round
        self.stirred = None
        self.moments.begin(number, self.history, self.plan)
        self.unsent = {}

    def then(self, number: int) -> World:
        """The world right after a record of this round (`Moments.first` or later), for a look: nothing goes back."""
        past = copy.copy(self)
        past._return_to(number)
        return past.history.world

    def _stir(self, record: Record) -> None:
        """What the engine plays, what happens by itself, and who has no seat, says nothing of those who play."""
        if isinstance(record, ScannedRecord) and not of_the_game(self.history.world, record.badge, record.answer):
            return
        match record:
            case ScannedRecord(command=None, role=None):
                self.stirred = self.history.world.at
            case BackRecord() if not self.history.tally.players:
                self.stirred = None
            case ScannedRecord() | MovedRecord() | HintedRecord() | BackRecord() if self.stirred is not None:
                self.stirred = self.history.world.at

    def _happen(self, number: int, record: Record) -> tuple[Ruling | None, StoryLine | None]:
        ruling, line = None, None
        match record:
            case SeatedRecord():
                self.history.take(Seated(record.at, record.badge, record.node, record.others))
            case RoundRecord():
                self._redo(NewRound(), record.at)
            case MovedRecord():
                self._redo(record.move, record.move.at)
            case PlayedRecord():
                event = Played(record.at, record.node, record.card, from_json(record.written))
                (ruling,) = self.history.take(event)
                line = played_line(self._lesson.rules, number, self.history.world.round, ruling, record)
            case ScannedRecord():
                ruling = self._scanned(record)
                line = scanned_line(self._lesson.rules, number, self.history.world.round, ruling, record)
            case PaceRecord():
                self.history.take(Passed(record.at))
                self.pace = record.rate
            case PlannedRecord():
                self.history.take(Passed(record.at))
                self.plan = with_planned(self.plan, Planned(number, record.due, record.act))
            case DoneRecord():
                self._carry_out(record)
            case CancelledRecord():
                self.history.take(Passed(record.at))
                self.plan = without(self.plan, record.plan)
            case HintedRecord():
                self.history.take(Hinted(record.at, record.node, record.step))
            case RoomRecord() | BackRecord():
                raise AssertionError("neither is something that happens in a game")
        return ruling, line

    def _go_back(self, to: int) -> None:
        """Be as right after record `to`; but who plays what stays as it is now, and so does the pace."""
        if to < self.moments.first:
            self._done = False
            return
        before, pace = self.history.world, self.pace
        self._return_to(to)
        self.pace = pace
        self._seat_as(before)
        sent = {card: instance for card, instance in before.instances.items() if instance.paper}
        there = self.history.world.instances
        self.unsent = {card: each for card, each in {**self.unsent, **sent}.items() if card not in there}

    def _return_to(self, number: int) -> None:
        """History, plan and pace are as right after a record of this round."""
        moment, records = self.moments.before(number)
        self.history, self.plan = moment.history.copy(), moment.plan
        for each, record in records:
            self._happen(each, record)

    def _seat_as(self, other: World) -> None:
        """Whoever plays what in another world plays it in this one."""
        world = self.history.world
        for badge in sorted({*world.seats, *other.seats}):
            nodes = other.seats.get(badge, ())
            if nodes != world.seats.get(badge, ()):
                self.history.take(Seated(world.at, badge, nodes[0] if nodes else None, nodes[1:]))
        for node in sorted(world.engines ^ other.engines):
            self.history.take(HandedOver(world.at, node, node in other.engines))

    def _scanned(self, record: ScannedRecord) -> Ruling:
        if record.command is not None:
            return self._commanded(record, record.command)
        if record.role is not None:
            return self._seated(record, record.role)
        written = None if record.written is None else without_picture(from_json(record.written))
        event = Scanned(record.at, record.badge, record.card, written, record.problem, record.detail)
        (ruling,) = self.history.take(event)
        return ruling

    def _commanded(self, record: ScannedRecord, text: str) -> Ruling:
        """Whether a command was carried out its answer says: the readers of today may be others."""
        answer = record.answer
        if answer.reason == COMMANDED:
            try:
                self._redo(commands.parse(text, self._lesson.rules).act, record.at)
            except ValueError as error:
                log.error("The command %r was carried out once, and means nothing any more: %s", text, error)
        self.history.take(Passed(record.at))
        return Ruling(verdicts.Verdict(answer.verdict.value), answer.reason, {"command": text}, card=record.card)

    def _seated(self, record: ScannedRecord, node: str) -> Ruling:
        """Whether the badge got its node its answer says: which badges were off then nobody knows any more."""
        answer = record.answer
        take_seat(self.history, record.at, record.badge, node if answer.reason == SEATED else None)
        return Ruling(verdicts.Verdict(answer.verdict.value), answer.reason, node=answer.node, card=record.card)

    def _carry_out(self, record: DoneRecord) -> None:
        """What was planned is done, or could not be."""
        planned = find(self.plan, record.plan)
        if planned is None:
            return
        if record.refused:
            self.history.take(Passed(record.at))
            self.plan = refused(self.plan, planned.id, record.refused)
            return
        self.plan = without(self.plan, planned.id)
        self._redo(planned.act, record.at)

    def _redo(self, act: Act, at: int) -> None:
        self._done = acts.do(self.history, act, at) is None and self._done


def replay(lesson: Lesson, seed: str, records: Iterable[tuple[int, Record]]) -> Iterator[Past]:
    """A whole game, record by record: those that come after its `RoomRecord`, up to the next room's."""
    game: Replay | None = None
    for number, record in records:
        if isinstance(record, RoomRecord):
            return
        game = game or Replay(lesson, seed, number - 1)
        yield game.take(number, record)


def of_the_game(world: World, badge: str, answer: Answer) -> bool:
    """Whether a scan is one of those who play, or of a reader of command cards: what somebody shows who is neither is
    answered, and nothing else. world: after it.
    """
    return badge in world.seats or answer.reason not in _OUTSIDE


def take_seat(history: History, at: int, badge: str, node: str | None) -> None:
    """As a role card asks. A badge that plays the node already stays where it is; None: it does not get it."""
    history.take(Passed(at))
    if node is not None and node not in history.world.seats.get(badge, ()):
        for seated in taking(history.world, badge, node):
            history.take(msgspec.structs.replace(seated, at=at))


def scanned_line(rules: Rules, number: int, round: int, ruling: Ruling, record: ScannedRecord) -> StoryLine:
    """What the story says of a scan."""
    answer = record.answer
    shown = view.seen(rules, ruling, None if record.written is None else from_json(record.written))
    said = answer.verdict, answer.reason, answer.sentence, answer.key
    return view.story_line(number, round, record.at, record.badge, ruling, shown, *said)


def played_line(rules: Rules, number: int, round: int, ruling: Ruling, record: PlayedRecord) -> StoryLine:
    """What the story says of a step of the engine."""
    shown = view.seen(rules, ruling, from_json(record.written), on_paper=False)
    return view.story_line(number, round, record.at, "", ruling, shown, record.verdict, ruling.reason, record.sentence)


def without_picture(written: Written) -> Written:
    """The picture of the handwriting is kept elsewhere: nothing is judged by it, and the world stays small."""
    if not isinstance(written.payload, Ink):
        return written
    return msgspec.structs.replace(written, payload=Ink(len(written.payload)))
