"""What a file looks like: its encoding, its separator, its header, and what each column seems to be."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from clearscale.law import state, state_names
from clearscale.law.statutes import Statutes

from .days import parse_day

SEPARATORS = (",", "|", "\t", ";", "\u2021", "^", "~", "||", "~|~")
_FORMS = (
    *(
        "YYYY-MM-DD",
        "MM/DD/YYYY",
        "M/D/YYYY",
        "DD/MM/YYYY",
        "D/M/YYYY",
        "YYYYMMDD",
        "MM-DD-YYYY",
        "MMDDYYYY",
        "DD-MON-YYYY",
        "DD-MON-YY",
    ),
    *("MM/DD/YY", "M/D/YY", "DD/MM/YY", "YYMMDD", "DD MONTH YYYY", "MON DD, YYYY", "YYYY/MM/DD", "DD.MM.YYYY"),
)
_MOST_LINES = 2_000
_ENOUGH = 0.8
"""Share of a column's texts that must fit for the column to be taken for something."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9 _./#-]{0,60}")
_CODED = re.compile(r"[A-Z0-9 ]*\d[A-Z0-9 ./()\\:-]*", re.IGNORECASE)

_AMENDED = r"am{1,2}e?nd|final|reduced|convicted_(?=charge|statute|offen)"

_FIRST = re.compile(rf"^({_AMENDED})\w*?_?(?=charge|chrg|statute|desc|type|class|level|offen)")
"""What stands before the name of a thing to say that it is that of the amended charge."""

_FEWEST_ROLES = 3
"""So many names that say what a column is make a header; other first lines may be somebody's record."""

ROLES: dict[str, str] = {
    "birth_date": r"(\w+_)?dob|(\w+_)?birth(_?(date|dt|day))?|date_?of_?birth",
    "offense_date": r"(offen[sc]e|violation|incident|crime|occur\w*)_?(date|dt)|date_?of_?(offen[sc]e|violation)",
    "arrest_date": r"arr(est)?_?(date|dt)|date_?of_?arrest",
    "filing_date": r"(fil(e|ed|ing)|init\w*|open(ed)?|charged?)_?(date|dt)|date_?filed",
    "sentence_end_date": (
        r"sent(ence)?_?(end|complet\w*|expir\w*|discharge)_?(date|dt)|(release|discharge)_?(date|dt)"
    ),
    "supervision_end_date": (
        r"(superv\w*|prob(ation)?|parole)_?(end|complet\w*|expir\w*|discharge|term\w*)_?(date|dt)"
    ),
    "sentence_date": r"sent(ence|enced|encing)?_?(date|dt)",
    "disposition_date": r"(\w*disp(o|osition|osed)?|verdict|outcome)_?(date|dt)",
    "disposition": r"\w*disp(o|osition|_?desc\w*)?|outcome|verdict|finding|result",
    "description": r"\w*desc(r|ription)?|(charge|offen[sc]e)_?(name|literal|text|title)|literal|title",
    "statute": (
        r"statute\w*|\w*statute|(law|code)_?section|section|citation"
        r"|(charge|offen[sc]e|violation|law)_?(code|cd)"
    ),
    "class": r"\w*class|grade|degree|(charge|offen[sc]e)_?(grade|degree)",
    "level": r"\w*(type|level|severity)|felony_?misd\w*",
    "sequence": r"(charge|count|chrg|seq(uence)?)(_?(no|num|nbr|number|seq|sequence|id))?",
    "person": (
        r"(person|def(endant)?|offender|subject|party|individual|state_?police|fbi|sid)_?(id|no|num|nbr|number|key)?"
        r"|f\w*pr(i)?nt\w*"
    ),
    "case": r"(case|docket|cause|court_?file|indictment|complaint)(_?(id|no|num|nbr|number|key))?",
    "sex": r"(def\w*_)?(sex|gender)",
    "race": r"(def\w*_)?(race|ethnicity)(_?desc\w*)?",
    "revoked": r"(prob\w*_?)?revo(ked|cation)(_?(flag|ind))?",
    "registered": r"(sex_?off\w*_?)?regist(ered|rant)(_?(flag|ind))?",
    "deceased": r"deceased(_?(flag|ind))?",
    "county": r"county(_?(name|desc\w*))?",
    "court": r"court(_?(name|desc\w*|code|location))?|division",
    "agency": r"(arrest\w*_?)?(agency|dept|department|ori)(_?(name|desc\w*|code))?",
}
"""What columns of each thing are called, without regard to case; the first that fits counts."""

