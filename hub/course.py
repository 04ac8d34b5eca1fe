"""The course of one game, durable: whatever happens is in the journal before it is so, and a game is its replay."""

from __future__ import annotations

import base64
import copy
import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from cards.jsonform import InkJson, from_json, to_json
from hub.clock import Clock, is_pace
from hub.crowd import with_room
from hub.discreet import as_all_may_see
from hub.games import Found
from hub.holders import Holders, holders
from hub.journal import Journal
from hub.messages import Answer, LightWord, Scan, Verdict
from hub.pictures import Pictures
from hub.plan import MOST_PLANNED, MOST_SECONDS, Plan, Planned, find, first
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
    RoundRecord,
    ScannedRecord,
    SeatedRecord,
)
from hub.replay import SEATED, Past, Replay, of_the_game, played_line, scanned_line, take_seat, without_picture
from hub.simulator import acts, verdicts
from hub.simulator.acts import Act, LiftAll, NewRound, PlayStep
from hub.simulator.events import FaultLifted, Passed, Played, Scanned, Seated
from hub.simulator.reasons import REASONS
from hub.simulator.rounds import Tally
from hub.simulator.teacher import nothing_done, unknown
from hub.simulator.verdicts import Ruling
from hub.simulator.world import World
from hub.snapshots import Snapshot, Snapshots
from hub.speech import Help, help_at, said
from hub.view import StoryLine

log = logging.getLogger(__name__)

STORY_LINES = 50
"""Lines of the story that a page gets when it is opened."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An event that was judged: its ruling, and the world after it. event: its number in the journal.

    line: what is said of it; public: as all may see it, None: not at all. badge, answer: None when the engine played.
    """

    event: int
    at: int
    badge: str | None
    ruling: Ruling
    answer: Answer | None
    world: World
    line: StoryLine
    public: StoryLine | None


