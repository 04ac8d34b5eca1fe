"""Whether each check of the board still finds what it is there for: put a fault in, and look."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hardware.board import checks, fab, gerbers, laid, netlist, sexpr
from hardware.board.kicad import cli, workspace
from hardware.board.numbers import read
from hardware.board.sexpr import Node, Text

Fault = Callable[[Path], list[str]]
"""Puts a fault into a copy of the project; what the check that should find it says."""


def floating_pin(project: Path) -> list[str]:
    """A wire is gone from the schematic."""
    _edit(project / "badge.kicad_sch", _without_first_wire)
    return checks.electrical(project)


def swapped_pins(project: Path) -> list[str]:
    """Two lights' nets are swapped in the schematic, at the Raspberry Pi."""
    _edit(project / "badge.kicad_sch", _swap_labels)
    cli(project, "sch", "export", "netlist", "--output", "swapped.net", "badge.kicad_sch")
    return checks.wired(netlist.read(project / "swapped.net"), read())


def unrouted_net(project: Path) -> list[str]:
    """The tracks of a net are gone."""
    _edit(project / "badge.kicad_pcb", _without_tracks)
    return checks.drawn(project)


def other_value(project: Path) -> list[str]:
    """A resistor's value on the board is not the schematic's."""
    path = project / "badge.kicad_pcb"
    path.write_text(path.read_text(encoding="utf-8").replace('"330 Ω"', '"33 Ω"', 1), encoding="utf-8")
    return checks.drawn(project)


def moved_light(project: Path) -> list[str]:
    """A light is 1 mm to the right, on the board and so in the gerbers: both checks find it."""
    good = laid.read(project / "badge.kicad_pcb")
    _edit(project / "badge.kicad_pcb", _move_light)
    fab.gerbers(project, project / "moved")
    found = checks.placed(laid.read(project / "badge.kicad_pcb"), read())
    return found if gerbers.wrong(project / "moved", read(), good) else []


FAULTS: tuple[Fault, ...] = (floating_pin, swapped_pins, unrouted_net, other_value, moved_light)


def unnoticed() -> list[str]:
    """A sentence for each fault that no check finds."""
    missed = []
    for fault in FAULTS:
        with workspace() as project:
            if not fault(project):
                missed.append(f"no check finds this fault: {fault.__doc__}")
    return missed


def _edit(path: Path, change: Callable[[list[Node]], None]) -> None:
    tree = sexpr.parse(path.read_text(encoding="utf-8"))
    change(tree)
    path.write_text(sexpr.dump(tree), encoding="utf-8")


def _without_first_wire(sheet: list[Node]) -> None:
    sheet.remove(sexpr.first(sheet, "wire"))


def _swap_labels(sheet: list[Node]) -> None:
    other = {"DELIVERED": "RST", "RST": "DELIVERED"}
    for label in sexpr.named(sheet, "label"):
        left = sexpr.numbers(sexpr.first(label, "at"))[2] == 180
        if left and str(label[1]) in other:
            label[1] = Text(other[str(label[1])])


def _without_tracks(board: list[Node]) -> None:
    number = next(str(net[1]) for net in sexpr.named(board, "net") if net[2] == "/RST")
    board[:] = [item for item in board if not (isinstance(item, list) and item[0] == "segment" and _on(item, number))]


def _on(item: list[Node], number: str) -> bool:
    return sexpr.value(item, "net") == number


def _move_light(board: list[Node]) -> None:
    for footprint in sexpr.named(board, "footprint"):
        if any(field[2] == "D1" for field in sexpr.named(footprint, "property") if field[1] == "Reference"):
            at = sexpr.first(footprint, "at")
            at[1] = sexpr.number(sexpr.numbers(at)[0] + 1)
