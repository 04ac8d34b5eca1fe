"""The pages in a process of their own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.feed import Feed
from hub.messages import Answer, Sighting
from hub.orders import Command, Order
from hub.page import Gate, listen
from hub.page.apart import PagesApart
from hub.refusals import NothingDoneError
from hub.simulator.verdicts import Ruling, Verdict
from tests.page.room import Room

SOON = 20.0


class _Desk(Room):
    """Notes what it is ordered; refuses every second order."""

    def __init__(self) -> None:
        super().__init__()
        self.orders: list[Order] = []

    def do(self, order: Order, language: str) -> str:
        self.orders.append(order)
        if order == Command("undo client"):
            raise NothingDoneError("Not done: nothing to undo.", Ruling(Verdict.STOPPED, "room.nothing-to-undo"))
        if order == Command("nonsense"):
            raise ValueError("“nonsense” is no command.")
        return "Done."

    def admit(self) -> tuple[str, str]:
        return "t" * 32, "phone-1"

    def phone(self, token: str) -> dict[str, Any] | None:
        return {"badge": "phone-1", "nodes": ["client"]} if token == "t" * 32 else None

    def phone_scan(self, token: str, seen: Sighting, counter: int | None = None) -> Answer | None:
        return None


class Served:
    def __init__(self, folder: Path) -> None:
        self.desk = _Desk()
        self.pin = Gate(folder).new_pin
        listening = listen("127.0.0.1", 0)
        self.port = listening.getsockname()[1]
        self.pages = PagesApart(self.desk, folder, listening)
        self.cookie = ""

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SOON)
        payload = None if body is None else json.dumps(body)
        connection.request(
            method, path, payload, {"Content-Type": "application/json", "Cookie": self.cookie, **headers}
        )
        response = connection.getresponse()
        octets = response.read()
        cookie = response.headers.get("Set-Cookie")
        if cookie:
            self.cookie = cookie.partition(";")[0]
        connection.close()
        return response.status, json.loads(octets) if octets[:1] in b"{[" else octets


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("apart"))
    yield served
    served.pages.close()


def _eventually(true: Callable[[], bool]) -> bool:
    waiting, end = threading.Event(), time.monotonic() + SOON
    while not true() and time.monotonic() < end:
        waiting.wait(0.02)
    return true()


def test_the_room_is_seen_through_the_pipe(served: Served) -> None:
    status, state = served.ask("GET", "/api/state")
    assert status == 200
    assert state["lesson"]["title"] == "The handshake"


def test_what_happens_reaches_viewers_there(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=SOON)
    connection.request("GET", "/api/events")
    response = connection.getresponse()
    assert response.readline().startswith(b"retry")
    served.desk.feed.publish("change", {"round": 7})
    lines = [response.readline() for _ in range(6)]
    assert b'data: {"round":7}\n' in lines
    connection.close()


def test_orders_reach_the_desk_and_refusals_come_back_in_words(served: Served) -> None:
    status, answer = served.ask("POST", "/api/teacher/login", {"pin": served.pin})
    assert status == 200
    token = {"X-CSRF-Token": answer["csrf"]}
    assert served.ask("POST", "/api/teacher/do", {"do": "command", "text": "round"}, **token)[1] == {"said": "Done."}
    assert served.desk.orders[-1] == Command("round")
    status, answer = served.ask("POST", "/api/teacher/do", {"do": "command", "text": "undo client"}, **token)
    assert (status, answer["reason"]) == (409, "room.nothing-to-undo")
    status, answer = served.ask("POST", "/api/teacher/do", {"do": "command", "text": "nonsense"}, **token)
    assert (status, answer["advice"]) == (400, "“nonsense” is no command.")


def test_trouble_at_the_desk_is_one_request_s_trouble(served: Served) -> None:
    served.desk.broken = True
    assert served.ask("GET", "/api/state")[0] == 500
    served.desk.broken = False
    assert served.ask("GET", "/api/state")[0] == 200


def test_pages_that_are_killed_come_back_on_the_same_port(served: Served) -> None:
    before = served.pages._process.pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    assert _eventually(lambda: served.pages._process.pid != before)
    assert served.ask("GET", "/api/state")[0] == 200


def test_closing_frees_the_port_and_leaves_no_process(tmp_path: Path) -> None:
    served = Served(tmp_path)
    assert served.ask("GET", "/healthz")[0] == 200
    process = served.pages._process
    served.pages.close()
    served.pages.close()
    assert process.exitcode == 0
    listen("127.0.0.1", served.port).close()


def test_an_event_of_another_feed_is_told_as_it_is() -> None:
    feed = Feed()
    before = feed.last_id
    feed.relay("change", '{"round":2}')
    event = next(feed.follow(before))
    assert event is not None
    assert event.json == '{"round":2}'
    with pytest.raises(ValueError, match="cannot name an event"):
        feed.relay("no name", "{}")
