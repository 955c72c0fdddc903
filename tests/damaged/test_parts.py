"""Files of one county given together are parts of one extract: what they give is what the whole would give."""

import csv
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.errors import ClearscaleError, ExtractError
from clearscale.law import state
from clearscale.store import ExtractEntry
from clearscale.whatif.explain import explain
from tests.support.damaged import BASE, CASES, POLICY, Row, as_csv, rows_of, taken
from tests.support.examples import long
from tests.support.fabricate import edge_extract
from tests.support.samples import AS_OF, AS_OF_DATE, Interrupted, InterruptingCluster, contents, ingest, put

CASE = CASES / "parts"
FILES = ("All_Results.csv", "All_Results_Condensed.csv", "Prop64_Results.csv")


def answers(store: Path, folder: Path, county: str = "ALAMEDA") -> dict[str, Any]:
    """A county's figures, and its files by name."""
    run = clearscale.run(store, POLICY, AS_OF, folder / "run")
    clearscale.export(run, county, folder / "out")
    assert sorted(path.name for path in (folder / "out").iterdir()) == sorted([*FILES, "gogen.json"])
    decided = Counter(
        tuple(value for name, value in decision.items() if name not in ("extract", "row"))
        for decision in run.decisions().to_pylist()
    )
    counts = clearscale.open_store(store).manifest.counts
    files = {name: (folder / "out" / name).read_bytes() for name in FILES}
    return {"summary": run.counties[county], "decisions": decided, "counts": counts, "files": files}


def as_sets(found: Mapping[str, Any]) -> dict[str, Any]:
    """The same without the order of records."""
    files = {name: Counter(content.splitlines()) for name, content in found["files"].items()}
    return {**found, "files": files}


def whole(folder: Path, content: bytes, **options: Any) -> dict[str, Any]:
    ingest(put(folder, "whole.csv", content), folder / "store", **options)
    return answers(folder / "store", folder)


def entry_of(store: Path) -> ExtractEntry:
    [entry] = clearscale.open_store(store).manifest.extracts
    return entry


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return whole(tmp_path_factory.mktemp("base"), BASE.read_bytes())


def overlapping(folder: Path) -> list[str]:
    """Two parts, with two records that are in both."""
    rows = rows_of(BASE)
    return [put(folder, name, as_csv(found)) for name, found in (("a.csv", rows[:5]), ("b.csv", rows[3:]))]


def test_a_persons_rows_in_two_files_are_one_record(tmp_path: Path, base: dict[str, Any]) -> None:
    outcome = taken([CASE / "splitA.csv", CASE / "splitB.csv"], tmp_path / "store")
    assert (outcome.refused, outcome.findings) == (None, {})
    assert outcome.counts["convictions"] == 7
    assert answers(tmp_path / "store", tmp_path) == base
    entry = entry_of(tmp_path / "store")
    assert (entry.name, entry.first_rows()) == ("splitA.csv + splitB.csv", (0, 2))


def test_parts_are_added_later(tmp_path: Path, base: dict[str, Any]) -> None:
    store = tmp_path / "store"
    clearscale.ingest(CASE / "part1.csv", store)
    report = clearscale.ingest(CASE / "part2.csv", store, add=True)
    assert (report.added, report.replaced, report.replacements) == (("part2.csv",), (), ())
    assert answers(store, tmp_path) == base
    before = contents(store)
    again = clearscale.ingest(CASE / "part2.csv", store, add=True)
    assert (again.added, again.unchanged, contents(store)) == ((), ("part2.csv",), before)
    # And a subject's further rows, which do not tell the county.
    other = tmp_path / "other"
    clearscale.ingest(CASE / "splitA.csv", other)
    with pytest.raises(ExtractError, match="name it with county"):
        clearscale.ingest(CASE / "splitB.csv", other, add=True)
    report = clearscale.ingest(CASE / "splitB.csv", other, add=True, county="ALAMEDA")
    assert report.findings[entry_of(other).name] == ()
    (tmp_path / "again").mkdir()
    assert answers(other, tmp_path / "again") == base


