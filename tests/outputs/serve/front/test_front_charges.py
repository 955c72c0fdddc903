"""What the front page's server does over files of charges of any state."""

import csv
import io
import json
import zipfile
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

import clearscale
from clearscale.formats import load_map
from clearscale.formats.catalog import maps
from clearscale.formats.drafts import draft
from clearscale.linking.linker import link_files
from clearscale.outputs.report.charges.words import WOULD
from clearscale.relief.packs import names, pack
from clearscale.synth import fabricate_charges
from tests.linking.made import NAMED
from tests.outputs.serve.charges.test_charge_figures import MOVED

from .conftest import Front

AS_OF = "2020-12-31"
COOK, PACK = "il-cook-clerk", "il-minor-cannabis-2020"
CHOSEN = {"kind": "pack", "pack": PACK, "parameters": {"limit": "40"}}


def _of(path: Path) -> dict[str, Any]:
    return {"files": [f"uploads/{path.name}"], "format": COOK}


def _taken(front: Front, path: Path, **given: Any) -> str:
    """Upload a file and take it in; returns the store."""
    assert front.upload(path.name, path.read_bytes())[0] == 200
    done = front.work("ingest", **{**_of(path), **given})
    assert done["status"] == "done", done["lines"]
    assert done["result"]["stored"] > 0
    return str(done["result"]["store"])


def _key(figures: dict[str, Any]) -> dict[str, int]:
    return {text: int(value.replace(",", "")) for value, text in figures["key"]}


def test_from_a_file_of_charges_to_lists(front: Front, cook: Path, tmp_path: Path) -> None:
    assert front.upload(cook.name, cook.read_bytes())[0] == 200
    look = front.work("look", **_of(cook))
    assert look["status"] == "done", look["lines"]
    assert look["result"]["unusable"] == 0
    assert not (front.folder / "stores").exists()
    expected_ingest = clearscale.ingest_charges(cook, tmp_path / "store", COOK)
    (found,) = expected_ingest.findings.values()
    assert [finding["name"] for finding in look["result"]["findings"]] == [finding.name for finding in found]

    taken = front.work("ingest", **_of(cook))
    assert dict(taken["result"]["held"])["charges in the store"] == expected_ingest.counts["charges"]
    (store,) = front.get("folder")["stores"]
    assert (store["name"], store["holds"], store["state"]) == (
        "stores/charges-il-cook-clerk",
        "charges",
        "illinois",
    )
    run = front.work("run", store=store["name"], as_of=AS_OF, policy=CHOSEN)
    assert run["status"] == "done", run["lines"]
    name = run["result"]["run"]
    expected = clearscale.run_charges(tmp_path / "store", PACK, AS_OF, tmp_path / "run", parameters={"limit": "40"})
    (listed,) = front.get("folder")["runs"]
    assert (listed["name"], listed["holds"]) == (name, "charges")
    counts = expected.summary["outcomes"]
    for county in ("", "Cook"):
        shown = front.get("figures", run=name, county=county)
        assert shown["warning"] == "Not for publication"
        key = _key(shown)
        assert key["charges that the policy decides"] == expected.summary["candidates"]
        for outcome, count in counts.items():
            assert key.get(WOULD[outcome], 0) == count["charges"], outcome
    assert front.work("run", store=store["name"], as_of=AS_OF, policy=CHOSEN)["result"] == run["result"]

    for upload, content in (("own.toml", MOVED.encode()), ("wrong.toml", b'id = "wrong"'), ("o.json", b"{}")):
        assert front.upload(upload, content, "policies")[0] == 200
    controls = front.work("controls", run=name)
    assert controls["status"] == "done", controls["lines"]
    counted = json.loads(front.ask(f"{controls['address']}figures?county=Cook")[2])
    of_page = {words: value for value, words in front.get("figures", run=name, county="Cook")["key"]}
    assert of_page.items() <= {words: f"{figure:,}" for words, figure, _ in counted["key"]}.items()
    page = front.ask(controls["address"])[2]
    assert [f'value="{file}"'.encode() in page for file in ("own.toml", "wrong.toml", "o.json")] == [
        True,
        False,
        False,
    ]

    made = front.work("files", run=name, county="Cook", list=True, tables=True, forecast=True)
    assert made["status"] == "done", made["lines"]
    folder = made["result"]["folder"]
    clearscale.decisions(expected, county="Cook", out=tmp_path / "list.csv")
    clearscale.tables(expected, tmp_path / "tables")
    clearscale.forecast(tmp_path / "store", PACK, AS_OF, parameters={"limit": "40"}, out=tmp_path / "forecast")
    _, _, content = front.ask(f"zip?{urlencode({'folder': folder})}")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        rows = list(csv.reader(io.StringIO(archive.read("decisions.csv").decode())))
        for file in ("tables/charges.csv", "tables/crosstab.csv", "forecast/forecast.csv"):
            assert archive.read(file) == (tmp_path / file).read_bytes(), file
    assert rows == list(csv.reader(io.StringIO((tmp_path / "list.csv").read_text("utf-8"))))
    results = front.work("files", run=name, results=True)
    assert (results["status"], "list of decisions" in results["lines"][0]) == ("failed", True)


