"""hardware/dimensions.toml as the board reads it, and where the Raspberry Pi's pins are, from its own drawing.

Points are in millimetres from the board's top left corner as the player sees it; x goes right, y down.
"""

from __future__ import annotations

from dataclasses import dataclass

from hardware.dimensions import dimensions

PITCH = 2.54
COLUMNS = 20
"""Of the header, which has two rows."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Numbers:
    """What the board takes from the file."""

    width: float
    height: float
    thickness: float
    corner_radius: float
    holes: tuple[Point, ...]
    hole_diameter: float
    lights: dict[str, Point]
    """The middles of the LEDs, in their order."""
    buttons: dict[str, Point]
    buzzer: Point
    pi_outline: tuple[float, float, float, float]
    """Left, top, right, bottom."""
    pi_holes: tuple[Point, ...]
    pi_plugs: dict[str, float]
    """The x of each plug's middle, at the Pi's lower edge."""
    pi_sd: float
    """The y of the microSD card's middle, at the Pi's left edge."""
    pi_camera: float
    """The y of the camera connector's middle, at its right edge."""
    pi_header: Point
    """The middle of the header."""


def read() -> Numbers:
    """The file as it is now."""
    data = dimensions()
    board, pi = data["board"], data["pi"]
    left, top = pi["centre"][0] - pi["width"] / 2, pi["centre"][1] - pi["height"] / 2
    right, bottom, inset = left + pi["width"], top + pi["height"], pi["holes_from_corner"]
    return Numbers(
        width=board["width"],
        height=board["height"],
        thickness=board["thickness"],
        corner_radius=board["corner_radius"],
        holes=tuple(_point(hole) for hole in board["holes"]),
        hole_diameter=board["hole_diameter"],
        lights={name: _point(point) for name, point in data["lights"].items()},
        buttons={name: _point(point) for name, point in data["buttons"].items()},
        buzzer=_point(data["buzzer"]["centre"]),
        pi_outline=(left, top, right, bottom),
        pi_holes=tuple((x, y) for y in (top + inset, bottom - inset) for x in (left + inset, right - inset)),
        pi_plugs={name: left + middle for name, middle in pi["plugs"].items()},
        pi_sd=top + pi["sd_from_top"],
        pi_camera=top + pi["camera_from_top"],
        pi_header=(pi["centre"][0], top + pi["header_from_edge"]),
    )


def header_pins(numbers: Numbers) -> dict[int, Point]:
    """Where each pin of the header goes through the board.

    The Pi's face looks at the board's back, and so at the player, who would see it as its drawing shows it: even pins
    along the edge, odd ones inside, 1 and 2 at the left.
    """
    x, y = numbers.pi_header
    left = x - (COLUMNS - 1) / 2 * PITCH
    return {
        pin: (round(left + (pin - 1) // 2 * PITCH, 3), round(y + (PITCH / 2 if pin % 2 else -PITCH / 2), 3))
        for pin in range(1, 2 * COLUMNS + 1)
    }


def _point(pair: list[float]) -> Point:
    return (float(pair[0]), float(pair[1]))
