"""URLs with names of users, passwords and signatures: read where they must be, refused for folders, never kept."""

import functools
import http.server
import json
import string
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.commands.main import main
from clearscale.errors import ClearscaleError, StorageError
from clearscale.io.files import Folder
from clearscale.io.source import Source
from clearscale.io.urls import file_name, matching
from clearscale.law import state
from tests.support.samples import ACCEPTING, AS_OF, extract, policy_file, put

# fsspec closes connections of FTP that were never made.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

SECRETS = ("qjuser", "qjpass", "qjsigned")
LOGIN, QUERY = "qjuser:qjpass@", "?X-Amz-Signature=qjsigned"


class _Parts(http.server.SimpleHTTPRequestHandler):
    """Serves files, and parts of them."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        wanted = self.headers.get("Range", "")
        if not path.is_file() or not wanted:
            super().do_GET()
            return
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        content = path.read_bytes()
        piece = content[int(first) : int(last) + 1 if last else len(content)]
        self.send_response(206)
        self.send_header("Content-Length", str(len(piece)))
        self.send_header("Content-Range", f"bytes {first}-{int(first) + len(piece) - 1}/{len(content)}")
        self.end_headers()
        self.wfile.write(piece)

    def end_headers(self) -> None:
        self.send_header("Accept-Ranges", "bytes")
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """(A folder, its address on the web.)"""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(_Parts, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"127.0.0.1:{server.server_port}"
        server.shutdown()


def kept(folder: Path) -> list[tuple[str, str]]:
    """Where a secret is kept below a folder, in a name or a file."""
    return [
        (secret, str(path))
        for path in folder.rglob("*")
        for secret in SECRETS
        if secret in path.name or (path.is_file() and secret.encode() in path.read_bytes())
    ]


def test_an_extract_and_a_policy_from_signed_urls(
    served: tuple[Path, str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder, address = served
    put(folder, "alameda.csv", extract())
    policy_file(folder)
    where = f"http://{LOGIN}{address}"
    store, run = tmp_path / "store", tmp_path / "run"
    policy = next(path.name for path in folder.iterdir() if path.suffix == ".json")
    commands = (
        ["ingest", f"{where}/alameda.csv{QUERY}", "--store", str(store), "--county", "alameda", *ACCEPTING],
        ["run", "--store", str(store), "--policy", f"{where}/{policy}{QUERY}", "--as-of", AS_OF, "--out", str(run)],
        ["check", "--store", str(store), "--json"],
        ["ingest", f"{where}/none.csv{QUERY}", "--store", str(store)],
        ["run", "--store", str(store), "--policy", f"{where}/none{QUERY}", "--as-of", AS_OF, "--out", str(run)],
        ["gogen", "run", f"--input-doj={where}/none.csv{QUERY}", f"--outputs={tmp_path}/out", "--county=ALAMEDA",
         f"--eligibility-options={policy_file(tmp_path)}", f"--compute-at={AS_OF}"],
    )  # fmt: skip
    for command, code in zip(commands, (0, 0, 0, 1, 1, 1), strict=True):
        with pytest.raises(SystemExit) as leaving:
            main(command)
        said = "".join(capfd.readouterr())
        assert leaving.value.code == code, said
        assert [secret for secret in SECRETS if secret in said] == []
        assert code == 0 or "none" in said
    manifest = json.loads((store / "manifest.json").read_bytes())
    assert [part["name"] for entry in manifest["extracts"] for part in entry["parts"]] == ["alameda.csv"]
    assert json.loads((run / "run.json").read_bytes())["policy"]["id"] == policy.partition(".")[0]
    for place in (store, run, tmp_path / "out"):
        assert kept(place) == []


def test_a_countys_run_tells_and_keeps_no_password(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths of local files, which URLs are not, are told with one slash of two."""
    monkeypatch.chdir(tmp_path)
    put(tmp_path, "alameda.csv", extract())
    given = {"input-doj": "alameda.csv", "outputs": "out", "eligibility-options": policy_file(tmp_path)}
    for option in given:
        for odd in ("", "#1", "/1", "?1"):
            named = {**given, option: f"ftp://qjuser:qjpass{odd}@{UNREACHABLE}/x"}
            call = [f"--{name}={value}" for name, value in named.items()]
            with pytest.raises(SystemExit) as leaving:
                main(["gogen", "run", *call, "--county=ALAMEDA", f"--compute-at={AS_OF}"])
            said = "".join(capfd.readouterr())
            assert leaving.value.code == 1, said
            assert "ftp://***" in said
            assert [secret for secret in SECRETS if secret in said] == [], said
            assert kept(tmp_path) == []


def test_a_server_that_gives_no_parts_is_explained(tmp_path: Path) -> None:
    put(tmp_path, "alameda.csv", extract())
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    handler.func.log_message = lambda *_: None  # type: ignore[method-assign]
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://{LOGIN}127.0.0.1:{server.server_port}/alameda.csv{QUERY}"
        with pytest.raises(ClearscaleError, match="gives no parts of files") as caught:
            clearscale.ingest(url, tmp_path / "store", county="ALAMEDA", accept=list(state().findings.listed))
        server.shutdown()
    assert [secret for secret in SECRETS if secret in repr(caught.value)] == []


