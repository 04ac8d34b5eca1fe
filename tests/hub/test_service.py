"""The hub put together: what it leaves alone when it cannot begin, what it goes on with when it begins again, and that
its parts know of each other.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hub.archive import Archive
from hub.fairness import AT_ONCE
from hub.journal import FILE, Journal
from hub.lessons import load
from hub.messages import Answer, BadgeStatus, Scan, topic
from hub.orders import Choose, MakeReader
from hub.page import PortInUse
from hub.service import Hub
from tests.hub.test_broker import BOOT, WITHIN, Radio, a_scan
from tests.security.hall import handwriting

SET = "service"


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
def started(data: Path, lesson: str = "handshake", broker: str = "mqtt://127.0.0.1:1", **words: Any) -> Iterator[Hub]:
    hub = Hub(load(lesson), broker_url=broker, data=data, http=("127.0.0.1", 0), **words)
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


@pytest.fixture
def hub(broker: str, tmp_path: Path) -> Iterator[Hub]:
    """A whole hub at a real broker, in which b1 plays the client."""
    linked = threading.Event()
    words: dict[str, Any] = {
        "set_name": SET,
        "seats": {"b1": "client"},
        "on_link": lambda up, text: linked.set() if up else None,
    }
    with started(tmp_path, broker=broker, **words) as hub:
        assert linked.wait(WITHIN)
        yield hub


@pytest.fixture
def radio(hub: Hub, broker: str) -> Iterator[Radio]:
    radio = Radio(broker, SET, "b1")
    yield radio
    radio.session.stop()


def test_a_badge_that_floods_is_named_to_the_teacher(hub: Hub, radio: Radio) -> None:
    for counter in range(1, AT_ONCE + 200):
        radio.send(topic(BadgeStatus("b7", "online", BOOT), SET), b"x" * counter)
    while not radio.asks(a_scan(1)):  # the broker may have no room: a badge says it again then
        pass
    findings = {each["code"]: each for each in hub.desk.backstage()["findings"]}
    assert findings["preflight.flood"]["badge"] == "b7"


def test_the_handwriting_of_a_scan_is_kept(hub: Hub, radio: Radio, tmp_path: Path) -> None:
    written, picture = handwriting()
    radio.say(Scan("b1", BOOT, 1, 1, "T-1", written))
    assert isinstance(radio.next(Answer), Answer)
    (line,) = hub.room.state()["story"]
    assert Archive(tmp_path).picture(line["event"]) == picture
