"""Pictures of handwriting, outside the journal, which forgets nothing: they can be wiped when a class is forgotten.

The journal has the digest of each, which says nothing about how somebody writes.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import sqlite3
import threading
from pathlib import Path

from hub.records import PictureRef, Record, ScannedRecord
from hub.wiping import remove

FILE = "pictures.sqlite"
MOST_OCTETS = 64 * 1024 * 1024
"""Octets of all pictures together; the oldest go first. A full comb of 64 cells takes 4 kB."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS picture (
    n INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    octets BLOB NOT NULL
) STRICT;
"""

log = logging.getLogger(__name__)


class Pictures:
    """The pictures in folder `data`; only the user that runs the hub can read them.

    A picture is no part of the game: one that cannot be stored, or is not there any more, holds up nothing.
    """

    def __init__(self, data: Path, most: int = MOST_OCTETS) -> None:
        self.path = data / FILE
        self._most = most
        self._lock = threading.Lock()
        data.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(":memory:", check_same_thread=False)  # it has no table: without a file none is kept
        try:
            self._open()
        except sqlite3.OperationalError as error:  # the disk is in the way: what is there is not touched
            log.error("The pictures in %s cannot be opened: %s. The game goes on without them", self.path, error)
        except sqlite3.DatabaseError as error:
            log.error("The pictures in %s are damaged (%s): they are removed, and new ones kept", self.path, error)
            self._db.close()
            self._remove()
            self._open()

    def put(self, octets: bytes) -> PictureRef:
        """Keep a picture; what the journal says of it."""
        digest = hashlib.sha256(octets).hexdigest()
        with self._lock:
            try:
                with self._db:
                    self._db.execute("DELETE FROM picture WHERE digest = ?", (digest,))
                    self._db.execute("INSERT INTO picture (digest, octets) VALUES (?, ?)", (digest, octets))
                    self._shrink()
            except sqlite3.Error as error:
                log.error("A picture cannot be kept in %s: %s. The game goes on without it", self.path, error)
        return PictureRef(digest, len(octets))

    def get(self, digest: str) -> bytes | None:
        """The picture with this digest; None when it has gone."""
        with self._lock:
            try:
                row = self._db.execute("SELECT octets FROM picture WHERE digest = ?", (digest,)).fetchone()
            except sqlite3.Error as error:
                log.error("A picture cannot be read from %s: %s", self.path, error)
                return None
        return None if row is None else bytes(row[0])

    def forget(self) -> None:
        """Wipe all of them: the file is overwritten and removed."""
        with self._lock:
            self._db.close()
            self._remove()
            self._open()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _open(self) -> None:
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        self._db = sqlite3.connect(self.path, check_same_thread=False)
        self._db.execute("PRAGMA secure_delete=ON")
        self._db.execute("PRAGMA synchronous=NORMAL")
        with self._db:
            self._db.executescript(_SCHEMA)
            self._shrink()

    def _shrink(self) -> None:
        """The oldest go, until the others have room."""
        (size,) = self._db.execute("SELECT coalesce(sum(length(octets)), 0) FROM picture").fetchone()
        for n, octets in self._db.execute("SELECT n, length(octets) FROM picture ORDER BY n").fetchall():
            if size <= self._most:
                break
            self._db.execute("DELETE FROM picture WHERE n = ?", (n,))
            size -= octets

    def _remove(self) -> None:
        remove(self.path)
        remove(self.path.with_name(f"{FILE}-journal"))


def picture_of(record: Record | None, pictures: Pictures | None) -> bytes | None:
    """The handwriting of a scan as PNG; None: it has none, or none any more. A journal of format 4 has it inside."""
    if not isinstance(record, ScannedRecord):
        return None
    ink = None if record.written is None else record.written.ink
    if ink is not None and ink.picture:
        return base64.b64decode(ink.picture)
    return None if pictures is None or record.picture is None else pictures.get(record.picture.digest)


def has_picture(record: Record) -> bool:
    """Whether a scan came with a picture of its handwriting."""
    if not isinstance(record, ScannedRecord):
        return False
    ink = None if record.written is None else record.written.ink
    return record.picture is not None or bool(ink is not None and ink.picture)
