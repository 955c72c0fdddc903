"""Explanations: every decision of a run, each condition against plain Python, and what missing dates leave open."""

import datetime
import itertools
import json
import operator
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from reference import calendar
from reference.charges import PROP_64_SECTIONS, is_pc290, is_related, is_superstrike
from reference.reading import read
from reference.records import Conviction, Subject, gather, trim
from samples import AS_OF, AS_OF_DATE, OPTIONS, Row, conviction, extract, ingest, put, rendered

import clearscale
from clearscale import cli
from clearscale.errors import RunError, StoreError
from clearscale.explain import Asked, Explanation
from clearscale.policy import PACKS, Policy, PolicyMap, load_policy
from clearscale.runs import Run

COUNTIES = ("ALAMEDA", "LOS ANGELES", "SACRAMENTO")
OWN = """
id = "own"
title = "Rules of its own"
charges = "prop64-and-related"
[parameters]
years = { default = 8, min = 1, max = 20 }
[[rule]]
if = ["birth_date < 1960-01-01"]
then = "dismiss"
because = "Born before 1960"
[[rule]]
if = ["subsection == A", "days_since_sentence_end >= 100"]
then = "reduce"
because = "{code_section}, sentence ended"
[[rule]]
if = ["related", "not code_section contains '148'"]
then = "hand-review"
because = "{code_section} is related"
[[rule]]
if = ["julian_years_since_latest_conviction > {years}", "only_prop64"]
then = "dismiss"
because = "Nothing else for {years} years"
"""
MAP = """
id = "by-county"
title = "By county"
[default]
policy = "own.toml"
[counties."LOS ANGELES"]
policy = "ca-los-angeles-2019"
parameters = { age = 55 }
[counties.SACRAMENTO]
policy = "ca-sacramento-2019"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of three counties, with convictions of each other's and copies of people's records."""
    folder = tmp_path_factory.mktemp("explain")
    paths = []
    for seed, county in enumerate(COUNTIES):
        lines = extract(county, seed, 25).split(b"\n")
        neighbour = COUNTIES[seed - 1].encode()
        lines[2::3] = [line.replace(county.encode(), neighbour) for line in lines[2::3]]
        paths.append(put(folder, f"{county.lower().replace(' ', '-')}.csv", b"\n".join(lines)))
    ingest(paths, folder / "store", buckets=3)
    put(folder, "own.toml", OWN.encode())
    put(folder, "map.toml", MAP.encode())
    put(folder, "policy.json", json.dumps(OPTIONS).encode())
    return folder


def made(folder: Path, policy: str) -> Run:
    """A run of the store; the same one when it is asked for again."""
    reference = policy if policy in PACKS else str(folder / policy)
    return clearscale.run(str(folder / "store"), reference, AS_OF, str(folder / "runs" / policy))


def explained(run: Run) -> Iterator[tuple[dict[str, Any], Explanation]]:
    for row in run.decisions().to_pylist():
        yield row, clearscale.explain(run, row["extract"], row["row"])


@pytest.mark.parametrize("policy", [*PACKS, "policy.json", "own.toml", "map.toml"])
def test_every_decision_is_explained(folder: Path, policy: str) -> None:
    run = made(folder, policy)
    count = 0
    for row, found in explained(run):
        count += 1
        for name in ("extract", "row", "county", "offense", "section", "determination", "reason"):
            assert getattr(found, name) == row[name]
        assert ";".join(found.flags) == row["flags"]
        assert (found.county_figure, found.state_figure) == (row["county_figure"], row["state_figure"])
        holding = [rule.number for rule in found.rules if rule.holds]
        assert found.rule == (holding[0] if holding else None)
        for rule in found.rules:
            assert rule.holds == all(each.holds for each in rule.conditions)
            reached = found.rule is None or rule.number <= found.rule
            expected = "decides" if rule.number == found.rule else "does not hold" if reached else "not reached"
            assert rule.state == expected
        if found.rule is not None:
            decided = found.rules[found.rule - 1]
            assert (decided.determination, decided.reason) == (row["determination"], row["reason"])
            rests = "rests-on-missing-date" in found.flags
            assert bool(decided.missing) == rests
        if not found.missing:
            assert [(each.rule, each.reason) for each in found.possible] == [(found.rule, found.reason)]
        assert found.possible
        assert json.loads(json.dumps(found.document()))["row"] == row["row"]
    assert count > 60


