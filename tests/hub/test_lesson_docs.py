"""docs/lessons.md: every example on it is a lesson, or a part or a script of its first one, and plays as it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub.checking import Weight, check
from hub.journal import Journal
from hub.lessons import Lesson, Script, from_text, load_scripts, variant
from hub.lessons.schema import StepFile, VariantFile
from hub.scripted import ScriptedRoom, play, play_alone
from hub.simulator.turns import CODES
from hub.simulator.verdicts import Verdict

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "lessons.md").read_text("utf-8")
WHOLE, *PARTS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
BY_LINE = {PAGE[: PAGE.index(block)].count("\n") + 1: block for block in PARTS}
SINGLE = {line: block for line, block in BY_LINE.items() if re.search(r"^steps:", block, re.MULTILINE)}


def lesson_with(block: str) -> Lesson:
    """The first example with these parts in the place of its own; another network has other goals and scripts."""
    data: dict[str, Any] = yaml.load(WHOLE, Loader=yaml.BaseLoader)
    part: dict[str, Any] = yaml.load(block, Loader=yaml.BaseLoader)
    if "nodes" in part:
        data |= {"goals": [], "scripts": []}
    return from_text(yaml.safe_dump(data | part, sort_keys=False), "hello")


def plays_as_it_says(lesson: Lesson, scripts: tuple[Script, ...], folder: Path) -> None:
    for script in scripts:
        for outcome in play(Journal(folder / script.id), variant(lesson, script.variant), script):
            assert outcome.wrong is None, f"{script.id}, step {outcome.number}: {outcome.wrong}"


def test_the_first_example_is_a_good_lesson(tmp_path: Path) -> None:
    lesson = from_text(WHOLE, "hello")
    assert check(lesson) == ()
    assert lesson.scripts
    plays_as_it_says(lesson, lesson.scripts, tmp_path)
    for name in (None, *lesson.variants):
        hand = ScriptedRoom(Journal(tmp_path / str(name)), variant(lesson, name))
        list(play_alone(hand))
        assert hand.room.done


@pytest.mark.parametrize("block", [pytest.param(BY_LINE[n], id=f"line-{n}") for n in BY_LINE if n not in SINGLE])
def test_a_part_fits_the_first_example(block: str, tmp_path: Path) -> None:
    lesson = lesson_with(block)
    plays_as_it_says(lesson, lesson.scripts, tmp_path)
    assert [str(each) for each in check(lesson) if each.weight is Weight.ERROR] == []


@pytest.mark.parametrize("block", [pytest.param(block, id=f"line-{n}") for n, block in SINGLE.items()])
def test_a_script_of_its_own_plays(block: str, tmp_path: Path) -> None:
    path = tmp_path / "script.yaml"
    path.write_text(block, "utf-8")
    lesson = from_text(WHOLE, "hello")
    plays_as_it_says(lesson, load_scripts(path, lesson), tmp_path)


def test_every_block_is_run() -> None:
    assert PAGE.count("```yaml") == 1 + len(BY_LINE)
    assert SINGLE


def test_every_kind_of_step_is_in_the_table() -> None:
    beside = {"at", "by", "via", "ttl", "expect", "reason", "charged", "routes", "is"}
    for name in set(StepFile.__struct_encode_fields__) - beside:
        assert re.search(rf"^\|.*`{{{name}: ", PAGE, re.MULTILINE), name
    for name in beside:
        assert re.search(rf"[`{{ ]{name}\b", PAGE), name


def test_verdicts_turns_and_variants_are_named() -> None:
    for word in (*(verdict.value for verdict in Verdict), *CODES, *VariantFile.__struct_encode_fields__):
        assert f"`{word}`" in PAGE, word
