"""Values that lie scattered in a block of bytes, copied together column by column."""

from .arrays import Bytes, Int32s
from .compiler import kernel


@kernel
def measure(starts: Int32s, ends: Int32s, offsets: Int32s) -> int:
    """Offsets that the values have once they are copied together.

    starts, ends: shape (n,). offsets: shape (n + 1,), filled here. Returns the number of bytes.
    """
    total = 0
    offsets[0] = 0
    for i in range(starts.size):
        total += ends[i] - starts[i]
        offsets[i + 1] = total
    return total


@kernel
def gather(data: Bytes, starts: Int32s, ends: Int32s, offsets: Int32s, values: Bytes) -> None:
    """Copy `data[starts[i]:ends[i]]` to `values[offsets[i]:offsets[i + 1]]`. Shapes as in `measure`."""
    for i in range(starts.size):
        write = offsets[i]
        for read in range(starts[i], ends[i]):
            values[write] = data[read]
            write += 1
