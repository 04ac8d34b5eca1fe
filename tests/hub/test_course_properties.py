"""What holds for any course of a room: cards of all kinds, hops, time, teacher's moves, faults, steps of the engine."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from ipaddress import IPv4Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as changed

from cards.packet import Carries, Flags, Written
from cards.payload import Ink
from cards.seqnum import SeqNum
from hub.lessons import from_text
from hub.simulator import admission, bots
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
SLIP = st.one_of(
    st.tuples(st.sampled_from(["seq", "ack"]), st.sampled_from([-1, 1, 100])),
    st.tuples(st.just("flags"), st.sampled_from([Flags.SYN, Flags.ACK, Flags.FIN | Flags.ACK, Flags.RST])),
    st.tuples(st.just("payload"), st.sampled_from([b"", b"hi", Ink(3)])),
    st.tuples(st.sampled_from(["sport", "dport"]), st.sampled_from([None, 23, 40001])),
    st.tuples(st.sampled_from(["src", "dst"]), st.sampled_from([None, *ADDRESSES])),
)
# What somebody does next: shows any card anywhere, carries a card on to where it is due, does what is their turn, or
# nearly: with one field that is wrong, or at the wrong node; or says so what was said before, when nobody has a turn.
STEP = st.one_of(
    st.tuples(st.just("show"), NODE | st.sampled_from(["x", "table"]), CARD, ANYTHING),
    st.tuples(st.just("carry"), st.integers(0, 5)),
    st.tuples(st.just("carry"), st.integers(0, 5)),
    st.tuples(st.just("turn"), st.integers(0, 5), CARD),
    st.tuples(st.just("turn"), st.integers(0, 5), CARD),
    st.tuples(st.just("slip"), st.integers(0, 5), CARD, NODE | st.none(), SLIP),
    st.tuples(st.just("slip"), st.integers(0, 5), CARD, NODE | st.none(), SLIP),
    st.tuples(st.just("engine"), NODE),
    st.tuples(st.just("teach"), MOVES),
)
STEPS = st.lists(st.tuples(st.sampled_from([0, 1000, 1000, 25_000, 95_000]), STEP), min_size=6, max_size=25)
BEGUN = 24
"""Scans in which Ann has opened a connection, said what she wanted and closed, when nobody makes a mistake."""
COURSE = st.builds(
    lambda begun, steps: [(1000, ("go-on",))] * begun + steps, st.integers(0, BEGUN) | st.just(12), STEPS
)
Course = list[tuple[int, tuple[object, ...]]]


def event_of(world: World, at: int, step: tuple[object, ...]) -> Event | None:
    """A step as an event of this moment; None when there is nothing to do."""
    match step:
        case ("show", str(node), str(card), Written() as written):
            return Scanned(at, node if node in ("x", "table") else f"badge-{node}", card, written)
        case ("carry", int(number)):
            return carried(world, at, number)
        case ("turn", int(number), str(card)):
            return answered(world, at, number, card)
        case ("go-on",):
            return carried(world, at, 0) or answered(world, at, 0, f"P-{at}")
        case ("slip", int(number), str(card), node, (str(field), value)):
            right = answered(world, at, number, card) or written_anew(world, at, number, card)
            if right is None:
                return None
            assert right.written is not None
            there = getattr(right.written, field)
            if field in ("seq", "ack"):
                assert isinstance(value, int)
                value = SeqNum(0) if there is None else there + value
            wrong = changed(right.written, **{field: value})
            return changed(right, badge=right.badge if node is None else f"badge-{node}", written=wrong)
        case ("engine", str(node)):
            return bots.step(world, node)
        case ("teach", move):
            return changed(move, at=at)  # type: ignore[type-var, return-value]
    raise AssertionError(step)


def carried(world: World, at: int, number: int) -> Scanned | None:
    """One of the cards that are due, marked rightly, where it is due."""
    due = [card for node in NODES for card in world.due_at.get(node, ())]
    if not due:
        return None
    instance = world.instances[due[number % len(due)]]
    assert instance.due is not None
    card = f"P-{number}" if not instance.paper else instance.card
    return Scanned(at, f"badge-{instance.due}", card, marked(world, instance.due, instance))


def answered(world: World, at: int, number: int, card: str) -> Scanned | None:
    """One of the cards that somebody has to write, at its sender."""
    owed = [each for node in NODES for each in turns(world, node) if each.card is None]
    chosen = owed[number % len(owed)] if owed else None
    answer = None if chosen is None else bots.answer(world, chosen, at_once=True)
    return None if chosen is None or answer is None else Scanned(at, f"badge-{chosen.node}", card, answer)


def written_anew(world: World, at: int, number: int, card: str) -> Scanned | None:
    """A card that says what another has said before, at the sender of that one."""
    said = sorted(world.instances.values(), key=lambda each: (each.since, each.card))
    chosen = said[-1 - number % len(said)] if said else None
    return None if chosen is None else Scanned(at, f"badge-{chosen.path[0]}", card, chosen.said)


def seats(rules: Rules) -> History:
    """A room of a lesson, with a badge at every node."""
    room = History(new_world(rules, "seed"))
    for node in NODES:
        room.take(Seated(0, f"badge-{node}", node))
    return room


def course(rules: Rules, steps: Course) -> tuple[History, list[Event]]:
    """A room after a course, and what has happened in it; all that must hold of each event has held."""
    room, at, events = seats(rules), 0, list[Event]()
    for later, step in steps:
        at += later
        room.take(Passed(at))
        event = event_of(room.world, at, step)
        if event is not None:
            events.append(event)
            check(room, event)
    return room, events


FORGERIES = ("ip.spoofed-source", "ip.replayed")
ADMITTED = ("tcp.no-room-to-count",)
"""What may be sent, although it is unwise."""


def check(room: History, event: Event) -> None:
    """Everything that must hold of one event."""
    before = room.world
    snapshot = dict(before.nodes), dict(before.instances), dict(before.due_at), before.alarms, before.at
    rulings = room.take(event)
    world = room.world
    assert (dict(before.nodes), dict(before.instances), dict(before.due_at), before.alarms, before.at) == snapshot
    assert len(rulings) == isinstance(event, Scanned | Played)
    for ruling in rulings:
        assert ruling.reason in REASONS
        assert ruling.charged is None or ruling.charged in NODES
        assert not lacking(ruling.reason, facts(world.rules, ruling)), ruling
        help_ = help_with(world.rules, ruling)
        assert help_ is None or not help_.answer.endswith("-"), ruling
        if isinstance(event, Played):
            assert ruling.charged is None, ruling
        if ruling.verdict in (Verdict.STOPPED, Verdict.UNREAD) or ruling.reason in FORGERIES:
            assert (world.nodes, world.progress) == (before.nodes, before.progress), ruling
            if ruling.verdict is not Verdict.SENT:
                assert ways(world) == ways(before), ruling
        if ruling.verdict is Verdict.SENT and ruling.charged is not None and ruling.reason not in ADMITTED:
            assert (world.nodes, world.progress) == (before.nodes, before.progress), "a mistake moves no engine"
        came = None if ruling.card is None else before.instances.get(ruling.card)
        if ruling.verdict is Verdict.FORWARDED and not ruling.repeated and came is not None:
            assert ruling.packet is not None
            assert ruling.packet.ttl == came.packet.ttl - 1, ruling
    for node in NODES:
        for owed in turns(world, node):
            assert owed.code in CODES
            assert owed.since <= world.at
            turn_text(world.rules, owed)
            help_with_turn(world, owed)
    due = {card: node for node, cards in world.due_at.items() for card in cards}
    assert due == {card: instance.due for card, instance in world.instances.items() if instance.due is not None}
    for instance in world.instances.values():
        assert instance.due is None or not instance.lost
    for host in (node.host for node in world.nodes.values()):
        assert set(host.owing) == {p for p, c in host.connections.items() if c.owes_syn or c.owes_ack or c.owes_resend}
        assert len(set(host.owing)) == len(host.owing)
        assert set(host.latest) <= set(host.connections)
        assert {move.pair for move in admission.owed(host)} == {*host.owing, *(pair for pair, _ in host.resets)}
    owing = {
        (id, debt)
        for id, node in world.nodes.items()
        for debt in (*node.host.owing, *node.host.resets, *node.host.outbox, *(sent.packet for sent in node.owed))
    }
    assert set(world.since) == owing


def ways(world: World) -> list[tuple[str, ...]]:
    """Where all cards have been."""
    return sorted(instance.path for instance in world.instances.values())


@given(RULES, COURSE)
@settings(max_examples=250, deadline=None)
def test_any_course(rules: Rules, steps: Course) -> None:
    course(rules, steps)


@given(RULES, COURSE)
@settings(max_examples=60, deadline=None)
def test_a_replay_gives_an_equal_world(rules: Rules, steps: Course) -> None:
    room, events = course(rules, steps)
    again = seats(rules)
    for event in events:
        again.take(event)
    again.take(Passed(room.world.at))
    assert (again.world, again.tally) == (room.world, room.tally)


@pytest.mark.parametrize("counting", Counting)
def test_who_makes_no_mistake_has_opened_said_and_closed_in_so_many_scans(counting: Counting) -> None:
    room, _ = course(replace(chain(), counting=counting), [(1000, ("go-on",))] * BEGUN)
    assert [state.name for state in (c.state for c in room.world.host("ben").connections.values())] == ["CLOSE_WAIT"]
