"""The pilots' programs' own outputs, reproduced row by row by every road that decides an extract."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

import clearscale
from clearscale.dates import as_of_day
from clearscale.io.source import Source
from clearscale.outputs.export.from_extract import decide_extract, write_results
from clearscale.policy import load_policy

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = sorted(path.name for path in GOLDEN.glob("pilot-*"))
PACKS = {
    "CONTRA COSTA": "ca-contra-costa-2019",
    "LOS ANGELES": "ca-los-angeles-2019",
    "SACRAMENTO": "ca-sacramento-2019",
    "SAN JOAQUIN": "ca-san-joaquin-2019",
}

Decided = list[tuple[int, str, str]]


@dataclass(frozen=True)
class Pilot:
    """A recorded run of a pilot's program."""

    name: str
    county: str
    as_of: str

    @property
    def extract(self) -> Path:
        return GOLDEN / self.name / "extract.csv.gz"

    @property
    def decisions(self) -> Decided:
        text = (GOLDEN / self.name / "decisions.csv").read_text("utf-8")
        rows = csv.DictReader(text.splitlines())
        return [(int(row["row"]), row["determination"], row["reason"]) for row in rows]


def pilot(name: str) -> Pilot:
    recorded = json.loads((GOLDEN / name / "run.json").read_text())
    return Pilot(name, recorded["county"], recorded["as_of"])


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Pilot:
    return pilot(request.param)


def exported(path: Path) -> list[tuple[str, str]]:
    """Determination and reason of each record of a `Prop64_Results.csv`."""
    with path.open(encoding="latin-1", newline="") as file:
        return [(row["Eligibility Determination"], row["Eligibility Reason"]) for row in csv.DictReader(file)]


def decided(run: clearscale.Run, county: str) -> Decided:
    """Decisions of a run that the county's figures count."""
    rows = run.decisions().to_pylist()
    return [
        (row["row"], row["determination"], row["reason"])
        for row in rows
        if row["county_figure"] and row["county"] == county
    ]


def test_there_are_six_recorded_runs() -> None:
    assert len(CASES) == 6
    assert {pilot(name).county for name in CASES} == set(PACKS)


def test_a_store_and_a_run_decide_as_the_pilot_did(case: Pilot, tmp_path: Path) -> None:
    store, out = str(tmp_path / "store"), str(tmp_path / "run")
    clearscale.ingest([str(case.extract)], store, county=case.county)
    run = clearscale.run(store, PACKS[case.county], case.as_of, out)
    assert decided(run, case.county) == case.decisions
    clearscale.export(run, case.county, str(tmp_path / "files"))
    assert exported(tmp_path / "files" / "Prop64_Results.csv") == [row[1:] for row in case.decisions]


def test_an_extract_alone_is_decided_as_the_pilot_did(case: Pilot, tmp_path: Path) -> None:
    policy = load_policy(PACKS[case.county])
    source = Source(str(case.extract))
    outcome = decide_extract(source, case.county, policy, as_of_day(case.as_of))
    assert outcome.decided.rows.tolist() == [row for row, *_ in case.decisions]
    write_results(source, outcome, tmp_path, "")
    assert exported(tmp_path / "Prop64_Results.csv") == [row[1:] for row in case.decisions]
