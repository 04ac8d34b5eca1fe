"""Lay the board out: run by the Python that has KiCad's pcbnew, in a folder with badge.net, as its argument.

/usr/bin/python3 -m hardware.board.layout FOLDER
"""

from __future__ import annotations

import os
import sys
from itertools import pairwise
from pathlib import Path

import pcbnew

from hardware.board import netlist, placement, silk
from hardware.board.kicad import LIBRARIES
from hardware.board.numbers import Numbers, Point, header_pins, read
from hardware.board.parts import Part, parts
from hardware.board.placement import ORIGIN, Place
from hardware.board.router import CLEARANCE, Obstacle, Router, Track, Via
from hardware.board.schematic import TITLE
from hardware.board.sheet import name

FOOTPRINTS = Path(os.environ.get("KICAD9_FOOTPRINT_DIR", LIBRARIES["KICAD9_FOOTPRINT_DIR"]))
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
    nets = _nets(board, netlist.read(folder / "badge.net"))
    every, places = parts(numbers), placement.places(numbers)
    placed = {ref: _place(board, part, places[ref], nets) for ref, part in every.items()}
    _check_header(placed["J1"], numbers)
    _label(placed, numbers)
    _outline(board, numbers)
    for item in silk.printed(numbers):
        _print(board, item)
    _route(board, numbers, placed, nets)
    _pour(board, numbers, nets[GROUND])
    pcbnew.SaveBoard(file, board, True)
    # Zones of a board that was never loaded cannot be filled.
    board = pcbnew.LoadBoard(file)
    pcbnew.ZONE_FILLER(board).Fill(board.Zones())
    pcbnew.SaveBoard(file, board, True)


def _mm(value: float) -> int:
    return int(pcbnew.FromMM(value))


def _on_page(point: Point) -> pcbnew.VECTOR2I:
    return pcbnew.VECTOR2I(_mm(ORIGIN[0] + point[0]), _mm(ORIGIN[1] + point[1]))


def _on_board(point: pcbnew.VECTOR2I) -> Point:
    return (round(pcbnew.ToMM(point.x) - ORIGIN[0], 4), round(pcbnew.ToMM(point.y) - ORIGIN[1], 4))


def _settings(board: pcbnew.BOARD, numbers: Numbers) -> None:
    settings = board.GetDesignSettings()
    settings.SetBoardThickness(_mm(numbers.thickness))
    corner = _on_page((0, numbers.height))
    settings.SetAuxOrigin(corner)
    settings.SetGridOrigin(corner)
    title = board.GetTitleBlock()
    title.SetTitle(TITLE["title"])
    title.SetRevision(TITLE["rev"])
    title.SetCompany(TITLE["company"])
    for number in range(3):
        title.SetComment(number, TITLE[f"comment{number + 1}"])


def _nets(board: pcbnew.BOARD, pins: dict[tuple[str, str], str]) -> dict[str | tuple[str, str], pcbnew.NETINFO_ITEM]:
    """Each net by its name, and by each of its pins."""
    found: dict[str | tuple[str, str], pcbnew.NETINFO_ITEM] = {}
    for net in sorted(set(pins.values())):
        found[net] = pcbnew.NETINFO_ITEM(board, net)
        board.Add(found[net])
    return found | {pin: found[net] for pin, net in pins.items()}


def _place(
    board: pcbnew.BOARD, part: Part, place: Place, nets: dict[str | tuple[str, str], pcbnew.NETINFO_ITEM]
) -> pcbnew.FOOTPRINT:
    library, _, short = part.footprint.partition(":")
    footprint = pcbnew.FootprintLoad(str(FOOTPRINTS / f"{library}.pretty"), short)
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
    footprint.Move(_on_page(place.at) - middle)
    for pad in footprint.Pads():
        if (part.ref, pad.GetNumber()) in nets:
            pad.SetNet(nets[part.ref, pad.GetNumber()])
    return footprint


def _check_header(footprint: pcbnew.FOOTPRINT, numbers: Numbers) -> None:
    found = {int(pad.GetNumber()): _on_board(pad.GetPosition()) for pad in footprint.Pads()}
    for pin, (x, y) in header_pins(numbers).items():
        if abs(found[pin][0] - x) > 0.01 or abs(found[pin][1] - y) > 0.01:
            raise SystemExit(f"pin {pin} of the socket is at {found[pin]}, that of the Raspberry Pi at {(x, y)}")


def _label(placed: dict[str, pcbnew.FOOTPRINT], numbers: Numbers) -> None:
    labels = silk.labels(numbers)
    for ref, footprint in placed.items():
        label = labels.get(ref)
        for text, at in (
            (footprint.Reference(), label and label.reference),
            (footprint.Value(), label and label.value),
        ):
            text.SetVisible(bool(at))
            if label is None or not at:
                continue
            text.SetLayer(pcbnew.F_SilkS)
            text.SetPosition(_on_page(at))
            text.SetKeepUpright(True)
            text.SetTextAngleDegrees(0)
            _size(text, label.size)


