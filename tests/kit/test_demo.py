"""`paperhop demo`: one round of the lesson with every real part, checked from outside; and its end by Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from cards.jsonform import WrittenJson
from firmware.patterns import Shown
from hub import messages
from hub.lessons import load
from hub.messages import Answer, LightWord
from hub.scripted import is_for
from hub.simulator.verdicts import Verdict
from paperhop.__main__ import main
from paperhop.rehearsal import HandStep, Outcome, for_the_demo

WITHIN = 90
ENDS_WITHIN = 2.5
"""Seconds from Ctrl-C to the end: less than a light takes, which is what one would wait for otherwise."""


def demo(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "paperhop", "demo", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=WITHIN, check=False)


def test_one_round_shows_every_light_and_is_as_the_lesson_expects() -> None:
    ended = demo("--once", "--json")
    assert (ended.returncode, ended.stderr) == (0, "")
    *scans, last = [json.loads(line) for line in ended.stdout.splitlines()]
    steps = [step for script in for_the_demo(load("handshake")) for step in script.steps]
    assert [(scan["node"], scan["verdict"], scan["reason"]) for scan in scans] == [
        (step.node, step.verdict.value, step.reason) for step in steps
    ]
    for scan in scans:
        assert scan["light"] == scan["verdict"], "the mock pins showed what the hub said"
        assert scan["sentence"]
        assert scan["frame_to_light_ms"] > 0
        assert scan["packet"]["text"].startswith(scan["packet"]["src"])
    assert {scan["light"] for scan in scans} == {"sent", "forwarded", "delivered", "rst", "dropped", "stopped"}
    assert last["summary"]["scans"] == last["summary"]["as_expected"] == len(steps)


@pytest.mark.parametrize("lesson", ["handshake:basic", "handshake:complex"])
def test_of_a_variant_is_shown_what_comes_out_there(lesson: str) -> None:
    itself, variant = load(lesson.partition(":")[0]), load(lesson)
    shown = {script.id for script in for_the_demo(variant)}
    assert shown
    own = {script.id for script in variant.scripts if script.variant is not None}
    assert shown <= {script.id for script in for_the_demo(itself)} | own, (
        "what is marked for the demo, and what is its own"
    )
    assert all(is_for(variant, script) for script in variant.scripts if script.id in shown)


def test_a_round_that_is_not_as_its_lesson_says_fails(tmp_path: Path) -> None:
    lesson = tmp_path / "wrong.yaml"
    source = load("handshake").source.replace("at: client, expect: sent", "at: client, expect: dropped", 1)
    lesson.write_text(source.replace("reason: tcp.syn-sent", "reason: link.skipped-router", 1), "utf-8")
    ended = demo("--once", "--lesson", str(lesson))
    assert ended.returncode == 1
    assert "the lesson expects dropped" in ended.stdout


def test_ctrl_c_in_the_middle_of_a_scan_ends_it_cleanly(free_port: int) -> None:
    command = [sys.executable, "-u", "-m", "paperhop", "demo", "--http", f"127.0.0.1:{free_port}", "--pace", "0"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout is not None
    while "sent" not in running.stdout.readline():
        assert running.poll() is None
    with urllib.request.urlopen(f"http://127.0.0.1:{free_port}/api/state", timeout=WITHIN) as state:
        assert json.load(state)["story"][0]["verdict"] == "sent"
    interrupted = time.monotonic()
    for _ in range(2):
        running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=WITHIN)
    assert time.monotonic() - interrupted < ENDS_WITHIN
    assert (running.returncode, err) == (0, "")
    assert out.endswith("The demo has ended.\n")


def test_ctrl_c_before_the_one_round_is_over_is_no_success() -> None:
    command = [sys.executable, "-u", "-m", "paperhop", "demo", "--once", "--json"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout is not None
    assert json.loads(running.stdout.readline())["as_expected"]
    running.send_signal(signal.SIGTERM)
    out, err = running.communicate(timeout=WITHIN)
    assert (running.returncode, err) == (130, "")
    assert "summary" in json.loads(out.splitlines()[-1])


def test_on_a_terminal_no_word_is_broken_and_a_sentence_stays_in_its_column() -> None:
    watcher, terminal = os.openpty()
    environment = {**os.environ, "COLUMNS": "60", "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "paperhop", "demo", "--once"]
    with subprocess.Popen(command, stdout=terminal, stderr=terminal, env=environment) as running:
        os.close(terminal)
        lines = re.sub(r"\x1b\[[0-9;]*m", "", _all_of(watcher)).splitlines()
    assert running.returncode == 0
    assert max(map(len, lines)) <= 60
    sentence = next(number for number, line in enumerate(lines) if "asks Server to" in line)
    column = lines[sentence].index("Client asks")
    assert lines[sentence + 1][:column].isspace()
    words = " ".join([lines[sentence][column:], lines[sentence + 1][column:], lines[sentence + 2][column:]])
    assert words.startswith("Client asks Server to open a connection to port 80. Carry it to Router.")


def _all_of(watcher: int) -> str:
    """What was written to a terminal until its last writer left."""
    seen = b""
    try:
        while octets := os.read(watcher, 4096):
            seen += octets
    except OSError:  # how Linux tells that nobody writes any more
        pass
    os.close(watcher)
    return seen.decode()


def test_a_lesson_whose_cards_cannot_be_drawn_is_refused_at_once(tmp_path: Path) -> None:
    lesson = tmp_path / "ink.yaml"
    source = load("handshake").source.replace("ACK seq=301 ack=501", "ACK seq=301 ack=501 ink=4", 1)
    lesson.write_text(source, "utf-8")
    ended = demo("--once", "--json", "--lesson", str(lesson))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "The card 'ack' of the script 'handshake' cannot be drawn" in ended.stderr


def test_a_port_in_use_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = demo("--http", f"127.0.0.1:{port}")
    assert ended.returncode == 2
    assert f"Port {port}" in ended.stderr
    assert f'make demo ARGS="--http 127.0.0.1:{port + 1 if port < 65535 else 8000}"' in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--pace", "-1"], "'-1' should be a number of seconds, 0 or more"),
        (["--pace", "nan"], "'nan' should be a number of seconds"),
        (["--http", "127.0.0.1:99999"], "99999 is no port: those are 0 to 65535"),
        (["--http", "localhost"], "'localhost' should be HOST:PORT"),
    ],
)
def test_what_cannot_be_is_refused(words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["demo", *words])
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("shown", "as_expected"),
    [
        (Shown(LightWord.STOPPED, 4), True),
        (Shown(LightWord.STOPPED, 3), False),
        (Shown(LightWord.STOPPED), False),
        (Shown(LightWord.SENT), False),
        (None, False),
    ],
)
def test_the_pins_must_have_shown_word_and_blinks(shown: Shown | None, as_expected: bool) -> None:
    step = HandStep("slip", "client", Verdict.STOPPED, "tcp.ack-mismatch")
    answer = Answer(
        "client", "00112233", 1, messages.Verdict.STOPPED, "tcp.ack-mismatch", "ack!", LightWord.STOPPED, 4, "client"
    )
    outcome = Outcome("client", step, "DEMO-1", WrittenJson(), answer, shown, 1.0)
    assert outcome.as_expected is as_expected
    other = Outcome("client", replace(step, reason="tcp.seq-mismatch"), "DEMO-1", WrittenJson(), answer, shown, 1.0)
    assert not other.as_expected, "the reason is part of what the lesson expects"
