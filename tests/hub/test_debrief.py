"""What a round has shown."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from msgspec.structs import replace

from cards.jsonform import to_json
from cards.notation import parse_packet
from hub.archive import Archive
from hub.debrief import Debrief
from hub.journal import Journal
from hub.lessons import load, variant
from hub.messages import Scan
from hub.room import Room
from hub.scripted import play
from hub.simulator.events import Forgiven


def _played(folder: Path, lesson: str, script: str) -> Debrief:
    there = load(lesson)
    chosen = next(each for each in there.scripts if each.id == script)
    with closing(Journal(folder)) as journal:
        for _ in play(journal, there if chosen.variant is None else variant(there, chosen.variant), chosen):
            pass
    return _of(Archive(folder))


def _of(archive: Archive, round: int | None = None) -> Debrief:
    found = archive.debrief(round)
    assert found is not None
    return found


def test_a_mistake_is_counted_with_whose_it_was_and_an_example(tmp_path: Path) -> None:
    found = _played(tmp_path, "handshake", "handshake")
    (mistake,) = found.mistakes
    assert (mistake.reason, mistake.count, mistake.nodes) == ("tcp.ack-mismatch", 1, {"client": 1})
    assert len(mistake.examples) == 1
    assert found.scans == len(found.events) == 10
    assert found.hacks == ()


def test_an_idea_that_networks_have_too_earns_a_card_and_is_no_mistake(tmp_path: Path) -> None:
    found = _played(tmp_path, "handshake", "straight-across")
    assert found.mistakes == ()
    (hack,) = found.hacks
    assert hack.nodes == ("client",)
    assert hack.text


def test_what_was_sent_again_is_counted(tmp_path: Path) -> None:
    assert _played(tmp_path, "loss", "lost-syn").again == 1


def test_the_same_card_shown_again_counts_once_and_the_most_frequent_stands_first(tmp_path: Path) -> None:
    cards = [
        ("DEMO-1", "10.0.1.2:40001 > 10.0.1.1:23 ACK seq=1 ack=1"),
        ("DEMO-1", "10.0.1.2:40001 > 10.0.1.1:23 ACK seq=1 ack=1"),
        ("DEMO-2", "10.0.1.9:40001 > 10.0.1.1:23 SYN seq=1"),
        ("DEMO-3", "10.0.1.8:40001 > 10.0.1.1:23 SYN seq=1"),
    ]
    with closing(Journal(tmp_path)) as journal:
        room = Room(journal, load("handshake"), seats={"b1": "client"})
        for n, (card, packet) in enumerate(cards, 1):
            room.scan(Scan("b1", "ab" * 8, n, n, card, to_json(parse_packet(packet))))
        before = _of(Archive(tmp_path))
        room.new_round()
        room.scan(Scan("b1", "ab" * 8, 5, 5, "DEMO-1", to_json(parse_packet("10.0.1.2:40001 > 10.0.1.1:23 SYN seq=1"))))
        after = Archive(tmp_path)
    counts = [mistake.count for mistake in before.mistakes]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == 3
    assert (_of(after).round, _of(after).rounds, _of(after).mistakes) == (2, 2, ())
    assert _of(after, 1) == replace(before, rounds=2)


def test_flags_that_lack_something_else_are_another_mistake_each_in_its_own_words(tmp_path: Path) -> None:
    cards = [
        ("b1", "DEMO-1", "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=1"),
        ("b2", "DEMO-1", "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=1"),
        ("b3", "DEMO-1", "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=1"),
        ("b1", "DEMO-2", "10.0.1.2:40002 > 10.0.1.1:80 SYN seq=1"),
        ("b2", "DEMO-2", "10.0.1.2:40002 > 10.0.1.1:80 SYN seq=1"),
        ("b3", "DEMO-2", "10.0.1.2:40002 > 10.0.1.1:80 SYN seq=1"),
        ("b3", "DEMO-3", "10.0.1.1:23 > 10.0.1.2:40001 SYN seq=5"),
        ("b3", "DEMO-4", "10.0.1.1:80 > 10.0.1.2:40002 RST seq=0"),
        ("b3", "DEMO-5", "10.0.1.1:80 > 10.0.1.2:40002 RST seq=1"),
    ]
    with closing(Journal(tmp_path)) as journal:
        room = Room(journal, load("handshake"), seats={"b1": "client", "b2": "router", "b3": "server"})
        for n, (badge, card, packet) in enumerate(cards, 1):
            counter = sum(each[0] == badge for each in cards[:n])
            room.scan(Scan(badge, "ab" * 8, counter, counter, card, to_json(parse_packet(packet))))
    refused, agreed = _of(Archive(tmp_path)).mistakes
    assert (refused.reason, refused.count, refused.sentence[-13:]) == ("tcp.ack-flag-missing", 2, "Mark RST,ACK.")
    assert (agreed.reason, agreed.count, agreed.sentence[-13:]) == ("tcp.ack-flag-missing", 1, "Mark SYN,ACK.")


def test_what_was_forgiven_is_no_mistake(tmp_path: Path) -> None:
    with closing(Journal(tmp_path)) as journal:
        room = Room(journal, load("handshake"), seats={"b1": "client"})
        wrong = to_json(parse_packet("10.0.1.9:40001 > 10.0.1.1:23 SYN seq=1"))
        room.scan(Scan("b1", "ab" * 8, 1, 1, "DEMO-1", wrong))
        assert len(_of(Archive(tmp_path)).mistakes) == 1
        room.teach(Forgiven(0, "client"))
        assert _of(Archive(tmp_path)).mistakes == ()


def test_goals_are_those_of_the_round_that_is_looked_at(tmp_path: Path) -> None:
    lesson = load("handshake")
    with closing(Journal(tmp_path)) as journal:
        for _ in play(journal, lesson, next(each for each in lesson.scripts if each.id == "handshake")):
            pass
    with closing(Journal(tmp_path)) as journal:
        Room(journal, lesson).new_round()
    archive = Archive(tmp_path)
    assert [goal.reached for goal in _of(archive, 1).goals] == [True, True, True, False]
    assert not any(goal.reached for goal in _of(archive).goals)
