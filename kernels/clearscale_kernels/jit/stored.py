"""Machine code on disk: where it lies, what it was made from, and whether that is still so."""

import hashlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite

from . import machine
from .arguments import Types, spelled

HOME = Path(__file__).parents[1]
"""All kernels lie in here."""

OF_NO_ACCOUNT = ("NUMBA_CACHE_DIR", "NUMBA_NUM_THREADS")
"""Settings of Numba that change no code."""


@dataclass(frozen=True)
class Code:
    """Machine code. written: of each array whether the code may write to it. Empty code: only Numba can call it."""

    written: tuple[bool, ...]
    machine_code: bytes

    @property
    def line(self) -> bytes:
        """What stands before the code on disk; a file that was cut short or edited does not agree with it."""
        about = f"{''.join('-w'[item] for item in self.written) or '.'}\n".encode("ascii")
        digest = hashlib.sha256(about + self.machine_code).hexdigest()
        return f"{stamp()} {digest} ".encode("ascii") + about


def read(file: Path) -> Code | None:
    """The code on disk; None if there is none, or it was made of other sources or for another processor."""
    try:
        line, _, machine_code = file.read_bytes().partition(b"\n")
        _, _, written = line.decode("ascii").split(" ")
    except (OSError, ValueError):
        return None
    code = Code(tuple(letter == "w" for letter in written.removeprefix(".")), machine_code)
    return code if code.line == line + b"\n" else None


def keep(file: Path, code: Code) -> None:
    """Write the code in one step; a folder that cannot be written to costs compiling again, and nothing else."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".writing-")
        with os.fdopen(handle, "wb") as open_file:
            open_file.write(code.line + code.machine_code)
        Path(temporary).replace(file)


def name_of(function: Callable[..., Any], types: Types) -> str:
    """A name for a kernel's code for arguments of these types."""
    digest = hashlib.sha256(f"{function.__module__} {spelled(types)}".encode()).hexdigest()[:16]
    return f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}-{digest}"


def file_of(function: Callable[..., Any], types: Types) -> Path:
    """Where a kernel's code for this processor lies."""
    processor = hashlib.sha256(machine.processor()[0].encode()).hexdigest()[:8]
    return folder() / f"{name_of(function, types)}-{processor}.{sys.implementation.cache_tag}.native"


@cache
def folder() -> Path:
    """Where Numba keeps its own code: as NUMBA_CACHE_DIR says, beside the sources, or in the user's cache."""
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(chosen)
    beside = HOME / "__pycache__"
    if os.access(beside if beside.exists() else HOME, os.W_OK):
        return beside
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clearscale"


@contextmanager
def alone() -> Iterator[bool]:
    """Wait until no other process is in here with the same folder. Gives whether the folder can be written to."""
    with ExitStack() as stack:
        writable = False
        with suppress(OSError):
            folder().mkdir(parents=True, exist_ok=True)
            lock = stack.enter_context((folder() / ".compiling").open("ab"))
            writable = True
            with suppress(ImportError):  # a system without it: the work may be done twice, each file in one step
                import fcntl

                fcntl.flock(lock, fcntl.LOCK_EX)
        yield writable


@cache
def installed() -> dict[str, str]:
    """The installed versions of Numba and llvmlite, "" if that is unknown. Numba is not imported for it."""
    found = importlib.util.find_spec("numba")
    version = ""
    if found and found.origin:
        # What an installed package is called on disk; `importlib.metadata` takes as long as a small run to say it.
        names = [path.name for path in Path(found.origin).parents[1].glob("numba-*.dist-info")]
        version = names[0].removeprefix("numba-").removesuffix(".dist-info") if len(names) == 1 else ""
    return {"numba": version, "llvmlite": llvmlite.__version__}


@cache
def sources(jit: str = "*") -> str:
    """A digest of the kernels' sources, in all folders, and of the files in `jit` whose names match the pattern."""
    digest = hashlib.sha256()
    of_kernels = [path for path in HOME.rglob("*.py") if path.parent != HOME / "jit"]
    for path in sorted([*of_kernels, *(HOME / "jit").glob(f"{jit}.py")]):
        digest.update(f"{path.relative_to(HOME).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def stamp() -> str:
    """A digest of all that code is made from: sources, the compiler's versions, the processor, Numba's settings."""
    settings = sorted(
        item for item in os.environ.items() if item[0].startswith("NUMBA_") and item[0] not in OF_NO_ACCOUNT
    )
    text = repr((sources(), installed(), settings, machine.processor(), machine.triple()))
    return hashlib.sha256(text.encode()).hexdigest()
