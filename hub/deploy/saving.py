"""A set and its rooms in one file, and back: the folder of the set, and what the hub has kept.

The file is a line, which says what it is, its format, and the SHA-256 of all that follows; then a zip archive, which
other programs can look into. A hub that runs is not disturbed: its databases are copied by SQLite's own means, as they
are at one moment.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
import os
import re
import shutil
import sqlite3
import stat
import tempfile
import zipfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import msgspec

from hub import journal
from hub.datafolder import DATABASES, FILES
from hub.deploy import kit
from hub.private import unfinished
from hub.wiping import sync

FORMAT = 1
_HEAD = re.compile(rb"paperhop-set (?P<format>[1-9][0-9]{0,5}) (?P<digest>[0-9a-f]{64})\n")
_HEAD_LENGTH = 128
"""Octets that are looked at for it, at most."""
_CONTENTS = "contents.json"
_SET, _DATA = "set", "data"
_LARGEST = 4 * 1024**3
"""Octets of all parts together: what says more of itself is no backup."""


class BackupError(ValueError):
    """It cannot be backed up or restored; the text says why, and what to do."""


class Contents(msgspec.Struct, frozen=True):
    """What is in a backup. made: UTC. parts: paths, below set/ and data/."""

    name: str
    made: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """The folder of the set, and the data folder of its hub."""

    folder: Path
    data: Path


def backup(places: Places, file: Path) -> Contents:
    """Write the set and the rooms of its hub into a file that its owner alone may read; an older file of this name
    gives way once the new one is whole.

    SetError without a set, BackupError for a damaged database, OSError when it cannot be written.
    """
    name = kit.load(places.folder).name
    file.parent.mkdir(parents=True, exist_ok=True)
    new = unfinished(file)
    new.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as copies, contextlib.ExitStack() as undo:
        undo.callback(new.unlink, missing_ok=True)
        parts = {**_parts_of_set(places.folder), **_parts_of_data(places.data, Path(copies))}
        contents = Contents(name, datetime.now(UTC).isoformat(timespec="seconds"), tuple(parts))
        with os.fdopen(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as octets:
            octets.write(_head("0" * 64))
            with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(_CONTENTS, msgspec.json.format(msgspec.json.encode(contents)))
                for part, path in parts.items():
                    archive.write(path, part)
            octets.seek(len(_head("0" * 64)))
            digest = hashlib.file_digest(octets, "sha256").hexdigest()
            octets.seek(0)
            octets.write(_head(digest))
            octets.flush()
            os.fsync(octets.fileno())
        new.replace(file)
        undo.pop_all()
    sync(file.parent)
    return contents


def restore(file: Path, places: Places) -> Contents:
    """Put a set and its rooms back where none are.

    All is looked over before anything is written. BackupError for a file that is damaged, no backup or of a newer
    Paperhop, and where a set or rooms are already, or a hub is running; OSError when it cannot be written.
    """
    with file.open("rb") as octets, _whole(octets, file) as archive:
        contents = _contents(archive, file)
        if places.folder.exists() and (not places.folder.is_dir() or any(places.folder.iterdir())):
            raise BackupError(f"There is something in {places.folder} already: move it away, or choose another folder")
        _must_be_free(places.data)
        targets = {_DATA: places.data, _SET: places.folder}
        with contextlib.ExitStack() as undo:
            fresh = {top: _beside(target, undo) for top, target in targets.items()}
            for part in contents.parts:
                top, *rest = PurePosixPath(part).parts
                _unpack(archive, part, fresh[top].joinpath(*rest))
            _look_over(fresh[_DATA])
            for top, target in targets.items():
                _move(fresh[top], target)
    return contents


def _parts_of_set(folder: Path) -> dict[str, Path]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {f"{_SET}/{path.relative_to(folder).as_posix()}": path for path in files}


def _parts_of_data(data: Path, copies: Path) -> dict[str, Path]:
    """Copies of what there is, as it is now: a hub that runs may change any of it at any time."""
    there = [name for name in (*DATABASES, *FILES) if os.path.lexists(data / name)]
    for path in (data / name for name in there):
        if not stat.S_ISREG(path.lstat().st_mode):
            raise BackupError(f"{path} is no file that a hub has written: look what it is, and remove it")
    for name in there:
        copy = _copy if name in DATABASES else _copy_file
        copy(data / name, copies / name)
    return {f"{_DATA}/{name}": copies / name for name in there}


def _copy(source: Path, target: Path) -> None:
    """A database as it is at this moment; whoever writes to it goes on."""
    try:
        with closing(_reading(source)) as there, closing(sqlite3.connect(target)) as here:
            there.backup(here)
            here.execute("PRAGMA journal_mode=DELETE")
            sound = here.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
    except (sqlite3.Error, journal.JournalError) as error:
        raise BackupError(f"{source} cannot be copied: {error}") from None
    if not sound:
        raise BackupError(f"{source} is damaged: start the hub once, which sets aside what is")


def _copy_file(source: Path, target: Path) -> None:
    """Of this very file: root must not read what its owner has made it a link to."""
    with os.fdopen(os.open(source, os.O_RDONLY | os.O_NOFOLLOW), "rb") as octets, target.open("xb") as copy:
        shutil.copyfileobj(octets, copy)


def _reading(path: Path) -> sqlite3.Connection:
    if path.name == journal.FILE:
        return journal.read_only(path)
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def _head(digest: str) -> bytes:
    return f"paperhop-set {FORMAT} {digest}\n".encode()


def _whole(octets: io.BufferedReader, file: Path) -> zipfile.ZipFile:
    """The archive in a backup of which no octet has changed."""
    head = _HEAD.match(octets.read(_HEAD_LENGTH))
    if head is None:
        raise BackupError(f"{file} is no backup of a set, or its beginning is damaged. Take another one")
    version = int(head["format"])
    if version > FORMAT:
        raise BackupError(
            f"{file} was made by a newer Paperhop (format {version}, this one knows {FORMAT}). Update this one"
        )
    octets.seek(head.end())
    if hashlib.file_digest(octets, "sha256").hexdigest() != head["digest"].decode():
        raise BackupError(f"{file} is damaged, or not whole. Take another one")
    return zipfile.ZipFile(octets)


def _contents(archive: zipfile.ZipFile, file: Path) -> Contents:
    """What it has, and nothing that would be written elsewhere."""
    contents = msgspec.json.decode(archive.read(_CONTENTS), type=Contents)
    named = {info.filename: info.file_size for info in archive.infolist()}
    if (
        set(named) != {_CONTENTS, *contents.parts}
        or sum(named.values()) > _LARGEST
        or f"{_SET}/{kit.FILE}" not in contents.parts
        or not all(map(_is_ours, contents.parts))
    ):
        raise BackupError(f"{file} is no backup of a set: it has parts that none has. Take another one")
    return contents


def _is_ours(part: str) -> bool:
    """A path that stays inside of the folder where it belongs."""
    path = PurePosixPath(part)
    if path.is_absolute() or ".." in path.parts or str(path) != part or "\\" in part:
        return False
    top, *rest = path.parts
    return (top == _SET and bool(rest)) or (top == _DATA and rest in [[name] for name in (*DATABASES, *FILES)])


def _must_be_free(data: Path) -> None:
    """Nothing may be there that a restored room would take the place of, and nobody who uses it."""
    there = next((name for name in (*DATABASES, *FILES) if (data / name).exists()), None)
    if (data / journal.LOCK).exists():
        with (data / journal.LOCK).open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise BackupError(
                    f"A hub is running with the folder {data}: stop it first (sudo systemctl stop paperhop-hub)"
                ) from None
    if there is not None:
        raise BackupError(f"There are rooms in {data} already ({there}): move them away, or choose another folder")


def _beside(target: Path, undo: contextlib.ExitStack) -> Path:
    """A private folder on the same disk; inside of a folder that is a disk of its own (protect.sh)."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=target if target.is_mount() else target.parent, prefix=".restore-"))
    undo.callback(shutil.rmtree, fresh, ignore_errors=True)
    return fresh


