"""The room service: each scan once, in order, with the stored answer for a repeat, the same after a restart."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from cards.jsonform import to_json
from cards.notation import parse
from hub.clock import LessonClock, ManualClock
from hub.journal import Journal, JournalError
from hub.lessons import from_text, load
from hub.lessons.forms import pen_form
from hub.messages import Answer, BadgeStatus, Down, Form, Light, LightWord, Problem, Resend, Role, Scan, Verdict
from hub.room import Room
from hub.simulator.events import FaultKind, FaultSet, HandedOver, LinkTurned, Undone
from tests.hub.play import ACK, SYN, SYN_ACK

BOOT = "00112233"


def scan(badge: str, counter: int, text: str, card: str = "T-1", oldest: int | None = None, boot: str = BOOT) -> Scan:
    return Scan(badge, boot, counter, oldest or counter, card, to_json(parse(text)))


def online(badge: str) -> BadgeStatus:
    return BadgeStatus(badge, "online", BOOT)


def answers(downs: list[Down]) -> list[Answer]:
    return [down for down in downs if isinstance(down, Answer)]


@dataclass
class Kit:
    """A room with its badges b1 (client), b2 (router) and b3 (server)."""

    data: Path

    def __post_init__(self) -> None:
        self.open()
        for badge in ("b1", "b2", "b3"):
            self.room.status(online(badge))
        self.counters = {badge: itertools.count(1) for badge in ("b1", "b2", "b3")}

    def open(self) -> None:
        self.journal = Journal(self.data)
        self.room = Room(self.journal, load("handshake"))

    def restart(self) -> None:
        self.journal.close()
        self.open()

    def carry(self, card: str, text: str, *badges: str) -> list[str]:
        downs = [self.scan(badge, card, text) for badge in badges]
        return [answer.verdict.value for down in downs for answer in answers(down)]

    def scan(self, badge: str, card: str, text: str) -> list[Down]:
        return self.room.scan(scan(badge, next(self.counters[badge]), text, card))

    def handshake(self) -> None:
        self.carry("T-1", SYN, "b1", "b2", "b3")
        self.carry("T-2", SYN_ACK, "b3", "b2", "b1")
        self.carry("T-3", ACK, "b1", "b2", "b3")


def seats(room: Room) -> dict[str, str]:
    return {badge: node for badge, (node,) in room.world.seats.items()}


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


def test_badges_take_the_seats_of_their_numbers(kit: Kit) -> None:
    assert seats(kit.room) == {"b1": "client", "b2": "router", "b3": "server"}


def test_a_badge_is_told_its_role_and_whose_turn_it_is(tmp_path: Path) -> None:
    room = Room(Journal(tmp_path), load("handshake"))
    role, form, light = room.status(online("client"))
    assert form == Form("client", pen_form(load("handshake")))
    assert role == Role("client", "client", "Client", "10.0.1.2", "The handshake")
    assert isinstance(light, Light)
    assert light.light is LightWord.YOUR_TURN
    assert light.sentence == "Open a connection: SYN to Server"


def test_a_badge_without_a_seat_is_told_the_form_too(tmp_path: Path) -> None:
    room = Room(Journal(tmp_path), load("handshake"), readers=["desk"])
    assert Form("desk", pen_form(load("handshake"))) in room.status(online("desk"))


def test_a_lesson_that_no_paper_has_room_for_has_no_form(tmp_path: Path) -> None:
    hosts = "".join(f"  - {{id: n{n}, title: N{n}, address: 10.0.1.{n}}}\n" for n in range(1, 200))
    links = "".join(f"  - [n{n}, n{n + 1}]\n" for n in range(1, 199))
    crowd = from_text(f"title: Crowd\ngoal: Talk\nnodes:\n{hosts}links:\n{links}", "crowd")
    said = Room(Journal(tmp_path), crowd).status(online("n1"))
    assert [type(down) for down in said if not isinstance(down, Light)] == [Role]


def test_a_hub_that_comes_up_tells_every_badge_its_role_and_the_form(kit: Kit) -> None:
    kit.restart()
    said = [(down.badge, type(down)) for down in kit.room.roles()]
    assert sorted(said, key=str) == sorted(((badge, kind) for badge in kit.counters for kind in (Role, Form)), key=str)


def test_reserved_seats_are_kept(tmp_path: Path) -> None:
    room = Room(Journal(tmp_path), load("handshake"), seats={"blue": "client"})
    for badge in ("b1", "x", "y", "blue"):
        room.status(online(badge))
    assert seats(room) == {"blue": "client", "b1": "router", "x": "server"}


def test_a_seat_that_is_reserved_later_is_taken_from_whoever_has_it(kit: Kit) -> None:
    kit.journal.close()
    journal = Journal(kit.data)
    room = Room(journal, load("handshake"), seats={"blue": "client", "b1": "router"})
    assert seats(room) == {"blue": "client", "b1": "router", "b3": "server"}
    journal.close()
    kit.open()
    assert seats(kit.room) == {"blue": "client", "b1": "router", "b3": "server"}


@pytest.mark.parametrize("seats", [{"b1": "printer"}, {"b1": "client", "b2": "client"}])
def test_seats_that_the_room_does_not_have_are_refused_before_it_begins(tmp_path: Path, seats: dict[str, str]) -> None:
    journal = Journal(tmp_path)
    with pytest.raises(ValueError, match="play"):
        Room(journal, load("handshake"), seats=seats)
    assert journal.newest_room() is None


def test_a_scan_that_cannot_be_stored_is_neither_answered_nor_judged(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(record: object) -> int:
        raise JournalError("the disk is full")

    world, story = kit.room.world, kit.room.state()["story"]
    with monkeypatch.context() as broken:
        broken.setattr(kit.journal, "append", full)
        with pytest.raises(JournalError):
            kit.room.scan(scan("b1", 1, SYN))
    assert kit.room.world is world
    assert kit.room.state()["story"] == story
    (answer,) = answers(kit.room.scan(scan("b1", 1, SYN)))
    assert answer.verdict is Verdict.SENT


def test_a_badge_too_many_is_answered(kit: Kit) -> None:
    (answer,) = answers(kit.room.scan(scan("b4", 1, SYN)))
    assert (answer.verdict, answer.reason, answer.node) == (Verdict.UNREAD, "room.no-seat", None)


def test_a_repeat_gets_the_stored_answer_and_moves_nothing(kit: Kit) -> None:
    first = answers(kit.room.scan(scan("b1", 1, SYN)))
    world = kit.room.world
    assert kit.room.scan(scan("b1", 1, SYN)) == first
    assert kit.room.world is world


def test_a_repeat_is_answered_from_the_journal_after_a_restart_and_in_a_new_room(kit: Kit) -> None:
    first = answers(kit.room.scan(scan("b1", 1, SYN)))
    kit.restart()
    assert kit.room.scan(scan("b1", 1, SYN)) == first
    other = Room(kit.journal, load("handshake"), fresh=True)
    assert other.scan(scan("b1", 1, SYN)) == first
    assert not other.world.instances


def test_a_gap_is_asked_for_and_not_judged(kit: Kit) -> None:
    kit.room.scan(scan("b1", 1, SYN))
    world = kit.room.world
    assert kit.room.scan(scan("b1", 4, SYN, oldest=2)) == [Resend("b1", BOOT, 2)]
    assert kit.room.world is world


def test_what_a_badge_no_longer_has_is_not_waited_for(kit: Kit) -> None:
    kit.room.scan(scan("b1", 1, SYN))
    assert answers(kit.room.scan(scan("b1", 7, SYN, oldest=7)))
    assert answers(kit.room.scan(scan("b1", 57, SYN, oldest=57, boot="44556677"))), "a hub that forgot"


def test_a_scan_with_a_problem_is_unread(kit: Kit) -> None:
    (answer,) = answers(kit.room.scan(Scan("b1", BOOT, 1, 1, problem=Problem("card.foreign", "https://example.org"))))
    assert (answer.verdict, answer.light, answer.reason) == (Verdict.UNREAD, LightWord.UNREAD, "card.foreign")


@pytest.mark.parametrize("code", ["card.unclear", "card.marks", "card.check-digit", "card.twice"])
def test_what_is_wrong_with_a_card_for_the_pen_is_told_as_the_badge_saw_it(kit: Kit, code: str) -> None:
    detail = "two are marked under ACK, second column: 2 and 9; one is right"
    (answer,) = answers(kit.room.scan(Scan("b1", BOOT, 1, 1, "HMSQ-12", problem=Problem(code, detail))))
    assert (answer.verdict, answer.light, answer.reason) == (Verdict.UNREAD, LightWord.UNREAD, code)
    assert f": {detail}." in answer.sentence


def test_an_address_that_cannot_be_is_answered_too(kit: Kit) -> None:
    written = msgspec.structs.replace(to_json(parse(SYN)), dst="999.0.0.1")
    (answer,) = answers(kit.room.scan(Scan("b1", BOOT, 1, 1, "T-1", written)))
    assert (answer.verdict, answer.reason) == (Verdict.UNREAD, "card.not-understood")
    kit.restart()
    assert kit.room.state()["story"][-1]["reason"] == "card.not-understood"


def test_after_a_restart_the_room_is_the_same(kit: Kit) -> None:
    kit.handshake()
    world, state = kit.room.world, kit.room.state()
    kit.restart()
    assert kit.room.resumed
    assert kit.room.world == world
    after = kit.room.state()
    offline = [{**node, "online": False} for node in state["nodes"]]
    assert {**after, "nodes": offline} == {**state, "nodes": offline}
    assert kit.carry("T-4", '10.0.1.2:40001 > 10.0.1.1:23 ACK seq=101 ack=301 data="hi"', "b1") == ["sent"]


def test_lesson_time_goes_on_from_the_last_record_after_a_restart(tmp_path: Path) -> None:
    times = iter([50.0, 51.5, 1000.0, 1000.25])

    def clock(start_ms: int) -> LessonClock:
        return LessonClock(start_ms, lambda: next(times))

    journal = Journal(tmp_path)
    room = Room(journal, load("handshake"), seats={}, clock=clock)
    room.new_round()
    assert room.world.at == 1500
    room = Room(journal, load("handshake"), clock=clock)
    room.new_round()
    assert room.world.at == 1750, "whatever the machine's clock has done in between"


def test_a_room_keeps_the_lesson_that_it_began_with(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    ours = load("handshake")
    Room(journal, ours)
    edited = from_text(ours.source.replace("title: The handshake\ngoal", "title: Edited\ngoal"), "handshake")
    assert edited.title == "Edited"
    assert Room(journal, edited).lesson.title == "The handshake"
    assert Room(journal, edited, fresh=True).lesson.title == "Edited"


def test_after_a_scan_the_next_player_is_lit(kit: Kit) -> None:
    downs = kit.room.scan(scan("b1", 1, SYN))
    assert isinstance(downs[0], Answer), "the answer goes first"
    lights = {down.badge: down.light for down in downs if isinstance(down, Light)}
    assert lights == {"b1": LightWord.READY, "b2": LightWord.YOUR_TURN}


def test_stopped_names_the_part_of_the_card(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1", "b2", "b3")
    wrong = SYN_ACK.replace("ack=101", "ack=100")
    (answer,) = answers(kit.room.scan(scan("b3", 2, wrong, "T-2")))
    assert (answer.verdict, answer.key) == (Verdict.STOPPED, 4)
    assert "101" in answer.sentence


def test_a_new_round_lights_those_who_begin(kit: Kit) -> None:
    kit.handshake()
    lights = [down for down in kit.room.new_round() if isinstance(down, Light)]
    assert [(light.badge, light.light) for light in lights] == [("b1", LightWord.YOUR_TURN)]
    assert kit.room.state()["round"] == 2


def test_viewers_hear_of_every_scan(kit: Kit) -> None:
    follower = kit.room.feed.follow(kit.room.feed.last_id)
    kit.handshake()
    entries = []
    for event in follower:
        assert event is not None
        change = msgspec.json.decode(event.json)
        if "entry" in change:
            entries.append(change["entry"])
        if len(entries) == 9:
            break
    follower.close()
    assert [entry["verdict"] for entry in entries] == ["sent", "forwarded", "delivered"] * 3
    states = {node["id"]: node["connections"] for node in kit.room.state()["nodes"]}
    assert [connection["state"] for connection in states["client"] + states["server"]] == ["ESTABLISHED"] * 2


def test_a_badge_takes_the_seat_of_one_that_is_off(kit: Kit) -> None:
    kit.room.status(BadgeStatus("b2", "offline", BOOT))
    roles = [down for down in kit.room.status(online("b9")) if isinstance(down, Role)]
    assert [(role.badge, role.node) for role in roles] == [("b2", None), ("b9", "router")]
    kit.room.status(online("b2"))
    assert seats(kit.room) == {"b1": "client", "b9": "router", "b3": "server"}
    kit.restart()
    assert seats(kit.room) == {"b1": "client", "b9": "router", "b3": "server"}


def test_after_a_restart_nobody_loses_a_seat_to_an_early_badge(kit: Kit) -> None:
    kit.restart()
    kit.room.status(online("b9"))
    assert set(kit.room.world.seats) == {"b1", "b2", "b3"}


def test_a_counter_that_was_passed_over_is_answered_all_the_same(kit: Kit) -> None:
    kit.room.scan(scan("b1", 9, SYN, oldest=9))
    (answer,) = answers(kit.room.scan(scan("b1", 3, SYN)))
    assert (answer.counter, answer.verdict, answer.reason) == (3, Verdict.UNREAD, "room.lost-count")


def test_a_station_says_which_card_to_take_until_somebody_carries_it_on(kit: Kit) -> None:
    kit.room.teach(HandedOver(0, "server", True))
    kit.carry("T-1", SYN, "b1", "b2", "b3")
    downs = kit.room.tick()
    (light,) = [down for down in downs if isinstance(down, Light) and down.badge == "b3"]
    assert light.light is LightWord.YOUR_TURN
    assert "SYN,ACK" in light.sentence
    answer = light.sentence[light.sentence.index("10.0.1.1:23 >") :]
    downs = kit.scan("b2", "T-9", answer)
    assert [down.light for down in downs if isinstance(down, Light) and down.badge == "b3"] == [LightWord.READY]
    assert kit.carry("T-9", answer, "b1") == ["delivered"]


def test_engines_play_by_themselves_as_time_passes_and_a_restart_remembers_it(kit: Kit) -> None:
    for badge in ("b1", "b2", "b3"):
        kit.room.seat(badge, None)
    for node in ("client", "router", "server"):
        kit.room.teach(HandedOver(0, node, True))
    for _ in range(9):
        kit.room.tick()
    states = {node: [c.state.value for _, c in kit.room.world.host(node).connections.items()] for node in ("client",)}
    assert states == {"client": ["ESTABLISHED"]}
    story = [(line["badge"], line["verdict"]) for line in kit.room.state()["story"]]
    before = kit.room.world
    kit.restart()
    assert kit.room.world.nodes == before.nodes
    assert [(line["badge"], line["verdict"]) for line in kit.room.state()["story"]] == story


def test_a_teachers_moves_are_remembered_over_a_restart(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1", "b2")
    kit.room.teach(Undone(0, "router"))
    kit.room.teach(LinkTurned(0, ("client", "router"), up=False))
    kit.room.teach(FaultSet(0, "f", FaultKind.LOSE, ("router", "server"), None))
    before = kit.room.world
    kit.restart()
    assert (kit.room.world.instances, kit.room.world.down) == (before.instances, before.down)
    assert (kit.room.world.faults, kit.room.world.nodes) == (before.faults, before.nodes)
    assert kit.room.world.instances["T-1"].due == "router"


def test_who_has_to_send_again_is_told_by_the_light(tmp_path: Path) -> None:
    source = load("handshake").source + "\ntimers: {retransmission: 90}\n"
    clock = ManualClock()
    room = Room(Journal(tmp_path), from_text(source, "handshake"), clock=lambda at: clock)
    room.status(online("client"))
    room.scan(Scan("client", BOOT, 1, 1, "T-1", to_json(parse(SYN))))
    clock.forward_to(89_000)
    assert room.tick() == []
    clock.forward_to(90_001)
    (light,) = room.tick()
    assert isinstance(light, Light)
    assert (light.badge, light.light) == ("client", LightWord.SEND_AGAIN)


def test_seats_are_swapped_and_badges_told(kit: Kit) -> None:
    downs = kit.room.seat("b1", "server")
    roles = {down.badge: down.node for down in downs if isinstance(down, Role)}
    assert roles == {"b3": None, "b1": "server"}
    assert seats(kit.room) == {"b1": "server", "b2": "router"}


def test_in_a_race_everybody_plays_the_next_node_of_their_team_in_the_next_round(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    room = Room(journal, load("linked"), seats={"a": "client-1", "b": "router-1", "c": "server-1"})
    before = seats(room)
    roles = {down.badge: down.node for down in room.new_round() if isinstance(down, Role)}
    assert roles == seats(room)
    assert set(roles.values()) == set(before.values())
    assert all(roles[badge] != before[badge] for badge in before)
    after = room.world.seats
    journal.close()
    assert Room(Journal(tmp_path), load("linked")).world.seats == after
