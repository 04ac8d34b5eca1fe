"""The journal keeps what it was given, and knows when somebody has touched it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.journal import FILE, Journal, JournalError
from hub.messages import Answer, LightWord, Verdict
from hub.records import Record, RoomRecord, RoundRecord, ScannedRecord, SeatedRecord

ROOM = RoomRecord("handshake-1", "handshake", "title: x", "seed", 1, "0.1", "2026-01-01T00:00:00+00:00")


def scanned(counter: int) -> ScannedRecord:
    answer = Answer("b1", "00112233", counter, Verdict.SENT, "tcp.syn-sent", "Carry it on.", LightWord.SENT)
    return ScannedRecord(counter * 10, "b1", "00112233", counter, "DEMO-1", None, "card.foreign", "", answer)


def filled(data: Path, scans: int = 5) -> list[Record]:
    journal = Journal(data)
    journal.begin(ROOM)
    records: list[Record] = [SeatedRecord(0, "b1", "client"), *map(scanned, range(1, scans + 1)), RoundRecord(99)]
    for record in records:
        journal.append(record)
    journal.close()
    return records


def test_what_was_appended_is_there_after_a_restart(tmp_path: Path) -> None:
    records = filled(tmp_path)
    journal = Journal(tmp_path)
    assert journal.damage is None
    assert journal.newest_room() == (1, ROOM)
    assert [record for _, record in journal.records(after=1)] == records
    assert journal.last_counter("b1", "00112233") == 5
    assert journal.last_counter("b1", "44556677") == 0
    stored = journal.answer("b1", "00112233", 3)
    assert stored is not None
    assert stored.counter == 3
    assert journal.answer("b2", "00112233", 3) is None


def test_it_is_synced_at_every_record(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    with sqlite3.connect(tmp_path / FILE) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert journal._db.execute("PRAGMA synchronous").fetchone() == (2,), "2 is FULL"


@pytest.mark.parametrize(
    ("harm", "kept"),
    [
        ("UPDATE record SET body = CAST(replace(body, ':3', ':4') AS BLOB) WHERE n = 5", 4),
        ("UPDATE record SET hash = x'00' WHERE n = 2", 1),
        ("DELETE FROM record WHERE n = 6", 5),
        ("UPDATE record SET counter = 99 WHERE n = 5", 4),
        ("UPDATE record SET kind = 'room' WHERE n = 5", 4),
    ],
)
def test_a_damaged_journal_keeps_its_sound_prefix(tmp_path: Path, harm: str, kept: int) -> None:
    records = filled(tmp_path)
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute("PRAGMA ignore_check_constraints=1")
        db.execute(harm)
    journal = Journal(tmp_path)
    assert journal.damage is not None
    assert journal.damage.kept == kept
    assert journal.damage.aside.exists()
    assert "damaged" in str(journal.damage)
    assert [record for _, record in journal.records(after=1)] == records[: kept - 1]
    journal.append(RoundRecord(100))
    journal.close()
    assert Journal(tmp_path).damage is None


def test_a_file_that_is_no_database_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"this is not SQLite" * 1000)
    journal = Journal(tmp_path)
    assert journal.damage is not None
    assert journal.damage.aside.read_bytes().startswith(b"this is not SQLite")
    assert journal.begin(ROOM) == 1


def is_of_records(page: bytes) -> bool:
    return b'"counter":200,' in page


def is_of_the_index(page: bytes) -> bool:
    return page[0] == 0x0A  # a leaf page of an index (SQLite file format, 1.6)


@pytest.mark.parametrize(("spoil", "kept"), [(is_of_records, range(150, 203)), (is_of_the_index, range(403, 404))])
def test_a_bad_page_costs_only_what_comes_after_it(tmp_path: Path, spoil: Callable[[bytes], bool], kept: range) -> None:
    records = filled(tmp_path, scans=400)
    path = tmp_path / FILE
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = db.execute("PRAGMA page_size").fetchone()
    octets = path.read_bytes()
    start = next(at for at in range(size, len(octets), size) if spoil(octets[at : at + size]))
    path.write_bytes(octets[:start] + b"\xa5" * size + octets[start + size :])
    journal = Journal(tmp_path)
    assert journal.damage is not None
    assert journal.damage.kept in kept
    assert [record for _, record in journal.records(after=1)] == records[: journal.damage.kept - 1]
    assert journal.newest_room() == (1, ROOM)
    assert journal.last_counter("b1", "00112233") == min(journal.damage.kept - 2, 400)


def test_what_is_only_in_the_log_is_not_lost_with_a_damaged_file(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.begin(ROOM)
    for counter in range(1, 6):
        journal.append(scanned(counter))
    journal._db.execute("UPDATE record SET hash = x'00' WHERE n = 4")
    journal._db.commit()
    for suffix in ("", "-wal"):
        copy = tmp_path / "cut" / (FILE + suffix)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes((tmp_path / (FILE + suffix)).read_bytes())
    rescued = Journal(tmp_path / "cut")
    assert rescued.damage is not None
    assert rescued.damage.kept == 3
    with sqlite3.connect(rescued.damage.aside) as db:
        assert db.execute("SELECT count(*) FROM record").fetchone() == (6,)


def test_two_hubs_cannot_have_one_journal(tmp_path: Path) -> None:
    first = Journal(tmp_path)
    with pytest.raises(JournalError, match="Another hub"):
        Journal(tmp_path)
    first.close()
    Journal(tmp_path)


def test_a_newer_journal_is_refused_and_left_alone(tmp_path: Path) -> None:
    filled(tmp_path)
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute("PRAGMA user_version=99")
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(JournalError, match="newer Paperhop"):
        Journal(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(JournalError, match="--data"):
        Journal(tmp_path / "file" / "data")


def test_a_scan_cannot_be_there_twice(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.begin(ROOM)
    journal.append(scanned(1))
    with pytest.raises(JournalError):
        journal.append(scanned(1))
    assert journal.append(scanned(2)) == 3


def test_the_log_beside_the_file_does_not_grow_with_the_day(tmp_path: Path) -> None:
    """SQLite's log is moved into the file from time to time, by another thread than that which keeps a scan."""
    journal = Journal(tmp_path)
    journal._db.execute("PRAGMA synchronous=OFF")  # a quick test: what is measured are sizes
    journal.begin(ROOM)
    log = tmp_path / f"{FILE}-wal"
    sizes = []
    for counter in range(1, 1501):
        journal.append(scanned(counter))
        if journal._moving is not None:
            journal._moving.join()
        sizes.append(log.stat().st_size)
    assert max(sizes) < 1.5 * max(sizes[:250]), "what was moved is written over"
    assert (tmp_path / FILE).stat().st_size > 0
    journal.close()
    assert Journal(tmp_path).damage is None
