"""Fabricated extracts and the stores made from them, kept between sessions: what is whole is not made again."""

import hashlib
import json
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import clearscale
import clearscale_kernels
from clearscale.formats import load_map
from clearscale.synth import fabricate, fabricate_charges, fabricate_state
from clearscale_cluster import Cluster, TerminalProgress, open_cluster

ROWS_A_PERSON = 90
CHARGES_A_PERSON = 2.3
SEED = 1
SOURCES = Path(clearscale.__file__).parent
KERNELS = Path(clearscale_kernels.__file__).parent
TRUTH = "truth.json"
MADE = "lengths.json"
"""Written last: the length of each file. Extracts of other lengths, and those without it, are made anew."""

Report = Callable[[int, int], None]
Progress = AbstractContextManager[TerminalProgress]
"""Shows how far work is."""

Make = Callable[[str, Cluster, Report], object]


@dataclass(frozen=True)
class Extracts:
    """Fabricated extracts in a folder. state: what their truth table says of the state as a whole."""

    folder: Path
    rows: int
    state: dict[str, int]

    @property
    def paths(self) -> list[Path]:
        return sorted(self.folder.glob("*.csv*"))

    @property
    def mb(self) -> float:
        return sum(path.stat().st_size for path in self.paths) / 1e6


def _lengths(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in sorted(folder.iterdir()) if path.name != MADE}


class Data:
    """The folder of all data. progress: shows how far it is made.

    Names bear a digest of the code that makes them, so that stale data is made anew.
    """

    def __init__(self, folder: Path, progress: Callable[[], Progress] = TerminalProgress) -> None:
        self.folder = folder
        self._progress = progress

    def county(self, rows: int) -> Extracts:
        """One county's extract of about `rows` records."""
        people = max(rows // ROWS_A_PERSON, 1)

        def make(out: str, cluster: Cluster, report: Report) -> object:
            return fabricate(out, counties=1, people=people, seed=SEED, cluster=cluster, progress=report)

        return self._extracts(f"county-{rows}", make, "threads:1")

    def state(self, scale: float) -> Extracts:
        """Extracts of all counties, `scale` times as large as they are; compressed above 1, for disks' sake."""

        def make(out: str, cluster: Cluster, report: Report) -> object:
            return fabricate_state(
                out, scale=scale, seed=SEED, compress=scale > 1, cluster=cluster, progress=report
            )

        # Worker processes take a second to start, and a county is the work of one.
        return self._extracts(f"state-{scale:g}", make, "local" if scale > 0.02 else "threads:1")

    def charges(self, rows: int) -> tuple[Path, int]:
        """(a file of the generic form with about `rows` charges, how many it has)."""
        folder, form = self._place(f"charges-{rows}", SOURCES / "synth", SOURCES / "formats"), "generic-charges"
        if not (folder / TRUTH).exists():  # written last
            with self._progress() as progress:
                fabricate_charges(
                    str(folder),
                    load_map(form),
                    people=max(int(rows / CHARGES_A_PERSON), 1),
                    seed=SEED,
                    progress=lambda done, total: progress(done, total, "fabricate charges"),
                )
        return folder / f"{form}.csv", json.loads((folder / TRUTH).read_text("utf-8"))["rows"]

    def store_path(self, scale: float, buckets: int | None = None) -> Path:
        """Where the store of a state lies, made or not."""
        kind = f"store-{scale:g}" + (f"-{buckets}-buckets" if buckets else "")
        return self._place(
            kind, KERNELS, *(SOURCES / name for name in ("law", "extract", "histories", "store", "synth"))
        )

    def store(self, scale: float, buckets: int | None = None) -> Path:
        """The store of a state. An ingest that was interrupted is taken up where it stopped."""
        place = self.store_path(scale, buckets)
        extracts = self.state(scale)
        with self._progress() as progress:
            clearscale.ingest([f"{extracts.folder}/*.csv*"], str(place), buckets=buckets, progress=progress)
        return place

    def charge_store(self, scale: float) -> Path:
        """The store of charges that is made of the store of a state: all its convictions, and other charges."""
        packages = ("law", "extract", "histories", "store", "synth", "formats", "charges")
        place = self._place(f"charge-store-{scale:g}", KERNELS, *(SOURCES / name for name in packages))
        extracts = self.store(scale)
        with self._progress() as progress:
            clearscale.ingest_charges(str(extracts), str(place), "ca-doj", progress=progress)
        return place

    def _extracts(self, kind: str, make: Make, where: str) -> Extracts:
        folder = self._place(kind, SOURCES / "synth")
        made = folder / MADE
        if not made.exists() or json.loads(made.read_text("utf-8")) != _lengths(folder):
            shutil.rmtree(folder, ignore_errors=True)
            with self._progress() as progress, open_cluster(where) as cluster:
                make(str(folder), cluster, lambda done, total: progress(done, total, f"fabricate {kind}"))
            made.write_text(json.dumps(_lengths(folder)), "utf-8")
        truth = json.loads((folder / TRUTH).read_text("utf-8"))
        return Extracts(folder, sum(county["rows"] for county in truth["counties"]), truth["state"])

    def _place(self, kind: str, *packages: Path) -> Path:
        """The folder of one kind of data; those that older code made are removed."""
        digest = hashlib.sha256()
        for package in packages:
            for path in sorted(package.rglob("*")):
                if path.suffix in (".py", ".toml"):
                    digest.update(path.read_bytes())
        place = self.folder / f"{kind}-of-{digest.hexdigest()[:8]}"
        for other in self.folder.glob(f"{kind}-of-*"):
            if other != place:
                shutil.rmtree(other)
        return place
