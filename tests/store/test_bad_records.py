"""Records that cannot be used: refused with their place and reason, or quarantined and nothing lost."""

import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from clearscale.errors import ExtractError, StoreError
from clearscale.io.files import Folder
from clearscale.runs import open_run
from clearscale.store import open_store
from clearscale.store.ingest.scanning import scan_exactly
from clearscale.store.manifest import read_manifest
from tests.support import reference
from tests.support.examples import long
from tests.support.samples import (
    AS_OF_DATE,
    HEADER,
    OPTIONS,
    Interrupted,
    InterruptingCluster,
    contents,
    conviction,
    decide,
    decisions,
    extract,
    ingest,
    put,
    records,
    refused,
    rendered,
)

PLACE = 13
"""The physical line, counted with the header, before which bad ones are put."""

FIELDS = b"%d fields, not 95"
BARE = b'bare " in non-quoted-field'
QUOTE = b'extraneous or missing " in quoted-field'
SHORT = b"CNT_ORDER is too short to name its case"


def line(**values: str) -> bytes:
    return rendered([conviction("77", "ALAMEDA", **values)], header=False)


@dataclass(frozen=True)
class Bad:
    """Physical lines that are one bad record, and what is wrong with it."""

    content: bytes
    reason: bytes


BAD = {
    "too few fields": Bad(b"a,b,c\n", FIELDS % 3),
    "too many fields": Bad(line(END_OF_REC="*").replace(b"*", b"*,x,"), FIELDS % 97),
    "a 96th field that is not empty": Bad(line(END_OF_REC="*").replace(b"*", b"*,x"), FIELDS % 96),
    "few fields over two lines": Bad(b'1,"a\nb",2\n', FIELDS % 3),
    "bare quote": Bad(line(PRI_NAME="DOE").replace(b"DOE", b'D"OE'), BARE),
    "text behind a quote": Bad(line(PRI_NAME="DOE").replace(b"DOE", b'"DO"E'), QUOTE),
    "blank SUBJECT_ID": Bad(line(SUBJECT_ID=" "), b"SUBJECT_ID is blank"),
    "empty SUBJECT_ID": Bad(line(SUBJECT_ID=""), b"SUBJECT_ID is blank"),
    "conviction without a case": Bad(line(CNT_ORDER="00100"), SHORT),
    "Prop 64 charge without a cycle": Bad(line(DISP_DESCR="DISMISSED", CNT_ORDER="00", OFN=""), SHORT),
    "case number without a case": Bad(line(OFFENSE_DESCR="459 PC", DISP_DESCR="", CNT_ORDER="00100"), SHORT),
}

GOOD_RECORDS = 30

GOOD = extract(subjects=40, seed=3)
FEW = extract(subjects=12, seed=3)
UNQUOTED = rendered([conviction(str(number), "ALAMEDA", OFN=f"C{number}") for number in range(GOOD_RECORDS)])