def test_adding_needs_an_extract_to_add_to(tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match=r"the store has no extract of ALAMEDA that part2.csv could be added to"):
        clearscale.ingest(CASE / "part2.csv", tmp_path / "store", add=True)
    assert not list(tmp_path.rglob("*.parquet"))


def test_the_same_records_count_once_and_are_said(tmp_path: Path, base: dict[str, Any]) -> None:
    first, second = overlapping(tmp_path)
    store = tmp_path / "store"
    report = clearscale.ingest([first, second], store)
    assert (report.records, report.stored, report.quarantined) == (9, 7, 2)
    [finding] = report.findings["a.csv + b.csv"]
    assert (finding.name, finding.grade, finding.count, finding.of) == ("same-records-in-parts", "warn", 2, 4)
    assert (finding.lines, finding.file) == ((2, 3), "b.csv")
    assert answers(store, tmp_path) == base
    opened, entry = clearscale.open_store(store), entry_of(store)
    quarantine = opened.quarantine(entry).to_pylist()
    assert [(found["file"], found["line"], found["row"]) for found in quarantine] == [
        ("b.csv", 2, 5),
        ("b.csv", 3, 6),
    ]
    lines = Path(second).read_bytes().splitlines(keepends=True)
    assert [found["content"] for found in quarantine] == lines[1:3]
    assert [row for table in opened.records(entry) for row in table.column("row").to_pylist()] == [
        0,
        1,
        2,
        3,
        4,
        7,
        8,
    ]
    table = clearscale.check(store)
    assert (table.column("detail").to_pylist()).count("an earlier part of the extract has the same record") == 2


def test_only_equal_records_are_the_same(tmp_path: Path) -> None:
    rows = rows_of(BASE)
    changed = [row | {"COMMENT_TEXT": "X"} for row in rows[:2]] + [row | {"END_OF_REC": "END "} for row in rows[2:]]
    paths = [put(tmp_path, name, as_csv(found)) for name, found in (("a.csv", rows), ("b.csv", changed))]
    outcome = taken([Path(path) for path in paths], tmp_path / "store")
    assert "same-records-in-parts" not in outcome.findings
    # The same values written with other quotes and line ends are the same record.
    header, _, quoted = as_csv(rows, quoting=csv.QUOTE_ALL, lineterminator="\r\n").partition(b"\r\n")
    quoted = put(tmp_path, "c.csv", header.replace(b'"', b"") + b"\r\n" + quoted)
    outcome = taken([Path(paths[0]), Path(quoted)], tmp_path / "quoted")
    assert outcome.findings == {"same-records-in-parts": 7}


def versions(folder: Path, change: Callable[[Row], Row] = lambda row: row) -> list[Path]:
    """An extract and a later one of the same county: two subjects more, and records as they are by then."""
    rows = [
        row
        | {"SUBJECT_ID": f"{row['SUBJECT_ID']}-{copy}", "CII_NUMBER": "", "PRI_NAME": f"{row['PRI_NAME']} {copy}"}
        for copy in range(20)
        for row in rows_of(BASE)
    ]
    july, october = rows[: 18 * len(rows) // 20], list(map(change, rows))
    return [
        Path(put(folder, name, as_csv(found))) for name, found in (("july.csv", july), ("october.csv", october))
    ]


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda row: row, "same-records-in-parts: 126 of 140"),
        (lambda row: row | {"REQ_NAME": "X"}, "changed-records-in-parts: 126 of 140"),
    ],
    ids=["same", "changed"],
)
def test_an_extract_and_a_later_one_are_no_parts(
    change: Callable[[Row], Row], finding: str, tmp_path: Path
) -> None:
    """Given together, or the later one added to the earlier: refused by name, and nothing is left of it."""
    july, october = versions(tmp_path, change)
    store = tmp_path / "store"
    refused = taken([july, october], store).refused
    assert refused is not None
    assert f"  {finding} records" in refused
    assert "give the later one alone" in refused
    assert not [path for path in store.rglob("*") if path.is_file()]
    clearscale.ingest(july, store)
    before = contents(store)
    refused = taken([october], store, add=True).refused
    assert refused is not None
    assert f"  {finding} records" in refused
    assert contents(store) == before
    # The later one alone takes the earlier one's place; who means it passes it by name.
    name = finding.partition(":")[0]
    assert taken([october], store).refused is None
    assert taken([july, october], tmp_path / "both", accept=[name]).findings[name] == 126


