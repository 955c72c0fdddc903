"""Small extracts, and what tests ask of stores and runs."""

import contextlib
import datetime
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clearscale.errors import ClearscaleError, ExtractError
from clearscale.extract import BlockReader, encode
from clearscale.io.encryption import ENCRYPTION
from clearscale.io.files import Folder
from clearscale.io.source import Source
from clearscale.io.urls import matching
from clearscale.law import state
from clearscale.policy import gogen_policy
from clearscale.runs import Run
from clearscale.runs.run import run as run_policy
from clearscale.store import open_store
from clearscale.store.ingest.ingest import ingest as ingest_extracts
from clearscale.store.ingest.report import IngestReport
from clearscale.store.ingest.settings import Settings
from clearscale_cluster import Cluster, open_cluster
from clearscale_cluster.places.embedded import EmbeddedCluster
from clearscale_kernels import flag

from .fabricate import COLUMNS, Layout, edge_extract, render

AS_OF = "2020-07-01"
AS_OF_DATE = datetime.date(2020, 7, 1)
HEADER = ",".join(COLUMNS).encode() + b"\n"
OPTIONS: dict[str, Any] = {
    "baselineEligibility": {"dismiss": ["11357"], "reduce": ["11359"]},
    "additionalRelief": {
        "subjectUnder21AtConviction": True,
        "subjectAgeThreshold": 57,
        "yearsSinceConvictionThreshold": 12,
        "yearsCrimeFreeThreshold": 5,
        "subjectHasOnlyProp64Charges": True,
        "subjectIsDeceased": True,
    },
}
POLICY = gogen_policy(OPTIONS)
ACCEPTING = [word for name in state().findings.listed for word in ("--accept", name)]
"""Words of a command that takes in what sits on edges of rules and looks like damage."""

Row = dict[str, bytes]


class Interrupted(BaseException):
    """What an interrupted piece of work raises."""


class InterruptingCluster(EmbeddedCluster):
    """Threads that are interrupted when the pass with this label has done so many of its items."""

    def __init__(self, label: str, after: int = 0) -> None:
        super().__init__(1)
        self._stop = label, after

    def map(
        self, function: Any, items: Any, *, label: str = "work", progress: Any = None
    ) -> Iterator[tuple[int, Any]]:
        for done, result in enumerate(super().map(function, items, label=label, progress=progress)):
            if (label, done) == self._stop:
                raise Interrupted
            yield result


def extract(county: str = "ALAMEDA", seed: int = 1, subjects: int = 25, **layout: bool) -> bytes:
    """An extract of a county that sits on many edges of the rules."""
    content: bytes = edge_extract(seed, subjects, county, AS_OF_DATE, **layout)
    return content


def conviction(subject: str, county: str, count: int = 1, **values: str) -> Row:
    """A row that is a Prop 64 felony of 2015, with other values where they are given."""
    row = {
        "SUBJECT_ID": subject,
        "CII_NUMBER": f"A{subject}",
        "PRI_NAME": "DOE,PAT",
        "PRI_DOB": "19700101",
        "STP_EVENT_DATE": "20150601",
        "STP_TYPE_DESCR": "COURT ACTION",
        "STP_ORI_CNTY_NAME": county,
        "CNT_ORDER": f"001001{count:03d}000",
        "OFN": "CASE-1",
        "OFFENSE_DESCR": "11360 HS-TRANSPORT",
        "OFFENSE_TOC": "F",
        "DISP_DESCR": "CONVICTED",
        "CONV_STAT_DESCR": "FELONY",
    }
    return {name: value.encode() for name, value in (row | values).items()}


def rendered(rows: Sequence[Row], **layout: bool) -> bytes:
    content: bytes = render(rows, Layout(**layout))
    return content


