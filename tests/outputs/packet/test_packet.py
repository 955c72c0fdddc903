"""Papers say what the run decided: every case once, with totals that are those of the list; names are only text."""

import hashlib
import json
import re
import shutil
import stat
from pathlib import Path

import pytest

import clearscale
from clearscale.commands.main import main
from clearscale.errors import RunError
from clearscale.runs import Run

from .conftest import NAMES, SHOWN, squeezed, texts_of, written

ORDERED = len(NAMES) + 2


def test_the_order_lists_every_case_once_and_its_totals_are_the_list_s(place: Path) -> None:
    pages = texts_of(place / "papers" / "order.pdf")
    said = squeezed("".join(pages))
    for name in NAMES:
        assert said.count(squeezed(SHOWN.get(name, name))) >= 1, name
    for case in (*(f"CASE-{number:04d}" for number in range(len(NAMES)) if number != 1), "TWO-1", "TWO-2"):
        assert said.count(case) == 1, case
    for apart in ("KEPT,OUT", "LOOK,AT", "NEVER,SHOWN", "CITY,LOOKS"):
        assert apart not in said
    lines = "\n".join(pages)
    dismissed, reduced = (
        re.search(rf"{word} (\d+) (\d+)", lines) for word in ("Dismissed and sealed", "Redesignated")
    )
    total = re.search(r"Total (\d+) (\d+)", lines)
    assert dismissed is not None
    assert reduced is not None
    assert total is not None
    assert int(dismissed[1]) + int(reduced[1]) == int(total[1]) == ORDERED
    assert int(total[2]) == len(NAMES) + 1  # people
    assert f"({dismissed[1]} convictions)" in lines
    assert f"({reduced[1]} convictions)" in lines
    numbers = [int(found) for found in re.findall(r"^(\d+) (?:CASE-|TWO-|#read\S+\s*$)", lines, re.MULTILINE)]
    assert numbers == [*range(1, ORDERED + 1)]
    assert re.search(r"^\d+ TWO-2 1 TWO,CASES 11357", lines, re.MULTILINE)  # the count's number before the name
    assert [f"Page {page} of {len(pages)}" in text for page, text in enumerate(pages, 1)] == [True] * len(pages)
    assert lines.index("MC DAVIS") < lines.index("SC WOODLAND")
    assert "SUPERIOR COURT OF THE STATE OF CALIFORNIA" in lines
    assert "COUNTY OF YOLO" in lines


def test_papers_can_be_traced_to_the_run(place: Path, run: Run) -> None:
    manifest = json.loads((place / "papers" / "manifest.json").read_text())
    for name in ("order.pdf", "declaration.pdf", "review.pdf"):
        said = squeezed("".join(texts_of(place / "papers" / name)))
        for told in (run.info["key"], run.info["policy_digest"], run.info["snapshot"], "2020-07-01"):
            assert told in said, (name, told)
    assert (manifest["run"], manifest["run_digest"]) == (run.info["key"], run.info["digest"])
    for name, digest in manifest["sha256"].items():
        assert hashlib.sha256((place / "papers" / name).read_bytes()).hexdigest() == digest


def test_counts_are_those_of_the_run_s_tables(place: Path, run: Run) -> None:
    manifest = json.loads((place / "papers" / "manifest.json").read_text())
    counted: dict[str, int] = {}
    for of_fate in manifest["outcomes"].values():
        for outcome, count in of_fate.items():
            counted[outcome] = counted.get(outcome, 0) + count
    rows = run.table("convictions").to_pylist()
    table = {row["determination"]: 0 for row in rows}
    for row in rows:
        table[row["determination"]] += row["convictions"]
    assert counted == table
    assert manifest["decided"] == sum(table.values())
    assert sum(manifest["ordered"].values()) == ORDERED
    assert manifest["people"] == len(NAMES) + 1
    assert manifest["outcomes"]["nothing"] == {"Not eligible": 1}
    assert manifest["outcomes"]["review"] == {"For the city to look at": 1, "Hand Review": 1}
    assert manifest["doubts"]["no-case-number"] == manifest["doubts"]["no-name"] == 1
    said = "\n".join(texts_of(place / "papers" / "declaration.pdf"))
    told = f"It decided {manifest['decided']} convictions. Of {manifest['people']} people, {ORDERED} are listed"
    assert told in re.sub(r" \d+ ", " ", f" {' '.join(said.split())} ") or told in " ".join(said.split())
    assert f"All that was decided {manifest['decided']}" in said


def test_what_is_doubtful_or_to_be_looked_at_is_listed_apart(place: Path) -> None:
    said = squeezed("".join(texts_of(place / "papers" / "review.pdf")))
    for shown in (
        "KEPT,OUT",
        "LOOK,AT",
        "CITY,LOOKS",
        "Lookat11358HS",
        "theconvictionhasnodate(no-conviction-date)",
        "therecordhasnoname(no-name)",
        "--acceptwiththatnameletsthemintoanorder.",
        "Proposed:dismissedandsealed",
    ):
        assert shown in said, shown
    assert "NEVER,SHOWN" not in said
    assert "CASE-0000" not in said
    assert said.count("ismissedandsealed") == said.count("Proposed:dismissedandsealed")  # nothing here is done