def test_a_code_section_in_a_reason_is_that_of_the_decision(tmp_path: Path) -> None:
    texts = ("4149 BP -NEEDLES", "148 PC", " 602 PC ", "\xa0466 PC\u2003-X", "11364 H\xc9S/11550 HS")
    rows = [conviction("1", "YOLO", number, OFFENSE_DESCR=text) for number, text in enumerate(texts, start=2)]
    rows.append(conviction("1", "YOLO", 8, OFFENSE_DESCR="") | {"COMMENT_TEXT": b"602 PC \xc9 -LATIN"})
    run = alone(tmp_path, [conviction("1", "YOLO"), *rows], "ca-san-joaquin-2019")
    found = [(row, explanation.reason) for row, explanation in explained(run)]
    assert [row["reason"] for row, _ in found] == [reason for _, reason in found]
    assert {"4149 BP", "602 PC", "466 PC", "602 PC \\xc9"} < {reason for _, reason in found}


def test_under_a_map_the_county_s_policy_is_named(folder: Path) -> None:
    named = set()
    for row, found in explained(made(folder, "map.toml")):
        assert found.policy["map"] == "by-county"
        policy = {"LOS ANGELES": "ca-los-angeles-2019", "SACRAMENTO": "ca-sacramento-2019"}.get(
            row["county"].strip().upper(), "own"
        )
        assert found.policy["id"] == policy
        named.add(policy)
        if policy == "ca-los-angeles-2019":
            assert found.policy["parameters"]["age"] == 55
            assert any(rule.reason == "55 years or older" for rule in found.rules)
    assert len(named) == 3


DATE = calendar.from_python(AS_OF_DATE)
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {"<": operator.lt, ">=": operator.ge}


def years(earlier: calendar.Date, later: calendar.Date) -> int:
    """The most years that can be added to the first date without passing the second."""
    between = later[0] - earlier[0]
    return next(n for n in (between + 1, between, between - 1) if calendar.add_years(earlier, n) <= later)


def clear_years(latest: calendar.Date) -> int:
    return next(n for n in range(2100, -9000, -1) if latest < calendar.add_years(DATE, -n))


def since(date: calendar.Date) -> int:
    return next(n for n in range(2100, -9000, -1) if date <= calendar.add_years(DATE, -n))


def plain_facts(each: Conviction, subject: Subject) -> dict[str, Any]:
    section = trim(each.code_section)
    bits = [name for name in PROP_64_SECTIONS if name.encode() in each.code_section]
    bits += ["related"] if is_related(section) else []
    bits += ["superstrike"] if is_superstrike(section) else []
    bits += ["PC 290"] if is_pc290(section) else []
    bits += ["11357.5"] if b"11357.5" in section else []
    return {
        "felony": each.felony,
        "charge": bits,
        "age_at_conviction": years(subject.birth_date, each.date),
        "age": years(subject.birth_date, DATE),
        "years_since_conviction": since(each.date),
        "years_crime_free": clear_years(subject.latest_conviction),
        "only_prop64": all(one.prop64 for one in subject.convictions),
        "deceased": subject.deceased,
    }


def plainly(asked: Asked, value: Any) -> bool:
    """A condition's text, evaluated with Python's own operators."""
    words = asked.text.split()
    if words[0] == "not":
        return not value
    if len(words) == 1:
        return bool(value)
    if words[1] == "has":
        return words[2] in value
    return OPERATORS[words[1]](value, int(words[2]))


def test_conditions_of_eligibility_options_are_those_of_the_reference(folder: Path) -> None:
    run = made(folder, "policy.json")
    names = {entry.id: entry.name for entry in clearscale.open_store(run.info["store"]).manifest.extracts}
    convictions: dict[tuple[str, int], dict[str, Any]] = {}
    for extract_id, name in names.items():
        for subject in gather(read((folder / name).read_bytes())):
            for each in subject.convictions:
                if each.prop64:
                    convictions[extract_id, each.row] = plain_facts(each, subject)
    asked = set()
    for row, found in explained(run):
        plain = convictions[row["extract"], row["row"]]
        for rule in found.rules:
            for each in rule.conditions:
                assert each.value == plain[each.fact], (row["row"], each)
                assert each.holds == plainly(each, plain[each.fact])
                asked.add((each.fact, each.holds))
    assert len(asked) >= 14


# What missing dates leave open.

NO_BIRTH = {"PRI_DOB": ""}
NO_DATE = {"STP_EVENT_DATE": ""}
BURGLARY = {"OFFENSE_DESCR": "459 PC-BURGLARY", "CNT_ORDER": "002001001000", "STP_EVENT_DATE": "20190101"}


