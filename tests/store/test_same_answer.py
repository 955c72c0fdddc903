"""The same answers, byte for byte, however the work is cut and wherever it runs."""

import random
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from clearscale.outputs.export.from_run import export_county
from clearscale.runs import Run
from clearscale.runs import run as running
from clearscale.store import open_store
from clearscale.store.ingest import first_round
from clearscale.store.ingest.blocks import ReadTask
from clearscale_cluster import Cluster, open_cluster
from clearscale_cluster.places.embedded import EmbeddedCluster
from tests.support import reference
from tests.support.examples import is_long, long
from tests.support.samples import (
    AS_OF_DATE,
    OPTIONS,
    answers,
    contents,
    conviction,
    decide,
    decisions,
    extract,
    ingest,
    put,
    records,
    rendered,
)
from tests.support.unscanned import scanned_first

SMALL = 1500 if is_long() else 4000
"""Length of a block where there are to be many; each takes some 15 ms, whatever its size."""

COUNTIES = ("ALAMEDA", "LOS ANGELES", "YOLO")


@pytest.fixture(scope="module", autouse=True)
def a_task_a_bucket() -> Iterator[None]:
    """Buckets as small as here would otherwise all be decided by one task."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "MOST_CANDIDATES", 1)
        yield


@pytest.fixture(scope="module")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """An extract of one county in two parts, and one of each other, rows of subjects mixed in some."""
    folder = tmp_path_factory.mktemp("extracts")
    contents = [
        extract("ALAMEDA", seed=1, subjects=30, scatter=True, padded=True),
        extract("ALAMEDA", seed=2),
        extract("LOS ANGELES", seed=3, scatter=True),
        # Copies of histories that stand in the first extract, too.
        extract("ALAMEDA", seed=1, subjects=30).replace(b"ALAMEDA", b"YOLO"),
    ]
    return [put(folder, f"{number}.csv", content) for number, content in enumerate(contents)]


@pytest.fixture(scope="module")
def expected(extracts: list[str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """All answers with one bucket, one block and one thread."""
    folder = tmp_path_factory.mktemp("expected")
    return everything(extracts, folder, buckets=1, cluster="threads:1", block_bytes=2**24)


def everything(
    extracts: list[str],
    folder: Path,
    *,
    buckets: int = 3,
    cluster: str | Cluster | None = "threads:2",
    block_bytes: int = 2**14,
    group_blocks: int | None = None,
) -> dict[str, bytes]:
    """Ingest, decide and export; all files that hold answers."""
    how = {"buckets": buckets, "block_bytes": block_bytes, "group_blocks": group_blocks}
    with nullcontext(cluster) if isinstance(cluster, Cluster) else open_cluster(cluster) as opened:
        ingest(extracts, folder / "store", cluster=opened, **how)
        run = decide(folder / "store", folder / "run", opened)
        for county in run.counties:
            export_county(run, county, str(folder / "export" / county), opened)
    exported = contents(folder / "export")
    timed = {name: exported.pop(name) for name in list(exported) if name.endswith("gogen.json")}
    assert len(timed) == len(COUNTIES)
    untimed = {
        name: b"\n".join(line for line in content.splitlines() if b"processingTime" not in line)
        for name, content in timed.items()
    }
    return answers(folder / "run") | exported | untimed


@pytest.mark.long
@pytest.mark.parametrize("buckets", [2, 8])
def test_any_number_of_buckets(
    buckets: int, extracts: list[str], expected: dict[str, bytes], tmp_path: Path
) -> None:
    assert everything(extracts, tmp_path, buckets=buckets) == expected


@pytest.mark.long
@pytest.mark.parametrize("cluster", [None, "threads:4"])
def test_any_number_of_threads(
    cluster: str | None, extracts: list[str], expected: dict[str, bytes], tmp_path: Path
) -> None:
    assert everything(extracts, tmp_path, cluster=cluster) == expected


@pytest.mark.slow
@pytest.mark.parametrize("processes", [long(1), 2])
def test_any_number_of_processes(
    processes: int, request: pytest.FixtureRequest, extracts: list[str], expected: dict[str, bytes], tmp_path: Path
) -> None:
    cluster = "local:1" if processes == 1 else request.getfixturevalue("two_processes")
    assert everything(extracts, tmp_path, cluster=cluster) == expected


@pytest.mark.sampled
@pytest.mark.parametrize("block_bytes", [SMALL, long(5000), 40000])
def test_any_size_of_blocks(
    block_bytes: int, extracts: list[str], expected: dict[str, bytes], tmp_path: Path
) -> None:
    assert everything(extracts, tmp_path, block_bytes=block_bytes) == expected
    entries = open_store(str(tmp_path / "store")).manifest.extracts
    assert min(entry.blocks for entry in entries) > (5 if block_bytes < 6000 else 0)


@pytest.mark.sampled
@pytest.mark.parametrize("group_blocks", [long(1), 2, long(7), long(1000)])
def test_any_length_of_block_groups(
    group_blocks: int, extracts: list[str], expected: dict[str, bytes], tmp_path: Path
) -> None:
    assert everything(extracts, tmp_path, block_bytes=SMALL, group_blocks=group_blocks) == expected


@pytest.mark.sampled
def test_many_blocks_are_joined_in_few_groups(
    extracts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_round, "MOST_GROUPS", 10)
    scanned_first(monkeypatch)
    tasks = []

    class Watching(EmbeddedCluster):
        def map(self, function: Any, items: Any, **options: Any) -> Any:
            items = list(items)
            tasks.extend(chain.from_iterable(items if function is first_round.read_together else ()))
            return super().map(function, items, **options)

    ingest(extracts, tmp_path / "joined", block_bytes=SMALL, cluster=Watching(2))
    groups = [spans for task in tasks if isinstance(task, ReadTask) for _, spans in task.groups]
    blocks = sum(entry.blocks for entry in open_store(str(tmp_path / "joined")).manifest.extracts)
    assert sum(map(len, groups)) == blocks > (60 if is_long() else 30)
    assert len(groups) < 10 + len(extracts)
    ingest(extracts, tmp_path / "alone", block_bytes=SMALL, group_blocks=1)
    assert contents(tmp_path / "joined") == contents(tmp_path / "alone")


def test_any_order_of_extracts(extracts: list[str], expected: dict[str, bytes], tmp_path: Path) -> None:
    # Files of one county are parts of one extract, whose rows are in their order.
    backwards = [extracts[3], extracts[2], *extracts[:2]]
    assert everything(backwards, tmp_path / "reversed") == expected
    one, two = tmp_path / "reversed/store", tmp_path / "in order"
    ingest(extracts, two, buckets=3, block_bytes=2**14)
    assert contents(one) == contents(two)


def test_the_same_command_gives_the_same_store(extracts: list[str], tmp_path: Path) -> None:
    for name, cluster in (("one", "threads:1"), ("two", "threads:4")):
        ingest(extracts, tmp_path / name, cluster=cluster, block_bytes=5000)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def by_record(store: Path, run: Run) -> list[tuple[bytes, ...]]:
    """What was decided of each record by the record's own values, wherever it stands."""
    kept = records(store)
    return sorted(
        (
            kept[row["row"]]["SUBJECT_ID"],
            kept[row["row"]]["COMMENT_TEXT"],
            row["determination"].encode(),
            row["reason"].encode(),
        )
        for row in decisions(run)
    )


