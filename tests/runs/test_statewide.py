"""Figures of the state: each person once, with the relief of all counties together, against plain Python."""

import csv
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.law import state as law
from clearscale.runs import Run
from tests.support import reference
from tests.support.built import PEOPLE
from tests.support.examples import long
from tests.support.reference import calendar
from tests.support.reference.deciding import DISMISS, Decision, read_policy
from tests.support.reference.deciding import decide as decide_plainly
from tests.support.reference.reading import read
from tests.support.reference.records import Conviction, Subject, gather
from tests.support.samples import AS_OF_DATE, OPTIONS, conviction, decide, decisions, extract, ingest, put, rendered

TODAY = calendar.from_python(AS_OF_DATE)


@dataclass(frozen=True)
class History:
    """One extract's rows for one subject, and the decision of each Prop 64 conviction in it, any county's."""

    county: str
    rows: int
    subject: Subject
    decisions: dict[int, Decision]

    def relieved(self, conviction: Conviction, *, only_dismissed: bool = False) -> bool:
        decision = self.decisions.get(conviction.row)
        if decision is None or not decision.determination:
            return False
        return decision.determination == DISMISS or not only_dismissed

    def counts(self) -> dict[str, bool]:
        """Whether the person counts under each figure."""
        convictions = self.subject.convictions
        felonies = [conviction for conviction in convictions if conviction.felony]
        recent = [conviction for conviction in convictions if conviction.date > calendar.add_years(TODAY, -7)]
        return {
            "subjectsWithProp64ConvictionCountInCounty": bool(self.decisions),
            "subjectsWithSomeReliefCount": any(self.relieved(conviction) for conviction in convictions),
            "CountSubjectsNoFelony": bool(felonies) and all(self.relieved(conviction) for conviction in felonies),
            "CountSubjectsNoConviction": bool(convictions)
            and all(self.relieved(conviction, only_dismissed=True) for conviction in convictions),
            "CountSubjectsNoConvictionLast7Years": bool(recent)
            and all(self.relieved(conviction, only_dismissed=True) for conviction in recent),
        }


@cache
def histories(content: bytes, county: str) -> list[tuple[bytes, History]]:
    """(CII_NUMBER, history) of each subject of an extract."""
    policy = read_policy(OPTIONS)
    rows = read(content)
    rows_of: Counter[bytes] = Counter(row["SUBJECT_ID"] for row in rows)
    numbers: dict[bytes, bytes] = {}
    for row in rows:
        numbers[row["SUBJECT_ID"]] = numbers.get(row["SUBJECT_ID"]) or row["CII_NUMBER"].strip()
    found = []
    for subject, subject_id in zip(gather(rows), dict.fromkeys(row["SUBJECT_ID"] for row in rows), strict=True):
        decided = {
            conviction.row: decide_plainly(policy, conviction, subject, TODAY)
            for conviction in subject.convictions
            if conviction.prop64
        }
        found.append((numbers[subject_id], History(county, rows_of[subject_id], subject, decided)))
    return found


def people(extracts: dict[str, bytes]) -> list[History]:
    """The history that stands for each person: that with the most rows, then the later county's."""
    best: dict[Any, History] = {}
    for county in sorted(extracts):
        for place, (number, history) in enumerate(histories(extracts[county], county)):
            key = number or (county, place)
            if key not in best or (history.rows, history.county) > (best[key].rows, best[key].county):
                best[key] = history
    return list(best.values())


@pytest.fixture(scope="module")
def state(four_counties: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], Run]:
    """A fabricated state of four counties, and its run."""
    run = decide(four_counties / "store", tmp_path_factory.mktemp("state") / "run")
    extracts = clearscale.open_store(str(four_counties / "store")).manifest.extracts
    return {extract.county: (four_counties / "in" / extract.name).read_bytes() for extract in extracts}, run


def test_each_person_counts_once_with_the_relief_of_all_counties(state: tuple[dict[str, bytes], Run]) -> None:
    extracts, run = state
    persons = people(extracts)
    assert len(persons) == PEOPLE
    assert sum(len(histories(content, county)) for county, content in extracts.items()) > PEOPLE
    _compare(run.summary, persons)


