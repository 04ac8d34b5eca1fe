"""What holds for any course of a room: cards of all kinds, hops, time, teacher's moves, faults, steps of the engine."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from ipaddress import IPv4Address

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as changed

from cards.packet import Carries, Flags, Written
from cards.payload import Ink
from cards.seqnum import SeqNum
from hub.lessons import from_text
from hub.simulator import bots
from hub.simulator.events import (
    CardFound,
    CardLost,
    Event,
    FaultKind,
    FaultLifted,
    FaultSet,
    Forgiven,
    HandedOver,
    LinkTurned,
    Passed,
    Played,
    Restarted,
    RoundBegan,
    Scanned,
    Seated,
    TableSet,
)
from hub.simulator.facts import facts
from hub.simulator.history import History
from hub.simulator.hop import marked
from hub.simulator.reasons import REASONS
from hub.simulator.rules import Counting, Form, Rules, Timers
from hub.simulator.rules import Play as Mode
from hub.simulator.turns import CODES, turns
from hub.simulator.verdicts import Verdict
from hub.simulator.world import World, new_world
from hub.speech import help_with, help_with_turn, turn_text
from hub.texts import lacking
from tests.hub.test_people_icmp import CHAIN

NODES = ("ann", "r1", "r2", "ben", "wall")
LINKS = (("ann", "r1"), ("r1", "r2"), ("r2", "ben"))
CARDS = [f"C-{number}" for number in range(8)]
ADDRESSES = [IPv4Address(f"10.0.{text}") for text in ("1.2", "1.254", "2.254", "2.1", "2.9", "9.9")]
NUMBERS = st.sampled_from([0, 1, 2, 100, 101, 102, 103, 300, 301, 302, 0xFFFFFFFF]).map(SeqNum)


@cache
def chain() -> Rules:
    text = CHAIN.replace(
        "routes: {default: r1}}", "routes: {default: r1}, tasks: [{open: '10.0.2.1:23'}, {say: hi}, close]}"
    )
    return from_text(text, "chain").rules


RULES = st.builds(
    lambda counting, mode, form, again: replace(
        chain(), counting=counting, play=mode, form=form, timers=Timers(again, 20_000, 60_000)
    ),
    st.sampled_from(Counting),
    st.sampled_from(Mode),
    st.sampled_from([Form(), Form(seq=True, ack=True, ttl=4, next_hop=True)]),
    st.sampled_from([None, 90_000]),
)
ANYTHING = st.builds(
    Written,
    src=st.none() | st.sampled_from(ADDRESSES),
    dst=st.none() | st.sampled_from(ADDRESSES),
    sport=st.none() | st.sampled_from([0, 23, 80, 40001, 33434]),
    dport=st.none() | st.sampled_from([0, 23, 80, 40001, 33434]),
    flags=st.none() | st.integers(0, 63).map(Flags),
    seq=st.none() | NUMBERS,
    ack=st.none() | NUMBERS,
    window=st.none() | st.sampled_from([0, 4, 65535]),
    payload=st.none() | st.sampled_from([b"", b"hi", Ink(3)]),
    ttl=st.none() | st.integers(0, 5),
    next_hop=st.none() | st.sampled_from([*NODES, "R1", "R2", "nobody"]),
    carries=st.just(Carries.TCP) | st.sampled_from(Carries),
)
LINK = st.sampled_from(LINKS)
NODE = st.sampled_from(NODES)
CARD = st.sampled_from([*CARDS, "HUB-1", "HUB-2"])
MOVES = st.one_of(
    st.builds(FaultSet, st.just(0), st.sampled_from("fg"), st.sampled_from(FaultKind), LINK, st.just(1) | st.none()),
    st.builds(FaultLifted, st.just(0), st.sampled_from("fg")),
    st.builds(LinkTurned, st.just(0), LINK, st.booleans()),
    st.builds(CardLost, st.just(0), CARD),
    st.builds(CardFound, st.just(0), CARD),
    st.builds(Restarted, st.just(0), NODE, NODE),
    st.builds(HandedOver, st.just(0), NODE, st.booleans()),
    st.builds(Forgiven, st.just(0), NODE),
    st.builds(TableSet, st.just(0), st.sampled_from(["r1", "r2"]), st.just((("default", "r1"),))),
    st.builds(TableSet, st.just(0), st.just("r1"), st.just((("10.0.2.0/24", "r2"),))),
    st.builds(Seated, st.just(0), st.sampled_from(["x", "badge-ann"]), NODE | st.none(), st.just(())),
    st.builds(Seated, st.just(0), st.just("table"), st.just("ann"), st.just(("r1", "r2", "ben"))),
    st.builds(RoundBegan, st.just(0)),
    st.builds(Passed, st.just(0)),
)
# What somebody does next: shows any card anywhere, carries a card on to where it is due, or does what is their turn.
STEP = st.one_of(
    st.tuples(st.just("show"), NODE | st.sampled_from(["x", "table"]), CARD, ANYTHING),
    st.tuples(st.just("carry"), st.integers(0, 5)),
    st.tuples(st.just("carry"), st.integers(0, 5)),
    st.tuples(st.just("turn"), st.integers(0, 5), CARD),
    st.tuples(st.just("turn"), st.integers(0, 5), CARD),
    st.tuples(st.just("engine"), NODE),
    st.tuples(st.just("teach"), MOVES),
)
COURSE = st.lists(st.tuples(st.sampled_from([0, 1000, 1000, 25_000, 95_000]), STEP), max_size=25)


def event_of(world: World, at: int, step: tuple[object, ...]) -> Event | None:
    """A step as an event of this moment; None when there is nothing to do."""
    match step:
        case ("show", str(node), str(card), Written() as written):
            return Scanned(at, node if node in ("x", "table") else f"badge-{node}", card, written)
        case ("carry", int(number)):
            due = [card for node in NODES for card in world.due_at.get(node, ())]
            if not due:
                return None
            instance = world.instances[due[number % len(due)]]
            assert instance.due is not None
            card = f"P-{number}" if not instance.paper else instance.card
            return Scanned(at, f"badge-{instance.due}", card, marked(world, instance.due, instance))
        case ("turn", int(number), str(card)):
            owed = [each for node in NODES for each in turns(world, node) if each.card is None]
            chosen = owed[number % len(owed)] if owed else None
            answer = None if chosen is None else bots.answer(world, chosen, at_once=True)
            return None if chosen is None or answer is None else Scanned(at, f"badge-{chosen.node}", card, answer)
        case ("engine", str(node)):
            return bots.step(world, node)
        case ("teach", move):
            return changed(move, at=at)  # type: ignore[type-var, return-value]
    raise AssertionError(step)


def course(rules: Rules, steps: list[tuple[int, tuple[object, ...]]]) -> list[tuple[Event, History]]:
    room = History(new_world(rules, "seed"))
    for node in NODES:
        room.take(Seated(0, f"badge-{node}", node))
    at, events = 0, []
    for later, step in steps:
        at += later
        room.take(Passed(at))
        event = event_of(room.world, at, step)
        if event is not None:
            events.append((event, room))
            check(room, event)
    return events


def check(room: History, event: Event) -> None:
    """Everything that must hold of one event."""
    before = room.world
    rulings = room.take(event)
    world = room.world
    assert len(rulings) == isinstance(event, Scanned | Played)
    for ruling in rulings:
        assert ruling.reason in REASONS
        assert ruling.charged is None or ruling.charged in NODES
        assert not lacking(ruling.reason, facts(world.rules, ruling)), ruling
        help_ = help_with(world.rules, ruling)
        assert help_ is None or not help_.answer.endswith("-"), ruling
        if isinstance(event, Played):
            assert ruling.charged is None, ruling
        if ruling.verdict in (Verdict.STOPPED, Verdict.UNREAD):
            assert before.nodes == world.nodes, ruling
    for node in NODES:
        for owed in turns(world, node):
            assert owed.code in CODES
            assert owed.since <= world.at
            turn_text(owed)
            help_with_turn(world, owed)
    due = {card: node for node, cards in world.due_at.items() for card in cards}
    assert due == {card: instance.due for card, instance in world.instances.items() if instance.due is not None}
    for instance in world.instances.values():
        assert instance.due is None or not instance.lost
    owing = {
        (id, debt)
        for id, node in world.nodes.items()
        for debt in (*node.host.owing, *node.host.resets, *node.host.outbox, *(sent.packet for sent in node.owed))
    }
    assert set(world.since) == owing


@given(RULES, COURSE)
@settings(max_examples=250, deadline=None)
def test_any_course(rules: Rules, steps: list[tuple[int, tuple[object, ...]]]) -> None:
    course(rules, steps)


@given(RULES, COURSE)
@settings(max_examples=60, deadline=None)
def test_a_replay_gives_an_equal_world(rules: Rules, steps: list[tuple[int, tuple[object, ...]]]) -> None:
    events = course(rules, steps)
    if not events:
        return
    again = History(new_world(rules, "seed"))
    for node in NODES:
        again.take(Seated(0, f"badge-{node}", node))
    for event, _ in events:
        again.take(event)
    room = events[0][1]
    again.take(Passed(room.world.at))
    assert again.world == room.world
