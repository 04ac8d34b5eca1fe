"""What keeps a program from a file or a folder is said with what to do about it."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from hub.journal import FILE, Journal, JournalError, reading
from hub.messages.obstacles import obstacle
from tests.conftest import NOBODY


@contextmanager
def somebody_else() -> Iterator[None]:
    """We are a user who owns nothing."""
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def refused(path: Path, do: Callable[[Path], object]) -> str:
    with pytest.raises((OSError, sqlite3.Error)) as found:
        do(path)
    assert isinstance(found.value, OSError | sqlite3.Error)
    return obstacle(found.value, path)


def database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE t (a)")


def test_a_file_where_a_folder_should_be_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert refused(file, lambda path: path.mkdir(exist_ok=True)).startswith(f"{file} is a file, no folder. Move")
    for do in (Path.touch, database):
        assert refused(file / "below" / "it", do).startswith(f"{file} is a file, no folder. Move")


@pytest.mark.parametrize("do", [Path.read_bytes, database])
def test_a_folder_where_a_file_should_be_is_named(tmp_path: Path, do: Callable[[Path], object]) -> None:
    assert refused(tmp_path, do).startswith(f"{tmp_path} is a folder, no file. Move")


@pytest.mark.parametrize("do", [Path.touch, database])
def test_what_belongs_to_somebody_else_is_said_with_whose_it_is(passable: Path, do: Callable[[Path], object]) -> None:
    (passable / "file").touch(mode=0o600)
    (passable / "closed").mkdir(mode=0o700)
    with somebody_else():
        for path, whose in (
            (passable / "file", passable / "file"),
            (passable / "new", passable),
            (passable / "closed" / "new", passable / "closed"),
        ):
            assert refused(path, do).startswith(f"{whose} belongs to root, and you may not use it. Do this as root")


def test_what_is_our_own_and_closed_is_said_with_how_to_open_it(passable: Path) -> None:
    own = passable / "own"
    own.mkdir()
    os.chown(own, NOBODY, NOBODY)
    own.chmod(0o500)
    with somebody_else():
        assert f"{own} is yours" in refused(own / "new", Path.touch)


@pytest.mark.parametrize(
    ("number", "says"),
    [(errno.ENOSPC, "disk is full"), (errno.EROFS, "disk is read-only"), (errno.EIO, "Input/output error. Look")],
)
def test_a_disk_is_said_as_it_is(tmp_path: Path, number: int, says: str) -> None:
    assert says in obstacle(OSError(number, os.strerror(number)), tmp_path / "file")


def test_a_full_database_is_a_full_disk(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "db")) as db:
        db.execute("PRAGMA max_page_count = 1")
        with pytest.raises(sqlite3.Error) as found:
            db.execute("CREATE TABLE t (a)")
    assert "disk is full" in obstacle(found.value, tmp_path / "db")


def test_a_journal_in_a_folder_of_somebody_else_is_refused_with_two_ways_out(passable: Path) -> None:
    advice = r"cannot be opened\. .* belongs to root.* Do this as root \(with sudo\), or choose another .* --data"
    with somebody_else():
        for data in (passable, passable / "rooms"):
            with pytest.raises(JournalError, match=advice):
                Journal(data)
    Journal(passable).close()
    with somebody_else(), pytest.raises(JournalError, match=advice):
        Journal(passable)


@pytest.mark.parametrize("rights", [(0o700, 0o600), (0o755, 0o600)])
def test_a_journal_that_may_not_be_read_is_not_said_to_be_unwritable(passable: Path, rights: tuple[int, int]) -> None:
    data = passable / "rooms"
    Journal(data).close()
    data.chmod(rights[0])
    (data / FILE).chmod(rights[1])
    with somebody_else(), pytest.raises(JournalError, match=r"cannot be read\. .* belongs to root.* as root"):
        reading(data)
