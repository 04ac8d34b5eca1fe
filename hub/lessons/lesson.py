"""A lesson, ready to play, and its scripts: cards played and verdicts expected, a lesson and its test in one."""

from __future__ import annotations

from dataclasses import dataclass, field

from cards.packet import Written
from hub.lessons.document import Document
from hub.simulator.acts import Act
from hub.simulator.events import FaultSet
from hub.simulator.goals import Goal
from hub.simulator.rules import Rules
from hub.simulator.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class ScanStep:
    """A card is scanned, at a node or by a badge, and this must come of it. via, ttl: what is marked on it there."""

    card: str
    node: str | None
    badge: str | None = None
    via: str | None = None
    ttl: int | None = None
    verdict: Verdict | None = None
    reason: str | None = None
    charged: str | None = None


@dataclass(frozen=True, slots=True)
class WaitStep:
    """So many seconds pass."""

    seconds: int


@dataclass(frozen=True, slots=True)
class SeatStep:
    """A badge takes a node, or (None) leaves its own."""

    badge: str
    node: str | None


@dataclass(frozen=True, slots=True)
class ActStep:
    """The teacher does something. A card is called as in the script. refused: why it cannot be done then; None: it can,
    or it does not matter.
    """

    act: Act
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class GoalStep:
    """This goal must be reached by now (by this node); reached False: it must not be yet."""

    goal: str
    node: str | None
    reached: bool = True


@dataclass(frozen=True, slots=True)
class TurnStep:
    """This is what the node has to do first; None: nothing."""

    node: str
    code: str | None


LETTERS = "ABCD"
"""What the options of a question are called."""

Step = ScanStep | WaitStep | SeatStep | ActStep | GoalStep | TurnStep


@dataclass(frozen=True, slots=True)
class Script:
    """A course of play.

    lines: of each step, in its file. variant: of the lesson. engines: nodes the engine plays. papers: of each
    card, what its paper is called: the card that was written on it first. demo: `paperhop demo` plays it.
    """

    id: str
    title: str
    text: str
    cards: dict[str, Written]
    steps: tuple[Step, ...]
    lines: tuple[int, ...]
    variant: str | None = None
    engines: frozenset[str] = frozenset()
    papers: dict[str, str] = field(default_factory=dict)
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Race:
    """Teams race. penalty: seconds that a mistake costs. rotate: everybody plays the next node in the next round."""

    penalty: int = 10
    rotate: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """What pupils answer before the lesson and after it. right: the place of the right one among the options, from 0.
    why: the reason.
    """

    id: str
    text: str
    options: tuple[str, ...]
    right: int
    why: str

    @property
    def letters(self) -> str:
        """What its options are called, in their order."""
        return LETTERS[: len(self.options)]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson, ready to play.

    id: its name, and its variant after a colon. source: the text of its file; document: that text with the line of each
    part. places: node id -> where it is drawn, 0 to 1 from the left and from the top. faults: of its links, from the
    start. goal_ids: of the lesson as it stands (None), and of each of its variants. reset_after: seconds of lesson time
    after the last scan of a round at which the next one begins by itself; None: never. own_titles: of its nodes, before
    words of another language took their place: cards for the pen are of the same form in every language.
    variant_titles: of its variants, by their names.
    """

    id: str
    title: str
    goal: str
    source: str
    document: Document = field(repr=False, compare=False)
    rules: Rules
    places: dict[str, tuple[float, float]]
    scripts: tuple[Script, ...]
    goals: tuple[Goal, ...] = ()
    faults: tuple[FaultSet, ...] = ()
    race: Race | None = None
    goal_ids: dict[str | None, tuple[str, ...]] = field(default_factory=dict)
    reset_after: int | None = None
    questions: tuple[Question, ...] = ()
    own_titles: dict[str, str] = field(default_factory=dict)
    variant_titles: dict[str, str] = field(default_factory=dict)

    @property
    def language(self) -> str:
        """In which its room is spoken to, as a code."""
        return self.rules.language

    @property
    def base(self) -> str:
        """Its name, without that of a variant."""
        return self.id.partition(":")[0]

    @property
    def variant(self) -> str | None:
        """The variant that it is; None: it is as it stands in its file."""
        return self.id.partition(":")[2] or None

    @property
    def variants(self) -> tuple[str, ...]:
        """The names of its variants."""
        return tuple(self.variant_titles)

    @property
    def to_show(self) -> tuple[Script, ...]:
        """The scripts for the demo, whose cards are printed too: those that are marked, or all when none is."""
        return tuple(script for script in self.scripts if script.demo) or self.scripts
