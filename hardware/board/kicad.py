"""KiCad's programs, run in a folder of their own where they may leave what they like."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hardware.steps import ROOT, Finding, Tool

PROJECT = ROOT / "hardware" / "board" / "kicad"
"""Where the project is kept."""
_LIBRARIES = {
    "KICAD9_SYMBOL_DIR": "/usr/share/kicad/symbols",
    "KICAD9_FOOTPRINT_DIR": "/usr/share/kicad/footprints",
    "KICAD9_3DMODEL_DIR": "/usr/share/kicad/3dmodels",
}
"""Where its libraries are, unless the environment says otherwise."""
_PYTHON = "/usr/bin/python3"
"""The Python that KiCad's packages bring pcbnew for."""


@dataclass(frozen=True)
class Pcbnew(Tool):
    """KiCad's library for boards, in the system's Python."""

    def present(self) -> bool:
        """Whether that Python has it."""
        return (
            shutil.which(self.version[0]) is not None
            and subprocess.run(self.version, capture_output=True).returncode == 0
        )


@dataclass(frozen=True)
class Library(Tool):
    """One of KiCad's libraries; `name` is the variable that says where it is."""

    def present(self) -> bool:
        """Whether it is there."""
        return self.folder().is_dir()

    def version_here(self) -> str:
        """KiCad's: the libraries tell none of their own."""
        return KICAD.version_here()

    def folder(self) -> Path:
        """Where it should be."""
        return Path(environment()[self.name])


_INSTALL = "KiCad 9, https://www.kicad.org/download; on Debian 12 from bookworm-backports: apt-get install"
KICAD = Tool("kicad-cli", f"{_INSTALL} kicad", ("kicad-cli", "version"))
PCBNEW = Pcbnew("pcbnew", f"{_INSTALL} kicad", (_PYTHON, "-c", "import pcbnew; print(pcbnew.Version())"))
SYMBOLS = Library("KICAD9_SYMBOL_DIR", f"{_INSTALL} kicad-symbols")
FOOTPRINTS = Library("KICAD9_FOOTPRINT_DIR", f"{_INSTALL} kicad-footprints")
MODELS = Library("KICAD9_3DMODEL_DIR", f"{_INSTALL} kicad-packages3d (4.7 GB)")


def environment() -> dict[str, str]:
    """Of KiCad's programs."""
    return _LIBRARIES | os.environ | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}


@contextmanager
def workspace() -> Iterator[Path]:
    """A copy of the project that may be worked in; what is to be kept is copied back."""
    with tempfile.TemporaryDirectory(prefix="badge-") as folder:
        copy = Path(folder) / "badge"
        shutil.copytree(PROJECT, copy)
        yield copy


def cli(folder: Path, *arguments: str) -> None:
    """Run `kicad-cli` there. Finding: it fails."""
    _run(folder, "kicad-cli", *arguments)


def python(module: str, *arguments: str) -> None:
    """Run a module of ours by the Python that has pcbnew. Finding: it fails."""
    _run(ROOT, _PYTHON, "-B", "-m", module, *arguments)


def violations(folder: Path, report: str, *arguments: str) -> str | None:
    """What a check of KiCad's finds, from the report that it writes; None when it finds nothing."""
    result = _result(folder, "kicad-cli", *arguments, "--exit-code-violations", "--output", report)
    if result.returncode == 0:
        return None
    path = folder / report
    return path.read_text(encoding="utf-8") if path.exists() else result.stdout + result.stderr


def _result(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True)


def _run(folder: Path, *command: str) -> None:
    result = _result(folder, *command)
    if result.returncode != 0:
        said = (result.stdout + result.stderr).strip()
        raise Finding(f"{' '.join(command[:5])} ended with {result.returncode}: {said}")
