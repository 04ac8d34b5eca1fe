"""A restart goes on from a snapshot, and the room is the same; one that does not fit the journal is thrown away."""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import pickle
import shutil
import stat
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cards.jsonform import to_json
from cards.notation import parse
from hub import snapshots
from hub.desk import Desk
from hub.journal import FILE, Journal
from hub.lessons import load
from hub.messages import Scan, Sighting, scan_of
from hub.orders import GoBack
from hub.refusals import NothingDoneError
from hub.room import Room
from hub.simulator.events import Undone
from hub.simulator.world import World
from hub.snapshots import Snapshots
from tests.hub.play import SYN
from tests.hub.teaching import BOOT, Kit, why

EVERY, BEHIND = 12, 4


def played(data: Path, rounds: int = 5) -> Kit:
    """Handshakes, some with a mistake; each in a round of its own but the last two, which share one."""
    kit = Kit(data, every=EVERY, behind=BEHIND)
    for n in range(rounds):
        if n and n < rounds - 1:
            kit.room.new_round()
        port = 40001 + n
        syn = f"10.0.1.2:{port} > 10.0.1.1:23 SYN seq=100"
        kit.carry(f"S-{n}", syn, "b1", "b2", "b3")
        kit.scan("b1", f"X-{n}", f"10.0.1.2:{port} > 10.0.1.1:80 ACK seq=7 ack=7")
        kit.carry(f"A-{n}", f"10.0.1.1:23 > 10.0.1.2:{port} SYN,ACK seq=300 ack=101", "b3", "b2", "b1")
        kit.later(1)
        kit.snapshots.wait()
    return kit


def as_replayed(kit: Kit, tmp_path: Path) -> Kit:
    """The same room from the journal alone."""
    copy = tmp_path / "replayed"
    copy.mkdir()
    kit.snapshots.wait()
    kit.journal.close()
    shutil.copy(kit.data / FILE, copy / FILE)
    kit.open()
    other = Kit.__new__(Kit)
    other.__dict__.update(kit.__dict__, data=copy, snapshots=Snapshots(copy))
    other.open()
    return other


def files(kit: Kit) -> list[Path]:
    return sorted(kit.data.glob("snapshot-*"))


def from_snapshot(kit: Kit) -> bool:
    """Whether the room did not play its game from the beginning."""
    return kit.room._course.went_on_from > 1


def seen(kit: Kit) -> dict[str, Any]:
    nodes = [{**node, "online": None} for node in kit.room.state()["nodes"]]
    return {**kit.room.state(), "nodes": nodes, "at_ms": None}


def test_the_room_is_the_same(tmp_path: Path) -> None:
    kit = played(tmp_path / "kit")
    before, world, tally = seen(kit), kit.room.world, kit.room.tally
    other = as_replayed(kit, tmp_path)
    assert from_snapshot(kit)
    assert not from_snapshot(other)
    assert seen(kit) == seen(other) == before
    assert kit.room.tally == other.room.tally == tally
    assert kit.room.world == other.room.world
    assert kit.room.world.nodes == world.nodes
    assert kit.room.holders() == other.room.holders()
    for each in (kit, other):
        each.scan("b1", "N-1", "10.0.1.2:40004 > 10.0.1.1:23 ACK seq=101 ack=301")
        each.room.teach(Undone(0, "client"))
    assert kit.room.world == other.room.world


def test_one_cannot_go_back_to_before_it_and_is_told_why(tmp_path: Path) -> None:
    kit = played(tmp_path, rounds=2)
    kit.carry("P-1", "10.0.1.2:9 > 10.0.1.1:23 SYN seq=1", "b1", "b2", "b3", "b3", "b3")
    kit.restart()
    assert from_snapshot(kit)
    with pytest.raises(NothingDoneError, match="too long ago") as refused:
        kit.room.back(5)
    assert why(refused.value) == "room.older-round"
    kit.room.back(kit.last - 1)


def test_two_are_kept_for_the_hub_alone(tmp_path: Path) -> None:
    kit = played(tmp_path)
    (tmp_path / ".snapshot-3.new").write_bytes(b"of a hub that was switched off")
    for n in range(3):
        kit.carry(f"P-{n}", "10.0.1.2:9 > 10.0.1.1:23 SYN seq=1", *["b1", "b2", "b3"] * 5)
        kit.later(1)
        kit.snapshots.wait()
    assert len(files(kit)) == 2
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files(kit))
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def _text(word: str) -> bytes:
    """As a pickle writes it (SHORT_BINUNICODE)."""
    return b"\x8c" + bytes([len(word)]) + word.encode()


def flip(octets: bytes) -> bytes:
    return octets[:200] + bytes([octets[200] ^ 1]) + octets[201:]


def of_another_program(octets: bytes) -> bytes:
    at = len(snapshots._MAGIC)
    whole = octets[:at] + bytes(32) + octets[at + 32 : -32]
    return whole + hashlib.sha256(whole).digest()


def told_otherwise(octets: bytes) -> bytes:
    """A sentence of the story has changed, in a file that can be read all the same: its digest alone contradicts."""
    at = len(snapshots._MAGIC) + 32
    inside = zlib.decompress(octets[at:-32])
    assert b"Carry" in inside
    return octets[:at] + zlib.compress(inside.replace(b"Carry", b"Curry")) + octets[-32:]


