"""Lay the board out: run by the Python that has KiCad's pcbnew, in a folder with badge.net, as its argument.

/usr/bin/python3 -m hardware.board.layout FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

import pcbnew

from hardware.board import netlist, placement, silk
from hardware.board.drawing import draw, label, mm, on_page, outline
from hardware.board.kicad import FOOTPRINTS
from hardware.board.numbers import Numbers, Point, header_pins, read
from hardware.board.parts import Part, parts
from hardware.board.placement import ORIGIN, Place
from hardware.board.router import CLEARANCE, Obstacle, Router, Track
from hardware.board.schematic import TITLE
from hardware.board.sheet import name

LAYERS = (pcbnew.F_Cu, pcbnew.B_Cu)
GROUND = "GND"
SCREW_HEAD = 3.0
"""No track under it: radius around a bare hole."""
_INSET = 0.5
"""Of the copper from the board's edge."""


def main(folder: Path) -> None:
    """Make badge.kicad_pcb there."""
    pcbnew.KIID.SeedGenerator(1)
    numbers, board = read(), pcbnew.BOARD()
    file = str(folder / "badge.kicad_pcb")
    board.SetFileName(file)
    _settings(board, numbers)
    pins = netlist.read(folder / "badge.net")
    nets = _nets(board, pins)
    every, places = parts(numbers), placement.places(numbers)
    placed = {ref: _place(board, part, places[ref]) for ref, part in every.items()}
    for ref, footprint in placed.items():
        _connect(footprint, {pin: nets[net] for (other, pin), net in pins.items() if other == ref})
    label(placed, numbers)
    outline(board, numbers)
    for item in silk.printed(numbers):
        draw(board, item)
    _route(board, numbers, placed, nets)
    _pour(board, numbers, nets[GROUND])
    pcbnew.SaveBoard(file, board, True)
    # Zones of a board that was never loaded cannot be filled.
    board = pcbnew.LoadBoard(file)
    pcbnew.ZONE_FILLER(board).Fill(board.Zones())
    pcbnew.SaveBoard(file, board, True)


def _on_board(point: pcbnew.VECTOR2I) -> Point:
    return (round(pcbnew.ToMM(point.x) - ORIGIN[0], 4), round(pcbnew.ToMM(point.y) - ORIGIN[1], 4))


def _settings(board: pcbnew.BOARD, numbers: Numbers) -> None:
    settings = board.GetDesignSettings()
    settings.SetBoardThickness(mm(numbers.thickness))
    corner = on_page((0, numbers.height))
    settings.SetAuxOrigin(corner)
    settings.SetGridOrigin(corner)
    title = board.GetTitleBlock()
    title.SetTitle(TITLE["title"])
    title.SetRevision(TITLE["rev"])
    title.SetCompany(TITLE["company"])
    for number in range(3):
        title.SetComment(number, TITLE[f"comment{number + 1}"])


def _nets(board: pcbnew.BOARD, pins: dict[tuple[str, str], str]) -> dict[str, pcbnew.NETINFO_ITEM]:
    found = {net: pcbnew.NETINFO_ITEM(board, net) for net in sorted(set(pins.values()))}
    for net in found.values():
        board.Add(net)
    return found


def _connect(footprint: pcbnew.FOOTPRINT, nets: dict[str, pcbnew.NETINFO_ITEM]) -> None:
    for pad in footprint.Pads():
        if pad.GetNumber() in nets:
            pad.SetNet(nets[pad.GetNumber()])


def _place(board: pcbnew.BOARD, part: Part, place: Place) -> pcbnew.FOOTPRINT:
    library, _, short = part.footprint.partition(":")
    footprint = pcbnew.FootprintLoad(str(FOOTPRINTS.folder() / f"{library}.pretty"), short)
    footprint.SetFPID(pcbnew.LIB_ID(library, short))
    footprint.SetReference(part.ref)
    footprint.SetValue(part.value)
    footprint.SetPath(pcbnew.KIID_PATH(f"/{name(part.ref)}"))
    footprint.SetSheetname("/")
    footprint.SetSheetfile("badge.kicad_sch")
    footprint.SetField("Number", part.maker_number)
    footprint.GetFieldByName("Number").SetVisible(False)
    board.Add(footprint)
    if place.behind:
        footprint.Flip(footprint.GetPosition(), pcbnew.FLIP_DIRECTION_LEFT_RIGHT)
        # The socket stands in its library; here it lies.
        footprint.SetOrientationDegrees(270)
    else:
        footprint.SetOrientationDegrees(place.turned)
    pads = [pad.GetPosition() for pad in footprint.Pads()]
    middle = pcbnew.VECTOR2I(
        (min(pad.x for pad in pads) + max(pad.x for pad in pads)) // 2,
        (min(pad.y for pad in pads) + max(pad.y for pad in pads)) // 2,
    )
    footprint.Move(on_page(place.at) - middle)
    return footprint


