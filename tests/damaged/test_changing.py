"""An extract that changes between its two readings, be it at equal length, is refused."""

from pathlib import Path

import fsspec
import pytest

from clearscale.dates import as_of_day
from clearscale.errors import ExtractError
from clearscale.io.source import Source
from clearscale.outputs.export.from_extract import decide_extract, write_results
from tests.support.changing import ChangingCluster, replaced
from tests.support.damaged import BASE, as_csv, rows_of
from tests.support.samples import AS_OF, POLICY, contents, ingest

GOOD = as_csv([{**row, "SUBJECT_ID": f"{row['SUBJECT_ID']}-{k}"} for k in range(20) for row in rows_of(BASE)])
OTHER = GOOD.replace(b"11357", b"11358")


@pytest.mark.parametrize(
    "content", [OTHER, GOOD + GOOD.partition(b"\n")[2], b"".join(GOOD.splitlines(keepends=True)[:70])]
)
def test_a_file_that_changes_behind_its_scan_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(GOOD)
    cluster = ChangingCluster("read extracts", lambda: replaced(path, content))
    with pytest.raises(ExtractError, match=r"x\.csv: the file changed while it was being read"):
        ingest(str(path), tmp_path / "store", cluster=cluster, county="ALAMEDA", block_bytes=4000)
    assert not any(name.startswith("manifest") for name in contents(tmp_path / "store"))
    assert ingest(str(path), tmp_path / "store", county="ALAMEDA").records == content.count(b"\n") - 1


def test_an_object_that_changes_behind_its_scan_is_refused(tmp_path: Path) -> None:
    memory = fsspec.filesystem("memory")
    url = f"memory:/{tmp_path.as_posix()}/x.csv"
    memory.pipe(url, GOOD)
    cluster = ChangingCluster("read extracts", lambda: memory.pipe(url, OTHER))
    with pytest.raises(ExtractError, match="the file changed while it was being read"):
        ingest(url, tmp_path / "store", cluster=cluster, county="ALAMEDA")


def test_results_are_not_written_of_a_file_that_changed(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(GOOD)
    decided = decide_extract(Source(str(path)), "ALAMEDA", POLICY, as_of_day(AS_OF))
    replaced(path, OTHER)
    with pytest.raises(ExtractError, match="the file changed while it was being read"):
        write_results(Source(str(path)), decided, tmp_path / "out", "")
    assert not list((tmp_path / "out").iterdir())
