"""Every rule of the packs that are no pilots, by hand; eligibility options as a pack; code sections in reasons."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from clearscale.dates import as_of_day
from clearscale.histories.candidates import candidates_of, county_codes
from clearscale.io.source import Source
from clearscale.law import state
from clearscale.law.offense_texts import OTHER_SECTION, Offenses
from clearscale.outputs.export.from_extract import fold_extract
from clearscale.policy import DISMISS, PACKS, REDUCE, AnyPolicy, gogen_policy, load_policy, outcomes, pack
from clearscale.policy.caseload import Caseload, caseload_of
from clearscale.runs.evaluate import evaluate
from tests.support.fabricate import Layout, edge_extract, policies, render
from tests.support.samples import AS_OF, AS_OF_DATE

FELONY, LESSER = "FELONY", "MISDEMEANOR"


@dataclass(frozen=True)
class Count:
    """A convicted count; the first of a person is the one that is asked about. order: cycle, step, count."""

    offense: str
    date: str = "20100601"
    level: str = FELONY
    order: tuple[int, int, int] = (1, 1, 1)
    kind: str = "COURT ACTION"
    disposition: str = "CONVICTED"


@dataclass(frozen=True)
class Person:
    counts: tuple[Count, ...]
    birth: str = "19700101"
    rows: tuple[dict[str, str], ...] = field(default=())

    def extract(self) -> bytes:
        same = {"SUBJECT_ID": "1", "PRI_DOB": self.birth, "STP_ORI_CNTY_NAME": "KERN"}
        rows = [
            {
                "CNT_ORDER": "{:03d}{:03d}{:03d}000".format(*count.order),
                "OFFENSE_DESCR": count.offense,
                "STP_EVENT_DATE": count.date,
                "CONV_STAT_DESCR": count.level,
                "STP_TYPE_DESCR": count.kind,
                "DISP_DESCR": count.disposition,
            }
            for count in self.counts
        ]
        return bytes(
            render([{k: v.encode() for k, v in {**same, **row}.items()} for row in (*rows, *self.rows)], Layout())
        )


def caseload(folder: Path, extract: bytes) -> Caseload:
    path = folder / "extract.csv"
    path.write_bytes(extract)
    _, folded, dictionaries = fold_extract(Source(str(path)))
    found = candidates_of(folded, dictionaries, county_codes(["KERN"], dictionaries))
    offenses = Offenses(dictionaries.texts["offense"])
    return caseload_of([found], *folded.charges, 1, offenses, dictionaries.texts["county"])


def decide(folder: Path, person: Person, policy: AnyPolicy) -> tuple[str, str, bool]:
    """(determination, reason, rests on a missing date) of the person's first count."""
    cases = caseload(folder, person.extract())
    decisions = evaluate(cases, policy, as_of_day(AS_OF))
    place = cases.candidates["row"].tolist().index(0)
    assert decisions.in_scope[place]
    known = outcomes(policy, cases.offenses)
    text = known.at(decisions.rules, cases.candidates["offense"])[place]
    return known.determinations[text], known.reasons[text], bool(decisions.rests_on_missing[place])


def person(offense: str, *others: Count, birth: str = "19700101", **count: Any) -> Person:
    return Person((Count(offense, **count), *others), birth)


EARLIER, LATER = "20050101", "20150101"
REGISTRATION = Count("290 PC-REGISTER", order=(9, 1, 1), kind="REGISTRATION", disposition="")
NEXT = (2, 1, 1)
SAME_CASE = (1, 1, 2)
PRIORS = tuple(Count("11359 HS-SALE", f"200{number}0101", order=(2 + number, 1, 1)) for number in (1, 2))

