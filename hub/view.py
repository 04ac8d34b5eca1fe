"""The room as pages show it: what `/api/state` and `/api/events` say (docs/contracts.md, "The page")."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import UNSET, UnsetType

from cards.jsonform import WrittenJson, to_json
from cards.notation import write
from cards.packet import Written
from hub.discreet import place_all_may_see
from hub.game_view import GoalView
from hub.lessons import Lesson
from hub.messages import Answer, LightWord, Verdict
from hub.simulator.counting import as_played, minded
from hub.simulator.facts import kind
from hub.simulator.race import Standing
from hub.simulator.reasons import REASONS
from hub.simulator.rules import Rules
from hub.simulator.turns import turn
from hub.simulator.verdicts import Ruling
from hub.simulator.world import World
from hub.speech import turn_text
from hub.survey import Asked


class LessonView(msgspec.Struct, frozen=True):
    """What is being taught. reset_after: seconds of lesson time after the last scan at which a new round begins by
    itself; None: it never does. language: in which the room is spoken to.
    """

    id: str
    title: str
    goal: str
    reset_after: int | None
    language: str


class Act(msgspec.Struct, frozen=True):
    """What is being played now."""

    title: str
    text: str


class ServiceView(msgspec.Struct, frozen=True):
    """What listens on a port of a node."""

    port: int
    name: str


class ConnectionView(msgspec.Struct, frozen=True):
    """A connection as this end sees it; local and remote are ADDRESS:PORT, the state is spelt as in RFC 9293. until_ms:
    when its next timer runs out, in lesson time.
    """

    local: str
    remote: str
    state: str
    until_ms: int | None


class NodeView(msgspec.Struct, frozen=True):
    """A node. x, y: where it stands, 0 to 1 from top left. turn: what its player has to do now.

    connections: those that changed last, newest first; more: how many it has besides. light, key, sentence: what its
    badge showed last. online: its badge is there. free: a phone may take it. since_ms, until_ms: of the turn, in lesson
    time: until a timer runs out. hints: how many were given in this round.
    """

    id: str
    title: str
    kind: str
    address: str
    x: float
    y: float
    services: list[ServiceView]
    connections: list[ConnectionView]
    more: int
    listening: list[int]
    turn: str | None
    badge: str | None
    online: bool
    free: bool
    light: LightWord | None
    key: int | None
    sentence: str | None
    since_ms: int | None
    until_ms: int | None
    hints: int


class PacketView(msgspec.Struct, frozen=True):
    """A packet on its way. at: the node that scanned it last; to: where it must be next; src, dst: its two ends."""

    card: str
    text: str
    label: str
    at: str
    to: str | None
    src: str
    dst: str | None


class StoryLine(msgspec.Struct, frozen=True):
    """One scan and what was said of it.

    event: its number in the journal. round: in which it was. from, to: the node it was carried from, and the one where
    it must be next.
    """

    event: int
    round: int
    at_ms: int
    badge: str
    node: str | None
    card: str | None
    packet: WrittenJson | None
    verdict: Verdict
    reason: str
    sentence: str
    light: LightWord
    key: int | None
    rfc: str | None
    came_from: str | None = msgspec.field(name="from")
    goes_to: str | None = msgspec.field(name="to")


class RoomState(msgspec.Struct, frozen=True):
    """The whole picture. story: the last scans, oldest first. at_ms: lesson time; pace: so many seconds of it are in a
    second, 0: it is paused. down: wires that are broken. standing: of the teams, in order; none: there are no teams.
    resets_at_ms: when a new round begins by itself if nothing is scanned until then, in lesson time; None: it does not,
    or nothing has been scanned in this one yet.
    """

    lesson: LessonView
    round: int
    act: Act | None
    nodes: list[NodeView]
    links: list[tuple[str, str]]
    packets: list[PacketView]
    story: list[StoryLine]
    at_ms: int
    pace: float
    down: list[tuple[str, str]]
    goals: list[GoalView]
    standing: list[Standing]
    resets_at_ms: int | None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What an event named `change` says: only what has changed, nodes and packets whole.

    A packet without `to` has ended its way. at_ms may be less than before: the room has gone back. questions: null when
    nothing is asked or told any more.
    """

    entry: StoryLine | UnsetType = UNSET
    nodes: list[NodeView] | UnsetType = UNSET
    packets: list[PacketView] | UnsetType = UNSET
    act: Act | UnsetType = UNSET
    round: int | UnsetType = UNSET
    at_ms: int | UnsetType = UNSET
    pace: float | UnsetType = UNSET
    down: list[tuple[str, str]] | UnsetType = UNSET
    goals: list[GoalView] | UnsetType = UNSET
    standing: list[Standing] | UnsetType = UNSET
    resets_at_ms: int | UnsetType | None = UNSET
    questions: Asked | UnsetType | None = UNSET


