"""Workers that only pretend to work: many in one process, for a real scheduler to serve.

`python -m clearscale_bench.simulated ADDRESS COUNT THREADS` connects so many workers of so many threads and runs
until it is killed. Each is Dask's own worker with connections, a queue and threads of its own; they share an
interpreter.
"""

import asyncio
import sys
import tempfile
import time

import dask

QUIET = {
    # What would run many times a second in each worker, and on machines of their own would not be noticed.
    "distributed.admin.tick.interval": "10s",
    "distributed.admin.system-monitor.interval": "60s",
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.worker.memory.monitor-interval": "60s",
    "distributed.worker.http.routes": [],
    "logging": {"distributed": "critical"},
}


def pretend(seconds: float, result_bytes: int, item: bytes) -> bytes:
    """Sleep, and return so many bytes. item: as large as a real task."""
    time.sleep(seconds)
    return bytes(result_bytes)


def larger(left: bytes, right: bytes) -> bytes:
    """In place of adding two results up: totals are as large as what they add."""
    return max(left, right, key=len)


async def serve(address: str, count: int, threads: int) -> None:
    """Connect the workers and stay."""
    from distributed import Worker

    with tempfile.TemporaryDirectory() as folder:
        starting = [
            Worker(
                address,
                nthreads=threads,
                memory_limit=0,
                host="127.0.0.1",
                dashboard=False,
                dashboard_address=":0",
                local_directory=folder,
            )
            for _ in range(count)
        ]
        for first in range(0, count, 50):
            await asyncio.gather(*starting[first : first + 50])
        await asyncio.Event().wait()


if __name__ == "__main__":
    with dask.config.set(QUIET):
        asyncio.run(serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
