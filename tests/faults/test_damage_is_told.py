"""A real hub is started on files that were damaged: it goes on, and whoever starts it and the teacher are told."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.journal import FILE
from hub.page import Gate
from hub.page.gate import FILE as GATE_FILE
from tests.faults.plays import found
from tests.faults.processes import WITHIN, Program, Teacher


class Started:
    """What a hub has said when it was started. words, log: where it was."""

    def __init__(self, words: str, log: str) -> None:
        self.words, self.log = words, log

    @property
    def page(self) -> str:
        return self._said(r"The page: (\S+)")

    @property
    def pin(self) -> str:
        return self._said(r"Its PIN is (\d{6})")

    def _said(self, pattern: str) -> str:
        match = re.search(pattern, self.words)
        assert match is not None, self.words
        return match[1]


@contextmanager
def started(folder: Path, *more: str) -> Iterator[Started]:
    """A hub on folder `data` of this folder, as `make hub` starts it; it needs no broker for what is asked here."""
    lines: list[str] = []
    told = threading.Event()

    def hear(line: str) -> None:
        lines.append(line)
        if "The teacher's page: " in line:
            told.set()

    words = ["paperhop", "hub", "--broker", "mqtt://127.0.0.1:1", "--data", str(folder / "data")]
    hub = Program(*words, "--http", "127.0.0.1:0", *more, hear=hear, errors=folder / "log")
    try:
        assert told.wait(WITHIN), (folder / "log").read_text()
        yield Started("\n".join(lines), (folder / "log").read_text())
    finally:
        hub.stop()


def test_a_damaged_journal_is_told_where_the_hub_is_started_and_on_the_teacher_s_page(tmp_path: Path) -> None:
    found("handshake", 1, waves=1).prepare(tmp_path / "data")
    with sqlite3.connect(tmp_path / "data" / FILE) as db:
        (last,) = db.execute("SELECT max(n) FROM record").fetchone()
        db.execute("UPDATE record SET hash = x'00' WHERE n = ?", (last,))
    with started(tmp_path, "--new-pin") as hub:
        (aside,) = (path.name for path in (tmp_path / "data").glob("journal-damaged-*.sqlite"))
        (line,) = (line for line in hub.log.splitlines() if aside in line)
        assert f"The journal was damaged after record {last - 1}" in line
        findings = Teacher(hub.pin).state(hub.page)["findings"]
        (finding,) = (each for each in findings if each["code"] == "preflight.damaged")
        assert aside in finding["text"]
        assert f"record {last - 1}" in finding["text"]


def test_who_starts_a_hub_is_told_that_damage_has_made_the_old_pin_void(tmp_path: Path) -> None:
    data = tmp_path / "data"
    old = Gate(data).new_pin
    whole = (data / GATE_FILE).read_bytes()
    (data / GATE_FILE).write_bytes(whole[: len(whole) // 2])
    with started(tmp_path) as hub:
        assert f"{GATE_FILE} was damaged: the old PIN is void" in hub.log
        assert hub.pin != old
        Teacher(hub.pin).state(hub.page)


def test_a_first_start_tells_of_no_damage(tmp_path: Path) -> None:
    with started(tmp_path) as hub:
        assert "damaged" not in hub.log
