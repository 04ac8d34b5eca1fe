"""A client's session with the MQTT broker: connects, reconnects, says when it is up. Both badge and hub use it.

MQTT 5 where the broker speaks it, else 3.1.1: only MQTT 5 tells a client that a publish was not authorized.
Nothing is queued while there is no connection; whoever publishes keeps an outbox of their own.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTProtocolVersion

from hub.messages import MAX_MESSAGE
from hub.messages.address import BrokerAddress
from hub.messages.connection import PATIENCE, Connection

SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds between attempts to connect: doubled after each failure, from the first to the second."""
SUSPICIOUS = 3
"""Connections lost in a row, each soon after it came up, until we ask for a namesake. A broker lets a newcomer take the
place of the client of the same name (mosquitto 2.0 gives no reason then), and so two take it from each other for ever;
a broker that was stopped does not let us in again."""

log = logging.getLogger(__name__)


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
        self._connection: Connection | None = None
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
            connection = Connection(self._address, self._client_id, version)
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
            stable = end.held_s is not None and end.held_s > LONGEST_PAUSE
            taken_away = taken_away + 1 if end.held_s is not None and not stable else 0
            doubt = f" Does another program call itself {self._client_id} there?" if taken_away >= SUSPICIOUS else ""
            self._tell(False, end.sentence + doubt)
            version = MQTTProtocolVersion.MQTTv5
            pause = SHORTEST_PAUSE if stable else min(2 * pause, LONGEST_PAUSE)
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
