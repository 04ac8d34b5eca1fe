"""What players write wrongly, and whether it is that what they are told."""

from __future__ import annotations

import pytest

from cards.packet import Flags
from hub.lessons import load
from hub.simulator.bots import answer
from hub.simulator.events import CardLost, FaultKind, FaultSet, HandedOver
from hub.simulator.rules import Counting, Form, Timers
from hub.simulator.rules import Play as Mode
from hub.simulator.states import State
from hub.simulator.turns import turns
from hub.speech import help_with, said
from hub.texts import sentence
from tests.hub.play import ACK, CLIENT, SERVER, SYN, SYN_ACK, Play, established, with_rules

NAME = f'{CLIENT} > {SERVER} ACK seq=101 ack=301 data="my name is Danilo"'
OTHER = "10.0.1.2:40002"


def counting_bytes(*clients: str) -> Play:
    """Connections of the client, from these ends, on which both count from 0."""
    play = Play(with_rules(counting=Counting.BYTES))
    for end in clients:
        play.carry(f"{end} > {SERVER} SYN seq=0", "client", "router", "server")
        play.carry(f"{SERVER} > {end} SYN,ACK seq=0 ack=0", "server", "router", "client")
        play.carry(f"{end} > {SERVER} ACK seq=0 ack=0", "client", "router", "server")
    return play


@pytest.mark.parametrize("ack", [102, 117])
def test_an_ack_in_the_middle_of_what_came_is_wrong(ack: int) -> None:
    """Whoever counts packets, or forgets the SYN, has not written an old paper."""
    play = established()
    play.carry(NAME, "client", "router", "server")
    ruling = play.scan("server", f"{SERVER} > {CLIENT} ACK seq=301 ack={ack}")
    assert (ruling.reason, ruling.params["should"]) == ("tcp.ack-mismatch", "118")


def test_an_ack_written_between_two_packets_is_only_behind() -> None:
    play = established()
    play.carry(f'{CLIENT} > {SERVER} ACK seq=101 ack=301 data="my name "', "client", "router", "server")
    play.carry(f'{CLIENT} > {SERVER} ACK seq=109 ack=301 data="is Danilo"', "client", "router", "server")
    ruling = play.scan("server", f"{SERVER} > {CLIENT} ACK seq=301 ack=109")
    assert (ruling.verdict.value, ruling.reason, ruling.params["should"]) == ("sent", "tcp.ack-behind", "118")
    assert play.scan("server", f"{SERVER} > {CLIENT} ACK seq=301 ack=110").reason == "tcp.ack-mismatch"
    assert play.scan("server", f"{SERVER} > {CLIENT} ACK seq=301 ack=118").reason == "tcp.ack-sent"


@pytest.mark.parametrize(("flags", "should"), [("PSH", "ACK"), ("FIN", "FIN,ACK")])
def test_what_lacks_only_the_flag_ack_is_told_so(flags: str, should: str) -> None:
    play = established()
    data = ' data="hello"' if flags == "PSH" else ""
    ruling = play.scan("client", f"{CLIENT} > {SERVER} {flags} seq=101 ack=301{data}")
    assert (ruling.reason, ruling.params["should"]) == ("tcp.ack-flag-missing", should)


def test_no_flag_at_all_is_a_card_that_is_not_finished() -> None:
    assert Play().scan("client", f"{CLIENT} > {SERVER} - seq=100").reason == "tcp.flags-missing"
    free = Play(with_rules(play=Mode.FREE))
    assert free.scan("client", f"{CLIENT} > {SERVER} - seq=100").verdict.value == "sent"


def test_streams_are_told_apart_where_both_count_from_0() -> None:
    play = counting_bytes(CLIENT, OTHER)
    play.carry(f'{CLIENT} > {SERVER} ACK seq=0 ack=0 data="my name is Danilo"', "client", "router", "server")
    ruling = play.scan("client", f'{OTHER} > {SERVER} ACK seq=17 ack=0 data=" and I"')
    assert (ruling.reason, ruling.params["other"]) == ("tcp.mixed-streams", str(SERVER))
    assert ruling.params["peer"] == str(SERVER)
    assert (ruling.params["other_from"], ruling.params["peer_from"]) == ("40001", "40002")
    ruling = play.scan("server", f"{SERVER} > {OTHER} ACK seq=0 ack=17")
    assert (ruling.reason, ruling.params["other"]) == ("tcp.mixed-streams", CLIENT)


