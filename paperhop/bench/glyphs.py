"""Letters and digits as a hand writes them: the points that each stroke runs through, in a box of 1 by 1, y down."""

from __future__ import annotations

from collections.abc import Mapping

_Stroke = tuple[tuple[float, float], ...]


def _strokes(text: str) -> tuple[_Stroke, ...]:
    """Strokes parted by a slash, points by a space, each two digits: column and row of ten, "55" the middle."""
    return tuple(
        tuple((int(point[0]) / 9, int(point[1]) / 9) for point in stroke.split()) for stroke in text.split("/")
    )


GLYPHS: Mapping[str, tuple[_Stroke, ...]] = {
    letter: _strokes(text)
    for letter, text in {
        "0": "50 12 05 27 59 87 95 82 50",
        "1": "23 50 54 59",
        "2": "02 30 72 64 27 09 59 99",
        "3": "11 40 82 64 44 64 87 49 08",
        "4": "60 33 06 56 96/63 66 69",
        "5": "80 20 14 44 85 87 49 08",
        "6": "70 33 16 28 59 87 65 35 16",
        "7": "00 50 90 64 49/25 75",
        "8": "81 40 12 45 87 49 17 45 82 70",
        "9": "82 50 12 24 54 82 76 59",
        "a": "73 43 15 18 39 68 73 77 89",
        "b": "10 15 19/15 43 75 78 49 18",
        "c": "84 53 25 28 59 88",
        "d": "74 43 15 18 49 77/80 85 89",
        "e": "16 76 74 43 15 28 59 88",
        "f": "81 60 42 45 49/14 74",
        "g": "73 43 15 27 57 74/73 77 69 28",
        "h": "10 15 19/15 43 74 79",
        "i": "53 57 59/50 51",
        "j": "63 67 49 18/60 61",
        "k": "10 15 19/73 16/36 79",
        "l": "50 55 58 69",
        "m": "03 09/05 23 45 49/45 63 85 89",
        "n": "13 19/15 43 74 79",
        "o": "53 25 28 59 88 75 53",
        "p": "13 16 19/14 53 75 57 16",
        "q": "74 43 15 37 66/73 76 79",
        "r": "23 26 29/25 43 74",
        "s": "83 43 25 56 77 49 18",
        "t": "50 55 58 79/23 83",
        "u": "13 17 39 78/73 76 79",
        "v": "13 49 83",
        "w": "03 29 55 79 93",
        "x": "13 79/83 19",
        "y": "13 47/83 47 29",
        "z": "13 83 19 89",
        " ": "06 09 99 96",
        ".": "58 59",
        ",": "57 49",
        "-": "25 75",
        "!": "50 56/58 59",
        "?": "22 50 72 54 56/58 59",
        ":": "53 54/58 59",
        "'": "50 52",
    }.items()
}
