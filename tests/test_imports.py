"""Imports point one way: firmware -> hub.messages -> cards, hub -> hub.simulator -> cards, and paperhop composes them.

Every import counts: at the top of a module, in a function, under TYPE_CHECKING, by `importlib.import_module("...")`.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("cards", "firmware", "hub", "paperhop")
OUTSIDE_WORLD = (
    *("asyncio", "datetime", "flask", "logging", "multiprocessing", "os", "paho", "pathlib", "random", "secrets"),
    *("selectors", "signal", "socket", "sqlite3", "subprocess", "threading", "time", "uuid"),
)
"""What would let a clock, luck, a file or a network into the simulator."""


NAMELESS = (
    *("hub.board", "hub.course", "hub.feed", "hub.journal", "hub.records", "hub.replay", "hub.room", "hub.running"),
    *("hub.broker", "hub.messages", "hub.simulator", "hub.view", "paperhop.capture"),
)
"""What is kept, told to everybody or handed on: nobody's name may get there."""


@dataclass(frozen=True)
class Rule:
    """Modules in `package` import of ours only `allowed`, of others' only `libraries`, and nothing `forbidden`.

    None allows any; Python's own library is free unless forbidden.
    """

    package: str
    reason: str
    allowed: tuple[str, ...] | None = None
    forbidden: tuple[str, ...] = ()
    libraries: tuple[str, ...] | None = None

    def broken_by(self, imported: str) -> bool:
        if _within(imported, self.forbidden):
            return True
        if _within(imported, OURS):
            return self.allowed is not None and not _within(imported, self.allowed)
        if imported.partition(".")[0] in sys.stdlib_module_names:
            return False
        return self.libraries is not None and not _within(imported, self.libraries)


RULES = (
    Rule("cards", "cards knows paper and nothing else of ours", allowed=("cards",)),
    Rule("firmware", "a badge knows of the hub only its messages", allowed=("firmware", "cards", "hub.messages")),
    Rule("firmware", "a badge installs without the hub's libraries", forbidden=("flask", "waitress", "yaml", "amqtt")),
    Rule("hub", "the hub runs without the badge and its libraries", forbidden=("firmware", "gpiozero", "cv2")),
    Rule("hub.messages", "badges carry the messages: they bring nothing else", allowed=("hub.messages", "cards")),
    Rule("hub.messages", "badges carry the messages: they need no further library", libraries=("msgspec", "paho")),
    Rule("hub.simulator", "the simulator is judged by events alone", allowed=("hub.simulator", "cards")),
    Rule("hub.simulator", "the simulator has no clock, no luck, no I/O", forbidden=OUTSIDE_WORLD),
    Rule("hub.simulator", "the simulator needs no library that could reach out", libraries=("immutables", "msgspec")),
    *(Rule(part, "it has no names of people", forbidden=("hub.roster", "hub.rosterfile")) for part in NAMELESS),
    *(Rule(part, "paperhop composes the parts: none knows it", forbidden=("paperhop",)) for part in OURS[:3]),
)


