"""The chart of a forecast: from the date to the end of its last month, whether or not more becomes due."""

import datetime
import re
from typing import Any

import pyarrow as pa
import pytest

from clearscale.drawing import vega
from clearscale.relief.forecast import FORECAST
from clearscale.runs.charges.forecasting import chart, end_of


def table(*rows: tuple[datetime.date | None, str, int]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {"month": month, "scope": "state", "county": "", "outcome": outcome, "charges": charges, "people": 1}
            for month, outcome, charges in rows
        ],
        schema=FORECAST,
    )


def drawn(monkeypatch: pytest.MonkeyPatch, counted: pa.Table, as_of: str, months: int) -> dict[str, Any]:
    specs: list[dict[str, Any]] = []
    monkeypatch.setattr(vega, "draw", lambda spec: specs.append(spec) or "")
    chart(counted, as_of, months)
    return specs[0]


def points(spec: dict[str, Any], outcome: str) -> list[tuple[str, int]]:
    return [(value["month"], value["due"]) for value in spec["data"]["values"] if value["outcome"] == outcome]


def test_what_is_due_already_is_a_line_over_all_months(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = drawn(monkeypatch, table((None, "seal", 25)), "2026-07-15", 60)
    assert points(spec, "Seal") == [("2026-07-15", 25), ("2031-07-01", 25)]
    assert spec["encoding"]["x"]["axis"]["format"] == "%Y"


def test_lines_begin_at_the_date_and_end_with_the_last_month(monkeypatch: pytest.MonkeyPatch) -> None:
    july, may = datetime.date(2026, 7, 1), datetime.date(2027, 5, 1)
    counted = table((july, "seal", 2), (may, "seal", 3), (None, "vacate", 1), (july, "vacate", 4))
    spec = drawn(monkeypatch, counted, "2026-07-15", 12)
    assert points(spec, "Seal") == [("2026-07-15", 0), ("2026-07-15", 2), ("2027-05-01", 5), ("2027-07-01", 5)]
    assert points(spec, "Vacate") == [("2026-07-15", 1), ("2026-07-15", 5), ("2027-07-01", 5)]
    assert spec["encoding"]["x"]["axis"]["format"] == "%b %Y"


def test_the_line_is_seen() -> None:
    pytest.importorskip("vl_convert")
    svg = chart(table((None, "seal", 25)), "2026-07-01", 60)
    lines = re.findall(r'd="M([\d.]+),[\d.]+L([\d.]+),', svg)
    assert any(float(end) - float(begin) > 100 for begin, end in lines)


@pytest.mark.parametrize(
    ("as_of", "months", "end"),
    [("2026-12-31", 1, "2027-01-01"), ("2026-01-01", 12, "2027-01-01"), ("9999-12-31", 1, "9999-12-31")],
)
def test_a_forecast_ends_with_its_last_month(as_of: str, months: int, end: str) -> None:
    assert end_of(as_of, months) == end
