"""What becomes of a decision in a packet: only relief that is due and without a doubt is ordered."""

import dataclasses
import re
from pathlib import Path

import pyarrow as pa
import pytest

import clearscale
from clearscale.errors import RunError
from clearscale.law import papers_of, state, state_names
from clearscale.outputs.lists import columns_of, listed
from clearscale.outputs.lists.columns import schema_of
from clearscale.outputs.packet.examples import example
from clearscale.outputs.packet.lines import (
    Fate,
    Line,
    Sorted,
    by_person,
    charge_words,
    printable,
    sort_out,
    volumes,
)
from clearscale.outputs.packet.office import Office
from clearscale.outputs.packet.setting import Job
from clearscale.outputs.packet.writing import require_counts, require_filled, require_whole
from clearscale.relief import OUTCOMES
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun


@pytest.fixture(scope="module")
def over_charges(cook: Path) -> ChargeRun:
    return clearscale.open_charge_run(cook / "run")


def of_outcomes(run: ChargeRun, *outcomes: str) -> Sorted:
    """A charge of each of these outcomes, sorted."""
    rows = [
        {
            **dict.fromkeys(("county", "court", "person", "agency", "level", "reason", "sequence", "file"), ""),
            "case": f"C-{place}",
            "number": str(place),
            "charge": "1 2",
            "description": "A CHARGE",
            "outcome": outcome,
            "missing": "the amount" if outcome == "undecided" else "",
            "flags": "doubtful-date" if place == 0 else "registered",
            "line": place,
        }
        for place, outcome in enumerate(outcomes)
    ]
    table = pa.Table.from_pylist(rows, schema=schema_of(columns_of(run)))
    return sort_out([table], run, papers_of("illinois"), ())


def test_only_relief_that_a_court_gives_now_is_ordered(over_charges: ChargeRun) -> None:
    found = of_outcomes(over_charges, "expunge", *OUTCOMES)
    fates = {line.outcome: line.fate for fate in Fate for line in found.lines[fate] if line.case != "C-0"}
    ordered = {name for name, fate in fates.items() if fate is Fate.ORDERED}
    assert ordered == {"dismiss", "reduce", "vacate", "expunge", "seal"}
    assert fates["undecided"] is fates["hand-review"] is Fate.REVIEW
    assert fates["not-yet"] is Fate.NOT_YET
    assert fates["pardon-list"] is Fate.ELSEWHERE
    assert "not-eligible" not in fates
    assert found.counts[Fate.NOTHING, "not-eligible"] == 1
    [doubtful] = found.lines[Fate.FLAGGED]
    why = "a date of the charge cannot be read, or cannot be right (doubtful-date)"
    assert (doubtful.case, doubtful.why) == ("C-0", why)
    assert found.total == len(OUTCOMES) + 1
    [undecided] = (line for line in found.lines[Fate.REVIEW] if line.outcome == "undecided")
    assert "the amount is missing" in undecided.why


def test_a_run_over_charges_is_sorted_as_its_tables_count(over_charges: ChargeRun) -> None:
    found = sort_out(listed(over_charges), over_charges, papers_of("illinois"), ())
    [county] = found.counties
    require_counts(over_charges, county, found, part=False)
    rows = [row for row in over_charges.table("charges").to_pylist() if row["scope"] == "county"]
    relief = {name for name, outcome in OUTCOMES.items() if outcome.relief and name != "pardon-list"}
    due = sum(row["charges"] for row in rows if row["outcome"] in relief)
    assert len(found.lines[Fate.ORDERED]) + len(found.lines[Fate.FLAGGED]) == due > 100
    assert not {line.outcome for line in found.lines[Fate.ORDERED]} - relief
    found.counts[Fate.ORDERED, "expunge"] -= 1
    with pytest.raises(RunError, match="are not those of its tables"):
        require_counts(over_charges, county, found, part=False)
    require_counts(over_charges, county, found, part=True)
    found.counts[Fate.ORDERED, "expunge"] += 2
    with pytest.raises(RunError, match="are not those of its tables"):
        require_counts(over_charges, county, found, part=True)


def test_papers_that_lack_a_line_or_add_up_wrong_are_not_written(run: Run) -> None:
    found = sort_out(listed(run), run, state().papers, ())
    ordered, kept = len(found.lines[Fate.ORDERED]), sum(map(len, found.lines.values()))
    kept -= ordered

    def jobs(order: int, notice: int, total: int | None = None) -> list[Job]:
        def of(count: int) -> dict[str, object]:
            shown = [["A", str(count)], ["Total", str(count if total is None else total)]]
            return {"groups": [{"rows": [{}] * count}], "totals": shown}

        people = {"people": [{"cases": [{}] * notice}]}
        return [Job("order", of(order), "a"), Job("notice", people, "b"), Job("review", of(kept), "c")]

    require_whole(found, jobs(ordered, ordered))
    for wrong in (jobs(ordered - 1, ordered), jobs(ordered, ordered + 1)):
        with pytest.raises(RunError, match="do not have every line once"):
            require_whole(found, wrong)
    with pytest.raises(RunError, match="totals"):
        require_whole(found, jobs(ordered, ordered, ordered + 1))


