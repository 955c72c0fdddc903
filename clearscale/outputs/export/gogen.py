"""The counties' program, spoken for: what its command line says. The work is in `gogen_run`."""

import contextlib
import gc
from collections.abc import Iterator
from dataclasses import dataclass

from clearscale_cluster import ProgressCallback

VERSION = "0.2.13"
"""The version of the program whose answers these are."""


@dataclass(frozen=True)
class Options:
    """What the command line said; empty where it said nothing."""

    input_doj: str = ""
    outputs: str = ""
    county: str = ""
    eligibility_options: str = ""
    compute_at: str = ""
    file_name_suffix: str = ""


@contextlib.contextmanager
def _nothing_collected() -> Iterator[None]:
    """For imports: they make hundreds of thousands of objects that stay.

    Looking for garbage among them takes a tenth of a second while they are made, and more of it later on.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()


def run(options: Options, progress: ProgressCallback | None = None) -> int:
    """Decide each file for the county and write its results; returns the exit code, 0 or 1.

    Without --compute-at the as-of date is today's.
    """
    with _nothing_collected():
        from .gogen_run import run as decide_and_write
    return decide_and_write(options, progress)
