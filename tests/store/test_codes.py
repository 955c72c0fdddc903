"""Codes that lead beyond their tables are an error that names the file, though the file is as it was written."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import clearscale
from clearscale.errors import StoreError
from clearscale.io.files import Folder
from clearscale.io.seals import with_digest
from clearscale.store import open_store
from tests.support.samples import decide, extract, ingest, put


@pytest.fixture
def store(tmp_path: Path) -> Path:
    ingest(put(tmp_path, "in.csv", extract("ALAMEDA", 1, 15)), tmp_path / "store", buckets=1)
    return tmp_path / "store"


def rewrite(store: Path, name: str, change: Any) -> None:
    """Let a wrong writer write a file of the snapshot, with its seal."""
    manifest = open_store(str(store)).manifest
    place = store / "snapshots" / manifest.snapshot
    folder = Folder(str(place))
    arrow = name.endswith(".arrow")
    read = folder.read_arrow if arrow else folder.read_parquet
    write = folder.write_arrow if arrow else folder.write_parquet
    table = pa.table(dict(zip(read(name).column_names, read(name).columns, strict=True)))
    seal = write(name, change(table))
    files = folder.read_json("files.json")
    parent, _, file = f"snapshots/{manifest.snapshot}/{name}".rpartition("/")
    files[parent][file] = list(seal)
    document = {
        **json.loads((store / "manifest.json").read_bytes()),
        "files": list(folder.write_json("files.json", files)),
    }
    for path in (store / "manifest.json", place / "manifest.json"):
        path.write_text(json.dumps(with_digest(document)))


def setting(column: str, value: int) -> Any:
    def change(table: pa.Table) -> pa.Table:
        values = table.column(column).to_numpy().copy()
        values[-1] = value
        return table.set_column(table.column_names.index(column), column, pa.array(values))

    return change


CANDIDATES, SUBJECTS = "candidates/bucket-00000.arrow", "subjects/bucket-00000.arrow"


@pytest.mark.parametrize("value", [-1, 2**30])
@pytest.mark.parametrize(
    ("name", "column"),
    [
        *((CANDIDATES, column) for column in ("history", "row", "offense", "county")),
        *((SUBJECTS, column) for column in ("extract", "race", "sex")),
    ],
)
def test_no_kernel_sees_a_code_beyond_its_table(
    name: str, column: str, value: int, store: Path, tmp_path: Path
) -> None:
    rewrite(store, name, setting(column, value))
    with pytest.raises(StoreError, match=rf"{name}: is damaged \(its column {column} leads beyond") as error:
        decide(store, tmp_path / "run")
    assert f"{2**30}" not in str(error.value)
    assert [damage.file for damage in clearscale.verify(store).damaged] == [
        str(store / "snapshots" / open_store(str(store)).manifest.snapshot / name)
    ]


@pytest.mark.parametrize(
    ("dataset", "column"),
    [("histories", "offense"), ("histories", "history"), ("convictions", "county"), ("people", "extract")],
)
def test_a_further_ingest_sees_none(dataset: str, column: str, store: Path, tmp_path: Path) -> None:
    name = f"{dataset}/bucket-00000.parquet"
    rewrite(store, name, setting(column, 2**30))
    with pytest.raises(StoreError, match=rf"{name}: is damaged \(its column {column} leads beyond"):
        open_store(str(store)).table(dataset)
    if dataset != "convictions":
        with pytest.raises(StoreError, match=rf"{name}: is damaged"):
            ingest(put(tmp_path, "later.csv", extract("YOLO", 2, 5)), store)


@pytest.mark.parametrize("name", ["county", "charges"])
def test_dictionaries_have_as_many_texts_as_the_manifest_says(name: str, store: Path, tmp_path: Path) -> None:
    rewrite(store, f"dictionaries/{name}.parquet", lambda table: table.slice(1))
    with pytest.raises(StoreError, match=rf"{name}.parquet: is damaged \(it has .* rows where there are .* texts"):
        decide(store, tmp_path / "run")


def test_a_column_that_is_missing(store: Path, tmp_path: Path) -> None:
    rewrite(store, CANDIDATES, lambda table: table.drop_columns(["flags"]))
    with pytest.raises(StoreError, match=rf"{CANDIDATES}: is damaged \(it has no column flags\)"):
        decide(store, tmp_path / "run")


def test_codes_that_are_no_numbers(store: Path, tmp_path: Path) -> None:
    def texts(table: pa.Table) -> pa.Table:
        place = table.column_names.index("race")
        return table.set_column(place, "race", pa.array(np.full(table.num_rows, "x")))

    rewrite(store, SUBJECTS, texts)
    with pytest.raises(StoreError, match=rf"{SUBJECTS}: is damaged \(its column race holds no numbers\)"):
        decide(store, tmp_path / "run")
