"""All kernels compiled ahead: for images, for continuous integration, and for workers before their first task."""

from collections.abc import Sequence

from .jit import ahead, declared, native, processors
from .jit.ahead import Progress
from .jit.arguments import sample
from .jit.compiler import BY_NUMBA, Kernel


def compile_kernels(progress: Progress | None = None, processes: int | None = None) -> None:
    """Compile every kernel for all that it says it takes, or find it on disk, and load it.

    Parameters
    ----------
    progress
        Called with the number of kernels that are compiled and the number of those that have to be.
    processes
        How many processes compile side by side; as many as there are cores, unless told otherwise.
    """
    if BY_NUMBA:
        return  # Nothing of what such a process compiles is of use to another.
    modules = declared.modules()
    if native.usable():
        ahead.compile_missing(modules, native.prepare, processes or ahead.cores(), progress)
    for kernel in declared.kernels(modules):
        if isinstance(kernel, Kernel):
            for types in declared.signatures(kernel):
                kernel.load(sample(types))


def compile_for(levels: Sequence[str], progress: Progress | None = None) -> None:
    """Compile every kernel for levels of processors, whatever this machine's is, and load none.

    A machine with no code for its very processor then takes that for the highest level that it has.

    Parameters
    ----------
    levels
        Names such as `x86-64-v3`.
    progress
        Called with the number of kernels that are compiled and the number of those that have to be.

    Raises
    ------
    ValueError
        If there is no level of a name, or none for machines of this kind.
    OSError
        If the folder for compiled kernels cannot be written to.
    """
    ahead.compile_for([processors.level(name) for name in levels], progress)
