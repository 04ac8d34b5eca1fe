"""That a promise was broken."""

from __future__ import annotations


class Wrong(AssertionError):
    """A promise was broken; the text says which."""


def must(true: bool, otherwise: str) -> None:
    """Raises Wrong, with this text, when it is not so."""
    if not true:
        raise Wrong(otherwise)
