"""A client's session with the MQTT broker: connects, reconnects, says when it is up. Both badge and hub use it.

MQTT 5 where the broker speaks it, else 3.1.1: only MQTT 5 tells a client that a publish was not authorized.
Nothing is queued while there is no connection; whoever publishes keeps an outbox of their own.
"""

from __future__ import annotations

import logging
import random
import select
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from hub.messages import MAX_MESSAGE

KEEPALIVE = 10
"""Seconds between signs of life; the broker sends the last will after one and a half of these."""
SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds between attempts to connect: doubled after each failure, from the first to the second."""
PATIENCE = 5.0
"""Seconds that a broker may take to accept a connection, and again to greet."""
SUSPICIOUS = 3
"""Connections lost in a row, each soon after it came up, until we ask for a namesake. A broker lets a newcomer take the
place of the client of the same name (mosquitto 2.0 gives no reason then), and so two take it from each other for ever;
a broker that was stopped does not let us in again."""
FLUSH = 1.0
"""Seconds that `stop` waits for what was published to be acknowledged."""
AT_ONCE = 256
"""Packets that are read, at most, until `on_pause` gets its turn."""
_LOOK_S = 1.0
"""Seconds between two looks at the clock of a quiet connection: keepalive."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker is. `str()` gives the URL without user and password, for people and logs."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    tls: bool = False

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"

    def __repr__(self) -> str:
        return f"BrokerAddress({self})"

    @classmethod
    def parse(cls, url: str) -> BrokerAddress:
        """The address in `mqtt://[user[:password]@]host[:port]`, or mqtts:// for TLS.

        ValueError says how to write it.
        """
        problem = ValueError("a broker is written like this: mqtt://127.0.0.1:1883 or mqtt://user:password@host")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise problem from None
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname or parts.path.strip("/") or parts.query:
            raise problem
        tls = parts.scheme == "mqtts"
        user = None if parts.username is None else unquote(parts.username)
        password = None if parts.password is None else unquote(parts.password)
        return cls(parts.hostname, port or (8883 if tls else 1883), user, password, tls)


class Line(Protocol):
    """What a badge and a hub need of a session: so that they can be joined without a broker, and without a clock."""

    @property
    def up(self) -> bool:
        """Whether a message can be published at this moment."""

    def start(self) -> None:
        """Begin to connect."""

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> bool:
        """Hand over a message; False when there is no connection."""

    def stop(self) -> None:
        """Take leave."""


