"""What a process does before its first task, so that tasks do not pay for imports and compiling."""


def warm_up() -> None:
    """Import what tasks need and compile every kernel, or load it from the cache on disk."""
    import pyarrow as pa
    import pyarrow.parquet

    from clearscale_kernels.warm import compile_kernels

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    compile_kernels()