def with_bad(*bad: bytes, clean: bytes = UNQUOTED) -> bytes:
    """The clean extract, with bad lines put before the line PLACE and its doubles, as long as there are any."""
    result, left = [], list(bad)
    for number, line in enumerate(clean.splitlines(keepends=True), start=1):
        if left and number % PLACE == 0:
            result.append(left.pop(0))
        result.append(line)
    assert not left
    return b"".join(result)


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("block_bytes", [2000, 2**24])
def test_refused_with_file_line_and_reason(kind: str, block_bytes: int, tmp_path: Path) -> None:
    store, bad = tmp_path / "store", BAD[kind]
    ingest(put(tmp_path, "a.csv", GOOD), store)
    before = read_manifest(Folder(str(store)))
    message = refused(
        put(tmp_path, "b.csv", with_bad(bad.content, bad.content)), store, block_bytes=block_bytes, county="YOLO"
    )
    assert message.startswith(f"b.csv, line {PLACE}: {bad.reason.decode()} (1 more records cannot be used). ")
    assert "--on-bad-record quarantine" in message
    assert open_store(str(store)).manifest == before


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with `store` and `run` of the clean extract."""
    folder = tmp_path_factory.mktemp("clean")
    ingest(put(folder, "a.csv", UNQUOTED), folder / "store")
    decide(folder / "store", folder / "run")
    return folder


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("block_bytes", [1000, 2**24])
def test_quarantined_and_nothing_lost(kind: str, block_bytes: int, clean: Path, tmp_path: Path) -> None:
    store, bad = tmp_path / "store", BAD[kind]
    path = put(tmp_path, "b.csv", with_bad(bad.content, bad.content))
    report = ingest(path, store, quarantine=True, block_bytes=block_bytes)
    entry = open_store(str(store)).manifest.extracts[0]
    counted = (GOOD_RECORDS + 2, GOOD_RECORDS, 2)
    assert (report.records, report.stored, report.quarantined) == counted
    assert (entry.records, entry.stored, entry.quarantined) == counted

    lines_of_bad = bad.content.count(b"\n")
    second = 2 * PLACE + lines_of_bad
    quarantined = open_store(str(store)).quarantine(entry).to_pylist()
    reason = bad.reason.decode()
    assert quarantined == [
        {"file": "b.csv", "line": PLACE, "row": PLACE - 2, "reason": reason, "content": bad.content},
        {"file": "b.csv", "line": second, "row": 2 * PLACE - 1, "reason": reason, "content": bad.content},
    ]
    kept = records(store)
    rows = [record.pop("row") for record in kept]
    expected = records(clean / "store")
    for record in expected:
        del record["row"]
    assert kept == expected
    assert rows == [row for row in range(GOOD_RECORDS + 2) if row not in (PLACE - 2, 2 * PLACE - 1)]

    found = decisions(decide(store, tmp_path / "run"), without=["extract", "row"])
    assert found == decisions(open_run(str(clean / "run")), without=["extract", "row"])
    assert len(found) == GOOD_RECORDS


def test_decisions_over_good_rows_are_those_of_the_reference(tmp_path: Path) -> None:
    marks = [bad.content for bad in BAD.values()]
    pieces = GOOD.removeprefix(HEADER)
    content = HEADER + b"".join(marks[:6]) + pieces + b"".join(marks[6:])
    store = tmp_path / "store"
    report = ingest(put(tmp_path, "a.csv", content), store, quarantine=True, block_bytes=5000)
    assert report.quarantined == len(BAD)
    found = [
        (row["row"] - 6, row["determination"], row["reason"])
        for row in decisions(decide(store, tmp_path / "run"))
        if row["county_figure"]
    ]
    assert found == reference.run(GOOD, "ALAMEDA", OPTIONS, AS_OF_DATE).decisions
    assert found


def test_an_unclosed_quote_in_the_middle_takes_one_line(tmp_path: Path) -> None:
    unclosed = line(PRI_NAME="DOE").replace(b"DOE", b'"DOE')
    store = tmp_path / "store"
    path = put(tmp_path, "a.csv", with_bad(unclosed))
    assert f"a.csv, line {PLACE}: {QUOTE.decode()}. " in refused(path, store)
    report = ingest(path, store, quarantine=True)
    assert (report.stored, report.quarantined) == (GOOD_RECORDS, 1)
    [bad] = open_store(str(store)).quarantine(open_store(str(store)).manifest.extracts[0]).to_pylist()
    assert (bad["line"], bad["row"], bad["content"]) == (PLACE, PLACE - 2, unclosed)


@pytest.mark.parametrize("ending", [b"", b"\n"])
@pytest.mark.parametrize("block_bytes", [1000, 2**24])
def test_an_unclosed_quote_at_the_end(ending: bytes, block_bytes: int, tmp_path: Path) -> None:
    unclosed = line(PRI_NAME="DOE").replace(b"DOE", b'"DOE').removesuffix(b"\n") + ending
    store = tmp_path / "store"
    path = put(tmp_path, "a.csv", UNQUOTED + unclosed)
    last = GOOD_RECORDS + 2
    assert f"a.csv, line {last}: {QUOTE.decode()}. " in refused(path, store, block_bytes=block_bytes)
    report = ingest(path, store, quarantine=True, block_bytes=block_bytes)
    assert (report.records, report.stored, report.quarantined) == (GOOD_RECORDS + 1, GOOD_RECORDS, 1)
    [bad] = open_store(str(store)).quarantine(open_store(str(store)).manifest.extracts[0]).to_pylist()
    assert (bad["line"], bad["row"], bad["content"]) == (last, GOOD_RECORDS, unclosed)


def test_lines_are_physical_lines_of_the_file(tmp_path: Path) -> None:
    """Blank lines, quoted line breaks and CRLF before it do not shift a bad record's line."""
    quoted = line(COMMENT_TEXT="one\ntwo\nthree")
    for opening in (HEADER, b"", b"\xef\xbb\xbf" + HEADER, HEADER.replace(b"\n", b"\r\n")):
        content = opening + b"\n" + quoted + b"\r\n" + quoted.replace(b"\n", b"\r\n") + b"1,2\n"
        number = content[: content.index(b"1,2\n")].count(b"\n") + 1
        for block_bytes in (100, 2**24):
            message = refused(put(tmp_path, "a.csv", content), tmp_path / "store", block_bytes=block_bytes)
            assert message.startswith(f"a.csv, line {number}: 2 fields, not 95. ")


def test_a_short_count_order_is_accepted_where_nothing_needs_it(tmp_path: Path) -> None:
    rows = [
        conviction("1", "ALAMEDA"),
        conviction("1", "ALAMEDA", OFFENSE_DESCR="459 PC", DISP_DESCR="", OFN="", CNT_ORDER=""),
        conviction("1", "ALAMEDA", OFFENSE_DESCR="", STP_TYPE_DESCR="DECEASED", DISP_DESCR="", CNT_ORDER="0"),
    ]
    report = ingest(put(tmp_path, "a.csv", rendered(rows)), tmp_path / "store")
    assert (report.stored, report.quarantined) == (3, 0)


