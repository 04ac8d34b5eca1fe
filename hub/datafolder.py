"""What lies in a hub's data folder: whoever saves it, or closes it to others, asks here."""

from __future__ import annotations

from hub import journal, phones, pictures, readers, rosterfile, snapshots, survey
from hub.page import gate

PIN_FILE = "pin.txt"
"""Where the hub's service has a new PIN written (hub/deploy/files/paperhop-hub.service)."""
DATABASES = (journal.FILE, pictures.FILE)
"""Their logs lie beside them."""
FILES = (rosterfile.FILE, phones.FILE, readers.FILE, survey.FILE, gate.FILE, PIN_FILE)
"""The small ones, each written whole."""
NOT_SAVED = (journal.LOCK, journal.DAMAGED, snapshots.PREFIX, ".gitignore")
"""How the names of those begin that no backup needs."""