@pytest.mark.parametrize(
    "url",
    [
        f"sftp://{LOGIN}doj.example/store",
        "sftp://qjuser@doj.example/store",
        f"https://doj.example/store{QUERY}",
        f"abfs://data@account.dfs.core.windows.net/store{QUERY}",
        f"s3://{LOGIN}bucket/store",
        f"simplecache::s3://{LOGIN}bucket/store",
    ],
)
def test_a_folder_has_none_in_its_url(url: str, tmp_path: Path) -> None:
    """Tasks carry it, and what is made from it names it."""
    for attempt in (
        lambda: Folder(url),
        lambda: clearscale.open_store(url),
        lambda: clearscale.open_run(url),
        lambda: clearscale.ingest(put(tmp_path, "alameda.csv", extract()), url),
    ):
        with pytest.raises(StorageError, match="do not belong into") as caught:
            attempt()
        assert [secret for secret in SECRETS if secret in repr(caught.value)] == []


ODD = [*string.punctuation, "::", "://", " ", "é", "\u2100", "\uff03"]
"""Characters of passwords, some of which mean something in URLs, or to libraries that take them apart."""

CHAINS = ("", "simplecache::", "filecache::", "zip://in.csv::", "tar://a/b.csv::", "simplecache::zip://x.csv::")

UNREACHABLE = "127.0.0.1:1"


def refused(attempt: Callable[[], object]) -> str:
    """What is said where something is refused in words."""
    with pytest.raises((ClearscaleError, FileNotFoundError)) as caught:
        attempt()
    said = f"{caught.value} {caught.value!r}"
    assert "***" in said or "do not belong" in said, said
    return said


@pytest.mark.parametrize("scheme", ["ftp", "webhdfs", "http", "s3", "smb", "foo", "jupyter", "reference"])
@pytest.mark.parametrize("chain", CHAINS)
def test_no_storage_tells_a_password(scheme: str, chain: str) -> None:
    """Whatever its library says of a URL that it does not understand, or whose host it does not reach."""
    for odd in ODD:
        if scheme == "http" and odd in {"/", "?", "#", "\\", "://"}:
            continue  # which servers of that name would be asked for
        for password in (f"qjpass{odd}1qjsigned", f"{odd}qjpass", f"qjpass{odd}"):
            url = f"{chain}{scheme}://qjuser:{password}@{UNREACHABLE}/x"
            attempts: list[Callable[[], object]] = [
                lambda url=url: Source(f"{url}.csv").open().read(),
                lambda url=url: Source(f"{url}.zip").stamp(),
                lambda url=url: Folder(url).exists("manifest.json"),
            ]
            for attempt in attempts:
                said = refused(attempt)
                assert [secret for secret in SECRETS if secret in said] == [], (url, said)


@pytest.mark.parametrize("chain", CHAINS)
def test_a_host_that_is_not_reached_is_named(chain: str) -> None:
    for url in (f"{chain}ftp://{LOGIN}{UNREACHABLE}/x.zip", f"{chain}ftp://{UNREACHABLE}/x.zip"):
        for attempt in (Source(url).stamp, lambda url=url: matching(url.replace("x.", "x*."))):
            with pytest.raises(
                StorageError, match=r"ftp://.*127\.0\.0\.1:1/x.*check the network and the URL, then"
            ):
                attempt()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (
            "http://qjuser:qj\u2100pass@doj.example/x*.csv",
            r"http://\*\*\*@doj\.example/x\*\.csv: is no URL .*FSSPEC_FTP",
        ),
        ("reference://x/y*.csv", "reference://x/y.*: is no URL that a storage of its kind takes"),
        ("github://x/y*.csv", "github://x/y.*: is no URL that a storage of its kind takes"),
        ("ftp:///y*.csv", "ftp:///y.*: is no URL that a storage of its kind takes"),
        ("zip://y*.csv", "zip://y.*: is no URL that a storage of its kind takes"),
        ("webhdfs://127.0.0.1:1/x.csv", r"webhdfs://127.* \(it cannot be reached; check the network and the URL"),
        ("data://x.csv", "data://x.csv: is no URL"),
        ("memory://a::b*.csv", "memory://a::b.*: has `::`"),
        ("zip://a.csv::memory://b::c.zip", "zip://a.csv::memory://b::c.zip: has `::`"),
    ],
)
def test_what_is_no_url_is_told(url: str, told: str) -> None:
    with pytest.raises(StorageError, match=told) as caught:
        matching(url) if "*" in url else Source(url).stamp()
    assert [secret for secret in SECRETS if secret in repr(caught.value)] == []


def test_the_name_of_a_file_behind_a_url() -> None:
    assert file_name(f"https://{LOGIN}doj.example/2020/alameda.csv.gz{QUERY}") == "alameda.csv.gz"
    assert file_name("zip://in/alameda.csv::https://doj.example/all.zip?sig=x/y") == "alameda.csv"
    assert file_name("simplecache::s3://doj/alameda.csv") == "alameda.csv"
    assert file_name("s3://doj/alameda #1.csv") == "alameda #1.csv"
    assert file_name("/data/what?::a#1.csv") == "what?::a#1.csv"
    assert file_name("file:///data/what?#1.csv") == "what?#1.csv"
    assert Source(f"https://doj.example/alameda.csv.gz{QUERY}").is_compressed
