"""A step names as its sources every file that it is made from: what it leaves out may change, and nobody makes it anew.

Followed are a step's function, the modules that it uses and what these import, and the files that they name at their
top.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import pytest

from hardware.__main__ import STEPS
from hardware.steps import ROOT, Step, digests
from tests.test_imports import OURS, imports

RUNS_THEM = {"hardware/steps.py"}
"""It runs all steps, and makes nothing."""
OF_PACKETS = {f"cards/{name}.py" for name in ("datagram", "notation", "packet", "payload", "seqnum")}
"""They say what packets are and how they are written; what a card looks like in a picture, others say."""
OTHER_CARDS = {f"cards/{name}.py" for name in ("commandcard", "forms", "pencard")}
"""They come with the drawing of cards; no picture has such a card."""
LEFT_OUT = RUNS_THEM | OF_PACKETS | OTHER_CARDS
ENDS = {"firmware/frames.py"}
"""It is read for the size of a picture, which it says itself: what it imports does not matter."""
UNREAD = {"schematic": {"hardware/board/kicad/badge.kicad_pcb"}}
"""By step, what is named in a module that it has for something else: a schematic's checks stand beside a board's."""


def test_every_file_that_a_step_reads_is_a_source(step: Step) -> None:
    assert unnamed(step) == set()


def test_a_source_that_is_not_named_is_found() -> None:
    steps = {step.name: step for step in STEPS}
    bare = unnamed(replace(steps["power"], sources=("hardware/power/*.py",)))
    assert bare == {"hardware/power.toml", "hardware/pages.py", "hardware/wiring.csv", "hardware/wiring.py"}
    assert "cards/typeface.py" in unnamed(replace(steps["breadboard"], sources=())), "not of hardware"
    assert "hardware/board/layout.py" in unnamed(replace(steps["board"], sources=())), "it is run by name"
    assert "hardware/case/sheets.py" not in unnamed(replace(steps["case-print"], sources=())), "another step's"


def test_nothing_is_left_out_that_no_step_reads() -> None:
    read = {path for step in STEPS for path in files(step)}
    assert read >= LEFT_OUT | ENDS
    assert all(UNREAD[step.name] <= files(step) for step in STEPS if step.name in UNREAD)


@pytest.fixture(params=STEPS, ids=lambda step: step.name)
def step(request: pytest.FixtureRequest) -> Step:
    found: Step = request.param
    return found


def unnamed(step: Step) -> set[str]:
    """What it reads, and has not among its sources."""
    named = digests(step.sources).keys() | digests(step.outputs).keys()
    return files(step) - named - LEFT_OUT - UNREAD.get(step.name, set())


def files(step: Step) -> set[str]:
    """Modules and data, from the tree's root."""
    found: set[str] = set()
    waiting = list(_used(step.run))
    while waiting:
        module = _module(waiting.pop())
        if module is None or _path(module) in found:
            continue
        path = _path(module)
        found.add(path)
        if path not in LEFT_OUT | ENDS and not _has_steps(module):
            waiting += [name for _, name in imports((ROOT / path).read_text(encoding="utf-8"), module)]
            found |= set(_data(module))
    return found


def _used(value: object) -> Iterator[str]:
    """The modules of what a step's function uses, and its own: a module of steps imports what its other steps use."""
    if isinstance(value, FunctionType):
        yield value.__module__
        if _has_steps(value.__module__):
            yield from _used_by(value.__code__, value.__globals__)
    elif isinstance(value, ModuleType):
        yield value.__name__
    elif isinstance(value, type):
        yield value.__module__


def _used_by(code: CodeType, names: Mapping[str, object]) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname == "LOAD_GLOBAL":
            yield from _used(names.get(instruction.argval))
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _used_by(constant, names)
        elif isinstance(constant, str):
            # A module that another Python runs is told to it by its name.
            yield constant


def _has_steps(module: str) -> bool:
    return module.endswith(".steps")


def _module(name: str) -> str | None:
    """The module of ours that this is, or in which this is."""
    if name.partition(".")[0] not in ("hardware", *OURS):
        return None
    return next((module for module in (name, name.rpartition(".")[0]) if (ROOT / _path(module)).is_file()), None)


def _path(module: str) -> str:
    return f"{module.replace('.', '/')}.py"


def _data(module: str) -> Iterator[str]:
    """Files that it names at its top, save pages, which are written. What KiCad's Python alone imports is not asked."""
    for value in vars(sys.modules.get(module, ModuleType(module))).values():
        if isinstance(value, Path) and value.is_file() and value.is_relative_to(ROOT):
            path = value.relative_to(ROOT)
            if path.parts[0] != "docs":
                yield str(path)
