"""The documentation on the hub, for a room without Internet: `/docs/` and a page for each Markdown file of `docs/`.

In a wheel the files lie beside this module (`docs_files`, see pyproject.toml), in a checkout at its top. What is served
is what was found there at the start, by name: no path of a request ever reaches the disk.
"""

from __future__ import annotations

import functools
import hashlib
import mimetypes
import posixpath
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from hub.page.markdown import Links, Rendered, contents, rendered

PREFIX = "/docs"
INDEX = "index.md"
KEPT_S = 86_400
"""Seconds for which a browser need not ask again."""

_PICTURES = {".png", ".svg"}
_OTHERS = {".json", ".toml", ".yaml"}


def find_docs(package: Path) -> Path:
    """The folder of the documentation. package: the folder of `hub.page`. Raises FileNotFoundError with advice."""
    for folder in (package / "docs_files", package.parent.parent / "docs"):
        if (folder / INDEX).is_file():
            return folder
    raise FileNotFoundError(f"No documentation beside {package}: install Paperhop again, or take a whole checkout.")


def docs_pages(folder: Path | None = None) -> Blueprint:
    """The documentation as pages. folder: of the Markdown files (without it: where `find_docs` finds them).

    Without any, the pages say so, and nothing else of the hub minds.
    """
    pages = Blueprint("docs", __name__, url_prefix=PREFIX)
    try:
        files = _files(folder or find_docs(Path(__file__).parent))
    except FileNotFoundError:
        files = {}

    @pages.get("/", defaults={"name": ""})
    @pages.get("/<path:name>")
    def page(name: str) -> Response:
        markdown = f"{name}.md" if name else INDEX
        if markdown in files and markdown != name:
            return _answer(_page(files, markdown).encode(), "text/html")
        path = files.get(name)
        if path is None or path.suffix not in _PICTURES | _OTHERS:
            raise NotFound
        return _answer(path.read_bytes(), mimetypes.guess_type(name)[0] or "text/plain")

    return pages


def _files(folder: Path) -> dict[str, Path]:
    """Every file that can be asked for, by its name within the folder. No link leads out of it."""
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*"))}
    return {name: path for name, path in found.items() if path.is_file() and not path.is_symlink()}


def _page(files: dict[str, Path], name: str) -> str:
    names = frozenset(files)
    page = _rendered(files[name].read_text("utf-8"), name, names)
    menu = contents(files[INDEX].read_text("utf-8"), _links(INDEX, names)) if INDEX in files else ()
    return render_template("docs.html", page=page, menu=menu, here=_address(name), is_index=name == INDEX)


@functools.lru_cache(maxsize=64)
def _rendered(text: str, name: str, names: frozenset[str]) -> Rendered:
    return rendered(text, _links(name, names))


def _links(name: str, names: frozenset[str]) -> Links:
    """Where a link in file `name` goes: another page, a picture, out into the Internet, or (None) nowhere."""

    def link(href: str) -> str | None:
        parts = urlsplit(href)
        if parts.scheme or parts.netloc or not parts.path:
            return href
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path)))
        if target not in names:
            return None
        return urlunsplit(("", "", _address(target), "", parts.fragment))

    return link


def _address(name: str) -> str:
    if name == INDEX:
        return f"{PREFIX}/"
    return f"{PREFIX}/{name.removesuffix('.md')}"


def _answer(octets: bytes, mimetype: str) -> Response:
    response = Response(octets, mimetype=mimetype, headers={"Cache-Control": f"public, max-age={KEPT_S}"})
    response.set_etag(hashlib.sha256(octets).hexdigest()[:32])
    return response.make_conditional(request)  # type: ignore[return-value]
