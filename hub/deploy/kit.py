"""A set as a folder: what it is, the hub's part, a folder for each badge, labels and an inventory.

Each secret is in one place: a badge's in its own folder, the hub's in the hub's, and what the broker needs of them is
hashed. Made again, everything that is there stays as it is.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from hub.deploy.accounts import HUB, new_password, rights, with_password
from hub.deploy.firststart import first_start, host_name
from hub.deploy.labels import labels
from hub.deploy.network import Way, connection, new_wifi_password, way_for, wifi_name
from hub.messages import valid_name
from hub.private import keep_from_git, write_private

FORMAT = 1
FILE = "set.json"
MOST_BADGES = 90
"""What the broker lets in, and the network has addresses for, phones not counted."""
_COLUMNS = ("badge", "account", "host name", "card", "note")


class SetError(ValueError):
    """Something about a set cannot be done; the text says why, and what to do."""


class KitSet(msgspec.Struct, frozen=True):
    """A set. badges: name -> how many cards have been made for it. country: of the rules for radio."""

    name: str
    ssid: str
    wifi_password: str
    way: Way
    country: str
    badges: dict[str, int]
    format: int = FORMAT

    def __repr__(self) -> str:
        return f"KitSet({self.name}, {len(self.badges)} badges)"


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted. country, way: None: as the set has it; a new set needs a country, and has the way for so many
    badges. paper: of the labels.
    """

    name: str
    badges: int
    country: str | None = None
    way: Way | None = None
    paper: str = "a4"


def load(folder: Path) -> KitSet:
    """The set in a folder. SetError when there is none, or it cannot be read."""
    try:
        octets = (folder / FILE).read_bytes()
    except FileNotFoundError:
        raise SetError(f"There is no set in {folder}: `paperhop set make` makes one") from None
    except OSError as error:
        raise SetError(f"The set in {folder} cannot be read: {error.strerror}") from None
    try:
        version = msgspec.json.decode(octets, type=_Format).format
        if version > FORMAT:
            raise SetError(f"The set in {folder} was made by a newer Paperhop (format {version}): update this one")
        return msgspec.json.decode(octets, type=KitSet)
    except msgspec.DecodeError as error:
        raise SetError(f"{folder / FILE} is damaged: {error}. Restore the set from its backup") from None


def make(folder: Path, order: Order) -> tuple[KitSet, list[str]]:
    """Make a set, or what it lacks; the set, and the badges that are new.

    SetError when the folder has another set or anything else, or when less is wanted than there is. OSError when it
    cannot be written.
    """
    kit = _begun(folder, order)
    keep_from_git(folder)
    names = [f"b{number}" for number in range(1, order.badges + 1)]
    if len(kit.badges) > order.badges:
        raise SetError(
            f"The set {kit.name} has {len(kit.badges)} badges already, and none is taken away: "
            f"ask for {len(kit.badges)} or more"
        )
    new = [name for name in names if name not in kit.badges]
    if order.way is not None or (new and way_for(order.badges) is Way.ROUTER):
        kit = msgspec.structs.replace(kit, way=order.way or Way.ROUTER)
    passwords = _hub_part(folder, kit)
    for name in new:
        passwords = _new_card(folder, kit, name, passwords)
        kit = msgspec.structs.replace(kit, badges={**kit.badges, name: 1})
    _finish(folder, kit, passwords)
    (folder / "labels.pdf").write_bytes(labels(kit.name, list(kit.badges), order.paper))
    return kit, new


def replace(folder: Path, badge: str) -> KitSet:
    """A new card for a badge that was lost: the password of the old one works no more; others stay as they are.

    SetError when there is no such badge, OSError when it cannot be written.
    """
    kit = load(folder)
    if badge not in kit.badges:
        raise SetError(f"The set {kit.name} has no badge {badge}; it has {listed(list(kit.badges))}")
    kit = msgspec.structs.replace(kit, badges={**kit.badges, badge: kit.badges[badge] + 1})
    passwords = _new_card(folder, kit, badge, _hub_part(folder, kit))
    _finish(folder, kit, passwords)
    return kit


def must_not_be_older(folder: Path, kept: Path) -> None:
    """Take care that a copy of a set knows of every card of another one. SetError when it does not: with it a lost
    badge would be let in again, and the card in its place would not.
    """
    copy, newest = load(folder), load(kept)
    lacking = [badge for badge, card in newest.badges.items() if copy.badges.get(badge, 0) < card]
    if lacking:
        raise SetError(
            f"The set in {folder} is older than the one in {kept}: there {', '.join(lacking)} came later. "
            f"Copy {kept} over it, and go on with that"
        )


