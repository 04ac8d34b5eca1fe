"""The contract between badges and the hub: every message with its topic, its JSON form and its version.

Badge and hub import this package and nothing else of each other. Only this module spells topics.

    paperhop/<set>/badge/<badge>/up/scan      Scan          badge -> hub
    paperhop/<set>/badge/<badge>/up/status    BadgeStatus   badge -> hub, retained, last will
    paperhop/<set>/badge/<badge>/down/answer  Answer|Resend hub -> badge
    paperhop/<set>/badge/<badge>/down/light   Light         hub -> badge
    paperhop/<set>/badge/<badge>/down/role    Role          hub -> badge, retained
    paperhop/<set>/badge/<badge>/down/form    Form          hub -> badge, retained
    paperhop/<set>/badge/<badge>/down/update  Update        hub -> badge

All with QoS 1. The only acknowledgement of a scan is the hub's `Answer` that names (badge, boot, counter).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from cards.jsonform import WrittenJson
from cards.penform import PenForm

VERSION = 1
DEFAULT_SET = "kit"
MAX_MESSAGE = 512 * 1024
"""Octets of the largest message; a longer one is refused unread."""

Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
Boot = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8,32}$")]
Counter = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
Version = Annotated[int, msgspec.Meta(ge=1)]
Text = Annotated[str, msgspec.Meta(max_length=1000)]
NodeId = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
Command = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9%-]+( [a-z0-9%-]+)*$", max_length=48)]


class BadMessage(ValueError):
    """A message that is not what its topic promises: the text says what is wrong with it, for a log or a page."""


class LightWord(enum.Enum):
    """Every word that a light can say (see docs/lights.md for how each looks)."""

    DELIVERED = "delivered"
    RST = "rst"
    DROPPED = "dropped"
    SENT = "sent"
    FORWARDED = "forwarded"
    STOPPED = "stopped"
    UNREAD = "unread"
    ONE_AT_A_TIME = "one-at-a-time"
    YOUR_TURN = "your-turn"
    SEND_AGAIN = "send-again"
    NO_ANSWER = "no-answer"
    NO_BROKER = "no-broker"
    READY = "ready"
    STAND_BY = "stand-by"
    FAULT = "fault"


class Verdict(enum.Enum):
    """What became of a packet at the node that scanned it.

    `rst`: the packet makes this host answer RST, or is an RST that closes its connection.
    """

    SENT = "sent"
    FORWARDED = "forwarded"
    DELIVERED = "delivered"
    RST = "rst"
    DROPPED = "dropped"
    STOPPED = "stopped"
    UNREAD = "unread"


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a card could not be read: a reason code (`card.foreign`, `card.damaged` ...) and what it is about."""

    code: Annotated[str, msgspec.Meta(pattern=r"^card\.[a-z0-9-]{1,40}$")]
    detail: Text = ""


class Sighting(msgspec.Struct, frozen=True):
    """What is seen of a card: its identity, and one of the other four, as in a `Scan`."""

    card: str | None = None
    written: WrittenJson | None = None
    problem: Problem | None = None
    command: str | None = None
    role: str | None = None


class Scan(msgspec.Struct, frozen=True):
    """One badge saw one card.

    boot: random, new at every start of the badge program. counter: 1, 2, 3 ... within that boot.
    oldest: the lowest counter of this boot for which the badge still waits for an answer.
    card: the card's identity, deck and serial ("DEMO-12"). Exactly one of the four is there: `written`, what is on a
    packet card; `problem`; `command`, what a command card tells the hub to do; `role`, the node that a role card asks
    for.
    """

    badge: Name
    boot: Boot
    counter: Counter
    oldest: Counter
    card: Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9]{1,4}-[0-9]{1,5}$")] | None = None
    written: WrittenJson | None = None
    problem: Problem | None = None
    command: Command | None = None
    role: NodeId | None = None
    v: Version = VERSION


