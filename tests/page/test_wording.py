"""Every word on a page is in the catalogue, and every page brings the words that its scripts say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from hub import texts
from hub.page import Gate, create_app
from tests.page.room import NO_PAST, Room

PAGE = Path(texts.__file__).parent.parent / "page"
_SAID = re.compile(r"""\bt\(\s*["']([a-z]+\.[a-z0-9-]+)["']\s*[,)]""")
_CHOSEN = re.compile(r"""\bt\([^()]*\?\s*["']([a-z]+\.[a-z0-9-]+)["']\s*:\s*["']([a-z]+\.[a-z0-9-]+)["']""")
_BY_CODE = re.compile(r"^(door|light|fix|ladder|marks|inside|login|advice|teach|preflight|done)\.")
"""Families whose names are put together, of a light's word, a verdict, a tab, an order ..."""


def _keys(source: str) -> set[str]:
    return set(_SAID.findall(source)) | {key for pair in _CHOSEN.findall(source) for key in pair}


def _sources() -> Iterator[Path]:
    yield from (PAGE / "templates").glob("*.html")
    yield from (PAGE / "static").glob("*.js")


@pytest.mark.parametrize("source", sorted(_sources()), ids=lambda path: path.name)
def test_what_a_page_says_is_in_the_catalogue(source: Path) -> None:
    assert _keys(source.read_text("utf-8")) <= texts.texts().pages.keys()


def test_nothing_in_the_catalogue_is_said_nowhere() -> None:
    said = {key for source in _sources() for key in _keys(source.read_text("utf-8"))}
    everything = "".join(path.read_text("utf-8") for path in _sources())
    left = {key for key in texts.texts().pages.keys() - said if not _BY_CODE.match(key)}
    assert {key for key in left if f'"{key}"' not in everything} == set()


@pytest.mark.parametrize(("path", "script"), [("/screen", "main.js"), ("/join", "phone.js")])
def test_a_page_brings_the_words_of_its_scripts(gate: Gate, path: str, script: str) -> None:
    client: FlaskClient = create_app(Room(), gate, NO_PAST).test_client()
    page = client.get(path).text
    modules, said = [script], set[str]()
    for module in modules:
        source = (PAGE / "static" / module).read_text("utf-8")
        said |= _keys(source)
        modules += [name for name in re.findall(r'from "\./([^"]*)"', source) if name not in modules]
    brought = set(re.findall(r"&#34;([a-z]+\.[a-z0-9-]+)&#34;:", page))
    assert said - {"screen.phone", "screen.badge"} <= brought
