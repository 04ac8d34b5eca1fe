"""Players come, go and change places in mid-round, also at a badge that serves a whole table: connections stay."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hub.journal import Journal
from hub.lessons import load
from hub.messages import BadgeStatus, Down, Light, LightWord, Role
from hub.refusals import NothingDoneError
from hub.room import Room
from hub.simulator.events import HandedOver
from hub.simulator.states import State
from tests.hub.play import ACK, SYN, SYN_ACK
from tests.hub.teaching import BOOT, Kit, lights, why


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


@pytest.fixture
def table(tmp_path: Path) -> Kit:
    """One badge for the whole room."""
    kit = Kit(tmp_path, badges=("t",))
    kit.room.seat("t", "client", ("router", "server"))
    return kit


def seats(kit: Kit) -> dict[str, tuple[str, ...]]:
    return dict(kit.room.world.seats)


def roles(downs: list[Down]) -> dict[str, str | None]:
    return {down.badge: down.node for down in downs if isinstance(down, Role)}


def test_one_badge_serves_a_whole_table(table: Kit) -> None:
    assert table.carry("T-1", SYN, "t", "t", "t") == ["sent", "forwarded", "delivered"]
    assert table.carry("T-2", SYN_ACK, "t", "t", "t") == ["sent", "forwarded", "delivered"]
    assert table.carry("T-3", ACK, "t", "t", "t") == ["sent", "forwarded", "delivered"]


def test_a_table_is_told_which_of_its_nodes_is_meant(table: Kit) -> None:
    (role,) = (down for down in table.room.roles() if isinstance(down, Role))
    assert (role.node, role.title) == ("client", "Client, Router, Server")
    assert role.address == "10.0.1.2, 10.0.1.254, 10.0.1.1"
    light = table.room.status(BadgeStatus("t", "online", BOOT))[-1]
    assert light == Light("t", LightWord.YOUR_TURN, "Client: Open a connection: SYN to Server")
    (hint,) = table.room.hint("client", 0)
    assert hint == Light("t", LightWord.YOUR_TURN, "Client: How does one begin to talk?")


def test_a_table_shows_who_has_kept_others_waiting_for_longest(table: Kit) -> None:
    table.later(1)
    table.carry("T-1", SYN, "t")
    table.restart()
    light = table.room.status(BadgeStatus("t", "online", BOOT))[-1]
    assert light == Light("t", LightWord.YOUR_TURN, "Router: Scan the SYN from Client, carry it on")


def test_a_player_leaves_a_table_and_comes_back(table: Kit) -> None:
    table.carry("T-1", SYN, "t", "t", "t")
    host = table.room.world.host("server")
    table.room.seat("t", "client", ("router",))
    told = table.room.take("phone-1", "server")
    assert roles(told) == {"phone-1": "server"}
    assert seats(table) == {"t": ("client", "router"), "phone-1": ("server",)}
    assert table.carry("T-2", SYN_ACK, "phone-1", "t", "t") == ["sent", "forwarded", "delivered"]
    table.restart()
    assert seats(table) == {"t": ("client", "router"), "phone-1": ("server",)}
    table.room.seat("t", "client", ("router", "server"))
    assert seats(table) == {"t": ("client", "router", "server")}
    assert host.connections
    assert table.carry("T-3", ACK, "t", "t", "t") == ["sent", "forwarded", "delivered"]
    assert [c.state for _, c in table.room.world.host("server").connections.items()] == [State.ESTABLISHED]


def test_two_swap_in_mid_round_and_connections_stay(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1", "b2", "b3")
    nodes = kit.room.world.nodes
    told = kit.room.swap("client", "server")
    assert roles(told) == {"b1": "server", "b3": "client"}
    assert seats(kit) == {"b1": ("server",), "b2": ("router",), "b3": ("client",)}
    assert kit.room.world.nodes == nodes
    assert lights(told)["b1"] == "your-turn"
    kit.restart()
    assert kit.carry("T-2", SYN_ACK, "b1", "b2", "b3") == ["sent", "forwarded", "delivered"]


def test_a_table_swaps_one_of_its_nodes(table: Kit) -> None:
    table.room.seat("t", "client", ("router",))
    table.room.seat("b9", "server")
    table.room.swap("router", "server")
    assert seats(table) == {"t": ("client", "server"), "b9": ("router",)}
    table.room.release("b9")
    table.room.swap("client", "router")
    assert seats(table) == {"t": ("router", "server")}, "with a node that nobody plays"


def test_the_engine_swaps_too(kit: Kit) -> None:
    kit.room.release("b3")
    kit.room.teach(HandedOver(0, "server", True))
    kit.room.swap("client", "server")
    for _ in range(2):
        assert seats(kit) == {"b1": ("server",), "b2": ("router",)}
        assert kit.room.world.engines == frozenset(("client",))
        kit.restart()


def test_what_cannot_be_swapped_or_left_is_refused(table: Kit) -> None:
    room, last = table.room, table.last
    acts: list[Callable[[], list[Down]]] = [
        lambda: room.swap("client", "server"),
        lambda: room.swap("client", "printer"),
        lambda: room.release("b9"),
        lambda: room.seat("t", "client", ("printer",)),
    ]
    reasons = []
    for act in acts:
        with pytest.raises(NothingDoneError) as refused:
            act()
        reasons.append(why(refused.value))
    assert reasons == ["room.nothing-to-swap", "room.no-such-node", "room.no-such-badge", "room.no-such-node"]
    assert table.last == last


def test_who_is_released_frees_the_node(kit: Kit) -> None:
    assert roles(kit.room.release("b1")) == {"b1": None}
    assert roles(kit.room.take("phone-ann", "client")) == {"phone-ann": "client"}


def test_a_phone_takes_only_what_is_free_or_whose_badge_is_off(kit: Kit) -> None:
    with pytest.raises(NothingDoneError) as refused:
        kit.room.take("phone-ann", "client")
    assert why(refused.value) == "room.seat-taken"
    assert "b1" not in str(refused.value)
    kit.room.status(BadgeStatus("b1", "offline", BOOT))
    assert roles(kit.room.take("phone-ann", "client")) == {"b1": None, "phone-ann": "client"}
    assert roles(kit.room.take("phone-ann", "client")) == {}, "it has it"
    with pytest.raises(NothingDoneError) as refused:
        kit.room.take("phone-ann", "printer")
    assert why(refused.value) == "room.no-such-node"


def test_a_phone_is_given_no_node_by_itself(tmp_path: Path) -> None:
    kit = Kit(tmp_path, badges=("phone-1",))
    assert kit.scan("phone-1", "T-1", SYN).reason == "room.no-seat"
    assert seats(kit) == {}
    kit.room.take("phone-1", "client")
    assert kit.carry("T-1", SYN, "phone-1") == ["sent"]


def test_a_node_does_not_swap_with_itself(kit: Kit) -> None:
    with pytest.raises(NothingDoneError, match="Client cannot change places with itself") as refused:
        kit.room.swap("client", "client")
    assert why(refused.value) == "room.nothing-to-swap"


KEPT = {"b1": "client", "b2": "router", "b3": "server"}


def _booth(data: Path) -> tuple[Journal, Room]:
    journal = Journal(data)
    return journal, Room(journal, load("booth"), seats=KEPT)


def _free(room: Room) -> list[str]:
    return [node["id"] for node in room.state()["nodes"] if node["free"]]


def test_three_phones_are_the_three_badges_of_a_booth_whose_badges_have_never_come(tmp_path: Path) -> None:
    journal, room = _booth(tmp_path)
    assert _free(room) == ["client", "router", "server"]
    for phone, node in (("phone-1", "client"), ("phone-2", "router"), ("phone-3", "server")):
        room.here(phone)
        room.take(phone, node)
    assert dict(room.world.seats) == {"phone-1": ("client",), "phone-2": ("router",), "phone-3": ("server",)}
    assert _free(room) == []
    with pytest.raises(NothingDoneError):
        room.take("phone-4", "client")
    journal.close()
    journal, room = _booth(tmp_path)
    assert dict(room.world.seats) == {"phone-1": ("client",), "phone-2": ("router",), "phone-3": ("server",)}, (
        "a restart"
    )
    journal.close()


def test_a_phone_takes_the_seat_of_a_badge_that_went_dark_and_the_badge_waits_for_it(tmp_path: Path) -> None:
    journal, room = _booth(tmp_path)
    room.status(BadgeStatus("b1", "online", BOOT))
    assert _free(room) == ["router", "server"]
    with pytest.raises(NothingDoneError) as refused:
        room.take("phone-1", "client")
    assert why(refused.value) == "room.seat-taken"
    room.status(BadgeStatus("b1", "offline", BOOT))
    room.here("phone-1")
    room.take("phone-1", "client")
    room.status(BadgeStatus("b1", "online", BOOT))
    assert dict(room.world.seats) == {"phone-1": ("client",), "b2": ("router",), "b3": ("server",)}, "it stands by"
    room.release("phone-1")
    assert dict(room.world.seats) == {"b1": ("client",), "b2": ("router",), "b3": ("server",)}, "its seat is kept"
    room.status(BadgeStatus("b1", "offline", BOOT))
    room.take("phone-1", "client")
    room.status(BadgeStatus("b1", "online", BOOT))
    room.seat("b1", "client")
    assert room.world.seats["b1"] == ("client",), "the teacher may move it"
    journal.close()


def test_a_restart_leaves_a_race_s_rotation_as_it_is(tmp_path: Path) -> None:
    lesson = load("linked")
    seats = {f"b{n}": node.id for n, node in enumerate(lesson.rules.nodes, 1)}
    journal = Journal(tmp_path)
    room = Room(journal, lesson, seats=seats)
    for badge in seats:
        room.status(BadgeStatus(badge, "online", "00112233"))
    room.new_round()
    rotated = room.world.seats
    assert rotated["b1"] != (seats["b1"],)
    journal.close()
    assert Room(Journal(tmp_path), lesson, seats=seats).world.seats == rotated
