"""The live page: the room on a screen, for everybody in it. It only looks; nothing here changes a game.

`/` is the page, `/api/state` the room as it is now, `/api/events` what happens from then on (server-sent events).
Nothing is fetched from outside the hub.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from importlib import resources
from typing import Any, Protocol

import msgspec
from flask import Flask, Request, Response, render_template, request
from werkzeug.exceptions import HTTPException, NotFound, ServiceUnavailable

from hub.feed import HEARTBEAT_S, Event, Feed, Following
from hub.page.server import PortInUse, Server, listen, serve

__all__ = ["MAX_VIEWERS", "PortInUse", "RoomView", "Server", "create_app", "listen", "serve"]

MAX_VIEWERS = 64
"""Live pages served at the same time; each holds one thread of the server."""
RETRY_MS = 1000
"""Milliseconds after which a browser tries again when its stream broke."""
VERSION = 1
"""The version of the JSON of `/api/state` and `/api/events`."""

_FONTS = {"regular": "AtkinsonHyperlegible_400Regular.ttf", "bold": "AtkinsonHyperlegible_700Bold.ttf"}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_ADVICE = {
    404: "There is nothing at this address. The room is on the front page.",
    405: "This address can only be looked at.",
    500: "The hub stumbled over this request. The game goes on; the hub's log says what happened.",
    503: f"{MAX_VIEWERS} screens are following the room already. This one joins as soon as another leaves.",
}


class RoomView(Protocol):
    """What the page needs of a room.

    `state()` is the whole picture as JSON-ready values (docs/contracts.md); `feed` publishes every change to it.
    """

    @property
    def feed(self) -> Feed:
        """Where the room tells its changes."""

    def state(self) -> dict[str, Any]:
        """The room as it is now."""


class _Viewers:
    """Who follows the feed at this moment: at most MAX_VIEWERS, so that the rest of the page always has a thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._following: set[Following] = set()
        self._closed = False

    def __len__(self) -> int:
        with self._lock:
            return len(self._following)

    def add(self, following: Following) -> None:
        with self._lock:
            if self._closed or len(self._following) >= MAX_VIEWERS:
                raise ServiceUnavailable(_ADVICE[503])
            self._following.add(following)

    def remove(self, following: Following) -> None:
        following.close()
        with self._lock:
            self._following.discard(following)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            following = list(self._following)
        for each in following:
            each.close()


def create_app(room: RoomView, heartbeat_s: float = HEARTBEAT_S) -> Flask:
    """The page of one room as a WSGI application.

    heartbeat_s: seconds of silence after which a stream carries a sign of life; a viewer who left is noticed then.
    `app.extensions["viewers"]` has a length (how many follow now) and `close()`, which ends every stream.
    """
    app = Flask(__name__)
    viewers = app.extensions["viewers"] = _Viewers()

    @app.get("/")
    def page() -> str:
        return render_template("page.html")

    @app.get("/api/state")
    def state() -> Response:
        # Before the state, so that nothing falls between the two: an event told twice does no harm.
        last_event = room.feed.last_id
        return _json({"v": VERSION, **room.state(), "last_event": last_event})

    @app.get("/api/events")
    def events() -> Response:
        response = Response(mimetype="text/event-stream", headers={"Cache-Control": "no-store"})
        if request.method == "GET":
            after = request.headers.get("Last-Event-ID") or request.args.get("after")
            following = room.feed.follow(after, heartbeat_s)
            viewers.add(following)
            response.response = _stream(following)
            response.call_on_close(lambda: viewers.remove(following))
        return response

    @app.get("/healthz")
    def healthz() -> Response:
        return _json({"ok": True, "viewers": len(viewers)})

    @app.get("/fonts/<name>.ttf")
    def font(name: str) -> Response:
        if name not in _FONTS:
            raise NotFound
        octets = resources.files("cards").joinpath("fonts", _FONTS[name]).read_bytes()
        return Response(octets, mimetype="font/ttf", headers={"Cache-Control": "public, max-age=86400"})

    @app.after_request
    def guard(response: Response) -> Response:
        response.headers.update(_HEADERS)
        return response

    @app.errorhandler(HTTPException)
    def trouble(error: HTTPException) -> Response:
        return _explain(request, error.code or 500, error.name)

    return app


def _stream(following: Following) -> Iterator[str]:
    yield f"retry: {RETRY_MS}\n: the room\n\n"
    for event in following:
        yield _HEARTBEAT if event is None else _server_sent(event)


# The comment keeps proxies awake; the event lets the page notice when a connection has silently died.
_HEARTBEAT = ": heartbeat\nevent: heartbeat\ndata: {}\n\n"


def _server_sent(event: Event) -> str:
    return f"id: {event.id}\nevent: {event.name}\ndata: {event.json}\n\n"


def _json(value: dict[str, Any], status: int = 200) -> Response:
    octets = msgspec.json.encode(value)
    return Response(octets, status, mimetype="application/json", headers={"Cache-Control": "no-store"})


def _explain(asked: Request, status: int, name: str) -> Response:
    advice = _ADVICE.get(status, "The hub could not do this.")
    if asked.path.startswith("/api/") or not asked.accept_mimetypes.accept_html:
        response = _json({"error": name, "advice": advice}, status)
    else:
        response = Response(render_template("error.html", name=name, advice=advice), status)
    if status == 503:
        response.headers["Retry-After"] = "2"
    return response
