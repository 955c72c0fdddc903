"""Which column is which thing: by its name, if its texts may be so; what else it may be is a doubt."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from clearscale.formats.catalog import load_map
from clearscale.formats.column_map import CHOSEN, YES_NO

from .date_forms import guess_forms
from .guess import Guess
from .odd import keys_of_people, people, rows_of_one, set_aside
from .roles import is_amended, plain, readings, roles_of, told_by
from .severities import NO_CLASS, in_one, severities
from .spellings import guess_statutes

MOST_WORDS = 60
"""So many different texts of a column may be words."""

_TRIED = 500
_LESS = 0.2
_CITES = re.compile("stat|cit|sec")


@cache
def _known(kind: str) -> Callable[[str], str | None]:
    """What words of the generic format mean."""
    return load_map("generic-charges").words[kind].meaning


def _share(texts: Sequence[str], holds: Callable[[str], object]) -> float:
    return sum(bool(holds(text)) for text in texts) / len(texts) if texts else 0.0


def _words_known(kind: str) -> Callable[[Sequence[str]], float]:
    return lambda texts: 0.3 + _share(texts, _known(kind)) if len(set(texts)) <= MOST_WORDS else 0.0


def _severity(kind: str) -> Callable[[Sequence[str]], float]:
    def fits(texts: Sequence[str]) -> float:
        if len(set(texts)) > MOST_WORDS:
            return 0.0
        return 0.3 + max(_share(texts, _known(kind)), 0.9 * _share(texts, in_one))

    return fits


def _matching(pattern: str) -> Callable[[Sequence[str]], float]:
    compiled = re.compile(pattern)
    return lambda texts: float(_share(texts, compiled.fullmatch) >= 0.8)


_WITH_DIGIT = _matching(r".*\d.*")
_WEIGHED: Mapping[str, Callable[[Sequence[str]], float]] = {
    "disposition": _words_known("disposition"),
    "level": _severity("level"),
    "class": _severity("class"),
    **{kind: _words_known(kind) for kind in ("sex", "race", *YES_NO)},
    "sequence": _matching(r"[A-Za-z]?\d{1,4}[A-Za-z]?"),
    "person": _WITH_DIGIT,
    "case": _WITH_DIGIT,
    "statute": _WITH_DIGIT,
    "code": _matching(r"[A-Za-z&. ]{1,12}"),
    "subsection": _matching(r"[(A-Za-z0-9.)\s-]{1,12}"),
    "description": _matching(r".*[A-Za-z]{3}.*"),
}
"""How well texts may be of a role, 0 for not at all; any may be of others."""


_BY_WORDS = ("disposition", "level", "class", "sex", "race", *YES_NO)
_SURE_WORDS = 0.3 + 0.5
"""What a column weighs half of whose texts are known words of its role."""


def guess_columns(found: Guess) -> None:
    """Tell what the columns of a guess are, and note doubts."""
    set_aside(found)
    texts = found.texts
    dates = guess_forms(texts)
    found.forms, found.placeholders = dates.forms, dates.placeholders
    found.doubts += dates.doubts
    candidates: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for column in found.columns:
        name = found.names.get(column) or column
        if (best := _likeliest(found, column, roles_of(name, column in found.forms))) is not None:
            role, weight = best
            table = "amended" if is_amended(name) and role in CHOSEN else "charge"
            candidates[f"{table}.{role}"].append((weight, column))
        elif column not in found.forms and texts[column] and _by_name(roles_of(name, True), "_date"):
            found.doubts.append(f"dates: {column} has none by its texts, in no form that is known; it is not read")
        elif (who := told_by(name)) is not None and (
            who == "numbers" or (who not in found.identity and _are_names(texts[column], who))
        ):
            found.identity.setdefault(who, []).append(column)
    for key, columns in candidates.items():
        _choose(found, key, columns)
    _read_short_names(found)
    _pair(found)
    people(found)
    _split_severities(found)
    guess_statutes(found)
    rows_of_one(found)
    keys_of_people(found)


def _likeliest(found: Guess, column: str, roles: Sequence[str]) -> tuple[str, float] | None:
    """Of the roles that a column's name says the one that its texts may be, the first of those that do so best."""
    texts, of_dates = found.texts[column][:_TRIED], column in found.forms
    weighed = [(role, weight) for role in roles if (weight := _weight(role, plain(column), texts, of_dates))]
    return max(weighed, key=lambda pair: pair[1]) if weighed else None


