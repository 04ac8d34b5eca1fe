"""What pages see of a room: the whole picture, and every change to it. Everybody may see it: it has no names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from hub import game_view, view
from hub.course import Course, Judged
from hub.feed import Feed
from hub.game_view import GoalView
from hub.lessons import Lesson
from hub.lessons.lesson import Race
from hub.seats import Seats
from hub.simulator.race import Standing, standing, teams
from hub.simulator.world import World
from hub.view import Act, Change, LessonView, NodeView, PacketView, RoomState, StoryLine


class Board:
    """A room as it is shown. feed: where its changes are told; None: one of its own."""

    def __init__(self, lesson: Lesson, course: Course, seats: Seats, feed: Feed | None = None) -> None:
        self.feed = Feed() if feed is None else feed
        self._lesson = lesson
        self._course = course
        self._seats = seats
        self._playing: Act | None = None
        self._teams = bool(teams(lesson.rules))
        self._penalty = (lesson.race or Race()).penalty
        self._counted: tuple[object, object] = (None, None)
        self._goals: list[GoalView] = []
        self._standing: list[Standing] = []
        self._told = self._game()

    def state(self) -> dict[str, Any]:
        """The whole picture (docs/contracts.md, "The page")."""
        lesson, world = self._lesson, self._course.world
        state = RoomState(
            lesson=LessonView(lesson.id, lesson.title, lesson.goal, lesson.reset_after, lesson.language),
            round=world.round,
            act=self._playing,
            nodes=[self._node(node.id) for node in lesson.rules.nodes],
            links=view.links(lesson),
            packets=view.packets(world),
            story=list(self._course.story),
            at_ms=world.at,
            **self._game(),
        )
        picture: dict[str, Any] = msgspec.to_builtins(state)
        return picture

    def announce(self, title: str, text: str) -> None:
        """What is being played now."""
        self._playing = Act(title, text)
        self._publish(Change(act=self._playing))

    def changed(
        self,
        nodes: Iterable[str] = (),
        packets: Sequence[PacketView] = (),
        line: StoryLine | None = None,
        scored: bool = True,
    ) -> None:
        """These nodes and packets may have changed, and this is to be said of it; and whatever else is not as it was
        told last. scored: a team may stand otherwise than before.
        """
        game = self._game(scored)
        self._publish(
            Change(
                entry=UNSET if line is None else line,
                nodes=[self._node(node) for node in dict.fromkeys(nodes)],
                packets=list(packets),
                round=self._course.world.round,
                at_ms=self._course.world.at,
                **{name: value for name, value in game.items() if self._told.get(name) != value},
            )
        )
        self._told = game

    def judged(self, before: World, judged: Judged) -> list[str]:
        """What a ruling has changed; the nodes that it has touched."""
        ruling, world = judged.ruling, self._course.world
        instance = None if ruling.card is None else before.instances.get(ruling.card)
        due_before = None if instance is None else instance.due
        places = (ruling.node, ruling.came_from, due_before, ruling.goes_to)
        touched = [node for node in places if node is not None]
        now = None if ruling.card is None else world.instances.get(ruling.card)
        moved = [] if now is None or now is instance else [view.packet(world, now.card)]
        gone = _gone(before, world, touched)
        self.changed(touched, [*gone, *moved], judged.public, scored=ruling.charged is not None)
        return touched

    def everything_changed(self, before: World) -> list[str]:
        """The world may differ anywhere; all nodes."""
        nodes = [node.id for node in self._lesson.rules.nodes]
        there = view.packets(self._course.world)
        known = {packet.card for packet in there}
        gone = [msgspec.structs.replace(packet, to=None) for packet in view.packets(before) if packet.card not in known]
        self.changed(nodes, [*gone, *there])
        return nodes

    def _game(self, scored: bool = True) -> dict[str, Any]:
        """What there is to tell of the game beside nodes and packets. Goals and teams, which cost most, are looked at
        only when they may have changed.
        """
        course, lesson, tally = self._course, self._lesson, self._course.tally
        if tally.times is not self._counted[0] or tally.reached is not self._counted[1]:
            self._counted, scored = (tally.times, tally.reached), True
            self._goals = game_view.goals(lesson, tally)
        if scored and self._teams:
            self._standing = list(standing(tally, lesson.goals, lesson.rules, self._penalty))
        return {
            "pace": course.pace,
            "down": game_view.down(course.world),
            "goals": self._goals,
            "standing": self._standing,
            "resets_at_ms": course.resets_at,
        }

    def _node(self, node: str) -> NodeView:
        world = self._course.world
        badge = self._seats.badge_at(world, node)
        online = self._seats.is_online(badge)
        hints = self._course.tally.player(node).hints
        free = self._seats.is_free(world, node)
        return view.node(self._lesson, world, node, badge, online, free, self._course.last_answer.get(node), hints)

    def _publish(self, change: Change) -> None:
        self.feed.publish("change", change)


def _gone(before: World, world: World, nodes: Iterable[str]) -> list[PacketView]:
    """What was due at these nodes and is no packet any more: the engine's, once somebody has shown its paper."""
    due = (card for node in dict.fromkeys(nodes) for card in before.due_at.get(node, ()))
    gone = [view.packet(before, card) for card in due if card not in world.instances]
    return [msgspec.structs.replace(packet, to=None) for packet in gone]
