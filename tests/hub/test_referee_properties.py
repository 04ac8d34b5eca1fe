"""What holds for any course of play."""

from __future__ import annotations

from ipaddress import IPv4Address

from hypothesis import given, settings
from hypothesis import strategies as st

from cards.packet import Flags, Written
from cards.payload import Ink
from cards.seqnum import SeqNum
from hub.simulator import admission
from hub.simulator.events import Event, RoundBegan, Scanned, Seated
from hub.simulator.facts import facts
from hub.simulator.reasons import REASONS
from hub.simulator.referee import judge
from hub.simulator.rules import Counting, Rules
from hub.simulator.rules import Play as Mode
from hub.simulator.turns import stuck, turn
from hub.simulator.verdicts import Verdict
from hub.simulator.world import World, new_world
from hub.texts import lacking
from tests.hub.play import handshake_rules, with_rules

ADDRESSES = st.sampled_from([IPv4Address(text) for text in ("10.0.1.1", "10.0.1.2", "10.0.1.254", "10.9.9.9")])
PORTS = st.sampled_from([0, 23, 80, 40001, 40002])
NUMBERS = st.sampled_from([0, 99, 100, 101, 102, 300, 301, 302, 0xFFFFFFFF]).map(SeqNum)
FLAGS = st.sampled_from(
    [Flags.SYN, Flags.SYN | Flags.ACK, Flags.ACK, Flags.ACK, Flags.FIN | Flags.ACK, Flags.RST, Flags.RST | Flags.ACK]
) | st.integers(0, 63).map(Flags)
PAYLOADS = st.sampled_from([b"", b"", b"hi", Ink(3)])
NODES = st.sampled_from(["client", "router", "server"])


ABSENT = st.none()
WRITTEN = st.builds(
    Written,
    src=ADDRESSES | ABSENT,
    dst=ADDRESSES | ABSENT,
    sport=PORTS | ABSENT,
    dport=PORTS | ABSENT,
    flags=FLAGS | ABSENT,
    seq=NUMBERS | ABSENT,
    ack=NUMBERS | ABSENT,
    window=st.sampled_from([0, 1, 65535]) | ABSENT,
    payload=PAYLOADS | ABSENT,
    ttl=st.sampled_from([0, 1, 64]) | ABSENT,
    next_hop=NODES | ABSENT,
)
# Packets of the lesson's own connection, so that play gets somewhere.
LIKELY = st.builds(
    lambda out, flags, seq, ack, data: Written(
        IPv4Address("10.0.1.2" if out else "10.0.1.1"),
        IPv4Address("10.0.1.1" if out else "10.0.1.2"),
        40001 if out else 23,
        23 if out else 40001,
        flags,
        seq,
        ack if Flags.ACK in flags else None,
        payload=data,
    ),
    st.booleans(),
    FLAGS,
    NUMBERS | ABSENT,
    NUMBERS | ABSENT,
    PAYLOADS,
)
CARDS = st.sampled_from([f"H-{number}" for number in range(6)])
SCANS = st.tuples(NODES, CARDS, WRITTEN | LIKELY | LIKELY)
STEPS = st.lists(SCANS | SCANS | SCANS | st.just(None), max_size=25)
RULES = st.builds(
    lambda counting, mode: with_rules(counting=counting, play=mode), st.sampled_from(Counting), st.sampled_from(Mode)
)


def events(steps: list[tuple[str, str, Written] | None]) -> list[Event]:
    course: list[Event] = [Seated(0, f"badge-{node}", node) for node in ("client", "router", "server")]
    for number, step in enumerate(steps):
        at = number * 7000
        course.append(RoundBegan(at) if step is None else Scanned(at, f"badge-{step[0]}", step[1], step[2]))
    return course


FORGERIES = ("ip.spoofed-source", "ip.replayed")


def resets(world: World) -> dict[str, object]:
    return {id: node.host.resets for id, node in world.nodes.items()}


@given(RULES, STEPS)
@settings(max_examples=300, deadline=None)
def test_every_scan_gets_exactly_one_known_verdict(rules: Rules, steps: list[tuple[str, str, Written] | None]) -> None:
    world = new_world(rules, "seed")
    for event in events(steps):
        world, rulings = judge(world, event)
        assert len(rulings) == isinstance(event, Scanned)
        for ruling in rulings:
            assert ruling.reason in REASONS
            assert not lacking(ruling.reason, facts(rules, ruling)), ruling
        for node in rules.nodes:
            turn(world, node.id)
            list(stuck(world, 0))


@given(RULES, STEPS)
@settings(max_examples=200, deadline=None)
def test_the_same_events_give_the_same_world(rules: Rules, steps: list[tuple[str, str, Written] | None]) -> None:
    def play() -> tuple[World, list[object]]:
        world = new_world(rules, "seed")
        said: list[object] = []
        for event in events(steps):
            world, rulings = judge(world, event)
            said.append(rulings)
        return world, said

    assert play() == play()


@given(RULES, STEPS)
@settings(max_examples=200, deadline=None)
def test_what_is_not_admissible_moves_nobody(rules: Rules, steps: list[tuple[str, str, Written] | None]) -> None:
    world = new_world(rules, "seed")
    for event in events(steps):
        before = world
        world, rulings = judge(world, event)
        for ruling in rulings:
            if ruling.verdict in (Verdict.STOPPED, Verdict.UNREAD) or ruling.reason in FORGERIES:
                if ruling.verdict is not Verdict.SENT:
                    assert dict(world.instances) == dict(before.instances)
                assert resets(world) == resets(before)
                moved = [n for n in world.nodes if world.nodes[n] != before.nodes[n]]
                assert not moved or before.alarms.next is not None, "only a timer may have changed a host"


@given(STEPS)
@settings(max_examples=200, deadline=None)
def test_ttl_falls_at_every_hop_and_paths_end(steps: list[tuple[str, str, Written] | None]) -> None:
    world = new_world(handshake_rules(), "seed")
    for event in events(steps):
        before = world
        world, rulings = judge(world, event)
        for ruling in rulings:
            if ruling.verdict is Verdict.FORWARDED and not ruling.repeated:
                assert ruling.card is not None
                assert ruling.packet is not None
                assert ruling.packet.ttl == before.instances[ruling.card].packet.ttl - 1


@given(STEPS)
@settings(max_examples=100, deadline=None)
def test_an_old_world_is_untouched(steps: list[tuple[str, str, Written] | None]) -> None:
    world = new_world(handshake_rules(), "seed")
    kept, copies = [], []
    for event in events(steps):
        kept.append(world)
        copies.append((dict(world.nodes), dict(world.instances), dict(world.due_at), world.alarms, world.at))
        world, _ = judge(world, event)
    for old, copy in zip(kept, copies, strict=True):
        assert (dict(old.nodes), dict(old.instances), dict(old.due_at), old.alarms, old.at) == copy


@given(RULES, STEPS)
@settings(max_examples=200, deadline=None)
def test_a_host_knows_what_it_owes(rules: Rules, steps: list[tuple[str, str, Written] | None]) -> None:
    world = new_world(rules, "seed")
    for event in events(steps):
        world, _ = judge(world, event)
        for host in (node.host for node in world.nodes.values()):
            assert set(host.owing) == {
                pair for pair, c in host.connections.items() if c.owes_syn or c.owes_ack or c.owes_resend
            }
            assert len(set(host.owing)) == len(host.owing)
            assert set(host.latest) <= set(host.connections)
            owed = {move.pair for move in admission.owed(host)}
            assert owed == {*host.owing, *(pair for pair, _ in host.resets)}
