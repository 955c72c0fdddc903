"""What cannot be explained."""

from pathlib import Path

import pytest

import clearscale
from clearscale.errors import RunError, StoreError, in_python
from clearscale.policy import Policy, PolicyMap, load_policy
from clearscale.runs import Run
from tests.support.explained import BURGLARY, alone, command, made, relief
from tests.support.samples import AS_OF, conviction, extract, ingest, put, rendered


def refused(run: Run, extract: str, row: int) -> str:
    with pytest.raises(RunError) as error:
        clearscale.explain(run, extract, row)
    return str(error.value)


def test_extracts_are_named_by_id_file_or_how_they_begin(three_counties: Path) -> None:
    run = made(three_counties, "policy.json")
    extracts = list(run.info["decisions"])
    first = run.decisions(extracts[1])["row"][0].as_py()
    found = {clearscale.explain(run, name, first).extract for name in (extracts[1], "los-angeles.csv", "los", "l")}
    assert found == {extracts[1]}
    for wanted in ("yolo", ""):
        message = refused(run, wanted, 0)
        assert f"the run has no extract '{wanted}'" in message
        assert all(name in message for name in extracts)


def test_an_extract_that_may_be_several(tmp_path: Path) -> None:
    paths = [put(tmp_path, f"county-{county.lower()}.csv", extract(county)) for county in ("KERN", "YOLO")]
    ingest(paths, tmp_path / "store")
    run = clearscale.run(str(tmp_path / "store"), "ca-dismiss-all", AS_OF, str(tmp_path / "run"))
    message = refused(run, "county", 0)
    assert "may be any of these" in message
    assert "county-kern.csv" in message
    assert "county-yolo.csv" in message


def test_rows_that_are_no_decided_conviction(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        conviction("1", "YOLO"),
        conviction("1", "YOLO", SENT_LENGTH="1", SENT_TIME_CODE="Y"),
        conviction("1", "YOLO", DISP_DESCR="DISMISSED", CNT_ORDER="002001001000"),
        conviction("1", "YOLO", **BURGLARY | {"CNT_ORDER": "003001001000"}),
        conviction("1", "YOLO", OFFENSE_DESCR="148 PC-RESISTING", CNT_ORDER="004001001000"),
    ]
    bad = rendered([conviction("2", "YOLO")], header=False).replace(b"\n", b",one,two\n")
    path = put(tmp_path, "yolo.csv", rendered(rows) + bad)
    ingest(path, tmp_path / "store", county="YOLO", quarantine=True)
    run = clearscale.run(str(tmp_path / "store"), "ca-dismiss-all", AS_OF, str(tmp_path / "run"))
    expected = {
        1: "write --row 0",
        2: "the record tells of no conviction",
        3: "neither under Prop 64 nor of a related charge",
        4: "of a related charge, and its county's policy decides Prop 64 charges only",
        5: "quarantined",
        6: "the extract has 6 records, numbered from 0 to 5",
        -1: "the extract has 6 records, numbered from 0 to 5",
    }
    for row, text in expected.items():
        assert in_python(text) in refused(run, "yolo", row)
        code, out, err = command(capsys, "--run", run.folder.url, "--extract", "yolo", "--row", row)
        assert (code, out) == (1, "")
        assert text in err
        assert err.count("\n") == 1
    assert clearscale.explain(run, "yolo", 0).reason


def test_a_conviction_that_no_figure_counts(tmp_path: Path) -> None:
    """A copy of another county's conviction, where the other county's extract has more of the person's record."""
    whole = [conviction("1", "YOLO"), conviction("1", "YOLO", **BURGLARY)]
    paths = [
        put(tmp_path, "yolo.csv", rendered(whole)),
        put(
            tmp_path,
            "kern.csv",
            rendered([conviction("1", "YOLO"), conviction("2", "KERN"), conviction("3", "KERN")]),
        ),
    ]
    for path, county in zip(paths, ("YOLO", "KERN"), strict=True):
        ingest(path, tmp_path / "store", county=county)
    run = clearscale.run(str(tmp_path / "store"), "ca-dismiss-all", AS_OF, str(tmp_path / "run"))
    assert "no figure counts it" in refused(run, "kern", 0)


def test_counties_of_a_map_in_any_order(tmp_path: Path) -> None:
    """A map made in memory may name its counties in any order; the run's record names them sorted."""
    pilots = [load_policy(name) for name in ("ca-sacramento-2019", "ca-los-angeles-2019")]
    default, *named = [policy for policy in (load_policy("ca-dismiss-all"), *pilots) if isinstance(policy, Policy)]
    policy = PolicyMap("map", "A map", default, tuple(zip(("YOLO", "KERN"), named, strict=True)))
    run = alone(tmp_path, [conviction("1", "YOLO")], policy)
    assert clearscale.explain(run, "yolo", 0).policy["id"] == "ca-sacramento-2019"


def test_without_its_store_a_run_cannot_be_explained(tmp_path: Path) -> None:
    run = alone(tmp_path, [conviction("1", "YOLO")], "ca-dismiss-all")
    (tmp_path / "store").rename(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="its store is not at"):
        clearscale.explain(run, "yolo", 0)


@pytest.mark.parametrize("change", ["as_of", "rules", "keys"])
def test_a_run_of_another_version_is_refused(tmp_path: Path, change: str) -> None:
    options = relief(subjectAgeThreshold=50)
    run = alone(tmp_path, [conviction("1", "YOLO")], options)
    assert clearscale.explain(run, "yolo", 0).reason == "50 years or older"
    if change == "as_of":
        run.info["as_of"] = "2019-12-31"
        expected = "but its policy gives 'Eligible for Reduction"
    else:
        run.info["policy"] |= {"unheard_of": 1} if change == "keys" else {"rules": []}
        expected = "its policy is not as this version writes it"
    message = refused(run, "yolo", 0)
    assert expected in message
    assert "made by another version of clearscale" in message
