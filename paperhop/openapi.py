"""Writes docs/openapi.json from the code: `python -m paperhop.openapi docs/openapi.json`."""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from hub.autopsy import Autopsy
from hub.backstage import Backstage
from hub.debrief import Debrief
from hub.film import Scene
from hub.inside import HostInside, RouterInside
from hub.messages import Answer
from hub.orders import Order
from hub.page.past import Ladders
from hub.page.phone import Admitted, CardText, Choice, PhoneView, Take
from hub.page.public import PublicState
from hub.page.teacher import Done, Lessons, Pin, Session

_STREAM, _PNG, _PCAPNG, _CSV, _PDF = (
    *("text/event-stream", "image/png"),
    *("application/x-pcapng", "text/csv", "application/pdf"),
)
_PHOTOS: dict[str, Any] = {"image/jpeg": {}, "image/png": {}, "image/webp": {}}

_OPERATIONS: tuple[tuple[str, str, str, Any, Any, str], ...] = (
    # method, path, summary, what is sent, what comes back, who may
    (
        "get",
        "/api/state",
        "The room as everybody may see it",
        None,
        PublicState,
        "",
    ),
    ("get", "/api/events", "What happens from then on; resumes after `Last-Event-ID`, or `?after=`", None, _STREAM, ""),
    ("get", "/api/ladders", "The sequence ladders of this round; `ETag` is the event", None, Ladders, ""),
    ("get", "/api/teacher/film/{event}", "The room right after a scan or a step of the engine", None, Scene, "teacher"),
    (
        "get",
        "/api/packets/{id}",
        "What became of a card: every hop, the first rule that it broke",
        None,
        Autopsy,
        "",
    ),
    ("get", "/export/room.pcapng", "The room for Wireshark; `?at=NODE`: as one node saw it", None, _PCAPNG, "teacher"),
    ("post", "/api/phones", "A phone comes in; the token is in the cookie, too", None, Admitted, ""),
    ("get", "/api/phone", "What the phone is to show", None, PhoneView, "phone"),
    ("post", "/api/phone/seat", "The phone takes a free node, or leaves its own", Take, PhoneView, "phone"),
    ("post", "/api/phone/answer", "The phone answers a question while it is open", Choice, PhoneView, "phone"),
    ("post", "/api/scan", "The phone scans a card: the text of its code, or a photo", CardText, Answer, "phone"),
    ("post", "/api/teacher/login", "The PIN; five tries at once, then one every twelve seconds", Pin, Session, ""),
    ("post", "/api/teacher/logout", "The teacher leaves", None, Done, "teacher"),
    ("post", "/api/teacher/do", "Everything that changes a room", Order, Done, "teacher"),
    ("get", "/api/teacher/state", "What only the teacher sees", None, Backstage, "teacher"),
    ("get", "/api/teacher/lessons", "The lessons that one can choose from", None, Lessons, "teacher"),
    ("get", "/api/teacher/inside/{node}", "A node opened", None, HostInside | RouterInside, "teacher"),
    ("get", "/api/teacher/debrief", "What a round has shown; `?round=`", None, Debrief, "teacher"),
    ("get", "/api/teacher/pictures/{event}.png", "The handwriting of a scan", None, _PNG, "teacher"),
    ("get", "/api/teacher/deck.pdf", "The cards of a lesson; `?lesson=&teams=&paper=`", None, _PDF, "teacher"),
    ("get", "/api/teacher/questions.pdf", "The questions of the lesson on a page; `?paper=`", None, _PDF, "teacher"),
    ("get", "/export/room.csv", "Every scan as a row", None, _CSV, "teacher"),
)


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of the hub's pages."""
    kinds = [kind for *_, sent, back, _ in _OPERATIONS for kind in (sent, back) if kind and not isinstance(kind, str)]
    schemas, components = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    by_kind = {repr(kind): schema for kind, schema in zip(kinds, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for method, path, summary, sent, back, who in _OPERATIONS:
        paths.setdefault(path, {})[method] = _operation(method, path, summary, sent, back, who, by_kind)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Paperhop hub", "version": version("paperhop"), "license": {"name": "MIT"}},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "phone": {"type": "http", "scheme": "bearer", "description": "The token of POST /api/phones"},
                "teacher": {"type": "apiKey", "in": "cookie", "name": "paperhop_teacher"},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
            },
        },
    }


def _operation(
    method: str, path: str, summary: str, sent: Any, back: Any, who: str, by_kind: dict[str, Any]
) -> dict[str, Any]:
    content = {back: {}} if isinstance(back, str) else {"application/json": {"schema": by_kind[repr(back)]}}
    status = "201" if path == "/api/phones" else "200"
    refused = {"description": "Nothing was done; `error` and `advice` say why"}
    made: dict[str, Any] = {"summary": summary, "responses": {status: {"description": "Done", "content": content}}}
    made["responses"]["4XX"] = refused
    names = re.findall(r"{(\w+)}", path)
    if names:
        made["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
        ]
    if sent is not None:
        body = {"application/json": {"schema": by_kind[repr(sent)]}}
        made["requestBody"] = {"required": True, "content": body | (_PHOTOS if path == "/api/scan" else {})}
    if who:
        both: dict[str, list[str]] = {"csrf": []} if who == "teacher" and method == "post" else {}
        made["security"] = [{who: [], **both}]
    return made


def main() -> None:
    """Rewrite the file that is named on the command line."""
    Path(sys.argv[1]).write_text(json.dumps(document(), ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
