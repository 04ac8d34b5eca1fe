"""What people do in a room, as a list that follows from a seed: who shows which card, and what the teacher orders.

The lists are found by playing: right cards as the engine would write them, wrong ones, copies, commands. Time stands
still in the room and goes on only where the teacher takes a step, so that timers fire at the same place of each run.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path
from typing import Any

import msgspec
from immutables import Map

from cards.jsonform import WrittenJson, from_json, to_json
from cards.packet import Flags, Written
from hub import commands
from hub.clock import ManualClock
from hub.journal import Journal
from hub.lessons import Lesson, load
from hub.messages import Answer, Scan, Sighting, scan_of
from hub.refusals import NothingDoneError
from hub.room import Room
from hub.simulator import bots
from hub.simulator.alarms import Alarms
from hub.simulator.events import Scanned
from hub.simulator.history import History
from hub.simulator.hop import marked
from hub.simulator.host import Host
from hub.simulator.rounds import Round, Tally
from hub.simulator.turns import turns
from hub.simulator.world import World

DESK = "desk"
"""A badge at which command cards work."""
_BOOT = "00112233"
_MOST_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class Show:
    """A card is shown to a badge."""

    badge: str
    card: str
    written: WrittenJson | None = None
    command: str | None = None

    @property
    def seen(self) -> Sighting:
        return Sighting(self.card, written=self.written, command=self.command)


@dataclass(frozen=True, slots=True)
class Wave:
    """What happens at once: each badge is shown its cards in their order, and of badges any may be first. Or the
    teacher orders something: `order`, as JSON.
    """

    shows: tuple[Show, ...] = ()
    order: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Play:
    """A lesson, the badges in its room, and what happens, in waves: each begins when the one before has ended."""

    lesson: str
    seed: int
    badges: tuple[str, ...]
    waves: tuple[Wave, ...]
    answers: dict[str, list[Answer]] = field(repr=False)
    """Badge -> what it is answered, in order, in a room of this process."""

    def prepare(self, data: Path) -> None:
        """Begin the room in a hub's folder: everybody is seated, and time stands still."""
        journal = Journal(data)
        _begun(journal, load(self.lesson), self.seed)
        journal.close()


def found(lesson: str, seed: int, waves: int = 14) -> Play:
    """The play of a lesson and a seed."""
    with tempfile.TemporaryDirectory() as folder:
        return _Finder(Path(folder), lesson, seed).play(waves)


def comparable(world: World, tally: Tally) -> tuple[World, tuple[Round, ...]]:
    """World and scores, without what only says who of several badges was first: numbers of scans, queues of timers."""
    return _unqueued(world), tuple(_unnumbered(each) for each in tally.rounds)


def _unqueued(world: World) -> World:
    nodes = {id: msgspec.structs.replace(node, host=_no_alarms(node.host)) for id, node in world.nodes.items()}
    return msgspec.structs.replace(world, alarms=Alarms(), nodes=Map(nodes))


def _no_alarms(host: Host) -> Host:
    """The timers themselves are in the connections."""
    return msgspec.structs.replace(host, alarms=Alarms())


def _unnumbered(round: Round) -> Round:
    players = {}
    for node, player in round.players.items():
        last = player.last and msgspec.structs.replace(player.last, number=0)
        mistakes = tuple(msgspec.structs.replace(each, number=0) for each in player.mistakes)
        players[node] = msgspec.structs.replace(player, last=last, mistakes=mistakes)
    return Round(round.began, Map(players), round.times, round.reached)


def _begun(journal: Journal, lesson: Lesson, seed: int) -> Room:
    room = Room(
        journal,
        lesson,
        seats={node.id: node.id for node in lesson.rules.nodes if node.id not in lesson.rules.engines},
        readers=[DESK],
        clock=ManualClock,
        seed=f"{seed:032x}",
    )
    room.pace(0)
    return room


