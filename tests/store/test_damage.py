"""A damaged file is an error that names it, or was not read: never another answer, a traceback, or a crash."""

import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from clearscale.errors import ClearscaleError
from clearscale_cluster.places.embedded import EmbeddedCluster
from tests.support.damaging import KINDS, damage
from tests.support.examples import at_length, is_long
from tests.support.samples import Interrupted, InterruptingCluster, contents, extract, ingest, put
from tests.support.uses import OF_RESULTS, OF_STORE, USES, copied, prepare

SHARES = 50
SHORT_SHARES = 2
DAMAGES = 2000 if is_long() else 18


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("damage") / "whole"
    prepare(folder)
    return folder


@pytest.fixture(scope="module")
def expected(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The answer of each use of what is whole."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        without_pdf(patch)
        for name, use in USES.items():
            place = tmp_path_factory.mktemp("expected")
            copied(whole, place / "copy")
            found[name] = use(place / "copy", place / "out")
    return found


def without_pdf(patch: pytest.MonkeyPatch) -> None:
    """Pages without their PDF, which takes longer than all else, and without the time of day."""
    patch.setattr("clearscale.outputs.report.writing.pdf", lambda page: b"")
    patch.setenv("SOURCE_DATE_EPOCH", "1600000000")


def outcome(use: Any, folder: Path, out: Path) -> Any:
    """The answer, or the error as an error; anything else goes on as it is."""
    try:
        return use(folder, out)
    except ClearscaleError as error:
        return error


@pytest.mark.sampled
@pytest.mark.parametrize("share", at_length(range(SHARES)) if is_long() else range(SHORT_SHARES))
def test_a_changed_file_changes_no_answer(
    share: int, whole: Path, expected: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_pdf(monkeypatch)
    many = DAMAGES // (SHARES if is_long() else SHORT_SHARES)
    told = 0
    for number in range(share * many, (share + 1) * many):
        chance = random.Random(number)
        part, uses = chance.choice([("store", OF_STORE), ("run", OF_RESULTS), ("sweep", OF_RESULTS)])
        folder = tmp_path / str(number)
        copied(whole, folder)
        found = damage(folder / part, number, KINDS[number % len(KINDS)])
        name = chance.choice(uses)
        answer = outcome(USES[name], folder, tmp_path / f"{number}-out")
        where = f"damage {number}: {found}, then {name}"
        if isinstance(answer, ClearscaleError):
            told += 1
            assert found.named_in(str(answer)), f"{where}: {answer}"
        else:
            assert answer == expected[name], where
    assert told


CUTS = at_length(range(125)) if is_long() else range(4)


def take_in(folder: Path, cluster: EmbeddedCluster) -> None:
    named, store = str(folder / "in.csv"), folder / "store"
    with pytest.MonkeyPatch.context() as patch:  # in several blocks
        patch.setattr("clearscale.extract.reading._LONGEST_OPENING", 2000)
        ingest(named, store, quarantine=True, block_bytes=5000, cluster=cluster)


@pytest.mark.sampled
@pytest.mark.parametrize("moment", [("read extracts", 4), ("fold histories", 1)])
def test_what_an_interrupted_ingest_left_is_made_again_where_it_is_damaged(
    moment: tuple[str, int], tmp_path: Path
) -> None:
    put(tmp_path, "begun/in.csv", extract("ALAMEDA", 1, 15) + b"not a record\n")
    shutil.copytree(tmp_path / "begun", tmp_path / "whole")
    take_in(tmp_path / "whole", EmbeddedCluster(1))
    with pytest.raises(Interrupted):
        take_in(tmp_path / "begun", InterruptingCluster(*moment))
    for number in CUTS:
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "begun", folder)
        done = damage(folder / "store", number, KINDS[number % len(KINDS)])
        take_in(folder, EmbeddedCluster(1))
        assert contents(folder / "store") == contents(tmp_path / "whole" / "store"), done
        shutil.rmtree(folder)
