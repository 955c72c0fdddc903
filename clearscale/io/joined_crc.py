"""The CRC-32 of bytes of which only pieces, or only their checksums, are at hand.

CRC-32 is linear: what a piece adds to the checksum of all is its own, multiplied by a power of x that says how many
bytes come behind it, modulo the polynomial of CRC-32. zlib's `crc32_combine` does the same, which Python lacks.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

_POLYNOMIAL = 0xEDB88320
"""The lowest bit is that of the highest power, as in all numbers here."""

_ONE, _X = 2**31, 2**30
_BITS = 32
_BITS_OF_A_BYTE = 3
"""The power of two."""


def joined_crc(lengths: Sequence[int], crcs: Sequence[int]) -> int:
    """The CRC-32 of pieces, one after the other. lengths, crcs: of each piece."""
    sizes = np.array(lengths, np.int64)
    behind = sizes[::-1].cumsum()[::-1] - sizes
    found = np.array(crcs, np.uint32)
    for bit in range(int(behind.max(initial=0)).bit_length()):
        moved = (behind >> bit) & 1 == 1
        found[moved] = _product(_power(bit + _BITS_OF_A_BYTE), found[moved])
    return int(np.bitwise_xor.reduce(found))


@lru_cache(64)
def _power(exponent: int) -> int:
    """The power of x with the exponent 2**exponent."""
    if not exponent:
        return _X
    root = _power(exponent - 1)
    return int(_product(root, root))


def _product(factor: int, values: Any) -> Any:
    """The product of a polynomial and another, or each of an array of them."""
    found = values & 0
    while factor:
        if factor & _ONE:
            found = found ^ values
        values = (values >> 1) ^ (values & 1) * _POLYNOMIAL
        factor = factor << 1 & 2**_BITS - 1
    return found
