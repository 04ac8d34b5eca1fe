"""What badges get from the hub over HTTP: the release that there is for them, and its parts.

For everybody who asks: the program is no secret, and a seal is of use to its badge alone.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from hub.messages.release import Envelope
from hub.page.answers import as_json
from hub.page.guard import Turns
from hub.releases import Releases

AT_ONCE = 4
"""Parts that are given out at the same time: a class of badges must not take the air and the threads from the room."""
_BLOCK = 64 * 1024


def release_pages(releases: Releases) -> Blueprint:
    """The pages of a folder of releases."""
    pages = Blueprint("releases", __name__)
    turns = Turns(AT_ONCE, 0, 0.0)

    @pages.get("/badges/release/<badge>")
    def release(badge: str) -> Response:
        envelope: Envelope | None = releases.envelope(badge)
        if envelope is None:
            raise NotFound("There is no release for this badge.")
        return as_json(envelope)

    @pages.get("/badges/parts/<digest>")
    def part(digest: str) -> Response:
        with contextlib.ExitStack() as taken:
            file = taken.enter_context(_opened(releases.part(digest)))
            taken.enter_context(turns.mine())
            size = str(os.fstat(file.fileno()).st_size)
            given = _Giving(file, taken.pop_all())
        return Response(given, mimetype="application/octet-stream", headers={"Content-Length": size})

    return pages


def _opened(path: Path | None) -> BinaryIO:
    """NotFound as well for a part that has just given way to another release."""
    with contextlib.suppress(FileNotFoundError):
        if path is not None:
            return path.open("rb")
    raise NotFound("No release has this part.")


class _Giving:
    """The octets of a file, block by block; its turn has ended when they are given, or nobody wants them."""

    def __init__(self, file: BinaryIO, taken: contextlib.ExitStack) -> None:
        self._file, self._taken = file, taken

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if block := self._file.read(_BLOCK):
            return block
        raise StopIteration

    def close(self) -> None:
        """Called by the server in any case; a second time changes nothing."""
        self._taken.close()
