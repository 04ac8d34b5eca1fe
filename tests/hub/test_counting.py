"""Numbers on paper and numbers of the engine: as the game counts bytes, as RFC 9293 counts, and not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.simulator import bots
from hub.simulator.events import HandedOver, Seated
from hub.simulator.facts import facts
from hub.simulator.rules import Counting, Form
from hub.simulator.states import State
from hub.simulator.verdicts import Ruling
from tests.hub.play import CLIENT, SERVER, Play, with_rules

THERE, BACK = f"{CLIENT} > {SERVER}", f"{SERVER} > {CLIENT}"
NODES = {True: ("client", "router", "server"), False: ("server", "router", "client")}


def game(*cards: str) -> Play:
    """The game's own counting, after these cards have gone their whole way."""
    play = Play(with_rules(counting=Counting.BYTES, form=Form(seq=True, ack=True)))
    for card in cards:
        verdicts = play.carry(card, *NODES[card.startswith(CLIENT)])
        assert verdicts == ["sent", "forwarded", "delivered"], (card, verdicts)
    return play


OPEN = (f"{THERE} SYN seq=0", f"{BACK} SYN,ACK seq=0 ack=0", f"{THERE} ACK seq=0 ack=0")
NAME = f'{THERE} ACK seq=0 ack=0 data="my name is Danilo"'


def stopped(play: Play, node: str, card: str) -> Ruling:
    ruling = play.scan(node, card)
    assert ruling.verdict.value == "stopped"
    return ruling


def test_only_data_counts_and_both_begin_with_0() -> None:
    play = game(*OPEN, NAME, f"{BACK} ACK seq=0 ack=17", f'{BACK} ACK seq=0 ack=17 data="hi"')
    wrong = stopped(play, "client", f"{THERE} ACK seq=18 ack=2")
    assert (wrong.reason, wrong.params["should"]) == ("tcp.seq-mismatch", "17")
    assert play.carry(f"{THERE} ACK seq=17 ack=2", *NODES[True]) == ["sent", "forwarded", "delivered"]


def test_whoever_counts_the_syn_is_told_what_the_game_counts() -> None:
    play = game(*OPEN, NAME)
    wrong = stopped(play, "server", f"{BACK} ACK seq=0 ack=18")
    assert (wrong.reason, wrong.params["written"], wrong.params["should"]) == ("tcp.ack-mismatch", "18", "17")
    assert facts(play.world.rules, wrong)["ack"] == "18", "the sentence speaks of the paper's numbers"
    assert wrong.params["answer"] == f"{BACK} ACK seq=0 ack=17"


def test_a_syn_begins_with_0() -> None:
    wrong = stopped(game(), "client", f"{THERE} SYN seq=5")
    assert (wrong.reason, wrong.params["should"]) == ("tcp.begins-at-0", "0")


def test_a_fin_does_not_count_and_closing_goes_to_its_end() -> None:
    play = game(
        *OPEN,
        NAME,
        f"{BACK} ACK seq=0 ack=17",
        f"{THERE} FIN,ACK seq=17 ack=0",
        f"{BACK} ACK seq=0 ack=17",
        f'{BACK} ACK seq=0 ack=17 data="bye"',
        f"{THERE} ACK seq=17 ack=3",
        f"{BACK} FIN,ACK seq=3 ack=17",
        f"{THERE} ACK seq=17 ack=3",
    )
    assert (play.state("client"), play.state("server")) == ([State.TIME_WAIT], [])


def test_three_packets_close_as_well() -> None:
    play = game(*OPEN, f"{THERE} FIN,ACK seq=0 ack=0", f"{BACK} FIN,ACK seq=0 ack=0", f"{THERE} ACK seq=0 ack=0")
    assert (play.state("client"), play.state("server")) == ([State.TIME_WAIT], [])


def test_a_refusal_has_the_numbers_of_the_game() -> None:
    play = game()
    knock = f"{CLIENT} > 10.0.1.1:80 SYN seq=0"
    assert play.carry(knock, *NODES[True]) == ["sent", "forwarded", "rst"]
    assert play.carry(f"10.0.1.1:80 > {CLIENT} RST,ACK seq=0 ack=0", *NODES[False]) == ["sent", "forwarded", "rst"]


@pytest.mark.parametrize(
    ("card", "reason"),
    [(f"{THERE} SYN", "tcp.seq-missing"), (f"{THERE} ACK seq=0", "tcp.ack-missing")],
)
def test_a_number_that_the_form_asks_for_must_be_written(card: str, reason: str) -> None:
    assert stopped(game(), "client", card).reason == reason


def test_whoever_does_not_mind_numbers_need_not_write_them() -> None:
    play = Play(with_rules(counting=Counting.OFF, form=Form(seq=True, ack=True)))
    assert play.carry(f"{THERE} SYN", *NODES[True]) == ["sent", "forwarded", "delivered"]
    assert play.carry(f"{BACK} SYN,ACK seq=7 ack=9", *NODES[False]) == ["sent", "forwarded", "delivered"]


@pytest.mark.parametrize("counting", Counting)
def test_what_the_engine_writes_the_referee_reads(counting: Counting) -> None:
    """A bot's card is a card like any other: it stands on paper in the numbers of the lesson."""
    play = Play(with_rules(counting=counting, form=Form(seq=True, ack=True)))
    for node in NODES[True]:
        play.do(Seated(0, f"badge-{node}", None))
        play.do(HandedOver(0, node, True))
    while (played := bots.next_step(play.world)) is not None:
        (ruling,) = play.do(played)
        assert ruling.charged is None, ruling
    assert (play.state("client"), play.state("server")) == ([State.ESTABLISHED], [State.ESTABLISHED])


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 20)), max_size=8))
def test_any_talk_in_the_games_numbers(talk: list[tuple[bool, int]]) -> None:
    play, said = game(*OPEN), {True: 0, False: 0}
    for there, length in talk:
        ends = THERE if there else BACK
        card = f'{ends} ACK seq={said[there]} ack={said[not there]} data="{"x" * length}"'
        said[there] += length
        assert play.carry(card, *NODES[there]) == ["sent", "forwarded", "delivered"]
        answer = f"{BACK if there else THERE} ACK seq={said[not there]} ack={said[there]}"
        assert play.carry(answer, *NODES[not there]) == ["sent", "forwarded", "delivered"]


@pytest.mark.parametrize("data", ["", "hi"])
def test_a_fin_is_not_counted_by_some_and_left_out_by_others(data: str) -> None:
    count = len(data)
    said = [f'{THERE} ACK seq=0 ack=0 data="{data}"', f"{BACK} ACK seq=0 ack={count}"] if data else []
    play = game(*OPEN, *said, f"{THERE} FIN,ACK seq={count} ack=0")
    for ack in (count + 1, count + 2):
        wrong = stopped(play, "server", f"{BACK} ACK seq=0 ack={ack}")
        assert (wrong.reason, wrong.params["written"], wrong.params["should"]) == (
            "tcp.ack-mismatch",
            str(ack),
            str(count),
        )
    assert play.carry(f"{BACK} ACK seq=0 ack={count}", *NODES[False]) == ["sent", "forwarded", "delivered"]
    wrong = stopped(play, "client", f"{THERE} ACK seq={count + 1} ack=0")
    assert (wrong.reason, wrong.params["should"]) == ("tcp.seq-mismatch", str(count))