class BadgeStatus(msgspec.Struct, frozen=True):
    """How a badge is. `offline` is its last will. waiting: scans in its outbox. program: version of the firmware.

    What it has measured, null when it cannot or has not yet: frame_rate: frames per second. dark: its camera has seen
    nothing but darkness for some seconds. temperature: of its processor, degrees Celsius. under_voltage: it gets too
    little. free_mb: room on its disk, 10^6 octets.

    release: which one its program is (`hub.messages.release`), null when it cannot be replaced. update: how it stands
    with another one: "" or `asked`, or why it was not taken: `unreachable`, `altered`, `no-room`, `broken` (it cannot
    be loaded), `refused` (it did not start), `unsettled`, `no-newer`.
    """

    badge: Name
    state: Literal["online", "offline"]
    boot: Boot
    waiting: Annotated[int, msgspec.Meta(ge=0)] = 0
    program: Annotated[str, msgspec.Meta(max_length=64)] = ""
    frames: Annotated[str, msgspec.Meta(max_length=200)] = ""
    frame_rate: Annotated[float, msgspec.Meta(ge=0)] | None = None
    dark: bool | None = None
    temperature: float | None = None
    under_voltage: bool | None = None
    free_mb: Annotated[int, msgspec.Meta(ge=0)] | None = None
    release: Annotated[int, msgspec.Meta(ge=0)] | None = None
    update: Annotated[str, msgspec.Meta(pattern=r"^[a-z-]{0,24}$")] = ""
    v: Version = VERSION


class Answer(msgspec.Struct, frozen=True, tag_field="type", tag="answer"):
    """The hub's verdict on one scan, published after its journal has it. A repeat gets the same answer again.

    key: which part of the card to correct, blinked after `stopped`: 1 address, 2 port, 3 flags, 4 numbers,
    5 wrong place. node: which node the badge played.
    """

    badge: Name
    boot: Boot
    counter: Counter
    verdict: Verdict
    reason: Annotated[str, msgspec.Meta(pattern=r"^[a-z]+\.[a-z0-9-]{1,40}$")]
    sentence: Text
    light: LightWord
    key: Annotated[int, msgspec.Meta(ge=1, le=5)] | None = None
    node: Name | None = None
    v: Version = VERSION


class Resend(msgspec.Struct, frozen=True, tag_field="type", tag="resend"):
    """The hub misses scans: the badge sends again from `counter` on, as far as it still has them."""

    badge: Name
    boot: Boot
    counter: Counter
    v: Version = VERSION


class Light(msgspec.Struct, frozen=True):
    """What the badge shows between scans: `ready`, `your-turn`, `send-again`. sentence: what to do; a packet that is to
    be copied onto a card is on a line of its own, the second.
    """

    badge: Name
    light: LightWord
    sentence: Text = ""
    v: Version = VERSION


class Role(msgspec.Struct, frozen=True):
    """Which node a badge plays; none when `node` is left out."""

    badge: Name
    node: Name | None = None
    title: Text = ""
    address: Text = ""
    lesson: Text = ""
    v: Version = VERSION


class Form(msgspec.Struct, frozen=True):
    """The form of the cards for the pen that are played with: what a card's code does not say about it."""

    badge: Name
    form: PenForm
    v: Version = VERSION


class Update(msgspec.Struct, frozen=True):
    """The badge may get this release from the hub now. again: also when it did not start before."""

    badge: Name
    number: Annotated[int, msgspec.Meta(ge=1)]
    again: bool = False
    v: Version = VERSION


Up = Scan | BadgeStatus
Down = Answer | Resend | Light | Role | Form | Update

_UP: dict[str, type[Scan] | type[BadgeStatus]] = {"up/scan": Scan, "up/status": BadgeStatus}
_DOWN: dict[str, object] = {
    "down/answer": Answer | Resend,
    "down/light": Light,
    "down/role": Role,
    "down/form": Form,
    "down/update": Update,
}
_LEAF: dict[type, str] = {
    Scan: "up/scan",
    BadgeStatus: "up/status",
    Answer: "down/answer",
    Resend: "down/answer",
    Light: "down/light",
    Role: "down/role",
    Form: "down/form",
    Update: "down/update",
}
RETAINED = frozenset({BadgeStatus, Role, Form})
"""The messages that the broker keeps for whoever subscribes later."""

_TOPIC = re.compile(
    r"^paperhop/(?P<set>[A-Za-z0-9_-]{1,32})/badge/(?P<badge>[A-Za-z0-9_-]{1,32})/(?P<leaf>(up|down)/[a-z]+)$"
)
_NAME = re.compile(r"^[A-Za-z0-9_-]{1,32}$")
_encoder = msgspec.json.Encoder()