_WHOSE = r"((def\w*|person|party|offender|subject|arrestee)_)?"
NAMES: dict[str, str] = {
    "first_name": rf"{_WHOSE}(first|given|fore)_?(name|nm)?|{_WHOSE}f_?name",
    "middle_name": rf"{_WHOSE}(middle|mid|mi)_?(name|nm|initial|init)?|{_WHOSE}m_?name",
    "last_name": rf"{_WHOSE}(last|sur|family)_?(name|nm)?|{_WHOSE}l_?name",
    "name": r"((full|whole|def\w*|person|party|offender|subject|arrestee)_?)?(name|nm)|def\w*",
    "numbers": r"(\w*_)?(ssn|driver\w*|dl|cdl|oln|license|licence|soc\w*_?sec\w*)(_?(no|num|nbr|number|id))?",
}
"""The same of what people are told by where there is no key of a person."""


@dataclass
class Guess:
    """What a file seems to be. identity: columns of `NAMES`. doubts: what a person has to look at."""

    encoding: str = "utf-8"
    separator: str = ","
    has_header: bool = True
    columns: list[str] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)
    roles: dict[str, list[str]] = field(default_factory=dict)
    amended: dict[str, str] = field(default_factory=dict)
    identity: dict[str, list[str]] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)
    state: str = ""
    doubts: list[str] = field(default_factory=list)


def guess_text(content: bytes) -> Guess:
    """What a file's first bytes look like. content: whole lines."""
    found = Guess()
    text = _decoded(found, content.removeprefix(b"\xef\xbb\xbf"))
    lines = [line.rstrip("\r") for line in text.split("\n")[:_MOST_LINES] if line.strip("\r")]
    rows = _separated(found, lines)
    if rows:
        _headed(found, rows)
        guess_columns(found)
    else:
        found.doubts.append("the file has no line")
    return found


