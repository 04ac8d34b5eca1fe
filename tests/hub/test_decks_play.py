"""The decks that come along are what they say: the referee takes each of their packets, in order."""

from __future__ import annotations

import pytest

from cards.deck import load
from cards.notation import write
from hub.lessons import load as lesson
from hub.simulator.states import State
from tests.hub.play import Play, handshake_rules

HOSTS = {"10.0.1.1": "server", "10.0.1.2": "client"}


def carried(room: Play, deck: str) -> list[str]:
    """Each card scanned at its sender, at the router and at its receiver: the reason that its last node gives."""
    reasons = []
    for each in load(deck).cards:
        packet, id = each.card.packet, str(each.card.id)
        line = write(packet)
        for node in (HOSTS[str(packet.src)], "router", HOSTS[str(packet.dst)]):
            ruling = room.scan(node, line, id)
            assert ruling.verdict.value not in ("stopped", "unread"), (line, node, ruling.reason)
            if ruling.goes_to is None:
                break
        reasons.append(ruling.reason)
    return reasons


def test_hello_is_a_conversation_from_the_handshake_to_the_close() -> None:
    room = Play(handshake_rules())
    carried(room, "hello")
    (client,) = room.world.host("client").connections.values()
    assert client.state is State.TIME_WAIT
    assert not room.world.host("server").connections


def test_refused_knocks_at_closed_ports_and_at_an_open_one() -> None:
    assert carried(Play(handshake_rules()), "refused") == [
        "tcp.no-listener",
        "tcp.connection-refused",
        "tcp.no-listener",
        "tcp.connection-refused",
        "tcp.syn-received",
        "tcp.syn-acked",
    ]


def test_ping_is_answered_and_dies_at_the_first_router_when_its_ttl_is_spent() -> None:
    assert carried(Play(lesson("handshake").rules), "ping") == [
        "icmp.echo",
        "icmp.echo-reply",
        "icmp.echo",
        "icmp.echo-reply",
        "ip.ttl-expired",
    ]


@pytest.mark.parametrize("deck", ["hello", "refused", "ping"])
def test_decks_are_for_the_first_lesson(deck: str) -> None:
    addresses = {str(node.address) for node in handshake_rules().nodes}
    assert {str(each.card.packet.src) for each in load(deck).cards} <= addresses
