"""A room as the page sees it, with the state of docs/contracts.md, and nobody who may change it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from hub.archive import Archive
from hub.feed import Feed
from hub.messages import Answer, Sighting
from hub.orders import Order

NO_PAST = Archive(Path("nowhere"))
"""Of a room without a journal."""
MARKUP = "<b>bold</b><img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"


def node(name: str, x: float, address: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "title": name.capitalize(),
        "kind": "router" if name == "router" else "host",
        "address": address,
        "x": x,
        "y": 0.5,
        "services": [],
        "connections": [],
        "listening": [],
        "turn": None,
        "badge": None,
        "free": "badge" not in more,
        "online": True,
        "light": None,
        "key": None,
        "sentence": None,
        **more,
    }


def entry(event: int, **more: Any) -> dict[str, Any]:
    return {
        "event": event,
        "round": 1,
        "at_ms": 65_000,
        "badge": "b1",
        "node": "client",
        "card": "DEMO-1",
        "packet": {
            "src": "10.0.1.2",
            "sport": 40001,
            "dst": "10.0.1.1",
            "dport": 23,
            "flags": ["SYN"],
            "seq": 100,
            "text": "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100",
        },
        "verdict": "sent",
        "reason": "tcp.syn-sent",
        "sentence": "Your SYN is on its way.",
        "light": "sent",
        "key": None,
        "rfc": "RFC 9293 §3.5",
        "from": None,
        "to": "router",
        **more,
    }


class Room:
    """Holds still; a test publishes what is to happen."""

    def __init__(self) -> None:
        self.feed = Feed()
        self.broken = False
        self.value: dict[str, Any] = {
            "lesson": {"id": "handshake", "title": "The handshake", "goal": "Open a connection.", "language": "en"},
            "round": 1,
            "act": {"title": "First act", "text": "A SYN"},
            "nodes": [
                node("client", 0.12, "10.0.1.2", badge="b1", turn="ACK to 10.0.1.1:23"),
                node("router", 0.5, "10.0.1.254", badge="b2", online=False),
                node(
                    "server",
                    0.88,
                    "10.0.1.1",
                    services=[{"port": 23, "name": "telnet"}],
                    listening=[23],
                    light="dropped",
                    sentence="It came straight from the client, past the router.",
                    connections=[{"local": "10.0.1.1:23", "remote": "10.0.1.2:40001", "state": "SYN-RECEIVED"}],
                ),
            ],
            "links": [["client", "router"], ["router", "server"]],
            "packets": [],
            "story": [entry(1, packet={"flags": ["ACK"], "data": MARKUP, "text": "? > ?"}, sentence=MARKUP)],
        }

    def state(self) -> dict[str, Any]:
        if self.broken:
            raise RuntimeError("a secret of the inside")
        return copy.deepcopy(self.value)

    def backstage(self, language: str) -> dict[str, Any]:
        return {}

    def do(self, order: Order, language: str) -> str:
        raise AssertionError("nobody may change this room")

    def admit(self) -> tuple[str, str]:
        raise AssertionError("no phone plays in this room")

    def phone(self, token: str) -> dict[str, Any] | None:
        return None

    def take(self, token: str, node: str | None) -> dict[str, Any] | None:
        return None

    def answer(self, token: str, question: str, option: str) -> dict[str, Any] | None:
        return None

    def phone_scan(self, token: str, seen: Sighting, counter: int | None = None) -> Answer | None:
        return None
