"""`paperhop set`: make a set of badges and its hub, replace a lost badge, and keep all of it in one file."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cards.imposition import PAPERS
from hub.deploy.accounts import HUB
from hub.deploy.card import prepare, prepare_hub
from hub.deploy.kit import FILE, KitSet, Order, listed, load, make, must_not_be_older, replace
from hub.deploy.network import HUB_ADDRESS, MOST_ON_OWN_WIFI, Way
from hub.deploy.publishing import publish
from hub.deploy.saving import Contents, Places, backup, restore
from hub.messages import DEFAULT_SET
from hub.messages.obstacles import obstacle
from paperhop.options import say

_ON_THE_HUB = Path("/etc/paperhop/set")
"""Where hub/deploy/install.sh keeps the set on the hub."""
_DATA_ON_THE_HUB = Path("/var/lib/paperhop")
_RELEASE_ON_THE_HUB = Path("/var/lib/paperhop-release")
_BUNDLE = Path("build/bundle")
_TAKE_OVER = (
    "The hub learns of it by `sudo sh install.sh --only set --set DIR` (install.sh is in the bundle, and in "
    "/usr/local/share/paperhop on the hub)."
)


def add(parser: argparse.ArgumentParser) -> None:
    """Give `paperhop set` its commands."""
    commands = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    making = _command(commands, "make", _make, "make a set, or the badges that it lacks; what is there stays")
    making.add_argument("--badges", type=int, required=True, metavar="NUMBER", help="how many: b1, b2 ...")
    making.add_argument("--set", default=DEFAULT_SET, metavar="NAME", help="default: %(default)s")
    making.add_argument("--country", metavar="XX", help="whose radio rules hold, for example DE")
    making.add_argument(
        "--network",
        type=Way,
        choices=list(Way),
        metavar="own|router",
        help=f"the hub's own Wi-Fi (the default up to {MOST_ON_OWN_WIFI} badges), or a router at its Ethernet",
    )
    making.add_argument("--paper", choices=list(PAPERS), default="a4", help="of the labels; default: %(default)s")
    lost = _command(commands, "replace", _replace, "a new card for a lost badge; the old one is let in no more")
    lost.add_argument("badge", metavar="BADGE", help="for example b7")
    card = _command(commands, "card", _card, "make the card of a badge, or of the hub, ready for its first start")
    card.add_argument("badge", metavar="BADGE", help="for example b7, or hub")
    card.add_argument("boot", type=Path, metavar="BOOTFS", help="where the card's boot partition, bootfs, is mounted")
    card.add_argument(
        "--bundle",
        type=Path,
        default=_BUNDLE,
        metavar="DIR",
        help="what `make bundle` has gathered; default: %(default)s",
    )
    check = _command(commands, "check", _check, "look whether a copy of a set is as new as another one")
    check.add_argument("copy", type=Path, metavar="COPY", help="on the stick, for example")
    release = _command(commands, "release", _release, "give the badges another program, which they get from the hub")
    release.add_argument(
        "bundle",
        type=Path,
        nargs="?",
        metavar="BUNDLE",
        help="what `make bundle` has gathered; without it what there is is sealed anew, after a badge was replaced",
    )
    release.add_argument(
        "--into",
        type=Path,
        default=_RELEASE_ON_THE_HUB,
        metavar="DIR",
        help="where the hub looks; default: %(default)s",
    )
    for name, run, text in (
        ("backup", _backup, "write the set and the rooms of its hub into one file; the hub may go on running"),
        ("restore", _restore, "put a set and its rooms back from a file, where there are none"),
    ):
        saving = _command(commands, name, run, text)
        saving.add_argument("file", type=Path, metavar="FILE")
        saving.add_argument(
            "--data", type=Path, default=_DATA_ON_THE_HUB, metavar="DIR", help="the hub's data; default: %(default)s"
        )
    shown = _command(commands, "show", _show, "tell what a set is")
    shown.add_argument("--secrets", action="store_true", help="also the password of its Wi-Fi")


def _command(
    commands: argparse._SubParsersAction[Any], name: str, run: Callable[[argparse.Namespace], None], text: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    parser.add_argument(
        "--out",
        type=Path,
        default=_ON_THE_HUB,
        required=name == "make",
        metavar="DIR",
        help="the set's folder" + ("" if name == "make" else "; default: %(default)s"),
    )
    parser.set_defaults(run=lambda arguments: _run(run, arguments))
    return parser


def _run(run: Callable[[argparse.Namespace], None], arguments: argparse.Namespace) -> int:
    """Exit status 0; 2 with a sentence when it cannot be done."""
    try:
        run(arguments)
    except ValueError as error:
        print(f"paperhop set: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"paperhop set: {_why(error)}.", file=sys.stderr)
        return 2
    return 0


def _why(error: OSError) -> str:
    if error.filename is None:
        return error.strerror or str(error)
    return f"{error.filename} cannot be used. {obstacle(error, Path(error.filename))}"


def _make(arguments: argparse.Namespace) -> None:
    order = Order(arguments.set, arguments.badges, arguments.country, arguments.network, arguments.paper)
    before = load(arguments.out) if (arguments.out / FILE).exists() else None
    kit, new = make(arguments.out, order)
    say(f"{arguments.out}: {_described(kit)}")
    other_way = before is not None and before.way is not kit.way
    if not new and not other_way:
        say("All of it was there already; nothing has changed.")
        return
    if other_way:
        say(f"Its network is another one than before: now {_way(kit)}. The cards of its badges stay as they are.")
    if new:
        say(f"New: {listed(new)}. For the card of each: `{_card_of(new[0], arguments.out)}`.")
        say("The folder holds secrets: keep it where only you can read it. labels.pdf and inventory.csv hold none.")
    if before is not None:
        say(_TAKE_OVER)


def _replace(arguments: argparse.Namespace) -> None:
    badge = arguments.badge
    card = replace(arguments.out, badge).badges[badge]
    say(f"{badge} has a new password. For its card {card}: `{_card_of(badge, arguments.out)}`.")
    say(_TAKE_OVER)


def _card(arguments: argparse.Namespace) -> None:
    if arguments.badge == HUB:
        room = prepare_hub(arguments.boot)
    else:
        room = prepare(arguments.out, arguments.badge, arguments.boot, arguments.bundle)
    say(f"The card of {arguments.badge} is ready: write {arguments.badge} on it, and start with it.")
    if not room:
        say("Its system has had the whole card already: it will work, but a pulled plug can damage the card.")


def _check(arguments: argparse.Namespace) -> None:
    must_not_be_older(arguments.copy, arguments.out)
    say(f"{arguments.copy} knows every card of the set in {arguments.out}.")


def _release(arguments: argparse.Namespace) -> None:
    made, keyless = publish(arguments.into, arguments.out, arguments.bundle)
    say(f"Release {made.number} (Paperhop {made.version}) is there for the badges: the teacher's page says who has it.")
    if keyless:
        say(f"These cannot take it, for want of a key: {', '.join(keyless)}. `paperhop set replace` gives one.")


def _backup(arguments: argparse.Namespace) -> None:
    contents = backup(Places(arguments.out, arguments.data), arguments.file)
    say(f"{arguments.file}: the set {contents.name} {_with_rooms(contents)}.")
    say("It holds every secret of the set: keep it where only you can read it.")


def _restore(arguments: argparse.Namespace) -> None:
    contents = restore(arguments.file, Places(arguments.out, arguments.data))
    say(f"The set {contents.name} {_with_rooms(contents)} is back as it was at {contents.made} (UTC).")
    say(_TAKE_OVER)


def _with_rooms(contents: Contents) -> str:
    return "and its rooms" if any(part.startswith("data/") for part in contents.parts) else "(no room yet)"


def _show(arguments: argparse.Namespace) -> None:
    kit = load(arguments.out)
    say(f"{arguments.out}: {_described(kit)}")
    replaced = [f"{badge} (card {card})" for badge, card in kit.badges.items() if card > 1]
    if replaced:
        say(f"Replaced: {', '.join(replaced)}.")
    say(f"Wi-Fi: {kit.ssid}" + (f", password {kit.wifi_password}" if arguments.secrets else ""))


def _card_of(badge: str, folder: Path) -> str:
    """The command for a badge's card: as one calls it on the hub, or in the folder of Paperhop."""
    command = "paperhop" if shutil.which("paperhop") else ".venv/bin/paperhop"
    return f"{command} set card {badge} BOOTFS --out {folder}"


def _way(kit: KitSet) -> str:
    return "over the hub's own Wi-Fi" if kit.way is Way.OWN else "through a router at the hub's Ethernet"


def _described(kit: KitSet) -> str:
    count = f"{len(kit.badges)} badge{'' if len(kit.badges) == 1 else 's'}"
    return f"the set {kit.name}, {count}, {_way(kit)}; the hub is {HUB_ADDRESS}; radio rules of {kit.country}."
