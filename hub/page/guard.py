"""What one visitor may take of the pages: connections, the size of a request, and turns at what is slow to make.

Whoever asks for more is told so, and the pages go on for everybody else. The hub's own machine may have as many
connections and viewers as there are.
"""

from __future__ import annotations

import contextlib
import copy
import resource
import threading
import weakref
from collections import Counter
from collections.abc import Iterator
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
    """How much of all photos is on its way to the hub."""

    def __init__(self, most: int = MOST_ON_THE_WAY) -> None:
        self._left = most
        self._lock = threading.Lock()

    def take(self, octets: int) -> bool:
        """There is room for so much, which is taken; False: there is not."""
        with self._lock:
            if octets > self._left:
                return False
            self._left -= octets
            return True

    def give_back(self, octets: int) -> None:
        """So much is on its way no more."""
        with self._lock:
            self._left += octets


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


class _Request(HTTPRequestParser):
    """A request, refused as soon as its head says that it is too large."""

    on_the_way: OnTheWay
    path: str

    def parse_header(self, head: bytes) -> None:
        super().parse_header(head)
        photo = self.path == PHOTOS and self.content_length > MOST_TEXT
        self.adj = copy.copy(self.adj)
        self.adj.max_request_body_size = (MOST_PHOTO if photo else MOST_TEXT) + 1
        if photo and self.content_length <= MOST_PHOTO:
            if self.on_the_way.take(self.content_length):
                # Also when whoever sends it has gone in the middle, and nobody closes anything.
                self._given_back = weakref.finalize(self, self.on_the_way.give_back, self.content_length)
            else:
                self.content_length, self.body_rcv = 0, None
                self.error = _Busy(page("advice.many-photos", {}))

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)
        if isinstance(self.error, RequestEntityTooLarge):
            self.error = _TooLarge(page("advice.413", {}))
        return consumed

    def close(self) -> None:
        super().close()
        if hasattr(self, "_given_back"):
            self._given_back()


class Connections:
    """Makes the connections of a waitress server (`channel_class`): no host has more than its share."""

    def __init__(self, of_one: int = MOST_OF_ONE_HOST) -> None:
        self._of_one = of_one
        request = type("Request", (_Request,), {"on_the_way": OnTheWay()})
        self._channel = type("Channel", (HTTPChannel,), {"parser_class": request})

    def __call__(self, server: Any, connection: socket, address: Any, adj: Any, map: Any) -> Any:
        """A connection has come: it is served, or told that there are too many from there."""
        host = address[0]
        there = Counter(channel.addr[0] for channel in server.active_channels.values())
        if there[host] < self._of_one or is_own(host):
            return self._channel(server, connection, address, adj, map=map)
        connection.setblocking(False)
        with contextlib.suppress(OSError):
            connection.send(_too_many())
        connection.close()
        return None


def _too_many() -> bytes:
    status, headers, body = _Busy(page("advice.connections", {"count": str(MOST_OF_ONE_HOST)})).to_response()
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode() + body
