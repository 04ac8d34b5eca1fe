"""A set and its rooms in one file, and back."""

from __future__ import annotations

import hashlib
import os
import random
import sqlite3
import stat
import subprocess
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from hub import journal, phones, pictures, readers, rosterfile, survey
from hub.datafolder import PIN_FILE
from hub.deploy import files, saving
from hub.deploy.kit import Order, SetError, make
from hub.deploy.saving import BackupError, Places, backup, restore
from hub.journal import Journal, reading
from hub.page.gate import Gate
from hub.pictures import Pictures
from paperhop.__main__ import main
from tests.conftest import NOBODY
from tests.hub.test_journal import ROOM, filled, scanned


@pytest.fixture
def played(tmp_path: Path) -> Places:
    """A set of three whose hub has played a room, with a picture, a class and a PIN."""
    places = Places(tmp_path / "set", tmp_path / "data")
    make(places.folder, Order("school", 3, "DE"))
    filled(places.data)
    with closing(Pictures(places.data)) as kept:
        kept.put(b"handwriting")
    (places.data / rosterfile.FILE).write_text('{"nina": "b1"}')
    (places.data / phones.FILE).write_text("[]")
    (places.data / survey.FILE).write_text("{}")
    (places.data / readers.FILE).write_text('["desk"]')
    gate = Gate(places.data)
    (places.data / PIN_FILE).write_text(f"{gate.new_pin}\n")
    return places


def elsewhere(tmp_path: Path) -> Places:
    return Places(tmp_path / "new/set", tmp_path / "new/data")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_all_comes_back_where_the_rooms_are_on_a_disk_of_their_own(played: Places, tmp_path: Path) -> None:
    backup(played, tmp_path / "school.backup")
    new = elsewhere(tmp_path)
    new.data.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(new.data)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        restore(tmp_path / "school.backup", new)
        assert (new.data / PIN_FILE).read_bytes() == (played.data / PIN_FILE).read_bytes()
        assert not [path for path in (*new.data.iterdir(), *new.data.parent.iterdir()) if "restore" in path.name]
    finally:
        subprocess.run(["umount", str(new.data)], check=True)


