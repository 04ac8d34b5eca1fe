"""Where everything stands: what follows from hardware/dimensions.toml. Python's own library only: any test may ask.

Millimetres. The stand's x goes right and y away from the player, from the middle of an A5 card that lies on it; z goes
up from the table. The head has a frame of its own: x right, u up along the panel from its lower edge, d from its back
to the player.
"""

from __future__ import annotations

import math
from typing import Any

Vector = tuple[float, float, float]
Matrix = tuple[tuple[float, float, float, float], ...]
"""Three rows of four: turn, and then move."""


def derived(d: dict[str, Any]) -> dict[str, Any]:
    """The numbers that follow, by name."""
    stand, head, camera, case, board = d["stand"], d["head"], d["camera"], d["case"], d["board"]
    wall = case["wall"]
    tray_top = stand["foot_height"] + 2 * wall
    lens_z = tray_top + d["reading"]["distance"]
    arm_z = lens_z - stand["lens_recess"]
    tub_height = head["below"] + board["height"] + head["above"]
    board_front = head["depth"] - wall - head["stand_off"]
    column_front = d["reading"]["a5"][1] / 2 + stand["card_clearance"]
    inset = wall + case["boss"] / 2
    column_inset = wall + stand["column_boss"] / 2
    across = head["width"] / 2 - inset
    column_back = column_front + stand["column_depth"]
    return {
        "tray_top": tray_top,
        "lens_z": lens_z,
        "arm_z": arm_z,
        "arm_top": arm_z + stand["arm_height"],
        "tub_height": tub_height,
        "board_front": board_front,
        "column_front": column_front,
        "column_back": column_back,
        "column_bosses": [
            [x, y]
            for y in (column_front + column_inset, column_back - column_inset)
            for x in (column_inset - stand["column_width"] / 2, stand["column_width"] / 2 - column_inset)
        ],
        "head_bosses": [[x, u] for u in (inset, tub_height - inset) for x in (-across, across)],
        "cover_bosses": [
            [x, u] for u in (inset - d["lanyard"]["camera_room"], -inset - case["gap"]) for x in (-across, across)
        ],
        "lid_bosses": [[x, y] for y in stand["lid_screws"] for x in (-across, across)],
        "tray_screw_from": tray_top - 1.3 - d["screws"]["long"],
        "camera_post": stand["lens_recess"] + camera["lens_front"] - wall,
        "head_on_stand": _head_on_stand(d, arm_z),
    }


HEAD_UPRIGHT: Matrix = ((1.0, 0.0, 0.0, 0.0), (0.0, 0.0, -1.0, 0.0), (0.0, 1.0, 0.0, 0.0))
"""From the head's frame to one that stands on the table behind it, facing the player."""


def _head_on_stand(d: dict[str, Any], arm_z: float) -> Matrix:
    """From the head's frame (x, u, d) to the stand's: its lower back edge is at the arm's front; it leans back."""
    tilt = math.radians(d["head"]["tilt"])
    sine, cosine = round(math.sin(tilt), 9), round(math.cos(tilt), 9)
    return ((1.0, 0.0, 0.0, 0.0), (0.0, sine, -cosine, d["stand"]["arm_front"]), (0.0, cosine, sine, arm_z))


def place(matrix: Matrix, point: Vector) -> Vector:
    """A point, turned and moved."""
    x, y, z = (sum(row[n] * point[n] for n in range(3)) + row[3] for row in matrix)
    return x, y, z


def on_board(d: dict[str, Any], x: float, y: float, out: float = 0.0) -> Vector:
    """A place on the board, `out` towards the player from its face, in the head's frame."""
    board = d["board"]
    return x - board["width"] / 2, d["head"]["below"] + board["height"] - y, derived(d)["board_front"] + out
