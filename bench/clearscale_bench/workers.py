"""`python -m clearscale_bench.workers`: how long an ingest would take with many workers, by real task times.

Each task of an ingest is really done, one after the other in this process, from the scan to the fold, and so is
what the client does between them. Then tasks are given to any number of workers (see `critical`). What that leaves
out: a scheduler's own work (see `scale`), disks and networks that many workers use at the same time, and the start
of workers.

Times are processor time, which other work on the machine changes little. With `--late`, extracts and store lie in
an object store of this machine that answers so many seconds later, and times are seconds, so that waiting counts.
"""

import argparse
import gzip
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

import clearscale
from clearscale.api.clusters import warm_up
from clearscale.synth import fabricate_state
from clearscale_cluster import ProgressCallback

from .critical import last_ends
from .far import environment, late, s3, served
from .scale import Recorder, table

WORKERS = (1, 4, 16, 32, 128)


@dataclass
class Timed:
    """A pass: how long each of its tasks took, and the client before it."""

    label: str
    client: float
    tasks: list[float] = field(default_factory=list)


class Timing(Recorder):
    """Does everything in this thread, and keeps how long each task and the client took. clock: what tells."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self.clock = clock
        self.timed: list[Timed] = []
        self._left = clock()

    @property
    def workers(self) -> int:
        return max(WORKERS)  # small work is bundled so that all of them have some

    def map(
        self,
        function: Callable[[Any], Any],
        items: Iterable[Any],
        *,
        label: str = "work",
        progress: ProgressCallback | None = None,
    ) -> Iterator[tuple[int, Any]]:
        one_pass = Timed(label, self.clock() - self._left)
        self.timed.append(one_pass)
        for position, item in enumerate(items):
            began = self.clock()
            result = function(item)
            one_pass.tasks.append(self.clock() - began)
            self._left = self.clock()
            yield position, result
            # What the client does with a result is done while others work, but by one.
            one_pass.client += self.clock() - self._left
        self._left = self.clock()

    def ended(self) -> None:
        """Note what the client did since the last pass."""
        self.timed.append(Timed("commit", self.clock() - self._left))


def schedule(timed: Sequence[Timed]) -> list[dict[str, Any]]:
    """A row for each number of workers: seconds of each pass and of the client, and how well workers are used."""
    labels = list(dict.fromkeys(one.label for one in timed if one.tasks))
    client = sum(one.client for one in timed)
    alone = client + sum(sum(one.tasks) for one in timed)
    rows = []
    for workers in WORKERS:
        passes = {
            label: sum(last_ends(one.tasks, workers) for one in timed if one.label == label) for label in labels
        }
        total = client + sum(passes.values())
        rows.append(
            {
                "workers": workers,
                **{label: round(seconds, 2) for label, seconds in passes.items()},
                "client": round(client, 2),
                "all, s": round(total, 2),
                "x one": round(alone / total, 1),
                "efficiency": round(alone / total / workers, 2),
            }
        )
    return rows


def tasks_of(timed: Sequence[Timed]) -> list[dict[str, Any]]:
    """A row for each pass: its tasks, and the client before and beside it."""
    return [
        {
            "pass": one.label,
            "tasks": len(one.tasks),
            "s of all": round(sum(one.tasks), 2),
            "largest": round(max(one.tasks, default=0), 3),
            "client": round(one.client, 3),
        }
        for one in timed
    ]


def compressed(paths: Sequence[Path], how: str, folder: Path) -> list[Path]:
    """Compress files into a folder. how: `gz`, or `zst`, whose frames hold 8 MiB each."""
    folder.mkdir(parents=True, exist_ok=True)

    def packed(path: Path) -> Path:
        target = folder / f"{path.name}.{how}"
        with path.open("rb") as plain, target.open("wb") as out:
            if how == "gz":
                with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=6) as stream:
                    shutil.copyfileobj(plain, stream, 2**20)
            else:
                while frame := plain.read(8 * 2**20):
                    out.write(pa.compress(frame, codec="zstd"))
        return target

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return list(threads.map(packed, paths))


def main() -> None:
    """Measure, schedule, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m clearscale_bench.workers", description=__doc__)
    parser.add_argument("--scale", type=float, default=0.1, help="the part of the state that is really done")
    parser.add_argument("--late", type=float, help="seconds after which an object store answers; without, disks")
    parser.add_argument("--compressed", choices=("gz", "zst"), help="how the extracts are compressed")
    parser.add_argument("--extracts", type=Path, help="a folder of CSV files to take instead of fabricated ones")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="on-many-workers-") as name, ExitStack() as stack:
        folder = Path(name)
        if arguments.extracts:
            paths = sorted(arguments.extracts.glob("*.csv*"))
        else:
            made = fabricate_state(str(folder / "extracts"), scale=arguments.scale, seed=1)
            paths = [Path(extract.path) for extract in made]
        if arguments.compressed:
            paths = compressed(paths, arguments.compressed, folder / arguments.compressed)
        extracts, store = [str(path) for path in paths], str(folder / "store")
        clock = time.process_time
        if arguments.late is not None:
            extracts, store = _stored(stack, paths, arguments.late)
            clock = time.perf_counter
        warm_up()
        timing = Timing(clock)
        report = clearscale.ingest(extracts, store, cluster=timing)
        timing.ended()
        print(f"{report.records:,} records of {len(paths)} extracts\n\n{table(tasks_of(timing.timed))}\n")
        print(table(schedule(timing.timed)))


def _stored(stack: ExitStack, paths: Sequence[Path], seconds: float) -> tuple[list[str], str]:
    """Put files into an object store that answers late; returns their URLs and that of a store beside them."""
    import boto3

    url = stack.enter_context(served(late(s3(), seconds)))
    os.environ |= environment(url, "of-no-account", "us-east-1")
    client = boto3.client("s3")
    client.create_bucket(Bucket="far")
    for path in paths:
        client.upload_file(str(path), "far", f"in/{path.name}")
    return [f"s3://far/in/{path.name}" for path in paths], "s3://far/store"


if __name__ == "__main__":
    main()
