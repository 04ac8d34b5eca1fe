"""The badge's side of the talk with the hub: one scan at a time, until the hub's answer names it."""

from __future__ import annotations

import enum
import functools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Literal, Protocol

from cards.penform import PenForm
from firmware.outbox import Outbox
from firmware.vitals import Facts
from hub.messages import (
    DEFAULT_SET,
    Answer,
    BadgeStatus,
    BadMessage,
    Form,
    Light,
    Resend,
    Role,
    Scan,
    Update,
    badge_subscription,
    decode_down,
    encode,
    topic,
)
from hub.messages.session import Line, Session

MEASURE_EVERY = 10.0
"""Seconds from one look at how the badge is to the next."""
TELL_EVERY = 30.0
"""Seconds after which the hub is told how the badge is, if that has changed; of what got worse it is told at once."""
PATIENCE = 3.0
"""Seconds without an answer after which a scan is sent again, and the badge says that nobody answers."""

log = logging.getLogger(__name__)


class LinkState(enum.Enum):
    """How the talk with the hub goes: all is well, the hub does not answer, or there is no broker."""

    FINE = "fine"
    NO_ANSWER = "no-answer"
    NO_BROKER = "no-broker"


class LinkListener(Protocol):
    """Who is told what the hub says. Called from the link's threads; what is raised is logged."""

    def answered(self, answer: Answer) -> None:
        """The hub's verdict on a scan that was waiting for it: once for each scan; once more after a start when the
        badge has stopped at that moment.
        """

    def light(self, light: Light) -> None:
        """What to show between scans."""

    def role(self, role: Role) -> None:
        """Which node this badge plays."""

    def form(self, form: PenForm) -> None:
        """The form of the cards for the pen that are played with."""

    def update(self, update: Update) -> None:
        """Another program may be got now: nothing waits for an answer."""

    def link(self, state: LinkState, sentence: str) -> None:
        """How the talk goes has changed; a sentence for people."""


