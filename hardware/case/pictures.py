"""Pictures of the badges and of each step of their assembly, and docs/assembly.md with both."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from cards.drawing import sheet_picture
from cards.notation import parse_packet
from cards.printedcard import printed_card
from cards.qrtext import DEFAULT_HOST, CardId, PrintedCard, RoleCard
from cards.rolecard import role_card
from cards.typeface import font
from firmware.frames import HEIGHT, WIDTH
from hardware.case import mesh, meshes, parts, view
from hardware.case.layout import derived
from hardware.case.mesh import Triangles
from hardware.case.render import Colour, Eye, Print, Solid, View, fitted, picture
from hardware.dimensions import dimensions
from hardware.steps import ROOT, Finding

STEPS = ROOT / "hardware" / "assembly" / "steps.toml"
PAGE = ROOT / "docs" / "assembly.md"
PICTURES = ROOT / "docs" / "pictures"
BUILDS = {
    "stand": "The table badge",
    "breadboard": "The table badge with a breadboard",
    "lanyard": "The lanyard",
    "laser": "The table badge, cut by a laser",
}
MOST_BYTES = 150_000

_SIZE = (900, 700)
_GREY: Colour = (222, 225, 230)
_PLASTIC: Colour = (250, 168, 70)
_METAL: Colour = (232, 84, 64)
_GREEN: Colour = (84, 168, 112)
_BLACK: Colour = (92, 96, 106)
_BLUE: Colour = (76, 128, 205)
_WHITE: Colour = (250, 250, 248)
_WOOD: Colour = (222, 190, 140)
_INK = (24, 62, 120, 255)
_COLOURS: dict[str, Colour] = {
    **dict.fromkeys(("board", "pi", "camera", "arm_pi", "lanyard_camera"), _GREEN),
    **dict.fromkeys(
        ("pi_header", "buzzer", "switches", "camera_parts", "lanyard_camera_parts", "arm_pi_header"), _BLACK
    ),
    **dict.fromkeys(("pi_parts", "arm_pi_parts"), (190, 194, 200)),
    **dict.fromkeys(("bank", "lanyard_bank", "bank_plug", "lanyard_bank_plug"), _BLACK),
    **dict.fromkeys(("plug", "cable", "cable_in_head"), _METAL),
    **dict.fromkeys(("ribbon", "spacers_pi"), _BLUE),
    "tie": _BLACK,
    **dict.fromkeys(("leds", "icons"), (255, 206, 60)),
    **dict.fromkeys(("role_card", "breadboard", "card_a6", "card_a5"), _WHITE),
}
_FINISHED: dict[str, Colour] = {
    "marks": (74, 104, 148),
    **_COLOURS,
    **dict.fromkeys(("foot", "column", "arm", "tub", "lanyard_plate", "lanyard_cover", "pocket"), (74, 104, 148)),
    **dict.fromkeys(("tray", "panel", "lid"), (242, 243, 240)),
    "scan_button": (238, 150, 50),
    "power_button": _BLACK,
    **dict.fromkeys(("card_a6", "card_a5", "role_card"), (255, 252, 238)),
    "screws_panel": (120, 124, 132),
}


def make() -> None:
    """All of them. Finding: a picture is too large, or a step names what is not there."""
    steps = load()
    for build, of_build in steps.items():
        for number, step in enumerate(of_build, 1):
            _keep(drawn(step), f"assembly-{build}-{number:02}")
    for name, picture_ in _portraits():
        _keep(picture_, f"badge-{name}")
    PAGE.write_text(page(steps), encoding="utf-8")


def load() -> dict[str, list[dict[str, Any]]]:
    """The steps of each build."""
    steps: dict[str, list[dict[str, Any]]] = tomllib.loads(STEPS.read_text(encoding="utf-8"))
    return steps


def _keep(image: Image.Image, name: str) -> None:
    file = PICTURES / f"{name}.png"
    image.quantize(96, dither=Image.Dither.NONE).save(file, optimize=True)
    if file.stat().st_size > MOST_BYTES:
        raise Finding(f"{file.name} has {file.stat().st_size} bytes")


# ---- a step


def drawn(step: dict[str, Any]) -> Image.Image:
    """The picture of a step: what is new in colour, moved away, with lines to where it goes."""
    upright = step.get("head", False)
    there = [Solid(part, _GREY) for part in _meshes(step["there"], upright).values()]
    new, ways, labels = [], [], []
    for group in step["new"]:
        move = np.array(group["move"], np.float64)
        group_parts = _meshes(group["parts"], upright)
        new += [Solid(part + move, _colour(name)) for name, part in group_parts.items()]
        # One thing goes one way; of screws each goes its own.
        if move.any():
            ways += [(middle + move, middle) for middle in _middles(group_parts[group["parts"][0]])]
        at = np.array([[group["number"]]], np.float64) if "number" in group else group_parts[group["parts"][0]]
        labels.append((group["label"], at + move))
    solids = [*there, *new]
    view = fitted(there if step.get("close") else solids, Eye(*step["eye"]), _SIZE, border=56)
    image = picture(solids, view, _SIZE)
    return _marked(image, view, ways, labels)


def _meshes(names: Sequence[str], upright: bool) -> dict[str, Triangles]:
    plates = {name: name for name in names if name.startswith("in_place_")}
    others = tuple(name for name in names if name not in plates)
    return meshes.load("laser.scad", tuple(plates)) | (meshes.lanyard if upright else meshes.stand)(others)


def _colour(name: str) -> Colour:
    if name.startswith("in_place_"):
        return _WOOD
    return _METAL if "screws" in name or "nuts" in name else _COLOURS.get(name, _PLASTIC)


def _middles(part: Triangles) -> list[NDArray[np.float64]]:
    """The middle of each piece: of four screws, four."""
    return [(low + high) / 2 for low, high in map(mesh.bounds, mesh.pieces(part))]


def _marked(
    image: Image.Image,
    view: View,
    ways: list[tuple[NDArray[np.float64], NDArray[np.float64]]],
    labels: list[tuple[str, Triangles]],
) -> Image.Image:
    """Lines from where new things are drawn to where they go, and their numbers with their names below."""
    fine = 3
    layer = Image.new("RGBA", (image.width * fine, image.height * fine), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    for start, end in ways:
        first, last = view.to_px(np.array((start, end))) * fine
        _arrow(draw, first, last, fine)
    small = font(True, 20 * fine)
    taken: list[NDArray[np.float64]] = []
    seen: dict[str, int] = {}
    for label, part in labels:
        number = seen.setdefault(label, len(seen) + 1)
        points = view.to_px(part.reshape(-1, 3))
        at = _free(points, taken, image.size)
        taken.append(at)
        x, y = at * fine
        r = 15 * fine
        draw.ellipse((x - r, y - r, x + r, y + r), fill=_INK)
        draw.text((x, y), str(number), font=small, fill="white", anchor="mm")
    flat = image.convert("RGBA")
    flat.alpha_composite(layer.resize(image.size, Image.Resampling.BOX))
    return flat.convert("RGB")


def _free(points: NDArray[np.float64], taken: list[NDArray[np.float64]], size: tuple[int, int]) -> NDArray[np.float64]:
    """A place for a number at a corner of a thing, away from other numbers and inside the picture."""
    for way in ((1, -1), (-1, -1), (1, 1), (-1, 1)):
        corner = points[(points @ np.array(way)).argmax()]
        at = np.clip(corner + np.array(way) * 16.0, 20, np.array(size) - 20)
        if all(np.abs(at - other).max() > 34 for other in taken):
            return np.asarray(at)
    return np.asarray(points.mean(axis=0))


def _arrow(draw: ImageDraw.ImageDraw, start: NDArray[np.float64], end: NDArray[np.float64], fine: int) -> None:
    way = end - start
    length = float(np.linalg.norm(way))
    if length < 24 * fine:
        return
    along = way / length
    aside = np.array((-along[1], along[0]))
    dash = 9 * fine
    tip = end - along * 2 * fine
    for n in range(int((length - 14 * fine) / dash)):
        if n % 2 == 0:
            a, b = start + along * n * dash, start + along * (n + 1) * dash
            draw.line((*a, *b), fill=_INK, width=2 * fine)
    base = tip - along * 13 * fine
    draw.polygon([tuple(tip), tuple(base + aside * 6 * fine), tuple(base - aside * 6 * fine)], fill=_INK)


# ---- finished


def _portraits() -> list[tuple[str, Image.Image]]:
    head = ("tub", "panel", "icons", "marks", "scan_button", "power_button", "screws_panel")
    table = meshes.stand((*head, "foot", "tray", "column", "arm", "lid", "card_a6", "role_card", "camera_parts"))
    worn = (
        *head,
        "lanyard_plate",
        "lanyard_cover",
        "pocket",
        "lanyard_camera_parts",
        "lanyard_bank",
        "lanyard_bank_plug",
    )
    plates = meshes.load(
        "laser.scad", tuple(name for name in meshes.parts_of("laser.scad") if name.startswith("in_place_"))
    )
    plates |= meshes.stand(("scan_button", "power_button", "card_a6", "role_card"))
    return [
        ("table", _finished(table, Eye(-28, 26), (900, 1000))),
        ("lanyard", _finished(meshes.lanyard(worn), Eye(-32, 18), (600, 900))),
        ("laser", _finished(plates, Eye(-28, 26), (900, 1000))),
        ("sizes", _sizes(table)),
    ]


def _sizes(table: dict[str, Triangles]) -> Image.Image:
    """The stand from the front and from the right, its sizes in millimetres, and what the camera sees."""
    d = dimensions()
    lens, top = derived(d)["lens_z"], derived(d)["tray_top"]
    low, high = (np.array(end) for end in mesh.bounds(np.concatenate(list(table.values()))))
    sight = view.sight(d, d["reading"]["distance"], (WIDTH, HEIGHT))
    solids = [Solid(part, _FINISHED.get(name, _GREY)) for name, part in table.items() if name != "card_a6"]
    both = Image.new("RGB", (1200, 900), "white")
    for n, (around, half) in enumerate(((0, sight.width / 2), (90, sight.height / 2))):
        eye = Eye(around, 0)
        across = eye.axes()[0]
        room = Solid(np.array([[low - 60, high + 30, low - 60]]), _GREY)
        seen = fitted([*solids, room], eye, (600, 900), border=10)
        marks = _Marks(picture(solids, seen, (600, 900)), seen)
        at, left, right = across * 0, across * (low @ across), across * (high @ across)
        up = np.array((0.0, 0.0, 1.0))
        for side in (-1, 1):
            marks.line(at + lens * up, at + top * up + side * half * across, None)
        marks.line(right + 14 * across, right + 14 * across + high[2] * up, f"{high[2]:.0f}")
        marks.line(left - 14 * across + top * up, left - 14 * across + lens * up, f"{lens - top:.0f}")
        marks.line(left - 14 * up, right - 14 * up, f"{(high - low) @ across:.0f}")
        marks.line(-half * across - 34 * up, half * across - 34 * up, f"{2 * half:.0f}")
        both.paste(marks.done(), (600 * n, 0))
    return both


class _Marks:
    """Lines with lengths, drawn over a picture."""

    def __init__(self, image: Image.Image, seen: View) -> None:
        self._image, self._seen = image, seen
        self._layer = Image.new("RGBA", (image.width * 3, image.height * 3), (0, 0, 0, 0))
        self._draw = ImageDraw.Draw(self._layer)

    def line(self, start: NDArray[np.float64], end: NDArray[np.float64], length: str | None) -> None:
        """From here to there; with a length ticks at its ends."""
        a, b = self._seen.to_px(np.array((start, end))) * 3
        self._draw.line((*a, *b), fill=_INK, width=4)
        if length is None:
            return
        aside = np.array((a[1] - b[1], b[0] - a[0])) / np.linalg.norm(b - a) * 18
        for point in (a, b):
            self._draw.line((*(point - aside), *(point + aside)), fill=_INK, width=4)
        middle = (a + b) / 2
        x, y = middle
        self._draw.rectangle((x - 54, y - 30, x + 54, y + 30), fill="white")
        self._draw.text(tuple(middle), length, font=font(True, 54), fill=_INK, anchor="mm")

    def done(self) -> Image.Image:
        """The picture with the lines on it."""
        flat = self._image.convert("RGBA")
        flat.alpha_composite(self._layer.resize(self._image.size, Image.Resampling.BOX))
        return flat.convert("RGB")


def _finished(shown: dict[str, Triangles], eye: Eye, size: tuple[int, int]) -> Image.Image:
    faces = {name: face for name, face in _faces().items() if name in shown}
    solids = [
        Solid(
            part,
            _WOOD if name.startswith("in_place_") else _FINISHED.get(name, _GREY),
            _on(part, *faces[name]) if name in faces else None,
        )
        for name, part in shown.items()
    ]
    return picture(solids, fitted(solids, eye, size), size)


def _faces() -> dict[str, tuple[NDArray[np.uint8], NDArray[np.float64]]]:
    """What is printed on the cards in the pictures, and which way is down on them."""
    packet = PrintedCard(CardId("DEMO", 1), parse_packet("10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100"))
    role = role_card(RoleCard(CardId("ROLE", 1), "nina"), "Nina", ("10.0.1.2", "opens connections"))
    return {
        "card_a6": (sheet_picture(printed_card(packet, DEFAULT_HOST, "one of three"), 200), np.array((0.0, -1.0, 0.0))),
        "role_card": (sheet_picture(role, 200), np.array((0.0, 0.0, -1.0))),
    }


def _on(card: Triangles, image: NDArray[np.uint8], down: NDArray[np.float64]) -> Print:
    """The picture on the side of a card that the player sees: its upper one, or its front."""
    low, high = mesh.bounds(card)
    corner = np.array((low[0], low[1], high[2])) if down[1] == 0 else np.array((low[0], high[1], high[2]))
    return Print(image, corner, np.array((high[0] - low[0], 0.0, 0.0)), down * float((high - low) @ np.abs(down)))


# ---- the page


def page(steps: dict[str, list[dict[str, Any]]]) -> str:
    """docs/assembly.md."""
    titles = parts.titles()
    lines = [
        "# Putting a badge together",
        "",
        "Each picture shows what is new in colour and what is there already in grey; dashed lines show where it goes.",
        "Screws cut their own thread into the plastic: drive them in slowly, and stop when they hold. Which printer,",
        "which sheet, which screws: [the case](../hardware/case/README.md).",
        "",
        "**Nobody has built one yet.** The pictures are drawn from the models from which the parts are printed; that",
        "nothing is in the way of anything else has been checked on these ([measured](../hardware/case/measured.md)).",
        "",
        "![The table badge, with a card on it and a role card on top](pictures/badge-table.png)",
        "",
    ]
    for build, of_build in steps.items():
        borrowed = [number for step in of_build for number in step.get("stand", ())]
        minutes = sum(step["minutes"] for step in (*of_build, *(steps["stand"][n - 1] for n in borrowed)))
        with_ = f", with steps {', '.join(map(str, borrowed))} of the table badge" if borrowed else ""
        lines += [f"## {BUILDS[build]}", "", f"About {minutes} minutes{with_}.", ""]
        if build in ("lanyard", "laser"):
            lines += [f"![{BUILDS[build]}, finished](pictures/badge-{build}.png)", ""]
        for number, step in enumerate(of_build, 1):
            used = [f"{count} × {titles[name]}" if count > 1 else titles[name] for name, count in step["uses"].items()]
            numbers = dict.fromkeys(group["label"] for group in step["new"])
            legend = ", ".join(f"**{n}** {label}" for n, label in enumerate(numbers, 1))
            lines += [
                f"### {number}. {step['title']}",
                "",
                step["do"],
                "",
                *([f"*From the case:* {', '.join(used)}.", ""] if used else []),
                f"*Tool:* {step['tool']}. *Minutes:* {step['minutes']}. *In the picture:* {legend}.",
                "",
                f"![{step['title']}](pictures/assembly-{build}-{number:02}.png)",
                "",
            ]
    return "\n".join(lines).rstrip() + "\n"
