"""The pages in a process of their own, so that no number of viewers, no photo and no printing slows the judging down.

Two pipes join it with the hub: one for what pages ask of the desk, one for what happens in the room. The pages end
with the hub, however that ends; pages that ended by themselves are begun again, on the same socket.
"""

from __future__ import annotations

import atexit
import logging
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from hub.feed import Feed
from hub.journal import JournalError
from hub.messages import Answer, Sighting
from hub.orders import Order
from hub.page.desk import Desk
from hub.refusals import NothingDoneError
from hub.simulator.verdicts import Ruling, Verdict

_CALLS = ("state", "backstage", "do", "admit", "phone", "take", "answer", "phone_scan")
_ENDING_S = 10.0
_SIGN_OF_LIFE_S = 3600.0
_LESS_URGENT = 10
"""By how much, as nice(2) counts."""
_BREATH_S = 0.02
"""Seconds between two times that pages are told what has happened: of a busy room they hear several things at once."""
_THE_HUBS = (signal.SIGINT, signal.SIGTERM)
"""What a terminal, or a service manager, sends to all processes at once: the hub minds it, and ends the pages."""

log = logging.getLogger(__name__)


class PagesApart:
    """Pages that are served in another process. data: the folder with the teacher's PIN; listening: their socket;
    release: the folder of what badges can get.
    """

    def __init__(self, desk: Desk, data: Path, listening: socket.socket, release: Path | None = None) -> None:
        self._desk, self._data, self._listening, self._release = desk, data, listening, release
        self._spawn = multiprocessing.get_context("spawn")
        self._closing = threading.Event()
        atexit.register(self.close)  # before multiprocessing asks the pages with a signal that they do not mind
        self._begin()
        self._keeper = threading.Thread(target=self._keep, name="pages", daemon=True)
        self._keeper.start()

    def close(self) -> None:
        """End the pages and give their port back. Twice does no harm."""
        atexit.unregister(self.close)
        self._closing.set()
        self._events.close()
        self._keeper.join(_ENDING_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(_ENDING_S)
        self._calls.close()
        self._listening.close()

    def _begin(self) -> None:
        self._calls, calls = self._spawn.Pipe()
        hears, self._events = self._spawn.Pipe(duplex=False)
        self._process = self._spawn.Process(
            target=_serve,
            args=(calls, hears, self._listening, self._data, self._release),
            name="paperhop-pages",
            daemon=True,
        )
        resource_tracker.ensure_running()  # where it begins with the process, it lifts what is blocked here
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, _THE_HUBS)  # the process begins with this, too
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        calls.close()
        hears.close()
        threading.Thread(target=self._answer, args=(self._calls,), name="pages-calls", daemon=True).start()
        threading.Thread(target=self._tell, args=(self._events,), name="pages-events", daemon=True).start()

    def _keep(self) -> None:
        while True:
            self._process.join()
            if self._closing.is_set():
                return
            log.error("The pages have ended (exit status %s); they begin again.", self._process.exitcode)
            self._calls.close()
            self._events.close()
            if self._closing.wait(1.0):
                return
            self._begin()

    def _answer(self, calls: Connection) -> None:
        while True:
            try:
                name, arguments = calls.recv()
            except (EOFError, OSError):
                return
            try:
                answer: tuple[str, Any] = "done", self._called(name, arguments)
            except NothingDoneError as refused:
                answer = "refused", (str(refused), refused.ruling.reason)
            except ValueError as error:
                answer = "wrong", str(error)
            except JournalError as error:
                log.error("%s", error)
                answer = "unkept", str(error)
            except Exception:
                log.exception("What a page has asked (%s) could not be done", name)
                answer = "failed", name
            try:
                calls.send(answer)
            except OSError:
                return

    def _called(self, name: str, arguments: tuple[Any, ...]) -> Any:
        if name not in _CALLS:
            raise AssertionError(f"pages cannot ask for {name}")
        return getattr(self._desk, name)(*arguments)

    def _tell(self, events: Connection) -> None:
        following = self._desk.feed.follow(heartbeat_s=_SIGN_OF_LIFE_S)
        for event in following:
            if event is None:
                continue
            try:
                events.send([(each.name, each.json) for each in (event, *following.waiting())])
            except OSError:
                return
            self._closing.wait(_BREATH_S)


class DeskAfar:
    """The hub's desk, as pages in another process have it: each call waits for its answer from there."""

    def __init__(self, calls: Connection) -> None:
        self.feed = Feed()
        self._calls = calls
        self._lock = threading.Lock()

    def state(self) -> dict[str, Any]:
        """The room as it is now."""
        return self._dict("state")

    def backstage(self, language: str) -> dict[str, Any]:
        """What only the teacher sees."""
        return self._dict("backstage", language)

    def do(self, order: Order, language: str) -> str:
        """Carry out an order."""
        return str(self._ask("do", order, language))

    def admit(self) -> tuple[str, str]:
        """A phone comes in."""
        token, badge = self._ask("admit")
        return token, badge

    def phone(self, token: str) -> dict[str, Any] | None:
        """What a phone is to show."""
        return self._maybe("phone", token)

    def take(self, token: str, node: str | None) -> dict[str, Any] | None:
        """A phone takes a free node, or leaves its own."""
        return self._maybe("take", token, node)

    def answer(self, token: str, question: str, option: str) -> dict[str, Any] | None:
        """A phone answers a question."""
        return self._maybe("answer", token, question, option)

    def phone_scan(self, token: str, seen: Sighting, counter: int | None = None) -> Answer | None:
        """A phone shows a card."""
        answer: Answer | None = self._ask("phone_scan", token, seen, counter)
        return answer

    def _dict(self, name: str, *arguments: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._ask(name, *arguments)
        return answer

    def _maybe(self, name: str, *arguments: Any) -> dict[str, Any] | None:
        answer: dict[str, Any] | None = self._ask(name, *arguments)
        return answer

    def _ask(self, name: str, *arguments: Any) -> Any:
        with self._lock:
            self._calls.send((name, arguments))
            kind, answer = self._calls.recv()
        if kind == "refused":
            text, reason = answer
            raise NothingDoneError(text, Ruling(Verdict.STOPPED, reason))
        if kind == "wrong":
            raise ValueError(answer)
        if kind == "unkept":
            raise JournalError(answer)
        if kind == "failed":
            raise RuntimeError(f"the hub could not do {answer}")
        return answer


def _serve(calls: Connection, events: Connection, listening: socket.socket, data: Path, release: Path | None) -> None:
    """The process of the pages, until the hub's end of the pipe is closed. Where the processor has too little for both,
    the judging goes first.
    """
    from hub.archive import Archive
    from hub.page import Gate, Server, create_app
    from hub.releases import Releases

    os.nice(_LESS_URGENT)
    for number in _THE_HUBS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _THE_HUBS)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s pages %(levelname)s %(message)s")
    desk = DeskAfar(calls)
    server = Server(create_app(desk, Gate(data), Archive(data), releases=Releases(release)), listening)
    try:
        _relay(events.recv, desk.feed)
    finally:
        server.close()


def _relay(hear: Callable[[], list[tuple[str, str]]], feed: Feed) -> None:
    while True:
        try:
            events = hear()
        except (EOFError, OSError):
            return
        for name, text in events:
            feed.relay(name, text)
