"""An MQTT broker inside this program, so that trying out and testing need nothing else running.

amqtt speaks MQTT 3.1.1 only and forgets everything when it stops: a class set runs mosquitto instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from concurrent.futures import Future
from types import TracebackType

_log = logging.getLogger(__name__)
_LISTENER = "default"


class EmbeddedBroker:
    """A broker that lets anybody in, in a thread of its own: `with EmbeddedBroker() as broker: connect(broker.url)`.

    host: the address to listen on; "0.0.0.0" lets other machines in.
    port: 0 takes a free one.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._host = host
        self._port = port
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    @property
    def url(self) -> str:
        """Where it listens, such as "mqtt://127.0.0.1:1883"; the port is known once it has started."""
        return f"mqtt://{self._host}:{self._port}"

    def start(self) -> None:
        """Start and return when clients can connect. Starting twice changes nothing.

        OSError: the address cannot be had, with a sentence for people. ModuleNotFoundError: amqtt is not installed.
        """
        if self._thread is not None:
            return
        _need_amqtt()
        listening = _listen(self._host, self._port)
        self._port = listening.getsockname()[1]
        ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(listening, ready), name="embedded-broker", daemon=True)
        self._thread.start()
        try:
            ready.result()
        except BaseException:
            self._thread.join()
            self._thread = None
            raise

    def stop(self) -> None:
        """Close every connection and end the thread. Stopping twice changes nothing."""
        if self._thread is None or self._loop is None or self._stopping is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._thread = None

    def __enter__(self) -> EmbeddedBroker:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self, listening: socket.socket, ready: Future[None]) -> None:
        with listening, asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            self._loop.set_exception_handler(lambda _, context: _log.debug("broker: %s", context))
            try:
                runner.run(self._serve(listening, ready))
            except BaseException as error:
                if ready.done():
                    raise
                ready.set_exception(error)

    async def _serve(self, listening: socket.socket, ready: Future[None]) -> None:
        from amqtt.broker import Broker
        from amqtt.contexts import BrokerConfig, ListenerConfig, ListenerType

        # An external listener: accepting is ours, and with it the choice of the port and the end of every connection.
        listener = ListenerConfig(type=ListenerType.EXTERNAL, bind="ours")
        plugins = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
        broker = Broker(BrokerConfig(listeners={_LISTENER: listener}, plugins=plugins))
        await broker.start()

        self._stopping = stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        connections: dict[socket.socket, asyncio.Task[None]] = {}

        def accept() -> None:
            with contextlib.suppress(OSError):  # whoever knocked has gone again
                connection, _ = listening.accept()
                connections[connection] = loop.create_task(serve(connection))

        async def serve(connection: socket.socket) -> None:
            # A small answer leaves at once. (asyncio sets this by itself only on sockets that it made.)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reader = asyncio.StreamReader()
            protocol = asyncio.StreamReaderProtocol(reader)
            transport, _ = await loop.connect_accepted_socket(lambda: protocol, connection)
            writer = _Writer(transport, protocol, reader, loop)
            try:
                await broker.stream_connected(reader, writer, _LISTENER)
            finally:
                del connections[connection]
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()

        loop.add_reader(listening, accept)
        ready.set_result(None)
        await stopping.wait()

        loop.remove_reader(listening)
        serving = list(connections.values())
        for connection in connections:
            with contextlib.suppress(OSError):  # it has ended by itself
                connection.shutdown(socket.SHUT_RDWR)
        await asyncio.gather(*serving, return_exceptions=True)
        await broker.shutdown()


class _Writer(asyncio.StreamWriter):
    """Writes nothing to a connection that is gone: asyncio would log a warning for each attempt."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self.is_closing():
            super().write(data)


def _need_amqtt() -> None:
    try:
        import amqtt.broker  # noqa: F401
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"The embedded broker needs {error.name}, which is not installed: run pip install 'paperhop[demo]',"
            " or start mosquitto and give its address."
        ) from None
    # What it warns of are connections that end without a goodbye: everyday for badges, and not for the terminal.
    for name in ("amqtt", "transitions"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _listen(host: str, port: int) -> socket.socket:
    try:
        listening = socket.create_server((host, port), backlog=100)
    except OSError as error:
        raise OSError(
            f"The broker cannot listen on {host} port {port}: {error.strerror}."
            " Is another broker running there? Stop it, or choose another port."
        ) from error
    listening.setblocking(False)
    return listening
