"""Who wants to know what a badge does: the terminal, a display, a test."""

from __future__ import annotations

from firmware.link import LinkState
from firmware.steady import TooMany
from hub.messages import Answer, Light, Role, Scan


class Observer:
    """Told what a badge does; override what you want to know. Called from the badge's threads: return soon."""

    def on_scan(self, scan: Scan, frame_time: float) -> None:
        """A scan is in the outbox. frame_time: `time.monotonic()` when the frame that decided it was handed over."""

    def on_answer(self, answer: Answer) -> None:
        """The hub has answered a scan, and the lights say so already."""

    def on_too_many(self, too_many: TooMany) -> None:
        """There is more than one card on the rest."""

    def on_light(self, light: Light) -> None:
        """The hub has said what to show between scans."""

    def on_role(self, role: Role) -> None:
        """The hub has said which node this badge plays."""

    def on_link(self, state: LinkState, sentence: str) -> None:
        """The talk with broker and hub has got better or worse."""

    def on_trouble(self, sentence: str) -> None:
        """Something that people should know of went wrong."""


class Several(Observer):
    """Tells several observers, in their order."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def on_scan(self, scan: Scan, frame_time: float) -> None:
        """To each of them."""
        for each in self._observers:
            each.on_scan(scan, frame_time)

    def on_answer(self, answer: Answer) -> None:
        """To each of them."""
        for each in self._observers:
            each.on_answer(answer)

    def on_too_many(self, too_many: TooMany) -> None:
        """To each of them."""
        for each in self._observers:
            each.on_too_many(too_many)

    def on_light(self, light: Light) -> None:
        """To each of them."""
        for each in self._observers:
            each.on_light(light)

    def on_role(self, role: Role) -> None:
        """To each of them."""
        for each in self._observers:
            each.on_role(role)

    def on_link(self, state: LinkState, sentence: str) -> None:
        """To each of them."""
        for each in self._observers:
            each.on_link(state, sentence)

    def on_trouble(self, sentence: str) -> None:
        """To each of them."""
        for each in self._observers:
            each.on_trouble(sentence)
