"""A lesson rehearsed with real parts: embedded broker, hub, and a badge with a virtual hand at every node.

The demo, its JSON round and the benchmark all play through this.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cards.jsonform import WrittenJson, to_json
from cards.packet import Packet
from cards.qrtext import MOST_SERIAL, CardId, PrintedCard, encode
from firmware.badge import Badge
from firmware.lights import Lights
from firmware.mockpins import MockPins
from firmware.observer import Observer
from firmware.outbox import Outbox
from firmware.patterns import Shown
from firmware.virtual import VirtualHand
from hub.embedded_broker import EmbeddedBroker
from hub.lessons import Lesson, Script
from hub.lessons.lesson import ScanStep
from hub.messages import Answer, Role, Scan
from hub.scripted import is_for
from hub.service import Hub
from hub.simulator.verdicts import Verdict

DECK = "DEMO"
_READY_WITHIN = 20.0
_ANSWER_WITHIN = 30.0
_LIT_WITHIN = 10.0
_FAST_LIGHTS = 20.0
"""How many times faster the lights play when nobody watches."""


@dataclass(frozen=True, slots=True)
class HandStep:
    """A card of a script is scanned at a node, and this must come of it."""

    card: str
    node: str
    verdict: Verdict
    reason: str | None


@dataclass(frozen=True, slots=True)
class HandScript:
    """A script that hands can play with printed cards alone: nothing is marked on the way, no time passes."""

    id: str
    title: str
    text: str
    cards: dict[str, Packet]
    steps: tuple[HandStep, ...]


class RehearsalError(RuntimeError):
    """The rehearsal got stuck; the text says where."""


def by_hand(script: Script) -> HandScript:
    """The script for hands with printed cards. Raises ValueError when it takes more than that."""
    steps = []
    for number, step in enumerate(script.steps, 1):
        plain = isinstance(step, ScanStep) and step.via is None and step.ttl is None
        if not plain or not isinstance(step, ScanStep) or step.node is None or step.verdict is None:
            raise ValueError(f"Step {number} of the script {script.id!r} is more than a scan with a verdict to expect")
        steps.append(HandStep(step.card, step.node, step.verdict, step.reason))
    if script.engines:
        raise ValueError(f"The script {script.id!r} has engines of its own")
    if any(name != paper for name, paper in script.papers.items()):
        raise ValueError(f"The script {script.id!r} writes on a paper twice")
    cards = {}
    for name, written in script.cards.items():
        try:
            packet = written.complete()
            encode(PrintedCard(CardId(DECK, MOST_SERIAL), packet))
        except ValueError as error:
            message = f"The card {name!r} of the script {script.id!r} cannot be drawn: {error}"
            raise ValueError(message) from None
        cards[name] = packet
    return HandScript(script.id, script.title, script.text, cards, tuple(steps))


def for_the_demo(lesson: Lesson) -> tuple[HandScript, ...]:
    """The scripts that a lesson marks for the demo; when it marks none, all that hands can play. Of a variant what is
    for it (`hub.scripted.is_for`), and what names it, too.

    Raises RehearsalError when there is none, or when hands cannot play one that is marked.
    """
    playable = []
    for script in lesson.scripts:
        shown = script in lesson.to_show or script.variant is not None
        if not shown or not is_for(lesson, script):
            continue
        try:
            playable.append(by_hand(script))
        except ValueError as error:
            if script.demo:
                raise RehearsalError(str(error)) from None
    if not playable:
        raise RehearsalError(f"No script of the lesson {lesson.id} can be played with printed cards alone")
    return tuple(playable)


class RehearsalInterrupted(RuntimeError):
    """Somebody has called `Rehearsal.interrupt`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One scan of the rehearsal. shown: the word (and the blinks) read back from the mock pins; None when it was none.

    frame_to_light_ms: from the frame that decided the scan to the first pin that changed.
    """

    badge: str
    step: HandStep
    card: str
    packet: WrittenJson
    answer: Answer
    shown: Shown | None
    frame_to_light_ms: float | None

    @property
    def as_expected(self) -> bool:
        """The hub gave the lesson's verdict (and reason), and the pins showed it."""
        a, step = self.answer, self.step
        judged = a.verdict.value == step.verdict.value and step.reason in (None, a.reason)
        return judged and self.shown == Shown(a.light, a.key)


