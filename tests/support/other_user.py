"""Another user of this machine, as whom a test attacks. Only root can become one."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

NUMBER = 65534
"""The user and group that own nothing; `nobody` on most systems."""

_PYTHONS = ("/usr/bin/python3", "/usr/local/bin/python3", "/bin/python3")


@functools.cache
def _found() -> tuple[str, str]:
    """An interpreter that another user may start, or why there is none."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return "", "only root, with setpriv, can become another user"
    for place in _PYTHONS:
        if Path(place).exists() and subprocess.run(command(place, "-I", "-c", ""), check=False).returncode == 0:
            return place, ""
    return "", "another user may start no Python here"


def available() -> bool:
    """Whether a test can become another user."""
    return bool(_found()[0])


def python() -> str:
    """An interpreter that another user may start. Skips the test where there is none."""
    place, why_not = _found()
    if not place:
        pytest.skip(why_not)
    return place


def gets(path: Path, *, group: bool = False) -> None:
    """Give a file, folder or link to the other user, or to that group. Skips the test where that cannot be done."""
    python()
    os.chown(path, -1 if group else NUMBER, NUMBER if group else -1, follow_symlinks=False)


def command(*words: str, number: int = NUMBER) -> list[str]:
    """A command line that another user runs."""
    return ["setpriv", f"--reuid={number}", f"--regid={number}", "--clear-groups", *words]


def started(code: str, arguments: Sequence[str] = (), **options: Any) -> subprocess.Popen[str]:
    """A Python program of another user, running."""
    return subprocess.Popen(command(python(), "-I", "-c", code, *arguments), text=True, **options)


def does(code: str, *arguments: str) -> str:
    """What a Python program of another user prints. It must end well."""
    done = subprocess.run(
        command(python(), "-I", "-c", code, *arguments), text=True, capture_output=True, check=False, cwd="/"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


_LOOK = """
import os, sys
for top in sys.argv[1:]:
    for folder, folders, files in os.walk(top):
        if folder != top and os.access(folder, os.R_OK, effective_ids=True):
            print("listed", folder)
        for name in files:
            try:
                open(os.path.join(folder, name), "rb").close()
            except OSError:
                continue
            print("read", os.path.join(folder, name))
"""


def reaches(*folders: str) -> list[str]:
    """What another user can list and read below folders."""
    return does(_LOOK, *folders).splitlines()
