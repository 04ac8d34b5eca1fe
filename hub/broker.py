"""The hub's edge to MQTT: what badges publish goes to the room in the order it came, what the room says goes out.

Messages are only taken in on the network thread; a thread of its own works them off, so that a slow disk never
keeps the client from answering the broker.
"""

from __future__ import annotations

import functools
import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Protocol

from hub import messages
from hub.journal import JournalError
from hub.messages import RETAINED, BadgeStatus, BadMessage, Down, Scan, Up
from hub.messages.session import Session
from hub.seats import PHONE

TICK_S = 1.0
"""Seconds between two looks at the clock: timers that have run out, the next step of an engine."""
MOST_WAITING = 10_000
"""Messages that may wait to be worked off. A scan that finds no room is sent again by its badge."""

log = logging.getLogger(__name__)


class Judge(Protocol):
    """Who judges what badges say, and knows what is to be said to them."""

    def scan(self, scan: Scan) -> list[Down]:
        """Judge a scan; what is to be published then, the answer first."""

    def status(self, status: BadgeStatus) -> list[Down]:
        """A badge came or went."""

    def roles(self) -> list[Down]:
        """What every badge is."""

    def tick(self) -> list[Down]:
        """Time has passed."""


class BrokerEdge:
    """The room's connection with its badges.

    on_link(up, sentence): the broker was found or lost. Nothing is ever lost on the way: a badge keeps a scan until it
    has the answer, which goes out after the journal has it.
    """

    def __init__(
        self,
        room: Judge,
        broker_url: str,
        set_name: str = messages.DEFAULT_SET,
        on_link: Callable[[bool, str], None] = lambda up, text: None,
    ) -> None:
        self._room = room
        self._set = set_name
        self._tell = on_link
        self._waiting: queue.Queue[Up | None] = queue.Queue(MOST_WAITING)
        self._session = Session(
            broker_url,
            f"paperhop-{set_name}-hub",
            subscriptions=[messages.hub_subscription(set_name)],
            on_message=self._take,
            on_link=self._linked,
        )
        self._worker = threading.Thread(target=self._work, name="room", daemon=True)

    def start(self) -> None:
        """Begin; returns at once, whether or not there is a broker yet."""
        self._worker.start()
        self._session.start()

    def stop(self) -> None:
        """Take in no more, finish what is waiting, leave."""
        self._waiting.put(None)
        self._worker.join(10)
        self._session.stop()

    def publish(self, downs: list[Down]) -> None:
        """Send messages to their badges. What cannot go out now is said again when it is asked for again."""
        for message in downs:
            self._session.publish(
                messages.topic(message, self._set), messages.encode(message), retain=type(message) in RETAINED
            )

    def _linked(self, up: bool, text: str) -> None:
        self._tell(up, text)
        if up:
            self.publish(self._room.roles())

    def _take(self, topic: str, octets: bytes) -> None:
        if not octets:
            return
        try:
            message = messages.decode_up(topic, octets)
        except BadMessage as error:
            log.warning("a message on %s is not understood: %s", topic[:200], error)
            salvaged = messages.salvage_scan(topic, octets, str(error))
            if salvaged is None:
                return
            message = salvaged
        if message.badge.startswith(PHONE):
            log.warning("a message in the name of %s is let go: phones play by the pages alone", message.badge)
            return
        try:
            self._waiting.put_nowait(message)
        except queue.Full:
            log.warning("more than %d messages are waiting: one of badge %s is let go", MOST_WAITING, message.badge)

    def _work(self) -> None:
        next_tick = time.monotonic() + TICK_S
        while True:
            left = next_tick - time.monotonic()
            if left <= 0:
                next_tick = time.monotonic() + TICK_S
                self._do(self._room.tick, "the time")
                continue
            try:
                message = self._waiting.get(timeout=left)
            except queue.Empty:
                continue
            if message is None:
                return
            self._do(functools.partial(self._judge, message), f"a message of badge {message.badge}")

    def _do(self, step: Callable[[], list[Down]], what: str) -> None:
        try:
            self.publish(step())
        except JournalError as error:
            log.error("%s A badge keeps its scans and sends them again", error)
        except Exception:
            log.exception("%s could not be handled", what)

    def _judge(self, message: Up) -> list[Down]:
        match message:
            case Scan():
                return self._room.scan(message)
            case BadgeStatus():
                return self._room.status(message)
