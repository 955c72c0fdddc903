"""The server tells nothing to anybody but who has its address; the command says plainly what is wrong."""

import csv
import http.client
import io
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pyarrow as pa
import pytest

import clearscale
from clearscale.commands.main import main
from clearscale.errors import ClearscaleError
from clearscale.io.spreadsheet import csv as csv_of
from clearscale.outputs.serve.server import Server
from clearscale.outputs.serve.session import open_session
from clearscale.outputs.serve.settings import address
from clearscale.outputs.serve.site import Site
from clearscale.runs import Run
from tests.support.resealed import change_info, change_summary
from tests.support.samples import AS_OF
from tests.support.waiting import PATIENCE

Answered = tuple[int, dict[str, str], bytes]


@pytest.fixture(scope="module")
def server(large: Run) -> Iterator[Server]:
    started = clearscale.serve(large)
    thread = threading.Thread(target=started.serve_forever)
    thread.start()
    yield started
    started.shutdown()
    thread.join()
    started.server_close()


def ask(server: Server, path: str, method: str = "GET", **headers: str) -> Answered:
    """(status, headers, content) of a request; a path without a slash before it is below the token."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=PATIENCE)
    full = path if path.startswith("/") else f"/{server.token}/{path}"
    connection.putrequest(method, full, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    reply = connection.getresponse()
    content = reply.read()
    connection.close()
    return reply.status, dict(reply.getheaders()), content


def figures(server: Server, **setting: str) -> dict[str, Any]:
    status, _, content = ask(server, f"figures?{urlencode(setting)}")
    assert status == 200
    found: dict[str, Any] = json.loads(content)
    return found


def test_it_answers_with_the_token_only(server: Server) -> None:
    assert len(server.token) >= 32
    assert ask(server, "")[0] == 200
    nothing = ask(server, "/")
    wrong = server.token[:-1] + ("A" if server.token[-1] != "A" else "B")
    for path in (
        f"/{wrong}/",
        f"/{server.token}",
        f"/{server.token}x/",
        "/%00/",
        f"http://evil.example/{server.token}/",
        "/[/",
    ):
        status, headers, content = ask(server, path)
        assert (status, content) == (nothing[0], nothing[2]) == (404, b"not found\n")
        assert headers.keys() == nothing[1].keys()
    for path in ("nothing", "../", "serve.py", "templates/", "..%2f..%2fetc/passwd", "figures/"):
        assert ask(server, path)[::2] == (404, b"not found\n")


@pytest.mark.parametrize(
    "line", [b"GET /\xc3\xa9/ HTTP/1.1\r\nHost: \xff", b"GET / HTTP/9.9", b"nothing", b"\x16\x03\x01"]
)
def test_requests_that_are_none_are_told_nothing(server: Server, line: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=PATIENCE) as connection:
        connection.sendall(line + b"\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        reply = b"".join(iter(lambda: connection.recv(4096), b""))
    assert line not in reply
    assert server.token.encode() not in reply
    assert ask(server, "")[0] == 200


def test_tokens_differ() -> None:
    made = [Server(lambda path, given: None) for _ in range(3)]
    assert len({server.token for server in made}) == 3
    for server in made:
        server.server_close()


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "[::1]:{port}", ""]
)
def test_other_hosts_are_refused(server: Server, host: str) -> None:
    assert ask(server, "", Host=host.format(port=server.server_port))[::2] == (404, b"not found\n")


def test_localhost_is_this_machine_too(server: Server) -> None:
    assert ask(server, "", Host=f"localhost:{server.server_port}")[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE", "<script>"])
def test_other_methods_are_refused(server: Server, method: str) -> None:
    status, headers, content = ask(server, "", method)
    assert (status, headers["Allow"]) == (405, "GET")
    assert content == (b"" if method == "HEAD" else b"method not allowed\n")


def test_it_listens_on_loopback_only(server: Server) -> None:
    assert server.socket.getsockname()[0] == "127.0.0.1"
    assert server.socket.family == socket.AF_INET


def test_headers_keep_the_page_to_itself(server: Server) -> None:
    for path in ("", "serve.js", "report.css", "figures", "figures.csv", "nothing", "figures?age=1"):
        _, headers, _ = ask(server, path)
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy
        assert not headers.keys() & {"Access-Control-Allow-Origin", "Set-Cookie", "Location"}
    page = ask(server, "")[2].decode()
    assert not re.search(r"<script(?! src)| style=| on[a-z]+=|<style", page)
    assert not re.search(r"(?:src|href)=\"(?!data:,|#|[a-z.]+/?\")", page)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("age=39", "age should be 0 (off) or from 40 to 65"),
        ("age=%D9%A5%D9%A0", "age should be 0 (off) or from 40 to 65"),
        ("years_since=-1", "years_since should be 0 (off) or from 1 to 15"),
        ("years_crime_free=99999999999999999999", "years_crime_free should be 0 (off) or from 1 to 15"),
        (
            "dismiss=11357,11361",
            "dismiss should be sections with commas between them, of 11357, 11358, 11359, 11360",
        ),
        ("deceased=1", "deceased should be true or false"),
        ("subjectAgeThreshold=50", "there is no option of this name"),
        ("county=Los%20Angeles", "the run has no county 'Los Angeles'; did you mean 'LOS ANGELES'?"),
        ("age=50&age=51", "an option is given twice"),
        ("&".join(f"x{number}=1" for number in range(60)), "too many options"),
    ],
)
def test_settings_that_are_none_are_told(server: Server, query: str, told: str) -> None:
    status, headers, content = ask(server, f"figures?{query}")
    assert status == 400
    assert content.decode().startswith(told)
    assert content.count(b"\n") == 1
    assert headers["Content-Type"].startswith("text/plain")


def test_what_is_left_out_is_as_in_the_run(server: Server, large: Run) -> None:
    own = address(open_session(large, published=True).own)
    assert figures(server) == figures(server, **own)
    found = figures(server, county="LOS ANGELES", age="40")
    assert found["place"] == "Los Angeles County"
    assert json.loads(found["saved"]["text"])["additionalRelief"]["subjectAgeThreshold"] == 40
    saved = ask(server, f"policy.file?{urlencode({'county': 'LOS ANGELES', 'age': '40'})}")
    assert saved[1]["Content-Disposition"] == 'attachment; filename="policy.json"'
    assert saved[2].decode() == found["saved"]["text"]
    assert found["key"][1][1] >= found["key"][1][2]
    assert "counties" not in found["listings"]


def test_the_file_for_spreadsheets_has_the_pages_figures(server: Server) -> None:
    setting = {"county": "LOS ANGELES", "age": "50", "dismiss": "", "reduce": "11357"}
    page = figures(server, **setting)
    _, headers, content = ask(server, f"figures.csv?{urlencode(setting)}")
    assert headers["Content-Disposition"] == 'attachment; filename="los-angeles-figures-not-for-publication.csv"'
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    told = {(row["table"], row["of"], row["column"]): row["figure"] for row in rows}
    assert len(told) == len(rows)
    assert told["setting", "Los Angeles County", "age"] == "50"
    for words, figure, _ in page["key"]:
        assert told["at a glance", "Los Angeles County", words] == str(figure)
    races = page["listings"]["races"]
    for name, *values in races["rows"]:
        assert [told["People by race", name, column] for column in races["columns"][1:]] == [str(v) for v in values]
    assert rows[0]["figure"].startswith("Not for publication")


def test_cells_cannot_run_in_a_spreadsheet() -> None:
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "fine", "a=b"]
    written = csv_of(pa.table({"of": texts})).to_pybytes().decode()
    cells = [row[0] for row in csv.reader(io.StringIO(written, newline=""))][1:]
    assert cells == [f"'{text}" for text in texts[:6]] + texts[6:]


def test_names_from_data_are_never_markup(large: Run) -> None:
    opened = open_session(large, published=True)
    odd = replace(opened.population, counties=("<b>=1", *opened.counties[1:]))
    site = Site(replace(opened, population=odd))
    page = site.respond("", {})
    assert page is not None
    assert b"<b>=1" not in page.content
    assert b"&lt;b&gt;=1" in page.content
    saved = site.respond("figures.csv", {"county": "<b>=1"})
    assert saved is not None
    assert saved.file == "b-1-figures.csv"


def test_a_port_that_is_taken_is_told(server: Server, large: Run) -> None:
    with pytest.raises(ClearscaleError, match=rf"port={server.server_port}: cannot listen .* choose another port"):
        clearscale.serve(large, port=server.server_port)


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line with which the command ends."""
    with pytest.raises(SystemExit) as leaving:
        main(["serve", *arguments, "--quiet"])
    assert leaving.value.code == 1
    output, errors = capsys.readouterr()
    assert not output
    assert errors.startswith("clearscale: ")
    assert errors.count("\n") == 1
    return errors


