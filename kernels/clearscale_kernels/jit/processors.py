"""Processors that machine code is made for: this very one, and levels that many share.

Code for an image or a mixed cluster is made where none of its processors is. So it is made for levels of x86-64,
whose features are laid down (x86-64 psABI, 3.1.1), and runs wherever a processor has all of them.
"""

from functools import cache
from typing import NamedTuple

import llvmlite.binding as llvm


class Processor(NamedTuple):
    """A processor by LLVM's name of it and the features that it has beyond, or in spite of, that name."""

    name: str
    features: str


_V2 = frozenset({"cx16", "popcnt", "sahf", "sse3", "sse4.1", "sse4.2", "ssse3"})
_V3 = _V2 | {"avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe", "xsave"}
_V4 = _V3 | {"avx512bw", "avx512cd", "avx512dq", "avx512f", "avx512vl"}

LEVELS = {"x86-64-v4": _V4, "x86-64-v3": _V3, "x86-64-v2": _V2}
"""Levels, the highest first, and the features that a processor needs beside those of all x86-64."""


@cache
def own() -> Processor:
    """The processor of this machine."""
    return Processor(llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten())


@cache
def fitting() -> tuple[Processor, ...]:
    """Processors whose code runs here: this one, then the levels that it has, the highest first."""
    has = {feature for feature, there in llvm.get_host_cpu_features().items() if there}
    levels = [level(name) for name, needs in LEVELS.items() if levels_exist() and needs <= has]
    return own(), *levels


def level(name: str) -> Processor:
    """The level of that name. Raises ValueError if there is none, or none for machines of this kind."""
    if name not in LEVELS or not levels_exist():
        kind = llvm.get_process_triple().partition("-")[0]
        known = ", ".join(sorted(LEVELS)) if levels_exist() else "none"
        raise ValueError(f"{name!r} is no level of processors that code can be made for on {kind}: {known}")
    return Processor(name, "")


def levels_exist() -> bool:
    """Whether this is a machine of the kind that has such levels."""
    return bool(llvm.get_process_triple().startswith("x86_64-"))