def _unpack(archive: zipfile.ZipFile, part: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(part) as octets, target.open("xb") as written:
        shutil.copyfileobj(octets, written)
        written.flush()
        os.fsync(written.fileno())


def _look_over(data: Path) -> None:
    """The rooms must be of a Paperhop that is no newer than this one, and whole."""
    if not (data / journal.FILE).exists():
        return
    try:
        with closing(journal.reading(data)) as records:
            sound = records.sound
    except journal.JournalError as error:
        raise BackupError(f"The rooms in this backup cannot be taken. {error}") from None
    if not sound:
        raise BackupError("The journal in this backup is damaged. Take another one")


def _move(fresh: Path, target: Path) -> None:
    """Each file to its place; it belongs to whom the folder belongs, who may lay no links there meanwhile."""
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = target.stat()
    for _, folders, files, at in os.fwalk(fresh):
        for name in (*folders, *files):
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=at)
            try:
                os.fchmod(descriptor, 0o700 if name in folders else 0o600)
                if os.geteuid() == 0:
                    os.fchown(descriptor, owner.st_uid, owner.st_gid)
            finally:
                os.close(descriptor)
    for path in sorted(fresh.iterdir(), key=lambda path: path.name == kit.FILE):
        path.replace(target / path.name)
    sync(target)
