"""What the front page's server does for its page, and for nobody else."""

import csv
import io
import json
import shutil
import socket
import stat
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

import clearscale
from clearscale.errors import ClearscaleError, ExtractError
from clearscale.outputs.serve.front.folder import ServedFolder
from clearscale.outputs.serve.front.jobs import KEPT, Jobs
from tests.outputs.packet.conftest import texts_of
from tests.support.samples import AS_OF, OPTIONS
from tests.support.waiting import PATIENCE

from .conftest import Front, Serve

CHOSEN = {
    "kind": "options",
    "options": {
        "dismiss": "11357",
        "reduce": "11359",
        "under_21": "true",
        "age": "57",
        "years_since": "12",
        "years_crime_free": "5",
        "only_prop64": "true",
        "deceased": "true",
    },
}
"""The sample options, as the page sends them."""


@pytest.mark.long
def test_from_an_extract_to_files(front: Front, refused: Path, tmp_path: Path) -> None:
    assert front.upload("alameda.csv", refused.read_bytes())[0] == 200
    (listed,) = front.get("folder")["extracts"]
    files = [file["name"] for file in listed["files"]]
    assert files == ["uploads/alameda.csv"]

    look = front.work("look", files=files)
    assert look["status"] == "failed"
    assert "county" in "".join(look["lines"])
    of = {"files": files, "counties": {"alameda.csv": "ALAMEDA"}}
    look = front.work("look", **of)
    assert look["status"] == "done", look["lines"]
    assert not (front.folder / "stores").exists()
    refusing = {finding["name"] for finding in look["result"]["findings"] if finding["refuses"]}
    assert refusing
    without = front.work("ingest", **of)
    assert without["status"] == "failed"
    assert set(without["passable"]) <= refusing
    assert front.get("folder")["stores"] == []
    taken = front.work("ingest", **of, accept=sorted(refusing))
    assert taken["status"] == "done", taken["lines"]
    assert taken["result"]["stored"] == taken["result"]["records"] > 0

    (store,) = front.get("folder")["stores"]
    assert store["counties"] == ["ALAMEDA"]
    run = front.work("run", store=store["name"], as_of=AS_OF, policy=CHOSEN)
    assert run["status"] == "done", run["lines"]
    name = run["result"]["run"]
    expected = clearscale.run(front.folder / "stores/store", OPTIONS, AS_OF, tmp_path / "run")
    assert clearscale.open_run(front.folder / name).summary == expected.summary
    figures = front.get("figures", run=name, county="ALAMEDA")
    found = {words: value for value, words in figures["key"]}
    assert found["people with some relief"] == str(expected.counties["ALAMEDA"]["subjectsWithSomeReliefCount"])
    assert figures["warning"] == "Not for publication"

    asked = {"results": True, "list": True, "report": True, "papers": True}
    made = front.work("files", run=name, county="ALAMEDA", **asked)
    assert made["status"] == "done", made["lines"]
    folder = made["result"]["folder"]
    clearscale.export(expected, "ALAMEDA", tmp_path / "export")
    _, headers, content = front.ask(f"zip?{urlencode({'folder': folder})}")
    assert headers["Content-Disposition"] == 'attachment; filename="alameda.zip"'
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        for path in (tmp_path / "export").glob("*.csv"):
            assert archive.read(f"results/{path.name}") == path.read_bytes()
        rows = list(csv.reader(io.StringIO(archive.read("decisions.csv").decode())))
        names = archive.namelist()
    assert {"report/alameda.html", "report/alameda.pdf"} <= {*names}
    assert {"papers/order.pdf", "papers/declaration.pdf", "papers/notices.pdf", "papers/manifest.json"} <= {*names}
    decided = clearscale.decisions(expected, county="ALAMEDA", out=tmp_path / "list.csv")
    assert rows == list(csv.reader(io.StringIO(Path(str(decided.file)).read_text("utf-8"))))
    listed_files = front.get("files", folder=folder)["files"]
    assert [f"{folder}/{member}" for member in sorted(names)] == sorted(file["name"] for file in listed_files)
    _, headers, content = front.ask(f"file?{urlencode({'name': f'{folder}/report/alameda.html'})}")
    assert content == (front.folder / folder / "report/alameda.html").read_bytes()
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]


