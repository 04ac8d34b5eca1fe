"""Pages whose system gives them few descriptors: a crowd never takes the last one."""

from __future__ import annotations

import contextlib
import http.client
import logging
import multiprocessing
import os
import resource
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from hub.page import Gate, create_app, serve
from tests.page.room import NO_PAST, Room

SOON = 10.0
FEW = 128


def _pages(soft: int, hard: int, data: Path, log: Path, pipe: Connection) -> None:
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT), 2)
    logging.basicConfig(level=logging.WARNING)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    server = serve(create_app(Room(), Gate(data), NO_PAST), "127.0.0.1", 0)
    pipe.send(server.port)
    pipe.recv()
    server.close()


@contextlib.contextmanager
def _served(folder: Path, soft: int, hard: int) -> Iterator[int]:
    """The port of pages in a process that has so many descriptors; it has met no end of them, as its log says."""
    spawn = multiprocessing.get_context("spawn")
    pipe, theirs = spawn.Pipe()
    process = spawn.Process(target=_pages, args=(soft, hard, folder, folder / "log", theirs), daemon=True)
    process.start()
    try:
        assert pipe.poll(60)
        yield pipe.recv()
        pipe.send("end")
        process.join(SOON)
        assert "Too many open files" not in (folder / "log").read_text()
    finally:
        process.kill()
        process.join()


def _crowd(port: int, size: int) -> list[http.client.HTTPConnection]:
    crowd = [http.client.HTTPConnection("127.0.0.1", port, timeout=SOON) for _ in range(size)]
    for each in crowd:
        each.connect()
    return crowd


def _status(connection: http.client.HTTPConnection) -> int:
    connection.request("GET", "/healthz")
    response = connection.getresponse()
    response.read()
    return response.status


def test_more_connections_than_descriptors_wait_and_those_that_are_there_are_served(tmp_path: Path) -> None:
    with _served(tmp_path, FEW, FEW) as port:
        crowd = _crowd(port, FEW + 20)
        assert _status(crowd[5]) == 200
        for each in crowd[:-1]:
            each.close()
        assert _status(crowd[-1]) == 200, "who waited is served when others have left"
        crowd[-1].close()


@pytest.mark.skipif(resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 16 * FEW, reason="the system gives too few")
def test_pages_ask_for_more_descriptors_than_they_are_given_at_first(tmp_path: Path) -> None:
    with _served(tmp_path, FEW, 16 * FEW) as port:
        crowd = _crowd(port, FEW + 20)
        assert {_status(each) for each in crowd} == {200}
        for each in crowd:
            each.close()
