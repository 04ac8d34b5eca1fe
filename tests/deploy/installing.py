"""A folder that stands for a system, with commands that are recorded and not run; and what is installed on it."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Sequence
from pathlib import Path


class System:
    """Below `root` lie its files, and in root/stubs its commands."""

    def __init__(self, folder: Path, commands: Sequence[str], fstab: str, cmdline: str) -> None:
        self.root, self.log = folder / "root", folder / "commands"
        for name in ("stubs", "etc", "boot/firmware"):
            (self.root / name).mkdir(parents=True)
        (self.root / "etc/fstab").write_text(fstab)
        (self.root / "boot/firmware/cmdline.txt").write_text(cmdline)
        self.log.touch()
        for name in commands:
            self.stub(name)

    def stub(self, name: str, body: str = "") -> None:
        """This command is recorded, and does what these words of a shell do."""
        path = self.root / "stubs" / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>"{self.log}"\n{body}\n')
        path.chmod(0o755)

    def commands(self, name: str) -> list[str]:
        """The words of each call of a command."""
        lines = self.log.read_text().splitlines()
        return [line.partition(" ")[2] for line in lines if line.partition(" ")[0] == name]

    def text(self, name: str) -> str:
        """What is in a file."""
        return (self.root / name).read_text()

    def there(self) -> dict[str, tuple[int, bytes]]:
        """Mode and octets of all files."""
        found = (path for path in self.root.rglob("*") if path.is_file() and "stubs" not in path.parts)
        return {
            f"/{path.relative_to(self.root)}": (stat.S_IMODE(path.stat().st_mode), path.read_bytes()) for path in found
        }


class Installation(System):
    """A system of this release, and a stick: scripts, of which the first is the installer, a program, and packages for
    trixie.
    """

    def __init__(
        self, folder: Path, stick: Path, scripts: Sequence[Path], commands: Sequence[str], release: str = "trixie"
    ) -> None:
        super().__init__(
            folder,
            commands,
            fstab="PARTUUID=1-01  /boot/firmware  vfat  defaults  0  2\n",
            cmdline="root=PARTUUID=1-02 rootwait\n",
        )
        self.stub("getent", "false")
        (self.root / "etc/os-release").write_text(f"ID=debian\nVERSION_CODENAME={release}\n")
        self.stick = stick
        (stick / "wheels").mkdir(parents=True)
        (stick / "wheels/paperhop-0.1.0-py3-none-any.whl").write_bytes(b"wheel")
        (stick / "debs/trixie").mkdir(parents=True)
        (stick / "debs/trixie/Packages").touch()
        self._installer = stick / scripts[0].name
        for script in scripts:
            shutil.copy(script, stick)

    def install(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the installer; of commands only those of this time are recorded."""
        self.log.write_text("")
        return subprocess.run(
            [shutil.which("dash") or "sh", str(self._installer), "--root", str(self.root), *words],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"},
        )
