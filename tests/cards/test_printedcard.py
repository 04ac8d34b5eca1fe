from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cards import typeface
from cards.commandcard import command_card
from cards.drawing import sheet as sheet_of
from cards.notation import parse_packet
from cards.printedcard import PrintedWords, printed_card
from cards.qrcode import modules
from cards.qrtext import MOST_HOST, Card, CardId, CommandCard, PrintedCard
from cards.sheet import Code, Disc, Line, Path, Placed, Shape, Text
from tests.cards.examples import (
    CARDS,
    COMMAND,
    DATA,
    LONGEST,
    LONGEST_COMMAND,
    LONGEST_ROLE,
    PING,
    PING_REPLY,
    SYN,
    SYN_ACK,
    UDP,
)
from tests.cards.strategies import command_cards, printed_cards, role_cards

PRINTER_MARGIN = 5.0
"""Millimetres at the edge that home printers leave white."""


@settings(max_examples=60)
@given(printed_cards | command_cards | role_cards)
def test_nothing_runs_out_of_the_card_or_into_the_code(card: Card) -> None:
    sheet = sheet_of(card)
    code = _code(card)
    quiet = 4 * code.side / len(modules(code.text))
    for shape in sheet.shapes:
        left, top, right, bottom = box_around(shape)
        assert left >= PRINTER_MARGIN
        assert top >= PRINTER_MARGIN
        assert right <= sheet.width - PRINTER_MARGIN
        assert bottom <= sheet.height - PRINTER_MARGIN
        if shape != code:
            beside = right < code.x - quiet or left > code.x + code.side + quiet
            assert beside or bottom < code.y - quiet or top > code.y + code.side + quiet, shape


@settings(max_examples=60)
@given(printed_cards | command_cards | role_cards)
def test_no_words_run_into_others(card: Card) -> None:
    boxes = [box_around(shape) for shape in sheet_of(card).shapes if isinstance(shape, Text)]
    for n, (left, top, right, bottom) in enumerate(boxes):
        for other_left, other_top, other_right, other_bottom in boxes[n + 1 :]:
            assert right <= other_left or other_right <= left or bottom <= other_top or other_bottom <= top


@pytest.mark.parametrize("host", ["10.42.0.1", "H" * (MOST_HOST - 6) + ":12345"])
@pytest.mark.parametrize("card", [*CARDS, LONGEST, COMMAND, CommandCard(CardId("CMD4", 99999), "%" * 48), LONGEST_ROLE])
def test_modules_are_large_enough_to_be_read(card: Card, host: str) -> None:
    code = next(shape for shape in sheet_of(card, host).shapes if isinstance(shape, Code))
    assert code.side / len(modules(code.text)) >= 1.0


def test_the_packet_stands_in_words_beside_its_code() -> None:
    words = [shape.text for shape in printed_card(SYN_ACK).shapes if isinstance(shape, Text)]
    for word in ("SYN,ACK", "10.0.1.1:23", "telnet", "10.0.1.2:40001", "300", "101", "DEMO-2", "Paperhop"):
        assert word in words
    assert "10.0.1.1:23 > 10.0.1.2:40001 SYN,ACK seq=300 ack=101" in words


def test_a_packet_without_ack_shows_none() -> None:
    words = [shape.text for shape in printed_card(SYN).shapes if isinstance(shape, Text)]
    assert "seq" in words
    assert "ack" not in words


@pytest.mark.parametrize(
    ("card", "there", "not_there"),
    [
        (UDP, ("UDP", "10.0.1.2:40001", "10.0.2.1:33434", "“x”", "1 octet", "TTL 1"), ("seq", "id")),
        (PING, ("PING", "10.0.1.2", "10.0.2.1", "id", "seq", "none", "TTL 64"), ("ack",)),
        (PING_REPLY, ("PING REPLY", "10.0.2.1", "10.0.1.2", "7", "3", "“hi”"), ("ack",)),
    ],
    ids=["udp", "ping", "ping-reply"],
)
def test_what_is_not_tcp_shows_what_it_is_and_what_it_has(
    card: PrintedCard, there: tuple[str, ...], not_there: tuple[str, ...]
) -> None:
    texts = [shape for shape in printed_card(card).shapes if isinstance(shape, Text)]
    words = [shape.text for shape in texts]
    assert set(there) <= set(words)
    assert not set(not_there) & set(words)
    assert max(texts, key=lambda shape: shape.size).text == there[0]


def test_an_unusual_ttl_stands_out() -> None:
    ttl = {
        shape.text: shape.bold
        for card in (UDP, PING)
        for shape in printed_card(card).shapes
        if isinstance(shape, Text) and shape.text.startswith("TTL")
    }
    assert ttl == {"TTL 1": True, "TTL 64": False}


def test_a_caption_stands_beside_the_identity_and_can_be_read_from_a_table() -> None:
    card = PrintedCard(CardId("WWWW", 99999), SYN.packet)
    for caption, least in (("Team 1: Three packets · 1 of 3", 5.0), ("W" * 48, 0.0)):
        texts = [shape for shape in printed_card(card, caption=caption).shapes if isinstance(shape, Text)]
        words, identity = texts[:2]
        assert words.text == caption
        assert words.size >= least
        assert box_around(words)[2] < box_around(identity)[0]