class Session:
    """One client's session with a broker, kept up until `stop`.

    broker_url: as `BrokerAddress.parse` reads it (ValueError otherwise). client_id: one session at a time may
    use it. subscriptions: topic filters, made anew at each connect. will: topic and payload that the broker
    publishes, retained, when this client vanishes.

    on_message(topic, payload), on_link(up, sentence for people) and on_pause() are called from the session's thread,
    never two at once; `on_link` only when something has changed, `on_pause` when all that had arrived was handed over
    (`AT_ONCE` at most): whoever works several off together does it then, and returns whether there is more to do, after
    another look at what has arrived. What they raise is logged. The session is up once the broker has accepted the
    subscriptions. The broker hears nothing while one of them works: it gives up after one and a half times `KEEPALIVE`.
    """

    def __init__(
        self,
        broker_url: str,
        client_id: str,
        *,
        subscriptions: Sequence[str],
        on_message: Callable[[str, bytes], None],
        on_link: Callable[[bool, str], None],
        on_pause: Callable[[], bool] = lambda: False,
        will: tuple[str, bytes] | None = None,
    ) -> None:
        self._address = BrokerAddress.parse(broker_url)
        self._client_id = client_id
        self._subscriptions = tuple(subscriptions)
        self._on_message = on_message
        self._on_link = on_link
        self._on_pause = on_pause
        self._will = will
        self._connection: _Connection | None = None
        self._stopping = threading.Event()
        self._told: str | None = None
        self._thread = threading.Thread(target=self._run, name=f"session {client_id}", daemon=True)

    @property
    def up(self) -> bool:
        """Whether a message can be published at this moment."""
        connection = self._connection
        return connection is not None and connection.up

    @property
    def protocol(self) -> str | None:
        """The version of MQTT that is spoken at this moment, "5" or "3.1.1"; None when the session is not up."""
        connection = self._connection
        return connection.protocol if connection is not None and connection.up else None

    def start(self) -> None:
        """Begin to connect and keep at it; returns at once, whether or not there is a broker."""
        self._thread.start()

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> bool:
        """Hand a message to the broker with QoS 1; False when there is no connection, and then nothing is kept."""
        connection = self._connection
        return connection is not None and connection.publish(topic, payload, retain)

    def stop(self) -> None:
        """Send what was published, take leave of the broker (no last will) and end."""
        self._stopping.set()
        connection = self._connection
        if connection is not None:
            connection.leave()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(PATIENCE)

    def _run(self) -> None:
        version, speaks_v5, pause = MQTTProtocolVersion.MQTTv5, False, SHORTEST_PAUSE
        taken_away = 0
        while True:
            connection = _Connection(self._address, self._client_id, version)
            self._connection = connection
            if self._stopping.is_set():
                break
            if version is MQTTProtocolVersion.MQTTv5 and self._will is not None and not speaks_v5:
                # amqtt mistakes the last will of MQTT 5 for something longer, and waits for the rest for ever.
                end = connection.probe()
                speaks_v5 = end is None
                if end is None:
                    continue
            else:
                end = connection.serve(self._subscriptions, self._will, self._receive, self._paused, self._tell)
            if self._stopping.is_set():
                break
            if end.version_refused and version is MQTTProtocolVersion.MQTTv5:
                log.info("%s does not seem to speak MQTT 5: falling back to 3.1.1", self._address)
                version = MQTTProtocolVersion.MQTTv311
                continue
            taken_away = taken_away + 1 if end.taken_away else 0
            doubt = f" Does another program call itself {self._client_id} there?" if taken_away >= SUSPICIOUS else ""
            self._tell(False, end.sentence + doubt)
            version = MQTTProtocolVersion.MQTTv5
            pause = SHORTEST_PAUSE if end.stable else min(2 * pause, LONGEST_PAUSE)
            self._stopping.wait(pause * random.uniform(0.8, 1.0))

    def _tell(self, up: bool, sentence: str) -> None:
        if sentence != self._told:
            self._told = sentence
            try:
                self._on_link(up, sentence)
            except Exception:
                log.exception("what was to be done about %r failed", sentence)

    def _receive(self, topic: str, payload: bytes) -> None:
        if not any(paho.topic_matches_sub(subscription, topic) for subscription in self._subscriptions):
            # amqtt gives every new client what it retains for the subscriptions of all others.
            return
        if len(payload) > MAX_MESSAGE:
            log.warning("a message of %d octets on %s is dropped: %d are allowed", len(payload), topic, MAX_MESSAGE)
            return
        try:
            self._on_message(topic, payload)
        except Exception:
            log.exception("a message on %s could not be handled", topic)

    def _paused(self) -> bool:
        try:
            return self._on_pause()
        except Exception:
            log.exception("what had arrived could not be worked off")
            return False


@dataclass(frozen=True, slots=True)
class _End:
    """How a connection ended.

    stable: it had held for a while. taken_away: it was lost soon after it had come up. version_refused: an older
    version of MQTT may fare better.
    """

    sentence: str
    stable: bool = False
    taken_away: bool = False
    version_refused: bool = False


