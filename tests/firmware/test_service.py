"""The badge as a service: systemd accepts its unit, hears that it has begun, and that it sees frames."""

from __future__ import annotations

import itertools
import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware import service
from firmware.buttons import scan_is_held
from firmware.lights import Lights
from firmware.mockpins import MockPins
from firmware.patterns import Shown
from firmware.selftest import Subject
from hub.messages import LightWord
from hub.messages.lights import PARTS
from paperhop.__main__ import main
from tests.conftest import program
from tests.firmware.test_buttons import held_pins

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "firmware" / "deploy"
UNIT = "paperhop-badge.service"
MOST_EXPOSED = 3.5
"""Of 10, by `systemd-analyze security`: below 5 it is "OK"."""


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    systemd_analyze = program("systemd-analyze", how="apt-get install systemd")
    return subprocess.run([systemd_analyze, *words], capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, with a program that is on this machine."""
    text = (DEPLOY / UNIT).read_text()
    path = tmp_path / UNIT
    path.write_text(text.replace("/opt/paperhop/current/bin/paperhop", sys.executable))
    return path


def test_systemd_finds_no_fault_in_the_unit(unit: Path) -> None:
    done = analyze("verify", "--man=no", str(unit))
    about_us = [line for line in (done.stdout + done.stderr).splitlines() if UNIT in line]
    assert (done.returncode, about_us) == (0, [])


def test_systemd_finds_a_fault_where_there_is_one(unit: Path) -> None:
    unit.write_text(unit.read_text().replace("Restart=always", "Restart=allways"))
    done = analyze("verify", "--man=no", str(unit))
    assert "allways" in done.stdout + done.stderr


def test_the_unit_leaves_little_to_whoever_breaks_in(unit: Path) -> None:
    done = analyze("security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSED * 10:.0f}", str(unit))
    assert done.returncode == 0, done.stdout[-600:] + done.stderr


def test_the_unit_runs_the_badge_with_options_that_there_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (line,) = re.findall(r"^ExecStart=(.*)$", (DEPLOY / UNIT).read_text(), re.MULTILINE)
    settings = dict(re.findall(r"^(\w+)=(.*)$", (DEPLOY / "badge.env").read_text(), re.MULTILINE))
    for name in ("PAPERHOP_BADGE", "PAPERHOP_BROKER"):
        monkeypatch.setenv(name, settings[name])
    settings |= {"STATE_DIRECTORY": str(tmp_path), "FRAMES": "dir:/nowhere/at/all"}
    words = re.sub(r"\$\{?(\w+)\}?", lambda name: settings[name[1]], line).split()
    assert words[0].endswith("/bin/paperhop")
    assert main(words[1:]) == 2
    assert "/nowhere/at/all cannot be read" in capsys.readouterr().err


def test_lgpio_may_write_where_the_badge_is_started() -> None:
    text = (DEPLOY / UNIT).read_text()
    (folder,) = re.findall(r"^RuntimeDirectory=(.*)$", text, re.MULTILINE)
    assert f"WorkingDirectory=/run/{folder}\n" in text
    assert f"LG_WD=/run/{folder} " in text


def test_the_self_test_by_hand_has_what_the_badge_has_and_no_key_either() -> None:
    (line,) = re.findall(r"^    sudo systemd-run (?:.*\\\n)+.*$", (ROOT / "docs/badge.md").read_text(), re.MULTILINE)
    words = shlex.split(line.replace("\\\n", " "))
    given = dict(word.split("=", 1) for flag, word in itertools.pairwise(words) if flag == "-p")
    unit = re.findall(r"^(\w+)=-?(.*)$", (DEPLOY / UNIT).read_text(), re.MULTILINE)
    del given["WorkingDirectory"]
    assert given.keys() == {"EnvironmentFile", "StateDirectory", "SupplementaryGroups", "UnsetEnvironment"}
    assert given.items() <= set(unit)
    assert ("User", "paperhop") in unit
    assert "--uid=paperhop" in words


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Where systemd listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(20.0)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setattr(service, "_alive_at", float("-inf"))
        yield listening


def test_a_badge_tells_systemd_that_it_has_begun_and_that_it_sees_frames(
    systemd: socket.socket, tmp_path: Path, free_port: int
) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "1.pgm").write_bytes(b"P5 64 64 255\n" + bytes(64 * 64))
    badge = subprocess.Popen(
        [
            *(sys.executable, "-m", "paperhop", "badge", "--id", "b1", "--frames", f"dir:{pictures}"),
            *("--outbox", str(tmp_path / "outbox.sqlite"), "--broker", f"mqtt://127.0.0.1:{free_port}"),
            *("--finish-within", "0"),
        ],
        cwd=ROOT,
        env={**os.environ, "GPIOZERO_PIN_FACTORY": "mock"},
    )
    assert [systemd.recv(100), systemd.recv(100)] == [b"READY=1", b"WATCHDOG=1"]
    assert badge.wait(20) == 0


def test_signs_of_life_are_few(systemd: socket.socket) -> None:
    for _ in range(100):
        service.alive()
    service.ready()
    assert [systemd.recv(100), systemd.recv(100)] == [b"WATCHDOG=1", b"READY=1"]


def test_without_systemd_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    service.ready()
    assert not service.under_systemd()


def test_who_holds_scan_at_the_start_gets_a_self_test_and_then_a_badge(
    systemd: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pins: MockPins = held_pins()
    tested: list[Subject] = []
    monkeypatch.setattr("paperhop.badge_command.machine_pins", lambda: pins)
    monkeypatch.setattr("paperhop.badge_command.scan_is_held", lambda pins: scan_is_held(pins, 0.01))
    monkeypatch.setattr("paperhop.badge_command.run_selftest", lambda subject, say: tested.append(subject))
    monkeypatch.setattr("paperhop.badge_command.Lights", lambda: Lights(MockPins(), speed=100.0))
    words = ["badge", "--id", "b1", "--frames", "dir:/nowhere/at/all", "--outbox", str(tmp_path / "outbox.sqlite")]
    assert main(words) == 2
    (subject,) = tested
    assert (subject.badge, subject.ask) == ("b1", None)
    assert systemd.recv(100) == b"EXTEND_TIMEOUT_USEC=240000000"
    assert "/nowhere/at/all cannot be read" in capsys.readouterr().err, "it went on as a badge"
    pins = MockPins()
    main(words)
    assert len(tested) == 1


def test_what_keeps_a_service_from_beginning_is_blinked(
    systemd: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins = MockPins()
    monkeypatch.setattr("paperhop.badge_command.Lights", lambda: Lights(pins, speed=100.0))
    outbox = str(tmp_path / "outbox.sqlite")
    assert main(["badge", "--id", "b1", "--frames", "dir:/nowhere/at/all", "--outbox", outbox]) == 2
    assert PARTS[4] == "camera"
    said = pins.said_after(0.0)
    assert said is not None
    assert said.shown == Shown(LightWord.FAULT, 4)