def valid_name(text: str) -> str:
    """`text` when it can name a set or a badge in a topic; ValueError says what a name may hold."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"{text!r} cannot be a name: use 1 to 32 letters, digits, - and _")
    return text


def scan_of(badge: str, boot: str, counter: int, oldest: int, seen: Sighting) -> Scan:
    """The scan of a card that was seen so."""
    return Scan(badge, boot, counter, oldest, seen.card, seen.written, seen.problem, seen.command, seen.role)


def topic(message: Up | Down, set_name: str = DEFAULT_SET) -> str:
    """The topic that a message is published on."""
    return f"paperhop/{set_name}/badge/{message.badge}/{_LEAF[type(message)]}"


def hub_subscription(set_name: str = DEFAULT_SET) -> str:
    """What the hub subscribes to."""
    return f"paperhop/{set_name}/badge/+/up/+"


def badge_subscription(badge: str, set_name: str = DEFAULT_SET) -> str:
    """What a badge subscribes to: its own topics, nobody else's."""
    return f"paperhop/{set_name}/badge/{badge}/down/+"


def sender(on_topic: str) -> str:
    """The badge that a topic names; "": it names none."""
    match = _TOPIC.fullmatch(on_topic)
    return "" if match is None else match["badge"]


def encode(message: Up | Down) -> bytes:
    """A message as versioned JSON."""
    return _encoder.encode(message)


def decode_up(on_topic: str, octets: bytes) -> Up:
    """The message that a badge published; BadMessage says what is wrong with it."""
    message: Up = _read(on_topic, octets, _UP)
    if isinstance(message, Scan):
        kinds = (message.written, message.problem, message.command, message.role)
        if sum(each is not None for each in kinds) != 1:
            raise BadMessage("a scan has either `written` or `problem` or `command` or `role`")
        if message.problem is None and message.card is None:
            raise BadMessage("a scan with `written`, `command` or `role` names its `card`")
        if message.oldest > message.counter:
            raise BadMessage("`oldest` is at most `counter`")
    return message


def decode_down(on_topic: str, octets: bytes) -> Down:
    """The message that the hub published; BadMessage says what is wrong with it."""
    message: Down = _read(on_topic, octets, _DOWN)
    return message


def salvage_scan(on_topic: str, octets: bytes, why: str) -> Scan | None:
    """What was published as a scan and cannot be read, as a scan with a problem, when it at least says which one it is.

    So it is answered like any other, and does not block the badge that waits for the answer.
    """
    try:
        leaf, badge = _address(on_topic)
        ours = msgspec.json.decode(octets[:MAX_MESSAGE], type=_ScanName)
    except (BadMessage, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if leaf != _LEAF[Scan] or ours.badge != badge or ours.oldest > ours.counter:
        return None
    return Scan(badge, ours.boot, ours.counter, ours.oldest, problem=Problem("card.not-understood", why[:1000]))


def _read(on_topic: str, octets: bytes, kinds: Mapping[str, object]) -> Any:
    leaf, badge = _address(on_topic)
    if leaf not in kinds:
        raise BadMessage(f"nothing is sent on {on_topic}")
    message = _decode(octets, kinds[leaf])
    if message.badge != badge:
        raise BadMessage(f"the topic is of badge {badge} but the message says badge {message.badge}")
    return message


def _address(on_topic: str) -> tuple[str, str]:
    match = _TOPIC.fullmatch(on_topic)
    if match is None:
        raise BadMessage(f"{on_topic[:200]!r} is not a topic of a badge")
    return match["leaf"], match["badge"]


class _Versioned(msgspec.Struct):
    v: Version = 1


class _ScanName(msgspec.Struct):
    badge: Name
    boot: Boot
    counter: Counter
    oldest: Counter = 1


def _decode(octets: bytes, kind: object) -> Any:
    if len(octets) > MAX_MESSAGE:
        raise BadMessage(f"it has {len(octets)} octets; {MAX_MESSAGE} are allowed")
    try:
        version = msgspec.json.decode(octets, type=_Versioned).v
        if version > VERSION:
            raise BadMessage(f"it is of version {version}; this program knows {VERSION}: update it")
        return msgspec.json.decode(octets, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadMessage(f"it is not the JSON that belongs here: {error}") from None
    except RecursionError:
        raise BadMessage("it is not the JSON that belongs here: nested too deeply") from None
