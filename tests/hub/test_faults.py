"""What links do to packets: by hand, by a rate with a seed; each visible, each reversible."""

from __future__ import annotations

import pytest

from hub.lessons import from_text
from hub.simulator.events import CardFound, CardLost, FaultKind, FaultLifted, FaultSet, LinkTurned, RoundBegan
from hub.simulator.states import State
from hub.simulator.turns import turn
from hub.simulator.verdicts import Ruling
from tests.hub.play import ACK, CLIENT, SERVER, SYN, SYN_ACK, Play, established
from tests.hub.test_people_icmp import CHAIN

LAST = ("router", "server")
FIRST = ("client", "router")


def faulty(kind: FaultKind, link: tuple[str, str], *, count: int | None = 1, rate: float = 1.0) -> Play:
    play = Play()
    play.do(FaultSet(0, "f", kind, link, count, rate, 30))
    return play


def said(ruling: Ruling) -> tuple[str, str]:
    return ruling.verdict.value, ruling.reason


def test_a_packet_that_the_last_link_loses_ends_at_the_router() -> None:
    play = faulty(FaultKind.LOSE, LAST)
    play.scan("client", SYN)
    lost = play.scan("router", SYN)
    assert (*said(lost), lost.charged, lost.goes_to) == ("dropped", "fault.lost", None, None)
    assert play.state("client") == [State.SYN_SENT], "its sender has sent it, and knows nothing"
    assert not play.world.faults, "it was to lose one packet"
    assert turn(play.world, "server") is None, "nobody waits for a card that never comes"


def test_a_packet_that_the_first_link_loses_is_noticed_by_its_carrier_not_by_its_sender() -> None:
    play = faulty(FaultKind.LOSE, FIRST)
    assert said(play.scan("client", SYN)) == ("sent", "tcp.syn-sent")
    assert said(play.scan("router", SYN)) == ("dropped", "fault.lost")
    again = play.scan("router", SYN)
    assert again.repeated


def test_a_card_from_the_drop_box_is_told_so_and_its_sender_may_send_it_again() -> None:
    play = faulty(FaultKind.LOSE, LAST)
    play.carry(SYN, "client", "router")
    spent = play.scan("server", SYN)
    assert (*said(spent), spent.charged) == ("dropped", "card.lost", None)
    assert said(play.scan("client", SYN)) == ("sent", "tcp.retransmitted")
    assert play.carry(SYN, "router", "server") == ["forwarded", "delivered"]


def test_a_slow_link_lets_a_card_go_after_its_time() -> None:
    play = faulty(FaultKind.DELAY, LAST)
    play.scan("client", SYN)
    slow = play.scan("router", SYN)
    assert (*said(slow), slow.params["seconds"]) == ("forwarded", "fault.delayed", "30")
    early = play.scan("server", SYN)
    assert (*said(early), early.charged) == ("stopped", "fault.wait", None)
    waiting = turn(play.world, "server")
    assert waiting is not None
    assert (waiting.code, waiting.until) == ("wait-cards", 32_000)
    play.at = 32_000
    assert play.carry(SYN, "server") == ["delivered"]


def test_a_slow_link_to_a_router_holds_the_card_at_the_router() -> None:
    play = faulty(FaultKind.DELAY, FIRST)
    play.scan("client", SYN)
    assert said(play.scan("router", SYN)) == ("stopped", "fault.wait")
    assert said(play.scan("router", SYN)) == ("stopped", "fault.wait"), "one packet meets a fault once"
    play.at += 30_000
    assert play.carry(SYN, "router", "server") == ["forwarded", "delivered"]


def test_a_link_that_doubles_makes_a_card_arrive_twice() -> None:
    play = faulty(FaultKind.DUPLICATE, LAST)
    play.carry(SYN, "client")
    assert said(play.scan("router", SYN)) == ("forwarded", "fault.duplicated")
    assert play.carry(SYN, "server") == ["delivered"]
    twice = play.scan("server", SYN)
    assert (*said(twice), twice.repeated) == ("dropped", "tcp.duplicate", False)
    assert play.scan("server", SYN).repeated, "it was doubled once"


def test_what_one_link_has_doubled_another_can_lose() -> None:
    play = Play(from_text(CHAIN, "chain").rules)
    play.do(FaultSet(0, "twice", FaultKind.DUPLICATE, ("ann", "r1")))
    play.do(FaultSet(0, "gone", FaultKind.LOSE, ("r1", "r2")))
    syn = "10.0.1.2:40001 > 10.0.2.1:23 SYN seq=100 ttl=64"
    assert play.carry(syn, "ann", "r1") == ["sent", "forwarded"]
    assert said(play.scan("r2", syn)) == ("dropped", "fault.lost")
    assert not play.world.faults


def test_the_second_of_two_that_have_arrived_crosses_no_link() -> None:
    play = Play(from_text(CHAIN, "chain").rules)
    play.do(FaultSet(0, "twice", FaultKind.DUPLICATE, ("ann", "r1")))
    ping = "10.0.1.2 > 10.0.1.254 ECHO ttl=64"
    assert play.carry(ping, "ann", "r1") == ["sent", "delivered"]
    play.do(FaultSet(play.at, "gone", FaultKind.LOSE, ("ann", "r1")))
    assert play.carry(ping, "r1") == ["delivered"]
    assert set(play.world.faults) == {"gone"}