def test_all_comes_back_as_it_was(played: Places, tmp_path: Path) -> None:
    file = tmp_path / "school.backup"
    backup(played, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    new = elsewhere(tmp_path)
    assert restore(file, new).name == "school"
    assert contents(new.folder) == contents(played.folder)
    for name in (rosterfile.FILE, phones.FILE, readers.FILE, survey.FILE, "teacher.json", PIN_FILE):
        assert (new.data / name).read_bytes() == (played.data / name).read_bytes()
    with closing(reading(played.data)) as before, closing(Journal(new.data)) as after:
        assert after.damage is None
        assert list(after.records(0)) == list(before.records(0))
    with closing(Pictures(played.data)) as before_pictures, closing(Pictures(new.data)) as after_pictures:
        digest = before_pictures.put(b"handwriting").digest
        assert after_pictures.get(digest) == b"handwriting"
    for path in new.folder.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    for path in new.data.rglob("*.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_service_writes_its_pin_where_it_is_saved() -> None:
    assert f"--pin-file /var/lib/paperhop/{PIN_FILE}" in (files() / "paperhop-hub.service").read_text()


def test_a_hub_that_runs_is_copied_and_plays_on(played: Places, tmp_path: Path) -> None:
    with closing(Journal(played.data)) as running:
        running.begin(ROOM)
        running.append(scanned(77))
        backup(played, tmp_path / "file")
        running.append(scanned(78))
        last = running.last
        with pytest.raises(BackupError, match="hub is running"):
            restore(tmp_path / "file", Places(tmp_path / "new/set", played.data))
    new = elsewhere(tmp_path)
    restore(tmp_path / "file", new)
    with closing(reading(new.data)) as records:
        assert records.sound
        assert records.last == last - 1


def test_a_set_without_rooms_comes_back_too(tmp_path: Path) -> None:
    places = Places(tmp_path / "set", tmp_path / "data")
    make(places.folder, Order("school", 3, "DE"))
    backup(places, tmp_path / "file")
    restore(tmp_path / "file", elsewhere(tmp_path))
    assert contents(tmp_path / "new/set") == contents(places.folder)


def test_nothing_is_written_over(played: Places, tmp_path: Path) -> None:
    backup(played, tmp_path / "file")
    before = contents(tmp_path)
    with pytest.raises(BackupError, match="something in"):
        restore(tmp_path / "file", Places(played.folder, tmp_path / "new"))
    with pytest.raises(BackupError, match="There are rooms in"):
        restore(tmp_path / "file", Places(tmp_path / "new", played.data))
    assert contents(tmp_path) == before


def test_a_damaged_file_is_refused_and_nothing_is_left(played: Places, tmp_path: Path) -> None:
    file, new = tmp_path / "file", elsewhere(tmp_path)
    backup(played, file)
    whole = file.read_bytes()
    luck = random.Random(1)
    damaged = [b"", b"no backup", whole[: len(whole) // 2], whole[:-1], whole[1:], whole + b"\0"]
    for at in (0, 13, 15, 78, *(luck.randrange(len(whole)) for _ in range(60))):
        damaged.append(whole[:at] + bytes([whole[at] ^ 1 << luck.randrange(8)]) + whole[at + 1 :])
    for octets in damaged:
        file.write_bytes(octets)
        with pytest.raises(BackupError, match=r"Take another one|Update this one"):
            restore(file, new)
    assert not new.folder.parent.exists()


def test_a_newer_backup_is_refused_in_words(played: Places, tmp_path: Path) -> None:
    file = tmp_path / "file"
    backup(played, file)
    file.write_bytes(file.read_bytes().replace(b"paperhop-set 1 ", b"paperhop-set 2 ", 1))
    with pytest.raises(BackupError, match=r"made by a newer Paperhop \(format 2, this one knows 1\). Update this one"):
        restore(file, elsewhere(tmp_path))


def test_rooms_of_a_newer_program_are_refused_in_words(played: Places, tmp_path: Path) -> None:
    backup(played, tmp_path / "file")
    db = sqlite3.connect(played.data / journal.FILE)
    db.execute(f"PRAGMA user_version={journal.FORMAT + 1}")
    db.commit()
    db.close()
    with pytest.raises(BackupError, match="newer Paperhop"):
        backup(played, tmp_path / "file")
    with pytest.raises(FileNotFoundError):
        restore(tmp_path / "nothing", elsewhere(tmp_path))
    restore(tmp_path / "file", elsewhere(tmp_path))


@pytest.mark.parametrize(
    "part", ["set/../../escaped", "/set/escaped", "data/other.txt", "set", "set/./x", "data/set/x"]
)
def test_a_file_that_would_write_elsewhere_is_refused(played: Places, tmp_path: Path, part: str) -> None:
    backup(played, tmp_path / "file")
    _with_part(tmp_path / "file", tmp_path / "bad", part)
    with pytest.raises(BackupError, match="no backup of a set"):
        restore(tmp_path / "bad", elsewhere(tmp_path))
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", [PIN_FILE, pictures.FILE])
def test_root_saves_nothing_that_the_hub_s_user_has_made_a_link_to(played: Places, tmp_path: Path, name: str) -> None:
    secret = tmp_path / "root-s"
    (played.data / name).rename(secret)
    (played.data / name).symlink_to(secret)
    with pytest.raises(BackupError, match=f"{name} is no file that a hub has written"):
        backup(played, tmp_path / "file")
    assert not (tmp_path / "file").exists()


def test_a_file_that_becomes_a_link_while_it_is_saved_is_not_followed(
    played: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "root-s").write_text("secret")
    copy = saving._copy

    def meanwhile(source: Path, target: Path) -> None:
        copy(source, target)
        pin = played.data / PIN_FILE
        pin.unlink()
        pin.symlink_to(tmp_path / "root-s")

    monkeypatch.setattr(saving, "_copy", meanwhile)
    with pytest.raises(OSError, match="symbolic links"):
        backup(played, tmp_path / "file")
    assert not (tmp_path / "file").exists()


def test_root_gives_away_nothing_that_was_put_in_the_place_of_what_comes_back(
    played: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the rooms are on a disk of their own, the hub's user has the folder into which they are unpacked."""
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    backup(played, tmp_path / "file")
    new = elsewhere(tmp_path)
    new.data.mkdir(parents=True)
    os.chown(new.data, NOBODY, NOBODY)
    roots = tmp_path / "root-s"
    roots.write_text("secret")
    roots.chmod(0o644)

    def meanwhile(data: Path) -> None:
        (data / PIN_FILE).unlink()
        (data / PIN_FILE).symlink_to(roots)

    monkeypatch.setattr(saving, "_look_over", meanwhile)
    with pytest.raises(OSError, match="symbolic links"):
        restore(tmp_path / "file", new)
    assert (roots.stat().st_uid, stat.S_IMODE(roots.stat().st_mode)) == (0, 0o644)


def test_a_backup_that_fails_leaves_the_old_one(played: Places, tmp_path: Path) -> None:
    file = tmp_path / "file"
    backup(played, file)
    whole = file.read_bytes()
    (played.data / pictures.FILE).write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with pytest.raises(BackupError, match=r"pictures.sqlite cannot be copied"):
        backup(played, file)
    assert file.read_bytes() == whole
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "file", "set"]
    with pytest.raises(SetError, match="There is no set"):
        backup(Places(tmp_path / "none", played.data), file)


def test_the_command_saves_and_restores(played: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(tmp_path / "file")
    assert main(["set", "backup", file, "--out", str(played.folder), "--data", str(played.data)]) == 0
    new = elsewhere(tmp_path)
    where = ["--out", str(new.folder), "--data", str(new.data)]
    assert main(["set", "restore", file, *where]) == 0
    assert "The set school and its rooms is back" in capsys.readouterr().out
    assert main(["set", "restore", file, *where]) == 2
    assert "move it away" in capsys.readouterr().err


def _with_part(file: Path, other: Path, name: str) -> None:
    """The same backup, as somebody with other aims would make it: one of its parts has another name."""
    with zipfile.ZipFile(file) as before, zipfile.ZipFile(other, "w") as after:
        for info in before.infolist():
            octets = before.read(info)
            if info.filename == "contents.json":
                octets = octets.replace(b"set/inventory.csv", name.encode())
            after.writestr(name if info.filename == "set/inventory.csv" else info.filename, octets)
    octets = other.read_bytes()
    other.write_bytes(f"paperhop-set 1 {hashlib.sha256(octets).hexdigest()}\n".encode() + octets)
