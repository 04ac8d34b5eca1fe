"""What goes again by hand: the same card, a card written anew, pieces, FINs, and what comes again."""

from __future__ import annotations

from hub import speech
from hub.simulator.rules import Counting
from hub.simulator.rules import Play as Mode
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
    assert sentence(play, late) == "Client has had this FIN,ACK already. It owes ACK once more."
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


def test_an_ack_that_data_has_overtaken_is_not_said_to_have_come_already() -> None:
    play = Play()
    play.carry(SYN, "client", "router", "server")
    play.carry(SYN_ACK, "server", "router", "client")
    data = f'{THERE} ACK seq=101 ack=301 data="hello"'
    play.carry(ACK, "client", "router")
    play.carry(data, "client", "router", "server")
    late = play.scan("server", ACK)
    assert late.reason == "tcp.duplicate"
    assert sentence(play, late) == "Server has had newer than this ACK already. It still owes ACK."


def test_data_that_goes_and_comes_again_is_not_called_an_ack() -> None:
    play = established()
    data = f'{THERE} ACK seq=101 ack=301 data="hello"'
    play.carry(data, "client", "router", "server")
    again = play.scan("client", data, card="T-1")
    assert sentence(play, again).startswith("Client sends this packet once more: no ACK of it has come back")
    play.scan("router", data, card="T-1")
    assert sentence(play, play.scan("server", data, card="T-1")).startswith("Server has had this packet already")


def test_who_hears_an_ack_of_what_it_never_sent_is_told_what_it_owes_now() -> None:
    play = Play(with_rules(play=Mode.FREE))
    play.scan("client", SYN)
    wrong = f"{BACK} SYN,ACK seq=300 ack=999"
    assert play.carry(wrong, "router") == ["sent"]
    assert sentence(play, play.scan("client", wrong)).endswith("never sent. Client owes RST.")
    play = established(with_rules(play=Mode.FREE))
    wrong = f"{BACK} ACK seq=301 ack=999"
    play.carry(wrong, "server", "router")
    assert sentence(play, play.scan("client", wrong)).endswith("never sent. Client owes ACK.")


def test_a_router_says_that_it_has_not_sent_what_comes_from_outside() -> None:
    play = Play(with_rules(play=Mode.FREE))
    forged = "10.0.1.254 > 10.0.1.2 HOST-UNREACHABLE"
    play.scan("server", forged)
    ruling = play.scan("router", forged)
    assert sentence(play, ruling) == "No packet that comes to Router can be from Router: thrown away."


def test_one_card_is_carried_however_many_bytes_it_has() -> None:
    play = Play()
    ruling = play.scan("client", f"{CLIENT} > 10.0.1.1:53 UDP")
    assert sentence(play, ruling).endswith("no ACK. Carry the card to Router.")
