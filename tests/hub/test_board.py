"""What pages see of a game beside its nodes and packets: in the state, and in each change to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from hub.feed import Following
from hub.game_view import FaultView, PlanView
from hub.lessons import from_text, load, variant
from hub.simulator.acts import LiftAll
from hub.simulator.events import FaultKind, FaultLifted, FaultSet, HandedOver, LinkTurned, TableSet
from tests.hub.play import ACK, SYN, SYN_ACK
from tests.hub.teaching import Kit


class Viewer:
    """A page that follows a room: what it knows is the state and every change since."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.follower: Following = kit.room.feed.follow(kit.room.feed.last_id)
        self.known: dict[str, Any] = kit.room.state()

    def look(self) -> dict[str, Any]:
        """What it knows now."""
        mark = self.kit.room.feed.publish("mark", {})
        for event in self.follower:
            assert event is not None
            if event.id == mark:
                break
            for name, value in msgspec.json.decode(event.json).items():
                if name == "nodes":
                    changed = {node["id"]: node for node in value}
                    self.known["nodes"] = [changed.get(node["id"], node) for node in self.known["nodes"]]
                elif name == "packets":
                    cards = {packet["card"] for packet in value}
                    there = [packet for packet in self.known["packets"] if packet["card"] not in cards]
                    self.known["packets"] = there + [packet for packet in value if packet["to"] is not None]
                elif name != "entry":
                    self.known[name] = value
        return self.known


GAME = ("at_ms", "pace", "down", "goals", "standing", "round", "resets_at_ms", "nodes")


