"""What the referee says to what people do."""

from __future__ import annotations

import pytest

from hub.simulator.facts import facts
from hub.simulator.rules import Counting, Form, Timers
from hub.simulator.rules import Play as Mode
from hub.simulator.states import State
from hub.simulator.turns import turn
from hub.texts import sentence
from tests.hub.play import ACK, CLIENT, SERVER, SYN, SYN_ACK, Play, established, with_rules


def test_a_good_handshake_moves_the_states_of_figure_5() -> None:
    play = Play()
    assert play.carry(SYN, "client", "router", "server") == ["sent", "forwarded", "delivered"]
    assert (play.state("client"), play.state("server")) == ([State.SYN_SENT], [State.SYN_RECEIVED])
    assert play.carry(SYN_ACK, "server", "router", "client") == ["sent", "forwarded", "delivered"]
    assert (play.state("client"), play.state("server")) == ([State.ESTABLISHED], [State.SYN_RECEIVED])
    assert play.carry(ACK, "client", "router", "server") == ["sent", "forwarded", "delivered"]
    assert (play.state("client"), play.state("server")) == ([State.ESTABLISHED], [State.ESTABLISHED])


def test_a_closed_port_is_refused_at_the_server_and_at_the_client() -> None:
    play = Play()
    knock = f"{CLIENT} > 10.0.1.1:80 SYN seq=100"
    assert play.carry(knock, "client", "router", "server") == ["sent", "forwarded", "rst"]
    owed = turn(play.world, "server")
    assert owed is not None
    assert (owed.code, owed.flags) == ("rst", "RST,ACK")
    refusal = f"10.0.1.1:80 > {CLIENT} RST,ACK seq=0 ack=101"
    assert play.carry(refusal, "server", "router", "client") == ["sent", "forwarded", "rst"]
    assert play.state("client") == []


@pytest.mark.parametrize(
    ("written", "reason", "should"),
    [
        (f"{SERVER} > {CLIENT} SYN,ACK seq=300 ack=100", "tcp.ack-mismatch", "101"),
        (f"{SERVER} > {CLIENT} SYN,ACK seq=300 ack=102", "tcp.ack-mismatch", "101"),
        (f"{SERVER} > {CLIENT} ACK seq=300 ack=101", "tcp.flags-mismatch", "SYN,ACK"),
        (f"{SERVER} > {CLIENT} SYN seq=300", "tcp.ack-flag-missing", "SYN,ACK"),
        (f"{SERVER} > 10.0.1.2:40002 SYN,ACK seq=300 ack=101", "tcp.wrong-port", "40001"),
        (f"{SERVER} > 10.0.1.3:40001 SYN,ACK seq=300 ack=101", "ip.wrong-address", "10.0.1.2"),
        (f"10.0.1.1:80 > {CLIENT} SYN,ACK seq=300 ack=101", "tcp.wrong-source-port", "23"),
        ("10.0.1.1:40001 > 10.0.1.2:23 SYN,ACK seq=300 ack=101", "tcp.wrong-source-port", "23"),
        (f'{SERVER} > {CLIENT} SYN,ACK seq=300 ack=101 data="hi"', "tcp.data-unexpected", "0"),
        (f"{SERVER} > {CLIENT} RST,ACK seq=0 ack=101", "tcp.rst-unowed", None),
        (f"{SERVER} > {CLIENT} SYN,FIN,ACK seq=300 ack=101", "tcp.flags-impossible", None),
        (f"{SERVER} > 10.0.1.1:40001 SYN,ACK seq=300 ack=101", "ip.to-yourself", None),
        (f"{SERVER} > 255.255.255.255:40001 SYN,ACK seq=300 ack=101", "ip.bad-destination", None),
        (f"{SERVER} > 10.0.1.2:0 SYN,ACK seq=300 ack=101", "tcp.port-zero", None),
        (f"{SERVER} > {CLIENT} SYN,ACK seq=300 ack=101 ttl=0", "ip.ttl-zero", None),
        (f"10.0.1.3:23 > {CLIENT} SYN,ACK seq=300 ack=101", "ip.wrong-source", None),
        (f'{SERVER} > {CLIENT} SYN,ACK data="x"', "tcp.data-unexpected", "0"),
    ],
)
def test_a_wrong_answer_to_a_syn_is_stopped_and_explained(written: str, reason: str, should: str | None) -> None:
    play = Play()
    play.carry(SYN, "client", "router", "server")
    before = play.world.host("server")
    ruling = play.scan("server", written)
    assert (ruling.verdict.value, ruling.reason) == ("stopped", reason)
    assert should is None or ruling.params["should"] == should
    assert play.world.host("server") == before, "a stopped card moves nothing"
    assert play.carry(SYN_ACK, "server", "router", "client") == ["sent", "forwarded", "delivered"]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (f'{CLIENT} > {SERVER} SYN seq=100 data="my name is Danilo"', "tcp.data-in-syn"),
        (f'{CLIENT} > {SERVER} ACK seq=100 ack=1 data="my name is Danilo"', "tcp.too-early"),
        (f"{CLIENT} > {SERVER} RST seq=100", "tcp.rst-unowed"),
        (f"{CLIENT} > {SERVER} - seq=100", "tcp.flags-missing"),
        (f"{CLIENT} > ?:23 SYN seq=100", "ip.address-missing"),
        (f"{CLIENT} > 10.0.1.1:? SYN seq=100", "tcp.port-missing"),
        (f"{CLIENT} > {SERVER} seq=100", "tcp.flags-missing"),
    ],
)
def test_a_client_that_begins_wrongly(written: str, reason: str) -> None:
    ruling = Play().scan("client", written)
    assert (ruling.verdict.value, ruling.reason) == ("stopped", reason)


