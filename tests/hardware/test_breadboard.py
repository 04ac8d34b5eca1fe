"""The breadboard is wired as hardware/wiring.csv and the firmware say, and the picture shows just that."""

from __future__ import annotations

import re
import tomllib
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from firmware.pins import BUZZER, GPIO, SCAN_BUTTON
from hardware.breadboard.bands import bands
from hardware.breadboard.canvas import svg
from hardware.breadboard.diagram import drawing, hole_at, pin_at
from hardware.breadboard.places import Place, hole, joined, on_breadboard, places
from hardware.breadboard.steps import PAGE, PICTURES
from hardware.breadboard.table import blocks
from hardware.pages import with_blocks
from hardware.steps import ROOT
from hardware.wiring import POWER_PINS, wires

SVG = "{http://www.w3.org/2000/svg}"
GPIOS = {
    **{led.value: gpio for led, gpio in GPIO.items()},
    **{"scan_button": SCAN_BUTTON, "buzzer": BUZZER},
}


def part(kind: str, function: str) -> Place:
    (found,) = [place for place in places() if (place.kind, place.function) == (kind, function)]
    return found


def ends(place: Place) -> tuple[str, str]:
    assert place.start is not None
    return place.start.strip, place.end.strip


@pytest.mark.parametrize("function", GPIOS)
def test_current_flows_from_the_pin_through_the_resistor_and_the_part_to_ground(function: str) -> None:
    wire = on_breadboard()[function]
    assert wire.gpio == GPIOS[function]
    nets = joined(places())
    kind = {"buzzer": "buzzer", "scan_button": "button"}.get(function, "led")
    first, second = ends(part("resistor", function))
    into, out = ends(part(kind, function))
    assert first in nets[f"pin {wire.header_pin}"]
    before = nets.get(second, frozenset({second}))
    assert into in before, "the resistor is not before the part"
    ground = nets[f"pin {on_breadboard()['ground'].header_pin}"]
    assert out in ground
    assert not (nets[f"pin {wire.header_pin}"] | before) & ground, "a short circuit"
    assert first not in before, "the resistor is bridged"


def test_each_light_shines_without_the_button() -> None:
    nets = joined([place for place in places() if place.kind != "button"])
    ground = nets[f"pin {on_breadboard()['ground'].header_pin}"]
    for function in ("delivered", "rst", "dropped", "link"):
        assert ends(part("led", function))[1] in ground, function


def test_no_two_functions_are_joined() -> None:
    nets = joined(places())
    pins = {wire.header_pin for wire in on_breadboard().values()}
    for one, other in combinations(pins, 2):
        assert f"pin {other}" not in nets[f"pin {one}"]


def test_nothing_goes_to_a_supply_pin_but_ground() -> None:
    for name, wire in on_breadboard().items():
        net = next((net for net, pins in POWER_PINS.items() if wire.header_pin in pins), None)
        assert net == ("GND" if name == "ground" else None)


def test_every_hole_takes_one_leg() -> None:
    legs = [leg for place in places() for leg in place.legs()]
    assert len(legs) == len(set(legs))


def test_lights_and_scan_are_behind_the_icons_and_the_cap_of_the_case() -> None:
    """The breadboard lies in the case as wide as the board, its gap behind SCAN."""
    dimensions = tomllib.loads((ROOT / "hardware" / "dimensions.toml").read_text("utf-8"))
    middle, scan = dimensions["board"]["width"] / 2, dimensions["buttons"]["scan"]

    def at(place: Place) -> tuple[float, float]:
        """Millimetres to the right of the board's left edge, and above the gap."""
        legs = [hole_at(leg) for leg in place.legs()]
        x, y = (sum(leg[k] for leg in legs) / len(legs) / 22 * 2.54 for k in (0, 1))
        gap = (hole_at(hole("e1"))[1] + hole_at(hole("f1"))[1]) / 44 * 2.54
        rows = (hole_at(hole("a1"))[0] + hole_at(hole("a30"))[0]) / 44 * 2.54
        return middle + x - rows, gap - y

    assert at(part("button", "scan_button")) == pytest.approx((scan[0], 0), abs=0.5)
    for name, (x, y) in dimensions["lights"].items():
        there = at(part("led", name))
        assert there[0] == pytest.approx(x, abs=1.6), "a LED of 5 mm in a tube of 10"
        assert there[1] == pytest.approx(scan[1] - y, abs=0.5)