def histories(
    count: int, change: Callable[[int, int], dict[str, str]] = lambda subject, row: {}
) -> list[list[dict]]:
    """Rows by subject; COMMENT_TEXT names the row."""
    offenses = ("11357 HS-POSSESS", "11359 HS-SELL", "459 PC-BURGLARY", "11360 HS-TRANSPORT")
    return [
        [
            conviction(
                f"{subject:04d}",
                "ALAMEDA",
                row,
                OFFENSE_DESCR=offenses[(subject + row) % 4],
                STP_EVENT_DATE=f"{1990 + (7 * subject + 3 * row) % 30}0601",
                PRI_DOB=f"{1950 + subject}0101",
                COMMENT_TEXT=f"row {row}",
                **change(subject, row),
            )
            for row in range(1, 7)
        ]
        for subject in range(count)
    ]


def test_rows_scattered_over_the_file_decide_the_same(tmp_path: Path) -> None:
    by_subject = histories(30)
    # Rows of one subject keep their order; subjects are interleaved.
    turns = [subject for subject, rows in enumerate(by_subject) for _ in rows]
    random.Random(7).shuffle(turns)
    left = [list(rows) for rows in by_subject]
    scattered = [left[subject].pop(0) for subject in turns]
    together = [row for rows in by_subject for row in rows]
    found = []
    for name, rows in (("together", together), ("scattered", scattered)):
        ingest(put(tmp_path, f"{name}.csv", rendered(rows)), tmp_path / name, block_bytes=3000)
        run = decide(tmp_path / name, tmp_path / f"run-{name}")
        found.append((by_record(tmp_path / name, run), run.counties, run.table("people")))
    assert found[0] == found[1]
    assert len({record[2:] for record in found[0][0]}) > 3


