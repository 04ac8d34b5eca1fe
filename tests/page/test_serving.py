"""The page over a real socket, by waitress."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from hub.page import Gate, PortInUse, Server, create_app, serve
from tests.page.room import NO_PAST, Room

SOON = 10.0
HEARTBEAT_S = 0.05


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def server(room: Room, gate: Gate) -> Iterator[Server]:
    server = serve(create_app(room, gate, NO_PAST, HEARTBEAT_S), "127.0.0.1", 0)
    yield server
    server.close()


class _Viewer:
    """A browser's stream: one connection, read line by line."""

    def __init__(self, server: Server, query: str = "", **headers: str) -> None:
        self._connection = http.client.HTTPConnection(server.host, server.port, timeout=SOON)
        self._connection.request("GET", f"/api/events{query}", headers=headers)
        self._response = self._connection.getresponse()
        assert self._response.status == 200

    def event(self) -> dict[str, str]:
        """The next event that is no heartbeat."""
        while True:
            fields: dict[str, str] = {}
            while line := self._response.readline().decode().rstrip("\n"):
                name, _, value = line.partition(": ")
                fields[name] = value
            if "id" in fields:
                return fields

    def rest(self) -> bytes:
        return self._response.read()

    def leave(self) -> None:
        self._response.close()
        self._connection.close()


def _eventually(true: Callable[[], bool]) -> bool:
    waiting = threading.Event()
    end = time.monotonic() + SOON
    while not true() and time.monotonic() < end:
        waiting.wait(0.005)
    return true()


def test_an_event_arrives_at_once(server: Server, room: Room) -> None:
    viewer = _Viewer(server)
    latest = room.feed.publish("change", {"round": 2})
    assert viewer.event() == {"id": latest, "event": "change", "data": '{"round":2}'}
    viewer.leave()


def test_a_broken_stream_resumes_where_it_was(server: Server, room: Room) -> None:
    viewer = _Viewer(server)
    room.feed.publish("change", {"n": 1})
    seen = viewer.event()["id"]
    viewer.leave()
    missed = room.feed.publish("change", {"n": 2})
    again = _Viewer(server, **{"Last-Event-ID": seen})
    assert again.event()["id"] == missed
    again.leave()


def test_a_viewer_who_leaves_is_noticed_at_the_next_heartbeat(server: Server) -> None:
    viewer = _Viewer(server)
    assert server.viewers == 1
    viewer.leave()
    assert _eventually(lambda: server.viewers == 0)


def test_two_hundred_viewers_see_it_and_the_page_still_answers(server: Server, room: Room) -> None:
    viewers = [_Viewer(server) for _ in range(200)]
    latest = room.feed.publish("change", {"n": 1})
    assert {viewer.event()["id"] for viewer in viewers} == {latest}
    connection = http.client.HTTPConnection(server.host, server.port, timeout=SOON)
    connection.request("GET", "/")
    assert connection.getresponse().status == 200
    connection.close()
    for viewer in viewers:
        viewer.leave()


def test_closing_ends_the_streams_and_frees_the_port(room: Room, gate: Gate) -> None:
    app = create_app(room, gate, NO_PAST)
    server = serve(app, "127.0.0.1", 0)
    viewer = _Viewer(server)
    server.close()
    server.close()
    assert b"event:" not in viewer.rest()
    viewer.leave()
    again = serve(create_app(room, gate, NO_PAST), "127.0.0.1", server.port)
    assert again.port == server.port
    again.close()


def test_a_port_in_use_is_explained(server: Server, room: Room, gate: Gate) -> None:
    with pytest.raises(PortInUse, match=rf"Port {server.port} on 127.0.0.1 .*--http 127.0.0.1:{server.port + 1}"):
        serve(create_app(room, gate, NO_PAST), "127.0.0.1", server.port)


def test_an_address_of_another_machine_is_explained(room: Room, gate: Gate) -> None:
    with pytest.raises(OSError, match=r"Is '192\.0\.2\.1' an address of this machine\?"):
        serve(create_app(room, gate, NO_PAST), "192.0.2.1", 0)


def test_a_port_that_does_not_exist_is_explained(room: Room, gate: Gate) -> None:
    with pytest.raises(OSError, match="choose one from 1 to 65535"):
        serve(create_app(room, gate, NO_PAST), "127.0.0.1", 70_000)


def test_rubbish_on_the_socket_is_answered_and_does_no_harm(server: Server) -> None:
    with socket.create_connection((server.host, server.port), timeout=SOON) as line:
        line.sendall(b"\x00\xff rubbish\r\n\r\n")
        assert line.recv(64).startswith(b"HTTP/1.")
    viewer = _Viewer(server)
    viewer.leave()
