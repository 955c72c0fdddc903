"""Read what to vary as people write it: `age=0,40..65`."""

import calendar
import datetime
import re
from collections.abc import Iterable, Mapping, Sequence

from clearscale.errors import PolicyError, closest

Value = int | bool | str

EVERY = "every"
"""In place of settings: all that a parameter has. Alone: all settings of all parameters."""

MOST_SETTINGS = 10_000
"""The most settings of one parameter."""

_RANGE = re.compile(r"(-?\d{1,9})\.\.(-?\d{1,9})")
_DAY = r"(\d{4}-\d\d-\d\d)"
_DAYS = re.compile(rf"{_DAY}\.\.{_DAY}(?:/(day|month|year))?")
_SWITCHES = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def parse(texts: Iterable[str]) -> dict[str, list[Value]]:
    """Read the settings of each named parameter, in order, each once.

    A text is `name=setting,setting,...`; a setting is a whole number, a range `a..b` with both ends, a range of
    dates with the unit between them such as `2024-01-01..2030-01-01/year`, `true` or `false`, or a word; `every`
    alone stands for a parameter of that name. Raises PolicyError for a text of another form, a parameter named
    twice, and more than MOST_SETTINGS settings.
    """
    found: dict[str, list[Value]] = {}
    for text in texts:
        name, equals, settings = (part.strip() for part in text.partition("="))
        if text.strip() == EVERY:
            name, equals, settings = EVERY, "=", EVERY
        if not name or not equals or not settings:
            raise PolicyError(f"--vary '{text}': write a parameter and its settings, such as age=0,40..65")
        if name in found:
            raise PolicyError(f"--vary names '{name}' twice; write all of its settings behind one {name}=")
        found[name] = distinct(
            name, [setting for part in settings.split(",") for setting in _settings(text, part.strip())]
        )
    return found


def distinct(name: str, settings: Sequence[Value]) -> list[Value]:
    """Return the settings, each once. Raises PolicyError if there are none or too many."""
    result = list({(type(setting), setting): setting for setting in settings}.values())
    if not result:
        raise PolicyError(f"--vary {name}: no setting is given")
    if len(result) > MOST_SETTINGS:
        raise PolicyError(
            f"--vary {name}: {len(result)} settings are too many; at most {MOST_SETTINGS} are possible"
        )
    return result


def _settings(text: str, part: str) -> list[Value]:
    if not part:
        raise PolicyError(f"--vary '{text}': a setting between two commas is empty")
    if part.lower() in _SWITCHES:
        return [_SWITCHES[part.lower()]]
    if re.fullmatch(r"-?\d{1,9}", part):
        # 11357 is a section where sections are meant; code that knows the parameter turns it into a text again.
        return [int(part)]
    if bounds := _RANGE.fullmatch(part):
        first, last = (int(bound) for bound in bounds.groups())
        if first > last:
            raise PolicyError(f"--vary '{text}': the range {part} ends before it begins")
        if last - first >= MOST_SETTINGS:
            raise PolicyError(f"--vary '{text}': the range {part} has more than {MOST_SETTINGS} settings")
        return list(range(first, last + 1))
    if days := _DAYS.fullmatch(part):
        return list(_days(text, part, *days.groups()))
    return [part]


def _days(text: str, part: str, first: str, last: str, unit: str | None) -> list[str]:
    """Return the dates of a range, counted from its first as waits are."""
    if unit is None:
        raise PolicyError(f"--vary '{text}': the range {part} has no unit; write {part}/day, /month or /year")
    try:
        begin, end = (datetime.date.fromisoformat(day) for day in (first, last))
    except ValueError:
        raise PolicyError(f"--vary '{text}': the range {part} has an end that is no date") from None
    if begin > end:
        raise PolicyError(f"--vary '{text}': the range {part} ends before it begins")
    found: list[str] = []
    while (day := _later(begin, len(found), unit)) is not None and day <= end:
        found.append(day.isoformat())
        if len(found) > MOST_SETTINGS:
            raise PolicyError(f"--vary '{text}': the range {part} has more than {MOST_SETTINGS} settings")
    return found


def _later(begin: datetime.date, number: int, unit: str) -> datetime.date | None:
    """So many days, months or years later; of a month without that day, the first day of the next.

    None if that is beyond all dates.
    """
    if unit == "day":
        last = datetime.date.max - datetime.timedelta(number)
        return begin + datetime.timedelta(number) if begin <= last else None
    months = begin.year * 12 + begin.month - 1 + number * (12 if unit == "year" else 1)
    if months // 12 > datetime.MAXYEAR:
        return None
    if begin.day > calendar.monthrange(months // 12, months % 12 + 1)[1]:
        return datetime.date(months // 12, months % 12 + 2, 1)  # December has all days
    return datetime.date(months // 12, months % 12 + 1, begin.day)


def require_known(names: Iterable[str], known: Mapping[str, object], policy: str) -> None:
    """Raise PolicyError for a name that is none of the policy's parameters, with the nearest one."""
    for name in names:
        if name in known:
            continue
        near = closest(name, known, 0.5)
        if not known:
            hint = "it has none"
        else:
            hint = f"did you mean '{near}'?" if near else f"it has {', '.join(known)}"
        raise PolicyError(f"--vary: policy '{policy}' has no parameter '{name}'; {hint}")