def test_each_line_to_be_looked_at_says_how_it_is_explained(place: Path) -> None:
    said = "\n".join(texts_of(place / "papers" / "review.pdf"))
    extract = re.search(r"explain --run RUN --extract (\S+) --row ROW", " ".join(said.split()))
    last = re.search(r"^\d+ L-1 1 LOOK,AT .* (\d+)\s*$", said, re.MULTILINE)
    assert extract is not None
    assert last is not None
    found = clearscale.explain(place / "run", extract=extract[1], row=int(last[1]))
    assert found.reason == "Look at 11358 HS"


def test_each_person_has_a_page_with_their_cases_and_nobody_else_s(place: Path) -> None:
    pages = texts_of(place / "papers" / "notices.pdf")
    assert len(pages) == len(NAMES) + 1
    [two] = [page for page in pages if "TWO-1" in page]
    assert "TWO-2" in two
    for case in (f"CASE-{number:04d}" for number in range(len(NAMES)) if number != 1):
        assert sum(case in page for page in pages) == 1
    for page in pages:
        assert page.count("Page 1 of 1") == 1
        assert len(re.findall(r"CASE-\d{4}|TWO-\d|#read", page)) <= 3
        assert ("Dismissed and sealed: the court" in page) == ("HS-POSSESS 06/01/2015" in page)
        assert "Office of the Public Defender" in page


def test_a_packet_is_whole_or_not_there(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "papers"
    shutil.copytree(place / "papers", out)
    before = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    clearscale.packet(place / "run", out, county="YOLO")  # done already
    assert {path.name: path.stat().st_mtime_ns for path in out.iterdir()} == before
    with pytest.raises(RunError, match="holds another packet"):
        clearscale.packet(place / "run", out, county="YOLO", accept=["set-aside"])
    with (out / "order.pdf").open("ab") as file:
        file.write(b" ")
    clearscale.packet(place / "run", out, county="YOLO")  # damaged, so it is made anew: the same bytes
    names = sorted(path.name for path in out.iterdir())
    assert names == ["declaration.pdf", "manifest.json", "notices.pdf", "order.pdf", "review.pdf"]
    for name in names:
        assert (out / name).read_bytes() == (place / "papers" / name).read_bytes(), name
    monkeypatch.setattr("clearscale.outputs.packet.writing.finish", _full)
    with pytest.raises(OSError, match="full"):
        clearscale.packet(place / "run", tmp_path / "new", county="YOLO", court="SC WOODLAND")
    assert not (tmp_path / "new").exists() or not any((tmp_path / "new").iterdir())
    for number, (name, text) in enumerate([("notes.txt", "mine"), ("manifest.json", "{}"), ("manifest.json", "")]):
        other = tmp_path / f"other-{number}"
        other.mkdir()
        (other / name).write_text(text)
        with pytest.raises(RunError, match="is not empty"):
            clearscale.packet(place / "run", other, county="YOLO")
        assert [path.read_text() for path in other.iterdir()] == [text]


def _full(*_: object, **__: object) -> None:
    raise OSError("full")


def test_papers_are_private_and_the_log_tells_of_them(place: Path) -> None:
    out = place / "papers"
    assert stat.S_IMODE(out.stat().st_mode) & 0o027 == 0
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o137 == 0 for path in out.iterdir())
    told = [entry for entry in clearscale.log(place / "store").entries if entry["command"] == "packet"]
    assert told[0]["county"] == "YOLO"
    assert told[0]["out"] == str(out)
    assert not any(name in json.dumps(told) for name in NAMES)


def test_a_court_s_packet_of_files_a_person_is_final_with_an_office(place: Path, tmp_path: Path) -> None:
    clearscale.packet_templates(tmp_path / "own")
    office = tmp_path / "own" / "office.toml"
    office.write_text(office.read_text().replace("Pat Example", "Robin Own"))
    template = tmp_path / "own" / "notice.typ"
    template.write_text(template.read_text().replace("What was done", "Here is what was done"))
    paths = clearscale.packet(
        place / "run",
        tmp_path / "papers",
        county="YOLO",
        court="mc davis",
        office=office,
        with_templates=tmp_path / "own",
        final=True,
        notices="each",
    )
    own = [place for place in range(len(NAMES)) if place % 3 == 0]
    notices = sorted(Path(path) for path in paths if "/notices/" in path)
    assert len(notices) == len(own)
    said = {path: "".join(texts_of(path)) for path in [*notices, tmp_path / "papers" / "order.pdf"]}
    assert not [path for path, text in said.items() if "DRAFT" in text or "Template." in text]
    assert all("Here is what was done" in said[path] for path in notices)
    assert "Robin Own" in said[tmp_path / "papers" / "order.pdf"]
    assert all("DRAFT" in page for page in texts_of(place / "papers" / "order.pdf"))
    with pytest.raises(RunError, match="need the file of your office"):
        clearscale.packet(place / "run", tmp_path / "papers", county="YOLO", final=True)


