"""What a fab, a reader or another program needs of the board, made by KiCad and freed of time and place."""

from __future__ import annotations

from pathlib import Path

from hardware.board import timeless
from hardware.board.kicad import cli

_LAYERS = "F.Cu,B.Cu,F.Mask,B.Mask,F.SilkS,B.SilkS,Edge.Cuts"
_PCB = "badge.kicad_pcb"
FINISH = "HAL lead-free"
"""Of the copper that is soldered; KiCad's library cannot be told it."""
_BILL = {
    "--fields": "Reference,Value,Footprint,Number,${QUANTITY}",
    "--labels": "designators,value,footprint,number,quantity",
    "--group-by": "Value,Footprint,Number",
    "--ref-delimiter": " ",
    "--ref-range-delimiter": "",
}


def gerbers(project: Path, to: Path) -> None:
    """Gerbers, drill files and job file; their origin is the board's lower left corner."""
    to.mkdir(parents=True, exist_ok=True)
    options = ("--layers", _LAYERS, "--use-drill-file-origin", "--no-protel-ext", "--subtract-soldermask")
    cli(project, "pcb", "export", "gerbers", *options, "--output", str(to), _PCB)
    drill = ("--drill-origin", "plot", "--excellon-separate-th", "--excellon-units", "mm")
    cli(project, "pcb", "export", "drill", *drill, "--output", f"{to}/", _PCB)
    for path in to.iterdir():
        timeless.strip(path)
    job = to / "badge-job.gbrjob"
    job.write_text(
        job.read_text(encoding="utf-8").replace('"Finish": "None"', f'"Finish": "{FINISH}"'), encoding="utf-8"
    )


def positions(project: Path, to: Path) -> None:
    """Where each part is and how it is turned, for a machine, from the same corner."""
    options = ("--format", "csv", "--units", "mm", "--use-drill-file-origin", "--side", "both")
    cli(project, "pcb", "export", "pos", *options, "--output", str(to), _PCB)


def bill(project: Path, to: Path) -> None:
    """The parts that the schematic names."""
    cli(
        project,
        "sch",
        "export",
        "bom",
        *(word for pair in _BILL.items() for word in pair),
        "--output",
        str(to),
        "badge.kicad_sch",
    )


def schematic(project: Path, to: Path) -> None:
    """The schematic as a PDF."""
    cli(project, "sch", "export", "pdf", "--output", str(to), "badge.kicad_sch")
    timeless.strip(to)


def solid(project: Path, to: Path) -> None:
    """The board with its parts as STEP."""
    cli(project, "pcb", "export", "step", "--subst-models", "--force", "--grid-origin", "--output", str(to), _PCB)
    timeless.strip(to)


def picture(project: Path, side: str, to: Path) -> None:
    """The board from a side ("top" is the player's), as PNG."""
    size = ("--width", "1400", "--height", "1150", "--background", "opaque", "--quality", "basic")
    cli(project, "pcb", "render", "--side", side, *size, "--output", str(to), _PCB)


def drawing(project: Path, side: str, to: Path) -> None:
    """Copper and print of a side ("F" is the player's, "B" as one sees it from behind), as SVG."""
    layers = ",".join(f"{side}.{layer}" for layer in ("Cu", "SilkS", "Mask")) + ",Edge.Cuts"
    options = (
        *(("--mirror",) if side == "B" else ()),
        "--mode-single",
        "--page-size-mode",
        "2",
        "--exclude-drawing-sheet",
    )
    cli(project, "pcb", "export", "svg", "--layers", layers, *options, "--output", str(to), _PCB)
    timeless.strip(to)
