"""Tables of a store as people read them, against the tables as files have them and the dictionaries."""

import datetime

import numpy as np
import pyarrow as pa
import pytest

import clearscale
from clearscale.encoding import legible
from clearscale.store.decoded import FLAGS, coded, named_bits
from clearscale_kernels.people.calendar import NO_DATE
from tests.support.samples import decide, extract, ingest, put

DAY = datetime.date(1970, 1, 1)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> clearscale.Store:
    folder = tmp_path_factory.mktemp("decoded")
    for seed, county in enumerate(("ALAMEDA", "YOLO")):
        ingest(put(folder, f"{county}.csv", extract(county, seed=seed)), folder / "store", county=county)
    decide(folder / "store", folder / "run")
    return clearscale.open_store(folder / "store")


@pytest.mark.parametrize("dataset", ["histories", "convictions", "people"])
def test_what_is_read_stands_for_what_is_stored(store: clearscale.Store, dataset: str) -> None:
    plain, read = store.table(dataset).to_pylist(), store.table(dataset, decoded=True).to_pylist()
    assert len(plain) == len(read) > 10
    texts = store.dictionaries().texts
    ids = {entry.number: entry.id for entry in store.manifest.extracts}
    for stored, shown in zip(plain, read, strict=True):
        assert stored.keys() == shown.keys()
        for name, value in stored.items():
            if name == "sentence_end" and shown["event_date"] is None:
                assert shown[name] is None
                continue
            assert shown[name] == as_read(dataset, name, value, texts, ids), name
    if dataset == "convictions":
        assert any(shown["event_date"] is None for shown in read)
        ends = store.table(dataset, ["sentence_end"], decoded=True)
        assert ends.column_names == ["bucket", "sentence_end"]
        assert ends.column("sentence_end").to_pylist() == [shown["sentence_end"] for shown in read]


def as_read(dataset: str, name: str, value: object, texts: dict[str, list[bytes]], ids: dict[int, str]) -> object:
    """A value as people read it, said once more."""
    if name == "flags":
        assert isinstance(value, int)
        return [text for bit, text in FLAGS[dataset].items() if value & bit]
    if name in texts:
        assert isinstance(value, int)
        return legible(texts[name][value])
    if name == "extract":
        assert isinstance(value, int)
        return ids[value]
    if name in ("event_date", "birth_date", "latest_conviction"):
        assert isinstance(value, int)
        return None if value <= NO_DATE else DAY + datetime.timedelta(value)
    if name == "sentence_end":
        assert isinstance(value, int)
        return datetime.datetime(1970, 1, 1) + datetime.timedelta(value / 2)
    return legible(value) if isinstance(value, bytes) else value


def test_every_bit_of_a_store_has_a_name(store: clearscale.Store) -> None:
    for dataset, names in FLAGS.items():
        met = np.bitwise_or.reduce(store.table(dataset).column("flags").to_numpy().astype(np.int64))
        assert met & ~sum(names) == 0, dataset


def test_flags_of_decisions_are_lists(store: clearscale.Store) -> None:
    run = clearscale.open_run(f"{store.folder.url}/../run")
    texts, lists = run.decisions().column("flags").to_pylist(), run.decisions(decoded=True).column("flags")
    assert pa.types.is_list(lists.type)
    assert [";".join(flags) for flags in lists.to_pylist()] == texts
    assert any(texts)


def test_texts_that_read_alike_are_one() -> None:
    found = coded(np.array([0, 1, 2, 1], np.int32), ["a", "b", "a"])
    assert found.to_pylist() == ["a", "b", "a", "b"]
    assert found.dictionary.to_pylist() == ["a", "b"]
    assert named_bits(np.array([], np.int32), {1: "one"}).to_pylist() == []


def test_a_notebook_shows_a_store_and_a_run_as_tables(store: clearscale.Store) -> None:
    shown = store._repr_html_()
    assert shown.startswith("<table><caption>Store ")
    assert "<td" in shown
    run = clearscale.open_run(f"{store.folder.url}/../run")
    assert f">{run.summary['counties']}</td>" in run._repr_html_()


def test_texts_in_a_notebook_are_no_markup() -> None:
    from clearscale.drawing.tables import html_table

    shown = html_table("<b>", [("<script>", 1234)], ("&",))
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown
    assert "1,234" in shown
