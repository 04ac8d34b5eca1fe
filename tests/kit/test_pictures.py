"""The pictures of cards in the documentation come from a program that still draws them."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from paperhop.pictures import pictures

THERE = Path(__file__).parents[2] / "docs" / "pictures"


def test_the_pictures_in_the_documentation_are_those_that_are_drawn() -> None:
    """As large, and alike but for the edges of letters, which may differ from one Pillow to the next."""
    for name, image in pictures():
        with Image.open(THERE / name) as shown:
            assert shown.size == image.size, name
            pairs = zip(_blurred(shown), _blurred(image), strict=True)
            assert max(abs(one - other) for one, other in pairs) <= 40, (
                f"{name}: python -m paperhop.pictures docs/pictures"
            )


def _blurred(image: Image.Image) -> bytes:
    """In spots of eight pixels."""
    grey = image.convert("L")
    return grey.resize((grey.width // 8, grey.height // 8), Image.Resampling.BOX).tobytes()
