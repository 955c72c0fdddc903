"""What a check finds: each finding in an extract made for it, add-ups, and the same table however work is cut."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import clearscale
from clearscale.checks import FINDINGS
from clearscale.checks.findings import inside_longer_number
from clearscale.checks.vocabulary import DETAILED
from clearscale.commands.main import main
from clearscale.law import states
from clearscale.runs import Run
from clearscale.synth import counties as fabricated
from clearscale.synth import fabricate
from tests.support.examples import is_long, long
from tests.support.reference.reading import read
from tests.support.samples import Row, conviction, decide, decisions, extract, ingest, put, rendered

Found = dict[tuple[str, str], dict[str, int]]
"""Counts that are not 0 by (finding, detail) and by scope: a county's name, or `state`."""


def found(table: pa.Table) -> Found:
    result: Found = {}
    for row in table.to_pylist():
        if row["count"]:
            of_scope = result.setdefault((row["finding"], row["detail"]), {})
            name = row["county"] if row["scope"] == "county" else "state"
            of_scope[name] = of_scope.get(name, 0) + row["count"]
    return result


def checked(
    folder: Path, quarantine: bool = False, show_values: bool = True, **extracts: Sequence[Row] | bytes
) -> Found:
    """What is found in a store of these extracts, by county, ingested one after the other."""
    for county, content in extracts.items():
        made = content if isinstance(content, bytes) else rendered(content)
        path = put(folder, f"{county}.csv", made)
        ingest(path, folder / "store", county=county, quarantine=quarantine)
    return found(clearscale.check(str(folder / "store"), show_values=show_values))


def test_copies_that_agree(tmp_path: Path) -> None:
    rows = [conviction("1", "ALAMEDA", 1), conviction("1", "YOLO", 2)]
    result = checked(tmp_path, ALAMEDA=rows, YOLO=[row | {"SUBJECT_ID": b"9"} for row in reversed(rows)])
    assert result["several-extracts", ""] == {"ALAMEDA": 1, "YOLO": 1, "state": 1}
    assert result["superseded-histories", ""] == {"ALAMEDA": 1, "state": 1}
    assert result["histories", ""] == {"ALAMEDA": 1, "YOLO": 1, "state": 2}
    assert result["prop64-convictions", ""] == {"ALAMEDA": 1, "YOLO": 1, "state": 2}
    assert not {"copies-differ", "not-in-canonical-copy", "several-subjects"} & {name for name, _ in result}


@pytest.mark.parametrize(
    "difference",
    [
        {"STP_EVENT_DATE": "20150602"},
        {"OFFENSE_DESCR": "11359 HS-SELL"},
        {"STP_ORI_CNTY_NAME": "NAPA"},
        {"CNT_ORDER": "001001003000"},
        {"CONV_STAT_DESCR": "MISDEMEANOR"},
    ],
)
def test_copies_that_differ(difference: dict[str, str], tmp_path: Path) -> None:
    same, other = conviction("1", "YOLO", 1), conviction("1", "ALAMEDA", 2)
    mine = [same, other, other | {"DISP_DESCR": b"DISMISSED"}]
    theirs = [same, other | {name: value.encode() for name, value in difference.items()}]
    apart = [conviction("2", "YOLO"), conviction("3", "YOLO")]
    result = checked(tmp_path, ALAMEDA=mine, YOLO=theirs + apart)
    assert result["copies-differ", ""] == {"ALAMEDA": 1, "YOLO": 1, "state": 1}
    # The longer copy stands for the person; it lacks what only the other one has, which is not Yolo's own.
    assert result["not-in-canonical-copy", ""] == {"state": 1}
    assert result["superseded-histories", ""] == {"YOLO": 1, "state": 1}


