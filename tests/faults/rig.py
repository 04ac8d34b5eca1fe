"""A whole kit of real processes, mosquitto, hub and badges, in which a play is played, whatever is killed meanwhile.

What must be true at any moment is looked at as it goes on (a scan that a badge has shown as taken is on its disk or in
the journal); what must be true in the end is compared with other runs of the same play (`Outcome`).
"""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

import msgspec

from hub.clock import ManualClock
from hub.journal import FILE, Journal
from hub.lessons import load
from hub.messages import Answer, badge_subscription, hub_subscription
from hub.messages.session import Session
from hub.page import Gate
from hub.records import ScannedRecord
from hub.room import Room
from tests.conftest import Mosquitto
from tests.faults.plays import DESK, Play, Show, Wave, comparable
from tests.faults.processes import Failed, Program, Teacher, wait_until
from tests.faults.saboteur import HELD, HUB, ON_AIR, Saboteur, Strike, Trigger

Key = tuple[str, int]
"""Boot and counter of a scan."""
_STARTS_WITHIN = 100.0
_ANSWERED_WITHIN = 60.0
_SEEN_WITHIN = 5.0
"""Seconds after a wave: whoever looks at the air may be behind the badges."""
_LOOKS_EVERY = 0.0002


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has come of a play: what each badge was told for each card, in order; the world and the scores; what people
    see of them.
    """

    answers: dict[str, list[tuple[str | None, Answer]]]
    world: Any
    seen: dict[str, Any]

    def unlike(self, other: Outcome) -> str:
        """What differs between two; "": nothing."""
        for badge in sorted({*self.answers, *other.answers}):
            mine, others = self.answers.get(badge, []), other.answers.get(badge, [])
            if mine != others:
                return f"{badge} was answered {mine}, undisturbed {others}"
        for key in sorted({*self.seen, *other.seen}):
            if self.seen.get(key) != other.seen.get(key):
                return f"{key} is {self.seen.get(key)}, undisturbed {other.seen.get(key)}"
        return "" if self == other else f"the world is {self.world}, undisturbed {other.world}"


class Player:
    """A badge, and whoever holds cards under it."""

    def __init__(self, rig: Rig, name: str) -> None:
        self.name = name
        self.outbox = rig.folder / f"outbox-{name}.sqlite"
        self.shows: list[Show] = []
        self.heard: dict[Key, Answer] = {}
        self.link = ""
        self.hold = self.outbox.with_name(f"{self.outbox.name}.hold")
        self.held = threading.Event()
        self._rig = rig
        self._taken: set[Key] = set()
        self._heard_now: set[Key] = set()
        self._ready = threading.Event()
        self._program: Program | None = None

    def start(self, env: Mapping[str, str]) -> None:
        """Switch it on. What it was shown before and has not taken is shown to it again."""
        waits = self.on_disk() if self._taken or self.shows else set()
        forgotten = self._taken - self.heard.keys() - waits
        if forgotten:
            raise Failed(f"{self.name} has forgotten {sorted(forgotten)}, and not shown what came of it")
        kept = waits | self._rig.judged(self.name) if self._taken or self.shows else set()
        lost = self._taken - kept
        if lost:
            raise Failed(f"{self.name} has shown {sorted(lost)} as taken, and they are on no disk")
        self._heard_now.clear()
        self._ready.clear()
        words = ("tests.faults.badge", self.name, self._rig.broker.url, str(self.outbox))
        self._program = Program(*words, hear=self._hear, errors=self._rig.log, env=env)
        if not self._ready.wait(_STARTS_WITHIN):
            raise Failed(f"{self.name} does not start: {self._rig.log.read_text()[-2000:]}")
        for show in self.shows[len(kept) :]:
            self._show(show)

    def show(self, show: Show) -> None:
        self.shows.append(show)
        self._show(show)

    def kill(self) -> None:
        assert self._program is not None
        self._program.kill()

    def finish(self) -> None:
        assert self._program is not None
        if self._program.finish() != 0:
            raise Failed(f"{self.name} ends badly: {self._rig.log.read_text()[-2000:]}")

    @property
    def settled(self) -> bool:
        """Whoever stands there has seen an answer to every card."""
        return len(self.heard) == len(self.shows)

    def on_disk(self) -> set[Key]:
        """The scans that wait in its outbox; it is dead, and its files are looked at in a copy."""
        with tempfile.TemporaryDirectory() as folder:
            for suffix in ("", "-wal"):
                part = self.outbox.with_name(self.outbox.name + suffix)
                if part.exists():
                    shutil.copy(part, Path(folder) / part.name)
            with contextlib.closing(sqlite3.connect(Path(folder) / self.outbox.name)) as db:
                try:
                    return set(db.execute("SELECT boot, counter FROM scans"))
                except sqlite3.OperationalError:  # it has not come as far as making its table
                    return set()

    def _show(self, show: Show) -> None:
        assert self._program is not None
        self._program.tell(msgspec.json.encode(show.seen))

    def _hear(self, line: str) -> None:
        said = msgspec.json.decode(line)
        match next(iter(said)):
            case "ready":
                self._ready.set()
            case "taken":
                self._taken.add((said["taken"][0], said["taken"][1]))
            case "answer":
                self._hear_answer(msgspec.convert(said["answer"], Answer))
            case "refused":
                self._rig.fail(f"{self.name} refuses a scan: {said['refused']}")
            case "link":
                self.link = said["link"]
            case "held":
                self.held.set()

    def _hear_answer(self, answer: Answer) -> None:
        key = (answer.boot, answer.counter)
        if key in self._heard_now:
            self._rig.fail(f"{self.name} shows the answer to {key} a second time")
        if self.heard.setdefault(key, answer) != answer:
            self._rig.fail(f"{self.name} was told two different things of {key}: {self.heard[key]} and {answer}")
        self._heard_now.add(key)


class Rig:
    """The kit of one play, in a folder of its own. env: for hub and badges."""

    def __init__(self, folder: Path, play: Play, mosquitto: str, env: Mapping[str, str] | None = None) -> None:
        self.folder, self.play = folder, play
        self.data, self.log = folder / "data", folder / "log"
        self.log.touch()
        self.killed: list[str] = []
        self._env = dict(env or {})
        self.broker = Mosquitto(mosquitto, folder, free_port())
        self.players = {name: Player(self, name) for name in play.badges}
        self._hub: Program | None = None
        self.url = ""
        self._failures: list[str] = []
        play.prepare(self.data)
        pin = Gate(self.data, fresh=True).new_pin
        assert pin is not None
        self.teacher = Teacher(pin)
        self._fired: dict[Trigger, threading.Event] = {trigger: threading.Event() for trigger in ON_AIR}
        self._observer: Session | None = None
        self._sees = threading.Event()
        self._over = threading.Event()

    def __enter__(self) -> Rig:
        self.broker.start()
        self._observe()
        threads = [threading.Thread(target=self._guarded, args=(self.restart, HUB))]
        threads += [threading.Thread(target=self._guarded, args=(self.restart, name)) for name in self.players]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self

    def __exit__(self, *_: object) -> None:
        if self._observer is not None:
            self._observer.stop()
        for player in self.players.values():
            with contextlib.suppress(Exception):
                player.kill()
        if self._hub is not None:
            with contextlib.suppress(Exception):
                self._hub.kill()
        self.broker.stop()

    def run(self, saboteur: Saboteur | None = None) -> Outcome:
        """Play the whole of it; what has come of it."""
        for wave in self.play.waves:
            self.do(wave, [] if saboteur is None else saboteur.strikes(wave))
        return self.end()

    def do(self, wave: Wave, strikes: list[Strike]) -> None:
        """One wave, while strikes are made; it ends when all is answered and all is on again."""
        if not self._sees.wait(_STARTS_WITHIN):
            raise Failed("nobody sees what is on the air")
        self._over.clear()
        armed = [(self._guarded, (self._strike, strike, self._moment(strike))) for strike in strikes]
        threads = [threading.Thread(target=target, args=arguments, daemon=True) for target, arguments in armed]
        for thread in threads:
            thread.start()
        try:
            if wave.order is not None:
                self._order(wave.order)
            for show in wave.shows:
                self.players[show.badge].show(show)
            self._settle()
        finally:
            self._over.set()
            for thread in threads:
                thread.join()
        self._settle()

    @property
    def hub_process(self) -> int:
        assert self._hub is not None
        return self._hub.pid

    def end(self, expected: str = "(?!)") -> Outcome:
        """Switch everything off in good order, and see what there is. expected: trouble that may be in the log."""
        for player in self.players.values():
            player.finish()
            if player.on_disk():
                raise Failed(f"{player.name} was answered everything, and keeps {player.on_disk()}")
        assert self._hub is not None
        if self._hub.stop() != 0:
            raise Failed("the hub ends badly")
        self._check()
        # The pages outlive a killed hub by a moment, and say that it does not answer.
        lines = [line for line in self.log.read_text().splitlines() if " pages " not in line]
        trouble = [line for line in lines if re.search(r"\bERROR\b|Exception in thread", line)]
        trouble = [line for line in trouble if not re.search(expected, line)]
        if trouble:
            raise Failed(f"the programs tell of trouble: {trouble[:3]}\n{self.log.read_text()[-3000:]}")
        self._heard_is_judged()
        return outcome(self.play, self.data)

    def fail(self, what: str) -> None:
        """Something was seen by another thread that breaks a promise."""
        self._failures.append(what)

    def kill(self, victim: str) -> None:
        self.killed.append(victim)
        match victim:
            case "hub":
                assert self._hub is not None
                self._hub.kill()
            case "mosquitto":
                self.broker.stop()
                self._sees.clear()
            case _:
                self.players[victim].kill()

    def restart(self, victim: str) -> None:
        match victim:
            case "hub":
                self._start_hub()
            case "mosquitto":
                self.broker.start()
            case _:
                self.players[victim].start(self._env)

    def judged(self, badge: str) -> set[Key]:
        """The scans of a badge that the journal has. It waits for a hub, who alone can put a journal in order."""
        return set(self._asked_of_the_journal("SELECT boot, counter FROM record WHERE badge = ?", badge))

    def _heard_is_judged(self) -> None:
        for name, player in self.players.items():
            rows = self._asked_of_the_journal("SELECT boot, counter, body FROM record WHERE badge = ? ORDER BY n", name)
            stored = {
                (boot, counter): msgspec.json.decode(body, type=ScannedRecord).answer for boot, counter, body in rows
            }
            if stored != player.heard:
                raise Failed(f"{name} was told {player.heard}, the journal has {stored}")

    def _start_hub(self) -> None:
        started = threading.Event()

        def hear(line: str) -> None:
            page = re.search(r"The page: (\S+)", line)
            if page is not None:
                self.url = page[1]
                started.set()

        words = ["paperhop", "hub", "--broker", self.broker.url, "--data", str(self.data), "--http", "127.0.0.1:0"]
        words += ["--lesson", self.play.lesson, "--reader", DESK]
        self._hub = Program(*words, hear=hear, errors=self.log, env=self._env)
        if not started.wait(_STARTS_WITHIN):
            raise Failed(f"the hub does not start: {self.log.read_text()[-2000:]}")

    def _order(self, order: dict[str, Any]) -> None:
        """As a teacher would: who does not know whether it was done looks, and orders it again if it was not."""
        count = "SELECT count(*) FROM record WHERE kind != 'scanned'"
        ((before,),) = self._asked_of_the_journal(count)

        def done() -> bool:
            with contextlib.suppress(OSError, HTTPException):
                self.teacher.do(self.url, order)
            ((now,),) = self._asked_of_the_journal(count)
            return bool(now > before)

        wait_until(done, f"{order} is done", 30)

    def _moment(self, strike: Strike) -> Callable[[], bool]:
        """Whether what a strike waits for has happened, from now on."""
        match strike.trigger:
            case Trigger.AT_ONCE:
                return lambda: True
            case Trigger.SCAN | Trigger.ANSWER:
                self._fired[strike.trigger].clear()
                return self._fired[strike.trigger].is_set
            case Trigger.HEARD | Trigger.SHOWN:
                assert strike.victim == strike.watched
                player = self.players[strike.victim]
                player.held.clear()
                player.hold.write_text(strike.trigger.value)
                return player.held.is_set
            case Trigger.JOURNAL:
                watched = self.data / f"{FILE}-wal"
            case Trigger.OUTBOX:
                outbox = self.players[strike.watched].outbox
                watched = outbox.with_name(f"{outbox.name}-wal")
        before = _mark(watched)
        return lambda: _mark(watched) != before

    def _strike(self, strike: Strike, come: Callable[[], bool]) -> None:
        while not come():
            if self._over.is_set():
                wait_until(come, f"{strike} sees what it waits for", _SEEN_WITHIN)
            time.sleep(_LOOKS_EVERY)
        time.sleep(strike.after)
        self.kill(strike.victim)
        if strike.trigger in HELD:
            self.players[strike.victim].hold.unlink()
        time.sleep(strike.down)
        self.restart(strike.victim)

    def _observe(self) -> None:
        def take(topic: str, _: bytes) -> None:
            leaf = topic.rpartition("/")[2]
            if leaf in ("scan", "answer"):
                self._fired[Trigger(leaf)].set()

        self._observer = Session(
            self.broker.url,
            "observer",
            subscriptions=[hub_subscription(), badge_subscription("+")],
            on_message=take,
            on_link=lambda up, text: self._sees.set() if up else None,
        )
        self._observer.start()

    def _asked_of_the_journal(self, question: str, *words: object) -> list[Any]:
        deadline = time.monotonic() + 30
        while True:
            try:
                uri = f"{(self.data / FILE).absolute().as_uri()}?mode=ro"
                with contextlib.closing(sqlite3.connect(uri, uri=True)) as db:
                    return db.execute(question, words).fetchall()
            except sqlite3.Error:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def _guarded(self, step: Any, *arguments: Any) -> None:
        try:
            step(*arguments)
        except Exception as error:
            self.fail(f"{type(error).__name__}: {error}")

    def _settle(self) -> None:
        self._check()
        for player in self.players.values():
            self._wait(player)
        self._check()

    def _wait(self, player: Player) -> None:
        try:
            wait_until(lambda: player.settled or self._failures, f"{player.name} is answered", _ANSWERED_WITHIN)
        except Failed as error:
            heard = f"{len(player.heard)} of {len(player.shows)}, link {player.link}"
            raise Failed(f"{error}; {heard}\n{self.log.read_text()[-3000:]}") from None

    def _check(self) -> None:
        if self._failures:
            raise Failed("\n".join(self._failures))


def outcome(play: Play, data: Path) -> Outcome:
    """What the journal in a folder says has come of a play."""
    journal = Journal(data)
    try:
        if journal.damage is not None:
            raise Failed(str(journal.damage))
        answers: dict[str, list[tuple[str | None, Answer]]] = {}
        for _, record in journal.records(after=1):
            if isinstance(record, ScannedRecord):
                anywhere = msgspec.structs.replace(record.answer, boot="00000000", counter=1)
                answers.setdefault(record.badge, []).append((record.card, anywhere))
        room = Room(journal, load(play.lesson), readers=[DESK], clock=ManualClock)
        state = {key: value for key, value in room.state().items() if key not in _OF_THIS_RUN}
        nodes = [{key: value for key, value in node.items() if key != "online"} for node in state.pop("nodes")]
        seen = {**state, "nodes": nodes, "tables": room.tables(), "faults": room.faults(), "holders": room.holders()}
        return Outcome(answers, comparable(room.world, room.tally), seen)
    finally:
        journal.close()


_OF_THIS_RUN = ("story", "feed", "last_id", "event")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _mark(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_size, found.st_mtime_ns
