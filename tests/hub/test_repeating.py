"""What goes again by hand: the same card, a card written anew, pieces, FINs, and what comes again."""

from __future__ import annotations

from hub import speech
from hub.simulator.rules import Counting
from hub.simulator.turns import turn
from hub.simulator.verdicts import Ruling, Verdict
from tests.hub.play import ACK, CLIENT, SERVER, SYN, SYN_ACK, Play, established, with_rules

THERE, BACK = f"{CLIENT} > {SERVER}", f"{SERVER} > {CLIENT}"


def said(play: Play, node: str, text: str) -> tuple[str, str]:
    ruling = play.scan(node, text)
    return ruling.verdict.value, ruling.reason


def sentence(play: Play, ruling: Ruling) -> str:
    return speech.said(play.world.rules, ruling)


def test_a_fin_again_in_time_wait_is_a_duplicate_that_is_acknowledged() -> None:
    play = established()
    play.carry(f"{THERE} FIN,ACK seq=101 ack=301", "client", "router", "server")
    fin = f"{BACK} FIN,ACK seq=301 ack=102"
    play.carry(fin, "server", "router", "client")
    last = f"{THERE} ACK seq=102 ack=302"
    play.carry(last, "client", "router")
    play.lose(last)
    play.carry(fin, "server", "router")
    late = play.scan("client", fin)
    assert (late.verdict.value, late.reason) == ("dropped", "tcp.duplicate")
    assert sentence(play, late) == "Client has had this FIN,ACK already, and owes ACK once more."
    owed = turn(play.world, "client")
    assert owed is not None
    assert (owed.code, owed.flags) == ("ack", "ACK")


def test_a_card_goes_again_though_half_of_it_has_been_acknowledged() -> None:
    play = established()
    data = f'{THERE} ACK seq=101 ack=301 data="hello"'
    play.carry(data, "client", "router")
    play.lose(data)
    play.carry(f'{THERE} ACK seq=101 ack=301 data="he"', "client", "router", "server")
    play.carry(f"{BACK} ACK seq=301 ack=103", "server", "router", "client")
    assert said(play, "client", data) == ("sent", "tcp.retransmitted")


def test_a_fin_that_is_written_anew_goes_again_where_nobody_counts() -> None:
    play = Play(with_rules(counting=Counting.OFF))
    for text, nodes in ((SYN, "crs"), (SYN_ACK, "src"), (ACK, "crs"), (f'{THERE} ACK data="hello"', "crs")):
        play.carry(text, *({"c": "client", "r": "router", "s": "server"}[each] for each in nodes))
    play.carry(f"{THERE} FIN,ACK", "client", "router")
    play.at += 1000
    again = play.scan("client", f"{THERE} FIN,ACK", card="T-new")
    assert (again.verdict, again.reason) == (Verdict.SENT, "tcp.retransmitted")


def test_a_fin_again_has_its_old_number() -> None:
    play = established()
    play.carry(f"{THERE} FIN,ACK seq=101 ack=301", "client", "router")
    wrong = play.scan("client", f"{THERE} FIN,ACK seq=102 ack=301")
    assert (wrong.reason, wrong.params["should"]) == ("tcp.seq-mismatch", "101")


def test_a_syn_ack_is_not_owed_any_more_once_the_connection_is_open() -> None:
    play = Play()
    play.carry(SYN, "client", "router", "server")
    play.carry(SYN_ACK, "server", "router")
    play.carry(f"{SYN} ttl=9", "client", "router", "server")
    play.carry(SYN_ACK, "client")
    play.carry(f"{BACK} FIN,ACK seq=301 ack=101", "server", "router")
    play.carry(ACK, "client", "router", "server")
    owed = turn(play.world, "server")
    assert owed is None or owed.code != "syn-ack"


def test_what_waited_is_counted_when_the_gap_is_filled() -> None:
    play = established()
    play.carry(f'{THERE} ACK seq=101 ack=301 data="hello"', "client", "router")
    play.carry(f'{THERE} ACK seq=106 ack=301 data="wor"', "client", "router", "server")
    late = play.scan("server", f'{THERE} ACK seq=101 ack=301 data="hello"')
    assert (late.reason, late.params["read"]) == ("tcp.data-received", "8")
    assert "5 bytes arrived, and 8 bytes can be read now" in sentence(play, late)


def test_nobody_who_sends_data_too_early_is_told_to_close() -> None:
    play = Play()
    play.carry(SYN, "client", "router", "server")
    play.carry(SYN_ACK, "server")
    early = play.scan("server", f'{BACK} ACK seq=301 ack=101 data="login:"')
    assert early.verdict is Verdict.STOPPED
    assert "FIN" not in early.params["should"]
