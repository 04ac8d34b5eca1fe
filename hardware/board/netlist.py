"""What is connected to what, as KiCad says it: `kicad/badge.net`. No KiCad is needed to read it."""

from __future__ import annotations

from pathlib import Path

from hardware.board import sexpr
from hardware.board.kicad import PROJECT
from hardware.board.sexpr import Node

NETLIST = PROJECT / "badge.net"


def read(path: Path = NETLIST) -> dict[tuple[str, str], str]:
    """The net of each pin, by the part's reference and the pin's number."""
    return pins(sexpr.parse(path.read_text(encoding="utf-8")))


def pins(netlist: list[Node]) -> dict[tuple[str, str], str]:
    """The same, of a netlist that has been read."""
    return {
        (sexpr.value(node, "ref"), sexpr.value(node, "pin")): sexpr.value(net, "name")
        for net in sexpr.named(sexpr.first(netlist, "nets"), "net")
        for node in sexpr.named(net, "node")
    }


def without_place_and_time(text: str) -> str:
    """The netlist as it is every time and everywhere."""
    netlist = sexpr.parse(text)
    _drop(netlist, "libraries")
    _drop(sexpr.first(netlist, "design"), "source", "date")
    return sexpr.dump(netlist) + "\n"


def _drop(node: list[Node], *names: str) -> None:
    node[:] = [item for item in node if not (isinstance(item, list) and item[0] in names)]


def differences(found: dict[tuple[str, str], str], wanted: dict[tuple[str, str], str]) -> list[str]:
    """A sentence for each pin that is not on the net on which it should be.

    found: as KiCad names nets, a `/` before those of the sheet; wanted: without; what is not there is not connected.
    """
    plain = {pin: net.removeprefix("/") for pin, net in found.items() if not net.startswith("unconnected-")}
    return [
        f"{key[0]} pin {key[1]} is on {plain.get(key, 'nothing')}, and should be on {wanted.get(key, 'nothing')}"
        for key in sorted(plain.keys() | wanted.keys())
        if plain.get(key) != wanted.get(key)
    ]
