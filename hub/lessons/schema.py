"""What a lesson file may hold (see docs/contracts.md)."""

from __future__ import annotations

from typing import Annotated

import msgspec

Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]


class NodeFile(msgspec.Struct, forbid_unknown_fields=True):
    """A node. routes: prefix (or `default`) -> the id of the next node, or `link` for addresses on its own wires.

    services: port -> name of what listens there. opens: ADDRESS:PORT that its application wants to reach. place:
    where the page draws it, from the left and from the top, 0 to 1.
    """

    id: Id
    title: Text
    address: str
    routes: dict[str, str]
    router: bool = False
    services: dict[Port, Text] = {}
    opens: list[str] = []
    place: tuple[Share, Share] | None = None


class StepFile(msgspec.Struct, forbid_unknown_fields=True):
    """One scan: which card of the script, at which node, and the verdict (and reason) that it must get."""

    scan: Id
    at: Id
    expect: str
    reason: str | None = None


class ScriptFile(msgspec.Struct, forbid_unknown_fields=True):
    """A course of play. cards: name -> packet in one line of notation."""

    id: Id
    title: Text
    cards: dict[Id, str]
    steps: list[StepFile]
    text: str = ""


class LessonFile(msgspec.Struct, forbid_unknown_fields=True):
    """A lesson. counting: `off` or `rfc`. play: `coach` or `free`. time_wait: 2MSL in seconds."""

    title: Text
    goal: Text
    nodes: Annotated[list[NodeFile], msgspec.Meta(min_length=2, max_length=300)]
    links: list[tuple[str, str]]
    counting: str = "rfc"
    play: str = "coach"
    isn_digits: Annotated[int, msgspec.Meta(ge=1, le=9)] = 3
    time_wait: Annotated[int, msgspec.Meta(ge=1, le=3600)] = 60
    scripts: list[ScriptFile] = []
