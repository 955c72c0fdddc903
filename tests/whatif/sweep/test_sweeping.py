"""A sweep from the store to its files, and what is told of wrong wishes."""

import hashlib
import itertools
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import clearscale
from clearscale.errors import PolicyError, RunError
from clearscale.policy import gogen_policy
from clearscale.store import open_store
from clearscale.whatif.sweep.table import unbeaten
from clearscale_cluster import Cluster
from tests.support.brute_force import caseload, figures
from tests.support.samples import AS_OF, OPTIONS

VARY = ["age=0,40..42", "under_21=true,false", "dismiss=none,11357+11359", "reduce=rest"]


def digests(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.name != "sweep.json"
    }


def test_a_row_a_policy_and_scope(edges: str, tmp_path: Path) -> None:
    made = clearscale.sweep(edges, OPTIONS, AS_OF, VARY, str(tmp_path / "out"), by_county=True)
    rows = made.table().to_pylist()
    scopes = [*sorted({entry.county for entry in open_store(edges).manifest.extracts}), ""]
    assert [row["county"] for row in rows[::16]] == scopes
    assert len(rows) == 16 * len(scopes)
    cases = caseload(open_store(edges))
    for row in rows:
        relief = {**OPTIONS["additionalRelief"], "subjectAgeThreshold": row["age"]}
        relief["subjectUnder21AtConviction"] = row["under_21"]
        lists = {name: [] if row[name] == "none" else row[name].split("+") for name in ("dismiss", "reduce")}
        options: dict[str, Any] = {"baselineEligibility": lists, "additionalRelief": relief}
        wanted = figures(open_store(edges), cases, gogen_policy(options), AS_OF)[row["county"] or None]
        assert {name: row[name] for name in wanted} == wanted
        assert made.look_up(options, row["county"] or None) == wanted
    assert {row["reduce"] for row in rows} == {"11357+11358+11359+11360", "11358+11360"}
    assert clearscale.open_sweep(str(tmp_path / "out")).info == made.info


@pytest.mark.parametrize(("policy", "vary"), [(OPTIONS, VARY), ("ca-los-angeles-2019", ["age=50..53"])])
def test_any_workers_leave_the_same_bytes(edges: str, tmp_path: Path, policy: Any, vary: list[str]) -> None:
    for number, cluster in enumerate(("threads:1", "threads:3")):
        out = str(tmp_path / str(number))
        clearscale.sweep(edges, policy, AS_OF, vary, out, by_county=True, cluster=cluster)
    assert digests(tmp_path / "0") == digests(tmp_path / "1")


@pytest.mark.long
@pytest.mark.slow
def test_worker_processes_leave_the_same_bytes(edges: str, two_processes: Cluster, tmp_path: Path) -> None:
    for number, cluster in enumerate(("threads:1", two_processes)):
        for name, policy, vary in (("cube", OPTIONS, VARY), ("masks", "ca-los-angeles-2019", ["age=50..53"])):
            out = str(tmp_path / f"{name}-{number}")
            clearscale.sweep(edges, policy, AS_OF, vary, out, by_county=True, cluster=cluster)
    for name in ("cube", "masks"):
        assert digests(tmp_path / f"{name}-0") == digests(tmp_path / f"{name}-1")


def test_several_policies_by_name(edges: str, tmp_path: Path) -> None:
    names = ["ca-dismiss-all", "ca-dismiss-all-and-related"]
    made = clearscale.sweep(edges, "ca-dismiss-all", AS_OF, {"policy": names}, str(tmp_path / "out"))
    rows = made.table().to_pylist()
    assert [row["policy"] for row in rows] == names
    assert rows[0]["dismissed_related"] == 0 < rows[1]["dismissed_related"]
    with pytest.raises(RunError, match="has no cube"):
        made.look_up(OPTIONS)


def test_a_pack_with_other_parameters_is_the_same_by_either_way(edges: str, tmp_path: Path) -> None:
    """Options that the family knows go through the cube; switches that it does not, through masks."""
    cube = clearscale.sweep(edges, "ca-bear-default", AS_OF, ["age=0,55"], str(tmp_path / "cube"))
    assert cube.info["cube"]
    masks = clearscale.sweep(
        edges, "ca-bear-default", AS_OF, ["dismiss_11357=true", "age=0,55"], str(tmp_path / "masks")
    )
    assert not masks.info["cube"]
    names = [name for name in cube.table().column_names if name.startswith(("convictions", "people"))]
    assert cube.table().select(names).equals(masks.table().select(names))


