"""The fabricated state: its size, its files, and a truth that is what the engine finds."""

import csv
import io
import json
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.spec import AbstractBufferedFile, AbstractFileSystem

import clearscale
from clearscale import ingest, open_store
from clearscale.commands import main
from clearscale.io.all_or_nothing import whole_file
from clearscale.io.private import PRIVATE
from clearscale.io.source import Source
from clearscale.law import states
from clearscale.synth import FabricatedExtract, fabricate, fabricate_state
from clearscale.synth.counties import COUNTIES, expected_convictions, expected_people, repeats
from clearscale.synth.plan import make_state_plan
from clearscale_cluster import open_cluster
from tests.support.examples import long

COLUMNS = states.state().format.columns
SCALE, SEED = 0.002, 7
BLANK = {"PDR_SEG_SEP", "CYC_SEG_SEP", "STP_SEG_SEP", "CNT_SEG_SEP", "SENT_SEG_SEP"}
REQUEST = {column for column in COLUMNS if column.startswith("REQ_")}
GROUPS = {
    "WHITE": "WHITE",
    "BLACK": "BLACK",
    "HISPANIC": "HISPANIC",
    "AMERICAN INDIAN": "AMERICAN INDIAN",
    "ASIAN INDIAN": "ASIAN OR PACIFIC ISLANDER",
    "CAMBODIAN": "ASIAN OR PACIFIC ISLANDER",
    "CHINESE": "ASIAN OR PACIFIC ISLANDER",
    "FILIPINO": "ASIAN OR PACIFIC ISLANDER",
    "GUAMANIAN": "ASIAN OR PACIFIC ISLANDER",
    "HAWAIIAN": "ASIAN OR PACIFIC ISLANDER",
    "JAPANESE": "ASIAN OR PACIFIC ISLANDER",
    "KOREAN": "ASIAN OR PACIFIC ISLANDER",
    "LAOTIAN": "ASIAN OR PACIFIC ISLANDER",
    "OTHER ASIAN": "ASIAN OR PACIFIC ISLANDER",
    "PACIFIC ISLANDER": "ASIAN OR PACIFIC ISLANDER",
    "SAMOAN": "ASIAN OR PACIFIC ISLANDER",
    "VIETNAMESE": "ASIAN OR PACIFIC ISLANDER",
    "OTHER": "OTHER",
    "UNKNOWN": "UNKNOWN",
}
"""The group of each `RACE_DESCR` in tables."""
SEVERITIES = {"felony": "felonies", "not a felony": "others"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def made(folder: Path) -> list[FabricatedExtract]:
    return fabricate_state(str(folder / "extracts"), scale=SCALE, seed=SEED)


@pytest.fixture(scope="module")
def truth(made: list[FabricatedExtract], folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "extracts/truth.json").read_text())
    return document


@pytest.fixture(scope="module")
def finished(made: list[FabricatedExtract], folder: Path) -> clearscale.Run:
    store = str(folder / "store")
    ingest([extract.path for extract in made], store)
    return clearscale.run(store, "ca-dismiss-all", "2020-07-01", str(folder / "run"))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.long
@pytest.mark.parametrize("spec", ["threads:1", "threads:2", long("local:2")])
def test_any_cluster_writes_the_same_bytes(
    made: list[FabricatedExtract],
    folder: Path,
    tmp_path: Path,
    spec: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)  # a relative folder means this one in worker processes that began elsewhere, too
    own = spec != "local:2"
    with open_cluster(spec) if own else nullcontext(request.getfixturevalue("two_processes")) as cluster:
        again = fabricate_state("again", scale=SCALE, seed=SEED, cluster=cluster)
    assert contents(tmp_path / "again") == contents(folder / "extracts")
    assert [(extract.county, extract.rows, extract.people) for extract in again] == [
        (extract.county, extract.rows, extract.people) for extract in made
    ]


def test_compressed_extracts_hold_the_same(made: list[FabricatedExtract], folder: Path, tmp_path: Path) -> None:
    again = fabricate_state(str(tmp_path), scale=SCALE, seed=SEED, compress=True)
    for plain, compressed in zip(made, again, strict=True):
        assert compressed.path == str(tmp_path / f"{Path(plain.path).name}.zst")
        with Source(compressed.path).open() as file:
            assert file.read() == Path(plain.path).read_bytes()
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert truth["state"] == json.loads((folder / "extracts/truth.json").read_text())["state"]
    assert all((tmp_path / county["file"]).exists() for county in truth["counties"])


def groups(scope: dict[str, Any]) -> dict[tuple[str, str], int]:
    """People by the groups that tables show."""
    found: Counter[tuple[str, str]] = Counter()
    for group in scope["groups"]:
        found[GROUPS[group["race"]], group["sex"] or "UNKNOWN"] += group["people"]
    return dict(found)