STATUTE: list[tuple[Person, str, str, bool]] = [
    (person("11360 HS", date="20161109"), "Not eligible", "Sentenced under Proposition 64", False),
    (person("11357.5 HS"), "Not eligible", "HS 11357.5 is no marijuana", False),
    (person("11357.5/11359 HS", level=LESSER), DISMISS, "HS 11357, lawful at 21, amount not in the record", False),
    (person("11357(C) HS", date=""), DISMISS, "HS 11357, age and amount not in the record", True),
    (person("11357(C) HS"), DISMISS, "HS 11357, lawful at 21, amount not in the record", False),
    (person("11357 HS", birth=""), DISMISS, "HS 11357, lawful at 21, amount not in the record", True),
    (person("11357 HS", level=LESSER), DISMISS, "HS 11357, lawful at 21, amount not in the record", False),
    (person("11357 HS", birth="19890602"), REDUCE, "HS 11357, infraction under 21", False),
    (person("11357 HS", birth="19890601"), DISMISS, "HS 11357, lawful at 21, amount not in the record", False),
    # Nothing bars 11357.
    (
        person("11357 HS", Count("187 PC", EARLIER, order=NEXT)),
        DISMISS,
        "HS 11357, lawful at 21, amount not in the record",
        False,
    ),
    (person("11358 HS", Count("187 PC", EARLIER, order=NEXT)), "Not eligible", "Prior superstrike", False),
    # Smit: of the same case it is no prior, and neither is a later one.
    (
        person("11358 HS", Count("187 PC", EARLIER, order=SAME_CASE)),
        DISMISS,
        "HS 11358, lawful at 21, number of plants not in the record",
        False,
    ),
    (
        person("11359 HS", Count("187 PC", LATER, order=NEXT)),
        REDUCE,
        "HS 11359 or 11360, misdemeanor, amount not in the record",
        False,
    ),
    (person("11359 HS", Count("243.4(A) PC", EARLIER, order=NEXT)), "Not eligible", "Prior PC 290", False),
    (
        person("11359 HS", Count("243.4(A) PC", EARLIER, order=SAME_CASE)),
        REDUCE,
        "HS 11359 or 11360, misdemeanor, amount not in the record",
        False,
    ),
    (person("11360 HS", REGISTRATION), "Hand Review", "PC 290 registration without its conviction", False),
    (
        person("11360 HS", REGISTRATION, Count("243.4(A) PC", LATER, order=NEXT)),
        REDUCE,
        "HS 11359 or 11360, misdemeanor, amount not in the record",
        False,
    ),
    (person("11359 HS", *PRIORS), "Not eligible", "2 or more priors of the section", False),
    (
        person("11360 HS", *PRIORS),
        REDUCE,
        "HS 11359 or 11360, misdemeanor, amount not in the record",
        False,
    ),
    (person("11358 HS", date=""), DISMISS, "HS 11358, age and amount not in the record", True),
    (person("11358 HS", birth="19890602"), REDUCE, "HS 11358, infraction under 21", False),
    (person("11360(B) HS", level=LESSER), REDUCE, "HS 11360(b), infraction", False),
    (person("11360(A) HS", birth="19920602"), REDUCE, "Infraction under 18", False),
    (
        person("11360(A) HS", birth="19920601"),
        REDUCE,
        "HS 11359 or 11360, misdemeanor, amount not in the record",
        False,
    ),
    (
        person("11359 HS", level=LESSER),
        "Stands as it is",
        "HS 11359 or 11360, already a misdemeanor or infraction",
        False,
    ),
    # A bar applies to felonies only.
    (
        person("11359 HS", Count("187 PC", EARLIER, order=NEXT), level=LESSER),
        "Stands as it is",
        "HS 11359 or 11360, already a misdemeanor or infraction",
        False,
    ),
    (
        person("11359 HS", date="", birth="20100101"),
        REDUCE,
        "HS 11359 or 11360, misdemeanor, amount not in the record",
        False,
    ),
]


@pytest.mark.parametrize(("person", "determination", "reason", "flagged"), STATUTE)
def test_the_statute(tmp_path: Path, person: Person, determination: str, reason: str, flagged: bool) -> None:
    assert decide(tmp_path, person, load_policy("ca-prop64-statute")) == (determination, reason, flagged)


def test_every_rule_of_the_statute_has_a_case() -> None:
    reasons = {reason for _, _, reason, _ in STATUTE}
    assert {rule.reason for rule in load_policy("ca-prop64-statute").rules} == reasons


CYCLES = tuple(Count("11359 HS", EARLIER, order=(number, 1, 1)) for number in (2, 3))

TWICE = replace(CYCLES[0], order=SAME_CASE)