class _Connection:
    """One connection to the broker, from the first octet to the last. A new one has a new client of paho's, so that
    nothing is left in a queue from the one before.

    One thread, that of `serve`, reads and writes; another may publish and leave.
    """

    def __init__(self, address: BrokerAddress, client_id: str, version: MQTTProtocolVersion) -> None:
        self._address = address
        self._client_id = client_id
        self._version = version
        self._changed = threading.Condition()
        self._up = False
        self._up_since: float | None = None
        self._leaving = False
        self._pausing = False
        self._closed = False
        self._greeting: ReasonCode | None = None
        self._unacknowledged = 0
        self._wakes, self._woken = socket.socketpair()
        self._wakes.setblocking(False)
        self._woken.setblocking(False)
        self._thread = threading.get_ident()
        self._client = self._new_client()

    @property
    def up(self) -> bool:
        return self._up

    @property
    def protocol(self) -> str:
        return "5" if self._version is MQTTProtocolVersion.MQTTv5 else "3.1.1"

    def publish(self, topic: str, payload: bytes, retain: bool) -> bool:
        if not self._up:
            return False
        with self._changed:
            self._unacknowledged += 1
        if self._client.publish(topic, payload, qos=1, retain=retain).rc is MQTTErrorCode.MQTT_ERR_SUCCESS:
            return True
        self._acknowledged()
        return False

    def leave(self) -> None:
        with self._changed:
            if self._up and threading.get_ident() != self._thread:
                self._changed.wait_for(lambda: not self._unacknowledged or self._closed, FLUSH)
            self._leaving = True
        self._wake()

    def probe(self) -> _End | None:
        """Only see whether the broker speaks this version of MQTT; None when it does."""
        self._client.on_connect = self._on_connect(lambda: None)
        end = self._open()
        self._close()
        return end

    def serve(
        self,
        subscriptions: Sequence[str],
        will: tuple[str, bytes] | None,
        receive: Callable[[str, bytes], None],
        pause: Callable[[], bool],
        tell: Callable[[bool, str], None],
    ) -> _End:
        """Connect, hand over what arrives, and return how it ended."""

        def is_up() -> None:
            self._up_since = time.monotonic()
            self._up = True
            tell(True, f"Connected to the broker at {self._address}.")

        def greeted() -> None:
            if subscriptions:
                self._client.subscribe([(topic, 1) for topic in subscriptions])
            else:
                is_up()

        self._client.on_connect = self._on_connect(greeted)
        self._client.on_subscribe = self._on_subscribe(is_up)
        self._client.on_message = lambda _client, _data, message: receive(message.topic, bytes(message.payload))
        if will is not None:
            self._client.will_set(*will, qos=1, retain=True)
        end = self._open()
        if end is None:
            if self._live(lambda: self._up, PATIENCE, pause):
                self._live(lambda: False, None, pause)
            elif not self._leaving and self._client.socket() is not None:
                end = _End(f"{self._address} lets {self._client_id} in, but not listen. Trying again and again.")
        self._close()
        return end or self._end()

    def _open(self) -> _End | None:
        """Connect and wait for the broker's greeting; None when it let us in."""
        self._thread = threading.get_ident()
        try:
            self._client.connect(self._address.host, self._address.port, KEEPALIVE)
        except (OSError, ValueError) as error:
            return _End(f"No broker at {self._address}: {_why(error)} Trying again and again.")
        self._live(lambda: self._greeting is not None, PATIENCE)
        welcome = self._greeting is not None and not self._greeting.is_failure
        return None if welcome else self._end()

    def _live(self, is_so: Callable[[], bool], within: float | None, pause: Callable[[], bool] = lambda: False) -> bool:
        """Read and write until something is so, for so many seconds at most (None: for ever), or until the connection
        ends or is left; whether it is so.
        """
        client, until = self._client, None if within is None else time.monotonic() + within
        read, more = 0, False
        while not is_so() and not self._leaving and client.socket() is not None:
            left = _LOOK_S if until is None else min(_LOOK_S, until - time.monotonic())
            if left <= 0:
                break
            if self._readable(0 if read or more else left) and read < AT_ONCE:
                client.loop_read()
                read += 1
            elif read or more:
                read, more = 0, self._worked_off(pause)
            if client.want_write():
                client.loop_write()
            client.loop_misc()
        while read or more:
            read, more = 0, self._worked_off(pause)
        return is_so()

    def _worked_off(self, pause: Callable[[], bool]) -> bool:
        self._pausing = True
        try:
            return pause()
        finally:
            self._pausing = False

    def _readable(self, timeout: float) -> bool:
        """Wait until there is something to read, to write, or another thread has done something; whether there is
        something to read. seconds: at most.
        """
        sock: Any = self._client.socket()
        if self._address.tls and sock.pending():
            return True
        writes = [sock] if self._client.want_write() else []
        try:
            reads, _, _ = select.select([sock, self._woken], writes, [], timeout)
        except (OSError, ValueError):
            return True  # the socket is gone: reading tells
        if self._woken in reads:
            self._woken.recv(4096)
        return sock in reads

    def _wake(self) -> None:
        with suppress(OSError):  # it is full: whoever is to wake has enough to wake of
            self._wakes.send(b"\0")

    def _wants_to_write(self, client: paho.Client, _data: Any, _sock: Any) -> None:
        if threading.get_ident() != self._thread:
            self._wake()
        elif self._pausing:  # whoever works off what has come goes on after an answer: it leaves now
            client.loop_write()

    def _close(self) -> None:
        """Take leave, for as long as the broker listens."""
        self._up = False
        client, until = self._client, time.monotonic() + FLUSH
        client.disconnect()
        while (sock := client.socket()) is not None and (left := until - time.monotonic()) > 0:
            select.select([], [sock], [], left)
            client.loop_write()
        if sock is not None:
            sock.close()
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._wakes.close()
        self._woken.close()

    def _new_client(self) -> paho.Client:
        v5 = self._version is MQTTProtocolVersion.MQTTv5
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            self._client_id,
            clean_session=None if v5 else True,
            protocol=self._version,
            reconnect_on_failure=False,
        )
        client.connect_timeout = PATIENCE
        client.on_socket_open = _without_delay
        client.on_socket_register_write = self._wants_to_write
        client.on_publish = self._on_publish
        client.on_disconnect = self._on_disconnect
        if self._address.user is not None:
            client.username_pw_set(self._address.user, self._address.password)
        if self._address.tls:
            client.tls_set()
        return client

    def _on_connect(self, welcome: Callable[[], None]) -> paho.CallbackOnConnect_v2:
        def connected(
            _client: paho.Client, _data: Any, _flags: paho.ConnectFlags, reason: ReasonCode, _p: Properties | None
        ) -> None:
            self._greeting = reason
            if not reason.is_failure:
                welcome()

        return connected

    def _on_subscribe(self, accepted: Callable[[], None]) -> paho.CallbackOnSubscribe_v2:
        def subscribed(
            _client: paho.Client, _data: Any, _mid: int, reasons: list[ReasonCode], _p: Properties | None
        ) -> None:
            refused = [reason for reason in reasons if reason.is_failure]
            for reason in refused:
                log.error("%s does not let %s subscribe: %s", self._address, self._client_id, reason)
            if len(refused) < len(reasons):
                accepted()

        return subscribed

    def _on_publish(self, _client: paho.Client, _data: Any, _mid: int, reason: ReasonCode, _p: Properties) -> None:
        if reason.is_failure:
            log.error("%s refused what %s published: %s", self._address, self._client_id, reason)
        self._acknowledged()

    def _acknowledged(self) -> None:
        with self._changed:
            self._unacknowledged -= 1
            self._changed.notify_all()

    def _on_disconnect(
        self, _client: paho.Client, _data: Any, _flags: paho.DisconnectFlags, _reason: ReasonCode, _p: Properties | None
    ) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _end(self) -> _End:
        greeting = self._greeting
        if greeting is None:
            sentence = f"{self._address} takes connections but does not greet as an MQTT broker does. Trying again."
            return _End(sentence, version_refused=True)
        if greeting.is_failure:
            sentence = (
                f"The broker at {self._address} does not let {self._client_id} in: {greeting}. "
                "Check the user and password in its URL. Trying again and again."
            )
            return _End(sentence, version_refused=greeting == "Unsupported protocol version")
        stable = self._up_since is not None and time.monotonic() - self._up_since > LONGEST_PAUSE
        return _End(
            f"The connection to {self._address} is lost. Trying again and again.",
            stable,
            taken_away=self._up_since is not None and not stable,
        )


def _without_delay(_client: paho.Client, _data: Any, sock: Any) -> None:
    """Send small packets at once: paho leaves Nagle's algorithm on, which costs tens of milliseconds per message."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _why(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there. Is it running?"
    if isinstance(error, socket.gaierror):
        return "this name is not known here. Is it spelled right, and are we on the same network?"
    if isinstance(error, TimeoutError):
        return "nobody answers. Is it switched on, and are we on the same network?"
    return f"{error}. Is it running?"
