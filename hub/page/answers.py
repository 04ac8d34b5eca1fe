"""How the page answers: JSON, and errors with advice for people."""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Flask, Response, render_template, request
from werkzeug.exceptions import BadRequest, HTTPException, InternalServerError

from hub.journal import JournalError
from hub.refusals import NothingDoneError

MAX_VIEWERS = 256
"""Live pages served at the same time; each holds one thread of the server."""
MOST_OCTETS = 16 * 1024 * 1024
"""Of the largest request: a photo."""

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_ADVICE = {
    400: "The hub did not understand this request. Reload the page; it may be of an older hub.",
    401: "Only the teacher can do this: please enter the PIN. The hub has printed it at its first start.",
    403: "This request did not come from a page of this hub. Reload the page and try again.",
    404: "There is nothing at this address. The room is on the front page.",
    405: "This address can only be looked at.",
    409: "This cannot be done now.",
    413: "This is too large: at most 16 MB. A photo can be taken again in a smaller size.",
    415: "Send a photo (JPEG, PNG, WebP) or JSON.",
    429: "Too many tries. Wait for a minute.",
    500: "The hub stumbled over this request. The game goes on; the hub's log says what happened.",
    503: f"{MAX_VIEWERS} screens are following the room already. This one joins as soon as another leaves.",
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
    app.config["MAX_CONTENT_LENGTH"] = MOST_OCTETS

    @app.after_request
    def guarded(response: Response) -> Response:
        response.headers.update(_HEADERS)
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
    advice = ours or _ADVICE.get(status, "The hub could not do this.")
    if request.path.startswith("/api/") or not request.accept_mimetypes.accept_html:
        response = as_json({"error": error.name, "advice": advice}, status)
    else:
        response = Response(render_template("error.html", name=error.name, advice=advice), status)
    if status == 503:
        response.headers["Retry-After"] = "2"
    elif status == 429:
        response.headers["Retry-After"] = "60"
    return response
