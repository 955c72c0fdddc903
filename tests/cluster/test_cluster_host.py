"""What a host knows of itself: the address at which it was reached, whether it answers, and what it writes down."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from distributed.comm import CommClosedError

from clearscale_cluster.places.address import warm_one_a_machine
from clearscale_cluster.setup import health
from clearscale_cluster.setup.host import reached_at
from clearscale_cluster.setup.mishaps import noticed
from clearscale_cluster.setup.quiet import leave_out_tasks


@pytest.mark.parametrize(
    ("connection", "address"),
    [
        ("10.0.0.254 51234 10.0.0.7 22", "10.0.0.7"),
        ("2001:db8::1 51234 2001:db8::7 22", "2001:db8::7"),
        ("127.0.0.1 51234 127.0.0.1 22", None),
        ("fe80::1%eth0 51234 fe80::7%eth0 22", None),
        ("10.0.0.254 51234 UNKNOWN 65535", None),
        ("", None),
        (None, None),
    ],
)
def test_a_host_works_at_the_address_by_which_it_was_reached(
    connection: str | None, address: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    if connection is not None:
        monkeypatch.setenv("SSH_CONNECTION", connection)
    assert reached_at() == address


@contextmanager
def answering(status: int) -> Iterator[int]:
    """A server at a port of this machine that answers so."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health" else 500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_a_process_that_answers_is_healthy() -> None:
    with answering(200) as port:
        assert health.ailment(port) == ""
    assert health.ailment(port) == "", "nothing listens: it serves nothing"


def test_a_process_that_does_not_answer_well_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with answering(404) as port:
        assert health.ailment(port) == "answers with status 404"
        monkeypatch.setattr("sys.argv", ["health", str(port)])
        with pytest.raises(SystemExit) as ended:
            health.main()
        assert ended.value.code == 1
        assert f"the process at port {port} answers with status 404" in capsys.readouterr().err
    monkeypatch.setattr(health, "SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert health.ailment(silent.getsockname()[1]) == "does not answer (TimeoutError)"


def test_what_a_task_was_given_or_raised_is_not_written_down(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("distributed.worker")
    before = list(logger.filters)
    try:
        leave_out_tasks()
        with caplog.at_level(logging.INFO, "distributed.worker"):
            logger.error("Compute Failed\nException: %r", "DOE,JANE")
            logger.info("Registered to: %s", "tls://10.0.0.1:8786")
    finally:
        logger.filters[:] = before
    assert [record.getMessage() for record in caplog.records] == ["Registered to: tls://10.0.0.1:8786"]


def test_mishaps_in_the_background_are_noticed_and_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("tornado.application")
    with noticed() as mishaps:
        try:
            raise RuntimeError("Command exited with non-zero exit code.\n\nsbatch: error: no such partition\n")
        except RuntimeError:
            logger.exception("Exception in callback")
        assert not logger.propagate
    assert mishaps.last == "sbatch: error: no such partition"
    assert logger.propagate
    assert capsys.readouterr() == ("", "")


class Leaving:
    """A client of three workers on three machines, some of which leave while they are asked."""

    def __init__(self, answers: dict[str, object]) -> None:
        self.answers = answers

    def nthreads(self) -> dict[str, int]:
        return dict.fromkeys(["tls://10.0.0.1:1", "tls://10.0.0.2:1"], 1)

    def run(self, function: object, workers: list[str], on_error: str) -> dict[str, object]:
        assert on_error == "return"
        return {**dict.fromkeys(workers), **self.answers}


@pytest.mark.parametrize("error", [CommClosedError("closed"), OSError("timed out")])
def test_a_worker_that_leaves_while_it_is_warmed_up_is_no_loss(error: OSError) -> None:
    warm_one_a_machine(Leaving({"tls://10.0.0.3:1": error}), len)


@pytest.mark.parametrize("error", [ValueError("no kernel"), OSError("no space left")])
def test_what_a_worker_raises_while_it_is_warmed_up_is_raised(error: Exception) -> None:
    with pytest.raises(type(error), match=str(error)):
        warm_one_a_machine(Leaving({"tls://10.0.0.1:1": error}), len)