@pytest.mark.parametrize("seed", [1, long(2), long(3)])
def test_people_on_the_edges_of_every_rule(seed: int, tmp_path: Path) -> None:
    """The same rows as two counties' extracts, some of them lacking in one, and people without a number."""
    whole = extract("ALAMEDA", seed=seed, subjects=60)
    shorter = rendered([row for place, row in enumerate(read(whole)) if place % 7])
    extracts = {"ALAMEDA": whole, "YOLO": shorter, "FRESNO": extract("FRESNO", seed=seed + 50)}
    for county, content in extracts.items():
        ingest(put(tmp_path, f"{county}.csv", content), tmp_path / "store", county=county)
    run = decide(tmp_path / "store", tmp_path / "run")
    # One by one, so that the extract ingested last is the later one.
    order = {"ALAMEDA": "1", "YOLO": "2", "FRESNO": "3"}
    renamed = {order[county]: content for county, content in extracts.items()}
    _compare(run.summary, people(renamed))
    counted = assert_tables_count_decisions(run, tmp_path / "tables")
    # What only a shorter copy or only another county's extract holds is in one of the two figures.
    assert counted["county_figure"] != counted["state_figure"]


def _compare(summary: dict[str, Any], persons: list[History]) -> None:
    figures = {**summary, **summary["reliefWithCurrentEligibilityChoices"]}
    wanted = Counter(name for person in persons for name, counts in person.counts().items() if counts)
    assert {name: figures[name] for name in wanted} == dict(wanted)
    assert len(wanted) == 5
    decided = [
        (conviction, person.decisions[conviction.row])
        for person in persons
        for conviction in person.subject.convictions
        if conviction.row in person.decisions
    ]
    assert summary["prop64FelonyConvictionsCountInCounty"] == sum(conviction.felony for conviction, _ in decided)
    assert summary["prop64NonFelonyConvictionsCountInCounty"] == sum(
        not conviction.felony for conviction, _ in decided
    )
    assert summary["prop64ConvictionsCountInCountyByCodeSection"] == Counter(
        conviction.prop64 for conviction, _ in decided
    )
    reasons = Counter(decision.reason for _, decision in decided if decision.determination == DISMISS)
    additional = summary["convictionDismissalCountByAdditionalRelief"]
    assert additional == {reason: reasons[reason] for reason in additional}
    assert summary["subjects"] == len(persons)
    assert summary["convictions"] == sum(len(person.subject.convictions) for person in persons)


def test_a_countys_figures_are_those_of_its_extract_alone(state: tuple[dict[str, bytes], Run]) -> None:
    extracts, run = state
    assert run.counties.keys() == extracts.keys()
    for county, content in extracts.items():
        wanted = reference.run(content, county, OPTIONS, AS_OF_DATE)
        assert run.counties[county] == wanted.summary
        [name] = [name for name in run.info["decisions"] if name.startswith(county.lower().replace(" ", "-"))]
        rows = run.decisions(name).to_pylist()
        own = [(row["row"], row["determination"], row["reason"]) for row in rows if row["county_figure"]]
        assert own == wanted.decisions


def test_tables_add_up_to_the_summaries(state: tuple[dict[str, bytes], Run]) -> None:
    _, run = state
    convictions, persons = run.table("convictions").to_pylist(), run.table("people").to_pylist()
    for county, summary in [*run.counties.items(), ("", run.summary)]:
        scope = "county" if county else "state"
        counts = "convictions" if county else "convictions_once"
        chosen = [row for row in convictions if county in ("", row["county"])]
        by_severity: Counter[str] = Counter()
        by_section: Counter[str] = Counter()
        by_reason: Counter[str] = Counter()
        for row in chosen:
            by_severity[row["severity"]] += row[counts]
            by_section[row["section"]] += row[counts]
            by_reason[row["reason"]] += row[counts]
        assert by_severity["felony"] == summary["prop64FelonyConvictionsCountInCounty"]
        assert by_severity["not a felony"] == summary["prop64NonFelonyConvictionsCountInCounty"]
        assert +by_section == summary["prop64ConvictionsCountInCountyByCodeSection"]
        additional = summary["convictionDismissalCountByAdditionalRelief"]
        assert additional == {reason: by_reason[reason] for reason in additional}
        relief = summary["reliefWithCurrentEligibilityChoices"]
        of_people = [row for row in persons if row["scope"] == scope and row["county"] == county]
        totals = {
            name: sum(row[name] for row in of_people)
            for name in (
                "people",
                "with_prop64",
                "some_relief",
                "no_felony",
                "no_conviction",
                "no_recent_conviction",
            )
        }
        assert totals == {
            "people": len({row["CII_NUMBER"] for row in read(state[0][county])}) if county else PEOPLE,
            "with_prop64": summary["subjectsWithProp64ConvictionCountInCounty"],
            "some_relief": summary["subjectsWithSomeReliefCount"],
            "no_felony": relief["CountSubjectsNoFelony"],
            "no_conviction": relief["CountSubjectsNoConviction"],
            "no_recent_conviction": relief["CountSubjectsNoConvictionLast7Years"],
        }


