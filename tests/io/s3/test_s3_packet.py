"""Papers for court in S3 are those of a local folder, and all of them or none."""

from pathlib import Path

import pytest

import clearscale
from clearscale.errors import RunError
from tests.outputs.packet.conftest import written
from tests.support.s3_bucket import Bucket

pytestmark = [pytest.mark.slow, pytest.mark.long]


def test_papers_in_s3(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = written(tmp_path / "local")
    for out in (folder / "papers", bucket.url("papers")):
        clearscale.packet(folder / "run", out, county="YOLO", notices="each")
    local = {
        str(path.relative_to(folder / "papers")): path for path in (folder / "papers").rglob("*") if path.is_file()
    }
    found = bucket.contents("papers")
    assert found == {name: path.read_bytes() for name, path in local.items()}
    assert len(found) > 10
    clearscale.packet(folder / "run", bucket.url("papers"), county="YOLO", notices="each")
    with pytest.raises(RunError, match="holds another packet"):
        clearscale.packet(folder / "run", bucket.url("papers"), county="YOLO")
    assert bucket.contents("papers") == found

    def full(*_: object, **__: object) -> None:
        raise OSError("full")

    monkeypatch.setattr("clearscale.outputs.packet.writing.finish", full)
    with pytest.raises(OSError, match="full"):
        clearscale.packet(folder / "run", bucket.url("none"), county="YOLO")
    assert bucket.contents("none") == {}