def test_0_belongs_to_no_stream_more_than_to_another() -> None:
    play = counting_bytes(CLIENT, OTHER)
    play.carry(f'{CLIENT} > {SERVER} ACK seq=0 ack=0 data="my name is Danilo"', "client", "router", "server")
    ruling = play.scan("server", f"{SERVER} > {CLIENT} ACK seq=0 ack=0")
    assert (ruling.reason, ruling.params["should"]) == ("tcp.ack-mismatch", "17")


def test_new_data_at_an_old_number_is_told_where_it_begins() -> None:
    play = established()
    play.carry(NAME, "client", "router", "server")
    play.carry(f"{SERVER} > {CLIENT} ACK seq=301 ack=118", "server", "router", "client")
    ruling = play.scan("client", f'{CLIENT} > {SERVER} ACK seq=101 ack=301 data="from Italy"')
    assert ruling.reason == "tcp.acknowledged-already"
    assert "begins at 118" in sentence(ruling.reason, ruling.params)


def test_the_engine_marks_no_flag_that_forms_do_not_have() -> None:
    play = Play(load("data").rules)
    play.carry("10.0.1.2:40001 > 10.0.1.1:23 SYN seq=0", "danilo", "router", "server")
    play.carry("10.0.1.1:23 > 10.0.1.2:40001 SYN,ACK seq=0 ack=0", "server", "router", "danilo")
    said = answer(play.world, next(owed for owed in turns(play.world, "danilo") if owed.code == "say"))
    assert said is not None
    assert said.flags is Flags.ACK


def test_everybody_begins_at_0_where_bytes_are_counted() -> None:
    play = Play(with_rules(counting=Counting.BYTES))
    ruling = play.scan("client", f"{CLIENT} > {SERVER} SYN seq=7")
    assert (ruling.reason, ruling.params["answer"]) == ("tcp.begins-at-0", f"{CLIENT} > {SERVER} SYN seq=0")


def test_a_service_is_never_told_to_open_a_connection_itself() -> None:
    """Nor is a port that nobody listens on, when it looks like a service's."""
    play = Play()
    for port, reason in ((23, "tcp.not-asked"), (80, "tcp.too-early")):
        ruling = play.scan("server", f"10.0.1.1:{port} > {CLIENT} SYN,ACK seq=300 ack=101")
        assert (ruling.reason, "answer" in ruling.params) == (reason, False)


def test_what_comes_to_a_closed_port_is_refused_and_not_agreed_to() -> None:
    play = Play()
    play.carry(f"{CLIENT} > 10.0.1.1:80 SYN seq=100", "client", "router", "server")
    ruling = play.scan("server", f"10.0.1.1:80 > {CLIENT} SYN,ACK seq=300 ack=101")
    assert (ruling.reason, ruling.params["should"]) == ("tcp.flags-mismatch", "RST,ACK")


def test_whoever_is_handed_a_forged_rst_has_not_forged_it() -> None:
    play = established()
    forged = f"{SERVER} > {CLIENT} RST seq=301"
    ruling = play.scan("client", forged)
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("dropped", "ip.spoofed-source", None)
    ruling = play.scan("router", forged, card="another")
    assert (ruling.reason, ruling.charged) == ("ip.spoofed-source", "router")
    assert play.state("client") == [State.ESTABLISHED]


def test_time_wait_lasts_from_the_ack_on_that_somebody_still_has_to_write() -> None:
    play = Play(with_rules(timers=Timers(msl_2=10_000)))
    play.carry(SYN, "client", "router", "server")
    play.carry(SYN_ACK, "server", "router", "client")
    play.carry(f"{CLIENT} > {SERVER} FIN,ACK seq=101 ack=301", "client", "router", "server")
    play.carry(f"{SERVER} > {CLIENT} FIN,ACK seq=301 ack=102", "server", "router", "client")
    play.at += 60_000
    assert play.carry(f"{CLIENT} > {SERVER} ACK seq=102 ack=302", "client", "router", "server")[-1] == "delivered"
    assert (play.state("client"), play.state("server")) == ([State.TIME_WAIT], [])
    play.at += 10_000
    play.scan("client", f"{CLIENT} > {SERVER} SYN seq=100", card="another")
    assert play.state("client") == [State.SYN_SENT]


