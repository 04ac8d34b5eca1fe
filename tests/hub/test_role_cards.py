"""Role cards in a room: a badge takes the node of its face, never somebody's who plays."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from cards.jsonform import to_json
from cards.notation import parse
from hub.course import Judged
from hub.journal import Journal
from hub.lessons import load
from hub.messages import Answer, BadgeStatus, Down, Light, LightWord, Role, Scan, Verdict
from hub.records import ScannedRecord, SeatedRecord
from hub.room import Room
from tests.hub.play import SYN

BOOT = "00112233"


class Kit:
    """A room in which b1 is the client and b2 the router; b3 has not come yet."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.judged: list[Judged] = []
        self.open()
        for badge in ("b1", "b2"):
            self.status(badge, "online")
        self.counters = {badge: itertools.count(1) for badge in ("b1", "b2", "b3", "b9")}

    def open(self, seats: dict[str, str] | None = None) -> None:
        self.journal = Journal(self.data)
        self.room = Room(self.journal, load("handshake"), seats=seats, on_judged=self.judged.append)

    def restart(self) -> None:
        self.journal.close()
        self.open()

    def status(self, badge: str, state: str) -> list[Down]:
        return self.room.status(BadgeStatus(badge, "online" if state == "online" else "offline", BOOT))

    def lay(self, badge: str, node: str) -> list[Down]:
        counter = next(self.counters[badge])
        return self.room.scan(Scan(badge, BOOT, counter, counter, "ROLE-1", role=node))

    def role(self, badge: str, node: str) -> Answer:
        answer = self.lay(badge, node)[0]
        assert isinstance(answer, Answer)
        return answer

    @property
    def seats(self) -> dict[str, tuple[str, ...]]:
        return dict(self.room.world.seats)


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


def test_a_badge_takes_a_free_node(kit: Kit) -> None:
    answer, *others = kit.lay("b9", "server")
    assert isinstance(answer, Answer)
    assert (answer.verdict, answer.light, answer.reason) == (Verdict.DELIVERED, LightWord.DELIVERED, "room.seated")
    assert answer.sentence == "This badge plays Server from now on."
    assert answer.node == "server"
    assert kit.seats["b9"] == ("server",)
    assert Role("b9", "server", "Server", "10.0.1.1", "The handshake") in others
    assert any(isinstance(down, Light) and down.badge == "b9" for down in others)


def test_a_badge_that_plays_changes_its_seat_and_leaves_the_old_one_free(kit: Kit) -> None:
    assert kit.role("b1", "server").reason == "room.seated"
    assert kit.role("b9", "client").reason == "room.seated"
    assert kit.seats == {"b1": ("server",), "b2": ("router",), "b9": ("client",)}


def test_an_occupied_node_is_not_given_away_and_nobody_is_named(kit: Kit) -> None:
    answer, *others = kit.lay("b9", "client")
    assert isinstance(answer, Answer)
    assert (answer.verdict, answer.light, answer.reason) == (Verdict.STOPPED, LightWord.STOPPED, "room.seat-taken")
    assert answer.sentence.startswith("Not done: another badge plays Client.")
    assert "b1" not in answer.sentence
    assert others == []
    assert kit.seats["b1"] == ("client",)
    assert "b9" not in kit.seats


def test_a_badge_that_is_off_loses_its_node_to_a_role_card(kit: Kit) -> None:
    kit.status("b1", "offline")
    _, *others = kit.lay("b9", "client")
    assert kit.seats == {"b2": ("router",), "b9": ("client",)}
    assert [down.badge for down in others if isinstance(down, Role)] == ["b1", "b9"]
    assert kit.role("b1", "client").reason == "room.seat-taken"


def test_a_node_that_is_kept_for_a_badge_stays_its_own_when_it_is_off(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    kit.journal.close()
    kit.open(seats={"b1": "client"})
    kit.status("b1", "offline")
    assert kit.role("b9", "client").reason == "room.seat-taken"


def test_the_same_seat_again_is_fine_and_changes_nothing(kit: Kit) -> None:
    world = kit.room.world
    answer, *others = kit.lay("b1", "client")
    assert isinstance(answer, Answer)
    assert (answer.verdict, answer.reason) == (Verdict.DELIVERED, "room.seated")
    assert not [down for down in others if isinstance(down, Role)]
    assert kit.room.world.seats == world.seats


def test_a_node_that_this_lesson_does_not_have_is_told(kit: Kit) -> None:
    answer = kit.role("b9", "firewall")
    assert (answer.verdict, answer.reason) == (Verdict.STOPPED, "room.no-such-node")
    assert answer.sentence.endswith("no node firewall. There are: client, router, server.")
    assert "b9" not in kit.seats


def test_connections_stay_with_the_node(kit: Kit) -> None:
    kit.room.scan(Scan("b1", BOOT, next(kit.counters["b1"]), 1, "T-1", to_json(parse(SYN))))
    client = kit.room.world.host("client")
    kit.role("b1", "server")
    kit.role("b9", "client")
    assert kit.room.world.host("client") == client
    assert kit.room.world.instances["T-1"].holder == "client"


def test_a_repeat_gets_the_stored_answer_and_seats_nobody_again(kit: Kit) -> None:
    scan = Scan("b9", BOOT, 1, 1, "ROLE-1", role="server")
    first = kit.room.scan(scan)[0]
    kit.room.seat("b9", None)
    assert kit.room.scan(scan) == [first]
    assert "b9" not in kit.seats
    kit.restart()
    assert kit.room.scan(scan) == [first]
    assert "b9" not in kit.seats


def test_after_a_restart_everybody_sits_where_they_sat(kit: Kit) -> None:
    kit.role("b9", "firewall")
    kit.role("b9", "client")
    kit.status("b1", "offline")
    kit.role("b9", "client")
    kit.role("b9", "client")
    kit.role("b2", "server")
    world, story = kit.room.world, kit.room.state()["story"]
    kit.restart()
    assert kit.room.world == world
    assert kit.room.state()["story"] == story


def test_a_role_is_one_record_of_the_journal(kit: Kit) -> None:
    kit.role("b9", "server")
    records = [record for _, record in kit.journal.records(after=1)]
    (stored,) = [record for record in records if isinstance(record, ScannedRecord)]
    assert (stored.badge, stored.card, stored.role, stored.command) == ("b9", "ROLE-1", "server", None)
    assert not [record for record in records if isinstance(record, SeatedRecord) and record.badge == "b9"]


def test_it_stands_in_the_story_and_is_heard_of(kit: Kit) -> None:
    kit.role("b9", "server")
    line = kit.room.state()["story"][-1]
    assert (line["badge"], line["node"], line["card"], line["reason"]) == ("b9", "server", "ROLE-1", "room.seated")
    assert kit.judged[-1].ruling.reason == "room.seated"
    assert kit.judged[-1].world.seats["b9"] == ("server",)
