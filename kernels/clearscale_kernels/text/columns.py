"""Values that lie scattered in a block of bytes, copied together column by column."""

from clearscale_kernels.arrays import Bytes, Int32s
from clearscale_kernels.jit import vectors
from clearscale_kernels.jit.compiler import inlined, kernel


@inlined
def copy_value(data: Bytes, start: int, end: int, out: Bytes, position: int) -> int:
    """Copy a value, in whole words where both arrays go on so long: the next value is written over the rest.

    Returns the position behind it.
    """
    size = end - start
    copied = 0
    while copied < size:
        if start + copied + vectors.WIDTH <= data.size and position + copied + vectors.WIDTH <= out.size:
            vectors.copy(data, start + copied, out, position + copied)
            copied += vectors.WIDTH
        else:
            out[position + copied] = data[start + copied]
            copied += 1
    return position + size


@kernel
def measure(starts: Int32s, ends: Int32s, offsets: Int32s) -> int:
    """Offsets that the values have once they are copied together.

    Parameters
    ----------
    starts, ends : shape (n,)
        Where each value lies.
    offsets : shape (n + 1,)
        Filled.

    Returns
    -------
    int
        The number of bytes.
    """
    total = 0
    offsets[0] = 0
    for i in range(starts.size):
        total += ends[i] - starts[i]
        offsets[i + 1] = total
    return total


@kernel
def gather(data: Bytes, starts: Int32s, ends: Int32s, offsets: Int32s, values: Bytes) -> None:
    """Copy `data[starts[i]:ends[i]]` to `values[offsets[i]:offsets[i + 1]]`.

    Parameters
    ----------
    data : shape (bytes,)
        Copying is fastest where 64 bytes follow behind the last value.
    starts, ends : shape (n,)
        Where each value lies in `data`.
    offsets : shape (n + 1,)
        See `measure`.
    values : shape (at least as many bytes as `measure` says,)
        Filled; bytes behind the last value may be touched. Copying is fastest where there are 64 of them.
    """
    for i in range(starts.size):
        copy_value(data, starts[i], ends[i], values, offsets[i])
