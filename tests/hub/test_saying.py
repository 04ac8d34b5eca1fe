"""Saying a text that takes several cards: one is told to go on, and the goals ask for all of it."""

from __future__ import annotations

import pytest

from hub.lessons import load
from hub.simulator.goals import done
from hub.simulator.turns import turn
from hub.speech import help_with_turn, turn_text
from tests.hub.goals import Game

NINA, SERVER = "10.0.1.2:40001", "10.0.1.1:23"
THERE, BACK = ("nina", "router", "server"), ("server", "router", "nina")
TEXT = "my name is Nina and I like cards"


class Loss:
    """The lesson `loss`, nothing gets lost, and the connection is open."""

    def __init__(self, name: str = "loss") -> None:
        self.lesson = load(name)
        self.game = Game(self.lesson.goals, self.lesson.rules)
        self.game.carry(f"{NINA} > {SERVER} SYN seq=0", *THERE)
        self.game.carry(f"{SERVER} > {NINA} SYN,ACK seq=0 ack=0", *BACK)
        self.game.carry(f"{NINA} > {SERVER} ACK seq=0 ack=0", *THERE)

    def say(self, seq: int, data: str) -> None:
        self.game.carry(f"{NINA} > {SERVER} ACK seq={seq} ack=0 {data}", *THERE)

    def confirm(self, ack: int) -> None:
        self.game.carry(f"{SERVER} > {NINA} ACK seq=0 ack={ack}", *BACK)

    @property
    def turn(self) -> str | None:
        owed = turn(self.game.world, "nina")
        return None if owed is None else turn_text(self.game.world.rules, owed)

    @property
    def reached(self) -> list[str]:
        return [goal.id for goal in self.lesson.goals if self.game.reached(goal.id, "nina") is not None]


@pytest.mark.parametrize("data", ['data="m"', "ink=1", 'data="h"'])
def test_who_has_said_a_piece_is_told_to_say_the_rest(data: str) -> None:
    loss = Loss()
    assert loss.turn == f'Say "{TEXT}" to Server'
    loss.say(0, data)
    loss.confirm(1)
    assert loss.turn == "Say the rest: 31 of 32 bytes missing"
    owed = turn(loss.game.world, "nina")
    assert owed is not None
    help_ = help_with_turn(loss.game.world, owed)
    assert help_ is not None
    assert help_.answer.endswith(f'{NINA} > {SERVER} ACK seq=1 ack=0 data="{TEXT[1:17]}"')


def test_what_is_sent_again_says_nothing_new() -> None:
    loss = Loss()
    loss.game.scan("nina", f"{NINA} > {SERVER} ACK seq=0 ack=0 ink=10", "T-1")
    loss.game.at += 90_000
    again = loss.game.scan("nina", f"{NINA} > {SERVER} ACK seq=0 ack=0 ink=10", "T-2")
    assert again.reason == "tcp.retransmitted"
    assert loss.turn == "Say the rest: 22 of 32 bytes missing"


def test_twelve_letters_of_handwriting_are_no_half_of_a_sentence() -> None:
    loss = Loss()
    loss.say(0, "ink=12")
    loss.confirm(12)
    assert loss.reached == ["open"]


@pytest.mark.parametrize("pieces", [(16, 16), (5, 11, 1, 15), (10, 10, 10, 2)])
def test_the_halves_are_reached_in_whatever_pieces_they_are_sent(pieces: tuple[int, ...]) -> None:
    loss, seq = Loss(), 0
    for piece in pieces:
        loss.say(seq, f"ink={piece}")
        seq += piece
        assert ("first-half" in loss.reached, "second-half" in loss.reached) == (seq >= 16, seq == 32)
    loss.confirm(32)
    assert loss.turn is None
    assert loss.reached == ["open", "first-half", "second-half", "known"]
    assert done(loss.game.tally, loss.lesson.goals)


def test_there_is_something_to_send_again_until_all_of_it_is_confirmed() -> None:
    loss = Loss()
    loss.say(0, "ink=16")
    loss.game.carry(f"{SERVER} > {NINA} ACK seq=0 ack=16", "server", "router")
    loss.say(16, "ink=16")
    loss.game.scan("nina", f"{SERVER} > {NINA} ACK seq=0 ack=16")
    assert "known" not in loss.reached
    loss.confirm(32)
    assert "known" in loss.reached


def test_who_says_it_in_own_words_where_one_card_is_enough_has_said_it() -> None:
    lesson = load("data")
    game = Game(lesson.goals, lesson.rules)
    there, back = ("danilo", "router", "server"), ("server", "router", "danilo")
    game.carry(f"{NINA} > {SERVER} SYN seq=0", *there)
    game.carry(f"{SERVER} > {NINA} SYN,ACK seq=0 ack=0", *back)
    game.carry(f"{NINA} > {SERVER} ACK seq=0 ack=0", *there)
    game.carry(f'{NINA} > {SERVER} ACK seq=0 ack=0 data="my name is Bo"', *there)
    assert turn(game.world, "danilo") is None
