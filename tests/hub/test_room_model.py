"""Whatever people, teachers and time do to a room, and however often its hub is stopped: it goes on as it was.

A machine plays at random: cards that were right a moment ago, cards that are wrong, teacher's moves, time, ways back,
restarts. After each restart the room is compared with what it was.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cards.jsonform import to_json
from cards.notation import parse
from cards.packet import Written
from hub import commands
from hub.archive import Archive
from hub.journal import Journal, JournalError
from hub.lessons import Lesson, from_text, load
from hub.messages import Answer, Down, Scan
from hub.records import Record
from hub.refusals import NothingDoneError
from hub.simulator import bots
from hub.simulator.turns import turn
from tests.hub.teaching import BOOT, Kit
from tests.hub.test_board import Viewer, agrees

BADGES = ("b1", "b2", "b3")
NODES = ("client", "router", "server")
WRONG = (
    "10.0.1.2:40001 > 10.0.1.1:24 SYN seq=7",
    "10.0.1.1:23 > 10.0.1.2:40001 SYN,ACK seq=300 ack=102",
    "10.0.1.2:40001 > 10.0.1.1:23 RST seq=101",
    "10.0.1.2:40001 > 9.9.9.9:23 SYN seq=100",
    '10.0.1.2:40001 > 10.0.1.1:23 ACK seq=101 ack=301 data="hi"',
)
SAID = (
    *("lose client router", "delay router server 20", "duplicate client router every", "corrupt router server 50%"),
    *("reorder client router", "lift", "down client router", "up client router", "round", "undo client", "redo client"),
    *("undo server", "forgive client", "restart client server", "engine server", "people server", "play client"),
    *("play router", "play server", "fill router"),
)


@cache
def _lesson() -> Lesson:
    timers = "timers: {retransmission: 40, delayed_ack: 5, time_wait: 30}\nreset_after: 300\n"
    return from_text(load("handshake").source + timers, "handshake")


class Room(RuleBasedStateMachine):
    """One room, and the paper in it. told: what each scan was answered."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.kit = Kit(Path(self.folder.name), _lesson(), BADGES, every=8, behind=3)
        self.paper: dict[str, Written] = {}
        self.told: list[tuple[Scan, Answer]] = []
        self.viewer = Viewer(self.kit)

    @rule(badge=st.sampled_from(BADGES))
    def write_what_is_right(self, badge: str) -> None:
        """Whoever has something to send writes it as the engine would, and shows it."""
        (node,) = self._world.seats.get(badge, ())[:1] or (None,)
        owed = None if node is None else turn(self._world, node)
        if owed is None:
            return
        if owed.card is not None and owed.card in self.paper:
            self._scan(badge, owed.card)
        elif owed.card is None and (written := bots.answer(self._world, owed, at_once=True)) is not None:
            self._write(written)
            self._scan(badge, f"C-{len(self.paper)}")

    @rule(badges=st.lists(st.sampled_from(BADGES), min_size=2, max_size=4))
    def show_what_is_due_together(self, badges: list[str]) -> None:
        """Several scans are judged at once, some of them of the same card."""
        scans = []
        for badge in badges:
            (node,) = self._world.seats.get(badge, ())[:1] or (None,)
            owed = None if node is None else turn(self._world, node)
            if owed is not None and owed.card in self.paper:
                scans.append(self._next(badge, owed.card))
        downs: list[Down] = []
        self.kit.room.scans(scans, downs.extend)
        self.told += zip(scans, [down for down in downs if isinstance(down, Answer)], strict=True)

    @rule(badge=st.sampled_from(BADGES), text=st.sampled_from(WRONG))
    def write_something(self, badge: str, text: str) -> None:
        self._write(parse(text))
        self._scan(badge, f"C-{len(self.paper)}")

    @rule(badge=st.sampled_from(BADGES), which=st.integers(0, 200))
    def show_a_card(self, badge: str, which: int) -> None:
        if self.paper:
            self._scan(badge, sorted(self.paper)[which % len(self.paper)])

    @rule(badge=st.sampled_from(BADGES), text=st.sampled_from(SAID), reader=st.booleans())
    def show_a_command(self, badge: str, text: str, reader: bool) -> None:
        self.kit.room.make_reader(badge, reader)
        answer = self._told(self._next(badge, "K-1", command=text))
        assert reader or answer.reason == "room.not-a-reader"

    @rule(badge=st.sampled_from(BADGES), node=st.sampled_from(NODES))
    def show_a_role(self, badge: str, node: str) -> None:
        """A role card takes no node from anybody who plays there."""
        held = {each: nodes for each, nodes in self._world.seats.items() if node in nodes and each != badge}
        self._told(self._next(badge, "R-1", role=node))
        for other, nodes in held.items():
            assert self._world.seats.get(other) == nodes

    @rule(
        cards=st.lists(st.tuples(st.sampled_from(BADGES), st.integers(0, 200)), min_size=2, max_size=5),
        full=st.integers(0, 6),
    )
    def show_several_at_once(self, cards: list[tuple[str, int]], full: int) -> None:
        """Together, on a disk that is full after so many: all are kept, or none, and then each can be sent again."""
        if not self.paper:
            return
        self.kit.room.pace(self.kit.room.state()["pace"])  # as in `restart`
        scans = [self._next(badge, f"C-{which % len(self.paper) + 1}") for badge, which in cards]
        before, last, downs = self._seen(), self.kit.last, list[Down]()
        with _disk_full_after(self.kit.journal, full):
            try:
                self.kit.room.scans(scans, downs.extend)
            except JournalError:
                assert downs == []
                assert (self._seen(), self.kit.last) == (before, last)
                self.viewer = Viewer(self.kit)
        for scan in scans:
            self._told(scan)
        answers = [down for down in downs if isinstance(down, Answer)]
        assert answers == [answer for _, answer in self.told[-len(scans) :]][: len(answers)]

    @rule(seconds=st.sampled_from([0.5, 3, 11, 45, 400]))
    def wait(self, seconds: float) -> None:
        self.kit.later(seconds)

    @rule(text=st.sampled_from(SAID))
    def teach(self, text: str) -> None:
        with suppress(NothingDoneError):
            self.kit.room.teach(commands.parse(text, self.kit.lesson.rules).act)

    @rule(text=st.sampled_from(SAID), seconds=st.sampled_from([1, 20, 90]))
    def plan(self, text: str, seconds: int) -> None:
        with suppress(NothingDoneError):
            self.kit.room.plan(commands.parse(text, self.kit.lesson.rules).act, seconds)

    @rule(rate=st.sampled_from([0, 0.5, 1, 4]))
    def pace(self, rate: float) -> None:
        self.kit.room.pace(rate)

    @rule()
    def step(self) -> None:
        with suppress(NothingDoneError):
            self.kit.room.step()

    @rule(back=st.integers(0, 12))
    def go_back(self, back: int) -> None:
        with suppress(NothingDoneError):
            self.kit.room.back(self.kit.last - back)

    @rule(badge=st.sampled_from(BADGES), node=st.sampled_from([*NODES, None]))
    def sit(self, badge: str, node: str | None) -> None:
        self.kit.room.seat(badge, node)

    @rule(node=st.sampled_from(NODES), step=st.integers(0, 2))
    def hint(self, node: str, step: int) -> None:
        with suppress(NothingDoneError):
            self.kit.room.hint(node, step)

    @rule()
    def restart(self) -> None:
        """Time since the last record is not in the journal, and begins again: so there is one of now."""
        self.kit.room.pace(self.kit.room.state()["pace"])
        before = self._seen()
        tally, holders = self.kit.room.tally, self.kit.room.holders()
        self.kit.restart()
        assert self.kit.room.resumed
        assert self._seen() == before
        assert (self.kit.room.tally, self.kit.room.holders()) == (tally, holders)
        self.viewer = Viewer(self.kit)  # the feed is another: a page fetches the whole state again

    @rule(which=st.integers(0, 500))
    def send_again(self, which: int) -> None:
        """A badge that has not heard the answer, perhaps after a restart: nothing happens twice."""
        if not self.told:
            return
        scan, answer = self.told[which % len(self.told)]
        last = self.kit.last
        assert self.kit.room.scan(scan)[0] == answer
        assert self.kit.last == last

    @invariant()
    def who_follows_knows_what_whoever_comes_now_is_told(self) -> None:
        if hasattr(self, "viewer"):
            agrees(self.viewer, ignore=frozenset(["at_ms"]))  # that time goes on by itself nobody need be told

    @rule()
    def look_back(self) -> None:
        """What pages read from the journal is what was told."""
        story = self.kit.room.state()["story"]
        scene = Archive(self.kit.data).scene(story[-1]["event"]) if story else None
        if scene is not None:
            assert scene.entry.sentence == story[-1]["sentence"]

    def teardown(self) -> None:
        if hasattr(self, "kit"):
            self.kit.snapshots.wait()
            self.kit.journal.close()
            self.folder.cleanup()

    @property
    def _world(self) -> Any:
        return self.kit.room.world

    def _write(self, written: Written) -> None:
        self.paper[f"C-{len(self.paper) + 1}"] = written

    def _scan(self, badge: str, card: str) -> list[Down]:
        scan = self._next(badge, card)
        downs = self.kit.room.scan(scan)
        assert isinstance(downs[0], Answer)
        self.told.append((scan, downs[0]))
        return downs

    def _next(self, badge: str, card: str, command: str | None = None, role: str | None = None) -> Scan:
        counter = next(self.kit.counters[badge])
        written = to_json(self.paper[card]) if card in self.paper else None
        return Scan(badge, BOOT, counter, counter, card, written, command=command, role=role)

    def _told(self, scan: Scan) -> Answer:
        answer = self.kit.room.scan(scan)[0]
        assert isinstance(answer, Answer)
        self.told.append((scan, answer))
        return answer

    def _seen(self) -> dict[str, Any]:
        """The room as everybody sees it, but for which badges are there at this moment."""
        state = self.kit.room.state()
        nodes = [{key: value for key, value in node.items() if key != "online"} for node in state["nodes"]]
        return {**state, "nodes": nodes}


@contextmanager
def _disk_full_after(journal: Journal, records: int) -> Iterator[None]:
    append, left = journal.append, iter(range(records))

    def bounded(record: Record) -> int:
        if next(left, None) is None:
            raise JournalError("the disk is full")
        return append(record)

    journal.append = bounded  # type: ignore[method-assign]
    try:
        yield
    finally:
        del journal.append


Room.TestCase.settings = settings(
    max_examples=30, stateful_step_count=30, deadline=None, phases=set(Phase) - {Phase.explain}
)
TestRoom = Room.TestCase
