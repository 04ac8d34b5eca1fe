"""What systemd is told by a badge that it runs: that it has begun, and, again and again, that it sees frames.

See sd_notify(3). Where no systemd has started the program nothing is told to nobody.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time

ALIVE_EVERY = 5.0
"""Seconds from one sign of life to the next, at least: the watchdog of firmware/deploy waits for 30."""

_alive_at = float("-inf")


def under_systemd() -> bool:
    """Whether systemd has started this program, and wants to hear of it."""
    return "NOTIFY_SOCKET" in os.environ


def ready() -> None:
    """The badge has begun."""
    _tell("READY=1")


def takes(seconds: float) -> None:
    """The badge needs so long to begin, from now on."""
    _tell(f"EXTEND_TIMEOUT_USEC={seconds * 1e6:.0f}")


def alive() -> None:
    """The badge sees frames, or tries to get some. Called as often as one likes."""
    global _alive_at
    now = time.monotonic()
    if now - _alive_at >= ALIVE_EVERY:
        _alive_at = now
        _tell("WATCHDOG=1")


def _tell(state: str) -> None:
    address = os.environ.get("NOTIFY_SOCKET")
    if address is None:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifying:
        notifying.sendto(state.encode(), f"\0{address[1:]}" if address.startswith("@") else address)