class _Finder:
    def __init__(self, folder: Path, lesson: str, seed: int) -> None:
        self._lesson = load(lesson)
        self._journal = Journal(folder)
        self._room = _begun(self._journal, self._lesson, seed)
        self._seed = seed
        self._luck = random.Random(f"{lesson} {seed}")
        self._paper: dict[str, Written] = {}
        self._made = 0
        self._counters: dict[str, int] = {}
        self._answers: dict[str, list[Answer]] = {}

    def play(self, count: int) -> Play:
        waves: list[Wave] = []
        while len(waves) < count:
            kind = self._luck.random()
            wave = self._order() if kind < 0.2 else self._command() if kind < 0.27 else None
            wave = wave or self._scans()
            if wave is not None:
                waves.append(wave)
        badges = tuple(sorted({DESK, *self._room.world.seats}))
        self._journal.close()
        return Play(self._lesson.id, self._seed, badges, tuple(waves), self._answers)

    def _scans(self) -> Wave | None:
        """Badges are shown cards at once, if it makes no difference who is first."""
        seated = sorted(self._room.world.seats)
        lists = [self._cards(badge) for badge in self._luck.sample(seated, min(_MOST_AT_ONCE, len(seated)))]
        lists = [each for each in lists if each]
        while len(lists) > 1 and not self._in_any_order(lists):
            lists.pop()
        for show in [show for each in lists for show in each]:
            self._scan(show)
        return Wave(tuple(show for each in lists for show in each)) if lists else None

    def _cards(self, badge: str) -> list[Show]:
        """What the player of a badge has to show now, one right card after the other, and perhaps more."""
        history = self._history()
        shows: list[Show] = []
        for _ in range(self._luck.choice([1, 1, 2, 3])):
            show = self._right(history.world, badge) if self._luck.random() < 0.85 else self._any(badge)
            if show is not None:
                shows.append(show)
                history.take(_event(history.world, show))
        return shows

    def _right(self, world: World, badge: str) -> Show | None:
        (node,) = world.seats[badge][:1]
        for owed in turns(world, node):
            if owed.card is not None and owed.card in self._paper:
                self._paper[owed.card] = marked(world, node, world.instances[owed.card])
                return self._show(badge, owed.card)
            written = None if owed.card is not None else bots.answer(world, owed, at_once=True)
            if written is not None:
                return self._show(badge, self._write(written))
        return None

    def _any(self, badge: str) -> Show | None:
        """A card that is in the room already, or one like it with a mistake."""
        if not self._paper:
            return None
        card = self._luck.choice(sorted(self._paper))
        if self._luck.random() < 0.5:
            return self._show(badge, card)
        mistakes: list[dict[str, Any]] = [{"ttl": 1}, {"ack": None}, {"dport": 99}, {"flags": Flags.RST}, {"src": None}]
        wrong = self._luck.choice(mistakes)
        return self._show(badge, self._write(msgspec.structs.replace(self._paper[card], **wrong)))

    def _order(self) -> Wave | None:
        """Time goes on to where something happens, or the teacher does something."""
        wires = [f"{a} {b}" for a, b in (sorted(link) for link in self._lesson.rules.links)]
        nodes = [node.id for node in self._lesson.rules.nodes]
        if self._luck.random() < 0.6:
            order: dict[str, Any] = {"do": "step"}
            act = self._room.step
        else:
            what = self._luck.choice(["lose", "delay", "duplicate", "undo", "redo", "forgive", "engine", "people"])
            on = wires if what in ("lose", "delay", "duplicate") else nodes
            text = f"{what} {self._luck.choice(sorted(on))}"
            order = {"do": "command", "text": text}

            def act() -> Any:
                return self._room.teach(commands.parse(text, self._lesson.rules).act)

        try:
            act()
        except NothingDoneError:
            return None
        return Wave(order=order)

    def _command(self) -> Wave:
        """The same by a card, which nobody may carry out twice."""
        text = self._luck.choice(["round", "lift", f"fill {self._lesson.rules.nodes[0].id}", "lose a b"])
        self._made += 1
        show = Show(DESK, f"CMD-{self._made}", command=text)
        self._scan(show)
        return Wave((show,))

    def _show(self, badge: str, card: str) -> Show:
        return Show(badge, card, to_json(self._paper[card]))

    def _write(self, written: Written) -> str:
        self._made += 1
        card = f"F-{self._made}"
        self._paper[card] = written
        return card

    def _scan(self, show: Show) -> None:
        self._counters[show.badge] = counter = self._counters.get(show.badge, 0) + 1
        scan: Scan = scan_of(show.badge, _BOOT, counter, counter, show.seen)
        answer = self._room.scan(scan)[0]
        assert isinstance(answer, Answer), answer
        self._answers.setdefault(show.badge, []).append(answer)

    def _in_any_order(self, lists: Sequence[list[Show]]) -> bool:
        """Whether everybody is answered the same, and the room is the same, whoever is first."""
        orders = [_in_turns(order) for order in permutations(lists)]
        orders += [[show for each in order for show in each] for order in (lists, lists[::-1])]
        outcomes = []
        for shows in orders:
            history = self._history()
            told: dict[str, list[Any]] = {}
            for show in shows:
                (ruling,) = history.take(_event(history.world, show))
                told.setdefault(show.badge, []).append(ruling)
            outcomes.append((told, comparable(history.world, history.tally)))
        return all(each == outcomes[0] for each in outcomes)

    def _history(self) -> History:
        return self._room._course._game.history.copy()


def _in_turns(lists: Sequence[list[Show]]) -> list[Show]:
    """One card of each list, then the next one of each."""
    longest = max(map(len, lists))
    return [each[i] for i in range(longest) for each in lists if i < len(each)]


def _event(world: World, show: Show) -> Scanned:
    assert show.written is not None
    return Scanned(world.at, show.badge, show.card, from_json(show.written))