class Link:
    """Sends what is in the outbox, oldest first, and hands over what the hub says.

    badge, set_name: who we are. frames: where our pictures come from, for the hub's page. measure: how the badge is.
    line: makes the session; clock: in seconds.
    ValueError when the broker's URL or a name is not one.
    """

    def __init__(
        self,
        badge: str,
        outbox: Outbox,
        broker_url: str,
        listener: LinkListener,
        *,
        set_name: str = DEFAULT_SET,
        frames: str = "",
        measure: Callable[[], Facts] = Facts,
        line: Callable[..., Line] = Session,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._badge = badge
        self._outbox = outbox
        self._listener = listener
        self._set_name = set_name
        self._frames = frames[:200]
        self._measure = measure
        self._facts = Facts()
        self._told_facts = Facts()
        self._measured_at = self._told_at = float("-inf")
        self._session = line(
            broker_url,
            f"paperhop-{set_name}-{badge}",
            subscriptions=[badge_subscription(badge, set_name)],
            on_message=self._on_message,
            on_link=self._on_link,
            will=self._status("offline"),
        )
        self._news: deque[tuple[bool, str]] = deque()
        self._state = LinkState.FINE
        self._sending: _Sending | None = None
        self._taken_at: dict[tuple[str, int], float] = {}
        self._up_at = float("-inf")
        self._told: tuple[str, int] | None = None
        self._at_once = False
        self._asked_at = float("-inf")
        self._told_waiting = 0
        self._update: Update | None = None
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._emptied = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=f"link {badge}", daemon=True)

    def start(self) -> None:
        """Begin; returns at once, whether or not there is a broker."""
        self._session.start()
        self._thread.start()

    def notify(self, scan: Scan) -> None:
        """A scan was put into the outbox just now."""
        self._taken_at[scan.boot, scan.counter] = self._clock()
        self._wake.set()

    def wait_empty(self, timeout: float | None = None) -> bool:
        """Wait until every scan is answered, or `stop` is called; False when some still wait (after `timeout` s)."""
        with self._emptied:
            self._emptied.wait_for(lambda: self._stopping.is_set() or not len(self._outbox), timeout)
        return not len(self._outbox)

    def interrupt(self) -> None:
        """End every `wait_empty`, because the badge stops."""
        self._stopping.set()
        with self._emptied:
            self._emptied.notify_all()

    def stop(self) -> None:
        """Say goodbye and end. What is not answered stays in the outbox."""
        self.interrupt()
        self._wake.set()
        self._thread.join()
        self._session.publish(*self._status("offline"), retain=True)
        self._session.stop()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                timeout = self.tend()
            except Exception:
                log.exception("the link of badge %s met something unexpected", self._badge)
                timeout = PATIENCE
            self._wake.wait(MEASURE_EVERY if timeout is None else min(timeout, MEASURE_EVERY))

    def tend(self) -> float | None:
        """What the link's thread does at each turn: what is due. Returns how many seconds later something may be due
        again, None: when something happens.
        """
        self._pass_on_news()
        if not self._session.up:
            return None
        self._tell_facts()
        head = self._outbox.head()
        if head is None:
            self._sending = None
            self._taken_at.clear()
            self._tell(LinkState.FINE, "The hub has answered everything.")
            if self._told_waiting:
                self._publish_status()
            if self._update is not None:
                update, self._update = self._update, None
                self._listener.update(update)
                self._measured_at = float("-inf")
            return None
        return self._send(head)

    def _tell_facts(self) -> None:
        """Tell the hub how the badge is: now and then, and at once when it has got worse."""
        now = self._clock()
        if now - self._measured_at < MEASURE_EVERY:
            return
        self._measured_at = now
        self._facts = self._measure()
        changed = now - self._told_at >= TELL_EVERY and self._facts != self._told_facts
        if changed or self._facts.worse_than(self._told_facts):
            self._publish_status()

    def _send(self, scan: Scan) -> float:
        now = self._clock()
        sending = self._sending
        if sending is None or (sending.boot, sending.counter) != (scan.boot, scan.counter):
            sending = self._sending = _Sending(scan.boot, scan.counter, since=self._waits_since(scan))
        at_once, self._at_once = self._at_once, False
        if at_once or now - sending.last >= PATIENCE:
            sending.last = now
            self._session.publish(topic(scan, self._set_name), encode(scan))
        if now - sending.since >= PATIENCE and self._told != (scan.boot, scan.counter):
            self._tell(LinkState.NO_ANSWER, "The hub does not answer. The scan is kept and sent again. Is the hub on?")
        else:
            self._tell(LinkState.FINE, "The hub answers again.")
        again, alarm = sending.last + PATIENCE - now, sending.since + PATIENCE - now
        return min(again, alarm) if alarm > 0 else again

    def _waits_since(self, scan: Scan) -> float:
        """Since when somebody waits for this scan's answer, also while others were before it; or since there is a line,
        without which the badge has said so.
        """
        before = self._clock() if scan.boot == self._outbox.boot else self._up_at
        return max(self._taken_at.pop((scan.boot, scan.counter), before), self._up_at)

    def _pass_on_news(self) -> None:
        while self._news:
            up, sentence = self._news.popleft()
            self._sending = None
            self._up_at = self._clock()
            self._state = LinkState.FINE if up else LinkState.NO_BROKER
            self._listener.link(self._state, sentence)
            if up:
                self._publish_status()

    def _tell(self, state: LinkState, sentence: str) -> None:
        if state is not self._state:
            self._state = state
            self._listener.link(state, sentence)

    def _publish_status(self) -> None:
        self._told_waiting = len(self._outbox)
        self._told_facts, self._told_at = self._facts, self._clock()
        self._session.publish(*self._status("online"), retain=True)

    def _status(self, state: Literal["online", "offline"]) -> tuple[str, bytes]:
        status = BadgeStatus(
            self._badge,
            state,
            self._outbox.boot,
            len(self._outbox),
            _program(),
            self._frames,
            *(self._facts if state == "online" else Facts()),
        )
        return topic(status, self._set_name), encode(status)

    def _on_link(self, up: bool, sentence: str) -> None:
        self._news.append((up, sentence))
        self._wake.set()

    def _on_message(self, on_topic: str, payload: bytes) -> None:
        try:
            message = decode_down(on_topic, payload)
        except BadMessage as error:
            log.warning("A message on %s is ignored: %s", on_topic, error)
            return
        match message:
            case Answer():
                self._on_answer(message)
            case Resend():
                self._on_resend(message)
            case Light():
                self._listener.light(message)
            case Role():
                # The hub publishes roles when it starts: whatever it was sent before is lost to it.
                self._hurry()
                self._listener.role(message)
            case Form():
                self._listener.form(message.form)
            case Update():
                self._update = message
                self._wake.set()

    def _on_answer(self, answer: Answer) -> None:
        name = (answer.boot, answer.counter)
        if not self._outbox.waits(*name):
            log.debug("late: scan %d of boot %s was answered before", answer.counter, answer.boot)
            return
        try:
            if name != self._told:
                self._told = name
                self._listener.answered(answer)
        finally:
            # Only now: a badge that stops between the two is answered again, and nobody waits for a verdict in vain.
            self._outbox.answered(*name)
            self._wake.set()
            with self._emptied:
                self._emptied.notify_all()

    def _on_resend(self, resend: Resend) -> None:
        """Send again at once, but not so often that two programs which misunderstand each other keep the air busy."""
        log.info("the hub asks for scans again, from %d of boot %s on", resend.counter, resend.boot)
        now = self._clock()
        if now - self._asked_at >= PATIENCE:
            self._asked_at = now
            self._hurry()

    def _hurry(self) -> None:
        self._at_once = True
        self._wake.set()


@dataclass(slots=True)
class _Sending:
    """The scan that is sent: since when it waits for its answer, and when it was sent last."""

    boot: str
    counter: int
    since: float
    last: float = float("-inf")


@functools.cache
def _program() -> str:
    try:
        return f"paperhop {version('paperhop')}"
    except PackageNotFoundError:
        return "paperhop"
