"""What pages of the state, of counties and of courts give away together: nothing, and all that is not hidden."""

from collections.abc import Callable
from pathlib import Path

import pytest

import clearscale
from clearscale.formats import load_map
from clearscale.formats.catalog import maps
from clearscale.outputs.disclosure import charges as hiding
from clearscale.outputs.disclosure.judge import Judge
from clearscale.outputs.report.charges.view import ReportedRun
from clearscale.relief.packs import names
from clearscale.relief.packs import pack as document_of
from clearscale.runs.charges.opened import TABLES
from clearscale.synth import fabricate, fabricate_charges
from tests.support.many_courts import build
from tests.support.published_charges import Key, Published, exactly, given_away, read_pages
from tests.support.samples import ingest


def found_in(folder: Path) -> tuple[Published, dict[Key, tuple[float, float]]]:
    source = ReportedRun(clearscale.open_charge_run(folder / "run"), 11)
    shown, exact = (Published.of(read_pages(run)) for run in (source, exactly(source)))
    return shown, given_away(shown, exact)


def test_pages_of_the_state_of_counties_and_of_courts_give_nothing_away(many_courts: Path) -> None:
    shown, found = found_in(many_courts)
    assert found == {}
    hidden = {key for key, value in shown.figures.items() if value is None}
    assert {key[0] for key in hidden} >= {"charges", "reason", "court", "people", "lacking", "due", "relieved"}
    # What can be shown is: the larger courts, and nearly all of the state.
    told = [key for key, value in shown.figures.items() if value is not None and key[0] == "court"]
    assert len(told) > 10
    assert shown.figures["charges", ""] is not None


def test_one_county_without_courts_gives_nothing_away(cook: Path) -> None:
    shown, found = found_in(cook)
    assert found == {}
    assert not [key for key in shown.figures if key[0] == "court"]
    assert None in shown.figures.values()


def only_small(judge: Judge, _: Callable[[tuple[int, ...]], int | None]) -> bool:
    """Hide nothing beside what is small."""
    return True


def test_what_is_hidden_alone_is_found(many_courts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Judge, "protect", only_small)
    _, found = found_in(many_courts)
    assert {key[0] for key in found} >= {"court", "reason"}


def test_a_judge_that_does_not_know_of_courts_gives_theirs_away(
    many_courts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if courts were shown beside pages that were judged without them, with only their small figures hidden."""
    whole = hiding.ChargeCounts.shown

    def without_courts(counts: hiding.ChargeCounts, below: int | None = 11) -> dict[hiding.Key, int | None]:
        about = {**vars(counts), "courts": {}}
        exact = whole(counts, None)
        found = whole(hiding.ChargeCounts(**about), below)
        small = {key for key, value in exact.items() if value is not None and below and 0 < value < below}
        return {key: found.get(key, None if key in small else value) for key, value in exact.items()}

    monkeypatch.setattr(hiding.ChargeCounts, "shown", without_courts)
    _, found = found_in(many_courts)
    assert "court" in {key[0] for key in found}
    assert {key[0] for key in found} & {"reason", "charges"}


@pytest.mark.long
@pytest.mark.parametrize("format_name", maps())
def test_nothing_is_given_away_of_any_format_by_any_pack(format_name: str, tmp_path: Path) -> None:
    """A state's packs over fabricated files of its format, all over those of no state."""
    stated = load_map(format_name)
    if stated.document.get("extract"):
        ingest(
            [made.path for made in fabricate(str(tmp_path), counties=3, people=120, seed=2)], tmp_path / "extracts"
        )
        source = str(tmp_path / "extracts")
    else:
        source = fabricate_charges(str(tmp_path), stated, people=120, seed=4).path
    clearscale.ingest_charges(source, tmp_path / "store", format_name, accept=("no-people",))
    state = stated.document.get("state")
    for pack in [name for name in names() if state in (None, document_of(name).state)]:
        run = clearscale.run_charges(tmp_path / "store", pack, "2026-01-01", tmp_path / pack / "run")
        assert [name.removesuffix(".csv") for name in clearscale.tables(run, tmp_path / "tables")] == [*TABLES]
        _, found = found_in(tmp_path / pack)
        assert found == {}, pack


@pytest.mark.long
@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_given_away_of_other_people(seed: int, tmp_path: Path) -> None:
    build(tmp_path, people=(60, 300, 2500)[seed % 3], seed=seed)
    assert found_in(tmp_path)[1] == {}
