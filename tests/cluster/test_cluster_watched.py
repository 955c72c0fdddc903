"""What is seen from outside while clusters work: metrics, spans, pages and reports, each by what reads them."""

from __future__ import annotations

import operator
import re
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

from clearscale.commands.main import main
from clearscale_cluster import open_cluster
from clearscale_cluster.places.served import ServedCluster
from clearscale_cluster.watching import dashboard
from clearscale_cluster.watching.in_time import answer_in
from tests.support.dask_servers import Served
from tests.support.waiting import PATIENCE


# Closures travel by value: workers of others do not find this file.
def _squaring() -> Callable[[int], int]:
    return lambda number: number * number


def _content(address: str) -> str:
    with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
        content: bytes = answer.read()
    return content.decode()


def _failing() -> Callable[[int], int]:
    def fail(number: int) -> int:
        raise KeyError(f"DOE,PAT {number}")

    return fail


@pytest.fixture(scope="module")
def scraped(served: Served) -> dict[str, str]:
    """What the scheduler and its worker answer at /metrics after some passes."""
    pytest.importorskip("prometheus_client")
    # Whoever asks first has Dask import the package; a Prometheus asks all the time.
    with Client(served.address, set_as_default=False) as client:
        client.wait_for_workers(1, timeout=PATIENCE)
        about = client.scheduler_info()
        ports = {"scheduler": about["services"]["dashboard"]}
        ports["worker"] = next(iter(about["workers"].values()))["services"]["dashboard"]
    with open_cluster(served.address) as cluster:
        assert cluster.gather(_squaring(), range(5), label="Square: numbers") == [0, 1, 4, 9, 16]
        assert cluster.reduce(_squaring(), range(3), operator.add, label="add squares") == 5
        with pytest.raises(KeyError):
            cluster.gather(_failing(), [1], label="fail here")
    return {kind: _content(f"http://127.0.0.1:{port}/metrics") for kind, port in ports.items()}


@pytest.mark.slow
def test_passes_stand_at_the_scheduler_beside_dasks_own(scraped: dict[str, str]) -> None:
    found = scraped["scheduler"]
    assert "dask_scheduler_workers" in found
    assert 'clearscale_passes_total{outcome="done",pass="square numbers"} 1.0' in found
    assert 'clearscale_passes_total{outcome="failed",pass="fail here"} 1.0' in found
    assert 'clearscale_pass_tasks_total{pass="add squares"} 3.0' in found
    assert 'clearscale_pass_tasks_again_total{pass="add squares"} 0.0' in found
    assert 'clearscale_passes_running{pass="square numbers"} 0.0' in found


@pytest.mark.slow
def test_tasks_stand_at_the_worker_beside_dasks_own(scraped: dict[str, str]) -> None:
    found = scraped["worker"]
    assert "dask_worker_threads" in found
    assert 'clearscale_tasks_total{outcome="done",pass="square numbers"} 5.0' in found
    assert 'clearscale_tasks_total{outcome="failed",pass="fail here"} 1.0' in found
    assert re.search(r'clearscale_task_seconds_total\{pass="add squares"\} \d', found)
    assert re.search(r'clearscale_read_bytes_total\{pass="square numbers"\} \d', found)


@pytest.mark.slow
def test_they_hold_names_of_passes_and_numbers_only(scraped: dict[str, str]) -> None:
    for found in scraped.values():
        assert "DOE,PAT" not in found
        for line in found.splitlines():
            if line.startswith("clearscale_"):
                assert re.fullmatch(r'clearscale_\w+\{(outcome="\w+",)?pass="[a-z ]+"\} [\d.e+-]+', line), line


@pytest.mark.slow
def test_a_pass_whose_client_goes_is_not_left_running(served: Served) -> None:
    pytest.importorskip("prometheus_client")
    from clearscale_cluster.watching.scheduler_metrics import TOPIC, tell

    with open_cluster(served.address) as cluster, Client(served.address, set_as_default=False) as going:
        assert isinstance(cluster, ServedCluster)
        port = cluster.client.scheduler_info()["services"]["dashboard"]
        running = 'clearscale_passes_running{pass="interrupted"}'
        tell(going, "1", "interrupted", 3, None)
        going.log_event(TOPIC, {"nonsense": 1})
        assert f"{running} 1.0" in _content(f"http://127.0.0.1:{port}/metrics")
        going.close()
        found = _content(f"http://127.0.0.1:{port}/metrics")
    assert f"{running} 0.0" in found
    assert 'clearscale_passes_total{outcome="left",pass="interrupted"} 1.0' in found


def test_passes_of_threads_stand_in_the_registry_of_their_program() -> None:
    prometheus = pytest.importorskip("prometheus_client")
    with open_cluster("threads:1") as cluster:
        cluster.gather(_squaring(), range(4), label="square here")
    about = {"pass": "square here"}
    value = prometheus.REGISTRY.get_sample_value
    assert value("clearscale_passes_total", {**about, "outcome": "done"}) == 1
    assert value("clearscale_pass_tasks_total", about) == 4


