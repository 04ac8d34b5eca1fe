"""The power goes, and what was not synced is not on the disk: nothing is lost that a light has promised.

Real programs play while everything that they write, sync and say is recorded. From that, disks are made as a power cut
may have left them, after any event, and the programs go on from there.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from firmware.outbox import Outbox
from hub.clock import ManualClock
from hub.journal import FILE, Journal
from hub.lessons import load
from hub.messages import Answer, Scan
from hub.records import ScannedRecord
from hub.room import Room
from tests.conftest import program
from tests.faults.disk import Disk, Event, read
from tests.faults.plays import DESK, Play, Wave, found
from tests.faults.preload import preload
from tests.faults.rig import Rig
from tests.hub.test_journal import filled

Key = tuple[str, int]
MOST_GO_ON = 10
"""Scans of what waits that are sent after a power cut."""


@dataclass(slots=True)
class Promised:
    """What people and programs were told so far."""

    taken: set[Key] = field(default_factory=set)
    shown: set[Key] = field(default_factory=set)
    answered: dict[Key, Answer] = field(default_factory=dict)

    def note(self, event: Event) -> bool:
        """Whether this event has promised something."""
        promised = False
        for told in event.told:
            if "taken" in told:
                self.taken.add((told["taken"][0], told["taken"][1]))
            elif "answer" in told:
                self.shown.add((told["answer"]["boot"], told["answer"]["counter"]))
            elif told.get("type") == "answer":
                answer = msgspec.convert(told, Answer)
                self.answered[answer.boot, answer.counter] = answer
            else:
                continue
            promised = True
        return promised


@dataclass(frozen=True, slots=True)
class Recorded:
    events: list[Event]
    root: Path
    before: Path

    def cuts(self, luck: random.Random, most: int) -> set[int]:
        """After which events the power is cut: half of them where something was promised, half where a database itself
        is written, or anything happens.
        """
        promised = Promised()
        said = [number for number, event in enumerate(self.events) if promised.note(event)]
        bases = [n for n, event in enumerate(self.events) if event.op in "wbeur" and event.path.suffix == ".sqlite"]
        chosen = luck.sample(said, min(most // 2, len(said))) + luck.sample(bases, min(most // 4, len(bases)))
        return {*chosen, *luck.sample(range(len(self.events)), most // 4)}

    def states(self, seed: int, most: int, into: Path) -> Iterator[tuple[int, Path, Promised]]:
        """Disks after power cuts, each with what was promised until then."""
        luck = random.Random(seed)
        cuts, disk, promised = self.cuts(luck, most), Disk(self.root, self.before), Promised()
        for number, event in enumerate(self.events):
            disk.happen(event)
            promised.note(event)
            if number in cuts:
                folder = into / f"cut-{number}"
                folder.mkdir(parents=True)
                disk.cut(luck, folder)
                yield number, folder, promised
                shutil.rmtree(folder)


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return preload("recorder", tmp_path_factory.mktemp("preload"))


def recorded(recorder: Path, folder: Path, play: Play, deaf: str = "", kills: bool = True) -> Recorded:
    """A play as hub and badges have written it down."""
    mosquitto = program("mosquitto", how="apt-get install mosquitto, or brew install mosquitto")
    root, before, log = folder / "root", folder / "before", folder / "record"
    root.mkdir(parents=True)
    env = {
        "LD_PRELOAD": str(recorder),
        "PAPERHOP_RECORD": str(log),
        "PAPERHOP_ROOT": str(root),
        "PAPERHOP_DEAF": deaf,
    }
    kit = Rig(root, play, mosquitto, env)
    shutil.copytree(root, before)
    with kit:
        for number, wave in enumerate(play.waves):
            kit.do(wave, [])
            if kills and number == 1:
                for victim in ("hub", "client"):
                    kit.kill(victim)
                    kit.restart(victim)
        kit.end()
    return Recorded(read(log), root, before)


def lost(folder: Path, promised: Promised, goes_on: bool = True) -> list[str]:
    """What was promised and is not on this disk, or not as it was. goes_on: see also what happens then."""
    journal = Journal(folder / "data")
    waiting = [scan for path in sorted(folder.glob("outbox-*.sqlite")) for scan in waits(path)]
    wrong = [] if journal.damage is None else [str(journal.damage)]
    wrong += [f"{path} was set aside" for path in folder.glob("*.damaged-*")]
    gone = promised.taken - promised.shown - {(scan.boot, scan.counter) for scan in waiting}
    wrong += [f"{key} was taken, is not answered, and not in an outbox" for key in sorted(gone)]
    for key, answer in promised.answered.items():
        stored = journal.answer(answer.badge, *key)
        if stored != answer:
            wrong.append(f"{key} was answered {answer}, the journal has {stored}")
    if goes_on and not wrong:
        wrong = wrong_when_it_goes_on(journal, waiting[:MOST_GO_ON], promised)
    journal.close()
    return wrong


def waits(path: Path) -> list[Scan]:
    """What waits in an outbox, in its order."""
    outbox = Outbox(path)
    rows = outbox._execute("SELECT scan FROM scans ORDER BY place")
    outbox.close()
    return [msgspec.json.decode(octets, type=Scan) for (octets,) in rows]


def wrong_when_it_goes_on(journal: Journal, waiting: list[Scan], promised: Promised) -> list[str]:
    """The power is there again: badges send what waits, and the hub answers."""
    room, wrong = Room(journal, load("handshake"), readers=[DESK], clock=ManualClock), []
    for scan in waiting:
        answer = room.scan(scan)[0]
        if not isinstance(answer, Answer) or promised.answered.get((scan.boot, scan.counter), answer) != answer:
            wrong.append(f"{scan} is answered {answer}")
    keys = [(each.boot, each.counter) for _, each in journal.records(after=1) if isinstance(each, ScannedRecord)]
    missing = {(scan.boot, scan.counter) for scan in waiting} - set(keys)
    if missing or len(keys) != len(set(keys)):
        wrong.append(f"never judged: {sorted(missing)}; judged {len(keys)} times: {len(set(keys))} scans")
    return wrong


def play(burst: int) -> Play:
    """A handshake, with so many scans in one go that databases are written themselves, not only their logs."""
    whole = found("handshake", 1, waves=6)
    many = tuple(show for wave in whole.waves[:2] for show in wave.shows[:1]) * burst
    return Play(whole.lesson, whole.seed, whole.badges, (*whole.waves[:3], Wave(many), *whole.waves[3:]), {})


def test_a_power_cut_at_any_moment_loses_nothing_that_was_promised(recorder: Path, tmp_path: Path) -> None:
    record = recorded(recorder, tmp_path, play(burst=220))
    checkpointed = [e for e in record.events if e.op == "w" and e.path.name == FILE]
    assert checkpointed, "the journal's file itself was never written: make the burst longer"
    for place, (number, folder, promised) in enumerate(record.states(seed=1, most=120, into=tmp_path / "cuts")):
        wrong = lost(folder, promised, goes_on=place % 8 == 0)
        assert not wrong, f"after event {number}: {record.events[number].op}"
    assert len(promised.taken) == len(promised.shown) == len(promised.answered) > 440


def test_these_tests_find_out_when_nothing_is_synced(recorder: Path, tmp_path: Path) -> None:
    """As with `synchronous=OFF`, or on a disk that lies: the promises of badge and hub are both seen to be broken."""
    record = recorded(recorder, tmp_path, play(burst=5), deaf="sqlite-wal", kills=False)
    states = record.states(seed=1, most=60, into=tmp_path / "cuts")
    losses = "\n".join(each for _, folder, promised in states for each in lost(folder, promised))
    assert "not in an outbox" in losses
    assert "the journal has None" in losses


def test_the_power_goes_when_everything_is_new(recorder: Path, tmp_path: Path) -> None:
    root, log = tmp_path / "root", tmp_path / "record"
    root.mkdir()
    script = """
