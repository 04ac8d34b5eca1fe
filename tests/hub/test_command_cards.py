"""Command cards in a room: only at a reader, each scan once, and the same after a restart."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from pathlib import Path

import pytest

from cards.jsonform import to_json
from cards.notation import parse
from hub.course import Judged
from hub.journal import Journal
from hub.lessons import load
from hub.messages import Answer, BadgeStatus, Down, Light, LightWord, Role, Scan, Verdict
from hub.records import MovedRecord, ScannedRecord
from hub.refusals import NothingDoneError
from hub.room import Room
from hub.simulator.acts import PlayStep
from hub.simulator.events import FaultLifted
from tests.hub.play import SYN

BOOT = "00112233"


class Kit:
    """A room with its badges b1 (client), b2 (router) and b3 (server), and the reader `desk`."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.judged: list[Judged] = []
        self.open()
        for badge in ("b1", "b2", "b3"):
            self.room.status(BadgeStatus(badge, "online", BOOT))
        self.counters = {badge: itertools.count(1) for badge in ("b1", "b2", "b3", "desk")}

    def open(self, readers: Collection[str] = ("desk",)) -> None:
        self.journal = Journal(self.data)
        self.room = Room(self.journal, load("handshake"), readers=readers, on_judged=self.judged.append)

    def restart(self, readers: Collection[str] = ("desk",)) -> None:
        self.journal.close()
        self.open(readers)

    def command(self, text: str, badge: str = "desk") -> Answer:
        counter = next(self.counters[badge])
        return self.answer(self.room.scan(Scan(badge, BOOT, counter, counter, "CMD-1", command=text)))

    def carry(self, card: str, text: str, *badges: str) -> list[str]:
        said = []
        for badge in badges:
            counter = next(self.counters[badge])
            scan = Scan(badge, BOOT, counter, counter, card, to_json(parse(text)))
            said.append(self.answer(self.room.scan(scan)).reason)
        return said

    @staticmethod
    def answer(downs: list[Down]) -> Answer:
        assert isinstance(downs[0], Answer)
        return downs[0]


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


def test_a_card_on_the_reader_sets_a_fault(kit: Kit) -> None:
    answer = kit.command("lose router server")
    assert (answer.verdict, answer.reason, answer.node) == (Verdict.DELIVERED, "room.commanded", None)
    assert answer.sentence == "Done: lose router server."
    assert kit.carry("T-1", SYN, "b1", "b2", "b3")[1:] == ["fault.lost", "card.lost"]
    assert not kit.room.world.faults
    assert kit.carry("T-2", SYN, "b1", "b2", "b3")[1:] == ["ip.forwarded", "tcp.syn-received"]


def test_the_same_card_again_renews_its_fault_and_lift_ends_it(kit: Kit) -> None:
    kit.command("lose router server")
    kit.command("lose server router every")
    kit.command("delay client router")
    assert set(kit.room.world.faults) == {"lose-router-server", "delay-client-router"}
    assert kit.room.world.faults["lose-router-server"].count is None
    kit.command("lift lose router server")
    assert set(kit.room.world.faults) == {"delay-client-router"}
    kit.command("lift")
    assert not kit.room.world.faults