class Station(Observer):
    """A node played by a virtual hand: everything behind the hand is what runs on a real badge."""

    def __init__(self, node: str, broker_url: str, seed: int, pace: Literal["real", "fast"]) -> None:
        self.node = node
        self._pins = MockPins()
        self._lights = Lights(self._pins, speed=_FAST_LIGHTS if pace == "fast" else 1.0)
        self._hand = VirtualHand(seed, pace)
        self._outbox = Outbox(None)
        self._badge = Badge(node, self._hand, broker_url, outbox=self._outbox, lights=self._lights, observer=self)
        self._changed = threading.Condition()
        self._seated = False
        self._decided: dict[int, float] = {}
        self._answers: dict[int, Answer] = {}
        self._shown = 0
        self._interrupted = False
        self._thread = threading.Thread(target=self._badge.run, name=f"badge {node}", daemon=True)
        self._thread.start()

    def on_scan(self, scan: Scan, frame_time: float) -> None:
        """The frame that decided this scan came at `frame_time`."""
        with self._changed:
            self._decided[scan.counter] = frame_time
            self._changed.notify_all()

    def on_answer(self, answer: Answer) -> None:
        """The hub has answered."""
        with self._changed:
            self._answers[answer.counter] = answer
            self._changed.notify_all()

    def on_role(self, role: Role) -> None:
        """The hub knows this badge."""
        with self._changed:
            self._seated = role.node == self.node
            self._changed.notify_all()

    def wait_seated(self) -> None:
        """Wait until the hub has given this badge its node."""
        with self._changed:
            if not self._wait_for(lambda: self._seated, _READY_WITHIN):
                raise RehearsalError(f"The badge of {self.node} was given no node within {_READY_WITHIN:g} s")

    def scan(self, card: PrintedCard) -> tuple[Answer, Shown | None, float | None]:
        """Lay a card on the rest; the hub's answer, what the pins then showed, and frame to light in ms."""
        self._hand.show(card)
        self._shown += 1
        number = self._shown
        with self._changed:
            if not self._wait_for(lambda: number in self._answers and number in self._decided, _ANSWER_WITHIN):
                raise RehearsalError(f"{card.id} at {self.node}: no answer within {_ANSWER_WITHIN:g} s")
            answer, decided = self._answers.pop(number), self._decided.pop(number)
        told = Shown(answer.light, answer.key)
        self._pins.wait_for(lambda: self._interrupted or self._has_shown(told, decided), _LIT_WITHIN)
        if self._interrupted:
            raise RehearsalInterrupted
        said = self._pins.said_after(decided)
        if said is None:
            return answer, None, None
        return answer, said.shown, (said.at - decided) * 1000

    def interrupt(self) -> None:
        """End `wait_seated` and `scan` with RehearsalInterrupted, now and from now on; from any thread."""
        with self._changed:
            self._interrupted = True
            self._changed.notify_all()
        self._pins.wake()

    def close(self) -> None:
        """Take the badge off the net and switch its lights off."""
        self._badge.stop()
        self._thread.join()
        self._lights.close()
        self._outbox.close()

    def _has_shown(self, told: Shown, moment: float) -> bool:
        said = self._pins.said_after(moment)
        return said is not None and said.shown == told

    def _wait_for(self, happened: Callable[[], bool], timeout: float) -> bool:
        """Wait, with `_changed` held, until something has happened; False when it has not after `timeout` seconds."""
        done = self._changed.wait_for(lambda: self._interrupted or happened(), timeout)
        if self._interrupted:
            raise RehearsalInterrupted
        return done


class Rehearsal:
    """A whole room. pace: "real" for people to watch, "fast" for tests. Use as a context manager."""

    def __init__(self, lesson: Lesson, data: Path, http: tuple[str, int], pace: Literal["real", "fast"]) -> None:
        self.lesson = lesson
        self.scripts = for_the_demo(lesson)
        self._serial = 0
        self._interrupted = threading.Event()
        self._stations: dict[str, Station] = {}
        self._broker = EmbeddedBroker()
        self._broker.start()
        try:
            self.hub = Hub(lesson, broker_url=self._broker.url, data=data, http=http)
        except BaseException:
            self._broker.stop()
            raise
        for seed, node in enumerate(node.id for node in lesson.rules.nodes):
            self._stations[node] = Station(node, self._broker.url, seed, pace)

    def __enter__(self) -> Rehearsal:
        return self

    def __exit__(self, *_: object) -> None:
        for station in self._stations.values():
            station.close()
        self.hub.stop()
        self._broker.stop()

    def wait_ready(self) -> None:
        """Wait until every badge has its node."""
        for station in self._stations.values():
            station.wait_seated()

    def interrupt(self) -> None:
        """End `wait_ready` and `play` at once with RehearsalInterrupted; from any thread, as often as one likes."""
        self._interrupted.set()
        for station in self._stations.values():
            station.interrupt()

    def play(self, script: HandScript, pause: float = 0.0) -> Iterator[Outcome]:
        """Play a script in a new round, scan by scan. pause: seconds before each scan."""
        self.hub.new_round()
        self.hub.room.announce(script.title, script.text)
        cards = {name: self._card(packet) for name, packet in script.cards.items()}
        for step in script.steps:
            if self._interrupted.wait(pause):
                raise RehearsalInterrupted
            card = cards[step.card]
            answer, shown, took = self._stations[step.node].scan(card)
            yield Outcome(step.node, step, str(card.id), to_json(card.packet), answer, shown, took)

    def _card(self, packet: Packet) -> PrintedCard:
        self._serial = self._serial % MOST_SERIAL + 1
        return PrintedCard(CardId(DECK, self._serial), packet)
