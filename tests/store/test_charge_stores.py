"""Files of charges in a store: nothing is lost, and what comes out does not depend on how it was cut and dealt."""

import contextlib
import gzip
import random
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import clearscale
from clearscale.errors import ClearscaleError, ExtractError, StoreError
from clearscale.formats import ColumnMap, load_map
from clearscale.formats.reading import Reading
from clearscale.store.charge_ingest.ingest import ingest_charges
from clearscale.store.charge_ingest.report import ChargeReport
from clearscale.store.charge_store import ChargeStore, open_charges
from clearscale.store.ingest.settings import Settings
from clearscale.synth import fabricate_charges
from clearscale_cluster import Cluster, open_cluster
from tests.charges.test_grouping import is_as_plain
from tests.formats.made import COOK, ROW, formed, rendered
from tests.support.damaging import damage
from tests.support.examples import examples, seeds
from tests.support.power import ForgetfulDisk, PowerCut
from tests.support.samples import Interrupted, contents
from tests.support.stopping import Steps

SMALL = {"block_bytes": 3000, "group_blocks": 2}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fabricated file of Cook's."""
    folder = tmp_path_factory.mktemp("charges")
    return Path(fabricate_charges(str(folder), COOK, people=45, seed=7).path)


def take(
    store: Path | str, *files: Path | str, stated: ColumnMap = COOK, where: str | Cluster = "threads:1", **how: Any
) -> ChargeReport:
    """Take files into a store."""
    place = open_cluster(where) if isinstance(where, str) else contextlib.nullcontext(where)
    with place as cluster:
        return ingest_charges([str(file) for file in files], str(store), stated, cluster, Settings(**how))


def all_of(store: ChargeStore) -> dict[str, Any]:
    """What all buckets say, one after the other."""
    tables = [store.tables(bucket) for bucket in range(store.buckets)]
    joined = {
        f"{part}.{name}": np.concatenate([getattr(getattr(table, part), name) for table in tables])
        for part, names in PARTS.items()
        for name in names
    }
    numbers = pa.concat_tables([store.numbers(bucket) for bucket in range(store.buckets)]).to_pylist()
    return {**joined, "numbers": numbers, "words": store.words}


PARTS = {
    "charges": (
        "offense",
        "county",
        "disposition",
        "marks",
        "arrest_date",
        "filing_date",
        "grams_to",
        "line",
        "file",
    ),
    "people": ("birth_date", "sex", "race", "marks"),
}


def same(one: Mapping[str, Any], other: Mapping[str, Any], but: Iterable[str] = ()) -> None:
    for name, values in one.items():
        if name in but:
            continue
        if isinstance(values, np.ndarray):
            np.testing.assert_array_equal(values, other[name], name)
        else:
            assert values == other[name], name


def rows_of(files: Sequence[Path], ids: Mapping[str, str], stated: ColumnMap = COOK) -> list[dict[str, Any]]:
    """What the files hold, each with the id that the store has for it."""
    return [
        {**row, "file": ids[row["file"]]}
        for file in files
        for piece in Reading([str(file)], stated)
        for row in piece.charges.to_pylist()
    ]


def ids_in(store: ChargeStore) -> dict[str, str]:
    return {file.name: file.id for file in store.manifest.read}


def test_what_goes_in_comes_out(made: Path, tmp_path: Path) -> None:
    report = take(tmp_path / "store", made, buckets=1)
    store = open_charges(tmp_path / "store")
    rows = rows_of([made], ids_in(store))
    assert report.records == report.stored == len(rows) == report.counts["charges"]
    assert report.quarantined == 0
    is_as_plain(store.tables(0), rows)
    by_line = {row["line"]: row for row in rows}
    for line, number in zip(store.tables(0).charges.line.tolist(), store.numbers(0).to_pylist(), strict=True):
        row = by_line[line]
        assert number == {
            "identity": f"key:{row['person']}",
            "number": row["case"],
            "sequence": row["sequence"],
        }
    assert store.manifest.told == store.words.told
    assert {"person", "county", "amended"} <= store.words.told
    for file in (tmp_path / "store").rglob("*"):
        assert stat.S_IMODE(file.stat().st_mode) == (0o750 if file.is_dir() else 0o640), file


