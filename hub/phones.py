"""Phones that play: each is a badge of its own name, and a token that nobody can guess says which one.

A phone is called by a number that no other one has, "phone 7": on its own screen, and by the teacher. It is in its name
as a badge, which ends with something by which a journal tells it from others of that number.

Only a digest of each token is kept, in a file of the hub's data folder that its owner alone may read.
"""

from __future__ import annotations

import hashlib
import itertools
import secrets
from collections.abc import Collection
from pathlib import Path

import msgspec

from hub.private import write_private
from hub.seats import PHONE, phone_number

FILE = "phones.json"
MOST = 200
"""Phones that a hub knows; of more the one is forgotten that nobody needs and that was not heard of for longest."""


class Phone(msgspec.Struct, frozen=True):
    """A phone. badge: its name among badges. boot: stays as long as its token. digest: of the token, SHA-256."""

    badge: str
    boot: str
    digest: str


class Phones:
    """The phones that have come in, in the order in which they were heard of last. Kept in folder `data`, so that a
    restart loses none.
    """

    def __init__(self, data: Path) -> None:
        self._path = data / FILE
        self._phones: dict[str, Phone] = {}
        try:
            there = msgspec.json.decode(self._path.read_bytes(), type=list[Phone])
        except (FileNotFoundError, msgspec.DecodeError):
            there = []  # a phone that is not known any more comes in again
        self._phones = {phone.digest: phone for phone in there}

    def make_room(self, needed: Collection[str]) -> list[str]:
        """The phones that are forgotten so that one more has room. needed: badges that are not."""
        idle = [each for each in self._phones.values() if each.badge not in needed]
        gone = idle[: max(0, len(self._phones) + 1 - MOST)]
        for phone in gone:
            del self._phones[phone.digest]
        return [phone.badge for phone in gone]

    def admit(self) -> tuple[str, Phone]:
        """A phone comes in: its token, which is told nobody else, and what it is called."""
        token = secrets.token_urlsafe(24)
        taken = {phone_number(badge) for badge in self.badges}
        number = next(number for number in itertools.count(1) if str(number) not in taken)
        phone = Phone(f"{PHONE}{number}-{secrets.token_hex(4)}", secrets.token_hex(8), _digest(token))
        self._phones[phone.digest] = phone
        self._save()
        return token, phone

    def known(self, token: str) -> Phone | None:
        """The phone with this token, which is heard of now."""
        phone = self._phones.pop(_digest(token), None)
        if phone is not None:
            self._phones[phone.digest] = phone
        return phone

    @property
    def badges(self) -> frozenset[str]:
        """What the phones are called as badges."""
        return frozenset(phone.badge for phone in self._phones.values())

    def forget(self) -> None:
        """Every token is void."""
        self._phones.clear()
        self._save()

    def _save(self) -> None:
        write_private(self._path, msgspec.json.encode(list(self._phones.values())))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
