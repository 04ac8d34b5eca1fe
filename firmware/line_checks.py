"""What a self-test says of the way to the hub: the network, and the broker."""

from __future__ import annotations

import socket
import threading

from firmware.results import Result, State, absent, well, wrong
from hub.messages import badge_subscription
from hub.messages.address import BrokerAddress
from hub.messages.session import Session

PATIENCE = 5.0
"""Seconds that a broker may take to accept a connection."""
_LET_IN_WITHIN = 15.0
"""Seconds that it may take to greet, in one version of MQTT or the other, and to let us listen."""
_TRYING = " Trying again"


def check_line(badge: str, broker_url: str, set_name: str, patience: float = PATIENCE) -> list[Result]:
    """The network as far as the broker, then the broker. ValueError when its URL is none."""
    address = BrokerAddress.parse(broker_url)
    network = _network(address)
    if network.state is State.WRONG:
        return [network, absent("broker", "without a network it cannot be reached.")]
    unreachable = _reach(address, patience)
    return [network, unreachable or _let_in(badge, broker_url, set_name)]


def _network(address: BrokerAddress) -> Result:
    """Whether there is a way to the broker: no packet is sent for it."""
    try:
        ((family, _, _, _, place), *_) = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_DGRAM)
    except (socket.gaierror, UnicodeError):
        return wrong(
            "network",
            f"nobody here knows a computer of the name {address.host}.",
            "the name is misspelled, or this badge is not on the hub's network",
            "check `--broker` and the Wi-Fi (nmcli device status); or write the hub's address instead of its name",
        )
    with socket.socket(family, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(place)
        except OSError as error:
            return wrong(
                "network",
                f"there is no way to {address.host} ({error.strerror}).",
                "the badge is not on a network: the Wi-Fi's name or password is wrong, or it is out of reach",
                "look at `nmcli device status` and `nmcli device wifi list`; bring the badge nearer",
            )
        own = asking.getsockname()[0]
    if own == place[0] or own.startswith("127.") or own == "::1":
        return well("network", "the broker is on this very computer: no network is needed.")
    return well("network", f"this badge has the address {own}, and a way to {address.host}.")


def _reach(address: BrokerAddress, patience: float) -> Result | None:
    """What keeps a connection from the broker; None when it accepts one."""
    try:
        socket.create_connection((address.host, address.port), timeout=patience).close()
    except ConnectionRefusedError:
        return wrong(
            "broker",
            f"the computer is there, but nothing listens at {address}.",
            "the broker does not run, listens to its own computer only, or the port is another one",
            "on the hub: is mosquitto running (systemctl status mosquitto), and has it a `listener` line?",
        )
    except OSError as error:
        return wrong(
            "broker",
            f"nobody answers at {address} ({error.strerror or 'no answer in time'}).",
            "the hub is off, has another address, or a firewall is between",
            "is the hub on, and is `--broker` its address (hostname -I says it there)?",
        )
    return None


def _let_in(badge: str, broker_url: str, set_name: str) -> Result:
    """Whether it speaks MQTT, and lets this badge listen. Under a name of our own: the badge may be running."""
    heard: list[tuple[bool, str]] = []
    told = threading.Event()

    def on_link(up: bool, sentence: str) -> None:
        heard.append((up, sentence.partition(_TRYING)[0]))
        told.set()

    session = Session(
        broker_url,
        f"paperhop-{set_name}-{badge}-selftest",
        subscriptions=[badge_subscription(badge, set_name)],
        on_message=lambda topic, payload: None,
        on_link=on_link,
    )
    session.start()
    told.wait(_LET_IN_WITHIN)
    protocol = session.protocol
    session.stop()
    if heard and heard[0][0]:
        return well("broker", f"{BrokerAddress.parse(broker_url)} lets badge {badge} in, and speaks MQTT {protocol}.")
    found = heard[0][1] if heard else "it takes the connection, and then says nothing."
    return wrong(
        "broker",
        found,
        "something else than a broker listens there, or the badge's user and password are not those of the broker",
        "compare the user and password in `--broker` with those that the hub has given this badge",
    )
