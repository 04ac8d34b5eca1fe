"""The past for pages: ladders and autopsies, read beside the hub that writes the journal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from cards.jsonform import to_json
from cards.notation import parse, parse_packet
from hub.archive import Archive
from hub.journal import Journal, JournalError, Records
from hub.ladder import Ladder, Rung, ladders
from hub.lessons import Lesson, Script, ids, load, variant
from hub.lessons.lesson import ActStep
from hub.messages import Scan
from hub.records import Record
from hub.room import Room
from hub.scripted import play
from hub.simulator.acts import NewRound
from hub.simulator.events import Redone, Undone
from hub.texts import texts

SYN = "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=1"


def _scripts() -> Iterator[tuple[Lesson, Script]]:
    for id in ids():
        lesson = load(id)
        for script in lesson.scripts:
            yield (lesson if script.variant is None else variant(lesson, script.variant)), script


def _played(folder: Path, lesson: str, script: str) -> Archive:
    there = load(lesson)
    chosen = next(each for each in there.scripts if each.id == script)
    with closing(Journal(folder)) as journal:
        for _ in play(journal, there if chosen.variant is None else variant(there, chosen.variant), chosen):
            pass
    return Archive(folder)


def _only(archive: Archive) -> Ladder:
    _, (ladder,) = archive.ladders()
    return ladder


def _says(rung: Rung) -> tuple[str, str, str, str]:
    return ("->" if rung.left else "<-", rung.label, rung.end, rung.hops[-1].reason)


def test_a_handshake_is_figure_6_of_rfc_9293(tmp_path: Path) -> None:
    ladder = _only(_played(tmp_path, "handshake", "handshake"))
    assert (ladder.left.node, ladder.right.node, ladder.between) == ("client", "server", ("router",))
    assert [_says(rung) for rung in ladder.rungs] == [
        ("->", "SYN", "arrived", "tcp.syn-received"),
        ("<-", "SYN,ACK", "arrived", "tcp.syn-acked"),
        ("->", "ACK", "arrived", "tcp.established"),
    ]
    states = [(rung.sent["client"], rung.came["server"]) for rung in ladder.rungs]
    assert states == [
        ("SYN-SENT", "SYN-RECEIVED"),
        ("SYN-SENT", "SYN-RECEIVED"),
        ("ESTABLISHED", "ESTABLISHED"),
    ]
    assert [slip.reason for slip in ladder.slips] == ["tcp.ack-mismatch"]


@pytest.mark.parametrize("script", ["hello", "answer-at-its-sender"])
def test_a_packet_of_a_station_is_one_rung_with_the_card_that_is_its_paper(tmp_path: Path, script: str) -> None:
    ladder = _only(_played(tmp_path, "booth", script))
    answers = [rung for rung in ladder.rungs if rung.label == "SYN,ACK"]
    assert [[hop.node for hop in rung.hops] for rung in answers] == [["server", "router", "client"]]
    assert [rung.end for rung in answers] == ["arrived"]


def test_a_lost_packet_ends_in_a_hole_and_what_is_sent_again_names_it(tmp_path: Path) -> None:
    archive = _played(tmp_path, "loss", "lost-syn")
    ladder = ladders(archive.footprints())[0]
    lost, again = ladder.rungs[:2]
    assert _says(lost) == ("->", "SYN", "dropped", "fault.lost")
    assert again.again == lost.event
    assert again.end == "arrived"


def test_a_secret_loss_is_not_to_be_seen_by_anybody_before_its_round_is_over(tmp_path: Path) -> None:
    """A pupil can open every page that asks for no PIN."""
    archive = _played(tmp_path, "loss", "lost-syn")
    lost = next(each for each in archive.footprints() if each.reason == "fault.lost")
    assert lost.card is not None
    rung = _only(archive).rungs[0]
    assert _says(rung) == ("->", "SYN", "under-way", "ip.forwarded")
    shown = msgspec.json.encode([archive.ladders(), archive.autopsy(lost.card)]).decode()
    assert "fault.lost" not in shown
    assert "drop box" not in shown
    with closing(Journal(tmp_path)) as journal:
        Room(journal, load("loss")).teach(NewRound())
    told = Archive(tmp_path).autopsy(lost.card)
    assert told is not None
    assert "fault.lost" in [hop.reason for life in told.lives for hop in life.hops], "for the talk after the round"


def test_a_closed_port_refuses(tmp_path: Path) -> None:
    ladder = _only(_played(tmp_path, "handshake", "refused"))
    assert [rung.end for rung in ladder.rungs] == ["reset", "reset"]
    assert ladder.states == {"client": "CLOSED", "server": "CLOSED"}


@pytest.mark.parametrize(
    ("nodes", "drawn"),
    [
        (
            ("client", "server", "router", "server"),
            [("dropped", ["client", "server"]), ("arrived", ["client", "router", "server"])],
        ),
        (
            ("client", "router", "server", "router"),
            [("arrived", ["client", "router", "server"]), ("dropped", ["server", "router"])],
        ),
    ],
    ids=["straight across", "carried on after its end"],
)
def test_a_card_that_is_carried_on_after_its_end_keeps_the_end_that_it_had(
    tmp_path: Path, nodes: tuple[str, ...], drawn: list[tuple[str, list[str]]]
) -> None:
    with closing(Journal(tmp_path)) as journal:
        room = Room(journal, load("handshake"), seats={node: node for node in nodes})
        for count, node in enumerate(nodes, 1):
            room.scan(Scan(node, "ab" * 8, count, count, "DEMO-1", to_json(parse_packet(SYN))))
    rungs = _only(Archive(tmp_path)).rungs
    assert [(rung.end, [hop.node for hop in rung.hops]) for rung in rungs] == drawn
    assert rungs[1].hops[0].event == rungs[0].hops[-1].event, "it goes on where the first has ended"


def test_a_node_that_has_only_stopped_a_card_has_its_place_in_the_ladder(tmp_path: Path) -> None:
    with closing(Journal(tmp_path)) as journal:
        room = Room(journal, load("handshake:complex"), seats={"client": "client", "router": "router"})
        for count, node in enumerate(("client", "router"), 1):
            room.scan(Scan(node, "ab" * 8, count, count, "DEMO-1", to_json(parse(SYN))))
    ladder = _only(Archive(tmp_path))
    assert [(slip.node, slip.reason) for slip in ladder.slips] == [("router", "ip.next-hop-missing")]
    assert ladder.between == ("router",)


def test_an_autopsy_tells_every_hop_and_the_rule_that_was_broken(tmp_path: Path) -> None:
    archive = _played(tmp_path, "handshake", "straight-across")
    card = archive.footprints()[0].card
    assert card is not None
    found = archive.autopsy(card)
    assert found is not None
    (life,) = found.lives
    assert [(hop.node, hop.verdict) for hop in life.hops] == [("client", "sent"), ("server", "dropped")]
    assert life.broke is not None
    assert life.broke.reason == "link.skipped-router"
    assert life.broke.charged == "client"
    assert life.broke.hints is not None
    assert "Router" in life.broke.hints.answer
    assert life.done


def test_of_a_card_that_nobody_has_scanned_nothing_is_known(tmp_path: Path) -> None:
    assert _played(tmp_path, "handshake", "handshake").autopsy("NONE-1") is None


@pytest.mark.parametrize("event", [-1, 0, 1, 999_999, 10**30])
def test_a_picture_that_cannot_be_there_is_not_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, event: int
) -> None:
    """Nor is the journal read for it, in which there may be a long day."""
    archive = _played(tmp_path, "handshake", "handshake")
    assert archive.ladders()
    read: list[int] = []
    records = Records.records

    def counted(self: Records, after: int) -> Iterator[tuple[int, Record]]:
        for number, record in records(self, after):
            read.append(number)
            yield number, record

    monkeypatch.setattr(Records, "records", counted)
    assert archive.picture(event) is None
    assert read == ([1] if event == 1 else [])


def test_a_folder_without_a_journal_is_told(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="no journal"):
        Archive(tmp_path).ladders()


@pytest.mark.parametrize(
    ("lesson", "script"), [pytest.param(*each, id=f"{each[0].id}-{each[1].id}") for each in _scripts()]
)
def test_every_packet_that_was_sent_is_one_rung_and_every_hop_comes_after_the_one_before(
    tmp_path: Path, lesson: Lesson, script: Script
) -> None:
    with closing(Journal(tmp_path)) as journal:
        for _ in play(journal, lesson, script):
            pass
    archive = Archive(tmp_path)
    _, ladders = archive.ladders()
    rungs = [rung for ladder in ladders for rung in ladder.rungs]
    newest = max((each.round for each in archive.footprints()), default=1)
    sent = [
        each.event
        for each in archive.footprints()
        if each.verdict == "sent" and not each.repeated and each.round == newest and each.ends is not None
    ]
    drawn = {rung.event for rung in rungs}
    undone = any(isinstance(step, ActStep) and isinstance(step.act, Undone) for step in script.steps)
    assert undone or set(sent) <= drawn
    for rung in rungs:
        events = [hop.event for hop in rung.hops]
        assert events == sorted(set(events))
        if rung.again is not None:
            assert rung.again in drawn
            assert rung.again < rung.event
    marked = {rung.hops[-1].reason for rung in rungs if rung.end == "dropped"}
    marked |= {slip.reason for ladder in ladders for slip in ladder.slips}
    assert {f"marks.{reason}" for reason in marked} <= texts().pages.keys()


def test_it_grows_while_the_hub_writes(tmp_path: Path) -> None:
    lesson = load("handshake")
    script = next(each for each in lesson.scripts if each.id == "handshake")
    with closing(Journal(tmp_path)) as journal:
        archive, heights = Archive(tmp_path), []
        for _ in play(journal, lesson, script):
            _, ladders = archive.ladders()
            heights.append(sum(len(rung.hops) for ladder in ladders for rung in ladder.rungs))
    assert heights == sorted(heights)
    assert heights[-1] == 9


def test_a_move_that_was_taken_back_is_not_drawn_until_it_is_made_after_all(tmp_path: Path) -> None:
    with closing(Journal(tmp_path)) as journal:
        room = Room(journal, load("handshake"), seats={"b1": "client"})
        room.scan(Scan("b1", "ab" * 8, 1, 1, "DEMO-1", to_json(parse_packet(SYN))))
        archive = Archive(tmp_path)
        assert len(archive.ladders()[1]) == 1
        room.teach(Undone(0, "client"))
        assert archive.ladders()[1] == []
        room.teach(Redone(0, "client"))
        assert len(archive.ladders()[1]) == 1


def test_after_going_back_the_ladder_is_as_it_was(tmp_path: Path) -> None:
    with closing(Journal(tmp_path)) as journal:
        room = Room(journal, load("handshake"), seats={"b1": "client", "b2": "router"})
        room.scan(Scan("b1", "ab" * 8, 1, 1, "DEMO-1", to_json(parse_packet(SYN))))
        archive = Archive(tmp_path)
        event, before = archive.ladders()
        room.scan(Scan("b2", "cd" * 8, 1, 1, "DEMO-1", to_json(parse_packet(SYN))))
        assert archive.ladders()[1] != before
        room.back(event)
        assert archive.ladders()[1] == before
