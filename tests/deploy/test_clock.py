"""The hub's clock is set through chrony: a real chronyd takes it, which may not touch the clock of this computer."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.deploy import files
from hub.wallclock import WallClock
from tests.conftest import NOBODY, program

SCRIPT = files() / "set-clock.sh"
LESSON_DAY = 1_796_025_600
"""A Monday, the 30th of November 2026, 08:00 UTC."""


@pytest.fixture
def chronyd(tmp_path: Path) -> Iterator[Path]:
    """The socket of a chronyd that is configured as on a hub."""
    daemon = program("chronyd", how="apt-get install chrony")
    if os.geteuid() != 0:
        pytest.skip("only root can start chronyd")
    own = tmp_path / "chrony"
    own.mkdir(mode=0o750)
    conf = tmp_path / "chrony.conf"
    socket = own / "chronyd.sock"
    conf.write_text(
        (files() / "chrony.conf").read_text()
        + f"port 0\ncmdport 0\nbindcmdaddress {socket}\npidfile {own}/pid\nuser root\n"
    )
    with subprocess.Popen([daemon, "-x", "-d", "-f", str(conf)], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        deadline = time.monotonic() + 20
        while not socket.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                pytest.fail(f"chronyd does not start: {process.stderr.read()}", pytrace=False)
            time.sleep(0.01)
        yield socket
        process.terminate()


def wish(folder: Path, at_ms: int, ago_ms: int = 0) -> Path:
    since = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 10**6
    (folder / "clock").write_text(f"{at_ms} {since - ago_ms}\n")
    return folder / "clock"


def fulfil(wanted: Path, socket: Path) -> subprocess.CompletedProcess[str]:
    words = ["sh", str(SCRIPT), str(wanted), "-h", str(socket)]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)


def given(socket: Path) -> list[str]:
    """The times that chronyd was given, as it lists them."""
    words = ["chronyc", "-n", "-c", "-h", str(socket), "manual", "list"]
    listed = subprocess.run(
        words, capture_output=True, text=True, timeout=60, check=True, env={**os.environ, "TZ": "UTC"}
    )
    return listed.stdout.splitlines()


@pytest.mark.parametrize("ago", [0, 600_000])
def test_chrony_takes_the_time_and_what_has_passed_since(chronyd: Path, tmp_path: Path, ago: int) -> None:
    before = time.time()
    said = fulfil(wish(tmp_path, LESSON_DAY * 1000, ago), chronyd)
    assert said.returncode == 0, said.stderr
    # number, when, slewed, original and residual offset: by the second, how far this clock is from what was given
    (line,) = given(chronyd)
    assert abs(float(line.split(",")[3]) - (before - LESSON_DAY - ago / 1000)) < 5


@pytest.mark.parametrize(
    "text", ["", "now then", "-5 0", "1 0", "4102444800000 0", "99999999999999999999 0", "17 ", "$(id) 0"]
)
def test_what_is_no_time_never_gets_to_chrony(chronyd: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "clock").write_text(text + "\n")
    assert fulfil(tmp_path / "clock", chronyd).returncode != 0
    assert given(chronyd) == []


def test_chrony_s_user_can_read_what_the_hub_leaves(passable: Path) -> None:
    chronyc, script = passable / "chronyc", passable / "set-clock"
    chronyc.write_text("#!/bin/sh\necho 200 OK\n")
    shutil.copy(SCRIPT, script)
    for path in (chronyc, script):
        path.chmod(0o755)
    mask = os.umask(0o077)  # of the hub's program, and of its unit
    try:
        assert WallClock(passable, passable / "done", lambda: None).wish(LESSON_DAY * 1000)
    finally:
        os.umask(mask)
    said = subprocess.run(
        [str(script), str(passable / "clock")],
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        env={"PATH": f"{passable}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stderr) == (0, "")


def test_without_a_chronyd_it_fails_in_words(tmp_path: Path) -> None:
    program("chronyc", how="apt-get install chrony")
    said = fulfil(wish(tmp_path, LESSON_DAY * 1000), tmp_path / "nobody")
    assert said.returncode != 0


def test_the_unit_takes_what_the_hub_leaves() -> None:
    assert "PathExists=/run/paperhop/clock\n" in (files() / "paperhop-clock.path").read_text()
    service = (files() / "paperhop-clock.service").read_text()
    assert "ExecStart=/usr/local/lib/paperhop/set-clock /run/paperhop/clock\n" in service
    assert "User=_chrony\n" in service
    assert "RuntimeDirectory=paperhop\n" in (files() / "paperhop-hub.service").read_text()
