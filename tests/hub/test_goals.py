"""Who has reached what, and when; mistakes, hacks and scans; undo and redo; rounds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cards.notation import parse
from cards.packet import Carries, Flags
from cards.payload import Ink
from hub.simulator.events import Event, Forgiven, Passed, Restarted, RoundBegan, Scanned, Seated
from hub.simulator.goals import Goal, done, tally
from hub.simulator.history import History
from hub.simulator.reasons import REASONS
from hub.simulator.referee import judge
from hub.simulator.rounds import Round, Tally, new_tally
from hub.simulator.rules import Rules
from hub.simulator.states import State
from hub.simulator.verdicts import Verdict
from hub.simulator.when import EACH, OTHERS, When
from hub.simulator.world import World, new_world
from tests.hub.goals import (
    ACK,
    BACK,
    CLIENT,
    HELLO,
    SERVER,
    SYN,
    SYN_ACK,
    THERE,
    WORSE,
    WRONG,
    Game,
    free_rules,
    goal,
    handshake_rules,
    short_lived_rules,
)
from tests.hub.play import redo, undo

OPEN = goal("open", When(state=State.ESTABLISHED, at=EACH), "client", "server")

# A packet


@pytest.mark.parametrize(
    ("when", "second"),
    [
        (When(verdict=Verdict.SENT), 1),
        (When(verdict=Verdict.FORWARDED), 2),
        (When(verdict=Verdict.DELIVERED), 3),
        (When(reason="tcp.syn-received"), 3),
        (When(verdict=Verdict.FORWARDED, flags=Flags.SYN | Flags.ACK), 5),
        (When(at="server"), 3),
        (When(at="client", verdict=Verdict.DELIVERED), 6),
        (When(source="server"), 4),
        (When(destination="client"), 4),
        (When(source="server", destination="client", at="router"), 5),
        (When(reason="tcp.established"), 9),
        (When(flags=Flags.ACK), 7),
        (When(text=b"name"), 10),
        (When(text=b"name", verdict=Verdict.DELIVERED), 12),
        (When(flags=Flags.ACK, verdict=Verdict.DELIVERED, state=State.ESTABLISHED, at="server"), 9),
        (When(reason=("tcp.established", "tcp.syn-acked")), 6),
        (When(verdict=(Verdict.DELIVERED, Verdict.FORWARDED)), 2),
        (When(flags=(Carries.UDP, Flags.ACK)), 7),
        (When(at=("router", "server"), verdict=Verdict.DELIVERED), 3),
        (When(port=23, verdict=Verdict.DELIVERED), 3),
        (When(port=40001, at="client"), 1),
        (When(port=(7, 80)), None),
        (When(state=State.ESTABLISHED, at=("server", "client")), 6),
        (When(state=(State.SYN_RECEIVED, State.ESTABLISHED), at="server"), 3),
        (When(state=State.ESTABLISHED, at="client", port=23), 6),
        (When(state=State.ESTABLISHED, at="client", port=80), None),
        (When(state=State.ESTABLISHED, at="client", peer=("router", "server")), 6),
        (When(text=b"Bob"), None),
        (When(flags=Carries.UDP), None),
        (When(source="router"), None),
        (When(reason="tcp.established", at="client"), None),
    ],
)
def test_what_a_packet_must_be(when: When, second: int | None) -> None:
    game = Game([goal("it", when)])
    game.connect()
    game.carry(HELLO, *THERE)
    assert game.reached("it") == (None if second is None else second * 1000)


def test_push_makes_no_difference_to_the_kind() -> None:
    game = Game([goal("it", When(flags=Flags.ACK, text=b"Ann"))])
    game.connect()
    game.scan("client", HELLO)
    assert game.reached("it") == 10_000


def test_handwriting_counts_when_it_is_long_enough() -> None:
    game = Game([goal("long", When(text=b"x" * 6)), goal("short", When(text=b"x" * 5))])
    game.connect()
    game.do(Scanned(10_000, "badge-client", "INK", parse(f"{CLIENT} > {SERVER} ACK seq=101 ack=301 ink=5")))
    assert (game.reached("long"), game.reached("short")) == (None, 10_000)
    assert Ink(5) == game.world.instances["INK"].said.payload


def test_a_packet_at_the_wrong_place_comes_from_where_it_was_scanned_first() -> None:
    game = Game([goal("it", When(source="client", reason="link.skipped-router"), quest=True)])
    game.scan("client", SYN)
    game.scan("server", SYN)
    assert game.reached("it") == 2000


def test_each_is_the_node_that_earns_it() -> None:
    game = Game(
        [
            goal("sent", When(verdict=Verdict.SENT, at=EACH), "client", "server"),
            goal("answered", When(verdict=Verdict.DELIVERED, destination=EACH), "client", "server"),
            goal("heard", When(verdict=Verdict.DELIVERED, source=EACH), "client", "server"),
        ]
    )
    game.connect()
    assert [game.reached("sent", node) for node in ("client", "router", "server")] == [1000, None, 4000]
    assert [game.reached("answered", node) for node in ("client", "server")] == [6000, 3000]
    assert [game.reached("heard", node) for node in ("client", "server")] == [3000, 6000]
    assert done(game.tally, game.goals)


def test_others_are_those_who_do_not_play_with_the_one_who_earns_it() -> None:
    others = (("client", ("server",)), ("router", ()), ("server", ("client", "router")))
    when = When(verdict=Verdict.DELIVERED, source=OTHERS, at=EACH, others=others)
    so = When(state=State.ESTABLISHED, at=OTHERS, peer=EACH, others=others)
    game = Game([goal("heard", when, "client", "server"), goal("so", so, "client", "server", "router")])
    game.connect()
    assert [game.reached("heard", node) for node in ("client", "server")] == [6000, 3000]
    assert [game.reached("so", node) for node in ("client", "server", "router")] == [9000, 6000, None]


def test_a_card_that_is_only_shown_again_reaches_nothing() -> None:
    game = Game([goal("twice", When(verdict=Verdict.SENT), count=2)])
    game.scan("client", SYN)
    assert game.scan("client", SYN).repeated
    assert game.tally.count("twice") == 1
    assert game.tally.player("client").scans == 1


def test_how_often() -> None:
    game = Game([goal("three", When(verdict=Verdict.FORWARDED), count=3)])
    game.connect()
    game.scan("client", HELLO)
    game.scan("router", HELLO)
    assert (game.reached("three"), game.tally.count("three")) == (8000, 3)


def test_what_comes_first() -> None:
    game = Game(
        [
            goal("delivered", When(verdict=Verdict.DELIVERED, at="server")),
            goal("again", When(verdict=Verdict.DELIVERED, at="server"), after=("delivered",)),
        ]
    )
    game.carry(SYN, *THERE)
    assert (game.reached("delivered"), game.reached("again")) == (3000, None)
    game.carry(SYN_ACK, *BACK)
    game.carry(ACK, *THERE)
    assert game.reached("again") == 9000


def test_the_same_node_comes_first_where_it_can() -> None:
    first = goal("first", When(verdict=Verdict.SENT, at=EACH), "client", "server")
    own = goal("own", When(verdict=Verdict.DELIVERED, at=EACH), "client", "server", after=("first",))
    all_of_them = goal("all", When(verdict=Verdict.FORWARDED, at="router"), after=("first",))
    game = Game([first, own, all_of_them])
    game.carry(SYN, *THERE)
    assert game.reached("own", "server") is None, "it has sent nothing yet"
    assert game.reached("all") is None
    game.carry(SYN_ACK, *BACK)
    assert (game.reached("own", "client"), game.reached("all")) == (6000, 5000)


# What is so


def test_a_state_at_each_end() -> None:
    game = Game([OPEN])
    game.connect()
    assert [game.reached("open", node) for node in ("client", "server")] == [6000, 9000]


def test_a_state_with_a_peer() -> None:
    with_each = goal("with", When(state=State.SYN_RECEIVED, at="server", peer=EACH), "client", "router")
    game = Game([with_each, goal("wrong", When(state=State.SYN_RECEIVED, at="server", peer="router"))])
    game.carry(SYN, *THERE)
    assert [game.reached("with", node) for node in ("client", "router")] == [3000, None]
    assert game.reached("wrong") is None


def test_nothing_to_do() -> None:
    idle = goal("idle", When(idle=True, at="server"), after=("heard",))
    game = Game([goal("heard", When(reason="tcp.syn-received")), idle])
    game.carry(SYN, *THERE)
    assert game.reached("idle") is None, "an answer is owed"
    game.scan("server", SYN_ACK)
    assert game.reached("idle") == 4000


def test_what_is_so_already_when_its_turn_comes() -> None:
    """The client's state does not change when the server hears its ACK: the goal is reached at once all the same."""
    game = Game(
        [
            goal("heard", When(reason="tcp.established")),
            goal("open", When(state=State.ESTABLISHED, at="client"), after=("heard",)),
        ]
    )
    game.connect()
    assert game.reached("open") == 9000


