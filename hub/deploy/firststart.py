"""What a badge finds on the boot partition of its card: who it is, and the network of its set.

Three files of cloud-init, as Raspberry Pi OS trixie reads them at its first start, and again when `instance-id` has
changed; and the environment of the badge's program, which any system can read.
"""

from __future__ import annotations

from hub.deploy.network import HUB_ADDRESS

ENVIRONMENT = "paperhop.env"


def host_name(set_name: str, badge: str) -> str:
    """What the badge calls itself on the network: letters, digits and - (RFC 1123), 63 at most."""
    return f"{set_name}-{badge}".lower().replace("_", "-")[:63].strip("-")


def first_start(
    set_name: str, badge: str, card: int, password: str, ssid: str, wifi_password: str, country: str
) -> dict[str, str]:
    """The files of a badge by their names. card: which one of this badge it is, 1 for the first.

    country: two letters (ISO 3166-1), whose rules for radio hold.
    """
    return {
        ENVIRONMENT: (
            f"PAPERHOP_SET={set_name}\nPAPERHOP_BADGE={badge}\n"
            f"PAPERHOP_BROKER=mqtt://{badge}:{password}@{HUB_ADDRESS}\n"
        ),
        "meta-data": f"instance-id: paperhop-{host_name(set_name, badge)}-{card}\n",
        "user-data": (
            "#cloud-config\n"
            f"hostname: {host_name(set_name, badge)}\n"
            "manage_etc_hosts: true\n"
            "ssh_pwauth: false\n"
            "write_files:\n"
            "- path: /etc/systemd/timesyncd.conf.d/paperhop.conf\n"
            "  content: |\n"
            "    [Time]\n"
            f"    NTP={HUB_ADDRESS}\n"
            "runcmd:\n"
            "- [systemctl, restart, systemd-timesyncd.service]\n"
            "- [systemctl, enable, --now, paperhop-badge.service]\n"
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
