"""Journals and outboxes that were cut off, or in which a bit has flipped: what is sound goes on, the rest is told."""

from __future__ import annotations

import logging
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from firmware.outbox import Outbox
from hub.journal import FILE, Journal, JournalError
from hub.messages import Problem, Scan, Sighting
from hub.records import Record, RoundRecord, ScannedRecord
from tests.hub.test_journal import ROOM, filled, scanned

PAGE = 4096
SECTOR = 512
USER_VERSION = range(60, 64)
"""Where the file says of which format it is: a flip there makes it that of a newer Paperhop."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[Record]]:
    """A journal that was closed, and its records."""
    data = tmp_path_factory.mktemp("whole")
    records: list[Record] = [ROOM, *filled(data, scans=120)]
    return (data / FILE).read_bytes(), records


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes, list[Record]]:
    """The files of a hub that is killed: a journal, the log beside it with what came last, and all records."""
    data = tmp_path_factory.mktemp("killed")
    records: list[Record] = [ROOM, *filled(data, scans=20)]
    journal = Journal(data)
    for counter in range(21, 41):
        records.append(scanned(counter))
        journal.append(records[-1])
    files = (data / FILE).read_bytes(), (data / f"{FILE}-wal").read_bytes()
    journal.close()
    return (*files, records)


def opened(folder: Path, octets: bytes, log: bytes | None = None) -> tuple[list[Record], bool]:
    """What a hub finds in such a journal, and whether it says that it is damaged. It can go on from there."""
    folder.mkdir()
    (folder / FILE).write_bytes(octets)
    if log is not None:
        (folder / f"{FILE}-wal").write_bytes(log)
    journal = Journal(folder)
    damage, found = journal.damage, [record for _, record in journal.records(after=0)]
    if damage is not None:
        assert damage.aside.read_bytes() == octets, "what is damaged is kept as it is"
        assert damage.aside.name in str(damage)
        assert damage.kept == len(found)
    journal.append(RoundRecord(1))
    journal.close()
    again = Journal(folder)
    assert again.damage is None
    assert again.last == len(found) + 1
    again.close()
    return found, damage is not None


def before_page(octets: bytes, records: list[Record], page: int) -> int:
    """How many records lie before a page of the file, and in none after it."""
    bodies = [msgspec.json.encode(record, order="deterministic") for record in records]
    return next((n for n, body in enumerate(bodies) if octets.index(body) // PAGE >= page), len(records))


def test_a_journal_whose_index_knows_what_is_not_there_has_lost_that(tmp_path: Path) -> None:
    """As on a disk that has kept one page and not the other: to look such a scan up would fail for ever."""
    records = [ROOM, *filled(tmp_path, scans=20)]
    for words in (
        "PRAGMA writable_schema=ON; DELETE FROM sqlite_master WHERE name='scan'",
        "DELETE FROM record WHERE n > 21",
        "PRAGMA writable_schema=ON; INSERT INTO sqlite_master SELECT * FROM kept; DROP TABLE kept",
    ):
        with closing(sqlite3.connect(tmp_path / FILE)) as db:
            if "kept" not in words and "sqlite_master" in words:
                db.execute("CREATE TABLE kept AS SELECT * FROM sqlite_master WHERE name = 'scan'")
            db.executescript(words)
    journal = Journal(tmp_path)
    assert journal.damage is not None
    assert [record for _, record in journal.records(after=0)] == records[:21]
    last = records[21]
    assert isinstance(last, ScannedRecord)
    assert journal.answer(last.badge, last.boot, last.counter) is None
    assert journal.last_counter(last.badge, last.boot) == last.counter - 1
    journal.append(last)
    journal.close()


def test_of_a_journal_that_was_cut_off_all_is_kept_that_is_there(
    tmp_path: Path, whole: tuple[bytes, list[Record]]
) -> None:
    octets, records = whole
    luck = random.Random(1)
    sizes = [*range(SECTOR, len(octets), 3 * SECTOR), *(luck.randrange(1, len(octets)) for _ in range(20))]
    for size in sizes:
        found, damaged = opened(tmp_path / str(len([*tmp_path.iterdir()])), octets[:size])
        assert damaged, size
        assert found == records[: len(found)], size
        assert len(found) >= before_page(octets, records, size // PAGE), size


def test_an_empty_file_is_a_new_journal(tmp_path: Path, whole: tuple[bytes, list[Record]]) -> None:
    assert opened(tmp_path / "empty", b"") == ([], False)


def flips(size: int, seed: int) -> Iterator[tuple[int, int]]:
    """Each octet of the header once, then octets of the first page and of any: place, bit."""
    luck = random.Random(seed)
    for at in range(100):
        if at not in USER_VERSION:
            yield at, 1 << luck.randrange(8)
    for most in (PAGE, size):
        for _ in range(60):
            yield luck.randrange(100, most), 1 << luck.randrange(8)


def test_a_bit_that_flips_costs_no_record_of_the_pages_before_it(
    tmp_path: Path, whole: tuple[bytes, list[Record]]
) -> None:
    octets, records = whole
    for number, (at, bit) in enumerate(flips(len(octets), seed=2)):
        spoilt = bytearray(octets)
        spoilt[at] ^= bit
        found, damaged = opened(tmp_path / str(number), bytes(spoilt))
        assert found == records[: len(found)], (at, bit)
        assert damaged or found == records, (at, bit)
        least = len(records) if at < PAGE else before_page(octets, records, at // PAGE)
        assert len(found) >= least, (at, bit)


def test_a_format_that_no_paperhop_has_is_damage_and_one_that_may_come_is_refused(
    tmp_path: Path, whole: tuple[bytes, list[Record]]
) -> None:
    octets, records = whole
    nonsense = octets[:60] + b"\x40" + octets[61:]
    assert opened(tmp_path / "nonsense", nonsense) == (records, False)
    newer = octets[:63] + bytes([octets[63] + 1]) + octets[64:]
    with pytest.raises(JournalError, match="newer Paperhop"):
        opened(tmp_path / "newer", newer)


def test_what_was_not_written_whole_to_the_log_is_not_there(
    tmp_path: Path, killed: tuple[bytes, bytes, list[Record]]
) -> None:
    """As after a power cut: an end that is torn is no damage. What was whole before it is there."""
    octets, log, records = killed
    luck = random.Random(3)
    seen = set()
    for number, size in enumerate([*range(0, len(log), 4 * SECTOR), *(luck.randrange(len(log)) for _ in range(20))]):
        found, damaged = opened(tmp_path / str(number), octets, log[:size])
        assert not damaged, size
        assert found == records[: len(found)], size
        seen.add(len(found))
    assert seen == set(range(23, 43)), "each record is whole from some size on"


def test_a_bit_that_flips_in_the_log_is_told_unless_it_may_have_been_a_power_cut(
    tmp_path: Path, killed: tuple[bytes, bytes, list[Record]]
) -> None:
    """What was being written last may be torn, and that is no damage. All else is found again, as each page is there
    in later transactions, too.
    """
    octets, log, records = killed
    luck = random.Random(4)
    for number in range(100):
        at = luck.randrange(32, len(log))
        spoilt = bytearray(log)
        spoilt[at] ^= 1 << luck.randrange(8)
        found, damaged = opened(tmp_path / str(number), octets, bytes(spoilt))
        assert found == records[: len(found)], at
        assert len(found) >= len(records) - 1, at
        assert damaged or at > len(log) - 4 * PAGE, at


def test_a_damaged_file_does_not_cost_what_is_in_the_log_beside_it(
    tmp_path: Path, killed: tuple[bytes, bytes, list[Record]]
) -> None:
    octets, log, records = killed
    found, _ = opened(tmp_path / "both", b"\xff" * PAGE + octets[PAGE:], log)
    assert found == records


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[Scan]]:
    """An outbox in which scans wait."""
    path = tmp_path_factory.mktemp("waiting") / "outbox.sqlite"
    outbox = Outbox(path)
    scans = [outbox.put("b1", Sighting(f"T-{n}", problem=Problem("card.damaged", "x" * 100))) for n in range(1, 61)]
    outbox.close()
    return path.read_bytes(), scans


def found_in(folder: Path, octets: bytes) -> list[Scan]:
    """What a badge finds in such an outbox. It says so when it is damaged, keeps that, and can go on."""
    folder.mkdir()
    path = folder / "outbox.sqlite"
    path.write_bytes(octets)
    outbox = Outbox(path)
    rows = [
        msgspec.json.decode(each, type=Scan) for (each,) in outbox._execute("SELECT scan FROM scans ORDER BY place")
    ]
    for aside in folder.glob("*.damaged-1"):
        assert len(aside.read_bytes()) == len(octets)
    assert outbox.put("b1", Sighting(problem=Problem("card.foreign"))).counter == 1
    outbox.close()
    return rows


def test_an_outbox_that_was_cut_off_or_spoilt_is_set_aside_and_said(
    tmp_path: Path, waiting: tuple[bytes, list[Scan]], caplog: pytest.LogCaptureFixture
) -> None:
    octets, scans = waiting
    caplog.set_level(logging.ERROR)
    for size in range(SECTOR, len(octets), SECTOR):
        caplog.clear()
        rows = found_in(tmp_path / f"cut-{size}", octets[:size])
        assert rows == scans or (not rows and "is damaged" in caplog.text), size
    for number, (at, bit) in enumerate(flips(len(octets), seed=5)):
        caplog.clear()
        spoilt = bytearray(octets)
        spoilt[at] ^= bit
        rows = found_in(tmp_path / f"flip-{number}", bytes(spoilt))
        assert len(rows) == len(scans) or (not rows and "is damaged" in caplog.text), (at, bit)