def test_a_copy_without_a_conviction(tmp_path: Path) -> None:
    rows = [conviction("1", "YOLO", 1), conviction("1", "ALAMEDA", 2, DISP_DESCR="DISMISSED")]
    result = checked(tmp_path, ALAMEDA=rows[1:] * 3, YOLO=rows)
    assert result["copies-differ", ""] == {"ALAMEDA": 1, "YOLO": 1, "state": 1}
    assert result["not-in-canonical-copy", ""] == {"YOLO": 1, "state": 1}
    assert result["prop64-convictions", ""] == {"YOLO": 1}


def test_copies_in_which_nobody_was_convicted_agree(tmp_path: Path) -> None:
    rows = [conviction("1", "ALAMEDA", DISP_DESCR="DISMISSED")]
    result = checked(tmp_path, ALAMEDA=rows, YOLO=[rows[0] | {"SUBJECT_ID": b"9"}])
    assert result["several-extracts", ""]["state"] == 1
    assert ("copies-differ", "") not in result


def test_several_subjects_with_one_number_and_none(tmp_path: Path) -> None:
    rows = [
        conviction("1", "ALAMEDA", CII_NUMBER="A1"),
        conviction("2", "ALAMEDA", 2, CII_NUMBER=" A1"),
        conviction("3", "ALAMEDA", CII_NUMBER="A1", DISP_DESCR="DISMISSED"),
        conviction("4", "ALAMEDA", CII_NUMBER=""),
        conviction("5", "ALAMEDA", CII_NUMBER=" "),
        conviction("6", "ALAMEDA"),
        conviction("7", "ALAMEDA", CII_NUMBER="A7"),
        conviction("8", "ALAMEDA", CII_NUMBER="A7"),
    ]
    # A person's histories in an extract are taken together: the other extract has the same two convictions.
    again = [conviction("1", "YOLO", 1, CII_NUMBER="A1"), conviction("1", "ALAMEDA", 2, CII_NUMBER="A1")]
    again[0]["STP_ORI_CNTY_NAME"] = b"ALAMEDA"
    result = checked(tmp_path, ALAMEDA=rows, YOLO=again)
    assert result["several-subjects", ""] == {"ALAMEDA": 2, "state": 2}
    assert result["no-cii-number", ""] == {"ALAMEDA": 2, "state": 2}
    assert result["several-extracts", ""] == {"ALAMEDA": 1, "YOLO": 1, "state": 1}
    assert result["superseded-histories", ""] == {"ALAMEDA": 4, "state": 4}
    assert ("copies-differ", "") not in result


def test_missing_dates(tmp_path: Path) -> None:
    rows = [
        conviction("1", "ALAMEDA", 1, STP_EVENT_DATE="", PRI_DOB="00000000"),
        conviction("1", "ALAMEDA", 2, PRI_DOB="00000000"),
        conviction("1", "ALAMEDA", 3, STP_EVENT_DATE="20150230", OFFENSE_DESCR="459 PC-BURGLARY"),
        conviction("2", "ALAMEDA", PRI_DOB="", OFFENSE_DESCR="459 PC-BURGLARY"),
        conviction("3", "YOLO", STP_EVENT_DATE="20159999", PRI_DOB=""),
    ]
    result = checked(tmp_path, ALAMEDA=rows)
    # Yolo's conviction stands in Alameda's extract only: the state decides it, and no county does.
    assert result["no-conviction-date", ""] == {"ALAMEDA": 1, "state": 2}
    assert result["no-birth-date", ""] == {"ALAMEDA": 1, "state": 2}


