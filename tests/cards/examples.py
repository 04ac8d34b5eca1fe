"""Cards as they are played, what stands for them in other forms, and what a camera makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

import cv2
import numpy as np
from numpy.typing import NDArray

from cards import drawing
from cards.datagram import Datagram, Echo, IcmpError, IcmpType, Quote
from cards.decoder import Picture
from cards.notation import parse_packet
from cards.packet import Body, Packet
from cards.qrtext import Card, CardId, CommandCard, PrintedCard, RoleCard

SYN = PrintedCard(CardId("DEMO", 1), parse_packet("10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100"))
SYN_ACK = PrintedCard(CardId("DEMO", 2), parse_packet("10.0.1.1:23 > 10.0.1.2:40001 SYN,ACK seq=300 ack=101"))
DATA = PrintedCard(
    CardId("DEMO", 3),
    parse_packet('10.0.1.2:40001 > 10.0.1.1:23 ACK seq=101 ack=301 data="my name is Danilo"'),
)
COMMAND = CommandCard(CardId("CMD", 1), "lose router server 20%")
LONGEST_COMMAND = CommandCard(CardId("CMD4", 99999), "duplicate team-router-a team-router-b 20% every")
ROLE = RoleCard(CardId("ROLE", 2), "server")
LONGEST_ROLE = RoleCard(CardId("ROL4", 99999), "team-with-a-long-name-router-222")
LONGEST = PrintedCard(
    CardId("DEMO", 99999),
    parse_packet(
        "255.255.255.254:65535 > 255.255.255.255:65534 SYN,FIN,RST,PSH,URG,ACK seq=4294967295 ack=4294967294 "
        'win=65534 ttl=255 data="' + r"\xff" * 64 + '"'
    ),
)
CARDS = [SYN, SYN_ACK, DATA]


@dataclass(frozen=True)
class Sample:
    """A packet that is not TCP, in each of its forms, written down from docs/contracts.md.

    json: without addresses, TTL and text. octets: of the QR text, in hexadecimal; None when it cannot be printed.
    """

    line: str
    packet: Packet
    json: dict[str, object]
    octets: str | None = None

    @property
    def card(self) -> PrintedCard:
        return PrintedCard(CardId("DEMO", 1), self.packet)


_HERE, _THERE, _ROUTER = IPv4Address("10.0.1.2"), IPv4Address("10.0.2.1"), IPv4Address("10.0.1.254")
ABOUT = Quote(_HERE, _THERE, 17, bytes.fromhex("9C41829A00090000"))


def _error(line: str, type_: int, code: int, carries: str) -> Sample:
    body: Body = IcmpError(IcmpType(type_), code, ABOUT)
    return Sample(f"10.0.1.254 > 10.0.1.2 {line}", Packet(_ROUTER, _HERE, body), {"carries": carries})


PRINTABLE = [
    Sample(
        '10.0.1.2:40001 > 10.0.2.1:33434 UDP ttl=1 data="x"',
        Packet(_HERE, _THERE, Datagram(40001, 33434, b"x"), ttl=1),
        {"carries": "udp", "sport": 40001, "dport": 33434, "data": "x"},
        "11 01 0A000102 0A000201 9C41 829A 78",
    ),
    Sample(
        "10.0.1.2:40001 > 10.0.2.1:53 UDP",
        Packet(_HERE, _THERE, Datagram(40001, 53)),
        {"carries": "udp", "sport": 40001, "dport": 53, "data": ""},
        "11 40 0A000102 0A000201 9C41 0035",
    ),
    Sample(
        "10.0.1.2 > 10.0.2.1 ECHO",
        Packet(_HERE, _THERE, Echo(False, 0, 0)),
        {"carries": "echo", "sport": 0, "seq": 0, "data": ""},
        "01 40 0A000102 0A000201 08 0000 0000",
    ),
    Sample(
        '10.0.2.1 > 10.0.1.2 ECHO-REPLY id=7 seq=3 data="hi"',
        Packet(_THERE, _HERE, Echo(True, 7, 3, b"hi")),
        {"carries": "echo-reply", "sport": 7, "seq": 3, "data": "hi"},
        "01 40 0A000201 0A000102 00 0007 0003 6869",
    ),
]
ERRORS = [  # types and codes: RFC 792; 13: RFC 1812 §5.2.7.1
    _error("NET-UNREACHABLE", 3, 0, "net-unreachable"),
    _error("HOST-UNREACHABLE", 3, 1, "host-unreachable"),
    _error("PORT-UNREACHABLE", 3, 3, "port-unreachable"),
    _error("PROHIBITED", 3, 13, "prohibited"),
    _error("TIME-EXCEEDED", 11, 0, "time-exceeded"),
]
SAMPLES = PRINTABLE + ERRORS
UDP, PING, PING_REPLY = (PRINTABLE[n].card for n in (0, 2, 3))

PX_PER_MM = 8
FRAME = (720, 1280)


def seen_by_camera(card: Card, seed: int) -> tuple[Picture, NDArray[np.float64]]:
    """A frame with the card tilted, turned, a little out of focus, noisy and unevenly lit.

    And the homography from millimetres on the card to pixels of the frame.
    """
    luck = np.random.default_rng(seed)
    height, width = FRAME
    turn = luck.uniform(-180, 180)
    spin = cv2.getRotationMatrix2D((74, 52.5), turn, luck.uniform(4.2, 5.0))
    spin[:, 2] += np.array([width / 2 - 74, height / 2 - 52.5])
    flat = np.array([(0, 0, 1), (148, 0, 1), (148, 105, 1), (0, 105, 1)]) @ spin.T
    tilted = flat + luck.uniform(-25, 25, flat.shape)
    corners = np.array([(0, 0), (148, 0), (148, 105), (0, 105)], np.float32)
    to_frame = cv2.getPerspectiveTransform(corners, tilted.astype(np.float32))
    flat_card = drawing.picture(card, dpi=25.4 * PX_PER_MM)
    shrink = to_frame @ np.diag([1 / PX_PER_MM, 1 / PX_PER_MM, 1])
    frame = cv2.warpPerspective(flat_card, shrink, (width, height), flags=cv2.INTER_AREA, borderValue=(90,))
    light = np.linspace(1.0, luck.uniform(0.6, 0.8), width)
    lit = cv2.GaussianBlur(frame, (0, 0), luck.uniform(0.6, 1.1)) * light * 0.85 + 20
    noisy = lit + luck.normal(0, 4, FRAME)
    return noisy.clip(0, 255).astype(np.uint8), to_frame.astype(np.float64)
