"""Everything on a screen: the projector's page, the teacher's behind her PIN, and the phone's.

Who serves what: `public` what everybody may see, `teacher` what changes a room, `phone` what a phone does as a badge,
`docs` the documentation. Nothing is fetched from outside the hub.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, request

from hub.feed import HEARTBEAT_S
from hub.page.answers import MAX_VIEWERS, prepare
from hub.page.desk import Desk, RoomView
from hub.page.gate import Gate, check_origin
from hub.page.server import PortInUse, Server, addresses_of, listen, serve, url_of
from hub.releases import Releases

if TYPE_CHECKING:
    from hub.archive import Archive

__all__ = [
    "MAX_VIEWERS",
    "Desk",
    "Gate",
    "PortInUse",
    "RoomView",
    "Server",
    "addresses_of",
    "create_app",
    "listen",
    "serve",
    "url_of",
]


def create_app(
    desk: Desk, gate: Gate, archive: Archive, heartbeat_s: float = HEARTBEAT_S, releases: Releases | None = None
) -> Flask:
    """The pages of a hub as a WSGI application.

    archive: of the same journal. heartbeat_s: seconds of silence after which a stream carries a sign of life; a viewer
    who left is noticed then. releases: what badges can get.
    `app.extensions["viewers"]` has a length (how many follow now) and `close()`, which ends every stream.
    """
    # Here and not above: what reads photos and draws decks takes 60 MB, and the process that judges needs none of it.
    from hub.page.docs import docs_pages
    from hub.page.past import past_pages
    from hub.page.phone import phone_pages
    from hub.page.prints import prints
    from hub.page.public import Viewers, public_pages
    from hub.page.releases import release_pages
    from hub.page.teacher import teacher_pages
    from hub.page.wording import speak

    app = Flask(__name__)
    prepare(app)
    gate.guard(app)
    speak(app)
    viewers = app.extensions["viewers"] = Viewers()
    app.before_request(lambda: check_origin(request))
    for pages in (
        public_pages(desk, viewers, heartbeat_s),
        teacher_pages(desk, gate),
        phone_pages(desk, archive),
        past_pages(archive, gate),
        prints(archive, gate),
        docs_pages(),
        release_pages(releases or Releases(None)),
    ):
        app.register_blueprint(pages)
    return app
