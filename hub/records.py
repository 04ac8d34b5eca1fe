"""What is kept of a game, a record for each thing that happened; `hub.journal` keeps them.

What a record says is never changed: an older journal must be read by every newer program. `at` is lesson time in ms.
"""

from __future__ import annotations

import msgspec

from cards.jsonform import WrittenJson
from hub.messages import Answer, Verdict
from hub.simulator.acts import Act
from hub.simulator.events import TeacherMove


class RoomRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="room"):
    """A room begins. rules: the version of the rules that judged in it. began: wall clock, UTC, for people only. asked:
    the lesson that the hub had been started with when another one was chosen on a page; "": none was named.
    """

    name: str
    lesson: str
    source: str
    seed: str
    rules: int
    program: str
    began: str
    asked: str = ""


class SeatedRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="seated"):
    """A badge plays a node from now on, or none. others: further nodes that the same badge serves."""

    at: int
    badge: str
    node: str | None
    others: tuple[str, ...] = ()


class RoundRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="round"):
    """A new round began."""

    at: int


class PictureRef(msgspec.Struct, frozen=True):
    """The picture of what was written by hand. digest: SHA-256, in hexadecimal; size: octets."""

    digest: str
    size: int


class ScannedRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="scanned"):
    """A scan, as the badge (badge, boot, counter) sent it, and the answer that it was given.

    command: of a command card. It was carried out when the answer is `room.commanded`; but what the engine played then
    has a record of its own. role: of a role card, the node. Its badge plays it from then on when the answer is
    `room.seated`. picture: of the handwriting, which is kept elsewhere, as a journal forgets nothing; up to format 4 it
    is in `written`.
    """

    at: int
    badge: str
    boot: str
    counter: int
    card: str | None
    written: WrittenJson | None
    problem: str | None
    detail: str
    answer: Answer
    command: str | None = None
    role: str | None = None
    picture: PictureRef | None = None


class PlayedRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="played"):
    """A step that the engine played for a node, and what was said of it."""

    at: int
    node: str
    card: str
    written: WrittenJson
    verdict: Verdict
    reason: str
    sentence: str


class MovedRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="moved"):
    """Something that a teacher did; its `type` says what."""

    move: TeacherMove


class PaceRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="pace"):
    """From `at` on a second has `rate` seconds of lesson time; 0: it is paused. In a paused room, a later `at` than
    before is a step: time has gone on to there.
    """

    at: int
    rate: float


class BackRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="back"):
    """At lesson time `at` the room went back: it is again as it was right after record `to`, one of the same round or
    the one with which the round began, and lesson time is that of then. Seats, who plays what, and the pace stay.
    """

    at: int
    to: int


class PlannedRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="planned"):
    """A teacher wants something done at lesson time `due`. The number of this record is the plan's."""

    at: int
    due: int
    act: Act


class DoneRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="done"):
    """The time of a planned act had come, and it was done; but what the engine played then has a record of its own.

    refused: why it could not be done, in words: then nothing has happened.
    """

    at: int
    plan: int
    refused: str = ""


class CancelledRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="cancelled"):
    """A planned act is not wanted any more."""

    at: int
    plan: int


class HintedRecord(msgspec.Struct, frozen=True, tag_field="kind", tag="hinted"):
    """A node's player was given a hint. step: 0 a question, 1 where to look, 2 the answer. sentence: what it said."""

    at: int
    node: str
    step: int
    sentence: str


Record = (
    RoomRecord
    | SeatedRecord
    | RoundRecord
    | ScannedRecord
    | PlayedRecord
    | MovedRecord
    | PaceRecord
    | BackRecord
    | PlannedRecord
    | DoneRecord
    | CancelledRecord
    | HintedRecord
)