def test_what_a_segment_brings_is_in_its_headline() -> None:
    hello = PrintedCard(CardId("DEMO", 1), parse_packet('10.0.1.2:40001 > 10.0.1.1:23 ACK seq=1 ack=1 data="hello"'))
    texts = [shape for shape in printed_card(hello).shapes if isinstance(shape, Text)]
    assert max(texts, key=lambda shape: shape.size).text == "ACK “hello”"
    large = [shape.text for shape in printed_card(DATA).shapes if isinstance(shape, Text) and shape.size > 6]
    assert "“my name is Danilo”" in large


def test_data_is_shown_as_text_with_its_length() -> None:
    words = [shape.text for shape in printed_card(DATA).shapes if isinstance(shape, Text)]
    assert "“my name is Danilo”" in words
    assert "17 octets" in words


def test_unprintable_octets_are_shown_as_such_and_shortened_in_the_open() -> None:
    words = [shape.text for shape in printed_card(LONGEST).shapes if isinstance(shape, Text)]
    data = [text for text in words if r"\xff" in text]
    assert data[0].startswith(r"“\xff")
    assert any(text.endswith(r"\xff…") for text in data)


@given(st.text("ab \\x0", max_size=60) | st.text(max_size=30), st.floats(10, 60), st.integers(1, 4))
def test_lines_fit_and_lose_nothing_unseen(text: str, room: float, most_lines: int) -> None:
    lines = typeface.wrapped(text, 4.0, room, most_lines)
    assert len(lines) <= most_lines
    assert all(typeface.width(line.rstrip(" "), 4.0) <= room for line in lines)
    joined = "".join(lines)
    assert joined == text or (joined.endswith("…") and text.startswith(joined[:-1]))


def test_lines_break_after_a_space_where_there_is_one() -> None:
    assert typeface.wrapped("people are the network", 4.0, 30.0, 3) == ["people are the ", "network"]


@pytest.mark.parametrize("card", [COMMAND, LONGEST_COMMAND])
def test_a_command_card_says_what_it_is_and_every_word_of_it(card: CommandCard) -> None:
    texts = [shape for shape in sheet_of(card).shapes if isinstance(shape, Text)]
    words = " ".join(shape.text for shape in texts)
    assert card.command in words
    assert "COMMAND" in [shape.text for shape in texts if shape.size > 10]
    assert "Not a packet" in words


@pytest.mark.parametrize("command", [COMMAND, LONGEST_COMMAND])
def test_a_command_card_says_in_large_letters_what_it_does_and_below_the_command(command: CommandCard) -> None:
    meaning = "Every packet between Router of team A and Router of team B arrives twice, with a chance of 20%."
    sheet = command_card(command, meaning=meaning)
    texts = [shape for shape in sheet.shapes if isinstance(shape, Text)]
    words = " ".join(shape.text for shape in texts)
    assert command.command in words
    assert meaning in words
    (small,) = {shape.size for shape in texts if shape.text in command.command}
    assert all(shape.size > small for shape in texts if shape.text in meaning)
    for one, other in combinations(map(box_around, texts), 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (one, other)


def test_words_on_cards_can_be_those_of_another_language() -> None:
    sheet = command_card(COMMAND, title="COMANDO", note="Non è un pacchetto.")
    said = {shape.text for shape in sheet.shapes if isinstance(shape, Text)}
    assert {"COMANDO", "Non è un pacchetto."} <= said
    words = PrintedWords("da", "a", "dati", "niente", "1 ottetto", "{count} ottetti", "senza flag")
    for card in (SYN, DATA):
        said = {shape.text for shape in printed_card(card, words=words).shapes if isinstance(shape, Text)}
        assert {"da", "a", "dati"} <= said
        assert not {"from", "to", "data", "none"} & said
    assert "17 ottetti" in said


def _code(card: Card) -> Code:
    return next(shape for shape in sheet_of(card).shapes if isinstance(shape, Code))


def box_around(shape: Shape) -> tuple[float, float, float, float]:
    match shape:
        case Line(x1, y1, x2, y2, stroke):
            return (
                min(x1, x2) - stroke / 2,
                min(y1, y2) - stroke / 2,
                max(x1, x2) + stroke / 2,
                max(y1, y2) + stroke / 2,
            )
        case Disc(x, y, radius, stroke):
            reach = radius + stroke / 2
            return x - reach, y - reach, x + reach, y + reach
        case Path(points, stroke):
            xs, ys = zip(*points, strict=True)
            return min(xs) - stroke / 2, min(ys) - stroke / 2, max(xs) + stroke / 2, max(ys) + stroke / 2
        case Text(x, y, text, size, bold, anchor):
            wide = typeface.width(text, size, bold)
            left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
            return left, y - 0.7 * size, left + wide, y + 0.22 * size
        case Code(x, y, side):
            return x, y, x + side, y + side
        case Placed(x, y):
            across, down = shape.size
            return x, y, x + across, y + down