def alone(folder: Path, rows: list[Row], policy: Any) -> Run:
    """A run over one county's extract with these rows."""
    ingest(put(folder, "yolo.csv", rendered(rows)), folder / "store", county="YOLO")
    return clearscale.run(str(folder / "store"), policy, AS_OF, str(folder / "run"))


def relief(**options: Any) -> dict[str, Any]:
    return {"baselineEligibility": {"dismiss": [], "reduce": ["11360"]}, "additionalRelief": options}


def reasons(outcomes: Any) -> list[str]:
    return [each.reason for each in outcomes]


AGED, REDUCED = "57 years or older", "Reduce all HS 11360 convictions"


def test_a_missing_birth_date_leaves_the_age_open(tmp_path: Path) -> None:
    rows = [conviction("1", "YOLO", **NO_BIRTH), conviction("1", "YOLO", **BURGLARY, **NO_BIRTH)]
    run = alone(tmp_path, rows, relief(subjectAgeThreshold=57, subjectUnder21AtConviction=True))
    found = clearscale.explain(run, "yolo", 0)
    assert found.reason == AGED
    (missing,) = found.missing
    assert (missing.date, missing.meaning, missing.changes) == ("birth", "the person's date of birth", True)
    assert missing.rules == (2, 3)
    assert reasons(missing.outcomes) == reasons(found.possible) == ["21 years or younger", AGED, REDUCED]
    (age,) = found.rules[2].conditions
    assert (age.text, age.value, age.holds, age.missing, age.if_known) == (
        "age >= 57",
        2019,
        True,
        ("birth",),
        "unknown",
    )
    assert found.rules[0].conditions[0].if_known is None


def test_a_missing_date_that_no_rule_asks_for_changes_nothing(tmp_path: Path) -> None:
    found = clearscale.explain(alone(tmp_path, [conviction("1", "YOLO", **NO_BIRTH)], relief()), "yolo", 0)
    (missing,) = found.missing
    assert (missing.rules, missing.changes, reasons(found.possible)) == ((), False, [REDUCED])


def test_a_missing_conviction_date(tmp_path: Path) -> None:
    options = relief(yearsSinceConvictionThreshold=10, yearsCrimeFreeThreshold=5)
    rows = [conviction("1", "YOLO", **NO_DATE), conviction("1", "YOLO", **BURGLARY)]
    found = clearscale.explain(alone(tmp_path, rows, options), "yolo", 0)
    assert found.reason == "Conviction occurred 10 or more years ago"
    (missing,) = found.missing
    assert (missing.date, missing.rules) == ("conviction", (2, 3))
    # The burglary of 2019 stays the latest or gives way to this one: five clear years are impossible.
    assert reasons(missing.outcomes) == ["Conviction occurred 10 or more years ago", REDUCED]
    assert found.rules[2].conditions[0].if_known == "fails"


def test_a_missing_date_of_another_conviction(tmp_path: Path) -> None:
    options = relief(yearsSinceConvictionThreshold=10, yearsCrimeFreeThreshold=5)
    rows = [conviction("1", "YOLO", STP_EVENT_DATE="20140101"), conviction("1", "YOLO", **(BURGLARY | NO_DATE))]
    found = clearscale.explain(alone(tmp_path, rows, options), "yolo", 0)
    assert found.reason == "No convictions in the past 5 years"
    (missing,) = found.missing
    assert (missing.date, missing.meaning) == ("record", "the date of another conviction on record")
    assert missing.rules == (3,)
    assert reasons(missing.outcomes) == ["No convictions in the past 5 years", REDUCED]


def test_a_rule_on_missing_dates_themselves_would_not_hold(tmp_path: Path) -> None:
    rows = [conviction("1", "YOLO", OFFENSE_DESCR="11357 HS", **NO_DATE, **NO_BIRTH)]
    found = clearscale.explain(alone(tmp_path, rows, "ca-prop64-statute"), "yolo", 0)
    assert found.reason == "HS 11357, age and amount not in the record"
    assert [each.date for each in found.missing] == ["birth", "conviction"]
    assert reasons(found.possible) == [
        "Sentenced under Proposition 64",
        "HS 11357, lawful at 21, amount not in the record",
        "HS 11357, infraction under 21",
    ]
    birth, own = found.missing
    # With the date of birth alone the conviction still has no date.
    assert (birth.changes, reasons(birth.outcomes)) == (False, [found.reason])
    assert own.changes


