"""The badge's memory of scans that the hub has not answered: in a file, so that pulling the power loses none."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import sqlite3
import threading
from pathlib import Path
from typing import Any

import msgspec

from hub.messages import Scan, Sighting, encode, scan_of
from hub.messages.folders import make_lasting
from hub.messages.obstacles import obstacle

MOST_SCANS = 10_000
"""Scans that are kept; with the hub gone for longer, new ones are refused."""

_LAYOUT = 1
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_REFUSES = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_ERROR}
"""What a file that may be written answers when it says nonsense of itself."""
_ELSEWHERE = ", or choose another file with --outbox."

log = logging.getLogger(__name__)


class OutboxError(OSError):
    """Scans cannot be kept: the text says why and what to do."""


class Outbox:
    """Scans in the order in which they were made, until each is answered. Safe to use from several threads.

    path: a file, made with its folder when it is not there; a damaged one is set aside under another name.
    None keeps scans in memory only. Raises OutboxError when the file cannot be written.
    """

    def __init__(self, path: Path | None) -> None:
        self.boot = secrets.token_hex(8)
        """The random name of this start of the badge program."""
        self._counter = 0
        self._path = path
        self._lock = threading.Lock()
        self._database = self._open()

    def put(self, badge: str, seen: Sighting) -> Scan:
        """Keep a scan and give it its number; it is on the disk when this returns. OutboxError: it is not kept."""
        with self._lock:
            if self._count() >= MOST_SCANS:
                raise OutboxError(
                    f"The outbox is full: {MOST_SCANS} scans wait for the hub, and this one is not kept. "
                    "Is the hub running?"
                )
            counter = self._counter + 1
            scan = scan_of(badge, self.boot, counter, counter, seen)
            self._execute("INSERT INTO scans (boot, counter, scan) VALUES (?, ?, ?)", scan.boot, counter, encode(scan))
            self._counter = counter
        return scan

    def head(self) -> Scan | None:
        """The oldest scan that is not answered; None when all are."""
        with self._lock:
            rows = self._execute("SELECT scan FROM scans ORDER BY place LIMIT 1")
        return msgspec.json.decode(rows[0][0], type=Scan) if rows else None

    def waits(self, boot: str, counter: int) -> bool:
        """Whether a scan is not answered yet."""
        with self._lock:
            return bool(self._execute("SELECT 1 FROM scans WHERE boot = ? AND counter = ?", boot, counter))

    def answered(self, boot: str, counter: int) -> bool:
        """Forget a scan, because the hub has answered it; False when it was not waiting any more."""
        with self._lock:
            return bool(self._execute("DELETE FROM scans WHERE boot = ? AND counter = ? RETURNING 1", boot, counter))

    def __len__(self) -> int:
        with self._lock:
            return self._count()

    def close(self) -> None:
        """Close the file; what waits in it is there at the next start."""
        with self._lock:
            self._database.close()

    def _count(self) -> int:
        return int(self._execute("SELECT count(*) FROM scans")[0][0])

    def _execute(self, statement: str, *values: object) -> list[Any]:
        try:
            return self._database.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise self._error(error) from None

    def _open(self) -> sqlite3.Connection:
        if self._path is not None:
            try:
                make_lasting(self._path.parent)
            except OSError as error:
                raise OutboxError(
                    f"The outbox's folder {self._path.parent} cannot be made. {obstacle(error, self._path)}{_ELSEWHERE}"
                ) from None
        try:
            return self._connect()
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", None)
            if self._path is None or not (code in _DAMAGED or (code in _REFUSES and os.access(self._path, os.W_OK))):
                raise self._error(error) from None
            self._set_aside(self._path)
        try:
            return self._connect()
        except sqlite3.Error as error:
            raise self._error(error) from None

    def _connect(self) -> sqlite3.Connection:
        if self._path is not None:
            _make_private(self._path)
        database = sqlite3.connect(self._path or ":memory:", isolation_level=None, check_same_thread=False)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
            (layout,) = database.execute("PRAGMA user_version").fetchone()
            if layout not in (0, _LAYOUT) or database.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                raise _damaged()
            database.execute(
                "CREATE TABLE IF NOT EXISTS scans "
                "(place INTEGER PRIMARY KEY, boot TEXT, counter INTEGER, scan BLOB, UNIQUE (boot, counter))"
            )
            database.execute(f"PRAGMA user_version = {_LAYOUT}")
            for (octets,) in database.execute("SELECT scan FROM scans"):
                msgspec.json.decode(octets, type=Scan)
        except (msgspec.DecodeError, TypeError, UnicodeDecodeError, sqlite3.Error) as error:
            database.close()
            raise error if isinstance(error, sqlite3.Error) else _damaged() from None
        return database

    def _set_aside(self, path: Path) -> None:
        aside = next(
            name for n in range(1, 1_000_000) if not (name := path.with_name(f"{path.name}.damaged-{n}")).exists()
        )
        try:
            path.rename(aside)
            for extra in ("-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    path.with_name(path.name + extra).rename(aside.with_name(aside.name + extra))
        except OSError as error:
            raise OutboxError(
                f"The outbox {path} is damaged and cannot be moved aside: {error.strerror}. Move or delete it."
            ) from None
        log.error("The outbox %s is damaged. It is kept as %s, and a new one begun: scans may be lost.", path, aside)

    def _error(self, error: sqlite3.Error) -> OutboxError:
        if self._path is None:
            return OutboxError(f"The outbox in memory cannot be used: {error}.")
        return OutboxError(f"The outbox {self._path} cannot be used. {obstacle(error, self._path)}{_ELSEWHERE}")


def _make_private(path: Path) -> None:
    """What players write is for this user alone to read, as on the hub: SQLite gives the files beside it the same
    rights. Where that cannot be, SQLite says why.
    """
    with contextlib.suppress(OSError):
        path.touch(0o600)
        if path.is_file():
            path.chmod(path.stat().st_mode & 0o700)


def _damaged() -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError("it is not an outbox")
    error.sqlite_errorcode = sqlite3.SQLITE_NOTADB
    return error
