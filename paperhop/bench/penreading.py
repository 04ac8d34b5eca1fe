"""How well cards for the pen are read: filled in by hands of several kinds, printed, photographed, and read back.

Fields are compared one by one with what was marked, over the photographs in which the code and at least three discs
are not covered, and of those over the fields whose bubbles are not. Nothing here knows what a packet is: marks are
random, and so are fields that are left blank or marked twice.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from cards.decoder import Picture, find_codes
from cards.drawing import DEFAULT_DPI, MM_PER_INCH, sheet_picture
from cards.forms import known
from cards.pencard import pen_card
from cards.penform import Field, PenForm
from cards.penlayout import layout
from cards.penreader import Reading, combined, read_pen_card
from cards.qrtext import CardId, PenCard, UnreadableCard, decode
from cards.registration import LEAST_DISCS, Unregistered
from paperhop.bench import hand
from paperhop.bench.camera import LEVELS, Shot, shoot_many
from paperhop.bench.glyphs import GLYPHS
from paperhop.bench.printer import printed

FRAMES = 16
SEED = 20_250_501
FIELD_BARS = {("mixed", 0): 98, ("mixed", 1): 97, ("mixed", 2): 96}
"""Per cent of fields that must be read, by profile and level."""
CARD_BARS = {("careful", level): 95 for level in (0, 1, 2)}
"""Per cent of cards of which every field must be read from one photograph."""
TEN_BARS = {0: 99, 1: 99, 2: 99, 3: 85}
"""The same from ten photographs of a card that was filled in carefully, by level."""
SEVERAL = 10
_PX_PER_MM = DEFAULT_DPI / MM_PER_INCH
_BLANK, _DOUBLE = 0.05, 0.05
"""How often a field that takes one mark has none, or two."""
_DIGIT = 0.8
"""How often a column of a number is marked."""
_FLAG, _OTHER = 0.4, 0.1
"""How often a bubble is marked of which a field takes any number."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A card that a hand has filled in, in one photograph or several. said: the values marked in each field.

    letters: the cells of the comb with something in them, from the first on.
    """

    form: PenForm
    said: Mapping[str, tuple[str, ...]]
    letters: int
    shots: tuple[Shot, ...]

    def shows(self, shot: Shot) -> bool:
        """Whether the code and enough discs are not covered."""
        places = layout(self.form)
        x, y, side = places.code
        discs = sum(not shot.covered(mx, my, 3) for mx, my in places.marks)
        return discs >= LEAST_DISCS and not shot.covered(x + side / 2, y + side / 2, side * math.sqrt(2) / 2)

    def seen(self, shot: Shot) -> frozenset[str]:
        """The fields of which no bubble is covered."""
        hidden = {b.field for b in layout(self.form).bubbles if shot.covered(b.x, b.y, b.d / 2 + 0.3)}
        return frozenset(self.said) - hidden

    def meant(self, field: Field) -> bool:
        """Whether the field says something: it is not blank, and has not two marks."""
        return field.marks == "any" or len(self.said[field.name]) == 1


@dataclass(slots=True)
class Rates:
    """Counts. fields: that say something; bad: that are blank or marked twice; taken: of those, accepted.

    combs: cards with a comb whose form was made out; combs_wrong: whose cells were counted, but wrongly.
    """

    photographs: int = 0
    unfound: int = 0
    unregistered: int = 0
    fields: int = 0
    read: int = 0
    refused: int = 0
    silent: int = 0
    bad: int = 0
    taken: int = 0
    whole: int = 0
    combs: int = 0
    combs_read: int = 0
    combs_wrong: int = 0

    def __iadd__(self, other: Rates) -> Rates:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self

    def count(self, card: Filled, seen: frozenset[str], reading: Reading | None) -> None:
        """What was made of a card. seen: the fields that are to be compared. reading: None when there is none."""
        self.photographs += 1
        whole = reading is not None
        for field in card.form.fields:
            if field.name not in seen:
                continue
            read = None if reading is None else reading.fields[field.name]
            accepted = read is not None and read.refused is None
            if not card.meant(field):
                self.bad += 1
                self.taken += accepted
                continue
            right = accepted and read is not None and sorted(read.values) == sorted(card.said[field.name])
            self.fields += 1
            self.read += right
            self.silent += accepted and not right
            self.refused += not accepted
            whole &= right
        self.whole += whole
        if reading is not None and layout(card.form).comb:
            cells = reading.comb.cells
            counted = reading.comb.refused is None and cells == tuple(range(len(cells)))
            self.combs += 1
            self.combs_read += counted and len(cells) == card.letters
            self.combs_wrong += counted and len(cells) != card.letters


def filled_in(
    profile: str, level: int, count: int, rng: np.random.Generator, photographs: int = 1, laminated: bool = False
) -> Iterator[Filled]:
    """Cards of all known forms, with random marks of this profile. profile: of `hand.PROFILES`."""
    forms = list(known().values())
    for _ in range(count):
        form = forms[rng.integers(len(forms))]
        places = layout(form)
        card = PenCard(CardId(form.id, int(rng.integers(100_000))))
        paper = printed(sheet_picture(pen_card(form, card)).copy(), rng)
        said = {field.name: _chosen(field, rng) for field in form.fields}
        bubbles = [hand.Bubble(*bubble) for bubble in places.bubbles]
        chosen = [bubble for bubble in bubbles if bubble.value in said[bubble.field]]
        others = [bubble for bubble in bubbles if bubble.value not in said[bubble.field]]
        hand.fill_in(paper, chosen, others, hand.PROFILES[profile], rng, _PX_PER_MM)
        letters = int(rng.integers(len(places.comb) + 1))
        for cell in places.comb[:letters]:
            hand.write(paper, _LETTERS[rng.integers(len(_LETTERS))], cell, rng, _PX_PER_MM)
        size = (places.width, places.height)
        shots = shoot_many(paper, level, rng, photographs, card_mm=size, laminated=laminated)
        yield Filled(form, said, letters, tuple(shots))


_LETTERS = sorted(GLYPHS)


def _chosen(field: Field, rng: np.random.Generator) -> tuple[str, ...]:
    number = field.name.startswith(("seq", "ack"))
    if field.marks == "any":
        often = _FLAG if field.name in ("flags", "ttl") else _OTHER
        return tuple(value for value in field.values if rng.random() < often)
    if number:
        count = int(rng.random() < _DIGIT)
    else:
        luck = rng.random()
        count = 0 if luck < _BLANK else 2 if luck < _BLANK + _DOUBLE else 1
    return tuple(str(value) for value in rng.choice(field.values, count, replace=False))


def look(picture: Picture, form: PenForm) -> Reading | None:
    """What is read in a picture of a card of this form; None when its code or its form cannot be made out."""
    for code in find_codes(picture):
        try:
            card = decode(code.text)
        except UnreadableCard:
            continue
        if isinstance(card, PenCard) and card.id.deck == form.id:
            try:
                return read_pen_card(picture, code, form)
            except Unregistered:
                return None
    return None


def one_by_one(profile: str, level: int, count: int, seed: int = SEED) -> Rates:
    """The rates over `count` photographs, each of another card; of whiteboard pens, on laminated cards."""
    rates = Rates()
    rng = np.random.default_rng([seed, level, *profile.encode()])
    for card in filled_in(profile, level, count, rng, laminated=profile == "whiteboard"):
        (shot,) = card.shots
        if card.shows(shot):
            rates.count(card, card.seen(shot), look(shot.image, card.form))
    return rates


def together(profile: str, level: int, count: int, seed: int = SEED) -> Rates:
    """The rates over `count` cards, each photographed SEVERAL times; only what is seen each time is compared."""
    rates = Rates()
    rng = np.random.default_rng([seed, level, SEVERAL, *profile.encode()])
    for card in filled_in(profile, level, count, rng, SEVERAL, laminated=profile == "whiteboard"):
        showing = [shot for shot in card.shots if card.shows(shot)]
        if len(showing) < SEVERAL:
            continue
        readings = [reading for shot in showing if (reading := look(shot.image, card.form)) is not None]
        seen = frozenset.intersection(*(card.seen(shot) for shot in showing))
        rates.count(card, seen, _combined(readings))
    return rates


def _combined(readings: list[Reading]) -> Reading | None:
    try:
        return combined(readings) if readings else None
    except Unregistered:
        return None


def measure(photographs: int) -> None:
    """Print the tables."""
    print(
        f"\nCards for the pen, {photographs} photographs a line, each of another card. read: per cent of the fields "
        "that say\nsomething; wrong: accepted, but not what was marked; taken: accepted of those that are blank or "
        "marked twice;\nwhole: per cent of the photographs of which every field was read; in brackets: what is asked. "
        "combs: of those\nin which letters could be counted, that were counted right, refused (a hand over a cell, "
        "ink beyond a gap), and wrong.\n"
    )
    print(
        f"{'profile':<11}{'level':>5}{'seen':>6}{'fields':>8}{'read':>13}{'refused':>9}{'wrong':>7}{'taken':>12}{'whole':>13}"
        f"{'combs':>18}"
    )
    total = Rates()
    for profile in hand.PROFILES:
        for level in range(len(LEVELS)):
            rates = one_by_one(profile, level, photographs)
            total += rates
            _line(profile, level, rates, FIELD_BARS.get((profile, level)), CARD_BARS.get((profile, level)))
    accepted = total.read + total.silent
    print(
        f"\nin all {total.silent} of {accepted} accepted fields are wrong (asked: none), and {total.taken} of "
        f"{total.bad} blank or doubly\nmarked fields were accepted (asked: at most 1 in 1,000)"
    )
    cards = max(8, photographs // 5)
    print(f"\nThe same from {SEVERAL} photographs of one card together, {cards} cards a line, filled in carefully\n")
    for level in range(len(LEVELS)):
        _line("careful", level, together("careful", level, cards), None, TEN_BARS.get(level))


def _line(profile: str, level: int, rates: Rates, fields: int | None, whole: int | None) -> None:
    refused = rates.combs - rates.combs_read - rates.combs_wrong
    print(
        f"{profile:<11}{level:>5}{rates.photographs:>6}{rates.fields:>8}{_share(rates.read, rates.fields, fields)}"
        f"{rates.refused:>9}{rates.silent:>7}{f'{rates.taken} of {rates.bad}':>12}"
        f"{_share(rates.whole, rates.photographs, whole)}{f'{rates.combs_read} / {refused} / {rates.combs_wrong}':>18}",
        flush=True,
    )


def _share(part: int, whole: int, bar: int | None) -> str:
    asked = "" if bar is None else f"({bar})"
    return f"{100 * part / whole:>7.1f} {asked:<5}" if whole else f"{'-':>7} {'':<5}"
