"""What is in the way of a file or a folder, and what to do: badges and hub say it alike."""

from __future__ import annotations

import errno
import os
import pwd
import sqlite3
from itertools import pairwise
from pathlib import Path

_MEANS = {sqlite3.SQLITE_FULL: errno.ENOSPC, sqlite3.SQLITE_READONLY: errno.EROFS}
"""What SQLite says that is not about rights."""


def obstacle(error: OSError | sqlite3.Error, path: Path, to_write: bool = True) -> str:
    """What kept us from a file or a folder, and what to do: two sentences without the last period, so that another way
    out can be added. SQLite does not say why it cannot have a file: that is looked for here.
    """
    path = path.absolute()
    code = error.errno if isinstance(error, OSError) else _found(error, path, to_write)
    where = _in_the_way(path)
    match code:
        case errno.EACCES | errno.EPERM:
            return _not_ours(where)
        case errno.ENOTDIR | errno.EEXIST:
            return f"{where} is a file, no folder. Move it away"
        case errno.EISDIR:
            return f"{path} is a folder, no file. Move it away"
        case errno.ENOSPC | errno.EDQUOT:
            return "The disk is full. Make room there"
        case errno.EROFS:
            return "The disk is read-only. Look what is wrong with it"
    said = (isinstance(error, OSError) and error.strerror) or str(error)
    return f"{said[:1].upper()}{said[1:]}. Look whether the disk is full or broken"


def _in_the_way(path: Path) -> Path:
    """Where the way to it ends: at a file, at a folder that we may not enter, or that has not, and may not get, the
    next; else it is there.
    """
    for above, below in pairwise((*reversed(path.parents), path)):
        if not above.is_dir() or not _may(above, os.X_OK) or not os.path.lexists(below):
            return above
    return path.parent if _may(path, os.R_OK | os.W_OK) and not _may(path.parent, os.W_OK) else path


def _found(error: sqlite3.Error, path: Path, to_write: bool) -> int | None:
    """What the system says of a file that SQLite could not have."""
    try:
        os.close(os.open(path, os.O_RDWR if to_write else os.O_RDONLY))
    except FileNotFoundError:
        pass
    except OSError as found:
        return found.errno
    meant = _MEANS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    if to_write and meant != errno.ENOSPC and not _may(path.parent, os.W_OK | os.X_OK):
        return errno.EACCES  # its log has its place beside it
    return meant


def _not_ours(where: Path) -> str:
    owner = where.stat().st_uid
    if owner == os.geteuid():
        return f"{where} is yours, but you may not use it. Give yourself the right to it (chmod u+rwX)"
    return f"{where} belongs to {_name(owner)}, and you may not use it. Do this as {_name(owner)} (with sudo)"


def _may(path: Path, what: int) -> bool:
    return os.access(path, what, effective_ids=os.access in os.supports_effective_ids)


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"
