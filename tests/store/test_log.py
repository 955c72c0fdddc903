"""The log of a store only grows, and says so where it did not."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.errors import StoreError
from clearscale.io.files import Folder
from clearscale.store.log import add, read
from clearscale.store.logged import logged
from tests.support.canary import NUMBER, WORDS, bad_records, canary, others
from tests.support.samples import ACCEPTING, AS_OF, OPTIONS, put, rendered

ACCEPT = ACCEPTING[1::2]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    for number in range(6):
        add(Folder(str(folder)), {"command": "export", "records": number})
    assert read(Folder(str(folder))).problems == ()
    return folder


def lines(store: Path) -> list[bytes]:
    return (store / "log.jsonl").read_bytes().splitlines(keepends=True)


def test_every_entry_has_the_digest_of_the_one_before(store: Path) -> None:
    found = clearscale.log(store)
    assert [entry["number"] for entry in found.entries] == [1, 2, 3, 4, 5, 6]
    assert found.entries[0].keys() == {"number", "when", "command", "records", "before", "digest"}
    assert clearscale.log(store, holds=found.last).problems == ()
    with pytest.raises(StoreError, match="there is no store"):
        clearscale.log(store / "none")


def signed_again(line: bytes) -> bytes:
    """A changed entry with the right digest of itself."""
    from clearscale.io.seals import with_digest

    entry = {**json.loads(line), "records": 99}
    del entry["digest"]
    return json.dumps(with_digest(entry)).encode() + b"\n"


DAMAGES: dict[str, tuple[Callable[[list[bytes]], list[bytes]], str]] = {
    "changed": (
        lambda found: [*found[:2], found[2].replace(b"export", b"tables"), *found[3:]],
        "entry 3 was changed",
    ),
    "changed, with its digest": (
        lambda found: [*found[:2], signed_again(found[2]), *found[3:]],
        "entry 4 does not follow the one before it, which was changed",
    ),
    "removed": (lambda found: [*found[:2], *found[3:]], "entry 3 has number 4 where 3 belongs: one was removed"),
    "first removed": (lambda found: found[1:], "entry 1 has number 2 where 1 belongs"),
    "reordered": (
        lambda found: [*found[:2], found[3], found[2], *found[4:]],
        "entry 3 has number 4 where 3 belongs",
    ),
    "twice": (lambda found: [*found[:3], found[2], *found[3:]], "entry 4 has number 3 where 4 belongs"),
    "last changed": (lambda found: [*found[:5], found[5].replace(b"export", b"tables")], "entry 6 was changed"),
    "cut": (lambda found: [*found[:5], found[5][:40]], "entry 6 was changed, or is no whole one"),
    "no JSON": (lambda found: [*found[:5], b"mine\n"], "entry 6 was changed, or is no whole one"),
    "emptied": (lambda found: [], "no entry has the digest that was the last one once"),
    "end cut off": (lambda found: found[:5], "no entry has the digest that was the last one once: the end was cut"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_was_changed_is_named(damage: str, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    last = clearscale.log(store).last
    change, told = DAMAGES[damage]
    (store / "log.jsonl").write_bytes(b"".join(change(lines(store))))
    assert clearscale.log(store, holds=last).problems[0].startswith(told)
    from clearscale.commands.main import main

    with pytest.raises(SystemExit) as left:
        main(["log", "--store", str(store), "--holds", last])
    assert left.value.code == 1
    assert f"clearscale: {store}: the log is not as it was written: {told}" in capsys.readouterr().err


def test_it_goes_on_behind_what_a_power_cut_left(store: Path) -> None:
    (store / "log.jsonl").write_bytes(b"".join(lines(store))[:-30])
    add(Folder(str(store)), {"command": "run"})
    found = read(Folder(str(store)))
    assert found.entries[-1]["number"] == 7
    assert found.problems == ("entry 6 was changed, or is no whole one",)


def test_only_its_owner_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = os.umask(0)
    try:
        add(Folder(str(tmp_path)), {"command": "run"})
    finally:
        os.umask(before)
    log = tmp_path / "log.jsonl"
    assert log.stat().st_mode & 0o777 == 0o600
    log.chmod(0o644)
    add(Folder(str(tmp_path)), {"command": "run"})
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_link_is_not_followed_and_stops_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / "store").mkdir()
    (tmp_path / "store/log.jsonl").symlink_to(tmp_path / "elsewhere")
    logged(str(tmp_path / "store"), "run")
    assert (tmp_path / "elsewhere").read_text() == "mine"
    assert "store: its log cannot be written (Too many levels of symbolic links); run is not in it" in (
        capsys.readouterr().err
    )


def test_a_log_that_cannot_be_written_stops_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = tmp_path / "store"
    clearscale.ingest(put(tmp_path, "yolo.csv", rendered(others("YOLO", 5))), store, county="YOLO")
    (store / "log.jsonl").unlink()
    (store / "log.jsonl").mkdir()
    run = clearscale.run(store, OPTIONS, AS_OF, tmp_path / "run")
    assert run.summary["counties"] == 1
    assert (
        capsys.readouterr().err
        == f"clearscale: {store}: its log cannot be written (Is a directory); run is not in it\n"
    )


def test_where_there_is_no_store_there_is_no_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logged(str(tmp_path / "none"), "tables")
    assert capsys.readouterr().err == ""
    assert not (tmp_path / "none").exists()


CHILD = """
import sys
from clearscale.io.files import Folder
from clearscale.store.log import add
for number in range(40):
    add(Folder(sys.argv[1]), {"command": "export", "process": sys.argv[2], "records": number, "pad": "x" * 3000})