def test_a_server_that_acts_before_a_packet_came() -> None:
    ruling = Play().scan("server", SYN_ACK)
    assert (ruling.verdict.value, ruling.reason) == ("stopped", "tcp.not-asked")


def test_a_hint_shows_a_card_without_an_empty_comb_and_the_other_end_by_its_name() -> None:
    play = Play()
    play.carry(SYN, "client", "router", "server")
    ruling = play.scan("server", f"{SERVER} > 10.0.1.2:40002 SYN,ACK seq=300 ack=101")
    assert ruling.params["answer"] == SYN_ACK
    said = sentence(ruling.reason, facts(play.world.rules, ruling))
    assert said == "The destination port should be 40001, not 40002: that is where Client is."


def test_syn_on_a_data_packet() -> None:
    ruling = established().scan("client", f'{CLIENT} > {SERVER} SYN,ACK seq=101 ack=301 data="hi"')
    assert (ruling.verdict.value, ruling.reason) == ("stopped", "tcp.syn-on-open")


def test_data_both_ways_then_four_packets_close() -> None:
    play = established()
    steps = [
        (f'{CLIENT} > {SERVER} PSH,ACK seq=101 ack=301 data="my name is Danilo"', "client"),
        (f"{SERVER} > {CLIENT} ACK seq=301 ack=118", "server"),
        (f'{SERVER} > {CLIENT} ACK seq=301 ack=118 data="hi"', "server"),
        (f"{CLIENT} > {SERVER} FIN,ACK seq=118 ack=303", "client"),
        (f"{SERVER} > {CLIENT} ACK seq=303 ack=119", "server"),
        (f"{SERVER} > {CLIENT} FIN,ACK seq=303 ack=119", "server"),
        (f"{CLIENT} > {SERVER} ACK seq=119 ack=304", "client"),
    ]
    for text, sender in steps:
        receiver = "server" if sender == "client" else "client"
        assert play.carry(text, sender, "router", receiver) == ["sent", "forwarded", "delivered"], text
    assert play.state("server") == []
    assert play.state("client") == [State.TIME_WAIT]
    play.at += play.world.rules.timers.msl_2
    play.scan("client", f"10.0.1.2:40009 > {SERVER} SYN seq=1")
    assert play.state("client") == [State.SYN_SENT], "2MSL later TIME-WAIT is over"


def test_two_clients_ports_are_two_streams() -> None:
    play = established()
    other = f"10.0.1.2:40002 > {SERVER} SYN seq=700"
    assert play.carry(other, "client", "router", "server") == ["sent", "forwarded", "delivered"]
    ruling = play.scan("server", f"{SERVER} > 10.0.1.2:40002 SYN,ACK seq=900 ack=101")
    assert (ruling.reason, ruling.params["should"]) == ("tcp.ack-mismatch", "701")


def test_straight_across_drops_and_the_card_may_still_go_its_way() -> None:
    play = Play()
    play.scan("client", SYN)
    ruling = play.scan("server", SYN)
    assert (ruling.verdict.value, ruling.reason) == ("dropped", "link.skipped-router")
    assert play.state("server") == []
    assert play.carry(SYN, "router", "server") == ["forwarded", "delivered"]


