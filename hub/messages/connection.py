"""One connection with the MQTT broker, read and written by one thread; `hub.messages.session` keeps one up."""

from __future__ import annotations

import logging
import select
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from hub.messages.address import BrokerAddress

KEEPALIVE = 10
"""Seconds between signs of life; the broker sends the last will after one and a half of these."""
PATIENCE = 5.0
"""Seconds that a broker may take to accept a connection, and again to greet."""
FLUSH = 1.0
"""Seconds that `stop` waits for what was published to be acknowledged."""
AT_ONCE = 256
"""Packets that are read, at most, until `on_pause` gets its turn."""
LOOK_S = 1.0
"""Seconds between two looks at the clock of a quiet connection: keepalive."""

CONNECTED = "Connected to the broker"
"""How the sentence begins that says so."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class End:
    """How a connection ended.

    held_s: for how long it had been up, in seconds; None: it never was. version_refused: an older version of MQTT may
    fare better.
    """

    sentence: str
    held_s: float | None = None
    version_refused: bool = False


class Connection:
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
        """Whether the broker has accepted the subscriptions, and has not gone since."""
        return self._up

    @property
    def protocol(self) -> str:
        """The version of MQTT that is spoken, "5" or "3.1.1"."""
        return "5" if self._version is MQTTProtocolVersion.MQTTv5 else "3.1.1"

    def publish(self, topic: str, payload: bytes, retain: bool) -> bool:
        """Hand a message over with QoS 1, from any thread; False when the connection is not up."""
        if not self._up:
            return False
        with self._changed:
            self._unacknowledged += 1
        if self._client.publish(topic, payload, qos=1, retain=retain).rc is MQTTErrorCode.MQTT_ERR_SUCCESS:
            return True
        self._acknowledged()
        return False

    def leave(self) -> None:
        """End it, from any thread, once what was published is acknowledged: `FLUSH` seconds later at most."""
        with self._changed:
            if self._up and threading.get_ident() != self._thread:
                self._changed.wait_for(lambda: not self._unacknowledged or self._closed, FLUSH)
            self._leaving = True
        self._wake()

    def probe(self) -> End | None:
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
    ) -> End:
        """Connect, hand over what arrives, and return how it ended."""

        def is_up() -> None:
            self._up_since = time.monotonic()
            self._up = True
            tell(True, f"{CONNECTED} at {self._address}.")

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
                end = End(f"{self._address} lets {self._client_id} in, but not listen. Trying again and again.")
        self._close()
        return end or self._end()

    def _open(self) -> End | None:
        """Connect and wait for the broker's greeting; None when it let us in."""
        self._thread = threading.get_ident()
        try:
            self._client.connect(self._address.host, self._address.port, KEEPALIVE)
        except (OSError, ValueError) as error:
            return End(f"No broker at {self._address}: {_why(error)} Trying again and again.")
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
            left = LOOK_S if until is None else min(LOOK_S, until - time.monotonic())
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

    def _end(self) -> End:
        greeting = self._greeting
        if greeting is None:
            sentence = f"{self._address} takes connections but does not greet as an MQTT broker does. Trying again."
            return End(sentence, version_refused=True)
        if greeting.is_failure:
            sentence = (
                f"The broker at {self._address} does not let {self._client_id} in: {greeting}. "
                "Check the user and password in its URL. Trying again and again."
            )
            return End(sentence, version_refused=greeting == "Unsupported protocol version")
        held_s = None if self._up_since is None else time.monotonic() - self._up_since
        return End(f"The connection to {self._address} is lost. Trying again and again.", held_s)


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
