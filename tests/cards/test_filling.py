"""From a packet to marks and back."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.filling import Misfilled, check_fits, ink, marks, place, written
from cards.notation import parse
from cards.packet import Carries, Flags, Written
from cards.penform import PenForm
from cards.seqnum import SeqNum
from tests.cards.forms import NUMBERS, SMALL, WHOLE, built_in

ACK = parse("10.0.1.2:40001 > 10.0.2.1:23 ACK seq=17 ack=1203")


def values(form: PenForm, text: str | Written) -> dict[str, tuple[str, ...]]:
    there = marks(form, parse(text) if isinstance(text, str) else text)
    return {field.name: tuple(value for value in field.values if (field.name, value) in there) for field in form.fields}


@st.composite
def packets(draw: st.DrawFn, form: PenForm) -> Written:
    """What somebody can write on a form."""
    addresses = st.builds(
        lambda network, host: IPv4Address(f"{network}.{host}"), *map(st.sampled_from, (form.networks, form.hosts))
    )
    kind = draw(st.sampled_from([Carries.TCP, *form.kinds]))
    ports = st.sampled_from([port.number for port in form.ports]) if kind.has_ports else st.none()
    numbers = st.none() | st.integers(0, 10**form.digits - 1).map(SeqNum)
    seq, ack = (draw(numbers) if asked else None for asked in (form.seq, form.ack))
    flags = [Flags[name] for name in ("SYN", "ACK", "FIN", "RST") if draw(st.booleans())]
    mask = Flags.NONE
    for flag in flags:
        mask |= flag
    crossed = draw(st.integers(0, form.ttl))
    near = [each.id for each in form.neighbours]
    return Written(
        draw(addresses),
        draw(addresses),
        draw(ports),
        draw(ports),
        mask if kind is Carries.TCP else None,
        seq,
        ack,
        None,
        ink(draw(st.integers(0, form.comb))),
        form.ttl - crossed if form.ttl else None,
        draw(st.none() | st.sampled_from(near)) if near else None,
        kind,
    )


@given(st.data())
def test_what_is_marked_says_what_was_meant(data: st.DataObject) -> None:
    form = data.draw(built_in | st.just(WHOLE))
    meant = data.draw(packets(form))
    assert written(form, values(form, meant), meant.payload or b"") == meant


def test_a_first_syn_takes_few_marks() -> None:
    assert marks(SMALL, parse("10.0.1.2:40001 > 10.0.1.1:23 SYN")) == {
        ("src.host", "2"), ("src.port", "40001"), ("dst.host", "1"), ("dst.port", "23"), ("flags", "SYN"),
    }  # fmt: skip


def test_a_number_stands_at_the_right() -> None:
    assert {mark for mark in marks(NUMBERS, ACK) if mark[0][:3] in ("seq", "ack")} == {
        ("seq.3", "1"), ("seq.4", "7"), ("ack.1", "1"), ("ack.2", "2"), ("ack.3", "0"), ("ack.4", "3"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("10.0.9.2:40001 > 10.0.1.1:23 SYN", "10.0.9 cannot be marked on this form: FROM, network has 10.0.1, 10.0.2"),
        ("10.0.1.7:40001 > 10.0.1.1:23 SYN", "7 cannot be marked on this form: FROM, host has 1, 2, 254"),
        ("10.0.1.2:40001 > 10.0.1.1:80 SYN", "80 cannot be marked on this form: TO, port has 23, 40001"),
        ("10.0.1.2:40001 > 10.0.1.1:23 SYN seq=10000", "it has 4 columns for a number"),
        ("10.0.1.2 > 10.0.1.1 ECHO-REPLY", "echo-reply cannot be marked on this form"),
        ("10.0.1.2:40001 > 10.0.1.1:23 SYN via=moon", "moon cannot be marked on this form"),
        ("10.0.1.2:40001 > 10.0.1.1:23 PSH,ACK", "PSH cannot be marked on this form: FLAGS has SYN, ACK, FIN, RST"),
    ],
)
def test_what_the_form_does_not_have_cannot_be_marked(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        marks(WHOLE, parse(text))


def test_a_text_longer_than_the_comb_does_not_fit() -> None:
    with pytest.raises(ValueError, match="17 octets do not fit: this form has 16 cells"):
        check_fits(SMALL, parse('10.0.1.2:40001 > 10.0.1.1:23 ACK data="my name is Danilo"'))


@pytest.mark.parametrize(
    ("field", "marked", "sentence"),
    [
        ("src.host", (), "nothing is marked under FROM, host"),
        ("dst.network", ("10.0.1", "10.0.2"), "2 are marked under TO, network: one is right"),
        ("ack.2", ("2", "7"), "2 are marked under ACK, second column: one is right"),
        ("ack.2", (), "nothing is marked under ACK, second column: a number ends in the last column"),
        ("seq.4", (), "nothing is marked under SEQ, fourth column"),
        ("dst.port", (), "nothing is marked under TO, port"),
    ],
)
def test_what_is_missing_or_too_much_is_named(field: str, marked: tuple[str, ...], sentence: str) -> None:
    there = values(NUMBERS, ACK) | {field: marked}
    with pytest.raises(Misfilled, match=sentence) as caught:
        written(NUMBERS, there)
    assert caught.value.code == "card.marks"


def test_all_gaps_are_named_at_once_but_no_more_than_three() -> None:
    there = values(NUMBERS, ACK)
    with pytest.raises(Misfilled, match=r"^nothing is marked under FROM, host; TO, port$"):
        written(NUMBERS, there | {"src.host": (), "dst.port": ()})
    with pytest.raises(Misfilled, match=r"^nothing is marked under FROM, network; FROM, host; FROM, port$"):
        written(NUMBERS, dict.fromkeys(there, ()))


def test_an_empty_check_is_a_gap_like_others() -> None:
    with pytest.raises(Misfilled, match=r"^nothing is marked under CHECK$"):
        written(WHOLE, values(WHOLE, ACK) | {"check": ()})


def test_the_check_digit_is_a_sum_and_catches_any_one_wrong_digit() -> None:
    """SEQ 17, ACK 1203 and 15 letters: 1+7 + 1+2+0+3 + 1+5 = 20."""
    right = values(WHOLE, Written(ACK.src, ACK.dst, ACK.sport, ACK.dport, ACK.flags, ACK.seq, ACK.ack, payload=ink(15)))
    assert right["check"] == ("0",)
    assert written(WHOLE, right, ink(15)).ack == SeqNum(1203)
    for field in ("seq.3", "seq.4", "ack.1", "ack.2", "ack.3", "ack.4"):
        for digit in set("0123456789") - set(right[field]):
            with pytest.raises(Misfilled, match="CHECK says 0") as caught:
                written(WHOLE, right | {field: (digit,)}, ink(15))
            assert caught.value.code == "card.check-digit"


def test_the_check_digit_leaves_out_what_hops_change() -> None:
    later = parse("10.0.1.2:40001 > 10.0.2.1:23 ACK seq=17 ack=1203 ttl=2 via=r1")
    assert values(WHOLE, ACK)["check"] == values(WHOLE, later)["check"]


def test_a_ping_needs_no_ports() -> None:
    ping = written(WHOLE, values(WHOLE, "10.0.1.2 > 10.0.2.1 ECHO seq=3"))
    assert (ping.carries, ping.sport, ping.dport, ping.flags, ping.seq) == (Carries.ECHO, None, None, None, SeqNum(3))


def test_the_last_column_that_is_marked_is_the_next_hop() -> None:
    there = values(WHOLE, ACK) | {"hop.1": ("r1",), "hop.2": ("server",), "ttl": ("1", "2")}
    assert (written(WHOLE, there).next_hop, written(WHOLE, there).ttl) == ("server", 2)


def test_a_next_hop_can_be_called_by_its_title() -> None:
    by_title = parse("10.0.1.2:40001 > 10.0.1.1:23 SYN ttl=3 via=server")
    assert ("hop.1", "server") in marks(WHOLE, by_title)


def test_places_are_named_as_they_are_printed() -> None:
    assert [place(name) for name in ("src.port", "ack.2", "flags", "hop.1", "kind", "check")] == [
        "FROM, port", "ACK, second column", "FLAGS", "NEXT HOP, first column", "IF IT IS NOT TCP", "CHECK",
    ]  # fmt: skip
