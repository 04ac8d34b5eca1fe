"""What the page prints: the deck of a lesson as a PDF, and the code of an address to scan."""

from __future__ import annotations

import io
import re

import segno
from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, NotFound

from cards.imposition import PAPERS
from cards.pdf import pdf
from cards.qrtext import DEFAULT_HOST
from hub.archive import Archive
from hub.lessons import chosen
from hub.page.gate import Gate
from hub.printing.deck import Order, deck
from hub.printing.questions import question_sheet
from hub.printing.words import Words

_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\[[0-9a-fA-F:]{2,45}\](:[0-9]{1,5})?")


def prints(archive: Archive, gate: Gate) -> Blueprint:
    """The PDF of a deck is the teacher's; the code of the address is everybody's."""
    pages = Blueprint("prints", __name__)

    @pages.get("/api/teacher/deck.pdf")
    def printed() -> Response:
        gate.check(request)
        asked = request.args
        try:
            lesson = chosen(asked.get("lesson", "handshake"), archive.lesson, asked.get("language"))
            teams = int(asked.get("teams", "1"))
            order = Order(lesson, teams, asked.get("paper", "a4"), asked.get("host", DEFAULT_HOST).upper())
            octets = pdf(deck(order), f"Paperhop: {lesson.title}")
        except ValueError as error:
            raise BadRequest(f"This cannot be printed: {error}") from None
        return _pdf(octets, f"paperhop-{lesson.id}")

    @pages.get("/api/teacher/questions.pdf")
    def questions() -> Response:
        gate.check(request)
        lesson = archive.lesson
        if lesson is None or not lesson.questions:
            raise NotFound("This lesson has no questions.")
        paper = request.args.get("paper", "a4")
        if paper not in PAPERS:
            raise BadRequest(f"This cannot be printed: there is no paper {paper!r}; there are {', '.join(PAPERS)}")
        sheet = question_sheet(lesson, paper, Words(lesson.language))
        return _pdf(pdf([sheet], sheet.title), f"questions-{lesson.id}")

    @pages.get("/join.svg")
    def code() -> Response:
        drawn = io.BytesIO()
        at = request.args.get("at", request.host)
        if not _HOST.fullmatch(at):
            raise BadRequest("This is no address of a hub: HOST or HOST:PORT")
        segno.make(f"http://{at}/join", error="m", micro=False).save(drawn, kind="svg", border=3, scale=4)
        return Response(drawn.getvalue(), mimetype="image/svg+xml")

    return pages


def _pdf(octets: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name.replace(":", "-")}.pdf"'}
    return Response(octets, mimetype="application/pdf", headers=headers)