def test_a_damaged_file_is_told_and_no_crash(front: Front, cook: Path) -> None:
    lines = cook.read_bytes().split(b"\n")
    lines[2:40] = [b"garbage,\x81" + line[:20] for line in lines[2:40]]
    assert front.upload("torn.csv", b"\n".join(lines))[0] == 200
    torn = {"files": ["uploads/torn.csv"], "format": COOK}
    look = front.work("look", **torn)
    assert look["status"] == "done", look["lines"]
    assert look["result"]["unusable"] == look["result"]["quarantined"] == 38
    assert "bad-records" in {finding["name"] for finding in look["result"]["findings"]}
    refused = front.work("ingest", **torn)
    assert (refused["status"], front.get("folder")["stores"]) == ("failed", [])
    refusing = {finding["name"] for finding in look["result"]["findings"] if finding["refuses"]}
    taken = front.work("ingest", **torn, quarantine=True, accept=sorted(refusing))
    assert taken["status"] == "done", taken["lines"]
    assert taken["result"]["stored"] + taken["result"]["quarantined"] == taken["result"]["records"]
    for number, content in enumerate((b"", b"\x00\xff" * 50, b"a,b\n1,2\n", cook.read_bytes()[:200])):
        assert front.upload(f"odd{number}.csv", content)[0] == 200
        odd = front.work("look", files=[f"uploads/odd{number}.csv"], format=COOK)
        refuses = any(finding["refuses"] for finding in odd["result"].get("findings", ()))
        assert odd["status"] == "failed" or refuses or odd["result"]["unusable"], number
        assert not any("nobody foresaw" in line for line in odd["lines"]), odd["lines"]


@pytest.mark.long
def test_maps_and_policies_of_ones_own(front: Front, cook: Path) -> None:
    own = resources.files("clearscale.law").joinpath("illinois/formats/il-cook-clerk.toml").read_bytes()
    assert front.upload("mine.toml", own, "maps")[0] == 200
    assert front.upload("wrong.toml", b'title = "x"\n', "maps")[0] == 200
    assert front.upload("map.csv", own, "maps")[1].startswith("map.csv: is no column map by its name")
    (front.folder / "lying").mkdir()
    (front.folder / "lying/there.toml").write_bytes(own)
    (front.folder / "lying/other.toml").write_text("[tool]\n")
    listed = {column_map["name"]: column_map for column_map in front.get("folder")["maps"]}
    assert sorted(listed) == ["lying/there.toml", "maps/mine.toml", "maps/wrong.toml"]
    assert listed["lying/there.toml"]["person"] is True
    assert front.upload(cook.name, cook.read_bytes())[0] == 200
    wrong = front.work("look", **{**_of(cook), "format": "maps/wrong.toml"})
    assert (wrong["status"], "wrong.toml" in wrong["lines"][0]) == ("failed", True)
    for name in ("../mine.toml", "uploads/il-cook-clerk.csv", "nothing", "lying/other.toml", "/etc/passwd"):
        assert front.work("look", **{**_of(cook), "format": name})["status"] == "failed", name
    assert front.post("remove", {"name": "maps/wrong.toml"})[0] == 200
    assert front.post("remove", {"name": "lying/there.toml"})[0] == 400
    of_map = front.work("ingest", **{**_of(cook), "format": "maps/mine.toml"})
    assert of_map["result"]["store"] == "stores/charges-mine"

    policy = resources.files("clearscale.law").joinpath(f"illinois/relief/{PACK}.toml").read_bytes()
    michigan = resources.files("clearscale.law").joinpath("michigan/relief/mi-clean-slate-2021.toml").read_bytes()
    for name, content in (
        ("ours.toml", policy),
        ("theirs.toml", michigan),
        ("options.json", b"{}"),
        ("x.toml", b"["),
    ):
        assert front.upload(name, content, "policies")[0] == 200
    found = {
        policy_file["name"]: (policy_file["holds"], policy_file["state"])
        for policy_file in front.get("folder")["policies"]
    }
    assert found == {
        "policies/options.json": ("extracts", ""),
        "policies/ours.toml": ("charges", "illinois"),
        "policies/theirs.toml": ("charges", "michigan"),
        "policies/x.toml": ("extracts", ""),
    }
    file = {"kind": "file", "file": "policies/ours.toml"}
    decided = front.work("run", store="stores/charges-mine", as_of=AS_OF, policy=file)
    assert decided["status"] == "done", decided["lines"]
    for policy_ in (
        {"kind": "options"},
        {"kind": "pack", "pack": "ca-dismiss-all"},
        {"kind": "file", "file": "/x"},
    ):
        refused = front.work("run", store="stores/charges-mine", as_of=AS_OF, policy=policy_)
        assert (refused["status"], refused["lines"][0].startswith(("choose", "charges"))) == ("failed", True)


