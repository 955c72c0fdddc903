"""Encrypted stores, runs and sweeps: the same answers, and nothing that can be read without the key."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import clearscale
from clearscale.errors import ClearscaleError, StorageError
from clearscale.io.encryption import ENCRYPTION
from clearscale_cluster.places.embedded import EmbeddedCluster
from tests.support.samples import (
    AS_OF,
    Interrupted,
    InterruptingCluster,
    contents,
    decide,
    decrypted,
    extract,
    ingest,
    policy_file,
    put,
)


@pytest.fixture
def key(tmp_path: Path) -> str:
    clearscale.make_key(tmp_path / "key")
    return f"file:{tmp_path / 'key'}"


def personal(content: bytes) -> list[bytes]:
    """Texts of an extract that no file may show: numbers and names of more than a few letters."""
    lines = [line.split(b",") for line in content.splitlines()[1:]]
    return sorted({value.strip(b'"') for line in lines for value in line[1:12] if len(value.strip(b'"')) > 7})


def assert_nothing_to_read(folder: Path, texts: list[bytes]) -> None:
    for path in folder.rglob("*"):
        if path.is_file() and path.name != ENCRYPTION:
            content = path.read_bytes()
            assert not content.startswith((b"{", b"PAR1", b"ARROW1")), path
            assert not [text for text in texts if text in content], path


def test_answers_are_the_same_and_files_say_nothing(tmp_path: Path, key: str) -> None:
    content = extract("ALAMEDA")
    texts = personal(content)
    assert len(texts) > 20
    path = put(tmp_path, "alameda.csv", content + b"not a record of SOMEBODY\n")
    clearscale.start_encryption(tmp_path / "store", key)
    for store in ("plain", "store"):
        ingest(path, tmp_path / store, quarantine=True)
        decide(tmp_path / store, tmp_path / f"{store}-run")
        clearscale.sweep(
            tmp_path / store, policy_file(tmp_path), AS_OF, ["age=40..42"], tmp_path / f"{store}-sweep"
        )
        clearscale.export(tmp_path / f"{store}-run", "ALAMEDA", tmp_path / f"{store}-files")
        clearscale.decisions(tmp_path / f"{store}-run", out=tmp_path / f"{store}-list.csv")
        assert not clearscale.verify(tmp_path / store, tmp_path / f"{store}-run").damaged
    assert decrypted(tmp_path / "store") == contents(tmp_path / "plain")
    for name in ("run", "sweep"):
        found, expected = decrypted(tmp_path / f"store-{name}"), contents(tmp_path / f"plain-{name}")
        assert found.keys() == expected.keys()
        assert all(found[path] == expected[path] for path in found if not path.endswith(".json"))
    for folder in ("store", "store-run", "store-sweep"):
        assert_nothing_to_read(tmp_path / folder, [*texts, b"SOMEBODY"])
    assert (tmp_path / "store-list.csv").read_bytes() == (tmp_path / "plain-list.csv").read_bytes()
    files, expected = (contents(tmp_path / f"{store}-files") for store in ("store", "plain"))
    assert {name: value for name, value in files.items() if name.endswith(".csv")} == {
        name: value for name, value in expected.items() if name.endswith(".csv")
    }


@pytest.mark.long
def test_worker_processes_find_the_key(tmp_path: Path, key: str) -> None:
    path = put(tmp_path, "alameda.csv", extract("ALAMEDA"))
    clearscale.start_encryption(tmp_path / "store", key)
    ingest(path, tmp_path / "store", cluster="local:2")
    ingest(path, tmp_path / "plain")
    assert decrypted(tmp_path / "store") == contents(tmp_path / "plain")


@pytest.mark.parametrize("moment", [("read extracts", 3), ("fold histories", 1)])
def test_what_an_interrupted_ingest_leaves_is_encrypted(moment: tuple[str, int], tmp_path: Path, key: str) -> None:
    content = extract("ALAMEDA", 1, 15)
    path = put(tmp_path, "alameda.csv", content)
    store = tmp_path / "store"
    clearscale.start_encryption(store, key)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("clearscale.extract.reading._LONGEST_OPENING", 2000)
        with pytest.raises(Interrupted):
            ingest(path, store, block_bytes=5000, cluster=InterruptingCluster(*moment))
        assert list(store.glob("staging/*/*/*.arrow"))
        assert_nothing_to_read(store, personal(content))
        ingest(path, store, block_bytes=5000, cluster=EmbeddedCluster(1))
        ingest(path, tmp_path / "plain", block_bytes=5000)
    assert decrypted(store) == contents(tmp_path / "plain")


def test_a_changed_byte_is_told(tmp_path: Path, key: str) -> None:
    store = tmp_path / "store"
    clearscale.start_encryption(store, key)
    ingest(put(tmp_path, "alameda.csv", extract("ALAMEDA")), store)
    for path in sorted(path for path in store.rglob("*") if path.is_file() and path.name != ENCRYPTION):
        whole = path.read_bytes()
        path.write_bytes(whole[:-30] + bytes([whole[-30] ^ 1]) + whole[-29:])
        assert [Path(damage.file).name for damage in clearscale.verify(store).damaged] == [path.name]
        path.write_bytes(whole)
    assert not clearscale.verify(store).damaged


def test_a_copy_is_the_same_and_is_gone_on_with(tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store, copy = tmp_path / "store", tmp_path / "copy"
    ingest(put(tmp_path, "alameda.csv", extract("ALAMEDA")), store)
    stopped: list[int] = []

    def stop(done: int, total: int, label: str) -> None:
        stopped.append(done)
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        clearscale.copy_encrypted(store, copy, key, progress=stop)
    assert not (copy / "manifest.json").exists()
    with pytest.raises(ClearscaleError, match="there is no store"):
        clearscale.open_store(copy)
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("*") if path.is_file()}
    assert clearscale.copy_encrypted(store, copy, key) == len(contents(store))
    assert all(path.stat().st_mtime_ns == written for path, written in before.items())
    assert decrypted(copy) == contents(store)
    assert not clearscale.verify(copy).damaged


def test_another_key(tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "store"
    clearscale.start_encryption(store, key)
    ingest(put(tmp_path, "alameda.csv", extract("ALAMEDA")), store)
    before = contents(store)
    clearscale.make_key(tmp_path / "newer")
    clearscale.change_key(store, f"file:{tmp_path / 'newer'}")
    changed = {name for name, content in contents(store).items() if before[name] != content}
    assert changed == {ENCRYPTION}
    (tmp_path / "key").unlink()
    assert not clearscale.verify(store).damaged
    # Moved, it is found where it is said to be.
    (tmp_path / "newer").rename(tmp_path / "moved")
    forget_keys()
    with pytest.raises(StorageError, match=r"cannot be read.*CLEARSCALE_KEY"):
        clearscale.open_store(store)
    monkeypatch.setenv("CLEARSCALE_KEY", f"file:{tmp_path / 'moved'}")
    assert clearscale.open_store(store).manifest.extracts
    clearscale.make_key(tmp_path / "wrong")
    monkeypatch.setenv("CLEARSCALE_KEY", f"file:{tmp_path / 'wrong'}")
    forget_keys()
    with pytest.raises(StorageError, match="another key"):
        clearscale.open_store(store)


def forget_keys() -> None:
    from clearscale.io.encryption import encryption

    encryption._cipher.cache_clear()


def damaged_document(folder: Path) -> None:
    path = folder / ENCRYPTION
    path.write_text(json.dumps({**json.loads(path.read_text()), "wrapped": "!"}))


def other_files(folder: Path) -> None:
    (folder / "file").write_text("")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [(damaged_document, "is damaged, or of another version"), (other_files, "is not empty")],
)
def test_folders_that_cannot_be_used(spoil: Callable[[Path], None], message: str, tmp_path: Path, key: str) -> None:
    clearscale.start_encryption(tmp_path / "store", key)
    spoil(tmp_path / "store")
    with pytest.raises(StorageError, match=message):
        clearscale.start_encryption(tmp_path / "store", key)


def test_what_cannot_be_done(tmp_path: Path, key: str) -> None:
    with pytest.raises(StorageError, match="is there already"):
        clearscale.make_key(tmp_path / "key")
    assert os.stat(tmp_path / "key").st_mode & 0o777 == 0o600  # noqa: PTH116
    with pytest.raises(StorageError, match="nothing to copy"):
        clearscale.copy_encrypted(tmp_path / "nowhere", tmp_path / "copy", key)
    ingest(put(tmp_path, "alameda.csv", extract("ALAMEDA")), tmp_path / "plain")
    with pytest.raises(StorageError, match="is not encrypted; `clearscale encryption copy`"):
        clearscale.change_key(tmp_path / "plain", key)
    with pytest.raises(StorageError, match="is not empty; choose a new folder"):
        clearscale.start_encryption(tmp_path / "plain", key)
    # A finished run of a plain store is not taken for one of an encrypted store.
    decide(tmp_path / "plain", tmp_path / "run")
    clearscale.copy_encrypted(tmp_path / "plain", tmp_path / "copy", key)
    with pytest.raises((ClearscaleError, OSError), match=r"not what was encrypted|is not empty|another run"):
        decide(tmp_path / "copy", tmp_path / "run")