SAN_FRANCISCO: list[tuple[Person, str, str]] = [
    (person("11359 HS", Count("187 PC", order=NEXT), level=LESSER), "eligible", "Misdemeanor or Infraction"),
    (person("11357(C) HS", Count("187 PC", order=NEXT)), "eligible", "11357"),
    (person("11359 HS", Count("187 PC", LATER, order=NEXT)), "ineligible", "Superstrike"),
    (person("11358 HS", Count("243.4(A) PC", LATER, order=NEXT)), "ineligible", "PC 290 charge"),
    (person("11358 HS", REGISTRATION), "ineligible", "PC 290 registration"),
    (person("11359 HS", *CYCLES), "ineligible", "Two priors"),
    (person("11359 HS", CYCLES[0]), "needs review", "Weight not in the record"),
    (
        person("11359 HS", replace(CYCLES[0], order=SAME_CASE), CYCLES[1]),
        "needs review",
        "Weight not in the record",
    ),
    (person("11359(A) HS", *CYCLES), "needs review", "Weight not in the record"),
    (person("11358 HS"), "eligible", "11358"),
    (person("11360 HS"), "needs review", "Weight not in the record"),
]


@pytest.mark.parametrize(("person", "determination", "reason"), SAN_FRANCISCO)
def test_san_francisco(tmp_path: Path, person: Person, determination: str, reason: str) -> None:
    assert decide(tmp_path, person, load_policy("ca-san-francisco-2018")) == (determination, reason, False)


def test_every_rule_of_san_francisco_has_a_case() -> None:
    reasons = {reason for _, _, reason in SAN_FRANCISCO}
    assert {rule.reason for rule in load_policy("ca-san-francisco-2018").rules} == reasons


def test_what_eligible_is_worth_in_san_francisco() -> None:
    worth = [rule.relief for rule in load_policy("ca-san-francisco-2018").rules]
    assert worth == [2, 1, 0, 0, 0, 0, 1, 0]


@pytest.mark.parametrize(
    ("name", "offense", "level", "wanted"),
    [
        ("ca-dismiss-all", "11360 HS", FELONY, (DISMISS, "Dismiss all Prop 64 charges")),
        ("ca-dismiss-all", "11357 HS", LESSER, (DISMISS, "Dismiss all Prop 64 charges")),
        ("ca-dismiss-all-and-related", "11360 HS", FELONY, (DISMISS, "Dismiss all Prop 64 and related charges")),
        ("ca-dismiss-all-and-related", "148 PC", LESSER, (DISMISS, "Dismiss all Prop 64 and related charges")),
    ],
)
def test_dismiss_all(tmp_path: Path, name: str, offense: str, level: str, wanted: tuple[str, str]) -> None:
    assert decide(tmp_path, person(offense, level=level), load_policy(name))[:2] == wanted


def test_dismiss_all_leaves_related_charges_alone(tmp_path: Path) -> None:
    cases = caseload(tmp_path, person("148 PC").extract())
    assert not evaluate(cases, load_policy("ca-dismiss-all"), as_of_day(AS_OF)).in_scope.any()


def parameters_of(options: dict[str, Any]) -> dict[str, Any]:
    """The parameters of ca-bear-default that say what eligibility options say."""
    baseline, relief = options["baselineEligibility"], options["additionalRelief"]
    sections = ("11357", "11358", "11359", "11360")
    return {
        **{f"dismiss_{section}": section in baseline["dismiss"] for section in sections},
        **{f"reduce_{section}": section in baseline["reduce"] for section in sections},
        "under_21": relief.get("subjectUnder21AtConviction", False),
        "age": relief.get("subjectAgeThreshold", 0),
        "years_since": relief.get("yearsSinceConvictionThreshold", 0),
        "years_crime_free": relief.get("yearsCrimeFreeThreshold", 0),
        "only_prop64": relief.get("subjectHasOnlyProp64Charges", False),
        "deceased": relief.get("subjectIsDeceased", False),
    }


@pytest.fixture(scope="module")
def edges(tmp_path_factory: pytest.TempPathFactory) -> Caseload:
    return caseload(tmp_path_factory.mktemp("edges"), edge_extract(5, 120, "KERN", AS_OF_DATE))


