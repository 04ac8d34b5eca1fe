"""Inputs that are nearly right: octets, text and JSON of a corpus, changed in a few places by a seeded luck."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

_OCTETS = (
    b"\0",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\r\n",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"\x7f\xff\xff\xff",
    b"\x80\0\0\0",
)
_WORDS = (
    "%00",
    "%2F",
    "../",
    "-",
    ".",
    "'",
    '"',
    "{}",
    "[]",
    "é",
    "\u202e",
    "\U0001f600",
    "9" * 30,
    " ",
    "\t",
    "<b>",
    "&",
    "*",
)
_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2**16, 2**31, 2**32, 2**53, 2**53 + 1, 2**64, 10**30, 0.5, -0.0, 1e308),
    *("", "\0", "a", "A" * 40, "9" * 2000, "é\u202e\U0001f600", "999.0.0.1", "1.2.3.4", "client", "DEMO-1", "SYN"),
    *([], {}, [[]], [None] * 8, {"": {}}, [[[[[[[[]]]]]]]]),
)


def mutated(luck: random.Random, corpus: Sequence[bytes]) -> bytes:
    """One of the corpus with one to six changes: of its JSON where it is some, and of its octets."""
    octets = luck.choice(corpus)
    for _ in range(luck.choice((1, 1, 1, 2, 2, 3, 6))):
        octets = luck.choice((_in_json, _in_json, _in_octets, _in_text, _joined))(luck, octets, corpus)
    return octets[:600_000]


def _in_octets(luck: random.Random, octets: bytes, corpus: Sequence[bytes]) -> bytes:
    at = luck.randrange(len(octets) + 1)
    upto = min(len(octets), at + luck.choice((0, 1, 1, 2, 4, 16, 100)))
    match luck.randrange(5):
        case 0:
            new = bytes([luck.randrange(256)])
        case 1:
            new = luck.choice(_OCTETS)
        case 2:
            new = b""
        case 3:
            new = octets[at:upto] * luck.choice((2, 2, 3, 50, 50, 3000))
        case _:
            new = bytes(octet ^ 1 << luck.randrange(8) for octet in octets[at:upto])
    return octets[:at] + new + octets[upto:]


def _in_text(luck: random.Random, octets: bytes, corpus: Sequence[bytes]) -> bytes:
    at = luck.randrange(len(octets) + 1)
    upto = at + luck.choice((0, 0, 1, 3))
    return octets[:at] + luck.choice(_WORDS).encode() + octets[upto:]


def _joined(luck: random.Random, octets: bytes, corpus: Sequence[bytes]) -> bytes:
    other = luck.choice(corpus)
    return octets[: luck.randrange(len(octets) + 1)] + other[luck.randrange(len(other) + 1) :]


def _in_json(luck: random.Random, octets: bytes, corpus: Sequence[bytes]) -> bytes:
    """JSON stays JSON, behind a line of its own where there is one; else as `_in_octets`."""
    line, newline, text = octets.partition(b"\n")
    if not newline:
        line, text = b"", octets
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return _in_octets(luck, octets, corpus)
    return (
        line + newline + json.dumps(_changed(luck, value), ensure_ascii=luck.random() < 0.5).encode("utf-8", "replace")
    )


def _changed(luck: random.Random, value: Any) -> Any:
    if not isinstance(value, dict | list) or not value or luck.random() < 0.15:
        return luck.choice(_VALUES)
    if isinstance(value, list):
        at = luck.randrange(len(value))
        return [*value[:at], *_changes(luck, value[at]), *value[at + 1 :]]
    key = luck.choice(list(value))
    changes = _changes(luck, value[key])
    names = [key, luck.choice(("", key.upper(), key + "x", luck.choice(list(value))))]
    return {**{name: each for name, each in value.items() if name != key}, **dict(zip(names, changes, strict=False))}


def _changes(luck: random.Random, value: Any) -> list[Any]:
    return luck.choice(([_changed(luck, value)], [_changed(luck, value)], [], [value, value]))
