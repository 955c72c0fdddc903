"""Results that go with a purge, by commands that are killed: the same command ends it, and leaves nothing."""

import shutil
from itertools import count
from pathlib import Path

import pytest

import clearscale
from clearscale.api.made import destroyed, made_at
from clearscale.errors import RunError
from tests.support.canary import NUMBER
from tests.support.samples import Interrupted, put
from tests.support.stopping import Removals
from tests.support.void_results import RESULTS


@pytest.fixture(scope="session")
def removals() -> Removals:
    return Removals()


@pytest.mark.parametrize("kind", RESULTS)
def test_it_may_be_killed_before_anything_is_removed(
    kind: str, void_results: Path, in_memory: Path, removals: Removals
) -> None:
    folder = in_memory / "result"
    for number in count():
        shutil.copytree(void_results / kind / "result", folder)
        killed = False
        with removals.killed_before(number):
            try:
                destroyed(made_at([str(folder)]))
            except Interrupted:
                killed = True
        if not killed:
            break
        assert destroyed(made_at([str(folder)])) == (str(folder),)
        assert not folder.exists(), f"killed before removal {number}"
    assert number > 2
    assert not folder.exists()


def test_a_folder_with_something_else_is_left_as_it_is(everywhere: Path, tmp_path: Path) -> None:
    put(tmp_path, "mine/.hidden", b"mine")
    with pytest.raises(RunError, match="holds no run, sweep, comparison, papers or county's files"):
        clearscale.purge(everywhere, cii=NUMBER, made=tmp_path / "mine")
    assert (tmp_path / "mine/.hidden").read_bytes() == b"mine"