def test_how_often_something_begins_to_be_so() -> None:
    game = Game([goal("open", When(state=State.ESTABLISHED, at="client"), count=2)])
    game.connect()
    game.carry(HELLO, *THERE)
    assert game.tally.count("open") == 1, "it went on to be so"


def closing(game: Game) -> None:
    game.connect()
    game.carry(f"{CLIENT} > {SERVER} FIN,ACK seq=101 ack=301", *THERE)
    game.carry(f"{SERVER} > {CLIENT} FIN,ACK seq=301 ack=102", *BACK)
    game.carry(f"{CLIENT} > {SERVER} ACK seq=102 ack=302", *THERE)


def test_a_timer_reaches_a_goal() -> None:
    closed = goal("closed", When(state=State.CLOSED, at=EACH), "client", "server", after=("open",))
    game = Game([OPEN, closed], short_lived_rules())
    closing(game)
    assert game.world.host("client").connections, "in TIME-WAIT"
    assert (game.reached("closed", "client"), game.reached("closed", "server")) == (None, 18_000)
    game.do(Passed(30_000))
    assert game.reached("closed", "client") == 21_000, "when its timer ran out, not when somebody looked"
    assert done(game.tally, game.goals)


def test_what_a_teacher_does_reaches_no_goal() -> None:
    game = Game([OPEN, goal("closed", When(state=State.CLOSED, at="client"), after=("open",))])
    game.connect()
    game.do(Restarted(game.at, "client", "server"))
    assert game.reached("closed") is None