def test_a_card_that_its_sender_has_not_scanned() -> None:
    play = Play()
    ruling = play.scan("router", SYN)
    assert (ruling.verdict.value, ruling.reason) == ("stopped", "link.skipped-sender")
    assert play.state("client") == []


def test_a_packet_that_its_source_would_never_send_is_forged() -> None:
    play = established()
    forged = f"{SERVER} > {CLIENT} RST seq=999"
    before = play.world.nodes
    ruling = play.scan("router", forged)
    assert (ruling.verdict.value, ruling.reason) == ("dropped", "ip.spoofed-source")
    assert play.world.nodes == before


def test_swapped_addresses_are_the_first_explanation_at_the_own_destination() -> None:
    play = Play()
    play.carry(SYN, "client", "router", "server")
    ruling = play.scan("server", f"{CLIENT} > {SERVER} SYN,ACK seq=300 ack=101")
    assert (ruling.verdict.value, ruling.reason) == ("stopped", "ip.swapped-addresses")


def test_shown_again_is_the_same_answer_and_counts_nothing() -> None:
    play = Play()
    first = play.scan("client", SYN)
    world = play.world
    again = play.scan("client", SYN)
    assert again.repeated
    assert (again.verdict, again.reason, again.params) == (first.verdict, first.reason, first.params)
    assert play.world.nodes == world.nodes


def test_shown_again_after_others_saw_it_is_a_copy() -> None:
    play = Play()
    play.carry(SYN, "client", "router")
    ruling = play.scan("client", SYN)
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("stopped", "card.copy", "client")
    assert play.carry(SYN, "server") == ["delivered"], "it is still on its way"


def test_shown_again_after_a_loss_it_is_sent_once_more() -> None:
    play = Play()
    play.carry(SYN, "client", "router")
    play.lose(SYN)
    ruling = play.scan("client", SYN)
    assert (ruling.verdict.value, ruling.reason) == ("sent", "tcp.retransmitted")
    assert play.carry(SYN, "router", "server") == ["forwarded", "delivered"]


def test_shown_again_after_the_loss_of_its_answer_it_is_sent_once_more() -> None:
    play = Play()
    play.carry(SYN, "client", "router", "server")
    play.carry(SYN_ACK, "server", "router")
    play.lose(SYN_ACK)
    assert play.scan("client", SYN).reason == "tcp.retransmitted"


def test_shown_again_after_the_timer_it_is_sent_once_more() -> None:
    play = Play(with_rules(timers=Timers(retransmission=90_000)))
    play.carry(SYN, "client", "router")
    assert play.scan("client", SYN).reason == "card.copy"
    play.at += 90_000
    assert play.scan("client", SYN).reason == "tcp.retransmitted"


def test_a_used_card_is_not_a_packet_any_more() -> None:
    play = established()
    assert play.scan("client", SYN).reason == "card.copy"
    assert play.scan("router", SYN).reason == "card.copy"
    assert play.scan("client", SYN_ACK).repeated, "its last place: the same answer"


def test_a_new_round_forgets_all_cards() -> None:
    play = established()
    play.round()
    assert play.carry(SYN, "client", "router", "server") == ["sent", "forwarded", "delivered"]


def test_a_card_written_anew_is_a_new_packet() -> None:
    play = Play()
    play.scan("client", SYN, card="T-1")
    ruling = play.scan("client", f"10.0.1.2:40005 > {SERVER} SYN seq=5", card="T-1")
    assert (ruling.verdict.value, ruling.repeated) == ("sent", False)


def test_ttl_falls_and_a_router_without_a_route_lets_it_die() -> None:
    play = Play()
    far = f"{CLIENT} > 192.168.7.7:23 SYN seq=100 ttl=2"
    play.scan("client", far)
    assert play.scan("router", far).reason == "ip.no-route"
    nobody = f"{CLIENT} > 10.0.1.77:23 SYN seq=100"
    play.scan("client", nobody)
    assert play.scan("router", nobody).reason == "ip.host-unreachable"
    last = f"10.0.1.2:40007 > {SERVER} SYN seq=100 ttl=1"
    play.scan("client", last)
    assert play.scan("router", last).reason == "ip.ttl-expired"
    fine = f"10.0.1.2:40008 > {SERVER} SYN seq=100 ttl=9"
    play.scan("client", fine)
    forwarded = play.scan("router", fine)
    assert forwarded.packet is not None
    assert forwarded.packet.ttl == 8


