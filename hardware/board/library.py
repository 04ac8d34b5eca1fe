"""Symbols out of KiCad's libraries, to copy into a schematic, and where their pins are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from hardware.board import sexpr
from hardware.board.kicad import SYMBOLS
from hardware.board.sexpr import Node, Text


@dataclass(frozen=True)
class Pin:
    """A pin, from its symbol's middle in millimetres; y goes up."""

    number: str
    x: float
    y: float


@dataclass(frozen=True)
class Symbol:
    """A symbol as a schematic holds it, under the name `Library:Name`."""

    node: list[Node]
    pins: tuple[Pin, ...]


@cache
def _library(name: str) -> dict[str, list[Node]]:
    path = SYMBOLS.folder() / f"{name}.kicad_sym"
    return {str(symbol[1]): symbol for symbol in sexpr.named(sexpr.parse(path.read_text(encoding="utf-8")), "symbol")}


@cache
def symbol(name: str) -> Symbol:
    """The symbol `Library:Name`. ValueError: it builds on another, which is not supported."""
    library, _, short = name.partition(":")
    node = list(_library(library)[short])
    if any(sexpr.named(node, "extends")):
        raise ValueError(f"{name} extends another symbol")
    node[1] = Text(name)
    return Symbol(node, tuple(pin for unit in sexpr.named(node, "symbol") for pin in _pins(unit)))


def _pins(unit: list[Node]) -> list[Pin]:
    found = []
    for pin in sexpr.named(unit, "pin"):
        x, y, _ = sexpr.numbers(sexpr.first(pin, "at"))
        found.append(Pin(sexpr.value(pin, "number"), x, y))
    return found
