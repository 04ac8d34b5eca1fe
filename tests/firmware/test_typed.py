from __future__ import annotations

from cards.qrtext import Card, CardId, CommandCard, PrintedCard, RoleCard
from firmware.typed import show_typed
from firmware.virtual import VirtualHand

SYN = "10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100"


class Hand(VirtualHand):
    def __init__(self) -> None:
        self.shown: list[Card] = []
        self.finished = False

    def show(self, card: Card) -> None:
        self.shown.append(card)

    def finish(self) -> None:
        self.finished = True


def typed(*lines: str) -> tuple[list[Card], list[str]]:
    hand, complaints = Hand(), list[str]()
    show_typed(lines, hand, complaints.append)
    assert hand.finished
    return hand.shown, complaints


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