def _size(text: pcbnew.EDA_TEXT, size: float, bold: bool = False) -> None:
    text.SetTextSize(pcbnew.VECTOR2I(_mm(size), _mm(size)))
    text.SetTextThickness(_mm(round(size * (0.2 if bold else 0.15), 3)))


def _outline(board: pcbnew.BOARD, numbers: Numbers) -> None:
    w, h, r = numbers.width, numbers.height, numbers.corner_radius
    for a, b in (((r, 0), (w - r, 0)), ((w, r), (w, h - r)), ((w - r, h), (r, h)), ((0, h - r), (0, r))):
        line = pcbnew.PCB_SHAPE(board, pcbnew.SHAPE_T_SEGMENT)
        line.SetStart(_on_page(a))
        line.SetEnd(_on_page(b))
        _edge(board, line)
    k = r * (1 - 0.5**0.5)
    for a, m, b in (
        ((0, r), (k, k), (r, 0)),
        ((w - r, 0), (w - k, k), (w, r)),
        ((w, h - r), (w - k, h - k), (w - r, h)),
        ((r, h), (k, h - k), (0, h - r)),
    ):
        arc = pcbnew.PCB_SHAPE(board, pcbnew.SHAPE_T_ARC)
        arc.SetArcGeometry(_on_page(a), _on_page(m), _on_page(b))
        _edge(board, arc)


def _edge(board: pcbnew.BOARD, shape: pcbnew.PCB_SHAPE) -> None:
    shape.SetLayer(pcbnew.Edge_Cuts)
    shape.SetWidth(_mm(0.1))
    board.Add(shape)


def _print(board: pcbnew.BOARD, item: silk.Words | silk.Stroke | silk.Field) -> None:
    if isinstance(item, silk.Words):
        text = pcbnew.PCB_TEXT(board)
        text.SetText(item.text)
        text.SetPosition(_on_page(item.at))
        text.SetLayer(pcbnew.B_SilkS if item.behind else pcbnew.F_SilkS)
        text.SetMirrored(item.behind)
        text.SetHorizJustify(pcbnew.GR_TEXT_H_ALIGN_LEFT if item.start else pcbnew.GR_TEXT_H_ALIGN_CENTER)
        _size(text, item.size, item.bold)
        board.Add(text)
    elif isinstance(item, silk.Stroke):
        for a, b in pairwise(item.points):
            line = pcbnew.PCB_SHAPE(board, pcbnew.SHAPE_T_SEGMENT)
            line.SetStart(_on_page(a))
            line.SetEnd(_on_page(b))
            line.SetLayer(pcbnew.B_SilkS if item.behind else pcbnew.F_SilkS)
            line.SetWidth(_mm(item.width))
            board.Add(line)
    else:
        field = pcbnew.PCB_SHAPE(board, pcbnew.SHAPE_T_RECT)
        field.SetStart(_on_page((item.left, item.top)))
        field.SetEnd(_on_page((item.right, item.bottom)))
        field.SetLayer(pcbnew.F_SilkS)
        field.SetWidth(_mm(silk.LINE))
        field.SetFilled(True)
        board.Add(field)


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
    nets: dict[str | tuple[str, str], pcbnew.NETINFO_ITEM],
) -> None:
    """Every net but ground, which is poured: the shortest first."""
    router = Router(numbers.width, numbers.height, header_pins(numbers)[1], _obstacles(placed))
    pads: dict[str, list[Point]] = {}
    for footprint in placed.values():
        for pad in footprint.Pads():
            pads.setdefault(pad.GetNetname(), []).append(_on_board(pad.GetPosition()))
    for net, a, b in sorted(_links(pads), key=lambda link: (_length(link[1], link[2]), link[0])):
        for piece in router.route(net, a, b):
            board.Add(_drawn(board, piece, nets[piece.net]))


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


def _drawn(board: pcbnew.BOARD, piece: Track | Via, net: pcbnew.NETINFO_ITEM) -> pcbnew.PCB_TRACK:
    if isinstance(piece, Via):
        via = pcbnew.PCB_VIA(board)
        via.SetPosition(_on_page(piece.at))
        via.SetDrill(_mm(0.4))
        via.SetWidth(_mm(0.8))
        via.SetNet(net)
        return via
    track = pcbnew.PCB_TRACK(board)
    track.SetStart(_on_page(piece.start))
    track.SetEnd(_on_page(piece.end))
    track.SetWidth(_mm(piece.width))
    track.SetLayer(LAYERS[piece.layer])
    track.SetNet(net)
    return track


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
            at = _on_page((x, y))
            outline.Append(at.x, at.y)
        zone.SetLocalClearance(_mm(0.3))
        zone.SetMinThickness(_mm(0.25))
        zone.SetThermalReliefGap(_mm(0.25))
        zone.SetThermalReliefSpokeWidth(_mm(0.4))
        zone.SetIslandRemovalMode(pcbnew.ISLAND_REMOVAL_MODE_ALWAYS)
        board.Add(zone)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
