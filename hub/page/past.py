"""What has happened: ladders, and the autopsy of every card."""

from __future__ import annotations

import csv
import io
from typing import TypeVar

import msgspec
from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, NotFound

from hub.archive import Archive
from hub.capture import HEADER, rows
from hub.capture import octets as octets_of
from hub.ladder import Ladder
from hub.page.answers import as_json
from hub.page.gate import Gate
from hub.page.guard import Turns
from hub.replay import replay

T = TypeVar("T")

_REPLAY = (1, 4, 20.0)
"""Exports, for each of which the whole room is read and played again: one at a time, four wait, for so many seconds at
most.
"""


class Ladders(msgspec.Struct, frozen=True):
    """The ladders of this round. event: up to which they go."""

    event: int
    ladders: list[Ladder]


def past_pages(archive: Archive, gate: Gate) -> Blueprint:
    """What everybody may know of the past, and what is the teacher's: what the room has not been told, and pictures."""
    pages = Blueprint("past", __name__)
    replays = Turns(*_REPLAY)

    @pages.get("/api/ladders")
    def ladders() -> Response:
        event, there = archive.ladders()
        if request.headers.get("If-None-Match") == f'"{event}"':
            return Response(status=304)
        response = as_json(Ladders(event, there))
        response.headers.update({"ETag": f'"{event}"', "Cache-Control": "no-cache"})
        return response

    @pages.get("/api/teacher/film/<int:event>")
    def film(event: int) -> Response:
        gate.check(request)
        return _found(archive.scene(event))

    @pages.get("/api/teacher/inside/<node>")
    def inside(node: str) -> Response:
        gate.check(request)
        return _found(archive.inside(node))

    @pages.get("/api/teacher/debrief")
    def talk() -> Response:
        gate.check(request)
        return _found(archive.debrief(request.args.get("round", type=int)))

    @pages.get("/api/packets/<id>")
    def packet(id: str) -> Response:
        return _found(archive.autopsy(id.upper()))

    @pages.get("/export/room.pcapng")
    def capture() -> Response:
        gate.check(request)
        with replays.mine():
            lesson, room, records = _there(archive.past())
            at = request.args.get("at")
            if at is not None and at not in lesson.rules.by_id:
                raise BadRequest(f"This room has no node {at!r}. There are: {', '.join(lesson.rules.by_id)}")
            octets = b"".join(octets_of(room, lesson, replay(lesson, room.seed, records), at=at))
        return _file(octets, "application/x-pcapng", f"{room.name}.pcapng")

    @pages.get("/export/room.csv")
    def table() -> Response:
        gate.check(request)
        written = io.StringIO()
        with replays.mine():
            lesson, room, records = _there(archive.past())
            csv.writer(written).writerows([HEADER, *rows(room, replay(lesson, room.seed, records))])
        return _file(written.getvalue().encode(), "text/csv; charset=utf-8", f"{room.name}.csv")

    @pages.get("/api/teacher/pictures/<int:event>.png")
    def picture(event: int) -> Response:
        gate.check(request)
        octets = _there(archive.picture(event))
        return Response(octets, mimetype="image/png", headers={"Cache-Control": "no-store"})

    return pages


def _found(there: object) -> Response:
    return as_json(_there(there))


def _there(there: T | None) -> T:
    if there is None:
        raise NotFound
    return there


def _file(octets: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(octets, content_type=kind, headers=headers)
