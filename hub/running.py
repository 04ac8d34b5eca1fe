"""A game that runs: whoever asks, from whichever thread, one step after the other; badges and pages hear of it.

scan -> next in line? -> judge -> journal -> answer. It parses nothing and judges nothing itself.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import nullcontext
from typing import Any

from hub import commands
from hub.board import Board
from hub.clock import Clock, LessonClock
from hub.course import Course, Judged
from hub.feed import Feed
from hub.games import find
from hub.journal import Journal, JournalError
from hub.lessons import Lesson
from hub.lessons.forms import readable_form
from hub.lights import Lights
from hub.messages import Answer, BadgeStatus, Down, Form, Resend, Scan
from hub.pictures import Pictures
from hub.plan import Planned
from hub.seats import Seats
from hub.simulator import bots, verdicts
from hub.simulator.acts import Act, NewRound, PlayStep
from hub.simulator.events import Seated
from hub.simulator.goals import done, reached
from hub.simulator.rounds import Tally
from hub.simulator.verdicts import Ruling
from hub.simulator.world import World
from hub.snapshots import Snapshots

_LOST_COUNT = Ruling(verdicts.Verdict.UNREAD, "room.lost-count")
"""A scan whose counter was passed over by its badge's own word (`oldest`), and that comes all the same."""

_Follow = Callable[[], list[Down]]
"""What is to be done once something is kept: pages are told; what it returns is to be published."""
_Judged = tuple[Answer | Resend, _Follow]
"""What a scan is answered, and what follows."""

log = logging.getLogger(__name__)


