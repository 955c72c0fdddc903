"""At the run's own setting the page has the figures of the run's report; each view says what it is."""

import json

import pytest

from clearscale.outputs.report.words import county_words
from clearscale.outputs.report.writing import NOT_FOR_PUBLICATION
from clearscale.outputs.serve.answers import answer
from clearscale.outputs.serve.session import Session, open_session
from clearscale.outputs.serve.site import Site
from clearscale.runs import Run
from tests.support.published import pages_of
from tests.support.reading_pages import figure


@pytest.fixture(scope="module")
def session(large: Run) -> Session:
    return open_session(large)


def test_exact_figures_are_the_report_s(session: Session, large: Run) -> None:
    pages = pages_of(large, None)
    for county in (None, *session.counties):
        page, found = pages[county_words(county or "")], answer(session, session.own, county)
        assert {words: value for words, value, _ in found.key} == {
            words: figure(text) for words, text in page.figures.items()
        }
        listings = {listing.id: listing for listing in found.listings}
        for name in ("races", "sexes", "ages"):
            reported = {row[0]: row[1:] for row in page.tables[listings[name].caption][1:]}
            assert {str(row[0]) for row in listings[name].rows} == {*reported}
            for group, *cells in listings[name].rows:
                assert [f"{cell:,}" if isinstance(cell, int) else cell for cell in cells] == reported[str(group)]
        by_section = {row[0]: row[-1] for row in page.tables["Prop 64 convictions by section and decision"][1:]}
        for name, *cells in listings["sections"].rows:
            assert f"{cells[-1]:,}" == by_section.get(str(name), "0")


@pytest.mark.parametrize("published", [False, True])
def test_each_view_says_whether_it_may_be_published(large: Run, session: Session, published: bool) -> None:
    site = Site(open_session(large, published=True) if published else session)
    page, csv = (site.respond(path, {}) for path in ("", "figures.csv"))
    assert page is not None
    assert csv is not None
    for content in (page.content, csv.content):
        assert (NOT_FOR_PUBLICATION.encode() in content) != published
    assert ("not-for-publication" in csv.file) != published
    shown = site.respond("figures", {"county": "LOS ANGELES"})
    assert shown is not None
    assert json.loads(shown.content)["place"] == "Los Angeles County"
