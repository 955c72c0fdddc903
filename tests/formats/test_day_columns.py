"""Columns of dates, read all at once, against each text read by itself."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale.formats.day_columns import DAY, MISSING, NO_DAY, SAVED, UNREADABLE, DayColumn
from clearscale.formats.days import parse_day, written_day
from tests.support.examples import examples

FORMS = (
    *("YYYY-MM-DD", "DD-MON-YY", "MM/DD/YYYY", "M/D/YYYY", "M/D/YY", "YYYYMMDD", "YY-MM-DD", "MON DD, YYYY"),
    *("D MONTH YYYY", "D-M-YYYY", "MDYYYY", "YYYY/M/D"),
)
MISSING_WORDS = frozenset({"", "NONE", "1900-01-01", "01-JAN-00", "1/1/1900"})
EPOCH = date(1970, 1, 1)
ODD = (
    *(
        "",
        " ",
        "none",
        "1900-01-01",
        "01-jan-00",
        "1/1/1900",
        "2001-02-29",
        "2000-02-29",
        "0000-01-01",
        "31-Feb-84",
    ),
    *("09-Feb-84", "09-fEB-84", "9-Feb-84", "13/13/2001", "12/1/2001 10:30", " 2001-02-03", "2001-02-03 ", "#####"),
    *(
        "44561",
        "4.4E+04",
        "\uff12\uff10\uff10\uff11-02-03",
        "2001-02-3x",
        "02/03/2001",
        "2/3/2001",
        "00/00/0000",
        "01/32/2001",
    ),
    *("9999-12-31", "0001-01-01", "2001\u201302-03", "09-\u0131an-84", "1/2/3/4567", "112001", "1112001"),
)


def days(form: str) -> st.SearchStrategy[str]:
    written = st.dates(date(1890, 1, 1), date(2110, 12, 31)).map(
        lambda day: written_day((day - EPOCH) // timedelta(days=1), form)
    )
    return st.one_of(written, written.map(str.upper), written.map(lambda text: f" {text}"))


@settings(max_examples=examples(150))
@given(st.data(), st.lists(st.sampled_from(FORMS), min_size=1, max_size=3), st.sampled_from((0, 29, 99)))
def test_as_one_by_one(data: st.DataObject, forms: list[str], pivot: int) -> None:
    texts = st.one_of(st.none(), st.sampled_from(ODD), *map(days, forms), days("YYYY-MM-DD"))
    blocks = data.draw(st.lists(st.lists(texts, max_size=20), min_size=1, max_size=3))
    column = DayColumn(forms, pivot, MISSING_WORDS)
    for block in blocks:
        found = column.of(pa.array(block, pa.string()).dictionary_encode())
        assert found.days.size == found.kinds.size == len(block)
        for text, day, kind in zip(block, found.days.tolist(), found.kinds.tolist(), strict=True):
            said = (text or "").strip()
            if said.upper() in MISSING_WORDS:
                assert (day, kind) == (NO_DAY, MISSING)
                continue
            expected = parse_day(said, forms, pivot)
            assert day == (NO_DAY if expected is None else expected), said
            assert kind in ((UNREADABLE, SAVED) if expected is None else (DAY,)), said


@pytest.mark.parametrize(
    ("text", "kind"), [("44561", SAVED), ("#####", SAVED), ("4.4E+04", SAVED), ("x", UNREADABLE)]
)
def test_what_only_a_spreadsheet_saves(text: str, kind: int) -> None:
    found = DayColumn(("YYYY-MM-DD",), 29, frozenset({""})).of(pa.array([text, None]).dictionary_encode())
    assert found.kinds.tolist() == [kind, MISSING]


def test_a_part_of_a_dictionary() -> None:
    texts = pa.array(["2001-02-03", "x", "2001-02-04", "1999-12-31"])
    column = pa.DictionaryArray.from_arrays(pa.array([1, 0], pa.int32()), texts.slice(2))
    found = DayColumn(("YYYY-MM-DD",), 29, frozenset({""})).of(column)
    assert found.days.tolist() == [(date(1999, 12, 31) - EPOCH).days, (date(2001, 2, 4) - EPOCH).days]
    assert found.days.dtype == np.int32
