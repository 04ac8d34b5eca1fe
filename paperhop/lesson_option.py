"""The option that says which lesson is meant. It is no badge's: those have no lessons."""

from __future__ import annotations

import argparse

from hub.lessons import ids

FIRST = "handshake"
"""With which one begins who names none."""
WHICH_LESSON = (
    f"{', '.join(ids())}, or a .yaml file; ID:VARIANT is a variant of it, such as data:basic (`paperhop check ID` "
    "names them all)"
)


def add_lesson(parser: argparse.ArgumentParser) -> None:
    """`--lesson ID`: what is played."""
    parser.add_argument("--lesson", default=FIRST, metavar="ID", help=f"{WHICH_LESSON}; default: %(default)s")
