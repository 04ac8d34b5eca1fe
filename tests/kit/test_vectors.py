"""The vector adapter: cases asked line by line, with answers as the RFCs have them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperhop.vectors.adapter import Adapter
from paperhop.vectors.operations import OPERATIONS

WITHIN = 60
HOST, PEER = "192.0.2.1", "192.0.2.9"
FLOW = {"host": f"{HOST}:7", "peer": f"{PEER}:40001", "peer_isn": 4_294_967_290}
"""The peer's numbers wrap around after a few octets."""


class Asking:
    """Somebody who asks an adapter, and reads what it answers."""

    def __init__(self, **case: Any) -> None:
        self.adapter = Adapter()
        defaults = {"id": "own", "links": {"net": {"addr": f"{HOST}/24"}}, "flows": {"A": FLOW}}
        self.opened = self.ask({"cmd": "reset", "case": defaults | case})

    def ask(self, line: object) -> dict[str, Any]:
        return answer_to(self.adapter, json.dumps(line).encode())

    def step(self, op: str, **fields: Any) -> dict[str, Any]:
        return self.ask({"cmd": "step", "do": {"op": op} | fields})

    def inject(self, flags: str, seq: int, ack: int | None = None, **fields: Any) -> dict[str, Any]:
        return self.step("inject", flow="A", flags=flags, seq=seq, ack=ack, **fields)

    def state(self) -> str:
        return str(self.step("advance", ms=0)["state"]["A"])


def answer_to(adapter: Adapter, line: bytes) -> dict[str, Any]:
    answer = adapter.answer(line)
    assert b"\n" not in answer
    decoded = json.loads(answer)
    assert isinstance(decoded, dict)
    return decoded


