"""On any extract the engine writes what the reference writes, however the extract is cut, stored or accompanied."""

import datetime
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import clearscale
from clearscale.dates import as_of_day
from clearscale.extract import reading
from clearscale.io.source import Source
from clearscale.law import state
from clearscale.outputs.export.from_extract import decide_extract, write_results
from clearscale.policy import gogen_policy
from clearscale.policy.findings import ALLOWABLE
from clearscale.runs.summary import county_summary
from clearscale.store.ingest.ingest import ingest as ingest_extracts
from clearscale.store.ingest.settings import Settings
from clearscale_cluster import Cluster, open_cluster
from tests.support.examples import examples, is_long, long, some
from tests.support.fabricate import Case, cases, edge_extract, extracts, policies
from tests.support.reference import Result
from tests.support.reference import run as reference_run

FILES = ("All_Results.csv", "All_Results_Condensed.csv", "Prop64_Results.csv")
COUNTIES = ("KERN", "LOS ANGELES", "FRESNO")
BLOCK_BYTES = (1, 1000, 70_000)
LEAP_DAY = datetime.date(2020, 2, 29)
AS_OF_DATES = (LEAP_DAY, datetime.date(2021, 3, 1), datetime.date(2026, 11, 22), datetime.date(2024, 2, 29))
SECTIONS = ("11357", "11358", "11359", "11360")

