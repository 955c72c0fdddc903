"""Reports under many policies on a few stores, read and judged."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import clearscale
from clearscale.outputs.report.figures import ReportedRun
from clearscale.runs import Run
from clearscale.synth import fabricate
from clearscale.whatif.sweep.option_family import EVERYTHING

from .published import Reader, pages_from, pages_of
from .reading_pages import Read
from .samples import AS_OF, ingest

STORES = {"five": (5, 3000, 1), "small": (8, 800, 5), "six": (6, 700, 3)}
"""How many counties, how many people, and a seed: the demo's state, one of small counties, one of few people."""

POLICIES = 300


class Stores(dict[str, Path]):
    """Stores by name, each made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def __missing__(self, name: str) -> Path:
        counties, people, seed = STORES[name]
        folder = self.folder / name
        made = fabricate(str(folder / "in"), counties=counties, people=people, seed=seed)
        ingest([extract.path for extract in made], folder / "store", block_bytes=2**25)
        return self.setdefault(name, folder / "store")


def numbers() -> list[int]:
    """Policies of the counties' options, by chance; the first few are tried each time."""
    return random.Random(12).sample(range(EVERYTHING.size), POLICIES)


@dataclass(frozen=True)
class ReadReport:
    """A report of a run under eligibility options, and its pages read again: as published, and hiding nothing."""

    run: Run
    options: dict[str, Any]
    source: ReportedRun
    shown: dict[str, Read]
    exact: dict[str, Read]

    @classmethod
    def of(cls, store: Path, out: Path, options: dict[str, Any]) -> "ReadReport":
        run = clearscale.run(str(store), options, AS_OF, str(out / "run"))
        source = ReportedRun.of(run, 11)
        return cls(run, options, source, pages_from(source), pages_of(run, None))


def judged(store: Path, out: Path, number: int) -> list[object]:
    """What can be found out from all pages of a report under a policy; see `Reader.findings`."""
    read = ReadReport.of(store, out, EVERYTHING.at(number).options())
    return Reader(read.shown, read.exact, read.options).findings()


PARTS = range(12)
"""The policies of a store in so many tests, each of which says where it is."""


def findings(store: Path, out: Path, part: int) -> dict[int, list[object]]:
    """What can be found out under the policies of a part, by policy; empty if nothing can."""
    found = {number: judged(store, out / str(number), number) for number in numbers()[part :: len(PARTS)]}
    return {number: of_policy for number, of_policy in found.items() if of_policy}