@pytest.mark.parametrize(("link", "seen_by"), [(("router", "server"), "Server"), (("client", "router"), "Router")])
def test_a_lost_card_is_told_on_which_wire(link: tuple[str, str], seen_by: str) -> None:
    play = Play()
    play.do(FaultSet(0, "hole", FaultKind.LOSE, link))
    play.scan("client", SYN)
    ruling = play.scan("router", SYN)
    assert ruling.reason == "fault.lost"
    assert f"the wire to {seen_by}." in said(play.world.rules, ruling)


@pytest.mark.parametrize("where", ["router", "server"])
def test_a_card_that_was_stopped_is_sent_back_wherever_it_is_carried(where: str) -> None:
    play = established()
    wrong = f'{CLIENT} > {SERVER} ACK seq=999 ack=301 data="hi"'
    assert play.scan("client", wrong).charged == "client"
    ruling = play.scan(where, wrong)
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("stopped", "card.stopped", None)
    assert ruling.goes_to == "client"


def test_a_card_that_was_stopped_at_the_wrong_place_may_go_to_the_right_one() -> None:
    play = Play()
    assert play.scan("router", SYN).reason == "link.skipped-sender"
    assert play.scan("client", SYN).verdict.value == "sent"


def test_a_card_that_the_teacher_lost_goes_again_from_its_sender() -> None:
    play = Play()
    play.scan("client", SYN)
    play.do(CardLost(play.at, next(iter(play.world.instances))))
    assert play.scan("client", SYN).reason == "tcp.retransmitted"


@pytest.mark.parametrize(
    ("card", "reason", "answer"),
    [
        (f"{SERVER} > 10.0.1.2:40007 SYN seq=777", "ip.swapped-addresses", f"10.0.1.2:40007 > {SERVER} SYN seq=777"),
        (f"10.0.1.2:40007 > {SERVER} - seq=777", "tcp.flags-missing", f"10.0.1.2:40007 > {SERVER} SYN seq=777"),
        ("10.0.1.2:40007 > 0.0.0.1:23 SYN seq=777", "ip.bad-destination", f"10.0.1.2:40007 > {SERVER} SYN seq=777"),
        (f"10.0.1.2:0 > {SERVER} SYN seq=777", "tcp.port-zero", f"10.0.1.2:40001 > {SERVER} SYN seq=777"),
    ],
)
def test_a_hint_keeps_what_its_reader_may_choose(card: str, reason: str, answer: str) -> None:
    """The port of a client, and the number with which it begins."""
    ruling = Play().scan("client", card)
    assert (ruling.reason, ruling.params["answer"]) == (reason, answer)


def test_a_hint_keeps_the_number_of_a_syn_ack() -> None:
    play = Play()
    play.carry(SYN, "client", "router", "server")
    ruling = play.scan("server", f"{SERVER} > {CLIENT} - seq=777 ack=101")
    assert (ruling.reason, ruling.params["answer"]) == (
        "tcp.flags-missing",
        f"{SERVER} > {CLIENT} SYN,ACK seq=777 ack=101",
    )


def test_a_hint_ends_before_what_nobody_could_send() -> None:
    play = Play()
    ruling = play.scan("server", f"{SERVER} > {CLIENT} - seq=300")
    found = help_with(play.world.rules, ruling)
    assert found is not None
    assert (ruling.reason, found.answer) == ("tcp.flags-missing", "Mark the flags.")


def test_who_agrees_at_a_closed_port_is_told_that_it_is_closed() -> None:
    play = Play()
    play.carry(f"{CLIENT} > 10.0.1.1:80 SYN seq=100", "client", "router", "server")
    ruling = play.scan("server", f"10.0.1.1:80 > {CLIENT} SYN,ACK seq=300 ack=101")
    wanted = "The flags should be RST,ACK, not SYN,ACK: nobody listens on port 80 here."
    assert said(play.world.rules, ruling) == wanted


