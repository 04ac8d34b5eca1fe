"""A release: another program for badges, which they get from the hub over HTTP and take over whole or not at all.

    GET /badges/release/<badge>    Envelope    the release, sealed for this badge
    GET /badges/parts/<digest>     octets      a part of it

Everybody on the Wi-Fi could answer in the hub's place; so a release counts only with a seal of the badge's own key,
which was on its card from the beginning and is never sent. Whoever has the set's folder has the keys, and nobody else.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Annotated

import msgspec

KEY = "PAPERHOP_RELEASE_KEY"
"""The environment variable with a badge's key."""
MOST_OCTETS = 256 * 1024
"""Of an envelope."""
_SEALED = b"paperhop release\n"

Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
Number = Annotated[int, msgspec.Meta(ge=1, le=10**9)]


class BadReleaseError(ValueError):
    """It is no release, or not one of this set; the text says what is wrong with it."""


class Part(msgspec.Struct, frozen=True):
    """A wheel. digest: SHA-256. pythons: which versions of Python it is for, as "3.13"."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,180}\.whl$")]
    size: Annotated[int, msgspec.Meta(ge=1, le=2**30)]
    digest: Digest
    pythons: tuple[Annotated[str, msgspec.Meta(pattern=r"^3\.[0-9]{1,2}$")], ...]


class Release(msgspec.Struct, frozen=True):
    """All parts of a release. number: greater than that of the one before: badges never go back."""

    number: Number
    version: Annotated[str, msgspec.Meta(max_length=64)]
    parts: Annotated[tuple[Part, ...], msgspec.Meta(min_length=1, max_length=200)]

    def for_python(self, python: str) -> tuple[Part, ...]:
        """The parts that a badge with this Python installs. BadReleaseError when there are none."""
        parts = tuple(part for part in self.parts if python in part.pythons)
        if not parts:
            raise BadReleaseError(f"release {self.number} has nothing for Python {python}")
        return parts


class Envelope(msgspec.Struct, frozen=True):
    """What the hub answers. manifest: the release as JSON, as it was sealed."""

    manifest: str
    seal: Digest


def seal(manifest: bytes, key: str) -> str:
    """The seal of a release for the badge with this key: HMAC-SHA256."""
    return hmac.new(key.encode(), _SEALED + manifest, hashlib.sha256).hexdigest()


def opened(octets: bytes, key: str) -> Release:
    """The release in an envelope that bears the seal of this key. BadReleaseError for any other."""
    try:
        envelope = msgspec.json.decode(octets, type=Envelope)
        manifest = envelope.manifest.encode()
        if not key or not hmac.compare_digest(envelope.seal, seal(manifest, key)):
            raise BadReleaseError(
                "its seal is not that of this badge: it is of another set, or somebody has altered it"
            )
        release = msgspec.json.decode(manifest, type=Release)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadReleaseError(f"it is no release: {error}") from None
    if len({part.name for part in release.parts}) < len(release.parts):
        raise BadReleaseError("it names a part twice")
    return release
