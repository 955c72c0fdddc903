"""Locks on open files and folders, by which what a killed process left is told from what is at work."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

AT_ONCE = fcntl.LOCK_EX | fcntl.LOCK_NB
"""Lock it if nobody has."""


def lock(handle: int, how: int = AT_ONCE) -> bool:
    """Lock an open file or folder; returns whether it is. Without locks in its file system nothing is left over."""
    try:
        fcntl.flock(handle, how)
    except OSError:
        return False
    return True


def is_at(handle: int, path: Path) -> bool:
    """Whether an open file or folder is the one that has this name."""
    try:
        there = path.lstat()
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(handle), there)