def test_the_mark_of_the_router_player_is_held_against_the_table() -> None:
    play = Play()
    play.scan("client", SYN, card="T-1")
    wrong = play.scan("router", f"{SYN} via=client", card="T-1")
    assert (wrong.verdict.value, wrong.reason) == ("stopped", "ip.wrong-next-hop")
    assert play.scan("router", f"{SYN} via=server", card="T-1").verdict.value == "forwarded"


def test_the_router_itself_can_be_knocked_at() -> None:
    play = Play()
    knock = f"{CLIENT} > 10.0.1.254:23 SYN seq=100"
    assert play.carry(knock, "client", "router") == ["sent", "rst"]
    assert play.carry(f"10.0.1.254:23 > {CLIENT} RST,ACK seq=0 ack=101", "router", "client") == ["sent", "rst"]


def test_a_form_without_numbers_is_filled_in_by_the_engine() -> None:
    play = Play()
    assert play.carry(f"{CLIENT} > {SERVER} SYN", "client", "router", "server") == ["sent", "forwarded", "delivered"]
    assert play.carry(f"{SERVER} > {CLIENT} SYN,ACK", "server", "router", "client") == [
        "sent",
        "forwarded",
        "delivered",
    ]
    assert play.carry(f"{CLIENT} > {SERVER} ACK", "client", "router", "server") == ["sent", "forwarded", "delivered"]


def test_with_counting_off_wrong_numbers_do_not_matter() -> None:
    play = Play(with_rules(counting=Counting.OFF))
    play.carry(SYN, "client", "router", "server")
    wrong = f"{SERVER} > {CLIENT} SYN,ACK seq=5 ack=7"
    assert play.carry(wrong, "server", "router", "client") == ["sent", "forwarded", "delivered"]


def test_in_free_play_a_wrong_packet_travels_and_the_receiver_judges_it() -> None:
    play = Play(with_rules(play=Mode.FREE))
    play.carry(SYN, "client", "router", "server")
    wrong = f"{SERVER} > {CLIENT} SYN,ACK seq=300 ack=999"
    before = play.world.host("server")
    assert play.carry(wrong, "server", "router", "client") == ["sent", "forwarded", "rst"]
    assert play.world.host("server") == before, "what is not admissible never moves its sender's engine"


@pytest.mark.parametrize(("seq", "reason"), [(500, "tcp.rst-challenged"), (70000, "tcp.rst-forged")])
def test_in_free_play_a_forged_rst_does_not_close(seq: int, reason: str) -> None:
    play = Play(with_rules(play=Mode.FREE))
    for text, path in ((SYN, ("client", "router", "server")), (SYN_ACK, ("server", "router", "client"))):
        play.carry(text, *path)
    forged = f"{SERVER} > {CLIENT} RST seq={seq}"
    play.carry(forged, "server", "router")
    ruling = play.scan("client", forged)
    assert (ruling.verdict.value, ruling.reason) == ("dropped", reason)
    assert play.state("client") == [State.ESTABLISHED]


def test_sentences_name_the_numbers_of_this_case() -> None:
    play = established()
    ruling = play.scan("client", f'{CLIENT} > {SERVER} ACK seq=99 ack=301 data="hi"')
    text = sentence(ruling.reason, ruling.params)
    assert "101" in text
    assert "99" in text


def test_a_stopped_card_opens_no_connection_where_there_is_no_way() -> None:
    play = Play()
    ruling = play.scan("router", "10.0.1.254:5 > 192.168.7.7:23 SYN seq=1")
    assert (ruling.verdict.value, ruling.reason) == ("stopped", "ip.no-route-here")
    assert play.state("router") == []


def test_a_form_without_a_source_has_one_sender() -> None:
    play = Play()
    syn = f"?:40001 > {SERVER} SYN seq=100"
    assert play.carry(syn, "client", "router", "server") == ["sent", "forwarded", "delivered"]
    assert play.state("router") == []


def test_both_open_at_once() -> None:
    play = Play()
    crossing = f"{SERVER} > {CLIENT} SYN seq=300"
    play.scan("client", SYN)
    play.scan("server", crossing)
    for text, path in ((SYN, ("router", "server")), (crossing, ("router", "client"))):
        assert play.carry(text, *path) == ["forwarded", "delivered"]
    assert (play.state("client"), play.state("server")) == ([State.SYN_RECEIVED], [State.SYN_RECEIVED])
    ours = f"{CLIENT} > {SERVER} SYN,ACK seq=100 ack=301"
    theirs = f"{SERVER} > {CLIENT} SYN,ACK seq=300 ack=101"
    assert play.carry(ours, "client") == play.carry(theirs, "server") == ["sent"]
    assert play.carry(ours, "router", "server") == play.carry(theirs, "router", "client") == ["forwarded", "delivered"]
    assert (play.state("client"), play.state("server")) == ([State.ESTABLISHED], [State.ESTABLISHED])


