"""The hub's edge with real brokers: rubbish on every topic harms nobody, and every scan is answered."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from cards.jsonform import to_json
from cards.notation import parse
from firmware.link import PATIENCE
from hub import messages
from hub.broker import BrokerEdge
from hub.fairness import A_SECOND, AT_ONCE
from hub.journal import Journal
from hub.lessons import load
from hub.messages import Answer, BadgeStatus, Down, Role, Scan, Verdict, decode_down, encode, topic
from hub.messages.session import Session
from hub.room import Room
from tests.conftest import Mosquitto
from tests.hub.play import SYN

BOOT = "00112233"
WITHIN = 10.0


class Radio:
    """A client that publishes anything and hears what the hub says to its badge."""

    def __init__(self, url: str, set_name: str, badge: str) -> None:
        self.heard: queue.Queue[Down] = queue.Queue()
        self._up: queue.Queue[bool] = queue.Queue()
        self.set_name = set_name
        self.session = Session(
            url,
            f"radio-{set_name}-{badge}",
            subscriptions=[messages.badge_subscription(badge, set_name)],
            on_message=lambda on, octets: self.heard.put(decode_down(on, octets)),
            on_link=lambda up, text: self._up.put(up),
        )
        self.session.start()
        assert self._up.get(timeout=WITHIN)

    def say(self, message: Scan | BadgeStatus) -> None:
        self.send(topic(message, self.set_name), encode(message))

    def send(self, on: str, octets: bytes) -> None:
        assert self.session.publish(on, octets)

    def next(self, kind: type[Down]) -> Down:
        while True:
            message = self.heard.get(timeout=WITHIN)
            if isinstance(message, kind):
                return message

    def asks(self, scan: Scan) -> bool:
        """Says a scan, and waits for its answer as long as a badge does."""
        self.say(scan)
        try:
            while True:
                message = self.heard.get(timeout=PATIENCE)
                if isinstance(message, Answer) and message.counter == scan.counter:
                    return True
        except queue.Empty:
            return False


@pytest.fixture(params=["embedded", "mosquitto"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "embedded":
        return str(request.getfixturevalue("broker"))
    server: Mosquitto = request.getfixturevalue("mosquitto")
    return server.url


@pytest.fixture
def radio(url: str, tmp_path: Path) -> Iterator[Radio]:
    set_name = tmp_path.name.replace("_", "-")[-20:]
    journal = Journal(tmp_path)
    linked: queue.Queue[bool] = queue.Queue()
    edge = BrokerEdge(Room(journal, load("handshake")), url, set_name, lambda up, text: linked.put(up))
    edge.start()
    assert linked.get(timeout=WITHIN)
    radio = Radio(url, set_name, "b1")
    yield radio
    radio.session.stop()
    edge.stop()
    journal.close()


def a_scan(counter: int) -> Scan:
    return Scan("b1", BOOT, counter, counter, f"T-{counter}", to_json(parse(SYN)))


def test_rubbish_on_every_topic_and_the_next_scan_is_answered(radio: Radio) -> None:
    good = encode(a_scan(1))
    for on in (
        topic(a_scan(1), radio.set_name),
        topic(BadgeStatus("b1", "online", BOOT), radio.set_name),
        f"paperhop/{radio.set_name}/badge/b1/up/else",
        f"paperhop/{radio.set_name}/badge/x y/up/scan",
        f"paperhop/{radio.set_name}/badge/b9/up/scan",
    ):
        for octets in (b"", b"\x00\xff", b"{", b"[]", b"null", good[:-5], b'{"v":99}', b"[" * 10_000, good * 2):
            radio.send(on, octets)
    radio.send(f"paperhop/{radio.set_name}/badge/b9/up/scan", good)
    radio.say(a_scan(1))
    answer = radio.next(Answer)
    assert isinstance(answer, Answer)
    assert (answer.counter, answer.verdict) == (1, Verdict.SENT)


def test_a_scan_of_a_version_to_come_is_answered_and_does_not_block_the_badge(radio: Radio) -> None:
    radio.send(topic(a_scan(1), radio.set_name), encode(a_scan(1)).replace(b'"v":1', b'"v":2'))
    answer = radio.next(Answer)
    assert isinstance(answer, Answer)
    assert (answer.counter, answer.verdict, answer.reason) == (1, Verdict.UNREAD, "card.not-understood")
    assert "version 2" in answer.sentence
    radio.say(a_scan(2))
    assert isinstance(answer := radio.next(Answer), Answer)
    assert answer.verdict is Verdict.SENT


def test_a_badge_that_comes_is_given_its_role(radio: Radio) -> None:
    radio.say(BadgeStatus("b1", "online", BOOT))
    role = radio.next(Role)
    assert isinstance(role, Role)
    assert role.node == "client"


def test_repeats_are_answered_alike(radio: Radio) -> None:
    for _ in range(3):
        radio.say(a_scan(1))
    answers = [radio.next(Answer) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]


def test_nobody_speaks_for_a_phone_by_the_broker(radio: Radio, url: str) -> None:
    phone = Radio(url, radio.set_name, "phone-12345678")
    phone.say(msgspec.structs.replace(a_scan(1), badge="phone-12345678"))
    for counter in (1, 2, 3):
        radio.say(a_scan(counter))
        assert isinstance(radio.next(Answer), Answer)
    assert phone.heard.empty(), "what came first was let go"
    phone.session.stop()


def test_a_badge_that_floods_is_slowed_down_and_the_others_do_not_notice(radio: Radio, url: str) -> None:
    flooding = Radio(url, radio.set_name, "b2")
    scan = msgspec.structs.replace(a_scan(1), badge="b2")
    garbage = (b"{" * 2000, b"\xff" * 200, encode(scan)[:-3], encode(msgspec.structs.replace(scan, counter=9)))
    for number in range(3000):
        flooding.send(topic(scan, radio.set_name), garbage[number % 4] if number % 2 else encode(scan))
        if number % 1000 == 999:
            counter = number // 1000 + 1
            while not radio.asks(a_scan(counter)):  # the broker may have no room: a badge says it again then
                pass
    flooding.session.stop()
    assert flooding.heard.qsize() <= 2 * (AT_ONCE + 20 * A_SECOND), "as often as its share allows"