def test_a_count_that_is_cut_between_parts_is_no_doubt(tmp_path: Path) -> None:
    rows = [row for row in rows_of(versions(tmp_path)[1]) for _ in range(2)]
    rows = [row | {"COMMENT_TEXT": f"{place}"} for place, row in enumerate(rows)]
    paths = [Path(put(tmp_path, name, as_csv(own))) for name, own in (("a.csv", rows[:101]), ("b.csv", rows[101:]))]
    assert taken(paths, tmp_path / "store").findings == {}


@pytest.mark.parametrize("number", ["", "   ", "0000000000", "NULL"])
def test_a_number_that_names_nobody_is_no_persons(number: str, tmp_path: Path) -> None:
    rows = [row | {"CII_NUMBER": number} for row in rows_of(versions(tmp_path)[1])]
    half = len(rows) // 2
    paths = [
        Path(put(tmp_path, name, as_csv(own))) for name, own in (("a.csv", rows[:half]), ("b.csv", rows[half:]))
    ]
    accepted = ["placeholder-numbers"]
    assert "changed-records-in-parts" not in taken(paths, tmp_path / "store", accept=accepted).findings


def test_records_twice_in_one_file_stay(tmp_path: Path) -> None:
    rows = rows_of(BASE)
    twice = put(tmp_path, "a.csv", as_csv([*rows, rows[0]]))
    report = clearscale.ingest([twice, CASE / "splitA.csv"], tmp_path / "store")
    assert (report.stored, report.quarantined) == (8, 2)


def test_the_same_file_twice_is_said_and_counts_once(tmp_path: Path, base: dict[str, Any]) -> None:
    copy = put(tmp_path, "copy.csv", BASE.read_bytes())
    for number, given in enumerate(([BASE, copy], [BASE, BASE], [CASE / "part1.csv", copy, copy])):
        report = clearscale.ingest(given, tmp_path / str(number))
        found = [finding for of_extract in report.findings.values() for finding in of_extract]
        assert "same-file-twice" in [finding.name for finding in found]
        (tmp_path / f"of {number}").mkdir()
        assert as_sets(answers(tmp_path / str(number), tmp_path / f"of {number}")) == as_sets(base)
        assert report.records == report.stored + report.quarantined


def test_parts_replace_and_are_replaced(tmp_path: Path, base: dict[str, Any]) -> None:
    store = tmp_path / "store"
    clearscale.ingest([CASE / "splitA.csv", CASE / "splitB.csv"], store)
    report = clearscale.ingest(BASE, store)
    assert report.replaced == ("splitA.csv", "splitB.csv")
    assert report.replacements[0].words == (
        "splitA.csv + splitB.csv, 7 records -> base.csv, 7; 0 people gone, 0 new"
    )
    # A file that the store has comes again beside a new one: it is part of the new extract.
    part = clearscale.ingest([CASE / "part1.csv", CASE / "part2.csv"], store)
    assert part.added == ("part1.csv", "part2.csv")
    longer = put(tmp_path, "longer.csv", (CASE / "part2.csv").read_bytes() + b"\n")
    report = clearscale.ingest([CASE / "part1.csv", longer], store)
    assert (report.added, report.replaced, report.unchanged) == (("longer.csv",), ("part2.csv",), ("part1.csv",))
    assert answers(store, tmp_path) == base
    assert clearscale.ingest(CASE / "part1.csv", store).unchanged == ("part1.csv",)
    assert entry_of(store).name == "part1.csv + longer.csv"


