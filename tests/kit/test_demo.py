"""`paperhop demo`: one round of the lesson with every real part, checked from outside; and its end by Ctrl-C."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from hub.lessons import load

WITHIN = 90


def demo(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "paperhop", "demo", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=WITHIN, check=False)


def test_one_round_shows_every_light_and_is_as_the_lesson_expects() -> None:
    ended = demo("--once", "--json")
    assert (ended.returncode, ended.stderr) == (0, "")
    *scans, last = [json.loads(line) for line in ended.stdout.splitlines()]
    steps = [step for script in load("handshake").scripts for step in script.steps]
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
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=WITHIN)
    assert (running.returncode, err) == (0, "")
    assert out.endswith("The demo has ended.\n")


def test_a_port_in_use_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = demo("--http", f"127.0.0.1:{port}")
    assert ended.returncode == 2
    assert f"Port {port}" in ended.stderr
    assert "--http" in ended.stderr
    assert "Traceback" not in ended.stderr
