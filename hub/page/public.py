"""What everybody may see: the room on a screen, its state, and what happens in it (server-sent events)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from importlib import resources

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound, ServiceUnavailable

from hub.feed import Event, Following
from hub.page.answers import MAX_VIEWERS, as_json
from hub.page.desk import RoomView
from hub.page.guard import is_own
from hub.page.wording import chosen, language, vocabulary
from hub.survey import Asked
from hub.texts import page
from hub.view import RoomState

RETRY_MS = 1000
"""Milliseconds after which a browser tries again when its stream broke."""
MOST_OF_ONE_HOST = 64
"""Live pages from one address: a class behind one address has room."""
VERSION = 1
"""The version of the JSON of `/api/state` and `/api/events`."""

_FONTS = {"regular": "AtkinsonHyperlegible_400Regular.ttf", "bold": "AtkinsonHyperlegible_700Bold.ttf"}
_NO_STORE = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class PublicState(RoomState, frozen=True, kw_only=True):
    """The room as everybody may see it. v: VERSION. last_event: what to follow the events after. countdown: seconds
    until a round begins. questions: what phones are asked, or told when it is over. join: where phones come in,
    HOST:PORT; None: no other machine reaches this hub.
    """

    v: int
    last_event: str
    countdown: int | None
    questions: Asked | None
    join: str | None


class Viewers:
    """Who follows the feed at this moment: at most MAX_VIEWERS, so that the rest of the page always has a thread, and
    MOST_OF_ONE_HOST from one address, so that one machine cannot take the place of all.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._following: dict[Following, str] = {}
        self._closed = False

    def __len__(self) -> int:
        with self._lock:
            return len(self._following)

    def add(self, following: Following, host: str) -> None:
        """Somebody at an address follows from now on; ServiceUnavailable when there are too many."""
        with self._lock:
            if self._closed or len(self._following) >= MAX_VIEWERS:
                raise ServiceUnavailable
            if not is_own(host) and list(self._following.values()).count(host) >= MOST_OF_ONE_HOST:
                params = {"count": str(MOST_OF_ONE_HOST)}
                raise ServiceUnavailable(page("advice.viewers-of-one", params, language()))
            self._following[following] = host

    def remove(self, following: Following) -> None:
        """Somebody has left."""
        following.close()
        with self._lock:
            self._following.pop(following, None)

    def close(self) -> None:
        """Nobody follows any more."""
        with self._lock:
            self._closed = True
            following = list(self._following)
        for each in following:
            each.close()


def public_pages(room: RoomView, viewers: Viewers, heartbeat_s: float) -> Blueprint:
    """The pages that only look."""
    pages = Blueprint("public", __name__)

    @pages.get("/")
    def door() -> str:
        return render_template("door.html")

    @pages.get("/screen")
    def screen() -> str:
        return render_template("screen.html", **vocabulary(chosen() or _spoken_in(room) or language()))

    @pages.get("/api/state")
    def state() -> Response:
        # Before the state, so that nothing falls between the two: an event told twice does no harm.
        last_event = room.feed.last_id
        return as_json({"v": VERSION, **room.state(), "last_event": last_event})

    @pages.get("/api/events")
    def events() -> Response:
        response = Response(mimetype="text/event-stream", headers=_NO_STORE)
        if request.method == "GET":
            after = request.headers.get("Last-Event-ID") or request.args.get("after")
            following = room.feed.follow(after, heartbeat_s)
            viewers.add(following, request.remote_addr or "")
            response.response = _stream(following)
            response.call_on_close(lambda: viewers.remove(following))
        return response

    @pages.get("/healthz")
    def healthz() -> Response:
        return as_json({"ok": True, "viewers": len(viewers)})

    @pages.get("/fonts/<name>.ttf")
    def font(name: str) -> Response:
        if name not in _FONTS:
            raise NotFound
        octets = resources.files("cards").joinpath("fonts", _FONTS[name]).read_bytes()
        return Response(octets, mimetype="font/ttf", headers={"Cache-Control": "public, max-age=86400"})

    return pages


def _spoken_in(room: RoomView) -> str | None:
    """The language of the room; None: it cannot be told now, and the page will look for it."""
    try:
        return str(room.state()["lesson"]["language"])
    except RuntimeError:
        return None


def _stream(following: Following) -> Iterator[str]:
    yield f"retry: {RETRY_MS}\n: the room\n\n"
    for event in following:
        yield _HEARTBEAT if event is None else _server_sent(event)


# The comment keeps proxies awake; the event lets the page notice when a connection has silently died.
_HEARTBEAT = ": heartbeat\nevent: heartbeat\ndata: {}\n\n"


def _server_sent(event: Event) -> str:
    return f"id: {event.id}\nevent: {event.name}\ndata: {event.json}\n\n"
