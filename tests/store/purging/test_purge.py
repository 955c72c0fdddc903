"""A person is destroyed in every file of a store, and what remains is what an ingest without the person gives."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import clearscale
from clearscale.errors import ClearscaleError, ExtractError, RunError, StoreError
from clearscale.io.claims import claim
from clearscale.io.files import Folder
from clearscale.runs import open_run
from clearscale.store import open_store
from clearscale.store.layout import BUCKETED
from clearscale.store.manifest import read_snapshot
from clearscale.store.purging.texts import blot
from tests.support.canary import NUMBER, SUBJECT, WORDS, bad_records, canary, found_below, found_in, others
from tests.support.reference.reading import read
from tests.support.samples import (
    AS_OF,
    OPTIONS,
    Interrupted,
    InterruptingCluster,
    contents,
    decide,
    decisions,
    extract,
    ingest,
    put,
    records,
    rendered,
)

OWN = ("extract", "row")


def figures(run: clearscale.Run) -> dict[str, Any]:
    """All that a run counts and decides, but for the numbers of rows."""
    tables = {name: run.table(name).to_pylist() for name in ("convictions", "people", "flags")}
    decided = sorted(decisions(run, without=OWN), key=repr)
    return {"summary": run.summary, "counties": run.counties, "decisions": decided, **tables}


def checked(store: Path) -> list[dict[str, Any]]:
    """What a check says of a store, but for what was found when its extracts came in, and of which extract."""
    from clearscale.checks import NOTICED

    rows = clearscale.check(store).to_pylist()
    told = ("records-read", "records-purged", "records-quarantined", "quarantine-reason", *NOTICED)
    return [{**row, "extract": ""} for row in rows if row["finding"] not in told]


def conserved(store: Path) -> None:
    """Every record of every snapshot is stored, quarantined or purged, and the histories hold what is stored."""
    for folder in (store / "snapshots").iterdir():
        opened = open_store(str(store), folder.name)
        rows = opened.table("people", ["extract", "rows"])
        for place, entry in enumerate(opened.manifest.extracts):
            assert entry.records == entry.stored + entry.quarantined + entry.purged
            of_entry = rows.filter(pa.compute.equal(rows.column("extract"), place)).column("rows")
            assert sum(of_entry.to_pylist()) == entry.stored == sum(t.num_rows for t in opened.records(entry))
            assert opened.quarantine(entry).num_rows == entry.quarantined


@pytest.mark.parametrize("named", [{"cii": NUMBER}, {"subject": SUBJECT}], ids=str)
def test_nothing_of_a_person_is_left(
    named: dict[str, str], everywhere: Path, without: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    decide(everywhere, tmp_path / "run")
    clearscale.export(tmp_path / "run", "YOLO", tmp_path / "export")
    before = found_below(everywhere)
    for place in (
        "records/",
        "quarantine/",
        "staging/",
        "dictionaries/",
        "people/",
        "histories/",
        ".writing-planted",
    ):
        assert any(place in path for path in before), f"the search looks for nothing in {place}"
    assert found_below(tmp_path / "run")
    assert found_below(tmp_path / "export")
    told = clearscale.purge(everywhere, **named, made=[tmp_path / "run", tmp_path / "export"])
    assert found_below(tmp_path) == {}
    assert not (tmp_path / "run").exists()
    assert not (tmp_path / "export").exists()
    assert (told.records, told.quarantined, told.histories, told.nothing) == (6, 10, 2, False)
    assert clearscale.verify(everywhere).damaged == ()
    conserved(everywhere)
    assert figures(decide(everywhere, tmp_path / "now")) == figures(decide(without, tmp_path / "expected"))
    assert checked(everywhere) == checked(without)
    again = clearscale.purge(everywhere, **named)
    assert again.nothing
    assert again.leftovers == ()
    assert not any(word.decode() in repr(vars(told)) for word in WORDS)


def test_what_remains_is_what_an_ingest_without_them_gives(tmp_path: Path) -> None:
    """Subjects of an extract on edges of the rules, whose copies another county has, leave one after the other."""
    rows = read(extract("ALAMEDA", seed=3, subjects=30))
    store, names = tmp_path / "store", ("alameda.csv", "yolo.csv")
    for name, county, some in zip(names, ("ALAMEDA", "YOLO"), (rows, rows[::2]), strict=True):
        ingest(put(tmp_path, name, rendered(some)), store, county=county, buckets=3, block_bytes=20_000)
    subjects = list(dict.fromkeys(row["SUBJECT_ID"] for row in rows))
    gone: set[bytes] = set()
    for number, subject in enumerate(subjects[3:24:6]):
        numbers = {row["CII_NUMBER"].strip() for row in rows if row["SUBJECT_ID"] == subject} - {b""}
        if numbers and number % 2:
            clearscale.purge(store, cii=[text.decode() for text in numbers])
            gone |= {row["SUBJECT_ID"] for row in rows if row["CII_NUMBER"].strip() in numbers}
        else:
            for name in names:
                clearscale.purge(store, subject=subject.decode(), extract=name)
            gone.add(subject)
    fresh = tmp_path / "fresh"
    for name, county, some in zip(names, ("ALAMEDA", "YOLO"), (rows, rows[::2]), strict=True):
        left = [row for row in some if row["SUBJECT_ID"] not in gone]
        ingest(put(tmp_path / "left", name, rendered(left)), fresh, county=county, buckets=3, block_bytes=20_000)
    assert figures(decide(store, tmp_path / "now")) == figures(decide(fresh, tmp_path / "expected"))
    assert checked(store) == checked(fresh)
    assert clearscale.verify(store).damaged == ()
    conserved(store)
    for kept, made in zip(*(open_store(str(one)).manifest.extracts for one in (store, fresh)), strict=True):
        assert kept.stored == made.stored
    own = {"row"}
    for place in range(2):
        found = [
            [{k: v for k, v in row.items() if k not in own} for row in records(one, place)]
            for one in (store, fresh)
        ]
        assert found[0] == found[1]


def test_a_copy_that_stood_for_its_person_gives_way_to_another(tmp_path: Path) -> None:
    """The longer copy leaves by its subject; the shorter one of the other county stands for the person then."""
    long, short = others("YOLO", 4), [row for row in others("KERN", 4) if row["CNT_ORDER"] == b"001001001000"]
    store = tmp_path / "store"
    ingest(put(tmp_path, "yolo.csv", rendered(long)), store, county="YOLO")
    ingest(put(tmp_path, "kern.csv", rendered(short)), store, county="KERN")
    assert open_store(str(store)).table("people", ["canonical"]).column("canonical").to_pylist().count(False) == 4
    clearscale.purge(store, subject="SY003")
    fresh = tmp_path / "fresh"
    left = rendered([row for row in long if row["SUBJECT_ID"] != b"SY003"])
    ingest(put(tmp_path / "left", "yolo.csv", left), fresh, county="YOLO")
    ingest(put(tmp_path / "left", "kern.csv", rendered(short)), fresh, county="KERN")
    assert figures(decide(store, tmp_path / "now")) == figures(decide(fresh, tmp_path / "expected"))


def test_copies_contradict_no_more_when_the_other_one_left(tmp_path: Path) -> None:
    store, fresh = tmp_path / "store", tmp_path / "fresh"
    yolo = others("YOLO", 4)
    kern = [row | {"PRI_NAME": b"ROE,SAM"} if row["SUBJECT_ID"] == b"SK003" else row for row in others("KERN", 4)]
    left = [row for row in kern if row["SUBJECT_ID"] != b"SK003"]
    for into, rows in ((store, kern), (fresh, left)):
        ingest(put(tmp_path / "in" / into.name, "yolo.csv", rendered(yolo)), into, county="YOLO")
        ingest(put(tmp_path / "in" / into.name, "kern.csv", rendered(rows)), into, county="KERN")
    assert "contradictory-person" in {
        row["flag"] for row in decide(store, tmp_path / "before").table("flags").to_pylist()
    }
    clearscale.purge(store, subject="SK003")
    assert figures(decide(store, tmp_path / "now")) == figures(decide(fresh, tmp_path / "expected"))


def test_an_encrypted_store_stays_one(tmp_path: Path) -> None:
    clearscale.make_key(tmp_path / "key")
    store = tmp_path / "store"
    clearscale.start_encryption(store, f"file:{tmp_path / 'key'}")
    for county in ("YOLO", "KERN"):
        rows = rendered([*others(county, 6), *canary(county)]) + (bad_records() if county == "YOLO" else b"")
        ingest(put(tmp_path / "in", f"{county}.csv", rows), store, county=county, quarantine=True)
    decide(store, tmp_path / "run")
    opened = Folder.rooted(str(store))

    def decrypted() -> dict[str, bytes]:
        return {path: opened.read(path) for path in opened.paths() if path != "encryption.json"}

    assert {path.partition("/")[0] for path in found_in(decrypted())} == {"records", "quarantine", "snapshots"}
    told = clearscale.purge(store, cii=NUMBER, made=tmp_path / "run")
    assert (told.records, told.quarantined) == (4, 5)
    assert found_in(decrypted()) == {}
    assert all(
        path.read_bytes().startswith(b"CLRSCL")
        for path in store.rglob("*")
        if path.suffix in (".parquet", ".arrow")
    )
    assert clearscale.verify(store).damaged == ()
    assert not (tmp_path / "run").exists()
    with pytest.raises(ExtractError, match="purged-records"):
        ingest(str(tmp_path / "in/KERN.csv"), store, county="KERN", accept=())


def test_what_was_made_from_it_says_that_it_is_void(everywhere: Path, tmp_path: Path) -> None:
    decide(everywhere, tmp_path / "run")
    clearscale.sweep(everywhere, OPTIONS, AS_OF, "subjectAgeThreshold=40,50", tmp_path / "sweep")
    clearscale.purge(everywhere, cii=NUMBER)
    for use in (
        lambda: open_run(str(tmp_path / "run")),
        lambda: clearscale.export(tmp_path / "run", "YOLO", tmp_path / "out"),
        lambda: clearscale.report(tmp_path / "run", tmp_path / "pages"),
        lambda: clearscale.tables(tmp_path / "run", tmp_path / "tables"),
        lambda: clearscale.open_sweep(tmp_path / "sweep"),
        lambda: clearscale.diff(tmp_path / "run", tmp_path / "run"),
        lambda: clearscale.serve(tmp_path / "run"),
        lambda: clearscale.explain(tmp_path / "run", "0" * 64, 0),
    ):
        with pytest.raises(
            RunError, match=r"is void: it was made from snapshot 000003-\w+, of which records were dest"
        ):
            use()
    for name in ("run", "sweep"):
        (found,) = clearscale.verify(run=tmp_path / name).damaged
        assert found.file == str(tmp_path / name)
        assert found.what.startswith("void: it was made from snapshot 000003-")
        assert found.remedy == "remove it, and make it again from what the store holds now"
    run = decide(everywhere, tmp_path / "again")
    assert clearscale.verify(run=tmp_path / "again").damaged == ()
    assert open_run(str(tmp_path / "again")).info == run.info
    told = clearscale.purge(everywhere, cii=NUMBER, made=[tmp_path / "run", tmp_path / "sweep"])
    assert told.nothing
    assert not (tmp_path / "sweep").exists()
    with pytest.raises(RunError, match=r"again: its snapshot, \S+, lost nothing, so it was left as it is"):
        clearscale.purge(everywhere, cii=NUMBER, made=tmp_path / "again")
    put(tmp_path, "mine/notes.txt", b"mine")
    with pytest.raises(RunError, match="holds no run, sweep, comparison, papers or county's files"):
        clearscale.purge(everywhere, cii=NUMBER, made=tmp_path / "mine")
    with pytest.raises(StoreError, match=r"there is no snapshot \S+; it was removed by a purge on \d{4}-"):
        open_store(
            str(everywhere), next(iter(json.loads((everywhere / "purged.json").read_text())["entries"][0]["void"]))
        )


def test_what_did_not_finish_and_comparisons_go_too(everywhere: Path, tmp_path: Path) -> None:
    runs = [clearscale.run(everywhere, OPTIONS, as_of, tmp_path / as_of) for as_of in ("2020-07-01", "2020-07-02")]
    clearscale.diff(*runs, out=tmp_path / "diff")
    put(tmp_path, "diff/notes.txt", b"mine")
    with pytest.raises(Interrupted):
        decide(everywhere, tmp_path / "run", InterruptingCluster("write results"))
    made = [tmp_path / name for name in ("run", "diff", "2020-07-01", "2020-07-02")]
    assert all(path.exists() for path in made)
    held = claim(Folder(str(tmp_path / "diff")), ".lock")
    with pytest.raises(RunError, match="diff: another command is writing there"):
        clearscale.purge(everywhere, cii=NUMBER, made=made)
    held.release()
    assert clearscale.purge(everywhere, cii=NUMBER, made=made).made == (str(tmp_path / "diff"),)
    assert [path.name for path in (tmp_path / "diff").iterdir()] == ["notes.txt"]
    assert [path for path in made if path.exists()] == [tmp_path / "diff"]


def test_a_dry_run_says_the_same_and_changes_nothing(everywhere: Path) -> None:
    before = {str(path): path.read_bytes() for path in everywhere.rglob("*") if path.is_file()}
    for what in ({"cii": NUMBER}, {"subject": SUBJECT}, {"extract": "kern.csv"}, {"quarantine": True}):
        told = clearscale.purge(everywhere, **what, dry_run=True)  # type: ignore[arg-type]
        assert told.dry_run
        assert told.receipt == ""
        assert {str(path): path.read_bytes() for path in everywhere.rglob("*") if path.is_file()} == before
    expected = clearscale.purge(everywhere, cii=NUMBER, dry_run=True)
    done = clearscale.purge(everywhere, cii=NUMBER)
    for name in ("records", "quarantined", "histories", "texts", "files", "leftovers", "sources", "other_forms"):
        assert getattr(done, name) == getattr(expected, name)


@pytest.mark.long
def test_the_same_file_does_not_bring_them_back_unasked(everywhere: Path, everywhere_once: Path) -> None:
    clearscale.purge(everywhere, cii=NUMBER)
    options: dict[str, Any] = {"county": "YOLO", "quarantine": True, "block_bytes": 6000}
    yolo = str(everywhere_once / "yolo-later.csv")
    before = contents(everywhere)
    more = put(everywhere.parent, "more.csv", rendered(others("YOLO", 3)))
    for paths in ([yolo], [yolo, more]):
        with pytest.raises(
            ExtractError, match=r"(?s)yolo-later.csv: refused.*\n  purged-records: 7 of .*accept=..purged-r"
        ):
            ingest(paths, everywhere, accept=("bad-records", "other-people", "shrinking-replacement"), **options)
        assert contents(everywhere) == before
    back = ingest(yolo, everywhere, **options)
    assert back.stored == sum(1 for _ in others("YOLO", 12)) + 2
    (found,) = [one for one in back.findings["yolo-later.csv"] if one.name == "purged-records"]
    assert found.accepted
    assert clearscale.verify(everywhere).damaged == ()
    assert ingest(yolo, everywhere, accept=(), **options).unchanged == ("yolo-later.csv",)
    assert found_below(everywhere) != {}
    clearscale.purge(everywhere, cii=NUMBER)
    assert found_below(everywhere) == {}
    with pytest.raises(ExtractError, match="purged-records"):
        ingest(yolo, everywhere, accept=("bad-records",), **options)


@pytest.mark.long
def test_a_subject_that_may_be_several_people_is_asked_for(tmp_path: Path) -> None:
    store = tmp_path / "store"
    for county, number in (("YOLO", "A1"), ("KERN", "A2"), ("FRESNO", "")):
        rows = [*others(county, 3), *(row | {"CII_NUMBER": number.encode()} for row in canary(county))]
        ingest(put(tmp_path, f"{county}.csv", rendered(rows)), store, county=county)
    with pytest.raises(StoreError, match="stands in 3 extracts and may be 3 people; name the extract with extract"):
        clearscale.purge(store, subject=SUBJECT)
    assert clearscale.purge(store, subject=SUBJECT, extract="KERN.csv").records == 2
    with pytest.raises(StoreError, match="stands in 2 extracts and may be 2 people"):
        clearscale.purge(store, subject=SUBJECT)
    assert clearscale.purge(store, cii="A1").records == 2
    assert clearscale.purge(store, subject=SUBJECT).records == 2


def test_a_subject_goes_with_a_number_that_only_one_of_its_records_has(tmp_path: Path) -> None:
    first, second = canary("YOLO")
    rows = [
        *others("YOLO", 3),
        first | {"CII_NUMBER": b"A0000999"},
        second | {"CII_NUMBER": f" {NUMBER} ".encode()},
    ]
    ingest(put(tmp_path, "yolo.csv", rendered(rows)), tmp_path / "store", county="YOLO")
    assert clearscale.purge(tmp_path / "store", cii=NUMBER).records == 2
    assert found_below(tmp_path / "store") == {}


def test_other_forms_of_a_number_are_told_and_left(tmp_path: Path) -> None:
    rows = [*canary("YOLO"), *others("YOLO", 3)]
    rows += [row | {"SUBJECT_ID": b"OTHER", "CII_NUMBER": NUMBER[1:].encode()} for row in canary("YOLO")]
    ingest(put(tmp_path, "yolo.csv", rendered(rows)), tmp_path / "store", county="YOLO")
    told = clearscale.purge(tmp_path / "store", cii=NUMBER)
    assert (told.records, told.other_forms) == (2, 1)


def test_an_extract_leaves_all_snapshots(everywhere: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    told = clearscale.purge(everywhere, extract="kern.csv")
    assert told.records == sum(1 for _ in others("KERN", 12, 4)) + 2
    assert not list(everywhere.glob("records/kern-*"))
    for folder in (everywhere / "snapshots").iterdir():
        assert "kern.csv" not in [
            entry.name for entry in open_store(str(everywhere), folder.name).manifest.extracts
        ]
    assert clearscale.verify(everywhere).damaged == ()
    conserved(everywhere)
    ingest(str(_source(everywhere, "yolo-later.csv")), fresh, county="YOLO", quarantine=True)
    assert figures(decide(everywhere, tmp_path / "now")) == figures(decide(fresh, tmp_path / "expected"))
    with pytest.raises(StoreError, match="the store has no other extract; remove its folder"):
        clearscale.purge(everywhere, extract=open_store(str(everywhere)).manifest.extracts[0].id)
    assert clearscale.purge(everywhere, extract="none.csv").nothing


def _source(store: Path, name: str) -> Path:
    """The file of an extract in the records of a store, as it was handed in."""
    (entry,) = [one for one in open_store(str(store)).manifest.extracts if one.name == name]
    opened = open_store(str(store))
    rows = [row for table in opened.records(entry) for row in table.drop_columns(["row"]).to_pylist()]
    bad = b"".join(opened.quarantine(entry).column("content").to_pylist())
    return Path(put(store.parent / "source", name, rendered(rows) + bad))


def test_files_that_are_parts_of_another_extract_leave_with_it(tmp_path: Path) -> None:
    store = tmp_path / "store"
    yolo, kern = others("YOLO", 4), others("KERN", 4)
    ingest(put(tmp_path, "kern.csv", rendered(kern)), store, county="KERN")
    ingest(put(tmp_path, "a.csv", rendered(yolo)), store, county="YOLO")
    ingest(put(tmp_path, "b.csv", rendered(others("YOLO", 3, 9))), store, county="YOLO", add=True)
    with pytest.raises(StoreError, match=r"are also parts of a-and-1-more-\w+; name that one"):
        clearscale.purge(store, extract="a.csv")
    clearscale.purge(store, extract="a.csv + b.csv")
    assert sorted(path.name for path in (store / "records").iterdir()) == sorted(
        part.id for part in open_store(str(store)).manifest.extracts[0].parts
    )


def test_repeated_records_of_parts_go_with_the_person(tmp_path: Path) -> None:
    store = tmp_path / "store"
    both = [*others("YOLO", 3), *canary("YOLO")]
    paths = [
        put(tmp_path, "a.csv", rendered(both)),
        put(tmp_path, "b.csv", rendered([*both[::-1], *others("YOLO", 3, 7)])),
    ]
    ingest(paths, store, county="YOLO")
    told = clearscale.purge(store, cii=NUMBER)
    assert (told.records, found_below(store)) == (4, {})
    conserved(store)
    assert clearscale.verify(store).damaged == ()


def test_a_snapshot_and_what_only_it_has_leave(everywhere: Path) -> None:
    first, second, third = sorted(path.name for path in (everywhere / "snapshots").iterdir() if path.is_dir())[:3]
    with pytest.raises(StoreError, match="is in force; take in extracts"):
        clearscale.purge(everywhere, snapshot=third)
    for name in (first, second):
        told = clearscale.purge(everywhere, snapshot=name)
        assert told.void == (name,)
    assert not list(everywhere.glob("records/yolo-[0-9a-f]*"))
    assert [path.parent.name for path in everywhere.glob("snapshots/*/manifest.json")] == [third]
    # Of the others stays what the third has of them, and nothing else.
    held = {bucket.path(dataset) for bucket in open_store(str(everywhere)).manifest.held for dataset in BUCKETED}
    files = {str(path.relative_to(everywhere)) for path in everywhere.glob("snapshots/*/*/bucket-*")}
    assert files == held
    assert {path.split("/")[1] for path in files} == {second, third}
    assert clearscale.verify(everywhere).damaged == ()
    assert clearscale.purge(everywhere, snapshot=first).nothing


def test_quarantine_leaves_and_no_run_is_void(everywhere: Path, tmp_path: Path) -> None:
    decide(everywhere, tmp_path / "run")
    told = clearscale.purge(everywhere, quarantine=True)
    assert (told.quarantined, told.records, told.void) == (12, 0, ())
    assert not list(everywhere.glob("quarantine/*"))
    conserved(everywhere)
    assert clearscale.verify(everywhere).damaged == ()
    assert open_run(str(tmp_path / "run")).summary
    assert clearscale.purge(everywhere, quarantine=True).nothing


def test_the_ledger_proves_whom_only_with_the_receipt(everywhere: Path) -> None:
    old = {path: path.read_bytes() for path in everywhere.rglob("*") if path.is_file()}
    told = clearscale.purge(everywhere, cii=NUMBER)
    (entry,) = json.loads((everywhere / "purged.json").read_text())["entries"]
    receipt = bytes.fromhex(told.receipt)
    assert told.receipt not in "".join(path.read_bytes().hex() for path in everywhere.rglob("*") if path.is_file())
    assert entry["asked"] == hmac.new(receipt, NUMBER.encode(), hashlib.sha256).hexdigest()
    assert (entry["records"], entry["quarantined"], entry["command"], entry["what"]) == (6, 10, "purge", "people")
    for path, change in entry["files"].items():
        assert change["before"] == hmac.new(receipt, old[everywhere / path], hashlib.sha256).hexdigest()
        assert change["rows"][1] <= change["rows"][0]


def test_a_record_that_was_destroyed_is_not_explained(everywhere: Path, tmp_path: Path) -> None:
    clearscale.purge(everywhere, cii=NUMBER)
    decide(everywhere, tmp_path / "run")
    (entry,) = [one for one in open_store(str(everywhere)).manifest.extracts if one.name == "kern.csv"]
    for row in (entry.records - 1, entry.records - 2):
        with pytest.raises(
            RunError, match="is no decided conviction: the record was destroyed with `clearscale purge`"
        ):
            clearscale.explain(tmp_path / "run", entry.id, row)


def test_what_is_blotted_out_names_no_charge() -> None:
    assert not any(character in b"0123456789" for code in (0, 11357, 11360) for character in blot(code))
    assert blot(11357) != blot(11358)


@pytest.mark.parametrize(
    "named",
    [
        {},
        {"cii": " "},
        {"cii": NUMBER, "extract": "kern.csv"},
        {"extract": "kern.csv", "quarantine": True},
        {"snapshot": "x", "quarantine": True},
    ],
    ids=str,
)
def test_one_thing_at_a_time_is_named(named: dict[str, Any], everywhere: Path) -> None:
    with pytest.raises(ClearscaleError, match="name what to destroy, one thing at a time"):
        clearscale.purge(everywhere, **named)


def test_snapshots_name_their_parents_by_their_new_names(everywhere: Path) -> None:
    clearscale.purge(everywhere, cii=NUMBER)
    names = sorted(path.name for path in (everywhere / "snapshots").iterdir())
    parents = [read_snapshot(Folder(str(everywhere)), name).parent for name in names]
    assert parents == [None, *names[:-1]]
