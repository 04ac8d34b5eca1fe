"""The `paperhop` command itself: how it ends when somebody has had enough."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cards.drawing import png
from cards.notation import EXAMPLE, parse_packet
from cards.qrtext import CardId, PrintedCard
from paperhop.__main__ import main

WITHIN = 60


_INTERRUPTED_IN = """
import importlib, signal, sys, types
from paperhop.__main__ import main

signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored, where these tests run in the background

def interrupted(*_):
    signal.raise_signal(signal.SIGINT)

def loaded(name):
    command = types.ModuleType(name)
    command.add = lambda parser: parser.set_defaults(run=interrupted)
    return command

importlib.import_module = {moment}
sys.exit(main(["demo"]))
"""


@pytest.mark.parametrize("moment", ["interrupted", "loaded"])
def test_ctrl_c_ends_a_command_quietly_while_it_is_loaded_and_later(moment: str) -> None:
    words = [sys.executable, "-c", _INTERRUPTED_IN.format(moment=moment)]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=WITHIN, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


@pytest.mark.parametrize(
    ("words", "usage"),
    [
        (["demo", "more"], "usage: paperhop demo "),
        (["cards", "print", "more", "--out", "x.pdf"], "usage: paperhop cards print "),
    ],
)
def test_a_word_too_many_is_answered_with_the_usage_of_its_command(
    words: list[str], usage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith(usage)
    assert said.endswith("error: unrecognized arguments: more\n")


@pytest.mark.parametrize("command", ["cards read card.png", "demo --once"])
def test_nobody_reads_on(command: str, tmp_path: Path) -> None:
    (tmp_path / "card.png").write_bytes(png(PrintedCard(CardId("T", 1), parse_packet(EXAMPLE)), dpi=150))
    words = [sys.executable, "-m", "paperhop", *command.split()]
    running = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()
    assert running.wait(WITHIN) == 141
    assert running.stderr.read() == ""
    running.stderr.close()
