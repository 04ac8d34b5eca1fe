"""What a teacher orders, at the desk and over HTTP: every order that cannot be is a sentence, and changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from cards.jsonform import to_json
from cards.notation import parse_packet
from hub.archive import Archive
from hub.desk import Desk
from hub.journal import Journal, JournalError
from hub.lessons import load
from hub.messages import Answer, BadgeStatus, Scan, Sighting
from hub.orders import Countdown, SetPace
from hub.page import Gate, create_app

BOOT = "ab" * 8
SYN = "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with closing(Journal(tmp_path)) as journal:
        yield Desk(journal, load("handshake"), data=tmp_path)


class Teacher:
    def __init__(self, client: FlaskClient, pin: str | None) -> None:
        self.client = client
        self.token = client.post("/api/teacher/login", json={"pin": pin}).get_json()["csrf"]

    def do(self, **order: Any) -> tuple[int, dict[str, Any]]:
        answer = self.client.post("/api/teacher/do", json=order, headers={"X-CSRF-Token": self.token})
        return answer.status_code, answer.get_json()


@pytest.fixture
def teacher(desk: Desk, tmp_path: Path) -> Teacher:
    gate = Gate(tmp_path)
    return Teacher(create_app(desk, gate, Archive(tmp_path)).test_client(), gate.new_pin)


@pytest.mark.parametrize(
    "order",
    [
        {"do": "command", "text": "explode client"},
        {"do": "command", "text": "lose client nowhere"},
        {"do": "command", "text": "undo client"},
        {"do": "command", "text": "play server"},
        {"do": "cancel", "plan": 7},
        {"do": "table", "node": "nowhere", "routes": []},
        {"do": "table", "node": "router", "routes": [["no network", "client"]]},
        {"do": "table", "node": "router", "routes": [["10.0.9.0/24", "nowhere"]]},
        {"do": "card", "card": "NONE-1", "lost": True},
        {"do": "pace", "rate": 0.1},
        {"do": "step"},
        {"do": "back", "event": 99},
        {"do": "hint", "node": "nowhere", "step": 0},
        {"do": "hint", "node": "client", "step": 0},
        {"do": "sit", "badge": "b1", "node": "nowhere"},
        {"do": "swap", "one": "nowhere", "other": "client"},
        {"do": "swap", "one": "client", "other": "router"},
        {"do": "lesson", "lesson": "nothing"},
        {"do": "lesson", "lesson": "handshake:nothing"},
        {"do": "lesson", "lesson": "tests/../hub/lessons/data.yaml"},
        {"do": "paste", "text": " , ,"},
        {"do": "leave", "name": "Nobody"},
    ],
    ids=str,
)
def test_what_cannot_be_is_a_sentence(teacher: Teacher, desk: Desk, order: dict[str, Any]) -> None:
    before = desk.state()
    status, answer = teacher.do(**order)
    assert status in (400, 409), answer
    assert len(answer["advice"].split()) >= 4
    assert "did not understand this request" not in answer["advice"]
    assert desk.state() == before


def test_an_order_with_something_unknown_in_it_is_none(teacher: Teacher) -> None:
    status, answer = teacher.do(do="step", more=1)
    assert status == 400
    assert "more" in answer["advice"]


def test_a_disk_that_is_full_is_said(teacher: Teacher, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise JournalError("The journal cannot be written: no space left. Is the disk full?")

    monkeypatch.setattr(desk._journal, "append", full)
    status, answer = teacher.do(do="pace", rate=2)
    assert status == 500
    assert "disk full" in answer["advice"]


def test_a_lesson_that_is_a_file_of_ones_own_can_begin_anew(tmp_path: Path) -> None:
    own = tmp_path / "mine.yaml"
    own.write_text(load("handshake").source, "utf-8")
    with closing(Journal(tmp_path)) as journal:
        desk = Desk(journal, load(str(own)), data=tmp_path)
        gate = Gate(tmp_path)
        teacher = Teacher(create_app(desk, gate, Archive(tmp_path)).test_client(), gate.new_pin)
        assert teacher.do(do="lesson", lesson="mine:basic")[0] == 200
        assert desk.room.lesson.id == "mine:basic"
        assert teacher.client.get("/api/teacher/deck.pdf?lesson=mine").data.startswith(b"%PDF")


@pytest.mark.parametrize(
    "asked",
    [
        *("lesson=nothing", "lesson=hub/lessons/data.yaml"),
        *("teams=0", "teams=many", "teams=99999", "paper=a9", "host=%20"),
    ],
)
def test_a_deck_that_cannot_be_printed_is_a_sentence(teacher: Teacher, asked: str) -> None:
    answer = teacher.client.get(f"/api/teacher/deck.pdf?{asked}")
    assert answer.status_code == 400
    assert "This cannot be printed" in answer.get_data(as_text=True)


def test_a_deck_has_the_address_where_phones_find_the_hub(teacher: Teacher) -> None:
    deck = "/api/teacher/deck.pdf?lesson=handshake"
    there = teacher.client.get(f"{deck}&host=192.168.178.20:8000")
    assert there.data.startswith(b"%PDF")
    assert there.data != teacher.client.get(deck).data


def test_an_export_of_a_node_that_is_not_there_is_a_sentence(teacher: Teacher) -> None:
    assert teacher.client.get("/export/room.pcapng?at=client").data[:4] == b"\x0a\x0d\x0d\x0a"
    answer = teacher.client.get("/export/room.pcapng?at=nowhere")
    assert answer.status_code == 400
    assert "router" in answer.get_data(as_text=True)


def test_the_table_of_scans_is_the_teacher_s_alone(teacher: Teacher, desk: Desk, tmp_path: Path) -> None:
    assert teacher.client.get("/export/room.csv").data.startswith(b"time,")
    stranger = create_app(desk, Gate(tmp_path), Archive(tmp_path)).test_client()
    assert stranger.get("/export/room.csv").status_code == 401


def test_readers_stay_readers_in_another_lesson(teacher: Teacher, desk: Desk) -> None:
    desk.status(BadgeStatus("desk", "online", BOOT))
    assert teacher.do(do="reader", badge="desk", on=True)[0] == 200
    assert teacher.do(do="lesson", lesson="data")[0] == 200
    assert desk.room.readers == {"desk"}
    assert teacher.do(do="reader", badge="desk", on=False)[0] == 200
    assert desk.room.readers == frozenset()


def test_what_is_missing_is_said_in_words(desk: Desk) -> None:
    desk.status(BadgeStatus("b1", "online", BOOT, waiting=3))
    desk.status(BadgeStatus("b2", "online", BOOT))
    desk.status(BadgeStatus("b2", "offline", BOOT))
    said = {finding["code"]: finding for finding in desk.backstage()["findings"]}
    assert set(said) == {"preflight.broker", "preflight.nobody", "preflight.left", "preflight.waiting"}
    assert said["preflight.nobody"]["node"] == "server"
    assert "b2" in said["preflight.left"]["text"]
    assert "3 scans" in said["preflight.waiting"]["text"]
    desk.linked(True, "found")
    assert "preflight.broker" not in {finding["code"] for finding in desk.backstage()["findings"]}


def test_a_pause_that_is_ordered_in_a_countdown_ends_it(desk: Desk) -> None:
    desk.do(Countdown(30))
    desk.do(SetPace(0))
    assert desk.state()["countdown"] is None


@pytest.mark.parametrize("by", ["a badge", "a phone"])
def test_nobody_is_ahead_of_a_countdown(desk: Desk, by: str) -> None:
    """What was answered then is so for good, also when a badge asks again."""
    desk.status(BadgeStatus("b1", "online", BOOT))
    token, _ = desk.admit()
    if by == "a phone":
        desk.room.release("b1")
        desk.take(token, "client")
    heard: list[Answer] = []

    def show(counter: int) -> Answer:
        if by == "a phone":
            answer = desk.phone_scan(token, Sighting("DEMO-1", to_json(parse_packet(SYN))), counter)
            assert answer is not None
            return answer
        scan = Scan("b1", BOOT, counter, 1, "DEMO-1", to_json(parse_packet(SYN)))
        desk.scans([scan], lambda downs: heard.extend(down for down in downs if isinstance(down, Answer)))
        return heard[-1]

    desk.do(Countdown(30))
    early = show(1)
    assert (early.verdict.value, early.reason) == ("unread", "card.not-yet")
    assert re.search(r"begins in (29|30) s", early.sentence)
    assert not desk.room.world.instances
    desk.do(SetPace(1))
    assert show(1) == early
    assert show(2).reason == "tcp.syn-sent"


def test_what_is_wrong_with_a_badge_is_said_with_what_to_do(desk: Desk) -> None:
    desk.status(BadgeStatus("b3", "online", BOOT, frame_rate=10.0, dark=False, under_voltage=True, temperature=83.4))
    desk.status(BadgeStatus("b5", "online", BOOT, frame_rate=0.0, free_mb=3))
    desk.status(BadgeStatus("b6", "online", BOOT, frame_rate=3.0, dark=False, temperature=51.0, free_mb=900))
    desk.status(BadgeStatus("b7", "online", BOOT, frame_rate=2.0, dark=True))
    desk.status(BadgeStatus("b8", "offline", BOOT, dark=True))
    desk.status(BadgeStatus("b9", "online", BOOT))
    found = [(each["badge"], each["code"]) for each in desk.backstage()["findings"] if each["badge"] is not None]
    assert [each for each in found if each[1] not in ("preflight.never", "preflight.left")] == [
        ("b3", "preflight.voltage"),
        ("b3", "preflight.hot"),
        ("b5", "preflight.blind"),
        ("b5", "preflight.full"),
        ("b6", "preflight.slow"),
        ("b7", "preflight.dark"),
    ]
    said = {each["code"]: each["text"] for each in desk.backstage()["findings"]}
    assert said["preflight.dark"] == "Badge b7: its camera is dark. Is the cap on, or is the lamp off?"
    assert "another cable" in said["preflight.voltage"]
    assert "83 °C" in said["preflight.hot"]
    assert "3 pictures per second" in said["preflight.slow"]
