"""Sentences for people, a file for each language: the simulator speaks in codes, here they become words."""

from __future__ import annotations

import functools
import string
import tomllib
from collections.abc import Mapping
from importlib import resources


@functools.cache
def sentences(language: str = "en") -> Mapping[str, str]:
    """Reason code -> sentence with {parameters}, as the language's file has it."""
    return dict(tomllib.loads((resources.files(__name__) / f"{language}.toml").read_text("utf-8"))["reasons"])


def sentence(reason: str, params: Mapping[str, str], language: str = "en") -> str:
    """What to say about a ruling. A parameter that is not there shows as "?", an unknown code as itself."""
    template = sentences(language).get(reason)
    return reason if template is None else string.Formatter().vformat(template, (), _Lenient(params))


class _Lenient(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"
