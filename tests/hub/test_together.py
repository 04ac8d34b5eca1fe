"""Scans that are judged together are judged as one after the other, and kept by one write: all of them or none."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from cards.jsonform import to_json
from cards.notation import parse
from hub.broker import BrokerEdge
from hub.clock import ManualClock
from hub.journal import Journal, JournalError, reading
from hub.lessons import load
from hub.messages import Answer, BadgeStatus, Down, Light, LightWord, Resend, Scan, Verdict, encode, topic
from hub.messages.session import Session
from hub.room import Room
from tests.conftest import Mosquitto
from tests.hub.judges import OnlyScans
from tests.hub.play import ACK, SYN, SYN_ACK

BOOT = "00112233"
WITHIN = 10.0


def scan(badge: str, counter: int, text: str, card: str) -> Scan:
    return Scan(badge, BOOT, counter, counter, card, to_json(parse(text)))


HANDSHAKE = [
    *(scan(badge, 1, SYN, "T-1") for badge in ("b1", "b2", "b3")),
    *(scan(badge, 2, SYN_ACK, "T-2") for badge in ("b3", "b2", "b1")),
    *(scan(badge, 3, ACK, "T-3") for badge in ("b1", "b2", "b3")),
]
"""By the client b1, the router b2 and the server b3."""


def opened(data: Path) -> tuple[Journal, Room]:
    journal = Journal(data)
    room = Room(journal, load("handshake"), seed="luck", clock=ManualClock)
    for badge in ("b1", "b2", "b3"):
        room.status(BadgeStatus(badge, "online", BOOT))
    return journal, room


def answers(downs: Sequence[Down]) -> list[Answer]:
    return [down for down in downs if isinstance(down, Answer)]


@contextmanager
def full_disk(journal: Journal) -> Iterator[None]:
    """SQLite's own answer to a disk on which nothing more fits."""
    db = journal._db
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    db.execute(f"PRAGMA max_page_count={pages}")
    yield
    db.execute("PRAGMA max_page_count=1073741823")


def test_the_same_is_said_as_one_after_the_other(tmp_path: Path) -> None:
    _, one_by_one = opened(tmp_path / "one")
    alone = [down for each in HANDSHAKE for down in one_by_one.scan(each)]
    journal, room = opened(tmp_path / "together")
    downs: list[Down] = []
    room.scans(HANDSHAKE, downs.extend)
    assert answers(downs) == answers(alone)
    assert {answer.verdict for answer in answers(downs)} >= {Verdict.SENT, Verdict.FORWARDED, Verdict.DELIVERED}
    assert room.world == one_by_one.world
    assert room.state()["story"] == one_by_one.state()["story"]
    journal.close()
    resumed = Room(Journal(tmp_path / "together"), load("handshake"), clock=ManualClock)
    assert resumed.world == room.world


def test_nobody_is_answered_before_all_are_kept_and_pages_hear_of_it_after_that(tmp_path: Path) -> None:
    journal, room = opened(tmp_path)
    before, told = journal.last, room.feed.last_id
    seen = []

    def publish(downs: list[Down]) -> None:
        with_answers = bool(answers(downs))
        seen.append((with_answers, reading(tmp_path).last - before, room.feed.last_id == told))

    room.scans(HANDSHAKE, publish)
    assert seen[0] == (True, len(HANDSHAKE), True)
    assert set(seen[1:]) == {(False, len(HANDSHAKE), False)}


def test_of_several_nodes_badges_show_only_what_is_so_at_the_end(tmp_path: Path) -> None:
    _, room = opened(tmp_path)
    downs: list[Down] = []
    room.scans(HANDSHAKE[:3], downs.extend)
    lights = {down.badge: down.light for down in downs if isinstance(down, Light)}
    assert lights["b3"] is LightWord.YOUR_TURN
    assert lights.get("b2") in (None, LightWord.READY), "the router has passed it on"


def test_a_repeat_and_one_that_came_too_early_among_them(tmp_path: Path) -> None:
    _, room = opened(tmp_path)
    downs: list[Down] = []
    early = Scan("b1", BOOT, 5, 2, "T-9", to_json(parse(ACK)))
    room.scans([HANDSHAKE[0], HANDSHAKE[0], early, HANDSHAKE[1]], downs.extend)
    first, again, other = answers(downs)
    assert first == again
    assert other.badge == "b2"
    assert Resend("b1", BOOT, 2) in downs


def test_when_the_disk_is_full_none_of_them_was_judged_and_all_are_when_there_is_room(tmp_path: Path) -> None:
    journal, room = opened(tmp_path)
    room.scans(HANDSHAKE[:2], lambda downs: None)
    before, last = room.world, journal.last
    long = [scan("b1", n, SYN + f' data="{"x" * 3000}"', f"T-{n}") for n in range(2, 9)]
    with full_disk(journal), pytest.raises(JournalError, match="Is the disk full"):
        room.scans([HANDSHAKE[2], *long], lambda downs: pytest.fail("answered"))
    assert (room.world, journal.last) == (before, last)
    assert [line["badge"] for line in room.state()["story"]] == ["b1", "b2"]
    downs: list[Down] = []
    room.scans(HANDSHAKE[2:], downs.extend)
    assert answers(downs)[0].verdict is Verdict.DELIVERED
    _, undisturbed = opened(tmp_path / "undisturbed")
    undisturbed.scans(HANDSHAKE, lambda downs: None)
    assert room.world == undisturbed.world


class Picky(OnlyScans):
    """A room that cannot judge one badge's scans, alone or with others; it keeps the sizes of what it was given."""

    def __init__(self) -> None:
        self.sizes: queue.Queue[int] = queue.Queue()

    def scans(self, scans: Sequence[Scan], publish: Callable[[list[Down]], None]) -> None:
        self.sizes.put(len(scans))
        if any(scan.badge == "bad" for scan in scans):
            raise RuntimeError("nobody has thought of this")
        publish([Answer(each.badge, BOOT, each.counter, Verdict.SENT, "x.x", "", LightWord.SENT) for each in scans])


def test_a_scan_that_cannot_be_judged_costs_nobody_else_an_answer(mosquitto: Mosquitto) -> None:
    linked: queue.Queue[bool] = queue.Queue()
    heard: queue.Queue[str] = queue.Queue()
    edge = BrokerEdge(Picky(), mosquitto.url, on_link=lambda up, text: linked.put(up))
    edge.start()
    session = Session(
        mosquitto.url,
        "several",
        subscriptions=["paperhop/kit/badge/+/down/answer"],
        on_message=lambda on, octets: heard.put(on.split("/")[3]),
        on_link=lambda up, text: linked.put(up),
    )
    session.start()
    assert linked.get(timeout=WITHIN)
    assert linked.get(timeout=WITHIN)
    for badge in ("b1", "bad", "b2", "bad", "b3"):
        each = scan(badge, 1, SYN, "T-1")
        session.publish(topic(each), encode(each))
    assert {heard.get(timeout=WITHIN) for _ in range(3)} == {"b1", "b2", "b3"}
    session.stop()
    edge.stop()
