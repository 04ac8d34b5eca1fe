"""Who sits where, and who comes next: which badge plays which node, and which node a badge is given that has none.

Nothing is changed here: what is to happen is said as events.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from hub.lessons import Lesson
from hub.messages import Role
from hub.simulator.events import Seated
from hub.simulator.race import rotation
from hub.simulator.teacher import nothing_done, unknown
from hub.simulator.verdicts import Ruling
from hub.simulator.world import World

PHONE = "phone-"
"""How the names of phones begin. A phone is a badge that is given no node: whoever holds it chooses a free one."""
_PHONE_NUMBER = re.compile(rf"{PHONE}(\d{{1,4}})-")
MOST_BADGES = 1000
"""Badges whose coming and going a room follows; of more it takes no notice."""
_MOST_TEXT = 1000
"""Characters of a text in a message."""


class Seats:
    """The seats of a lesson's nodes.

    reserved: badges that are to play certain nodes; readers: badges at which command cards work; they take no free
    node. Raises ValueError for seats that the lesson does not have.
    """

    def __init__(self, lesson: Lesson, reserved: Mapping[str, str], readers: Collection[str]) -> None:
        self._lesson = lesson
        self._rules = lesson.rules
        self._reserved = dict(reserved)
        self.readers = frozenset(readers)
        self._online: dict[str, bool] = {}
        self._seats: object = None
        self._played_by: dict[str, str] = {}
        self._check()

    def make_reader(self, badge: str, on: bool) -> None:
        """Command cards work at this badge from now on, or no more."""
        self.readers = self.readers | {badge} if on else self.readers - {badge}

    def badge_at(self, world: World, node: str) -> str | None:
        """The badge that plays a node."""
        if self._seats is not world.seats:
            self._seats = world.seats
            self._played_by = {each: badge for badge, nodes in sorted(world.seats.items()) for each in nodes}
        return self._played_by.get(node)

    def came_or_went(self, badge: str, online: bool) -> bool:
        """A badge has said whether it is there. False: there are too many, it is not followed."""
        if badge not in self._online and len(self._online) >= MOST_BADGES:
            return False
        self._online[badge] = online
        return True

    def forget(self, badge: str) -> None:
        """Nobody knows a badge of this name any more."""
        self._online.pop(badge, None)

    def is_online(self, badge: str | None) -> bool:
        """Whether a badge has said that it is there, and not since that it leaves."""
        return badge is not None and self._online.get(badge, False)

    def role(self, world: World, badge: str) -> Role:
        """What a badge is to be. One that serves a whole table has the title and the address of each of its nodes."""
        nodes = [self._rules.node(node) for node in world.seats.get(badge, ())]
        if not nodes:
            return Role(badge, lesson=self._lesson.title)
        titles = ", ".join(node.title for node in nodes)[:_MOST_TEXT]
        addresses = ", ".join(str(node.address) for node in nodes)[:_MOST_TEXT]
        return Role(badge, nodes[0].id, titles, addresses, self._lesson.title)

    def at_the_start(self, world: World) -> list[Seated]:
        """What must happen for the reserved seats to be taken by whom they are kept for. A phone that plays instead of
        such a badge goes on doing so, and in a race that rotates, everybody after its first round.
        """
        moves: list[Seated] = []
        if world.round > 1 and self._rotates:
            return moves
        for badge, node in self._reserved.items():
            holder = self.badge_at(world, node)
            if holder != badge and not _is_phone(holder):
                moves += [] if holder is None else [Seated(0, holder, None)]
                moves.append(Seated(0, badge, node))
        return moves

    def for_newcomer(self, world: World, badge: str) -> list[Seated]:
        """A badge that has none gets a free node; if there is none, the node of a badge that is off. A phone gets none
        by itself. One for which a seat is kept gets that, or stands by while somebody else plays there.
        """
        if badge in world.seats or _is_phone(badge):
            return []
        if badge in self._reserved:
            kept = self._reserved[badge]
            return [Seated(0, badge, kept)] if self.badge_at(world, kept) is None else []
        if badge in self.readers:
            return []
        node = self._free_node(world, badge)
        if node is not None:
            return [Seated(0, badge, node)]
        left = next((each for each in sorted(world.seats) if self._is_off(each)), None)
        return [] if left is None else [Seated(0, left, None), Seated(0, badge, world.seats[left][0])]

    def kept_for(self, node: str) -> str | None:
        """The badge for which a seat is kept."""
        return next((badge for badge, kept in self._reserved.items() if kept == node), None)

    def is_free(self, world: World, node: str) -> bool:
        """Whether a phone may take a node: nobody plays it, or a badge that is off, or that is kept its seat and is not
        there.
        """
        holder = self.badge_at(world, node)
        if holder is None or self._is_off(holder):
            return True
        return holder in self._reserved and not self.is_online(holder)

    def refusal(self, world: World, badge: str, node: str) -> Ruling | None:
        """Why a badge may not take a node, as its role card or a phone wants; None: it may. A role card takes none that
        is kept for another badge.
        """
        holder = self.badge_at(world, node)
        free = self.is_free(world, node) if _is_phone(badge) else holder is None or self._is_off(holder)
        if holder == badge or free:
            return unknown(world, node)
        return nothing_done(world, "room.seat-taken", node)

    def in_a_new_round(self, world: World) -> list[Seated]:
        """Who changes seats when a round begins. In a race everybody plays the next node of their team. At a table that
        clears itself a phone that has gone with its visitor leaves its seat, and a badge for which that is kept has it
        again; a phone that is there may stand on the table in place of a badge.
        """
        if self._lesson.reset_after is None:
            return self._rotated(world)
        left = [badge for badge in sorted(world.seats) if _is_phone(badge) and not self.is_online(badge)]
        nodes = {node for badge in left for node in world.seats[badge]}
        kept = {badge: node for badge, node in self._reserved.items() if node in nodes and badge not in world.seats}
        back = [Seated(0, badge, node) for badge, node in kept.items() if self.is_online(badge)]
        return [*(Seated(0, badge, None) for badge in left), *back]

    def _rotated(self, world: World) -> list[Seated]:
        if not self._rotates:
            return []
        return [Seated(0, badge, node) for badge, node in rotation(self._rules, world.seats, world.engines).items()]

    @property
    def _rotates(self) -> bool:
        return self._lesson.race is not None and self._lesson.race.rotate

    def _is_off(self, badge: str) -> bool:
        """A badge that said goodbye, or whose last will was heard. One that was never heard of may still come."""
        return self._online.get(badge) is False and badge not in self._reserved

    def _free_node(self, world: World, badge: str) -> str | None:
        """The node of its name; else that of its number ("b2": the second), or any that nobody has. A node that the
        engine plays by the lesson is a station: its badge comes last, unless it has that name or number.
        """
        rules = self._rules
        nodes = [node.id for node in rules.nodes if node.id not in rules.engines]
        nodes += [node.id for node in rules.nodes if node.id in rules.engines]
        taken = world.engines - rules.engines
        number = re.search(r"\d{1,4}$", badge)
        wanted = [badge]
        if number and 0 < int(number[0]) <= len(nodes):
            wanted.append(rules.nodes[int(number[0]) - 1].id)
        free = (node for node in [*wanted, *nodes] if node in nodes and node not in taken)
        return next((node for node in free if self.badge_at(world, node) is None), None)

    def _check(self) -> None:
        nodes = [node.id for node in self._rules.nodes]
        for badge, node in self._reserved.items():
            if node not in nodes:
                raise ValueError(f"Badge {badge} cannot play {node!r}: this room has {', '.join(nodes)}")
        if len(set(self._reserved.values())) < len(self._reserved):
            raise ValueError("A node is played by one badge: two have been given the same")


def phone_number(badge: str) -> str:
    """What a phone is called, on its own screen and by the teacher; "" for a badge, which is called by its name."""
    if not badge.startswith(PHONE):
        return ""
    numbered = _PHONE_NUMBER.match(badge)
    return badge.removeprefix(PHONE) if numbered is None else numbered[1]


def _is_phone(badge: str | None) -> bool:
    return badge is not None and badge.startswith(PHONE)


def taking(world: World, badge: str, node: str | None, others: tuple[str, ...] = ()) -> list[Seated]:
    """A badge takes a node (and others with it), from whoever has it; or leaves its own."""
    seated = Seated(0, badge, node, others)
    holders = [each for each, nodes in world.seats.items() if each != badge and not set(nodes).isdisjoint(seated.nodes)]
    return [*(Seated(0, holder, None) for holder in sorted(holders)), seated]


def swapping(world: World, one: str, other: str) -> list[Seated]:
    """The badges of two nodes change places; what else they play they keep. None: it is the same badge, or none."""
    at = {node: badge for badge, nodes in world.seats.items() for node in nodes if node in (one, other)}
    if at.get(one) == at.get(other):
        return []
    leaving = [Seated(0, at[one], None)] if len(at) == 2 else []
    instead = {one: other, other: one}
    moves = []
    for node in (other, one):
        if node in at:
            nodes = [instead.get(each, each) for each in world.seats[at[node]]]
            moves.append(Seated(0, at[node], nodes[0], tuple(nodes[1:])))
    return [*leaving, *moves]