import sys
from pathlib import Path
from firmware.outbox import Outbox
from hub.journal import Journal
from hub.records import RoomRecord
from hub.messages import Problem, Sighting
root = Path(sys.argv[1])
scan = Outbox(root / "badge" / "deep" / "outbox-b1.sqlite").put("b1", Sighting(problem=Problem("card.foreign")))
print('{"taken": ["%s", %d]}' % (scan.boot, scan.counter), flush=True)
Journal(root / "hub" / "data").begin(RoomRecord("r", "handshake", "title: x", "seed", 1, "0.1", ""))
print('{"begun": 1}', flush=True)
"""
    env = {"LD_PRELOAD": str(recorder), "PAPERHOP_RECORD": str(log), "PAPERHOP_ROOT": str(root)}
    subprocess.run(
        [sys.executable, "-c", script, str(root)], check=True, env={**os.environ, **env}, stdout=subprocess.DEVNULL
    )
    events = read(log)
    (taken, begun) = [number for number, event in enumerate(events) for told in event.told]
    disk = Disk(root)
    for number, event in enumerate(events):
        disk.happen(event)
        for seed in range(12 if number in (taken, begun) else 2):
            left = tmp_path / f"{number}-{seed}"
            left.mkdir()
            disk.cut(random.Random(f"{number} {seed}"), left)
            kept = len(waits(left / "badge" / "deep" / "outbox-b1.sqlite"))
            journal = Journal(left / "hub" / "data")  # also what was just being made can be opened
            assert kept == 1 or number < taken, (number, seed)
            assert journal.newest_room() is not None or number < begun, (number, seed)
            assert journal.damage is None
            journal.close()


def test_the_power_goes_while_a_damaged_journal_is_put_in_order(recorder: Path, tmp_path: Path) -> None:
    root, before, log = tmp_path / "root", tmp_path / "before", tmp_path / "record"
    filled(root, scans=30)
    with (root / FILE).open("r+b") as file:
        file.write(b"\xff" * 100)
    shutil.copytree(root, before)
    script = "import sys, pathlib; from hub.journal import Journal; assert Journal(pathlib.Path(sys.argv[1])).damage"
    env = {"LD_PRELOAD": str(recorder), "PAPERHOP_RECORD": str(log), "PAPERHOP_ROOT": str(root)}
    subprocess.run([sys.executable, "-c", script, str(root)], check=True, env={**os.environ, **env})
    disk = Disk(root, before)
    for number, event in enumerate(read(log)):
        disk.happen(event)
        for seed in range(3):
            left = tmp_path / f"{number}-{seed}"
            left.mkdir()
            disk.cut(random.Random(f"{number} {seed}"), left)
            journal = Journal(left)
            assert journal.last == 33, (number, seed)
            journal.close()


def test_the_power_goes_while_a_file_is_written_anew(recorder: Path, tmp_path: Path) -> None:
    """Class, phones, the teacher's PIN, snapshots: what was there before, or what is new, whole; once it is said to be
    written, what is new.
    """
    root, log = tmp_path / "root", tmp_path / "record"
    root.mkdir()
    script = """
import sys
from pathlib import Path
from hub.private import write_private
for number in range(4):
    write_private(Path(sys.argv[1]) / "kept.json", bytes([number]) * 3000)
    print('{"written": %d}' % number, flush=True)
"""
    env = {"LD_PRELOAD": str(recorder), "PAPERHOP_RECORD": str(log), "PAPERHOP_ROOT": str(root)}
    subprocess.run(
        [sys.executable, "-c", script, str(root)], check=True, env={**os.environ, **env}, stdout=subprocess.DEVNULL
    )
    disk, written = Disk(root), -1
    for number, event in enumerate(read(log)):
        disk.happen(event)
        written = max([written, *(told["written"] for told in event.told)])
        for seed in range(20):
            left = tmp_path / f"{number}-{seed}"
            left.mkdir()
            disk.cut(random.Random(f"{number} {seed}"), left)
            kept = left / "kept.json"
            octets = kept.read_bytes() if kept.exists() else b""
            whole = [bytes([each]) * 3000 for each in range(max(0, written), min(4, written + 2))]
            assert octets in whole or (written < 0 and not kept.exists()), (number, seed)
    assert written == 3
