"""A process that compiles its share of kernels; `ahead.py` starts it and writes to it which."""

import json
import sys
from contextlib import suppress

from . import declared, native, stored


def main() -> None:
    """Compile the kernels whose names stand in the standard input, and keep them on disk."""
    for kernel_name, code_name in json.load(sys.stdin):
        (kernel,) = [k for k in declared.kernels([kernel_name.rpartition(".")[0]]) if k.name == kernel_name]
        for types in declared.signatures(kernel):
            if stored.name_of(kernel.function, types) == code_name:
                with suppress(Exception):  # whoever needs the kernel meets it, too, and says so
                    native.prepare(kernel.function, types)


if __name__ == "__main__":
    main()