def test_parts_reach_from_hole_to_hole() -> None:
    """A resistor's body is 6.3 mm, four spaces at most to its wires; a button's legs are 6.5 by 4.5 mm apart."""
    for place in places():
        if place.start is None or place.kind == "bridge":
            continue
        (x, y), (to_x, to_y) = hole_at(place.start), hole_at(place.end)
        across, along = abs(y - to_y) / 22, abs(x - to_x) / 22
        expected = {"led": [(0, 1)], "buzzer": [(0, 2)], "button": [(3, 2)], "resistor": [(3, 0), (0, 3), (0, 4)]}
        assert (across, along) in expected[place.kind], place


@pytest.mark.parametrize(
    ("ohm", "rings"),
    [(100, "brown black brown"), (330, "orange orange brown"), (10, "brown black black"), (4700, "yellow violet red")],
)
def test_rings_of_a_resistor(ohm: int, rings: str) -> None:
    assert bands(ohm) == (*rings.split(), "gold")


def test_the_page_on_resistors_has_the_rings_of_those_that_are_used() -> None:
    text = (ROOT / "docs" / "parts.md").read_text("utf-8")
    said = {int(ohm): rings for ohm, rings in re.findall(r"^\| (\d+) \| ([a-z, ]+gold) \|", text, re.MULTILINE)}
    assert said == {
        wire.resistor_ohm: ", ".join(bands(wire.resistor_ohm)) for wire in wires().values() if wire.resistor_ohm
    }


@pytest.mark.parametrize("ohm", [5, 125, 3330])
def test_what_two_digits_cannot_say(ohm: int) -> None:
    with pytest.raises(ValueError, match="two digits"):
        bands(ohm)


@pytest.mark.parametrize("name", ["k3", "a0", "a31", "7", "upper"])
def test_a_hole_that_is_not_there(name: str) -> None:
    with pytest.raises(ValueError, match="no hole"):
        hole(name)


def drawn() -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring((PICTURES / "wiring.svg").read_text("utf-8"))
    return {element.attrib["id"]: element for element in root.iter() if "id" in element.attrib}


def points(element: ElementTree.Element) -> list[tuple[float, float]]:
    pairs = [pair.split(",") for pair in element.attrib["points"].split()]
    return [(float(x), float(y)) for x, y in pairs]


def test_the_picture_leads_each_wire_from_its_pin_to_its_hole() -> None:
    shapes, wires = drawn(), on_breadboard()
    for place in places():
        shape = shapes[place.name]
        if place.kind not in ("jumper", "bridge", "resistor"):
            continue
        first, *_, last = points(shape)
        assert last == pytest.approx(hole_at(place.end), abs=0.01), place
        if place.start is None:
            pin = wires[place.function].header_pin
            assert first == pytest.approx(pin_at(pin), abs=0.01)
            circle = shapes[f"pin-{pin}"].attrib
            assert (float(circle["cx"]), float(circle["cy"])) == pytest.approx(first)
        else:
            assert first == pytest.approx(hole_at(place.start), abs=0.01)


def test_no_two_wires_of_the_picture_cross_but_that_of_scan() -> None:
    jumpers = {name: points(shape) for name, shape in drawn().items() if name.startswith("jumper-")}
    assert len(jumpers) == len(on_breadboard())
    del jumpers["jumper-scan_button"]
    for (one, first), (other, second) in combinations(jumpers.items(), 2):
        for a, b in pairwise(first):
            for c, d in pairwise(second):
                assert not meet(a, b, c, d), f"{one} crosses {other}"


def meet(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]) -> bool:
    """Whether two lines, each along an axis, have a point in common."""
    apart = [max(p[k], q[k]) < min(r[k], s[k]) for p, q, r, s in ((a, b, c, d), (c, d, a, b)) for k in (0, 1)]
    return not any(apart)


def test_each_wire_has_its_number_at_both_ends() -> None:
    """So that nobody has to tell colours apart."""
    texts = [e.text for e in ElementTree.fromstring((PICTURES / "wiring.svg").read_text("utf-8")).iter(f"{SVG}text")]
    for wire in on_breadboard().values():
        assert texts.count(str(wire.header_pin)) >= 2


def test_picture_and_table_are_made_from_the_lists() -> None:
    assert (PICTURES / "wiring.svg").read_text("utf-8") == svg(drawing()), "make hardware ARGS=breadboard"
    text = PAGE.read_text("utf-8")
    assert with_blocks(text, blocks()) == text, "make hardware ARGS=breadboard"


def test_the_picture_brings_nothing_that_runs_or_is_fetched() -> None:
    text = Path(PICTURES / "wiring.svg").read_text("utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert re.findall(r"<script|<style|\son[a-z]+=|https?:|<image|href", text) == []