stable = settings(
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@dataclass(frozen=True)
class Written:
    """What a road to result files left behind, in the terms of the reference."""

    files: tuple[bytes, ...]
    summary: dict[str, Any]
    decisions: list[tuple[int, str, str]]

    def assert_equals(self, wanted: Result) -> None:
        for name, actual, bytes_wanted in zip(
            FILES, self.files, (wanted.all_results, wanted.condensed, wanted.prop64), strict=True
        ):
            lines = itertools.zip_longest(actual.split(b"\n"), bytes_wanted.split(b"\n"))
            different = [(number, *pair) for number, pair in enumerate(lines, start=1) if pair[0] != pair[1]]
            assert not different, f"{name}: first of {len(different)} different lines: {different[0]}"
        assert self.summary == wanted.summary
        assert self.decisions == wanted.decisions


def without_a_store(case: Case, folder: Path, block_bytes: int) -> Written:
    """The road of `clearscale gogen run`."""
    extract = folder / "extract.csv"
    extract.write_bytes(case.extract)
    policy = gogen_policy(case.options)
    source = Source(str(extract))
    outcome = decide_extract(source, case.county, policy, as_of_day(case.as_of), block_bytes)
    paths = write_results(source, outcome, folder, "")
    summary = county_summary(outcome.tally, 0, policy, case.county, outcome.lines, 0.0)
    del summary["processingTimeInSeconds"]
    files = tuple(path.read_bytes() for path in paths)
    return Written(files, summary, _decisions(files[2], outcome.decided.rows.tolist()))


def _decisions(prop64: bytes, rows: list[int]) -> list[tuple[int, str, str]]:
    """Determination and reason hold no comma, so they are what stands behind a record's last two commas."""
    determinations = {b"Eligible for Dismissal", b"Eligible for Reduction", b""}
    ends = [line.rsplit(b",", 2)[1:] for line in _records(prop64)[1:]]
    assert {determination for determination, _ in ends} <= determinations
    return [
        (row, determination.decode(), reason.decode())
        for row, (determination, reason) in zip(rows, ends, strict=True)
    ]


def _records(content: bytes) -> list[bytes]:
    """Records of a result file, quoted line breaks kept inside."""
    pieces = content.removesuffix(b"\n").split(b"\n")
    records = [pieces[0]]
    for piece in pieces[1:]:
        if records[-1].count(b'"') % 2:
            records[-1] += b"\n" + piece
        else:
            records.append(piece)
    return records


def reference_of(case: Case) -> Result:
    return reference_run(case.extract, case.county, case.options, case.as_of)


@pytest.fixture(scope="module", autouse=True)
def blocks_as_small_as_asked() -> Iterator[None]:
    """A file's first block is long enough to hold any header; here it is cut to the header that there is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_LONGEST_OPENING", 2000)
        yield


@pytest.fixture(scope="module")
def folder(memory: Callable[[], Path]) -> Path:
    return memory()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with open_cluster("threads:2") as opened:
        yield opened


@settings(stable, max_examples=examples(300))
@given(case=cases(), block_bytes=st.sampled_from(BLOCK_BYTES))
def test_any_case_is_decided_as_the_reference_decides_it(folder: Path, case: Case, block_bytes: int) -> None:
    without_a_store(case, folder, block_bytes).assert_equals(reference_of(case))


def options_of(seed: int) -> dict[str, Any]:
    """Options in which over many seeds every rule comes first, last and not at all."""
    rng = random.Random(seed)
    relief = {
        "subjectUnder21AtConviction": rng.random() < 0.5,
        "subjectHasOnlyProp64Charges": rng.random() < 0.5,
        "subjectIsDeceased": rng.random() < 0.5,
        "subjectAgeThreshold": rng.choice([0, *range(40, 66)]),
        "yearsSinceConvictionThreshold": rng.choice([0, 0, *range(1, 16)]),
        "yearsCrimeFreeThreshold": rng.choice([0, 0, *range(1, 16)]),
    }
    baseline = {name: rng.sample(SECTIONS, rng.choice((0, 0, 1, 2, 4))) for name in ("dismiss", "reduce")}
    chosen = {key: value for key, value in relief.items() if rng.random() < 0.8}
    return {"baselineEligibility": baseline, "additionalRelief": chosen}


def seeded(seed: int, county: str = "KERN", subjects: int = 60) -> Case:
    as_of = AS_OF_DATES[seed % len(AS_OF_DATES)]
    extract = edge_extract(
        seed,
        subjects,
        county,
        as_of,
        header=seed % 2 == 0,
        crlf=seed % 3 == 0,
        scatter=seed % 3 != 1,
        padded=seed % 4 == 1,
        tail_newline=seed % 5 != 0,
    )
    return Case(extract, county, options_of(seed), as_of)


@pytest.mark.sampled
@pytest.mark.parametrize("block_bytes", [1, *map(long, BLOCK_BYTES[1:])])
def test_larger_extracts_are_decided_as_the_reference_decides_them(folder: Path, block_bytes: int) -> None:
    for seed in some(range(block_bytes % 7, 60, 5)):
        case = seeded(seed)
        without_a_store(case, folder, block_bytes).assert_equals(reference_of(case))


@pytest.mark.parametrize("extract", [b"", b"\n\r\n", b"RECORD_ID\n", b"\xef\xbb\xbfRECORD_ID,X\r\n\r\n"])
def test_an_extract_without_records_is_decided_too(folder: Path, extract: bytes) -> None:
    case = Case(extract, "KERN", options_of(1), LEAP_DAY)
    without_a_store(case, folder, 1000).assert_equals(reference_of(case))


def through_a_store(
    all_cases: list[Case], folder: Path, cluster: Cluster, buckets: int, block_bytes: int, one_by_one: bool
) -> list[Written]:
    """One store with all the extracts, one run of it, and what each extract's county gets."""
    store, out = str(folder / "store"), str(folder / "run")
    paths = [folder / f"extract-{number}.csv" for number in range(len(all_cases))]
    for path, case in zip(paths, all_cases, strict=True):
        path.write_bytes(case.extract)
    counties = {path.name: case.county for path, case in zip(paths, all_cases, strict=True)}
    for named in [[path] for path in paths] if one_by_one else [paths]:
        of_these = {path.name: counties[path.name] for path in named}
        how = Settings(
            county=of_these, accept=tuple(state().findings.listed), buckets=buckets, block_bytes=block_bytes
        )
        ingest_extracts([str(path) for path in named], store, cluster, how)
    first = all_cases[0]
    run = clearscale.run(store, first.options, first.as_of.isoformat(), out, cluster=cluster, allow=ALLOWABLE)
    entries = {entry.name: entry for entry in clearscale.open_store(store).manifest.extracts}
    result = []
    for path, case in zip(paths, all_cases, strict=True):
        assert entries[path.name].county == case.county
        exported = folder / f"out-{path.stem}"
        clearscale.export(run, case.county, str(exported), cluster=cluster)
        summary = dict(run.counties[case.county])
        decisions = run.decisions(entries[path.name].id)
        decisions = decisions.filter(decisions.column("county_figure"))
        columns = (decisions.column(name).to_pylist() for name in ("row", "determination", "reason"))
        files = tuple((exported / name).read_bytes() for name in FILES)
        result.append(Written(files, summary, list(zip(*columns, strict=True))))
    return result


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("buckets", "block_bytes", "one_by_one", "seed"),
    [
        long(1, 3000, False, 3),
        long(2, 70_000, False, 5),
        long(3, 9000, True, 6),
        long(8, 2000, False, 8),
        (8, 24 * 2**20, True, 9),
        long(3, 5000, False, 12),
    ],
)
def test_a_store_of_several_counties_gives_each_what_the_reference_gives_it_alone(
    in_memory: Path, cluster: Cluster, buckets: int, block_bytes: int, one_by_one: bool, seed: int
) -> None:
    # The same seed gives the same people to every county, each with a record of its own.
    options = options_of(seed)
    drawn = [seeded(seed, county, subjects=70 if is_long() else 45) for county in COUNTIES]
    all_cases = [Case(one.extract, one.county, options, one.as_of) for one in drawn]
    found = through_a_store(all_cases, in_memory, cluster, buckets, block_bytes, one_by_one)
    for written, case in zip(found, all_cases, strict=True):
        written.assert_equals(reference_of(case))
    people = clearscale.open_store(str(in_memory / "store")).table("people")
    shared = [number for number in people.column("cii_number").to_pylist() if number]
    assert len(set(shared)) < len(shared) / 2


@settings(stable, max_examples=examples(30))
@given(
    drawn=st.tuples(*(extracts(county, LEAP_DAY) for county in COUNTIES)),
    options=policies(),
    buckets=st.sampled_from([1, 2, 3, 8]),
    block_bytes=st.sampled_from([500, 70_000]),
)
def test_any_store_gives_each_county_what_the_reference_gives_it_alone(
    memory: Callable[[], Path],
    cluster: Cluster,
    drawn: tuple[bytes, ...],
    options: dict[str, Any],
    buckets: int,
    block_bytes: int,
) -> None:
    all_cases = [Case(extract, county, options, LEAP_DAY) for extract, county in zip(drawn, COUNTIES, strict=True)]
    place = memory()
    found = through_a_store(all_cases, place, cluster, buckets, block_bytes, one_by_one=True)
    for written, case in zip(found, all_cases, strict=True):
        written.assert_equals(reference_of(case))
