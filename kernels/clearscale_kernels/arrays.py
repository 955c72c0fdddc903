"""Names of the array types that kernels take. One dtype each; shapes stand in the docstrings.

Columns that belong together are one argument: a `NamedTuple` of such arrays.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.uint32]
UInt32s = npt.NDArray[np.uint32]
Bools = npt.NDArray[np.bool_]
Int8s = npt.NDArray[np.int8]
Int16s = npt.NDArray[np.int16]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
UInt64s = npt.NDArray[np.uint64]
Float32s = npt.NDArray[np.float32]
Word = Any
"""A scalar of 64 bits, np.uint64 to the compiler."""