def test_swapped_addresses_on_the_first_syn() -> None:
    play = Play()
    ruling = play.scan("client", f"{SERVER} > {CLIENT} SYN seq=100")
    assert (ruling.verdict.value, ruling.reason) == ("stopped", "ip.swapped-addresses")
    ruling = established().scan("client", f'{SERVER} > {CLIENT} ACK seq=101 ack=301 data="hi"')
    assert ruling.reason == "ip.swapped-addresses"


@pytest.mark.parametrize("flags", ["ACK", "FIN,ACK"])
def test_nobody_is_told_to_break_a_connection_off(flags: str) -> None:
    play = Play()
    play.carry(SYN, "client", "router", "server")
    play.scan("server", SYN_ACK)
    ruling = play.scan("server", f'{SERVER} > {CLIENT} {flags} seq=555 ack=101 data="hi"')
    assert ruling.verdict.value == "stopped"
    assert "RST" not in ruling.params.get("should", "")


def test_syn_with_data_on_an_open_connection_is_about_the_syn() -> None:
    ruling = established().scan("client", f'{CLIENT} > {SERVER} SYN seq=101 data="hi"')
    assert ruling.reason == "tcp.syn-on-open"


def test_a_small_window_is_named_and_a_shut_one_may_be_probed() -> None:
    play = established()
    play.carry(f'{CLIENT} > {SERVER} ACK seq=101 ack=301 data="a"', "client", "router", "server")
    play.carry(f"{SERVER} > {CLIENT} ACK seq=301 ack=102 win=4", "server", "router", "client")
    ruling = play.scan("client", f'{CLIENT} > {SERVER} ACK seq=102 ack=301 data="hello"')
    assert (ruling.reason, ruling.params["should"]) == ("tcp.window-exceeded", "4")
    play.carry(f'{CLIENT} > {SERVER} ACK seq=102 ack=301 data="b"', "client", "router", "server")
    play.carry(f"{SERVER} > {CLIENT} ACK seq=301 ack=103 win=0", "server", "router", "client")
    assert play.scan("client", f'{CLIENT} > {SERVER} ACK seq=103 ack=301 data="xy"').reason == "tcp.window-exceeded"
    assert play.scan("client", f'{CLIENT} > {SERVER} ACK seq=103 ack=301 data="x"').verdict.value == "sent"


def test_paper_that_was_written_before_the_last_packet_came() -> None:
    play = established()
    play.carry(f'{SERVER} > {CLIENT} ACK seq=301 ack=101 data="hello"', "server", "router", "client")
    ruling = play.scan("client", f'{CLIENT} > {SERVER} ACK seq=101 ack=301 data="my name"')
    assert (ruling.verdict.value, ruling.reason, ruling.params["should"]) == ("sent", "tcp.ack-behind", "306")
    owed = turn(play.world, "client")
    assert owed is not None, "the ACK is still owed"
    assert play.scan("client", f"{CLIENT} > {SERVER} ACK seq=108 ack=301").reason == "tcp.ack-mismatch"
    assert play.scan("client", f"{CLIENT} > {SERVER} ACK seq=108 ack=306").verdict.value == "sent"


def test_a_lost_card_goes_again_although_more_has_come_since() -> None:
    play = established()
    data = f'{CLIENT} > {SERVER} ACK seq=101 ack=301 ttl=2 data="hi"'
    play.carry(data, "client", "router")
    play.lose(data)
    play.carry(f'{SERVER} > {CLIENT} ACK seq=301 ack=101 data="yo"', "server", "router", "client")
    assert play.carry(data, "client", "router", "server") == ["sent", "forwarded", "delivered"]


def test_a_card_that_was_changed_on_its_way() -> None:
    play = Play()
    play.scan("client", SYN, card="T-1")
    ruling = play.scan("router", SYN.replace(":23", ":24"), card="T-1")
    assert (ruling.verdict.value, ruling.reason) == ("stopped", "card.altered")
    assert play.scan("router", SYN, card="T-1").verdict.value == "forwarded"