def test_the_same_however_it_is_cut_dealt_and_worked_on(made: Path, tmp_path: Path) -> None:
    take(tmp_path / "whole", made)
    whole = contents(tmp_path / "whole" / "snapshots")
    for number, how in enumerate(({"block_bytes": 2000, "where": "threads:2"}, SMALL)):
        take(tmp_path / str(number), made, **how)
        cut = contents(tmp_path / str(number) / "snapshots")
        assert {name: bytes_ for name, bytes_ in cut.items() if "/charges/" in name or "/people/" in name} == {
            name: bytes_ for name, bytes_ in whole.items() if "/charges/" in name or "/people/" in name
        }
        assert {name for name in cut if name.endswith((".arrow", ".parquet"))} == {
            name for name in whole if name.endswith((".arrow", ".parquet"))
        }
        for name in cut:
            assert name.endswith(".json") or cut[name] == whole[name], name
    expected = all_of(open_charges(tmp_path / "whole"))
    take(tmp_path / "dealt", made, buckets=13)
    same(all_of(open_charges(tmp_path / "dealt")), expected)


def test_files_may_come_one_after_the_other(made: Path, tmp_path: Path) -> None:
    lines = made.read_bytes().splitlines(keepends=True)
    parts = [tmp_path / name for name in ("one.csv", "two.csv", "three.csv")]
    for place, part in enumerate(parts):
        part.write_bytes(b"".join([lines[0], *lines[1 + place :: 3]]))
    take(tmp_path / "together", *parts)
    for part in reversed(parts):
        last = take(tmp_path / "store", part, **SMALL)
    assert last.snapshot.startswith("000003-")
    together, store = open_charges(tmp_path / "together"), open_charges(tmp_path / "store")
    same(all_of(store), all_of(together))
    assert store.manifest.counts == together.manifest.counts
    before = contents(tmp_path / "store")
    again = take(tmp_path / "store", *parts)
    assert (again.added, sorted(again.unchanged)) == ((), sorted(part.name for part in parts))
    assert contents(tmp_path / "store") == before
    assert not (tmp_path / "store" / "staging").exists()


def test_a_file_takes_the_place_of_one_of_its_name(made: Path, tmp_path: Path) -> None:
    lines = made.read_bytes().splitlines(keepends=True)
    names = ("a", "b", "c")
    for place, name in enumerate(names):
        (tmp_path / name).mkdir()
        (tmp_path / name / "charges.csv").write_bytes(b"".join([lines[0], *lines[1 + place : 90 : 3]]))
    first, second, third = (tmp_path / name / "charges.csv" for name in names)
    take(tmp_path / "store", first)
    report = take(tmp_path / "store", second)
    assert report.replaced == ("charges.csv",)
    take(tmp_path / "alone", second)
    same(all_of(open_charges(tmp_path / "store")), all_of(open_charges(tmp_path / "alone")))
    assert take(tmp_path / "store", third, add=True).replaced == ()
    assert len(open_charges(tmp_path / "store").manifest.read) == 2
    earlier = open_charges(tmp_path / "store", report.snapshot)
    same(all_of(earlier), all_of(open_charges(tmp_path / "alone")))


def test_parquet_and_compressed_files_give_what_text_gives(made: Path, tmp_path: Path) -> None:
    take(tmp_path / "text", made)
    expected = all_of(open_charges(tmp_path / "text"))
    names = COOK.columns
    kinds = pa.csv.ConvertOptions(column_types={name: pa.string() for name in names}, strings_can_be_null=False)
    table = pa.csv.read_csv(made, convert_options=kinds)
    pq.write_table(table, tmp_path / "il-cook-clerk.parquet", row_group_size=37)
    (tmp_path / "il-cook-clerk.csv.gz").write_bytes(gzip.compress(made.read_bytes()))
    for name in ("il-cook-clerk.parquet", "il-cook-clerk.csv.gz"):
        report = take(tmp_path / name.rpartition(".")[2], tmp_path / name, **SMALL)
        assert report.records == table.num_rows
        found = all_of(open_charges(tmp_path / name.rpartition(".")[2]))
        same(found, expected, ("words", "charges.line", "charges.file"))
        assert (found["charges.line"] + name.endswith("parquet") == expected["charges.line"]).all()
        assert found["words"].offenses == expected["words"].offenses