def node(
    lesson: Lesson, world: World, id: str, badge: str | None, online: bool, free: bool, last: Answer | None, hints: int
) -> NodeView:
    """One node as it is now; `last` is what its badge was answered last."""
    rules, host = world.rules.node(id), world.host(id)
    owed = turn(world, id)
    x, y = lesson.places[id]
    return NodeView(
        id=id,
        title=rules.title,
        kind="router" if rules.router else "host",
        address=str(rules.address),
        x=x,
        y=y,
        services=[] if rules.secret else [ServiceView(port, name) for port, name in rules.services],
        connections=[
            ConnectionView(str(c.pair.local), str(c.pair.remote), c.state.value, c.deadline)
            for c in (host.connections[pair] for pair in host.latest)
        ],
        more=len(host.connections) - len(host.latest),
        listening=[] if rules.secret else sorted(port for _, port in host.listening),
        turn=None if owed is None else turn_text(world.rules, owed),
        badge=badge,
        online=online,
        free=free,
        light=None if last is None else last.light,
        key=None if last is None else last.key,
        sentence=None if last is None else last.sentence,
        since_ms=None if owed is None else owed.since,
        until_ms=None if owed is None else owed.until,
        hints=hints,
    )


def packets(world: World) -> list[PacketView]:
    """Every packet on its way, by the node where it must be next; then those of which only the teacher knows that they
    are lost.
    """
    due = [packet(world, card) for at in sorted(world.due_at) for card in world.due_at[at]]
    lost = (card for card, instance in world.instances.items() if instance.lost)
    return [*due, *(there for there in (packet(world, card) for card in sorted(lost)) if there.to is not None)]


def story_line(
    event: int,
    round: int,
    at_ms: int,
    badge: str,
    ruling: Ruling,
    shown: Written | None,
    verdict: Verdict,
    code: str,
    sentence: str,
    key: int | None = None,
) -> StoryLine:
    """A line of the story; verdict, code and sentence are what was said then. badge: "" when the engine played. shown:
    what is seen of the packet (`seen`).
    """
    reason = REASONS.get(code)
    return StoryLine(
        event=event,
        round=round,
        at_ms=at_ms,
        badge=badge,
        node=ruling.node,
        card=ruling.card,
        packet=None if shown is None else to_json(shown),
        verdict=verdict,
        reason=code,
        sentence=sentence,
        light=LightWord(verdict.value),
        key=key,
        rfc=None if reason is None else reason.rfc,
        came_from=ruling.came_from,
        goes_to=ruling.goes_to,
    )


def seen(rules: Rules, ruling: Ruling, said: Written | None, on_paper: bool = True) -> Written | None:
    """What people see of the packet of a ruling; said, on_paper: as in `as_played`. None: nothing is known of it."""
    if ruling.packet is not None and ruling.packet.carries is not None:
        return as_played(rules, ruling.packet, said, on_paper)
    return None if ruling.written is None else minded(rules.counting, ruling.written)


def links(lesson: Lesson) -> list[tuple[str, str]]:
    """The wires, each once."""
    return sorted(_ends(link) for link in lesson.rules.links)


def packet(world: World, card: str) -> PacketView:
    """One packet: on its way, or at its end."""
    instance = world.instances[card]
    p = instance.packet
    known = p.carries is not None
    at, to = place_all_may_see(world.rules, instance)
    return PacketView(
        card=card,
        text=write(as_played(world.rules, p, instance.said, instance.paper) if known else instance.sent, brief=True),
        label=kind(instance.said),
        at=at,
        to=to,
        src=instance.path[0],
        dst=world.rules.by_address.get(p.dst),
    )


def _ends(link: Iterable[str]) -> tuple[str, str]:
    one, other = sorted(link)
    return one, other
