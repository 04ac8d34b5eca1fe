"""`paperhop cards`: draw packet, command and role cards, print all that a lesson needs, and read pictures of them."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

import msgspec

from cards import reader
from cards.combreader import CombRead
from cards.decoder import NoDecoder
from cards.jsonform import to_json
from cards.penform import Marks
from cards.penreader import COMB, FieldRead
from cards.qrtext import CommandCard, PenCard, PrintedCard, RoleCard
from paperhop import capture_command, deck_commands, print_command, render_command

_NOTHING = "no card is to be seen in it. Is the whole code in the picture, in focus, and not too far away?"


def add(parser: argparse.ArgumentParser) -> None:
    """Give `paperhop cards` its commands."""
    commands = parser.add_subparsers(dest="cards_command", required=True, metavar="COMMAND")
    render_command.add(commands)
    print_command.add(commands)
    deck_commands.add(commands)
    capture_command.add(commands)
    read = commands.add_parser("read", help="read cards in pictures: one JSON object per picture and line")
    read.add_argument("files", nargs="+", metavar="FILE")
    read.set_defaults(run=_read)


def _read(arguments: argparse.Namespace) -> int:
    """Exit status 0; 1 when one of the files is no picture, or when nothing can be read here at all."""
    status = 0
    for file in arguments.files:
        try:
            cards = [_describe(found) for found in reader.read(reader.load(file))]
            answer: dict[str, Any] = {"file": file, "cards": cards}
            if not cards:
                print(f"{file}: {_NOTHING}", file=sys.stderr)
        except NoDecoder as error:
            return _refuse(str(error), 1)
        except ValueError as error:
            answer = {"file": file, "cards": [], "problem": {"code": "picture.unreadable", "detail": str(error)}}
            status = 1
        print(json.dumps(answer), flush=True)
    return status


def _describe(found: reader.Found) -> dict[str, Any]:
    match found.card:
        case None:
            return {"problem": msgspec.to_builtins(found.problem), "text": found.text}
        case PenCard(id):
            return {"id": str(id), "kind": "pen", **_marked(found), "text": found.text}
        case CommandCard(id, command):
            return {"id": str(id), "kind": "command", "command": command, "text": found.text}
        case RoleCard(id, node):
            return {"id": str(id), "kind": "role", "node": node, "text": found.text}
        case PrintedCard(id, packet):
            written = msgspec.to_builtins(to_json(packet))
            return {"id": str(id), "kind": "printed", "packet": written, "text": found.text}


def _marked(found: reader.Found) -> dict[str, Any]:
    """What is marked on a card for the pen: its fields, if the form could be made out, and its packet or problem."""
    answer: dict[str, Any] = {}
    if found.reading is not None:
        answer["fields"] = {
            field.name: _field(field.marks, found.reading.fields[field.name]) for field in found.reading.form.fields
        }
        if found.reading.form.comb:
            answer["fields"][COMB] = _comb(found.reading.comb)
    if found.problem is not None:
        return answer | {"problem": msgspec.to_builtins(found.problem)}
    assert found.reading is not None
    return answer | {"packet": msgspec.to_builtins(to_json(found.reading.written()))}


def _field(marks: Marks, read: FieldRead) -> dict[str, Any]:
    if read.refused is not None:
        return {"refused": read.refused}
    return {"value": read.values[0] if marks == "one" else list(read.values), "confidence": read.confidence}


def _comb(read: CombRead) -> dict[str, Any]:
    if read.refused is not None:
        return {"refused": read.refused}
    return {"value": len(read.cells), "cells": list(read.cells), "confidence": read.confidence}


def _refuse(sentence: str, status: int) -> int:
    print(f"paperhop cards: {sentence}", file=sys.stderr)
    return status