def convictions(scope: dict[str, Any]) -> dict[tuple[str, ...], int]:
    found: Counter[tuple[str, ...]] = Counter()
    for group in scope["groups"]:
        for severity in SEVERITIES.values():
            for section, count in group[severity].items():
                found[GROUPS[group["race"]], group["sex"] or "UNKNOWN", severity, section] += count
    return dict(+found)


def found_groups(finished: clearscale.Run, scope: str, county: str, measure: str) -> dict[tuple[str, str], int]:
    found: Counter[tuple[str, str]] = Counter()
    for row in finished.table("people").to_pylist():
        if (row["scope"], row["county"]) == (scope, county):
            found[row["race"], row["sex"]] += row[measure]
    return dict(found)


def found_convictions(finished: clearscale.Run, county: str | None) -> dict[tuple[str, ...], int]:
    """Convictions of a county as it counts its own, or of the state, each person's once."""
    counts = "convictions" if county else "convictions_once"
    found: Counter[tuple[str, ...]] = Counter()
    for row in finished.table("convictions").to_pylist():
        if county in (row["county"], None):
            found[row["race"], row["sex"], SEVERITIES[row["severity"]], row["section"]] += row[counts]
    return dict(+found)


def assert_summary_is(summary: dict[str, Any], scope: dict[str, Any]) -> None:
    sections = Counter(scope["felonies"]) + Counter(scope["others"])
    assert summary["subjectsWithProp64ConvictionCountInCounty"] == scope["people"]
    assert summary["prop64ConvictionsCountInCountyByCodeSection"] == sections
    assert summary["prop64FelonyConvictionsCountInCounty"] == sum(scope["felonies"].values())
    assert summary["prop64NonFelonyConvictionsCountInCounty"] == sum(scope["others"].values())
    assert scope["convictions"] == sections.total()


def test_the_truth_of_each_county_is_what_the_engine_finds(truth: dict[str, Any], finished: clearscale.Run) -> None:
    assert sorted(county["county"] for county in truth["counties"]) == [county.name for county in COUNTIES]
    for county in truth["counties"]:
        name = county["county"]
        assert_summary_is(finished.counties[name], county)
        assert found_groups(finished, "county", name, "people") == groups(county)
        assert found_groups(finished, "county", name, "with_prop64") == groups(county)
        assert found_convictions(finished, name) == convictions(county)
    assert len(finished.counties) == len(COUNTIES)


def test_the_truth_of_the_state_is_what_the_engine_finds(
    truth: dict[str, Any], finished: clearscale.Run, folder: Path
) -> None:
    state = truth["state"]
    assert_summary_is(finished.summary, state)
    assert found_groups(finished, "state", "", "people") == groups(state)
    assert found_groups(finished, "state", "", "with_prop64") == groups(state)
    assert found_convictions(finished, None) == convictions(state)
    store = open_store(str(folder / "store"))
    people = [store.bucket("people", bucket).to_pydict() for bucket in range(store.manifest.buckets)]
    once = sum(
        rows
        for bucket in people
        for rows, canonical in zip(bucket["rows"], bucket["canonical"], strict=True)
        if canonical
    )
    assert state["rows"] == once
    assert store.manifest.counts["rows"] == sum(county["rows"] for county in truth["counties"])


def test_what_is_returned_is_the_truth(made: list[FabricatedExtract], truth: dict[str, Any], folder: Path) -> None:
    assert [(extract.county, extract.path, extract.rows, extract.people) for extract in made] == [
        (county["county"], f"{folder}/extracts/{county['file']}", county["rows"], county["people"])
        for county in truth["counties"]
    ]


def test_no_column_is_constant_but_those_that_are_blank(made: list[FabricatedExtract]) -> None:
    values: list[set[str]] = [set() for _ in COLUMNS]
    for extract in made:
        lines = csv.reader(io.StringIO(Path(extract.path).read_bytes().decode("latin-1"), newline=""))
        next(lines)
        for found, column in zip(values, zip(*lines, strict=True), strict=True):
            found.update(column)
    found_by_name = dict(zip(COLUMNS, values, strict=True))
    assert {name for name, found in found_by_name.items() if len(found) < 2} <= BLANK | REQUEST
    assert all(found_by_name[name] == {""} for name in BLANK)


def test_the_state_has_its_published_size() -> None:
    plan = make_state_plan(1.0, SEED)
    people = sum(group.people for group in plan.groups)
    assert people == pytest.approx(177_000, rel=0.02)
    assert sum(group.people for group in plan.groups if len(group.route) > 1) / people == pytest.approx(
        1 / 8, rel=0.02
    )
    expected = expected_convictions()
    for county in plan.counties:
        present = sum(group.people for group in plan.extract(county))
        assert present * (1 + repeats(county)) == pytest.approx(expected[county.name], rel=0.08, abs=15)
    assert sum(expected.values()) == pytest.approx(220_000, abs=50)
    los_angeles = sum(group.people for group in plan.extract(plan.counties[0]))
    assert los_angeles == pytest.approx(expected_people()["LOS ANGELES"], rel=0.01)


