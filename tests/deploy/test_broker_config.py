"""The broker of a set, as it runs on the hub: who gets in, and that nobody can act or listen as another."""

from __future__ import annotations

import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from hub.deploy import files
from hub.deploy.accounts import HUB, hashed
from hub.deploy.kit import Order, make, replace
from hub.messages import MAX_MESSAGE
from hub.messages.address import BrokerAddress
from tests.conftest import Mosquitto, program

WITHIN = 10.0
HOW = "apt-get install mosquitto, or brew install mosquitto"


@dataclass
class SetBroker:
    """The broker of a set of three badges, and the set's folder."""

    folder: Path
    port: int
    server: Mosquitto

    def password(self, account: str) -> str:
        where = "hub/hub.env" if account == HUB else f"badges/{account}/paperhop.env"
        lines = (self.folder / where).read_text().splitlines()
        url = next(line.removeprefix("PAPERHOP_BROKER=") for line in lines if line.startswith("PAPERHOP_BROKER="))
        address = BrokerAddress.parse(url)
        assert address.user == account
        assert address.password is not None
        return address.password

    def client(self, account: str | None, password: str | None = None, name: str = "") -> Client:
        return Client(self.port, account, password or (account and self.password(account)), name)


class Client:
    """A client of whatever account; `refused` is the broker's word."""

    def __init__(self, port: int, account: str | None, password: str | None, name: str) -> None:
        self.heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.lost = threading.Event()
        self._said: queue.Queue[Any] = queue.Queue()
        self._done: queue.Queue[Any] = queue.Queue()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTProtocolVersion.MQTTv5)
        if account is not None:
            self._client.username_pw_set(account, password)
        self._client.on_connect = lambda client, data, flags, code, more: self._said.put(code)
        self._client.on_disconnect = lambda client, data, flags, code, more: self.lost.set()
        self._client.on_publish = lambda client, data, number, code, more: self._done.put(code)
        self._client.on_subscribe = lambda client, data, number, codes, more: self._done.put(codes)
        self._client.on_message = lambda client, data, message: self.heard.put((message.topic, bytes(message.payload)))
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        code = self._said.get(timeout=WITHIN)
        self.refused = str(code) if code.is_failure else ""

    def publish(self, topic: str, payload: bytes = b"{}") -> str:
        self._client.publish(topic, payload, qos=1)
        code = self._done.get(timeout=WITHIN)
        return str(code) if code.is_failure else "taken"

    def subscribe(self, topic: str) -> None:
        self._client.subscribe(topic, qos=1)
        self._done.get(timeout=WITHIN)

    def hears(self) -> tuple[str, bytes]:
        return self.heard.get(timeout=WITHIN)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def broker(tmp_path: Path, free_port: int) -> Iterator[SetBroker]:
    executable = program("mosquitto", how=HOW)
    folder = tmp_path / "set"
    make(folder, Order("school", 3, "DE"))
    kept = tmp_path / "kept"
    kept.mkdir(mode=0o777)
    config = (files() / "mosquitto.conf").read_text(encoding="utf-8")
    for there, here in (
        ("listener 1883", f"listener {free_port} 127.0.0.1\nuser root"),
        ("/etc/paperhop/broker", str(folder / "hub")),
        ("/var/lib/mosquitto/", f"{kept}/"),
        ("log_dest syslog", "log_dest stderr"),
    ):
        assert there in config
        config = config.replace(there, here)
    server = Mosquitto(executable, tmp_path, free_port, config)
    server.start()
    try:
        yield SetBroker(folder, free_port, server)
    finally:
        server.stop()


def test_nobody_gets_in_without_the_right_password(broker: SetBroker) -> None:
    assert broker.client(None).refused == "Not authorized"
    assert broker.client("b1", "guessed").refused == "Not authorized"
    assert broker.client("b1", broker.password("b2")).refused == "Not authorized"
    assert broker.client("b9", broker.password("b2")).refused == "Not authorized"
    good = broker.client("b1")
    assert good.refused == ""
    good.close()


def test_the_hub_hears_every_badge_and_answers_each_alone(broker: SetBroker) -> None:
    hub, one, two = broker.client(HUB), broker.client("b1"), broker.client("b2")
    hub.subscribe("paperhop/school/badge/+/up/+")
    for badge, client in (("b1", one), ("b2", two)):
        client.subscribe(f"paperhop/school/badge/{badge}/down/+")
    assert one.publish("paperhop/school/badge/b1/up/scan", b"1") == "taken"
    assert hub.hears() == ("paperhop/school/badge/b1/up/scan", b"1")
    hub.publish("paperhop/school/badge/b1/down/answer", b"to b1")
    hub.publish("paperhop/school/badge/b2/down/answer", b"to b2")
    assert one.hears()[1] == b"to b1"
    assert two.hears()[1] == b"to b2"
    for client in (hub, one, two):
        client.close()


