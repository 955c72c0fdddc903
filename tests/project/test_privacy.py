"""Nobody's data leaves the store by accident: not in messages, logs, names of tasks and files, or figures."""

import logging
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearscale.commands.main import main
from clearscale.errors import ClearscaleError
from clearscale.store import open_store
from clearscale_cluster import open_cluster
from clearscale_cluster.places.served import ServedCluster
from tests.support.samples import (
    ACCEPTING,
    AS_OF,
    Interrupted,
    InterruptingCluster,
    Row,
    conviction,
    decide,
    ingest,
    policy_file,
    put,
    rendered,
)

MARKED = {
    "SUBJECT_ID": "SUB77001",
    "CII_NUMBER": "A77002",
    "PRI_NAME": "ZZYZX",
    "PRI_DOB": "19770313",
    "PRI_SSN": "770047700",
    "PRI_CDL": "N7705",
    "FBI_NUMBER": "77006FB",
    "OFN": "CASE77007",
    "COMMENT_TEXT": "QQJUV",
    "STP_ORI_DESCR": "XKCDQ",
}
MARKERS = [value.encode() for value in MARKED.values()]
"""In every marked record, and nowhere else."""


def marked(**values: str) -> Row:
    return conviction("SUB77001", "ALAMEDA", **(MARKED | values))


def line(**values: str) -> bytes:
    return rendered([marked(**values)], header=False)


BAD = {
    "fields": line().replace(b"\n", b",one,two\n"),
    "few fields": b",".join(MARKERS) + b"\n",
    "bare quote": line().replace(b"ZZYZX", b'ZZ"ZZYZX'),
    "stray quote": line().replace(b"ZZYZX", b'"ZZYZX"ZZYZX'),
    "unclosed quote": line().replace(b"ZZYZX", b'"ZZYZX'),
    "no subject": line(SUBJECT_ID=""),
    "no case": line(CNT_ORDER="77001"),
    "dates": line(PRI_DOB="77001ZZYZX", STP_EVENT_DATE="19770313XY"),
    "sentence": line(SENT_LENGTH="770047700" * 50, SENT_TIME_CODE="Y"),
    "odd bytes": line().replace(b"ZZYZX", b"ZZYZX\xff\x00\xfe"),
}
ACCEPTED = ("dates", "sentence", "odd bytes")
"""Of these, what is odd but can be used."""

GOOD = rendered([marked(), marked(CNT_ORDER="001001002000", DISP_DESCR="DISMISSED")])
EVERYTHING = GOOD + b"".join(BAD.values())


def clean(text: str | bytes) -> bool:
    """Whether no marker is in the text."""
    content = text.encode() if isinstance(text, str) else text
    found = [marker for marker in MARKERS if marker in content]
    assert found == []
    return bool(content)