def put(folder: Path, name: str, content: bytes) -> str:
    """Write a file; returns its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return str(path)


def ingest(
    extracts: str | Sequence[str], store: Path | str, *, cluster: str | Cluster = "threads:2", **options: Any
) -> IngestReport:
    """Ingest in small blocks, a new store into two buckets, whatever is doubtful, unless told otherwise.

    Edges of rules look like damage.
    """
    named = [extracts] if isinstance(extracts, str) else list(extracts)
    options.setdefault("block_bytes", 2**16)
    options.setdefault("buckets", 2)
    options.setdefault("accept", tuple(state().findings.listed))
    if "county" not in options:  # to tell it, each extract is read
        options["county"] = counties_of(named) or None
    settings = Settings(**options)
    if isinstance(cluster, Cluster):
        return ingest_extracts(named, str(store), cluster, settings)
    with open_cluster(cluster) as opened:
        return ingest_extracts(named, str(store), opened, settings)


def counties_of(extracts: Sequence[str]) -> dict[str, str]:
    """The county of most Prop 64 convictions in each extract, by file name.

    Extracts on edges of rules have subjects without one in their county, and so do not tell it.
    """
    found = {}
    for url in extracts:
        for path in matching(url) if "*" in url else [url]:
            with contextlib.suppress(OSError, ExtractError):
                counts = _convictions(Source(path))
                best = max(counts.values(), default=0)
                if [*counts.values()].count(best) == 1:
                    found[path.rpartition("/")[2]] = max(counts, key=counts.__getitem__)
    return found


def _convictions(source: Source) -> Counter[str]:
    """Count records of Prop 64 convictions by the county that they name, those of the state only."""
    charges, names, counts = state().charges, set(state().counties.names), Counter[str]()
    for block in BlockReader(source):
        encoded = encode(block)
        named = np.array([charges.section(text) >= 0 for text in encoded.texts["offense"]], bool)
        rows = encoded.rows
        chosen = (rows["flags"] & flag.CONVICTED > 0) & named[rows["offense"]]
        for code, count in zip(*np.unique(rows["county"][chosen], return_counts=True), strict=True):
            text = encoded.texts["county"][code].decode("latin-1")
            counts[text] += int(count) if text in names else 0
    return +counts


def decide(store: Path | str, out: Path | str, cluster: str | Cluster = "threads:2") -> Run:
    """Run the sample policy."""
    if isinstance(cluster, Cluster):
        return run_policy(str(store), POLICY, AS_OF, str(out), cluster)
    with open_cluster(cluster) as opened:
        return run_policy(str(store), POLICY, AS_OF, str(out), opened)


def refused(extracts: str | Sequence[str], store: Path | str, **options: Any) -> str:
    """The message with which an ingest is refused; checks that the store is as it was before."""
    before = contents(Path(store))
    with pytest.raises(ClearscaleError) as error:
        ingest(extracts, store, **options)
    assert contents(Path(store)) == before, "something was stored or left behind"
    return "\n".join(error.value.args)  # in the words of a command


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its path.

    But for unfinished blocks, which a later ingest takes up, and a store's log, which holds times of the day.
    """
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    found = {str(path.relative_to(folder)): path.read_bytes() for path in files}
    return {
        name: content for name, content in found.items() if not name.startswith(("staging/", "log.jsonl", "log/"))
    }


def decrypted(url: Path | str) -> dict[str, bytes]:
    """Every file of an encrypted folder as it was before, but for those that `contents` leaves out."""
    folder = Folder.rooted(str(url))
    assert folder.encryption is not None
    paths = [path for path in folder.paths() if path != ENCRYPTION and not path.startswith(("staging/", "log/"))]
    return {path: folder.read(path) for path in paths}


def answers(folder: Path) -> dict[str, bytes]:
    """Every file of a run; of `run.json` all but places, the snapshot, and how the work went."""
    found = contents(folder)
    info = json.loads(found["run.json"])
    own = {"store", "snapshot", "at", "key", "seconds", "work", "digest"}
    kept = {name: value for name, value in info.items() if name not in own}
    assert kept.keys() | own == info.keys()
    return found | {"run.json": json.dumps(kept).encode()}


def decisions(run: Run, *, without: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Every decision as a dictionary, in file order of the extracts by name."""
    rows = [row for name in sorted(run.info["decisions"]) for row in run.decisions(name).to_pylist()]
    return [{name: value for name, value in row.items() if name not in without} for row in rows]


def records(store: Path | str, place: int = 0) -> list[dict[str, bytes]]:
    """The stored records of an extract by column, row numbers included."""
    opened = open_store(str(store))
    tables = opened.records(opened.manifest.extracts[place])
    return [row for table in tables for row in table.to_pylist()]


def policy_file(folder: Path, options: Mapping[str, Any] = OPTIONS) -> str:
    """The sample options as a file; returns its path."""
    return put(folder, "policy.json", json.dumps(options).encode())
