"""Files of charges and their store in S3 give the same bytes as the same in local folders."""

from pathlib import Path

import pytest

import clearscale
from clearscale.store.charge_store import open_charges
from clearscale.synth import fabricate_charges
from tests.formats.made import COOK
from tests.store.test_charge_stores import all_of, same, take
from tests.support.examples import long
from tests.support.s3_bucket import Bucket
from tests.support.samples import Interrupted, InterruptingCluster, contents

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(fabricate_charges(str(tmp_path_factory.mktemp("made")), COOK, people=120, seed=3).path)


@pytest.mark.parametrize("where", ["threads:2", long("local:2")])
def test_a_store_of_charges_in_s3(where: str, bucket: Bucket, file: Path, tmp_path: Path) -> None:
    url = bucket.put("in/il-cook-clerk.csv", file.read_bytes())
    report = take(bucket.url("store"), url, where=where, block_bytes=5000)
    expected = take(tmp_path / "store", file, block_bytes=5000)
    assert report == expected
    assert bucket.contents("store") == contents(tmp_path / "store")
    same(all_of(open_charges(bucket.url("store"))), all_of(open_charges(tmp_path / "store")))
    assert take(bucket.url("store"), url, where=where, block_bytes=5000).added == ()


@pytest.mark.parametrize("label", ["read files", "fold charges"])
def test_an_interrupted_one_goes_on(label: str, bucket: Bucket, file: Path, tmp_path: Path) -> None:
    url = bucket.put("in/il-cook-clerk.csv", file.read_bytes())
    with pytest.raises(Interrupted):
        take(bucket.url("store"), url, where=InterruptingCluster(label, 1), block_bytes=5000)
    take(bucket.url("store"), url, block_bytes=5000)
    take(tmp_path / "store", file, block_bytes=5000)
    assert bucket.contents("store") == contents(tmp_path / "store")


def test_sweeps_and_differences_in_s3(bucket: Bucket, file: Path, tmp_path: Path) -> None:
    pack, day = "il-minor-cannabis-2020", "2020-12-31"
    take(tmp_path / "store", file)
    bucket.put_folder(tmp_path / "store", "store")
    for root in (bucket.url("all").removesuffix("all"), f"{tmp_path}/"):
        for limit in (30, 100):
            clearscale.run_charges(f"{root}store", pack, day, f"{root}run-{limit}", parameters={"limit": limit})
        for _ in range(2):  # over an earlier one, too
            clearscale.diff(f"{root}run-30", f"{root}run-100", out=f"{root}diff")
        clearscale.sweep(f"{root}store", pack, day, {"limit": [30, 100]}, f"{root}sweep", by_county=True)
    for folder in ("diff", "sweep"):
        ends = (f"{folder}.json", "page.json")
        kept = {name: content for name, content in contents(tmp_path / folder).items() if name not in ends}
        found = bucket.contents(folder)
        assert {name: content for name, content in found.items() if name not in ends} == kept
        assert len(kept) > 2
