"""The film of a room: every scene is what everybody saw when it had happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cards.jsonform import to_json
from cards.notation import parse_packet
from hub.archive import Archive
from hub.journal import Journal
from hub.lessons import load
from hub.messages import Scan
from hub.room import Room

BOOT = "ab" * 8
SYN = "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100"
SYN_ACK = "10.0.1.1:23 > 10.0.1.2:40001 SYN,ACK seq=500 ack=101"
WRONG = "10.0.1.2:40001 > 10.0.1.1:23 ACK seq=102 ack=501"
_OF_NOW = {"badge", "online", "free", "hints"}
"""What a film does not know of a node."""


class _Table:
    """A room at which everybody has a badge. seen: event -> the room as everybody saw it then."""

    def __init__(self, journal: Journal) -> None:
        self.room = Room(journal, load("handshake"), seats={"b1": "client", "b2": "router", "b3": "server"})
        self.seen: dict[int, dict[str, Any]] = {}
        self._counters = {"b1": 0, "b2": 0, "b3": 0}

    def scan(self, badge: str, card: str, packet: str) -> int:
        self._counters[badge] = counter = self._counters[badge] + 1
        self.room.scan(Scan(badge, BOOT, counter, counter, card, to_json(parse_packet(packet))))
        state = self.room.state()
        event: int = state["story"][-1]["event"]
        self.seen[event] = state
        return event

    def knock(self) -> int:
        """A SYN to the server, and its answer; the event at which the router had forwarded the SYN."""
        self.scan("b1", "A-1", SYN)
        forwarded = self.scan("b2", "A-1", SYN)
        self.scan("b3", "A-1", SYN)
        self.scan("b3", "A-2", SYN_ACK)
        return forwarded


@pytest.fixture
def table(tmp_path: Path) -> Iterator[_Table]:
    with closing(Journal(tmp_path)) as journal:
        yield _Table(journal)


def _agrees(archive: Archive, table: _Table) -> bool:
    for event, state in table.seen.items():
        scene = archive.scene(event)
        assert scene is not None
        shown = msgspec.to_builtins(scene)
        assert shown["packets"] == state["packets"]
        assert shown["entry"] == {**state["story"][-1], "badge": ""}
        for node, was in zip(shown["nodes"], state["nodes"], strict=True):
            assert {key: node[key] for key in node.keys() - _OF_NOW} == {key: was[key] for key in was.keys() - _OF_NOW}
    return True


def test_every_scene_is_what_everybody_saw(table: _Table, tmp_path: Path) -> None:
    table.knock()
    table.scan("b2", "A-2", SYN_ACK)
    table.scan("b1", "A-2", SYN_ACK)
    table.scan("b1", "A-3", WRONG)
    assert _agrees(Archive(tmp_path), table)


def test_an_earlier_round_can_be_seen_too(table: _Table, tmp_path: Path) -> None:
    forwarded = table.knock()
    archive = Archive(tmp_path)
    assert archive.scene(forwarded) is not None
    table.room.new_round()
    table.scan("b1", "A-1", SYN)
    assert _agrees(archive, table)
    scene = archive.scene(forwarded)
    assert scene is not None
    assert [len(ladder.rungs) for ladder in scene.ladders] == [1], "not what came after it, and not the next round"


def test_what_was_taken_back_by_going_back_is_in_the_film_as_it_was(table: _Table, tmp_path: Path) -> None:
    forwarded = table.knock()
    table.room.back(forwarded)
    state = table.room.state()
    table.scan("b3", "A-1", SYN)
    archive = Archive(tmp_path)
    assert _agrees(archive, table)
    scene = archive.scene(forwarded)
    assert scene is not None
    assert msgspec.to_builtins(scene.packets) == state["packets"], "the room is again as the film shows it"


def test_looking_at_the_past_leaves_the_room_as_it_is(table: _Table, tmp_path: Path) -> None:
    forwarded = table.knock()
    archive = Archive(tmp_path)
    before = archive.inside("client")
    archive.scene(forwarded)
    assert archive.inside("client") == before


def test_of_an_event_that_is_no_scan_there_is_no_scene(table: _Table, tmp_path: Path) -> None:
    table.knock()
    assert Archive(tmp_path).scene(1) is None
    assert Archive(tmp_path).scene(10_000) is None
