"""One thing that `make hardware` makes: from which files, by which programs, into which files."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Tool:
    """A program that a step needs, or a library of Python's, by what is imported (`module`)."""

    name: str
    install: str
    """What to type where it is missing."""
    version: tuple[str, ...] = ()
    """The command that prints its version; empty: `name --version`."""
    module: bool = False

    def present(self) -> bool:
        """Whether it is here."""
        return find_spec(self.name) is not None if self.module else shutil.which(self.name) is not None

    def version_here(self) -> str:
        """Its version, as it tells it itself: the last word of its first line."""
        if self.module:
            # The package may have another name: PIL is from pillow.
            package, *_ = metadata.packages_distributions().get(self.name, [self.name])
            return metadata.version(package)
        command = self.version or (self.name, "--version")
        result = subprocess.run(command, capture_output=True, text=True, check=True)
        return (result.stdout + result.stderr).strip().splitlines()[0].split()[-1]


PILLOW = Tool("PIL", "pip install pillow", module=True)
"""What draws pictures."""


@dataclass(frozen=True)
class Step:
    """Makes `outputs` from `sources` with `tools`, and checks them; paths and patterns begin at the tree's root."""

    name: str
    does: str
    """In a few words, after the name."""
    sources: tuple[str, ...]
    outputs: tuple[str, ...]
    run: Callable[[], None]
    """Makes all outputs anew, byte for byte the same from the same sources, and raises `Finding` for what is wrong."""
    tools: tuple[Tool, ...] = ()

    def missing(self) -> list[Tool]:
        """The tools that are not here."""
        return [tool for tool in self.tools if not tool.present()]


class Finding(Exception):
    """What is wrong with something that was made, as a sentence."""


def digests(patterns: tuple[str, ...], root: Path = ROOT) -> dict[str, str]:
    """SHA-256 of every file that a pattern names, by its path from `root`, in order."""
    files = {path for pattern in patterns for path in root.glob(pattern) if path.is_file()}
    kept = sorted(path for path in files if "__pycache__" not in path.parts)
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in kept}
