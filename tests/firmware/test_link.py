from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from firmware import link as module
from firmware.link import Link, LinkState
from firmware.outbox import Outbox, OutboxError
from hub.messages import (
    Down,
    Light,
    LightWord,
    Problem,
    Resend,
    Role,
    Scan,
    Sighting,
    decode_up,
    encode,
    topic,
)
from hub.messages.session import Session
from tests.conftest import Mosquitto
from tests.firmware.standin import WITHIN, Heard, StandIn, answer, name

_sets = count()

Start = Callable[..., Link]


@pytest.fixture
def set_name() -> str:
    return f"link-{next(_sets)}"


@pytest.fixture
def outbox() -> Outbox:
    return Outbox(None)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def start(set_name: str, outbox: Outbox, heard: Heard) -> Iterator[Start]:
    links: list[Link] = []

    def started(url: str) -> Link:
        link = Link("client", outbox, url, heard, set_name=set_name, frames="test")
        links.append(link)
        link.start()
        return link

    yield started
    for link in links:
        link.stop()


def put(outbox: Outbox, link: Link | None = None) -> Scan:
    scan = outbox.put("client", Sighting(problem=Problem("card.foreign", "not ours")))
    if link is not None:
        link.notify(scan)
    return scan


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.2)


def test_a_scan_is_answered(broker: str, set_name: str, start: Start, outbox: Outbox, heard: Heard) -> None:
    with StandIn(broker, set_name) as hub:
        link = start(broker)
        scan = put(outbox, link)
        assert link.wait_empty(WITHIN)
        heard.wait(lambda: bool(heard.answers))
        assert [name(one) for one in heard.answers] == [name(scan)]
        assert hub.scans == [scan]


def test_scans_go_one_at_a_time_and_in_order(
    broker: str, set_name: str, start: Start, outbox: Outbox, heard: Heard
) -> None:
    with StandIn(broker, set_name, reply=lambda _: []) as hub:
        scans = [put(outbox) for _ in range(3)]
        link = start(broker)
        for n, scan in enumerate(scans):
            hub.wait(lambda n=n: len(hub.scans) > n)  # type: ignore[misc]
            assert [name(one) for one in hub.scans] == [name(one) for one in scans[: n + 1]]
            hub.say(answer(scan))
        assert link.wait_empty(WITHIN)
        assert [one.oldest for one in hub.scans] == [1, 2, 3]


@pytest.mark.usefixtures("impatient")
def test_a_lost_answer_is_asked_for_again_and_said(
    broker: str, set_name: str, start: Start, outbox: Outbox, heard: Heard
) -> None:
    def late(scan: Scan) -> list[Down]:
        return [answer(scan)] if len(hub.scans) >= 3 else []

    with StandIn(broker, set_name, reply=late) as hub:
        link = start(broker)
        scan = put(outbox, link)
        assert link.wait_empty(WITHIN)
        assert {name(one) for one in hub.scans} == {name(scan)}
        heard.wait(lambda: heard.states[-1][0] is LinkState.FINE)
        states = [state for state, _ in heard.states]
        assert states == [LinkState.FINE, LinkState.NO_ANSWER, LinkState.FINE]
        assert len(heard.answers) == 1


def test_an_answer_that_comes_twice_or_late_counts_once(
    broker: str, set_name: str, start: Start, outbox: Outbox, heard: Heard
) -> None:
    def twice_and_late(scan: Scan) -> list[Down]:
        return [answer(scan), answer(scan), *(answer(one) for one in hub.scans)]

    with StandIn(broker, set_name, reply=twice_and_late) as hub:
        link = start(broker)
        scans = []
        for _ in range(3):
            scans.append(put(outbox, link))
            assert link.wait_empty(WITHIN)
        hub.say(Light("client", LightWord.YOUR_TURN))
        heard.wait(lambda: heard.lights == [LightWord.YOUR_TURN])
        assert [name(one) for one in heard.answers] == [name(one) for one in scans]


