"""Finding QR codes in a picture: the one place that knows the decoders and the order in which they are tried.

The ladder: zxing-cpp on the picture as it is (a frame in a millisecond), then on one enlarged and sharpened, which
finds the edges of blurred modules; on one that is only sharpened, and on one without lines thinner than a module, which
a pen may have drawn across the code; then zbar on one made black and white by its neighbourhood. Without zxing-cpp:
zbar on a sharpened picture, then on the black and white one. Each rung is tried only when the one before found nothing.
Both decoders are optional: with either of them everything works.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from ctypes import string_at
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

try:
    import zxingcpp
except ImportError:
    HAS_ZXING = False
else:
    HAS_ZXING = True

try:
    from pyzbar import wrapper as zbar
except ImportError:
    HAS_ZBAR = False
else:
    HAS_ZBAR = True

Picture = NDArray[np.uint8]
"""Pixels: grey (height, width) or (height, width, 1), BGR (height, width, 3), or BGRA (height, width, 4)."""

MOST_PIXELS = 8_000_000
"""Larger pictures are made smaller first: a page of cards scanned at 300 dpi, say, has 8.7 million."""
MOST_SIDE = 16_384
LEAST_SIDE = 21
"""Pixels: the smallest QR code has 21 modules, so a smaller picture holds none."""

_GREY800 = int.from_bytes(b"Y800", "little")


class NoDecoder(RuntimeError):
    """No decoder is installed; the text says what to install."""


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code in a picture.

    corners: (4, 2) pixels (x, y): the symbol's own top left, top right, bottom right, bottom left.
    """

    text: str
    corners: NDArray[np.float32]


def _as_it_is(grey: Picture) -> Picture:
    return grey


def _sharpened(grey: Picture) -> Picture:
    return _sharper(grey, 2.0, 1.5)


def _enlarged(grey: Picture) -> Picture:
    large = cv2.resize(grey, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC)
    return _sharper(cast(Picture, large), 3.0, 3.0)


def _without_strokes(grey: Picture) -> Picture:
    """Dark lines of a pixel or two are gone: a module of 1 mm has at least four in a frame that can be read."""
    return cast(Picture, cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)))


def _black_and_white(grey: Picture) -> Picture:
    sharp = _sharpened(grey)
    return cast(Picture, cv2.adaptiveThreshold(sharp, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 51, 5))


def _sharper(grey: Picture, sigma: float, gain: float) -> Picture:
    """Unsharp masking: what a blur takes away is added `gain` times."""
    soft = cv2.GaussianBlur(grey, (0, 0), sigma)
    return cast(Picture, cv2.addWeighted(grey, 1 + gain, soft, -gain, 0))


def _zxing(grey: Picture) -> list[Code]:
    found = zxingcpp.read_barcodes(
        grey,
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode),
        try_rotate=False,
        try_downscale=False,
        text_mode=zxingcpp.TextMode.Plain,
    )
    return [Code(barcode.text, _zxing_corners(barcode.position)) for barcode in found if barcode.valid]


def _zxing_corners(position: zxingcpp.Position) -> NDArray[np.float32]:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return np.array([(point.x, point.y) for point in corners], np.float32)


def _zbar(grey: Picture) -> list[Code]:
    """By zbar's own functions, because `pyzbar.decode` forgets which corner is which."""
    height, width = grey.shape
    pixels = grey.tobytes()
    scanner, image = zbar.zbar_image_scanner_create(), zbar.zbar_image_create()
    try:
        zbar.zbar_image_scanner_set_config(scanner, zbar.ZBarSymbol.NONE, zbar.ZBarConfig.CFG_ENABLE, 0)
        zbar.zbar_image_scanner_set_config(scanner, zbar.ZBarSymbol.QRCODE, zbar.ZBarConfig.CFG_ENABLE, 1)
        zbar.zbar_image_set_format(image, _GREY800)
        zbar.zbar_image_set_size(image, width, height)
        zbar.zbar_image_set_data(image, pixels, len(pixels), None)
        zbar.zbar_scan_image(scanner, image)
        codes = []
        symbol = zbar.zbar_image_first_symbol(image)
        while symbol:
            if zbar.zbar_symbol_get_loc_size(symbol) == 4:
                codes.append(_zbar_code(symbol))
            symbol = zbar.zbar_symbol_next(symbol)
        return codes
    finally:
        zbar.zbar_image_destroy(image)
        zbar.zbar_image_scanner_destroy(scanner)


