"""A run over people whose records are written to do harm on paper, and its packet."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest

import clearscale
from clearscale.runs import Run
from tests.support.samples import conviction, ingest, put, rendered

POLICY = """
id = "sections"
title = "By section"
charges = "prop64"
[determinations]
whose = { text = "For the city to look at", relief = "none" }
[[rule]]
if = ["section == 11357"]
then = "dismiss"
because = "Lawful now"
law = "A law"
[[rule]]
if = ["section == 11359"]
then = "reduce"
because = "Lesser now"
[[rule]]
if = ["section == 11358"]
then = "hand-review"
because = "Look at {code_section}"
[[rule]]
if = ["felony"]
then = "not-eligible"
because = "None of these"
[[rule]]
if = []
then = "whose"
because = "No felony"
"""

ATTACKS = (
    '#include "/etc/passwd"',
    '#read("../../etc/passwd")',
    '#import "@preview/cetz:0.3.0": *',
    "*bold* _slanted_ $x^2$ `raw` <label> @label",
    '#panic("x") #set page(fill: red)',
    '"], #read("order.json"), ["',
    "\\u{41} // no comment /* none */ ~ -- ...",
    "\x1b[31mRED\x07",
    "= HEADING",
    "VERYLONGSURNAMEWITHOUTANYBREAKATALL" * 4 + ",PAT",
)
"""Names that a template would do something with, if they were ever read as one."""

NAMES = (*ATTACKS, "NÚÑEZ,JOSÉ", "НИКОЛАЕВ,ИВАН", "DOE,PAT", "ROE,RICHARD")
SHOWN = {"\x1b[31mRED\x07": "\\x1b[31mRED\\x07"}
"""How names are shown that cannot be shown as they are."""

OFFENSES = ("11357(A) HS-POSSESS", "11359 HS-POSSESS FOR SALE")


def written(folder: Path) -> Path:
    """Ingest the people of a county, and decide."""
    rows = [
        conviction(
            f"S{place:03d}",
            "YOLO",
            PRI_NAME=name,
            PRI_DOB=f"19{50 + place}0101",
            OFN=name[:20] if place == 1 else f"CASE-{place:04d}",
            OFFENSE_DESCR=OFFENSES[place % 2],
            STP_ORI_DESCR="SC WOODLAND" if place % 3 else "MC DAVIS",
        )
        for place, name in enumerate(NAMES)
    ]
    kept_out = {
        "no-conviction-date": {"STP_EVENT_DATE": "00000000"},
        "no-case-number": {"OFN": "NULL"},
        "no-name": {"PRI_NAME": " "},
    }
    rows += [
        conviction(
            f"K{place}", "YOLO", OFFENSE_DESCR=OFFENSES[0], **({"PRI_NAME": "KEPT,OUT", "OFN": "K-1"} | values)
        )
        for place, values in enumerate(kept_out.values())
    ]
    rows += [
        conviction("L1", "YOLO", OFFENSE_DESCR="11358 HS-CULTIVATE", PRI_NAME="LOOK,AT", OFN="L-1"),
        conviction("L2", "YOLO", OFFENSE_DESCR="11360 HS-SELL", PRI_NAME="NEVER,SHOWN", OFN="N-1"),
        conviction("L3", "YOLO", CONV_STAT_DESCR="MISDEMEANOR", PRI_NAME="CITY,LOOKS", OFN="L-3"),
        # A person of two cases has one notice.
        *(
            conviction(
                "S500",
                "YOLO",
                CNT_ORDER=f"00{number}001001000",
                OFN=f"TWO-{number}",
                OFFENSE_DESCR=OFFENSES[number % 2],
                PRI_NAME="TWO,CASES",
            )
            for number in (1, 2)
        ),
    ]
    ingest(put(folder, "yolo.csv", rendered(rows)), folder / "store", county="YOLO", cluster="threads:1")
    policy = put(folder, "policy.toml", POLICY.encode())
    clearscale.run(folder / "store", policy, "2020-07-01", folder / "run", cluster="threads:1")
    return folder


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with `store`, `run`, and `papers`, the run's packet."""
    folder = written(tmp_path_factory.mktemp("packet"))
    clearscale.packet(folder / "run", folder / "papers", county="YOLO")
    return folder


@pytest.fixture(scope="session")
def run(place: Path) -> Run:
    return clearscale.open_run(place / "run")


def texts_of(path: Path) -> list[str]:
    """What each page of a PDF says, blanks and breaks that long words may have left out."""
    with contextlib.closing(pypdfium2.PdfDocument(path)) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


@pytest.fixture(scope="session")
def pages() -> Callable[[Path], list[str]]:
    """What each page of a PDF says."""
    return texts_of


def squeezed(text: str) -> str:
    """A text without blanks, and without the breaks that long words may have."""
    return "".join(text.replace("\u200b", "").replace("\ufffe", "").split())
