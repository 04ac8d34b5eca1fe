"""The hub's edge to MQTT: what badges publish goes to the room in the order it came, what the room says goes out.

What has come while the room was busy is worked off together, so that one write to the disk serves all of it. A thread
of its own tells the room that time passes.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby
from typing import Protocol

from hub import messages
from hub.fairness import Shares
from hub.journal import JournalError
from hub.messages import RETAINED, BadgeStatus, BadMessage, Down, Scan, Up
from hub.messages.session import Line, Session
from hub.seats import PHONE

TICK_S = 1.0
"""Seconds between two looks at the clock: timers that have run out, the next step of an engine."""
MOST_WAITING = 10_000
"""Messages that may wait to be worked off. A scan that finds no room is sent again by its badge; a status is not, and
what the badge tells next counts.
"""
TOGETHER = 64
"""Messages that are worked off together, at most."""

log = logging.getLogger(__name__)


class Judge(Protocol):
    """Who judges what badges say, and knows what is to be said to them."""

    def scans(self, scans: Sequence[Scan], publish: Callable[[list[Down]], None]) -> None:
        """Judge scans, in this order. publish: is given the answers once all of them are kept, then what follows."""

    def status(self, status: BadgeStatus) -> list[Down]:
        """A badge came or went."""

    def roles(self) -> list[Down]:
        """What every badge is."""

    def tick(self) -> list[Down]:
        """Time has passed."""


class BrokerEdge:
    """The room's connection with its badges.

    on_link(up, sentence): the broker was found or lost. on_flood(badge): it sends more than its share. line: makes
    the session, clock: in seconds. No scan is ever lost on the way: a badge keeps a scan until it has the answer, which
    goes out after the journal has it.
    """

    def __init__(
        self,
        room: Judge,
        broker_url: str,
        set_name: str = messages.DEFAULT_SET,
        on_link: Callable[[bool, str], None] = lambda up, text: None,
        on_flood: Callable[[str], None] = lambda badge: None,
        line: Callable[..., Line] = Session,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._room = room
        self._shares = Shares(clock, on_flood)
        self._set = set_name
        self._tell = on_link
        self._waiting: deque[Up] = deque()
        self._one_by_one = False
        self._session = line(
            broker_url,
            f"paperhop-{set_name}-hub",
            subscriptions=[messages.hub_subscription(set_name)],
            on_message=self._take,
            on_pause=self._work_off,
            on_link=self._linked,
        )
        self._stopping = threading.Event()
        self._ticking = threading.Thread(target=self._tick, name="room's time", daemon=True)

    def start(self) -> None:
        """Begin; returns at once, whether or not there is a broker yet."""
        self._ticking.start()
        self._session.start()

    def stop(self) -> None:
        """Finish what has come, and leave."""
        self._stopping.set()
        self._ticking.join(10)
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
        if not octets or not self._shares.admit(messages.sender(topic), len(octets)):
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
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(message)
        else:
            log.warning("more than %d messages are waiting: one of badge %s is let go", MOST_WAITING, message.badge)

    def _work_off(self) -> bool:
        come = [self._waiting.popleft() for _ in range(min(TOGETHER, len(self._waiting)))]
        for are_scans, together in groupby(come, lambda message: isinstance(message, Scan)):
            if are_scans:
                self._judge([message for message in together if isinstance(message, Scan)])
            else:
                for message in together:
                    self._hear(message)
        return bool(self._waiting)

    def _judge(self, scans: list[Scan]) -> None:
        """All together, if that can be; else each by itself, so that what is wrong with one, or with the disk, costs
        nobody else an answer.
        """
        if len(scans) > 1 and not self._one_by_one:
            try:
                self._room.scans(scans, self.publish)
                return
            except Exception as error:
                self._one_by_one = True
                log.warning("%d scans could not be judged together (%s): now one by one", len(scans), error)
        judged = [
            self._do(partial(self._room.scans, [scan], self.publish), f"a scan of badge {scan.badge}") for scan in scans
        ]
        self._one_by_one = self._one_by_one and not all(judged)

    def _hear(self, message: Up) -> None:
        if isinstance(message, BadgeStatus):
            self._do(lambda: self.publish(self._room.status(message)), f"a status of badge {message.badge}")

    def _tick(self) -> None:
        while not self._stopping.wait(TICK_S):
            self._do(lambda: self.publish(self._room.tick()), "the time")

    def _do(self, step: Callable[[], None], what: str) -> bool:
        try:
            step()
        except JournalError as error:
            log.error("%s A badge keeps its scans and sends them again", error)
        except Exception:
            log.exception("%s could not be handled", what)
        else:
            return True
        return False