def test_the_outbox_forgets_a_scan_when_its_verdict_has_been_shown(
    broker: str, set_name: str, start: Start, outbox: Outbox, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A badge that stops in between is answered again, and shows it."""
    kept: list[int] = []
    monkeypatch.setattr(heard, "answered", lambda answer: kept.append(len(outbox)))
    with StandIn(broker, set_name):
        link = start(broker)
        put(outbox, link)
        assert link.wait_empty(WITHIN)
    assert kept == [1]


@pytest.mark.usefixtures("impatient")
def test_a_verdict_is_shown_once_when_a_full_disk_keeps_the_outbox_from_forgetting(
    broker: str, set_name: str, start: Start, outbox: Outbox, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget, full = outbox.answered, [True, True]

    def answered(boot: str, counter: int) -> bool:
        if full:
            full.pop()
            raise OutboxError("The disk is full.")
        return forget(boot, counter)

    monkeypatch.setattr(outbox, "answered", answered)
    with StandIn(broker, set_name) as hub:
        link = start(broker)
        scan = put(outbox, link)
        assert link.wait_empty(WITHIN)
        assert [name(one) for one in hub.scans] == [name(scan)] * 3, "it goes on when there is room again"
    assert [name(one) for one in heard.answers] == [name(scan)]
    assert {state for state, _ in heard.states} == {LinkState.FINE}, "the hub is not to blame"


@pytest.mark.parametrize("hint", ["role", "resend"])
def test_it_sends_again_at_once_when_the_hub_has_just_started(
    broker: str, set_name: str, start: Start, outbox: Outbox, heard: Heard, hint: str
) -> None:
    with StandIn(broker, set_name, reply=lambda _: []) as hub:
        link = start(broker)
        scan = put(outbox, link)
        hub.wait(lambda: len(hub.scans) == 1)
        hub.reply = lambda scan: [answer(scan)]
        before = time.monotonic()
        hub.say(Role("client", "client") if hint == "role" else Resend("client", scan.boot, 1))
        assert link.wait_empty(WITHIN)
        assert time.monotonic() - before < module.PATIENCE
        if hint == "role":
            heard.wait(lambda: heard.roles == ["client"])


def test_a_hub_that_asks_again_and_again_is_not_sent_a_flood(
    broker: str, set_name: str, start: Start, outbox: Outbox
) -> None:
    def never_content(scan: Scan) -> list[Down]:
        return [Resend("client", scan.boot, 1)]

    with StandIn(broker, set_name, reply=never_content) as hub:
        link = start(broker)
        put(outbox, link)
        hub.wait(lambda: len(hub.scans) == 2)
        assert not link.wait_empty(0.3)
        assert len(hub.scans) == 2


def test_bad_messages_are_logged_and_harm_nothing(
    broker: str, set_name: str, start: Start, outbox: Outbox, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    with StandIn(broker, set_name) as hub:
        link = start(broker)
        assert link.wait_empty(WITHIN)
        heard.wait(lambda: bool(heard.states))
        for leaf, octets in (
            ("down/answer", b"{"),
            ("down/answer", b'{"v": 99}'),
            ("down/light", b'{"v":1,"badge":"somebody","light":"ready"}'),
            ("down/light", b"\xff" * 100),
            ("down/role", b'{"v":1,"badge":"client","node":7}'),
            ("down/coffee", b"{}"),
        ):
            hub.say_rubbish("client", leaf, octets)
        put(outbox, link)
        assert link.wait_empty(WITHIN)
    assert caplog.text.count("is ignored") == 6
    assert not heard.lights
    assert not heard.roles


def test_the_status_says_online_waiting_and_offline(
    mosquitto: Mosquitto, set_name: str, start: Start, outbox: Outbox
) -> None:
    with StandIn(mosquitto.url, set_name, reply=lambda _: []) as hub:
        scan = put(outbox)
        link = start(mosquitto.url)
        hub.wait(lambda: bool(hub.statuses))
        status = hub.statuses[-1]
        assert (status.state, status.waiting, status.boot, status.frames) == ("online", 1, outbox.boot, "test")
        hub.say(answer(scan))
        hub.wait(lambda: len(hub.statuses) == 2)
        assert hub.statuses[-1].waiting == 0
        link.stop()
        hub.wait(lambda: hub.statuses[-1].state == "offline")


def test_a_badge_that_vanishes_is_offline_by_its_will(
    mosquitto: Mosquitto, set_name: str, start: Start, outbox: Outbox
) -> None:
    with StandIn(mosquitto.url, set_name) as hub:
        link = start(mosquitto.url)
        hub.wait(lambda: bool(hub.statuses))
        assert isinstance(link._session, Session)
        connection = link._session._connection
        assert connection is not None
        paho_socket = connection._client.socket()
        assert isinstance(paho_socket, socket.socket)
        paho_socket.shutdown(socket.SHUT_RDWR)
        hub.wait(lambda: "offline" in [status.state for status in hub.statuses])
        hub.wait(lambda: hub.statuses[-1].state == "online")


def test_without_a_broker_scans_are_kept_until_there_is_one(
    mosquitto: Mosquitto, set_name: str, start: Start, outbox: Outbox, heard: Heard
) -> None:
    mosquitto.stop()
    link = start(mosquitto.url)
    heard.wait(lambda: bool(heard.states))
    state, sentence = heard.states[0]
    assert state is LinkState.NO_BROKER
    assert mosquitto.url in sentence
    scans = [put(outbox, link) for _ in range(2)]
    mosquitto.start()
    with StandIn(mosquitto.url, set_name):
        assert link.wait_empty(WITHIN)
    assert [name(one) for one in heard.answers] == [name(one) for one in scans]


@pytest.mark.usefixtures("impatient")
def test_a_broker_that_goes_and_comes_loses_nothing(
    mosquitto: Mosquitto, set_name: str, start: Start, outbox: Outbox, heard: Heard
) -> None:
    with StandIn(mosquitto.url, set_name, reply=lambda _: []) as hub:
        link = start(mosquitto.url)
        scan = put(outbox, link)
        hub.wait(lambda: len(hub.scans) == 1)
        mosquitto.stop()
        heard.wait(lambda: heard.states[-1][0] is LinkState.NO_BROKER)
        hub.reply = lambda scan: [answer(scan)]
        mosquitto.start()
        assert link.wait_empty(WITHIN)
        assert [name(one) for one in heard.answers] == [name(scan)]


def test_stopping_ends_the_wait_and_keeps_the_scan(broker: str, start: Start, outbox: Outbox) -> None:
    link = start(broker)
    put(outbox, link)
    link.interrupt()
    assert not link.wait_empty()
    link.stop()
    assert len(outbox) == 1


class _SlowHub:
    """A line, in virtual time, to a hub that answers each scan after so many seconds; all that badge and hub do."""

    def __init__(self, outbox: Outbox, answers_after: float) -> None:
        self.now = 0.0
        self.states: list[tuple[float, LinkState]] = []
        self.answers: list[tuple[float, int]] = []
        self.up = True
        self._outbox, self._after = outbox, answers_after
        self._due: list[tuple[float, Scan]] = []
        listener = Heard()
        listener.link = lambda state, sentence: self.states.append((self.now, state))  # type: ignore[method-assign]
        self.link = Link("client", outbox, "mqtt://slow", listener, line=self._laid, clock=lambda: self.now)

    def _laid(self, *_: object, on_message: Callable[[str, bytes], None], **named: Any) -> Any:
        self._say, self.linked = on_message, named["on_link"]
        return self

    def publish(self, on: str, payload: bytes, retain: bool = False) -> bool:
        if isinstance(scan := decode_up(on, payload), Scan):
            self._due.append((self.now + self._after, scan))
        return True

    def run(self, until: float, cards: tuple[float, ...] = ()) -> None:
        """Time passes, in steps of a tenth of a second, and cards are laid down."""
        for tenth in range(round(self.now * 10), round(until * 10)):
            self.now = tenth / 10
            for _ in range(cards.count(self.now)):
                put(self._outbox, self.link)
            for at, scan in [each for each in self._due if each[0] <= self.now]:
                self._due.remove((at, scan))
                if self._outbox.waits(scan.boot, scan.counter):
                    self.answers.append((self.now, scan.counter))
                told = answer(scan)
                self._say(topic(told), encode(told))
            self.link.tend()


def test_whoever_waits_behind_others_is_told_after_three_seconds_too(outbox: Outbox) -> None:
    hub = _SlowHub(outbox, answers_after=2.9)
    hub.linked(True, "up")
    hub.run(12.0, cards=(1.0, 1.5, 2.0))
    assert [round(at, 1) for at, _ in hub.answers] == [3.9, 6.8, 9.7]
    told = [(at, state) for at, state in hub.states if state is not LinkState.FINE]
    assert told == [(4.5, LinkState.NO_ANSWER)], "three seconds after the second card was laid down, and until the end"
    assert hub.states[-1] == (9.7, LinkState.FINE)


def test_a_card_behind_those_of_another_start_is_told_of_too(tmp_path: Path) -> None:
    before = Outbox(tmp_path / "outbox.sqlite")
    for _ in range(3):
        put(before)
    before.close()
    outbox = Outbox(tmp_path / "outbox.sqlite")
    hub = _SlowHub(outbox, answers_after=2.0)
    hub.linked(True, "up")
    hub.run(4.0, cards=(1.0,))
    assert hub.states[-1][1] is LinkState.NO_ANSWER
    outbox.close()


def test_what_waited_for_the_broker_waits_anew_when_it_is_back(outbox: Outbox) -> None:
    hub = _SlowHub(outbox, answers_after=0.1)
    hub.linked(True, "up")
    hub.link.tend()
    hub.up = False
    hub.linked(False, "down")
    hub.run(20.0, cards=(1.0, 2.0))
    hub.up = True
    hub.linked(True, "up")
    hub.run(25.0)
    assert [state for _, state in hub.states] == [LinkState.FINE, LinkState.NO_BROKER, LinkState.FINE]
    assert len(hub.answers) == 2
