"""The journal: everything that happened, in order, durable before anybody is told. The world is its replay.

One SQLite file (WAL, `synchronous=FULL`), append-only. Each record's hash covers the one before it, so a
change anywhere breaks the chain from there on. A record of kind `room` begins a room and carries all that a
replay needs: the lesson's text, the seed, the version of the rules.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from cards.jsonform import WrittenJson
from hub.messages import Answer

FORMAT = 1
FILE = "journal.sqlite"

log = logging.getLogger(__name__)


class JournalError(RuntimeError):
    """The journal cannot be used; the text says why, and what to do."""


class RoomRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="room"):
    """A room begins. rules: the version of the rules that judged in it. began: wall clock, UTC, for people only."""

    name: str
    lesson: str
    source: str
    seed: str
    rules: int
    program: str
    began: str


class SeatedRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="seated"):
    """A badge plays a node from now on, or none."""

    at: int
    badge: str
    node: str | None


class RoundRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="round"):
    """A new round began."""

    at: int


class ScannedRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="scanned"):
    """A scan, as the badge (badge, boot, counter) sent it, and the answer that it was given."""

    at: int
    badge: str
    boot: str
    counter: int
    card: str | None
    written: WrittenJson | None
    problem: str | None
    detail: str
    answer: Answer


Record = RoomRecord | SeatedRecord | RoundRecord | ScannedRecord

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


@dataclass(frozen=True, slots=True)
class Damage:
    """What opening the journal found: `kept` sound records; the whole file is set aside at `aside`."""

    kept: int
    aside: Path

    def __str__(self) -> str:
        return (
            f"The journal was damaged after record {self.kept}; play goes on from there. "
            f"The whole file is kept at {self.aside}"
        )


class Journal:
    """The journal in folder `data`, which is made if need be.

    damage: what was wrong with the file when it was opened, None when nothing was. Raises JournalError when the folder
    cannot be written to, or when a newer Paperhop made the file.
    """

    def __init__(self, data: Path) -> None:
        self.path = data / FILE
        self.damage: Damage | None = None
        self._last_n, self._last_hash = 0, b""
        self._rooms: list[tuple[int, RoomRecord]] = []
        try:
            data.mkdir(parents=True, exist_ok=True)
            try:
                self._open()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                self.damage = Damage(0, _set_aside(self.path, move=True))
                self._open()
        except (OSError, sqlite3.Error) as error:
            raise JournalError(
                f"The journal {self.path} cannot be opened: {error}. Is the disk full or read-only, "
                "or does another hub use it? Choose another folder with --data"
            ) from None
        if self.damage is not None:
            log.error("%s", self.damage)

    def append(self, record: Record) -> int:
        """Store a record; when this returns its number, it is on the disk."""
        body = _encoder.encode(record)
        number, digest = self._last_n + 1, _chained(self._last_hash, body)
        key = (record.badge, record.boot, record.counter) if isinstance(record, ScannedRecord) else (None, None, None)
        try:
            with self._db:
                self._db.execute(
                    "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?)", (number, _kind(record), body, digest, *key)
                )
        except sqlite3.Error as error:
            raise JournalError(f"The journal {self.path} cannot be written: {error}. Is the disk full?") from None
        self._last_n, self._last_hash = number, digest
        return number

    def newest_room(self) -> tuple[int, RoomRecord] | None:
        """The room that was begun last, with its record's number; None in a new journal."""
        return self._rooms[-1] if self._rooms else None

    def records(self, after: int) -> Iterator[tuple[int, Record]]:
        """The records that come after number `after`, in order."""
        for number, body in self._db.execute("SELECT n, body FROM record WHERE n > ? ORDER BY n", (after,)):
            yield number, _decoder.decode(body)

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
        self._db.close()

    def _open(self) -> None:
        self._db = sqlite3.connect(self.path, check_same_thread=False, timeout=5)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > FORMAT:
            self._db.close()
            raise JournalError(
                f"The journal {self.path} was written by a newer Paperhop (format {version}, this one knows {FORMAT}). "
                "Update this one, or choose another folder with --data"
            )
        if version == 0:
            with self._db:
                self._db.executescript(_SCHEMA)
                self._db.execute(f"PRAGMA user_version={FORMAT}")
        self._verify()

    def _verify(self) -> None:
        """Follow the chain; what comes after a break is set aside, the sound prefix is the journal."""
        self._last_n, self._last_hash = 0, b""
        self._rooms.clear()
        sound = True
        for number, kind, body, digest in self._db.execute("SELECT n, kind, body, hash FROM record ORDER BY n"):
            sound = number == self._last_n + 1 and digest == _chained(self._last_hash, body)
            if not sound:
                break
            self._last_n, self._last_hash = number, digest
            if kind == _kind(RoomRecord):
                self._rooms.append((number, msgspec.json.decode(body, type=RoomRecord)))
        if not sound:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self.damage = Damage(self._last_n, _set_aside(self.path, move=False))
            with self._db:
                self._db.execute("DELETE FROM record WHERE n > ?", (self._last_n,))


def _kind(record: Record | type[Record]) -> str:
    return str(record.__struct_config__.tag)


def _chained(before: bytes, body: bytes) -> bytes:
    return hashlib.sha256(before + body).digest()


def _set_aside(path: Path, *, move: bool) -> Path:
    aside = path.with_name(f"{path.stem}-damaged-{time.time_ns():x}{path.suffix}")
    (shutil.move if move else shutil.copy2)(path, aside)
    for suffix in ("-wal", "-shm"):
        if move:
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    return aside