@pytest.mark.long
def test_a_pack_and_a_file_are_policies_too(front: Front, four_counties: Path) -> None:
    (front.folder / "mine").mkdir()
    (front.folder / "linked").symlink_to(four_counties / "in")
    for path in (four_counties / "in").glob("*.csv"):
        (front.folder / "mine" / path.name).write_bytes(path.read_bytes())
    (listed,) = front.get("folder")["extracts"]  # a link leads out
    assert listed["name"] == "mine"
    taken = front.work("ingest", files=[file["name"] for file in listed["files"]])
    assert taken["status"] == "done", taken["lines"]
    pack = {"kind": "pack", "pack": "ca-los-angeles-2019", "parameters": {"age": "55", "two_priors_last": "true"}}
    run = front.work("run", store="stores/store", as_of=AS_OF, policy=pack)
    info = clearscale.open_run(front.folder / run["result"]["run"]).info
    expected = clearscale.run(
        four_counties / "store",
        "ca-los-angeles-2019",
        AS_OF,
        front.folder / "expected",
        parameters=pack["parameters"],  # type: ignore[arg-type]
    )
    assert info["policy"] == expected.info["policy"]
    again = front.work("run", store="stores/store", as_of=AS_OF, policy=pack)
    assert again["result"] == run["result"]
    of_pack = front.work("controls", run=run["result"]["run"])
    page = front.ask(of_pack["address"])
    assert (page[0], b"Superstrikes" in page[2] or b"superstrike" in page[2]) == (200, True)
    counted = json.loads(front.ask(f"{of_pack['address']}figures")[2])
    relief = {words: figure for words, figure, _ in counted["key"]}["people with some relief"]
    assert relief == expected.summary["subjectsWithSomeReliefCount"]
    wrong = front.work("run", store="stores/store", as_of=AS_OF, policy={**pack, "parameters": {"age": "7"}})
    assert (wrong["status"], "between 18 and 120" in wrong["lines"][0]) == ("failed", True)

    options = front.ask("policy.json?age=0&years_since=3")[2]
    assert front.upload("mine.json", options, "policies")[0] == 200
    file = {"kind": "file", "file": "policies/mine.json"}
    of_file = front.work("run", store="stores/store", as_of=AS_OF, policy=file)
    assert of_file["status"] == "done", of_file["lines"]
    run_of_options = of_file["result"]["run"]
    opened = front.work("controls", run=run_of_options)
    page = front.ask(opened["address"])
    assert (page[0], b"Also dismiss felonies by" in page[2]) == (200, True)
    counted = json.loads(front.ask(f"{opened['address']}figures")[2])
    assert counted["key"][5][1] == counted["key"][5][2]
    for name, key in (("mine.json", "mine.json"), ("unusable.toml", None)):
        if key is None:
            assert front.upload(name, b'id = "unusable"', "policies")[0] == 200
            opened = front.work("controls", run=run_of_options)
        others = front.ask(f"{opened['address']}policies/")
        assert others[0] == 200
        assert (f'value="{name}"'.encode() in others[2]) == (key is not None)
    outside = front.work("run", store="stores/store", as_of=AS_OF, policy={"kind": "file", "file": "/etc/passwd"})
    assert outside["lines"] == ["choose a policy file that was uploaded"]


def test_papers_are_of_one_county_and_of_the_office_that_was_added(front: Front, four_counties: Path) -> None:
    shutil.copytree(four_counties / "store", front.folder / "stores/store")
    run = front.work("run", store="stores/store", as_of=AS_OF, policy={"kind": "pack", "pack": "ca-dismiss-all"})
    name, county = run["result"]["run"], front.get("folder")["stores"][0]["counties"][0]
    refused = front.work("files", run=name, papers=True)
    assert refused["status"] == "failed"
    assert "choose it" in "".join(refused["lines"])
    of_nobody = front.work("files", run=name, county=county, papers=True)
    assert of_nobody["status"] == "done", of_nobody["lines"]
    papers = front.folder / of_nobody["result"]["folder"] / "papers"
    before = json.loads((papers / "manifest.json").read_text())
    text = front.ask("office.toml")[2].decode().replace("Office of the District Attorney", "Office of Pat Example")
    assert front.upload("office.toml", text.encode(), kind="offices")[0] == 200
    assert front.upload("office.csv", b"", kind="offices")[0] == 400
    assert front.get("folder")["offices"] == ["offices/office.toml"]
    made = front.work("files", run=name, county=county, papers=True, office="offices/office.toml")
    assert made["status"] == "done", made["lines"]
    manifest = json.loads((papers / "manifest.json").read_text())
    assert manifest["office"] != before["office"]
    assert manifest["ordered"] == before["ordered"]
    assert "Office of Pat Example" in " ".join(texts_of(papers / "order.pdf")[0].split())