def _within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def imports(source: str, module: str, is_package: bool = False) -> Iterator[tuple[int, str]]:
    """(line, full name) of everything that a module's source imports; `from a import b` gives "a.b"."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = module.split(".")[: None if is_package and node.level == 1 else is_package - node.level]
                base = ".".join([*parents, *([base] if base else [])])
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("importlib.import_module", "import_module"):
            for argument in node.args[:1]:
                if isinstance(argument, ast.Constant):
                    yield node.lineno, str(argument.value)


def broken(source: str, module: str, path: str = "", is_package: bool = False) -> list[str]:
    """Every rule that a module breaks, as a sentence."""
    return [
        f"{path or module}:{line}: {module} imports {name}, but {rule.reason}"
        for line, name in imports(source, module, is_package)
        for rule in RULES
        if _within(module, (rule.package,)) and rule.broken_by(name)
    ]


def _modules() -> Iterator[tuple[Path, str]]:
    for part in OURS:
        for path in sorted((ROOT / part).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield path, ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_imports_point_one_way() -> None:
    sentences = [
        sentence
        for path, module in _modules()
        for sentence in broken(
            path.read_text(encoding="utf-8"), module, str(path.relative_to(ROOT)), path.name == "__init__.py"
        )
    ]
    assert not sentences, "\n".join(["", *sentences])


@pytest.mark.parametrize("part", OURS)
def test_every_part_is_read(part: str) -> None:
    assert any(module == part for _, module in _modules())


def test_the_wheel_has_these_packages_and_no_other() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert sorted(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == sorted(OURS)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("cards.reader", "import hub.messages"),
        ("cards.reader", "from firmware import steady"),
        ("cards.reader", "from paperhop.demo import run"),
        ("firmware.link", "from hub.broker import Edge"),
        ("firmware.link", "from hub import broker"),
        ("firmware.link", "import hub"),
        ("firmware.page", "def f() -> None:\n    from flask import Flask"),
        ("hub.messages.session", "from hub.broker import Edge"),
        ("hub.messages.session", "from ..journal import Journal"),
        ("hub.messages", "from ..journal import Journal"),
        ("hub.messages", "import flask"),
        ("hub.room", "import firmware.link"),
        ("hub.room", "import cv2"),
        ("hub.room", "from gpiozero import LED"),
        ("hub.room", "import paperhop"),
        ("hub.room", "import importlib\nimportlib.import_module('firmware.link')"),
        ("hub.simulator.tcp", "import time"),
        ("hub.simulator.tcp", "from datetime import datetime"),
        ("hub.simulator.tcp", "import os.path"),
        ("hub.simulator.tcp", "def f() -> None:\n    import random"),
        ("hub.simulator.tcp", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from paho.mqtt import client"),
        ("hub.simulator.tcp", "from hub.messages import Scan"),
        ("hub.simulator.tcp", "from ..messages import Scan"),
        ("hub.simulator.tcp", "import requests"),
        ("hub.simulator", "from .. import journal"),
    ],
)
def test_a_wrong_import_is_found(module: str, source: str) -> None:
    assert broken(source, module, is_package=module in ("hub.messages", "hub.simulator"))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("cards.reader", "import time, cv2, numpy\nfrom cards.packet import Packet"),
        ("firmware.link", "from hub.messages import Scan\nfrom hub import messages\nimport socket"),
        ("firmware.link", "from hub.messages.session import Deduplicator\nfrom cards import packet"),
        ("hub.messages", "import msgspec\nfrom cards.jsonform import WrittenJson\nfrom .session import Session"),
        ("hub.room", "from hub.simulator.referee import judge\nfrom . import journal\nimport flask, time"),
        ("hub.simulator.tcp", "from cards.packet import Flags\nfrom .reasons import Reason\nfrom hub import simulator"),
        ("paperhop.demo_command", "import hub.room\nfrom firmware.link import Link\nimport cards"),
        ("hub.hardware", "import paperhopper, firmwareless, cardsharp"),
    ],
)
def test_a_right_import_passes(module: str, source: str) -> None:
    assert broken(source, module, is_package=module == "hub.messages") == []


def test_the_sentence_says_where_and_why() -> None:
    assert broken("\nimport time", "hub.simulator.tcp", "hub/simulator/tcp.py") == [
        "hub/simulator/tcp.py:2: hub.simulator.tcp imports time, but the simulator has no clock, no luck, no I/O"
    ]


def test_the_process_that_judges_loads_nothing_for_pictures_and_paper() -> None:
    """They are for the pages, which are another process: here they would double the hub's memory."""
    program = (
        "import sys, hub.service; print(*sorted({'cv2', 'numpy', 'fpdf', 'zxingcpp', 'pyzbar'} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert loaded.stdout.split() == []
