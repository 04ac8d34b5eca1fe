"""The room service: the one place that owns the current world. It parses nothing and judges nothing itself.

scan -> next in line? -> judge -> journal -> answer. Whoever asks, from whichever thread: one step after the other.
"""

from __future__ import annotations

import logging
import re
import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import msgspec
from msgspec import UNSET

from cards.jsonform import from_json
from cards.packet import Written
from cards.payload import Ink
from hub import view
from hub.clock import LessonClock
from hub.feed import Feed
from hub.journal import Journal, Record, RoomRecord, RoundRecord, ScannedRecord, SeatedRecord
from hub.lessons import Lesson, from_text
from hub.messages import Answer, BadgeStatus, Down, Light, LightWord, Resend, Role, Scan, Verdict
from hub.simulator import RULES_VERSION, verdicts
from hub.simulator.events import RoundBegan, Scanned, Seated
from hub.simulator.reasons import REASONS
from hub.simulator.referee import judge
from hub.simulator.verdicts import Ruling
from hub.simulator.world import World, new_world, turn
from hub.texts import sentence
from hub.view import Act, Change, LessonView, NodeView, PacketView, RoomState, StoryLine

STORY_LINES = 50
"""Lines of the story that a page gets when it is opened."""
MOST_BADGES = 1000
"""Badges whose coming and going a room follows; of more it takes no notice."""

log = logging.getLogger(__name__)

_LOST_COUNT = Ruling(verdicts.Verdict.UNREAD, "room.lost-count")
"""A scan whose counter was passed over by its badge's own word (`oldest`), and that comes all the same."""


@dataclass(frozen=True, slots=True)
class _Badge:
    """What the room remembers of a badge beside its seat: not part of the world, nothing is judged by it."""

    online: bool = False
    light: LightWord | None = None