def _read_short_names(found: Guess) -> None:
    """Give roles that no column has by its name to columns whose names may be short for it, with a doubt."""
    used = {column for columns in (*found.roles.values(), *found.identity.values()) for column in columns}
    used |= {*found.amended.values()}
    for column in found.columns:
        texts, of_dates = found.texts[column][:_TRIED], column in found.forms
        if column in used or not texts:
            continue
        for reading in readings(found.names.get(column) or column):
            roles = [role for role in roles_of(reading, of_dates) if role not in found.roles]
            best = _likeliest(found, column, roles)
            if best is not None and best[1] > (_SURE_WORDS if best[0] in _BY_WORDS else 0):
                role, long = best[0], reading.replace("_", " ")
                found.roles[role] = [column]
                found.doubts.append(f"{role}: {column}, whose name may be short for {long}; look at what it holds")
                break
            who = told_by(reading)
            if who is not None and who not in found.identity and _are_names(texts, who):
                found.identity[who] = [column]
                found.doubts.append(f"{who}: {column}, whose name seems to be short for it")
                break


def _pair(found: Guess) -> None:
    """Give a column without a role that of the amended charge's whose name is its own behind another word.

    And the other way round: who has `PaccCode` and `AmdPaccCode` has one thing twice.
    """
    used = {column for columns in found.roles.values() for column in columns} | {*found.amended.values()}
    names = {re.sub("[^a-z0-9]", "", column.lower()): column for column in found.columns if column not in used}
    for role, column in [*found.amended.items()]:
        whole = re.sub("[^a-z0-9]", "", column.lower())
        other = next((name for name in names if name and name != whole and whole.endswith(name)), None)
        if role not in found.roles and other is not None:
            found.roles[role] = [names[other]]
            found.doubts.append(f"{role}: {names[other]}, since {column} seems to be that of the amended charge")
    if "statute" in found.amended:
        amended, (statute, *_) = found.amended["statute"], found.roles.get("statute", [""])
        begin = amended.removesuffix(statute) if statute else amended
        for role in CHOSEN if begin != amended else ():
            column = f"{begin}{found.roles.get(role, [''])[0]}"
            if role in found.roles and role not in found.amended and column in found.columns:
                found.amended[role] = column


def _by_name(roles: Sequence[str], end: str) -> bool:
    """Whether all roles that a name says end so."""
    return bool(roles) and all(role.endswith(end) for role in roles)


def _weight(role: str, name: str, texts: Sequence[str], of_dates: bool) -> float:
    if not texts:
        return 0.1
    if role.endswith("_date") != of_dates:
        return 0.0
    weight = _WEIGHED[role](texts) if role in _WEIGHED else 1.0
    # Offenses have codes of police and of statistics, too.
    return weight - _LESS if role == "statute" and weight and not _CITES.search(name) else weight


def _choose(found: Guess, key: str, columns: Sequence[tuple[float, str]]) -> None:
    table, _, role = key.partition(".")
    if role == "person":
        found.roles[role] = [column for _, column in columns]
        return
    best = max(columns, key=lambda pair: pair[0])[1]
    if table == "amended":
        found.amended[role] = best
    else:
        found.roles[role] = [best]
    others = [column for _, column in columns if column != best]
    if others:
        found.doubts.append(f"{role}: {best} is taken; {', '.join(others)} may be it, too")


def _are_names(texts: Sequence[str], who: str) -> bool:
    """Whether texts may be names: most have no digit, as numbers of people do; whole names have several words."""
    if who == "name" and _share(texts, lambda text: len(text.replace(",", " ").split()) > 1) <= 0.5:
        return False
    return not texts or _share(texts, lambda text: not any(map(str.isdigit, text))) > 0.5


def _split_severities(found: Guess) -> None:
    """Find level and class that stand in one column, such as F3."""
    for of in (found.roles, found.amended):
        stated = {role: of[role] for role in ("level", "class") if role in of}
        for column in {columns if isinstance(columns, str) else columns[0] for columns in stated.values()}:
            if (
                len(stated) == 1
                and {*severities(found.texts[column])["class"]} - {NO_CLASS}
                and _share(found.texts[column], in_one) >= 0.5
            ):
                where = of is found.roles
                for role in ("level", "class"):
                    of[role] = [column] if where else column  # type: ignore[assignment]
                found.doubts.append(f"level and class: both stand in {column}; look at its words under [values]")
