"""Extracts that are read without a scan come to what a scan makes of them: at their ends, again, and at random."""

import os
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.errors import ClearscaleError
from clearscale.extract import parsing, reading, regions
from clearscale.law import state
from tests.support.changing import ChangingCluster, replaced
from tests.support.examples import long, seeds
from tests.support.noting import NotingCluster
from tests.support.samples import (
    HEADER,
    Interrupted,
    InterruptingCluster,
    contents,
    conviction,
    extract,
    ingest,
    put,
    rendered,
)
from tests.support.unscanned import read_in_one_pass, scanned_first

BLOCK = 5000
LABELS = ("read extracts", "compare parts", "set repeated records aside", "store records", "fold histories")

Outcome = tuple[Any, dict[str, bytes]]


@pytest.fixture(autouse=True)
def in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    read_in_one_pass(monkeypatch)


def people(first: int, last: int, county: str = "ALAMEDA", **values: str) -> bytes:
    return rendered([conviction(str(number), county, **values) for number in range(first, last)])


def records(content: bytes) -> bytes:
    return content.partition(b"\n")[2]


def outcome(paths: str | list[str], store: Path, *, scan: bool = False, **options: Any) -> Outcome:
    """(what the report says, or the lines of a refusal in any order; what is in the store)."""
    options = {"block_bytes": BLOCK, "group_blocks": 2, "county": "ALAMEDA", "cluster": NotingCluster(2)} | options
    with pytest.MonkeyPatch.context() as patch:
        if scan:
            scanned_first(patch)
        try:
            report = ingest(paths, store, **options)
        except ClearscaleError as error:
            return sorted(line for line in error.args if "are refused, and nothing" not in line), contents(store)
    told = (report.added, report.replaced, report.unchanged, report.records, report.stored, report.quarantined)
    return (*told, report.findings), contents(store)


def left(store: Path) -> list[str]:
    """Folders in a store that have something of an extract."""
    return sorted(
        str(path.relative_to(store))
        for folder in ("records", "quarantine", "staging")
        for path in (store / folder).glob("*")
        if path.suffix != ".lock"
    )


@pytest.mark.parametrize("group_blocks", [1, 2])
@pytest.mark.parametrize("tail", [b"", b"\n", b"\n\n", b"\n" * 2000, b" \n", b"\x1a"])
@pytest.mark.parametrize("over", [long(-1), 0, long(1)])
def test_an_extract_may_end_at_a_border_of_blocks(
    over: int, tail: bytes, group_blocks: int, tmp_path: Path
) -> None:
    content = people(0, 60)
    last = rendered([conviction("98", "ALAMEDA")], header=False)
    lacking = (over - len(content) - len(last)) % BLOCK
    content += rendered([conviction("98", "ALAMEDA", COMMENT_TEXT="x" * lacking)], header=False)
    assert (len(content) - over) % BLOCK == 0
    path = put(tmp_path, "alameda.csv", content + tail)
    how = {"group_blocks": group_blocks, "quarantine": True}
    assert outcome(path, tmp_path / "store", **how) == outcome(path, tmp_path / "scanned", scan=True, **how)
    assert outcome(path, tmp_path / "no", dry_run=True, **how)[0] == outcome(path, tmp_path / "store2", **how)[0]


