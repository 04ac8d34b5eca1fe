"""Options that several commands share."""

from __future__ import annotations

import argparse


def add_http(parser: argparse.ArgumentParser) -> None:
    """`--http HOST:PORT`: where the page is served."""
    parser.add_argument(
        "--http",
        type=_http,
        default=("127.0.0.1", 8000),
        metavar="HOST:PORT",
        help="where the page is served; 0.0.0.0:8000 lets other machines see it; default: 127.0.0.1:8000",
    )


def _http(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit() and int(port) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} should be HOST:PORT, for example 127.0.0.1:8000")
    return host.strip("[]") or "127.0.0.1", int(port)
