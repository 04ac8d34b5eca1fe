"""A room goes back to an earlier moment of its round, and the paper follows."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cards.jsonform import to_json
from cards.notation import parse
from hub.lessons import Lesson, from_text, load
from hub.messages import Answer, LightWord, Resend, Scan, Verdict
from hub.moments import Moments
from hub.records import BackRecord, PaceRecord, Record, SeatedRecord
from hub.refusals import NothingDoneError
from hub.replay import Replay, replay
from hub.simulator.events import CardLost, FaultKind, FaultSet, HandedOver, LinkTurned, Undone
from hub.simulator.history import EVERY, MOST_KEPT
from hub.simulator.states import State
from tests.hub.play import ACK, SYN, SYN_ACK
from tests.hub.teaching import BOOT, Kit, lights, why


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


def timed() -> Lesson:
    return from_text(load("handshake").source + "\ntimers: {retransmission: 90}\n", "handshake")


def state(kit: Kit, node: str) -> list[State]:
    return [c.state for _, c in kit.room.world.host(node).connections.items()]


def test_the_room_is_again_as_it_was_after_a_record(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1", "b2", "b3")
    world, tally, last = kit.room.world, kit.room.tally, kit.last
    kit.later(7)
    kit.carry("T-2", SYN_ACK, "b3", "b2", "b1")
    kit.room.teach(LinkTurned(0, ("client", "router"), False))
    kit.room.teach(FaultSet(0, "f", FaultKind.LOSE, ("router", "server"), None))
    kit.room.back(last)
    assert (kit.room.world, kit.room.tally) == (world, tally)
    kit.restart()
    assert (kit.room.world, kit.room.tally) == (world, tally)
    kit.carry("T-2", SYN_ACK, "b3", "b2", "b1")
    assert kit.carry("T-3", ACK, "b1", "b2", "b3") == ["sent", "forwarded", "delivered"]
    assert state(kit, "client") == state(kit, "server") == [State.ESTABLISHED]


def test_time_is_that_of_then_and_timers_go_on_from_there(tmp_path: Path) -> None:
    kit = Kit(tmp_path, timed())
    kit.carry("T-1", SYN, "b1")
    at, last = kit.at, kit.last
    assert lights(kit.later(91)) == {"b1": "send-again"}
    kit.room.teach(LinkTurned(0, ("client", "router"), False))
    assert lights(kit.room.back(last).downs)["b1"] == "ready"
    assert kit.at == at
    assert kit.later(89) == []
    assert lights(kit.later(2)) == {"b1": "send-again"}


def test_seats_engines_and_pace_stay_as_they_are_now(kit: Kit) -> None:
    last = kit.last
    kit.carry("T-1", SYN, "b1")
    kit.room.seat("b9", "router", ("server",))
    kit.room.teach(HandedOver(0, "client", True))
    kit.room.pace(0)
    seats, engines = kit.room.world.seats, kit.room.world.engines
    kit.room.back(last)
    for _ in range(2):
        assert (kit.room.world.seats, kit.room.world.engines) == (seats, engines)
        at = kit.at
        kit.later(60)
        assert kit.at == at, "paused"
        assert not kit.room.world.instances
        kit.restart()


def test_a_scan_that_is_sent_again_gets_its_answer_again(kit: Kit) -> None:
    last = kit.last
    scan = Scan("b1", BOOT, 1, 1, "T-1", to_json(parse(SYN)))
    first = kit.room.scan(scan)[0]
    kit.room.back(last)
    assert kit.room.scan(scan) == [first]
    assert not kit.room.world.instances, "it has not happened again"
    assert kit.room.scan(Scan("b1", BOOT, 3, 2, "T-1", to_json(parse(SYN)))) == [Resend("b1", BOOT, 2)]
    answer = kit.room.scan(Scan("b1", BOOT, 2, 2, "T-1", to_json(parse(SYN))))[0]
    assert isinstance(answer, Answer)
    assert (answer.verdict, answer.light) == (Verdict.SENT, LightWord.SENT)


def test_one_goes_back_to_before_a_way_back_and_to_after_it(kit: Kit) -> None:
    began = kit.last
    kit.carry("T-1", SYN, "b1", "b2", "b3")
    after_syn, syn = kit.room.world, kit.last
    kit.carry("T-2", SYN_ACK, "b3")
    kit.room.back(began)
    kit.carry("T-1", SYN, "b1")
    after_again, again = kit.room.world, kit.last
    kit.room.back(syn)
    assert kit.room.world == after_syn, "what was taken back once"
    kit.room.back(again)
    assert kit.room.world == after_again, "what came after a way back"
    kit.room.back(again + 1)
    assert kit.room.world == after_syn, "the way back itself"
    kit.restart()
    assert kit.room.world == after_syn


def test_an_undo_is_possible_after_a_way_back_as_it_was_then(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1")
    last = kit.last
    kit.carry("T-1", SYN, "b2")
    kit.room.teach(Undone(0, "router"))
    kit.room.back(last)
    kit.room.teach(Undone(0, "client"))
    assert not kit.room.world.instances
    kit.restart()
    assert not kit.room.world.instances


def test_one_goes_back_to_the_beginning_of_the_round(tmp_path: Path) -> None:
    kit = Kit(tmp_path, badges=())
    kit.room.seat("b1", "client")
    kit.carry("T-1", SYN, "b1")
    kit.room.back(1)
    assert not kit.room.world.instances
    assert dict(kit.room.world.seats) == {"b1": ("client",)}
    kit.room.new_round()
    began = kit.last
    kit.carry("T-1", SYN, "b1")
    kit.room.back(began)
    assert (kit.room.world.round, dict(kit.room.world.instances)) == (2, {})


def test_an_older_round_stays_as_it_is(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1")
    last = kit.last
    kit.room.new_round()
    kit.carry("T-1", SYN, "b1")
    for event, reason in ((last, "room.older-round"), (0, "room.no-such-moment"), (99, "room.no-such-moment")):
        world, records = kit.room.world, kit.last
        with pytest.raises(NothingDoneError) as refused:
            kit.room.back(event)
        assert why(refused.value) == reason
        assert str(kit.last - 1) in str(refused.value), "where the round began"
        assert (kit.room.world, kit.last) == (world, records)


def test_who_must_hold_which_card(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1", "b2")
    last = kit.last
    kit.carry("T-1", SYN, "b3")
    kit.carry("T-2", SYN_ACK, "b3", "b2", "b1")
    kit.carry("T-3", ACK, "b1")
    held = kit.room.back(last).holders
    assert {card.card: (card.what, card.node, card.to) for card in held.cards} == {
        "T-1": ("carry", "router", "server"),
        "T-2": ("unsent", "server", None),
        "T-3": ("unsent", "client", None),
    }
    assert {each.title: each.sentences for each in held.nodes} == {
        "Client": ["T-3, ACK: Client has not sent it yet, and gets it back."],
        "Router": ["T-1, SYN: hold it. It goes to Server next."],
        "Server": ["T-2, SYN,ACK: Server has not sent it yet, and gets it back."],
    }
    assert kit.room.holders() == held
    kit.restart()
    assert kit.room.holders() == held
    kit.carry("T-1", SYN, "b3")
    kit.carry("T-2", SYN_ACK, "b3")
    assert {card.card: card.what for card in kit.room.holders().cards} == {"T-2": "carry", "T-3": "unsent"}
    kit.room.new_round()
    assert kit.room.holders().cards == []


def test_cards_that_are_lost_stopped_or_the_engines(kit: Kit) -> None:
    kit.room.seat("b3", None)
    kit.room.teach(HandedOver(0, "server", True))
    kit.carry("T-1", SYN, "b1", "b2")
    kit.later(1)
    kit.later(1)
    (answer,) = (card for card in kit.room.world.instances if card != "T-1")
    kit.carry("T-4", "10.0.1.2:40001 > 10.0.1.1:23 FIN seq=7", "b1")
    asked, last = kit.room.holders(), kit.last
    assert {card.card: (card.what, card.node) for card in asked.cards} == {
        answer: ("fetch", "server"),
        "T-4": ("stopped", "client"),
    }
    text = next(card.text for card in asked.cards if card.card == answer)
    assert kit.carry("T-2", text, "b2") == ["forwarded"]
    kit.room.teach(CardLost(0, "T-2"))
    assert ("T-2", "lost", "router") in [(card.card, card.what, card.node) for card in kit.room.holders().cards]
    held = kit.room.back(last).holders
    assert {card.card: card.what for card in held.cards} == {answer: "fetch", "T-4": "stopped", "T-2": "away"}


def test_badges_and_pages_are_told(kit: Kit) -> None:
    last = kit.last
    follower = kit.room.feed.follow(kit.room.feed.last_id)
    kit.carry("T-1", SYN, "b1")
    assert lights(kit.room.back(last).downs) == {"b1": "your-turn", "b2": "ready"}
    events = [event for event in itertools.islice(follower, 2) if event is not None]
    assert '"card":"T-1"' in events[-1].json
    assert '"to":null' in events[-1].json, "it is not on its way any more"
    assert {node["light"] for node in kit.room.state()["nodes"]} == {None}
    assert [line["card"] for line in kit.room.state()["story"]] == ["T-1"], "it has been said"


# By its definition: after a way back, the game is what it was after the record that is named.

MOVES = st.one_of(
    st.tuples(st.just("scan"), st.sampled_from([("T-1", SYN), ("T-2", SYN_ACK), ("T-3", ACK)]), st.integers(1, 3)),
    st.tuples(st.just("undo"), st.sampled_from(["client", "router", "server"]), st.just(0)),
    st.tuples(st.just("pace"), st.sampled_from([0.0, 1.0, 4.0]), st.just(0)),
    st.tuples(st.just("back"), st.just(None), st.integers(0, 40)),
)


@given(st.lists(MOVES, max_size=25))
@settings(max_examples=60, deadline=None)
def test_whatever_happens_a_way_back_leads_to_what_was(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[str, object, int]]
) -> None:
    kit = Kit(tmp_path_factory.mktemp("room"))
    worlds = {kit.last: kit.room.world}
    first = kit.last
    for what, of, number in moves:
        kit.seconds += 3
        try:
            match what, of:
                case "scan", (str(card), str(text)):
                    kit.scan(f"b{number}", card, text)
                case "undo", str(node):
                    kit.room.teach(Undone(0, node))
                case "pace", float(rate):
                    kit.room.pace(rate)
                case _:
                    to = first + number % (kit.last - first + 1)
                    kit.room.back(to)
                    assert kit.room.world == worlds[to]
        except NothingDoneError:
            continue
        worlds[kit.last] = kit.room.world
    world = kit.room.world
    kit.restart()
    assert kit.room.world == world
    kit.journal.close()


def test_a_long_round_costs_no_more_than_the_records_since_a_moment_that_is_kept() -> None:
    game = Replay(load("handshake"), "seed", 1)
    records: list[tuple[int, Record]] = [(number, PaceRecord(number, 1.0)) for number in range(2, 4 * EVERY)]
    for number, record in records:
        game.take(number, record)
    for to in (1, 2, EVERY, EVERY + 1, 2 * EVERY + 7, 4 * EVERY - 1):
        kept, along = game.moments.before(to)
        assert [number for number, _ in along] == list(range(kept.number + 1, to + 1))
        assert len(along) < EVERY
    for step in range(3 * MOST_KEPT):
        game.take(4 * EVERY + step, BackRecord(0, 4 * EVERY - 1))
        assert game.history.world.at == 4 * EVERY - 1
    assert game.moments.first > EVERY, "what is too long ago is let go"
    assert game.moments.before(game.moments.first)[1] == []


def test_a_way_back_reaches_over_as_many_moments_as_are_kept() -> None:
    game = Replay(load("handshake"), "seed", 1)
    for number in range(2, (MOST_KEPT + 3) * EVERY):
        game.take(number, PaceRecord(number, 1.0))
        assert game.moments.first == 1 or number - game.moments.first >= (MOST_KEPT - 1) * EVERY
    assert game.moments.first == 1 + 3 * EVERY


def test_a_replay_of_the_records_alone_tells_the_same(kit: Kit) -> None:
    kit.carry("T-1", SYN, "b1")
    last = kit.last
    kit.carry("T-1", SYN, "b2")
    kit.room.back(last)
    kit.carry("T-1", SYN, "b2")
    past = list(replay(kit.lesson, kit.room.world.seed, kit.journal.records(after=1)))
    assert past[-1].world.instances == kit.room.world.instances
    assert [each.world.instances["T-1"].due for each in past if not isinstance(each.record, SeatedRecord)] == [
        "router",
        "server",
        "router",
        "server",
    ]


def test_moments_begin_with_the_round() -> None:
    moments, history = Moments(), Replay(load("handshake"), "seed", 1).history
    moments.begin(17, history, ())
    assert (moments.first, moments.last) == (17, 17)
