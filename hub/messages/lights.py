"""How each word looks on four lights: the table that the badge plays, and that paper and docs/lights.md are made from.

Words are told apart by place and rhythm; colour only helps. No light flashes more than three times a second.
A word about a card plays once and gives way to what the badge shows between scans, which repeats.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NamedTuple

from hub.messages import LightWord


class Led(enum.Enum):
    """The badge's lights, in the order in which they stand in a row, left to right.

    Each is one colour, and has its sign engraved beside it: the meaning never hangs on the colour.
    """

    DELIVERED = "delivered"
    RST = "rst"
    DROPPED = "dropped"
    LINK = "link"


Lit = frozenset[Led]
"""The lights that are on."""

DARK: Lit = frozenset()
KEYS = {1: "address", 2: "port", 3: "flags", 4: "numbers", 5: "wrong place"}
"""What `stopped` can blink, and what is to be put right."""
PARTS = {
    **{1: "lights", 2: "buzzer", 3: "buttons", 4: "camera"},
    **{5: "network", 6: "broker", 7: "outbox", 8: "power or heat"},
}
"""What `fault` can blink: the part of a badge with which something is wrong."""


class Step(NamedTuple):
    """For so many seconds these lights are on, and no others."""

    seconds: float
    on: Lit


@dataclass(frozen=True, slots=True)
class Pattern:
    """How a word looks (`steps`, and `looks` in words), what it means, and what the player does.

    repeats: it is shown between scans, again and again; otherwise it plays once.
    """

    steps: tuple[Step, ...]
    repeats: bool
    looks: str
    means: str
    do: str


def _on(names: str) -> Lit:
    """The lights by their first letters in the row: "D R X L" are delivered, rst, dropped, link."""
    return frozenset(led for letter, led in zip("DRXL", Led, strict=True) if letter in names)


def _steps(*steps: tuple[float, str]) -> tuple[Step, ...]:
    return tuple(Step(seconds, _on(names)) for seconds, names in steps)


PATTERNS: dict[LightWord, Pattern] = {
    LightWord.DELIVERED: Pattern(
        _steps((2.0, "D")),
        False,
        "its own light, steady",
        "the packet has arrived, and this host takes it",
        "read the sentence; write the answer if you owe one",
    ),
    LightWord.RST: Pattern(
        _steps((0.3, "R"), (0.3, ""), (0.3, "R"), (0.3, ""), (0.3, "R"), (0.5, "")),
        False,
        "its own light, three pulses",
        "the connection is refused or reset",
        "at a closed port write RST,ACK; a client gives up",
    ),
    LightWord.DROPPED: Pattern(
        _steps((1.5, "X"), (1.0, "")),
        False,
        "its own light, once and long, then dark",
        "the packet ends here, and the network tells nobody",
        "read the sentence: it says why",
    ),
    LightWord.SENT: Pattern(
        _steps(*(((0.3, "DR"), (0.3, "RX"), (0.3, "XL"), (0.4, "")) * 2)),
        False,
        "two lights side by side run from left to right, twice",
        "your packet is on its way",
        "carry the card to the router",
    ),
    LightWord.FORWARDED: Pattern(
        _steps(*(((0.4, "RX"), (0.4, "DL"), (0.4, "")) * 2)),
        False,
        "from the middle outwards, twice",
        "the router has passed the packet on",
        "bring the card to the next hop",
    ),
    LightWord.STOPPED: Pattern(
        _steps((1.0, "DRXL"), (0.8, "")),
        False,
        "all four, long; then the two in the middle blink 1 to 5 times",
        "something must be put right before the card goes; the number of blinks says what: "
        + ", ".join(f"{key} {part}" for key, part in KEYS.items()),
        "correct that and scan again",
    ),
    LightWord.UNREAD: Pattern(
        _steps(*(((0.3, "DX"), (0.3, "RL")) * 3)),
        False,
        "zigzag: first and third, second and fourth, three times",
        "the card could not be read; nothing has happened to the packet",
        "lay it flat, out of shadow and glare, and show it again",
    ),
    LightWord.ONE_AT_A_TIME: Pattern(
        _steps(*(((0.4, "DR"), (0.4, "XL")) * 2)),
        False,
        "left half, right half, twice",
        "there is more than one card on the rest",
        "leave one of them there",
    ),
    LightWord.READY: Pattern(
        _steps((1.0, "L")),
        True,
        "the link light, steady",
        "the badge is connected and waits for a card",
        "nothing",
    ),
    LightWord.YOUR_TURN: Pattern(
        _steps((1.2, "L"), (0.3, "DL"), (0.3, "RL"), (0.3, "XL")),
        True,
        "the link light stays on, and another light runs along the row",
        "you owe a packet",
        "write your card and scan it",
    ),
    LightWord.SEND_AGAIN: Pattern(
        _steps((1.4, "L"), (0.3, "RXL"), (0.3, "L"), (0.3, "RXL")),
        True,
        "the link light stays on, and the two in the middle blink in pairs",
        "your timer has run out: no acknowledgement came",
        "scan the card again; it needs no rewriting",
    ),
    LightWord.NO_ANSWER: Pattern(
        _steps((0.8, "RL"), (0.8, "XL")),
        True,
        "the link light stays on, and the two in the middle take turns, slowly",
        "the hub does not answer; your scan is kept and sent again",
        "wait; if it lasts, tell the teacher",
    ),
    LightWord.NO_BROKER: Pattern(
        _steps((0.3, "L"), (1.7, "")),
        True,
        "the link light alone, a short blink every two seconds",
        "the badge has no connection; scans are kept and sent later",
        "wait; if it lasts, check that the hub is on and the badge is on its Wi-Fi",
    ),
    LightWord.STAND_BY: Pattern(
        _steps((1.0, "L"), (1.0, "DL")),
        True,
        "the link light stays on, and the first comes and goes, slowly",
        "the badge plays no node",
        "take a seat with a role card, or ask the teacher for one",
    ),
    LightWord.FAULT: Pattern(
        _steps((1.5, "DRX"), (0.8, "")),
        False,
        "the first three, long; then the first and the last blink 1 to 8 times",
        "something is wrong with the badge; the number of blinks says where: "
        + ", ".join(f"{key} {part}" for key, part in PARTS.items()),
        "test it at a terminal: paperhop badge selftest says what to do",
    ),
}

BLINKED: dict[LightWord, dict[int, str]] = {LightWord.STOPPED: KEYS, LightWord.FAULT: PARTS}
"""The words that end with blinks, and what each number of them says."""
_BLINKS = {LightWord.STOPPED: _steps((0.3, "RX"), (0.4, "")), LightWord.FAULT: _steps((0.3, "DL"), (0.4, ""))}


def steps(word: LightWord, key: int | None = None) -> tuple[Step, ...]:
    """The steps of a word, once through; `key` adds the blinks of a word of `BLINKED` and nothing to others."""
    return PATTERNS[word].steps + (_BLINKS.get(word, ()) * (key or 0))