def test_links_rounds_and_who_plays(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1", "b2")
    kit.command("down router server")
    assert kit.room.world.down == {frozenset(("router", "server"))}
    kit.command("engine server")
    assert kit.room.world.engines == {"server"}
    kit.command("undo router")
    assert kit.room.world.instances["T-1"].due == "router"
    kit.command("round")
    assert not kit.room.world.instances
    assert kit.room.world.round == 2


def test_a_step_of_the_engine_is_played_once(kit: Kit) -> None:
    kit.command("play client")
    (sent,) = kit.room.world.instances.values()
    assert (sent.holder, sent.due) == ("client", "router")
    kit.restart()
    assert dict(kit.room.world.instances) == {sent.card: sent}


def test_whoever_is_played_for_is_told_what_to_write_and_where_to_take_it(kit: Kit) -> None:
    """The packet is on its way, but no paper of it is: somebody has to make it."""
    lights = [down for down in kit.room.teach(PlayStep("client")) if isinstance(down, Light)]
    (light,) = [each for each in lights if each.badge == "b1"]
    assert light.light is LightWord.YOUR_TURN
    text, line = light.sentence.split("\n")
    assert text == "Played for you: copy this onto a card, then carry it to Router."
    assert kit.carry("T-1", line, "b2", "b3") == ["ip.forwarded", "tcp.syn-received"]


def test_at_another_badge_nothing_is_done(kit: Kit) -> None:
    answer = kit.command("lose router server", "b1")
    assert (answer.verdict, answer.reason) == (Verdict.UNREAD, "room.not-a-reader")
    assert not kit.room.world.faults
    kit.restart(readers=["b1", "desk"])
    assert not kit.room.world.faults, "it was not carried out then, so it is not now"


@pytest.mark.parametrize(
    ("command", "reason", "says"),
    [
        ("lift rain", "room.no-such-fault", "no fault rain. In force are: lose-client-router"),
        ("lift lose router server", "room.no-such-fault", "lose-router-server"),
        ("undo server", "room.nothing-to-undo", "Server has made no move"),
        ("undo client", "room.acted-on", "undo router"),
        ("redo client", "room.nothing-to-redo", "has been taken back"),
        ("forgive client", "room.no-mistake", "charged with no mistake"),
        ("play client", "room.nothing-to-play", "nothing to do for Client"),
        ("restart router server", "room.nothing-between", "nothing to forget"),
    ],
)
def test_what_cannot_be_done_is_refused_and_says_what_to_do(kit: Kit, command: str, reason: str, says: str) -> None:
    kit.carry("T-1", SYN, "b1", "b2")
    kit.command("lose client router")
    before = kit.room.world
    answer = kit.command(command)
    assert (answer.verdict, answer.reason, answer.node) == (Verdict.STOPPED, reason, None)
    assert says in answer.sentence
    assert "Done" not in answer.sentence
    assert kit.room.world.nodes == before.nodes
    assert kit.room.state()["story"][-1]["reason"] == reason
    kit.restart()
    assert kit.room.world.nodes == before.nodes, "and it is not carried out when the journal is played again"


def test_a_hand_is_refused_as_a_card_is_and_the_journal_knows_nothing(kit: Kit) -> None:
    last = max(number for number, _ in kit.journal.records(after=0))
    with pytest.raises(NothingDoneError, match="no fault rain") as refused:
        kit.room.teach(FaultLifted(0, "rain"))
    assert refused.value.ruling.reason == "room.no-such-fault"
    with pytest.raises(NothingDoneError):
        kit.room.teach(PlayStep("router"))
    assert max(number for number, _ in kit.journal.records(after=0)) == last


def test_a_round_by_card_rotates_the_players_of_a_race_as_any_other(tmp_path: Path) -> None:
    def badges(data: Path) -> Room:
        return Room(
            Journal(data),
            load("linked"),
            seats={"a": "client-1", "b": "router-1", "c": "server-1"},
            readers=["desk"],
        )

    by_hand, by_card = badges(tmp_path / "hand"), badges(tmp_path / "card")
    downs = by_card.scan(Scan("desk", BOOT, 1, 1, "CMD-1", command="round"))
    assert isinstance(downs[0], Answer)
    roles = [down for down in downs if isinstance(down, Role)]
    assert roles == [down for down in by_hand.new_round() if isinstance(down, Role)]
    assert by_card.world.seats == by_hand.world.seats
    assert by_card.world.seats["a"] == ("router-1",)


def test_a_command_that_means_nothing_here_is_told(kit: Kit) -> None:
    world = kit.room.world
    answer = kit.command("lose rooter server")
    assert (answer.verdict, answer.reason) == (Verdict.UNREAD, "card.command-unknown")
    assert "Did you mean “router”?" in answer.sentence
    assert kit.room.world.faults == world.faults


def test_a_repeat_gets_the_stored_answer_and_is_not_done_again(kit: Kit) -> None:
    scan = Scan("desk", BOOT, 1, 1, "CMD-1", command="round")
    first = kit.answer(kit.room.scan(scan))
    assert kit.room.scan(scan) == [first]
    assert kit.room.world.round == 2
    kit.restart()
    assert kit.room.scan(scan) == [first]
    assert kit.room.world.round == 2


def test_after_a_restart_it_is_done_again_at_its_time_whoever_reads_now(kit: Kit) -> None:
    kit.command("lose router server every")
    kit.command("engine server")
    kit.command("round")
    kit.command("delay client router")
    kit.command("lift delay client router")
    kit.command("nonsense")
    kit.carry("T-1", SYN, "b1", "b2")
    world, story = kit.room.world, kit.room.state()["story"]
    kit.restart(readers=())
    assert kit.room.world == world
    assert kit.room.state()["story"] == story
    assert kit.room.world.faults["lose-router-server"].at == world.faults["lose-router-server"].at


def test_a_command_is_one_record_of_the_journal(kit: Kit) -> None:
    kit.command("lose router server")
    records = [record for _, record in kit.journal.records(after=1)]
    (stored,) = [record for record in records if isinstance(record, ScannedRecord)]
    assert (stored.badge, stored.card, stored.command, stored.written) == ("desk", "CMD-1", "lose router server", None)
    assert not [record for record in records if isinstance(record, MovedRecord)]


def test_it_stands_in_the_story_and_is_heard_of(kit: Kit) -> None:
    kit.command("round")
    line = kit.room.state()["story"][-1]
    assert (line["badge"], line["card"], line["sentence"], line.get("packet")) == (
        "desk",
        "CMD-1",
        "Done: round.",
        None,
    )
    assert kit.judged[-1].ruling.reason == "room.commanded"
    assert kit.judged[-1].world.round == 2


def test_a_reader_takes_no_seat(tmp_path: Path) -> None:
    room = Room(Journal(tmp_path), load("handshake"), readers=["desk"])
    (role, _) = room.status(BadgeStatus("desk", "online", BOOT))
    assert role == Role("desk", lesson="The handshake")
    assert isinstance(room.scan(Scan("desk", BOOT, 1, 1, "CMD-1", command="round"))[0], Answer)
    assert "desk" not in room.world.seats


def test_a_reader_with_a_seat_plays_and_reads(tmp_path: Path) -> None:
    room = Room(Journal(tmp_path), load("handshake"), readers=["b1"], seats={"b1": "client"})
    first, second = (
        Kit.answer(room.scan(scan))
        for scan in (
            Scan("b1", BOOT, 1, 1, "T-1", to_json(parse(SYN))),
            Scan("b1", BOOT, 2, 2, "CMD-1", command="lose client router"),
        )
    )
    assert (first.verdict, second.reason) == (Verdict.SENT, "room.commanded")


def test_a_loss_that_was_ordered_in_secret_is_one_after_a_restart(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    assert kit.command("lose router server").reason == "room.commanded"
    assert kit.carry("T-1", SYN, "b1", "b2")[-1] == "fault.lost", "who carries it is told"
    story = kit.room.state()["story"]
    assert "lose" not in str(story)
    assert [line["reason"] for line in story] == ["tcp.syn-sent", "ip.forwarded"]
    kit.restart()
    assert kit.room.state()["story"] == story
