"""The teacher's door: a PIN, a session in a signed cookie, a token against forged requests, and a limit to guessing.

The PIN is drawn at the hub's first start and told once; only its scrypt hash is kept, beside the key of the cookies, in
a file of the hub's data folder that its owner alone may read.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from flask import Flask, Request, current_app, session
from werkzeug.exceptions import Forbidden, TooManyRequests, Unauthorized
from werkzeug.security import check_password_hash, generate_password_hash

from hub.allowance import Allowance
from hub.page.cookies import TimelessCookies
from hub.private import write_private

FILE = "teacher.json"
DIGITS = 6
SESSION = timedelta(hours=12)
"""How long a teacher stays known: a day at a booth."""
CSRF_HEADER = "X-CSRF-Token"

_MOST_LEFT = 1000
"""Sessions that were ended and are remembered: their cookies are good signatures still. With one more, the key changes,
and every session has ended.
"""
_TRIES, _TRIES_OF_ALL = 5, 30
"""At a PIN, at once; again as many in each minute."""


class _Kept(msgspec.Struct, frozen=True):
    """What is in the file. pin: its hash. key: of the cookies. left: digests of the tokens of sessions that ended."""

    pin: str
    key: str
    left: tuple[str, ...] = ()


class Gate:
    """Who may change the room. Kept in folder `data`.

    new_pin: the PIN, when it was drawn just now: whoever starts the hub tells it. void: it was, because the file was
    damaged, and the old one opens nothing any more. clock: of what tries are counted by, in seconds that never go back.
    Raises OSError when the file cannot be read or written.
    """

    def __init__(self, data: Path, fresh: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = data / FILE
        self.new_pin: str | None = None
        self.void = False
        self._tries = Allowance(_TRIES, _TRIES / 60, clock=clock)
        self._tries_of_all = Allowance(_TRIES_OF_ALL, _TRIES_OF_ALL / 60, clock=clock)
        self._known: set[str] = set()
        self._leaving = threading.Lock()
        kept = None if fresh else self._read()
        if kept is None:
            self.new_pin = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
            kept = _Kept(generate_password_hash(self.new_pin), secrets.token_hex(32))
            write_private(self._path, msgspec.json.encode(kept))
        self._kept = kept

    def guard(self, app: Flask) -> None:
        """Give an app its cookies."""
        app.session_interface = TimelessCookies()
        app.config.update(
            SECRET_KEY=self._kept.key,
            SESSION_COOKIE_NAME="paperhop_teacher",
            SESSION_COOKIE_HTTPONLY=True,
            SESSION_COOKIE_SAMESITE="Strict",
            PERMANENT_SESSION_LIFETIME=SESSION,
        )

    def let_in(self, asked: Request, pin: str) -> str:
        """Somebody gives a PIN; the token that changes must bear from now on. A new session, whatever was before.

        Raises Unauthorized for a wrong PIN, TooManyRequests after five from one address (another every twelve seconds),
        or thirty from all that have not given the right one before, as long as these pages run: who guesses slows
        others down, but not a teacher who was in already.
        """
        address = asked.remote_addr or ""
        if not self._tries.take(address):
            raise TooManyRequests(retry_after=60)
        if address not in self._known and not self._tries_of_all.take(""):
            raise TooManyRequests(retry_after=60)
        if not check_password_hash(self._kept.pin, pin.strip()):
            raise Unauthorized
        self._known.add(address)
        session.clear()
        session.permanent = True
        session["csrf"] = secrets.token_urlsafe(24)
        return str(session["csrf"])

    def let_out(self) -> None:
        """The teacher leaves: a copy of the cookie opens nothing any more."""
        with self._leaving:
            token = self.token
            if token is not None:
                kept = _without(self._kept, token)
                write_private(self._path, msgspec.json.encode(kept))
                self._kept = kept
                current_app.secret_key = kept.key
        session.clear()

    @property
    def token(self) -> str | None:
        """The token of the session of this request; None: nobody is let in."""
        token = session.get("csrf")
        return token if isinstance(token, str) and _digest(token) not in self._kept.left else None

    def check(self, asked: Request) -> None:
        """Raises Unauthorized where no teacher asks; Forbidden where a change is asked for that is not hers."""
        token = self.token
        if token is None:
            raise Unauthorized
        if asked.method not in ("GET", "HEAD") and not _is_same(token, asked.headers.get(CSRF_HEADER, "")):
            raise Forbidden

    def _read(self) -> _Kept | None:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_Kept)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError:
            self.void = True
            return None


def _without(kept: _Kept, token: str) -> _Kept:
    """A session has ended."""
    if len(kept.left) < _MOST_LEFT:
        return msgspec.structs.replace(kept, left=(*kept.left, _digest(token)))
    return _Kept(kept.pin, secrets.token_hex(32))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _is_same(token: str, given: str) -> bool:
    return hmac.compare_digest(token.encode(), given.encode("utf-8", "replace"))


def check_origin(asked: Request) -> None:
    """Raises Forbidden when a page of somebody else asks for a change."""
    origin = asked.headers.get("Origin")
    if asked.method in ("GET", "HEAD", "OPTIONS"):
        return
    if origin is not None and urlsplit(origin).netloc != asked.host:
        raise Forbidden
    if asked.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden
