"""A store that holds a person everywhere: two counties, three snapshots, quarantine, and a killed ingest.

Snapshots after the first have buckets of those before.
"""

from pathlib import Path

import pytest

from clearscale.store.ingest import refolding
from clearscale_cluster import Cluster

from .canary import bad_records, canary, others
from .samples import Interrupted, InterruptingCluster, ingest, put, rendered

PEOPLE = 12


def extracts(folder: Path, *, with_canary: bool) -> list[str]:
    """Three extracts: of two counties, and one that replaces the first."""
    person = canary if with_canary else lambda county: []
    bad = bad_records() if with_canary else b""
    yolo, kern = others("YOLO", PEOPLE), others("KERN", PEOPLE, 4)
    contents = {
        "yolo.csv": rendered([*yolo[:9], *person("YOLO"), *yolo[9:]]) + bad + b"not,a,record\n",
        "kern.csv": rendered([*kern, *person("KERN")]),
        "yolo-later.csv": rendered([*person("YOLO")[:1], *yolo, *person("YOLO")[1:]]) + bad + b"nor,this\n",
    }
    return [put(folder, name, content) for name, content in contents.items()]


def taken_in(paths: list[str], store: Path) -> None:
    """Take the extracts in, one after the other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refolding, "FEWEST_ROWS", 0)  # small buckets would be folded anew
        for path, county in zip(paths, ("YOLO", "KERN", "YOLO"), strict=True):
            ingest(path, store, county=county, quarantine=True, block_bytes=6000)


def killed_ingest(path: str, store: Path) -> None:
    """Leave what an ingest leaves that was killed, in the midst of a write and between its rounds."""
    cluster: Cluster = InterruptingCluster("fold histories")
    with pytest.raises(Interrupted):
        ingest(path, store, county="KERN", cluster=cluster, block_bytes=6000, buckets=None)
    for folder in ("", "records", "staging", "snapshots"):
        (store / folder / ".writing-planted").write_bytes(b"".join([rendered(canary("KERN"))]))


def canary_everywhere(folder: Path) -> None:
    """The extracts, and `store`."""
    taken_in(extracts(folder, with_canary=True), folder / "store")
    another = rendered([*others("KERN", 3), *canary("KERN")])
    killed_ingest(put(folder, "kern-later.csv", another), folder / "store")


def canary_nowhere(folder: Path) -> None:
    """`store`: of the same extracts without the person."""
    taken_in(extracts(folder, with_canary=False), folder / "store")
