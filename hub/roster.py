"""Who plays: nicknames, and the seats that were dealt to them. No journal, no feed and no export ever has a name.

A roster is a value, and what is done to it gives another one; `rosterfile` keeps it.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import zip_longest

import msgspec
from msgspec.structs import replace

from hub.lessons import Lesson
from hub.simulator.rules import Rules

MOST_PEOPLE = 200
MOST_NAME = 40
"""Characters of a name; what is longer is cut."""
_MOST_CELL = 1000
"""Characters of a cell in which a name is looked for."""
_MOST_NODES = 2
"""Nodes that are dealt to one person at most."""

_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
"""Characters that are not seen, and turn what comes after them around."""
_MARK = re.compile(r"^\s*(?:\d{1,3}(?:[.):]|(?=\s|$))|[-–—*+•·‣▪◦]+(?=\s|$))\s*")
"""What stands before a name in a list: a number, a bullet."""


class RosterError(ValueError):
    """What was wanted cannot be done with the roster, and nothing has changed; the text says why."""


class Seat(msgspec.Struct, frozen=True):
    """A node that people can play, and its team."""

    node: str
    team: str | None = None


class Person(msgspec.Struct, frozen=True):
    """Somebody who plays. nodes: those that were dealt; none: stands by. badge: the one that this person holds."""

    name: str
    team: str | None = None
    nodes: tuple[str, ...] = ()
    badge: str | None = None


class Roster(msgspec.Struct, frozen=True):
    """Everybody, in the order in which they get seats. seats: those of the lesson, in the order of dealing.

    bots: seats that nobody has are played by the engine; else by whoever comes.
    """

    people: tuple[Person, ...] = ()
    seats: tuple[Seat, ...] = ()
    bots: bool = False

    @property
    def free(self) -> tuple[Seat, ...]:
        """The seats that nobody has."""
        taken = {node for person in self.people for node in person.nodes}
        return tuple(seat for seat in self.seats if seat.node not in taken)

    @property
    def standbys(self) -> tuple[Person, ...]:
        """Who waits for a seat, first come first."""
        return tuple(person for person in self.people if not person.nodes)

    def person(self, name: str) -> Person:
        """Somebody by name. Raises RosterError when nobody is called so."""
        for person in self.people:
            if person.name == name:
                return person
        raise RosterError(f"Nobody in this class is called {name!r}.")


class Lease(msgspec.Struct, frozen=True):
    """What a person is told when the seats are dealt: a node, what it is called, and its address. None: stands by."""

    name: str
    team: str | None
    node: str | None
    title: str | None
    address: str | None
    badge: str | None


# Names


def paste(text: str) -> tuple[str, ...]:
    """The names of a class list, each once: one a line, or with commas or tabs between them.

    Where every line has the same columns, as in a table (2 lines or more), a line is one name: "Meier, Anna" is Anna
    Meier. Numbers, bullets and control characters go; who has a name that somebody has already becomes "Anna B.".
    Raises RosterError when there are none, or too many.
    """
    names = [name for cell in _cells(text) if (name := _clean(cell))]
    if not names:
        raise RosterError("There is no name in this list. Write one name a line.")
    if len(names) > MOST_PEOPLE:
        raise RosterError(f"These are {len(names)} names. A room has {MOST_PEOPLE} people at most: paste fewer.")
    return tuple(_distinct(names))


def _cells(text: str) -> Iterator[str]:
    lines = [line.strip(" ,;\t") for line in text.splitlines()]
    lines = [line for line in lines if line]
    for separator in ("\t", ";", ","):
        columns = {line.count(separator) for line in lines}
        if len(lines) > 1 and len(columns) == 1 and columns != {0}:
            cells = ([_clean(cell) for cell in line.split(separator)] for line in lines)
            yield from (" ".join(filter(None, reversed(row) if separator == "," else row)) for row in cells)
            return
    for line in lines:
        yield from re.split(r"[\t,;]", line)


def _clean(cell: str) -> str:
    """A name as it is shown. Markup is text like any other."""
    text = unicodedata.normalize("NFC", cell[:_MOST_CELL])
    text = "".join(" " if char.isspace() else char for char in text if char.isspace() or _is_seen(char))
    while (shorter := _MARK.sub("", text)) != text:
        text = shorter
    return " ".join(text.split())[:MOST_NAME].strip()


def _is_seen(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cs", "Co", "Cn") and char not in _TURNING


def _distinct(names: Iterable[str], taken: Iterable[str] = ()) -> Iterator[str]:
    """Each name, with a letter behind it where somebody else has it already."""
    there = {name.casefold() for name in taken}
    for name in names:
        given, number = name, 1
        while given.casefold() in there:
            mark = f" {chr(ord('A') + number)}." if number < 26 else f" {number + 1}"
            given, number = name[: MOST_NAME - len(mark)].rstrip() + mark, number + 1
        there.add(given.casefold())
        yield given


# Seats


def deal(names: Iterable[str], lesson: Lesson, seed: str, *, bots: bool = False) -> Roster:
    """Seats are dealt by lot: a node with its address for each, teams in turn, so that they have equally many people.

    More people than nodes stand by. With fewer, somebody plays two nodes of one team, unless bots are to play what is
    left; more than two are nobody's.
    """
    order = list(names)
    random.Random(seed).shuffle(order)
    seats = tuple(_seats(lesson.rules))
    teams = list(dict.fromkeys(seat.team for seat in seats))
    people = [Person(name, seat.team, (seat.node,)) for name, seat in zip(order, seats, strict=False)]
    for name in order[len(seats) :]:
        sizes = Counter(person.team for person in people)
        people.append(Person(name, min(teams, key=lambda team: sizes[team], default=None)))
    roster = Roster(tuple(people), seats, bots)
    return roster if bots else _doubled(roster)


def leases(roster: Roster, lesson: Lesson) -> list[Lease]:
    """Who has which node and address, a line for each node; who stands by has one, too."""
    rules, found = lesson.rules, []
    for person in roster.people:
        for node in person.nodes:
            title, address = rules.title(node), str(rules.node(node).address)
            found.append(Lease(person.name, person.team, node, title, address, person.badge))
        if not person.nodes:
            found.append(Lease(person.name, person.team, None, None, None, person.badge))
    return found


def join(roster: Roster, name: str, badge: str | None = None) -> Roster:
    """Somebody comes: to a seat that is free, or to the second one of whoever has two, or stands by."""
    if len(roster.people) >= MOST_PEOPLE:
        raise RosterError(f"A room has {MOST_PEOPLE} people at most.")
    (given,) = _distinct([clean_name(name)], (person.name for person in roster.people))
    return _seated(replace(roster, people=(*roster.people, Person(given, badge=badge))), given)


def leave(roster: Roster, name: str) -> Roster:
    """Somebody goes. Who stands by, first of the same team, takes the first seat that gets free."""
    gone = roster.person(name)
    roster = replace(roster, people=tuple(person for person in roster.people if person is not gone))
    waiting = sorted(roster.standbys, key=lambda person: person.team != gone.team)
    for person, _ in zip(waiting, gone.nodes, strict=False):
        roster = _seated(roster, person.name)
    return roster


def swap(roster: Roster, one: str, other: str) -> Roster:
    """Two people change places, teams included."""
    first, second = roster.person(one), roster.person(other)
    return _with(
        roster,
        replace(first, team=second.team, nodes=second.nodes),
        replace(second, team=first.team, nodes=first.nodes),
    )


def hold(roster: Roster, name: str, badge: str | None) -> Roster:
    """Somebody holds this badge, and nobody else does; None: none."""
    others = [replace(person, badge=None) for person in roster.people if badge and person.badge == badge]
    return _with(_with(roster, *others), replace(roster.person(name), badge=badge))


def clean_name(name: str) -> str:
    """A name as it is kept. Raises RosterError when nothing is left of it."""
    text = _clean(name)
    if not text:
        raise RosterError("This is no name: write a few letters.")
    return text


def _seats(rules: Rules) -> Iterator[Seat]:
    """The nodes for people, one of each team in turn."""
    teams: dict[str | None, list[Seat]] = {}
    for node in rules.nodes:
        if node.id not in rules.engines:
            teams.setdefault(node.team, []).append(Seat(node.id, node.team))
    for row in zip_longest(*teams.values()):
        yield from (seat for seat in row if seat is not None)


def _doubled(roster: Roster) -> Roster:
    """Somebody of its team plays each seat that is left, as long as nobody has too many."""
    for seat in roster.free:
        able = [each for each in roster.people if each.team == seat.team and 0 < len(each.nodes) < _MOST_NODES]
        if able:
            roster = _with(roster, replace(able[0], nodes=(*able[0].nodes, seat.node)))
    return roster


def _seated(roster: Roster, name: str) -> Roster:
    """Somebody who stands by gets the next seat, if there is one: of the own team first."""
    person = roster.person(name)
    seat = min(roster.free, key=lambda seat: seat.team != person.team, default=None)
    if seat is not None:
        return _with(roster, replace(person, team=seat.team, nodes=(seat.node,)))
    generous = next((each for each in roster.people if len(each.nodes) > 1), None)
    if generous is None:
        return roster
    kept, given = generous.nodes[:-1], generous.nodes[-1:]
    return _with(roster, replace(generous, nodes=kept), replace(person, team=generous.team, nodes=given))


def _with(roster: Roster, *changed: Person) -> Roster:
    by_name = {person.name: person for person in changed}
    return replace(roster, people=tuple(by_name.get(person.name, person) for person in roster.people))
