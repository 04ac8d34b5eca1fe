"""The teacher's cookie, which knows no time of day: a hub has no clock of its own, and its time may jump by years."""

from __future__ import annotations

from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeSerializer


class TimelessCookies(SecureCookieSessionInterface):
    """Signed sessions without a date. How long one is kept, the browser counts by its own clock: `Max-Age` comes before
    any date (RFC 6265, 5.3)."""

    salt = "paperhop-teacher"

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        """The session of the request's cookie; an empty one where there is none, or one that is not ours."""
        try:
            return self.session_class(self._signer(app).loads(request.cookies.get(self.get_cookie_name(app), "")))
        except BadSignature:
            return self.session_class()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Renew the cookie of who is let in; take back that of who is not any more."""
        if session.accessed:
            response.vary.add("Cookie")
        name, how = self.get_cookie_name(app), self._how(app)
        if session and self.should_set_cookie(app, session):
            lasts = app.permanent_session_lifetime
            response.set_cookie(name, self._signer(app).dumps(dict(session)), max_age=lasts, **how)
        elif not session and session.modified:
            response.delete_cookie(name, **how)

    def _how(self, app: Flask) -> dict[str, Any]:
        return {
            "path": self.get_cookie_path(app),
            "httponly": self.get_cookie_httponly(app),
            "samesite": self.get_cookie_samesite(app),
        }

    def _signer(self, app: Flask) -> URLSafeSerializer:
        key = {"key_derivation": self.key_derivation, "digest_method": self.digest_method}
        return URLSafeSerializer(app.secret_key or "", salt=self.salt, serializer=self.serializer, signer_kwargs=key)