def test_scale_multiplies_the_people() -> None:
    whole, tenth = (sum(group.people for group in make_state_plan(scale, 1).groups) for scale in (1.0, 0.1))
    assert tenth == round(whole / 10)


@pytest.mark.parametrize(
    ("scale", "seed"), [(0.0, 1), (-1.0, 1), (float("nan"), 1), (0.0001, 1), (101.0, 1), (1.0, -1)]
)
def test_impossible_states_are_refused(tmp_path: Path, scale: float, seed: int) -> None:
    with pytest.raises(ValueError, match=r"scale|seed"):
        fabricate_state(str(tmp_path), scale=scale, seed=seed)


def test_extracts_are_for_their_owner_and_group(made: list[FabricatedExtract]) -> None:
    assert {Path(extract.path).stat().st_mode & 0o777 for extract in made} == {PRIVATE}


def test_a_local_file_is_there_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "new" / "a.csv"
    target.parent.mkdir()
    (target.parent / ".a.csv.partial").write_text("what a killed process left, which is longer")
    with whole_file(str(target)) as file:
        file.write(b"new")
        assert not target.exists()
    assert contents(target.parent) == {"a.csv": b"new"}


def fail_in(url: str) -> None:
    def write() -> None:
        with whole_file(url) as file:
            file.write(b"half of the file")
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        write()


def test_a_failure_leaves_a_local_file_as_it_was(tmp_path: Path) -> None:
    fail_in(str(tmp_path / "a.csv"))
    assert contents(tmp_path) == {}
    (tmp_path / "a.csv").write_bytes(b"old")
    fail_in(str(tmp_path / "a.csv"))
    assert contents(tmp_path) == {"a.csv": b"old"}


class Uploads(AbstractFileSystem):  # type: ignore[misc]
    """Takes files in parts, as object storages do: they are there when the last part has come."""

    protocol = "uploads"
    cachable = False
    finished: dict[str, bytes] = {}  # noqa: RUF012

    def _open(self, path: str, mode: str = "rb", **options: Any) -> AbstractBufferedFile:
        return Upload(self, path, mode, block_size=4, autocommit=options["autocommit"])


class Upload(AbstractBufferedFile):  # type: ignore[misc]
    def _initiate_upload(self) -> None:
        self.parts = b""

    def _upload_chunk(self, final: bool = False) -> bool:
        self.parts += self.buffer.getvalue()
        if final:
            Uploads.finished[self.path] = self.parts
        return True


@pytest.fixture
def uploads() -> dict[str, bytes]:
    fsspec.register_implementation("uploads", Uploads, clobber=True)
    Uploads.finished.clear()
    return Uploads.finished


def test_an_upload_is_completed_or_given_up(uploads: dict[str, bytes]) -> None:
    fail_in("uploads://a.csv")
    assert uploads == {}
    with whole_file("uploads://a.csv") as file:
        file.write(b"whole file")
        assert uploads == {}
    assert list(uploads.values()) == [b"whole file"]


def test_a_failure_leaves_nothing_in_memory() -> None:
    fail_in("memory://given-up/a.csv")
    assert not fsspec.filesystem("memory").exists("/given-up/a.csv")


def test_the_truth_is_there_only_beside_whole_extracts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fabricate(str(tmp_path), counties=2, people=6, seed=1)
    monkeypatch.setattr("clearscale.synth.write.Lines", None)
    before = contents(tmp_path)
    with pytest.raises(TypeError):
        fabricate(str(tmp_path), counties=2, people=6, seed=2)
    del before["truth.json"]
    assert contents(tmp_path) == before


def outcome(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as leaving:
        main.main([str(word) for word in words])
    printed = capsys.readouterr()
    return int(str(leaving.value.code)), printed.out, printed.err


def test_the_command_fabricates_the_state(
    made: list[FabricatedExtract], folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--state", "--scale", SCALE, "--seed", SEED, "--cluster", "threads:2", "--json")
    code, printed, _ = outcome(capsys, "synth", "--out", tmp_path / "again", *options)
    assert code == 0
    assert [(line["county"], line["rows"]) for line in json.loads(printed)] == [
        (extract.county, extract.rows) for extract in made
    ]
    assert contents(tmp_path / "again") == contents(folder / "extracts")


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--state", "--people", "9"], 2, "--people"),
        (["--state", "--counties", "3"], 2, "--counties"),
        (["--scale", "0.1"], 2, "--state"),
        (["--state", "--scale", "0"], 1, "above 0"),
        (["--state", "--scale", "nan"], 1, "above 0"),
        (["--state", "--scale", "0.0001"], 1, "give at least"),
    ],
)
def test_wrong_options_are_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], code: int, words: str
) -> None:
    left, _, printed = outcome(capsys, "synth", "--out", tmp_path / "none", *options)
    assert left == code
    assert words in printed
    assert not (tmp_path / "none").exists()
