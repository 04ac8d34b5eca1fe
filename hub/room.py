"""The room service: the one place that owns the current world. It parses nothing and judges nothing itself.

scan -> next in line? -> judge -> journal -> answer. Whoever asks, from whichever thread: one step after the other.
"""

from __future__ import annotations

import logging
import re
import secrets
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import msgspec
from msgspec import UNSET

from cards.jsonform import from_json, to_json
from cards.notation import write
from cards.packet import Written
from cards.payload import Ink
from hub import commands, view
from hub.clock import Clock, LessonClock
from hub.commands import Act as Commanded
from hub.commands import LiftAll, NewRound, PlayStep
from hub.feed import Feed
from hub.journal import (
    Journal,
    MovedRecord,
    PlayedRecord,
    Record,
    RoomRecord,
    RoundRecord,
    ScannedRecord,
    SeatedRecord,
)
from hub.lessons import Lesson, from_text
from hub.messages import Answer, BadgeStatus, Down, Light, LightWord, Resend, Role, Scan, Verdict
from hub.simulator import RULES_VERSION, bots, verdicts
from hub.simulator.events import FaultLifted, Passed, Played, Redone, RoundBegan, Scanned, Seated, TeacherMove, Undone
from hub.simulator.goals import Tally, done, reached
from hub.simulator.history import History
from hub.simulator.race import rotation
from hub.simulator.reasons import REASONS
from hub.simulator.turns import turn
from hub.simulator.verdicts import Ruling
from hub.simulator.world import World, new_world
from hub.speech import said, turn_text
from hub.view import Act, Change, LessonView, NodeView, PacketView, RoomState, StoryLine

STORY_LINES = 50
"""Lines of the story that a page gets when it is opened."""
MOST_BADGES = 1000
"""Badges whose coming and going a room follows; of more it takes no notice."""

log = logging.getLogger(__name__)

_LOST_COUNT = Ruling(verdicts.Verdict.UNREAD, "room.lost-count")
"""A scan whose counter was passed over by its badge's own word (`oldest`), and that comes all the same."""
_COMMANDED = "room.commanded"


@dataclass(frozen=True, slots=True)
class _Badge:
    """What the room remembers of a badge beside its seat: not part of the world, nothing is judged by it.

    online: None: it has not said yet whether it is.
    """

    online: bool | None = None
    light: Light | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """An event that was judged: its ruling, and the world after it. event: its number in the journal."""

    event: int
    at: int
    badge: str | None
    ruling: Ruling
    answer: Answer | None
    world: World