def test_a_lesson_is_done_without_its_quests() -> None:
    quest = goal("probe", When(reason="tcp.no-listener"), quest=True)
    game = Game([OPEN, quest])
    assert not done(game.tally, game.goals)
    game.connect()
    assert done(game.tally, game.goals)
    assert not done(game.tally, (quest,)), "nothing has to be done"
    assert not done(game.tally, ())


# Mistakes, hacks, scans


def test_a_mistake_belongs_to_whoever_made_it() -> None:
    game = Game()
    game.carry(SYN, *THERE)
    game.carry(SYN_ACK, *BACK)
    assert game.scan("client", WRONG).verdict is Verdict.STOPPED
    game.scan("client", ACK)
    game.scan("server", ACK)
    (number, place) = game.tally.mistakes("client")
    assert (number.reason, number.node, number.at) == ("tcp.ack-mismatch", "client", 7000)
    assert (place.reason, place.node, place.hack) == ("link.skipped-router", "server", "cable")
    assert not game.tally.mistakes("server")
    assert game.tally.hacks("client") == ("cable",)


def test_the_same_wrong_card_counts_once_until_something_else_was_scanned() -> None:
    game = Game()
    game.carry(SYN, *THERE)
    game.carry(SYN_ACK, *BACK)
    for _ in range(3):
        game.scan("client", WRONG, "card")
    game.do(Scanned(game.at, "badge-client", None, problem="card.damaged"))
    game.scan("client", WRONG, "card")
    assert len(game.mistakes("client")) == 1
    game.scan("client", WORSE, "card")
    assert len(game.mistakes("client")) == 2, "another mistake on the same card"
    game.scan("client", WRONG, "card")
    assert len(game.mistakes("client")) == 3
    assert game.tally.player("client").scans == 1 + 1 + 4 + 2