def _decoded(found: Guess, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        high = {byte for byte in content if 0x80 <= byte < 0xA0}
        found.encoding = "windows-1252" if high else "iso-8859-1"
        found.doubts.append(
            f"encoding: not UTF-8; {found.encoding} fits, as others may: look at names with accents"
        )
        return content.decode(found.encoding, "replace")


def _separated(found: Guess, lines: Sequence[str]) -> list[list[str]]:
    """Rows of values, by the separator with which most lines have the same number of values."""
    best: tuple[float, int] = (0.0, 1)
    if not lines:
        return []
    rows = [[line] for line in lines]
    for separator in SEPARATORS:
        cut = [_cut(line, separator) for line in lines]
        counts = Counter(map(len, cut))
        ((size, times),) = counts.most_common(1) or [(1, 0)]
        score = (round(times / len(cut), 2), size)
        if size > 1 and (score[0] > best[0] + 0.1 or (score[0] >= best[0] - 0.1 and size > best[1])):
            best, found.separator = score, separator
            rows = [row for row in cut if len(row) == size]
    if best[0] < 1:
        found.doubts.append(f"separator: {1 - best[0]:.0%} of the lines have another number of values than most")
    return rows


def _cut(line: str, separator: str) -> list[str]:
    if '"' not in line:
        return line.split(separator)
    mark = re.escape(separator)
    pieces = re.findall(rf'(?:^|{mark})(?:"((?:[^"]|"")*)"|((?:(?!{mark}).)*))', line)
    return [quoted.replace('""', '"') or plain for quoted, plain in pieces]


def _headed(found: Guess, rows: list[list[str]]) -> None:
    first = [name.strip() for name in rows[0]]
    names = [_plain(name) for name in first]
    known = sum(any(_roles_of(_FIRST.sub("", name))) for name in names)
    shaped = all(map(_NAME.fullmatch, first)) and len(set(first)) == len(first)
    found.has_header = shaped and known >= min(_FEWEST_ROLES, len(names))
    if found.has_header:
        found.columns, rows = first, rows[1:]
        found.doubts.append(
            'header: the first line looks like names; if it is somebody\'s record, write header = "none"'
        )
    else:
        found.columns = [f"column_{place}" for place in range(1, len(first) + 1)]
        found.doubts.append(
            "header: the first line does not look like names of such columns, and is not shown; columns are told "
            'by position. If it holds names, write them in `columns` and header = "each"'
        )
    found.texts = {
        column: [text for row in rows if (text := row[place].strip())] for place, column in enumerate(found.columns)
    }


def guess_columns(found: Guess) -> None:
    """Tell what the columns of a guess are by their names, and where these say nothing by their texts."""
    _date_forms(found)
    for column in found.columns:
        name = _plain(column)
        for role in _roles_of(_FIRST.sub("", name)):
            if role.endswith("_date") != (column in found.forms) and found.texts[column]:
                continue
            if role == "person" and _are_names(found.texts[column]):
                continue
            if re.match(_AMENDED, name) and role in ("statute", "description", "level", "class"):
                found.amended.setdefault(role, column)
            elif role == "person" or role not in found.roles:
                found.roles.setdefault(role, []).append(column)
            break
        else:
            told_by = next((role for role, pattern in NAMES.items() if re.fullmatch(pattern, name)), None)
            if told_by is not None and (told_by == "numbers" or told_by not in found.identity):
                found.identity.setdefault(told_by, []).append(column)
    _by_texts(found)


def _are_names(texts: Sequence[str]) -> bool:
    """Whether most texts have no digit, as numbers of people do."""
    return sum(not any(map(str.isdigit, text)) for text in texts) > len(texts) / 2


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _roles_of(name: str) -> Iterator[str]:
    yield from (role for role, pattern in ROLES.items() if re.fullmatch(pattern, name))


def _date_forms(found: Guess) -> None:
    for column, texts in found.texts.items():
        tried = texts[:500]
        fits = [form for form in _FORMS if _share(tried, form) >= _ENOUGH]
        if not fits or all(text.isdigit() and len(text) < 6 for text in tried):
            continue
        best = max(fits, key=lambda form: _share(tried, form))
        found.forms[column] = best
        other = [form for form in fits if form != best and _share(tried, form) == _share(tried, best)]
        swapped = [form for form in other if form.startswith("D") != best.startswith("D")]
        if swapped:
            found.doubts.append(f"dates: {column} may be {best} or {swapped[0]}; both fit")


def _share(texts: Sequence[str], form: str) -> float:
    if not texts:
        return 0.0
    if form != "YYYY-MM-DD":
        texts = [text for text in texts if "-" not in text[4:5]] or texts
    return sum(parse_day(text, [form]) is not None for text in texts) / len(texts)


def _by_texts(found: Guess) -> None:
    """Find statutes by what they look like to a listed state, and their column where no name says which."""
    shares: dict[tuple[str, str], float] = {}
    for name in state_names():
        for column, texts in found.texts.items():
            tried = [text for text in texts[:500] if _CODED.match(text)]
            if len(tried) > len(texts[:500]) / 2 and column not in found.forms:
                shares[name, column] = _known(state(name).statutes, tried)
    if not shares:
        return
    (name, column), share = max(shares.items(), key=lambda item: item[1])
    if share >= _ENOUGH:
        found.state = name
        if "statute" not in found.roles:
            found.roles["statute"] = [column]
            found.doubts.append(f"statute: {column} by its texts, not by its name")


def _known(statutes: Statutes, texts: Sequence[str]) -> float:
    return sum(statutes.normalize(text).is_known for text in texts) / len(texts)
