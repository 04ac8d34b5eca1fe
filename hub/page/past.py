"""What has happened: ladders, and the autopsy of every card."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from hub.archive import Archive
from hub.ladder import Ladder
from hub.page.answers import as_json
from hub.page.gate import Gate


class Ladders(msgspec.Struct, frozen=True):
    """The ladders of this round. event: up to which they go."""

    event: int
    ladders: list[Ladder]


def past_pages(archive: Archive, gate: Gate) -> Blueprint:
    """What everybody may know of the past; pictures of handwriting are the teacher's."""
    pages = Blueprint("past", __name__)

    @pages.get("/api/ladders")
    def ladders() -> Response:
        event, there = archive.ladders()
        if request.headers.get("If-None-Match") == f'"{event}"':
            return Response(status=304)
        response = as_json(Ladders(event, there))
        response.headers.update({"ETag": f'"{event}"', "Cache-Control": "no-cache"})
        return response

    @pages.get("/api/packets/<id>")
    def packet(id: str) -> Response:
        found = archive.autopsy(id.upper())
        if found is None:
            raise NotFound
        return as_json(found)

    @pages.get("/api/teacher/pictures/<int:event>.png")
    def picture(event: int) -> Response:
        gate.check(request)
        octets = archive.picture(event)
        if octets is None:
            raise NotFound
        return Response(octets, mimetype="image/png", headers={"Cache-Control": "no-store"})

    return pages
