"""The teacher's door."""

from __future__ import annotations

import contextlib
import json
import re
import stat
import threading
import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from hub.page import Gate, create_app, gate
from hub.page.gate import FILE
from hub.private import write_private
from tests.clock import Clock
from tests.page.room import NO_PAST, Room

ORDER = {"do": "command", "text": "round"}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(tmp_path: Path, clock: Clock) -> Gate:
    return Gate(tmp_path, clock=clock)


@pytest.fixture
def client(door: Gate) -> FlaskClient:
    return create_app(_Obedient(), door, NO_PAST).test_client()


class _Obedient(Room):
    def do(self, order: object, language: str) -> str:
        return "Done."


def _enter(client: FlaskClient, door: Gate) -> str:
    answer = client.post("/api/teacher/login", json={"pin": door.new_pin})
    assert answer.status_code == 200
    return str(answer.get_json()["csrf"])


def test_the_pin_is_told_once_and_only_its_hash_is_kept_where_nobody_else_reads(tmp_path: Path, door: Gate) -> None:
    assert door.new_pin is not None
    assert re.fullmatch(r"\d{6}", door.new_pin)
    file = tmp_path / FILE
    assert door.new_pin not in file.read_text()
    assert re.fullmatch("[0-9a-f]{64}", json.loads(file.read_text())["key"]), "of the cookies: 32 random octets"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Gate(tmp_path).new_pin is None
    assert Gate(tmp_path, fresh=True).new_pin not in (None, door.new_pin)


def test_without_the_pin_nothing_is_seen_or_changed(client: FlaskClient) -> None:
    assert client.get("/api/teacher/state").status_code == 401
    assert client.post("/api/teacher/do", json=ORDER).status_code == 401
    assert client.post("/api/teacher/login", json={"pin": "000000x"}).status_code == 401
    assert client.get("/api/teacher/state").status_code == 401


def test_with_the_pin_an_order_needs_the_token_of_the_session(client: FlaskClient, door: Gate) -> None:
    token = _enter(client, door)
    assert re.fullmatch(r"[\w-]{32}", token), "24 random octets: nobody guesses them"
    assert client.get("/api/teacher/state").status_code == 200
    assert client.post("/api/teacher/do", json=ORDER).status_code == 403
    assert client.post("/api/teacher/do", json=ORDER, headers={"X-CSRF-Token": "guess"}).status_code == 403
    answer = client.post("/api/teacher/do", json=ORDER, headers={"X-CSRF-Token": token})
    assert answer.get_json() == {"said": "Done."}


def test_a_page_of_somebody_else_cannot_order(client: FlaskClient, door: Gate) -> None:
    token = _enter(client, door)
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = client.post("/api/teacher/do", json=ORDER, headers={"X-CSRF-Token": token, **headers})
        assert answer.status_code == 403
    assert client.post("/api/teacher/login", json={"pin": door.new_pin}, headers={"Origin": "null"}).status_code == 403


def test_a_session_does_not_outlive_the_leaving_or_another_pin(client: FlaskClient, door: Gate, tmp_path: Path) -> None:
    token = _enter(client, door)
    cookie = client.get_cookie("paperhop_teacher")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Strict"
    changed = create_app(Room(), Gate(tmp_path, fresh=True), NO_PAST).test_client()
    changed.set_cookie("paperhop_teacher", cookie.value)
    assert changed.get("/api/teacher/state").status_code == 401
    again = create_app(Room(), Gate(tmp_path), NO_PAST).test_client()
    assert again.get("/api/teacher/state").status_code == 401
    assert client.post("/api/teacher/logout", headers={"X-CSRF-Token": token}).status_code == 200
    assert client.get("/api/teacher/state").status_code == 401


@pytest.mark.parametrize("restarted", [False, True])
def test_a_session_that_has_ended_never_comes_back_however_many_end_after_it(
    client: FlaskClient, door: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock, restarted: bool
) -> None:
    monkeypatch.setattr(gate, "_MOST_LEFT", 3)
    copies: list[str] = []
    for _ in range(9):
        clock.now += 12
        token = _enter(client, door)
        cookie = client.get_cookie("paperhop_teacher")
        assert cookie is not None
        copies.append(cookie.value)
        assert client.post("/api/teacher/logout", headers={"X-CSRF-Token": token}).status_code == 200
    if restarted:
        client = create_app(Room(), Gate(tmp_path), NO_PAST).test_client()
    for copy in copies:
        client.set_cookie("paperhop_teacher", copy)
        assert client.get("/api/teacher/state").status_code == 401
    token = _enter(client, door)
    assert client.get("/api/teacher/state").status_code == 200
    assert client.post("/api/teacher/logout", headers={"X-CSRF-Token": token}).status_code == 200


