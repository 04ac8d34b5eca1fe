"""docs/troubleshooting.md quotes what the self-test and the teacher's page really say, and lights as they are.

A sentence is read from the program's source: what it puts into a sentence (a number, a name) stands for anything.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from firmware.results import State
from hub.messages import LightWord
from hub.messages.lights import PARTS, PATTERNS
from hub.texts import texts

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
CHECKS = [ROOT / "firmware" / f"{name}.py" for name in ("camera_check", "line_checks", "machine_checks", "pin_checks")]
MAKES = {state.name.lower(): state.value for state in State}
"""What each function of `firmware.results` makes."""


def tokens() -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(PAGE)


def quotes() -> Iterator[str]:
    for n, token in enumerate(tokens()):
        if token.type == "blockquote_open":
            yield " ".join(tokens()[n + 2].content.split())


def tables() -> Iterator[list[list[str]]]:
    """Rows of cells, heads first."""
    rows: list[list[str]] = []
    every = tokens()
    for n, token in enumerate(every):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in ("th_open", "td_open"):
            rows[-1].append(every[n + 1].content)
        elif token.type == "table_close":
            yield rows
            rows = []


def sentences() -> Iterator[tuple[str, str, str]]:
    """(state, pattern of the part, pattern of the sentence) of each result that a check can have."""
    for path in CHECKS:
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(function, ast.FunctionDef):
                continue
            named: dict[str, list[str]] = {}
            for node in ast.walk(function):
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    named.setdefault(node.targets[0].id, []).append(pattern(node.value, {}))
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKES:
                    part = pattern(node.args[0], {})
                    found = node.args[1]
                    said = named.get(found.id, [".+"]) if isinstance(found, ast.Name) else [pattern(found, named)]
                    yield from ((MAKES[node.func.id], part, each) for each in said)


def pattern(node: ast.expr, named: dict[str, list[str]]) -> str:
    """What a string in the source can be, as a regular expression."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(pattern(value, named) for value in node.values)
    if isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Name):
        return named.get(node.value.id, [".+"])[0]
    return ".+"


SAID = list(sentences())


def test_the_checks_were_understood() -> None:
    assert len(SAID) > 40
    assert ("WRONG", "camera", re.escape("it reads no card.")) in SAID


@pytest.mark.parametrize("quote", list(quotes()))
def test_the_program_says_so(quote: str) -> None:
    tested = re.fullmatch(r"\*\*(\w+)\*\* ([a-z ]+): (.+)", quote)
    if tested is None:
        assert any(re.fullmatch(each, quote) for each in on_the_page()), "the teacher's page never says this"
        return
    state, part, found = tested.groups()
    assert any(
        (state, True, True) == (one, bool(re.fullmatch(of, part)), bool(re.fullmatch(said, found)))
        for one, of, said in SAID
    ), "the self-test never says this"
    assert part in (*PARTS.values(), "clock", "memory card")


def on_the_page() -> Iterator[str]:
    for text in (text for key, text in texts().pages.items() if key.startswith(("preflight.", "teach.update-"))):
        pieces = re.split(r"(\{[^}]*\})", text)
        yield "".join(".+" if piece.startswith("{") else re.escape(piece) for piece in pieces)


def test_every_part_that_can_be_wrong_is_there_with_its_blinks() -> None:
    (table,) = [rows for rows in tables() if rows[0][0] == "blinks"]
    assert {int(blinks): part for blinks, part, _ in table[1:]} == PARTS


def test_lights_look_as_they_do() -> None:
    (table,) = [rows for rows in tables() if rows[0][:2] == ["light", "how it looks"]]
    shown = {LightWord(light): looks for light, looks, _ in table[1:]}
    assert shown == {light: PATTERNS[light].looks for light in shown}
    troubles = {LightWord.NO_BROKER, LightWord.NO_ANSWER, LightWord.STAND_BY, LightWord.UNREAD, LightWord.FAULT}
    assert troubles <= set(shown)
