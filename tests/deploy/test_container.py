"""The image: what its file says, and the image itself, built without an engine and run as anybody, read-only."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearscale.synth import fabricate
from clearscale_kernels.jit import processors
from tests.support.image import FILE, Image, require
from tests.support.places import answers, worked

TEXT = FILE.read_text("utf-8")


def test_what_the_file_builds_on_is_named_without_a_registry_and_with_a_version() -> None:
    [base] = re.findall(r"^ARG BASE=(\S+)$", TEXT, re.MULTILINE)
    assert re.fullmatch(r"[a-z]+:\d+\.\d+\.\d+[a-z0-9-]*", base)
    assert re.findall(r"^FROM (\S+)", TEXT, re.MULTILINE) == ["${BASE}", "${BASE}"]
    assert "--require-hashes" in TEXT
    assert re.search(r"^USER [1-9]\d+:[1-9]\d+$", TEXT, re.MULTILINE)


def test_kernels_are_compiled_for_every_level() -> None:
    assert set(re.findall(r"--processor (\S+)", TEXT)) == set(processors.LEVELS)


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    require()
    # Where another user comes, as pytest's own folders are not.
    made = Image(Path(tempfile.mkdtemp(prefix="image-")))
    try:
        made.build()
        yield made
    finally:
        made.remove()


@pytest.fixture
def data(public_folder: Path) -> Path:
    return public_folder


@pytest.mark.long
def test_as_anybody_and_read_only_it_gives_the_same_store_and_run(image: Image, data: Path, tmp_path: Path) -> None:
    fabricate(str(data / "in"), counties=2, people=40, seed=7)
    for path in (data / "in").iterdir():
        path.chmod(0o644)
    (data / "in").chmod(0o755)
    here = tmp_path / "here"
    worked(data / "in", here)
    said = image.run(
        data,
        *("sh", "-euc"),
        "id -u; if touch /opt/clearscale/x 2> /tmp/said; then exit 1; fi; cat /tmp/said; "
        "clearscale ingest /data/in/*.csv --store /data/there/store --buckets 4 --quiet; "
        "clearscale run --store /data/there/store --policy ca-dismiss-all --as-of 2020-07-01 "
        "--out /data/there/run --quiet",
    )
    assert said.splitlines()[0] == "10001"
    assert "Read-only file system" in said
    assert answers(data / "there") == answers(here)


@pytest.mark.long
def test_no_kernel_is_compiled_in_it(image: Image, data: Path) -> None:
    told = json.loads(image.run(data, "clearscale", "warm-up", "--json"))
    assert (told["compiled"], told["folder"]) == (0, "/opt/clearscale/kernels")


SERVED = """
clearscale cluster certificates --out /tmp/c --quiet
key() { echo "--tls-ca-file /tmp/c/ca.pem --tls-cert /tmp/c/$1.pem --tls-key /tmp/c/$1-key.pem --no-dashboard"; }
dask scheduler --protocol tls $(key scheduler) --host 127.0.0.1 --dashboard-address 127.0.0.1:8787 &
dask worker tls://127.0.0.1:8786 $(key worker) --nthreads 1 --dashboard-address 127.0.0.1:8788 &
python3 - <<'END'
import json, time, urllib.error, urllib.request
def answer(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}") as found:
            return found.status, found.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""
    except OSError:
        return 0, ""
until = time.monotonic() + 600
while time.monotonic() < until and not all(answer(port, "health")[0] == 200 for port in (8787, 8788)):
    time.sleep(0.2)
found = {f"{port}/{path}": answer(port, path) for port in (8787, 8788)
         for path in ("health", "metrics", "status", "info/main/workers.html", "json/counts.json")}
print(json.dumps(found))
END
python3 -m clearscale_cluster.setup.health && python3 -m clearscale_cluster.setup.health 8788 && echo healthy
kill %1 %2; wait
"""


@pytest.mark.long
def test_scheduler_and_worker_answer_health_and_metrics_and_nothing_else(image: Image, data: Path) -> None:
    found, healthy = image.run(data, "bash", "-euc", SERVED).splitlines()
    pages = json.loads(found)
    for port, metric in ((8787, "dask_scheduler_workers"), (8788, "dask_worker_tasks")):
        assert pages[f"{port}/health"] == [200, "ok"]
        assert metric in pages[f"{port}/metrics"][1]
        for page in ("status", "info/main/workers.html", "json/counts.json"):
            assert pages[f"{port}/{page}"][0] == 404
    assert healthy == "healthy"


@pytest.mark.long
def test_what_an_engine_is_told(image: Image) -> None:
    told = image.configuration
    assert told["User"] == "10001:10001"
    assert told["Healthcheck"]["Test"] == ["CMD", "python3", "-m", "clearscale_cluster.setup.health"]
    assert told["Entrypoint"] == ["/opt/clearscale/entry.sh"]
