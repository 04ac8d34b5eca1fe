"""docs/openapi.json says what the hub's pages answer."""

from __future__ import annotations

import json
import re
from pathlib import Path

from hub.page import Gate, create_app
from paperhop.openapi import document
from tests.page.room import NO_PAST, Room

PAGE = Path(__file__).parent.parent / "docs" / "openapi.json"


def test_it_is_made_from_the_code_as_it_is() -> None:
    assert json.loads(PAGE.read_text("utf-8")) == json.loads(json.dumps(document())), (
        "run: python -m paperhop.openapi docs/openapi.json"
    )


def test_it_has_every_route_of_the_api_and_no_other(tmp_path: Path) -> None:
    app = create_app(Room(), Gate(tmp_path), NO_PAST)
    there = {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(("/api/", "/export/"))
    }
    written = {(method, path) for path, methods in document()["paths"].items() for method in methods}
    assert written == there
