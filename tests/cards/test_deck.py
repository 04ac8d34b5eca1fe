"""Decks as data: those that come along, and what is said of a file that is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards import deck
from cards.deck import MOST_CARDS, Deck, DeckCard, DeckError, ids, load, parse_deck, write_deck
from cards.qrtext import CardId, PrintedCard
from tests.cards.strategies import card_ids, packets

CARD = "[[cards]]\nserial = {}\npacket = '10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100'\n"
HEAD = 'name = "D"\ntitle = "A deck"\n'
GOOD = HEAD + CARD.format(1)

texts = st.text(max_size=40).map(str.strip)


@st.composite
def decks(draw: st.DrawFn) -> Deck:
    name = draw(card_ids).deck
    serials = draw(st.lists(st.integers(0, 99999), min_size=1, max_size=5, unique=True))
    captions = st.text(max_size=deck.MOST_CAPTION).filter(str.isprintable)
    cards = tuple(
        DeckCard(PrintedCard(CardId(name, serial), draw(packets(st.binary(max_size=64)))), draw(captions))
        for serial in serials
    )
    return Deck(name, draw(st.text(min_size=1, max_size=80)), draw(texts), cards)


@given(decks())
def test_what_is_written_is_read_back(written: Deck) -> None:
    assert parse_deck(write_deck(written).encode(), "a.toml") == written


def test_there_are_decks_and_each_says_what_it_is() -> None:
    assert set(ids()) >= {"hello", "ping", "refused"}
    names = [load(id).name for id in ids()]
    assert len(set(names)) == len(names), "cards of two decks may lie on one table"
    for id in ids():
        assert load(id).title
        assert load(id).text
        assert all(each.caption for each in load(id).cards)


def test_a_deck_of_ones_own_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(GOOD)
    (only,) = load(str(tmp_path / "mine.toml")).cards
    assert str(only.card.id) == "D-1"
    assert only.caption == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", ["a.toml: ", "is missing"]),
        (CARD.format(1) + "name = 'D'", ["card 1: nothing is called 'name'"]),
        ("title = 'x'\n" + CARD.format(1), ["a.toml: name is missing", 'name = "HELO"']),
        (HEAD, ["cards is missing", "[[cards]]"]),
        (HEAD + "cards = []", ["cards: ", "[[cards]]"]),
        (HEAD + "cards = 3", ["cards: ", "[[cards]]"]),
        (GOOD + "serail = 2\n", ["card 1: nothing is called 'serail': write serial"]),
        (HEAD + "colour = 1\n" + CARD.format(1), ["a.toml: nothing is called 'colour'", "name, title, cards, text"]),
        (GOOD + CARD.format(1), ["card 2: serial 1 is that of card 1", "serial = 2"]),
        (GOOD + CARD.format(100000), ["card 2: serial: ", "0 to 99999"]),
        (GOOD + CARD.format("'x'"), ["card 2: serial: ", "serial = 1"]),
        (GOOD + "caption = 7\n", ["card 1: caption: ", "A few words"]),
        (GOOD + f"caption = '{'x' * 49}'\n", ["card 1: caption: ", "at most 48"]),
        (GOOD + 'caption = "a\\nb"\n', ["card 1: caption: write it on one line"]),
        (GOOD.replace('"D"', '"lower"'), ["name: 'lower'", "1 to 4 of A-Z and 0-9"]),
        (GOOD.replace("SYN", "SIN"), ["card 1 ", "'SIN' is not a flag"]),
        (GOOD.replace(" seq=100", ""), ["card 1 ", "seq=100"]),
        (GOOD.replace("=100", "=100 ink=3"), ["card 1 ", "write the octets as data"]),
        (GOOD.replace("=100", f'=100 data="{"x" * 65}"'), ["card 1 ", "at most 64 octets"]),
        (GOOD.replace("=100", "=100 via=router"), ["card 1 ", "leave out via=router"]),
        (GOOD.replace("10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100", "10.0.1.1 > 10.0.1.2 TIME-EXCEEDED"), ["card 1 "]),
        ('name = "D\n', ["is not TOML", "line 1"]),
        ("x = " + "[" * 20_000, ["a.toml"]),
        (HEAD + "".join(CARD.format(n) for n in range(MOST_CARDS + 1)), [f"<= {MOST_CARDS}"]),
    ],
)
def test_a_file_that_is_no_deck_is_told_with_its_place_and_what_to_write(text: str, says: list[str]) -> None:
    with pytest.raises(DeckError) as error:
        parse_deck(text.encode(), "a.toml")
    for part in says:
        assert part in str(error.value)
    assert "\n" not in str(error.value)


def test_octets_that_are_no_text_and_too_many_are_refused() -> None:
    with pytest.raises(DeckError, match=r"a\.toml is not UTF-8"):
        parse_deck(b"\xff\xfe", "a.toml")
    with pytest.raises(DeckError, match="more than"):
        parse_deck(b"#" * (deck.MOST_FILE + 1), "a.toml")


@pytest.mark.parametrize(
    ("name", "says"),
    [("helo", "did you mean hello"), ("nothing", "there are hello"), ("no/such.toml", "cannot be read")],
)
def test_a_deck_that_is_not_there_is_told(name: str, says: str) -> None:
    with pytest.raises(DeckError, match=says):
        load(name)


@given(st.binary(max_size=200) | st.text().map(lambda text: (GOOD + text).encode("utf-8", "replace")))
def test_any_octets_are_a_deck_or_get_a_sentence(octets: bytes) -> None:
    said = "a.toml"
    try:
        parse_deck(octets, "a.toml")
    except DeckError as error:
        said = str(error)
    assert "a.toml" in said
