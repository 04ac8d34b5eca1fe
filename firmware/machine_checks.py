"""What a self-test says of the computer itself: its clock, the outbox on its disk, heat and voltage."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from datetime import datetime
from pathlib import Path

from firmware.machine import Machine
from firmware.outbox import MOST_SCANS, Outbox, OutboxError
from firmware.results import Result, absent, note, well, wrong
from hub.messages.health import FULL_MB, HOT_C

BUILT = datetime(2026, 1, 1).timestamp()
"""A clock that shows an earlier time was never set."""
_LOW_MB = 200
_SLOW_S = 0.5
_IN_MEMORY = ("tmpfs", "ramfs")
_LAYERED = "overlay"
"""A layer in memory over a system that is read only (hub/deploy/protect.sh)."""
_CABLE = "use another supply (5.1 V, 2.5 A) and a short, thick cable; on a power bank another output"


def check_clock(now: float) -> Result:
    """now: seconds since 1970, as the clock has it."""
    shown = time.strftime("%Y-%m-%d %H:%M", time.localtime(now))
    if now >= BUILT:
        return well("clock", f"it shows {shown}. Judging never asks it: the hub's time counts.")
    return note(
        "clock",
        f"it shows {shown}, so it was never set. That does not matter: judging never asks it, the hub's time counts.",
        "a Raspberry Pi has no clock that goes on without power, and there is no time server here",
        "nothing; only the times in the badge's own log are wrong",
    )


def check_outbox(path: Path, machine: Machine) -> list[Result]:
    """Whether scans can be kept in this file, and outlive a power cut; opens it as the badge does."""
    try:
        outbox = Outbox(path)
        waiting = len(outbox)
        outbox.close()
        took = _synced(path.parent)
    except OutboxError as error:
        return [wrong("outbox", "scans cannot be kept.", str(error), "put that right: without it no card is scanned")]
    except OSError as error:
        return [
            wrong(
                "outbox",
                f"nothing can be written to {path.parent} ({error.strerror}).",
                "the disk is full or write-protected (a card at its end does this), or belongs to another user",
                "make room; try another memory card",
            )
        ]
    scans = "no scan waits" if not waiting else "1 scan waits" if waiting == 1 else f"{waiting} scans wait"
    results = [
        well("outbox", f"{path} can be written and synced ({took * 1000:.0f} ms); {scans} for the hub's answer.")
    ]
    if waiting > MOST_SCANS // 2:
        results.append(note("outbox", f"{scans}; {MOST_SCANS} have room.", "the hub has not answered for long"))
    if took > _SLOW_S:
        results.append(note("outbox", f"writing takes {took:.1f} s.", "the memory card is slow, or near its end"))
    kind = machine.kept_by(path)
    lost = f"it is in memory ({kind}), not on the disk: what waits there is lost with the power."
    if kind in _IN_MEMORY:
        results.append(note("outbox", lost))
    elif kind == _LAYERED:
        results.append(
            wrong(
                "outbox", lost, "the card's partition for data is missing or broken", "write the card anew, or another"
            )
        )
    return [*results, *_room(machine.free_disk_mb(path.parent))]


def check_card(machine: Machine) -> Result:
    """Whether the memory card outlives a pulled plug."""
    kind = machine.kept_by(Path("/"))
    if kind == _LAYERED:
        return well("memory card", "it is protected: its system is never written to, so a pulled plug does no harm.")
    if machine.pi_model() is None:
        return absent("memory card", "this is no Raspberry Pi: its disk is not looked at.")
    return note(
        "memory card",
        "it is not protected: a pulled plug can damage it.",
        "it had no room for data of their own when it was installed, or its protection was undone",
        "switch off with POWER, or write the card anew with `paperhop set card`",
    )


def check_power(machine: Machine) -> list[Result]:
    """Temperature and voltage."""
    model = machine.pi_model()
    if model is None:
        return [absent("power or heat", "this is no Raspberry Pi: it tells no temperature or voltage.")]
    return [_heat(machine.temperature(), model), *_voltage(machine)]


def _heat(temperature: float | None, model: str) -> Result:
    if temperature is None:
        return absent("power or heat", f"this {model} does not tell its temperature.")
    if temperature >= HOT_C:
        return wrong(
            "power or heat",
            f"it has {temperature:.0f} °C: from {HOT_C:.0f} °C on it slows down.",
            "it stands in the sun, or its case lets no air through",
            "put it into the shade, open the case",
        )
    return well("power or heat", f"this {model} has {temperature:.0f} °C.")


def _voltage(machine: Machine) -> list[Result]:
    power = machine.power()
    if power is None:
        return [absent("power or heat", "it does not tell its voltage: may this user ask (group video)?")]
    if power.too_little:
        return [
            wrong("power or heat", "it gets too little voltage at this moment.", "a weak supply, a long cable", _CABLE)
        ]
    if power.was_too_little:
        found = "it has had too little voltage for a moment since it was switched on."
        return [note("power or heat", found, "a weak supply, a long cable", _CABLE)]
    if power.slowed:
        return [note("power or heat", "it has slowed down.", "heat", "put it into the shade, open the case")]
    if "Zero" in (machine.pi_model() or ""):
        # Raspberry Pi's documentation, power supplies: every model since the B+ has a detector, but the Zeros.
        return [absent("power or heat", "a Raspberry Pi Zero has nothing that measures its voltage.")]
    return [well("power or heat", "its voltage has been right since it was switched on.")]


def _synced(folder: Path) -> float:
    """Write a few octets and wait until they are on the disk; the seconds it took. OSError: it cannot be done."""
    begun = time.monotonic()
    number, name = tempfile.mkstemp(prefix=".selftest-", dir=folder)
    try:
        os.write(number, b"paperhop")
        os.fsync(number)
    finally:
        os.close(number)
        with contextlib.suppress(OSError):
            Path(name).unlink()
    return time.monotonic() - begun


def _room(free_mb: int | None) -> list[Result]:
    if free_mb is None:
        return [absent("outbox", "how much room the disk has is not to be known.")]
    if free_mb < FULL_MB:
        return [wrong("outbox", f"the disk has {free_mb} MB left.", "it is full", "delete what is not needed")]
    if free_mb < _LOW_MB:
        return [note("outbox", f"the disk has {free_mb} MB left: little.", "", "delete what is not needed")]
    return [well("outbox", f"the disk has {free_mb / 1000:.1f} GB left.")]