def agrees(viewer: Viewer, ignore: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Who has followed knows what the state says."""
    both: list[dict[str, Any]] = [
        msgspec.json.decode(msgspec.json.encode(each)) for each in (viewer.look(), viewer.kit.room.state())
    ]
    known, told = both
    names = [name for name in GAME if name not in ignore]
    assert {name: known[name] for name in names} == {name: told[name] for name in names}
    assert sorted(known["packets"], key=str) == sorted(told["packets"], key=str)
    return told


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


def test_a_packet_of_the_engine_is_gone_when_somebody_carries_its_paper(tmp_path: Path) -> None:
    kit = Kit(tmp_path, load("booth"))
    viewer = Viewer(kit)
    kit.carry("T-1", SYN, "b1", "b2", "b3")
    kit.later(1)
    assert [packet["at"] for packet in agrees(viewer)["packets"]] == ["server"]
    kit.carry("T-2", SYN_ACK, "b2", "b1")
    assert agrees(viewer)["packets"] == []


def test_where_nobody_counts_no_number_is_seen(tmp_path: Path) -> None:
    kit = Kit(tmp_path, variant(load("handshake"), "basic"))
    kit.carry("T-1", SYN, "b1")
    state = kit.room.state()
    (packet,), line = state["packets"], state["story"][-1]["packet"]
    assert not {"seq", "ack"} & line.keys()
    assert "seq" not in packet["text"]
    assert "seq" not in line["text"]


def test_where_bytes_are_counted_the_numbers_of_the_paper_are_seen(tmp_path: Path) -> None:
    kit = Kit(tmp_path, load("data"), tuple(f"b{n}" for n in range(1, 6)))
    badges = {node.id: f"b{n}" for n, node in enumerate(kit.lesson.rules.nodes, 1)}
    syn, data = "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=0", '10.0.1.2:40001 > 10.0.1.1:23 ACK seq=0 ack=0 data="hi"'
    for card, text, nodes in (
        ("T-1", syn, ("danilo", "router", "server")),
        ("T-2", "10.0.1.1:23 > 10.0.1.2:40001 SYN,ACK seq=0 ack=0", ("server", "router", "danilo")),
        ("T-3", data, ("danilo", "router")),
    ):
        for node in nodes:
            kit.scan(badges[node], card, text)
            line = kit.room.state()["story"][-1]["packet"]
            assert (line["seq"], line.get("ack")) == (0, None if card == "T-1" else 0)
    (packet,) = kit.room.state()["packets"]
    assert "seq=0 ack=0" in packet["text"]


def test_numbers_that_nobody_wrote_and_the_form_has_no_row_for_are_not_seen(kit: Kit) -> None:
    assert not kit.lesson.rules.form.seq
    syn, answer = "10.0.1.2:40001 > 10.0.1.1:23 SYN", "10.0.1.1:23 > 10.0.1.2:40001 SYN,ACK"
    for card, text, badges in (("T-1", syn, ("b1", "b2", "b3")), ("T-2", answer, ("b3", "b2"))):
        for badge in badges:
            kit.scan(badge, card, text)
            line = kit.room.state()["story"][-1]["packet"]
            assert not {"seq", "ack"} & line.keys()
    (packet,) = kit.room.state()["packets"]
    assert packet["text"].startswith(answer)
    assert "seq" not in packet["text"]
    assert "ack" not in packet["text"]
    kit.scan("b3", "T-3", "10.0.1.1:23 > 10.0.1.2:40001 ACK")
    stopped = kit.room.state()["story"][-1]
    assert (stopped["verdict"], {"seq", "ack"} & stopped["packet"].keys()) == ("stopped", set())


def test_the_numbers_of_the_engine_are_seen_where_the_form_has_rows_for_them(tmp_path: Path) -> None:
    for lesson, seen in (("handshake", False), ("handshake:complex", True)):
        kit = Kit(tmp_path / lesson.replace(":", "-"), load(lesson), ("b2",))
        kit.room.teach(HandedOver(0, "client", True))
        kit.later(1)
        (packet,), line = kit.room.state()["packets"], kit.room.state()["story"][-1]["packet"]
        assert ("seq" in line, "seq=" in packet["text"]) == (seen, seen)


def test_wires_are_seen_and_faults_by_the_teacher_alone(kit: Kit) -> None:
    viewer = Viewer(kit)
    kit.room.teach(FaultSet(0, "f", FaultKind.LOSE, ("router", "server"), 2))
    kit.room.teach(LinkTurned(0, ("router", "client"), False))
    told = agrees(viewer)
    assert told["down"] == [["client", "router"]]
    assert "lost" not in str(told), "nobody is told of a loss before it is missed"
    sentence = "Each of the next 2 packets between Router and Server is lost."
    assert kit.room.faults() == [FaultView("f", "lose", ("router", "server"), 2, 1.0, 30, sentence)]
    kit.room.teach(LinkTurned(0, ("router", "client"), True))
    kit.carry("T-1", SYN, "b1", "b2")
    assert agrees(viewer)["down"] == []
    assert [fault.left for fault in kit.room.faults()] == [1]
    kit.room.teach(FaultLifted(0, "f"))
    assert kit.room.faults() == []
    kit.room.teach(FaultSet(0, "g", FaultKind.CORRUPT, ("router", "server"), None, 0.2))
    kit.room.teach(LiftAll())
    assert kit.room.faults() == []


def test_a_port_that_is_to_be_found_is_named_on_no_page_of_all(tmp_path: Path) -> None:
    kit = Kit(tmp_path, lesson=load("refused"))
    nodes = {node["id"]: node for node in kit.room.state()["nodes"]}
    for secret in ("tower", "vault"):
        assert (nodes[secret]["services"], nodes[secret]["listening"]) == ([], [])
    assert nodes["server"]["listening"] == [23]


def test_pace_and_lesson_time_are_seen(kit: Kit) -> None:
    viewer = Viewer(kit)
    kit.later(5)
    kit.room.pace(0)
    told = agrees(viewer)
    assert (told["pace"], told["at_ms"]) == (0, 5000)
    kit.room.pace(2)
    kit.later(5)
    kit.carry("T-1", SYN, "b1")
    told = agrees(viewer)
    assert (told["pace"], told["at_ms"]) == (2, 15_000)


def test_the_plan_is_for_the_teacher_alone(kit: Kit) -> None:
    viewer = Viewer(kit)
    number = kit.room.plan(LinkTurned(0, ("client", "router"), False), 60)
    sentence = "The wire between Client and Router breaks."
    assert kit.room.plans() == [PlanView(number, 60_000, sentence, "")]
    assert sentence not in str(agrees(viewer))
    other = kit.room.plan(HandedOver(0, "server", True), 90)
    kit.later(60)
    assert [each.id for each in kit.room.plans()] == [other]
    kit.room.cancel(other)
    assert kit.room.plans() == []


def test_goals_are_seen_when_they_are_reached(kit: Kit) -> None:
    viewer = Viewer(kit)
    before = agrees(viewer)["goals"]
    assert before
    assert not any(goal["reached"] for goal in before)
    kit.handshake()
    told = agrees(viewer)["goals"]
    reached = [goal for goal in told if goal["reached"]]
    assert [goal["id"] for goal in reached] == [goal.id for goal in kit.lesson.goals if kit.room.reached(goal.id)]
    assert reached
    for goal in reached:
        assert goal["reached_by"] == sorted(goal["earners"])
        assert set(goal["counts"].values()) == {goal["count"]}
    kit.room.new_round()
    assert agrees(viewer)["goals"] == before


def test_teams_are_seen_in_their_order(tmp_path: Path) -> None:
    source = load("handshake").source
    named = {"client": "red", "router": "red", "server": "blue"}
    for node, team in named.items():
        source = source.replace(f"- id: {node}\n", f"- id: {node}\n    team: {team}\n")
    kit = Kit(tmp_path, from_text(source, "handshake"))
    viewer = Viewer(kit)
    assert sorted(row["team"] for row in agrees(viewer)["standing"]) == ["blue", "red"]
    kit.carry("T-1", SYN, "b1", "b2", "b3")
    kit.carry("T-2", SYN_ACK.replace("ack=101", "ack=7"), "b3")
    told = {row["team"]: row["mistakes"] for row in agrees(viewer)["standing"]}
    assert told == {"red": 0, "blue": 1}
    kit.carry("T-2", SYN_ACK, "b3", "b2", "b1")
    kit.carry("T-3", ACK, "b1", "b2", "b3")
    assert {row["team"]: row["points"] for row in agrees(viewer)["standing"]} != {"red": 0, "blue": 0}


def test_without_teams_nobody_stands_anywhere(kit: Kit) -> None:
    assert kit.room.state()["standing"] == []


def test_hints_and_running_timers_are_seen_at_the_node(tmp_path: Path) -> None:
    source = load("handshake").source + "\ntimers: {retransmission: 90}\n"
    kit = Kit(tmp_path, from_text(source, "handshake"))
    viewer = Viewer(kit)
    kit.room.hint("client", 1)
    kit.later(3)
    kit.carry("T-1", SYN, "b1", "b2", "b3")
    nodes = {node["id"]: node for node in agrees(viewer)["nodes"]}
    assert nodes == {node["id"]: node for node in viewer.known["nodes"]}
    assert (nodes["client"]["hints"], nodes["server"]["hints"]) == (1, 0)
    assert nodes["client"]["connections"][0]["until_ms"] == 93_000
    assert (nodes["server"]["since_ms"], nodes["server"]["until_ms"]) == (3000, 93_000)


def test_after_a_way_back_everything_is_as_it_was(kit: Kit) -> None:
    last, told = kit.last, agrees(Viewer(kit))
    kit.later(9)
    viewer = Viewer(kit)
    kit.room.teach(LinkTurned(0, ("client", "router"), False))
    kit.room.plan(LiftAll(), 9)
    kit.room.teach(LinkTurned(0, ("client", "router"), True))
    kit.handshake()
    kit.room.back(last)
    now = agrees(viewer)
    assert {name: now[name] for name in GAME} == {name: told[name] for name in GAME}


def test_the_tables_of_routers_are_for_the_teacher_alone(kit: Kit) -> None:
    kit.room.teach(TableSet(0, "router", (("10.0.1.0/24", "link"),)))
    (table,) = kit.room.tables()
    assert (table.node, table.title, table.lines) == ("router", "Router", [("10.0.1.0/24", "link")])
    assert "10.0.1.0/24" not in msgspec.json.encode(kit.room.state()).decode()


def test_a_packet_that_is_lost_in_secret_goes_on_for_all_but_its_carrier(tmp_path: Path) -> None:
    """Only the timer tells its sender: neither the screen nor whoever opens the state may know of the loss."""
    kit = Kit(tmp_path)
    kit.room.teach(FaultSet(0, "f", FaultKind.LOSE, ("router", "server"), count=1))
    viewer = Viewer(kit)
    kit.scan("b1", "T-1", SYN)
    told = kit.scan("b2", "T-1", SYN)
    assert told.reason == "fault.lost", "the router's own light"
    state = agrees(viewer)
    (router,) = (node for node in state["nodes"] if node["id"] == "router")
    assert (router["light"], router["sentence"]) == ("forwarded", "Router passes it on. Carry it to Server.")
    line = state["story"][-1]
    assert (line["verdict"], line["reason"], line["to"]) == ("forwarded", "ip.forwarded", "server")
    assert [(packet["card"], packet["at"], packet["to"]) for packet in state["packets"]] == [
        ("T-1", "router", "server")
    ]
    kit.restart()
    assert "fault.lost" not in msgspec.json.encode(kit.room.state()).decode()
    assert any("drop box" in said for node in kit.room.holders().nodes for said in node.sentences), "the teacher knows"
    assert kit.carry("T-1", SYN, "b1", "b2", "b3") == ["sent", "forwarded", "delivered"], "the same card again"