def test_messages_name_the_part(tmp_path: Path) -> None:
    bad = put(tmp_path, "bad.csv", (CASE / "splitB.csv").read_bytes() + b"1,2\n")
    with pytest.raises(ExtractError, match=r"bad.csv, line 7: 2 fields"):
        clearscale.ingest([CASE / "splitA.csv", bad], tmp_path / "store")
    clearscale.ingest([CASE / "splitA.csv", bad], tmp_path / "store", on_bad_record="quarantine")
    store = clearscale.open_store(tmp_path / "store")
    [found] = store.quarantine(entry_of(tmp_path / "store")).to_pylist()
    assert (found["file"], found["line"], found["row"]) == ("bad.csv", 7, 7)
    run = clearscale.run(tmp_path / "store", POLICY, AS_OF, tmp_path / "run")
    entry = entry_of(tmp_path / "store")
    assert explain(run, "bad.csv", 3).file == "bad.csv"
    assert explain(run, entry.id, 0).file == "splitA.csv"
    with pytest.raises(ClearscaleError, match="numbered from 0 to 7"):
        explain(run, entry.id, 8)


def parts_of(rows: Sequence[Row], rng: random.Random, repeat: float) -> list[list[Row]]:
    """Rows in order cut into parts, and some of earlier parts once more in later ones."""
    cuts = sorted(rng.sample(range(1, len(rows)), rng.randint(1, 4)))
    parts = [list(rows[low:high]) for low, high in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
    for place in range(1, len(parts)):
        earlier = [row for part in parts[:place] for row in part]
        for row in rng.sample(earlier, int(repeat * len(earlier))):
            parts[place].insert(rng.randint(0, len(parts[place])), row)
    return parts


@pytest.fixture(scope="module")
def fabricated(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Row], dict[str, Any]]:
    """The rows of an extract with many edges, each unlike any other, and what the whole gives."""
    folder = tmp_path_factory.mktemp("fabricated")
    content = edge_extract(5, 40, "ALAMEDA", AS_OF_DATE, scatter=True)
    rows = rows_of(Path(put(folder, "edges.csv", content)))
    rows = [row | {"RECORD_ID": str(number)} for number, row in enumerate(rows)]
    return rows, whole(folder, as_csv(rows), county="ALAMEDA")


@pytest.mark.parametrize("seed", [0, 1, *(long(seed) for seed in range(2, 60))])
def test_any_split_gives_what_the_whole_gives(
    seed: int, fabricated: tuple[list[Row], dict[str, Any]], tmp_path: Path
) -> None:
    rows, expected = fabricated
    rng = random.Random(seed)
    parts = parts_of(rows, rng, rng.choice((0.0, 0.1, 0.5)))
    paths = [put(tmp_path, f"{place}.csv", as_csv(part)) for place, part in enumerate(parts)]
    store, how = tmp_path / "store", {"county": "ALAMEDA", "block_bytes": rng.choice((2000, 2**16)), "buckets": 4}
    later = rng.randint(1, len(paths))
    ingest(paths[:later], store, **how)
    for path in paths[later:]:
        ingest(path, store, add=True, **how)
    assert answers(store, tmp_path) == expected
    assert entry_of(store).records == sum(map(len, parts)) == len(rows) + entry_of(store).quarantined


