from __future__ import annotations

import logging
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub.messages import MAX_MESSAGE
from hub.messages.address import BrokerAddress
from hub.messages.session import Session
from tests.conftest import Mosquitto, program

WITHIN = 10.0


class Listener:
    """Keeps what a session said and received, so that a test can wait for it."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.links: list[tuple[bool, str]] = []
        self.messages: list[tuple[str, bytes]] = []

    def on_link(self, up: bool, sentence: str) -> None:
        with self.changed:
            self.links.append((up, sentence))
            self.changed.notify_all()

    def on_message(self, topic: str, payload: bytes) -> None:
        with self.changed:
            self.messages.append((topic, payload))
            self.changed.notify_all()

    def wait(self, happened: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(happened, WITHIN), (self.links, self.messages)

    def wait_up(self, times: int = 1) -> None:
        self.wait(lambda: sum(up for up, _ in self.links) >= times)

    def wait_down(self) -> None:
        self.wait(lambda: bool(self.links) and not self.links[-1][0])


Connect = Callable[..., tuple[Session, Listener]]


@pytest.fixture
def connect() -> Iterator[Connect]:
    sessions: list[Session] = []

    def connected(
        url: str, name: str, *topics: str, will: tuple[str, bytes] | None = None, up: bool = True
    ) -> tuple[Session, Listener]:
        listener = Listener()
        session = Session(
            url, name, subscriptions=topics, on_message=listener.on_message, on_link=listener.on_link, will=will
        )
        sessions.append(session)
        session.start()
        if up:
            listener.wait_up()
        return session, listener

    yield connected
    for session in sessions:
        session.stop()


def paho_socket(session: Session) -> socket.socket:
    connection = session._connection
    assert connection is not None
    sock = connection._client.socket()
    assert isinstance(sock, socket.socket)
    return sock


def test_speaks_mqtt_5_where_the_broker_does(mosquitto: Mosquitto, connect: Connect) -> None:
    session, listener = connect(mosquitto.url, "five", "t/#")
    assert session.protocol == "5"
    assert session.publish("t/a", b"hello")
    listener.wait(lambda: listener.messages == [("t/a", b"hello")])


def test_falls_back_to_mqtt_3_1_1(broker: str, connect: Connect) -> None:
    session, listener = connect(broker, "session-three", "session-test/#")
    assert session.protocol == "3.1.1"
    assert session.publish("session-test/a", b"hello")
    listener.wait(lambda: listener.messages == [("session-test/a", b"hello")])
    assert all(up for up, _ in listener.links), "the fall-back is nobody's problem"


def test_small_packets_leave_at_once(mosquitto: Mosquitto, connect: Connect) -> None:
    session, _ = connect(mosquitto.url, "quick", "t/#")
    assert paho_socket(session).getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_no_broker_then_a_broker(mosquitto: Mosquitto, connect: Connect) -> None:
    mosquitto.stop()
    session, listener = connect(mosquitto.url, "early", "t/#", up=False)
    listener.wait_down()
    assert f"No broker at {mosquitto.url}" in listener.links[0][1]
    assert "Is it running?" in listener.links[0][1]
    assert not session.up
    assert not session.publish("t/a", b"not now")
    mosquitto.start()
    listener.wait_up()
    assert session.publish("t/a", b"now")
    listener.wait(lambda: bool(listener.messages))
    assert listener.messages == [("t/a", b"now")], "what was refused while offline is not sent later"


def test_subscribes_anew_after_the_broker_was_gone(mosquitto: Mosquitto, connect: Connect) -> None:
    session, listener = connect(mosquitto.url, "again", "t/#")
    mosquitto.stop()
    listener.wait_down()
    assert listener.links[-1][1] == f"The connection to {mosquitto.url} is lost. Trying again and again."
    mosquitto.start()
    listener.wait_up(times=2)
    assert session.publish("t/a", b"back")
    listener.wait(lambda: ("t/a", b"back") in listener.messages)


def test_the_will_is_published_when_it_vanishes_and_only_then(mosquitto: Mosquitto, connect: Connect) -> None:
    polite, _ = connect(mosquitto.url, "polite", will=("status/polite", b"offline"))
    rude, _ = connect(mosquitto.url, "rude", will=("status/rude", b"offline"))
    assert polite.publish("status/polite", b"left", retain=True)
    polite.stop()
    assert not polite.up
    paho_socket(rude).shutdown(socket.SHUT_RDWR)
    _, late = connect(mosquitto.url, "late", "status/#")
    late.wait(lambda: ("status/rude", b"offline") in late.messages)
    assert ("status/polite", b"left") in late.messages, "retained, and published before it left"
    assert ("status/polite", b"offline") not in late.messages


def test_two_programs_of_one_name_are_given_a_hint(mosquitto: Mosquitto, connect: Connect) -> None:
    _, first = connect(mosquitto.url, "twin", "t/#")
    connect(mosquitto.url, "twin", "t/#")
    first.wait(lambda: any("another program call itself twin" in sentence for _, sentence in first.links))


def test_what_somebody_else_subscribed_to_is_not_handed_over(broker: str, connect: Connect) -> None:
    keeper, _ = connect(broker, "keeper", "kept/#")
    assert keeper.publish("kept/a", b"not for you", retain=True)
    newcomer, listener = connect(broker, "newcomer", "mine/+")
    assert newcomer.publish("mine/a", b"for you")
    listener.wait(lambda: listener.messages == [("mine/a", b"for you")])


def test_a_message_that_is_too_large_is_dropped_with_a_word(
    mosquitto: Mosquitto, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    session, listener = connect(mosquitto.url, "large", "t/#")
    with caplog.at_level(logging.WARNING):
        session.publish("t/large", b"x" * (MAX_MESSAGE + 1))
        session.publish("t/small", b"x")
        listener.wait(lambda: ("t/small", b"x") in listener.messages)
    assert len(listener.messages) == 1
    assert "t/large is dropped" in caplog.text


def test_what_a_callback_raises_is_logged_and_the_next_message_arrives(
    mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    listener = Listener()

    def fragile(topic: str, payload: bytes) -> None:
        if payload == b"bad":
            raise RuntimeError("could not stomach it")
        listener.on_message(topic, payload)

    session = Session(
        mosquitto.url, "fragile", subscriptions=["t/#"], on_message=fragile, on_link=listener.on_link, will=None
    )
    session.start()
    try:
        listener.wait_up()
        session.publish("t/a", b"bad")
        session.publish("t/a", b"good")
        listener.wait(lambda: listener.messages == [("t/a", b"good")])
    finally:
        session.stop()
    assert "could not stomach it" in caplog.text


def test_a_publish_that_is_not_authorized_is_logged(
    tmp_path: Path, free_port: int, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    server = Mosquitto(program("mosquitto", how="apt-get install mosquitto"), tmp_path, free_port)
    rules = tmp_path / "acl"
    rules.write_text("topic read #\ntopic write t/mine\n")
    rules.chmod(0o700)
    with (tmp_path / "mosquitto.conf").open("a") as config:
        config.write(f"acl_file {rules}\nuser root\n")
    server.start()
    try:
        session, listener = connect(server.url, "badge-1", "t/#")
        session.publish("t/theirs", b"x")
        session.publish("t/mine", b"x")
        listener.wait(lambda: listener.messages == [("t/mine", b"x")])
        session.stop()
    finally:
        server.stop()
    assert "refused what badge-1 published: Not authorized" in caplog.text


@pytest.mark.parametrize("closes", [True, False])
def test_whatever_listens_there_is_not_a_broker(
    closes: bool, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.messages.connection.PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            held = []
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                if closes:
                    client.close()
                else:
                    held.append(client)

        threading.Thread(target=accept, daemon=True).start()
        session, listener = connect(f"mqtt://127.0.0.1:{server.getsockname()[1]}", "lost", up=False)
        listener.wait_down()
        session.stop()
        server.shutdown(socket.SHUT_RDWR)
    assert "does not greet as an MQTT broker" in listener.links[0][1]


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1", "http://127.0.0.1", "mqtt://", "mqtt://host:port", "mqtt://host/path", "mqtt://host:99999"]
)
def test_a_bad_address_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(ValueError, match="written like this: mqtt://"):
        BrokerAddress.parse(url)


def test_an_address_in_words_hides_the_password() -> None:
    address = BrokerAddress.parse("mqtt://b07:s%40crab@hub.paperhop")
    assert (address.host, address.port, address.user, address.password) == ("hub.paperhop", 1883, "b07", "s@crab")
    assert "crab" not in f"{address} {address!r}"
    assert str(address) == "mqtt://hub.paperhop:1883"
    assert str(BrokerAddress.parse("mqtts://[::1]")) == "mqtts://[::1]:8883"


def test_what_came_together_is_worked_off_together_and_the_rest_at_once(mosquitto: Mosquitto) -> None:
    """Whoever says at the pause that there is more to do is asked again, though nothing else comes."""
    waiting: list[bytes] = []
    taken: queue.Queue[list[bytes]] = queue.Queue()
    up: queue.Queue[bool] = queue.Queue()

    def pause() -> bool:
        taken.put(waiting[:2])
        del waiting[:2]
        return bool(waiting)

    session = Session(
        mosquitto.url,
        "pausing",
        subscriptions=["t/#"],
        on_message=lambda topic, payload: waiting.append(payload),
        on_pause=pause,
        on_link=lambda ok, text: up.put(ok),
    )
    session.start()
    assert up.get(timeout=WITHIN)
    for number in range(7):
        assert session.publish("t/a", str(number).encode())
    heard: list[bytes] = []
    while len(heard) < 7:
        together = taken.get(timeout=WITHIN)
        assert len(together) <= 2
        heard += together
    assert heard == [str(number).encode() for number in range(7)]
    session.stop()


def test_another_thread_is_heard_at_once(
    mosquitto: Mosquitto, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a thread publishes while the session waits for something to read goes out now, not at its next look."""
    monkeypatch.setattr("hub.messages.connection.LOOK_S", 10 * WITHIN)
    session, listener = connect(mosquitto.url, "waking", "t/#")
    for number in range(20):
        assert session.publish("t/a", str(number).encode())
        listener.wait(lambda number=number: len(listener.messages) > number)  # type: ignore[misc]
