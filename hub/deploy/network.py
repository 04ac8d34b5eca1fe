"""The set's own network: 10.42.0.0/24 with the hub at 10.42.0.1, over its own Wi-Fi or through a small router."""

from __future__ import annotations

import enum
import secrets
import uuid

HUB_ADDRESS = "10.42.0.1"
HUB_NAME = "hub.paperhop"
MOST_ON_OWN_WIFI = 7
"""Badges that the Wi-Fi of a Raspberry Pi carries as an access point (7 to 10 with the firmware that it comes with)."""
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that is taken for another: people type the Wi-Fi's password into phones."""


class Way(enum.Enum):
    """How badges reach the hub: over the hub's own Wi-Fi, or that of a small router at its Ethernet."""

    OWN = "own"
    ROUTER = "router"


def way_for(badges: int) -> Way:
    """The way for so many badges."""
    return Way.OWN if badges <= MOST_ON_OWN_WIFI else Way.ROUTER


def new_wifi_password() -> str:
    """Three groups of four letters: 59 bits, and can be read aloud."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def wifi_name(set_name: str) -> str:
    """What the Wi-Fi is called; 32 octets at most (IEEE 802.11)."""
    return f"paperhop-{set_name}"[:32]


def connection(way: Way, ssid: str, password: str) -> str:
    """The hub's end as a keyfile of NetworkManager, which gives addresses and names to whoever comes.

    WPA2 alone, and management frames unprotected (pmf=1): the chip of a Raspberry Pi refuses clients otherwise
    (raspberrypi/linux#3619, #4718).
    """
    if way is Way.OWN:
        kind, interface = "wifi", "wlan0"
        parts = (
            f"[wifi]\nmode=ap\nssid={ssid}\nband=bg\nchannel=6\n\n"
            "[wifi-security]\nkey-mgmt=wpa-psk\nproto=rsn;\npairwise=ccmp;\ngroup=ccmp;\npmf=1\n"
            f"psk={password}\n"
        )
    else:
        kind, interface, parts = "ethernet", "eth0", "[ethernet]\n"
    number = uuid.uuid5(uuid.NAMESPACE_DNS, f"{ssid}.{way.value}.{HUB_NAME}")
    return (
        f"[connection]\nid=paperhop\nuuid={number}\ntype={kind}\ninterface-name={interface}\n"
        f"autoconnect-priority=100\n\n{parts}\n"
        f"[ipv4]\nmethod=shared\naddress1={HUB_ADDRESS}/24\n\n[ipv6]\nmethod=disabled\n"
    )