def assert_tables_count_decisions(run: Run, folder: Path) -> dict[str, Counter[tuple[str, ...]]]:
    """The table of convictions against the decisions, and its CSV file; returns the counts by figure."""
    keys = ("county", "section", "determination", "reason")
    counts = {"county_figure": "convictions", "state_figure": "convictions_once"}
    counted: dict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
    for row in run.table("convictions").to_pylist():
        for figure, name in counts.items():
            counted[figure][tuple(row[key] for key in keys)] += row[name]
    decided = [{**row, "county": law().counties.group(row["county"])} for row in decisions(run)]
    for figure, found in counted.items():
        assert +found == Counter(tuple(row[key] for key in keys) for row in decided if row[figure])
    clearscale.tables(run, str(folder))
    with (folder / "convictions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for figure, name in counts.items():
        assert sum(int(row[name]) for row in rows) == counted[figure].total()
    return counted


def test_tables_are_the_decisions_counted(state: tuple[dict[str, bytes], Run], tmp_path: Path) -> None:
    assert_tables_count_decisions(state[1], tmp_path)


def test_a_felony_in_each_of_two_counties(tmp_path: Path) -> None:
    """Each county relieves its own felony and leaves one; together they leave none."""
    rows = [
        conviction("1", "ALAMEDA", 1, OFFENSE_DESCR="11357 HS-POSSESS", STP_EVENT_DATE="20190601"),
        conviction("1", "YOLO", 2, OFFENSE_DESCR="11359 HS-SELL", STP_EVENT_DATE="20190701"),
    ]
    copies = [row | {"SUBJECT_ID": b"9"} for row in rows]
    store = tmp_path / "store"
    paths = [put(tmp_path, "alameda.csv", rendered(rows)), put(tmp_path, "yolo.csv", rendered(copies))]
    for path, county in zip(paths, ("ALAMEDA", "YOLO"), strict=True):
        ingest(path, store, county=county)
    run = decide(store, tmp_path / "run")
    for county, only_dismissed in (("ALAMEDA", 1), ("YOLO", 0)):
        figures = run.counties[county]
        assert figures["subjectsWithProp64ConvictionCountInCounty"] == 1
        assert figures["subjectsWithSomeReliefCount"] == 1
        assert figures["prop64FelonyConvictionsCountInCounty"] == 1
        assert set(figures["reliefWithCurrentEligibilityChoices"].values()) == {0}
        assert figures["convictionDismissalCountByCodeSection"] == {"11357": only_dismissed}
    state = run.summary
    assert (state["subjects"], state["convictions"], state["counties"]) == (1, 2, 2)
    assert state["subjectsWithProp64ConvictionCountInCounty"] == state["subjectsWithSomeReliefCount"] == 1
    assert state["prop64FelonyConvictionsCountInCounty"] == 2
    assert state["convictionDismissalCountByAdditionalRelief"] == {"Only has 11357-60 charges": 1}
    assert state["reliefWithCurrentEligibilityChoices"] == {
        "CountSubjectsNoConviction": 1,
        "CountSubjectsNoConvictionLast7Years": 1,
        "CountSubjectsNoFelony": 1,
    }
    assert [row["state_figure"] for row in decisions(run)].count(True) == 2
