"""Pictures of handwriting: kept beside the journal, for a while, and wiped when a class is forgotten."""

from __future__ import annotations

import base64
import sqlite3
import stat
from pathlib import Path

import pytest

from cards.jsonform import InkJson, WrittenJson
from cards.payload import Ink
from hub.archive import Archive
from hub.journal import FILE as JOURNAL
from hub.journal import FORMAT, Journal
from hub.lessons import load
from hub.messages import Answer, LightWord, Scan, Verdict
from hub.pictures import FILE, Pictures
from hub.records import ScannedRecord
from hub.room import Room
from tests.hub.teaching import BOOT, Kit

PNG = b"\x89PNG how somebody writes" * 100


def ink(picture: bytes = PNG) -> WrittenJson:
    return WrittenJson(
        src="10.0.1.2",
        dst="10.0.1.1",
        sport=40001,
        dport=23,
        flags=("ACK",),
        seq=101,
        ack=301,
        ink=InkJson(5, base64.b64encode(picture).decode()),
    )


class Writing(Kit):
    """A room that keeps pictures, in which a connection is open and handwriting has just been scanned."""

    def open(self) -> None:
        self.pictures = Pictures(self.data)
        self.journal = Journal(self.data)
        self.room = Room(self.journal, self.lesson, pictures=self.pictures)

    def write(self, picture: bytes = PNG) -> None:
        self.handshake()
        answer = self.room.scan(Scan("b1", BOOT, 4, 4, "T-4", ink(picture)))[0]
        assert isinstance(answer, Answer)
        assert answer.reason == "tcp.data-sent"


@pytest.fixture
def kit(tmp_path: Path) -> Writing:
    kit = Writing(tmp_path)
    kit.write()
    return kit


def test_the_journal_has_the_digest_and_the_world_has_nothing(kit: Writing) -> None:
    ((_, record),) = kit.journal.records(kit.last - 1)
    assert isinstance(record, ScannedRecord)
    assert record.picture is not None
    assert (len(record.picture.digest), record.picture.size) == (64, len(PNG))
    assert record.written is not None
    assert record.written.ink == InkJson(5)
    payload = kit.room.world.instances["T-4"].packet.segment.payload
    assert isinstance(payload, Ink)
    assert (payload, payload.picture) == (Ink(5), b"")


def test_a_picture_is_shown_also_after_a_restart(kit: Writing) -> None:
    assert Archive(kit.data).picture(kit.last) == PNG
    kit.pictures.close()
    kit.restart()
    assert Archive(kit.data).picture(kit.last) == PNG
    assert Archive(kit.data).picture(kit.last - 1) is None, "a card without handwriting"
    assert Archive(kit.data).picture(1) is None
    assert Archive(kit.data).picture(999) is None


def test_the_same_game_is_replayed_without_its_pictures(kit: Writing) -> None:
    world = kit.room.world
    kit.pictures.forget()
    kit.pictures.close()
    kit.restart()
    assert kit.room.world.instances == world.instances
    assert Archive(kit.data).picture(kit.last) is None


def test_when_a_class_is_forgotten_no_file_has_a_picture_any_more(kit: Writing) -> None:
    before = kit.data / "before"
    before.hardlink_to(kit.data / FILE)
    assert PNG in before.read_bytes()
    kit.pictures.forget()
    assert set(before.read_bytes()) == {0}
    for path in kit.data.iterdir():
        for form in (PNG[:20], base64.b64encode(PNG)[:20]):
            assert form not in path.read_bytes(), path
    assert kit.pictures.get(kit.pictures.put(b"new").digest) == b"new"


