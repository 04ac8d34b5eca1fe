"""What comes near a limit of the hub is said to the teacher, and the room goes on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from cards.jsonform import to_json
from cards.notation import parse
from hub import crowd
from hub.desk import Desk
from hub.journal import Journal
from hub.lessons import load
from hub.messages import Answer, BadgeStatus, Down, Role, Scan
from hub.orders import Command
from hub.seats import MOST_BADGES

BOOT = "ab" * 8


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with closing(Journal(tmp_path)) as journal:
        yield Desk(journal, load("handshake"), data=tmp_path)


def _said(desk: Desk) -> dict[str, str]:
    return {each["code"]: each["text"] for each in desk.backstage()["findings"]}


def test_a_badge_that_floods_is_named_for_a_while(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.flooded("b7")
    assert "b7" in _said(desk)["preflight.flood"]
    desk.flooded("")
    assert "passwords" in _said(desk)["preflight.strangers"]
    later = SimpleNamespace(monotonic=lambda: __import__("time").monotonic() + 3600)
    monkeypatch.setattr("hub.desk.time", later)
    assert not {"preflight.flood", "preflight.strangers"} & set(_said(desk))


def test_a_disk_that_is_nearly_full_is_said_before_it_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "preflight.disk" not in _said(desk)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=123_456_789))
    assert "123 MB" in _said(desk)["preflight.disk"]


def test_badges_without_end_are_not_followed_and_those_that_play_are(desk: Desk) -> None:
    first = desk.status(BadgeStatus("b1", "online", BOOT))
    for number in range(MOST_BADGES + 50):
        desk.status(BadgeStatus(f"x{number}", "online", BOOT))
    assert len(desk.backstage()["badges"]) <= MOST_BADGES + len(desk.room.lesson.rules.nodes)
    assert str(MOST_BADGES) in _said(desk)["preflight.crowd"]
    assert [down.node for down in first if isinstance(down, Role)] == ["client"]
    again = desk.status(BadgeStatus("b1", "online", BOOT))
    assert [down.node for down in again if isinstance(down, Role)] == ["client"]


class Player:
    def __init__(self, desk: Desk, badge: str) -> None:
        self.desk, self.badge, self.count = desk, badge, 0
        desk.status(BadgeStatus(badge, "online", BOOT))

    def scan(self, card: str, packet: str) -> Answer:
        self.count += 1
        downs: list[Down] = []
        scan = Scan(self.badge, BOOT, self.count, self.count, card, to_json(parse(packet)))
        self.desk.scans([scan], downs.extend)
        answer = downs[0]
        assert isinstance(answer, Answer)
        return answer


def _syn(port: int, client: int = 2) -> str:
    return f"10.0.1.{client}:{port} > 10.0.1.{3 - client}:23 SYN seq=100"


def test_who_fills_a_room_with_packets_is_stopped_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowd, "MOST_PACKETS", 9)
    with closing(Journal(tmp_path)) as journal:
        desk = Desk(journal, load("handshake"), data=tmp_path)
        client, router, server = (Player(desk, badge) for badge in ("b1", "b2", "b3"))
        answers = [client.scan(f"A-{number}", _syn(40_000 + number)) for number in range(20)]
        assert [answer.reason for answer in answers].count("card.too-many") == 11
        assert answers[-1].reason == "card.too-many"
        assert answers[-1].verdict.value == "unread"
        assert "new round" in answers[-1].sentence
        assert router.scan("A-0", _syn(40_000)).verdict.value == "forwarded", "what is on its way goes on"
        assert server.scan("A-0", _syn(40_000)).reason == "tcp.syn-received"
        assert server.scan("S-1", "10.0.1.1:23 > 10.0.1.2:40000 SYN,ACK seq=300 ack=101").verdict.value == "sent"
        shown, world = desk.state()["story"], desk.room.world
        again = Desk(journal, load("handshake"), data=tmp_path)
        assert again.state()["story"] == shown
        assert again.room.world.instances == world.instances
        desk.do(Command("round"))
        assert client.scan("A-50", _syn(41_000)).verdict.value == "sent"


def test_a_host_holds_so_many_connections_and_those_that_it_has_go_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowd, "MOST_CONNECTIONS", 3)
    client, router, server = (Player(desk, badge) for badge in ("b1", "b2", "b3"))
    reasons = [client.scan(f"A-{number}", _syn(40_000 + number)).reason for number in range(5)]
    assert reasons[3:] == ["card.too-many", "card.too-many"]
    router.scan("A-0", _syn(40_000))
    server.scan("A-0", _syn(40_000))
    assert server.scan("S-1", "10.0.1.1:23 > 10.0.1.2:40000 SYN,ACK seq=300 ack=101").verdict.value == "sent"