def test_the_command_says_what_is_wrong(large: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no finished run" in complaint(capsys, "--run", str(tmp_path / "nothing"))
    assert "did you mean 'LOS ANGELES'?" in complaint(capsys, "--run", large.folder.url, "--county", "los angeles")
    store = large.info["store"]
    pack = clearscale.run(store, "ca-los-angeles-2019", AS_OF, str(tmp_path / "pack"))
    message = complaint(capsys, "--run", pack.folder.url, "--published")
    assert "--published counts in groups, which are made for the counties' eligibility options" in message
    assert f"clearscale report --run {pack.folder.url}" in message
    assert "leave --policy out" in complaint(
        capsys, "--run", large.folder.url, "--published", "--policy", "policy.toml"
    )
    assert "there is no policy 'nothing.toml'" in complaint(
        capsys, "--run", large.folder.url, "--policy", "nothing.toml"
    )
    info = json.loads((tmp_path / "pack" / "run.json").read_text("utf-8"))
    moved = {
        **json.loads((Path(large.folder.url) / "run.json").read_text("utf-8")),
        "store": str(tmp_path / "gone"),
    }
    change_info(tmp_path / "pack", moved)
    assert info["store"] == store
    assert "its store is not at" in complaint(capsys, "--run", pack.folder.url)


def test_a_run_that_was_changed_is_not_served(
    large: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(large.folder.url, tmp_path / "run")
    path = tmp_path / "run" / "summary.json"
    summary = json.loads(path.read_text("utf-8"))
    summary["subjectsWithSomeReliefCount"] += 1
    path.write_text(json.dumps(summary), "utf-8")
    assert f"{path}: is damaged" in complaint(capsys, "--run", str(tmp_path / "run"))
    change_summary(tmp_path / "run", summary)
    assert "its summary differs from its store's people" in complaint(capsys, "--run", str(tmp_path / "run"))


@pytest.mark.parametrize(
    "arguments", [["--published", "--suppress-below", "5"], ["--published", "12"], ["--port", "70000"]]
)
def test_wrong_usage(large: Run, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(["serve", "--run", large.folder.url, *arguments])
    assert leaving.value.code == 2
    capsys.readouterr()


_SERVE = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from clearscale.commands.main import main; main()"
)
"""Tests may have been started where interruptions are ignored, which would be passed on."""


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["--published"], []])
def test_an_interruption_ends_it_without_noise(large: Run, arguments: list[str]) -> None:
    command = [sys.executable, "-c", _SERVE, "serve", "--run", large.folder.url, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = urlsplit(process.stdout.readline().strip())
        assert (address.scheme, address.hostname) == ("http", "127.0.0.1")
        assert address.port is not None
        connection = http.client.HTTPConnection("127.0.0.1", address.port, timeout=PATIENCE)
        connection.request("GET", address.path)
        page = connection.getresponse().read().decode()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert not output
    lines = [line for line in errors.splitlines() if " done in " not in line]
    assert lines == ["Only this machine can open this address. Ctrl-C ends it."]
    assert ("Not for publication" in page) != bool(arguments)
