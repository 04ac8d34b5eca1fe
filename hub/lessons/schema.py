"""What a lesson file may hold (see docs/lessons.md; the schemas are in docs/contracts.md)."""

from __future__ import annotations

from typing import Annotated, TypeAlias, TypeVar

import msgspec

Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Octets = Annotated[int, msgspec.Meta(ge=1, le=100_000)]
Seconds = Annotated[int, msgspec.Meta(ge=0, le=86_400)]
ResetAfter = Annotated[int, msgspec.Meta(ge=5, le=3600)]
OptionText = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
Link = tuple[str, str]
T = TypeVar("T")
AnyOf: TypeAlias = T | Annotated[list[T], msgspec.Meta(min_length=1)] | None


class TaskFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that the application of a node wants; one of these, or the word `close`.

    open: ADDRESS:PORT to connect with. say: a text on the connection that it opened last. ping: an address. trace:
    an address, or ADDRESS:PORT, to which it finds the way. port: the source port; any, when it is left out.
    """

    open: str | None = None
    say: Text | None = None
    ping: str | None = None
    trace: str | None = None
    port: Port | None = None


class NodeFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A node. address: one, or a list, of a router perhaps with the length of its network (10.0.1.254/24).

    routes: prefix (or `default`) -> the id of the next node, or `link` for addresses on its own wires. services: port
    -> what listens there: telnet, echo, web, or any name. tasks: what its application wants, in order; opens: short
    for tasks that only open. silent: a firewall swallows all that comes. secret: no page that all can see names its
    services. plays: `people` or `engine`. fill_in: its table is empty at the start, its player fills it in, and
    `routes` is what belongs there. team: who plays together. place: where the page draws it, from the left and from the
    top, 0 to 1.
    """

    id: Id
    title: Text
    address: str | list[str]
    routes: dict[str, str] = {}
    router: bool = False
    services: dict[Port, Text] = {}
    opens: list[str] = []
    tasks: list[str | TaskFile] = []
    silent: bool = False
    secret: bool = False
    plays: str = "people"
    fill_in: bool = False
    team: Id | None = None
    place: tuple[Share, Share] | None = None


class FormFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the lesson's pen cards ask for besides addresses, ports and flags.

    seq, ack: the numbers must be written. ttl: boxes of the TTL row. next_hop: the router's player marks it. payload:
    cells of the comb, octets. check: a check digit, for experts. addresses, ports: what can be marked besides those of
    the nodes and of what they want.
    """

    seq: bool = False
    ack: bool = False
    ttl: Annotated[int, msgspec.Meta(ge=1, le=16)] | None = None
    next_hop: bool = False
    payload: Annotated[int, msgspec.Meta(ge=1, le=64)] = 32
    check: bool = False
    addresses: list[str] = []
    ports: list[Port] = []


class TimersFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seconds of lesson time. retransmission: 0: nobody is asked to send again. time_wait: 2MSL."""

    retransmission: Seconds = 0
    delayed_ack: Seconds = 20
    time_wait: Annotated[int, msgspec.Meta(ge=1, le=3600)] = 60


class FaultFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fault of a link. kind: lose, delay, duplicate, reorder or corrupt.

    count: so many packets and it is over; left out: until it is lifted. rate: of how many packets it is the fate.
    seconds: of a delay, or how long a packet waits at most to be overtaken.
    """

    name: Id
    kind: str
    link: Link
    count: Annotated[int, msgspec.Meta(ge=1, le=1000)] | None = None
    rate: Share = 1.0
    seconds: Seconds = 30


class WhenFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must happen, or be so, all at one moment. Where a list stands, any of it will do. In a place for a node,
    `each` is the one that would earn the goal, `others` any that is not of its team (without teams: any other).

    Of a packet that is scanned: verdict; reason, its code; flags: "SYN,ACK" ..., or UDP, ECHO ...; at: the node that
    scans it; from: the node where it was scanned first; to: the node that has its destination address; text: it is in
    the payload. Of node `at`: state: one of its connections (with node `peer`) is in it, in the RFC's spelling, `none`:
    it has no connection (with it); bytes: so many of data have come in order on one of its connections (with node
    `peer`), in whatever pieces; unacknowledged: `nothing` of what it has sent is; turn: its player has nothing to do
    just now (`nothing`), perhaps because it waits.
    port: at either end of the packet, or of the connection.
    """

    verdict: AnyOf[str] = None
    reason: AnyOf[str] = None
    flags: AnyOf[str] = None
    at: AnyOf[str] = None
    source: AnyOf[str] = msgspec.field(default=None, name="from")
    destination: AnyOf[str] = msgspec.field(default=None, name="to")
    text: Text | None = None
    state: AnyOf[str] = None
    peer: AnyOf[str] = None
    octets: Octets | None = msgspec.field(default=None, name="bytes")
    unacknowledged: str | None = None
    turn: str | None = None
    port: AnyOf[Port] = None


class GoalFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A goal. for: the nodes that can earn it, each by itself; left out: the room. count: how often it must happen;
    what is so happens when it begins to be so, or is so when the goals that come first are reached.

    after: goals that come first, above in the file: reached by the same node where it can earn them, by all who can
    where it cannot. points: for whoever earns it. quest: for who is early; a lesson is done without it.
    """

    id: Id
    title: Text
    when: WhenFile
    who: list[str] = msgspec.field(default=[], name="for")
    count: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1
    after: list[Id] = []
    points: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 1
    quest: bool = False


class QuestionFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question that pupils answer before the lesson and again after it. options: A, B ... in this order; right: the
    letter of the one that is right; why: the reason, in a sentence, told when all is over.
    """

    id: Id
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=160)]
    options: Annotated[list[OptionText], msgspec.Meta(min_length=2, max_length=4)]
    right: str
    why: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class RaceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Teams race. penalty: seconds that a mistake costs, if it is no hack. rotate: in each new round everybody plays
    the next node of the team.
    """

    penalty: Seconds = 10
    rotate: bool = True


class NodeChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is other at a node in a variant: what is given takes the place of the node's own."""

    routes: dict[str, str] | None = None
    services: dict[Port, Text] | None = None
    opens: list[str] | None = None
    tasks: list[str | TaskFile] | None = None
    silent: bool | None = None
    plays: str | None = None
    fill_in: bool | None = None


class VariantFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another way to play the same lesson: what is given here takes the place of the lesson's own.

    nodes: id -> what is other at that node. goals: of the same id as one of the lesson they take its place; others come
    after these.
    """

    title: Text | None = None
    goal: Text | None = None
    counting: str | None = None
    play: str | None = None
    isn_digits: Annotated[int, msgspec.Meta(ge=1, le=9)] | None = None
    form: FormFile | None = None
    timers: TimersFile | None = None
    faults: list[FaultFile] | None = None
    reset_after: ResetAfter | None = None
    nodes: dict[Id, NodeChange] = {}
    goals: list[GoalFile] = []


class StepFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step of a script: a scan, time that passes, a move of the teacher, or a look at what is so.

    scan: which card, at: at which node (or by: which badge); via, ttl: what is marked on it there. expect, reason,
    charged: what must come of it. wait: seconds. seat: a badge, at: a node (left out: it leaves). round: begin a new
    one. The teacher: hand_over and take_back (a node, to and from the engine), play (one step for a node), restart (two
    nodes), undo, redo, forgive (a node), table (a node) with routes, link_down and link_up (a link), fault, lift (a
    fault's name), lose and find (a card); reason beside one of these: why it cannot be done. goal: it is reached (by: a
    node), or is: open. turn: a node, is: what it has to do first.
    """

    scan: Id | None = None
    at: str | None = None
    by: str | None = None
    via: str | None = None
    ttl: Annotated[int, msgspec.Meta(ge=0, le=255)] | None = None
    expect: str | None = None
    reason: str | None = None
    charged: str | None = None
    wait: Seconds | None = None
    seat: str | None = None
    round: bool = False
    hand_over: str | None = None
    take_back: str | None = None
    play: str | None = None
    restart: Link | None = None
    undo: str | None = None
    redo: str | None = None
    forgive: str | None = None
    table: str | None = None
    routes: dict[str, str] | None = None
    link_down: Link | None = None
    link_up: Link | None = None
    fault: FaultFile | None = None
    lift: str | None = None
    lose: Id | None = None
    find: Id | None = None
    goal: str | None = None
    turn: str | None = None
    is_: str | None = msgspec.field(default=None, name="is")


class ScriptFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A course of play. cards: name -> packet in one line of notation; what is not written on it is left out.

    variant: of the lesson. engines: nodes that the engine plays here. same_paper: a card -> the one on whose
    paper it is written: wiped and written anew, or changed on its way. demo: `paperhop demo` plays it; of a
    lesson that marks none, all that take no more than printed cards and hands. Their cards are printed, and those of
    the first course without a mistake.
    """

    id: Id
    title: Text
    cards: dict[Id, str]
    steps: list[StepFile]
    text: str = ""
    variant: Id | None = None
    engines: list[str] = []
    same_paper: dict[Id, Id] = {}
    demo: bool = False


class ScriptsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of scripts for a lesson that stands elsewhere (`paperhop play LESSON --script FILE`)."""

    scripts: list[ScriptFile]


class ScriptWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of a script in another language."""

    title: Text | None = None
    text: str | None = None


class VariantWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of a variant in another language. goals: id -> title, of the goals that the variant brings."""

    title: Text | None = None
    goal: Text | None = None
    goals: dict[Id, Text] = {}


class QuestionWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of a question in another language. options: as many as there are, in the same order."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=160)]
    options: Annotated[list[OptionText], msgspec.Meta(min_length=2, max_length=4)]
    why: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class WordsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of a lesson in another language: what is here takes the place of what the lesson has. nodes, goals:
    id -> title. What goes over the wire, and the names of services, stay.
    """

    title: Text | None = None
    goal: Text | None = None
    nodes: dict[Id, Text] = {}
    goals: dict[Id, Text] = {}
    questions: dict[Id, QuestionWords] = {}
    variants: dict[Id, VariantWords] = {}
    scripts: dict[Id, ScriptWords] = {}


class LessonFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A lesson. counting: `off`, `bytes` or `rfc`. play: `coach` or `free`. faults: in force from the start.

    reset_after: so many seconds of lesson time after the last scan a new round begins by itself; left out: never.
    questions: for before and after, of its variants, too.
    language: in which its room is spoken to, as a code (`it`). words: the lesson's own, in that language.
    """

    title: Text
    goal: Text
    nodes: Annotated[list[NodeFile], msgspec.Meta(min_length=2, max_length=300)]
    links: list[Link]
    counting: str = "rfc"
    play: str = "coach"
    isn_digits: Annotated[int, msgspec.Meta(ge=1, le=9)] = 3
    form: FormFile = FormFile()
    timers: TimersFile = TimersFile()
    faults: list[FaultFile] = []
    goals: list[GoalFile] = []
    questions: Annotated[list[QuestionFile], msgspec.Meta(max_length=5)] = []
    race: RaceFile | None = None
    reset_after: ResetAfter | None = None
    variants: dict[Id, VariantFile] = {}
    scripts: list[ScriptFile] = []
    language: str = "en"
    words: WordsFile = WordsFile()