class Course:
    """A game that goes on. story, last_answer: what was said last, and what a node's badge was told, as all may
    see it (`discreet`); last_ruling: node -> what its badge was told last in truth. went_on_from: the record after
    which it was played again when the hub started: its first, or that of a snapshot.

    clock: lesson time from a given moment on. pictures: where those of handwriting are kept; None: they are not.
    snapshots: where those of the game are; None: nowhere.
    """

    def __init__(
        self,
        journal: Journal,
        found: Found,
        clock: Callable[[int], Clock],
        pictures: Pictures | None = None,
        snapshots: Snapshots | None = None,
    ) -> None:
        self._journal = journal
        self._snapshots = snapshots
        self._pictures = pictures
        self._lesson = found.lesson
        self.story: deque[StoryLine] = deque(maxlen=STORY_LINES)
        self.last_answer: dict[str, Answer] = {}
        self.last_ruling: dict[str, Ruling] = {}
        number = journal.begin(found.record) if found.number is None else found.number
        self._number, self._seed = number, found.record.seed
        self._snapped = number
        self._game = Replay(self._lesson, self._seed, number)
        self._go_on()
        self._clock = clock(self.world.at)
        if self.pace != 1:
            self._clock.go_on(self.world.at, self.pace)

    @property
    def world(self) -> World:
        """The world at this moment."""
        return self._game.history.world

    @property
    def tally(self) -> Tally:
        """Goals, mistakes and hacks so far."""
        return self._game.history.tally

    @property
    def plan(self) -> Plan:
        """What is to be done later."""
        return self._game.plan

    @property
    def pace(self) -> float:
        """Seconds of lesson time in a second; 0: it is paused."""
        return self._game.pace

    @property
    def resets_at(self) -> int | None:
        """When a new round begins by itself if nothing is scanned until then, in ms of lesson time; None: it does not,
        or nothing has been scanned in this one yet.
        """
        after, stirred = self._lesson.reset_after, self._game.stirred
        return None if after is None or stirred is None else stirred + after * 1000

    @contextmanager
    def together(self) -> Iterator[None]:
        """What happens within is kept by one write to the disk, or none of it: then the game is as it was before, and
        whatever was the reason is raised. One within another is a part of it.
        """
        if self._journal.is_together:
            yield
            return
        game, story = self._game.copy(), self.story.copy()
        answers, rulings = dict(self.last_answer), dict(self.last_ruling)
        clock = copy.copy(self._clock)
        try:
            with self._journal.together():
                yield
        except BaseException:
            self._game, self.story, self.last_answer, self.last_ruling = game, story, answers, rulings
            self._clock = clock
            raise

    def answered(self, scan: Scan) -> Answer | None:
        """What a scan was answered that the journal has."""
        return self._journal.answer(scan.badge, scan.boot, scan.counter)

    def last_counter(self, scan: Scan) -> int:
        """The number of the scan that was taken last of the same badge; 0: none."""
        return self._journal.last_counter(scan.badge, scan.boot)

    def pass_time(self) -> None:
        """Timers fire; a journal need not know: the next event that it has makes them fire at the same moments."""
        self._game.history.take(Passed(self._clock.now_ms()))

    def sit(self, seated: Seated) -> None:
        """A badge sits down or leaves, now."""
        self._keep(SeatedRecord(self._clock.now_ms(), seated.badge, seated.node, seated.others))

    def scan(self, scan: Scan) -> Judged:
        """A badge has seen a packet's card."""
        event = with_room(self.world, _scanned(self._clock.now_ms(), scan))
        judgement = self._game.history.judge(event)
        (ruling,) = judgement.rulings
        answer = self.answer(scan, ruling)
        record = self._scanned_record(event, scan, answer)
        number = self._journal.append(record)
        self._game.history.keep(judgement)
        self._game.note(number, record)
        return self._judged(number, ruling, record)

    def command(self, scan: Scan, text: str, act: Act | None, ruling: Ruling) -> Judged:
        """A reader has seen a command card. act: what it asks for, None: nothing; ruling: what is said of it when
        nothing is in the way.
        """
        at, tried = self._clock.now_ms(), self._game.history.copy()
        refused = None if act is None else acts.do(tried, act, at)
        ruling = msgspec.structs.replace(refused or ruling, card=scan.card)
        answer = self.answer(scan, ruling)
        record = ScannedRecord(
            at, scan.badge, scan.boot, scan.counter, scan.card, None, None, "", answer=answer, command=text
        )
        number = self._journal.append(record)
        self._game.history = tried
        if isinstance(act, NewRound) and refused is None:
            self._forget_the_last()
        self._game.note(number, record)
        return self._judged(number, ruling, record)

    def role(self, scan: Scan, node: str, refused: Ruling | None) -> Judged:
        """A badge has seen a role card: it takes this node, from whoever has it. refused: it does not, and why."""
        at = self._clock.now_ms()
        ruling = refused or Ruling(verdicts.Verdict.DELIVERED, SEATED, node=node)
        ruling = msgspec.structs.replace(ruling, card=scan.card)
        answer = self.answer(scan, ruling)
        record = ScannedRecord(
            at, scan.badge, scan.boot, scan.counter, scan.card, None, None, "", answer=answer, role=node
        )
        number = self._journal.append(record)
        take_seat(self._game.history, at, scan.badge, None if refused else node)
        self._game.note(number, record)
        return self._judged(number, ruling, record)

    def act(self, act: Act) -> Ruling | None:
        """A teacher does something, now. A ruling: nothing has been done, and why. A step of the engine is a move of
        its own (`play`): here it is only seen whether there is one.
        """
        at, tried = self._clock.now_ms(), self._game.history.copy()
        refused = acts.do(tried, act, at)
        if refused is not None:
            return refused
        match act:
            case PlayStep():
                self._game.history.take(Passed(at))
            case NewRound():
                self._keep(RoundRecord(at))
            case LiftAll():
                for name in sorted(self.world.faults):
                    self._keep(MovedRecord(FaultLifted(at, name)))
            case _:
                self._keep(MovedRecord(msgspec.structs.replace(act, at=at)))
        return None

    def go_on(self, pace: float) -> Ruling | None:
        """Time goes on at this pace; 0: it is paused. A ruling: it cannot go like this."""
        if not is_pace(pace):
            return nothing_done(self.world, "room.no-such-pace", "", rate=f"{pace:g}")
        self._set_clock(self._clock.now_ms(), pace)
        return None

    def step_to(self, at: int) -> None:
        """It is `at` ms now in a paused room."""
        self._set_clock(at, 0)

    def play(self, played: Played) -> Judged:
        """A step of the engine: judged and kept like a scan, but nobody waits for an answer."""
        judgement = self._game.history.judge(played)
        (ruling,) = judgement.rulings
        sentence = said(self._lesson.rules, ruling)
        verdict = Verdict(ruling.verdict.value)
        written = to_json(played.written)
        record = PlayedRecord(played.at, played.node, played.card, written, verdict, ruling.reason, sentence)
        number = self._journal.append(record)
        self._game.history.keep(judgement)
        self._game.note(number, record)
        line = played_line(self._lesson.rules, number, self.world.round, ruling, record)
        public = self._tell(line, None, ruling)
        return Judged(number, played.at, None, ruling, None, self.world, line, public)

    def answer(self, scan: Scan, ruling: Ruling) -> Answer:
        """What a scan is answered."""
        reason = REASONS.get(ruling.reason)
        stopped = ruling.verdict is verdicts.Verdict.STOPPED
        return Answer(
            badge=scan.badge,
            boot=scan.boot,
            counter=scan.counter,
            verdict=Verdict(ruling.verdict.value),
            reason=ruling.reason,
            sentence=said(self._lesson.rules, ruling)[:1000],
            light=LightWord(ruling.verdict.value),
            key=reason.key if reason is not None and stopped else None,
            node=ruling.node,
        )

    def back(self, event: int) -> Ruling | None:
        """The game is again as it was right after the record of this number. A ruling: it cannot be, and why."""
        first, last = self._game.moments.first, self._game.moments.last
        if not first <= event <= last:
            reason = "room.older-round" if self._number <= event < first else "room.no-such-moment"
            params = {"event": str(event), "first": str(first), "last": str(last)}
            return nothing_done(self.world, reason, "", **params)
        self._keep(BackRecord(self._clock.now_ms(), event))
        self._clock.go_on(self.world.at, self.pace)
        return None

    def holders(self) -> Holders:
        """Who must hold which card now."""
        return holders(self.world, self._game.unsent)

    def help(self, node: str) -> Help | Ruling:
        """How to help the player of a node. A ruling: there is nothing to help with."""
        stranger = unknown(self.world, node)
        if stranger is not None:
            return stranger
        return help_at(self.world, node, self.last_ruling.get(node)) or nothing_done(self.world, "room.no-help", node)

    def hint(self, node: str, step: int, sentence: str) -> None:
        """The player of a node is given a hint."""
        self._keep(HintedRecord(self._clock.now_ms(), node, step, sentence))

    def plan_act(self, act: Act, in_seconds: float) -> int | Ruling:
        """An act is to be done so many seconds of lesson time from now; the number of the plan. A ruling: it cannot be
        planned, and why.
        """
        refused = acts.misnamed(self.world, act)
        if refused is not None:
            return refused
        if not 0 < in_seconds <= MOST_SECONDS:
            return nothing_done(self.world, "room.no-such-time", "", seconds=f"{in_seconds:g}")
        if len(self.plan) >= MOST_PLANNED:
            return nothing_done(self.world, "room.too-much-planned", "")
        at = self._clock.now_ms()
        return self._keep(PlannedRecord(at, at + round(in_seconds * 1000), act)).number

    def cancel(self, id: int) -> Ruling | None:
        """A planned act is not to be done. A ruling: there is none with this number."""
        if find(self.plan, id) is None:
            return nothing_done(self.world, "room.no-such-plan", "", plan=str(id))
        self._keep(CancelledRecord(self._clock.now_ms(), id))
        return None

    def due(self) -> Planned | None:
        """The planned act whose time has come first."""
        planned = first(self.plan)
        return None if planned is None or planned.due > self._clock.now_ms() else planned

    def carry_out(self, planned: Planned) -> str:
        """A planned act is done now; or why it cannot be, in words."""
        at = self._clock.now_ms()
        refused = acts.do(self._game.history.copy(), planned.act, at)
        why = "" if refused is None else said(self._lesson.rules, refused)
        self._keep(DoneRecord(at, planned.id, why))
        return why

    def keep_snapshot(self) -> None:
        """Keep a snapshot, when it is time for one and the journal has all that has happened."""
        number = self._journal.last
        if self._snapshots is None or number - self._snapped < self._snapshots.every:
            return
        digest = self._journal.hash(number)
        assert digest is not None
        said = tuple(self.story), dict(self.last_answer), dict(self.last_ruling)
        snapshot = Snapshot(number, digest, self._number, self._game.since, *said)
        if self._snapshots.take(snapshot, self._lesson.rules):
            self._snapped = number

    def _go_on(self) -> None:
        """The game is what the journal has."""
        if self._snapshots is not None:
            last = self._journal.last
            self._snapped = max(self._number, self._snapshots.newest(last))
            for snapshot in self._snapshots.usable(self._lesson.rules, self._number, last):
                if self._fits(snapshot) and self._go_on_from(snapshot):
                    self.went_on_from = snapshot.number
                    return
                self._snapshots.throw_away(snapshot.number)
        self.went_on_from = self._number
        self.story.clear()
        self._forget_the_last()
        self._game = Replay(self._lesson, self._seed, self._number)
        for n, record in self._journal.records(after=self._number):
            self._take(n, record)

    def _fits(self, snapshot: Snapshot) -> bool:
        """It is of this game, and of this journal."""
        return snapshot.room == self._number and self._journal.hash(snapshot.number) == snapshot.hash

    def _go_on_from(self, snapshot: Snapshot) -> bool:
        """Play what came after a snapshot; False: not all of it came out as it was."""
        self.story = deque(snapshot.story, maxlen=STORY_LINES)
        self.last_answer, self.last_ruling = dict(snapshot.last_answer), dict(snapshot.last_ruling)
        self._game = Replay.going_on(self._lesson, snapshot.game, snapshot.number)
        for n, record in self._journal.records(after=snapshot.number):
            past = self._take(n, record)
            if not past.done or not past.as_it_was:
                log.info("Record %d does not follow from the snapshot at %d, which is passed over", n, snapshot.number)
                return False
        return True

    def _scanned_record(self, event: Scanned, scan: Scan, answer: Answer) -> ScannedRecord:
        written = None if event.written is None else scan.written
        picture = None
        if written is not None and written.ink is not None and written.ink.picture:
            if self._pictures is not None:
                picture = self._pictures.put(base64.b64decode(written.ink.picture))
            written = msgspec.structs.replace(written, ink=InkJson(written.ink.length))
        card, problem, detail = scan.card, event.problem, event.detail
        return ScannedRecord(
            event.at, scan.badge, scan.boot, scan.counter, card, written, problem, detail, answer, picture=picture
        )

    def _set_clock(self, at: int, pace: float) -> None:
        self._keep(PaceRecord(at, pace))
        self._clock.go_on(at, pace)

    def _keep(self, record: Record) -> Past:
        """What this record says happens, once the journal has it."""
        return self._take(self._journal.append(record), record)

    def _take(self, number: int, record: Record) -> Past:
        before = self.world.round
        past = self._game.take(number, record)
        if past.world.round != before or isinstance(record, BackRecord):
            self._forget_the_last()
        if past.line is not None and past.ruling is not None:
            self._tell(past.line, past.answer, past.ruling)
        return past

    def _forget_the_last(self) -> None:
        self.last_answer.clear()
        self.last_ruling.clear()

    def _judged(self, number: int, ruling: Ruling, record: ScannedRecord) -> Judged:
        line = scanned_line(self._lesson.rules, number, self.world.round, ruling, record)
        public = self._tell(line, record.answer, ruling)
        return Judged(number, record.at, record.badge, ruling, record.answer, self.world, line, public)

    def _tell(self, line: StoryLine, answer: Answer | None, ruling: Ruling) -> StoryLine | None:
        """Keep what was said; what is new in the story, as all may see it."""
        rules = self._lesson.rules
        seen = as_all_may_see(rules, ruling)
        if ruling.node is not None:
            self.last_ruling[ruling.node] = ruling
        if seen is None:
            return None
        if seen is not ruling:
            reason = REASONS[seen.reason]
            line = msgspec.structs.replace(
                line,
                verdict=Verdict(seen.verdict.value),
                reason=seen.reason,
                sentence=said(rules, seen),
                light=LightWord(seen.verdict.value),
                rfc=reason.rfc,
                goes_to=seen.goes_to,
            )
        in_the_story = answer is None or of_the_game(self.world, line.badge, answer)
        if in_the_story:
            self.story.append(line)
        if answer is not None and answer.node is not None:
            self.last_answer[answer.node] = msgspec.structs.replace(
                answer, verdict=line.verdict, reason=line.reason, sentence=line.sentence, light=line.light, key=line.key
            )
        return line if in_the_story else None


def _scanned(at: int, scan: Scan) -> Scanned:
    """A scan as an event. What the JSON schema lets through and a card cannot hold (999.0.0.1) is a damaged card."""
    if scan.written is None:
        assert scan.problem is not None
        return Scanned(at, scan.badge, scan.card, None, scan.problem.code, scan.problem.detail)
    try:
        return Scanned(at, scan.badge, scan.card, without_picture(from_json(scan.written)))
    except ValueError as error:
        return Scanned(at, scan.badge, scan.card, None, "card.not-understood", str(error))
