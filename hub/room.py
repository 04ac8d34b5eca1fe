"""A room: a game that runs, and all that a teacher does to it. Whatever changes the game is in the journal first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub import commands, stepping
from hub.game_view import FaultView, PlanView, TableView, faults, plan, tables
from hub.holders import Holders
from hub.messages import Down, Role
from hub.plan import Plan, Planned, first
from hub.refusals import NothingDoneError
from hub.running import Running
from hub.seats import swapping, taking
from hub.simulator import bots
from hub.simulator.acts import Act, NewRound
from hub.simulator.events import HandedOver, Seated
from hub.simulator.teacher import nothing_done, unknown
from hub.simulator.verdicts import Ruling
from hub.speech import Help, said
from hub.texts import of_room


@dataclass(frozen=True, slots=True)
class Stepped:
    """One thing that has happened in a paused room. text: what it was. downs: what badges must be told of it."""

    text: str
    downs: list[Down]


@dataclass(frozen=True, slots=True)
class WentBack:
    """A room has gone back to an earlier moment. holders: who must hold which card. downs: what badges must be told."""

    holders: Holders
    downs: list[Down]


class Room(Running):
    """A game that runs (`Running`), with its teacher."""

    def new_round(self) -> list[Down]:
        """Begin a new round: cards and connections are forgotten; seats stay, unless the lesson's race rotates them."""
        return self.teach(NewRound())

    def teach(self, act: Act) -> list[Down]:
        """What a teacher does, now: its `at` does not matter. Raises NothingDoneError, which says why it cannot be."""
        with self._lock:
            before = self.world
            with self._course.together():
                refused = self._course.act(act)
                follow = self._taught(None if refused else act, before)
            self._unless(refused)
            return follow()

    def pace(self, rate: float) -> list[Down]:
        """So many seconds of lesson time are in a second from now on; 0: time stands still.

        In a paused room cards are judged as ever, as paper goes on; timers, slow links and engines wait. Raises
        NothingDoneError for a rate that is neither 0 nor from 0.25 to 8.
        """
        with self._lock:
            before = self.world
            self._unless(self._course.go_on(rate))
            self._board.changed()
            return self._time_has_passed(before)

    def start_over(self) -> list[Down]:
        """Begin a new round, in which time stands still until the teacher lets it go on."""
        with self._lock:
            before = self.world
            with self._course.together():
                self._course.act(NewRound())
                follow = self._taught(NewRound(), before)
                self._course.go_on(0)
            return follow()

    def step(self) -> Stepped:
        """The next thing that would happen by itself in a paused room happens: an engine plays a step, or time goes on
        to the moment at which a timer runs out, a slow link lets a card go, or something is planned. Raises
        NothingDoneError.
        """
        with self._lock:
            before = self.world
            if self._course.pace:
                self._unless(nothing_done(before, "room.not-paused", ""))
            played = bots.next_step(before)
            if played is not None:
                downs = self._stepped(played.node)()
                what = {"who": self._lesson.rules.title(played.node), "what": self._course.story[-1].sentence}
                return Stepped(of_room("step.engine", what, self._lesson.rules.language), downs)
            after, planned = stepping.next_world(before), first(self._course.plan)
            if planned is not None and (after is None or planned.due <= after.at):
                return self._step_of_plan(planned)
            if after is None:
                raise self._refusal(nothing_done(before, "room.nothing-by-itself", ""))
            self._course.step_to(after.at)
            return Stepped(stepping.told(before, self.world), self._everything_changed(before))

    def back(self, event: int) -> WentBack:
        """The room is again as it was right after this record of the journal (`StoryLine.event`), one of this round or
        that with which it began. Raises NothingDoneError for any other.

        Lesson time is that of then, and timers go on from there. Who plays what, and the pace, stay as they are now;
        so does what badges were answered: a scan that is sent again gets its answer again.
        """
        with self._lock:
            before = self.world
            self._unless(self._course.back(event))
            return WentBack(self._course.holders(), self._everything_changed(before))

    def holders(self) -> Holders:
        """Who must hold which card now."""
        with self._lock:
            return self._course.holders()

    def help(self, node: str) -> Help:
        """How to help the player of a node, in three steps, for the teacher alone. Raises NothingDoneError when there
        is nothing to help with.
        """
        with self._lock:
            return self._help(node)

    def helpable(self) -> list[str]:
        """The nodes whose players can be given a hint now: there is something to help with, and somebody to read it."""
        with self._lock:
            nodes = {node for seats in self.world.seats.values() for node in seats}
            return sorted(node for node in nodes if isinstance(self._course.help(node), Help))

    def hint(self, node: str, step: int) -> list[Down]:
        """Give the player of a node a hint: 0 a question, 1 where to look, 2 the answer. It goes to the badge, whose
        light stays as it is, and counts as given (`Player.hints`). Raises NothingDoneError.
        """
        with self._lock:
            there = self._help(node)
            if step not in range(len(there.steps)):
                raise self._refusal(nothing_done(self.world, "room.no-such-hint", "", step=str(step)))
            badge = self._seats.badge_at(self.world, node)
            if badge is None:
                raise self._refusal(nothing_done(self.world, "room.nobody-there", node))
            sentence = there.steps[step]
            self._course.hint(node, step, sentence)
            self._board.changed([node])
            return [self._lights.hint(self.world, badge, node, sentence)]

    def is_hint(self, badge: str) -> bool:
        """Whether what a badge shows between scans is a hint."""
        with self._lock:
            return self._lights.is_hint(badge)

    def plan(self, act: Act, in_seconds: float) -> int:
        """A teacher's act is to be done so many seconds of lesson time from now; the number of the plan.

        Raises NothingDoneError, which says why it cannot be planned. Whether it can be done shows when its time comes.
        """
        with self._lock:
            number = self._course.plan_act(act, in_seconds)
            if isinstance(number, Ruling):
                raise self._refusal(number)
            self._board.changed()
            return number

    def planned(self) -> Plan:
        """What is planned, and what could not be done when its time had come, by that time."""
        return self._course.plan

    def cancel(self, plan: int) -> None:
        """A planned act is not to be done. Raises NothingDoneError when there is none with this number."""
        with self._lock:
            self._unless(self._course.cancel(plan))
            self._board.changed()

    def seat(self, badge: str, node: str | None, others: tuple[str, ...] = ()) -> list[Down]:
        """A badge takes a node (and others with it), from whoever has it; or leaves its own. Connections stay with the
        node. Raises NothingDoneError when there is no such node.
        """
        with self._lock:
            self._unless(unknown(self.world, *(() if node is None else (node, *others))))
            return self._moved(taking(self.world, badge, node, others))

    def take(self, badge: str, node: str) -> list[Down]:
        """A badge takes a node that nobody plays, or whose badge is off, as with a role card; a phone, too, one that is
        kept for a badge that is not there. Raises NothingDoneError for any other.
        """
        with self._lock:
            self._unless(self._seats.refusal(self.world, badge, node))
            there = node in self.world.seats.get(badge, ())
            return self._moved([] if there else taking(self.world, badge, node))

    def release(self, badge: str) -> list[Down]:
        """A badge leaves its node, or nodes; who waits for a seat that is kept gets it. Raises NothingDoneError when it
        has none.
        """
        with self._lock:
            if badge not in self.world.seats:
                self._unless(nothing_done(self.world, "room.no-such-badge", "", badge=badge))
            left = self.world.seats[badge]
            downs = self._moved(taking(self.world, badge, None))
            waiting = [each for node in left if (each := self._seats.kept_for(node)) not in (None, badge)]
            moves = [
                move
                for each in waiting
                if each is not None and self._seats.is_online(each)
                for move in self._seats.for_newcomer(self.world, each)
            ]
            return [*downs, *self._moved(moves)] if moves else downs

    def here(self, badge: str) -> None:
        """A phone is there: it never says so itself, as a badge does."""
        with self._lock:
            self._seats.came_or_went(badge, True)
            nodes = self.world.seats.get(badge, ())
            if nodes:
                self._board.changed(nodes)

    def gone(self, badge: str) -> None:
        """A phone is known no more."""
        with self._lock:
            self._seats.forget(badge)

    def make_reader(self, badge: str, on: bool) -> None:
        """Command cards work at this badge from now on, or no more."""
        with self._lock:
            self._seats.make_reader(badge, on)

    @property
    def readers(self) -> frozenset[str]:
        """The badges at which command cards work."""
        return self._seats.readers

    def role(self, badge: str) -> Role:
        """What a badge is."""
        with self._lock:
            return self._seats.role(self.world, badge)

    def swap(self, one: str, other: str) -> list[Down]:
        """Whoever plays one node plays the other from now on, be it a badge, the engine, or nobody. Raises
        NothingDoneError when there is nothing to swap.
        """
        with self._lock:
            before = self.world
            self._unless(unknown(before, one, other))
            moves = swapping(before, one, other)
            handed = [(one, other in before.engines), (other, one in before.engines)]
            handed = [(node, engine) for node, engine in handed if engine is not (node in before.engines)]
            if not moves and not handed:
                itself = {"itself": ""} if one == other else {}
                self._unless(nothing_done(before, "room.nothing-to-swap", one, other, **itself))
            with self._course.together():
                refused = [self._course.act(HandedOver(0, node, engine)) for node, engine in handed]
                roles = self._sit(moves)
            for each in refused:
                self._unless(each)
            return [*roles, *self._everything_changed(before)]

    def tables(self) -> list[TableView]:
        """The routers' tables, for the teacher alone: players are to find them."""
        return tables(self.world)

    def faults(self) -> list[FaultView]:
        """The faults that are in force, for the teacher alone: a packet that is lost must not be missed before."""
        return faults(self.world)

    def plans(self) -> list[PlanView]:
        """What is planned, for the teacher alone."""
        return plan(self._lesson, self._course.plan)

    def _step_of_plan(self, planned: Planned) -> Stepped:
        """What is planned is done in a paused room, as if its time had come."""
        before = self.world
        seconds = max(0, -(-(planned.due - before.at) // 1000))
        with self._course.together():
            self._course.step_to(max(before.at, planned.due))
            refused = self._course.carry_out(planned)
            follow = self._taught(None if refused else planned.act, before)
        what = refused or commands.described(planned.act, self._lesson.rules)
        downs = follow()
        params = {"seconds": str(seconds), "what": what}
        return Stepped(of_room("step.planned", params, self._lesson.rules.language), downs)

    def _moved(self, moves: Sequence[Seated]) -> list[Down]:
        """Badges sit down and leave, and everybody whom it concerns is told."""
        left = [node for move in moves for node in self.world.seats.get(move.badge, ())]
        with self._course.together():
            roles = self._sit(moves)
        touched = [*left, *(node for move in moves for node in move.nodes)]
        self._board.changed(touched)
        return [*roles, *self._lit(touched)]

    def _unless(self, refused: Ruling | None) -> None:
        """Raises NothingDoneError when something was refused."""
        if refused is not None:
            raise self._refusal(refused)

    def _refusal(self, refused: Ruling) -> NothingDoneError:
        return NothingDoneError(said(self._lesson.rules, refused), refused)

    def _help(self, node: str) -> Help:
        there = self._course.help(node)
        if isinstance(there, Ruling):
            raise self._refusal(there)
        return there
