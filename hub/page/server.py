"""Serving the page: waitress in a thread of its own, with a thread for every live viewer."""

from __future__ import annotations

import errno
import socket
import sys
import threading
from ipaddress import ip_address
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.server import create_server

from hub.page.answers import MAX_VIEWERS
from hub.page.guard import MOST_HEADERS, Connections, possible_connections

_THREADS = MAX_VIEWERS + 16
_UNHEARD_MS = 30_000
_CLOSING_S = 5


class PortInUse(OSError):
    """The page cannot have its port: the text says why and what to type instead."""


class Server:
    """A page that is being served. host and port are those it really has (a wish for port 0 is granted a free one)."""

    def __init__(self, app: Flask, listening: socket.socket) -> None:
        self.host, self.port = listening.getsockname()[:2]
        self._viewers = app.extensions["viewers"]
        self._map: dict[int, Any] = {}
        # Lookahead makes waitress watch for viewers who leave while their stream is open.
        made: Any = create_server(
            app,
            map=self._map,
            sockets=[listening],
            threads=_THREADS,
            connection_limit=possible_connections(),
            max_request_header_size=MOST_HEADERS,
            channel_request_lookahead=1,
            outbuf_high_watermark=512 * 1024,
            asyncore_use_poll=True,
            ident="",
        )
        made.channel_class = Connections()
        self._waitress = made
        self._thread = threading.Thread(target=self._waitress.run, name="page", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the page."""
        return url_of(self.host, self.port)

    @property
    def viewers(self) -> int:
        """How many live pages follow the room now."""
        return len(self._viewers)

    def close(self) -> None:
        """End every stream, stop serving and give the port back. Twice does no harm."""
        self._viewers.close()
        if self._thread.is_alive():
            # First the workers, which use the trigger until they end; then, in the loop's own thread, the sockets.
            self._waitress.task_dispatcher.shutdown(timeout=_CLOSING_S)
            pulled = threading.Event()
            self._waitress.trigger.pull_trigger(lambda: self._end_loop(pulled))
            pulled.set()
            self._thread.join(_CLOSING_S)

    def _end_loop(self, pulled: threading.Event) -> None:
        # The loop may be awake for another reason: it must not close the trigger before that has been pulled.
        pulled.wait(_CLOSING_S)
        wasyncore.close_all(self._map)


def url_of(host: str, port: int) -> str:
    """Where a browser on this machine finds what is served on an address."""
    return f"http://{_at('localhost' if host in ('127.0.0.1', '0.0.0.0', '::') else host)}:{port}"


def addresses_of(host: str, port: int) -> list[str]:
    """Where other machines find it, HOST:PORT; none when it is served to this machine alone."""
    hosts = _own_addresses() if host in ("0.0.0.0", "::") else [host]
    hosts = [each for each in hosts if not ip_address(each).is_loopback]
    return [_at(each) if port == 80 else f"{_at(each)}:{port}" for each in hosts]


def _at(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _own_addresses() -> list[str]:
    """The address by which this machine would reach others: no packet is sent to find it out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for far in ("10.255.255.255", "192.0.2.1"):
            try:
                asking.connect((far, 9))
            except OSError:
                continue
            return [str(asking.getsockname()[0])]
    return []


def serve(app: Flask, host: str, port: int) -> Server:
    """Serve the app of `create_app` until `close()`.

    Raises PortInUse when somebody else has the port, and OSError with a sentence when the address cannot be had.
    """
    return Server(app, listen(host, port))


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there, for a `Server`. Raises as `serve` does."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OverflowError:
        raise OSError(f"{port} is no port: choose one from 1 to 65535, for example --http {host}:8000") from None
    except OSError as error:
        raise _explained(error, host, port) from None
    if sys.platform == "linux":
        # Accepted connections inherit it: a screen whose network went away is given up after this long.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNHEARD_MS)
    return listening


def _explained(error: OSError, host: str, port: int) -> OSError:
    if error.errno == errno.EADDRINUSE:
        return PortInUse(
            f"Port {port} on {host} is taken, probably by another hub that is still running. "
            f"Stop that one, or choose another port: --http {host}:{port + 1 if port < 65535 else 8000}"
        )
    if error.errno == errno.EACCES:
        return OSError(
            f"Port {port} is reserved for the system's own services. Choose one above 1023: --http {host}:8000"
        )
    return OSError(
        f"The page cannot be served on {host}:{port} ({error.strerror or error}). Is {host!r} an address of this "
        f"machine? For every one of its addresses write --http 0.0.0.0:{port}"
    )
