"""The case as it is committed: what a printer and a laser get, what the camera sees, and that each check can fail."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cards.printedcard import CODE_SIDE
from firmware.frames import HEIGHT, READING_DISTANCE, WIDTH
from hardware.case import checks, fit, layout, mesh, parts, pictures, scad, sheets, view
from hardware.case.mesh import Triangles
from hardware.dimensions import dimensions
from hardware.steps import ROOT, Finding

CASE = ROOT / "hardware" / "case"
D = dimensions()
PRINTED = parts.printed()
PICTURE = (WIDTH, HEIGHT)


def cube(side: float = 10.0, at: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Triangles:
    """Twelve triangles, counter-clockwise from outside."""
    faces = [
        (0, 2, 1),
        (0, 3, 2),
        (4, 5, 6),
        (4, 6, 7),
        (0, 1, 5),
        (0, 5, 4),
        (2, 3, 7),
        (2, 7, 6),
        (1, 2, 6),
        (1, 6, 5),
        (0, 4, 7),
        (0, 7, 3),
    ]
    points: Triangles = np.array([(x, y, z) for z in (0, 1) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))], np.float64)
    return np.asarray(points[np.array(faces)] * side + np.array(at))


# ---- what is printed


@pytest.mark.parametrize("part", PRINTED, ids=lambda part: part.name)
def test_a_printed_part_is_closed_in_one_piece_and_fits_the_bed(part: parts.Printed) -> None:
    triangles = mesh.read(CASE / "print" / f"{part.name}.stl")
    checks.solid(part.name, triangles)
    checks.fits_bed(part.name, triangles, D["case"]["bed"])
    low, _ = mesh.bounds(triangles)
    assert low[2] == pytest.approx(0.0, abs=1e-3), "it does not lie on the bed"


def test_nothing_else_is_there_to_be_printed() -> None:
    assert {file.stem for file in (CASE / "print").iterdir()} == {part.name for part in PRINTED}


def test_the_tray_is_as_large_as_the_numbers_say() -> None:
    low, high = mesh.bounds(mesh.read(CASE / "print" / "tray.stl"))
    stand = D["stand"]
    assert (high - low).tolist() == pytest.approx(
        [stand["width"], stand["back"] - stand["front"], 2 * D["case"]["wall"]], abs=0.01
    )


def test_a_missing_face_a_wrong_turn_and_a_second_piece_are_found() -> None:
    checks.solid("cube", cube())
    with pytest.raises(Finding, match="not watertight"):
        checks.solid("cube", cube()[1:])
    with pytest.raises(Finding, match="not watertight"):
        checks.solid("cube", np.concatenate([cube()[:1, ::-1], cube()[1:]]))
    with pytest.raises(Finding, match="inside out"):
        checks.solid("cube", cube()[:, ::-1])
    with pytest.raises(Finding, match="2 pieces"):
        checks.solid("cubes", np.concatenate([cube(), cube(at=(20, 0, 0))]))


def test_a_part_that_is_too_large_for_the_bed_is_found() -> None:
    with pytest.raises(Finding, match="too large"):
        checks.fits_bed("cube", cube(216.0), D["case"]["bed"])


def test_stl_comes_back_as_it_was_written_whatever_the_order(tmp_path: Path) -> None:
    mesh.write(tmp_path / "a.stl", cube(), "cube")
    mesh.write(tmp_path / "b.stl", np.roll(cube()[::-1], 1, axis=1), "cube")
    assert (tmp_path / "a.stl").read_bytes() == (tmp_path / "b.stl").read_bytes()
    assert mesh.volume(mesh.read(tmp_path / "a.stl")) == pytest.approx(1000.0)
    assert mesh.centre(mesh.read(tmp_path / "a.stl")).tolist() == pytest.approx([5.0, 5.0, 5.0])
    (tmp_path / "c.stl").write_bytes((tmp_path / "a.stl").read_bytes()[:-1])
    with pytest.raises(ValueError, match="no binary STL"):
        mesh.read(tmp_path / "c.stl")


# ---- what is cut


def test_sheets_are_closed_lines_within_their_size() -> None:
    width, height = D["sheet"]["size"]
    names: list[str] = []
    for file in sorted((CASE / "laser").glob("*.svg")):
        text = file.read_text(encoding="utf-8")
        assert f'width="{width:g}mm" height="{height:g}mm"' in text
        for path, name in re.findall(r'<path d="([^"]*)"><title>(\w+)</title>', text):
            names.append(name)
            assert path.count("M") == path.count("z") > 0
            for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", path):
                assert 0 < float(x) < width
                assert 0 < float(y) < height
        assert file.with_suffix(".dxf").exists()
    assert sorted(names) == sorted(part.name for part in parts.cut() for _ in range(part.builds["laser"]))


def test_a_sheet_is_in_millimetres() -> None:
    for file in (CASE / "laser").glob("*.dxf"):
        assert re.search(r"\$INSUNITS\s+70\s+4\s", file.read_text(encoding="utf-8")), f"{file.name}: unit"


# ---- what the camera sees


def test_the_badge_focuses_on_what_the_stand_is_built_for() -> None:
    assert pytest.approx(D["reading"]["distance"]) == 1000 * READING_DISTANCE


def test_the_camera_sees_every_card_whole_and_sharp() -> None:
    lens = np.array((0.0, 0.0, layout.derived(D)["lens_z"]))
    checks.camera_sees(D, PICTURE, lens)


@pytest.mark.parametrize(
    ("moved", "what"),
    [
        ((0.0, 6.0, 0.0), "does not see the corner"),
        ((45.0, 0.0, 0.0), "does not see the corner"),
        ((0.0, 0.0, -12.0), "does not see the corner"),
        ((0.0, 0.0, 30.0), "out of focus"),
    ],
)
def test_a_camera_in_a_wrong_place_is_found(moved: tuple[float, float, float], what: str) -> None:
    lens = np.array((0.0, 0.0, layout.derived(D)["lens_z"])) + np.array(moved)
    with pytest.raises(Finding, match=what):
        checks.camera_sees(D, PICTURE, lens)


def test_the_smallest_code_has_enough_pixels_but_not_for_the_wide_camera() -> None:
    assert pytest.approx(fit.DENSEST) == CODE_SIDE / 49
    checks.readable(D, PICTURE, fit.DENSEST)
    with pytest.raises(Finding, match="too few"):
        checks.readable(D, PICTURE, fit.DENSEST, wide=True)
    with pytest.raises(Finding, match="too few"):
        checks.readable(D, (640, 360), fit.DENSEST)


def test_the_reading_distance_is_one_that_the_lens_reaches() -> None:
    sight = view.sight(D, D["reading"]["distance"], PICTURE)
    assert D["camera"]["nearest"] < sight.nearest < D["reading"]["distance"] < sight.farthest


@pytest.mark.parametrize(("name", "below"), [("a6", D["case"]["wall"]), ("a5", 0.0)])
def test_the_bill_says_which_view_another_camera_must_have(name: str, below: float) -> None:
    """A camera of 4:3 gives a picture of 16:9: all of its width, and three quarters of its height."""
    bill = (ROOT / "docs" / "bill.md").read_text(encoding="utf-8")
    (line,) = [line for line in bill.splitlines() if line.startswith("| a camera with a lens that turns |")]

    def degrees(margin: float, diagonal: float = 1.0) -> str:
        across, down = (side + 2 * margin for side in D["reading"][name])
        half = max(across, down * WIDTH / HEIGHT) / 2 / (D["reading"]["distance"] + below)
        return f"{2 * np.degrees(np.arctan(half * diagonal)):.0f}"

    for wanted in (degrees(0.0), degrees(D["reading"]["margin"]), degrees(0.0, 5 / 4)):
        assert wanted in re.findall(r"\d+", line), wanted


def test_a_thing_before_the_lens_is_found() -> None:
    lens, corner = np.array((5.0, 5.0, 100.0)), np.array([(5.0, 5.0, -50.0)])
    with pytest.raises(Finding, match="tray is between the lens"):
        checks.nothing_between("the lens", lens, corner, {"tray": cube()})
    checks.nothing_between("the lens", lens, corner + np.array((50.0, 0.0, 0.0)), {"tray": cube(at=(-20, 0, 0))})


def test_lights_are_seen_from_where_people_are_and_a_panel_that_faces_away_is_found() -> None:
    light = np.array([(0.0, -20.0, 330.0)])
    checks.lights_seen(light, np.array((0.0, -0.94, 0.34)), {})
    with pytest.raises(Finding, match="degrees aside"):
        checks.lights_seen(light, np.array((0.0, 0.94, 0.34)), {})
    with pytest.raises(Finding, match="hand is between"):
        checks.lights_seen(light, np.array((0.0, -0.94, 0.34)), {"hand": cube(200.0, (-100.0, -300.0, 250.0))})


def test_a_top_heavy_stand_is_found() -> None:
    low = {"all": (900.0, np.array((0.0, 20.0, 100.0)))}
    checks.stands(checks.push_that_tips(low, D, 280.0))
    with pytest.raises(Finding, match="over to the front"):
        checks.stands(checks.push_that_tips({"all": (900.0, np.array((0.0, -60.0, 100.0)))}, D, 280.0))


def test_parts_in_the_same_place_are_found() -> None:
    checks.apart({"pi": cube(), "plate": cube(at=(0.0, 0.0, 10.0))})
    with pytest.raises(Finding, match=r"pi and plate are in the same place: 150\.0 mm3"):
        checks.apart({"pi": cube(), "plate": cube(at=(0.0, 0.0, 8.5))})


def test_the_head_has_room_for_what_is_before_and_behind_the_board() -> None:
    board, wall = D["board"], D["case"]["wall"]
    assert D["head"]["stand_off"] > board["height_in_front"]
    assert layout.derived(D)["board_front"] - board["thickness"] - wall > board["height_behind"]


def test_a_ribbon_that_is_too_short_is_found() -> None:
    checks.reaches("the ribbon", 110.0, 138.0)
    with pytest.raises(Finding, match="138 mm for a way of 150 mm"):
        checks.reaches("the ribbon", 150.0, 138.0)


def test_parts_on_a_sheet_are_apart_and_one_that_is_too_large_is_found() -> None:
    square = sheets.Flat("square", [[(0, 0), (90, 0), (90, 90), (0, 90)]], 90.0, 90.0)
    strip = sheets.Flat("strip", [[(0, 0), (20, 0), (20, 280), (0, 280)]], 20.0, 280.0)
    laid = sheets.lay([square] * 20 + [strip] * 5, (600.0, 300.0))
    assert len(laid) > 1
    for sheet in laid:
        boxes = [(p.x, p.y, p.x + p.part.width, p.y + p.part.height) for p in sheet]
        assert all(x0 > 0 and y0 > 0 and x1 < 600 and y1 < 300 for x0, y0, x1, y1 in boxes)
        for n, one in enumerate(boxes):
            assert all(
                one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1]
                for other in boxes[n + 1 :]
            )
    with pytest.raises(Finding, match="larger than a sheet"):
        sheets.lay([sheets.Flat("table", [], 700.0, 310.0)], (600.0, 300.0))


def test_a_drawing_that_leaves_its_sheet_or_is_not_closed_is_found(tmp_path: Path) -> None:
    part = sheets.Flat("square", [[(0, 0), (90, 0), (90, 90), (0, 90)]], 90.0, 90.0)
    file = tmp_path / "sheet.dxf"
    sheets.dxf([sheets.Placed(part, 3.0, 3.0)], (600.0, 300.0), file)
    with pytest.raises(Finding, match="leaves the sheet"):
        sheets.dxf([sheets.Placed(part, 550.0, 3.0)], (600.0, 300.0), file)
    with pytest.raises(Finding, match="not closed, or none"):
        sheets.dxf([], (600.0, 300.0), file)
    file.write_text("no drawing", encoding="utf-8")
    with pytest.raises(Finding, match="no DXF"):
        sheets.check_dxf(file, (600.0, 300.0))


# ---- numbers, lists, steps


def test_openscad_has_the_numbers_as_they_are() -> None:
    assert scad.NUMBERS.read_text(encoding="utf-8") == scad.numbers()


def test_no_source_of_openscad_assigns_a_number_of_its_own_to_what_is_a_dimension() -> None:
    known = set(re.findall(r"^(\w+) = ", scad.numbers(), re.MULTILINE))
    for file in CASE.glob("*.scad"):
        if file != scad.NUMBERS:
            again = known & set(re.findall(r"^(\w+) = ", file.read_text(encoding="utf-8"), re.MULTILINE))
            assert not again, f"{file.name}: {again}"


def _steps() -> list[Any]:
    return [
        pytest.param(build, number, step, id=f"{build}-{number}")
        for build, of_build in tomllib.loads(pictures.STEPS.read_text(encoding="utf-8")).items()
        for number, step in enumerate(of_build, 1)
    ]


@pytest.mark.parametrize(("build", "number", "step"), _steps())
def test_a_step_is_whole(build: str, number: int, step: dict[str, Any]) -> None:
    assert all(step[key] for key in ("title", "do", "tool", "minutes", "new"))
    assert set(step["uses"]) <= set(parts.titles())
    picture = pictures.PICTURES / f"assembly-{build}-{number:02}.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size < pictures.MOST_BYTES
    assert f"pictures/{picture.name}" in pictures.PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("build", "name"),
    [("stand", "stand"), ("stand-breadboard", "breadboard"), ("lanyard", "lanyard"), ("laser", "laser")],
)
def test_the_steps_use_up_what_the_list_has_for_a_build(build: str, name: str) -> None:
    used: dict[str, int] = {}
    steps = pictures.load()
    borrowed = [steps["stand"][number - 1] for step in steps[name] for number in step.get("stand", ())]
    for step in (*steps[name], *borrowed):
        for part, count in step["uses"].items():
            used[part] = used.get(part, 0) + count
    listed: list[parts.Printed | parts.Cut | parts.Bought] = [*parts.printed(), *parts.cut(), *parts.bought()]
    assert used == {part.name: part.builds[build] for part in listed if part.builds.get(build)}


def test_a_screw_that_comes_out_over_hands_is_found() -> None:
    checks.nothing_below("screw", cube(at=(0.0, 0.0, 250.0)), 250.0)
    with pytest.raises(Finding, match=r"screw sticks out by 1\.2 mm"):
        checks.nothing_below("screw", cube(at=(0.0, 0.0, 248.8)), 250.0)


def test_the_screws_of_a_raspberry_pi_in_the_arm_end_in_its_floor() -> None:
    assert D["screws"]["short"] < 1.4 + 3.0 + D["case"]["wall"], "its board, the arm's foot and floor"


def test_what_is_bought_for_a_step_is_in_the_bill() -> None:
    bill = ROOT / "hardware" / "parts.csv"
    known = {line.split(",")[0] for line in bill.read_text(encoding="utf-8").splitlines()}
    also = {name for of_build in pictures.load().values() for step in of_build for name in step.get("also", ())}
    assert also <= known


def test_the_page_on_assembly_is_made_of_the_steps() -> None:
    assert pictures.PAGE.read_text(encoding="utf-8") == pictures.page(pictures.load())
