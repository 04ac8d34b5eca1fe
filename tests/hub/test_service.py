"""The hub put together: what it leaves alone when it cannot begin."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from hub.journal import FILE, Journal
from hub.lessons import load
from hub.page import PortInUse
from hub.service import Hub


def test_a_hub_without_a_port_has_not_touched_the_journal(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortInUse):
        Hub(load("handshake"), broker_url="mqtt://127.0.0.1:1", data=tmp_path, http=taken.getsockname()[:2])
    assert not (tmp_path / FILE).exists()


def test_a_hub_without_a_journal_gives_its_port_back(tmp_path: Path, free_port: int) -> None:
    running = Journal(tmp_path)
    with pytest.raises(RuntimeError, match="Another hub"):
        Hub(load("handshake"), broker_url="mqtt://127.0.0.1:1", data=tmp_path, http=("127.0.0.1", free_port))
    running.close()
    hub = Hub(load("handshake"), broker_url="mqtt://127.0.0.1:1", data=tmp_path, http=("127.0.0.1", free_port))
    hub.stop()
