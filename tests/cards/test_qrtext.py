from __future__ import annotations

import base64
import contextlib
import re
import struct
import zlib
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.datagram import Opaque
from cards.packet import Packet
from cards.payload import Ink
from cards.qrtext import (
    MOST_COMMAND,
    MOST_HOST,
    Card,
    CardId,
    CommandCard,
    PenCard,
    PrintedCard,
    RoleCard,
    UnreadableCard,
    decode,
    encode,
)
from tests.cards.examples import ERRORS, LONGEST, PING, PRINTABLE, SYN, SYN_ACK, UDP, Sample
from tests.cards.strategies import card_ids, command_cards, printed_cards, role_cards

FIRST = "HTTP://10.42.0.1/"
TCP = struct.Struct(">BBIIHHBHI")


def test_the_text_is_as_the_module_says() -> None:
    """Built here from the description alone: base32, RFC 4648; CRC-32 as in zlib, its low 25 bits."""
    octets = struct.pack(
        ">BBIIHHBHII", 6, 64, 0x0A000101, 0x0A000102, 23, 40001, 0x12, 65535, 300, 101
    )  # 0x12: ACK and SYN, RFC 9293 §3.1
    body = base64.b32encode(octets).decode().rstrip("=")
    path = f"P/1-DEMO-2-{body}"
    low = zlib.crc32(path.encode()) & 0x1FFFFFF
    check = "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[low >> shift & 31] for shift in (20, 15, 10, 5, 0))
    assert encode(SYN_ACK) == f"{FIRST}{path}-{check}"


@pytest.mark.parametrize("sample", PRINTABLE, ids=lambda sample: sample.line)
def test_what_is_not_tcp_has_these_octets(sample: Sample) -> None:
    assert sample.octets is not None
    body = base64.b32encode(bytes.fromhex(sample.octets)).decode().rstrip("=")
    assert encode(sample.card) == _checked(f"P/1-DEMO-1-{body}")
    assert decode(encode(sample.card)) == sample.card


@pytest.mark.parametrize(
    ("packet", "says"),
    [
        *((sample.packet, sample.line.split()[-1]) for sample in ERRORS),
        (Packet(SYN.packet.src, SYN.packet.dst, Opaque(47, b"")), "a packet of this sort"),
    ],
)
def test_what_a_code_does_not_hold_is_refused(packet: Packet, says: str) -> None:
    with pytest.raises(ValueError, match=f"{says} cannot be printed"):
        encode(replace(SYN, packet=packet))


@given(printed_cards | command_cards | role_cards)
def test_what_is_encoded_decodes_to_the_same_card(card: Card) -> None:
    text = encode(card)
    assert re.fullmatch(r"[A-Z0-9./:%+-]+", text)
    assert decode(text) == card


@pytest.mark.parametrize("host", ["192.168.4.1", "paperhop.local:8000", "H"])
def test_a_card_reads_the_same_with_any_host(host: str) -> None:
    text = encode(SYN, host)
    assert text.startswith(f"HTTP://{host.upper()}/P/1-DEMO-1-")
    assert decode(text) == SYN
    assert decode("https" + text.removeprefix("HTTP")) == SYN


@pytest.mark.parametrize("host", ["", "a b", "hub/x", "häuschen", "x" * 41, "hub:", "hub:123456"])
def test_a_host_that_no_card_can_have_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="not a host for a card"):
        encode(SYN, host)


def test_a_command_stands_in_words() -> None:
    card = CommandCard(CardId("CMD", 7), "lose router server 20%")
    assert encode(card) == _checked("M/1-CMD-7-LOSE+ROUTER+SERVER+20%25")
    assert decode(encode(card)) == card


@pytest.mark.parametrize(
    "body", ["", "lose", "LOSE%20A", "LOSE++A", "+LOSE", "LOSE+", "LOSE%2BA", "%4COSE", "%C3%84", "20%", "X" * 49]
)
def test_a_command_that_no_card_has_is_not_read(body: str) -> None:
    with pytest.raises(UnreadableCard) as error:
        decode(_checked(f"M/1-CMD-7-{body}"))
    assert error.value.code == "card.damaged"


@pytest.mark.parametrize("command", ["", " ", "Lose", "lose  a", " lose", "lose ", "lose\na", "a_b", "ä", "x+y"])
def test_a_command_of_other_letters_is_refused(command: str) -> None:
    with pytest.raises(ValueError, match="small letters"):
        CommandCard(CardId("CMD", 7), command)


