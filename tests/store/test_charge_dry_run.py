"""A dry run of charges says of all files together what the ingest would, and writes nothing."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clearscale
from clearscale.errors import ExtractError
from tests.commands.test_policy_commands import call
from tests.formats.made import ROW, rendered
from tests.store.test_charge_stores import take
from tests.support.examples import examples
from tests.support.samples import contents, put

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "fgrprntno": st.sampled_from(["A", "B", "C", "D", ""]),
            "case_number": st.sampled_from(["1", "2", "3", ""]),
            "sequence_number": st.sampled_from(["1", "01", "2", ""]),
            "dob": st.sampled_from(["09-Feb-60", "10-Feb-60", ""]),
        }
    ),
    min_size=1,
    max_size=12,
)
FILES = st.lists(st.tuples(st.sampled_from(["a.csv", "b.csv"]), ROWS), min_size=1, max_size=3)
BY_NAME = ("repeated-keys", "contradictory-births", "no-people", "no-case-numbers", "blank-columns")


@settings(derandomize=True, deadline=None, database=None, max_examples=examples(25))
@given(FILES, st.booleans())
def test_a_dry_run_foresees_what_all_files_show(
    tmp_path_factory: pytest.TempPathFactory, files: list[tuple[str, list[dict[str, str]]]], add: bool
) -> None:
    folder = tmp_path_factory.mktemp("dry")
    how = {"add": add, "accept": BY_NAME, "buckets": 2, "block_bytes": 300, "group_blocks": 1}
    for number, (name, rows) in enumerate(files):
        file = put(folder / str(number), name, rendered([{**ROW, **row} for row in rows]))
        before = contents(folder / "store") if number else {}
        foreseen = take(folder / "store", file, **how, dry_run=True)
        assert (contents(folder / "store") if number else {}) == before
        found = take(folder / "store", file, **how)
        # Accepted findings of the snapshot before stay accepted; nothing else may differ.
        assert foreseen.findings == found.findings


def test_the_command_refuses_what_the_ingest_would(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{**ROW, "sequence_number": str(number), "dob": f"0{1 + number % 2}-Feb-60"} for number in range(4)]
    first, second = (
        put(tmp_path, name, rendered(part)) for name, part in (("a.csv", rows[:1]), ("b.csv", rows[1:]))
    )
    store = tmp_path / "store"
    how = ("ingest", "--store", str(store), "--format", "il-cook-clerk")
    assert call(capsys, *how, first)[0] == 0
    code, out, _ = call(capsys, *how, second, "--dry-run")
    assert code == 1
    assert "all files together: contradictory-births (refused): 1 of 1 people have several birth dates" in out
    with pytest.raises(ExtractError, match="contradictory-births"):
        clearscale.ingest_charges(second, store, "il-cook-clerk")
    code, out, _ = call(capsys, *how, second, "--dry-run", "--accept", "contradictory-births")
    assert code == 0
    shutil.rmtree(store)
    assert call(capsys, *how, first, "--dry-run")[0] == 0
    assert not store.exists()
