from __future__ import annotations

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.jsonform import InkJson, WrittenJson, from_json, to_json
from cards.notation import EXAMPLE, parse, write
from cards.packet import Packet, Written
from cards.payload import Ink
from tests.cards.examples import SAMPLES, Sample
from tests.cards.strategies import packets, written


@given(packets())
def test_a_packet_comes_back_from_its_json(packet: Packet) -> None:
    assert from_json(_over_the_wire(to_json(packet))).complete() == packet


@given(written)
def test_what_was_written_comes_back_from_its_json(what: Written) -> None:
    assert from_json(_over_the_wire(to_json(what))) == what


def test_a_packet_looks_like_this() -> None:
    packet = parse(EXAMPLE).complete()
    assert msgspec.to_builtins(to_json(packet)) == {
        "src": "10.0.1.2",
        "dst": "10.0.1.1",
        "sport": 40001,
        "dport": 23,
        "flags": ("SYN",),
        "seq": 100,
        "window": 65535,
        "data": "",
        "ttl": 64,
        "text": write(packet),
    }


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.line)
def test_what_is_not_tcp_looks_like_this(sample: Sample) -> None:
    packet = sample.packet
    ends = {"src": str(packet.src), "dst": str(packet.dst), "ttl": packet.ttl, "text": sample.line}
    json = to_json(packet)
    assert msgspec.to_builtins(json) == ends | sample.json
    assert from_json(_over_the_wire(json)) == packet.written()


def test_the_picture_of_ink_travels_along() -> None:
    came = from_json(_over_the_wire(to_json(Written(payload=Ink(3, b"\x89PNG")))))
    assert isinstance(came.payload, Ink)
    assert came.payload.picture == b"\x89PNG"


@pytest.mark.parametrize(
    ("json", "says"),
    [
        (WrittenJson(src="10.0.1.999"), "src"),
        (WrittenJson(data="a", ink=InkJson(1)), "one or the other"),
        (WrittenJson(data="\u20ac"), "one character per octet"),
        (WrittenJson(ink=InkJson(1, "no base64")), "base64"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(json: WrittenJson, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        from_json(json)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "src": st.text(max_size=8) | st.sampled_from(["1.2.3.4\n", "1.2.3.256", "01.2.3.4", "١.2.3.4"]),
            "flags": st.lists(st.sampled_from(["SYN", "ACK", "SYN\n", "NONE", "syn", ""])),
            "seq": st.integers(-1, 2**33) | st.booleans() | st.floats(),
            "data": st.text(max_size=8),
            "carries": st.sampled_from(["tcp", "udp", "echo", "UDP", "", "icmp"]) | st.none(),
            "ink": st.fixed_dictionaries({"length": st.integers(-1, 70000)}, optional={"picture": st.text(max_size=8)}),
        },
    )
)
def test_any_json_is_read_or_refused(json: dict[str, object]) -> None:
    with contextlib.suppress(ValueError):  # msgspec.ValidationError is one, too
        from_json(msgspec.convert(json, WrittenJson))


def _over_the_wire(json: WrittenJson) -> WrittenJson:
    return msgspec.json.decode(msgspec.json.encode(json), type=WrittenJson)