def test_what_other_facts_rule_out_is_not_possible(tmp_path: Path) -> None:
    """Without a superstrike, a conviction of PC 290 or another Prop 64 conviction no date makes one earlier."""
    rows = [conviction("1", "YOLO", **NO_DATE), conviction("1", "YOLO", **BURGLARY)]
    found = clearscale.explain(alone(tmp_path, rows, "ca-los-angeles-2019"), "yolo", 0)
    assert not {"PC 667(e)(2)(c)(iv)", "PC 290", "Two priors"} & set(reasons(found.possible))


BIRTHS = [f"{year}{day}" for year in range(1930, 2003) for day in ("0101", "0702")]
DATES = [f"{year}{day}" for year in range(1970, 2020, 2) for day in ("0630", "0702")]


@pytest.mark.parametrize("policy", [*PACKS, "policy.json", "own.toml"])
@pytest.mark.parametrize(
    ("column", "values", "on"),
    [("PRI_DOB", BIRTHS, (0, 1, 2)), ("STP_EVENT_DATE", DATES, (0,)), ("STP_EVENT_DATE", DATES, (1,))],
)
def test_whatever_the_date_was_the_decision_is_a_possible_one(
    folder: Path, tmp_path: Path, policy: str, column: str, values: list[str], on: tuple[int, ...]
) -> None:
    """The same record without the date, and once with each of many dates."""
    counts = [
        {"OFFENSE_DESCR": "11360(A) HS-SELL"},
        {"OFFENSE_DESCR": "288 PC-LEWD ACT", "CNT_ORDER": "002001001000", "STP_EVENT_DATE": "20000101"},
        {"OFFENSE_DESCR": "11359 HS-SALE", "CNT_ORDER": "003001001000", "STP_EVENT_DATE": "19990101"},
    ]

    def record(subject: str, value: str) -> list[Row]:
        rows = [conviction(subject, "YOLO", **each) for each in counts]
        for place in on:
            rows[place][column] = value.encode()
        return rows

    rows = [row for number, value in enumerate(["", *values]) for row in record(str(number), value)]
    run = alone(tmp_path, rows, policy if policy in PACKS else str(folder / policy))
    decided = {row["row"]: (row["determination"], row["reason"]) for row in run.decisions().to_pylist()}
    for place in (0, 2):
        found = clearscale.explain(run, "yolo", place)
        possible = {(each.determination, each.reason) for each in found.possible}
        happened = {decided[row] for row in range(place + 3, len(rows), 3)}
        assert happened <= possible
        assert len(found.missing) == 1


@pytest.mark.parametrize("policy", [*PACKS, "policy.json", "own.toml"])
def test_whatever_all_dates_were_the_decision_is_a_possible_one(folder: Path, tmp_path: Path, policy: str) -> None:
    def record(subject: str, birth: str, own: str, other: str) -> list[Row]:
        rows = [
            conviction(subject, "YOLO", OFFENSE_DESCR="11357(A) HS-POSSESS", STP_EVENT_DATE=own),
            conviction(subject, "YOLO", **(BURGLARY | {"OFFENSE_DESCR": "187 PC-MURDER", "STP_EVENT_DATE": other})),
        ]
        return [row | {"PRI_DOB": birth.encode()} for row in rows]

    dates = [("", "", ""), *itertools.product(BIRTHS[::18], DATES[::7], DATES[3::7])]
    rows = [row for number, each in enumerate(dates) for row in record(str(number), *each)]
    run = alone(tmp_path, rows, policy if policy in PACKS else str(folder / policy))
    decided = {row["row"]: (row["determination"], row["reason"]) for row in run.decisions().to_pylist()}
    found = clearscale.explain(run, "yolo", 0)
    assert [each.date for each in found.missing] == ["birth", "conviction", "record"]
    happened = {decided[row] for row in range(2, len(rows), 2)}
    assert happened <= {(each.determination, each.reason) for each in found.possible}


# What is told.


