"""The cards that players fill in by pen, and the page that shows how."""

from __future__ import annotations

import math
from collections.abc import Iterator

from msgspec.structs import replace

from cards.filling import check_fits, marks, written
from cards.imposition import MARGIN, PAPERS
from cards.notation import write
from cards.packet import Carries, Flags, Written
from cards.payload import octets
from cards.pencard import pen_card
from cards.penform import PenForm
from cards.qrtext import DEFAULT_HOST, CardId, PenCard
from cards.sheet import Code, Path, Placed, Shape, Sheet, Text
from cards.typeface import shortened
from hub.lessons import Lesson
from hub.lessons.forms import CLIENT_PORTS, KNOCKED, pen_form
from hub.printing.course import written_by_bots
from hub.printing.grid import (
    BODY,
    CARD,
    HAIR,
    HEAD,
    LEAD,
    PAGE_MARGIN,
    RULE,
    SMALL,
    below,
    bullets,
    page_head,
    paragraph,
    section,
)
from hub.printing.words import ENGLISH, Words, says_something
from hub.simulator.bots import TRACE_PORT
from hub.simulator.rules import Do

_SPARE = 1.5
"""So many times what a whole game takes: people write wrongly, and a card on its way cannot be written on."""
_FEWEST = 4


def pen_cards(
    lesson: Lesson, number: int, first: int, host: str = DEFAULT_HOST, say: Words = ENGLISH
) -> Iterator[Sheet]:
    """So many empty cards, numbered from `first` on. FormError when no paper has room for the form."""
    form, words = pen_form(lesson), say.on_pen_cards(lesson)
    cards = (PenCard(CardId(form.id, serial)) for serial in range(first, first + number))
    return (pen_card(form, card, host, words=words) for card in cards)


def needed(lesson: Lesson) -> int:
    """How many cards one network of this lesson needs."""
    return max(_FEWEST, math.ceil(_SPARE * len(written_by_bots(lesson))))


def filling_sheet(lesson: Lesson, paper: str, say: Words = ENGLISH) -> Sheet:
    """The page that shows a card that is filled in, in its real size. FormError as of `pen_cards`."""
    across, down = PAPERS[paper]
    end = across - PAGE_MARGIN
    form = pen_form(lesson)
    packet = example(lesson, form)
    card = _specimen(lesson, form, packet, across, say)
    intro = paragraph(PAGE_MARGIN, 36.5, say("filling.intro"), HEAD, end - PAGE_MARGIN, 2)
    y = below(intro, 36.5, HEAD)
    words = shortened(write(packet), LEAD, end - PAGE_MARGIN, bold=True)
    left, top = (across - card.width) / 2, y + 6.0
    half = (end - PAGE_MARGIN - 10.0) / 2
    below_card = top + card.height + 12.0
    rules = writing_rules(lesson, form, say)
    middle = (len(rules) + 1) // 2
    size = BODY if (card.width, card.height) == CARD else SMALL
    shapes: list[Shape] = [
        *page_head(across, say("filling.title"), lesson.title),
        *intro,
        Text(PAGE_MARGIN, y, words, LEAD, bold=True),
        Placed(left, top, card),
        *section(PAGE_MARGIN, below_card, say("filling.fields"), end),
        *bullets(PAGE_MARGIN, below_card + 8.8, rules[:middle], size, half, 14),
        *bullets(PAGE_MARGIN + half + 10.0, below_card + 8.8, rules[middle:], size, half, 14),
    ]
    return Sheet(across, down, say("filling.of", lesson=lesson.title), tuple(shapes))


def example(lesson: Lesson, form: PenForm) -> Written:
    """A packet that somebody writes when the lesson is played rightly, as its form says it: with data where there is
    such, and as it leaves its sender, with no box crossed out.

    A lesson in which nobody has anything to do has a SYN from its first node to its last.
    """
    said = [each for each in (_as_marked(form, card) for card in written_by_bots(lesson)) if each is not None]
    fresh = [each for each in said if each.ttl == (form.ttl or None)]
    tcp = [each for each in fresh if each.carries is Carries.TCP]
    nodes = lesson.rules.nodes
    syn = Written(nodes[0].address, nodes[-1].address, CLIENT_PORTS[0], KNOCKED[0], Flags.SYN)
    return max(tcp or fresh or [syn], key=lambda each: bool(each.payload))


def _as_marked(form: PenForm, card: Written) -> Written | None:
    """What a card of the form says when this is marked on it; None when it cannot be."""
    try:
        check_fits(form, card)
        marked = marks(form, card)
        values = {f.name: tuple(value for value in f.values if (f.name, value) in marked) for f in form.fields}
        said = written(form, values, card.payload or b"")
    except ValueError:
        return None
    return said if said.payload else replace(said, payload=None)


def _specimen(lesson: Lesson, form: PenForm, packet: Written, across: float, say: Words) -> Sheet:
    """The card with the packet on it, framed where the paper is wider, and without a code: it is an example."""
    data = octets(packet.payload or b"").decode("latin-1")
    words = say.on_pen_cards(lesson)
    card = pen_card(form, PenCard(CardId(form.id, 0)), filled=marks(form, packet), data=data, words=words)
    shapes: list[Shape] = []
    for shape in card.shapes:
        if isinstance(shape, Code):
            x, y, side = shape.x, shape.y, shape.side
            edge = ((x, y), (x + side, y), (x + side, y + side), (x, y + side))
            shapes += [
                Path(edge, RULE, closed=True),
                Text(x + side / 2, y + side / 2 + 1.6, say("filling.example"), LEAD, bold=True, anchor="middle"),
            ]
        elif not (isinstance(shape, Text) and shape.text == f"{form.id}-0"):
            shapes.append(shape)
    right, bottom = card.width, card.height
    if right < across - 2 * MARGIN:
        shapes.append(Path(((0.0, 0.0), (right, 0.0), (right, bottom), (0.0, bottom)), HAIR, closed=True))
    return Sheet(card.width, card.height, say("filling.example"), tuple(shapes))


def writing_rules(lesson: Lesson, form: PenForm, say: Words = ENGLISH) -> tuple[str, ...]:
    """What one writes to begin, then what one marks, in the order of the form."""
    wanted = {task.do for node in lesson.rules.nodes for task in node.tasks}
    numbers = [name for name, asked in (("SEQ", form.seq), ("ACK", form.ack)) if asked]
    there = {
        "open": Do.OPEN in wanted,
        "talk": says_something(lesson),
        "close": Do.CLOSE in wanted,
        "ends": True,
        "kind": bool(form.kinds),
        "flags": True,
        "numbers": bool(numbers),
        "data": form.comb and says_something(lesson),
        "no-data": form.comb and not says_something(lesson),
        "check": form.check,
        "hop": form.hops,
        "ttl": form.ttl,
        "trace": Do.TRACE in wanted,
        "wrong": True,
    }
    names = say.listed(numbers) if numbers else ""
    rules = [key for key, is_there in there.items() if is_there]
    return tuple(say(f"filling.{key}", names=names, cells=form.comb, port=TRACE_PORT) for key in rules)
