"""Three cards as they are played, and what a camera makes of them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from cards import drawing
from cards.decoder import Picture
from cards.notation import parse_packet
from cards.qrtext import CardId, PrintedCard

SYN = PrintedCard(CardId("DEMO", 1), parse_packet("10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100"))
SYN_ACK = PrintedCard(CardId("DEMO", 2), parse_packet("10.0.1.1:23 > 10.0.1.2:40001 SYN,ACK seq=300 ack=101"))
DATA = PrintedCard(
    CardId("DEMO", 3),
    parse_packet('10.0.1.2:40001 > 10.0.1.1:23 ACK seq=101 ack=301 data="my name is Danilo"'),
)
LONGEST = PrintedCard(
    CardId("DEMO", 99999),
    parse_packet(
        "255.255.255.254:65535 > 255.255.255.255:65534 SYN,FIN,RST,PSH,URG,ACK seq=4294967295 ack=4294967294 "
        'win=65534 ttl=255 data="' + r"\xff" * 64 + '"'
    ),
)
CARDS = [SYN, SYN_ACK, DATA]

PX_PER_MM = 8
FRAME = (720, 1280)


def seen_by_camera(card: PrintedCard, seed: int) -> tuple[Picture, NDArray[np.float64]]:
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