class Room:
    """One game, resumed from the journal or begun.

    seats: badges that are to play certain nodes ({"b1": "client"}); any other badge takes a free node when it appears
    (see `_free_node`). readers: badges at which command cards work; they take no free node. clock: lesson time from a
    given moment on. seed: of the room's luck; without it, it is drawn.
    on_judged: hears of every scan and every step of the engine once it is in the journal. Raises ValueError for seats
    that the room does not have, before anything is written.
    """

    def __init__(
        self,
        journal: Journal,
        lesson: Lesson,
        *,
        seats: dict[str, str] | None = None,
        readers: Collection[str] = (),
        fresh: bool = False,
        clock: Callable[[int], Clock] = LessonClock,
        seed: str | None = None,
        on_judged: Callable[[Judged], None] = lambda judged: None,
    ) -> None:
        self.feed = Feed()
        self._on_judged = on_judged
        self._lock = threading.RLock()
        self._journal = journal
        self._reserved = dict(seats or {})
        self._readers = frozenset(readers)
        self._badges: dict[str, _Badge] = {}
        self._played_by: dict[str, str] = {}
        self._last_answer: dict[str, Answer] = {}
        self._story: deque[StoryLine] = deque(maxlen=STORY_LINES)
        self._act: Act | None = None
        newest = None if fresh else journal.newest_room()
        if newest is not None and newest[1].lesson == lesson.id:
            number, record = newest
            self.resumed = True
            self._lesson = from_text(record.source, record.lesson)
        else:
            self.resumed = False
            self._lesson = lesson
            record = _new_room(lesson, seed)
        _check_seats(self._reserved, self._lesson)
        if not self.resumed:
            number = journal.begin(record)
        self.name = record.name
        self._history = History(new_world(self._lesson.rules, record.seed), self._lesson.goals)
        for fault in self._lesson.faults:
            self._history.take(fault)
        for n, past in journal.records(after=number):
            self._replay(n, past)
        self._clock = clock(self.world.at)
        for badge, node in self._reserved.items():
            self._reseat(badge, node)

    @property
    def lesson(self) -> Lesson:
        """The lesson as this room plays it: its text is in the journal, a changed file does not change a room."""
        return self._lesson

    @property
    def world(self) -> World:
        """The world at this moment. It is a value: it does not change while one looks at it."""
        return self._history.world

    @property
    def tally(self) -> Tally:
        """Goals, mistakes and hacks so far. A value, like the world."""
        return self._history.tally

    @property
    def done(self) -> bool:
        """Every goal of the lesson is reached that is no quest."""
        return done(self.tally, self._lesson.goals)

    def reached(self, goal: str, node: str | None = None) -> bool:
        """Whether a goal is reached: by a node, or by all who can."""
        return reached(self.tally, self._lesson.goals, goal, node)

    def scan(self, scan: Scan) -> list[Down]:
        """Judge a scan that a badge sent; what is to be published then, the answer first.

        A repeat gets the answer that the journal has. A scan that is not the next of its badge is not judged: the
        missing ones are asked for.
        """
        with self._lock:
            last = self._journal.last_counter(scan.badge, scan.boot)
            expected = max(last + 1, scan.oldest)
            if scan.counter < expected:
                return [self._journal.answer(scan.badge, scan.boot, scan.counter) or self._answer(scan, _LOST_COUNT)]
            if scan.counter > expected:
                return [Resend(scan.badge, scan.boot, expected)]
            return self._judge_scan(scan) if scan.command is None else self._judge_command(scan, scan.command)

    def status(self, status: BadgeStatus) -> list[Down]:
        """A badge came or went; a badge that has no seat is given one."""
        with self._lock:
            known = self._badges.get(status.badge)
            if known is None and len(self._badges) >= MOST_BADGES:
                return []
            self._badges[status.badge] = replace(known or _Badge(), online=status.state == "online", light=None)
            seated = self._seat(status.badge) if status.state == "online" else []
            nodes = self.world.seats.get(status.badge, ())
            self._changed(nodes)
            if status.state == "offline":
                return []
            return [*(seated or [self._role(status.badge)]), *self._lights(nodes)]

    def roles(self) -> list[Down]:
        """Every seated badge's role: published when the hub comes up, so that badges know it is there."""
        with self._lock:
            return [self._role(badge) for badge in sorted(self.world.seats)]

    def new_round(self) -> list[Down]:
        """Begin a new round: cards and connections are forgotten; seats stay, unless the lesson's race rotates them."""
        with self._lock:
            at = self._clock.now_ms()
            self._journal.append(RoundRecord(at))
            before = self.world
            self._begin_round(at)
            return [*self._rotate(), *self._everything_changed(before)]

    def teach(self, move: TeacherMove) -> list[Down]:
        """A teacher's move, now: its `at` does not matter. What it names that is not there changes nothing."""
        with self._lock:
            move = msgspec.structs.replace(move, at=self._clock.now_ms())
            self._journal.append(MovedRecord(move))
            before = self.world
            self._moved(move)
            return self._everything_changed(before)

    def seat(self, badge: str, node: str | None, others: tuple[str, ...] = ()) -> list[Down]:
        """A badge takes a node (and others with it), from whoever has it; or leaves its own."""
        with self._lock:
            wanted = [] if node is None else [node, *others]
            holders = sorted({self._played_by[each] for each in wanted if each in self._played_by} - {badge})
            for holder in holders:
                self._sit_durably(holder, None)
            left = self.world.seats.get(badge, ())
            self._sit_durably(badge, node, others)
            touched = [*left, *self.world.seats.get(badge, ())]
            self._changed(touched)
            return [*(self._role(each) for each in (*holders, badge)), *self._lights(touched)]

    def play(self, node: str) -> list[Down]:
        """The engine plays one step for a node: it takes what is due there, or sends what is owed or wanted."""
        with self._lock:
            self._pass_time()
            played = bots.step(self.world, node)
            return [] if played is None else self._play(played)

    def tick(self) -> list[Down]:
        """Time has passed: timers that are due fire, and the engine takes one step for each node that it plays."""
        with self._lock:
            before = self.world
            self._pass_time()
            downs = self._everything_changed(before) if self.world.since is not before.since else []
            for node in sorted(self.world.engines):
                played = bots.step(self.world, node)
                if played is not None:
                    downs += self._play(played)
            return downs

    def announce(self, title: str, text: str) -> None:
        """What is being played now, for the page."""
        with self._lock:
            self._act = Act(title, text)
            self._publish(Change(act=self._act))

    def state(self) -> dict[str, Any]:
        """The whole picture for a page (docs/contracts.md, "The page")."""
        with self._lock:
            lesson = self._lesson
            state = RoomState(
                lesson=LessonView(lesson.id, lesson.title, lesson.goal),
                round=self.world.round,
                act=self._act,
                nodes=[self._node(node.id) for node in lesson.rules.nodes],
                links=view.links(lesson),
                packets=view.packets(self.world),
                story=list(self._story),
            )
        picture: dict[str, Any] = msgspec.to_builtins(state)
        return picture

    def _judge_scan(self, scan: Scan) -> list[Down]:
        seated = self._seat(scan.badge)
        event = _scanned(self._clock.now_ms(), scan)
        before = self.world
        judgement = self._history.judge(event)
        (ruling,) = judgement.rulings
        answer = self._answer(scan, ruling)
        number = self._journal.append(_scanned_record(event, scan, answer))
        self._history.keep(judgement)
        line = self._note(number, event.at, scan.badge, ruling, answer)
        touched = self._shown(before, ruling, line)
        self._on_judged(Judged(number, event.at, scan.badge, ruling, answer, self.world))
        return [*seated, answer, *self._lights(touched)]

    def _judge_command(self, scan: Scan, text: str) -> list[Down]:
        """A command card: what it says is done once the journal has it."""
        at, before = self._clock.now_ms(), self.world
        act, ruling = self._understood(scan, text)
        answer = self._answer(scan, ruling)
        number = self._journal.append(
            ScannedRecord(
                at, scan.badge, scan.boot, scan.counter, scan.card, None, None, "", answer=answer, command=text
            )
        )
        line = self._note(number, at, scan.badge, ruling, answer)
        self._changed((), line=line)
        self._carry_out(act, at)
        downs = self._everything_changed(before)
        if isinstance(act, PlayStep):
            downs += self.play(act.node)
        self._on_judged(Judged(number, at, scan.badge, ruling, answer, self.world))
        return [answer, *downs]

    def _understood(self, scan: Scan, text: str) -> tuple[Commanded | None, Ruling]:
        """What a command card asks for, None when that is not done, and what is said of it."""
        if scan.badge not in self._readers:
            return None, Ruling(verdicts.Verdict.UNREAD, "room.not-a-reader", card=scan.card)
        try:
            command = commands.parse(text, self._lesson.rules)
        except ValueError as error:
            return None, Ruling(verdicts.Verdict.UNREAD, "card.command-unknown", {"detail": str(error)}, card=scan.card)
        return command.act, Ruling(verdicts.Verdict.DELIVERED, _COMMANDED, {"command": command.text}, card=scan.card)

    def _carry_out(self, act: Commanded | None, at: int) -> None:
        """Do what a command card asks for; a step of the engine has a record of its own, and is played after this."""
        self._history.take(Passed(at))
        match act:
            case None | PlayStep():
                pass
            case NewRound():
                self._begin_round(at)
            case LiftAll():
                for name in sorted(self.world.faults):
                    self._moved(FaultLifted(at, name))
            case _:
                self._moved(msgspec.structs.replace(act, at=at))

    def _begin_round(self, at: int) -> None:
        self._history.take(RoundBegan(at))
        self._last_answer.clear()

    def _play(self, played: Played) -> list[Down]:
        """A step of the engine: judged, kept and shown like a scan, but nobody waits for an answer."""
        before = self.world
        judgement = self._history.judge(played)
        (ruling,) = judgement.rulings
        sentence = said(self._lesson.rules, ruling)
        verdict = Verdict(ruling.verdict.value)
        written = to_json(played.written)
        number = self._journal.append(
            PlayedRecord(played.at, played.node, played.card, written, verdict, ruling.reason, sentence)
        )
        self._history.keep(judgement)
        line = self._note_played(number, played.at, ruling, verdict, sentence)
        self._on_judged(Judged(number, played.at, None, ruling, None, self.world))
        return self._lights(self._shown(before, ruling, line))

    def _moved(self, move: TeacherMove) -> None:
        match move:
            case Undone(node=node):
                self._history.undo(node)
            case Redone(node=node):
                self._history.redo(node)
            case _:
                self._history.take(move)

    def _pass_time(self) -> None:
        """Timers fire; a journal need not know: the next event that it has makes them fire at the same moments."""
        self._history.take(Passed(self._clock.now_ms()))

    def _shown(self, before: World, ruling: Ruling, line: StoryLine) -> list[str]:
        """Tell the page what a ruling has changed; the nodes that it has touched."""
        instance = None if ruling.card is None else before.instances.get(ruling.card)
        due_before = None if instance is None else instance.due
        places = (ruling.node, ruling.came_from, due_before, ruling.goes_to)
        touched = [node for node in places if node is not None]
        now = None if ruling.card is None else self.world.instances.get(ruling.card)
        moved = [] if now is None or now is instance else [view.packet(self.world, now.card)]
        self._changed(touched, moved, line)
        return touched

    def _everything_changed(self, before: World) -> list[Down]:
        """Tell pages and badges of a world that may differ anywhere."""
        nodes = [node.id for node in self._lesson.rules.nodes]
        there = view.packets(self.world)
        known = {packet.card for packet in there}
        gone = [msgspec.structs.replace(packet, to=None) for packet in view.packets(before) if packet.card not in known]
        self._changed(nodes, [*gone, *there])
        return self._lights(nodes)

    def _replay(self, number: int, record: Record) -> None:
        """One record of the past: the world moves as the rules say now, what was answered stays as it was."""
        match record:
            case SeatedRecord():
                self._sit(Seated(record.at, record.badge, record.node, record.others))
            case RoundRecord():
                self._begin_round(record.at)
            case MovedRecord():
                self._moved(record.move)
            case PlayedRecord():
                (ruling,) = self._history.take(Played(record.at, record.node, record.card, from_json(record.written)))
                self._note_played(number, record.at, ruling, record.verdict, record.sentence)
            case ScannedRecord(command=str(text)):
                self._replay_command(number, record, text)
            case ScannedRecord():
                event = Scanned(
                    record.at,
                    record.badge,
                    record.card,
                    None if record.written is None else _without_picture(from_json(record.written)),
                    record.problem,
                    record.detail,
                )
                (ruling,) = self._history.take(event)
                self._note(number, record.at, record.badge, ruling, record.answer)
            case RoomRecord():
                raise AssertionError("a room begins only in front of its records")

    def _replay_command(self, number: int, record: ScannedRecord, text: str) -> None:
        """Whether a command was carried out its answer says: the readers of today may be others."""
        answer, act = record.answer, None
        if answer.reason == _COMMANDED:
            try:
                act = commands.parse(text, self._lesson.rules).act
            except ValueError as error:
                log.error("The command %r was carried out once, and means nothing any more: %s", text, error)
        self._carry_out(act, record.at)
        ruling = Ruling(verdicts.Verdict(answer.verdict.value), answer.reason, card=record.card)
        self._note(number, record.at, record.badge, ruling, answer)

    def _answer(self, scan: Scan, ruling: Ruling) -> Answer:
        return _answer(scan, ruling, said(self._lesson.rules, ruling))

    def _note(self, number: int, at: int, badge: str, ruling: Ruling, answer: Answer) -> StoryLine:
        line = view.story_line(number, at, badge, ruling, answer.verdict, answer.reason, answer.sentence, answer.key)
        self._story.append(line)
        if answer.node is not None:
            self._last_answer[answer.node] = answer
        return line

    def _note_played(self, number: int, at: int, ruling: Ruling, verdict: Verdict, sentence: str) -> StoryLine:
        line = view.story_line(number, at, "", ruling, verdict, ruling.reason, sentence)
        self._story.append(line)
        return line

    def _seat(self, badge: str) -> list[Down]:
        """Give a badge that has none a free node; if there is none, the node of a badge that is off."""
        if badge in self.world.seats or badge in self._readers:
            return []
        node = self._free_node(badge)
        left = None
        if node is None:
            left = next((each for each in sorted(self.world.seats) if self._is_off(each)), None)
            if left is None:
                return []
            node = self.world.seats[left][0]
            self._sit_durably(left, None)
        self._sit_durably(badge, node)
        self._changed([node])
        return [self._role(each) for each in (left, badge) if each is not None]

    def _reseat(self, badge: str, node: str) -> None:
        """Give a node to the badge it is kept for, whoever has sat there so far."""
        holder = self._played_by.get(node)
        if holder == badge:
            return
        if holder is not None:
            self._sit_durably(holder, None)
        self._sit_durably(badge, node)

    def _is_off(self, badge: str) -> bool:
        """A badge that said goodbye, or whose last will was heard. One that was never heard of may still come."""
        known = self._badges.get(badge)
        return known is not None and known.online is False and badge not in self._reserved

    def _rotate(self) -> list[Down]:
        """In a race everybody plays the next node of their team in the next round."""
        race = self._lesson.race
        if race is None or not race.rotate:
            return []
        moves = rotation(self._lesson.rules, self.world.seats, self.world.engines)
        for badge, node in moves.items():
            self._sit_durably(badge, node)
        return [self._role(badge) for badge in moves]

    def _sit_durably(self, badge: str, node: str | None, others: tuple[str, ...] = ()) -> None:
        event = Seated(self._clock.now_ms(), badge, node, others)
        self._journal.append(SeatedRecord(event.at, badge, node, others))
        self._sit(event)

    def _sit(self, event: Seated) -> None:
        self._history.take(event)
        self._played_by = {node: badge for badge, nodes in sorted(self.world.seats.items()) for node in nodes}

    def _free_node(self, badge: str) -> str | None:
        """The node of its name; else that of its number ("b2": the second), or any that nobody has. A node that the
        engine plays by the lesson is a station: its badge comes last, unless it has that name or number.
        """
        rules = self._lesson.rules
        nodes = [node.id for node in rules.nodes if node.id not in rules.engines]
        nodes += [node.id for node in rules.nodes if node.id in rules.engines]
        taken = set(self._played_by) | (self.world.engines - rules.engines)
        number = re.search(r"\d{1,4}$", badge)
        wanted = [badge]
        if number and 0 < int(number[0]) <= len(nodes):
            wanted.append(rules.nodes[int(number[0]) - 1].id)
        return next((node for node in [*wanted, *nodes] if node in nodes and node not in taken), None)

    def _role(self, badge: str) -> Role:
        nodes = self.world.seats.get(badge)
        if not nodes:
            return Role(badge, lesson=self._lesson.title)
        node = nodes[0]
        rules = self._lesson.rules.node(node)
        return Role(badge, node, rules.title, str(rules.address), self._lesson.title)

    def _lights(self, nodes: Iterable[str]) -> list[Down]:
        """What the badges of these nodes show between scans, where it has changed."""
        lights: list[Down] = []
        for node in dict.fromkeys(nodes):
            badge = self._played_by.get(node)
            if badge is None:
                continue
            light = self._light(badge, node)
            known = self._badges.get(badge, _Badge())
            if known.light != light:
                self._badges[badge] = replace(known, light=light)
                lights.append(light)
        return lights

    def _light(self, badge: str, node: str) -> Light:
        """What a badge shows between scans. A station has nothing to write: it waits for a card, or for somebody who
        takes its answer along.
        """
        answer = bots.untaken(self.world, node)
        if answer is not None:
            sentence = f"{said(self._lesson.rules, answer.last)} {write(answer.said)}"
            return Light(badge, LightWord.YOUR_TURN, sentence[:1000])
        owed = turn(self.world, node)
        if owed is None or owed.optional or (node in self.world.engines and owed.card is None):
            return Light(badge, LightWord.READY)
        word = LightWord.SEND_AGAIN if owed.code == "resend" else LightWord.YOUR_TURN
        return Light(badge, word, turn_text(owed)[:1000])

    def _node(self, node: str) -> NodeView:
        badge = self._played_by.get(node)
        online = badge is not None and self._badges.get(badge, _Badge()).online is True
        return view.node(self._lesson, self.world, node, badge, online, self._last_answer.get(node))

    def _changed(self, nodes: Iterable[str], packets: Sequence[PacketView] = (), line: StoryLine | None = None) -> None:
        self._publish(
            Change(
                entry=UNSET if line is None else line,
                nodes=[self._node(node) for node in dict.fromkeys(nodes)],
                packets=list(packets),
                round=self.world.round,
            )
        )

    def _publish(self, change: Change) -> None:
        self.feed.publish("change", msgspec.to_builtins(change))


