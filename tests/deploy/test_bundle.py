"""What `make bundle` gathers, with an apt, a pip and a dpkg that are recorded: the real ones take the internet."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from hub.deploy import PYTHONS, files

ROOT = Path(__file__).parents[2]
DEB = "zbar_2%3a1_arm64.deb"
"""As apt names a package with an epoch."""


class Gathering:
    """A copy of what is gathered from, and of the script that does it."""

    def __init__(self, folder: Path) -> None:
        self.log, self.out = folder / "commands", folder / "out"
        self._copy = folder / "copy"
        for name in ("tools/bundle.sh", "hub/deploy", "firmware/deploy"):
            (self._copy / name).parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, self._copy / name)
        self._stub("copy/.venv/bin/python")
        self._stub("stubs/dpkg-deb", "echo Package: libzbar0")
        got = 'case $word in Dir::Cache::Archives=*) touch "${word#*=}/' + DEB + '" ;; esac'
        self._stub("stubs/apt-get", f'for word in "$@"; do {got}; done')

    def _stub(self, name: str, body: str = "") -> None:
        path = self.log.parent / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'#!/bin/sh\necho "{path.name} $*" >>"{self.log}"\n{body}\n')
        path.chmod(0o755)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [shutil.which("dash") or "sh", str(self._copy / "tools/bundle.sh"), str(self.out), *words],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={"PATH": f"{self.log.parent}/stubs:{os.environ['PATH']}", "MIRROR": "http://mirror.invalid"},
        )

    def asked(self, command: str) -> list[str]:
        """The last words of each call of a command."""
        lines = [line for line in self.log.read_text().splitlines() if f" {command} " in f" {line} "]
        return [line.rpartition(f" {command} ")[2] for line in lines]


@pytest.fixture
def gathering(tmp_path: Path) -> Gathering:
    return Gathering(tmp_path)


@pytest.mark.parametrize("script", [files().parent / "install.sh", ROOT / "firmware/deploy/install-badge.sh"])
def test_what_an_installer_takes_from_debian_is_gathered_for_both_systems(gathering: Gathering, script: Path) -> None:
    assert gathering.run().returncode == 0
    said = subprocess.run(
        ["sh", str(gathering.out / script.name), "--only", "packages", "--dry-run"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    (wanted,) = re.findall(r"would run: env .*apt-get .* install (.*)", said.stdout)
    assert "python3-venv overlayroot" in wanted
    gathered = gathering.asked("--no-install-recommends")
    assert len(gathered) == len(PYTHONS)
    for words in gathered:
        assert set(wanted.split()) <= set(words.split())


def test_apt_finds_what_was_gathered(gathering: Gathering) -> None:
    assert gathering.run().returncode == 0
    assert {path.name for path in (gathering.out / "debs").iterdir()} == set(PYTHONS)
    for release in PYTHONS:
        debs = gathering.out / "debs" / release
        (named,) = re.findall(r"^Filename: \./(.*)$", (debs / "Packages").read_text(), re.MULTILINE)
        assert named == "zbar_2.1_arm64.deb", "apt takes a % for the beginning of an escape"
        assert (debs / named).is_file()


def test_every_python_that_badges_have_gets_its_wheels(gathering: Gathering) -> None:
    assert gathering.run("--no-debs").returncode == 0
    assert gathering.asked("tools/wheels.py") == [f"{gathering.out}/wheels {python}" for python in PYTHONS.values()]


def test_an_option_that_there_is_not_is_refused_before_anything_is_done(gathering: Gathering) -> None:
    said = gathering.run("--debs")
    assert said.returncode == 2
    assert "--debs is no option" in said.stderr
    assert not gathering.out.exists()