@pytest.mark.parametrize(
    "topic",
    [
        "paperhop/school/badge/b1/up/scan",
        "paperhop/school/badge/b1/up/status",
        "paperhop/school/badge/b1/down/answer",
        "paperhop/school/badge/b2/down/answer",
        "paperhop/other/badge/b2/up/scan",
        "elsewhere",
    ],
)
def test_a_badge_cannot_speak_as_another_or_as_the_hub(broker: SetBroker, topic: str) -> None:
    two = broker.client("b2")
    assert two.publish(topic) == "Not authorized"
    two.close()


@pytest.mark.parametrize("topic", ["paperhop/school/badge/b1/down/+", "paperhop/school/badge/+/up/+", "#", "$SYS/#"])
def test_a_badge_cannot_listen_as_another_or_as_the_hub(broker: SetBroker, topic: str) -> None:
    hub, one, two = broker.client(HUB), broker.client("b1"), broker.client("b2")
    two.subscribe(topic)
    two.subscribe("paperhop/school/badge/b2/down/+")
    one.publish("paperhop/school/badge/b1/up/scan")
    hub.publish("paperhop/school/badge/b1/down/answer", b"for b1")
    hub.publish("paperhop/school/badge/b2/down/answer", b"the last")
    assert two.hears() == ("paperhop/school/badge/b2/down/answer", b"the last")
    for client in (hub, one, two):
        client.close()


def test_no_badge_takes_the_session_of_the_hub_by_its_name(broker: SetBroker) -> None:
    hub = broker.client(HUB, name="paperhop-school-hub")
    hub.subscribe("paperhop/school/badge/+/up/+")
    two = broker.client("b2", name="paperhop-school-hub")
    two.publish("paperhop/school/badge/b2/up/scan", b"still there?")
    assert hub.hears()[1] == b"still there?"
    assert not hub.lost.is_set()
    for client in (hub, two):
        client.close()


def test_the_largest_message_passes_and_no_larger_one(broker: SetBroker) -> None:
    hub, one = broker.client(HUB), broker.client("b1")
    hub.subscribe("paperhop/school/badge/+/up/+")
    one.publish("paperhop/school/badge/b1/up/scan", bytes(MAX_MESSAGE))
    assert len(hub.hears()[1]) == MAX_MESSAGE
    one._client.publish("paperhop/school/badge/b1/up/scan", bytes(2 * MAX_MESSAGE), qos=0)
    assert one.lost.wait(WITHIN)
    for client in (hub, one):
        client.close()


def test_a_replaced_badge_is_out_at_once_and_the_others_stay(broker: SetBroker) -> None:
    one, two, old = broker.client("b1"), broker.client("b2"), broker.password("b1")
    replace(broker.folder, "b1")
    broker.server.reload()
    assert one.lost.wait(WITHIN)
    one.close()
    assert two.publish("paperhop/school/badge/b2/up/scan") == "taken"
    assert broker.client("b1", old).refused == "Not authorized"
    new = broker.client("b1")
    assert new.refused == ""
    for client in (two, new):
        client.close()


def test_what_is_retained_outlives_a_stop(broker: SetBroker) -> None:
    hub = broker.client(HUB)
    hub._client.publish("paperhop/school/badge/b1/down/role", b"client", qos=1, retain=True).wait_for_publish(WITHIN)
    hub.close()
    broker.server.end()
    broker.server.start()
    one = broker.client("b1")
    one.subscribe("paperhop/school/badge/b1/down/+")
    assert one.hears()[1] == b"client"
    one.close()


def test_passwords_are_hashed_as_mosquitto_does_it(tmp_path: Path) -> None:
    tool = shutil.which("mosquitto_passwd")
    if tool is None:
        program("mosquitto_passwd", how=HOW)
        return
    theirs = tmp_path / "theirs"
    theirs.touch(mode=0o600)
    subprocess.run([tool, "-b", str(theirs), "b1", "word"], check=True, capture_output=True)
    parts = theirs.read_text().strip().partition(":")[2].split("$")
    ours = hashed("word").split("$")
    assert ours[:3] == parts[:3]
    assert [len(part) for part in ours] == [len(part) for part in parts]
