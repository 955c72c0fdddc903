"""The demo of a state whose records are files of charges: fabricate, ingest, decide, report."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import clearscale
from clearscale.law import state, state_names

if TYPE_CHECKING:
    from clearscale_cluster import Cluster as Workers
    from clearscale_cluster import ProgressCallback

DEMO = "demo.toml"
"""In the folder of a state: what its demo does."""


@dataclass(frozen=True)
class Demonstration:
    """What the demo made and where: a file of charges, its truth table, the store, the run, the report's files."""

    file: str
    truth: str
    store: str
    run: "clearscale.ChargeRun"
    report: list[str]


def states() -> tuple[str, ...]:
    """Return the names of the states that have such a demo."""
    return tuple(name for name in state_names() if state(name).folder.joinpath(DEMO).is_file())


def stated(name: str) -> dict[str, Any]:
    """Return what the demo of a state does."""
    return tomllib.loads(state(name).folder.joinpath(DEMO).read_text("utf-8"))


def demonstrate(
    folder: Path,
    name: str,
    *,
    people: int,
    seed: int,
    note: str,
    cluster: "Workers | str | None",
    progress: "ProgressCallback | None" = None,
) -> Demonstration:
    """Fabricate a file of charges, ingest it, decide it, report. Raises ClearscaleError."""
    from clearscale.api.clusters import opened
    from clearscale.formats import load_map
    from clearscale.synth import fabricate_charges

    demo = stated(name)
    form, as_of = load_map(demo["format"]), demo["as_of"].isoformat()
    made = fabricate_charges(
        str(folder / "extracts"),
        form,
        people=people,
        seed=seed,
        progress=None if progress is None else lambda done, total: progress(done, total, "fabricate charges"),
    )
    store = folder / "store"
    with opened(cluster) as there:
        report = clearscale.ingest_charges(made.path, store, demo["format"], cluster=there, progress=progress)
        run = clearscale.run_charges(
            store, demo["policy"], as_of, folder / "runs" / report.snapshot, cluster=there, progress=progress
        )
    pages = clearscale.report(run, folder / "report", note=note, progress=progress)
    return Demonstration(made.path, str(folder / "extracts" / "truth.csv"), str(store), run, pages)
