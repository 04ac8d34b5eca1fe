"""Two programs of a badge: another one takes over whole or not at all, and one that does not start gives way.

The power is cut by `kill -9` after every step: what is written but not yet on the disk such a cut does not lose, so
that of this the order of what is synced is looked at.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import stat
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware.slots import SlotError, Slots, main, make_program, store
from hub.deploy import badge_list
from tests.conftest import NOBODY

ROOT = Path(__file__).parents[2]
CHOOSE = ROOT / "firmware/deploy/choose-slot.sh"
STEPS = ("cleared", "half", "made", "tried", "complete", "linked", "switched")


def make(slot: Path, wheels: Path) -> None:
    """A program that is a script, made file by file."""
    (slot / "bin").mkdir(parents=True)
    for wheel in sorted(wheels.glob("*.whl")):
        (slot / wheel.name).write_bytes(wheel.read_bytes())
    program = slot / "bin/paperhop"
    program.write_text(f"#!/bin/sh\ncat {slot}/*.whl\n")
    program.chmod(0o755)


def trial(slot: Path) -> None:
    if "bad" in starts(slot):
        raise SlotError("broken", "it cannot be loaded")


def starts(slot: Path) -> str:
    return subprocess.run([str(slot / "bin/paperhop")], capture_output=True, text=True, check=True).stdout


def running(folder: Path) -> str:
    """What starts when the badge is started now."""
    return starts(folder / "current")


def release(folder: Path, text: str) -> Path:
    wheels = folder / f"wheels-{text}"
    wheels.mkdir()
    (wheels / "paperhop.whl").write_text(text)
    (wheels / "zbar.whl").write_text("+")
    return wheels


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A badge that runs its first program."""
    place = tmp_path / "opt"
    place.mkdir()
    Slots(place, make=make, trial=trial).install(0, release(tmp_path, "old"))
    begin(place)
    return place


def choose(folder: Path, when: str, process: int | None = None) -> str:
    """Called with the mask of the badge's unit, and told the badge's process, as systemd tells it."""
    words = ["sh", str(CHOOSE), "--folder", str(folder), when]
    told = {} if process is None else {"MAINPID": str(process)}
    return subprocess.run(
        words, capture_output=True, text=True, check=True, umask=0o077, env={"PATH": os.environ["PATH"], **told}
    ).stderr


@contextlib.contextmanager
def playing(program: Path) -> Iterator[int]:
    """The process of a badge that was started from there: its Python leads the command line."""
    with subprocess.Popen(
        [str(program / "bin/python"), "-"], executable=shutil.which("cat"), stdin=subprocess.PIPE
    ) as badge:
        yield badge.pid


def begin(folder: Path) -> None:
    """The active program has begun."""
    active = Slots(folder).active
    assert active is not None
    with playing(active) as process:
        assert choose(folder, "good", process) == ""


def test_another_program_takes_over(folder: Path, tmp_path: Path) -> None:
    slots = Slots(folder, make=make, trial=trial)
    slots.install(3, release(tmp_path, "new"))
    assert running(folder) == "new+"
    assert slots.number() == 3
    assert starts(slots.spare) == "old+"


_CUT = """
import os, signal, sys
from pathlib import Path
from firmware.slots import Slots
from tests.firmware import test_slots
at, folder, wheels = sys.argv[1:]
def cut(name):
    if name == at:
        os.kill(os.getpid(), signal.SIGKILL)
def make(slot, wheels):
    (slot / "bin").mkdir(parents=True)
    (slot / "bin/paperhop").write_text("#!/bin/sh\\nexit 1\\n")
    cut("half")
    (slot / "bin/paperhop").unlink()
    (slot / "bin").rmdir()
    test_slots.make(slot, wheels)
Slots(Path(folder), cut, make, test_slots.trial).install(3, Path(wheels))
"""


@pytest.mark.parametrize("at", STEPS)
def test_a_power_cut_at_any_step_leaves_a_program_that_starts(folder: Path, tmp_path: Path, at: str) -> None:
    wheels = release(tmp_path, "new")
    died = subprocess.run([sys.executable, "-c", _CUT, at, str(folder), str(wheels)], cwd=ROOT, check=False)
    assert died.returncode == -signal.SIGKILL
    whole = "new+" if at == "switched" else "old+"
    assert running(folder) == whole
    choose(folder, "before")
    assert running(folder) == whole
    if at == "switched":
        begin(folder)
    Slots(folder, make=make, trial=trial).install(3, wheels)
    assert running(folder) == "new+"
    assert not (folder / "current.new").exists()


def test_every_step_is_cut(folder: Path, tmp_path: Path) -> None:
    seen: list[str] = []
    Slots(folder, seen.append, make, trial).install(3, release(tmp_path, "new"))
    assert {*seen, "half"} == set(STEPS)