def test_forgiving_takes_away_the_last_mistake_only() -> None:
    game = Game()
    game.carry(SYN, *THERE)
    game.carry(SYN_ACK, *BACK)
    game.forgive("client")
    game.scan("client", WRONG)
    game.scan("client", f"{CLIENT} > {SERVER} SYN,FIN seq=101")
    assert game.mistakes("client") == ["tcp.ack-mismatch", "tcp.flags-impossible"]
    game.forgive("client")
    assert game.mistakes("client") == ["tcp.ack-mismatch"]
    game.forgive("client")
    game.forgive("client")
    assert game.mistakes("client") == []


def test_a_forged_reset_that_kills() -> None:
    game = Game(rules=free_rules())
    game.connect()
    forged = f"{SERVER} > {CLIENT} RST seq=301"
    assert game.scan("router", forged).forged
    assert game.tally.hacks("router") == ("spoofer",)
    assert game.scan("client", forged).verdict is Verdict.RST
    assert game.tally.hacks("router") == ("spoofer", "rst-attack")
    assert game.tally.hacks("client") == ()


def test_a_forged_reset_that_misses_is_no_attack() -> None:
    game = Game(rules=free_rules())
    game.connect()
    forged = f"{SERVER} > {CLIENT} RST seq=7777"
    game.scan("router", forged)
    assert game.scan("client", forged).verdict is Verdict.DROPPED
    assert game.tally.hacks("router") == ("spoofer",)


def test_forged_data_that_is_believed() -> None:
    """The server may not speak yet: it has not heard the ACK. But the client is established."""
    game = Game(rules=free_rules())
    game.carry(SYN, *THERE)
    game.carry(SYN_ACK, *BACK)
    game.scan("client", ACK)
    forged = f'{SERVER} > {CLIENT} ACK seq=301 ack=101 data="boo"'
    assert game.scan("router", forged).forged
    assert game.scan("client", forged).reason == "tcp.data-received"
    assert game.tally.hacks("router") == ("spoofer", "hijacker")
    game.undo("client")
    assert game.tally.hacks("router") == ("spoofer",)


def test_a_hack_is_earned_once() -> None:
    game = Game()
    for port in (40001, 40002):
        syn = f"10.0.1.2:{port} > {SERVER} SYN seq=100"
        game.scan("client", syn)
        game.scan("server", syn)
    assert game.tally.hacks("client") == ("cable",)
    assert len(game.mistakes("client")) == 2


# Undo, redo, rounds


def test_undo_takes_away_what_the_move_brought() -> None:
    game = Game([goal("sent", When(verdict=Verdict.SENT, at=EACH), "client", points=3)])
    empty = game.tally
    game.scan("client", SYN)
    after = game.tally
    game.undo("client")
    assert game.reached("sent", "client") is None
    assert (game.tally.times, game.tally.reached) == (empty.times, empty.reached)
    assert game.tally.player("client").scans == 0
    game.at += 50_000
    game.redo("client")
    assert game.tally == after, "and it was reached when it was reached first"


def test_undo_takes_away_a_mistake_that_moved_something() -> None:
    game = Game(rules=free_rules())
    game.carry(SYN, *THERE)
    game.carry(SYN_ACK, *BACK)
    assert game.scan("client", WRONG).verdict is Verdict.SENT
    assert game.mistakes("client") == ["tcp.ack-mismatch"]
    after = game.tally
    game.undo("client")
    assert game.mistakes("client") == []
    game.redo("client")
    assert game.tally == after


def test_what_was_forgiven_stays_forgiven() -> None:
    game = Game(rules=free_rules())
    game.carry(SYN, *THERE)
    game.carry(SYN_ACK, *BACK)
    game.scan("client", WRONG)
    game.forgive("client")
    after = game.tally
    game.undo("client")
    game.redo("client")
    assert game.tally == after
    assert game.mistakes("client") == []


