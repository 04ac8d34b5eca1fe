"""Reading JSON values into what they mean, with a sentence for people where that cannot be done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any, TypeVar

import msgspec

from hub.simulator.connection import Endpoint

_T = TypeVar("_T")
_ADDRESSES = (IPv4Address, IPv4Interface, IPv4Network)


class Unsupported(Exception):
    """What is asked for makes sense, and the engine does not have it. The text says why, for people."""


def read(kind: type[_T], value: object) -> _T:
    """The value as `kind`, whose addresses are texts in JSON. Raises ValueError in plain words."""
    return msgspec.convert(value, kind, dec_hook=_address)


def nothing_else(given: object, kind: type[msgspec.Struct], what: str) -> None:
    """Raises Unsupported when an object has a field that `kind` does not; `_...` is for people and always free."""
    if isinstance(given, Mapping):
        names = (str(name) for name in given)
        only_known((name for name in names if not name.startswith("_")), kind.__struct_fields__, f"a field of {what}")


def only_known(given: Iterable[str], known: Collection[str], what: str) -> None:
    """Raises Unsupported that names the first of `given` that is not known."""
    for name in given:
        if name not in known:
            raise Unsupported(f"{name!r} is not known here as {what}")


def endpoint(text: str) -> Endpoint:
    """ "10.1.0.1:23". Raises ValueError."""
    address, colon, port = text.rpartition(":")
    if not (colon and port.isascii() and port.isdigit() and int(port) <= 65535):
        raise ValueError(f"{text!r} should be ADDRESS:PORT, for example 10.1.0.1:23")
    return Endpoint(IPv4Address(address), int(port))


def octets(text: str) -> bytes:
    """The octets that a text in JSON stands for, one each character. Raises ValueError for characters beyond U+00FF."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        raise ValueError(f"{text!r}: each character is an octet, so none is beyond U+00FF") from None


def text(octets: bytes) -> str:
    """The text that stands for these octets in JSON."""
    return octets.decode("latin-1")


def alphabet(length: int, first: int = 0) -> bytes:
    """`length` octets where nobody says which: a .. z, repeated, by how far into its stream each is."""
    return bytes(ord("a") + at % 26 for at in range(first, first + length))


def _address(kind: type, value: object) -> Any:
    if kind not in _ADDRESSES:
        raise NotImplementedError(kind)
    if not isinstance(value, str):
        raise ValueError(f"an address is a text, not {value!r}")
    return kind("0.0.0.0/0" if kind is IPv4Network and value == "default" else value)
