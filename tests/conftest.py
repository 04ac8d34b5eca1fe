"""What many tests need: brokers, a free port, and a loud word about everything that could not be tested here."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from hub.embedded_broker import EmbeddedBroker

REQUIRE_ALL = os.environ.get("PAPERHOP_REQUIRE_ALL", "") not in ("", "0")
"""Set where nothing may be left untested: a run that skipped something then fails, but for what is `ALLOWED`."""

ALLOWED = ("only root ", "no disk can be mounted here", "this kernel has no disks")
"""How the reasons begin that a machine may have all the same: what is tested there changes the machine's disks, clock
or users, and not everybody may.
"""

_START_WITHIN = 10.0
_MISSING = "MISSING "


def lacking(program: str, how: str) -> NoReturn:
    """End this test because `program` is not on this machine; `how` is the command that installs it."""
    pytest.skip(f"{_MISSING}{program}: {how}")


def needs(present: bool, program: str, how: str) -> pytest.MarkDecorator:
    """The mark of a test that can only run where `program` is."""
    return pytest.mark.skipif(not present, reason=f"{_MISSING}{program}: {how}")


def program(*names: str, how: str) -> str:
    """The path of the first of these programs that is installed; without any the test is `lacking`."""
    for name in names:
        found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")
        if found:
            return found
    lacking(names[0], how)


NOBODY = 65534
"""A user, and group, who owns nothing."""


@pytest.fixture
def passable() -> Iterator[Path]:
    """A folder that other users can look into, as they cannot into pytest's; for root, who alone can be one."""
    if os.geteuid() != 0:
        pytest.skip("only root can work as another user")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        path.chmod(0o755)
        yield path


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.fixture
def free_port() -> int:
    """A TCP port of the loopback interface on which nothing listens."""
    return _free_port()


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    """The URL of an embedded broker, shared by all tests of the run: use a set name or badges of your own."""
    with EmbeddedBroker() as embedded:
        yield embedded.url


class Mosquitto:
    """A real mosquitto on a loopback port that it keeps: `stop()` and `start()` are what a power cut looks like.

    It keeps nothing over a stop, no retained message, no session, unless it is given another `config`.
    """

    def __init__(self, executable: str, folder: Path, port: int, config: str | None = None) -> None:
        self._executable = executable
        self._port = port
        self._config = folder / "mosquitto.conf"
        self._log = folder / "mosquitto.log"
        own = f"listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\npersistence false\n"
        self._config.write_text(own if config is None else config)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens, also while it is stopped."""
        return f"mqtt://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it and return when it accepts connections."""
        assert self._process is None, "mosquitto is running already"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([self._executable, "-c", str(self._config)], stdout=log, stderr=log)
        deadline = time.monotonic() + _START_WITHIN
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
                return
            except OSError:
                ended = self._process.poll() is not None
                if ended or time.monotonic() > deadline:
                    self.stop()
                    pytest.fail(f"mosquitto does not start:\n{self._log.read_text(errors='replace')}", pytrace=False)
                time.sleep(0.01)

    def reload(self) -> None:
        """Have it read its files of accounts again."""
        assert self._process is not None, "mosquitto is not running"
        self._process.send_signal(signal.SIGHUP)

    def end(self) -> None:
        """Ask it to end, as a system does that is shut down."""
        assert self._process is not None, "mosquitto is not running"
        self._process.terminate()
        self._process.wait(_START_WITHIN)
        self._process = None

    def stop(self) -> None:
        """Kill it without a goodbye; stopping twice changes nothing."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """A mosquitto of the test's own, running; skipped (loudly) where it is not installed."""
    executable = program("mosquitto", how="apt-get install mosquitto, or brew install mosquitto")
    server = Mosquitto(executable, tmp_path_factory.mktemp("mosquitto"), _free_port())
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _skipped(reporter: pytest.TerminalReporter) -> dict[str, int]:
    """Why something was skipped -> how many tests were."""
    skipped: dict[str, int] = {}
    for report in reporter.getreports("skipped"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = reason.removeprefix("Skipped: ")
        skipped[reason] = skipped.get(reason, 0) + 1
    return skipped


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where nothing may be left untested, what was skipped fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not REQUIRE_ALL or reporter is None or session.exitstatus != pytest.ExitCode.OK:
        return
    if not all(reason.startswith(ALLOWED) for reason in _skipped(reporter)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name everything that was left untested, and why; of a program that is missing, how to get it."""
    skipped = _skipped(terminalreporter)
    if skipped:
        terminalreporter.section("NOT TESTED on this machine", sep="!", red=True, bold=True)
        for reason, count in sorted(skipped.items()):
            words = f"for want of {reason.removeprefix(_MISSING)}" if reason.startswith(_MISSING) else f"- {reason}"
            terminalreporter.line(f"{count} skipped {words}", red=True, bold=True)
