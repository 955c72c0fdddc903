"""A store of which every decision can be explained."""

import json
from pathlib import Path

import pytest

from tests.support.examples import is_long
from tests.support.explained import COUNTIES, MAP, OWN
from tests.support.samples import OPTIONS, extract, ingest, put


@pytest.fixture(scope="session")
def three_counties(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of three counties, with convictions of each other's and copies of people's records."""
    folder = tmp_path_factory.mktemp("explain")
    paths = []
    for seed, county in enumerate(COUNTIES):
        lines = extract(county, seed, 25 if is_long() else 20).split(b"\n")
        neighbor = COUNTIES[seed - 1].encode()
        lines[2::3] = [line.replace(county.encode(), neighbor) for line in lines[2::3]]
        paths.append(put(folder, f"{county.lower().replace(' ', '-')}.csv", b"\n".join(lines)))
    ingest(paths, folder / "store", buckets=3)
    put(folder, "own.toml", OWN.encode())
    put(folder, "map.toml", MAP.encode())
    put(folder, "policy.json", json.dumps(OPTIONS).encode())
    return folder
