"""What the pages need of a hub: the room to look at, a desk for the teacher, and a way in for phones.

`hub.desk.Desk` is it; everything is JSON-ready, so that pages may live in a process of their own.
"""

from __future__ import annotations

from typing import Any, Protocol

from hub.feed import Feed
from hub.messages import Answer, Sighting
from hub.orders import Order


class RoomView(Protocol):
    """A room to look at.

    `state()` is the whole picture as JSON-ready values (docs/contracts.md); `feed` publishes every change to it.
    """

    @property
    def feed(self) -> Feed:
        """Where the room tells its changes: what everybody may see."""

    def state(self) -> dict[str, Any]:
        """The room as it is now."""


class Desk(RoomView, Protocol):
    """A room, and whoever may change it."""

    def backstage(self, language: str) -> dict[str, Any]:
        """What only the teacher sees: people, badges, turns, tables, what is planned (`hub.backstage`)."""

    def do(self, order: Order, language: str) -> str:
        """Carry out what a teacher orders; what was done, in a sentence. NothingDoneError: nothing, and why not.

        language: of the teacher. What is said of the room, is said in that of the room.
        """

    def admit(self) -> tuple[str, str]:
        """A phone comes in: its token, and the name that it has as a badge."""

    def phone(self, token: str) -> dict[str, Any] | None:
        """What a phone is to show; None: nobody knows this token (any more)."""

    def take(self, token: str, node: str | None) -> dict[str, Any] | None:
        """A phone takes a free node, or leaves its own; as `phone`. NothingDoneError when the node is taken."""

    def answer(self, token: str, question: str, option: str) -> dict[str, Any] | None:
        """A phone chooses an option of a question, by its letter; as `phone`. NothingDoneError when it cannot."""

    def phone_scan(self, token: str, seen: Sighting, counter: int | None = None) -> Answer | None:
        """A phone shows a card: the answer; None: nobody knows this token.

        counter: of this scan of this phone, 1, 2, 3 ...: a repeat gets the same answer. None: a new scan.
        """