def test_the_longest_command_fits_with_the_longest_host() -> None:
    card = CommandCard(CardId("CMD4", 99999), "%" * MOST_COMMAND)
    assert decode(encode(card, "H" * (MOST_HOST - 6) + ":12345")) == card
    with pytest.raises(ValueError, match="at most 48 characters"):
        replace(card, command="x" * (MOST_COMMAND + 1))


def test_a_role_is_the_id_of_a_node() -> None:
    card = RoleCard(CardId("ROLE", 7), "team-router-2")
    assert encode(card) == _checked("R/1-ROLE-7-TEAM-ROUTER-2")
    assert decode(encode(card)) == card


@pytest.mark.parametrize("body", ["", "server", "2ND", "-A", "A+B", "A%20B", "X" * 33])
def test_a_role_that_no_card_has_is_not_read(body: str) -> None:
    with pytest.raises(UnreadableCard) as error:
        decode(_checked(f"R/1-ROLE-7-{body}"))
    assert error.value.code == "card.damaged"


@pytest.mark.parametrize("node", ["", "Server", "2nd", "a b", "x" * 33, "server\n"])
def test_a_role_that_is_no_id_is_refused(node: str) -> None:
    with pytest.raises(ValueError, match="a node's id"):
        RoleCard(CardId("ROLE", 7), node)


@given(printed_cards | command_cards | role_cards, st.data())
def test_no_single_changed_character_makes_another_card(card: Card, data: st.DataObject) -> None:
    text = encode(card)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 $%*+-./:") | st.characters())
    changed = text[:place] + other + text[place + 1 :]
    with contextlib.suppress(UnreadableCard):
        assert decode(changed) == card


def test_the_check_sees_every_single_changed_character() -> None:
    """All of them: in the longest card, each character from the kind on, changed to each other ASCII character."""
    path = encode(LONGEST).removeprefix(FIRST)
    for place in range(len(path)):
        for other in map(chr, range(128)):
            if other != path[place]:
                with pytest.raises(UnreadableCard):
                    decode(FIRST + path[:place] + other + path[place + 1 :])


@given(printed_cards | command_cards | role_cards, st.data())
def test_a_truncated_card_is_never_read(card: Card, data: st.DataObject) -> None:
    text = encode(card)
    length = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(UnreadableCard) as error:
        decode(text[:length])
    assert error.value.code == ("card.damaged" if length >= len(FIRST) + len("P/1-") else "card.foreign")


@given(st.text() | st.text().map(lambda rest: f"{FIRST}P/1-{rest}") | st.text().map(lambda rest: FIRST + rest))
def test_any_other_text_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(UnreadableCard) as error:
        decode(text)
    assert error.value.detail


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "card.foreign"),
        ("WIFI:T:WPA;S:guest;P:secret;;", "card.foreign"),
        ("https://example.org/p/1-demo", "card.foreign"),
        ("HTTP://10.42.0.1/", "card.foreign"),
        (f"{FIRST}P/1-DEMO-1-", "card.damaged"),
        (encode(SYN).replace("DEMO-1-", "DEMO-2-"), "card.damaged"),
        (encode(SYN).replace("DEMO-1-", "demo-1-"), "card.damaged"),
        (encode(SYN) + "A", "card.damaged"),
        (encode(SYN) + "\n", "card.damaged"),
        (encode(SYN).replace("/P/1-", "/P/2-"), "card.newer"),
        (encode(SYN).replace("/P/1-", "/Q/1-"), "card.newer"),
        (f"{FIRST}C/1-DEMO-12345-X7KQ2", "card.damaged"),
        (f"{FIRST}C/2-DEMO-12345-X7KQ2", "card.newer"),
        (f"{FIRST}M/2-CMD-1-LOSE+A+B+20%25-X7KQ2", "card.newer"),
        (f"{FIRST}M/1-CMD-1-LOSE+A+B-AAAAA", "card.damaged"),
        (f"{FIRST}R/2-ROLE-1-SERVER-X7KQ2", "card.newer"),
        (f"{FIRST}R/1-ROLE-1-SERVER-AAAAA", "card.damaged"),
    ],
)
def test_texts_that_are_no_card_say_why(text: str, code: str) -> None:
    with pytest.raises(UnreadableCard) as error:
        decode(text)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("head", "octets", "code"),
    [
        ("P/1-DEMO-1", TCP.pack(132, 64, 1, 2, 3, 4, 2, 5, 6), "card.newer"),  # SCTP
        ("P/1-DEMO-1", b"\x2f", "card.newer"),  # GRE, whatever its layout will be
        ("P/1-DEMO-1", struct.pack(">BBIIBHH", 1, 64, 1, 2, 13, 3, 4), "card.newer"),  # ICMP timestamp
        ("P/1-DEMO-1", TCP.pack(6, 64, 1, 2, 3, 4, 0x42, 5, 6), "card.damaged"),  # an unknown flag
        ("P/1-DEMO-1", TCP.pack(6, 64, 1, 2, 3, 4, 0x10, 5, 6), "card.damaged"),  # ACK without its number
        ("P/1-DEMO-1", TCP.pack(6, 64, 1, 2, 3, 4, 2, 5, 6) + b"x" * 65, "card.damaged"),
        ("P/1-DEMO-1", struct.pack(">BBIIHH", 17, 64, 1, 2, 3, 4) + b"x" * 65, "card.damaged"),
        ("P/1-DEMO-1", struct.pack(">BBIIBHH", 1, 64, 1, 2, 8, 3, 4) + b"x" * 65, "card.damaged"),
        ("P/1-DEMO-1", b"\x06", "card.damaged"),
        ("P/1-DEMO-1", struct.pack(">BBIIH", 17, 64, 1, 2, 3), "card.damaged"),  # no destination port
        ("P/1-DEMO-1", struct.pack(">BBIIB", 1, 64, 1, 2, 8), "card.damaged"),  # no identifier
        ("P/1-DEMO-01", TCP.pack(6, 64, 1, 2, 3, 4, 2, 5, 6), "card.damaged"),  # a serial with a leading zero
    ],
)
def test_a_fitting_check_alone_does_not_make_a_card(head: str, octets: bytes, code: str) -> None:
    with pytest.raises(UnreadableCard) as error:
        decode(_checked(f"{head}-{base64.b32encode(octets).decode().rstrip('=')}"))
    assert error.value.code == code