def test_spans_are_of_passes_below_that_of_the_work() -> None:
    pytest.importorskip("opentelemetry.sdk")
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    with open_cluster("threads:1") as cluster:
        with cluster.recorded("measuring"):
            cluster.gather(_squaring(), range(4), label="square")
            for _ in cluster.map(_squaring(), range(9), label="leave"):
                break
        with pytest.raises(KeyError), cluster.recorded("failing"):
            cluster.gather(_failing(), [1], label="fail")
    spans = {span.name: span for span in exporter.get_finished_spans()}
    assert set(spans) == {"square", "leave", "clearscale measuring", "fail", "clearscale failing"}
    for name, around in (("square", "measuring"), ("leave", "measuring"), ("fail", "failing")):
        assert spans[name].parent.span_id == spans[f"clearscale {around}"].context.span_id
    about = dict(spans["square"].attributes)
    assert about.pop("clearscale.seconds") >= 0
    assert about == {
        "clearscale.outcome": "done",
        "clearscale.tasks": 4,
        "clearscale.done": 4,
        "clearscale.again": 0,
        "clearscale.workers": 1,
        "clearscale.bytes_read": 0,
        "clearscale.bytes_written": 0,
    }
    assert [spans[name].status.is_ok for name in ("square", "leave", "fail", "clearscale failing")] == [
        True,
        True,
        False,
        False,
    ]
    # Of an error only its class: what it says may be somebody's.
    told = "".join(span.to_json() for span in spans.values())
    assert spans["fail"].attributes["error.type"] == "KeyError"
    assert "DOE" not in told
    assert [span.events for span in spans.values() if span.events] == []


@pytest.fixture(scope="module")
def with_pages() -> Iterator[LocalCluster]:
    pytest.importorskip("bokeh")
    with LocalCluster(
        n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50
    ) as started:
        yield started


@pytest.mark.long
def test_a_report_is_a_page_of_passes(with_pages: LocalCluster, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    with open_cluster(with_pages) as cluster:
        with cluster.performance_report(str(path)):
            cluster.gather(_squaring(), range(7), label="square numbers")
        page = path.read_text("utf-8")
        assert page.count("square numbers-") == 7
        assert "Task Stream" in page
        # It asks no server for its scripts.
        assert re.search(r"<script[^>]* src=", page) is None
        failed = tmp_path / "failed.html"
        with pytest.raises(KeyError), cluster.performance_report(str(failed)):
            cluster.gather(_failing(), [1], label="fail")
        content = failed.read_text("utf-8")
        assert "Task Stream" in content
        assert "DOE,PAT" not in content
        with (
            pytest.raises(OSError, match="No such file"),
            cluster.performance_report(str(tmp_path / "no" / "r.html")),
        ):
            pytest.fail("work began")


@pytest.mark.long
def test_the_pages_address_is_told_where_they_answer(
    with_pages: LocalCluster, served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["synth", "--out", str(tmp_path / "made"), "--people", "20", "--counties", "1", "--wait", "600"]
    told = f"clearscale: the scheduler's pages are at {with_pages.dashboard_link}\n"
    for place, more, said in (
        (with_pages.scheduler_address, [], told),
        (with_pages.scheduler_address, ["--quiet"], ""),
        (served.address, [], ""),
    ):
        with pytest.raises(SystemExit) as left:
            main([*words, "--cluster", place, *more])
        assert left.value.code == 0
        lines = capsys.readouterr().err.splitlines(True)
        assert "".join(line for line in lines if "pages" in line) == said


def test_an_address_of_pages_is_one_of_the_web_that_answers() -> None:
    class Somewhere:
        def __init__(self, link: object) -> None:
            self.dashboard_link = link

    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        for link in (None, "file:///etc/hostname", f"http://127.0.0.1:{nobody.getsockname()[1]}/status"):
            assert dashboard.dashboard_of(Somewhere(link)) is None  # type: ignore[arg-type]
    assert dashboard.dashboard_of(object()) is None  # type: ignore[arg-type]


def test_an_answer_in_time() -> None:
    assert answer_in(600, lambda: 3) == 3
    with pytest.raises(KeyError):
        answer_in(600, lambda: {}["a"])
    with pytest.raises(TimeoutError):
        answer_in(0.01, lambda: threading.Event().wait(600))


def test_threads_have_no_report_and_say_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.html"
    with pytest.raises(SystemExit) as left:
        main(["synth", "--out", str(tmp_path / "made"), "--people", "20", "--performance-report", str(path)])
    assert left.value.code == 1
    assert re.search(r"threads:\d+: has no scheduler .* such as at local:2", capsys.readouterr().err)
    assert not path.exists()
    with open_cluster("threads:1") as cluster:
        assert cluster.dashboard is None
