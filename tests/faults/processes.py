"""Programs of the kit as processes of their own, which can be killed at any moment, and what they say."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

WITHIN = 60.0
_ROOT = Path(__file__).parents[2]


class Failed(AssertionError):
    """A promise was broken, or a program did not do its part."""


def wait_until(so: Callable[[], Any], what: str, within: float = WITHIN) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + within
    while not so():
        if time.monotonic() > deadline:
            raise Failed(f"{what}: not within {within:g} s")
        time.sleep(0.002)


class Program:
    """A process of `python -m MODULE ...`. hear: is given each line that it says; errors: where its log goes."""

    def __init__(
        self, *words: str, hear: Callable[[str], None], errors: Path, env: Mapping[str, str] | None = None
    ) -> None:
        with errors.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *words],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=_ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
            )
        self._hear = hear
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def tell(self, octets: bytes) -> None:
        """A line for its standard input. A program that is dead does not hear it."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(octets + b"\n")
            self._process.stdin.flush()

    def kill(self) -> None:
        """End it as the lack of power would; what it had said is heard when this returns."""
        self._process.kill()
        self._end()

    def finish(self) -> int:
        """Nothing more is said to it; its exit status."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self._end()

    def stop(self) -> int:
        """Ask it to end; its exit status."""
        self._process.terminate()
        return self._end()

    def _end(self) -> int:
        status = self._process.wait(WITHIN)
        self._reader.join(WITHIN)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdout.close()
        return status

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._hear(line.decode().rstrip())


class Teacher:
    """Whoever has the PIN, at the pages of a hub. The session outlives the hub."""

    def __init__(self, pin: str) -> None:
        self._pin = pin
        self._cookie = self._token = ""

    def do(self, url: str, order: dict[str, Any]) -> str:
        """Order something; what was done. OSError: the hub has not said whether it has done it."""
        if not self._token:
            self._log_in(url)
        said: str = self._ask("POST", url, "/api/teacher/do", order)[0]["said"]
        return said

    def state(self, url: str) -> dict[str, Any]:
        """What the teacher's page shows."""
        if not self._token:
            self._log_in(url)
        return self._ask("GET", url, "/api/teacher/state")[0]

    def _log_in(self, url: str) -> None:
        session, cookie = self._ask("POST", url, "/api/teacher/login", {"pin": self._pin})
        self._token, self._cookie = session["csrf"], cookie.partition(";")[0]

    def _ask(self, method: str, url: str, path: str, body: object = None) -> tuple[dict[str, Any], str]:
        connection = HTTPConnection(urlsplit(url).netloc, timeout=WITHIN)
        headers = {"Content-Type": "application/json", "Cookie": self._cookie, "X-CSRF-Token": self._token}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            octets = answer.read()
        finally:
            connection.close()
        if answer.status >= 500:  # the pages outlive the hub by a moment
            raise ConnectionError(f"the page answers {answer.status}: {octets!r}")
        if answer.status != 200:
            raise Failed(f"the page answers {answer.status}: {octets!r}")
        return json.loads(octets), answer.getheader("Set-Cookie") or ""