class Running:
    """One game, resumed from the journal or begun.

    seats: badges that are to play certain nodes ({"b1": "client"}); any other badge takes a free node when it appears
    (see `hub.seats`). readers: badges at which command cards work; they take no free node. clock: lesson time from a
    given moment on. seed: of the room's luck; without it, it is drawn. asked: see `hub.records.RoomRecord`. feed: where
    changes are told; None: one of its own. pictures: where those of handwriting are kept, snapshots: those of a long
    game; without it, they are not.
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
        asked: str = "",
        feed: Feed | None = None,
        pictures: Pictures | None = None,
        snapshots: Snapshots | None = None,
        on_judged: Callable[[Judged], None] = lambda judged: None,
    ) -> None:
        self._on_judged = on_judged
        self._lock = threading.RLock()
        self._lights = Lights()
        found = find(journal, lesson, fresh, seed, asked)
        self.resumed = found.number is not None
        self.name = found.record.name
        self._lesson = found.lesson
        self._form = readable_form(self._lesson)
        self._seats = Seats(self._lesson, seats or {}, readers)
        self._course = Course(journal, found, clock, pictures, snapshots)
        self._board = Board(self._lesson, self._course, self._seats, feed)
        self._sit(self._seats.at_the_start(self.world))

    @property
    def feed(self) -> Feed:
        """Where the room tells its changes."""
        return self._board.feed

    @property
    def lesson(self) -> Lesson:
        """The lesson as this room plays it: its text is in the journal, a changed file does not change a room."""
        return self._lesson

    @property
    def world(self) -> World:
        """The world at this moment. It is a value: it does not change while one looks at it."""
        return self._course.world

    @property
    def tally(self) -> Tally:
        """Goals, mistakes and hacks so far. A value, like the world."""
        return self._course.tally

    @property
    def done(self) -> bool:
        """Every goal of the lesson is reached that is no quest."""
        return done(self.tally, self._lesson.goals)

    def reached(self, goal: str, node: str | None = None) -> bool:
        """Whether a goal is reached: by a node, or by all who can."""
        return reached(self.tally, self._lesson.goals, goal, node)

    def scan(self, scan: Scan) -> list[Down]:
        """Judge a scan that a badge sent; what is to be published then, the answer first."""
        downs: list[Down] = []
        self.scans([scan], downs.extend)
        return downs

    def scans(self, scans: Sequence[Scan], publish: Callable[[list[Down]], None]) -> None:
        """Judge scans that badges sent, in this order. publish: is given the answers once the journal has all of it,
        then what else is to be published. JournalError: none of them is judged.

        A repeat gets the answer that the journal has. A scan that is not the next of its badge is not judged: the
        missing ones are asked for.
        """
        with self._lock:
            with nullcontext() if self._is_one_record(scans) else self._course.together():
                judged = [self._judge(scan) for scan in scans]
            publish([answer for answer, _ in judged])
            for _, follow in judged:
                publish(follow())

    def status(self, status: BadgeStatus) -> list[Down]:
        """A badge came or went; a badge that has no seat is given one."""
        with self._lock:
            online = status.state == "online"
            if not self._seats.came_or_went(status.badge, online):
                return []
            self._lights.forget(status.badge)
            seated = self._welcome(status.badge) if online else []
            nodes = self.world.seats.get(status.badge, ())
            self._board.changed(nodes)
            if not online:
                return []
            roles = seated or [self._seats.role(self.world, status.badge)]
            return [*roles, *self._forms([status.badge]), *self._lit(nodes)]

    def roles(self) -> list[Down]:
        """Every seated badge's role, and its form: published when the hub comes up, so that badges know it is there."""
        with self._lock:
            badges = sorted(self.world.seats)
            return [*(self._seats.role(self.world, badge) for badge in badges), *self._forms(badges)]

    def tick(self) -> list[Down]:
        """Time has passed: timers that are due fire, what is planned is done, a round that nobody plays any more gives
        way to a new one, and the engine takes one step for each node that it plays. Nothing happens while the room is
        paused.
        """
        with self._lock:
            self._course.keep_snapshot()
            if not self._course.pace:
                return []
            before = self.world
            self._course.pass_time()
            downs = self._time_has_passed(before)
            try:
                while (planned := self._course.due()) is not None:
                    downs += self._carry_out(planned)
                downs += self._make_way()
                for node in sorted(self.world.engines):
                    downs += self._stepped(node)()
            except JournalError as error:
                log.error("%s What was due is done when there is room again", error)  # what was done is told
            return downs

    def announce(self, title: str, text: str) -> None:
        """What is being played now, for the page."""
        with self._lock:
            self._board.announce(title, text)

    def state(self) -> dict[str, Any]:
        """The whole picture for a page (docs/contracts.md, "The page")."""
        with self._lock:
            return self._board.state()

    def _is_one_record(self, scans: Sequence[Scan]) -> bool:
        """A packet that a badge with a seat shows by itself: there is nothing that could be half kept."""
        if len(scans) != 1:
            return False
        (scan,) = scans
        return scan.badge in self.world.seats and scan.command is None and scan.role is None

    def _judge(self, scan: Scan) -> _Judged:
        expected = max(self._course.last_counter(scan) + 1, scan.oldest)
        if scan.counter < expected:
            return self._course.answered(scan) or self._course.answer(scan, _LOST_COUNT), list
        if scan.counter > expected:
            return Resend(scan.badge, scan.boot, expected), list
        if scan.command is not None:
            return self._judge_command(scan, scan.command)
        return self._judge_scan(scan) if scan.role is None else self._judge_role(scan, scan.role)

    def _judge_scan(self, scan: Scan) -> _Judged:
        seated = self._give_seat(scan.badge)
        before = self.world
        judged = self._course.scan(scan)
        assert judged.answer is not None

        def follow() -> list[Down]:
            if seated:
                self._board.changed(self.world.seats.get(scan.badge, ()))
            touched = self._board.judged(before, judged)
            self._on_judged(judged)
            return [*seated, *self._lit(touched)]

        return judged.answer, follow

    def _judge_command(self, scan: Scan, text: str) -> _Judged:
        """A command card: what it says is done once the journal has it."""
        before = self.world
        act, ruling = self._understood(scan.badge, text)
        judged = self._course.command(scan, text, act, ruling)
        assert judged.answer is not None
        taught = self._taught(act if judged.ruling.reason == ruling.reason else None, before)

        def follow() -> list[Down]:
            self._board.changed((), line=judged.public)
            downs = taught()
            self._on_judged(judged)
            return downs

        return judged.answer, follow

    def _understood(self, badge: str, text: str) -> tuple[Act | None, Ruling]:
        """What a command card asks for, None when it asks for nothing here, and what is said of it."""
        new_player = commands.is_for_players(text)
        if badge not in self._seats.readers and not (new_player and self._may_begin_anew(badge)):
            return None, Ruling(verdicts.Verdict.UNREAD, "room.not-a-reader")
        try:
            command = commands.parse(text, self._lesson.rules)
        except ValueError as error:
            return None, Ruling(verdicts.Verdict.UNREAD, "card.command-unknown", {"detail": str(error)})
        params = {"command": command.text} | ({"player": ""} if new_player else {})
        return command.act, Ruling(verdicts.Verdict.DELIVERED, "room.commanded", params)

    def _may_begin_anew(self, badge: str) -> bool:
        """A badge of the room may do at once what waiting would do a little later."""
        return self._lesson.reset_after is not None and badge in self.world.seats

    def _judge_role(self, scan: Scan, node: str) -> _Judged:
        """A role card: its badge plays the node from now on, if nobody else does. Who left is told, too."""
        before = self.world.seats
        judged = self._course.role(scan, node, self._seats.refusal(self.world, scan.badge, node))
        assert judged.answer is not None

        def follow() -> list[Down]:
            now = self.world.seats
            moved = [badge for badge in sorted({*before, *now}) if before.get(badge) != now.get(badge)]
            touched = [each for badge in moved for each in (*before.get(badge, ()), *now.get(badge, ()))]
            touched += [] if judged.ruling.node is None else [judged.ruling.node]
            self._board.changed(touched, line=judged.public)
            self._on_judged(judged)
            return [*(self._seats.role(self.world, badge) for badge in moved), *self._lit(touched)]

        return judged.answer, follow

    def _taught(self, act: Act | None, before: World) -> _Follow:
        """What follows in the game from what a teacher has done, None: nothing; what is then to be told of both."""
        moves = self._seats.in_a_new_round(self.world) if isinstance(act, NewRound) else []
        roles = self._sit(moves)
        stepped: _Follow = self._stepped(act.node) if isinstance(act, PlayStep) else list
        return lambda: [*roles, *self._everything_changed(before), *stepped()]

    def _carry_out(self, planned: Planned) -> list[Down]:
        before = self.world
        with self._course.together():
            refused = self._course.carry_out(planned)
            follow = self._taught(None if refused else planned.act, before)
        return follow()

    def _make_way(self) -> list[Down]:
        """Nobody has scanned anything for as long as the lesson waits: a new round begins, for whoever comes next."""
        due, before = self._course.resets_at, self.world
        if due is None or due > before.at:
            return []
        with self._course.together():
            self._course.act(NewRound())
            follow = self._taught(NewRound(), before)
        return follow()

    def _stepped(self, node: str) -> _Follow:
        """The engine plays one step for a node, if there is one to play; what is then to be told."""
        played = bots.step(self.world, node)
        if played is None:
            return list
        before = self.world
        judged = self._course.play(played)

        def follow() -> list[Down]:
            touched = self._board.judged(before, judged)
            self._on_judged(judged)
            return self._lit(touched)

        return follow

    def _welcome(self, badge: str) -> list[Down]:
        """A badge that has no seat is given one; the roles that change."""
        with self._course.together():
            roles = self._give_seat(badge)
        if roles:
            self._board.changed(self.world.seats[badge])
        return roles

    def _give_seat(self, badge: str) -> list[Down]:
        return self._sit(self._seats.for_newcomer(self.world, badge))

    def _sit(self, moves: Iterable[Seated]) -> list[Down]:
        """Badges sit down and leave; the roles that they have then."""
        moves = list(moves)
        for move in moves:
            self._course.sit(move)
        return [self._seats.role(self.world, badge) for badge in dict.fromkeys(move.badge for move in moves)]

    def _forms(self, badges: Iterable[str]) -> list[Down]:
        """What badges must know to read the cards for the pen of this lesson; nothing, when it can have none."""
        return [] if self._form is None else [Form(badge, self._form) for badge in badges]

    def _time_has_passed(self, before: World) -> list[Down]:
        """Tell pages and badges when a timer has run out, or a slow link has let a card go."""
        woken = bots.wakes_at(before)
        return [] if woken is None or woken > self.world.at else self._everything_changed(before)

    def _everything_changed(self, before: World) -> list[Down]:
        """Tell pages and badges of a world that may differ anywhere."""
        return self._lit(self._board.everything_changed(before))

    def _lit(self, nodes: Iterable[str]) -> list[Down]:
        """What the badges of these nodes show between scans, where it has changed."""
        badges = dict.fromkeys(self._seats.badge_at(self.world, node) for node in nodes)
        lights = (self._lights.changed(self.world, badge) for badge in badges if badge is not None)
        return [light for light in lights if light is not None]
