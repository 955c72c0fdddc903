"""Settings as people write them."""

import re

import pytest

from clearscale.errors import PolicyError
from clearscale.whatif.sweep.vary import MOST_SETTINGS, parse


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2024-01-01..2026-01-01/year", ["2024-01-01", "2025-01-01", "2026-01-01"]),
        ("2024-02-29..2026-03-01/year", ["2024-02-29", "2025-03-01", "2026-03-01"]),
        ("2023-12-31..2024-04-30/month", ["2023-12-31", "2024-01-31", "2024-03-01", "2024-03-31"]),
        ("2024-02-28..2024-03-01/day", ["2024-02-28", "2024-02-29", "2024-03-01"]),
        ("2024-01-01..2024-01-01/day,2019-01-01", ["2024-01-01", "2019-01-01"]),
        ("9999-12-30..9999-12-31/day", ["9999-12-30", "9999-12-31"]),
        ("9998-12-31..9999-12-31/year", ["9998-12-31", "9999-12-31"]),
        ("9999-10-31..9999-12-31/month", ["9999-10-31", "9999-12-01", "9999-12-31"]),
    ],
)
def test_ranges_of_dates(text: str, days: list[str]) -> None:
    assert parse([f"as_of={text}", "limit=1..3,9"]) == {"as_of": days, "limit": [1, 2, 3, 9]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2024-01-01..2026-01-01", "has no unit; write 2024-01-01..2026-01-01/day, /month or /year"),
        ("2024-01-01..2023-01-01/year", "ends before it begins"),
        ("2024-02-30..2025-01-01/year", "has an end that is no date"),
        ("1900-01-01..2024-01-01/day", f"has more than {MOST_SETTINGS} settings"),
    ],
)
def test_wrong_ranges_of_dates_are_told(text: str, message: str) -> None:
    with pytest.raises(PolicyError, match=re.escape(message)):
        parse([f"as_of={text}"])
