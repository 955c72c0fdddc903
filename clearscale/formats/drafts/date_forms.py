"""In what form a column writes its dates, and what about that is doubtful."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from clearscale.formats.days import parse_day

_ORDERS = (
    *(("YYYY", "MM", "DD"), ("MM", "DD", "YYYY"), ("M", "D", "YYYY"), ("DD", "MM", "YYYY"), ("D", "M", "YYYY")),
    *(("MM", "DD", "YY"), ("M", "D", "YY"), ("DD", "MM", "YY"), ("D", "M", "YY"), ("YY", "MM", "DD")),
    *(("DD", "MON", "YYYY"), ("D", "MON", "YYYY"), ("DD", "MON", "YY"), ("D", "MON", "YY")),
)
FORMS = (
    *("YYYY-MM-DD", "YYYY-M-D", "YYYY/M/D"),
    *(mark.join(order) for mark in ("/", "-", ".", " ") for order in _ORDERS if mark != "-" or order[0] != "YYYY"),
    *("".join(order) for order in _ORDERS if all(len(part) > 1 for part in order) and not {"D", "M"} & {*order}),
    *("D MONTH YYYY", "MONTH D, YYYY", "MON D, YYYY", "MONTH D YYYY", "MON D YYYY"),
)
"""Forms that are tried, of those that say the same the first."""

_TRIED, _FIRST = 500, 20
_ENOUGH = 0.8
"""Share of a column's texts that must be dates for it to be one of dates."""

_FEW = 0.98
"""Below this share of texts that can be read, others are doubtful."""

PLACEHOLDERS = frozenset(
    parse_day(day, ())
    for day in (
        *("0001-01-01", "1753-01-01", "1800-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1901-01-01"),
        *("1970-01-01", "1111-11-11", "2099-12-31", "9999-12-31", "9999-01-01", "2100-01-01", "2999-12-31"),
    )
)
"""Days that programs write where none is known."""

_OFTEN = 0.05
_LONGEST, _FEWEST_DIGITS = 40, 3
_FIRST_DAY, _LAST_DAY = parse_day("1850-01-01", ()) or 0, parse_day("2110-01-01", ()) or 0


@dataclass
class DateForms:
    """Forms by column, and placeholders: texts of a column that no record can mean. doubts: what to look at."""

    forms: dict[str, str] = field(default_factory=dict)
    placeholders: dict[str, list[str]] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)


def guess_forms(columns: Mapping[str, Sequence[str]]) -> DateForms:
    """Tell columns of dates, and their forms.

    Parameters
    ----------
    columns
        Texts of each, without blanks and white space around.

    Returns
    -------
    DateForms
        Of two forms that fit one column, that which another column of the file decides, else the first.
    """
    found = DateForms()
    possible = {column: fits for column, texts in columns.items() if (fits := _fits(texts[:_TRIED]))}
    decided = {fits[0][1] for fits in possible.values() if not _others(fits)}
    for column, fits in possible.items():
        others = _others(fits)
        tied = [form for _, form, _ in (fits[0], *others)]
        best = next((form for form in tied if _order(form) in map(_order, decided)), tied[0]) if others else tied[0]
        found.forms[column] = best
        if others:
            other = next(form for form in tied if form != best)
            so = "; other columns decide for the first" if _order(best) in map(_order, decided) else ""
            found.doubts.append(f"dates: {column} may be {best} or {other}; both fit{so}")
        share = next(share for share, form, _ in fits if form == best)
        if share < _FEW:
            found.doubts.append(f"dates: {1 - share:.0%} of {column} are not {best}, and count as missing")
        if stand_ins := [*_placeholders(columns[column][:_TRIED], best)]:
            found.placeholders[column] = stand_ins
    return found


def _order(form: str) -> str:
    """Whether year, month or day comes first, and next."""
    return "".join(dict.fromkeys(letter for letter in form if letter in "YMD"))


def _fits(texts: Sequence[str]) -> list[tuple[float, str, tuple[int | None, ...]]]:
    """(share of texts that it reads, form, their days) of each form that fits, the best first."""
    if not texts or all(text.isdigit() and len(text) < 6 for text in texts):
        return []
    if sum(map(_like_a_date, texts)) < _ENOUGH * len(texts):
        return []
    tried = [text for text in texts if "-" not in text[4:5]] or list(texts)
    found: list[tuple[float, str, tuple[int | None, ...]]] = []
    for form in FORMS:
        of = texts if form == "YYYY-MM-DD" else tried
        first = of[:_FIRST]
        if sum(parse_day(text, [form]) is not None for text in first) < len(first) / 2:
            continue
        days = tuple(day if _may_be(day := parse_day(text, [form])) else None for text in of)
        share = sum(day is not None for day in days) / len(of)
        if share >= _ENOUGH and not any(days == other for _, _, other in found):
            found.append((share, form, days))
    return sorted(found, key=lambda fit: -fit[0])


def _like_a_date(text: str) -> bool:
    return 6 <= len(text) <= _LONGEST and sum(map(str.isdigit, text)) >= _FEWEST_DIGITS


def _may_be(day: int | None) -> bool:
    """Whether a record can mean a day: digits in another order are years that none was in."""
    return day is not None and (_FIRST_DAY <= day <= _LAST_DAY or day in PLACEHOLDERS)


def _others(
    fits: Sequence[tuple[float, str, tuple[int | None, ...]]],
) -> list[tuple[float, str, tuple[int | None, ...]]]:
    """Forms that fit as well as the best and say other days."""
    return [fit for fit in fits[1:] if fit[0] == fits[0][0]]


def _placeholders(texts: Sequence[str], form: str) -> Iterator[str]:
    for text in dict.fromkeys(texts):
        if parse_day(text, [form]) in PLACEHOLDERS and texts.count(text) > max(1, _OFTEN * len(texts)):
            yield text