@pytest.mark.parametrize(
    ("code", "words", "shown"),
    [
        ("PC 245(a)(1)", "245(A)(1) PC-FORCE", "245(A)(1) PC-FORCE"),
        ("11357(A) HS", "11357(A) HS-POSSESS", "11357(A) HS-POSSESS"),
        ("XX 550 4(a)", "POSS 10-30 GRAM", "XX 550 4(a) POSS 10-30 GRAM"),
        ("XX 550 4(a)", "", "XX 550 4(a)"),
        ("", "SEE COMMENT", "SEE COMMENT"),
        ("", " ", "not in the record"),
    ],
)
def test_a_charge_is_its_section_and_words_once(code: str, words: str, shown: str) -> None:
    assert charge_words({"charge": code, "description": words}) == shown


def test_an_order_is_not_final_while_the_statute_is_open() -> None:
    papers, office = papers_of("nowhere"), Office.packaged()
    packet = example(office, papers, papers.words["charges"])
    with pytest.raises(RunError, match=r"\[order\] grounds"):
        require_filled(packet)
    stated = {**office.stated, "order": {"title": "Order in {county}", "grounds": "Some Act 12"}}
    own = dataclasses.replace(packet, office=dataclasses.replace(office, stated=stated))
    require_filled(own)
    [order] = own.orders()
    assert order.data["title"] == "Order in Example"
    assert "the requirements of Some Act 12" in order.data["findings"][1]


def line(case: str, person: str, name: str = "A") -> Line:
    return Line("COURT", case, name, (person,), "1 XX", "", "x", "dismiss", "", (), Fate.ORDERED)


def test_an_order_s_lines_are_dealt_out_by_whole_cases() -> None:
    lines = [line(f"C-{number}", "p") for number in (1, 1, 2, 3, 3, 3, 4)]
    assert [[entry.case for entry in part] for part in volumes(lines, 3)] == [
        ["C-1", "C-1", "C-2"],
        ["C-3", "C-3", "C-3"],
        ["C-4"],
    ]
    assert [len(part) for part in volumes(lines, 4)] == [3, 4]
    assert [len(part) for part in volumes(lines, 1)] == [2, 1, 3, 1]
    assert [*volumes([], 3)] == []


def test_people_are_in_order_of_their_names_each_with_all_lines() -> None:
    lines = [line("C-1", "p", "ROE"), line("C-2", "q", "DOE"), line("C-3", "p", "ROE")]
    assert [[entry.case for entry in own] for own in by_person(lines)] == [["C-2"], ["C-1", "C-3"]]


def test_texts_of_records_have_a_shape() -> None:
    assert printable("  A\t B\n") == "A B"
    assert printable("A\u202eB\x1b[1m") == "A\\u202eB\\x1b[1m"
    assert printable("Նուբար Núñez") == "Նուբար Núñez"


@pytest.mark.parametrize("name", [*state_names(), "nowhere"])
def test_every_state_s_papers_have_words_for_every_relief(name: str) -> None:
    for about, words in papers_of(name).words.items():
        needed = {"dismiss", "reduce"} if about == "convictions" else {n for n, o in OUTCOMES.items() if o.relief}
        assert needed <= words.relief.keys()
        for relief in words.relief.values():
            assert relief.word
            assert bool(relief.order) != bool(relief.elsewhere)
            assert bool(relief.order) == bool(relief.done and relief.means)
            assert not relief.order or ("“{word}”" in relief.order and "{count}" in relief.order)
        texts = [*words.findings, *words.orders, *words.not_done, words.about, words.do, words.title, words.grounds]
        texts += [text for relief in words.relief.values() for text in (relief.order, relief.done, *relief.means)]
        left_open = {name for text in texts for name in re.findall(r"{(\w*)}", text)}
        assert left_open <= {"county", "court", "office", "grounds", "word", "count"}


@pytest.mark.parametrize(
    ("text", "is_case"),
    [
        ("BA123456", True),
        ("0", False),
        ("NULL", False),
        ("FILE NBR NOT REPORTD", False),
        ("A0", True),
        (" ", False),
    ],
)
def test_what_is_no_number_of_a_case(text: str, is_case: bool) -> None:
    assert state().papers.is_case(text) is is_case
