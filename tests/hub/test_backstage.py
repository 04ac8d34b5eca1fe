"""What the teacher reads of whose turn it is: since when, and how often it was tried in vain."""

from __future__ import annotations

from hub.backstage import TurnRow, turn_rows
from hub.lessons import load
from hub.simulator.rounds import MOST_TRIES
from tests.hub.goals import ACK, BACK, CLIENT, SERVER, SYN, SYN_ACK, Game


def row(game: Game, node: str) -> TurnRow:
    return next(each for each in turn_rows(game.world, game.tally) if each.node == node)


def test_who_tries_in_vain_again_and_again_waits_since_the_turn_began() -> None:
    game = Game()
    game.scan("client", f"{SERVER} > {CLIENT} SYN seq=100")
    game.scan("client", f"{CLIENT} > {SERVER} seq=100")
    assert (row(game, "client").since_ms, row(game, "client").tries, row(game, "client").last) == (0, 2, "flags")
    for card in ("T-1", "T-1", "T-2"):
        game.scan("client", f"{CLIENT} > 10.0.1.2:23 SYN seq=100", card)
    client = row(game, "client")
    assert (client.code, client.since_ms, client.tries, client.last) == ("open", 0, 5, "address")


def test_who_never_stops_trying_is_counted_up_to_a_bound() -> None:
    game = Game()
    for _ in range(MOST_TRIES + 20):
        game.scan("client", f"{CLIENT} > {SERVER} seq=100")
    assert row(game, "client").tries == MOST_TRIES


def test_a_card_that_gets_through_ends_the_tries_and_begins_the_next_turn() -> None:
    game = Game()
    game.scan("client", f"{CLIENT} > {SERVER} seq=100")
    game.carry(SYN, "client", "router", "server")
    game.carry(SYN_ACK, *BACK)
    client = row(game, "client")
    assert (client.code, client.since_ms, client.tries, client.last) == ("ack", game.at, 0, "")
    game.scan("client", ACK.replace("ack=301", "ack=300"))
    assert (row(game, "client").tries, row(game, "client").last) == (1, "numbers")


def test_what_came_before_its_time_was_tried_too_early_in_the_room_s_language() -> None:
    for language, said in (("en", "too early"), ("it", "troppo presto")):
        game = Game(rules=load("handshake", language=language).rules)
        game.scan("client", f"{CLIENT} > {SERVER} ACK seq=100 ack=1")
        assert (row(game, "client").tries, row(game, "client").last) == (1, said)
