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

from . import machine, trusted
from .arguments import Types, spelled
from .processors import Processor, fitting, own

HOME = Path(__file__).parents[1]
"""All kernels lie in here."""

WRITING = ".writing-"
"""Prefix of the name that a file has while it is written."""

OF_NO_ACCOUNT = ("NUMBA_CACHE_DIR", "NUMBA_NUM_THREADS")
"""Settings of Numba that change no code."""


@dataclass(frozen=True)
class Code:
    """Machine code. written: of each array whether the code may write to it. Empty code: only Numba can call it."""

    written: tuple[bool, ...]
    machine_code: bytes

    def line(self, processor: Processor) -> bytes:
        """What stands before the code on disk; a file that was cut short or edited does not agree with it."""
        about = f"{''.join('-w'[item] for item in self.written) or '.'}\n".encode("ascii")
        digest = hashlib.sha256(about + self.machine_code).hexdigest()
        return f"{stamp(processor)} {digest} ".encode("ascii") + about


def found(function: Callable[..., Any], types: Types) -> Code | None:
    """The code on disk that runs here: for this processor, or for a level that it has; None if there is none."""
    for processor in fitting():
        code = read(file_of(function, types, processor), processor)
        if code is not None:
            return code
    return None


def read(file: Path, processor: Processor | None = None) -> Code | None:
    """The code on disk; None if there is none, or it was made of other sources or for another processor.

    A processor of None is this one, here and elsewhere.
    """
    try:
        line, _, machine_code = _own_content(file).partition(b"\n")
        _, _, written = line.decode("ascii").split(" ")
    except (OSError, ValueError):
        return None
    code = Code(tuple(letter == "w" for letter in written.removeprefix(".")), machine_code)
    return code if code.line(processor or own()) == line + b"\n" else None


def _own_content(file: Path) -> bytes:
    """The bytes of a file that nobody else can have written, b"" of another."""
    handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as open_file:
        return open_file.read() if trusted.is_own(handle) else b""


def keep(file: Path, code: Code, processor: Processor | None = None) -> None:
    """Write the code in one step; a folder that cannot be written to costs compiling again, and nothing else."""
    with suppress(OSError):
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=WRITING)
        with os.fdopen(handle, "wb") as open_file:
            _lock(handle, wait=False)
            open_file.write(code.line(processor or own()) + code.machine_code)
            open_file.flush()
            Path(temporary).replace(file)


def name_of(function: Callable[..., Any], types: Types) -> str:
    """A name for a kernel's code for arguments of these types."""
    digest = hashlib.sha256(f"{function.__module__} {spelled(types)}".encode()).hexdigest()[:16]
    return f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}-{digest}"


def file_of(function: Callable[..., Any], types: Types, processor: Processor | None = None) -> Path:
    """Where a kernel's code for a processor lies."""
    digest = hashlib.sha256((processor or own()).name.encode()).hexdigest()[:8]
    return folder() / f"{name_of(function, types)}-{digest}.{sys.implementation.cache_tag}.native"


NOWHERE = Path(os.devnull) / "kernels"
"""Where nothing is, and nothing can be kept."""


@cache
def folder() -> Path:
    """Where code is kept: the first of some places in which nobody else can have put it; NOWHERE if there is none.

    What of it is passed over is said once, in the process that a person started.
    """
    for place in _places():
        why = trusted.doubt(place)
        if not why:
            return place
        _say(f"{place}: no compiled kernels are read or kept there, since {why}; they are compiled instead")
    return NOWHERE


def folder_of_numba() -> Path | None:
    """Where Numba keeps code that it calls itself; None if nowhere. Made by it, files there are for others, too."""
    place = folder() / "numba"
    return None if trusted.doubt(place) else place


def _places() -> Iterator[Path]:
    """As NUMBA_CACHE_DIR says, beside the sources, in the user's cache."""
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        yield Path(chosen)
    beside = HOME / "__pycache__"
    if os.access(beside if beside.exists() else HOME, os.W_OK):
        yield beside
    yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clearscale"


def _say(message: str) -> None:
    import logging
    import multiprocessing

    if multiprocessing.parent_process() is None:
        # A path may hold what a terminal would obey.
        fit = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in message)
        logging.getLogger("clearscale_kernels").warning("%s", fit)


@contextmanager
def alone() -> Iterator[bool]:
    """Wait until no other process is in here with the same folder. Gives whether the folder can be written to."""
    with ExitStack() as stack:
        writable = False
        with suppress(OSError):
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            lock = stack.enter_context(os.fdopen(os.open(folder() / ".compiling", flags, 0o600), "rb+"))
            writable = True
            _lock(lock.fileno(), wait=True)
            _remove_left(folder())
        yield writable


def _lock(handle: int, *, wait: bool) -> bool:
    """Lock an open file; returns whether it is. Where there are no locks, work may be done twice."""
    with suppress(ImportError, OSError):
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        return True
    return False


def _remove_left(place: Path) -> None:
    """Remove what a process that was killed was writing: nobody has a lock on it any more."""
    for left in place.glob(f"{WRITING}*"):
        with suppress(OSError), left.open("rb+") as open_file:
            if _lock(open_file.fileno(), wait=False):
                left.unlink()


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
def stamp(processor: Processor | None = None) -> str:
    """A digest of all that code for a processor is made from: sources, compilers, Numba's settings."""
    settings = sorted(
        item for item in os.environ.items() if item[0].startswith("NUMBA_") and item[0] not in OF_NO_ACCOUNT
    )
    text = repr((sources(), installed(), settings, tuple(processor or own()), machine.triple()))
    return hashlib.sha256(text.encode()).hexdigest()
