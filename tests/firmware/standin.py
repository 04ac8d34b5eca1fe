"""A hub that only answers, as well or as badly as a test wants, and a listener that remembers what a link said."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

from cards.penform import PenForm
from firmware.badge import Badge
from firmware.link import LinkState
from hub.messages import (
    RETAINED,
    Answer,
    BadgeStatus,
    Down,
    Light,
    LightWord,
    Role,
    Scan,
    Update,
    Verdict,
    decode_up,
    encode,
    hub_subscription,
    topic,
)
from hub.messages.session import Session

WITHIN = 10.0


@contextmanager
def beside(badge: Badge) -> Iterator[threading.Thread]:
    """A badge that runs beside a test. It is stopped however that ends: one that waits for an answer that never comes
    would keep all tests from ending.
    """
    running = threading.Thread(target=badge.run, daemon=True)
    running.start()
    try:
        yield running
    finally:
        badge.stop()
        running.join(WITHIN)
    assert not running.is_alive()


Reply = Callable[[Scan], list[Down]]


def answer(scan: Scan, verdict: Verdict = Verdict.SENT) -> Answer:
    """What a hub says to a scan."""
    light = LightWord(verdict.value)
    return Answer(scan.badge, scan.boot, scan.counter, verdict, "test.reason", "Carry it on.", light)


def name(message: Scan | Answer) -> tuple[str, int]:
    """What an answer must name."""
    return message.boot, message.counter


class Waiting:
    """Something that changes in another thread, and can be waited for."""

    def __init__(self) -> None:
        self.changed = threading.Condition()

    def wait(self, happened: Callable[[], bool], timeout: float = WITHIN) -> None:
        with self.changed:
            assert self.changed.wait_for(happened, timeout), vars(self)


class StandIn(Waiting):
    """Answers each scan that arrives as `reply` says; remembers scans and the last status."""

    def __init__(self, url: str, set_name: str, reply: Reply = lambda scan: [answer(scan)]) -> None:
        super().__init__()
        self.scans: list[Scan] = []
        self.statuses: list[BadgeStatus] = []
        self.reply = reply
        self._set_name = set_name
        self._up = threading.Event()
        self._session = Session(
            url,
            f"hub-{set_name}",
            subscriptions=[hub_subscription(set_name)],
            on_message=self._on_message,
            on_link=lambda up, _: self._up.set() if up else self._up.clear(),
        )

    def __enter__(self) -> StandIn:
        self._session.start()
        assert self._up.wait(WITHIN)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.stop()

    def say(self, message: Down) -> None:
        assert self._session.publish(topic(message, self._set_name), encode(message), type(message) in RETAINED)

    def say_rubbish(self, badge: str, leaf: str, octets: bytes) -> None:
        assert self._session.publish(f"paperhop/{self._set_name}/badge/{badge}/{leaf}", octets)

    def _on_message(self, on_topic: str, payload: bytes) -> None:
        message = decode_up(on_topic, payload)
        with self.changed:
            if isinstance(message, Scan):
                self.scans.append(message)
                for reply in self.reply(message):
                    self.say(reply)
            else:
                self.statuses.append(message)
            self.changed.notify_all()


class Heard(Waiting):
    """A link's listener that remembers."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[Answer] = []
        self.lights: list[LightWord] = []
        self.roles: list[str | None] = []
        self.forms: list[PenForm] = []
        self.states: list[tuple[LinkState, str]] = []
        self.updates: list[Update] = []

    def answered(self, answer: Answer) -> None:
        self._note(lambda: self.answers.append(answer))

    def light(self, light: Light) -> None:
        self._note(lambda: self.lights.append(light.light))

    def role(self, role: Role) -> None:
        self._note(lambda: self.roles.append(role.node))

    def form(self, form: PenForm) -> None:
        self._note(lambda: self.forms.append(form))

    def update(self, update: Update) -> None:
        self._note(lambda: self.updates.append(update))

    def link(self, state: LinkState, sentence: str) -> None:
        self._note(lambda: self.states.append((state, sentence)))

    def _note(self, note: Callable[[], None]) -> None:
        with self.changed:
            note()
            self.changed.notify_all()