def told(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as leaving:
        cli.main(["explain", *(str(each) for each in arguments)])
    printed = capsys.readouterr()
    assert isinstance(leaving.value.code, int)
    return leaving.value.code, printed.out, printed.err


SHAPE = {
    "": {each.name for each in fields(Explanation)},
    "policy": {"id", "title", "parameters", "map"},
    "rules": {"number", "determination", "reason", "law", "holds", "state", "missing", "conditions"},
    "conditions": {"fact", "text", "value", "shown", "holds", "missing", "if_known"},
    "missing": {"date", "meaning", "rules", "outcomes", "changes"},
    "outcomes": {"rule", "determination", "reason"},
}


def test_json_and_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = made(folder, "policy.json")
    row, found = next(pair for pair in explained(run) if pair[1].missing)
    about = ("--run", run.folder.url, "--extract", row["extract"], "--row", row["row"])
    code, out, _ = told(capsys, *about, "--json")
    document = json.loads(out)
    assert (code, document) == (0, json.loads(json.dumps(found.document())))
    assert document.keys() == SHAPE[""]
    assert document["policy"].keys() == SHAPE["policy"]
    assert document["rules"][0].keys() == SHAPE["rules"]
    assert document["rules"][0]["conditions"][0].keys() == SHAPE["conditions"]
    assert document["missing"][0].keys() == SHAPE["missing"]
    assert document["missing"][0]["outcomes"][0].keys() == document["possible"][0].keys() == SHAPE["outcomes"]
    page = (Path(__file__).parents[1] / "docs/reference/commands.md").read_text("utf-8")
    section = page.partition("## clearscale explain\n")[2].partition("\n## ")[0]
    for keys in SHAPE.values():
        assert all(f"`{key}`" in section for key in keys), keys
    code, out, _ = told(capsys, *about)
    assert code == 0
    for text in ("Decision", "Rules, in order", "What missing dates leave open", row["determination"], "decides"):
        assert text in out
    assert told(capsys, *about, "--quiet")[:2] == (0, "")


def shown_values(run: Run) -> dict[str, set[str]]:
    """What each condition shows of the run's convictions."""
    found: dict[str, set[str]] = {}
    for _, each in explained(run):
        for rule in each.rules:
            for asked in rule.conditions:
                found.setdefault(asked.text, set()).add(asked.shown)
    return found


def test_values_are_written_for_people(folder: Path) -> None:
    shown = shown_values(made(folder, "own.toml"))
    assert shown["birth_date < 1960-01-01"] == {"not shown", "no date"}
    assert shown["related"] == {"yes", "no"}
    assert shown["not code_section contains '148'"] == {"yes", "no"}
    assert {"none", "A"} <= shown["subsection == A"] <= {"none", *"ABCDEFGH"}
    shown = shown_values(made(folder, "ca-los-angeles-2019"))
    assert shown["section == 11357"] <= {"11357", "11358", "11359", "11360"}
    dates = shown["event_date >= 2016-11-09"]
    assert shown["event_date > 0001-01-01"] == dates
    assert all(date == "no date" or datetime.date.fromisoformat(date) for date in dates)
    assert {"no date"} < dates
    assert "julian_age <= 21" in shown
    assert "charge has 11357" in shown_values(made(folder, "policy.json"))


def test_nothing_tells_a_birth_date_or_who_it_was(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = {"PRI_DOB": "19770313", "PRI_NAME": "ZZYZX", "CII_NUMBER": "A77002", "PRI_SSN": "770047700"}
    rows = [conviction("SUB77001", "YOLO", OFFENSE_DESCR="11360(A) HS", **person)]
    for policy in (str(folder / "own.toml"), "ca-los-angeles-2019"):
        run = alone(tmp_path / Path(policy).stem, rows, policy)
        for more in ((), ("--json",)):
            _, out, err = told(capsys, "--run", run.folder.url, "--extract", "yolo", "--row", 0, *more)
            assert out
            for marker in ("19770313", "1977-03-13", "03/13/1977", "ZZYZX", "77002", "770047700", "77001"):
                assert marker not in out + err
    ages = {
        each.shown
        for rule in clearscale.explain(run, "yolo", 0).rules
        for each in rule.conditions
        if each.fact == "julian_age"
    }
    assert ages == {"about 43.3"}


# What cannot be explained.


def refused(run: Run, extract: str, row: int) -> str:
    with pytest.raises(RunError) as error:
        clearscale.explain(run, extract, row)
    return str(error.value)


def test_extracts_are_named_by_id_file_or_how_they_begin(folder: Path) -> None:
    run = made(folder, "policy.json")
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
        assert text in refused(run, "yolo", row)
        code, out, err = told(capsys, "--run", run.folder.url, "--extract", "yolo", "--row", row)
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
    default, *named = [each for each in (load_policy("ca-dismiss-all"), *pilots) if isinstance(each, Policy)]
    policy = PolicyMap("map", "A map", default, tuple(zip(("YOLO", "KERN"), named, strict=True)))
    run = alone(tmp_path, [conviction("1", "YOLO")], policy)
    assert clearscale.explain(run, "yolo", 0).policy["id"] == "ca-sacramento-2019"


def test_without_its_store_a_run_cannot_be_explained(tmp_path: Path) -> None:
    run = alone(tmp_path, [conviction("1", "YOLO")], "ca-dismiss-all")
    (tmp_path / "store").rename(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="there is no snapshot"):
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