def test_at_the_first_installation_half_a_program_is_never_run(tmp_path: Path) -> None:
    place = tmp_path / "opt"
    place.mkdir()
    wheels = release(tmp_path, "new")
    for at in STEPS[:-1]:
        subprocess.run([sys.executable, "-c", _CUT, at, str(place), str(wheels)], cwd=ROOT, check=False)
        assert not (place / "current").exists(), at
    Slots(place, make=make, trial=trial).install(0, wheels)
    assert running(place) == "new+"


def test_all_is_on_the_disk_before_it_counts(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        done.append(f"sync {Path(f'/proc/self/fd/{descriptor}').readlink().name}")
        fsync(descriptor)

    def replaced(self: Path, target: Path) -> Path:
        done.append(f"replace {self.name}")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "sync", lambda: done.append("sync all"))
    monkeypatch.setattr(Path, "replace", replaced)
    Slots(folder, make=make, trial=trial).install(3, release(tmp_path, "new"))
    order = ["sync number", "sync all", "sync complete", "sync b", "replace current.new", "sync opt"]
    assert [each for each in done if each in order and each != "sync b"] == [each for each in order if each != "sync b"]
    assert done.index("sync b", done.index("sync complete")) < done.index("replace current.new")


def test_a_program_that_cannot_be_loaded_never_takes_over(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(SlotError) as refused:
        Slots(folder, make=make, trial=trial).install(3, release(tmp_path, "bad"))
    assert refused.value.word == "broken"
    assert running(folder) == "old+"
    assert not Slots(folder).spare.exists(), "the room that it took is free again"


def test_a_full_disk_changes_nothing(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(slot: Path, wheels: Path) -> None:
        make(slot, wheels)
        raise OSError(28, "No space left on device")

    with pytest.raises(SlotError) as refused:
        Slots(folder, make=fill, trial=trial).install(3, release(tmp_path, "new"))
    assert refused.value.word == "no-room"
    assert running(folder) == "old+"
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(100, 96, 4))
    with pytest.raises(SlotError, match="are needed"):
        Slots(folder, make=make, trial=trial).install(3, tmp_path / "wheels-new")
    assert running(folder) == "old+"


def test_a_really_full_disk_changes_nothing(tmp_path: Path) -> None:
    """A disk of 1 MB, in memory, on which a program has no room."""
    small = tmp_path / "small"
    small.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(small)], check=False, capture_output=True
        ).returncode
    ):
        pytest.skip("no disk can be mounted here")
    try:
        Slots(small, make=make, trial=trial).install(0, release(tmp_path, "old"))
        begin(small)
        wheels = release(tmp_path, "new")

        def large(slot: Path, wheels: Path) -> None:
            make(slot, wheels)
            (slot / "more").write_bytes(bytes(2 * 10**6))

        with pytest.raises(SlotError) as refused:
            Slots(small, make=large, trial=trial).install(3, wheels)
        assert refused.value.word == "no-room"
        assert running(small) == "old+"
        assert shutil.disk_usage(small).free > 900_000
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_program_that_does_not_start_gives_way_to_the_one_that_did(folder: Path, tmp_path: Path) -> None:
    Slots(folder, make=make, trial=trial).install(3, release(tmp_path, "new"))
    for _ in range(3):
        assert choose(folder, "before") == ""
        assert running(folder) == "new+"
    assert "release 3 did not start; back to 0" in choose(folder, "before")
    assert running(folder) == "old+"
    assert Slots(folder).refused() == 3
    # However often that fails, there is nothing better.
    for _ in range(9):
        choose(folder, "before")
    assert running(folder) == "old+"


def test_who_plays_can_read_which_release_was_refused(folder: Path, tmp_path: Path) -> None:
    Slots(folder, make=make, trial=trial).install(3, release(tmp_path, "new"))
    for _ in range(4):
        choose(folder, "before")
    assert stat.S_IMODE((folder / "refused").stat().st_mode) == 0o644


def test_root_writes_nothing_where_the_user_of_updates_has_laid_links(passable: Path, tmp_path: Path) -> None:
    folder = passable / "opt"
    folder.mkdir()
    slots = Slots(folder, make=make, trial=trial)
    slots.install(0, release(tmp_path, "old"))
    begin(folder)
    slots.install(3, release(tmp_path, "new"))
    file, secret = passable / "file", passable / "secret"
    for path, text in ((file, "root's\n"), (secret, "7\n")):
        path.write_text(text)
        path.chmod(0o600)
    (folder / "slots/b/number").unlink()
    for link, target in (("refused.new", file), ("slots/b/tries.new", file), ("slots/b/number", secret)):
        (folder / link).symlink_to(target)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    said = "".join(choose(folder, "before") for _ in range(4))
    assert file.read_text() == "root's\n"
    assert "release 7" not in said
    assert running(folder) == "old+"
    assert (folder / "refused").stat().st_uid == (folder / "current").lstat().st_uid == NOBODY