def test_unknown_texts(tmp_path: Path) -> None:
    texts = (
        ("ALAMEDA", "WHITE", "M"),
        ("ALAMEDA ", "", ""),
        ("", "MARTIAN", "Q"),
        ("  ", " MARTIAN ", "F"),
        ("OREGON", "white", "U"),
        ("CA\u00d1ADA", "UNKNOWN", "X"),
    )
    rows = [
        conviction(str(place), county, OFFENSE_DESCR="459 PC-BURGLARY", RACE_DESCR=race, GENDER=sex)
        for place, (county, race, sex) in enumerate(texts)
    ]
    rows.append(conviction("9", "ATLANTIS", DISP_DESCR="DISMISSED", RACE_DESCR="BLACK", GENDER="F"))
    rows[5]["STP_ORI_CNTY_NAME"] = "CA\u00d1ADA".encode("latin-1")
    result = checked(tmp_path, ALAMEDA=rows)
    once = {"ALAMEDA": 1, "state": 1}
    twice = {"ALAMEDA": 2, "state": 2}
    wanted = {
        ("blank-county", ""): twice,
        ("unknown-county", "ALAMEDA "): once,
        ("unknown-county", "OREGON"): once,
        ("unknown-county", "CA\\xd1ADA"): once,
        ("blank-race", ""): once,
        ("unknown-race", "MARTIAN"): twice,
        ("unknown-race", "white"): once,
        ("blank-sex", ""): once,
        ("unknown-sex", "Q"): once,
    }
    assert {key: count for key, count in result.items() if key[0].startswith(("blank", "unknown"))} == wanted


def test_unknown_texts_are_told_as_how_many_there_are(tmp_path: Path) -> None:
    """A shifted record has a name in one of these columns, and a number in another."""
    rows = [
        conviction("1", "DOE,PAT", RACE_DESCR="ZZYZX", GENDER="770-04-7700"),
        conviction("2", "DOE,PAT", RACE_DESCR="QQJUV", GENDER="A77002"),
        conviction("3", "ATLANTIS", RACE_DESCR="", GENDER="F"),
        conviction("4", "ALAMEDA"),
    ]
    result = checked(tmp_path, show_values=False, ALAMEDA=rows)
    unknown = {key: counts for key, counts in result.items() if key[0].startswith("unknown")}
    assert unknown == {
        ("unknown-county", "2 unknown texts"): {"ALAMEDA": 3, "state": 3},
        ("unknown-race", "2 unknown texts"): {"ALAMEDA": 2, "state": 2},
        ("unknown-sex", "2 unknown texts"): {"ALAMEDA": 2, "state": 2},
    }
    out = tmp_path / "out"
    clearscale.check(tmp_path / "store", out=out)
    for path in out.iterdir():
        assert [
            text for text in (b"DOE", b"ZZYZX", b"7700", b"A77002", b"ATLANTIS") if text in path.read_bytes()
        ] == []
    clearscale.check(tmp_path / "store", out=out, show_values=True)
    assert b"ATLANTIS" in (out / "checks.csv").read_bytes()


def test_copies_count_once_in_the_state(tmp_path: Path) -> None:
    rows = [conviction("1", "OREGON", STP_EVENT_DATE="", RACE_DESCR="MARTIAN", GENDER="")]
    result = checked(tmp_path, ALAMEDA=rows, YOLO=[rows[0] | {"SUBJECT_ID": b"9"}])
    for key in (("unknown-county", "OREGON"), ("unknown-race", "MARTIAN"), ("blank-sex", "")):
        assert result[key] == {"ALAMEDA": 1, "YOLO": 1, "state": 1}
    assert result["no-conviction-date", ""] == {"state": 1}