@pytest.fixture(autouse=True)
def every_log_record(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever is logged at any level in a test is looked at."""
    with caplog.at_level(logging.DEBUG):
        yield
    for record in caplog.records:
        clean(record.getMessage() + (record.exc_text or ""))


def test_refusals_name_file_line_and_reason_only(tmp_path: Path) -> None:
    for name, content in BAD.items():
        for number, text in enumerate((GOOD + content, content + GOOD)):
            path = put(tmp_path, f"{number}.csv", text)
            error = _refusal(path, tmp_path / "store" / name.replace(" ", "-"))
            assert (error is None) == (name in ACCEPTED)
            assert error is None or (clean(str(error)) and clean(repr(error.__context__)))


def _refusal(path: str, store: Path) -> ClearscaleError | None:
    try:
        ingest(path, store, county="ALAMEDA")
    except ClearscaleError as error:
        return error
    return None


def test_commands_print_none_of_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path, store, policy = put(tmp_path, "a.csv", EVERYTHING), tmp_path / "store", policy_file(tmp_path)
    run = ["run", "--store", str(store), "--policy", policy, "--as-of", AS_OF, "--out", str(tmp_path / "run")]
    exported = ["export", "--run", str(tmp_path / "run"), "--county", "ALAMEDA", "--out", str(tmp_path / "out")]
    gogen = [
        *("gogen", "run", f"--input-doj={path}", f"--outputs={tmp_path}/gogen", "--county=ALAMEDA"),
        *(f"--eligibility-options={policy}", f"--compute-at={AS_OF}"),
    ]
    commands = (
        (["ingest", path, "--store", str(store)], 1),
        (["ingest", path, "--store", str(store), "--on-bad-record", "quarantine", *ACCEPTING], 0),
        (run, 0),
        ([*run, "--json"], 0),
        (["check", "--store", str(store)], 0),
        (["check", "--store", str(store), "--json"], 0),
        (exported, 0),
        (gogen, 1),
    )
    for command, code in commands:
        with pytest.raises(SystemExit) as leaving:
            main(command)
        output, errors = capfd.readouterr()
        assert leaving.value.code == code
        assert clean(output + errors)
    assert clean((tmp_path / "gogen/gogen.err").read_bytes())
    assert [path.name for path in (tmp_path / "gogen").iterdir()] == ["gogen.err"]


def test_figures_hold_none_of_it(tmp_path: Path) -> None:
    store = tmp_path / "store"
    report = ingest(put(tmp_path, "a.csv", EVERYTHING), store, quarantine=True)
    assert report.quarantined == 7
    run = decide(store, tmp_path / "run")
    for path in (tmp_path / "run").rglob("*"):
        assert clean(path.name)
        # Compressed or not: what is in the tables is looked at as text, too.
        assert path.is_dir() or clean(path.read_bytes())
    for table in (run.decisions(), run.table("convictions"), run.table("people")):
        assert clean(repr(table.to_pylist()))
    quarantine = open_store(str(store)).quarantine(open_store(str(store)).manifest.extracts[0])
    assert clean(repr(quarantine.drop_columns("content").to_pylist()))
    assert all(any(m in content for m in MARKERS) for content in quarantine.column("content").to_pylist())


def test_names_of_files_hold_none_of_it(tmp_path: Path) -> None:
    store = tmp_path / "store"
    path = put(tmp_path, "a.csv", EVERYTHING)
    with pytest.raises(Interrupted):
        ingest(path, store, quarantine=True, cluster=InterruptingCluster("fold histories", 1))
    assert list(store.glob("staging/*/*/*.json"))
    for file in store.rglob("*"):
        assert clean(str(file.relative_to(store)))
    for file in store.rglob("*.json"):
        assert clean(file.read_bytes())


def test_files_are_for_their_owner_and_group(tmp_path: Path) -> None:
    """Whatever the mask that new files are made with."""
    before = os.umask(0)
    try:
        store = tmp_path / "store"
        path = put(tmp_path, "a.csv", EVERYTHING)
        with pytest.raises(Interrupted):
            ingest(path, store, quarantine=True, cluster=InterruptingCluster("fold histories", 1))
        _not_for_others(store)
        ingest(path, store, quarantine=True)
        decide(store, tmp_path / "run")
        for arguments in (
            ["export", "--run", str(tmp_path / "run"), "--county", "ALAMEDA", "--out", str(tmp_path / "export")],
            [
                *("gogen", "run", f"--outputs={tmp_path}/gogen", f"--input-doj={put(tmp_path, 'b.csv', GOOD)}"),
                *("--county=ALAMEDA", f"--eligibility-options={policy_file(tmp_path)}", f"--compute-at={AS_OF}"),
            ],
        ):
            with pytest.raises(SystemExit, match="0"):
                main(arguments)
    finally:
        os.umask(before)
    for folder in (store, tmp_path / "run", tmp_path / "export", tmp_path / "gogen"):
        _not_for_others(folder)


def _not_for_others(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    assert {str(path): oct(mode) for path in files if (mode := stat.S_IMODE(path.stat().st_mode)) & 0o007} == {}


PROGRAM = """
import logging, sys
from clearscale import ingest, run
from clearscale.law import state
from clearscale_cluster import open_cluster

if __name__ == "__main__":
    logging.basicConfig(level=logging.DEBUG)
    store, path, policy, out = sys.argv[1:]
    with open_cluster("local:1") as cluster:
        try:
            ingest([path], store, cluster=cluster)
        except Exception as error:
            logging.exception("refused")
        ingest([path], store, on_bad_record="quarantine", accept=state().findings.listed, cluster=cluster)
        run(store, policy, "2020-07-01", out, cluster=cluster)
"""


@pytest.mark.long
@pytest.mark.slow
def test_worker_processes_that_log_everything(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    arguments = [str(tmp_path / "store"), put(tmp_path, "a.csv", EVERYTHING), policy_file(tmp_path)]
    done = subprocess.run(
        [sys.executable, str(script), *arguments, str(tmp_path / "run")],
        capture_output=True,
        env={**os.environ, "DASK_LOGGING__DISTRIBUTED": "debug"},
        check=True,
    )
    assert b"refused" in done.stderr
    assert b"cannot be used" in done.stderr or b"fields, not 95" in done.stderr
    assert clean(done.stdout + done.stderr)


@pytest.mark.slow
def test_names_of_tasks_hold_none_of_it(tmp_path: Path) -> None:
    path = put(tmp_path, "ZZYZX.csv", EVERYTHING)
    with open_cluster("local:1") as cluster:
        assert isinstance(cluster, ServedCluster)
        with pytest.raises(ClearscaleError):
            ingest(path, tmp_path / "store", cluster=cluster)
        ingest(path, tmp_path / "store", quarantine=True, cluster=cluster)
        decide(tmp_path / "store", tmp_path / "run", cluster)
        log = cluster.client.run_on_scheduler(lambda dask_scheduler: repr(list(dask_scheduler.transition_log)))
        seen = log + repr(cluster.client.get_events())
    assert "read extracts-" in seen
    assert clean(seen)
