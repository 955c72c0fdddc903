"""What people do with a store and its runs, and the answer of each, to be compared with that of another time."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import clearscale
from clearscale.io.seals import with_digest
from clearscale.outputs.serve.session import open_session
from clearscale.runs.run import run as run_policy
from clearscale_cluster.places.embedded import EmbeddedCluster

from .samples import AS_OF, POLICY, answers, contents, decide, extract, ingest, put

PEOPLE = 40
COUNTY = "ALAMEDA"
VARY = {"subjectAgeThreshold": [0, 50]}


def prepare(folder: Path) -> None:
    """`store` with two extracts, one with a quarantined record; `run`, `other` and `sweep` of it; `later.csv`."""
    first, second = extract(COUNTY, 1, PEOPLE), extract("YOLO", 2, PEOPLE)
    ingest(put(folder, "alameda.csv", first + b"not a record\n"), folder / "store", quarantine=True, buckets=2)
    ingest(put(folder, "yolo.csv", second), folder / "store")
    put(folder, "later.csv", extract("FRESNO", 3, 20))
    decide(folder / "store", folder / "run")
    run_policy(str(folder / "store"), POLICY, "2021-01-01", str(folder / "other"), EmbeddedCluster(1))
    clearscale.sweep(folder / "store", "ca-bear-default", AS_OF, VARY, folder / "sweep", cluster="threads:1")


def copied(source: Path, target: Path) -> None:
    """Another folder with the same files, by links; its runs are of its own store."""
    for path in source.rglob("*"):
        if path.is_file():
            there = target / path.relative_to(source)
            there.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, there)
    for name in ("run/run.json", "other/run.json", "sweep/sweep.json"):
        info = json.loads((source / name).read_bytes())
        del info["digest"]
        (target / name).unlink()
        (target / name).write_text(json.dumps(with_digest(info | {"store": str(target / "store")})))


def _run(folder: Path, out: Path) -> Any:
    decide(folder / "store", out / "run", EmbeddedCluster(1))
    return answers(out / "run")


def _same_run(folder: Path, out: Path) -> Any:
    decide(folder / "store", folder / "run", EmbeddedCluster(1))
    return answers(folder / "run")


def _export(folder: Path, out: Path) -> Any:
    clearscale.export(folder / "run", COUNTY, out / "files", cluster=EmbeddedCluster(1))
    return contents(out / "files")


def _check(folder: Path, out: Path) -> Any:
    return clearscale.check(folder / "store", cluster=EmbeddedCluster(1)).to_pylist()


def _sweep(folder: Path, out: Path) -> Any:
    made = clearscale.sweep(
        folder / "store", "ca-bear-default", AS_OF, VARY, out / "sweep", cluster=EmbeddedCluster(1)
    )
    return made.table().to_pydict(), contents(out / "sweep").keys()


def _same_sweep(folder: Path, out: Path) -> Any:
    made = clearscale.sweep(
        folder / "store", "ca-bear-default", AS_OF, VARY, folder / "sweep", cluster=EmbeddedCluster(1)
    )
    return made.table().to_pydict()


def _look_up(folder: Path, out: Path) -> Any:
    opened = clearscale.open_sweep(folder / "sweep")
    options = {"baselineEligibility": {"dismiss": ["11357"], "reduce": ["11358", "11359", "11360"]}}
    return opened.table().to_pydict(), opened.look_up(options)


def _report(folder: Path, out: Path) -> Any:
    clearscale.report(folder / "run", out / "pages", county=COUNTY)
    return {name: page for name, page in contents(out / "pages").items() if name.endswith(".html")}


def _tables(folder: Path, out: Path) -> Any:
    clearscale.tables(folder / "run", out / "tables")
    return contents(out / "tables")


def _diff(folder: Path, out: Path) -> Any:
    found = clearscale.diff(folder / "run", folder / "other", cluster=EmbeddedCluster(1))
    return found.changes.to_pydict(), found.records.to_pydict()


def _ingest(folder: Path, out: Path) -> Any:
    before = contents(folder / "store").keys()
    ingest(str(folder / "later.csv"), folder / "store", cluster=EmbeddedCluster(1))
    after = contents(folder / "store")
    return {name: content for name, content in after.items() if name not in before or name == "manifest.json"}


def _read(folder: Path, out: Path) -> Any:
    store = clearscale.open_store(folder / "store")
    tables = [store.table(name).to_pydict() for name in ("histories", "convictions", "people")]
    records = [[table.to_pydict() for table in store.records(entry)] for entry in store.manifest.extracts]
    return tables, records, [store.quarantine(entry).to_pydict() for entry in store.manifest.extracts]


def _figures(folder: Path, out: Path) -> Any:
    run = clearscale.open_run(folder / "run")
    return run.summary, run.counties, run.decisions().to_pydict(), run.table("people").to_pydict()


def _explain(folder: Path, out: Path) -> Any:
    first = clearscale.open_run(folder / "run").decisions().slice(0, 1).to_pylist()[0]
    told = asdict(clearscale.explain(folder / "run", first["extract"], first["row"]))
    return {name: value for name, value in told.items() if name != "run"}


def _serve(folder: Path, out: Path) -> Any:
    session = open_session(clearscale.open_run(folder / "run"))
    found = session.own_figures(None)
    return found.people.tolist(), found.decided.tolist(), session.by_county(session.own).tolist()


USES: dict[str, Callable[[Path, Path], Any]] = {
    "run": _run,
    "same run": _same_run,
    "export": _export,
    "check": _check,
    "sweep": _sweep,
    "same sweep": _same_sweep,
    "look up": _look_up,
    "report": _report,
    "tables": _tables,
    "diff": _diff,
    "ingest": _ingest,
    "read": _read,
    "explain": _explain,
    "serve": _serve,
    "figures": _figures,
}
"""Each takes the folder that `prepare` filled, or a copy, and a new one for what it writes."""

OF_STORE = ("run", "export", "check", "sweep", "ingest", "read", "diff", "explain", "serve")
"""Those that read the store."""

OF_RESULTS = (
    "same run",
    "export",
    "same sweep",
    "look up",
    "report",
    "tables",
    "diff",
    "figures",
    "explain",
    "serve",
)
"""Those that read a run or the sweep."""