def brief(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Of each segment that came out: flags without PSH, seq, ack, and what it carries."""
    return [
        (e["flags"].replace("P", ""), e["seq"], e["ack"], e.get("data", "")) for e in answer["emits"] if "flow" in e
    ]


def established() -> Asking:
    asking = Asking()
    asking.step("listen", port=7, sock="L")
    asking.inject("S", 0)
    asking.inject("A", 1, 1)
    asking.step("accept", listener="L", sock="a")
    return asking


# A connection's life


def test_a_conversation_is_counted_from_both_syns() -> None:
    asking = Asking()
    assert asking.opened == {"ok": True}
    assert asking.step("listen", port=7, sock="L") == {"emits": [], "state": {"A": "CLOSED"}}
    assert asking.step("accept", listener="L", sock="a")["result"] == {"error": "EAGAIN"}
    opening = asking.inject("S", 0)
    assert brief(opening) == [("SA", 0, 1, "")]
    assert opening["state"] == {"A": "SYN-RECEIVED"}
    assert asking.inject("A", 1, 1) == {"emits": [], "state": {"A": "ESTABLISHED"}}
    assert asking.step("accept", listener="L", sock="a")["result"] == {"from": f"{PEER}:40001"}
    assert brief(asking.inject("PA", 1, 1, data="twelve bytes")) == [("A", 1, 13, "")]
    assert asking.step("recv", sock="a")["result"] == {"bytes": 12, "data": "twelve bytes"}
    said = asking.step("send", sock="a", data="ok")
    assert said["result"] == {"accepted_bytes": 2}
    assert brief(said) == [("A", 1, 13, "ok")]
    assert brief(asking.inject("FA", 13, 3)) == [("A", 3, 14, "")]
    assert asking.step("recv", sock="a")["result"] == {"eof": True}
    closing = asking.step("close", sock="a")
    assert brief(closing) == [("FA", 3, 14, "")]
    assert closing["state"] == {"A": "LAST-ACK"}
    assert asking.inject("A", 14, 4)["state"] == {"A": "CLOSED"}


def test_octets_that_nobody_spelt_are_the_alphabet_by_stream_offset() -> None:
    asking = established()
    asking.inject("A", 1, 1, len=25)
    asking.inject("A", 26, 1, len=3)
    assert asking.step("recv", sock="a")["result"] == {"bytes": 28, "data": "abcdefghijklmnopqrstuvwxyzab"}
    assert brief(asking.step("send", sock="a", len=27)) == [("A", 1, 29, "abcdefghijklmnopqrstuvwxyza")]
    asking.inject("A", 29, 28)
    assert brief(asking.step("send", sock="a", len=2)) == [("A", 28, 29, "bc")]


def test_octets_are_characters_up_to_u00ff_one_each() -> None:
    asking = established()
    assert brief(asking.inject("A", 1, 1, data="\xff\xfb\x01")) == [("A", 1, 4, "")]
    assert asking.step("recv", sock="a")["result"] == {"bytes": 3, "data": "\xff\xfb\x01"}
    assert "U+00FF" in asking.inject("A", 4, 1, data="€")["error"]


def test_long_data_is_counted_and_not_written_down() -> None:
    asking = established()
    asking.inject("A", 1, 1, len=81)
    assert asking.step("recv", sock="a")["result"] == {"bytes": 81}


def test_a_segment_without_ack_to_a_closed_port_is_answered_from_zero() -> None:
    # RFC 9293 §3.10.7.1: <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>
    [reset] = Asking().inject("S", 0, data="abc")["emits"]
    assert (reset["flags"], reset["seq"], reset["ack"], reset["seq_base"]) == ("RA", 0, 4, "zero")


def test_a_segment_with_ack_to_a_closed_port_is_answered_from_its_ack() -> None:
    # The same section: <SEQ=SEG.ACK><CTL=RST>
    [reset] = Asking().inject("A", 1, 77)["emits"]
    assert (reset["flags"], reset["seq"], reset["ack"], reset["seq_base"]) == ("R", 77, None, "assumed")


def test_numbers_stay_those_of_a_connection_that_was_reset() -> None:
    asking = established()
    assert asking.inject("R", 1)["state"] == {"A": "CLOSED"}
    assert asking.step("error", sock="a")["result"] == {"pending_error": "ECONNRESET"}
    assert asking.step("error", sock="a")["result"] == {"pending_error": None}
    assert brief(asking.inject("A", 1, 1)) == [("R", 1, None, "")]


def test_a_new_connection_out_of_time_wait_counts_from_its_own_syn() -> None:
    asking = established()
    asking.step("close", sock="a")
    assert asking.inject("FA", 1, 2)["state"] == {"A": "TIME-WAIT"}
    again = asking.inject("S", 90_000)
    assert brief(again) == [("SA", 0, 90_001, "")]
    assert again["state"] == {"A": "SYN-RECEIVED"}


def test_numbers_are_told_apart_when_they_wrap_around() -> None:
    asking = Asking()
    assert brief(asking.step("connect", flow="A", sock="c", host_isn=4_294_967_295)) == [("S", 0, None, "")]
    assert brief(asking.inject("SA", 0, 1)) == [("A", 1, 1, "")]
    assert brief(asking.step("send", sock="c", data="hello")) == [("A", 1, 1, "hello")]
    assert brief(asking.inject("A", 1, -5)) == []
    assert asking.inject("A", 1, 6)["state"] == {"A": "ESTABLISHED"}


# Time


def test_a_syn_is_repeated_after_twice_as_long_each_time_and_given_up() -> None:
    # RFC 6298 §2.1, §5.5: 1 s, then 2 s; with two retries it is over 4 s later.
    asking = Asking(sysctl={"net.ipv4.tcp_syn_retries": 2})
    asking.step("connect", flow="A", sock="c")
    waited = asking.step("advance", ms=6_999)
    assert [e["t_ms"] for e in waited["emits"]] == [1000, 3000]
    assert waited["state"] == {"A": "SYN-SENT"}
    assert asking.step("advance", ms=2)["state"] == {"A": "CLOSED"}
    assert asking.step("error", sock="c")["result"] == {"pending_error": "ETIMEDOUT"}


def test_times_are_counted_from_the_step() -> None:
    asking = Asking()
    asking.step("connect", flow="A", sock="c")
    assert asking.step("advance", ms=900)["emits"] == []
    assert [e["t_ms"] for e in asking.step("advance", ms=900)["emits"]] == [100]


def test_time_wait_lasts_as_long_as_two_segment_lifetimes() -> None:
    asking = established()
    asking.step("close", sock="a")
    asking.inject("FA", 1, 2)
    assert asking.step("advance", ms=59_999)["state"] == {"A": "TIME-WAIT"}
    assert asking.step("advance", ms=2)["state"] == {"A": "CLOSED"}


def test_an_ack_waits_for_company_when_the_profile_says_so() -> None:
    asking = Asking(profile="delayed-ack", route_features="rto_min 1s")
    asking.step("listen", port=7, sock="L")
    asking.inject("S", 0)
    asking.inject("A", 1, 1)
    assert asking.inject("PA", 1, 1, data="x")["emits"] == []
    [ack] = asking.step("advance", ms=499)["emits"]
    assert (ack["seq"], ack["ack"], ack["len"]) == (1, 2, 0)


# Checksums


@pytest.mark.parametrize("spoiled", ["bad_tcp_checksum", "bad_ip_checksum"])
def test_a_spoiled_segment_is_dropped_in_silence(spoiled: str) -> None:
    asking = Asking()
    asking.step("listen", port=7, sock="L")
    assert asking.inject("S", 0, **{spoiled: True}) == {"emits": [], "state": {"A": "CLOSED"}}
    assert asking.inject("S", 0)["state"] == {"A": "SYN-RECEIVED"}


# Below TCP


def echo(**fields: Any) -> dict[str, Any]:
    return {"proto": "icmp", "type": 8, "code": 0, "id": 3, "icmp_seq": 4, "len": 5} | fields


def datagram(**fields: Any) -> dict[str, Any]:
    return {"proto": "udp", "sport": 5000, "dport": 53, "data": "x"} | fields


def test_a_ping_is_answered() -> None:
    [reply] = Asking(flows={}).step("inject_ip", src=PEER, dst=HOST, **echo())["emits"]
    assert reply == {"src": HOST, "dst": PEER, "ttl": 64} | echo(type=0)


def test_a_closed_udp_port_is_unreachable_and_an_open_one_takes_and_sends() -> None:
    asking = Asking(flows={})
    [error] = asking.step("inject_ip", src=PEER, dst=HOST, **datagram())["emits"]
    assert (error["type"], error["code"], error["quotes"]["sport"], error["quotes"]["dport"]) == (3, 3, 5000, 53)
    assert error["quoted_bytes_after_ip_header"] >= 8
    asking.step("udp_open", port=53, sock="u")
    assert asking.step("inject_ip", src=PEER, dst=HOST, **datagram())["emits"] == []
    assert asking.step("recv", sock="u")["result"] == {"bytes": 1, "data": "x"}
    sent = asking.step("sendto", sock="u", to=f"{PEER}:5000", data="yes")
    assert sent["result"] == {"accepted_bytes": 3}
    [reply] = sent["emits"]
    assert reply.items() >= {"src": HOST, "dst": PEER, "sport": 53, "dport": 5000, "data": "yes", "len": 3}.items()


@pytest.mark.parametrize("to", ["somewhere", "192.0.2.9", "192.0.2.9:", "192.0.2.9:99999", "192.0.2.999:1"])
def test_where_to_send_is_an_address_and_a_port(to: str) -> None:
    asking = Asking(flows={})
    asking.step("udp_open", port=53, sock="u")
    assert list(asking.step("sendto", sock="u", to=to, data="x")) == ["error"]


def test_a_hard_error_about_its_syn_ends_a_connection() -> None:
    asking = Asking()
    asking.step("connect", flow="A", sock="c")
    port_unreachable = {"proto": "icmp", "src": PEER, "dst": HOST, "type": 3, "code": 3}
    told = asking.step("inject_ip", about={"flow": "A", "seq": 0}, **port_unreachable)
    assert told["state"] == {"A": "CLOSED"}
    assert asking.step("error", sock="c")["result"] == {"pending_error": "ECONNREFUSED"}


def test_fragments_are_put_together() -> None:
    # A UDP datagram of 16 + 8 octets without checksum, whose header says so; its second half first.
    asking = Asking(flows={})
    asking.step("udp_open", port=53, sock="u")
    part = {"src": PEER, "dst": HOST, "ident": 9}
    asking.step("inject_ip", proto="raw", number=17, frag_offset=24, data="tail", **part)
    assert asking.step("recv", sock="u")["result"] == {"error": "EAGAIN"}
    asking.step("inject_ip", mf=True, udp_checksum="zero", **part, **datagram(data="0123456789abcdef"))
    assert asking.step("recv", sock="u")["result"] == {"bytes": 16, "data": "0123456789abcdef"}


def test_fragments_wait_as_long_as_the_case_says() -> None:
    asking = Asking(flows={}, sysctl={"net.ipv4.ipfrag_time": 5})
    first = {"src": PEER, "dst": HOST, "ident": 9, "mf": True, "udp_checksum": "zero"}
    asking.step("inject_ip", **first, **datagram(data="01234567"))
    [error] = asking.step("advance", ms=10_000)["emits"]
    assert (error["type"], error["code"], error["t_ms"]) == (11, 1, 5000)


def router(**links: Any) -> Asking:
    both = {"left": {"addr": "192.0.2.1/24"}, "right": {"addr": "198.51.100.1/24"}}
    return Asking(flows={}, links=both | links, sysctl={"net.ipv4.ip_forward": 1})


AWAY = {"src": PEER, "dst": "198.51.100.7"}


def test_a_router_passes_on_one_hop_older() -> None:
    [out] = router().step("inject_ip", ttl=9, **AWAY, **datagram())["emits"]
    assert out == {"link": "right", "ttl": 8, "len": 1} | AWAY | datagram()


def test_the_last_hop_is_told() -> None:
    [error] = router().step("inject_ip", ttl=1, **AWAY, **echo())["emits"]
    assert (error["link"], error["src"], error["dst"]) == ("left", "192.0.2.1", PEER)
    assert (error["type"], error["code"]) == (11, 0)
    assert error["quotes"] == AWAY | {"ttl": 1, "proto": 1}


def test_what_does_not_fit_is_cut_into_eights_or_refused() -> None:
    asking = router(right={"addr": "198.51.100.1/24", "mtu": 100})
    first, second = asking.step("inject_ip", **AWAY, **datagram(data="y" * 100))["emits"]
    assert (first["proto"], first["sport"], first["mf"], first["frag_offset"], first["len"]) == ("udp", 5000, 1, 0, 80)
    assert first["data"] == "y" * 72
    assert second == {"link": "right", "proto": "fragment", "ttl": 63, "mf": False, "frag_offset": 80, "len": 28} | AWAY
    [error] = asking.step("inject_ip", df=True, **AWAY, **datagram(data="y" * 100))["emits"]
    assert (error["type"], error["code"], error["next_hop_mtu"]) == (3, 4, 100)


def test_a_router_asks_who_has_the_address_on_ethernet() -> None:
    asking = router(right={"addr": "198.51.100.1/24", "kind": "tap", "neighbours": ["198.51.100.8"]})
    [known] = asking.step("inject_ip", src=PEER, dst="198.51.100.8", **datagram())["emits"]
    assert known["next_hop"] == "198.51.100.8"
    [request] = asking.step("inject_ip", **AWAY, **datagram())["emits"]
    ends = {"sender": "198.51.100.1", "target": "198.51.100.7"}
    assert request == {"link": "right", "proto": "arp", "op": "request", "broadcast": True} | ends
    heard = {"link": "right", "op_arp": "reply", "sender": "198.51.100.7", "target": "198.51.100.1"}
    [out] = asking.step("inject_arp", **heard)["emits"]
    assert (out["next_hop"], out["ttl"]) == ("198.51.100.7", 63)


def test_an_arp_request_for_a_router_is_answered_to_who_asked() -> None:
    asking = router(right={"addr": "198.51.100.1/24", "kind": "tap"})
    asked = {"link": "right", "op_arp": "request", "sender": "198.51.100.7", "target": "198.51.100.1"}
    [reply] = asking.step("inject_arp", **asked)["emits"]
    ends = {"sender": "198.51.100.1", "target": "198.51.100.7"}
    assert reply == {"link": "right", "proto": "arp", "op": "reply", "broadcast": False} | ends


@pytest.mark.parametrize(("kind", "code"), [("unreachable", 1), ("prohibit", 13), ("blackhole", None)])
def test_special_routes(kind: str, code: int | None) -> None:
    routes = [{"dst": "default", "via": "198.51.100.9", "dev": "right"}, {"dst": "203.0.113.0/24", "type": kind}]
    links = {"left": {"addr": "192.0.2.1/24"}, "right": {"addr": "198.51.100.1/24"}}
    asking = Asking(flows={}, links=links, routes=routes, sysctl={"net.ipv4.ip_forward": 1})
    told = asking.step("inject_ip", src=PEER, dst="203.0.113.5", **datagram())["emits"]
    assert [each["code"] for each in told] == ([] if code is None else [code])
    [out] = asking.step("inject_ip", src=PEER, dst="203.0.114.5", **datagram())["emits"]
    assert out["link"] == "right"


# What cannot be answered


@pytest.mark.parametrize(
    "case",
    [
        {"firewall": [{"chain": "input", "match": "tcp dport 7", "action": "drop"}]},
        {"sysctl": {"net.ipv4.tcp_syncookies": 1}},
        {"sysctl": {"net.ipv4.unheard_of": 1}},
        {"profile": "unheard-of"},
        {"route_features": "initcwnd 20"},
        {"links": {"net": {"addr": f"{HOST}/24", "vlan": 7}}},
        {"policy": ["from 192.0.2.0/24 lookup 100"]},
    ],
)
def test_what_the_engine_does_not_have_is_said_at_once(case: dict[str, Any]) -> None:
    asking = Asking(**case)
    assert list(asking.opened) == ["unsupported"]
    assert "reset" in asking.step("listen", port=7, sock="L")["error"]


def test_what_a_step_asks_and_the_engine_does_not_have_is_said_then() -> None:
    asking = established()
    assert "'tos'" in asking.inject("A", 1, 1, tos=8)["unsupported"]
    assert "'linger'" in asking.step("setopt", sock="a", opt="linger")["unsupported"]
    assert asking.state() == "ESTABLISHED"


@pytest.mark.parametrize(
    ("do", "word"),
    [
        ({"op": "juggle"}, "juggle"),
        ({}, "operation"),
        ({"op": ["inject"]}, "operation"),
        ({"op": "inject", "flow": "A", "flags": "S"}, "seq"),
        ({"op": "inject", "flow": "B", "flags": "S", "seq": 0}, "'B'"),
        ({"op": "inject", "flow": "A", "flags": "X", "seq": 0}, "flags"),
        ({"op": "inject", "flow": "A", "flags": "S", "seq": "rcv_nxt"}, "seq"),
        ({"op": "inject", "flow": "A", "flags": "S", "seq": 0, "win": 70_000}, "$.win"),
        ({"op": "inject", "flow": "A", "flags": "S", "seq": 0, "link": "B"}, "'B'"),
        ({"op": "inject", "flow": "A", "flags": "S", "seq": 0, "len": 70_000}, "total length"),
        ({"op": "inject", "flow": "A", "flags": "S", "seq": 0, "len": 2**60}, "$.len"),
        ({"op": "inject_ip", "proto": "raw", "src": PEER, "dst": HOST}, "number"),
        ({"op": "inject_ip", "proto": "udp", "src": "192.0.2.300", "dst": HOST}, "192.0.2.300"),
        ({"op": "inject_ip", "proto": "icmp", "src": PEER, "dst": HOST, "type": 300}, "$.type"),
        ({"op": "inject_ip", "proto": "icmp", "src": PEER, "dst": HOST, "about": {"flow": "B"}}, "'B'"),
        ({"op": "inject_ip", "proto": "raw", "number": 900, "src": PEER, "dst": HOST}, "$.number"),
        ({"op": "inject_arp", "link": "net", "op_arp": "request", "sender": PEER, "target": HOST}, "Ethernet"),
        ({"op": "recv", "sock": "nobody"}, "'nobody'"),
        ({"op": "accept", "listener": "nobody", "sock": "a"}, "'nobody'"),
        ({"op": "connect", "flow": "A", "sock": "c", "host_isn": -1}, "sequence number"),
        ({"op": "advance", "ms": -1}, "$.ms"),
        ({"op": "advance", "ms": 2**60}, "$.ms"),
        ({"op": "listen", "port": 70_000, "sock": "L"}, "$.port"),
    ],
)
def test_what_makes_no_sense_is_said_and_the_case_goes_on(do: dict[str, Any], word: str) -> None:
    asking = Asking()
    answer = asking.ask({"cmd": "step", "do": do})
    assert list(answer) == ["error"]
    assert word in answer["error"]
    assert "engine failed" not in answer["error"]
    assert asking.inject("S", 0)["state"] == {"A": "CLOSED"}


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("\xff", "not JSON"),
        ("[]", "object"),
        ("7", "object"),
        ('{"cmd":"dance"}', "dance"),
        ('{"cmd":"step"}', "reset"),
        ('{"cmd":"reset"}', "`id`"),
        ('{"cmd":"reset","case":[]}', "$.case"),
        ('{"cmd":"reset","case":{"id":"x","links":{}}}', "link"),
    ],
)
def test_any_line_is_answered(line: str, word: str) -> None:
    answer = answer_to(Adapter(), line.encode("latin-1"))
    assert list(answer) == ["error"]
    assert word in answer["error"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(st.binary(max_size=40))
def test_no_octets_end_the_conversation(line: bytes) -> None:
    assert list(answer_to(Adapter(), line)) == ["error"]


@given(st.sampled_from(sorted(OPERATIONS)), st.data())
def test_no_fields_end_the_conversation(op: str, data: st.DataObject) -> None:
    names = st.sampled_from(OPERATIONS[op].fields.__struct_fields__)
    likely = st.sampled_from(["A", "L", "a", "S", "udp", PEER, HOST, "net", 0, 1, 7, True])
    fields = data.draw(st.dictionaries(names, likely | _JSON))
    asking = established()
    answer = asking.step(op, **fields)
    assert "engine failed" not in answer.get("error", "")
    assert asking.step("advance", ms=0).keys() == {"emits", "state"}


def test_each_line_is_answered_before_the_next_and_the_end_is_a_good_end() -> None:
    words = [sys.executable, "-m", "paperhop", "vectors"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        case = {"id": "own", "links": {"net": {"addr": f"{HOST}/24"}}, "flows": {"A": FLOW}}
        for line, first in (
            (json.dumps({"cmd": "reset", "case": case}), "ok"),
            ("nonsense", "error"),
            (json.dumps({"cmd": "step", "do": {"op": "advance", "ms": 10}}), "emits"),
        ):
            running.stdin.write(line + "\n")
            running.stdin.flush()
            assert next(iter(json.loads(running.stdout.readline()))) == first
        running.stdin.close()
        assert running.wait(WITHIN) == 0
        assert running.stdout.read() == ""
