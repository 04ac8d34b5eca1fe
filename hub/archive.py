"""The past of the room that is played now, for pages: read from the journal beside the hub, which is not disturbed.

Pages live in a process of their own: what is computed here costs the judging nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import takewhile
from pathlib import Path

from hub.autopsy import Autopsy, autopsy
from hub.debrief import Debrief, debrief
from hub.film import Scene, scene
from hub.footprints import Footprint, discreet, footprint
from hub.inside import HostInside, RouterInside, connections, router
from hub.journal import Records, reading
from hub.ladder import Ladder, ladders
from hub.lessons import Lesson, from_text
from hub.pictures import Pictures, picture_of
from hub.records import BackRecord, MovedRecord, Record, RoomRecord
from hub.replay import Replay
from hub.simulator.events import Redone, TeacherMove, Undone
from hub.simulator.world import World

MOST_KEPT = 20_000
"""Footprints that are kept in mind; older ones only the export has."""

_MOVES = ("sent", "forwarded", "delivered", "rst", "dropped")


class Archive:
    """What has happened in the newest room of the journal in folder `data`. It may be asked from any thread.

    Every question raises JournalError when the journal cannot be read.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._lock = threading.Lock()
        self._records: Records | None = None
        self._room: tuple[int, RoomRecord] | None = None
        self._taken = 0
        self._footprints: dict[int, Footprint] = {}
        self._before: dict[int, int] = {}
        self._backs: list[int] = []
        self._undone: list[Footprint] = []
        self._drawn: tuple[int, list[Ladder]] | None = None

    def ladders(self) -> tuple[int, list[Ladder]]:
        """The ladders of this round, and the event up to which they go."""
        with self._lock:
            self._catch_up()
            if self._drawn is None or self._drawn[0] != self._taken:
                self._drawn = self._taken, ladders(self._discreet(self._round()))
            return self._drawn

    def scene(self, event: int) -> Scene | None:
        """The room right after a scan or a step of the engine, of any round; None: there is none with this number."""
        with self._lock:
            records = self._catch_up()
            last = self._footprints.get(event)
            if last is None:
                return None
            way = [(n, self._footprints[n]) for n in self._way_to(event) if n in self._footprints][::-1]
            so_far = [each for _, each in way if each.round == last.round]
            back = max((n for n in self._backs if n < event), default=0)
            shown = [each for n, each in way if n > back and each.round == last.round]
            return scene(self._lesson, self._then(event, records), so_far, shown)

    def debrief(self, round: int | None = None) -> Debrief | None:
        """What a round has shown, None: the newest. None is answered when no room has begun."""
        with self._lock:
            self._catch_up()
            if self._room is None:
                return None
            return debrief(self._lesson, self._game.history.tally, self._footprints.values(), round)

    def inside(self, node: str) -> HostInside | RouterInside | None:
        """What is inside a node now; None: there is none of this name."""
        with self._lock:
            self._catch_up()
            if self._room is None or node not in self._lesson.rules.by_id:
                return None
            world = self._game.history.world
            if self._lesson.rules.node(node).router:
                return router(world, node)
            return connections(world, node)

    def autopsy(self, card: str) -> Autopsy | None:
        """What became of a card; None: nobody has scanned it."""
        with self._lock:
            self._catch_up()
            return autopsy(self._discreet(self._footprints.values()), card)

    def footprints(self) -> list[Footprint]:
        """Everything that was scanned or played in this room, also what was taken back, the oldest first."""
        with self._lock:
            self._catch_up()
            return list(self._footprints.values())

    def picture(self, event: int) -> bytes | None:
        """The picture of the handwriting in a scan, a PNG; None: there is none."""
        with self._lock:
            records = self._catch_up()
            if not 1 <= event <= records.last:
                return None
            _, record = next(records.records(event - 1))
            with closing(Pictures(self._data)) as pictures:
                return picture_of(record, pictures)

    @property
    def lesson(self) -> Lesson | None:
        """The lesson of the room, as it was when the room began; None: no room has begun."""
        with self._lock:
            self._catch_up()
            return None if self._room is None else self._lesson

    def past(self) -> tuple[Lesson, RoomRecord, list[tuple[int, Record]]] | None:
        """The lesson of the room, its record, and all that come after; None: no room has begun."""
        with self._lock:
            records = self._catch_up()
            if self._room is None:
                return None
            number, record = self._room
            return self._lesson, record, list(records.records(number))

    def _catch_up(self) -> Records:
        if self._records is None:
            self._records = reading(self._data)
        records = self._records
        records.catch_up()
        newest = records.newest_room()
        if newest is None:
            return records
        if newest != self._room:
            self._begin(newest)
        for number, record in records.records(self._taken):
            past = self._game.take(number, record)
            self._before[number] = record.to if isinstance(record, BackRecord) else self._taken
            if isinstance(record, BackRecord):
                self._backs.append(number)
            self._taken = number
            left = footprint(self._lesson.rules, past)
            if left is not None:
                self._footprints[number] = left
            if isinstance(record, MovedRecord):
                self._take_back(record.move)
        while len(self._footprints) > MOST_KEPT:
            del self._footprints[next(iter(self._footprints))]
        return records

    def _then(self, event: int, records: Records) -> World:
        """The world right after a record of this room: from what is kept of this round, else from the start."""
        if event >= self._game.moments.first:
            return self._game.then(event)
        assert self._room is not None
        number, room = self._room
        game = Replay(self._lesson, room.seed, number)
        for each, record in records.records(number):
            if each > event:
                break
            game.take(each, record)
        return game.history.world

    def _take_back(self, move: TeacherMove) -> None:
        """A move that is taken back is not drawn, until it is made after all."""
        match move:
            case Undone(node=node):
                made = (each for each in self._still() if each.node == node and each.verdict in _MOVES)
                last = next(made, None)
                if last is not None:
                    self._undone.append(last)
            case Redone(node=node):
                last = next((each for each in reversed(self._undone) if each.node == node), None)
                if last is not None:
                    self._undone.remove(last)

    def _begin(self, room: tuple[int, RoomRecord]) -> None:
        number, record = room
        self._room, self._taken, self._drawn = room, number, None
        self._footprints.clear()
        self._before.clear()
        self._backs.clear()
        self._undone.clear()
        self._lesson = from_text(record.source, record.lesson)
        self._game = Replay(self._lesson, record.seed, number)

    def _round(self) -> list[Footprint]:
        """The footprints of this round, without those of what was taken back by going back."""
        number = self._game.history.world.round
        return list(takewhile(lambda each: each.round == number, self._still()))[::-1]

    def _discreet(self, footprints: Iterable[Footprint]) -> list[Footprint]:
        """As all may see them: what a link has lost in secret is told when its round is over."""
        number = self._game.history.world.round
        return [discreet(each, number) for each in footprints]

    def _still(self) -> Iterator[Footprint]:
        """The footprints of what has led to now, the newest first."""
        there = (self._footprints[n] for n in self._way_to(self._taken) if n in self._footprints)
        return (each for each in there if each not in self._undone)

    def _way_to(self, event: int) -> Iterator[int]:
        """The records that have led to this one, itself first: not what was taken back by going back."""
        assert self._room is not None
        while event > self._room[0]:
            yield event
            event = self._before[event]
