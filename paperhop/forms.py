"""Adds the forms of the lessons to the file of all forms: `python -m paperhop.forms cards/forms.json`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from cards.forms import dump, load
from cards.penform import PenForm
from hub.lessons import ids
from hub.lessons import load as load_lesson
from hub.lessons.forms import pen_form


def of_lessons() -> Iterator[PenForm]:
    """The form of each lesson that comes with Paperhop, and of each of its variants."""
    for id in ids():
        lesson = load_lesson(id)
        yield pen_form(lesson)
        for variant in lesson.variants:
            yield pen_form(load_lesson(f"{id}:{variant}"))


def main() -> None:
    """Rewrite the file that is named on the command line; what is in it stays. ValueError: two forms have one id."""
    path = Path(sys.argv[1])
    forms = tuple(dict.fromkeys((*load(path.read_bytes() if path.exists() else b"[]"), *of_lessons())))
    if len({form.id for form in forms}) < len(forms):
        raise ValueError("two forms have the same id: change one of them a little")
    path.write_bytes(dump(forms))


if __name__ == "__main__":
    main()