def test_spare_bits_of_the_body_are_zero() -> None:
    octets = TCP.pack(6, 64, 1, 2, 3, 4, 2, 5, 6)
    body = base64.b32encode(octets).decode().rstrip("=")
    assert decode(_checked(f"P/1-DEMO-1-{body}")).id == CardId("DEMO", 1)
    with pytest.raises(UnreadableCard, match="not one that Paperhop prints"):
        decode(_checked(f"P/1-DEMO-1-{body[:-1]}{chr(ord(body[-1]) + 1)}"))


def test_payloads_that_do_not_fit_are_refused() -> None:
    def with_payload(card: PrintedCard, payload: bytes | Ink) -> PrintedCard:
        written = msgspec.structs.replace(card.packet.written(), payload=payload)
        return replace(card, packet=written.complete())

    for card in (SYN, UDP, PING):
        assert decode(encode(with_payload(card, b"x" * 64)))
        with pytest.raises(ValueError, match="at most 64 octets"):
            encode(with_payload(card, b"x" * 65))
        with pytest.raises(ValueError, match="ink cannot be printed"):
            encode(with_payload(card, Ink(3)))


@given(card_ids)
def test_an_identity_is_read_as_it_is_written(card_id: CardId) -> None:
    assert CardId.parse(str(card_id)) == card_id


@pytest.mark.parametrize("text", ["", "DEMO", "demo-1", "DEMOS-1", "DEMO-01", "DEMO-123456", "DEMO--1", "DEMO-1\n"])
def test_what_is_no_identity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not the identity of a card"):
        CardId.parse(text)


@pytest.mark.parametrize(("deck", "serial"), [("", 1), ("demo", 1), ("DEMOS", 1), ("DEMO", -1), ("DEMO", 100000)])
def test_an_impossible_identity_is_refused(deck: str, serial: int) -> None:
    with pytest.raises(ValueError, match=r"a deck is named|serial number"):
        CardId(deck, serial)


def test_the_longest_host_is_as_long_as_the_module_says() -> None:
    host = "H" * (MOST_HOST - 6) + ":12345"
    assert decode(encode(LONGEST, host)) == LONGEST


def _checked(path: str) -> str:
    crc = (zlib.crc32(path.encode()) << 7 & 0xFFFFFFFF).to_bytes(4, "big")
    return f"{FIRST}{path}-{base64.b32encode(crc).decode()[:5]}"


def test_a_card_for_the_pen_has_a_small_code_that_says_which_one_it_is() -> None:
    """Version 2-M holds 38 characters (ISO/IEC 18004 table 7): modules of 1.2 mm where the code is 30 mm wide."""
    card = PenCard(CardId("ZZZZ", 99_999))
    assert decode(encode(card)) == card
    assert len(encode(card)) <= 38