def malformed(first: int, last: int) -> bytes:
    lines = people(first, last).splitlines(keepends=True)
    return b"".join([*lines[: len(lines) // 2], b"too,few\n", *lines[len(lines) // 2 :]])


@pytest.mark.parametrize("before", ["nothing", "refused", long("killed")])
@pytest.mark.parametrize("quarantine", [True, False])
def test_the_same_malformed_records_under_two_names_are_one_file(
    quarantine: bool, before: str, tmp_path: Path
) -> None:
    paths = [put(tmp_path, name, malformed(1, 61)) for name in ("a.csv", "b.csv")]
    found = []
    for scan in (False, True):
        store = tmp_path / str(scan)
        if before == "refused":
            outcome(paths[0], store, scan=scan)
        elif before == "killed":
            with suppress(Interrupted):
                outcome(paths[0], store, scan=scan, quarantine=True, cluster=InterruptingCluster("fold histories"))
        found.append(outcome(paths, store, scan=scan, quarantine=quarantine))
    assert found[0] == found[1]
    if quarantine:
        assert found[0][0][:6] == (("a.csv",), (), (), 61, 60, 1)


def test_malformed_records_that_the_store_has_are_known_under_another_name(tmp_path: Path) -> None:
    paths = [put(tmp_path, name, malformed(1, 61)) for name in ("a.csv", "b.csv")]
    outcome(paths[0], tmp_path / "store", quarantine=True)
    assert outcome(paths[1], tmp_path / "store")[0][:3] == ((), (), ("a.csv",))


@pytest.mark.parametrize("scan", [long(True), False])
@pytest.mark.parametrize("label", [long(LABELS[0]), *LABELS[1:3]])
def test_a_part_that_changes_before_parts_are_compared_or_set_aside_is_refused(
    label: str, scan: bool, tmp_path: Path
) -> None:
    content = people(0, 60, PRI_NAME="ROE,PAT") + records(people(0, 20))
    paths = [put(tmp_path, "a.csv", people(0, 60)), put(tmp_path, "b.csv", content)]
    cluster = ChangingCluster(label, lambda: replaced(Path(paths[1]), content.replace(b"ROE", b"DOE")))
    told, stored = outcome(paths, tmp_path / "store", scan=scan, cluster=cluster)
    assert len(told) == 1
    assert told[0] == "b.csv: the file changed while it was being read; run the command again"
    assert not stored.keys() - {".lock"}
    again = outcome(paths, tmp_path / "store", scan=scan)
    assert again == outcome(paths, tmp_path / "fresh", scan=True)


@pytest.mark.parametrize("scan", [long(True), False])
@pytest.mark.parametrize("label", [long(LABELS[0]), *LABELS[1:3]])
def test_a_part_that_is_removed_meanwhile_is_refused(label: str, scan: bool, tmp_path: Path) -> None:
    paths = [put(tmp_path, "a.csv", people(0, 60)), put(tmp_path, "b.csv", people(50, 90))]
    cluster = ChangingCluster(label, lambda: Path(paths[1]).unlink())
    told, stored = outcome(paths, tmp_path / "store", scan=scan, cluster=cluster)
    assert told == [f"{paths[1]}: there is no such file"]
    assert not stored.keys() - {".lock"}


@pytest.mark.parametrize("scan", [long(True), False])
def test_nothing_of_parts_is_set_aside_where_one_changes_then(scan: bool, tmp_path: Path) -> None:
    parts = [people(0, 60), *(people(0, 20) + records(people(100 * k, 100 * k + 40)) for k in (1, 2))]
    paths = [put(tmp_path, f"{number}.csv", content) for number, content in enumerate(parts)]

    def change() -> None:
        """Change the third file when records of the second are set aside."""
        assert any(name.startswith("quarantine/") for name in left(tmp_path / "store"))
        replaced(Path(paths[2]), parts[2].replace(b"DOE", b"ROE"))

    cluster = ChangingCluster("set repeated records aside", change, turn=2)
    told, _ = outcome(paths, tmp_path / "store", scan=scan, cluster=cluster)
    assert told == ["2.csv: the file changed while it was being read; run the command again"]
    assert cluster.passes == 2
    assert not any(name.startswith("quarantine/") for name in left(tmp_path / "store"))
    again = outcome(paths, tmp_path / "store", scan=scan)
    assert again == outcome(paths, tmp_path / "fresh", scan=True)


def test_one_that_changed_keeps_nothing_of_before_though_its_time_is_the_same(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", content := people(0, 300))
    before = Path(path).stat()
    with pytest.raises(Interrupted):
        outcome(path, tmp_path / "store", group_blocks=1, cluster=InterruptingCluster("read extracts", 4))
    Path(path).write_bytes(content.replace(b"DOE,PAT", b"ROE,LEE"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert Path(path).stat().st_mtime_ns == before.st_mtime_ns
    found = outcome(path, tmp_path / "store", group_blocks=1)
    assert found == outcome(path, tmp_path / "fresh", group_blocks=1)


@pytest.mark.long
@pytest.mark.parametrize("scan", [True, False])
@pytest.mark.parametrize("label", LABELS)
def test_nothing_of_an_interrupted_ingest_of_parts_stays(label: str, scan: bool, tmp_path: Path) -> None:
    met = False
    for after in range(4):
        folder = tmp_path / str(after)
        paths = [
            put(folder, "a.csv", people(0, 60)),
            put(folder, "b.csv", people(60, 100) + records(people(20, 40))),
        ]
        try:
            outcome(paths, folder / "store", scan=scan, cluster=InterruptingCluster(label, after))
        except Interrupted:
            met = True
        else:
            break
        replaced(Path(paths[0]), people(0, 50))
        assert outcome(paths[0], folder / "store", scan=scan) == outcome(paths[0], folder / "fresh", scan=True)
        assert left(folder / "store") == left(folder / "fresh")
    assert met


@pytest.mark.parametrize("scan", [True, False])
def test_nothing_of_one_county_is_set_aside_where_another_is_refused(scan: bool, tmp_path: Path) -> None:
    shared = records(people(20, 40))
    parts = {
        "a.csv": people(0, 60),
        "b.csv": people(60, 100) + shared,
        "y.csv": people(200, 400, "YOLO"),
        "z.csv": people(200, 401, "YOLO"),
    }
    paths = [put(tmp_path, name, content) for name, content in parts.items()]
    county = {"a.csv": "ALAMEDA", "b.csv": "ALAMEDA", "y.csv": "YOLO", "z.csv": "YOLO"}
    accepted = tuple(name for name in state().findings.listed if name != "same-records-in-parts")
    told, _ = outcome(paths, tmp_path / "store", scan=scan, county=county, accept=accepted)
    assert any("same-records-in-parts" in line for line in told)
    assert not [name for name in left(tmp_path / "store") if not name.startswith("staging/")]


@pytest.mark.parametrize("purge", [{"cii": "A250"}, {"extract": "a.csv"}])
@pytest.mark.parametrize("name", ["a.csv", "october.csv"])
def test_destroyed_records_do_not_come_back_even_into_staging(
    name: str, purge: dict[str, str], tmp_path: Path
) -> None:
    store = tmp_path / "store"
    outcome(
        [put(tmp_path, "a.csv", people(0, 300)), put(tmp_path, "k.csv", people(400, 420, "KERN"))],
        store,
        county={"a.csv": "ALAMEDA", "k.csv": "KERN"},
    )
    clearscale.purge(store, **purge)
    again = put(tmp_path / "again", name, people(0, 300))
    other = put(tmp_path, "y.csv", people(500, 700, "YOLO"))
    change = ChangingCluster("read extracts", lambda: replaced(Path(other), people(500, 700, "YOLO", OFN="OTHER1")))
    outcome([again, other], store, county={name: "ALAMEDA", "y.csv": "YOLO"}, cluster=change, accept=())
    for path in store.rglob("*"):
        assert not path.is_file() or b"A250" not in path.read_bytes(), path.relative_to(store)


ODD_LINES = [
    b"",
    b"\r",
    b"too,few",
    b'a"b',
    b'"never closed',
    b"," * 94,
    b"TOTAL 500 RECORDS",
    b'"' + b"y" * 3000 + b'",',
]
ODD_TEXTS = ["two\nlines", 'say "no"', "a\r\nb", "\n\n", "x" * 1500, "x" * 20_000, '"', ",,,\n" + "," * 94 + "\n"]


def made(chance: random.Random) -> bytes:
    """An extract, well-formed or not."""
    rows = []
    for number in range(chance.randrange(8, 150)):
        values: dict[str, str] = {}
        for share, name, texts in (
            (0.05, "PRI_DOB", ("18000101", "xx", "19990230")),
            (0.05, "CII_NUMBER", ("", "A1", "0")),
            (0.03, "CNT_ORDER", ("1", "")),
            (0.1, "COMMENT_TEXT", ODD_TEXTS),
            (0.05, "STP_ORI_CNTY_NAME", ("YOLO",)),
        ):
            if chance.random() < share:
                values[name] = chance.choice(texts)
        rows.append(conviction(str(chance.randrange(1, 25)), "ALAMEDA", number % 7 + 1, **values))
    content = rendered(rows) if chance.random() < 0.8 else extract(seed=chance.randrange(50), scatter=True)
    lines = content.split(b"\n")
    for _ in range(chance.choice([0, 0, 0, 1, 2])):
        lines.insert(chance.randrange(1, len(lines)), chance.choice([*ODD_LINES, HEADER.rstrip(b"\n")]))
    content = b"\n".join(lines)
    if chance.random() < 0.15:
        content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    if chance.random() < 0.1:
        content = b"\xef\xbb\xbf" + content
    ends: list[Callable[[], bytes]] = [
        lambda: content,
        lambda: content,
        lambda: content[:-1],
        lambda: content + b"\n\n\n",
        lambda: content + b"\x1a",
        lambda: content[: chance.randrange(1, len(content))],
    ]
    return chance.choice(ends)()


@pytest.mark.sampled
def test_what_is_read_at_random_is_the_same(tmp_path: Path) -> None:
    for seed in seeds(200):
        chance = random.Random(seed)
        folder = tmp_path / str(seed)
        names = [f"{number}.csv" for number in range(chance.choice([1, 1, 2, 3]))]
        paths = [put(folder, name, made(chance)) for name in names]
        if chance.random() < 0.15:
            paths.append(put(folder, "twin.csv", Path(paths[0]).read_bytes()))
        if chance.random() < 0.1:
            paths.append(paths[0])
        how: dict[str, Any] = {
            "block_bytes": chance.choice([700, 3000, 5000, 9973, 40_000]),
            "group_blocks": chance.choice([1, 2, 3, 100]),
            "quarantine": chance.random() < 0.8,
            "dry_run": chance.random() < 0.1,
        }
        with pytest.MonkeyPatch.context() as patch:
            read_in_one_pass(patch, chance.choice([300, 1000, 4096]))
            patch.setattr(regions, "_LOOKED_BACK", chance.choice([50, 600, 2**16]))
            patch.setattr(reading, "_LONGEST_OPENING", chance.choice([2**11, 2**12]))
            patch.setattr(parsing, "_SAMPLE_BYTES", chance.choice([2**17, 400]))
            if chance.random() < 0.4:
                cluster = InterruptingCluster(chance.choice(LABELS), chance.randrange(6))
                with suppress(Interrupted):
                    outcome(paths, folder / "store", **how | {"cluster": cluster})
            if not (folder / "store/manifest.json").exists():
                found = outcome(paths, folder / "store", **how)
                expected = outcome(paths, folder / "scanned", scan=True, **how)
                assert found[0] == expected[0], f"seed {seed}"
                if isinstance(found[0], tuple):  # of other files than the refused ones something may wait
                    assert found[1] == expected[1], f"seed {seed}"
                    assert how["dry_run"] or left(folder / "store") == left(folder / "scanned"), f"seed {seed}"