def _check_seats(seats: dict[str, str], lesson: Lesson) -> None:
    nodes = [node.id for node in lesson.rules.nodes]
    for badge, node in seats.items():
        if node not in nodes:
            raise ValueError(f"Badge {badge} cannot play {node!r}: this room has {', '.join(nodes)}")
    if len(set(seats.values())) < len(seats):
        raise ValueError("A node is played by one badge: two have been given the same")


def _new_room(lesson: Lesson, seed: str | None) -> RoomRecord:
    began = datetime.now(UTC)
    return RoomRecord(
        name=f"{lesson.id.replace(':', '-')}-{began:%Y%m%d-%H%M%S}",
        lesson=lesson.id,
        source=lesson.source,
        seed=seed or secrets.token_hex(16),
        rules=RULES_VERSION,
        program=version("paperhop"),
        began=began.isoformat(timespec="seconds"),
    )


def _scanned(at: int, scan: Scan) -> Scanned:
    """A scan as an event. What the JSON schema lets through and a card cannot hold (999.0.0.1) is a damaged card."""
    if scan.written is None:
        assert scan.problem is not None
        return Scanned(at, scan.badge, scan.card, None, scan.problem.code, scan.problem.detail)
    try:
        return Scanned(at, scan.badge, scan.card, _without_picture(from_json(scan.written)))
    except ValueError as error:
        return Scanned(at, scan.badge, scan.card, None, "card.not-understood", str(error))


def _without_picture(written: Written) -> Written:
    """The picture of the handwriting stays in the journal: nothing is judged by it, and the world stays small."""
    if not isinstance(written.payload, Ink):
        return written
    return msgspec.structs.replace(written, payload=Ink(len(written.payload)))


def _scanned_record(event: Scanned, scan: Scan, answer: Answer) -> ScannedRecord:
    written = scan.written if event.written is not None else None
    return ScannedRecord(
        event.at, scan.badge, scan.boot, scan.counter, scan.card, written, event.problem, event.detail, answer
    )


def _answer(scan: Scan, ruling: Ruling, sentence: str) -> Answer:
    reason = REASONS.get(ruling.reason)
    stopped = ruling.verdict is verdicts.Verdict.STOPPED
    return Answer(
        badge=scan.badge,
        boot=scan.boot,
        counter=scan.counter,
        verdict=Verdict(ruling.verdict.value),
        reason=ruling.reason,
        sentence=sentence[:1000],
        light=LightWord(ruling.verdict.value),
        key=reason.key if reason is not None and stopped else None,
        node=ruling.node,
    )
