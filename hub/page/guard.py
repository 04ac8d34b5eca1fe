"""What one visitor may take of the pages: connections, the size of a request, and turns at what is slow to make.

Whoever asks for more is told so, and the pages go on for everybody else. The hub's own machine may have as many
connections and viewers as there are.
"""

from __future__ import annotations

import contextlib
import copy
import resource
import threading
import time
import weakref
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import partial
from ipaddress import ip_address
from socket import socket
from typing import Any

import msgspec
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.utilities import Error, RequestEntityTooLarge
from werkzeug.exceptions import ServiceUnavailable

from hub.page.wording import language
from hub.texts import page

MOST_CONNECTIONS = 1024
"""Connections at the same time, of all, where the system lets the pages have so many."""
MOST_OF_ONE_HOST = 128
"""Connections at the same time from one address: a class behind one address has room, and eight hosts must conspire."""
MOST_PHOTO = 16 * 1024 * 1024
"""Octets of a photo."""
MOST_TEXT = 64 * 1024
"""Octets of any other request, and of one whose length is not told beforehand."""
MOST_ON_THE_WAY = 64 * 1024 * 1024
"""Octets of all photos that are being sent or looked at: they lie in memory or on the hub's disk until then."""
MOST_PHOTOS_OF_ONE_HOST = 2
"""Photos from one address that are being sent or looked at, together no larger than one may be."""
MOST_SENDING_S = 120.0
"""Seconds that a photo may take on its way: its room is needed by others."""
MOST_HEADERS = 16 * 1024
"""Octets of the head of a request."""
PHOTOS = "/api/scan"
"""Where photos are sent to."""


def is_own(host: str) -> bool:
    """Whether an address is of the hub's own machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def possible_connections() -> int:
    """How many connections there may be: half of the descriptors that the system gives us, of which we ask for enough;
    photos, answers and databases have the other half. Without one left, waitress would try to accept for ever.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= 2 * MOST_CONNECTIONS:
        return MOST_CONNECTIONS
    soft = 2 * MOST_CONNECTIONS if hard == resource.RLIM_INFINITY else min(hard, 2 * MOST_CONNECTIONS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft // 2


class Turns:
    """Something that is slow to make, for few at a time: others wait a little, and are then asked to come again.

    at_once: who may be at it at the same time; waiting: who may wait; patience: seconds for which they do.
    """

    def __init__(self, at_once: int, waiting: int, patience: float) -> None:
        self._free = threading.BoundedSemaphore(at_once)
        self._places = threading.BoundedSemaphore(at_once + waiting)
        self._patience = patience

    @contextlib.contextmanager
    def mine(self) -> Iterator[None]:
        """Wait for a turn, and have it. Raises ServiceUnavailable when there are too many, or it takes too long."""
        if not self._places.acquire(blocking=False):
            raise _busy()
        try:
            if not self._free.acquire(timeout=self._patience):
                raise _busy()
            try:
                yield
            finally:
                self._free.release()
        finally:
            self._places.release()


def _busy() -> ServiceUnavailable:
    return ServiceUnavailable(page("advice.busy", {}, language()))


class OnTheWay:
    """How much of all photos is on its way to the hub, and from where."""

    def __init__(self, most: int = MOST_ON_THE_WAY) -> None:
        self._left = most
        self._from: defaultdict[str, list[int]] = defaultdict(list)
        self._lock = threading.Lock()

    def take(self, host: str, octets: int) -> bool:
        """There is room for a photo of so many octets from there, which is taken; False: there is not."""
        with self._lock:
            there = self._from.get(host, [])
            full = len(there) >= MOST_PHOTOS_OF_ONE_HOST or sum(there) + octets > MOST_PHOTO
            if octets > self._left or (full and not is_own(host)):
                return False
            self._left -= octets
            self._from[host].append(octets)
            return True

    def give_back(self, host: str, octets: int) -> None:
        """A photo that had taken so much is on its way no more."""
        with self._lock:
            self._left += octets
            self._from[host].remove(octets)
            if not self._from[host]:
                del self._from[host]


class _Refused(Error):
    """Refused before the pages see it; answered as they answer programs."""

    def to_response(  # type: ignore[override]  # it is octets in truth
        self, ident: str | None = None
    ) -> tuple[str, list[tuple[str, str]], bytes]:
        octets = msgspec.json.encode({"error": self.reason, "advice": self.body})
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(octets))), ("Connection", "close")]
        return f"{self.code} {self.reason}", [*headers, ("X-Content-Type-Options", "nosniff")], octets


class _Busy(_Refused):
    code, reason = 503, "Service Unavailable"


class _TooLarge(_Refused):
    code, reason = 413, "Request Entity Too Large"


class _TooSlow(_Refused):
    code, reason = 408, "Request Timeout"


class _Request(HTTPRequestParser):
    """A request, refused as soon as its head says that it is too large, or that there are too many photos from `host`;
    and when a photo takes too long.
    """

    path: str

    def __init__(self, adj: Any, on_the_way: OnTheWay, host: str) -> None:
        super().__init__(adj)
        self._on_the_way, self._host = on_the_way, host
        self._until = float("inf")

    def parse_header(self, head: bytes) -> None:
        super().parse_header(head)
        photo = self.path == PHOTOS and self.content_length > MOST_TEXT
        self.adj = copy.copy(self.adj)
        self.adj.max_request_body_size = (MOST_PHOTO if photo else MOST_TEXT) + 1
        if photo and self.content_length <= MOST_PHOTO:
            taken = self._host, self.content_length
            if self._on_the_way.take(*taken):
                self._until = time.monotonic() + MOST_SENDING_S
                # Also when whoever sends it has gone in the middle, and nobody closes anything.
                self._given_back = weakref.finalize(self, self._on_the_way.give_back, *taken)
            else:
                self.content_length, self.body_rcv = 0, None
                self.error = _Busy(page("advice.many-photos", {}))

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)
        if isinstance(self.error, RequestEntityTooLarge):
            self.error = _TooLarge(page("advice.413", {}))
        elif not self.completed and time.monotonic() > self._until:
            self.error, self.completed = _TooSlow(page("advice.408", {})), True
        return consumed

    def close(self) -> None:
        super().close()
        if hasattr(self, "_given_back"):
            self._given_back()


class Connections:
    """Makes the connections of a waitress server (`channel_class`): no host has more than its share."""

    def __init__(self) -> None:
        self._on_the_way = OnTheWay()

    def __call__(self, server: Any, connection: socket, address: Any, adj: Any, map: Any) -> Any:
        """A connection has come: it is served, or told that there are too many from there."""
        host = address[0]
        there = Counter(channel.addr[0] for channel in server.active_channels.values())
        if there[host] < MOST_OF_ONE_HOST or is_own(host):
            channel = HTTPChannel(server, connection, address, adj, map=map)
            channel.parser_class = partial(_Request, on_the_way=self._on_the_way, host=host)  # type: ignore[assignment]
            return channel
        connection.setblocking(False)
        with contextlib.suppress(OSError):
            connection.send(_too_many())
        connection.close()
        return None


def _too_many() -> bytes:
    status, headers, body = _Busy(page("advice.connections", {"count": str(MOST_OF_ONE_HOST)})).to_response()
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode() + body
