"""Stores to sweep over: a fabricated state, and histories on the edges of every rule."""

import pytest

from clearscale.synth import fabricate
from tests.support.reference.reading import read
from tests.support.samples import conviction, extract, ingest, put, rendered


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A fabricated state of four counties."""
    folder = tmp_path_factory.mktemp("state")
    made = fabricate(str(folder / "in"), counties=4, people=240, seed=11)
    ingest([each.path for each in made], folder / "store", block_bytes=2**20, buckets=8)
    return str(folder / "store")


@pytest.fixture(scope="session")
def edges(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same histories in two counties' extracts, some rows lacking in one; a county with two extracts; charges
    of two sections; dates that are missing.
    """
    folder = tmp_path_factory.mktemp("edges")
    whole = extract("ALAMEDA", seed=3, subjects=60)
    shorter = rendered([row for place, row in enumerate(read(whole)) if place % 7])
    pairs = [
        conviction(f"P{number}", "KERN", OFFENSE_DESCR=f"{charge} HS-BOTH", **more)
        for number, (charge, more) in enumerate(
            (charge, more)
            for charge in ("11357/11358", "11358/11357", "11359/11360", "11360/11359", "11357/11360", "11360/11357")
            for more in (
                {},
                {"STP_EVENT_DATE": "00000000"},
                {"PRI_DOB": ""},
                {"PRI_DOB": "19600701", "STP_EVENT_DATE": "20100701"},
                {"PRI_DOB": "19960301", "STP_EVENT_DATE": "20170228"},
                {"STP_EVENT_DATE": "20130702", "CONV_STAT_DESCR": "MISDEMEANOR"},
            )
        )
    ]
    twice = [conviction(f"P{number}", "KERN", 2, OFFENSE_DESCR="11357 HS") for number in range(0, 36, 5)]
    for name, county, content in (
        ("alameda", "ALAMEDA", whole),
        ("yolo", "YOLO", shorter),
        ("fresno", "FRESNO", extract("FRESNO", seed=53)),
    ):
        ingest(put(folder, f"{name}.csv", content), folder / "store", county=county, buckets=5)
    kern = [put(folder, "kern-1.csv", rendered([*pairs, *twice])), put(folder, "kern-2.csv", rendered(pairs[::3]))]
    ingest(kern, folder / "store", county="KERN")
    return str(folder / "store")
