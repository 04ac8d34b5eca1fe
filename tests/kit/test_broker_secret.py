"""The password of the broker comes from the environment: no list of processes, no help and no log shows it."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from paperhop.__main__ import main
from paperhop.options import BADGE, BROKER, SET

URL = "mqtt://b7:very-secret@127.0.0.1:{port}"


@pytest.mark.parametrize("command", ["hub", "badge"])
def test_help_shows_no_password(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(BROKER, URL.format(port=1883))
    with contextlib.suppress(SystemExit):
        main([command, "--help"])
    out = capsys.readouterr().out
    assert BROKER in out
    assert "very-secret" not in out


def test_a_badge_has_its_name_its_set_and_its_broker_from_the_environment(free_port: int, tmp_path: Path) -> None:
    badge = _start("badge", "--frames", "virtual", free_port=free_port, home=tmp_path)
    assert badge.stdout is not None
    line = badge.stdout.readline()
    badge.send_signal(signal.SIGTERM)
    rest, complaints = badge.communicate(timeout=60)
    assert line.startswith(f"b7: No broker at mqtt://127.0.0.1:{free_port}")
    assert "very-secret" not in line + rest + complaints
    assert (tmp_path / "paperhop" / "outbox-school-b7.sqlite").exists()


def test_a_bad_address_is_refused_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(BROKER, "http://b7:very-secret@host")
    assert main(["badge", "--id", "b7", "--frames", "virtual"]) == 2
    complaint = capsys.readouterr().err
    assert "written like this" in complaint
    assert "very-secret" not in complaint


def test_a_bad_name_of_a_set_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv(SET, "a/b")
    assert main(["badge", "--id", "b7", "--frames", "virtual"]) == 2
    assert "cannot be a name" in capsys.readouterr().err


def test_a_hub_writes_its_pin_where_only_its_user_reads_it(free_port: int, tmp_path: Path) -> None:
    pin = tmp_path / "pin.txt"
    words = ("hub", "--http", "127.0.0.1:0", "--data", str(tmp_path / "data"), "--pin-file", str(pin))
    hub = _start(*words, free_port=free_port, home=tmp_path)
    assert hub.stdout is not None
    told = next(line for line in hub.stdout if "PIN" in line)
    hub.send_signal(signal.SIGTERM)
    hub.communicate(timeout=60)
    assert str(pin) in told
    assert pin.read_text().strip().isdigit()
    assert pin.read_text().strip() not in told
    assert stat.S_IMODE(pin.stat().st_mode) == 0o600


def _start(*words: str, free_port: int, home: Path) -> subprocess.Popen[str]:
    named = {BROKER: URL.format(port=free_port), SET: "school", BADGE: "b7"}
    return subprocess.Popen(
        [sys.executable, "-m", "paperhop", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **named, "GPIOZERO_PIN_FACTORY": "mock", "XDG_STATE_HOME": str(home)},
    )