def test_refused_among_good_files_and_taken_after_mending(tmp_path: Path) -> None:
    store = tmp_path / "store"
    good = put(tmp_path, "good.csv", extract("YOLO", seed=9))
    bad = put(tmp_path, "bad.csv", with_bad(BAD["blank SUBJECT_ID"].content))
    with pytest.raises(ExtractError, match=rf"bad\.csv, line {PLACE}: SUBJECT_ID is blank"):
        ingest([good, bad], store)
    with pytest.raises(StoreError, match="there is no store"):
        open_store(str(store))
    assert not [path for path in store.rglob("*") if path.name.startswith("bad-")]
    put(tmp_path, "bad.csv", UNQUOTED)
    ingest([good, bad], store)
    ingest([good, bad], tmp_path / "other")
    assert contents(store) == contents(tmp_path / "other")


def test_what_was_quarantined_is_not_accepted_later_without_a_word(tmp_path: Path) -> None:
    """An interrupted ingest with quarantine leaves finished blocks; without it they are refused all the same."""
    store, path = tmp_path / "store", put(tmp_path, "a.csv", with_bad(BAD["blank SUBJECT_ID"].content))
    other = put(tmp_path, "b.csv", b"1,2\n")
    with pytest.raises(Interrupted):
        ingest(path, store, quarantine=True, cluster=InterruptingCluster("fold histories"))
    assert (store / "quarantine").exists()
    with pytest.raises(ExtractError, match=rf"a\.csv, line {PLACE}: SUBJECT_ID is blank"):
        ingest(path, store)
    assert {name.partition("/")[0] for name in contents(store)} == {"snapshots"}
    with pytest.raises(ExtractError, match=r"b\.csv, line 1: 2 fields"):
        ingest([path, other], store)
    ingest(put(tmp_path, "a.csv", UNQUOTED), store)
    ingest(path, tmp_path / "other")
    assert contents(store) == contents(tmp_path / "other")


@pytest.fixture
def doubtful() -> bytes:
    """Clean records, malformed ones in the midst, and a quote after which blocks would be cut elsewhere."""
    stray = line(PRI_NAME="DOE").replace(b"DOE", b'"DOE')
    return with_bad(BAD["bare quote"].content, stray)


@pytest.mark.parametrize("block_bytes", [long(1500), 5000])
def test_a_quick_scan_that_was_wrong_leaves_the_store_of_an_exact_one(
    block_bytes: int, doubtful: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [put(tmp_path, "a.csv", FEW), put(tmp_path, "b.csv", doubtful)]
    ingest(paths, tmp_path / "quick", quarantine=True, block_bytes=block_bytes)
    monkeypatch.setattr(sys.modules["clearscale.store.ingest.scanning"], "scan_extract", scan_exactly)
    ingest(paths, tmp_path / "exact", quarantine=True, block_bytes=block_bytes)
    assert contents(tmp_path / "quick") == contents(tmp_path / "exact")


@pytest.mark.long
@pytest.mark.parametrize("label", ["scan extracts", "read extracts", "fold histories"])
@pytest.mark.parametrize("after", [long(0), long(1), 3, long(9)])
def test_interrupted_among_blocks_with_malformed_records(
    label: str, after: int, doubtful: bytes, tmp_path: Path
) -> None:
    store, paths = tmp_path / "store", [put(tmp_path, "a.csv", FEW), put(tmp_path, "b.csv", doubtful)]
    ingest(paths, tmp_path / "other", quarantine=True, block_bytes=3000)
    with contextlib.suppress(Interrupted):
        ingest(paths, store, quarantine=True, block_bytes=3000, cluster=InterruptingCluster(label, after))
        assert after, "it was to be interrupted"
    ingest(paths, store, quarantine=True, block_bytes=3000)
    assert contents(store) == contents(tmp_path / "other")


def test_an_extract_with_malformed_records_is_taken_again(doubtful: bytes, tmp_path: Path) -> None:
    """Its records are not cut anew while a snapshot holds them."""
    store, path = tmp_path / "store", put(tmp_path, "b.csv", doubtful)
    ingest(path, store, quarantine=True, block_bytes=3000, county="YOLO")
    kept = {name: content for name, content in contents(store).items() if name.startswith("records")}
    assert "b.csv, line" in refused(path, store, block_bytes=3000, county="NAPA")
    assert {name: contents(store)[name] for name in kept} == kept
    ingest(path, store, quarantine=True, block_bytes=3000, county="NAPA")
    assert {name: contents(store)[name] for name in kept} == kept
    assert open_store(str(store)).manifest.extracts[0].county == "NAPA"