def test_a_packet_is_overtaken_by_the_next() -> None:
    play = established()
    play.do(FaultSet(play.at, "f", FaultKind.REORDER, LAST, 1, 1.0, 30))
    one, two = (f'{CLIENT} > {SERVER} ACK seq={seq} ack=301 data="abc"' for seq in (101, 104))
    play.carry(one, "client")
    assert said(play.scan("router", one)) == ("forwarded", "fault.reordered")
    assert said(play.scan("server", one)) == ("stopped", "fault.overtake")
    play.carry(two, "client", "router")
    assert said(play.scan("server", two)) == ("delivered", "tcp.out-of-order")
    filled = play.scan("server", one)
    assert (*said(filled), filled.params["read"]) == ("delivered", "tcp.data-received", "6")


def test_nobody_waits_for_ever_to_be_overtaken() -> None:
    play = faulty(FaultKind.REORDER, LAST)
    play.carry(SYN, "client", "router")
    play.at += 30_000
    assert play.carry(SYN, "server") == ["delivered"]


def test_a_packet_that_was_corrupted_is_thrown_away_by_its_receiver() -> None:
    play = faulty(FaultKind.CORRUPT, FIRST)
    assert play.carry(SYN, "client", "router") == ["sent", "forwarded"], "routers do not look into it"
    assert said(play.scan("server", SYN)) == ("dropped", "tcp.bad-checksum")
    assert play.state("server") == []
    assert play.carry(SYN, "client", "router", "server") == ["sent", "forwarded", "delivered"]


def test_a_fault_with_a_rate_is_luck_that_a_replay_repeats() -> None:
    def fates() -> list[str]:
        play = faulty(FaultKind.LOSE, LAST, count=None, rate=0.5)
        return [play.carry(f"10.0.1.2:{port} > {SERVER} SYN seq=100", "client", "router")[1] for port in range(1, 60)]

    assert fates() == fates()
    assert 15 < fates().count("dropped") < 45


def test_a_fault_that_is_lifted_does_nothing_any_more() -> None:
    play = faulty(FaultKind.LOSE, LAST, count=None)
    assert play.carry(SYN, "client", "router") == ["sent", "dropped"]
    play.do(FaultLifted(play.at, "f"))
    assert play.carry(SYN, "client", "router", "server") == ["sent", "forwarded", "delivered"]


def test_faults_belong_to_the_room_and_outlive_a_round() -> None:
    play = faulty(FaultKind.LOSE, LAST, count=None)
    play.do(RoundBegan(play.at))
    assert set(play.world.faults) == {"f"}


def test_a_card_is_lost_and_found_by_hand() -> None:
    play = Play()
    play.carry(SYN, "client", "router")
    card = next(iter(play.world.instances))
    play.do(CardLost(play.at, card))
    assert turn(play.world, "server") is None
    assert said(play.scan("server", SYN)) == ("dropped", "card.lost")
    play.do(CardFound(play.at, card))
    assert play.carry(SYN, "server") == ["delivered"]


@pytest.mark.parametrize("nonsense", ["X-9", "T-0"])
def test_a_card_that_is_not_there_cannot_be_lost(nonsense: str) -> None:
    play = Play()
    before = play.world
    play.do(CardLost(0, nonsense))
    play.do(CardFound(0, nonsense))
    assert play.world == before


def test_a_link_that_is_down_lets_nothing_leave() -> None:
    play = Play()
    play.do(LinkTurned(0, FIRST, up=False))
    ruling = play.scan("client", SYN)
    assert (*said(ruling), ruling.charged) == ("stopped", "link.down", None)
    assert play.state("client") == []
    play.do(LinkTurned(0, FIRST, up=True))
    assert play.carry(SYN, "client") == ["sent"]


def test_a_router_cannot_forward_over_a_link_that_is_down_and_owes_icmp() -> None:
    play = Play()
    play.do(LinkTurned(0, LAST, up=False))
    play.carry(SYN, "client")
    assert said(play.scan("router", SYN)) == ("dropped", "link.down")
    owed = turn(play.world, "router")
    assert owed is not None
    assert (owed.code, owed.flags, owed.peer) == ("report", "HOST-UNREACHABLE", "Client")


def test_what_is_on_a_link_when_it_goes_down_is_lost_and_can_be_found() -> None:
    play = Play()
    play.carry(SYN, "client", "router")
    play.do(LinkTurned(play.at, LAST, up=False))
    assert said(play.scan("server", SYN)) == ("dropped", "link.down")
    play.do(LinkTurned(play.at, LAST, up=True))
    assert said(play.scan("server", SYN))[0] == "dropped", "it is lost"
    play.do(CardFound(play.at, next(iter(play.world.instances))))
    assert play.carry(SYN, "server") == ["delivered"]


def test_a_doubled_ack_changes_nothing() -> None:
    play = Play()
    play.carry(SYN, "client", "router", "server")
    play.carry(SYN_ACK, "server", "router", "client")
    play.do(FaultSet(play.at, "f", FaultKind.DUPLICATE, LAST))
    play.carry(ACK, "client", "router", "server", "server")
    assert play.state("server") == [State.ESTABLISHED]
