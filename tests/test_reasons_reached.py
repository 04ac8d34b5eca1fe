"""Every reason of the catalogue is reached by a test: asserted by its name, or expected by a step of a lesson's script.

What counts is a string in an `assert`, in a table of `parametrize` or in a table at the top of a module; a step of a
script counts, as tests/hub/test_lesson_scripts.py plays it. A reason that is only mentioned elsewhere does not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from hub.lessons import ids, load
from hub.lessons.lesson import ScanStep
from hub.simulator.reasons import REASONS

TESTS = Path(__file__).parent


def asserted(source: str) -> Iterator[str]:
    """The strings that a test module asserts, or has in its tables of cases."""
    tree = ast.parse(source)
    places: list[ast.AST] = [node for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            places += [call for call in node.decorator_list if "parametrize" in ast.unparse(call)]
    places += [node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)]
    for place in places:
        for node in ast.walk(place):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def expected_by_scripts() -> set[str]:
    steps = (step for id in ids() for script in load(id).scripts for step in script.steps)
    return {step.reason for step in steps if isinstance(step, ScanStep) and step.reason is not None}


def test_every_reason_is_reached() -> None:
    modules = [path for path in TESTS.rglob("test_*.py") if path != Path(__file__)]
    reached = {text for path in modules for text in asserted(path.read_text("utf-8"))} | expected_by_scripts()
    assert sorted(set(REASONS) - reached) == []


def test_the_search_finds_what_is_asserted_and_nothing_else() -> None:
    source = "\n".join(
        (
            '@pytest.mark.parametrize("a", ["t"])',
            "def f():",
            '    "doc"',
            '    x = "not"',
            '    assert g("y") == "z", "w"',
            'CASES = ["c"]',
        )
    )
    assert set(asserted(source)) >= {"y", "z", "t", "c"}
    assert not {"doc", "not"} & set(asserted(source))