@pytest.mark.long
def test_courts_and_what_differs_between_runs(front: Front, tmp_path: Path) -> None:
    stated = load_map("ny-court-dispositions")
    file = Path(fabricate_charges(str(tmp_path / "ny"), stated, people=400, seed=2).path)
    store = _taken(front, file, format=stated.name)
    run, other = (
        front.work("run", store=store, as_of=as_of, policy={"kind": "pack", "pack": "ny-mrta-2021"})["result"][
            "run"
        ]
        for as_of in (AS_OF, "1995-01-01")
    )
    shown = front.get("figures", run=run)
    county, court = shown["courts"][0]
    assert county in shown["counties"]
    rows = clearscale.open_charge_run(front.folder / run).table("charges").to_pylist()
    of_court = [row for row in rows if (row["scope"], row["county"], row["court"]) == ("court", county, court)]
    key = _key(front.get("figures", run=run, county=county, court=court))
    assert key["charges that the policy decides"] == sum(row["charges"] for row in of_court) > 0
    for bad in ({"court": court}, {"county": county, "court": "nowhere"}, {"county": "nowhere"}):
        assert front.ask(f"figures?{urlencode({'run': run, **bad})}")[0] == 400, bad

    asked = {"list": True, "exact": True, "differences": True}
    made = front.work("files", run=run, county=county, court=court, other=other, **asked)
    assert made["status"] == "done", made["lines"]
    folder = front.folder / made["result"]["folder"]
    with (folder / "decisions.csv").open(encoding="utf-8", newline="") as file_:
        listed = list(csv.DictReader(file_))
    assert len(listed) == key["charges that the policy decides"]
    assert any(path.suffix == ".html" for path in (folder / "report-not-for-publication").iterdir())
    expected = clearscale.diff(front.folder / other, front.folder / run, out=tmp_path / "diff")
    assert expected.changes.num_rows > 0
    assert (folder / "differences/changes.csv").read_bytes() == (tmp_path / "diff/changes.csv").read_bytes()
    alone = front.work("files", run=run, differences=True)
    assert alone["lines"] == ["choose another run to compare with first"]


@pytest.mark.long
@pytest.mark.parametrize("form", [name for name in maps() if name not in (COOK, "ca-doj")])
def test_every_format_with_its_packs(front: Front, tmp_path: Path, form: str) -> None:
    stated = load_map(form)
    file = Path(fabricate_charges(str(tmp_path / "in"), stated, people=50, seed=4).path)
    store = _taken(front, file, format=form)
    state = stated.document.get("state", "")
    fitting = [name for name in names() if not state or pack(name).state == state]
    assert fitting
    for name in fitting:
        run = front.work("run", store=store, as_of=AS_OF, policy={"kind": "pack", "pack": name})
        assert run["status"] == "done", run["lines"]
        assert front.get("figures", run=run["result"]["run"])["key"]


@pytest.mark.long
def test_a_map_is_drafted_changed_and_people_are_found(front: Front, tmp_path: Path) -> None:
    (tmp_path / "named.toml").write_text(NAMED, "utf-8")
    stated = load_map(str(tmp_path / "named.toml"))
    file = Path(fabricate_charges(str(tmp_path / "in"), stated, people=40, seed=4).path)
    assert front.upload(file.name, file.read_bytes())[0] == 200
    chosen = {"files": [f"uploads/{file.name}"]}
    assert front.work("draft")["lines"] == ["choose the files first"]
    names = [front.work("draft", **chosen)["result"]["map"] for _ in range(2)]
    assert names == ["maps/named.toml", "maps/named-2.toml"]
    drafted = front.get("map", name=names[0])["text"]
    assert "\n".join([*draft(str(file)), ""]) == drafted
    assert front.get("map", name=COOK)["text"].startswith("# The bulk file")
    for name in ("uploads/named.csv", "../named.toml", "/etc/passwd", "maps/none.toml", ""):
        assert front.ask(f"map?{urlencode({'name': name})}")[0] == 400, name

    status, said = front.post("map", {"name": "named.toml", "text": "title = 1\n"})
    assert (status, "maps/named.toml" in json.loads(said)["wrong"][0]) == (200, True)
    assert str(front.folder) not in said
    assert front.get("map", name=names[0])["text"] == "title = 1\n"
    for name in ("../x.toml", "x.csv", "", ".x.toml"):
        assert front.post("map", {"name": name, "text": NAMED})[0] == 400 or name == "../x.toml", name
    assert not (front.folder / "x.toml").exists()
    status, said = front.post("map", {"name": "named.toml", "text": NAMED})
    assert json.loads(said) == {"name": "maps/named.toml", "wrong": []}

    by = {**chosen, "format": "maps/named.toml"}
    linked = front.work("link", **by)
    assert linked["status"] == "done", linked["lines"]
    assert front.get("folder")["people"] == [linked["result"]["people"]] == ["people/named"]
    taken = front.work("ingest", **by, people="people/named")
    assert taken["status"] == "done", taken["lines"]
    expected = link_files([str(file)], stated, str(tmp_path / "people"))
    assert dict(taken["result"]["held"])["people in the store"] == expected.people > 1
    wrong = front.work("link", **{**by, "format": COOK})
    assert wrong["status"] == "failed"