@pytest.mark.parametrize(
    "harm", [flip, told_otherwise, of_another_program, lambda octets: octets[:-40], lambda octets: b""]
)
def test_one_that_is_damaged_or_of_another_program_is_passed_over(
    tmp_path: Path, harm: Callable[[bytes], bytes]
) -> None:
    kit = played(tmp_path)
    world = kit.room.world
    for path in files(kit):
        path.write_bytes(harm(path.read_bytes()))
    kit.restart()
    assert not from_snapshot(kit)
    assert kit.room.world.nodes == world.nodes


def test_one_of_another_journal_is_passed_over(tmp_path: Path) -> None:
    one, other = played(tmp_path / "one"), played(tmp_path / "other")
    for path in files(one):
        shutil.copy(path, other.data / path.name)
    assert [path.name for path in files(one)] == [path.name for path in files(other)]
    other.restart()
    assert not from_snapshot(other)


def test_one_that_the_journal_contradicts_is_thrown_away(tmp_path: Path) -> None:
    """It hangs on the right record, but is of a game in which less has happened: what came next is judged otherwise."""
    kit = Kit(tmp_path, every=1000, behind=1)
    kit.carry("S-1", "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100", "b1")
    course = kit.room._course
    early = course._game.since
    kit.carry("S-1", "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100", "b2")
    number = kit.journal.last
    digest = kit.journal.hash(number)
    assert digest is not None
    lie = snapshots.Snapshot(number, digest, course._number, early, (), {}, {})
    assert kit.snapshots.take(lie, kit.lesson.rules)
    kit.carry("S-1", "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100", "b3")
    world = kit.room.world
    kit.restart()
    assert not from_snapshot(kit)
    assert files(kit) == []
    assert kit.room.world.instances == world.instances


def test_restarts_in_a_row_all_go_on_from_a_snapshot(tmp_path: Path) -> None:
    """Each start takes its look at the time for the next snapshot, and never loses the one that it will need."""
    kit = played(tmp_path)
    for _ in range(4):
        kit.restart()
        assert from_snapshot(kit)
        kit.later(1)


def test_a_new_room_reads_no_snapshot_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kit = played(tmp_path)
    read: list[Path] = []
    monkeypatch.setattr(snapshots, "_read", lambda path, rules: read.append(path))
    Room(kit.journal, kit.lesson, fresh=True, snapshots=kit.snapshots)
    assert read == []


class _Evil:
    """Named by a pickle: a function, or a class that a module of ours has only imported."""

    def __init__(self, call: Callable[..., Any], argument: object) -> None:
        self._call, self._argument = call, argument

    def __reduce__(self) -> tuple[Any, ...]:
        return self._call, (self._argument,)


@pytest.mark.parametrize(
    "name", ["os mkdir", "hub.course copy.os.mkdir", "hub.wallclock subprocess.Popen", "hub.journal Path.mkdir"]
)
def test_nothing_that_a_file_names_is_run(tmp_path: Path, name: str) -> None:
    kit = played(tmp_path / "kit")
    module, attribute = name.split()
    stream = io.BytesIO()
    argument: object = ["mkdir", str(tmp_path / "evil")] if "Popen" in name else str(tmp_path / "evil")
    argument = tmp_path / "evil" if "Path" in name else argument
    pickle.dump(_Evil(os.mkdir, argument), stream, protocol=4)
    octets = stream.getvalue().replace(b"\x8c\x05posix\x94\x8c\x05mkdir", _text(module) + b"\x94" + _text(attribute))
    whole = snapshots._MAGIC + snapshots._program() + zlib.compress(octets)
    for path in files(kit):
        path.write_bytes(whole + hashlib.sha256(whole).digest())
    kit.restart()
    assert not (tmp_path / "evil").exists()
    assert not from_snapshot(kit)


def test_a_hub_s_desk_goes_on_from_one_and_can_still_go_back_five_hundred_records(tmp_path: Path) -> None:
    """While less than that has come after the snapshot, the desk plays from the beginning instead."""
    worlds: dict[int, World] = {}
    numbers = itertools.count(1)

    def scan() -> Scan:
        number = next(numbers)
        return scan_of("b1", BOOT, number, number, Sighting(f"S-{number // 10}", written=to_json(parse(SYN))))

    def began(data: Path, until: int = 0, back: bool = False) -> int:
        """After which record a hub begins that is started; it plays on until then, or goes back, and ends."""
        with closing(Journal(data)) as journal:
            desk = Desk(journal, load("handshake"), data=data, seats={"b1": "client"})
            course = desk.room._course
            while journal.last < until:
                desk.scans([scan() for _ in range(20)], lambda downs: None)
                worlds[journal.last] = desk.room.world
                desk.tick()
            if back:
                event = min(number for number in worlds if number >= journal.last - 500)
                desk.do(GoBack(event))
                assert desk.room.world.instances == worlds[event].instances
            if course._snapshots is not None:
                course._snapshots.wait()
            return course.went_on_from

    kit, copy = tmp_path / "kit", tmp_path / "copy"
    assert began(kit, until=1300) == 1, "all is new"
    shutil.copytree(kit, copy)
    assert began(copy, back=True) == 1, "300 records would be too few"
    assert began(kit, until=1600) == 1
    (snapshot,) = (int(path.name.partition("-")[2]) for path in kit.glob("snapshot-*"))
    assert 1000 < snapshot < 1100
    assert began(kit, back=True) == snapshot
