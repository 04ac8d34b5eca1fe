"""The hub put together: what it leaves alone when it cannot begin, and what it goes on with when it begins again."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hub.journal import FILE, Journal
from hub.lessons import load
from hub.orders import Choose, MakeReader
from hub.page import PortInUse
from hub.service import Hub


def test_a_hub_without_a_port_has_not_touched_the_journal(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortInUse):
        Hub(load("handshake"), broker_url="mqtt://127.0.0.1:1", data=tmp_path, http=taken.getsockname()[:2])
    assert not (tmp_path / FILE).exists()


def test_a_hub_without_a_journal_gives_its_port_back(tmp_path: Path, free_port: int) -> None:
    running = Journal(tmp_path)
    with pytest.raises(RuntimeError, match="Another hub"):
        Hub(load("handshake"), broker_url="mqtt://127.0.0.1:1", data=tmp_path, http=("127.0.0.1", free_port))
    running.close()
    hub = Hub(load("handshake"), broker_url="mqtt://127.0.0.1:1", data=tmp_path, http=("127.0.0.1", free_port))
    hub.stop()


@contextmanager
def started(data: Path, lesson: str = "handshake", **words: Any) -> Iterator[Hub]:
    hub = Hub(load(lesson), broker_url="mqtt://127.0.0.1:1", data=data, http=("127.0.0.1", 0), **words)
    try:
        yield hub
    finally:
        hub.stop()


def name_of(data: Path, lesson: str = "handshake", **words: Any) -> tuple[str, str, bool]:
    """What a hub plays that is started like this: its room, its lesson, and whether it goes on."""
    with started(data, lesson, **words) as hub:
        return hub.room.name, hub.room.lesson.id, hub.room.resumed


@pytest.mark.parametrize(
    "words", [{"named": False}, {}, {"seats": {"b1": "client"}}], ids=["nothing", "lesson", "seat"]
)
def test_a_hub_that_is_started_again_goes_on_with_the_lesson_that_was_chosen_on_the_page(
    tmp_path: Path, words: dict[str, Any]
) -> None:
    with started(tmp_path, **words) as hub:
        hub.desk.do(Choose("data"))
        hub.desk.do(Choose("loss:basic"))
        chosen = hub.room.name
    assert name_of(tmp_path, **words) == (chosen, "loss:basic", True)
    assert name_of(tmp_path, **words) == (chosen, "loss:basic", True), "and once more"
    assert name_of(tmp_path, **words, fresh=True)[1:] == ("handshake", False)


def test_readers_that_the_teacher_has_named_are_readers_after_a_restart(tmp_path: Path) -> None:
    with started(tmp_path, readers=["b9"]) as hub:
        hub.desk.do(MakeReader("desk", True))
        hub.desk.do(MakeReader("other", True))
        hub.desk.do(MakeReader("other", False))
        assert hub.room.readers == {"b9", "desk"}
    with started(tmp_path) as hub:
        assert hub.room.readers == {"b9", "desk"}
        hub.desk.do(MakeReader("b9", False))
    (tmp_path / "readers.json").write_text('["des')
    with started(tmp_path) as hub:
        assert hub.room.readers == set(), "of a file that is damaged nothing is believed"


def test_another_lesson_that_is_named_at_the_start_begins(tmp_path: Path) -> None:
    with started(tmp_path) as hub:
        hub.desk.do(Choose("data"))
    assert name_of(tmp_path, "closing")[1:] == ("closing", False)
    assert name_of(tmp_path, named=False)[1:] == ("closing", True)
    assert name_of(tmp_path)[1:] == ("handshake", False)
