"""What was made under hardware/ is what its sources say now; a file that is not is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware import manifest
from hardware.__main__ import STEPS, main
from hardware.steps import Step, Tool


def test_everything_that_was_made_is_up_to_date() -> None:
    assert manifest.stale(STEPS, manifest.read()) == []


@pytest.fixture
def step(tmp_path: Path) -> Step:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "board.txt").write_text("a board")
    (tmp_path / "out.txt").write_text("made of a board")
    return Step("board", "for a test", ("in/*",), ("out*.txt",), lambda: None)


@pytest.fixture
def made(tmp_path: Path, step: Step) -> dict[str, dict[str, dict[str, str]]]:
    return {"board": manifest.entry(step, tmp_path)}


def test_what_is_as_it_was_made_is_not_stale(
    tmp_path: Path, step: Step, made: dict[str, dict[str, dict[str, str]]]
) -> None:
    assert manifest.stale([step], made, tmp_path) == []


@pytest.mark.parametrize(
    ("path", "text", "sentence"),
    [
        ("in/board.txt", "another board", "board: in/board.txt is not what the manifest says"),
        ("in/hole.txt", "a hole", "board: in/hole.txt is not in the manifest"),
        ("out.txt", "filed by hand", "board: out.txt is not what the manifest says"),
        ("out.txt", None, "board: out.txt is gone"),
    ],
)
def test_what_changed_is_named(
    tmp_path: Path, step: Step, made: dict[str, dict[str, dict[str, str]]], path: str, text: str | None, sentence: str
) -> None:
    if text is None:
        (tmp_path / path).unlink()
    else:
        (tmp_path / path).write_text(text)
    assert manifest.stale([step], made, tmp_path) == [sentence]


def test_a_step_that_never_ran_and_one_that_is_no_more(tmp_path: Path, step: Step) -> None:
    assert manifest.stale([step], {}, tmp_path) == ["board: never made"]
    assert manifest.stale([], {"case": {"tools": {}, "sources": {}, "outputs": {}}}, tmp_path) == ["case: no such step"]


def test_a_tool_that_is_missing_is_told() -> None:
    step = Step("x", "y", (), (), lambda: None, (Tool("no-such-program", "ask"), Tool("sys", "", module=True)))
    assert [tool.name for tool in step.missing()] == ["no-such-program"]


def test_a_check_says_so_when_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0
    assert capsys.readouterr().out == "All is up to date.\n"
