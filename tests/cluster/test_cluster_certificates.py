"""Certificates for clusters that are started separately, and what goes without them."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import signal
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from distributed import Client
from distributed.security import Security

from clearscale.commands import main
from clearscale_cluster import ClusterError, open_cluster
from clearscale_cluster.places.served import ServedCluster
from clearscale_cluster.setup.certificates import ROLES, make_certificates
from tests.support import other_user
from tests.support.pages import blocks_below
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "certificates"
    make_certificates(folder)
    return folder


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_keys_are_for_their_owner_alone_whatever_the_umask(
    public_folder: Path, umask: int, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = public_folder / "certificates"
    before = os.umask(umask)
    try:
        with pytest.raises(SystemExit) as ended:
            main.main(["cluster", "certificates", "--out", str(folder)])
    finally:
        os.umask(before)
    assert ended.value.code == 0
    names = ["ca.pem", *(f"{role}{end}" for role in ROLES for end in (".pem", "-key.pem"))]
    assert capsys.readouterr().out.split() == [str(folder / name) for name in names]
    assert {path.name for path in folder.iterdir()} == set(names), "the authority's key is not kept"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert other_user.reaches(str(public_folder)) == []


def test_what_is_there_is_not_replaced(tmp_path: Path, public_folder: Path) -> None:
    (tmp_path / "there").mkdir()
    (public_folder / "link").symlink_to(tmp_path / "nowhere")
    for place in (tmp_path / "there", public_folder / "link"):
        with pytest.raises(ClusterError, match="is there already; name a new folder"):
            make_certificates(place)
    assert list((tmp_path / "there").iterdir()) == []
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("days", [0, -1, 4000])
def test_days_out_of_range(tmp_path: Path, days: int) -> None:
    with pytest.raises(ClusterError, match="1 to 3650 days"):
        make_certificates(tmp_path / "new", days)
    assert not (tmp_path / "new").exists()


def test_each_is_good_for_its_role_only(certificates: Path) -> None:
    uses = {}
    for role in ROLES:
        made = x509.load_pem_x509_certificate((certificates / f"{role}.pem").read_bytes())
        uses[role] = set(made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
        assert 364 <= (made.not_valid_after_utc - made.not_valid_before_utc).days <= 366
        made.verify_directly_issued_by(x509.load_pem_x509_certificate((certificates / "ca.pem").read_bytes()))
    both = {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH}
    assert uses == {"scheduler": both, "worker": both, "client": {ExtendedKeyUsageOID.CLIENT_AUTH}}


def _security(folder: Path, role: str) -> Security:
    return Security(
        require_encryption=True,
        tls_ca_file=str(folder / "ca.pem"),
        tls_client_cert=str(folder / f"{role}.pem"),
        tls_client_key=str(folder / f"{role}-key.pem"),
    )


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder in which the page's commands were given, word by word but for the address and the cores.

    Scheduler and worker run, the file with the address is written, the last command has ended.
    """
    folder = tmp_path_factory.mktemp("followed")
    (folder / "cluster").symlink_to(ROOT / "cluster")
    port = str(_free_port())
    blocks = blocks_below(ROOT / "docs/how-to/cluster.md", "A scheduler and workers started separately")
    assert [block.info for block in blocks] == ["sh", "sh", "sh", "yaml cluster.yaml", "sh"]
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    running: list[subprocess.Popen[bytes]] = []
    try:
        for block in blocks:
            text = block.body.replace("10.0.0.1", "127.0.0.1").replace("8786", port).replace("$(nproc)", "1")
            if block.kind == "yaml":
                (folder / block.info.removeprefix("yaml ")).write_text(text)
            elif "\ndask " in text:
                with (folder / "log").open("ab") as log:
                    command = ["bash", "-c", text.replace("\ndask ", "\nexec dask ")]
                    running.append(subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log))
                if "dask scheduler" in text:
                    wait_until(lambda: _listens(int(port)), running[-1])
            else:
                subprocess.run(["bash", "-ec", text], cwd=folder, env=environment, check=True)
        yield folder
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as calling:
        return calling.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.long
@pytest.mark.slow
def test_the_page_is_followed_word_by_word(followed: Path) -> None:
    assert (followed / "extracts/truth.json").exists(), "the last command worked there"


