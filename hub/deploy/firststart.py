"""What a badge finds on the boot partition of its card: who it is, the network of its set, and how it becomes one.

Three files of cloud-init, as Raspberry Pi OS trixie reads them at its first start; and the environment of the badge's
program, which any system can read. The rest of what makes a badge of a card is beside them, in the folder `bundle`.
"""

from __future__ import annotations

from hub.deploy.network import HUB_ADDRESS
from hub.messages.release import KEY

ENVIRONMENT = "paperhop.env"
STAY_SMALL = 'growpart:\n  mode: "off"\nresize_rootfs: false\n'
"""Lines of user-data by which a system leaves the rest of its card for data (protect.sh)."""
BUNDLE = "bundle"
"""The folder on the boot partition with what `make bundle` has gathered for badges."""


def host_name(set_name: str, badge: str) -> str:
    """What the badge calls itself on the network: letters, digits and - (RFC 1123), 63 at most."""
    return f"{set_name}-{badge}".lower().replace("_", "-")[:63].strip("-")


def first_start(
    set_name: str, badge: str, card: int, password: str, key: str, ssid: str, wifi_password: str, country: str
) -> dict[str, str]:
    """The files of a badge by their names. card: which one of this badge it is, 1 for the first. key: for releases.

    country: two letters (ISO 3166-1), whose rules for radio hold.
    """
    return {
        ENVIRONMENT: (
            f"PAPERHOP_SET={set_name}\nPAPERHOP_BADGE={badge}\n"
            f"PAPERHOP_BROKER=mqtt://{badge}:{password}@{HUB_ADDRESS}\n{KEY}={key}\n"
        ),
        "meta-data": f"instance-id: paperhop-{host_name(set_name, badge)}-{card}\n",
        "user-data": (
            "#cloud-config\n"
            f"hostname: {host_name(set_name, badge)}\n"
            "manage_etc_hosts: true\n"
            "ssh_pwauth: false\n"
            f"{STAY_SMALL}"
            # Early, in the background, and again at each start until it is done: what cloud-init does last waits for
            # somebody at a keyboard to name a user.
            "bootcmd:\n"
            "- [systemd-run, --no-block, --unit=paperhop-first, --property=Restart=on-failure,\n"
            f"   --property=RestartSec=20, sh, /boot/firmware/{BUNDLE}/install-badge.sh, --first]\n"
        ),
        "network-config": (
            "network:\n"
            "  version: 2\n"
            "  wifis:\n"
            "    wlan0:\n"
            "      dhcp4: true\n"
            "      optional: true\n"
            f'      regulatory-domain: "{country}"\n'
            "      access-points:\n"
            f'        "{ssid}":\n'
            f'          password: "{wifi_password}"\n'
        ),
    }