def test_data_after_a_refusal_is_not_called_early() -> None:
    play = Play()
    play.carry(f"{CLIENT} > 10.0.1.1:80 SYN seq=100", "client", "router", "server")
    assert play.scan("client", f"{CLIENT} > 10.0.1.1:80 ACK seq=101 ack=1").reason == "tcp.unanswered"
    play.carry(f"10.0.1.1:80 > {CLIENT} RST,ACK seq=0 ack=101", "server", "router", "client")
    ruling = play.scan("client", f'{CLIENT} > 10.0.1.1:80 ACK seq=101 ack=1 data="x"')
    assert ruling.reason == "tcp.too-early"
    assert "now" in sentence(ruling.reason, ruling.params)


def test_one_refusal_answers_a_syn_however_often_it_came() -> None:
    play = Play()
    knock = f"{CLIENT} > 10.0.1.1:80 SYN seq=100"
    for _ in range(3):
        play.carry(knock, "client", "router", "server")
    play.scan("server", f"10.0.1.1:80 > {CLIENT} RST,ACK seq=0 ack=101")
    assert turn(play.world, "server") is None


def test_who_waits_for_an_answer_is_not_asked_to_open_again() -> None:
    play = Play()
    owed = turn(play.world, "client")
    assert owed is not None
    assert owed.code == "open"
    play.scan("client", f"{CLIENT} > 10.0.1.1:80 SYN seq=100")
    assert turn(play.world, "client") is None


def test_in_free_play_a_wrong_next_hop_is_where_the_card_goes() -> None:
    play = Play(with_rules(play=Mode.FREE))
    play.scan("client", SYN, card="T-1")
    assert play.scan("router", f"{SYN} via=Client", card="T-1").goes_to == "client"
    assert play.scan("client", SYN, card="T-1").reason == "ip.not-for-me"


@pytest.mark.parametrize("ack", [4294897397, 1000])
def test_in_free_play_an_ack_that_cannot_be_is_not_believed(ack: int) -> None:
    play = Play(with_rules(play=Mode.FREE))
    for text, path in ((SYN, ("client", "router", "server")), (SYN_ACK, ("server", "router", "client"))):
        play.carry(text, *path)
    forged = f'{SERVER} > {CLIENT} ACK seq=301 ack={ack} data="evil"'
    play.carry(forged, "server", "router")
    assert play.scan("client", forged).verdict.value == "dropped"


def test_a_card_that_is_shown_again_has_the_boxes_that_are_left() -> None:
    play = Play(with_rules(form=Form(ttl=4)))
    play.carry(f"{SYN} ttl=1", "client")
    assert play.scan("router", f"{SYN} ttl=0", card="probe").verdict.value == "stopped"
    play = Play(with_rules(form=Form(ttl=4)))
    assert play.scan("client", f"{SYN} ttl=1", card="probe").reason == "tcp.syn-sent"
    assert play.scan("router", f"{SYN} ttl=0", card="probe").reason == "ip.ttl-expired"
    assert play.scan("client", f"{SYN} ttl=0", card="probe").reason == "ip.ttl-zero"
    assert play.scan("client", f"{SYN} ttl=2", card="probe").reason == "tcp.retransmitted"
    assert play.scan("router", f"{SYN} ttl=1", card="probe").reason == "ip.forwarded"


def test_a_reply_to_the_wrong_address_or_with_both_swapped_is_not_called_unowed() -> None:
    play = Play()
    play.carry("10.0.1.2 > 10.0.1.1 ECHO id=1 seq=1", "client", "router", "server")
    wrong = play.scan("server", "10.0.1.1 > 10.0.1.3 ECHO-REPLY id=1 seq=1")
    assert (wrong.reason, wrong.params["should"]) == ("ip.wrong-address", "10.0.1.2")
    assert play.scan("server", "10.0.1.2 > 10.0.1.1 ECHO-REPLY id=1 seq=1").reason == "ip.swapped-addresses"
    assert play.scan("server", "10.0.1.1 > 10.0.1.2 ECHO-REPLY id=1 seq=1").reason == "icmp.reply-sent"


def test_an_error_about_a_ping_is_no_forgery() -> None:
    play = Play()
    play.carry("10.0.1.2 > 10.0.9.9 ECHO id=1 seq=1", "client", "router")
    assert play.carry("10.0.1.254 > 10.0.1.2 NET-UNREACHABLE", "router", "client") == ["sent", "delivered"]
