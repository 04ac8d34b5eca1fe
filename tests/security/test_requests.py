"""Requests that no browser makes, over a real socket: paths that lead out, bodies without an end, too many at once."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from werkzeug.exceptions import ServiceUnavailable

from hub.allowance import Allowance
from hub.archive import Archive
from hub.messages import Problem, Sighting
from hub.page import MAX_VIEWERS, Gate, Server, create_app, past, serve
from hub.page import guard as guarding
from hub.page import phone as phoning
from hub.page.guard import (
    MOST_HEADERS,
    MOST_OF_ONE_HOST,
    MOST_ON_THE_WAY,
    MOST_PHOTO,
    MOST_TEXT,
    OnTheWay,
    Turns,
)
from hub.page.public import MOST_OF_ONE_HOST as MOST_VIEWERS_OF_ONE
from tests.page.room import Room
from tests.security.hall import Hall

SOON = 10.0


@pytest.fixture
def server(hall: Hall) -> Iterator[Server]:
    server = serve(hall.app, "127.0.0.1", 0)
    yield server
    server.close()


def _raw(server: Server, octets: bytes, host: str = "127.0.0.1") -> bytes:
    """What is answered to these octets from there, until the hub closes."""
    with socket.create_connection((server.host, server.port), timeout=SOON, source_address=(host, 0)) as line:
        with contextlib.suppress(OSError):  # it may have been closed while we still send
            line.sendall(octets)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while part := line.recv(65536):
                answer += part
    return answer


def _status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def _get(path: str) -> bytes:
    return b"GET " + path.encode("latin-1") + b" HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n"


_OUT = [
    *("..", "%2e%2e", "%252e%252e", "..%00", "%2e%2e%00", "....", ". ."),
    *("..%5c", "%5c..", "..\\", "%c0%ae%c0%ae", "%e0%80%ae%e0%80%ae", "..;"),
]
_SEPARATORS = ["/", "%2f", "%252f", "%5c", "\\", "//"]
_PLACES = [
    "/static/",
    "/docs/",
    "/fonts/",
    "/api/packets/",
    "/api/teacher/inside/",
    "/export/",
    "/C/",
    "/api/teacher/pictures/",
]


@pytest.mark.parametrize("place", _PLACES)
def test_no_path_leads_to_a_file(hall: Hall, server: Server, place: str) -> None:
    secret = (hall.data / "teacher.json").read_bytes()
    assert secret
    for out in _OUT:
        for separator in _SEPARATORS:
            for target in (f"{hall.data}/teacher.json".lstrip("/"), "etc/passwd", "pyproject.toml"):
                path = place + separator.join([out] * 12) + separator + target.replace("/", separator)
                answer = _raw(server, _get(path))
                assert _status(answer) in (200, 308, 400, 401, 404), path
                assert b"scrypt" not in answer
                assert b"root:" not in answer
                assert b"[project]" not in answer
                if _status(answer) == 200:
                    assert place == "/C/", "the page of a card, which says what it has read of it"


@pytest.mark.parametrize(
    "line",
    [
        *(
            "GET //evil.example/docs HTTP/1.1",
            "GET http://evil.example/docs HTTP/1.1",
            "GET /docs HTTP/1.1\r\nHost: evil",
        ),
        *("GET \\\\evil.example HTTP/1.1", "GET evil.example:80 HTTP/1.1", "GET ?@evil.example HTTP/1.1"),
    ],
)
def test_no_redirect_leads_away(server: Server, line: str) -> None:
    answer = _raw(server, line.encode() + b"\r\nHost: hub\r\nConnection: close\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert _status(answer) in (200, 308, 400, 404)
    for header in head.split(b"\r\n"):
        if header.lower().startswith(b"location:"):
            where = header.partition(b":")[2].strip()
            assert where.startswith(b"/")
            assert not where.startswith(b"//")
    assert b"evil" not in body


def test_a_header_is_no_place_for_another(server: Server) -> None:
    for path in (
        "/join.svg?at=x%0d%0aSet-Cookie:%20a=b",
        "/?lang=it%0d%0aSet-Cookie:%20a=b",
        "/docs%0d%0aSet-Cookie:a",
    ):
        assert b"a=b" not in _raw(server, _get(path)).partition(b"\r\n\r\n")[0]


@pytest.mark.parametrize("path", ["/api/teacher/login", "/teach", "/api/phones", "/api/phone/seat", "/api/teacher/do"])
def test_what_is_too_large_is_refused_in_words_before_it_is_sent(server: Server, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n"
    answer = _raw(server, f"{head}Content-Length: {MOST_TEXT + 1}\r\n\r\n".encode())
    assert _status(answer) == 413
    assert "64 kB" in json.loads(answer.partition(b"\r\n\r\n")[2])["advice"], "as pages answer programs"
    assert _status(_raw(server, _get("/healthz"))) == 200


def test_a_body_without_an_end_is_cut(server: Server) -> None:
    head = b"POST /api/scan HTTP/1.1\r\nHost: hub\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = _raw(server, head + b"2000\r\n" + b"x" * 0x2000 + b"\r\n" + (b"2000\r\n" + b"x" * 0x2000 + b"\r\n") * 9)
    assert _status(answer) == 413


def test_a_photo_that_is_too_large_and_a_head_without_an_end_are_refused(server: Server) -> None:
    head = b"POST /api/scan HTTP/1.1\r\nHost: hub\r\nContent-Type: image/png\r\n"
    answer = _raw(server, head + f"Content-Length: {MOST_PHOTO + 1}\r\n\r\n".encode())
    assert _status(answer) == 413
    assert b"16 MB" in answer
    assert _status(_raw(server, b"GET / HTTP/1.1\r\nX: " + b"a" * (MOST_HEADERS + 1))) == 431


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "", " ", "9" * 40, "5, 6"])
def test_a_length_that_is_none_is_refused(server: Server, length: str) -> None:
    answer = _raw(server, f"POST /api/scan HTTP/1.1\r\nHost: hub\r\nContent-Length: {length}\r\n\r\n".encode())
    assert _status(answer) in (400, 401, 413)


def test_all_photos_on_the_way_have_one_limit_and_give_their_room_back() -> None:
    there = OnTheWay(100)
    assert there.take("10.42.0.7", 60)
    assert not there.take("10.42.0.8", 60)
    there.give_back("10.42.0.7", 60)
    assert there.take("10.42.0.8", 100)


def test_one_host_does_not_take_the_room_for_photos_from_others() -> None:
    there = OnTheWay()
    assert there.take("10.42.0.7", MOST_PHOTO)
    assert not there.take("10.42.0.7", 1), "it has its share"
    assert there.take("10.42.0.8", 1000)
    assert there.take("10.42.0.8", 1000)
    assert not there.take("10.42.0.8", 1000), "two at a time"
    there.give_back("10.42.0.8", 1000)
    assert there.take("10.42.0.8", 1000)
    there.give_back("10.42.0.7", MOST_PHOTO)
    assert there.take("10.42.0.7", MOST_PHOTO)


def test_heads_of_large_photos_from_one_host_keep_no_other_from_sending_one(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarding, "is_own", lambda host: False)
    head = b"POST /api/scan HTTP/1.1\r\nHost: hub\r\nContent-Type: image/png\r\n"
    with contextlib.ExitStack() as lines:
        for _ in range(MOST_ON_THE_WAY // MOST_PHOTO):
            line = lines.enter_context(socket.create_connection((server.host, server.port), timeout=SOON))
            line.sendall(head + f"Content-Length: {MOST_PHOTO}\r\n\r\n".encode())
        photo = head + b"Content-Length: 100000\r\nConnection: close\r\n\r\n" + b"x" * 100_000
        assert _status(_raw(server, photo)) == 503, "its share is taken"
        assert _status(_raw(server, photo, "127.0.0.2")) == 401, "it was read, and comes from no phone"


def test_a_photo_that_takes_too_long_gives_its_room_back(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "MOST_SENDING_S", 0.0)
    head = b"POST /api/scan HTTP/1.1\r\nHost: hub\r\nContent-Type: image/png\r\nContent-Length: 100000\r\n\r\n"
    answer = _raw(server, head + b"x" * 1000)
    assert _status(answer) == 408
    assert "took too long" in json.loads(answer.partition(b"\r\n\r\n")[2])["advice"]


def test_photos_that_never_arrive_leave_room_for_the_next(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "OnTheWay", lambda: OnTheWay(3 * 1024 * 1024))
    server = serve(hall.app, "127.0.0.1", 0)
    head = b"POST /api/scan HTTP/1.1\r\nHost: hub\r\nContent-Type: image/png\r\n"
    begun = head + b"Content-Length: 1500000\r\n\r\n" + b"x" * 1000
    lines = [socket.create_connection((server.host, server.port), timeout=SOON) for _ in range(2)]
    for line in lines:
        line.sendall(begun)
    answer = b""
    while b"Many photos" not in answer:
        answer = _raw(server, head + b"Content-Length: 1500000\r\nConnection: close\r\n\r\n" + b"x" * 1_500_000)
        assert _status(answer) in (401, 503), "the hub may not have read of the others yet"
    assert _status(answer) == 503
    for line in lines:
        line.close()
    while _status(answer) == 503:
        answer = _raw(server, head + b"Content-Length: 1500000\r\nConnection: close\r\n\r\n" + b"x" * 1_500_000)
    assert _status(answer) == 401, "it was read, and comes from no phone"
    server.close()


def test_an_export_reads_the_journal_only_when_it_has_its_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "_REPLAY", (1, 0, 0.0))
    reads: list[str] = []
    reading, end = threading.Event(), threading.Event()

    class Slow(Archive):
        def past(self) -> None:
            reads.append("all of it")
            if len(reads) == 1:
                reading.set()
                end.wait(SOON)

    gate = Gate(tmp_path)
    app = create_app(Room(), gate, Slow(tmp_path))
    client = app.test_client()
    assert client.post("/api/teacher/login", json={"pin": gate.new_pin}).status_code == 200
    first = threading.Thread(target=lambda: client.get("/export/room.pcapng"))
    first.start()
    assert reading.wait(SOON)
    assert client.get("/export/room.csv").status_code == 503
    assert app.test_client().get("/export/room.csv").status_code == 401, "a stranger does not even wait"
    assert reads == ["all of it"]
    end.set()
    first.join()


def test_bodies_that_never_end_take_no_thread(hall: Hall, server: Server) -> None:
    """More of them than the pages have threads."""
    head = b"POST /api/teacher/login HTTP/1.1\r\nHost: hub\r\nContent-Length: 60000\r\n\r\n{"
    with contextlib.ExitStack() as lines:
        for _ in range(MAX_VIEWERS + 44):
            line = lines.enter_context(socket.create_connection((server.host, server.port), timeout=SOON))
            line.sendall(head)
        assert _status(_raw(server, _get("/api/state"))) == 200


def test_a_host_with_too_many_connections_is_told_and_others_are_served(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarding, "is_own", lambda host: False)
    there = [http.client.HTTPConnection(server.host, server.port, timeout=SOON) for _ in range(MOST_OF_ONE_HOST)]
    for connection in there:
        connection.connect()
    there[-1].request("GET", "/healthz")
    assert there[-1].getresponse().read()
    refused = _raw(server, b"")
    assert _status(refused) == 503
    advice = json.loads(refused.partition(b"\r\n\r\n")[2])["advice"]
    assert f"{MOST_OF_ONE_HOST} connections from this address" in advice
    monkeypatch.setattr(guarding, "is_own", lambda host: True)
    assert _status(_raw(server, _get("/healthz"))) == 200
    for connection in there:
        connection.close()


def test_the_screens_of_one_host_leave_room_for_those_of_others(hall: Hall) -> None:
    client = hall.app.test_client()

    def follow(host: str) -> object:
        return client.get("/api/events", buffered=False, environ_overrides={"REMOTE_ADDR": host})

    mine = [follow("10.42.0.7") for _ in range(MOST_VIEWERS_OF_ONE)]
    refused = client.get("/api/events", environ_overrides={"REMOTE_ADDR": "10.42.0.7"})
    assert refused.status_code == 503
    assert f"{MOST_VIEWERS_OF_ONE} screens at this address" in refused.text
    others = [follow("10.42.0.8"), follow("127.0.0.1")]
    for stream in [*mine, *others]:
        assert stream.status_code == 200  # type: ignore[attr-defined]
        stream.close()  # type: ignore[attr-defined]


def test_who_waits_for_what_is_slow_is_told_when_there_are_too_many(hall: Hall) -> None:
    turns = Turns(at_once=1, waiting=1, patience=0.0)
    refused = pytest.raises(ServiceUnavailable, match="Try again in a moment")
    with hall.app.test_request_context("/"), turns.mine(), refused, turns.mine():
        raise AssertionError("two have their turn")
    with hall.app.test_request_context("/"), turns.mine():
        pass


def test_two_photos_are_read_at_a_time_and_a_third_waits(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, waiting, _ = phoning._PHOTO
    reading, end = threading.Semaphore(0), threading.Event()
    told: list[int] = []

    def read(octets: bytes, archive: Archive) -> Sighting:
        reading.release()
        end.wait(SOON)
        return Sighting(problem=Problem("card.damaged"))

    monkeypatch.setattr(phoning, "_PHOTO", (at_once, waiting, 0.0))
    monkeypatch.setattr(phoning, "_read_photo", read)
    app = create_app(hall.desk, hall.gate, Archive(hall.data))

    def send() -> None:
        _, token, _ = hall.phone()
        headers = {"Content-Type": "image/png", "Authorization": f"Bearer {token}"}
        told.append(app.test_client().post("/api/scan", data=b"a photo", headers=headers).status_code)

    first = [threading.Thread(target=send, daemon=True) for _ in range(2)]
    for each in first:
        each.start()
        assert reading.acquire(timeout=SOON)
    send()
    assert told == [503]
    end.set()
    for each in first:
        each.join(SOON)
    assert told == [503, 200, 200]


@pytest.mark.parametrize(
    ("size", "kind"), [((30_000, 30_000), "PNG"), ((65_000, 1000), "JPEG"), ((16_000, 16_000), "GIF")]
)
def test_a_picture_that_is_a_bomb_is_refused_in_words(hall: Hall, size: tuple[int, int], kind: str) -> None:
    drawn = io.BytesIO()
    Image.new("1" if kind == "PNG" else "L", size).save(drawn, kind)
    client, token, _ = hall.phone()
    assert len(drawn.getvalue()) < MOST_PHOTO
    answer = client.post(
        "/api/scan", data=drawn.getvalue(), headers={"Content-Type": "image/png", "Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 400
    assert "pixels" in answer.get_json()["advice"]


def test_nothing_is_kept_of_tokens_that_nobody_has(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Allowance] = []
    made = Allowance.__init__

    def noted(self: Allowance, *arguments: Any, **named: Any) -> None:
        made(self, *arguments, **named)
        kept.append(self)

    monkeypatch.setattr(Allowance, "__init__", noted)
    client = create_app(hall.desk, hall.gate, Archive(hall.data)).test_client()
    for number in range(50):
        headers = {"Authorization": f"Bearer {number:032}"}
        assert client.post("/api/scan", json={"text": "x"}, headers=headers).status_code == 401
        assert client.post("/api/phone/answer", json={}, headers=headers).status_code == 401
    assert [len(allowance) for allowance in kept] == [0] * 3
