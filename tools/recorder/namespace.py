"""A private network for one case: TUN and TAP devices whose other end we hold, and a kernel that behaves plainly."""

from __future__ import annotations

import ctypes
import fcntl
import os
import struct
import subprocess
from pathlib import Path

from paperhop.vectors.case import Case, Link, station
from paperhop.vectors.case import Path as Route

_CLONE_NEWNET = 0x40000000
_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_TAP, _IFF_NO_PI = 0x0001, 0x0002, 0x1000

_PLAIN = {
    # No options but MSS, Reno, nothing that is measured or guessed.
    "net.ipv4.tcp_timestamps": "0",
    "net.ipv4.tcp_sack": "0",
    "net.ipv4.tcp_window_scaling": "0",
    "net.ipv4.tcp_ecn": "0",
    "net.ipv4.tcp_fastopen": "0",
    "net.ipv4.tcp_early_retrans": "0",
    "net.ipv4.tcp_recovery": "0",
    "net.ipv4.tcp_frto": "0",
    "net.ipv4.tcp_moderate_rcvbuf": "0",
    "net.ipv4.tcp_syncookies": "0",
    "net.ipv4.tcp_syn_linear_timeouts": "0",
    "net.ipv4.tcp_congestion_control": "reno",
    # How often it tries.
    "net.ipv4.tcp_syn_retries": "3",
    "net.ipv4.tcp_synack_retries": "3",
    "net.ipv4.tcp_retries2": "5",
    "net.ipv4.tcp_orphan_retries": "3",
    "net.ipv4.tcp_fin_timeout": "60",
    # No limits to how often it answers.
    "net.ipv4.tcp_invalid_ratelimit": "0",
    "net.ipv4.tcp_challenge_ack_limit": "2147483647",
    "net.ipv4.icmp_ratelimit": "0",
    "net.ipv4.icmp_msgs_per_sec": "1000000",
    "net.ipv4.icmp_msgs_burst": "1000000",
    # Whatever the machine has made of these.
    "net.ipv4.conf.all.rp_filter": "0",
    "net.ipv4.conf.default.rp_filter": "0",
    "net.ipv4.conf.all.send_redirects": "0",
    "net.ipv4.conf.default.send_redirects": "0",
    "net.ipv4.conf.all.log_martians": "0",
    "net.ipv6.conf.all.disable_ipv6": "1",
    "net.ipv6.conf.default.disable_ipv6": "1",
}
_FEATURES = {"plain": "rto_min 1s quickack 1", "delayed-ack": "rto_min 1s", "linux-default": "rto_min 1s quickack 1"}
"""Of the routes: the least retransmission timeout that RFC 6298 allows, and every data segment acknowledged at once."""
# One limit stays: of errors about packets without a route, a sender gets five at once (net.ipv4.route.error_burst).


def build(case: Case) -> dict[str, int]:
    """The network of a case around this process, which leaves the machine's own for good. The device of each link."""
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET):
        raise PermissionError("a network namespace of one's own: only for root")
    for name, value in (_PLAIN | {name: str(value) for name, value in case.sysctl.items()}).items():
        _set(name, value)
    features = (case.route_features or _FEATURES[case.profile]).split()
    _ip("link", "set", "lo", "up")
    devices = {name: _link(name, link, features) for name, link in case.links.items()}
    for route in case.routes:
        _ip("route", "add", *_route(route), *(features if route.type == "unicast" else ()))
    return devices


def _link(name: str, link: Link, features: list[str]) -> int:
    """A device, of which we get what the kernel emits there, and where we put what it receives."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    kind = _IFF_TAP if link.kind == "tap" else _IFF_TUN
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH22x", name.encode(), kind | _IFF_NO_PI))
    if link.kind == "tap":
        _ip("link", "set", name, "address", str(station(link.addr.ip)))
    _ip("link", "set", name, "mtu", str(link.mtu), "up")
    for address in (link.addr, *link.extra_addrs):
        _ip("addr", "add", str(address), "dev", name)
    near = str(link.addr.network)
    _ip("route", "replace", near, "dev", name, "proto", "kernel", "src", str(link.addr.ip), *features)
    for neighbour in link.neighbours:
        _ip("neigh", "add", str(neighbour), "lladdr", str(station(neighbour)), "nud", "permanent", "dev", name)
    return device


def _route(route: Route) -> list[str]:
    words = [route.type, str(route.dst)]
    words += ["via", str(route.via)] if route.via is not None else []
    words += ["dev", route.dev] if route.dev is not None else []
    return words + (["metric", str(route.metric)] if route.metric else [])


def _set(name: str, value: str) -> None:
    """A sysctl; kernels that do not have it behave plainly anyway."""
    path = Path("/proc/sys", *name.split("."))
    if path.exists():
        path.write_text(value)


def _ip(*words: str) -> None:
    subprocess.run(("ip", *words), check=True, stdout=subprocess.DEVNULL)
