"""Two places for the badge's program, of which one is active: another program is made in the other one, and takes over
only when it is whole and has been tried. Whatever is cut off on the way leaves the active one as it is.

Python's own library alone: a badge is installed by this module before anything else is there
(`python3 -m firmware.slots FOLDER WHEELS`).
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

FOLDER = Path("/opt/paperhop")
CURRENT = "current"
_NAMES = ("slots/a", "slots/b")
_COMPLETE, _GOOD, _NUMBER, _REFUSED = "complete", "good", "number", "refused"
"""Files of a slot: it is whole; it has begun and seen frames (firmware/deploy/choose-slot.sh); which release it is. And
beside the slots: the release that did not start.
"""
_GROWS = 4
"""Octets of disk that an octet of a wheel takes, unpacked and compiled."""
_WITHIN = 1800.0
"""Seconds that a step of the installation may take on a slow card."""


class SlotError(Exception):
    """A program could not be made; word: why, as in `BadgeStatus.update`; the text says it to people."""

    def __init__(self, word: str, text: str) -> None:
        super().__init__(text)
        self.word = word


def make_program(slot: Path, wheels: Path) -> None:
    """A virtual environment with the badge's program from a folder of wheels. It sees the system's packages: camera and
    pins come from there.
    """
    _run(sys.executable, "-m", "venv", "--system-site-packages", str(slot))
    pip = [str(slot / "bin/python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-cache-dir"]
    _run(*pip, "--no-index", "--find-links", str(wheels), "paperhop[badge]")


def try_program(slot: Path) -> None:
    """Have it import all that a badge needs."""
    _run(str(slot / "bin/paperhop"), "badge", "selftest", "--imports")


class Slots:
    """The slots below a folder. step: told each step that is done, for tests that cut the power there.

    make, trial: how a program is made and tried.
    """

    def __init__(
        self,
        folder: Path = FOLDER,
        step: Callable[[str], None] = lambda name: None,
        make: Callable[[Path, Path], None] = make_program,
        trial: Callable[[Path], None] = try_program,
    ) -> None:
        self.folder = folder
        self.step, self._make, self._try = step, make, trial

    @property
    def active(self) -> Path | None:
        """The slot that is started; None before the first installation."""
        link = self.folder / CURRENT
        return self.folder / link.readlink() if link.is_symlink() else None

    @property
    def spare(self) -> Path:
        """The other one."""
        one, other = (self.folder / name for name in _NAMES)
        return other if self.active == one else one

    @property
    def settled(self) -> bool:
        """Whether the active program has begun once, and so is worth to be fallen back to."""
        return self.active is None or (self.active / _GOOD).exists()

    def number(self) -> int:
        """Which release is active; 0: that of the first installation."""
        return number_of(self.active) if self.active else 0

    def refused(self) -> int:
        """The newest release that was fallen back from, because it did not start; 0: none."""
        return _read_number(self.folder / _REFUSED)

    def install(self, number: int, wheels: Path) -> None:
        """Make a release in the spare slot, try it, and only then make it the active one. SlotError: nothing has
        changed but the spare slot.
        """
        if not self.settled:
            raise SlotError("unsettled", "the program that runs has not proved itself yet")
        spare = self.spare
        try:
            self._clear(spare)
            self._room(wheels)
            self.step("cleared")
            self._make(spare, wheels)
            self.step("made")
            self._try(spare)
            self.step("tried")
            _write(spare / _NUMBER, f"{number}\n")
            os.sync()
            _write(spare / _COMPLETE, "")
        except SlotError:
            self._clear(spare)
            raise
        except OSError as error:
            with contextlib.suppress(OSError):
                self._clear(spare)
            raise SlotError("no-room" if error.errno == errno.ENOSPC else "broken", str(error)) from None
        self.step("complete")
        self._switch(spare)
        self.step("switched")

    def _clear(self, slot: Path) -> None:
        (slot / _COMPLETE).unlink(missing_ok=True)
        if slot.exists():
            _sync(slot)
            shutil.rmtree(slot)
        slot.parent.mkdir(parents=True, exist_ok=True)

    def _room(self, wheels: Path) -> None:
        needed = _GROWS * sum(path.stat().st_size for path in wheels.glob("*.whl"))
        free = shutil.disk_usage(self.folder).free
        if free < needed:
            raise SlotError("no-room", f"{needed // 10**6} MB are needed for another program, {free // 10**6} are free")

    def _switch(self, slot: Path) -> None:
        new = self.folder / f"{CURRENT}.new"
        new.unlink(missing_ok=True)
        new.symlink_to(slot.relative_to(self.folder))
        self.step("linked")
        new.replace(self.folder / CURRENT)
        _sync(self.folder)


def _run(*words: str) -> None:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    environment.pop("PYTHONPATH", None)
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, errors="replace", timeout=_WITHIN, check=False, env=environment
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SlotError("broken", f"{words[0]}: {error}") from None
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip())[-500:]
        raise SlotError("no-room" if "No space left" in said else "broken", f"{' '.join(words[:3])}: {said}")


def _write(path: Path, text: str) -> None:
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def store(folder: Path) -> Path:
    """Where the parts of the newest release are kept, so that only what changes is fetched for the next."""
    return folder / "wheels"


def is_whole(slot: Path) -> bool:
    """Whether a slot has all of its program."""
    return (slot / _COMPLETE).exists()


def number_of(slot: Path) -> int:
    """Which release a slot has."""
    return _read_number(slot / _NUMBER)


def _read_number(path: Path) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0


def main() -> int:
    """Install the wheels of a bundle: 0 done, 1 it could not be done."""
    folder, wheels = map(Path, sys.argv[1:])
    kept = store(folder)
    try:
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        for name in (wheels / f"badge-{sys.version_info[0]}.{sys.version_info[1]}.txt").read_text().split():
            shutil.copyfile(wheels / name, kept / name)
        Slots(folder).install(0, kept)
    except (OSError, SlotError) as error:
        print(f"paperhop: the program could not be installed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