def test_prop64_convictions_to_look_at(tmp_path: Path) -> None:
    first = conviction("1", "ALAMEDA", 1)
    rows = [
        first,
        first | {"DISP_DESCR": b"CONV SET ASIDE & DISM PER 1203.4 PC"},
        conviction("1", "ALAMEDA", 2),
        conviction("1", "ALAMEDA", 2, DISP_DESCR="REDUCED TO MISDEMEANOR"),
        conviction("1", "ALAMEDA", 3, OFFENSE_DESCR="SEE COMMENT FOR CHARGE", COMMENT_TEXT="11359 HS-SELL"),
        conviction("1", "ALAMEDA", 4, OFFENSE_DESCR="11357.5(A) HS-SYNTHETIC"),
        conviction("1", "ALAMEDA", 5, OFFENSE_DESCR="011359 HS-SELL"),
        conviction("1", "ALAMEDA", 6, OFFENSE_DESCR="113581 HS-GROW"),
        conviction("1", "ALAMEDA", 7, OFFENSE_DESCR="011359/11360 HS-SELL"),
        conviction("1", "ALAMEDA", 8, OFFENSE_DESCR="459 PC-BURGLARY"),
        conviction("1", "ALAMEDA", 8, DISP_DESCR="REDUCED TO MISDEMEANOR", OFFENSE_DESCR="459 PC-BURGLARY"),
    ]
    result = checked(tmp_path, ALAMEDA=rows)
    once = {"ALAMEDA": 1, "state": 1}
    assert result["prop64-convictions", ""] == {"ALAMEDA": 7, "state": 7}
    for finding in ("set-aside", "reduced", "charge-in-comment", "synthetic-11357.5"):
        assert result[finding, ""] == once
    inside = {detail: count for (finding, detail), count in result.items() if finding == "inside-longer-number"}
    assert inside == {"11359": once, "11358": once}


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        (b"011359 HS", True),
        (b"113590", True),
        (b"1135711358", True),
        (b"11359", False),
        (b"A11359B", False),
        (b"11357.5 HS", False),
        (b"11360(A)", False),
        (b"011359,11359", False),
        (b"\xb211358\xff", False),
    ],
)
def test_numbers_inside_longer_numbers(text: bytes, inside: bool) -> None:
    assert inside_longer_number(text) is inside


def test_quarantined_records_by_reason(tmp_path: Path) -> None:
    good, line = rendered([conviction("1", "ALAMEDA")]), rendered([conviction("2", "ALAMEDA")], header=False)
    bad = line.replace(b"\n", b",one,two\n") * 2 + rendered([conviction("", "ALAMEDA")], header=False)
    clean = rendered([conviction("3", "YOLO")])
    result = checked(tmp_path, quarantine=True, ALAMEDA=good + bad, YOLO=clean + line.replace(b"\n", b",1,2\n"))
    assert result["records-read", ""] == {"ALAMEDA": 4, "YOLO": 2, "state": 6}
    assert result["records-stored", ""] == {"ALAMEDA": 1, "YOLO": 1, "state": 2}
    assert result["records-quarantined", ""] == {"ALAMEDA": 3, "YOLO": 1, "state": 4}
    reasons = {detail: count for (finding, detail), count in result.items() if finding == "quarantine-reason"}
    assert reasons == {
        "97 fields, not 95": {"ALAMEDA": 2, "YOLO": 1, "state": 3},
        "SUBJECT_ID is blank": {"ALAMEDA": 1, "state": 1},
    }


