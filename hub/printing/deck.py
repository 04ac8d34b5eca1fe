"""Everything on paper that a lesson needs for so many teams, as pages to print."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, count

from cards.commandcard import command_card
from cards.imposition import PAPERS, Piece, Slot, pages, slots
from cards.packet import Packet
from cards.penlayout import layout
from cards.printedcard import printed_card
from cards.qrtext import DEFAULT_HOST, CardId, CommandCard, PrintedCard
from cards.sheet import Sheet
from hub.commands import meaning
from hub.lessons import Lesson
from hub.lessons.forms import pen_form
from hub.poster import walk
from hub.printing.commanding import commands
from hub.printing.course import marked_on_the_way, shown
from hub.printing.cover import Job, Row, cover
from hub.printing.grid import CARD
from hub.printing.hacks import hack_cards
from hub.printing.lights import light_card
from hub.printing.packets import is_carried_only, printed, writers
from hub.printing.pen import filling_sheet, needed, pen_cards
from hub.printing.roles import TENT, role, tent
from hub.printing.rules import rules_sheet
from hub.printing.tables import table_cards
from hub.simulator.rules import Do

MOST_TEAMS = 60
PACKETS, COMMANDS, ROLES = "DEMO", "CMD", "ROLE"
"""The decks in which cards are numbered."""


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
    """What is wanted. teams: 1 .. MOST_TEAMS. paper: of PAPERS. first: the serial of the first card of each deck."""

    lesson: Lesson
    teams: int = 1
    paper: str = "a4"
    host: str = DEFAULT_HOST
    first: int = 1

    @property
    def networks(self) -> int:
        """How many times the lesson's network is played side by side: some lessons have several teams in it."""
        teams = {node.team for node in self.lesson.rules.nodes if node.team}
        return -(-self.teams // max(1, len(teams)))


def deck(order: Order) -> Iterator[Sheet]:
    """The pages, the first of which says what to do with the others. ValueError for what cannot be printed."""
    if not 1 <= order.teams <= MOST_TEAMS:
        raise ValueError(f"a deck is for 1 to {MOST_TEAMS} teams, not {order.teams}")
    plain, single, double = parts(order)
    yield _cover(order, plain, single, double)
    for part in chain(plain, single, double):
        yield from pages(part.pieces(), order.paper)


def parts(order: Order) -> tuple[tuple[Part, ...], tuple[Part, ...], tuple[Part, ...]]:
    """What is printed on plain paper, on card, and on card on both sides; without what this lesson has none of."""
    groups = (_plain(order), _single(order), _double(order))
    plain, single, double = (tuple(part for part in group if part.count) for group in groups)
    return plain, single, double


def _plain(order: Order) -> Iterator[Part]:
    lesson, paper = order.lesson, order.paper
    pages = [("rules", "one on each table", rules_sheet(lesson, paper))]
    written = not is_carried_only(lesson)
    if written:
        pages.append(("how to fill in", "one on each table: an example, field by field", filling_sheet(lesson, paper)))
    for name, note, sheet in pages:
        yield Part(name, note, PAPERS[paper], order.teams, _copies(sheet, order.teams))
    if written and any(task.do is Do.OPEN for node in lesson.rules.nodes for task in node.tasks):
        walkers = order.networks * len(writers(lesson))
        note = "one for each end of a connection, with a coin"
        yield Part("state sheets", note, PAPERS[paper], walkers, _copies(walk(paper), walkers))


def _single(order: Order) -> Iterator[Part]:
    lesson, networks = order.lesson, order.networks
    form = pen_form(lesson)
    number = _pens(order)
    yield Part(
        "cards for the pen",
        "to write on; laminated, they serve again and again",
        _pen_size(lesson),
        number,
        lambda: map(Piece, pen_cards(form, number, order.first, order.host)),
    )
    yield Part(
        "name tents",
        "fold at the dashes; write the nickname on it",
        TENT,
        networks * len(lesson.rules.nodes),
        lambda: (Piece(tent(lesson, node)) for _ in range(networks) for node in lesson.rules.nodes),
    )
    yield from _packets(order)
    words = commands(lesson)
    note = "for the teacher alone: they work at the reader"
    yield Part("command cards", note, CARD, len(words), lambda: _commands(order, words))
    hacks = tuple(hack_cards(lesson))
    yield Part("hack cards", "for who breaks a rule in a clever way", CARD, len(hacks), lambda: map(Piece, hacks))


def _pens(order: Order) -> int:
    """How many cards for the pen: none where all cards lie ready."""
    return 0 if is_carried_only(order.lesson) else order.networks * needed(order.lesson)


def _pen_size(lesson: Lesson) -> tuple[float, float]:
    places = layout(pen_form(lesson))
    return places.width, places.height


def _packets(order: Order) -> Iterator[Part]:
    """The printed cards for players, then a tray for each station; all of them are numbered through."""
    lesson, networks = order.lesson, order.networks
    there = printed(lesson)
    first = order.first
    groups: list[tuple[str, str, tuple[Packet, ...]]] = [
        ("printed packets", "the lesson's own course of play, to show it", there.players)
    ]
    for id, replies in there.replies.items():
        title = lesson.rules.title(id)
        groups.append((f"replies of {title}", "in this order in a tray beside that station", replies))
    for name, note, packets in groups:
        yield Part(name, note, CARD, networks * len(packets), _numbered(packets * networks, first, order.host))
        first += networks * len(packets)


def _numbered(packets: tuple[Packet, ...], first: int, host: str) -> Callable[[], Iterator[Piece]]:
    def pieces() -> Iterator[Piece]:
        for serial, packet in enumerate(packets, first):
            yield Piece(printed_card(PrintedCard(CardId(PACKETS, serial), packet), host))

    return pieces


def _commands(order: Order, words: tuple[str, ...]) -> Iterator[Piece]:
    for serial, command in enumerate(words, order.first):
        card = CommandCard(CardId(COMMANDS, serial), command)
        yield Piece(command_card(card, order.host, meaning(command, order.lesson.rules)))


def _double(order: Order) -> Iterator[Part]:
    lesson, networks = order.lesson, order.networks
    nodes = lesson.rules.nodes
    yield Part(
        "role cards",
        "the face of a badge; its lights are on the back",
        CARD,
        networks * len(nodes),
        lambda: _roles(order),
        True,
    )
    routers = [node for node in nodes if node.router and node.id not in lesson.rules.engines]
    tables = [piece for node in routers for piece in table_cards(lesson, node)]
    note = "filled in on the face, empty on the back"
    yield Part("routing tables", note, CARD, networks * len(tables), lambda: iter(tables * networks), True)


def _roles(order: Order) -> Iterator[Piece]:
    serials, back = count(order.first), light_card()
    for _ in range(order.networks):
        for node in order.lesson.rules.nodes:
            yield Piece(role(order.lesson, node, CardId(ROLES, next(serials)), order.host), back)


def _copies(sheet: Sheet, number: int) -> Callable[[], Iterator[Piece]]:
    return lambda: (Piece(sheet) for _ in range(number))


def _cover(order: Order, plain: tuple[Part, ...], single: tuple[Part, ...], double: tuple[Part, ...]) -> Sheet:
    lesson, paper = order.lesson, order.paper
    page = 2
    jobs = []
    sheets = []
    for title, group in (("Plain paper, one side", plain), ("Card, one side", single), ("Card, both sides", double)):
        rows = []
        start = page
        for part in group:
            last = page + part.pages(paper) - 1
            rows.append(Row(part.name, part.count, (page, last), part.note))
            page = last + 1
        sheets.append((page - start) // (2 if group is double else 1))
        if rows:
            jobs.append(Job(f"{title}: pages {start} to {page - 1}", tuple(rows)))
    teams = f"{order.teams} team{'s' if order.teams > 1 else ''}"
    if order.networks > 1:
        each = f"The network of the lesson is in here {order.networks} times."
    else:
        each = "The network of the lesson is in here once."
    return cover(
        f"Deck: {lesson.title}",
        f"Everything on paper for {teams}, to print once in real size (100 %, not “fit to page”). {each}"
        f"{_about_packets(lesson)}",
        tuple(jobs),
        _cutting(bool(double)),
        _bring(order, sheets[0], sheets[1] + sheets[2]),
        _models(order),
        paper,
    )


def _about_packets(lesson: Lesson) -> str:
    """What to know of the printed packets, or why there are none."""
    if not shown(lesson):
        return " No packets are printed: no course of play of this lesson goes with printed cards alone."
    if marked_on_the_way(lesson):
        return " Printed packets have no boxes: routers look up the next hop, and mark nothing on them."
    return ""


def _cutting(backs: bool) -> tuple[str, ...]:
    lines = [
        "Cut from mark to mark, through a whole pile at once. Where an edge has no mark, "
        "the edge of the paper is the edge of the card."
    ]
    if backs:
        lines.append(
            "For both sides let the printer turn the paper over its long edge. Hold the first page against the light: "
            "back and front must meet."
        )
    return tuple(lines)


def _models(order: Order) -> tuple[tuple[str, tuple[Slot, ...]], ...]:
    """How the two kinds of pieces lie on their pages that need to be cut the most."""
    pen, paper = _pen_size(order.lesson), order.paper
    other = ("name tents", TENT) if pen == CARD else ("cards for the pen", pen)
    return tuple((name, slots(*size, paper)) for name, size in (("cards", CARD), other))


def _many(number: int, one: str, more: str = "") -> str:
    return f"{number} {one if number == 1 else more or one + 's'}"


def _bring(order: Order, plain: int, thick: int) -> tuple[str, ...]:
    lesson, networks = order.lesson, order.networks
    rules = lesson.rules
    marking = [node for node in rules.nodes if node.router and node.id not in rules.engines]
    pens = networks * (len(writers(lesson)) + (len(marking) if marked_on_the_way(lesson) else 0))
    cards = _pens(order)
    size = "A6" if _pen_size(lesson) == CARD else "A5"
    stations = networks * len(printed(lesson).replies)
    things = [
        f"{plain + 1} sheets of plain paper, {thick} of card (160 g/m² or more)",
        "scissors, or better a paper cutter",
        f"{_many(networks * len(rules.nodes), 'clip')} or as many neck straps for role cards",
    ]
    if cards:
        things += [
            f"{_many(pens, 'pen')}, dark, and as many to spare",
            f"to make cards for the pen last: {_many(cards, f'{size} laminating pouch', f'{size} laminating pouches')} "
            "and whiteboard pens",
        ]
    if stations:
        things.append(f"{_many(stations, 'tray')} for the replies")
    if lesson.faults or rules.timers.retransmission:
        things.append(f"{networks} drop box{'es' if networks > 1 else ''} for lost cards")
    return tuple(things)
