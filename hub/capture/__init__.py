"""A game for other programs: what was on its wires as a capture (pcapng), and every scan as a row of a table.

Both are made of what `hub.replay` gives; neither knows of files.
"""

from __future__ import annotations

from hub.capture.pcapng import octets
from hub.capture.table import HEADER, rows
from hub.capture.wires import Sight, Watched, watch

__all__ = ["HEADER", "Sight", "Watched", "octets", "rows", "watch"]