class _Format(msgspec.Struct):
    format: int


def _begun(folder: Path, order: Order) -> KitSet:
    """The set that the folder has, or the beginning of a new one."""
    if not 1 <= order.badges <= MOST_BADGES:
        raise SetError(f"A set has 1 to {MOST_BADGES} badges, not {order.badges}")
    if order.country is not None and not re.fullmatch("[A-Z]{2}", order.country):
        raise SetError(f"A country is two capital letters, for example DE, not {order.country!r}")
    if (folder / FILE).exists():
        kit = load(folder)
        if kit.name != order.name:
            raise SetError(f"{folder} has the set {kit.name}: choose another folder for the set {order.name}")
        if order.country not in (None, kit.country):
            raise SetError(
                f"The badges of the set {kit.name} keep to the radio rules of {kit.country}: "
                f"for {order.country} make a new set in another folder"
            )
        return kit
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SetError(f"{folder} is there already and has no set: choose a folder that is empty or not there yet")
    if order.country is None:
        raise SetError("In which country is the set used? Its radio rules hold: --country DE, for example")
    name = valid_name(order.name)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    way = order.way or way_for(order.badges)
    kit = KitSet(name, wifi_name(name), new_wifi_password(), way, order.country, {})
    _write(folder, kit)  # so that it goes on from here when it is broken off
    return kit


def _hub_part(folder: Path, kit: KitSet) -> str:
    """Write what the hub lacks; the file of passwords."""
    hub = folder / "hub"
    hub.mkdir(mode=0o700, exist_ok=True)
    write_private(hub / "acl", rights(kit.name).encode())
    write_private(hub / "network.nmconnection", connection(kit.way, kit.ssid, kit.wifi_password).encode())
    write_private(hub / "country", f"{kit.country}\n".encode())
    kept = hub / "passwords"
    if kept.exists() and (hub / "hub.env").exists():
        return kept.read_text(encoding="ascii")
    password = new_password()
    broker = f"mqtt://{HUB}:{password}@127.0.0.1"
    passwords = with_password(kept.read_text(encoding="ascii") if kept.exists() else "", HUB, password)
    write_private(kept, passwords.encode())
    write_private(hub / "hub.env", f"PAPERHOP_SET={kit.name}\nPAPERHOP_BROKER={broker}\n".encode())
    return passwords


def _new_card(folder: Path, kit: KitSet, badge: str, passwords: str) -> str:
    """Write a badge's folder; the file of passwords with the new one."""
    password, key = new_password(), new_password()
    card = kit.badges.get(badge, 1)
    files = first_start(kit.name, badge, card, password, key, kit.ssid, kit.wifi_password, kit.country)
    for parent in (folder / "badges", folder / "badges" / badge):
        parent.mkdir(mode=0o700, exist_ok=True)
    for name, text in files.items():
        write_private(folder / "badges" / badge / name, text.encode())
    return with_password(passwords, badge, password)


def _finish(folder: Path, kit: KitSet, passwords: str) -> None:
    """The set's own file comes last: what it does not name is made anew, when this was broken off."""
    write_private(folder / "hub" / "passwords", passwords.encode())
    inventory = folder / "inventory.csv"
    inventory.write_text(_inventory(kit, inventory), encoding="utf-8")
    _write(folder, kit)


def _write(folder: Path, kit: KitSet) -> None:
    write_private(folder / FILE, msgspec.json.format(msgspec.json.encode(kit)))


def _inventory(kit: KitSet, kept: Path) -> str:
    """A row for each badge. Notes that people have written into it stay."""
    notes: dict[str, str] = {}
    if kept.exists():
        with kept.open(encoding="utf-8", newline="") as file:
            notes = {row.get("badge") or "": row.get("note") or "" for row in csv.DictReader(file)}
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_COLUMNS)
    rows.writerow((HUB, HUB, "hub.paperhop", "", notes.get(HUB, "")))
    for badge, card in kit.badges.items():
        rows.writerow((badge, badge, host_name(kit.name, badge), card, notes.get(badge, "")))
    return text.getvalue()


def listed(names: Sequence[str]) -> str:
    """The names of badges, which are numbered, in few words."""
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
