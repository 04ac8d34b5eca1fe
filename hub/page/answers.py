"""How the page answers: JSON, and errors with advice for people."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec
from flask import Flask, Response, render_template, request
from werkzeug.exceptions import BadRequest, HTTPException, InternalServerError, RequestEntityTooLarge

from hub import texts
from hub.journal import JournalError
from hub.page.guard import MOST_PHOTO, MOST_TEXT, PHOTOS
from hub.page.wording import language
from hub.refusals import NothingDoneError

MAX_VIEWERS = 256
"""Live pages served at the same time; each holds one thread of the server."""

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}


def as_json(value: object, status: int = 200) -> Response:
    """An answer that no cache keeps."""
    return Response(
        msgspec.json.encode(value), status, mimetype="application/json", headers={"Cache-Control": "no-store"}
    )


def body(kind: Any) -> Any:
    """The JSON of this request. BadRequest says what is wrong with it."""
    try:
        return msgspec.json.decode(request.get_data(), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"This is not the JSON that belongs here: {error}") from None


def prepare(app: Flask) -> None:
    """Every answer says what a browser may do with it; every error says what to do."""
    app.config["MAX_CONTENT_LENGTH"] = MOST_PHOTO

    @app.before_request
    def measured() -> None:
        if request.path != PHOTOS and (request.content_length or 0) > MOST_TEXT:
            raise RequestEntityTooLarge

    @app.after_request
    def guarded(response: Response) -> Response:
        response.headers.update(_HEADERS)
        if "Location" in response.headers:  # stays on this hub, whatever name it was asked by
            there = urlsplit(response.headers["Location"])
            response.set_data(b"")
            response.headers["Location"] = urlunsplit(("", "", f"/{there.path.lstrip('/')}", there.query, ""))
        response.headers.setdefault("Cache-Control", "no-store")  # what is not for caches need not say so
        return response

    @app.errorhandler(HTTPException)
    def trouble(error: HTTPException) -> Response:
        return explained(error)

    @app.errorhandler(JournalError)
    def unreadable(error: JournalError) -> Response:
        return explained(InternalServerError(str(error)))

    @app.errorhandler(NothingDoneError)
    def refused(error: NothingDoneError) -> Response:
        return as_json({"error": "Not done", "advice": str(error), "reason": error.ruling.reason}, 409)


def explained(error: HTTPException) -> Response:
    """What went wrong, in words: as a page to people, as JSON to programs."""
    status = error.code or 500
    ours = error.description if error.description != type(error).description else None
    advice = ours or _advice(status)
    if request.path.startswith("/api/") or not request.accept_mimetypes.accept_html:
        response = as_json({"error": error.name, "advice": advice}, status)
    else:
        response = Response(render_template("error.html", advice=advice), status)
    if status == 503:
        response.headers["Retry-After"] = "2"
    elif status == 429:
        response.headers["Retry-After"] = "60"
    return response


def _advice(status: int) -> str:
    """What to do, in the language of whoever looks."""
    there = texts.texts().pages
    key = f"advice.{status}" if f"advice.{status}" in there else "advice.other"
    return texts.page(key, {"viewers": str(MAX_VIEWERS)}, language())