def test_records_that_cannot_be_used_are_refused_or_set_aside(tmp_path: Path) -> None:
    file = tmp_path / "charges.csv"
    file.write_bytes(rendered([ROW, ROW | {"sequence_number": "2"}]) + b"short,record\n" + rendered([ROW]))
    with pytest.raises(ExtractError, match=r"charges.csv: 2 records cannot be used \(line 4, 5\)") as refused:
        take(tmp_path / "store", file)
    assert "IR1" not in str(refused.value)
    assert not any((tmp_path / "store").rglob("*.arrow"))
    dry = take(tmp_path / "store", file, dry_run=True)
    assert dry.refused
    report = take(tmp_path / "store", file, quarantine=True)
    assert (report.records, report.stored, report.quarantined) == (5, 3, 2)
    assert report.aside == {"another number of values": 1, "a header in the midst": 1}
    store = open_charges(tmp_path / "store")
    (entry,) = store.manifest.read
    (aside,) = store.aside(entry)
    assert aside.column("line").to_pylist() == [4, 5]
    assert aside.column("record").to_pylist()[0] == b"short,record"
    assert entry.is_conserved


def test_nothing_is_written_by_a_dry_run(made: Path, tmp_path: Path) -> None:
    report = take(tmp_path / "store", made, dry_run=True)
    assert report.records > 60
    assert report.snapshot == ""
    assert not (tmp_path / "store").exists()


def test_what_is_doubtful_is_refused_unless_it_is_accepted(tmp_path: Path) -> None:
    file = tmp_path / "charges.csv"
    file.write_bytes(rendered([{**ROW, "chrgdisp": "WHO KNOWS", "case_number": str(case)} for case in range(9)]))
    with pytest.raises(ExtractError, match=r"refused, nothing of it was stored") as refused:
        take(tmp_path / "store", file)
    assert 'accept=["unusual-dispositions"]' in str(refused.value)
    assert "WHO KNOWS" not in str(refused.value)
    with pytest.raises(ClearscaleError, match="did you mean 'unusual-dispositions'"):
        take(tmp_path / "store", file, accept=["unusual-disposition"])
    report = take(tmp_path / "store", file, accept=["unusual-dispositions"])
    assert [one.name for one in report.findings["charges.csv"] if one.accepted] == ["unusual-dispositions"]


def test_the_same_charges_in_two_files_are_refused(tmp_path: Path) -> None:
    rows = [{**ROW, "case_number": str(case)} for case in range(20)]
    (tmp_path / "one.csv").write_bytes(rendered(rows))
    (tmp_path / "two.csv").write_bytes(
        rendered([{**row, "sex": "F"} for row in rows]) + rendered(rows, header=False)
    )
    before = take(tmp_path / "store", tmp_path / "one.csv")
    kept = contents(tmp_path / "store")
    with pytest.raises(ExtractError, match=r"all files together: refused.*\n.*repeated-keys: 40 of 60 records"):
        take(tmp_path / "store", tmp_path / "two.csv")
    assert contents(tmp_path / "store") == kept
    report = take(tmp_path / "store", tmp_path / "two.csv", accept=["repeated-keys"])
    assert report.snapshot > before.snapshot
    assert report.findings[""][0].accepted
    # What was accepted stays so.
    (tmp_path / "three.csv").write_bytes(rendered(rows[:3]))
    take(tmp_path / "store", tmp_path / "three.csv")


def test_a_store_is_of_one_kind_and_read_by_one_map(made: Path, tmp_path: Path) -> None:
    take(tmp_path / "store", made)
    values = {**COOK.document["values"], "level": {"felony": ["F"]}}
    other = replace(COOK, document={**COOK.document, "values": values})
    with pytest.raises(StoreError, match=r"read by another map \(il-cook-clerk\)"):
        take(tmp_path / "store", made, stated=other)
    renamed = replace(COOK, document={**COOK.document, "title": "Another"})
    assert take(tmp_path / "store", made, stated=renamed).unchanged == (made.name,)
    with pytest.raises(StoreError, match=r"holds charges of the format il-cook-clerk"):
        clearscale.open_store(tmp_path / "store")
    with pytest.raises(StoreError, match=r"there is no store"):
        open_charges(tmp_path / "none")
    assert not clearscale.verify(tmp_path / "store", cluster="threads:1").damaged


def test_a_store_of_extracts_takes_no_charges(made: Path, tmp_path: Path) -> None:
    from clearscale.synth import fabricate

    (extract, *_) = fabricate(str(tmp_path / "extracts"), counties=1, people=5, seed=1)
    clearscale.ingest(extract.path, tmp_path / "store", cluster="threads:1")
    with pytest.raises(StoreError, match="holds extracts, and this is about stores of charges"):
        take(tmp_path / "store", made)
    with pytest.raises(StoreError, match="holds extracts, and this is about stores of charges"):
        open_charges(tmp_path / "store")