@pytest.mark.slow
def test_who_has_no_certificate_is_refused(followed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(followed)
    [address] = re.findall(r"tls://\S+", (followed / "cluster.yaml").read_text())
    make_certificates(tmp_path / "others")
    for place in (address, address.replace("tls:", "tcp:")):
        with pytest.raises(ClusterError, match=f"no Dask scheduler answers at {place}"):
            open_cluster(place, timeout=1, insecure=True)
    with pytest.raises((OSError, ssl.SSLError), match=r"(?i)cert|timed out"):
        Client(address, security=_security(tmp_path / "others", "client"), timeout=1, set_as_default=False)
    gc.collect()
    with open_cluster("cluster.yaml") as cluster:
        assert isinstance(cluster, ServedCluster)
        [worker] = cluster.client.nthreads()
        assert worker.startswith("tls://"), "the worker is reached over TLS, too"
        assert cluster.gather(abs, [-1], label="still there") == [1]


@pytest.mark.slow
def test_a_client_poses_as_no_worker(followed: Path) -> None:
    """A worker's port with the certificate of a client: who calls it hangs up."""
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    folder = followed / "certificates"
    server.load_cert_chain(folder / "client.pem", folder / "client-key.pem")
    calling = _security(folder, "scheduler").get_connection_args("client")["ssl_context"]
    sent, received = ssl.MemoryBIO(), ssl.MemoryBIO()
    posing, caller = server.wrap_bio(sent, received, server_side=True), calling.wrap_bio(received, sent)

    def shake_hands() -> None:
        for _ in range(4):
            for side in (caller, posing):
                with contextlib.suppress(ssl.SSLWantReadError):
                    side.do_handshake()

    with pytest.raises(ssl.SSLCertVerificationError, match="purpose"):
        shake_hands()


@pytest.mark.parametrize("address", ["tcp://10.0.0.1:8786", "10.0.0.1:8786", "tcp://127.0.0.1:8786", "ucx://a:1"])
def test_an_address_without_tls_must_be_allowed(address: str, tmp_path: Path) -> None:
    file = tmp_path / "cluster.yaml"
    file.write_text(f"scheduler-address: {address}\n")
    for place in (address, str(file)):
        with pytest.raises(ClusterError, match=rf"{address}: is an address without TLS: .*--insecure"):
            open_cluster(place, timeout=0.1)


@pytest.mark.parametrize("place", ["threads:1", "local:1"])
def test_what_needs_no_leave_is_given_none(place: str) -> None:
    with pytest.raises(ClusterError, match="insecure is for the address of a scheduler"):
        open_cluster(place, insecure=True)


_LISTENS = """
import os, socket, sys
with socket.create_server(("127.0.0.1", 0)) as listening:
    with open(sys.argv[1] + ".new", "w") as file:
        print(listening.getsockname()[1], os.getpid(), file=file)
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    while True:
        listening.accept()[0].close()
"""


@pytest.mark.parametrize("parent", ["this process", "another"])
def test_a_loopback_address_is_allowed_where_this_process_started_what_listens(parent: str, tmp_path: Path) -> None:
    words = [sys.executable, "-c", _LISTENS, str(tmp_path / "port")]
    # A shell that ends leaves what it started to the system.
    if parent == "another":
        words = ["sh", "-c", '"$@" >/dev/null 2>&1 &', "sh", *words]
    started = subprocess.Popen(words)
    wait_until((tmp_path / "port").exists)
    port, number = map(int, (tmp_path / "port").read_text().split())
    try:
        said = "is an address without TLS" if parent == "another" else "no Dask scheduler answers"
        with pytest.raises(ClusterError, match=f"tcp://localhost:{port} .*|tcp://localhost:{port}: .*") as caught:
            open_cluster(f"tcp://localhost:{port}", timeout=0.5)
        assert said in str(caught.value)
    finally:
        os.kill(number, signal.SIGKILL)
        started.wait()


def test_the_command_line_allows_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(open_cluster.__kwdefaults__, "timeout", 0.5)
    told = {}
    for option in ([], ["--insecure"]):
        with pytest.raises(SystemExit) as ended:
            main.main(
                ["synth", "--out", str(tmp_path / "new"), "--cluster", f"tcp://127.0.0.1:{_free_port()}", *option]
            )
        assert ended.value.code == 1
        told[bool(option)] = capsys.readouterr().err
    assert "is an address without TLS" in told[False]
    assert "no Dask scheduler answers at tcp://" in told[True]
    assert not (tmp_path / "new").exists()
