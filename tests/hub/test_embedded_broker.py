"""The broker inside the program: what badges and the hub rely on, and that it comes and goes without a word."""

from __future__ import annotations

import queue
import socket
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from hub.embedded_broker import EmbeddedBroker

WITHIN = 10.0


class Client:
    """An MQTT client that collects what arrives as (topic, payload, retain)."""

    def __init__(self, url: str, will: tuple[str, bytes] | None = None, clean: bool = True) -> None:
        self.arrived: queue.Queue[tuple[str, bytes, bool]] = queue.Queue()
        self._events: queue.Queue[str] = queue.Queue()
        self.mqtt = mqtt.Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False, clean_session=clean)
        self.mqtt.on_connect = lambda *_: self._events.put("connected")
        self.mqtt.on_subscribe = lambda *_: self._events.put("subscribed")
        self.mqtt.on_disconnect = lambda *_: self._events.put("disconnected")
        self.mqtt.on_message = lambda _c, _u, m: self.arrived.put((m.topic, bytes(m.payload), m.retain))
        if will:
            self.mqtt.will_set(will[0], will[1], qos=1, retain=True)
        where = urlsplit(url)
        self.mqtt.connect(where.hostname or "", where.port or 0)
        self.mqtt.loop_start()
        self.wait("connected")

    def wait(self, event: str) -> None:
        assert self._events.get(timeout=WITHIN) == event

    def subscribe(self, topic: str) -> None:
        self.mqtt.subscribe(topic, qos=1)
        self.wait("subscribed")

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        self.mqtt.publish(topic, payload, qos=1, retain=retain).wait_for_publish(WITHIN)

    def next(self) -> tuple[str, bytes, bool]:
        return self.arrived.get(timeout=WITHIN)

    def cut(self) -> None:
        """End without a goodbye, as when the power is pulled."""
        connection = self.mqtt.socket()
        assert isinstance(connection, socket.socket)
        connection.shutdown(socket.SHUT_RDWR)
        self.wait("disconnected")
        self.mqtt.loop_stop()

    def leave(self) -> None:
        self.mqtt.disconnect()
        self.mqtt.loop_stop()


@pytest.fixture
def own() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as broker:
        yield broker


def test_messages_arrive_in_order_at_every_subscriber(own: EmbeddedBroker) -> None:
    hub, page, badge = Client(own.url), Client(own.url), Client(own.url)
    hub.subscribe("room/+/up")
    page.subscribe("room/#")
    sent = [("room/b1/up", str(number).encode(), False) for number in range(100)]
    for topic, payload, _ in sent:
        badge.publish(topic, payload)
    assert [hub.next() for _ in sent] == sent
    assert [page.next() for _ in sent] == sent
    for client in (hub, page, badge):
        client.leave()


def test_a_retained_message_waits_for_who_subscribes_later(own: EmbeddedBroker) -> None:
    hub = Client(own.url)
    hub.publish("room/b1/role", b"router", retain=True)
    badge = Client(own.url)
    badge.subscribe("room/b1/role")
    assert badge.next() == ("room/b1/role", b"router", True)
    hub.publish("room/b1/role", b"", retain=True)
    later = Client(own.url)
    later.subscribe("room/b1/role")
    hub.publish("room/b1/role", b"now")
    assert later.next() == ("room/b1/role", b"now", False)
    for client in (hub, badge, later):
        client.leave()


def test_the_last_will_is_published_when_power_is_pulled_and_kept(own: EmbeddedBroker) -> None:
    hub = Client(own.url)
    hub.subscribe("room/b1/status")
    Client(own.url, will=("room/b1/status", b"offline")).cut()
    assert hub.next() == ("room/b1/status", b"offline", False)
    later = Client(own.url)
    later.subscribe("room/b1/status")
    assert later.next() == ("room/b1/status", b"offline", True)
    hub.leave()
    later.leave()


def test_a_goodbye_publishes_no_will(own: EmbeddedBroker) -> None:
    hub = Client(own.url)
    hub.subscribe("room/b1/status")
    badge = Client(own.url, will=("room/b1/status", b"offline"))
    badge.leave()
    hub.publish("room/b1/status", b"next")
    assert hub.next() == ("room/b1/status", b"next", False)
    hub.leave()


def test_rubbish_on_one_connection_does_not_disturb_the_others(own: EmbeddedBroker) -> None:
    badge = Client(own.url)
    badge.subscribe("room/b1")
    where = urlsplit(own.url)
    for rubbish in (b"GET / HTTP/1.1\r\n\r\n", b"\x10\xff\xff\xff\xff\xff", b""):
        with socket.create_connection((where.hostname or "", where.port or 0)) as stranger:
            stranger.sendall(rubbish)
    badge.publish("room/b1", b"still here")
    assert badge.next() == ("room/b1", b"still here", False)
    badge.leave()


def test_it_stops_while_badges_and_strangers_are_connected_and_starts_again_on_its_port() -> None:
    broker = EmbeddedBroker()
    broker.start()
    url = broker.url
    badge = Client(url, will=("room/b1/status", b"offline"))
    badge.subscribe("room/#")
    where = urlsplit(url)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=WITHIN) as stranger:
        broker.stop()
        assert stranger.recv(1) == b""
    badge.wait("disconnected")
    broker.start()
    assert broker.url == url
    Client(url).leave()
    broker.stop()
    broker.stop()


def test_a_port_in_use_is_said_in_a_sentence(own: EmbeddedBroker) -> None:
    port = urlsplit(own.url).port or 0
    with pytest.raises(OSError, match=rf"cannot listen on 127\.0\.0\.1 port {port}: .* choose another port"):
        EmbeddedBroker(port=port).start()


def test_without_amqtt_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "amqtt"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "amqtt", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'paperhop\[demo\]'"):
        EmbeddedBroker().start()


_WHOLE_LIFE = """
import socket
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from urllib.parse import urlsplit
from hub.embedded_broker import EmbeddedBroker

with EmbeddedBroker() as broker:
    where = urlsplit(broker.url)
    stranger = socket.create_connection((where.hostname, where.port))
    clients = []
    for number in range(5):
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"b{number}", reconnect_on_failure=False)
        client.will_set("status", b"offline", qos=1, retain=True)
        client.connect(where.hostname, where.port)
        client.loop_start()
        client.subscribe("#", qos=1)
        for _ in range(20):
            client.publish("room", b"x" * 1000, qos=1)
        client.publish("role", b"y", qos=1, retain=True).wait_for_publish(10)
        clients.append(client)
    clients[0].socket().shutdown(socket.SHUT_RDWR)
    clients[1].disconnect()
for client in clients:
    client.loop_stop()
stranger.close()
"""


def test_it_comes_and_goes_without_a_word_on_the_terminal() -> None:
    """Not of tasks that were still pending, not of sockets left open, not of badges that vanished."""
    words = [sys.executable, "-W", "default::ResourceWarning", "-c", _WHOLE_LIFE]
    life = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert (life.returncode, life.stdout, life.stderr) == (0, "", "")


def test_small_messages_leave_at_once(own: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    """TCP_NODELAY is on at the accepted end: without it an answer waits for the other side's delayed ACK."""
    port = urlsplit(own.url).port
    accepted: list[socket.socket] = []
    accept = socket.socket.accept

    def remember(listening: socket.socket) -> tuple[socket.socket, object]:
        connection, address = accept(listening)
        if listening.getsockname()[1] == port:
            accepted.append(connection)
        return connection, address

    monkeypatch.setattr(socket.socket, "accept", remember)
    badge = Client(own.url)
    assert [s.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0 for s in accepted] == [True]
    badge.leave()
