"""A phone: the page of a card whose code it has opened, and a badge for whoever has taken a node on it.

Opening a page never counts as a scan. A phone scans by `POST /api/scan` with its token: the text of a card's code, or a
photo of the card.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from flask import Blueprint, Request, Response, render_template, request
from werkzeug.exceptions import BadRequest, TooManyRequests, Unauthorized, UnsupportedMediaType

from cards import reader
from cards.forms import known
from cards.notation import write
from cards.qrtext import Card, CommandCard, PrintedCard, UnreadableCard, decode
from hub.allowance import Allowance
from hub.archive import Archive
from hub.lessons.forms import readable_form
from hub.messages import Answer, Counter, LightWord, NodeId, Problem, Sighting
from hub.messages.sighting import sighting
from hub.page.answers import as_json, body
from hub.page.desk import Desk
from hub.page.guard import Turns
from hub.page.wording import language
from hub.screens import LastAnswer
from hub.texts import page

COOKIE = "paperhop_phone"
_A_DAY = 86_400
_ARRIVALS, _SCANS, _ANSWERS = 120, 60, 60
"""From an address, of a phone, of a phone: at once, and again as many in each minute."""

_PHOTO = (2, 6, 10.0)
"""Photos that are looked at at once, that wait for it, and the seconds for which they do."""

_UNCLEAR = "card.unclear"


class Admitted(msgspec.Struct, frozen=True):
    """A phone has come in. token: says who it is, and is told nobody else. badge: what it is called."""

    token: str
    badge: str


class PhoneView(msgspec.Struct, frozen=True):
    """What a phone is to show. nodes: that it plays; light, sentence: between scans; hint: that is one.
    last: what its last scan in this round was answered, until its next one. answers: what it has chosen, question ->
    letter, of what it is asked (`questions` of the room's state).
    """

    badge: str
    nodes: list[str]
    light: LightWord | None
    sentence: str
    hint: bool
    last: LastAnswer | None
    answers: dict[str, str]


class Take(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A phone takes a node, or (None) leaves its own."""

    node: NodeId | None


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A phone answers a question, or chooses another option than before. option: its letter, A to D."""

    question: Annotated[str, msgspec.Meta(max_length=32)]
    option: Annotated[str, msgspec.Meta(max_length=32)]


class CardText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a card's code says. counter: of this scan of this phone, so that a repeat is known; left out: a new scan."""

    text: Annotated[str, msgspec.Meta(max_length=512)]
    counter: Counter | None = None


def phone_pages(desk: Desk, archive: Archive) -> Blueprint:
    """The pages of phones. archive: knows the lesson, whose cards for the pen may be of a form of their own."""
    pages = Blueprint("phone", __name__)
    arrivals, scans, answers = (Allowance(most, most / 60) for most in (_ARRIVALS, _SCANS, _ANSWERS))
    photos = Turns(*_PHOTO)

    def known_phone(allowance: Allowance) -> str:
        """The token of a phone that is known here, and asks for no more than it may. Nothing is kept of others."""
        token = _token(request)
        _known(desk.phone(token))
        if not allowance.take(token):
            raise TooManyRequests
        return token

    @pages.get("/join")
    def join() -> str:
        return render_template("phone.html")

    @pages.get("/<any(P, M, R, C, p, m, r, c):kind>/<path:rest>")
    def card(kind: str, rest: str) -> str:
        paper = _paper(f"{kind}/{rest}")
        card = "" if paper is None else str(paper.id)
        return render_template("phone.html", kind=kind.upper(), card=card, says=_says(paper))

    @pages.post("/api/phones")
    def admit() -> Response:
        if not arrivals.take(request.remote_addr or ""):
            raise TooManyRequests
        token, badge = desk.admit()
        response = as_json(Admitted(token, badge), 201)
        response.set_cookie(COOKIE, token, max_age=_A_DAY, httponly=True, samesite="Lax")
        return response

    @pages.get("/api/phone")
    def phone() -> Response:
        return as_json(_known(desk.phone(_token(request))))

    @pages.post("/api/phone/seat")
    def take() -> Response:
        asked: Take = body(Take)
        return as_json(_known(desk.take(_token(request), asked.node)))

    @pages.post("/api/phone/answer")
    def answer() -> Response:
        token = known_phone(answers)
        chosen: Choice = body(Choice)
        return as_json(_known(desk.answer(token, chosen.question, chosen.option)))

    @pages.post("/api/scan")
    def scan() -> Response:
        token = known_phone(scans)  # a photo is read for nobody else
        seen, counter = _seen(request, archive, photos)
        answer: Answer = _known(desk.phone_scan(token, seen, counter))
        return as_json(answer)

    return pages


def _token(asked: Request) -> str:
    """The phone's token: from its cookie, or `Authorization: Bearer ...`."""
    kind, _, given = asked.headers.get("Authorization", "").partition(" ")
    token = given.strip() if kind.lower() == "bearer" else asked.cookies.get(COOKIE, "")
    return str(_known(token or None))


def _known(value: Any) -> Any:
    if value is None:
        raise Unauthorized(page("advice.unknown-phone", {}, language()))
    return value


def _seen(asked: Request, archive: Archive, photos: Turns) -> tuple[Sighting, int | None]:
    """What a request says of a card, and the counter that it gives."""
    if asked.mimetype == "application/json":
        text: CardText = body(CardText)
        return _read_text(text.text, archive), text.counter
    if asked.mimetype == "multipart/form-data" and "photo" in asked.files:
        octets, counter = asked.files["photo"].read(), asked.form.get("counter")
    elif asked.mimetype.startswith("image/"):
        octets, counter = asked.get_data(), asked.args.get("counter")
    else:
        raise UnsupportedMediaType
    number = _counter(counter)
    with photos.mine():
        return _read_photo(octets, archive), number


def _counter(given: str | None) -> int | None:
    try:
        return None if given is None else msgspec.convert(int(given), Counter)
    except ValueError as error:
        raise BadRequest(f"The counter of a scan is a number from 1 on, not {given!r}") from error


def _read_text(text: str, archive: Archive) -> Sighting:
    try:
        card = decode(text.strip())
    except UnreadableCard as error:
        return Sighting(problem=Problem(error.code, error.detail[:800]))
    found = reader.Found((), text, card, None)
    try:
        return sighting(found)
    except ValueError:
        return Sighting(str(card.id), problem=_unclear("by-photo", archive))


def _read_photo(octets: bytes, archive: Archive) -> Sighting:
    form = None if archive.lesson is None else readable_form(archive.lesson)
    forms = known() if form is None else {**known(), form.id: form}
    try:
        found = reader.read(reader.from_octets(octets), forms=forms)
    except ValueError as error:
        raise BadRequest(str(error)) from None
    if len(found) == 1:
        return sighting(found[0])
    twins = [one for one in found if one.problem is not None and one.problem.code == "card.twice"]
    return sighting(twins[0]) if twins else Sighting(problem=_unclear("several-cards" if found else "no-card", archive))


def _unclear(what: str, archive: Archive) -> Problem:
    """What is wrong with what a phone has shown, in the language of the room."""
    lesson = archive.lesson
    return Problem(_UNCLEAR, page(f"advice.{what}", {}, "en" if lesson is None else lesson.language))


def _paper(text: str) -> Card | None:
    """The card that a code's path names; None when it is none of ours."""
    try:
        return decode(f"HTTP://H/{text.replace('%', '%25')}".upper())
    except UnreadableCard:
        return None


def _says(paper: Card | None) -> str:
    """What is printed on a card; "" for one on which a pen writes."""
    match paper:
        case PrintedCard(packet=packet):
            return write(packet)
        case CommandCard(command=command):
            return command
        case _:
            return ""