@settings(
    derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(options=policies())
def test_eligibility_options_are_a_pack_with_parameters(edges: Caseload, options: dict[str, Any]) -> None:
    ordered = {
        "baselineEligibility": {
            name: sorted(sections) for name, sections in options["baselineEligibility"].items()
        },
        "additionalRelief": options["additionalRelief"],
    }
    as_pack, as_options = load_policy("ca-bear-default", parameters_of(options)), gogen_policy(ordered)
    assert as_pack.texts == as_options.texts
    assert as_pack.dismiss_sections == as_options.dismiss_sections
    assert as_pack.reduce_sections == as_options.reduce_sections
    ours, theirs = (evaluate(edges, policy, as_of_day(AS_OF)) for policy in (as_pack, as_options))
    assert ours.rules.tolist() == theirs.rules.tolist()
    assert ours.rests_on_missing.tolist() == theirs.rests_on_missing.tolist()


def test_the_screens_first_choices() -> None:
    options = {
        "baselineEligibility": {"dismiss": ["11357", "11358", "11359", "11360"], "reduce": []},
        "additionalRelief": {
            "yearsSinceConvictionThreshold": 5,
            "yearsCrimeFreeThreshold": 5,
            "subjectHasOnlyProp64Charges": True,
        },
    }
    assert load_policy("ca-bear-default").texts == gogen_policy(options).texts


@pytest.mark.parametrize("name", PACKS)
def test_packs_say_where_they_are_from(name: str) -> None:
    document = pack(name)
    assert document.jurisdiction == "California"
    assert all(source.confidence for source in document.sources)


BYTES = (b"\xc9148 PC", "\xa0148 PC\u2003".encode(), b" 602 PC ", b"4060 BP", b"4060 BP ")


def test_a_code_section_in_a_reason_is_trimmed_and_keeps_its_bytes(tmp_path: Path) -> None:
    import clearscale
    from clearscale.outputs.export.from_extract import decide_extract, write_results

    rows = [
        {
            "SUBJECT_ID": b"1",
            "CNT_ORDER": b"001001%03d000" % number,
            "OFFENSE_DESCR": offense + b"-X",
            "STP_EVENT_DATE": b"20100101",
            "STP_ORI_CNTY_NAME": b"SAN JOAQUIN",
            "STP_TYPE_DESCR": b"COURT ACTION",
            "DISP_DESCR": b"CONVICTED",
            "CONV_STAT_DESCR": b"MISDEMEANOR",
        }
        for number, offense in enumerate((*BYTES, b"11357 HS"), start=1)
    ]
    path = tmp_path / "extract.csv"
    path.write_bytes(render(rows, Layout()))
    policy = load_policy("ca-san-joaquin-2019")
    outcome = decide_extract(Source(str(path)), "SAN JOAQUIN", policy, as_of_day(AS_OF))
    write_results(Source(str(path)), outcome, tmp_path, "")
    endings = [line.rsplit(b",", 1)[1] for line in (tmp_path / "Prop64_Results.csv").read_bytes().splitlines()[1:]]
    assert endings == [b"\xc9148 PC", b"148 PC", b"602 PC", b"4060 BP", b"4060 BP", b"Misdemeanor or Infraction"]

    store, out = str(tmp_path / "store"), str(tmp_path / "run")
    clearscale.ingest([str(path)], store, county="SAN JOAQUIN", accept=tuple(state().findings.listed))
    run = clearscale.run(store, "ca-san-joaquin-2019", AS_OF, out)
    shown = ["\\xc9148 PC", "148 PC", "602 PC", "4060 BP", "4060 BP", "Misdemeanor or Infraction"]
    assert run.decisions().column("reason").to_pylist() == shown
    table = run.table("convictions").to_pylist()
    in_figures = [OTHER_SECTION, *shown[1:]]  # what does not look like a code section may name somebody
    assert sorted(row["reason"] for row in table for _ in range(row["convictions"])) == sorted(in_figures)
    clearscale.export(run, "SAN JOAQUIN", str(tmp_path / "files"))
    for name in ("All_Results", "All_Results_Condensed", "Prop64_Results"):
        wanted = (tmp_path / f"{name}.csv").read_bytes()
        assert (tmp_path / "files" / f"{name}.csv").read_bytes() == wanted