def test_sessions_that_end_at_the_same_time_have_all_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    door, both = Gate(tmp_path), threading.Barrier(2)
    app = create_app(_Obedient(), door, NO_PAST)

    def slow(path: Path, octets: bytes) -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.2)
        write_private(path, octets)

    monkeypatch.setattr(gate, "write_private", slow)
    clients = [app.test_client() for _ in range(2)]
    tokens = [_enter(client, door) for client in clients]
    copies = [copy.value for client in clients if (copy := client.get_cookie("paperhop_teacher"))]

    def leave(client: FlaskClient, token: str) -> None:
        client.post("/api/teacher/logout", headers={"X-CSRF-Token": token})

    leaving = [threading.Thread(target=leave, args=each) for each in zip(clients, tokens, strict=True)]
    for each in leaving:
        each.start()
    for each in leaving:
        each.join()
    assert len(copies) == 2
    for each_copy in copies:
        clients[0].set_cookie("paperhop_teacher", each_copy)
        assert clients[0].get("/api/teacher/state").status_code == 401


def test_a_session_outlives_a_restart_of_the_hub(client: FlaskClient, door: Gate, tmp_path: Path) -> None:
    _enter(client, door)
    cookie = client.get_cookie("paperhop_teacher")
    assert cookie is not None
    restarted = create_app(Room(), Gate(tmp_path), NO_PAST).test_client()
    restarted.set_cookie("paperhop_teacher", cookie.value)
    assert restarted.get("/api/teacher/state").status_code == 200


def test_a_session_knows_no_time_of_day(
    client: FlaskClient, door: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hub without a clock may be in another year than the browser, or be there in a moment."""
    monkeypatch.setattr("time.time", lambda: 0.0)
    answer = client.post("/api/teacher/login", json={"pin": door.new_pin})
    kept = answer.headers["Set-Cookie"]
    assert "Max-Age=43200" in kept
    for now in (1e9, 2e9, 1e9 - 1):
        monkeypatch.setattr("time.time", lambda now=now: now)
        later = create_app(Room(), Gate(tmp_path), NO_PAST).test_client()
        later.set_cookie("paperhop_teacher", kept.partition("=")[2].partition(";")[0])
        assert later.get("/api/teacher/state").status_code == 200, now


def test_guessing_is_slowed_down_even_for_the_right_pin(client: FlaskClient, door: Gate) -> None:
    for _ in range(5):
        assert client.post("/api/teacher/login", json={"pin": "wrong"}).status_code == 401
    answer = client.post("/api/teacher/login", json={"pin": door.new_pin})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"]
    elsewhere = client.post(
        "/api/teacher/login", json={"pin": door.new_pin}, environ_overrides={"REMOTE_ADDR": "10.42.0.9"}
    )
    assert elsewhere.status_code == 200


@pytest.mark.parametrize("jump", [-30 * 365 * 86_400, 30 * 365 * 86_400], ids=["back", "forward"])
def test_what_the_clock_on_the_wall_says_gives_nobody_a_try_and_takes_none(
    client: FlaskClient, door: Gate, clock: Clock, monkeypatch: pytest.MonkeyPatch, jump: int
) -> None:
    def statuses(tries: int) -> list[int]:
        wrong = {"json": {"pin": "wrong"}}
        return [client.post("/api/teacher/login", **wrong).status_code for _ in range(tries)]

    assert statuses(6) == [401] * 5 + [429]
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + jump)
    assert statuses(1) == [429]
    clock.now += 12
    assert statuses(2) == [401, 429]
    clock.now += 60
    assert client.post("/api/teacher/login", json={"pin": door.new_pin}).status_code == 200


def test_guessing_does_not_lock_out_a_teacher_who_has_been_in(client: FlaskClient, door: Gate) -> None:
    def enter(pin: str | None, address: str) -> int:
        where = {"REMOTE_ADDR": address}
        return client.post("/api/teacher/login", json={"pin": pin}, environ_overrides=where).status_code

    assert enter(door.new_pin, "10.42.0.2") == 200
    for n in range(7):
        answers = [enter("wrong", f"10.42.1.{n}") for _ in range(6)]
        assert answers[5] == 429
    assert enter("wrong", "10.42.1.99") == 429, "all that nobody knows share a limit"
    assert enter(door.new_pin, "10.42.0.2") == 200


def test_tries_that_were_refused_are_not_held_against_others(client: FlaskClient, door: Gate) -> None:
    for _ in range(60):
        client.post("/api/teacher/login", json={"pin": "wrong"}, environ_overrides={"REMOTE_ADDR": "10.42.1.1"})
    login = {"json": {"pin": door.new_pin}, "environ_overrides": {"REMOTE_ADDR": "10.42.0.2"}}
    assert client.post("/api/teacher/login", **login).status_code == 200


def test_a_token_of_letters_that_no_token_has_is_refused_like_any_other(client: FlaskClient, door: Gate) -> None:
    client.post("/api/teacher/login", json={"pin": door.new_pin})
    answer = client.post("/api/teacher/do", json={"do": "step"}, headers={"X-CSRF-Token": "\xe9\xff"})
    assert answer.status_code == 403


@pytest.mark.parametrize("said", ["", "[", "{}", '{"do": "explode"}', '{"do": "command"}', '{"do":"command","text":1}'])
def test_an_order_that_is_none_is_explained(client: FlaskClient, door: Gate, said: str) -> None:
    token = _enter(client, door)
    answer = client.post(
        "/api/teacher/do", data=said, headers={"X-CSRF-Token": token, "Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert "JSON" in json.loads(answer.text)["advice"]
