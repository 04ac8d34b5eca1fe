"""What the page prints: the deck of a lesson as a PDF, and the code of an address to scan."""

from __future__ import annotations

import io
import re
from urllib.parse import urlsplit

import segno
from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from cards.pdf import pdf
from hub.lessons import load
from hub.page.gate import Gate
from hub.printing.deck import Order, deck

_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\[[0-9a-fA-F:]{2,45}\](:[0-9]{1,5})?")


def prints(gate: Gate) -> Blueprint:
    """The PDF of a deck is the teacher's; the code of the address is everybody's."""
    pages = Blueprint("prints", __name__)

    @pages.get("/api/teacher/deck.pdf")
    def printed() -> Response:
        gate.check(request)
        asked = request.args
        try:
            lesson = load(asked.get("lesson", "handshake"))
            teams = int(asked.get("teams", "1"))
            host = urlsplit(request.host_url).netloc.upper()
            octets = pdf(deck(Order(lesson, teams, asked.get("paper", "a4"), host, 1)), f"Paperhop: {lesson.title}")
        except ValueError as error:
            raise BadRequest(f"This cannot be printed: {error}") from None
        name = f"paperhop-{lesson.id.replace(':', '-')}.pdf"
        return Response(
            octets, mimetype="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
        )

    @pages.get("/join.svg")
    def code() -> Response:
        drawn = io.BytesIO()
        at = request.args.get("at", request.host)
        if not _HOST.fullmatch(at):
            raise BadRequest("This is no address of a hub: HOST or HOST:PORT")
        segno.make(f"http://{at}/join", error="m", micro=False).save(drawn, kind="svg", border=3, scale=4)
        return Response(drawn.getvalue(), mimetype="image/svg+xml")

    return pages
