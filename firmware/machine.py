"""What a Raspberry Pi tells about itself: temperature, voltage, disk. Elsewhere most of it is not to be had: None."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

_WITHIN = 1.0
"""Seconds that `vcgencmd` may take."""
_NOW, _SINCE_START, _SLOWED = 0x1, 0x10000, 0x4
"""Bits of `vcgencmd get_throttled`: too little voltage now, or at some time since the start; slowed down now."""


class Power(NamedTuple):
    """too_little: less than 4.63 V now. was_too_little: at some time since the start. slowed: by heat or voltage."""

    too_little: bool
    was_too_little: bool
    slowed: bool


def _vcgencmd() -> str | None:
    """What `vcgencmd get_throttled` prints; None where there is no such program, or it may not ask."""
    try:
        done = subprocess.run(
            ["vcgencmd", "get_throttled"], capture_output=True, text=True, timeout=_WITHIN, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


class Machine:
    """This computer. root: where its file system begins; vcgencmd: what that program prints, if it is there."""

    def __init__(self, root: Path = Path("/"), vcgencmd: Callable[[], str | None] = _vcgencmd) -> None:
        self._root = root
        self._vcgencmd = vcgencmd

    def pi_model(self) -> str | None:
        """The name of this Raspberry Pi, such as "Raspberry Pi Zero 2 W Rev 1.0"; None when it is none."""
        model = self._read("proc/device-tree/model") or ""
        return model if model.startswith("Raspberry Pi") else None

    def temperature(self) -> float | None:
        """Degrees Celsius of the processor; None when this is no Raspberry Pi, or it does not say."""
        thousandths = self._read("sys/class/thermal/thermal_zone0/temp") if self.pi_model() else None
        try:
            return None if thousandths is None else int(thousandths) / 1000
        except ValueError:
            return None

    def power(self) -> Power | None:
        """Whether the voltage suffices; None when this is no Raspberry Pi, or it does not say.

        Asks `vcgencmd` (group video), else the kernel's sensor of the same, which knows of the last seconds.
        """
        if self.pi_model() is None:
            return None
        _, _, bits = (self._vcgencmd() or "").strip().partition("throttled=")
        try:
            throttled = int(bits, 16)
        except ValueError:
            return self._sensed()
        return Power(bool(throttled & _NOW), bool(throttled & _SINCE_START), bool(throttled & _SLOWED))

    def under_voltage(self) -> bool | None:
        """Whether it gets too little voltage now; None when nobody knows."""
        power = self.power()
        return None if power is None else power.too_little

    def free_disk_mb(self, folder: Path) -> int | None:
        """Megabytes (10^6 octets) that are free where this folder is, or will be; None when nobody knows."""
        there = next((each for each in (folder, *folder.parents) if each.exists()), folder)
        try:
            return shutil.disk_usage(there).free // 1_000_000
        except OSError:
            return None

    def kept_by(self, path: Path) -> str | None:
        """The kind of the file system that keeps a file, such as "ext4" or "tmpfs"; None when nobody knows."""
        path = path.resolve()
        best, kind = -1, None
        for line in (self._read("proc/mounts") or "").splitlines():
            _, mounted, of_kind, *_ = [*line.split(" "), "", ""]
            at = Path(mounted.replace("\\040", " "))
            if (path == at or at in path.parents) and len(at.parts) >= best:
                best, kind = len(at.parts), of_kind
        return kind

    def _sensed(self) -> Power | None:
        for sensor in sorted(self._root.glob("sys/class/hwmon/hwmon*")):
            if self._file(sensor / "name") == "rpi_volt":
                alarm = self._file(sensor / "in0_lcrit_alarm") == "1"
                return Power(alarm, alarm, False)
        return None

    def _read(self, name: str) -> str | None:
        return self._file(self._root / name)

    def _file(self, path: Path) -> str | None:
        try:
            return path.read_text(encoding="utf-8", errors="replace").strip("\0\n ")
        except OSError:
            return None
