"""The steps that make and check the board. Each makes its files aside, and keeps them only when nothing is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

from hardware.board import checks, fab, faults, gerbers, kicad, laid, netlist, numbers, project, schematic, timeless
from hardware.board.kicad import FOOTPRINTS, KICAD, MODELS, PCBNEW, PROJECT, SYMBOLS, cli, workspace
from hardware.steps import Finding, Step, Tool

BOARD = PROJECT.parent
FAB = BOARD / "fab"
PICTURES = BOARD / "pictures"
BILL = BOARD / "badge-parts.csv"
ZIP = FAB / "badge-gerbers.zip"
_PROGRAM = ("hardware/board/*.py", "hardware/wiring.*", "hardware/dimensions.*")
_TABLES = ("hardware/board/kicad/*-lib-table",)
_SCHEMATIC = tuple(f"hardware/board/kicad/badge.{kind}" for kind in ("kicad_pro", "kicad_sch", "net"))
_PCB = ("hardware/board/kicad/badge.kicad_pcb",)


def make_schematic() -> None:
    """Project, schematic, netlist, PDF and list of parts; ERC; the netlist is what wiring.csv says."""
    found = numbers.read()
    with workspace() as folder:
        (folder / "badge.kicad_pro").write_text(project.written(), encoding="utf-8")
        (folder / "badge.kicad_sch").write_text(schematic.written(found), encoding="utf-8")
        _insist(checks.electrical(folder))
        cli(folder, "sch", "export", "netlist", "--output", "badge.net", "badge.kicad_sch")
        net = folder / "badge.net"
        net.write_text(netlist.without_place_and_time(net.read_text(encoding="utf-8")), encoding="utf-8")
        _insist(checks.wired(netlist.read(net), found))
        fab.bill(folder, folder / BILL.name)
        fab.schematic(folder, folder / "badge-schematic.pdf")
        _keep(folder, PROJECT, "badge.kicad_pro", "badge.kicad_sch", "badge.net")
        _keep(folder, BOARD, BILL.name, "badge-schematic.pdf")


def make_board() -> None:
    """The layout; DRC and parity; everything where dimensions.toml says."""
    found = numbers.read()
    with workspace() as folder:
        kicad.python("hardware.board.layout", str(folder))
        _insist(checks.drawn(folder))
        board = laid.read(folder / "badge.kicad_pcb")
        _insist(checks.placed(board, found) + checks.wired(board.nets(), found) + checks.tracked(board))
        _keep(folder, PROJECT, "badge.kicad_pcb")


def make_fab() -> None:
    """What a fab gets, read back and compared."""
    with workspace() as folder:
        made = folder / "gerbers"
        fab.gerbers(folder, made)
        _insist(gerbers.wrong(made, numbers.read(), laid.read()))
        timeless.pack(folder / ZIP.name, made.iterdir())
        fab.positions(folder, folder / "badge-positions.csv")
        shutil.rmtree(FAB, ignore_errors=True)
        _keep(made, FAB, *(path.name for path in made.iterdir()))
        _keep(folder, FAB, ZIP.name, "badge-positions.csv")


def make_pictures() -> None:
    """The board as pictures, drawings and STEP."""
    with workspace() as folder:
        for name, seen, side in (("front", "top", "F"), ("back", "bottom", "B")):
            fab.picture(folder, seen, folder / f"badge-{name}.png")
            fab.drawing(folder, side, folder / f"badge-{name}.svg")
        fab.solid(folder, folder / "badge.step")
        _keep(folder, PICTURES, *(f"badge-{name}.{kind}" for name in ("front", "back") for kind in ("png", "svg")))
        _keep(folder, BOARD, "badge.step")


def find_faults() -> None:
    """Every check finds the fault that it is there for."""
    _insist(faults.unnoticed())


def _insist(wrong: list[str]) -> None:
    if wrong:
        raise Finding("\n".join(wrong))


def _keep(made: Path, to: Path, *names: str) -> None:
    to.mkdir(exist_ok=True)
    for name in names:
        shutil.copyfile(made / name, to / name)


_GERBONARA = Tool("gerbonara", "tools/venv.sh hardware", module=True)

STEPS = (
    Step(
        "schematic",
        "draw the schematic, check it by KiCad's rules and against the wiring list",
        (*_PROGRAM, *_TABLES),
        (*_SCHEMATIC, "hardware/board/badge-schematic.pdf", "hardware/board/badge-parts.csv"),
        make_schematic,
        (KICAD, SYMBOLS, FOOTPRINTS),
    ),
    Step(
        "board",
        "place and route the board, check it by KiCad's rules and against schematic and dimensions",
        (*_PROGRAM, *_TABLES, *_SCHEMATIC),
        _PCB,
        make_board,
        (KICAD, PCBNEW, SYMBOLS, FOOTPRINTS),
    ),
    Step(
        "board-fab",
        "write what a fab needs, and read it back",
        (*_PROGRAM, *_PCB),
        ("hardware/board/fab/*",),
        make_fab,
        (KICAD, _GERBONARA),
    ),
    Step(
        "board-pictures",
        "show the board from both sides",
        (*_PROGRAM, *_PCB),
        ("hardware/board/pictures/*", "hardware/board/badge.step"),
        make_pictures,
        (KICAD, MODELS),
    ),
    Step(
        "board-faults",
        "put faults into copies of the board: the checks must find them",
        (*_PROGRAM, *_SCHEMATIC, *_PCB),
        (),
        find_faults,
        (KICAD, SYMBOLS, FOOTPRINTS, _GERBONARA),
    ),
)
"""In the order in which they build on each other."""