def test_undo_takes_no_mistake_away_that_moved_nothing() -> None:
    game = Game()
    game.carry(SYN, *THERE)
    game.carry(SYN_ACK, *BACK)
    game.scan("client", WRONG)
    game.undo("client")
    assert game.mistakes("client") == ["tcp.ack-mismatch"]


def test_undo_of_nothing_changes_nothing() -> None:
    game = Game()
    game.scan("client", SYN)
    game.scan("router", SYN)
    before = game.tally
    game.undo("client")
    game.undo("server")
    game.redo("router")
    assert game.tally == before, "the router has acted on it"


def test_undo_makes_a_goal_unreached_that_needed_it() -> None:
    game = Game([goal("two", When(verdict=Verdict.SENT), count=2)])
    game.scan("client", SYN)
    game.scan("client", SYN.replace("40001", "40002"))
    assert game.reached("two") == 2000
    after = game.tally
    game.undo("client")
    assert (game.reached("two"), game.tally.count("two")) == (None, 1)
    game.redo("client")
    assert game.tally == after


def test_what_is_made_after_all_has_been_made_when_it_was() -> None:
    game = Game([goal("one", When(verdict=Verdict.SENT))], free_rules())
    game.scan("client", SYN)
    game.undo("client")
    assert game.scan("router", f"10.0.1.254:40001 > {SERVER} SYN seq=1").verdict is Verdict.SENT
    assert game.reached("one") == 2000
    game.redo("client")
    assert game.reached("one") == 1000, "at its own place"


def test_a_round_begins_afresh_and_keeps_what_was() -> None:
    game = Game([OPEN])
    game.connect()
    game.scan("client", SYN_ACK)
    over = game.tally
    game.round()
    assert not done(game.tally, game.goals)
    assert game.mistakes("client") == []
    (first,) = game.tally.earlier
    assert done(first, game.goals)
    assert (first.players, first.reached) == (over.players, over.reached)
    assert (game.tally.began, first.began) == (game.at, 0)
    game.connect()
    assert game.reached("open", "client") == 16_000
    assert game.tally.rounds == (first, game.tally)


# What holds for any course of play

CARDS = {
    "syn": SYN,
    "syn-2": SYN.replace("40001", "40002"),
    "knock": SYN.replace(":23", ":80"),
    "syn-ack": SYN_ACK,
    "ack": ACK,
    "wrong": WRONG,
    "worse": WORSE,
    "hello": HELLO,
    "rst": f"{SERVER} > {CLIENT} RST seq=301",
    "hijack": f'{SERVER} > {CLIENT} ACK seq=301 ack=101 data="boo"',
    "fin": f"{CLIENT} > {SERVER} FIN,ACK seq=101 ack=301",
}
NODES = ("client", "router", "server")
ALL = (
    goal("sent", When(verdict=Verdict.SENT, at=EACH), *NODES),
    goal("busy", When(verdict=Verdict.FORWARDED), count=3),
    OPEN,
    goal("heard", When(reason="tcp.syn-received", source=EACH), "client", after=("sent",)),
    goal("idle", When(idle=True, at=EACH), "client", "server", after=("sent",), count=2),
    goal("gone", When(state=State.CLOSED, at="client"), after=("open",)),
    goal("both", When(verdict=Verdict.DELIVERED, at="server", state=State.ESTABLISHED), after=("busy",), quest=True),
    goal("oops", When(verdict=Verdict.STOPPED, at=EACH), *NODES, quest=True, points=0),
)
AT = st.sampled_from([0, 0, 1000, 1000, 4000, 21_000])
WELL = [(node, card) for card, way in (("syn", THERE), ("syn-ack", BACK), ("ack", THERE)) for node in way]
STEPS = st.tuples(
    st.integers(0, 9),
    st.lists(
        st.tuples(AT, st.sampled_from(NODES), st.sampled_from([*CARDS, "forgive", "pass"]))
        | st.just((1000, "client", "round")),
        max_size=30,
    ),
)
RULES = st.sampled_from([handshake_rules(), free_rules(), short_lived_rules()])


