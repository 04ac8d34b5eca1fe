"""The hub as a program: what it says when it starts and when it is ended."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub.page import addresses_of

WITHIN = 60.0


class Hub:
    """A hub that nobody else talks to, with a group of processes of its own, as a shell gives it."""

    def __init__(self, data: Path, host: str) -> None:
        words = ["hub", "--broker", "mqtt://127.0.0.1:1", "--data", str(data), "--http", f"{host}:0"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "paperhop", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self.started: list[str] = []
        for line in self._process.stdout:
            self.started.append(line.rstrip())
            if "Its PIN is" in line:  # with a new folder the last thing of all
                break

    def end(self, number: signal.Signals) -> tuple[int, str, str]:
        """Exit status, what it still said, and what it complained of, after a signal to all of its processes."""
        os.killpg(self._process.pid, number)
        said, complained = self._process.communicate(timeout=WITHIN)
        return self._process.returncode, said, complained

    def close(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.communicate()


@pytest.fixture
def hub_on(tmp_path: Path) -> Iterator[Callable[[str], Hub]]:
    hubs: list[Hub] = []

    def start(host: str) -> Hub:
        hubs.append(Hub(tmp_path, host))
        return hubs[-1]

    yield start
    for hub in hubs:
        hub.close()


def _phones(hub: Hub) -> list[str]:
    return [line for line in hub.started if line.startswith("Phones: ")]


def test_at_the_start_it_tells_what_phones_open(hub_on: Callable[[str], Hub]) -> None:
    hub = hub_on("0.0.0.0")
    page = next(match for line in hub.started if (match := re.search(r"The page: http://localhost:(\d+)$", line)))
    assert _phones(hub) == [f"Phones: http://{each}/join" for each in addresses_of("0.0.0.0", int(page[1]))]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_with_a_word_and_without_complaint(hub_on: Callable[[str], Hub], number: signal.Signals) -> None:
    hub = hub_on("127.0.0.1")
    assert _phones(hub) == [], "no phone reaches it there"
    status, said, complained = hub.end(number)
    assert (status, complained) == (0, "")
    assert said.endswith("Ended. Start it again and the room goes on.\n")
