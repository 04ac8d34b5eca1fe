"""The teacher's page, behind her PIN: what only she sees, and everything that changes a room."""

from __future__ import annotations

from typing import Annotated

import msgspec
from flask import Blueprint, Response, render_template, request

from hub.orders import Order
from hub.page.answers import as_json, body
from hub.page.desk import Desk
from hub.page.gate import Gate


class Pin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is typed at the door."""

    pin: Annotated[str, msgspec.Meta(max_length=32)]


def teacher_pages(desk: Desk, gate: Gate) -> Blueprint:
    """The pages behind the PIN. `/teach` itself is for everybody: without a session it asks for the PIN."""
    pages = Blueprint("teacher", __name__)

    @pages.get("/teach")
    def teach() -> str:
        return render_template("teach.html" if gate.token else "login.html", csrf=gate.token)

    @pages.post("/api/teacher/login")
    def login() -> Response:
        asked: Pin = body(Pin)
        return as_json({"csrf": gate.let_in(request, asked.pin)})

    @pages.post("/api/teacher/logout")
    def logout() -> Response:
        gate.check(request)
        gate.let_out()
        return as_json({"said": "You have left."})

    @pages.get("/api/teacher/state")
    def backstage() -> Response:
        gate.check(request)
        return as_json(desk.backstage())

    @pages.post("/api/teacher/do")
    def do() -> Response:
        gate.check(request)
        order: Order = body(Order)
        return as_json({"said": desk.do(order)})

    return pages
