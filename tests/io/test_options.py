"""Options of storages: they reach fsspec, and only it."""

from pathlib import Path

import fsspec
import pytest

import clearscale
from clearscale.io.options import use_options


def test_options_are_those_of_the_storage_s_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fsspec.config, "conf", {"s3": {"anon": False}})
    use_options("s3://bucket/store", {"profile": "research"})
    assert fsspec.config.conf == {"s3": {"anon": False, "profile": "research"}}
    use_options("s3://bucket/store", None)
    assert fsspec.config.conf == {"s3": {"anon": False, "profile": "research"}}


def test_a_path_of_this_machine_has_none(tmp_path: Path) -> None:
    with pytest.raises(clearscale.StorageError, match="is on this machine; storage_options are of URLs"):
        clearscale.open_store(tmp_path, storage_options={"profile": "research"})


def test_what_is_opened_is_reached_by_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fsspec.config, "conf", {})
    for opening in (clearscale.open_store, clearscale.open_run, clearscale.open_charge_run):
        with pytest.raises(clearscale.ClearscaleError):
            opening("memory://nowhere/at-all", storage_options={"skip_instance_cache": True})
        assert fsspec.config.conf.pop("memory") == {"skip_instance_cache": True}
