"""A hub as strangers meet it: a real room with its journal and pages, a game played in it, a class, a teacher."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TypeVar

from flask.testing import FlaskClient
from PIL import Image

from cards.jsonform import InkJson, WrittenJson, to_json
from cards.notation import parse
from hub.archive import Archive
from hub.desk import Desk
from hub.journal import Journal
from hub.lessons import load
from hub.messages import Answer, BadgeStatus, Down, Problem, Scan, decode_up, encode, topic
from hub.page import Gate, create_app
from hub.pictures import Pictures

Message = TypeVar("Message", Scan, BadgeStatus)
BOOT = "ab" * 8
SYN = "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100"


class Hall:
    """All that a hub has but its broker. lesson: an id, or a file. heard: what badges were told."""

    def __init__(self, data: Path, lesson: str = "handshake") -> None:
        self.data = data
        self.journal = Journal(data)
        self.pictures = Pictures(data)
        self.desk = Desk(self.journal, load(lesson), data=data, pictures=self.pictures, readers=["teacher-badge"])
        self.heard: list[Down] = []
        self.desk.publish = self.heard.extend
        self.gate = Gate(data)
        self.app = create_app(self.desk, self.gate, Archive(data), heartbeat_s=0.001)
        self._counters: dict[str, int] = {}

    def close(self) -> None:
        self.pictures.close()
        self.journal.close()

    def come(self, badge: str, program: str = "", frames: str = "") -> None:
        """A badge comes, as over MQTT."""
        status = BadgeStatus(badge, "online", BOOT, program=program, frames=frames)
        self.heard += self.desk.status(_over_mqtt(status, BadgeStatus))

    def scan(
        self,
        badge: str,
        card: str,
        written: WrittenJson | str | None = None,
        *,
        problem: Problem | None = None,
        command: str | None = None,
        role: str | None = None,
    ) -> Answer:
        """A badge scans a card, as over MQTT; what it is answered."""
        number = self._counters[badge] = self._counters.get(badge, 0) + 1
        if isinstance(written, str):
            written = to_json(parse(written))
        scan = Scan(badge, BOOT, number, number, card, written, problem, command, role)
        downs: list[Down] = []
        self.desk.scans([_over_mqtt(scan, Scan)], downs.extend)
        self.heard += downs
        answer = downs[0]
        assert isinstance(answer, Answer)
        return answer

    def teacher(self) -> tuple[FlaskClient, str]:
        """A browser whose PIN was right, and the token of its session."""
        client = self.app.test_client()
        answer = client.post("/api/teacher/login", json={"pin": self.gate.new_pin})
        assert answer.status_code == 200
        return client, str(answer.get_json()["csrf"])

    def phone(self) -> tuple[FlaskClient, str, str]:
        """A phone that has come in: its browser, its token, its name as a badge."""
        client = self.app.test_client()
        answer = client.post("/api/phones")
        assert answer.status_code == 201
        return client, str(answer.get_json()["token"]), str(answer.get_json()["badge"])


def handwriting(shade: int = 90) -> tuple[WrittenJson, bytes]:
    """A card of which somebody has written the payload by hand, and the octets of that picture."""
    drawn = io.BytesIO()
    picture = Image.new("L", (48, 12), 255)
    for x in range(48):
        picture.putpixel((x, (x * shade) % 12), shade)
    picture.save(drawn, "PNG")
    octets = drawn.getvalue()
    written = to_json(parse("10.0.1.2:40001 > 10.0.1.1:23 PSH,ACK seq=101 ack=301"))
    ink = InkJson(8, base64.b64encode(octets).decode())
    return WrittenJson(**{field: getattr(written, field) for field in written.__struct_fields__} | {"ink": ink}), octets


def _over_mqtt(message: Message, kind: type[Message]) -> Message:
    read = decode_up(topic(message), encode(message))
    assert isinstance(read, kind)
    return read
