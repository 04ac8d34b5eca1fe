"""The journal: everything that happened, in order, durable before anybody is told. The world is its replay.

One SQLite file (WAL, `synchronous=FULL`), append-only. Each record's hash covers the one before it, so a
change anywhere breaks the chain from there on. A record of kind `room` begins a room and carries all that a
replay needs: the lesson's text, the seed, the version of the rules.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import msgspec

from hub import salvage
from hub.messages import Answer
from hub.messages.folders import make_lasting
from hub.messages.obstacles import obstacle
from hub.private import keep_from_git
from hub.records import Record, RoomRecord, ScannedRecord

FORMAT = 5
_NEWEST = 99
"""No format has a number above: what says so is damaged."""
FILE = "journal.sqlite"
LOCK = "journal.lock"
DAMAGED = "journal-damaged-"
"""How the names of damaged files begin that are kept aside."""
_MOVE_EVERY = 200
"""Records from one move of SQLite's log into the file to the next: some 2 MB of it."""
_MOST_LOG = 8000
"""Pages of the log (4096 octets each) with which the next record moves it itself, if nothing else has."""

log = logging.getLogger(__name__)


class JournalError(RuntimeError):
    """The journal cannot be used; the text says why, and what to do."""


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)

_SCHEMA = """
CREATE TABLE record (
    n INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    hash BLOB NOT NULL,
    badge TEXT, boot TEXT, counter INTEGER
) STRICT;
CREATE UNIQUE INDEX scan ON record (badge, boot, counter) WHERE badge IS NOT NULL;
"""

_ALL = "SELECT n, kind, body, hash, badge, boot, counter FROM record ORDER BY n"
_SINCE = _ALL.replace("ORDER", "WHERE n > ? ORDER")
_Key = tuple[str | int | None, ...]
_Row = tuple[Any, ...]
_UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What reading a damaged file raises; the second: a message of SQLite's that quotes what it has found."""


@dataclass(frozen=True, slots=True)
class Damage:
    """What opening the journal found: `kept` sound records; the whole file is set aside at `aside`."""

    kept: int
    aside: Path

    def __str__(self) -> str:
        return (
            f"The journal was damaged after record {self.kept}; play goes on from there. "
            f"The damaged file is kept at {self.aside}"
        )