def test_a_syn_that_is_sent_again_is_told_to_keep_its_number() -> None:
    play = Play()
    play.carry(SYN, "client", "router")
    ruling = play.scan("client", f"{CLIENT} > {SERVER} SYN seq=200")
    wanted = "seq should be 100, not 200: a SYN that is sent again keeps its first seq."
    assert said(play.world.rules, ruling) == wanted


def test_after_ones_own_fin_one_sends_nothing_more_also_where_nobody_counts() -> None:
    play = Play(with_rules(counting=Counting.OFF))
    there, back = f"{CLIENT} > {SERVER}", f"{SERVER} > {CLIENT}"
    for card, *nodes in (
        (f"{there} SYN", "client", "router", "server"),
        (f"{back} SYN,ACK", "server", "router", "client"),
        (f"{there} FIN,ACK", "client", "router", "server"),
        (f"{back} ACK", "server", "router", "client"),
    ):
        play.carry(card, *nodes)
    assert play.state("client") == [State.FIN_WAIT_2]
    assert play.scan("client", f'{there} ACK data="x"').reason == "tcp.after-own-fin"


def test_whoever_carries_the_card_of_the_engine_makes_the_mistake() -> None:
    play = Play()
    play.do(HandedOver(0, "server", True))
    play.carry(SYN, "client", "router", "server")
    ruling = play.scan("client", SYN_ACK)
    assert (ruling.reason, ruling.charged) == ("link.skipped-router", "client")


def test_nobody_waits_for_a_firewall_to_speak() -> None:
    play = Play(load("refused").rules)
    play.carry("10.0.1.2:40002 > 10.0.1.9:23 SYN seq=0", "nina", "router", "vault")
    ruling = play.scan("nina", "10.0.1.9:23 > 10.0.1.2:40002 SYN,ACK seq=0 ack=0")
    assert (ruling.reason, ruling.charged) == ("ip.spoofed-source", None)


def numbers_on_a_form(mode: Mode) -> Play:
    return Play(with_rules(form=Form(seq=True, ack=True), play=mode, isn_digits=4))


@pytest.mark.parametrize("seq", [9000, 9999])
def test_whoever_begins_at_the_end_of_the_columns_is_told_to_leave_room(seq: int) -> None:
    play = numbers_on_a_form(Mode.COACH)
    ruling = play.scan("client", f"{CLIENT} > {SERVER} SYN seq={seq}")
    assert (ruling.verdict.value, ruling.reason, ruling.charged) == ("stopped", "tcp.no-room-to-count", "client")
    assert said(play.world.rules, ruling).endswith("begin with 8999 at most.")
    assert play.scan("client", ruling.params["answer"]).reason == "tcp.syn-sent"


def test_where_one_plays_freely_it_goes_all_the_same() -> None:
    play = numbers_on_a_form(Mode.FREE)
    ruling = play.scan("client", f"{CLIENT} > {SERVER} SYN seq=9999")
    assert (ruling.verdict.value, ruling.reason) == ("sent", "tcp.no-room-to-count")
    assert play.state("client") == [State.SYN_SENT]


@pytest.mark.parametrize("seq", [8999, 10_000, 4_294_967_295])
def test_room_is_asked_for_only_where_columns_run_out(seq: int) -> None:
    """What has more digits than the form has columns was printed."""
    play = numbers_on_a_form(Mode.COACH)
    assert play.scan("client", f"{CLIENT} > {SERVER} SYN seq={seq}").reason == "tcp.syn-sent"


@pytest.mark.parametrize("seq", [0, 1])
def test_new_words_at_an_old_number_are_not_taken_for_the_old_ones(seq: int) -> None:
    """They are told where to go on, and not to say the old words again."""
    play = counting_bytes(CLIENT)
    play.carry(f'{CLIENT} > {SERVER} ACK seq=0 ack=0 data="my name is Danilo"', "client")
    ruling = play.scan("client", f'{CLIENT} > {SERVER} ACK seq={seq} ack=0 data="bye"')
    assert said(play.world.rules, ruling) == f"seq should be 17, not {seq}: go on where you left off."
    assert ruling.params["answer"] == f'{CLIENT} > {SERVER} ACK seq=17 ack=0 data="bye"'


