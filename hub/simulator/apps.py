"""What the services of a lesson answer, when the engine plays them; a person may say it in other words."""

from __future__ import annotations

from collections.abc import Callable

from hub.simulator.world import Reply


def _collector(heard: bytes) -> Reply | None:
    """The telnet server of the session collects names: it acknowledges, and says nothing."""
    return None


def _echo(heard: bytes) -> Reply | None:
    """RFC 862: what comes goes back."""
    return Reply(heard)


def _web(heard: bytes) -> Reply | None:
    """RFC 1945, as short as a card: any request is granted, and that was it."""
    return Reply(b"200 OK hello", close=True)


APPS: dict[str, Callable[[bytes], Reply | None]] = {"telnet": _collector, "echo": _echo, "web": _web}
"""Service -> what it answers. A service of any other name listens and acknowledges, like telnet."""


def answer(service: str, heard: bytes) -> Reply | None:
    """What a service says to what it has just heard; None: nothing."""
    app = APPS.get(service)
    return None if app is None else app(heard)