@pytest.mark.parametrize("seed", [*range(3), *(long(seed) for seed in range(3, 30))])
def test_the_order_of_parts_changes_no_figure(seed: int, tmp_path: Path, base: dict[str, Any]) -> None:
    rng = random.Random(seed)
    parts = parts_of(rows_of(BASE), rng, 0.3)
    rng.shuffle(parts)
    paths = [put(tmp_path, f"{place}.csv", as_csv(part)) for place, part in enumerate(parts) if part]
    assert ingest(paths, tmp_path / "store", county="ALAMEDA").counts == base["counts"]
    found = answers(tmp_path / "store", tmp_path)
    assert found["summary"] == base["summary"]
    assert found["decisions"] == base["decisions"]


@pytest.mark.long
def test_a_number_that_only_a_later_part_has_joins_the_person(tmp_path: Path) -> None:
    """Rows of a subject lie in a bucket of their own until a part names the person."""
    rows = rows_of(BASE)
    for row in rows[:2]:
        row["CII_NUMBER"] = ""
    expected = whole(tmp_path / "whole", as_csv(rows), buckets=64)
    store = tmp_path / "store"
    ingest(put(tmp_path, "a.csv", as_csv(rows[:2])), store, county="ALAMEDA", buckets=64)
    ingest(put(tmp_path, "b.csv", as_csv(rows[2:])), store, county="ALAMEDA", add=True)
    assert answers(store, tmp_path) == expected
    people = clearscale.open_store(store).table("people").to_pylist()
    assert sorted(person["cii_number"] for person in people) == [b"A0000001", b"A0000002", b"A0000003", b"A0000004"]


@pytest.mark.parametrize(
    "label", ["read extracts", "compare parts", "set repeated records aside", "fold histories"]
)
def test_an_interrupted_ingest_of_parts_resumes(label: str, tmp_path: Path) -> None:
    paths = overlapping(tmp_path)
    with pytest.raises(Interrupted):
        ingest(paths, tmp_path / "store", cluster=InterruptingCluster(label))
    ingest(paths, tmp_path / "store")
    ingest(paths, tmp_path / "other")
    assert contents(tmp_path / "store") == contents(tmp_path / "other")


def test_a_dry_run_of_parts_says_the_same(tmp_path: Path) -> None:
    rows = rows_of(BASE)
    paths = [
        put(tmp_path / "in", name, as_csv(found)) for name, found in (("a.csv", rows[:5]), ("b.csv", rows[3:]))
    ]
    told = ingest(paths, tmp_path / "store", dry_run=True)
    assert not (tmp_path / "store").exists()
    done = ingest(paths, tmp_path / "store")
    for name in ("added", "records", "stored", "quarantined", "findings", "counties"):
        assert getattr(told, name) == getattr(done, name)


def test_refused_parts_leave_nothing(tmp_path: Path) -> None:
    store = tmp_path / "store"
    clearscale.ingest(BASE, store)
    before = contents(store)
    rows = [row | {"SUBJECT_ID": f"9{row['SUBJECT_ID']}", "CII_NUMBER": ""} for row in rows_of(BASE)]
    paths = [put(tmp_path, name, as_csv(found)) for name, found in (("a.csv", rows[:5]), ("b.csv", rows[3:]))]
    with pytest.raises(ExtractError, match="other-people"):
        clearscale.ingest(paths, store)
    assert contents(store) == before


def test_files_of_several_counties_are_told_apart(tmp_path: Path) -> None:
    alameda = [CASE / "splitA.csv", CASE / "splitB.csv"]
    napa = put(tmp_path, "napa.csv", BASE.read_bytes().replace(b"ALAMEDA", b"NAPA").replace(b"A00000", b"A10000"))
    report = clearscale.ingest([alameda[0], napa, alameda[1]], tmp_path / "store")
    assert report.counties == {"splitA.csv": "ALAMEDA", "splitB.csv": "ALAMEDA", "napa.csv": "NAPA"}
    entries = clearscale.open_store(tmp_path / "store").manifest.extracts
    assert [(entry.county, len(entry.parts)) for entry in entries] == [("ALAMEDA", 2), ("NAPA", 1)]
    assert {"ALAMEDA", "NAPA"} <= set(state().counties.names)