def test_the_table(tmp_path: Path) -> None:
    """An extract without people has its rows, too; every finding without details has one row a scope."""
    ingest(put(tmp_path, "a.csv", extract()), tmp_path / "store")
    ingest(put(tmp_path, "b.csv", rendered([])), tmp_path / "store", county="NAPA")
    table = clearscale.check(str(tmp_path / "store"), out=str(tmp_path / "out"))
    assert table.column_names == ["scope", "county", "extract", "finding", "detail", "count"]
    keys = list(zip(*(table.column(name).to_pylist() for name in table.column_names[:5]), strict=True))
    assert len(set(keys)) == len(keys)
    scopes = list(dict.fromkeys(key[:3] for key in keys))
    assert [scope[:2] for scope in scopes] == [("county", "ALAMEDA"), ("county", "NAPA"), ("state", "")]
    for scope in scopes:
        named = [finding for *its, finding, _ in keys if tuple(its) == scope]
        assert [name for name in dict.fromkeys(named) if name not in DETAILED] == [
            name for name in FINDINGS if name not in DETAILED
        ]
    assert pq.read_table(tmp_path / "out/checks.parquet").equals(table)
    lines = (tmp_path / "out/checks.csv").read_text().splitlines()
    assert len(lines) == table.num_rows + 1
    assert clearscale.check(str(tmp_path / "store"), out=str(tmp_path / "out")).equals(table)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str], Run]:
    """(folder of the store, extracts, run): a fabricated state and people on the edges, some of them twice."""
    folder = tmp_path_factory.mktemp("state")
    paths = [
        extract.path
        for extract in fabricate(str(folder / "in"), counties=3, people=90 if is_long() else 45, seed=5)
    ]
    whole = extract("ALAMEDA", seed=1, subjects=40)
    shorter = rendered([row for place, row in enumerate(read(whole)) if place % 9]).replace(b"ALAMEDA", b"YOLO")
    paths.append(put(folder, "in/alameda.csv", whole))
    paths.append(put(folder, "in/yolo.csv", shorter))
    paths.append(put(folder, "in/bad.csv", extract("FRESNO", seed=9) + b"one,two\n"))
    ingest(paths, folder / "store", buckets=1, quarantine=True)
    return folder / "store", paths, decide(folder / "store", folder / "run")


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("buckets", "cluster"),
    [
        (2, "threads:1"),
        long(8, "threads:4"),
        pytest.param(8, "local:2", marks=(pytest.mark.slow, pytest.mark.long)),
    ],
)
def test_the_same_table_however_the_work_is_cut(
    buckets: int, cluster: str, request: pytest.FixtureRequest, state: tuple[Path, list[str], Run], tmp_path: Path
) -> None:
    store, paths, _ = state
    expected = clearscale.check(str(store), out=str(tmp_path / "one"), cluster="threads:1")
    assert found(expected)["copies-differ", ""]["state"] > 0
    ingest(paths, tmp_path / "store", buckets=buckets, quarantine=True)
    opened = request.getfixturevalue("two_processes") if cluster == "local:2" else cluster
    table = clearscale.check(str(tmp_path / "store"), out=str(tmp_path / "two"), cluster=opened)
    assert table.equals(expected)
    for name in ("checks.parquet", "checks.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_findings_are_the_flags_of_the_decisions(state: tuple[Path, list[str], Run]) -> None:
    """Prop 64 findings add up to a run's decisions, its counties' and the state's."""
    store, _, run = state
    result = found(clearscale.check(str(store)))
    wanted: Counter[tuple[str, str, str]] = Counter()
    county_of = {entry.id: entry.county for entry in clearscale.open_store(str(store)).manifest.extracts}
    for row in decisions(run):
        scopes = [county_of[row["extract"]]] * row["county_figure"] + ["state"] * row["state_figure"]
        flags = set(row["flags"].split(";")) & FINDINGS.keys()
        wanted.update((name, "", scope) for name in ("prop64-convictions", *flags) for scope in scopes)
    names = {name for name, _, _ in wanted}
    assert names >= {"no-conviction-date", "charge-in-comment", "set-aside", "reduced", "synthetic-11357.5"}
    assert wanted == {
        (name, detail, scope): count
        for (name, detail), counts in result.items()
        for scope, count in counts.items()
        if name in names
    }


def test_add_ups(state: tuple[Path, list[str], Run]) -> None:
    store, _, _ = state
    manifest = clearscale.open_store(str(store)).manifest
    result = found(clearscale.check(str(store)))

    def of(finding: str) -> Counter[str]:
        total: Counter[str] = Counter()
        for (name, _), counts in result.items():
            total += counts if name == finding else {}
        return total

    assert of("records-read") == of("records-stored") + of("records-quarantined")
    assert of("quarantine-reason") == of("records-quarantined") == Counter({"FRESNO": 1, "state": 1})
    assert of("histories")["state"] == manifest.counts["histories"]
    assert of("histories")["state"] - of("superseded-histories")["state"] == manifest.counts["people"]
    for finding in ("records-read", "histories", "no-cii-number", "superseded-histories"):
        total = of(finding)
        assert sum(total.values()) == 2 * total["state"] > 0
    assert 0 < of("copies-differ")["state"] <= of("several-extracts")["state"]


def test_copies_against_plain_python(state: tuple[Path, list[str], Run]) -> None:
    opened = clearscale.open_store(str(state[0]))
    sections = [
        charge.section for charge in map(states.state().charges.classify, opened.dictionaries().texts["offense"])
    ]
    people = opened.table("people").to_pylist()
    place_in_bucket: Counter[int] = Counter()
    for row in people:
        row["contents"], row["place"] = set(), place_in_bucket[row["bucket"]]
        place_in_bucket[row["bucket"]] += 1
    history = {(row["bucket"], row["place"]): row for row in people}
    for row in opened.table("convictions").to_pylist():
        content = tuple(row[name] for name in ("event_date", "offense", "county", "count_order"))
        history[row["bucket"], row["history"]]["contents"].add((*content, row["flags"] & 2))
    differ = lacking = 0
    for number in {row["cii_number"] for row in people} - {b""}:
        copies = [row for row in people if row["cii_number"] == number]
        of_extract: dict[int, set[object]] = {}
        for row in copies:
            of_extract.setdefault(row["extract"], set()).update(row["contents"])
        differ += len({frozenset(contents) for contents in of_extract.values()}) > 1
        [canonical] = [row["contents"] for row in copies if row["canonical"]]
        others = set().union(*(row["contents"] for row in copies)) - canonical
        lacking += sum(sections[content[1]] >= 0 for content in others)
    result = found(clearscale.check(str(state[0])))
    assert result["copies-differ", ""]["state"] == differ > 0
    assert result["not-in-canonical-copy", ""]["state"] == lacking > 0


def test_known_counties_are_those_that_are_fabricated() -> None:
    known = states.state().counties.names
    assert tuple(county.name for county in fabricated.COUNTIES) == known
    assert len(set(known)) == 58


def test_the_command(
    state: tuple[Path, list[str], Run], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, _, _ = state
    expected = clearscale.check(str(store))
    command = ["check", "--store", str(store)]

    def said(*options: str) -> str:
        with pytest.raises(SystemExit, match=r"^0$"):
            main([*command, *options])
        return capsys.readouterr().out

    assert json.loads(said("--json")) == expected.to_pylist()
    assert said("--quiet", "--out", str(tmp_path / "out")) == ""
    assert pq.read_table(tmp_path / "out/checks.parquet").equals(expected)
    shown = said()
    assert FINDINGS["copies-differ"] in shown
    assert "and 1 more" not in shown


def test_texts_of_the_data_do_no_harm_on_a_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ingest(put(tmp_path, "a.csv", rendered([conviction("1", "[red]\x1b[2JX")])), tmp_path / "store", county="NAPA")
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["check", "--store", str(tmp_path / "store"), "--show-values"])
    shown = capsys.readouterr().out
    assert "[red]\\x1b[2JX" in shown
    assert "\x1b" not in shown


def test_a_report_holds_nobodys_data(tmp_path: Path) -> None:
    """All personal columns are marked; the report's texts are those of the findings."""
    rows = [
        conviction("SUB77001", "OREGON", place, CII_NUMBER="A77002", OFN="CASE77", PRI_NAME="ZZYZX", PRI_DOB=born)
        for place, born in ((1, "19770313"), (2, ""))
    ]
    rows[1] |= {"OFFENSE_DESCR": b"", "COMMENT_TEXT": b"QQJUV 011359"}
    path = put(tmp_path, "a.csv", rendered(rows) + b"ZZYZX,A77002\n")
    ingest(path, tmp_path / "store", county="NAPA", quarantine=True)
    table = clearscale.check(str(tmp_path / "store"), out=str(tmp_path / "out"))
    assert ("inside-longer-number", "11359") in found(table)
    written = (tmp_path / "out/checks.csv").read_text() + repr(table.to_pylist())
    assert [text for text in ("77001", "77002", "CASE77", "ZZYZX", "19770313", "QQJUV") if text in written] == []
