"""The only door to Numba and LLVM: how kernels are compiled, kept on disk and called."""
