"""How papers fill pages: heads of lists on every page, rows whole, and no page with next to nothing on it."""

import dataclasses
import re
from pathlib import Path

import pytest

from clearscale.law import papers_of
from clearscale.law.papers import CONVICTIONS
from clearscale.outputs.packet.examples import example
from clearscale.outputs.packet.lines import Fate, Line, Sorted
from clearscale.outputs.packet.office import Office
from clearscale.outputs.packet.papers import FEW
from clearscale.outputs.packet.setting import Setter
from clearscale.outputs.packet.templates import packaged_templates

from .conftest import NAMES, squeezed, texts_of

FEWEST = 240
"""Characters on a page that is not next to empty, its foot and its margin apart."""


def made(cases: int, folder: Path) -> dict[str, list[str]]:
    """What the pages of a packet of so many cases say; each fifth is doubtful, three cases a person."""
    found = Sorted()
    for place in range(cases):
        fate = Fate.ORDERED if place % 5 != 4 else Fate.FLAGGED
        line = Line(
            court="SC ONE" if place < cases // 2 else "SC TWO",
            case=f"CASE-{place:05d}",
            name=NAMES[place // 3 % len(NAMES)].replace("\x1b", "").replace("\x07", ""),
            person=(place // 3,),
            charge="1234(A) XX-A CHARGE IN QUITE SOME WORDS, AND A FEW MORE" if place % 2 else "1 XX",
            date="07/01/1999",
            outcome="x",
            relief=("dismiss", "reduce")[place % 2],
            why="a reason of some words",
            flags=(),
            fate=fate,
        )
        found.lines[fate].append(line)
        found.counts[fate, "x"] += 1
    papers, office = papers_of("california"), Office.packaged()
    packet = example(office, papers, papers.words[CONVICTIONS])
    packet = dataclasses.replace(packet, found=found, most=1500, people_each=250, county="YOLO")
    assert office.seal is not None
    jobs = packet.jobs()
    Setter(packaged_templates() | dict([office.seal])).set_all([[job] for job in jobs], folder)
    return {job.name: texts_of(folder / job.name) for job in jobs}


@pytest.mark.long
@pytest.mark.parametrize("cases", [1, FEW, FEW + 4, 40, 400])
def test_pages_are_filled_and_headed(cases: int, tmp_path: Path) -> None:
    found = made(cases, tmp_path)
    for name, pages in found.items():
        for number, page in enumerate(pages, 1):
            assert "DRAFT" in page
            if name != "notices.pdf":
                assert f"Page {number} of {len(pages)}" in page
            assert len(squeezed(page)) > FEWEST, (name, number)
            if "CASE-" in page:
                assert "Case number" in page, (name, number)
                assert "Relief" in page or "Now" in page or "Outcome" in page
    ordered = cases - cases // 5
    rows = re.findall(r"^(\d+) CASE-\d{5} ", "\n".join(found["order.pdf"]), re.MULTILINE)
    assert [int(row) for row in rows] == [*range(1, ordered + 1)]
    attachment = [page for page in found["order.pdf"] if "CASE-" in page]
    assert len(attachment) <= 1 + ordered // 22
    for page in attachment:  # each row's relief is on its page
        assert page.count("07/01/1999") == len(re.findall(r"^\d+ CASE-\d{5} ", page, re.MULTILINE))
        assert cases <= FEW or ("SC ONE" in page) or ("SC TWO" in page)
    assert len(found["order.pdf"]) == (2 if ordered <= FEW else 2 + len(attachment))
    people = len({place // 3 for place in range(cases) if place % 5 != 4})
    assert len(found["notices.pdf"]) == people
