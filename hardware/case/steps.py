"""The steps of `make hardware` that make the case."""

from __future__ import annotations

from hardware.case import checks, fit, mesh, meshes, pictures, scad, sheets
from hardware.case.parts import printed
from hardware.dimensions import dimensions
from hardware.steps import PILLOW, ROOT, Step, Tool

_CASE = "hardware/case"
_NUMBERS = ("hardware/dimensions.*", *(f"{_CASE}/{name}.py" for name in ("layout", "scad", "steps")))
_MODELS = (
    *_NUMBERS,
    *(f"{_CASE}/{name}.scad" for name in ("dimensions", "shapes", "printed")),
    *(f"{_CASE}/{name}.py" for name in ("parts", "mesh", "meshes", "checks", "view")),
    f"{_CASE}/parts.toml",
)
_ALL = (*_MODELS, f"{_CASE}/bought.scad", f"{_CASE}/fit.py", "firmware/frames.py")
_CARDS = (
    *(f"cards/{name}.py" for name in ("drawing", "printedcard", "qrcode", "qrtext", "rolecard", "sheet", "typeface")),
    "cards/fonts/*.ttf",
)
"""What draws the cards in a picture."""
_MANIFOLD = Tool("manifold3d", "pip install 'paperhop[hardware]'", module=True)
_EZDXF = Tool("ezdxf", "pip install 'paperhop[hardware]'", module=True)


def numbers() -> None:
    """The numbers for OpenSCAD."""
    scad.NUMBERS.write_text(scad.numbers(), encoding="utf-8")


def print_parts() -> None:
    """Each printed part as it lies on the bed."""
    folder = ROOT / _CASE / "print"
    folder.mkdir(exist_ok=True)
    made = meshes.load("printed.scad", tuple(part.name for part in printed()))
    for part in printed():
        lying = mesh.turned(made[part.name], part.onto_bed())
        low, high = mesh.bounds(lying)
        lying = lying - [*((low + high) / 2)[:2], low[2]]
        checks.solid(part.name, lying)
        checks.fits_bed(part.name, lying, dimensions()["case"]["bed"])
        file = folder / f"{part.name}.stl"
        mesh.write(file, lying, f"Paperhop {part.name}, mm")
        checks.solid(file.name, mesh.read(file))


def check_fit() -> None:
    """Every build put together and looked at."""
    (ROOT / _CASE / "measured.md").write_text(fit.check(), encoding="utf-8")


def cut_sheets() -> None:
    """What a laser cuts."""
    fit.check_cut()
    folder = ROOT / _CASE / "laser"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("sheet-*"):
        old.unlink()
    sheets.make(folder)


STEPS = (
    Step("case-numbers", "the numbers for OpenSCAD", _NUMBERS, (f"{_CASE}/dimensions.scad",), numbers),
    Step("case-print", "the printed parts", _MODELS, (f"{_CASE}/print/*.stl",), print_parts, (scad.OPENSCAD,)),
    Step(
        "case-fit",
        "does it all fit, what does the camera see, does it stand",
        _ALL,
        (f"{_CASE}/measured.md",),
        check_fit,
        (scad.OPENSCAD, _MANIFOLD),
    ),
    Step(
        "case-faults",
        "put faults into copies of the badge: the checks must find them",
        _ALL,
        (),
        fit.find_faults,
        (scad.OPENSCAD, _MANIFOLD),
    ),
    Step(
        "case-laser",
        "sheets for a laser",
        (*_ALL, f"{_CASE}/laser.scad", f"{_CASE}/sheets.py"),
        (f"{_CASE}/laser/sheet-*",),
        cut_sheets,
        (scad.OPENSCAD, _MANIFOLD, _EZDXF),
    ),
    Step(
        "case-pictures",
        "pictures of the case, and the page on assembly",
        (
            *(*_ALL, *_CARDS, "hardware/assembly/steps.toml"),
            *(f"{_CASE}/laser.scad", f"{_CASE}/render.py", f"{_CASE}/pictures.py"),
        ),
        ("docs/pictures/assembly-*.png", "docs/assembly.md", "docs/pictures/badge-*.png"),
        pictures.make,
        (scad.OPENSCAD, PILLOW),
    ),
)