class Room:
    """One game, resumed from the journal or begun.

    seats: badges that are to play certain nodes ({"b1": "client"}); any other badge takes a free node when it appears
    (see `_free_node`). clock: lesson time from a given moment on. Raises ValueError for seats that the room does not
    have, before anything is written.
    """

    def __init__(
        self,
        journal: Journal,
        lesson: Lesson,
        *,
        seats: dict[str, str] | None = None,
        fresh: bool = False,
        clock: Callable[[int], LessonClock] = LessonClock,
    ) -> None:
        self.feed = Feed()
        self._lock = threading.RLock()
        self._journal = journal
        self._reserved = dict(seats or {})
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
            record = _new_room(lesson)
        _check_seats(self._reserved, self._lesson)
        if not self.resumed:
            number = journal.begin(record)
        self.name = record.name
        self._world = new_world(self._lesson.rules, record.seed)
        for n, past in journal.records(after=number):
            self._replay(n, past)
        self._clock = clock(self._world.at)
        for badge, node in self._reserved.items():
            self._reseat(badge, node)

    @property
    def lesson(self) -> Lesson:
        """The lesson as this room plays it: its text is in the journal, a changed file does not change a room."""
        return self._lesson

    @property
    def world(self) -> World:
        """The world at this moment. It is a value: it does not change while one looks at it."""
        return self._world

    def scan(self, scan: Scan) -> list[Down]:
        """Judge a scan that a badge sent; what is to be published then, the answer first.

        A repeat gets the answer that the journal has. A scan that is not the next of its badge is not judged: the
        missing ones are asked for.
        """
        with self._lock:
            last = self._journal.last_counter(scan.badge, scan.boot)
            expected = max(last + 1, scan.oldest)
            if scan.counter < expected:
                return [self._journal.answer(scan.badge, scan.boot, scan.counter) or _answer(scan, _LOST_COUNT)]
            if scan.counter > expected:
                return [Resend(scan.badge, scan.boot, expected)]
            return self._judge_scan(scan)

    def status(self, status: BadgeStatus) -> list[Down]:
        """A badge came or went; a badge that has no seat is given one."""
        with self._lock:
            known = self._badges.get(status.badge)
            if known is None and len(self._badges) >= MOST_BADGES:
                return []
            self._badges[status.badge] = replace(known or _Badge(), online=status.state == "online", light=None)
            seated = self._seat(status.badge) if status.state == "online" else []
            node = self._world.seats.get(status.badge)
            self._changed([node] if node else [])
            if status.state == "offline":
                return []
            return [*(seated or [self._role(status.badge)]), *self._lights([node] if node else [])]

    def roles(self) -> list[Down]:
        """Every seated badge's role: published when the hub comes up, so that badges know it is there."""
        with self._lock:
            return [self._role(badge) for badge in sorted(self._world.seats)]

    def new_round(self) -> list[Down]:
        """Begin a new round: cards and connections are forgotten, seats stay."""
        with self._lock:
            at = self._clock.now_ms()
            self._journal.append(RoundRecord(at))
            forgotten = [msgspec.structs.replace(packet, to=None) for packet in view.packets(self._world)]
            self._world, _ = judge(self._world, RoundBegan(at))
            self._last_answer.clear()
            nodes = [node.id for node in self._lesson.rules.nodes]
            self._changed(nodes, forgotten)
            return self._lights(nodes)

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
                round=self._world.round,
                act=self._act,
                nodes=[self._node(node.id) for node in lesson.rules.nodes],
                links=view.links(lesson),
                packets=view.packets(self._world),
                story=list(self._story),
            )
        picture: dict[str, Any] = msgspec.to_builtins(state)
        return picture

    def _judge_scan(self, scan: Scan) -> list[Down]:
        seated = self._seat(scan.badge)
        at = self._clock.now_ms()
        event = _scanned(at, scan)
        world, (ruling,) = judge(self._world, event)
        answer = _answer(scan, ruling)
        number = self._journal.append(_scanned_record(event, scan, answer))
        before, self._world = self._world, world
        line = self._note(number, at, scan.badge, ruling, answer)
        instance = None if ruling.card is None else before.instances.get(ruling.card)
        due_before = None if instance is None else instance.due
        touched = [node for node in (ruling.node, due_before, ruling.goes_to) if node is not None]
        now = None if ruling.card is None else world.instances.get(ruling.card)
        moved = [] if now is None or now is instance else [view.packet(world, now.card)]
        self._changed(touched, moved, line)
        return [*seated, answer, *self._lights(touched)]

    def _replay(self, number: int, record: Record) -> None:
        """One record of the past: the world moves as the rules say now, what was answered stays as it was."""
        match record:
            case SeatedRecord():
                self._sit(Seated(record.at, record.badge, record.node))
            case RoundRecord():
                self._world, _ = judge(self._world, RoundBegan(record.at))
                self._last_answer.clear()
            case ScannedRecord():
                event = Scanned(
                    record.at,
                    record.badge,
                    record.card,
                    None if record.written is None else _without_picture(from_json(record.written)),
                    record.problem,
                    record.detail,
                )
                self._world, (ruling,) = judge(self._world, event)
                self._note(number, record.at, record.badge, ruling, record.answer)
            case RoomRecord():
                raise AssertionError("a room begins only in front of its records")

    def _note(self, number: int, at: int, badge: str, ruling: Ruling, answer: Answer) -> StoryLine:
        line = view.story_line(number, at, badge, ruling, answer)
        self._story.append(line)
        if answer.node is not None:
            self._last_answer[answer.node] = answer
        return line

    def _seat(self, badge: str) -> list[Down]:
        """Give a badge that has none a free node; if there is none, the node of a badge that is off."""
        if badge in self._world.seats:
            return []
        node = self._free_node(badge)
        left = None
        if node is None:
            left = next((each for each in sorted(self._world.seats) if self._is_off(each)), None)
            if left is None:
                return []
            node = self._world.seats[left]
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
        return known is not None and not known.online and badge not in self._reserved

    def _sit_durably(self, badge: str, node: str | None) -> None:
        event = Seated(self._clock.now_ms(), badge, node)
        self._journal.append(SeatedRecord(event.at, badge, node))
        self._sit(event)

    def _sit(self, event: Seated) -> None:
        self._world, _ = judge(self._world, event)
        self._played_by = {node: badge for badge, node in sorted(self._world.seats.items())}

    def _free_node(self, badge: str) -> str | None:
        """The node of its name; else that of its number ("b2": the second), or any that nobody has."""
        nodes = [node.id for node in self._lesson.rules.nodes]
        taken = set(self._world.seats.values())
        number = re.search(r"\d{1,4}$", badge)
        wanted = [badge]
        if number and 0 < int(number[0]) <= len(nodes):
            wanted.append(nodes[int(number[0]) - 1])
        return next((node for node in [*wanted, *nodes] if node in nodes and node not in taken), None)

    def _role(self, badge: str) -> Role:
        node = self._world.seats.get(badge)
        if node is None:
            return Role(badge, lesson=self._lesson.title)
        rules = self._lesson.rules.node(node)
        return Role(badge, node, rules.title, str(rules.address), self._lesson.title)

    def _lights(self, nodes: Iterable[str]) -> list[Down]:
        """What the badges of these nodes show between scans, where it has changed."""
        lights: list[Down] = []
        for node in dict.fromkeys(nodes):
            badge = self._played_by.get(node)
            if badge is None:
                continue
            owed = turn(self._world, node)
            word = LightWord.READY if owed is None else LightWord.YOUR_TURN
            known = self._badges.get(badge, _Badge())
            if known.light is not word:
                self._badges[badge] = replace(known, light=word)
                text = "" if owed is None else view.turn_text(owed)
                lights.append(Light(badge, word, text))
        return lights

    def _node(self, node: str) -> NodeView:
        badge = self._played_by.get(node)
        online = badge is not None and self._badges.get(badge, _Badge()).online
        return view.node(self._lesson, self._world, node, badge, online, self._last_answer.get(node))

    def _changed(self, nodes: Iterable[str], packets: Sequence[PacketView] = (), line: StoryLine | None = None) -> None:
        self._publish(
            Change(
                entry=UNSET if line is None else line,
                nodes=[self._node(node) for node in dict.fromkeys(nodes)],
                packets=list(packets),
                round=self._world.round,
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


def _new_room(lesson: Lesson) -> RoomRecord:
    began = datetime.now(UTC)
    return RoomRecord(
        name=f"{lesson.id}-{began:%Y%m%d-%H%M%S}",
        lesson=lesson.id,
        source=lesson.source,
        seed=secrets.token_hex(16),
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


def _answer(scan: Scan, ruling: Ruling) -> Answer:
    reason = REASONS.get(ruling.reason)
    stopped = ruling.verdict is verdicts.Verdict.STOPPED
    return Answer(
        badge=scan.badge,
        boot=scan.boot,
        counter=scan.counter,
        verdict=Verdict(ruling.verdict.value),
        reason=ruling.reason,
        sentence=sentence(ruling.reason, ruling.params)[:1000],
        light=LightWord(ruling.verdict.value),
        key=reason.key if reason is not None and stopped else None,
        node=ruling.node,
    )