"""


def test_two_at_once_break_nothing(tmp_path: Path) -> None:
    processes = [subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path), name]) for name in "ab"]
    assert [process.wait() for process in processes] == [0, 0]
    found = read(Folder(str(tmp_path)))
    assert found.problems == ()
    for name in "ab":
        assert [entry["records"] for entry in found.entries if entry["process"] == name] == list(range(40))


def test_what_is_done_with_people_s_records_is_in_it_and_nobody_s_value(tmp_path: Path) -> None:
    store, run, again = (tmp_path / name for name in ("store", "run", "again"))
    yolo = put(tmp_path, "yolo.csv", rendered([*others("YOLO", 8), *canary("YOLO")]) + bad_records() * 9)
    clearscale.ingest(yolo, store, county="YOLO", on_bad_record="quarantine", accept=ACCEPT)
    made = clearscale.run(store, OPTIONS, AS_OF, run)
    clearscale.run(store, OPTIONS, "2020-07-02", again)
    clearscale.check(store, out=tmp_path / "checks", show_values=True)
    clearscale.export(run, "YOLO", tmp_path / "export")
    clearscale.tables(run, tmp_path / "tables")
    clearscale.diff(run, again, out=tmp_path / "diff")
    clearscale.report(run, tmp_path / "pages")
    clearscale.sweep(store, OPTIONS, AS_OF, "subjectAgeThreshold=40,50", tmp_path / "sweep")
    decided = [row for row in made.decisions().to_pylist() if row["row"] >= len(others("YOLO", 8))]
    made.decisions()
    clearscale.explain(run, decided[0]["extract"], decided[0]["row"])
    with clearscale.serve(run):
        pass
    told = clearscale.purge(store, cii=NUMBER, made=run)
    assert told.still_there == tuple(
        str(tmp_path / name) for name in ("again", "checks", "export", "tables", "diff", "pages", "sweep")
    )
    clearscale.prune(store, keep=1)
    found = clearscale.log(store)
    assert found.problems == ()
    by: dict[str, dict[str, Any]] = {entry["command"]: entry for entry in found.entries}
    assert list(by) == [
        *("ingest", "run", "check", "export", "tables", "diff", "report", "sweep", "decisions", "explain", "serve"),
        *("purge", "prune"),
    ]
    assert len(found.entries) == len(by) + 1  # two runs, and decisions once
    assert all(entry["store"] == str(store) and entry["where"] == os.uname().nodename for entry in found.entries)
    assert by["ingest"]["accepted"] == ["bad-records"]
    assert by["explain"]["rows"] == [decided[0]["row"]]
    assert by["export"]["records"] == len(others("YOLO", 8)) + 2
    assert (by["purge"]["records"], by["purge"]["what"]) == (2, "people")
    log = (store / "log.jsonl").read_bytes()
    assert [word for word in WORDS if word in log] == []


def test_an_encrypted_store_has_an_encrypted_log(tmp_path: Path) -> None:
    clearscale.make_key(tmp_path / "key")
    store = tmp_path / "store"
    clearscale.start_encryption(store, f"file:{tmp_path / 'key'}")
    clearscale.ingest(put(tmp_path, "yolo.csv", rendered(others("YOLO", 5))), store, county="YOLO")
    clearscale.run(store, OPTIONS, AS_OF, tmp_path / "run")
    assert [entry["command"] for entry in clearscale.log(store).entries] == ["ingest", "run"]
    assert all(path.read_bytes().startswith(b"CLRSCL") for path in (store / "log").iterdir())
    assert not (store / "log.jsonl").exists()
    (store / "log/00000001.json").unlink()
    assert clearscale.log(store).problems == ("entry 1 has number 2 where 1 belongs: one was removed or moved",)


def test_how_a_store_is_encrypted_is_read_once_for_all_entries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clearscale.make_key(tmp_path / "key")
    store, reads = tmp_path / "store", list[str]()
    clearscale.start_encryption(store, f"file:{tmp_path / 'key'}")
    read_file = Folder.read

    def counted(folder: Folder, name: str) -> bytes:
        reads.append(name)
        return read_file(folder, name)

    monkeypatch.setattr(Folder, "read", counted)
    for number in range(5):
        logged(str(store), "export", records=number)
    assert reads.count("encryption.json") == 1
    # It is read again where it was written anew.
    written = (store / "encryption.json").read_text()
    (store / "encryption.json").write_text(written + "\n")
    logged(str(store), "export", records=5)
    assert reads.count("encryption.json") == 2
    assert [entry["records"] for entry in clearscale.log(store).entries] == [*range(6)]
