"""The words on a card for the pen. A form has its places from the English ones: those of another language must fit."""

from __future__ import annotations

from dataclasses import dataclass

from cards.packet import Carries


@dataclass(frozen=True, slots=True)
class PenWords:
    """What is printed beside bubbles and cells, but for what is code: SEQ, ACK, TTL, TCP, UDP, and names of flags.

    kinds: of packet, by their JSON form. titles: id -> what a neighbour is called; left out: as in the form.
    """

    source: str = "FROM"
    destination: str = "TO"
    network: str = "network"
    host: str = "host"
    address: str = "address"
    port: str = "port"
    flags: str = "FLAGS"
    check: str = "CHECK"
    next_hop: str = "NEXT HOP"
    hops_left: str = "HOPS LEFT"
    not_tcp: str = "IF IT IS NOT TCP"
    data: str = "DATA"
    cells: str = "one letter in each cell, a dash for a space"
    kinds: tuple[tuple[str, str], ...] = (
        ("echo", "ping"),
        ("echo-reply", "ping reply"),
        ("net-unreachable", "no such network"),
        ("host-unreachable", "no such host"),
        ("port-unreachable", "no such port"),
        ("prohibited", "not allowed"),
        ("time-exceeded", "TTL used up"),
    )
    titles: tuple[tuple[str, str], ...] = ()

    def kind(self, kind: Carries) -> str:
        """What a kind of packet is called; by its own name where there is no other word."""
        return dict(self.kinds).get(kind.value, kind.word)


ENGLISH = PenWords()
