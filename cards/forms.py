"""Every form that was ever printed: what a code does not say about its card, `forms.json` does.

The file only grows: a class set that was printed years ago is still read. A lesson that a teacher wrote has a form that
is not in it; the hub knows it from the lesson, and tells its badges.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec

from cards.penform import PenForm

FILE = Path(__file__).with_name("forms.json")


@cache
def known() -> Mapping[str, PenForm]:
    """The forms of all lessons that come with Paperhop, and have ever come with it, by their ids."""
    return MappingProxyType({form.id: form for form in load(FILE.read_bytes())})


def load(octets: bytes) -> tuple[PenForm, ...]:
    """The forms in a file. msgspec.ValidationError when it holds something else."""
    return msgspec.json.decode(octets, type=tuple[PenForm, ...])


def dump(forms: tuple[PenForm, ...]) -> bytes:
    """A file of forms, a line for each."""
    return b"[\n" + b",\n".join(msgspec.json.encode(form) for form in forms) + b"\n]\n"