def test_only_the_hub_can_read_them(kit: Writing) -> None:
    assert stat.S_IMODE((kit.data / FILE).stat().st_mode) == 0o600


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path) -> None:
    pictures = Pictures(tmp_path, most=1000)
    refs = [pictures.put(bytes([number]) * 300) for number in range(3)]
    pictures.put(bytes([0]) * 300)
    refs.append(pictures.put(bytes([3]) * 300))
    assert [pictures.get(ref.digest) is not None for ref in refs] == [True, False, True, True], "one was shown again"
    assert pictures.get(pictures.put(b"x" * 2000).digest) is None, "larger than all of them may be"
    assert pictures.get(pictures.put(b"y").digest) == b"y"


@pytest.mark.parametrize("size", [len(PNG), 9 * len(PNG)])
def test_a_picture_that_had_to_go_leaves_nothing_in_the_file(tmp_path: Path, size: int) -> None:
    """The one that comes is smaller: it covers little of where the other was, a part of a page, or several."""
    large = (PNG * 9)[:size]
    pictures = Pictures(tmp_path, most=size + 99)
    pictures.put(large)
    assert PNG[:20] in (tmp_path / FILE).read_bytes()
    pictures.put(b"z" * 100)
    assert PNG[:20] not in (tmp_path / FILE).read_bytes()


def test_a_disk_that_is_in_the_way_costs_no_picture_and_holds_up_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pictures = Pictures(tmp_path)
    kept = pictures.put(b"handwriting")
    pictures.close()
    in_the_way = tmp_path / f"{FILE}-journal"
    in_the_way.mkdir()  # SQLite calls it a disk I/O error
    pictures = Pictures(tmp_path)
    assert "cannot be opened" in caplog.text
    pictures.put(b"more")
    pictures.close()
    in_the_way.rmdir()
    pictures = Pictures(tmp_path)
    assert pictures.get(kept.digest) == b"handwriting"
    pictures.close()


def test_a_file_that_cannot_be_had_at_all_holds_up_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect

    def refused(path: str | Path, check_same_thread: bool) -> sqlite3.Connection:
        if path != ":memory:":
            raise sqlite3.OperationalError("unable to open database file")
        return connect(path, check_same_thread=check_same_thread)

    monkeypatch.setattr(sqlite3, "connect", refused)
    pictures = Pictures(tmp_path)
    assert pictures.get(pictures.put(b"handwriting").digest) is None
    pictures.close()


def test_a_damaged_file_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"this is not SQLite" * 100)
    pictures = Pictures(tmp_path)
    assert pictures.get(pictures.put(PNG).digest) == PNG


def test_a_picture_that_cannot_be_kept_does_not_stop_the_game(tmp_path: Path) -> None:
    kit = Writing(tmp_path)
    kit.pictures._db.execute("DROP TABLE picture")
    kit.write()
    assert Archive(kit.data).picture(kit.last) is None


def test_a_room_without_a_place_for_pictures_keeps_none(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    kit.handshake()
    kit.room.scan(Scan("b1", BOOT, 4, 4, "T-4", ink()))
    ((_, record),) = kit.journal.records(kit.last - 1)
    assert isinstance(record, ScannedRecord)
    assert record.picture is None
    assert base64.b64encode(PNG)[:20] not in (tmp_path / f"{JOURNAL}-wal").read_bytes()


def test_a_journal_of_before_has_its_pictures_inside_and_shows_them(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    kit.handshake()
    answer = Answer("b1", BOOT, 4, Verdict.SENT, "tcp.data-sent", "Carry it on.", LightWord.SENT, node="client")
    number = kit.journal.append(ScannedRecord(9000, "b1", BOOT, 4, "T-4", ink(), None, "", answer))
    kit.journal.close()
    with sqlite3.connect(tmp_path / JOURNAL) as db:
        db.execute("PRAGMA user_version=4")
    journal = Journal(tmp_path)
    assert journal.damage is None
    room = Room(journal, load("handshake"), pictures=Pictures(tmp_path))
    assert Archive(tmp_path).picture(number) == PNG
    assert room.world.instances["T-4"].packet.segment.payload == Ink(5)
    with sqlite3.connect(tmp_path / JOURNAL) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (FORMAT,)
