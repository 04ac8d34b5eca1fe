"""What takes several records is done whole or not at all, whenever the disk fills up; and is told when it was done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cards.jsonform import to_json
from cards.notation import parse
from hub import commands
from hub.journal import Journal, JournalError
from hub.lessons import from_text, load
from hub.messages import Answer, BadgeStatus, Down, Role, Scan
from hub.records import Record
from tests.hub.play import SYN
from tests.hub.teaching import BOOT, Kit, lights


@contextmanager
def full_after(journal: Journal, records: int) -> Iterator[None]:
    """So many records have room, and then none until the end of this."""
    append, left = journal.append, iter(range(records))

    def bounded(record: Record) -> int:
        if next(left, None) is None:
            raise JournalError("The disk is full.")
        return append(record)

    journal.append = bounded  # type: ignore[method-assign]
    yield
    del journal.append


def linked(data: Path) -> Kit:
    """A race in which everybody sits elsewhere in the next round."""
    lesson = load("linked")
    assert lesson.race is not None
    assert lesson.race.rotate
    return Kit(data, lesson, tuple(f"b{n}" for n, _ in enumerate(lesson.rules.nodes, 1)))


def lifted(data: Path) -> Kit:
    kit = Kit(data)
    for text in ("lose client router", "delay router server 20"):
        kit.room.teach(commands.parse(text, kit.lesson.rules).act)
    return kit


def a_round(kit: Kit) -> None:
    kit.room.new_round()


def a_countdown(kit: Kit) -> None:
    kit.room.start_over()


def a_lift(kit: Kit) -> None:
    kit.room.teach(commands.parse("lift", kit.lesson.rules).act)


def a_swap(kit: Kit) -> None:
    kit.room.swap(*[node.id for node in kit.lesson.rules.nodes[:2]])


def a_command_card(kit: Kit) -> None:
    kit.room.make_reader("b1", True)
    kit.room.scan(Scan("b1", BOOT, 1, 1, "K-1", None, command="round"))


@pytest.mark.parametrize(
    ("room", "order"),
    [(linked, a_round), (linked, a_countdown), (lifted, a_lift), (linked, a_swap), (linked, a_command_card)],
)
def test_an_order_is_never_half_done(tmp_path: Path, room: Callable[[Path], Kit], order: Callable[[Kit], None]) -> None:
    other = room(tmp_path / "undisturbed")
    order(other)
    kit = room(tmp_path / "kit")
    before, last, told = kit.room.world, kit.last, kit.room.feed.last_id
    with full_after(kit.journal, 1), pytest.raises(JournalError):
        order(kit)
    assert (kit.room.world, kit.last, kit.room.feed.last_id) == (before, last, told)
    kit.restart()
    order(kit)
    for what in ("seats", "engines", "faults", "round"):
        assert getattr(kit.room.world, what) == getattr(other.room.world, what), what


def test_a_card_that_commands_and_scans_behind_it_come_out_alike_together_and_one_by_one(tmp_path: Path) -> None:
    text = "10.0.1.2:401 > 10.0.2.1:23 SYN seq=100 ttl=6"
    scans = [
        Scan("b9", BOOT, 1, 1, "K-1", None, command="round"),
        *(Scan(badge, BOOT, 1, 1, "T-1", to_json(parse(text))) for badge in ("b1", "b3")),
    ]
    said: list[list[Down]] = []
    for name, groups in (("one", [[scan] for scan in scans]), ("all", [scans])):
        kit = linked(tmp_path / name)
        kit.room.make_reader("b9", True)
        said.append([])
        for group in groups:
            kit.room.scans(group, said[-1].extend)
    one_by_one, together = ([down for down in each if isinstance(down, Answer)] for each in said)
    assert together == one_by_one


def test_a_badge_that_gets_a_seat_and_loses_it_again_keeps_nobody_from_being_told(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    for badge in ("b3", "b8"):
        kit.room.status(BadgeStatus(badge, "offline", BOOT))
    downs: list[Down] = []
    told = kit.room.feed.last_id
    kit.room.scans([Scan(badge, BOOT, 1, 1, "T-1", to_json(parse(SYN))) for badge in ("b8", "b9")], downs.extend)
    assert kit.room.world.seats["b9"] == ("server",)
    assert {down.badge: down.node for down in downs if isinstance(down, Role)}["b9"] == "server"
    assert kit.room.feed.last_id != told


def test_a_newcomer_whose_scan_had_no_room_hears_of_its_seat_when_there_is_room(tmp_path: Path) -> None:
    said = []
    for name, full in (("undisturbed", False), ("full", True)):
        kit = Kit(tmp_path / name, badges=("b1", "b2"))
        scan = Scan("b3", BOOT, 1, 1, "T-1", to_json(parse(SYN)))
        if full:
            with full_after(kit.journal, 1), pytest.raises(JournalError):
                kit.room.scan(scan)
            assert "b3" not in kit.room.world.seats
        said.append(kit.room.scan(scan))
    assert said[0] == said[1]


def test_a_timer_that_fires_while_the_disk_is_full_lights_its_badge(tmp_path: Path) -> None:
    timers = "timers: {retransmission: 40, delayed_ack: 5, time_wait: 30}\n"
    kit = Kit(tmp_path, from_text(load("handshake").source + timers, "handshake"))
    kit.carry("T-1", SYN, "b1")
    kit.room.plan(commands.parse("lose client router", kit.lesson.rules).act, 41)
    seen: dict[str, Any] = {}
    with full_after(kit.journal, 0):
        seen |= lights(kit.later(60))
    assert seen == {"b1": "send-again"}
    assert not kit.room.world.faults
    kit.later(1)
    assert kit.room.world.faults, "what was planned is done when there is room again"
