"""Extracts and stores that tests in several folders only read, built once by whichever process needs them first."""

import fcntl
from collections.abc import Callable
from pathlib import Path

import clearscale
from clearscale.formats import load_map
from clearscale.synth import fabricate, fabricate_charges

from .canary_store import canary_everywhere as canary_everywhere
from .canary_store import canary_nowhere as canary_nowhere
from .examples import is_long
from .many_courts import build as many_courts_of
from .reference.reading import read
from .samples import conviction, extract, ingest, put, rendered
from .void_results import void_results as void_results

PEOPLE = 240 if is_long() else 60
"""Of the state of four counties, each once."""


def built_once(build: Callable[[Path], None], temporary: Path) -> Path:
    """The folder that `build` filled, in this process or in another one that has the same temporary folder."""
    shared = temporary / "built"
    shared.mkdir(exist_ok=True)
    folder, done = shared / build.__name__, shared / f"{build.__name__}.done"
    with (shared / f"{build.__name__}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until the file is closed
        if not done.exists():
            build(folder)
            done.touch()
    return folder


def four_counties(folder: Path) -> None:
    """A fabricated state of four counties: its extracts in `in`, and `store`."""
    made = fabricate(str(folder / "in"), counties=4, people=PEOPLE, seed=11)
    ingest([extract.path for extract in made], folder / "store", block_bytes=2**20, buckets=8)


def cook(folder: Path) -> None:
    """A fabricated file of charges in the form of Cook County's clerk, its truth table, `store`, and `run`."""
    file = fabricate_charges(str(folder), load_map("il-cook-clerk"), people=700, seed=3)
    clearscale.ingest_charges(file.path, folder / "store", "il-cook-clerk", cluster="threads:1")
    policy, as_of = "il-minor-cannabis-2020", "2020-12-31"
    clearscale.run_charges(folder / "store", policy, as_of, folder / "run", cluster="threads:1")


def six_counties(folder: Path) -> None:
    """A fabricated state, two counties large and four small: `extracts` with their truth table, and `store`."""
    made = fabricate(str(folder / "extracts"), counties=6, people=700, seed=5)
    ingest([extract.path for extract in made], folder / "store", block_bytes=2**25)


def edges_of_rules(folder: Path) -> None:
    """`store`: the same histories in two counties' extracts, some rows lacking in one; a county with two extracts;
    charges of two sections; dates that are missing.
    """
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


def many_courts(folder: Path) -> None:
    """Charges of several counties and courts: see `many_courts.build`."""
    many_courts_of(folder, people=900, seed=8, buckets=3)
