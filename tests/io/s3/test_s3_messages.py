"""What users read when S3 is not set up, or not as they think."""

import socket
from pathlib import Path
from typing import Any

import fsspec
import pytest

from clearscale import export
from clearscale.errors import StorageError
from clearscale.io.files import Folder
from clearscale.io.reasons import reason
from tests.support.s3_bucket import ALAMEDA, SECRET, Bucket, command
from tests.support.s3_server import Faults
from tests.support.samples import AS_OF, ingest, put


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_nothing_answers_at_the_endpoint(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    code, said = command(capsys, "ingest", bucket.url("in/a.csv"), "--store", bucket.url("store"))
    assert code == 1
    assert said == (
        f"clearscale: {bucket.url('store/encryption.json')}: cannot be read (it cannot be reached; check the "
        "network and AWS_ENDPOINT_URL, then run the same command again)"
    )


def test_no_credentials(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    code, said = command(capsys, "ingest", bucket.url("in/a.csv"), "--store", bucket.url("store"))
    assert code == 1
    assert "no credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE" in said


def test_access_is_refused(bucket: Bucket, capsys: pytest.CaptureFixture[str]) -> None:
    bucket.fail(Faults("AccessDenied", lambda request: True))
    code, said = command(capsys, "ingest", bucket.url("in/*.csv"), "--store", bucket.url("store"))
    assert code == 1
    assert said.endswith("(access is refused (AccessDenied); check the credentials and what they may do)")


def test_a_bucket_that_is_not_there(bucket: Bucket, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    extract = put(tmp_path, "a.csv", ALAMEDA)
    code, said = command(capsys, "ingest", extract, "--store", "s3://no-such-bucket/store")
    assert code == 1
    assert said.startswith("clearscale: s3://no-such-bucket/store/")
    assert said.endswith("cannot be written (there is no such bucket or object)")


def test_what_is_not_there_is_named(bucket: Bucket, capsys: pytest.CaptureFixture[str]) -> None:
    store, url = bucket.url("store"), bucket.url("in/none.csv")
    code, said = command(capsys, "ingest", url, "--store", store)
    assert (code, said) == (1, f"clearscale: {url}: there is no such file")
    code, said = command(capsys, "ingest", bucket.url("in/*.gz"), "--store", store)
    assert (code, said) == (1, f"clearscale: {bucket.url('in/*.gz')}: no file matches")
    code, said = command(
        capsys, "run", "--store", store, "--policy", "ca-dismiss-all", "--as-of", AS_OF, "--out", bucket.url("run")
    )
    assert code == 1
    assert f"{store}: there is no store" in said
    code, said = command(
        capsys, "run", "--store", store, "--policy", url, "--as-of", AS_OF, "--out", bucket.url("run")
    )
    assert code == 1
    assert f"there is no policy '{url}'" in said
    with pytest.raises(FileNotFoundError) as error:
        Folder(store).read("manifest.json")
    assert error.value.filename == f"{store}/manifest.json"


def test_result_files_go_into_a_local_folder(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    ingest(put(tmp_path, "in/a.csv", ALAMEDA), tmp_path / "store")
    run = (
        "run",
        "--store",
        tmp_path / "store",
        "--policy",
        "ca-dismiss-all",
        "--as-of",
        AS_OF,
        "--out",
        "run",
        "-q",
    )
    assert command(capsys, *run) == (0, "")
    out = bucket.url("files")
    code, said = command(capsys, "export", "--run", "run", "--county", "ALAMEDA", "--out", out)
    assert code == 1
    assert said == (
        f"clearscale: {out}: result files are written into a local folder; choose one for --out, and copy them"
    )
    assert {path.name for path in tmp_path.iterdir()} == {"in", "store", "run"}
    assert bucket.contents() == {}
    assert export("run", "ALAMEDA", "files")[0] == Path("files/All_Results.csv")


def test_credentials_in_a_url_are_refused_and_not_repeated(
    bucket: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = command(
        capsys, "ingest", bucket.url("in/a.csv"), "--store", f"s3://AKIATEST:{SECRET}@{bucket.name}/s"
    )
    assert code == 1
    assert said.startswith("clearscale: credentials do not belong into URLs")


def test_packages_that_are_not_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(*_: Any, **__: Any) -> Any:
        raise ImportError("Install s3fs to access S3")

    with monkeypatch.context() as patch:
        patch.setattr("fsspec.core.url_to_fs", missing)
        code, said = command(capsys, "ingest", "s3://doj/a.csv", "--store", "s3://state/store")
    assert code == 1
    assert "S3 needs the package s3fs, which the extra `s3` brings: " in said
    code, said = command(capsys, "ingest", "nowhere://doj/a.csv", "--store", "nowhere://store")
    assert code == 1
    assert said == "clearscale: nowhere://store: URLs of this kind cannot be used (Protocol not known: nowhere)"


def test_reasons() -> None:
    assert reason(ValueError("a bug")) is None
    assert reason(ConnectionResetError(104, "Connection reset by peer")) == (
        "it cannot be reached; check the network and AWS_ENDPOINT_URL, then run the same command again"
    )
    assert reason(OSError(5, "Input/output error")) == "Input/output error; run the same command again"
    without_cause = OSError(16, "account 123 does too much")
    without_cause.__cause__ = Exception()
    assert reason(without_cause) == "OSError; run the same command again"
    assert isinstance(StorageError("x"), Exception)
