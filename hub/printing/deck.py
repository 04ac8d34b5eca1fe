"""Everything on paper that a lesson needs for so many teams, as pages to print."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, count

from cards.commandcard import command_card
from cards.imposition import PAPERS, Piece, Slot, pages, slots
from cards.penlayout import layout
from cards.printedcard import printed_card
from cards.qrtext import DEFAULT_HOST, CardId, CommandCard, PrintedCard
from cards.sheet import Sheet
from hub.commands import NEW_PLAYER, meaning
from hub.lessons import Lesson
from hub.lessons.forms import pen_form
from hub.poster import walk
from hub.printing.commanding import commands
from hub.printing.course import marked_on_the_way, shown
from hub.printing.cover import Job, Row, cover
from hub.printing.grid import CARD
from hub.printing.hacks import hack_cards
from hub.printing.lights import light_card
from hub.printing.packets import Shown, is_carried_only, printed, writers
from hub.printing.pen import filling_sheet, needed, pen_cards
from hub.printing.questions import question_sheet
from hub.printing.roles import TENT, role, tent
from hub.printing.rules import rules_sheet
from hub.printing.tables import table_cards
from hub.printing.words import Words
from hub.simulator.rules import Counting, Do, NodeRules

MOST_TEAMS = 60
NEW_PLAYER_CARDS = 2
"""Of each network: strangers carry them away."""
PACKETS, COMMANDS, ROLES = "DEMO", "CMD", "ROLE"
"""The decks in which cards are numbered; cards for the pen have the name of their form instead."""


@dataclass(frozen=True, slots=True)
class Part:
    """Pieces of one kind. pieces: makes them, one after the other, as the cards of a class need not be in memory."""

    name: str
    note: str
    size: tuple[float, float]
    count: int
    pieces: Callable[[], Iterator[Piece]]
    backs: bool = False

    def pages(self, paper: str) -> int:
        """How many pages it fills."""
        fronts = -(-self.count // len(slots(*self.size, paper)))
        return fronts * (2 if self.backs else 1)


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted. teams: 1 .. MOST_TEAMS. paper: of PAPERS. first: the serial of the first card of each deck.
    called: how the lesson is asked for (its id). All is in the language of the lesson.
    """

    lesson: Lesson
    teams: int = 1
    paper: str = "a4"
    host: str = DEFAULT_HOST
    first: int = 1
    called: str = ""

    @property
    def networks(self) -> int:
        """How many times the lesson's network is played side by side: some lessons have several teams in it."""
        return -(-self.teams // max(1, self._teams_inside))

    @property
    def say(self) -> Words:
        """The words of its language."""
        return Words(self.lesson.language)

    def team(self, number: int) -> str:
        """What tells the pieces of one network from those of another; nothing where there is only one."""
        kind = "network" if self._teams_inside else "team"
        return self.say(f"team.{kind}", number=number) if self.networks > 1 else ""

    @property
    def labels(self) -> tuple[str, ...]:
        """Of each network."""
        return tuple(self.team(number) for number in range(1, self.networks + 1))

    def command(self, first: int) -> str:
        """How to print the same deck with other numbers."""
        words = [
            ".venv/bin/paperhop",
            "cards",
            "print",
            "--lesson",
            self.called or self.lesson.id,
            "--teams",
            str(self.teams),
        ]
        words += ["--paper", self.paper]
        words += [] if self.host == DEFAULT_HOST else ["--host", self.host]
        words += [] if self.lesson.language == Words().language else ["--language", self.lesson.language]
        return shlex.join([*words, "--first", str(first), "--out", "more.pdf"])

    @property
    def _teams_inside(self) -> int:
        return len({node.team for node in self.lesson.rules.nodes if node.team})


def deck(order: Order) -> Iterator[Sheet]:
    """The pages, the first of which says what to do with the others. ValueError for what cannot be printed."""
    if not 1 <= order.teams <= MOST_TEAMS:
        raise ValueError(f"a deck is for 1 to {MOST_TEAMS} teams, not {order.teams}")
    if order.paper not in PAPERS:
        raise ValueError(f"there is no paper {order.paper!r}; there are {', '.join(PAPERS)}")
    plain, single, double = parts(order)
    yield _cover(order, plain, single, double)
    for part in chain(plain, single, double):
        yield from pages(part.pieces(), order.paper)


def page_count(order: Order) -> int:
    """How many pages the deck has."""
    return 1 + sum(part.pages(order.paper) for part in chain(*parts(order)))


def parts(order: Order) -> tuple[tuple[Part, ...], tuple[Part, ...], tuple[Part, ...]]:
    """What is printed on plain paper, on card, and on card on both sides; without what this lesson has none of."""
    groups = (_plain(order), _single(order), _double(order))
    plain, single, double = (tuple(part for part in group if part.count) for group in groups)
    return plain, single, double


def _plain(order: Order) -> Iterator[Part]:
    lesson, paper, say = order.lesson, order.paper, order.say
    size = PAPERS[paper]
    written = not is_carried_only(lesson)
    yield _part(order, "rules", size, _copies(rules_sheet(lesson, paper, say), order.teams), order.teams)
    if written:
        yield _part(order, "filling", size, _copies(filling_sheet(lesson, paper, say), order.teams), order.teams)
    if written and _walks(lesson):
        walkers = order.networks * len(writers(lesson))
        yield _part(order, "states", size, _copies(walk(paper, say), walkers), walkers)
    if lesson.questions:
        yield _part(order, "questions", size, _copies(question_sheet(lesson, paper, say), 1), 1)


def _walks(lesson: Lesson) -> bool:
    """Players walk a coin along the states of TCP: where connections are opened, but for beginners, to whom half of the
    figure is not said yet, and only where they close connections.
    """
    wanted = {task.do for node in lesson.rules.nodes for task in node.tasks}
    return Do.CLOSE in wanted or (Do.OPEN in wanted and lesson.rules.counting is not Counting.OFF)


def _single(order: Order) -> Iterator[Part]:
    lesson, say = order.lesson, order.say
    number = _pens(order)
    cards = partial(pen_cards, lesson, number, order.first, order.host, say)
    yield _part(order, "pen", _pen_size(lesson), lambda: map(Piece, cards()), number)
    seats = list(_seats(order))
    yield _part(
        order, "tents", TENT, lambda: (Piece(tent(lesson, node, team, say)) for team, node in seats), len(seats)
    )
    yield from _packets(order)
    words = commands(lesson)
    yield _part(order, "commands", CARD, lambda: _commands(order, words), len(words))
    players = _for_new_players(order)
    yield _part(order, "new-player", CARD, lambda: _new_player(order, order.first + len(words)), players)
    hacks = tuple(hack_cards(lesson, say))
    yield _part(order, "hacks", CARD, lambda: map(Piece, hacks), len(hacks))


def _part(
    order: Order,
    kind: str,
    size: tuple[float, float],
    pieces: Callable[[], Iterator[Piece]],
    number: int,
    backs: bool = False,
    **named: str,
) -> Part:
    """A part whose name and note are in the catalogue; named: what is filled in."""
    say = order.say
    return Part(say(f"parts.{kind}", **named), say(f"parts.{kind}-note"), size, number, pieces, backs)


def _seats(order: Order) -> Iterator[tuple[str, NodeRules]]:
    """Every node of every network, with the network's label."""
    return ((team, node) for team in order.labels for node in order.lesson.rules.nodes)


def _pens(order: Order) -> int:
    """How many cards for the pen: none where all cards lie ready."""
    return 0 if is_carried_only(order.lesson) else order.networks * needed(order.lesson)


def _pen_size(lesson: Lesson) -> tuple[float, float]:
    places = layout(pen_form(lesson))
    return places.width, places.height


def _packets(order: Order) -> Iterator[Part]:
    """The printed cards for players, then a tray for each station; all of them are numbered through."""
    there = printed(order.lesson)
    first = order.first
    groups = [("packets", "", there.players)]
    groups += [("replies", order.lesson.rules.title(id), replies) for id, replies in there.replies.items()]
    for kind, station, packets in groups:
        number = order.networks * len(packets)
        yield _part(order, kind, CARD, partial(_numbered, order, packets, first), number, station=station)
        first += number


def _numbered(order: Order, packets: tuple[Shown, ...], first: int) -> Iterator[Piece]:
    say, serials = order.say, count(first)
    words = say.on_packets()
    for team in order.labels:
        for each in packets:
            named = {"team": team} if team else {}
            caption = say("packet.caption", course=each.course, number=each.number, of=each.of, **named)
            card = PrintedCard(CardId(PACKETS, next(serials)), each.packet)
            yield Piece(printed_card(card, order.host, caption, words))


def _commands(order: Order, words: tuple[str, ...]) -> Iterator[Piece]:
    say, rules = order.say, order.lesson.rules
    for serial, command in enumerate(words, order.first):
        card = CommandCard(CardId(COMMANDS, serial), command)
        does = meaning(command, rules)
        yield Piece(command_card(card, order.host, does, say("command.title"), say("command.note")))


def _for_new_players(order: Order) -> int:
    """How many cards for new players: none where no round makes way for the next by itself."""
    return 0 if order.lesson.reset_after is None else order.networks * NEW_PLAYER_CARDS


def _new_player(order: Order, first: int) -> Iterator[Piece]:
    say = order.say
    title, does, note = (say(f"command.{key}") for key in ("player-title", "player", "player-note"))
    for serial in range(first, first + _for_new_players(order)):
        yield Piece(command_card(CommandCard(CardId(COMMANDS, serial), NEW_PLAYER), order.host, does, title, note))


def _double(order: Order) -> Iterator[Part]:
    lesson, say = order.lesson, order.say
    seats = list(_seats(order))
    yield _part(order, "roles", CARD, lambda: _roles(order, seats), len(seats), True)
    routers = [(team, node) for team, node in seats if node.router and node.id not in lesson.rules.engines]
    tables = [piece for team, node in routers for piece in table_cards(lesson, node, team, say)]
    yield _part(order, "tables", CARD, lambda: iter(tables), len(tables), True)


def _roles(order: Order, seats: Iterable[tuple[str, NodeRules]]) -> Iterator[Piece]:
    say, back = order.say, light_card(order.say)
    for serial, (team, node) in enumerate(seats, order.first):
        yield Piece(role(order.lesson, node, CardId(ROLES, serial), order.host, team, say), back)


def _copies(sheet: Sheet, number: int) -> Callable[[], Iterator[Piece]]:
    return lambda: (Piece(sheet) for _ in range(number))


def _cover(order: Order, plain: tuple[Part, ...], single: tuple[Part, ...], double: tuple[Part, ...]) -> Sheet:
    lesson, paper, say = order.lesson, order.paper, order.say
    page = 2
    jobs = []
    sheets = []
    for title, group in (("plain", plain), ("single", single), ("double", double)):
        rows = []
        start = page
        for part in group:
            last = page + part.pages(paper) - 1
            rows.append(Row(part.name, part.count, (page, last), part.note))
            page = last + 1
        sheets.append((page - start) // (2 if group is double else 1))
        if rows:
            name = say("cover.pages", job=say(f"cover.{title}"), first=start, last=page - 1)
            jobs.append(Job(name, tuple(rows)))
    last = last_serial(order)
    return cover(
        say("cover.title", lesson=lesson.title),
        " ".join(_subject(order)),
        tuple(jobs),
        tuple(say(f"cover.{key}") for key in (("marks", "backs") if double else ("marks",))),
        _bring(order, sheets[0], sheets[1] + sheets[2]),
        (say("cover.once", first=order.first, last=last), order.command(last + 1)),
        _models(order),
        paper,
        say,
    )


def last_serial(order: Order) -> int:
    """The highest number on a card of the deck."""
    there = printed(order.lesson)
    packets = sum(map(len, (there.players, *there.replies.values())))
    nodes = len(order.lesson.rules.nodes)
    words = len(commands(order.lesson)) + _for_new_players(order)
    most = max(_pens(order), order.networks * packets, order.networks * nodes, words)
    return order.first + most - 1


def _subject(order: Order) -> Iterator[str]:
    """For whom the deck is, how the pieces of teams are told apart, and what to know of the printed packets."""
    lesson, say, labels = order.lesson, order.say, order.labels
    several = {"several": ""} if len(labels) > 1 else {}
    yield say("cover.subject", teams=order.teams, networks=len(labels), **several)
    if several:
        yield say("cover.labelled", first=labels[0], last=labels[-1])
    if not shown(lesson):
        yield say("cover.no-packets")
    elif marked_on_the_way(lesson):
        yield say("cover.no-boxes")


def _models(order: Order) -> tuple[tuple[str, tuple[Slot, ...]], ...]:
    """How the two kinds of pieces lie on their pages that need to be cut the most."""
    pen, paper, say = _pen_size(order.lesson), order.paper, order.say
    other = (say("parts.tents"), TENT) if pen == CARD else (say("parts.pen"), pen)
    return tuple((name, slots(*size, paper)) for name, size in ((say("cover.cards"), CARD), other))


def _bring(order: Order, plain: int, thick: int) -> tuple[str, ...]:
    lesson, networks, say = order.lesson, order.networks, order.say
    rules = lesson.rules
    marking = [node for node in rules.nodes if node.router and node.id not in rules.engines]
    pens = networks * (len(writers(lesson)) + (len(marking) if marked_on_the_way(lesson) else 0))
    cards = _pens(order)
    stations = networks * len(printed(lesson).replies)
    things = [
        say("cover.paper", plain=plain + 1, thick=thick),
        say("cover.scissors"),
        say("cover.clips", count=networks * len(rules.nodes)),
    ]
    if cards:
        size = "A6" if _pen_size(lesson) == CARD else "A5"
        things += [say("cover.pens", count=pens), say("cover.pouches", count=cards, size=size)]
    if stations:
        things.append(say("cover.trays", count=stations))
    if lesson.faults or rules.timers.retransmission:
        things.append(say("cover.drop-boxes", count=networks))
    return tuple(things)
