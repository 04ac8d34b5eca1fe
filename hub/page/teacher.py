"""The teacher's page, behind her PIN: what only she sees, and everything that changes a room."""

from __future__ import annotations

from typing import Annotated

import msgspec
from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import BadRequest, TooManyRequests, Unauthorized

from hub.lessons.listing import LessonRow, lesson_rows
from hub.orders import Order
from hub.page.answers import as_json, body
from hub.page.desk import Desk
from hub.page.gate import Gate
from hub.page.wording import language
from hub.refusals import NothingDoneError
from hub.texts import page


class Pin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is typed at the door."""

    pin: Annotated[str, msgspec.Meta(max_length=32)]


class Session(msgspec.Struct, frozen=True):
    """The token that every change must bear, in `X-CSRF-Token`."""

    csrf: str


class Lessons(msgspec.Struct, frozen=True):
    """The lessons that one can choose from, in the order of the course."""

    lessons: tuple[LessonRow, ...]


class Done(msgspec.Struct, frozen=True):
    """What was done, in a sentence."""

    said: str


def teacher_pages(desk: Desk, gate: Gate) -> Blueprint:
    """The pages behind the PIN. `/teach` itself is for everybody: without a session it asks for the PIN."""
    pages = Blueprint("teacher", __name__)

    @pages.get("/teach")
    def teach() -> str:
        return render_template("teach.html" if gate.token else "login.html", csrf=gate.token)

    @pages.post("/teach")
    def enter() -> Response:
        try:
            gate.let_in(request, request.form.get("pin", "")[:32])
        except (Unauthorized, TooManyRequests) as refused:
            return Response(render_template("login.html", refused=refused.code), refused.code)
        return Response(status=303, headers={"Location": "/teach"})

    @pages.post("/api/teacher/login")
    def login() -> Response:
        asked: Pin = body(Pin)
        return as_json(Session(gate.let_in(request, asked.pin)))

    @pages.post("/api/teacher/logout")
    def logout() -> Response:
        gate.check(request)
        gate.let_out()
        return as_json(Done(page("done.logout", {}, language())))

    @pages.get("/api/teacher/state")
    def backstage() -> Response:
        gate.check(request)
        return as_json(desk.backstage(language()))

    @pages.get("/api/teacher/lessons")
    def lessons() -> Response:
        gate.check(request)
        return as_json(Lessons(lesson_rows(language())))

    @pages.post("/api/teacher/do")
    def do() -> Response:
        gate.check(request)
        order: Order = body(Order)
        try:
            return as_json(Done(desk.do(order, language())))
        except NothingDoneError:
            raise
        except ValueError as error:  # a command, a lesson or a table that does not mean anything
            raise BadRequest(str(error)) from None

    return pages