def test_a_program_that_has_started_once_stays(folder: Path, tmp_path: Path) -> None:
    Slots(folder, make=make, trial=trial).install(3, release(tmp_path, "new"))
    choose(folder, "before")
    begin(folder)
    for _ in range(9):
        choose(folder, "before")
    assert running(folder) == "new+"


def test_an_update_that_comes_while_the_badge_begins_has_proved_nothing(folder: Path, tmp_path: Path) -> None:
    slots = Slots(folder, make=make, trial=trial)
    assert slots.active is not None
    with playing(slots.active) as process:
        slots.install(3, release(tmp_path, "new"))
        choose(folder, "good", process)
    assert not slots.settled
    begin(folder)
    assert slots.settled


def test_a_badge_that_runs_elsewhere_proves_nothing_of_a_slot(folder: Path, tmp_path: Path) -> None:
    slots = Slots(folder, make=make, trial=trial)
    slots.install(3, release(tmp_path, "new"))
    with playing(tmp_path / "slots/b") as process:
        assert choose(folder, "good", process) == ""
    assert choose(folder, "good", process) == "", "it has just ended"
    assert choose(folder, "good") == ""
    assert not slots.settled


def test_while_a_program_has_not_proved_itself_the_other_is_kept(folder: Path, tmp_path: Path) -> None:
    slots = Slots(folder, make=make, trial=trial)
    slots.install(3, release(tmp_path, "new"))
    with pytest.raises(SlotError) as refused:
        slots.install(4, release(tmp_path, "newer"))
    assert refused.value.word == "unsettled"
    assert starts(slots.spare) == "old+"


def test_the_first_program_is_tried_on_and_on(tmp_path: Path) -> None:
    place = tmp_path / "opt"
    place.mkdir()
    Slots(place, make=make, trial=trial).install(0, release(tmp_path, "old"))
    for _ in range(9):
        choose(place, "before")
    assert running(place) == "old+"


def test_without_a_program_there_is_nothing_to_choose(tmp_path: Path) -> None:
    assert choose(tmp_path, "before") == ""


def test_a_real_program_is_made_of_wheels_alone_and_sees_the_system(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    info = "paperhop-1.dist-info"
    with zipfile.ZipFile(wheels / "paperhop-1-py3-none-any.whl", "w") as wheel:
        says = "def main():\n    print(open('/proc/self/cmdline').read().split('\\0')[0])\n"
        wheel.writestr("paperhop.py", says)
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: paperhop\nVersion: 1\nProvides-Extra: badge\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/entry_points.txt", "[console_scripts]\npaperhop = paperhop:main\n")
        wheel.writestr(f"{info}/RECORD", "")
    slot = tmp_path / "slots/a"
    make_program(slot, wheels)
    (tmp_path / "current").symlink_to(slot)
    assert starts(tmp_path / "current").startswith(f"{slot}/bin/python"), "by which choose-slot knows it"
    assert "include-system-site-packages = true" in (slot / "pyvenv.cfg").read_text()


def test_wheels_that_are_no_program_are_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    with pytest.raises(SlotError, match="paperhop") as refused:
        make_program(tmp_path / "slot", tmp_path / "wheels")
    assert refused.value.word == "broken"


def test_a_badge_is_installed_from_what_a_bundle_names_for_its_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels = release(tmp_path, "new").rename(tmp_path / "wheels")
    (wheels / "flask.whl").touch()
    badge_list(tmp_path, f"{sys.version_info[0]}.{sys.version_info[1]}").write_text("paperhop.whl\nzbar.whl\n")
    monkeypatch.setattr(sys, "argv", ["slots", str(tmp_path / "opt"), str(wheels)])
    monkeypatch.setattr("firmware.slots.Slots", functools.partial(Slots, make=make, trial=trial))
    assert main() == 0
    assert running(tmp_path / "opt") == "new+"
    assert {path.name for path in store(tmp_path / "opt").iterdir()} == {"paperhop.whl", "zbar.whl"}


def test_it_needs_nothing_but_python(tmp_path: Path) -> None:
    """A badge is installed by it before anything else is there: from the wheel itself."""
    venv.create(tmp_path / "bare")
    archive = tmp_path / "paperhop.whl"
    with zipfile.ZipFile(archive, "w") as wheel:
        for name in ("__init__.py", "slots.py"):
            wheel.write(ROOT / "firmware" / name, f"firmware/{name}")
    done = subprocess.run(
        [str(tmp_path / "bare/bin/python"), "-m", "firmware.slots", str(tmp_path), str(tmp_path / "none")],
        env={"PYTHONPATH": str(archive), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "the program could not be installed" in done.stderr
