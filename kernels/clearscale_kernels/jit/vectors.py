"""Sixty-four bytes at a time: which of them equal a given byte, as the bits of one word; and what goes with that.

Kernels use these operations while they are compiled. A process that finds its kernels on disk needs neither them
nor Numba, so `vector_code`, where they are made, is imported when the first of them is asked for.
"""

from typing import Any

WIDTH = 64
EIGHT = 8

commas: Any
quotes: Any
line_feeds: Any
returns: Any
"""(data, position) -> which of data[position:position + 64] are that byte, the first as the lowest bit. The caller
sees to it that all 64 are inside `data`: nothing is checked."""

unusual: Any
"""The same for bytes with which a value may begin only within quotes: white space, any byte of a character beyond
ASCII (which may be white space), and the backslash of `\\.`."""

lowest: Any
"""Place of the lowest bit of a word that is not 0."""

list_eight: Any
"""(word, position, out, place): write position + the place of each of the word's lowest eight bits that are set to
out[place:place + 8], anything where there are fewer, and return the word without them. The caller sees to it that
all eight are inside `out`, an array of 32 bits."""

copy: Any
"""(data, position, out, place): copy data[position:position + 64] to out[place:place + 64], inside both."""

differing: Any
"""(data, position, other) -> which of data[position:position + 64] are not the bytes of data[other:other + 64]."""

word: Any
"""(data, position) -> data[position:position + 8] as one word, in the processor's order of bytes."""

population: Any
"""How many bits of a word are set."""

highest: Any
"""Place of the highest bit of a word that is not 0."""

mixed: Any
"""(state, part) -> a word that depends on every bit of both, for hashing."""


def __getattr__(name: str) -> Any:
    """One of the operations above. Raises AttributeError for any other name."""
    if name not in __annotations__:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    from .vector_code import OPERATIONS

    globals()[name] = OPERATIONS[name]  # so that plain Python, which calls it often, finds it at once
    return OPERATIONS[name]
