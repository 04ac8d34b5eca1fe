"""What a teacher orders from a page, as JSON: `{"do": "command", "text": "lose client r1"}`. `Desk.do` carries it out.

Whatever a command card can say is an order `command` in the same words (`hub.commands`); the rest is here.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from hub.messages import Name, NodeId
from hub.survey import Moment

Words = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
Seconds = Annotated[int, msgspec.Meta(ge=1, le=86_400)]
Count = Annotated[int, msgspec.Meta(ge=0, le=999)]
Language = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2}$")]
NickName = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="command"):
    """A command as on a card (`hub.commands`), now or in so many seconds of lesson time."""

    text: Words
    in_seconds: Seconds | None = None


class Cancel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="cancel"):
    """What was planned under this number does not happen."""

    plan: int


class SetTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="table"):
    """A node's routing table is these lines: (network, id of the next node, or `link` for its own wires)."""

    node: NodeId
    routes: Annotated[tuple[tuple[str, str], ...], msgspec.Meta(max_length=64)]


class MoveCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="card"):
    """A card that is on its way is lost, or (lost False) has been found."""

    card: Words
    lost: bool


class SetPace(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="pace"):
    """Lesson time runs so many times as fast as the clock on the wall; 0: it stands still."""

    rate: Annotated[float, msgspec.Meta(ge=0, le=8)]


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="step"):
    """While time stands still: the next thing that happens by itself happens."""


class GoBack(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="back"):
    """The room is again as it was after the event with this number in the journal."""

    event: Annotated[int, msgspec.Meta(ge=1)]


class Hint(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="hint"):
    """A hint for whoever plays a node: 0 a question, 1 where to look, 2 the answer."""

    node: NodeId
    step: Annotated[int, msgspec.Meta(ge=0, le=2)]


class Sit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="sit"):
    """A badge (or a phone) plays a node and others with it; without a node it plays none any more."""

    badge: Name
    node: NodeId | None = None
    others: tuple[NodeId, ...] = ()


class Swap(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="swap"):
    """Who plays two nodes change places."""

    one: NodeId
    other: NodeId


class MakeReader(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="reader"):
    """Command cards work at this badge, or (on False) no more."""

    badge: Name
    on: bool


class UpdateBadges(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="update"):
    """A badge gets the hub's release as soon as nothing waits in its outbox, also while it plays; no badge: all do that
    have an older one.
    """

    badge: Name | None = None


class SetClock(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="clock"):
    """It is so many ms since 1970 now, by the clock of the computer that orders: the hub's is set to that, once in each
    of its starts.
    """

    at_ms: Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class Choose(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="lesson"):
    """Another lesson begins: `data`, `data:basic`. Its room is a new one. language: in which that is spoken to, as its
    code; left out: as the one before.
    """

    lesson: Words
    language: Language | None = None


class Countdown(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="countdown"):
    """In so many seconds on the clock on the wall a new round begins; until then time stands still."""

    seconds: Annotated[int, msgspec.Meta(ge=3, le=600)]


class Paste(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="paste"):
    """The class list, one name a line; everybody on it is dealt a seat, as a DHCP server would."""

    text: Annotated[str, msgspec.Meta(max_length=20_000)]


class Deal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="deal"):
    """Everybody is dealt another seat. bots: the engine plays what is left."""

    bots: bool = False


class Join(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="join"):
    """Somebody comes, and gets a seat or stands by."""

    name: NickName


class Leave(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="leave"):
    """Somebody goes; who stands by takes the seat."""

    name: NickName


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="ask"):
    """Phones show the questions of before the lesson, or of after it; null: nobody answers any more."""

    moment: Moment | None


class CountHands(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="hands"):
    """So many hands were raised for each option of a question, or so many have ticked it on paper."""

    moment: Moment
    question: Words
    counts: Annotated[tuple[Count, ...], msgspec.Meta(max_length=4)]


class Forget(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="forget"):
    """Every name and every picture of handwriting is wiped, and what phones are known by; of answers, counts stay."""


RoomOrder = (
    Command
    | Cancel
    | SetTable
    | MoveCard
    | SetPace
    | Step
    | GoBack
    | Hint
    | Sit
    | Swap
    | MakeReader
    | UpdateBadges
    | Choose
    | Countdown
    | Paste
    | Deal
    | Join
    | Leave
    | Ask
    | CountHands
    | Forget
)
"""What changes a room, or what is kept beside it."""
Order = RoomOrder | SetClock
"""Everything that a page can order."""
