"""The committed board is what firmware and wiring list say, fits the Raspberry Pi, and its checks find faults.

Nothing here needs KiCad: `make hardware` has the checks that do.
"""

from __future__ import annotations

import csv
import math
import re
import zipfile
from itertools import pairwise

import pytest
from gpiozero.pins.mock import MockFactory

from firmware.pins import BUZZER, GPIO, POWER_BUTTON, SCAN_BUTTON
from hardware.board import checks, gerbers, laid, netlist, sexpr
from hardware.board.laid import Laid
from hardware.board.numbers import Numbers, read
from hardware.board.placement import ORIGIN
from hardware.board.router import NoWay, Obstacle, Router
from hardware.board.steps import BILL, BOARD, FAB, ZIP
from hardware.wiring import wires


@pytest.fixture(scope="module")
def numbers() -> Numbers:
    return read()


@pytest.fixture(scope="module")
def text() -> str:
    return laid.BOARD.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def board(text: str) -> Laid:
    return laid.laid(text)


def _net_of_gpio(board: Laid, gpio: int) -> str:
    """The net at the header's pin of a GPIO, by gpiozero's own table of the header."""
    pins = MockFactory().board_info.headers["J8"].pins
    return board.pad("J1", str(next(number for number, pin in pins.items() if pin.name == f"GPIO{gpio}"))).net


def _behind_resistor(board: Laid, net: str) -> tuple[str, str]:
    """The resistor on a net, and the net on its other side."""
    refs = {pad.ref for pad in board.pads if pad.net == net and pad.ref.startswith("R")}
    assert len(refs) == 1, net
    ref = refs.pop()
    return ref, next(pad.net for pad in board.pads if pad.ref == ref and pad.net != net)


def _ohm(ref: str) -> int:
    with BILL.open(newline="", encoding="utf-8") as file:
        return next(int(row["value"].split()[0]) for row in csv.DictReader(file) if ref in row["designators"].split())


def test_each_light_of_the_firmware_is_where_the_player_looks_for_it(board: Laid, numbers: Numbers) -> None:
    for led, gpio in GPIO.items():
        resistor, lamp = _behind_resistor(board, _net_of_gpio(board, gpio))
        assert _ohm(resistor) == wires()[led.value].resistor_ohm
        anodes = {(pad.ref, pad.number) for pad in board.pads if pad.net == lamp and pad.ref.startswith("D")}
        assert len(anodes) == 1
        ref, number = anodes.pop()
        assert number == "2", "KiCad's pin 2 of a LED is its anode"
        assert board.pad(ref, "1").net == "GND"
        assert board.middle(ref) == numbers.lights[led.value]


@pytest.mark.parametrize(("gpio", "part"), [(SCAN_BUTTON, "SW1"), (POWER_BUTTON, "SW2"), (BUZZER, "BZ1")])
def test_buttons_and_buzzer_are_between_their_pin_and_ground(board: Laid, gpio: int, part: str) -> None:
    _, other = _behind_resistor(board, _net_of_gpio(board, gpio))
    assert {pad.net for pad in board.pads if pad.ref == part} == {other, "GND"}


def test_the_power_button_can_pull_its_pin_low(board: Laid) -> None:
    # GPIO3 has 1.8 kilohm to 3.3 V on the Raspberry Pi; what counts as low is below 0.8 V.
    resistor, _ = _behind_resistor(board, _net_of_gpio(board, POWER_BUTTON))
    assert 3.3 * _ohm(resistor) / (_ohm(resistor) + 1800) < 0.8 / 2


def test_board_and_schematic_connect_the_same(board: Laid, numbers: Numbers) -> None:
    assert checks.wired(netlist.read(), numbers) == []
    assert checks.wired(board.nets(), numbers) == []


def test_everything_is_where_the_dimensions_say(board: Laid, numbers: Numbers) -> None:
    assert checks.placed(board, numbers) == []
    assert checks.tracked(board) == []