def test_the_same_sweep_again_is_not_made_again(edges: str, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    first = clearscale.sweep(edges, OPTIONS, AS_OF, ["age=0,40"], out)
    assert clearscale.sweep(edges, OPTIONS, AS_OF, ["age=0,40"], out).info == first.info
    with pytest.raises(RunError, match="another sweep"):
        clearscale.sweep(edges, OPTIONS, AS_OF, ["age=0,41"], out)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("mine", "utf-8")
    with pytest.raises(RunError, match="is not empty"):
        clearscale.sweep(edges, OPTIONS, AS_OF, ["age=0,40"], str(tmp_path / "other"))


def test_an_unfinished_sweep_is_made_anew(edges: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    clearscale.sweep(
        edges, OPTIONS, AS_OF, ["age=0,40"], str(out), frontier="convictions_dismissed,people_no_felony"
    )
    (out / "sweep.json").unlink()
    (out / ".writing-abc").write_text("half", "utf-8")
    clearscale.sweep(edges, OPTIONS, AS_OF, ["age=0,40"], str(out))
    assert set(digests(out)) == {"chart.html", "cube.npz", "page.json", "policies.csv", "policies.parquet"}


def test_nothing_needs_to_be_varied(edges: str, tmp_path: Path) -> None:
    for name, policy in (("cube", OPTIONS), ("masks", "ca-dismiss-all")):
        made = clearscale.sweep(edges, policy, AS_OF, [], str(tmp_path / name))
        assert made.table().num_rows == 1
        assert "No parameter was varied" in (tmp_path / name / "chart.html").read_text("utf-8")


@pytest.mark.long
def test_every_policy_of_the_screens(edges: str, tmp_path: Path) -> None:
    made = clearscale.sweep(
        edges, OPTIONS, AS_OF, "every", str(tmp_path / "out"), frontier="convictions_dismissed,-people_no_felony"
    )
    assert made.table().num_rows == made.info["policies"] == 884_736
    assert "policies.csv" not in digests(tmp_path / "out")


def test_the_frontier_has_every_policy_that_no_other_beats(edges: str, tmp_path: Path) -> None:
    vary = ["age=0,50,60", "years_since=0,5,10,15", "dismiss=every", "reduce=none,rest"]
    wish = "convictions_dismissed,-convictions_reduced"
    made = clearscale.sweep(edges, OPTIONS, AS_OF, vary, str(tmp_path / "out"), frontier=wish, by_county=True)
    rows = made.table().to_pylist()
    found = made.frontier().to_pylist()
    for county in {row["county"] for row in rows}:
        here = [row for row in rows if row["county"] == county]
        pairs = [(row["convictions_dismissed"], -row["convictions_reduced"]) for row in here]
        kept = [
            row
            for row, (a, b) in zip(here, pairs, strict=True)
            if not any(c >= a and d >= b and (c, d) != (a, b) for c, d in pairs)
        ]
        mine = [row for row in found if row["county"] == county]
        points = {row["convictions_dismissed"]: row.pop("point") for row in mine}
        assert sorted(map(str, mine)) == sorted(map(str, kept))
        assert sorted(points.values()) == list(range(1, len(points) + 1))


def test_unbeaten_pairs_are_those_of_a_plain_comparison() -> None:
    chance = np.random.default_rng(1)
    for size in (0, 1, 2, 7, 40):
        a, b = chance.integers(0, 6, (2, size))
        wanted = [
            not any(c >= x and d >= y and (c, d) != (x, y) for c, d in zip(a, b, strict=True))
            for x, y in zip(a, b, strict=True)
        ]
        assert unbeaten(a, b).tolist() == wanted


def test_the_chart_needs_nothing_and_shows_its_numbers(edges: str, tmp_path: Path) -> None:
    made = clearscale.sweep(edges, OPTIONS, AS_OF, ["age=0,40..42", "deceased=true,false"], str(tmp_path / "out"))
    page = (tmp_path / "out" / "chart.html").read_text("utf-8")
    for word in ("<script", "@import", "<link", "<img", "src="):
        assert word not in page
    assert not re.findall(r'href="(?!#|data:)', page.replace('xlink:href="#', ""))
    pictures = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(pictures) == 4
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    labels = re.findall(r'<div role="img" aria-label="([^"]*)"><svg aria-hidden="true"', page)
    assert len(labels) == len(pictures)
    assert all(re.match(r"Lines of \w+ along \w+\. \w+", label) for label in labels)
    for picture in pictures:
        ElementTree.fromstring(picture)
    true = [row["convictions_dismissed"] for row in made.table().to_pylist() if row["deceased"]]
    shown = [f"<td>{number:,}</td>" in page for number in true]
    # Settings that a few convictions tell apart are not shown together.
    assert any(shown)
    assert all(shown) or "hidden" in page
    assert page.count("<table>") == 2


@pytest.mark.parametrize(
    ("vary", "message"),
    [
        ("age", "write a parameter and its settings, such as age=0,40..65"),
        ("age=", "write a parameter and its settings"),
        ("age=0,,40", "a setting between two commas is empty"),
        ("age=65..40", "ends before it begins"),
        ("age=39", "39 is out of range; write 0 (off) or 40 to 65"),
        ("years_since=0..16", "16 is out of range; write 0 (off) or 1 to 15"),
        ("under_21=3", "'3' is no setting; write true or false"),
        ("age=true", "True is out of range"),
        ("dismiss=11357+11361", "'11361' is no section"),
        ("years_sinc=3", "has no parameter 'years_sinc'; did you mean 'years_since'?"),
        ("age=0..99999999", "has more than 10000 settings"),
    ],
)
def test_wrong_settings_are_told(edges: str, tmp_path: Path, vary: str, message: str) -> None:
    with pytest.raises(PolicyError, match=re.escape(message)):
        clearscale.sweep(edges, OPTIONS, AS_OF, [vary], str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("frontier", "message"),
    [
        ("convictions_dismissed", "write two figures"),
        ("convictions_dismised,people_no_felony", "did you mean 'convictions_dismissed'?"),
        ("people_no_felony,-people_no_felony", "names one figure twice"),
    ],
)
def test_wrong_frontiers_are_told(edges: str, tmp_path: Path, frontier: str, message: str) -> None:
    with pytest.raises(PolicyError, match=re.escape(message)):
        clearscale.sweep(edges, OPTIONS, AS_OF, ["age=0"], str(tmp_path / "out"), frontier=frontier)


@pytest.mark.parametrize(
    ("policy", "vary", "by_county", "message"),
    [
        (OPTIONS, ["every"], True, "at most 4,194,304 are possible"),
        (
            "ca-los-angeles-2019",
            ["age=18..120", "policy=" + ",".join(["a"] * 1 + [f"b{n}" for n in range(300)])],
            False,
            "at most 20,000 are possible",
        ),
        ("ca-dismiss-all", ["age=50"], False, "'age' is no parameter"),
        (OPTIONS, ["age=50", "age=51"], False, "names 'age' twice"),
        (OPTIONS, ["age=50", "subjectAgeThreshold=51"], False, "by its short and by its long name"),
    ],
)
def test_wishes_that_cannot_be_met_are_told(
    edges: str, tmp_path: Path, policy: Any, vary: list[str], by_county: bool, message: str
) -> None:
    with pytest.raises(PolicyError, match=re.escape(message)):
        clearscale.sweep(edges, policy, AS_OF, vary, str(tmp_path / "out"), by_county=by_county)


@pytest.mark.parametrize("vary", [{"age": "0,50..51"}, {"age": range(50, 52)}, {"age": 50}, "age=50"])
def test_settings_are_given_in_any_form(vary: Any, edges: str, tmp_path: Path) -> None:
    made = clearscale.sweep(edges, OPTIONS, AS_OF, vary, str(tmp_path / "out"))
    ages = [row["age"] for row in made.table().to_pylist()]
    assert ages in ([0, 50, 51], [50, 51], [50])


def test_long_names_of_options_do_too(edges: str, tmp_path: Path) -> None:
    made = clearscale.sweep(
        edges, OPTIONS, AS_OF, {"subjectAgeThreshold": [0, 50], "under_21": [False]}, str(tmp_path / "out")
    )
    assert [row["age"] for row in made.table().to_pylist()] == [0, 50]
    assert list(itertools.islice(made.info["parameters"], 3)) == ["dismiss", "reduce", "under_21"]