def _obstacles(placed: dict[str, pcbnew.FOOTPRINT]) -> list[Obstacle]:
    found = []
    for footprint in placed.values():
        for pad in footprint.Pads():
            at, size = _on_board(pad.GetPosition()), pad.GetSize()
            half = pcbnew.ToMM(min(size.x, size.y)) / 2
            square = pad.GetShape() == pcbnew.PAD_SHAPE_RECTANGLE
            if pad.GetAttribute() == pcbnew.PAD_ATTRIB_NPTH:
                found.append(Obstacle("", at, 0, 0, SCREW_HEAD - CLEARANCE))
            else:
                found.append(Obstacle(pad.GetNetname(), at, half * square, half * square, half * (not square)))
    return found


def _route(
    board: pcbnew.BOARD,
    numbers: Numbers,
    placed: dict[str, pcbnew.FOOTPRINT],
    nets: dict[str, pcbnew.NETINFO_ITEM],
) -> None:
    """Every net but ground, which is poured: the shortest first."""
    router = Router(numbers.width, numbers.height, header_pins(numbers)[1], _obstacles(placed))
    pads: dict[str, list[Point]] = {}
    for footprint in placed.values():
        for pad in footprint.Pads():
            pads.setdefault(pad.GetNetname(), []).append(_on_board(pad.GetPosition()))
    for net, a, b in sorted(_links(pads), key=lambda link: (_length(link[1], link[2]), link[0])):
        for track in router.route(net, a, b):
            board.Add(_drawn(board, track, nets[track.net]))


def _links(pads: dict[str, list[Point]]) -> list[tuple[str, Point, Point]]:
    """The shortest tree over each net's pads."""
    links = []
    for net, points in pads.items():
        if net in ("", GROUND):
            continue
        joined, free = points[:1], points[1:]
        while free:
            a, b = min(((a, b) for a in joined for b in free), key=lambda pair: (_length(*pair), pair))
            links.append((net, a, b))
            joined.append(b)
            free.remove(b)
    return links


def _length(a: Point, b: Point) -> float:
    return float(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5)


def _drawn(board: pcbnew.BOARD, track: Track, net: pcbnew.NETINFO_ITEM) -> pcbnew.PCB_TRACK:
    drawn = pcbnew.PCB_TRACK(board)
    drawn.SetStart(on_page(track.start))
    drawn.SetEnd(on_page(track.end))
    drawn.SetWidth(mm(track.width))
    drawn.SetLayer(LAYERS[track.layer])
    drawn.SetNet(net)
    return drawn


def _pour(board: pcbnew.BOARD, numbers: Numbers, net: pcbnew.NETINFO_ITEM) -> None:
    for layer in LAYERS:
        zone = pcbnew.ZONE(board)
        zone.SetLayer(layer)
        zone.SetNet(net)
        zone.SetZoneName("ground in front" if layer == pcbnew.F_Cu else "ground behind")
        outline = zone.Outline()
        outline.NewOutline()
        w, h = numbers.width, numbers.height
        for x, y in ((_INSET, _INSET), (w - _INSET, _INSET), (w - _INSET, h - _INSET), (_INSET, h - _INSET)):
            at = on_page((x, y))
            outline.Append(at.x, at.y)
        zone.SetLocalClearance(mm(0.3))
        zone.SetMinThickness(mm(0.25))
        zone.SetThermalReliefGap(mm(0.25))
        zone.SetThermalReliefSpokeWidth(mm(0.4))
        zone.SetIslandRemovalMode(pcbnew.ISLAND_REMOVAL_MODE_ALWAYS)
        board.Add(zone)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