def test_the_socket_meets_the_pins_of_a_raspberry_pi_zero(board: Laid) -> None:
    """By its mechanical drawing: 65 x 30 mm, holes 58 x 23 mm apart and 3.5 mm from the edges, the header between the
    upper two, 2.54 mm apart; with the header at the top, pin 1 is at the left in the lower row, pin 2 above it.

    Its face looks at the board's back, so that the player, who looks through the board, sees the drawing unmirrored.
    """
    holes = sorted(board.middle(f"H{number}") for number in (5, 6, 7, 8))
    upper_left = min(holes, key=sum)
    assert holes == sorted((upper_left[0] + x, upper_left[1] + y) for x in (0.0, 58.0) for y in (0.0, 23.0))
    for pin in range(1, 41):
        from_hole = (29 + 2.54 * ((pin - 1) // 2 - 9.5), 1.27 if pin % 2 else -1.27)
        pad = board.pad("J1", str(pin))
        assert pad.behind
        assert math.dist(pad.at, (upper_left[0] + from_hole[0], upper_left[1] + from_hole[1])) < 0.01, pin


def test_each_light_has_its_name_and_its_sign_beside_it(text: str, numbers: Numbers) -> None:
    names = {
        str(words[1]): sexpr.numbers(sexpr.first(words, "at"))[:2]
        for words in sexpr.named(sexpr.parse(text), "gr_text")
        if sexpr.value(words, "layer") == "F.SilkS"
    }
    for name, (x, y) in numbers.lights.items():
        at = (names[name][0] - ORIGIN[0], names[name][1] - ORIGIN[1])
        assert math.dist(at, (x, y)) < 6, name


def test_two_swapped_pins_are_found(text: str, numbers: Numbers) -> None:
    swapped = text.replace('"/RST"', '"/?"').replace('"/DELIVERED"', '"/RST"').replace('"/?"', '"/DELIVERED"')
    found = checks.wired(laid.laid(swapped).nets(), numbers)
    assert "J1 pin 11 is on RST, and should be on DELIVERED" in found


def test_a_light_that_was_moved_is_found(text: str, board: Laid, numbers: Numbers) -> None:
    x, y = (ORIGIN[0] + numbers.lights["rst"][0] - 1.27, ORIGIN[1] + numbers.lights["rst"][1])
    at = f"(at {sexpr.number(x)} {sexpr.number(y)})"
    assert text.count(at) == 1
    moved = laid.laid(text.replace(at, f"(at {sexpr.number(x + 1)} {sexpr.number(y)})"))
    assert checks.placed(moved, numbers) == ["D2 is at (33.0, 13.0), and should be at (32.0, 13.0)"]


@pytest.mark.parametrize("layer", ["F_Cu", "B_Cu"])
def test_a_fab_gets_every_pad_where_it_belongs_and_not_mirrored(numbers: Numbers, layer: str) -> None:
    copper = (FAB / f"badge-{layer}.gbr").read_text(encoding="utf-8")
    assert gerbers.misplaced(copper, numbers) == []
    across = re.sub(r"X(-?\d+)Y", lambda x: f"X{round(numbers.width * 1e6) - int(x[1])}Y", copper)
    assert gerbers.misplaced(across, numbers)
    upside_down = re.sub(r"Y(-?\d+)D", lambda y: f"Y{round(numbers.height * 1e6) - int(y[1])}D", copper)
    assert gerbers.misplaced(upside_down, numbers)


def test_the_zip_for_the_fab_has_what_lies_beside_it() -> None:
    files = {path.name: path.read_bytes() for path in FAB.iterdir() if path.suffix in (".gbr", ".drl", ".gbrjob")}
    with zipfile.ZipFile(ZIP) as packed:
        assert {name: packed.read(name) for name in packed.namelist()} == files


def test_nothing_says_when_or_where_it_was_made() -> None:
    made = [
        path for kind in ("kicad/*", "fab/*", "*.csv", "*.step", "*.pdf", "pictures/*") for path in BOARD.glob(kind)
    ]
    assert made
    for path in made:
        told = re.search(
            rb"\D20(?!00)\d\d[-/](0\d|1[0-2])[-/]|D:20(?!00)\d{6}|/(home|Users|tmp|work|usr)/", path.read_bytes()
        )
        assert told is None or path.suffix == ".png", f"{path.name} says {told and told[0]!r}"


def test_a_track_goes_around_what_is_in_its_way() -> None:
    wall = Obstacle("other", (10.0, 10.0), 0.5, 6.0, 0.0)
    tracks = Router(20, 20, (0.0, 0.0), [wall]).route("net", (4.0, 10.0), (16.0, 10.0))
    assert (tracks[0].start, tracks[-1].end) == ((4.0, 10.0), (16.0, 10.0))
    assert all(a.end == b.start for a, b in pairwise(tracks))
    for track in tracks:
        middles = [
            (
                track.start[0] + (track.end[0] - track.start[0]) * i / 50,
                track.start[1] + (track.end[1] - track.start[1]) * i / 50,
            )
            for i in range(51)
        ]
        assert min(wall.distance(point) for point in middles) >= track.width / 2 + 0.25 - 0.01


def test_a_net_without_a_way_is_told() -> None:
    wall = Obstacle("other", (10.0, 10.0), 0.5, 20.0, 0.0)
    with pytest.raises(NoWay, match="net"):
        Router(20, 20, (0.0, 0.0), [wall]).route("net", (4.0, 10.0), (16.0, 10.0))