BUCKETS = 8 if is_long() else 4

NUMBERS: dict[str, Callable[[int, int], str]] = {
    "blank at first": lambda subject, row: "" if row < 4 else f"A{subject}",
    "blank at last": lambda subject, row: f"A{subject}" if row < 3 else "  ",
    "blank at times": lambda subject, row: "" if row % 2 else f"A{subject}",
    "always blank": lambda subject, row: "",
    "changing": lambda subject, row: f"A{subject}-{row}",
    "changing and blank": lambda subject, row: f"A{subject}-{row}" if row in (3, 5) else "",
    "swapped with a neighbor": lambda subject, row: f"A{subject ^ 1 if row > 2 else subject}",
}
SAMPLE = ("blank at first", "changing and blank", "swapped with a neighbor")


@pytest.mark.sampled
@pytest.mark.parametrize("group_blocks", [1, long(3)])
@pytest.mark.parametrize("kind", [kind if kind in SAMPLE else long(kind) for kind in NUMBERS])
def test_a_history_stays_together_whatever_its_numbers(kind: str, group_blocks: int, tmp_path: Path) -> None:
    """Numbers that are blank or change send a subject's blocks to several buckets; its rows must meet again."""
    number = NUMBERS[kind]
    by_subject = histories(14, lambda subject, row: {"CII_NUMBER": number(subject, row)})
    content = rendered([row for turn in zip(*by_subject, strict=True) for row in turn])
    store = tmp_path / "store"
    ingest(put(tmp_path, "a.csv", content), store, block_bytes=1500, buckets=BUCKETS, group_blocks=group_blocks)
    assert open_store(str(store)).manifest.extracts[0].blocks > 10
    people = open_store(str(store)).table("people")
    assert set(people.column("rows").to_pylist()) == {6}
    first_numbers = {}
    for subject in range(14):
        numbers = [number(subject, row).strip() for row in range(1, 7)]
        first_numbers[b"%04d" % subject] = next(filter(None, numbers), "").encode()
    subjects, persons = (people.column(name).to_pylist() for name in ("subject_id", "cii_number"))
    assert dict(zip(subjects, persons, strict=True)) == first_numbers
    assert people.num_rows == len(first_numbers)
    run = decide(store, tmp_path / "run")
    found = [(row["row"], row["determination"], row["reason"]) for row in decisions(run)]
    wanted = reference.run(content, "ALAMEDA", OPTIONS, AS_OF_DATE)
    assert found == wanted.decisions
    for key in ("subjectsWithSomeReliefCount", "reliefWithCurrentEligibilityChoices"):
        assert run.counties["ALAMEDA"][key] == wanted.summary[key]
    # Folded again from the store's own histories beside another county's.
    ingest(put(tmp_path, "b.csv", extract("YOLO")), store)
    again = decide(store, tmp_path / "again")
    assert again.counties["ALAMEDA"] == run.counties["ALAMEDA"]


@pytest.mark.sampled
def test_copies_of_a_person_meet_whatever_their_numbers(tmp_path: Path) -> None:
    """A number that is blank in a history's first blocks still brings it to the person's other histories."""
    late, early = NUMBERS["blank at first"], NUMBERS["blank at last"]
    for name, number in (("alameda", late), ("yolo", early)):
        by_subject = histories(14, lambda subject, row, number=number: {"CII_NUMBER": number(subject, row)})
        content = rendered([row for turn in zip(*by_subject, strict=True) for row in turn])
        path = put(tmp_path, f"{name}.csv", content)
        ingest(path, tmp_path / "store", county=name.upper(), block_bytes=1500, buckets=BUCKETS)
    people = open_store(str(tmp_path / "store")).table("people")
    assert people.num_rows == 28
    assert people.column("canonical").to_pylist().count(True) == 14
    assert decide(tmp_path / "store", tmp_path / "run").summary["subjects"] == 14
