"""`paperhop poster`: the states of TCP for the wall."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cards.drawing import sheet_png, sheet_svg
from cards.pdf import pdf
from cards.sheet import Sheet
from hub.poster import PAPERS, poster
from hub.printing.words import Words
from paperhop.options import add_language


def _pdf(sheet: Sheet) -> bytes:
    return pdf([sheet], sheet.title)


def _svg(sheet: Sheet) -> bytes:
    return sheet_svg(sheet).encode()


_KINDS = {".pdf": _pdf, ".svg": _svg, ".png": sheet_png}


def add(parser: argparse.ArgumentParser) -> None:
    """Give `paperhop poster` its options."""
    parser.add_argument("--out", type=_file, required=True, metavar="FILE", help="a .pdf, .svg or .png file to write")
    parser.add_argument("--paper", choices=PAPERS, default="a4", help="default: %(default)s")
    add_language(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0; 1 when the file cannot be written."""
    out: Path = arguments.out
    drawn = poster(arguments.paper, Words(arguments.language or "en"))
    try:
        out.write_bytes(_KINDS[out.suffix.lower()](drawn))
    except OSError as error:
        print(f"paperhop poster: cannot write {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"{out}: {drawn.title}")
    return 0


def _file(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in _KINDS:
        raise argparse.ArgumentTypeError(f"{text!r} should end in {', '.join(_KINDS)}")
    return path
