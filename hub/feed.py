"""The feed: what happens in a room, told to any number of viewers at once, with a memory for those who were away.

One thread publishes; each viewer follows at its own pace from a ring of the last events. Nobody who is slow, or
gone, holds up the room: whoever falls further behind than the ring is told to start afresh.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import msgspec

MEMORY = 1000
"""Events that a feed remembers."""
HEARTBEAT_S = 10.0
"""Seconds without an event after which a follower is given a heartbeat."""
RESET = "reset"
"""The name of the event that says: what you know is too old, fetch the whole state again."""

_NAME = re.compile(r"^[a-z][a-z-]{0,31}$")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. id: "<start>-<n>", where a viewer resumes. json: its data, as text on one line."""

    id: str
    name: str
    json: str


class Feed:
    """A thread-safe broadcast with memory.

    memory: how many events are kept for viewers who come back. Ids are "<start>-<n>": start is random for each feed,
    so that an id from before a restart is known to be stale; n counts 1, 2, 3 ...
    """

    def __init__(self, memory: int = MEMORY) -> None:
        self._start = secrets.token_hex(4)
        self._ring: deque[Event] = deque(maxlen=memory)
        self._count = 0
        self._closed = False
        self._changed = threading.Condition()

    @property
    def last_id(self) -> str:
        """The id of the newest event; "<start>-0" before the first."""
        with self._changed:
            return self._id(self._count)

    def publish(self, name: str, data: object) -> str:
        """Tell everybody; returns the event's id. The data is written down now: later changes to it are not seen.

        Raises ValueError for a name that is not lower-case letters and hyphens, TypeError for data that is not JSON.
        """
        return self.relay(name, msgspec.json.encode(data).decode())

    def relay(self, name: str, text: str) -> str:
        """Tell everybody what is JSON on one line already: an event of another feed. Raises ValueError as `publish`."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} cannot name an event: use lower-case letters and -")
        with self._changed:
            self._count += 1
            event = Event(self._id(self._count), name, text)
            self._ring.append(event)
            self._changed.notify_all()
        return event.id

    def follow(self, last_id: str | None = None, heartbeat_s: float = HEARTBEAT_S) -> Following:
        """The events after `last_id`, then each new one as it comes; without `last_id`, new ones only.

        An id that this feed does not know, or has forgotten, gives one event named "reset" and goes on from there.
        """
        with self._changed:
            at = self._count if last_id is None else self._number(last_id)
            return Following(self, at, heartbeat_s)

    def close(self) -> None:
        """End every follower, once it has been given what is already there."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _id(self, number: int) -> str:
        return f"{self._start}-{number}"

    def _number(self, event_id: str) -> int:
        """The place of an id in this feed; -1, which is always too old, for one that it never gave."""
        start, _, digits = event_id.partition("-")
        if start != self._start or not re.fullmatch(r"[0-9]{1,18}", digits) or int(digits) > self._count:
            return -1
        return int(digits)


class Following(Iterator[Event | None]):
    """One viewer's place in a feed: blocks until the next event; gives None as a heartbeat when it is quiet."""

    def __init__(self, feed: Feed, at: int, heartbeat_s: float) -> None:
        self._feed = feed
        self._at = at
        self._heartbeat_s = heartbeat_s
        self._closed = False

    def __next__(self) -> Event | None:
        feed = self._feed
        with feed._changed:
            feed._changed.wait_for(
                lambda: self._at < feed._count or self._closed or feed._closed, timeout=self._heartbeat_s
            )
            if self._closed:
                raise StopIteration
            forgotten = feed._count - len(feed._ring)
            if self._at < forgotten or self._at < 0:
                self._at = feed._count
                return Event(feed._id(feed._count), RESET, "{}")
            if self._at < feed._count:
                event = feed._ring[self._at - forgotten]
                self._at += 1
                return event
            if feed._closed:
                raise StopIteration
            return None

    def waiting(self) -> list[Event]:
        """The next events, as far as they are there already."""
        feed = self._feed
        with feed._changed:
            forgotten = feed._count - len(feed._ring)
            if self._at < forgotten:
                return []
            events = list(islice(feed._ring, self._at - forgotten, None))
            self._at = feed._count
        return events

    def close(self) -> None:
        """End this viewer's iteration at once, from any thread."""
        with self._feed._changed:
            self._closed = True
            self._feed._changed.notify_all()