@pytest.mark.long
def test_a_flag_that_was_looked_at_keeps_nothing_out(place: Path, tmp_path: Path) -> None:
    accept = ["no-conviction-date", "rests-on-missing-date", "no-name", "no-case-number"]
    clearscale.packet(place / "run", tmp_path / "papers", county="YOLO", accept=accept)
    manifest = json.loads((tmp_path / "papers" / "manifest.json").read_text())
    assert manifest["accepted"] == sorted(accept)
    assert sum(manifest["ordered"].values()) == ORDERED + 3
    assert manifest["looked_at"]["no-name"] == manifest["looked_at"]["no-case-number"] == 1
    said = " ".join("".join(texts_of(tmp_path / "papers" / "declaration.pdf")).split())
    assert "raises a doubt, other than those that this office has looked at, that the policy" in said
    assert "the record has no name 1 listed, since this office has looked at these" in said
    with pytest.raises(RunError, match="did you mean 'set-aside'"):
        clearscale.packet(place / "run", tmp_path / "none", county="YOLO", accept=["setaside"])


@pytest.mark.long
def test_papers_of_a_destroyed_person_go_with_them(tmp_path: Path) -> None:
    folder = written(tmp_path / "own")
    for name in ("papers", "others"):
        clearscale.packet(folder / "run", folder / name, county="YOLO", notices="each")
    (folder / "others" / "notes.txt").write_text("mine")
    made = [folder / "papers", folder / "others", folder / "run"]
    with pytest.raises(RunError, match="holds no run, sweep, comparison, papers"):
        clearscale.purge(folder / "store", cii=["AS000"], made=[folder / "store"])
    report = clearscale.purge(folder / "store", cii=["AS000"], made=made)
    assert {*report.made} == {*map(str, made)}
    assert [path.name for path in folder.iterdir() if path.name in ("papers", "others", "run")] == ["others"]
    assert [path.name for path in (folder / "others").iterdir()] == ["notes.txt"]


def test_what_is_not_there_is_said(place: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="name it with county or court"):
        clearscale.packet(place / "run", tmp_path / "none")
    with pytest.raises(RunError, match="no county 'YALO'; did you mean 'YOLO'"):
        clearscale.packet(place / "run", tmp_path / "none", county="YALO")
    with pytest.raises(RunError, match="court 'SC WODLAND'"):
        clearscale.packet(place / "run", tmp_path / "none", county="YOLO", court="SC WODLAND")
    assert not (tmp_path / "none").exists()


def test_the_command_says_what_became_of_what_was_decided(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["packet", "--run", str(place / "run"), "--county", "YOLO"]
    assert exited(*asked, "--out", str(place / "papers")) == 0  # they are there already
    said = capsys.readouterr().out.splitlines()
    assert said[:-1] == [
        str(place / "papers" / name)
        for name in ("order.pdf", "declaration.pdf", "notices.pdf", "review.pdf", "manifest.json")
    ]
    decided, set_apart = ORDERED + 6, 5
    assert said[-1] == (
        f"Of {decided} decided: {ORDERED} in the order, of {len(NAMES) + 1} people; {set_apart} to be looked at; "
        "1 without relief."
    )
    assert exited(*asked) == 2
    assert exited(*asked, "--templates", str(tmp_path / "own")) == 2
    assert exited("packet", "--templates", str(tmp_path / "own"), "--json") == 0
    assert str(tmp_path / "own" / "order.typ") in json.loads(capsys.readouterr().out)


def test_a_store_that_was_moved_is_named(place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    away = tmp_path / "away"
    shutil.copytree(place / "run", away / "run")
    shutil.copytree(place / "store", tmp_path / "moved")
    info = json.loads((away / "run" / "run.json").read_text())
    store = Path(info["store"])
    store.rename(store.with_name("gone"))
    try:
        asked = ["packet", "--run", str(away / "run"), "--county", "YOLO", "--out", str(tmp_path / "papers")]
        assert exited(*asked) == 1
        assert "say where it is now with --store" in capsys.readouterr().err
        assert exited(*asked, "--store", str(tmp_path / "moved"), "-q") == 0
    finally:
        store.with_name("gone").rename(store)
    assert (tmp_path / "papers" / "order.pdf").exists()


def exited(*words: str) -> int:
    """The code that a command exits with."""
    with pytest.raises(SystemExit) as left:
        main(list(words))
    assert isinstance(left.value.code, int)
    return left.value.code