def test_chunks_of_one_file_have_one_header(made: Path, tmp_path: Path) -> None:
    stated = formed(COOK, header="first")
    lines = made.read_bytes().splitlines(keepends=True)
    (tmp_path / "one.csv").write_bytes(b"".join(lines[:90]))
    (tmp_path / "two.csv").write_bytes(b"".join(lines[90:]))
    report = take(tmp_path / "store", tmp_path / "one.csv", tmp_path / "two.csv", stated=stated, **SMALL)
    assert report.records == len(lines) - 1


def test_people_without_keys_are_counted(tmp_path: Path) -> None:
    stated = load_map("generic-charges")
    rows = [
        {
            "case_number": str(place // 2),
            "charge_number": str(place),
            "statute": "PL 221.05",
            "disposition": "GUILTY",
        }
        for place in range(8)
    ]
    (tmp_path / "charges.csv").write_bytes(rendered(rows, stated))
    report = take(tmp_path / "store", tmp_path / "charges.csv", stated=stated)
    assert report.counts == {"charges": 8, "cases": 4, "people": 4, "unknown_people": 4}


def test_an_interrupted_ingest_goes_on_to_the_same_store(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = made.read_bytes().splitlines(keepends=True)
    (tmp_path / "first.csv").write_bytes(b"".join(lines[:60]))
    (tmp_path / "more.csv").write_bytes(b"".join([lines[0], *lines[60:95]]))

    def twice(store: Path) -> None:
        take(store, tmp_path / "first.csv", buckets=2, block_bytes=4000)
        take(store, tmp_path / "more.csv", block_bytes=4000)

    with monkeypatch.context() as patch:
        counted = Steps(patch)
        twice(tmp_path / "whole")
    whole = contents(tmp_path / "whole")
    assert counted.done > 30
    chance = random.Random(5)
    stops = range(counted.done)
    for stop in sorted(chance.sample(stops, min(len(stops), examples(24 * 12) // 4))):
        store = tmp_path / f"stopped-{stop}"
        with monkeypatch.context() as patch:
            Steps(patch, stop)
            with pytest.raises(Interrupted):
                twice(store)
        twice(store)
        assert contents(store) == whole, stop


def test_a_damaged_file_is_an_error_that_names_it(made: Path, tmp_path: Path) -> None:
    take(tmp_path / "whole", made, buckets=2, block_bytes=9000)
    expected = all_of(open_charges(tmp_path / "whole"))
    told = 0
    for seed in seeds(24 * 12):
        store = tmp_path / str(seed)
        shutil.copytree(tmp_path / "whole", store)
        harmed = damage(store, seed)
        error = outcome(store, expected)
        told += error is not None
        assert error is None or harmed.named_in(str(error))
        try:
            found = [hurt.file for hurt in clearscale.verify(store, cluster="threads:1").damaged]
        except StoreError as error:
            found = str(error)
        assert contents(store) == contents(tmp_path / "whole") or harmed.named_in(str(found)), harmed
    assert told


def outcome(store: Path, expected: Mapping[str, Any]) -> StoreError | None:
    """The error that reading all of a store comes to, None if it says what is expected."""
    try:
        same(all_of(open_charges(store)), expected)
    except StoreError as error:
        return error
    return None


@pytest.mark.long
def test_an_encrypted_store_says_the_same_and_shows_nothing(made: Path, tmp_path: Path) -> None:
    clearscale.make_key(tmp_path / "key")
    clearscale.start_encryption(tmp_path / "store", f"file:{tmp_path / 'key'}")
    take(tmp_path / "store", made, **SMALL)
    take(tmp_path / "plain", made, **SMALL)
    same(all_of(open_charges(tmp_path / "store")), all_of(open_charges(tmp_path / "plain")))
    persons = [row["person"].encode() for piece in Reading([str(made)], COOK) for row in piece.charges.to_pylist()]
    for path in (tmp_path / "store").rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert not any(person in content for person in persons), path
    assert not clearscale.verify(tmp_path / "store", cluster="threads:1").damaged


@pytest.mark.long
def test_worker_processes_give_the_same_bytes(made: Path, tmp_path: Path) -> None:
    for place, where in enumerate(("threads:1", "local:2")):
        take(tmp_path / str(place), made, where=where, **SMALL)
    assert contents(tmp_path / "0") == contents(tmp_path / "1")


@pytest.mark.long
def test_a_killed_command_is_given_again(tmp_path: Path) -> None:
    file = fabricate_charges(str(tmp_path / "made"), COOK, people=6000, seed=2).path
    command = [
        sys.executable,
        "-m",
        "clearscale",
        "ingest",
        file,
        "--format",
        "il-cook-clerk",
        "--quiet",
        "--store",
    ]
    subprocess.run([*command, str(tmp_path / "whole")], check=True)
    whole, chance, killed = contents(tmp_path / "whole"), random.Random(1), 0
    for number in range(12):
        store = tmp_path / str(number)
        process = subprocess.Popen([*command, str(store)])
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.6 + 2.5 * chance.random())
        killed += process.poll() is None
        process.kill()
        process.wait()
        subprocess.run([*command, str(store)], check=True)
        assert contents(store) == whole
    assert killed


@pytest.mark.long
@pytest.mark.sampled
def test_a_power_cut_at_any_moment(made: Path, tmp_path: Path) -> None:
    lines = made.read_bytes().splitlines(keepends=True)
    (tmp_path / "first.csv").write_bytes(b"".join(lines[:40]))
    (tmp_path / "more.csv").write_bytes(b"".join([lines[0], *lines[40:90]]))
    how = {"block_bytes": 4000, "buckets": 2}
    take(tmp_path / "earlier", tmp_path / "first.csv", **how)
    before = open_charges(tmp_path / "earlier").manifest.snapshot

    def cut(number: int, after: int | None) -> tuple[ForgetfulDisk, Path]:
        store = tmp_path / str(number) / "store"
        shutil.copytree(tmp_path / "earlier", store)
        with pytest.MonkeyPatch.context() as patch:
            disk = ForgetfulDisk(store, patch, after=after)
            with pytest.raises(PowerCut) if after is not None else contextlib.nullcontext():
                take(store, tmp_path / "more.csv", **how)
        for path in (tmp_path / "earlier").rglob("*"):
            there = store / path.relative_to(tmp_path / "earlier")
            if path.is_file() and there.read_bytes() == path.read_bytes():
                disk.known(there)
        return disk, store

    disk, whole = cut(-1, None)
    assert disk.lose(random.Random(1)) == []
    expected, seen = contents(whole), set()
    for number in seeds(24 * 3):
        chance = random.Random(number)
        cut_short, store = cut(number, chance.randrange(disk.events))
        lost = cut_short.lose(chance)
        seen.add(open_charges(store).manifest.snapshot == before)
        assert not clearscale.verify(store, cluster="threads:1").damaged
        take(store, tmp_path / "more.csv", **how)
        assert contents(store) == expected, f"cut {number}, lost {lost}"
    assert True in seen


@pytest.mark.parametrize("ending", ["rows.arrow", "texts.arrow", "json"])
def test_what_is_kept_of_a_file_is_looked_at_before_it_is_folded_again(
    made: Path, tmp_path: Path, ending: str
) -> None:
    lines = made.read_bytes().splitlines(keepends=True)
    (tmp_path / "first.csv").write_bytes(b"".join(lines[:40]))
    (tmp_path / "more.csv").write_bytes(b"".join([lines[0], *lines[40:60]]))
    take(tmp_path / "store", tmp_path / "first.csv")
    (kept,) = (tmp_path / "store" / "records").rglob(f"*.{ending}")
    content = bytearray(kept.read_bytes())
    content[len(content) // 2] ^= 1
    kept.write_bytes(content)
    before = contents(tmp_path / "store")
    with pytest.raises(StoreError, match=r"what it keeps of first.csv is damaged or missing; put the folder"):
        take(tmp_path / "store", tmp_path / "more.csv")
    after = contents(tmp_path / "store")
    assert {name: after[name] for name in before} == before
    assert [damage.file for damage in clearscale.verify(tmp_path / "store", cluster="threads:1").damaged] == [
        str(kept)
    ]


def test_a_store_that_lost_its_manifest_is_not_begun_anew(made: Path, tmp_path: Path) -> None:
    take(tmp_path / "store", made)
    (tmp_path / "store" / "manifest.json").unlink()
    kept = contents(tmp_path / "store")
    for again in (lambda: open_charges(tmp_path / "store"), lambda: take(tmp_path / "store", made)):
        with pytest.raises(StoreError, match=r"manifest.json: is missing; copy manifest.json of the newest folder"):
            again()
    assert contents(tmp_path / "store") == kept