class Records:
    """What a journal has, as far as its chain is sound. sound: that is all of it."""

    _db: sqlite3.Connection

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sound = True
        self._last_n, self._last_hash = 0, b""
        self._rooms: list[tuple[int, RoomRecord]] = []

    @property
    def last(self) -> int:
        """The number of the last sound record; 0: there is none."""
        return self._last_n

    @property
    def rooms(self) -> tuple[tuple[int, RoomRecord], ...]:
        """Every room, with its record's number, in the order in which they were begun."""
        return tuple(self._rooms)

    def newest_room(self) -> tuple[int, RoomRecord] | None:
        """The room that was begun last, with its record's number; None in a new journal."""
        return self._rooms[-1] if self._rooms else None

    def records(self, after: int) -> Iterator[tuple[int, Record]]:
        """The records that come after number `after`, in order."""
        rows = "SELECT n, body FROM record WHERE n > ? AND n <= ? ORDER BY n"
        for number, body in self._db.execute(rows, (after, self._last_n)):
            yield number, _decoder.decode(body)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def catch_up(self) -> bool:
        """Take in what a hub has added since, along the chain, as far as it is sound; whether that was all of it."""
        for row in self._db.execute(_SINCE, (self._last_n,)):
            if not self._continues(row):
                return False
            self._last_n, self._last_hash = row[0], row[3]
            if row[1] == _ROOM:
                self._rooms.append((row[0], msgspec.json.decode(row[2], type=RoomRecord)))
        return True

    def _follow(self) -> bool:
        """Read the file from its start along its chain as far as it is sound; whether that was all of it."""
        self._last_n, self._last_hash = 0, b""
        self._rooms.clear()
        try:
            return self.catch_up() and bool(self._db.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",))
        except _UNREADABLE:
            return False

    def _continues(self, row: _Row) -> bool:
        number, kind, body, digest, *key = row
        return bool(number == self._last_n + 1 and digest == _chained(self._last_hash, kind, body, (*key,)))


class Journal(Records):
    """The journal in folder `data`, which is made if need be. One hub at a time has it.

    damage: what was wrong with the file when it was opened, None when nothing was. trouble: why the last record could
    not be stored, "": it could. Raises JournalError when the folder cannot be written to, when another hub has it, or
    when a newer Paperhop made the file.
    """

    def __init__(self, data: Path) -> None:
        super().__init__(data / FILE)
        self.damage: Damage | None = None
        self.trouble = ""
        self._together = False
        self._moving: threading.Thread | None = None
        with ExitStack() as undo:
            try:
                if not data.exists():
                    make_lasting(data)
                    keep_from_git(data)
                self._lock = undo.enter_context(_locked(data / LOCK))
                spoilt = salvage.log_is_spoilt(self.path)  # SQLite would pass over it, and write there
                if not spoilt:
                    self._db = _connect(self.path)
                    spoilt = not (self._follow() and self._can_be_written())
                    if spoilt:
                        self._db.close()
                if spoilt:
                    self._rescue()
            except (OSError, sqlite3.Error) as error:
                there = self.path if isinstance(error, sqlite3.Error) else Path(error.filename or self.path)
                raise JournalError(
                    f"The journal {self.path} cannot be opened. {obstacle(error, there)}, "
                    "or choose another folder with --data"
                ) from None
            undo.pop_all()

    def append(self, record: Record) -> int:
        """Store a record; when this returns its number, it is on the disk, or will be when `together` ends."""
        body = _encoder.encode(record)
        number, kind = self._last_n + 1, _kind(record)
        key = (record.badge, record.boot, record.counter) if isinstance(record, ScannedRecord) else (None, None, None)
        digest = _chained(self._last_hash, kind, body, key)
        with self._writing():
            self._db.execute("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?)", (number, kind, body, digest, *key))
            if not self._together:
                self._db.commit()
        self._last_n, self._last_hash = number, digest
        if number % _MOVE_EVERY == 0:
            self._move_log()
        return number

    @property
    def is_together(self) -> bool:
        """Whether something is being done together at this moment."""
        return self._together

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is appended within is on the disk when it ends, by one write for all; after an exception none of it is
        there. JournalError when it cannot be written.
        """
        before = self._last_n, self._last_hash, len(self._rooms)
        self._together = True
        try:
            yield
            with self._writing():
                self._db.commit()
        except BaseException:
            self._db.rollback()
            self._last_n, self._last_hash = before[:2]
            del self._rooms[before[2] :]
            raise
        finally:
            self._together = False

    def hash(self, number: int) -> bytes | None:
        """The link of the chain at the record of this number; None when there is none."""
        row = self._db.execute("SELECT hash FROM record WHERE n = ?", (number,)).fetchone()
        return None if row is None else bytes(row[0])

    def answer(self, badge: str, boot: str, counter: int) -> Answer | None:
        """The answer that a scan was given, in whatever room; None when there was no such scan."""
        row = self._db.execute(
            "SELECT body FROM record WHERE badge = ? AND boot = ? AND counter = ?", (badge, boot, counter)
        ).fetchone()
        record = None if row is None else _decoder.decode(row[0])
        return record.answer if isinstance(record, ScannedRecord) else None

    def last_counter(self, badge: str, boot: str) -> int:
        """The highest counter that was taken of a badge's boot; 0 when there was none."""
        row = self._db.execute("SELECT max(counter) FROM record WHERE badge = ? AND boot = ?", (badge, boot)).fetchone()
        last: int | None = row[0]
        return last or 0

    def begin(self, record: RoomRecord) -> int:
        """Begin a room."""
        number = self.append(record)
        self._rooms.append((number, record))
        return number

    def close(self) -> None:
        """Close the file; everything is on the disk already."""
        if self._moving is not None:
            self._moving.join()
        super().close()
        self._lock.close()

    def _move_log(self) -> None:
        """Have SQLite move its log into the file, beside the game: else the scan that fills the log waits for it."""
        if self._moving is None or not self._moving.is_alive():
            self._moving = threading.Thread(target=_checkpoint, args=(self.path,), name="journal log", daemon=True)
            self._moving.start()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            self.trouble = str(error)
            with suppress(sqlite3.Error):
                self._db.rollback()
            raise JournalError(f"The journal {self.path} cannot be written: {error}. Is the disk full?") from None
        if not self._db.in_transaction:
            self.trouble = ""

    def _can_be_written(self) -> bool:
        """False when only the file says that it cannot. Raises what SQLite raises when the disk is in the way.

        It is of this format from now on: it has only records that we know, and an older program not those to come.
        """
        try:
            self._db.execute(f"PRAGMA user_version={FORMAT}")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_READONLY and os.access(self.path, os.W_OK):
                return False
            raise
        return True

    def _rescue(self) -> None:
        """Keep the damaged files aside, whole, and put one with the sound records at their front in their place.

        When the power goes meanwhile, the damaged file is still there, and it is done again.
        """
        aside = self.path.with_name(f"{DAMAGED}{time.time_ns():x}{self.path.suffix}")
        fresh = self.path.with_name(f".{self.path.name}.new")
        parts = [self.path.with_name(self.path.name + suffix) for suffix in ("", "-wal", "-shm")]
        for part in parts[:2]:
            if part.exists():
                os.link(part, aside.with_name(part.name.replace(self.path.name, aside.name)))
        self._last_n, self._last_hash = 0, b""
        found: dict[int, list[_Row]] = {}
        for row in salvage.rows(aside, columns=7):
            found.setdefault(row[0], []).append(row)
        fresh.unlink(missing_ok=True)
        with closing(_connect(fresh)) as db, db:
            while sound := [row for row in found.get(self._last_n + 1, ()) if self._continues(row)]:
                db.execute("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?)", sound[0])
                self._last_n, self._last_hash = sound[0][0], sound[0][3]
        for part in parts[1:]:
            part.unlink(missing_ok=True)
        fresh.replace(self.path)
        self._db = _connect(self.path)
        self._follow()
        self.damage = Damage(self._last_n, aside)


def reading(data: Path) -> Records:
    """The journal in folder `data` as it is now, also while a hub has it: without its lock, and nothing is written.

    What comes after damage is left out (`sound`). Raises JournalError when there is no journal, it cannot be read, or
    a newer Paperhop made it.
    """
    records = Records(data / FILE)
    try:
        if not records.path.is_file():
            raise JournalError(
                f"There is no journal in {data}. Give --data the folder that the hub, or paperhop play, was given"
            )
        records._db = read_only(records.path)
        records.sound = records._follow()
    except (OSError, sqlite3.Error) as error:
        raise JournalError(
            f"The journal {records.path} cannot be read. {obstacle(error, records.path, to_write=False)}"
        ) from None
    return records


def read_only(path: Path) -> sqlite3.Connection:
    """A journal's file as nobody can write it. Where no log lies beside it, no hub has it, and it is whole by itself.

    JournalError when a newer Paperhop made it, sqlite3.Error when it cannot be read.
    """
    log = path.with_name(f"{path.name}-wal")
    how = "mode=ro" if log.exists() else "mode=ro&immutable=1"
    db = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, check_same_thread=False)
    try:
        (version,) = db.execute("PRAGMA user_version").fetchone()
    except sqlite3.OperationalError:
        db.close()
        raise
    except _UNREADABLE:
        return db
    _refuse_newer(db, path, version)
    return db


