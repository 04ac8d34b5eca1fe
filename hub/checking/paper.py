"""What players have to write fits the paper, and is quickly written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from msgspec.structs import replace

from cards.notation import write
from cards.packet import Carries, Flags, Written
from cards.penform import FormError, PenForm
from cards.penlayout import layout
from hub.checking.findings import Finding, advice, error
from hub.checking.playing import Alone
from hub.lessons import Lesson
from hub.lessons.document import Path
from hub.lessons.forms import pen_form
from hub.lessons.marks import MOST_FOR_A_SYN, MOST_FOR_DATA, marks, too_long
from hub.simulator.isn import DIGITS
from hub.simulator.rules import Counting

_ANY_DIGITS = 10
"""Numbers that are too long are told apart from what is not on the form at all."""
BASIC = "basic"
"""The variant that beginners play; a lesson without it is for everybody."""


def findings(plays: Mapping[str | None, Alone]) -> Iterator[Finding]:
    """What the paper cannot hold in any variant, and too many marks in the basic one. plays: by variants."""
    for play in plays.values():
        yield from _form(play)
        yield from _digits(play.lesson)
    for variant, play in plays.items():
        yield from _numbers(play, variant)
    basic = BASIC if BASIC in plays else None
    yield from _marks(plays[basic], basic)


def _form(play: Alone) -> Iterator[Finding]:
    """A form that no paper has room for, or on which the lesson cannot be played."""
    form, document = pen_form(play.lesson), play.lesson.document
    try:
        layout(form)
    except FormError as problem:
        yield error(document, ("form",), "form", f"{problem}, under form: or among the nodes")
        return
    for written in play.cards:
        try:
            marks(written, replace(form, digits=_ANY_DIGITS))
        except ValueError as problem:
            packet = write(replace(written, seq=None, ack=None))
            text = f"nobody can write {packet} by pen: {problem}. Add it to addresses: or ports: under form:"
            yield advice(document, ("form",), "form", text)
            return


def _digits(lesson: Lesson) -> Iterator[Finding]:
    if lesson.rules.isn_digits > DIGITS:
        text = f"the paper has {DIGITS} columns for a number: write isn_digits: {DIGITS - 1}, or {DIGITS} at most"
        yield advice(lesson.document, ("isn_digits",), "digits", text)


def _numbers(play: Alone, variant: str | None) -> Iterator[Finding]:
    """A number of a script's card, or of one that a bot wrote, that the paper cannot hold."""
    lesson, form = play.lesson, pen_form(play.lesson)
    if lesson.rules.counting is Counting.OFF:
        return
    for path, written in _script_cards(lesson, variant):
        if too_long(written, form):
            text = f"a number has more than {DIGITS} digits, and the paper has {DIGITS} columns: write smaller numbers"
            yield advice(lesson.document, path, "digits", text)
    longest = next((written for written in play.cards if too_long(written, form)), None)
    if longest is not None and lesson.rules.isn_digits <= DIGITS:
        text = (
            f"numbers grow beyond the {DIGITS} columns of the paper ({write(longest)}): "
            f"write a smaller isn_digits, or let less be said"
        )
        yield advice(lesson.document, ("isn_digits",), "digits", text)


def _marks(play: Alone, variant: str | None) -> Iterator[Finding]:
    """The longest first SYN and the longest packet of data, by scripts and by bots."""
    lesson = play.lesson
    cards = [*play.cards, *(written for _, written in _script_cards(lesson, variant))]
    tcp = [written for written in cards if written.carries is Carries.TCP]
    syns = (written for written in tcp if written.flags is Flags.SYN and not written.payload)
    data = (written for written in tcp if written.payload and Flags.SYN not in (written.flags or Flags.NONE))
    yield from _most(lesson, variant, syns, MOST_FOR_A_SYN, "a first SYN")
    yield from _most(lesson, variant, data, MOST_FOR_DATA, "a packet of data")


def _most(lesson: Lesson, variant: str | None, cards: Iterable[Written], most: int, what: str) -> Iterator[Finding]:
    counts = dict(_counted(cards, pen_form(lesson)))
    longest = max(counts, key=counts.__getitem__, default=None)
    if longest is None or counts[longest] <= most:
        return
    text = (
        f"{what} takes {counts[longest]} marks ({write(longest)}), and {most} are quickly written: "
        f"leave seq and ack out of form:, take a smaller isn_digits, or write a variant {BASIC} that does"
    )
    yield advice(lesson.document, ("form",), "marks", text)


def _counted(cards: Iterable[Written], form: PenForm) -> Iterator[tuple[Written, int]]:
    """What can be written on the form, and its marks; a printed card of a script may say more."""
    for written in cards:
        with suppress(ValueError):
            yield written, marks(written, form)


def _script_cards(lesson: Lesson, variant: str | None) -> Iterator[tuple[Path, Written]]:
    for number, script in enumerate(lesson.scripts):
        if script.variant == variant:
            for name, written in script.cards.items():
                yield ("scripts", number, "cards", name), written
