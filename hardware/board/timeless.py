"""Take out of what KiCad writes when, and where, it was written, so that the same board gives the same files."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

_DAY = "2000-01-01T00:00:00"
_PDF_DAY = rb"D:20000101000000"
_PATTERNS: dict[str, tuple[tuple[str, str], ...]] = {
    ".gbr": ((r"%TF\.CreationDate,[^*]*\*%\n", ""), (r"(G04 Created by KiCad .*?) date [^*]*\*", r"\1*")),
    ".drl": ((r"; #@! TF\.CreationDate.*\n", ""), (r"(; DRILL file \{.*?\}) date .*", r"\1")),
    ".step": ((r"(FILE_NAME\('[^']*',')[^']*'", rf"\g<1>{_DAY}'"),),
    ".svg": ((r"(<title>SVG Image created as \S+) date [^<]*</title>", r"\1</title>"), (r"[ \t]+\n", "\n")),
}


def strip(path: Path) -> None:
    """Take it out of one file, by its suffix; a file of another kind has none."""
    if path.suffix == ".pdf":
        path.write_bytes(re.sub(rb"D:\d{14}", _PDF_DAY, path.read_bytes()))
    elif path.suffix == ".gbrjob":
        job = json.loads(path.read_text(encoding="utf-8"))
        del job["Header"]["CreationDate"]
        path.write_text(json.dumps(job, indent=2) + "\n", encoding="utf-8")
    elif path.suffix in _PATTERNS:
        text = path.read_text(encoding="utf-8")
        for pattern, kept in _PATTERNS[path.suffix]:
            text = re.sub(pattern, kept, text)
        path.write_text(text, encoding="utf-8")


def pack(archive: Path, files: Iterable[Path]) -> None:
    """A zip of files without their folders, the same whenever it is packed."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sorted(files):
            packed.writestr(_entry(file.name), file.read_bytes(), compresslevel=9)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    entry.create_system = 3
    return entry
