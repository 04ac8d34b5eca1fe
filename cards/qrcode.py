"""A text as the dark and light modules of a QR code (ISO/IEC 18004).

segno places the data; which of the eight masks is best is decided here, for all eight at once: of the time that segno
takes for a code, four parts of five go into that.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import segno
from numpy.typing import NDArray

_MASKS = 8
_RUN, _BLOCK, _FINDER, _SHARE = 3, 3, 40, 10
"""N1 to N4 of table 11: for a run of five, a block of four, the likeness of a finder, each 5 % off half dark."""
_LIKE_A_FINDER = (1, 0, 1, 1, 1, 0, 1)

Modules = NDArray[np.uint8]


@lru_cache(maxsize=128)
def modules(text: str) -> tuple[bytes, ...]:
    """The rows of a text's QR code without quiet zone, one octet per module, 1 for dark.

    ECC level M, or better where the same size has room for it. ValueError when the text is not alphanumeric.
    """
    unmasked = _matrix(text, 0)
    masked = unmasked ^ _masks(text, unmasked)
    return tuple(bytes(row) for row in masked[int(penalties(masked).argmin())])


def penalties(codes: Modules) -> NDArray[np.int64]:
    """How badly each of several codes of one size can be read (7.8.3). codes: (number, rows, columns)."""
    across = np.concatenate((codes, codes.transpose(0, 2, 1)), axis=1)
    size = codes.shape[2]
    blocks = _equal(codes[:, :-1, :-1], codes[:, :-1, 1:], codes[:, 1:, :-1], codes[:, 1:, 1:]).sum((1, 2))
    dark = codes.sum((1, 2), dtype=np.int64)
    share = abs(20 * dark - 10 * size * size) // (size * size)
    return np.asarray(_runs(across) + _BLOCK * blocks + _FINDER * _finders(across) + _SHARE * share, np.int64)


def _equal(first: Modules, *others: Modules) -> NDArray[np.bool_]:
    equal = np.ones(first.shape, np.bool_)
    for other in others:
        equal &= first == other
    return equal


def _runs(lines: Modules) -> NDArray[np.int64]:
    """Points for runs of five and more modules of one shade: 3 for the fifth, 1 for each further one."""
    same = lines[:, :, 1:] == lines[:, :, :-1]
    fives = same[:, :, 3:] & same[:, :, 2:-1] & same[:, :, 1:-2] & same[:, :, :-3]
    begins = fives.copy()
    begins[:, :, 1:] &= ~fives[:, :, :-1]
    return np.asarray(fives.sum((1, 2)) + (_RUN - 1) * begins.sum((1, 2)), np.int64)


def _finders(lines: Modules) -> NDArray[np.int64]:
    """How often a finder's row occurs with four light modules before or behind it; beyond the edge all is light."""
    padded = np.pad(lines, ((0, 0), (0, 0), (4, 4)))
    places = padded.shape[2] - 14
    found = np.ones((*lines.shape[:2], places), np.bool_)
    for n, module in enumerate(_LIKE_A_FINDER):
        found &= padded[:, :, 4 + n : 4 + n + places] == module
    before = ~padded[:, :, 0:places].astype(bool)
    behind = ~padded[:, :, 11 : 11 + places].astype(bool)
    for n in range(1, 4):
        before &= padded[:, :, n : n + places] == 0
        behind &= padded[:, :, 11 + n : 11 + n + places] == 0
    return np.asarray((found & (before | behind)).sum((1, 2)), np.int64)


_differences: dict[int, Modules] = {}
"""Size -> what each mask changes in a code of mask 0, which is the same whatever the code says."""


def _masks(text: str, unmasked: Modules) -> Modules:
    size = len(unmasked)
    if size not in _differences:
        _differences[size] = np.stack([_matrix(text, mask) for mask in range(_MASKS)]) ^ unmasked
    return _differences[size]


def _matrix(text: str, mask: int) -> Modules:
    return np.array(segno.make_qr(text, error="m", mode="alphanumeric", mask=mask).matrix, np.uint8)