def course(good: int, steps: list[tuple[int, str, str]]) -> list[Event]:
    """The beginning of a good handshake, then whatever comes."""
    at, events = 0, list[Event](Seated(0, f"badge-{node}", node) for node in NODES)
    for later, node, what in [(1000, *each) for each in WELL[:good]] + steps:
        at += later
        moves: dict[str, Event] = {
            "forgive": Forgiven(at, node),
            "pass": Passed(at),
            "round": RoundBegan(at),
        }
        events.append(moves[what] if what in moves else Scanned(at, f"badge-{node}", f"C-{what}", parse(CARDS[what])))
    return events


def replayed(rules: Rules, events: list[Event], goals: tuple[Goal, ...] = ALL) -> list[tuple[World, Tally]]:
    """World and tally at the start, and after each event."""
    world = new_world(rules, "seed")
    game = [(world, new_tally(world))]
    for event in events:
        before, t = game[-1]
        world, rulings = judge(before, event)
        game.append((world, tally(t, goals, event, before, world, rulings)))
    return game


def played(rules: Rules, events: list[Event], goals: tuple[Goal, ...] = ALL) -> list[Tally]:
    return [t for _, t in replayed(rules, events, goals)]


@given(RULES, STEPS)
@settings(max_examples=150, deadline=None)
def test_a_replay_gives_the_same_tally(rules: Rules, steps: tuple[int, list[tuple[int, str, str]]]) -> None:
    assert played(rules, course(*steps)) == played(rules, course(*steps))


@given(RULES, STEPS)
@settings(max_examples=200, deadline=None)
def test_undo_and_redo_is_as_if_nothing_had_been(rules: Rules, steps: tuple[int, list[tuple[int, str, str]]]) -> None:
    room = History(new_world(rules, "seed"), ALL)
    for event in course(*steps):
        room.take(event)
    after = room.tally
    for node in NODES:
        if undo(room, node):
            assert redo(room, node)
        assert room.tally == after


@given(RULES, STEPS)
@settings(max_examples=150, deadline=None)
def test_what_is_always_so(rules: Rules, steps: tuple[int, list[tuple[int, str, str]]]) -> None:
    by_id = {each.id: each for each in ALL}
    for event, t in zip([Passed(0), *course(*steps)], played(rules, course(*steps)), strict=True):
        for node in NODES:
            player = t.player(node)
            assert player.scans >= 0
            assert all(REASONS[mistake.reason].mistake for mistake in t.mistakes(node))
            assert len(set(t.hacks(node))) == len(t.hacks(node))
        for id, times in t.times.items():
            for earner, each in times.items():
                assert list(each) == sorted(each)
                assert 0 < len(each) <= by_id[id].count
                assert all(t.began <= at <= event.at for at in each)
                assert (t.reached_at(id, earner) is not None) == (len(each) == by_id[id].count)
        for id, earners in t.reached.items():
            assert earners
            assert set(earners) <= set(by_id[id].earners)
            assert all(t.times[id][earner][-1] == at for earner, at in earners.items())


@given(RULES, STEPS)
@settings(max_examples=100, deadline=None)
def test_an_old_tally_is_untouched_and_goals_change_no_mistakes(
    rules: Rules, steps: tuple[int, list[tuple[int, str, str]]]
) -> None:
    with_goals, without = played(rules, course(*steps)), played(rules, course(*steps), ())
    for one, other in zip(with_goals, without, strict=True):
        assert one.players == other.players
    assert with_goals[0] == Tally()


@given(RULES, STEPS)
@settings(max_examples=100, deadline=None)
def test_rounds_do_not_change_any_more(rules: Rules, steps: tuple[int, list[tuple[int, str, str]]]) -> None:
    seen: dict[int, Round] = {}
    for t in played(rules, course(*steps)):
        for number, each in enumerate(t.earlier):
            assert seen.setdefault(number, each) == each
