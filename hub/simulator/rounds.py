"""What a round has brought: mistakes, named cards and scans of each player, and who has reached which goal when.

These are values like the world: steps share structure.
"""

from __future__ import annotations

import msgspec
from immutables import Map
from msgspec.structs import replace

from cards.packet import Flags, Written
from hub.simulator.events import Played, Scanned
from hub.simulator.reasons import FLAGS, REASONS
from hub.simulator.verdicts import Difference, Ruling, Verdict
from hub.simulator.when import Earner
from hub.simulator.world import World

NOBODY: Map[Earner, int] = Map()
"""Who has reached a goal that nobody has."""
MOST_TRIES = 99
"""Wrong cards at one turn that are counted: who shows more is told no more of them."""
NEVER: Map[Earner, tuple[int, ...]] = Map()
"""When it has happened that has not yet."""


class Mistake(msgspec.Struct, frozen=True):
    """A mistake that a node is charged with. number: of the scan, from 1 on in the whole game. at: lesson time in ms.

    reason: its code. node: where it was scanned. card: None where that was not read. flags: those to be marked, where
    they are what is wrong.
    """

    number: int
    at: int
    reason: str
    node: str
    card: str | None
    flags: str = ""

    @property
    def hack(self) -> str | None:
        """The named card that it earns: then it costs nothing but the packet."""
        return REASONS[self.reason].hack


class Shown(msgspec.Struct, frozen=True):
    """What a node scanned last, and the reason that it was told. number: of the scan."""

    number: int
    card: str | None
    written: Written | None
    reason: str


class Try(msgspec.Struct, frozen=True):
    """A wrong card that was stopped: when, in ms of lesson time, and why."""

    at: int
    reason: str


class Player(msgspec.Struct, frozen=True):
    """What a node has done in a round. mistakes: those that count, the oldest first. tries: since it last moved, the
    newest `MOST_TRIES`.

    hacks: the named cards that it has earned, each once, the oldest first. scans: how many people made there; what was
    not read, or was only shown again, is none. hints: how many were given to its player.
    """

    mistakes: tuple[Mistake, ...] = ()
    tries: tuple[Try, ...] = ()
    hacks: tuple[str, ...] = ()
    scans: int = 0
    last: Shown | None = None
    hints: int = 0


_NEW = Player()


class Round(msgspec.Struct, frozen=True):
    """What one round has brought. began: lesson time in ms. players: what each node has done.

    times: goal id -> who -> when it happened (ms), in order, until it was reached.
    reached: goal id -> who -> when (ms).
    """

    began: int = 0
    players: Map[str, Player] = Map()
    times: Map[str, Map[Earner, tuple[int, ...]]] = Map()
    reached: Map[str, Map[Earner, int]] = Map()

    def player(self, node: str) -> Player:
        """What a node has done."""
        return self.players.get(node, _NEW)

    def mistakes(self, node: str) -> tuple[Mistake, ...]:
        """The mistakes that a node is charged with, the oldest first; not those that were forgiven."""
        return self.player(node).mistakes

    def hacks(self, node: str) -> tuple[str, ...]:
        """The named cards that a node has earned, each once, the oldest first."""
        return self.player(node).hacks

    def reached_at(self, goal: str, earner: Earner = None) -> int | None:
        """When a goal was reached by a node, or (None) by the room, in ms of lesson time; None: not yet."""
        return self.reached.get(goal, NOBODY).get(earner)

    def count(self, goal: str, earner: Earner = None) -> int:
        """How often it has happened that a goal asks for; no more is counted once it is reached."""
        return len(self.times.get(goal, NEVER).get(earner, ()))


class Tally(Round, frozen=True):
    """The round that is being played, and those before it. scans: how many there were in the whole game. earlier: the
    rounds before, the first one first.
    """

    scans: int = 0
    earlier: tuple[Round, ...] = ()

    @property
    def rounds(self) -> tuple[Round, ...]:
        """All rounds, this one last."""
        return (*self.earlier, self)


def new_tally(world: World) -> Tally:
    """The tally of a room in which nothing has happened yet."""
    return Tally(began=world.began)


def noted(t: Tally, event: Scanned | Played, at: int, ruling: Ruling) -> Tally:
    """What a ruling brings besides goals: a scan, a mistake, named cards."""
    node = ruling.node
    if node is None or ruling.verdict is Verdict.UNREAD:
        return t
    player = t.player(node)
    shown = Shown(t.scans, ruling.card, ruling.written, ruling.reason)
    scans = player.scans + isinstance(event, Scanned)
    tries = _tries(player, at, ruling)
    before, t = player.last, _with_player(t, node, replace(player, scans=scans, last=shown, tries=tries))
    hack = _hack(ruling)
    if hack is not None and ruling.origin is not None:
        t = _earned(t, ruling.origin, hack)
    if ruling.charged is None or _again(before, shown):
        return t
    mistake = Mistake(t.scans, at, ruling.reason, node, ruling.card, flags_meant(ruling.reason, ruling.differences))
    player = t.player(ruling.charged)
    t = _with_player(t, ruling.charged, replace(player, mistakes=(*player.mistakes, mistake)))
    return t if mistake.hack is None else _earned(t, ruling.charged, mistake.hack)


def flags_meant(reason: str, differences: tuple[Difference, ...]) -> str:
    """The flags that should have been marked; "" where something else is wrong."""
    there = REASONS.get(reason)
    if there is None or there.key != FLAGS:
        return ""
    return next((each.should for each in differences if each.field == "flags"), "")


def _tries(player: Player, at: int, ruling: Ruling) -> tuple[Try, ...]:
    if ruling.verdict is not Verdict.STOPPED:
        return ()
    return (*player.tries[1 - MOST_TRIES :], Try(at, ruling.reason)) if ruling.charged == ruling.node else player.tries


def _earned(t: Tally, node: str, hack: str) -> Tally:
    player = t.player(node)
    return t if hack in player.hacks else _with_player(t, node, replace(player, hacks=(*player.hacks, hack)))


def _again(before: Shown | None, shown: Shown) -> bool:
    """The same wrong card as just before, nothing corrected."""
    return before is not None and replace(before, number=shown.number) == shown


def _hack(ruling: Ruling) -> str | None:
    """What a forgery has brought about where it arrived."""
    if not ruling.forged or ruling.packet is None or ruling.written is None:
        return None
    if ruling.verdict is Verdict.RST and ruling.reason in ("tcp.connection-reset", "tcp.connection-refused"):
        return "rst-attack" if Flags.RST in (ruling.written.flags or Flags.NONE) else None
    return "hijacker" if ruling.reason == "tcp.data-received" else None


def _with_player(t: Tally, node: str, player: Player) -> Tally:
    return replace(t, players=t.players.set(node, player))


def forgiven(t: Tally, node: str) -> Tally:
    """The tally in which the last mistake of a node does not count."""
    player = t.player(node)
    return _with_player(t, node, replace(player, mistakes=player.mistakes[:-1])) if player.mistakes else t


def hinted(t: Tally, node: str) -> Tally:
    """The tally after a hint for a node."""
    player = t.player(node)
    return _with_player(t, node, replace(player, hints=player.hints + 1))


def new_round(t: Tally, world: World) -> Tally:
    """The tally at the beginning of another round."""
    over = Round(t.began, t.players, t.times, t.reached)
    return Tally(began=world.began, scans=t.scans, earlier=(*t.earlier, over))