def test_a_slip_in_what_is_sent_again_is_compared_with_what_stood_there() -> None:
    """Not with all that is on its way."""
    play = counting_bytes(CLIENT)
    for seq, words in ((0, "my name is Nina"), (15, " and I")):
        play.carry(f'{CLIENT} > {SERVER} ACK seq={seq} ack=0 data="{words}"', "client")
    ruling = play.scan("client", f'{CLIENT} > {SERVER} ACK seq=0 ack=0 data="my name is Nino"')
    assert (ruling.reason, ruling.params["should"]) == ("tcp.retransmission-differs", "15")
    assert ruling.params["answer"] == f'{CLIENT} > {SERVER} ACK seq=0 ack=0 data="my name is Nina"'
    ruling = play.scan("client", f'{CLIENT} > {SERVER} ACK seq=15 ack=0 data=" end I"', card="another")
    assert ruling.params["answer"] == f'{CLIENT} > {SERVER} ACK seq=15 ack=0 data=" and I"'
    ruling = play.scan("client", f'{CLIENT} > {SERVER} ACK seq=16 ack=0 data=" like"', card="a third")
    assert (ruling.reason, ruling.params["should"]) == ("tcp.seq-mismatch", "21")


def hinted(play: Play, node: str, card: str) -> tuple[str, str]:
    """The second and the third hint about a card."""
    found = help_with(play.world.rules, play.scan(node, card))
    assert found is not None
    return found.pointer, found.answer


def test_where_a_syn_counts_the_hint_says_so() -> None:
    """Else its sum would be the wrong number that was written."""
    play = Play()
    play.carry(SYN, "client", "router", "server")
    pointer, _ = hinted(play, "server", f"{SERVER} > {CLIENT} SYN,ACK seq=300 ack=100")
    assert pointer.endswith("plus what it carried. A SYN or a FIN counts one.")
    play.carry(SYN_ACK, "server", "router", "client")
    pointer, _ = hinted(play, "client", f"{CLIENT} > {SERVER} ACK seq=100 ack=301")
    assert pointer.endswith("plus what it carried. A SYN or a FIN counts one.")


def test_where_only_data_counts_the_hint_says_so_and_nothing_comes_before_0() -> None:
    play = counting_bytes(CLIENT)
    pointer, answer = hinted(play, "server", f"{SERVER} > {CLIENT} ACK seq=0 ack=3")
    assert (pointer[-22:], answer) == ("Only data counts here.", "Write ack 0, not 3.")
    play.carry(f'{CLIENT} > {SERVER} ACK seq=0 ack=0 data="hi"', "client", "router", "server")
    _, answer = hinted(play, "server", f"{SERVER} > {CLIENT} ACK seq=0 ack=3")
    assert answer == "Write ack 2, not 3: everything before 2 has come from Client, number 2 has not."


def test_only_who_refuses_hears_how_a_refusal_is_numbered() -> None:
    play = Play()
    play.carry(f"{CLIENT} > 10.0.1.1:80 SYN seq=100", "client", "router", "server")
    pointer, _ = hinted(play, "server", f"10.0.1.1:80 > {CLIENT} RST,ACK seq=7 ack=101")
    assert pointer.endswith("A refusal of a SYN begins with 0.")


@pytest.mark.parametrize("mode", Mode)
def test_whoever_is_told_to_wait_is_shown_no_field_to_change(mode: Mode) -> None:
    play = Play(with_rules(play=mode))
    ruling = play.scan("server", SYN_ACK)
    assert (ruling.reason, ruling.differences, "answer" in ruling.params) == ("tcp.not-asked", (), False)
    play.scan("client", SYN)
    ruling = play.scan("client", ACK)
    assert (ruling.reason, ruling.differences, "answer" in ruling.params) == ("tcp.unanswered", (), False)


def test_whoever_is_told_to_take_another_port_is_shown_no_field_to_change() -> None:
    play = established()
    play.carry(f"{CLIENT} > {SERVER} FIN,ACK seq=101 ack=301", "client", "router", "server")
    play.carry(f"{SERVER} > {CLIENT} FIN,ACK seq=301 ack=102", "server", "router", "client")
    play.carry(f"{CLIENT} > {SERVER} ACK seq=102 ack=302", "client", "router", "server")
    ruling = play.scan("client", f"{CLIENT} > {SERVER} SYN seq=900")
    assert (ruling.reason, ruling.differences, "answer" in ruling.params) == ("tcp.time-wait", (), False)