def test_only_a_page_of_this_server_can_send(front: Front) -> None:
    port = front.server.server_port
    start = json.dumps({"kind": "look", "given": {"files": []}}).encode()
    refusals: list[dict[str, str]] = [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": f"http://127.0.0.1:{port + 1}"},
        {"Origin": f"https://127.0.0.1:{port}"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Host": "evil.example"},
    ]
    for headers in refusals:
        for path in ("start", "cancel", "remove", "upload?name=a.csv"):
            assert front.ask(path, "POST", start, **headers)[::2] == (404, b"not found\n"), headers
    assert front.ask("/wrong/start", "POST", start)[0] == 404
    assert front.ask("nothing", "POST", start)[0] == 404
    assert front.get("job") == {"status": "none"}
    assert not (front.folder / "uploads").exists()
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        head = f"POST /{front.server.token}/upload?name=a.csv HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        connection.sendall(f"{head}Origin: http://127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 411 ")


def test_uploads_are_for_this_user_whole_and_by_plain_names(front: Front) -> None:
    assert front.upload("a b.csv", b"1,2\n") == (200, '{"name": "uploads/a b.csv"}')
    kept = front.folder / "uploads/a b.csv"
    assert kept.read_bytes() == b"1,2\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert front.upload("a b.csv", b"other")[0] == 400
    assert front.post("expect", {"kind": "uploads", "name": "a b.csv", "size": 3})[0] == 400
    assert front.post("expect", {"kind": "uploads", "name": "new.csv", "size": 2**60})[0] == 400
    assert front.upload("../../etc/x.csv", b"")[0] == 400
    assert front.upload("/x.csv", b"")[1] == "the file's name is too long, or begins with a dot; rename it"
    for name in ("", ".hidden.csv", "x" * 200 + ".csv", "script.py", "x.csv\x00"):
        assert front.upload(name, b"")[0] == 400, name
    assert front.upload("x.py", b"", "policies")[0] == 400
    assert front.upload("x.csv", b"", "stores")[0] == 404
    with socket.create_connection(("127.0.0.1", front.server.server_port), timeout=PATIENCE) as connection:
        host = f"127.0.0.1:{front.server.server_port}"
        head = (
            f"POST /{front.server.token}/upload?name=cut.csv HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
        )
        connection.sendall(f"{head}Content-Length: 100\r\n\r\nhalf".encode())
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(4096) == b""
    assert [path.name for path in kept.parent.iterdir()] == ["a b.csv"]
    assert front.post("remove", {"name": "uploads/a b.csv"})[0] == 200
    assert not kept.exists()


def test_nothing_outside_is_shown_or_removed(front: Front, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("secret")
    (front.folder / "in.csv").write_text("mine")
    (front.folder / "files").mkdir()
    (front.folder / "files/out").symlink_to(tmp_path)
    (front.folder / "files/secret.csv").symlink_to(tmp_path / "secret.csv")
    names = ["../secret.csv", "files/out/secret.csv", "files/secret.csv", str(tmp_path / "secret.csv"), "in.csv"]
    for name in (*names, "files/../../secret.csv", "files/\0", "", ".", ".clearscale-serve.lock"):
        assert front.ask(f"file?{urlencode({'name': name})}")[0] == 400, name
        assert front.ask(f"zip?{urlencode({'folder': name})}")[0] == 400, name
        assert front.post("remove", {"name": name})[0] == 400, name
        assert front.work("look", files=[name] if name != "in.csv" else [])["status"] == "failed"
        assert front.work("run", store=name, as_of=AS_OF, policy=CHOSEN)["status"] == "failed"
    assert (tmp_path / "secret.csv").read_text() == "secret"
    assert (front.folder / "in.csv").exists()


def test_a_folder_has_one_server(front: Front) -> None:
    with pytest.raises(ClearscaleError, match="another command is writing there"):
        clearscale.serve_folder(front.folder)


def test_folders_that_cannot_be_served(four_counties: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder, told in (
        (four_counties / "store", "is a store; name the folder that it lies in"),
        ("s3://bucket/folder", "is a URL; name a folder of this machine"),
        (tmp_path / "file", "is a file, not a folder"),
    ):
        with pytest.raises(ClearscaleError, match=f"folder .*{told}"):
            clearscale.serve_folder(folder)


def test_folders_of_the_page_are_seen_however_many_others_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a/b", "a/c", "runs/one", ".hidden/d", "one/two/three/four"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "runs/one/run.json").write_text("{}")
    (tmp_path / "runs/one/inner").mkdir()
    folder = ServedFolder.at(str(tmp_path))
    seen = [folder.name_of(path) for path in folder._walk()]
    assert seen == [".", "runs", "a", "one", "runs/one", "a/b", "a/c", "one/two", "one/two/three"]
    monkeypatch.setattr("clearscale.outputs.serve.front.folder._MOST_FOLDERS", 5)
    assert folder.runs() == ["runs/one"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ExtractError("a.csv: refused", "  more"), ["a.csv: refused", "  more"]),
        (KeyError("DOE,PAT"), ["failed where nobody foresaw it (KeyError)"]),
        (
            OSError(28, "No space left on device", "DOE"),
            ["a file could not be read or written (No space left on device)"],
        ),
    ],
)
def test_work_that_fails_says_why_and_nothing_of_records(tmp_path: Path, error: Exception, told: list[str]) -> None:
    def fail(*_: Any) -> dict[str, Any]:
        raise error

    jobs = Jobs(tmp_path, {"fail": fail})
    job = jobs.start("fail", {})
    jobs._thread.join()  # type: ignore[union-attr]
    assert (job.status, job.lines) == ("failed", told)
    assert b"DOE" not in (tmp_path / KEPT).read_bytes()


class Waiting:
    """Work of steps, each of which waits until it may be done."""

    def __init__(self) -> None:
        self.begun, self.go, self.calls = threading.Event(), threading.Event(), 0

    def __call__(self, given: dict[str, Any], progress: Any) -> dict[str, Any]:
        self.calls += 1
        self.begun.set()
        assert self.go.wait(PATIENCE)
        progress(1, 2, "steps")
        return given


def test_one_work_at_a_time_that_can_be_canceled(tmp_path: Path) -> None:
    work = Waiting()
    jobs = Jobs(tmp_path, {"wait": work})
    job = jobs.start("wait", {})
    with pytest.raises(ClearscaleError, match="something else is under way"):
        jobs.start("wait", {})
    with pytest.raises(ClearscaleError, match="no such work"):
        jobs.start("other", {})
    jobs.cancel()
    work.go.set()
    jobs._thread.join()  # type: ignore[union-attr]
    assert job.status == "canceled"
    again = jobs.start("wait", {"x": 1})
    jobs._thread.join()  # type: ignore[union-attr]
    assert (again.status, again.result) == ("done", {"x": 1})
    assert Jobs(tmp_path, {"wait": work}).last == again
    assert work.calls == 2


def test_a_server_goes_on_with_what_another_had_begun(tmp_path: Path) -> None:
    work = Waiting()
    first = Jobs(tmp_path, {"wait": work})
    first.start("wait", {"x": 1})
    assert work.begun.wait(PATIENCE)
    threading.Timer(0.05, work.go.set).start()
    first.close()
    second = Jobs(tmp_path, {"wait": work})
    second._thread.join()  # type: ignore[union-attr]
    assert second.last is not None
    assert (second.last.status, second.last.result, work.calls) == ("done", {"x": 1}, 2)
    (tmp_path / KEPT).write_text("{")
    assert Jobs(tmp_path, {"wait": work}).last is None


@pytest.mark.long
def test_an_upload_is_never_in_memory(tmp_path: Path) -> None:
    code = (
        "import resource, sys; from clearscale.outputs.serve.front.folder import ServedFolder\n"
        "folder = ServedFolder.at(sys.argv[1])\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "piece = bytes(2**20)\n"
        "folder.receive('uploads', 'long.csv', 2**29, (piece for _ in range(2**9)))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    assert (tmp_path / "uploads/long.csv").stat().st_size == 2**29
    assert int(done.stdout) < 2**15  # kilobytes


@pytest.mark.long
def test_an_ingest_that_was_killed_goes_on(serve: Serve, four_counties: Path, tmp_path: Path) -> None:
    folder = tmp_path / "served"
    with serve(folder) as first:
        for path in (four_counties / "in").glob("*.csv"):
            assert first.upload(path.name, path.read_bytes())[0] == 200
        files = [file["name"] for file in first.get("folder")["extracts"][0]["files"]]
        status, said = first.post("start", {"kind": "ingest", "given": {"files": files}})
        assert status == 200, said
    left = json.loads((folder / KEPT).read_text("utf-8"))
    with serve(folder) as second:
        job = second.ended()
        assert job["status"] == "done", job["lines"]
        assert job["number"] == left["number"]
        assert len(second.get("folder")["stores"][0]["counties"]) == 4
