"""Who may do what at the set's broker: mosquitto's files of passwords and of rights."""

from __future__ import annotations

import base64
import hashlib
import secrets

from hub.messages import badge_subscription, hub_subscription

HUB = "hub"
"""The hub's account; a badge's is its name."""

_ROUNDS, _SALT = 101, 12
"""As mosquitto 2.0 writes them. More rounds protect words that people think of: ours are drawn, of 160 bits."""


def new_password() -> str:
    """A password that nobody can guess, of letters, digits, - and _: a URL and a shell take it as it is."""
    return secrets.token_urlsafe(20)


def hashed(password: str) -> str:
    """What mosquitto keeps of a password: `$7$rounds$salt$hash`, PBKDF2 with HMAC-SHA512 (mosquitto_passwd.c)."""
    salt = secrets.token_bytes(_SALT)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ROUNDS)
    return f"$7${_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def with_password(lines: str, account: str, password: str) -> str:
    """A file of passwords in which an account has this one; the lines of the others stay as they are."""
    others = [line for line in lines.splitlines() if line.partition(":")[0] != account]
    return "".join(f"{line}\n" for line in [*others, f"{account}:{hashed(password)}"])


def rights(set_name: str) -> str:
    """Mosquitto's file of rights: a badge publishes and hears its own topics alone, the hub hears all and answers all.

    %u is the name of the account. Nothing else is allowed to anybody.
    """
    down = badge_subscription("{}", set_name)
    up = hub_subscription(set_name).replace("+", "{}", 1)
    return (
        f"pattern write {up.format('%u')}\n"
        f"pattern read {down.format('%u')}\n"
        f"\nuser {HUB}\n"
        f"topic read {up.format('+')}\n"
        f"topic write {down.format('+')}\n"
    )