def _zbar_code(symbol: object) -> Code:
    octets = string_at(zbar.zbar_symbol_get_data(symbol), zbar.zbar_symbol_get_data_length(symbol))
    top_left, bottom_left, bottom_right, top_right = (
        (zbar.zbar_symbol_get_loc_x(symbol, n), zbar.zbar_symbol_get_loc_y(symbol, n)) for n in range(4)
    )
    corners = np.array([top_left, top_right, bottom_right, bottom_left], np.float32)
    return Code(octets.decode("utf-8", "replace"), corners)


@dataclass(frozen=True, slots=True)
class Rung:
    """One attempt: a decoder on a view of the picture, of whatever size. installed: whether its decoder is."""

    decode: Callable[[Picture], list[Code]]
    view: Callable[[Picture], Picture]
    installed: bool


ZXING_LADDER = tuple(Rung(_zxing, view, HAS_ZXING) for view in (_as_it_is, _enlarged, _sharpened, _without_strokes))
ZBAR_LADDER = (Rung(_zbar, _sharpened, HAS_ZBAR), Rung(_zbar, _black_and_white, HAS_ZBAR))
LADDER = (*ZXING_LADDER, ZBAR_LADDER[-1]) if HAS_ZXING else ZBAR_LADDER


def find_codes(picture: Picture, rungs: Sequence[Rung] = LADDER) -> list[Code]:
    """The QR codes in a picture, whatever they say. Rungs whose decoder is not installed are passed over.

    Raises ValueError for what is not a picture, and NoDecoder when no rung is left.
    """
    usable = [rung for rung in rungs if rung.installed]
    if not usable:
        raise NoDecoder(
            "QR codes cannot be read here: neither zxing-cpp nor zbar can be loaded. Install one of them: "
            "pip install zxing-cpp, or zbar's library (Debian, Ubuntu, Raspberry Pi OS: sudo apt install libzbar0; "
            "macOS: brew install zbar)"
        )
    grey, shrunk = as_grey(picture)
    if min(grey.shape) < LEAST_SIDE:
        return []
    for rung in usable:
        view = rung.view(grey)
        if found := rung.decode(view):
            scale = shrunk * view.shape[1] / grey.shape[1]
            return [Code(code.text, code.corners / np.float32(scale)) for code in found]
    return []


def as_grey(picture: Picture) -> tuple[Picture, float]:
    """The picture in grey, small enough to read in bounded time, and the factor by which it was made smaller."""
    if not isinstance(picture, np.ndarray) or picture.dtype != np.uint8:
        raise ValueError("a picture is a numpy array of uint8")
    if picture.ndim == 3 and picture.shape[2] == 1:
        picture = picture[:, :, 0]
    if not (picture.ndim == 2 or (picture.ndim == 3 and picture.shape[2] in (3, 4))):
        raise ValueError(f"a picture is grey, BGR or BGRA: (height, width[, 1, 3 or 4]), not {picture.shape}")
    if picture.size == 0:
        raise ValueError("the picture is empty: it has no pixels")
    height, width = picture.shape[:2]
    shrunk = min(1.0, math.sqrt(MOST_PIXELS / (height * width)), MOST_SIDE / max(height, width))
    if shrunk < 1.0:
        size = (max(1, int(width * shrunk)), max(1, int(height * shrunk)))
        picture = cast(Picture, cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
    if picture.ndim == 3:
        conversion = cv2.COLOR_BGR2GRAY if picture.shape[2] == 3 else cv2.COLOR_BGRA2GRAY
        picture = cast(Picture, cv2.cvtColor(picture, conversion))
    return np.ascontiguousarray(picture), shrunk
