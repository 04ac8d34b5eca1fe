from __future__ import annotations

import pytest

from cards.forms import known
from cards.notation import parse
from cards.packet import Written
from cards.qrtext import Card, CardId, CommandCard, PenCard, PrintedCard, RoleCard
from cards.reader import read
from cards.sheet import Sheet
from firmware.typed import show_typed
from firmware.virtual import VirtualHand
from tests.cards.penpaper import without_ink

SYN = "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100"


class Hand(VirtualHand):
    def __init__(self) -> None:
        self.shown: list[Card] = []
        self.written: list[Sheet] = []
        self.finished = False

    def show(self, card: Card | Sheet) -> None:
        if isinstance(card, Sheet):
            self.written.append(card)
        else:
            self.shown.append(card)

    def finish(self) -> None:
        self.finished = True


def typed(*lines: str) -> tuple[list[Card], list[str]]:
    hand, complaints = Hand(), list[str]()
    show_typed(lines, hand, complaints.append)
    assert hand.finished
    return hand.shown, complaints


def written(*lines: str) -> list[tuple[CardId, Written]]:
    """What a camera reads on the cards for the pen that were typed."""
    hand, complaints = Hand(), list[str]()
    show_typed(lines, hand, complaints.append)
    assert complaints == []
    cards = []
    for sheet in hand.written:
        virtual = VirtualHand(3, "fast")
        virtual.show(sheet)
        virtual.finish()
        lying = list(virtual)[8]
        (found,) = read(lying.image)
        assert found.reading is not None, found.problem
        assert isinstance(found.card, PenCard)
        cards.append((found.card.id, found.reading.written()))
    return cards


def test_lines_are_cards() -> None:
    cards, complaints = typed(f"DEMO-12 {SYN}\n", "", f"demo-12 {SYN}\n", "x-1 10.0.1.1:23 > 10.0.1.2:40001 RST seq=0")
    assert [str(card.id) for card in cards] == ["DEMO-12", "DEMO-12", "X-1"]
    assert complaints == []


def test_a_line_without_an_identity_is_a_new_piece_of_paper() -> None:
    (first, second), _ = typed(SYN, SYN)
    assert isinstance(first, PrintedCard)
    assert second == PrintedCard(second.id, first.packet)
    assert first.id.deck == second.id.deck
    assert first.id != second.id
    (other, *_), _ = typed(SYN)
    assert other.id.deck != first.id.deck, "another start of the program has other paper"


def test_a_command_is_typed_after_its_word() -> None:
    (first, second), complaints = typed("T-1 Command lose  router server 20%", "command round")
    assert first == CommandCard(CardId("T", 1), "lose router server 20%")
    assert isinstance(second, CommandCard)
    assert second.command == "round"
    assert complaints == []


def test_a_role_is_typed_after_its_word() -> None:
    (first, second), complaints = typed("T-1 role Server", "role ", "role client")
    assert first == RoleCard(CardId("T", 1), "server")
    assert isinstance(second, RoleCard)
    assert second.node == "client"
    assert "a node's id" in complaints[0]


def test_a_bad_line_gets_a_sentence_and_the_next_one_is_read() -> None:
    cards, complaints = typed("hello", "DEMO-1", f"TOOLONG-1 {SYN}", f'{SYN} data="{"x" * 65}"', f"{SYN} ink=3", SYN)
    assert len(cards) == 1
    assert len(complaints) == 5
    assert "a packet is written like this" in complaints[0]
    assert "TOOLONG-1" in complaints[2]
    assert "at most 64 octets" in complaints[3]


@pytest.mark.parametrize(
    "packet",
    [
        "10.0.1.2:40001 > 10.0.1.1:23 SYN",
        "10.0.1.1:23 > 10.0.1.2:40001 SYN,ACK seq=300 ack=101",
        "10.0.1.2:40001 > 10.0.2.1:23 ACK ttl=5 via=router-2",
        "10.0.1.2 > 10.0.2.1 ECHO ttl=6",
    ],
)
def test_what_is_typed_after_pen_is_written_on_a_card_with_room_for_it(packet: str) -> None:
    ((id, said),) = written(f"pen {packet}")
    assert id.deck in known()
    assert without_ink(said) == without_ink(parse(packet))


def test_data_is_written_into_the_comb() -> None:
    ((_, said),) = written('pen 10.0.1.2:40001 > 10.0.1.1:23 ACK seq=0 ack=0 data="my name is Danilo"')
    assert len(said.payload or b"") == 17


def test_a_pen_card_that_is_named_is_of_the_form_in_its_name() -> None:
    (_, (other, _)) = written(
        "RMMF-7 pen 10.0.1.2:40001 > 10.0.1.1:23 SYN", "PTTK-7 pen 10.0.1.2:40001 > 10.0.1.1:23 SYN"
    )
    assert other == CardId("PTTK", 7)


def test_new_pen_cards_have_names_of_their_own() -> None:
    line = "pen 10.0.1.2:40001 > 10.0.1.1:23 SYN"
    (first, _), (second, _) = written(line, line)
    assert first != second


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("pen hello", "a packet is written like this"),
        ("T-1 pen 10.0.1.2:40001 > 10.0.1.1:23 SYN", "T is no form of a card for the pen; those are "),
        ("RMMF-1 pen 10.0.9.2:40001 > 10.0.1.1:23 SYN", "10.0.9.2 cannot be marked on this form"),
        ("pen 10.0.1.2:40001 > 10.0.1.1:7777 SYN", "No form is known on which this can be written"),
    ],
)
def test_what_cannot_be_written_by_pen_is_told(line: str, sentence: str) -> None:
    cards, complaints = typed(line)
    assert cards == []
    assert sentence in complaints[0]