def _connect(path: Path) -> sqlite3.Connection:
    """The file, made if need be. A file that is no database is left for `_follow` to find out."""
    db = sqlite3.connect(path, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute(f"PRAGMA wal_autocheckpoint={_MOST_LOG}")
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version == 0:
            db.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version={FORMAT}; COMMIT")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_ERROR:  # what the file says of itself is nonsense
            return db
        db.close()
        raise
    except _UNREADABLE:
        return db
    _refuse_newer(db, path, version)
    return db


def _checkpoint(path: Path) -> None:
    """As far as nobody is in the way; what stays in the log is moved the next time. A full disk is for `append` to
    tell.
    """
    try:
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA wal_checkpoint(PASSIVE)")
    except sqlite3.Error as error:
        log.debug("The log of %s was not moved: %s", path, error)


def _refuse_newer(db: sqlite3.Connection, path: Path, version: int) -> None:
    if FORMAT < version <= _NEWEST:
        db.close()
        raise JournalError(
            f"The journal {path} was written by a newer Paperhop (format {version}, this one knows {FORMAT}). "
            "Update this one, or choose another folder with --data"
        )


def _locked(path: Path) -> IO[bytes]:
    """A file that one process at a time can have; the lock ends with the process, however it ends."""
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise JournalError(
            f"Another hub is running with the folder {path.parent}. Stop it, or choose another folder with --data"
        ) from None
    return file


def _kind(record: Record | type[Record]) -> str:
    return str(record.__struct_config__.tag)


_ROOM = _kind(RoomRecord)


def _chained(before: bytes, kind: str, body: bytes, key: _Key) -> bytes:
    return hashlib.sha256(b"\0".join((before, kind.encode(), repr(key).encode(), body))).digest()
