"""A column map: what a file of charges calls its columns, and what their texts mean."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from clearscale.errors import ExtractError, closest
from clearscale.law import state, state_names

from .days import DEFAULT_PIVOT, check_form
from .validating import problems
from .words import Rows, Words, capitals

if TYPE_CHECKING:
    from clearscale.law.places import Places
    from clearscale.law.statutes import Statutes

DATES = (
    *("offense_date", "arrest_date", "filing_date", "disposition_date", "sentence_date"),
    *("sentence_end_date", "supervision_end_date"),
)
"""Days of a charge, the first of which that is known is the nearest to the offense."""

YES_NO = ("revoked", "registered", "deceased")
"""What a record says with yes or no: of a charge, that probation was revoked; the others of its person."""

IDENTITY = ("first_name", "middle_name", "last_name", "name", "numbers")
"""What tells people apart where there is no key, beside birth date and sex. Nobody reads it but who links."""

CHOSEN = ("code", "statute", "subsection", "description", "level", "class")
"""What an amended charge has of its own."""

SPELLED = ("code", "statute", "subsection")
"""What a statute's text is put together from, where a file has its parts in columns of their own."""


@dataclass(frozen=True)
class FileForm:
    """How rows stand in a file; as the schema says."""

    encoding: str
    separator: str
    quote: str
    line_breaks: bool
    header: str
    skip: int = 0
    escape: str = ""


@dataclass(frozen=True, eq=False)
class ColumnMap:
    """A map.

    Parameters
    ----------
    name
        That of its file.
    document
        All that it states.
    columns
        Names of all columns, in order.
    absent, required
        Those that a file may leave out, and those that may not be wholly blank or unreadable.
    form
        How rows stand in a file.
    charge, amended
        Columns of each thing, of the charge as it was filed and as it was amended.
    words
        What texts mean: of `disposition`, `level`, `class`, `sex`, `race`, `court`, `agency`, and of `YES_NO`.
    identity
        Columns of `IDENTITY`, which are no part of charges.
    """

    name: str
    document: Mapping[str, Any] = field(repr=False)
    columns: tuple[str, ...]
    absent: frozenset[str]
    required: tuple[str, ...]
    form: FileForm
    charge: Mapping[str, tuple[str, ...]]
    amended: Mapping[str, tuple[str, ...]]
    words: Mapping[str, Words]
    identity: Mapping[str, tuple[str, ...]]

    @classmethod
    def read(cls, name: str, document: Mapping[str, Any], where: str) -> "ColumnMap":
        """The map that a document states.

        Parameters
        ----------
        name
            What it is called.
        document
            As TOML is read.
        where
            Its file, for messages.

        Returns
        -------
        ColumnMap
            All of it.

        Raises
        ------
        ExtractError
            With a line for each thing that is wrong: file, key, what is wrong, what is allowed.
        """
        wrong = wrong_in(document)
        if wrong:
            raise ExtractError(*(f"{where}: {problem}" for problem in wrong))
        return cls.of(name, document)

    @classmethod
    def of(cls, name: str, document: Mapping[str, Any]) -> "ColumnMap":
        """The map that a document states in which nothing is wrong, as in those that come with the package."""
        form = document["file"]
        return cls(
            name,
            document,
            tuple(document["columns"]),
            frozenset(document.get("absent", ())),
            tuple(document.get("required", ())),
            FileForm(
                form["encoding"],
                form["separator"],
                form.get("quote", '"'),
                form.get("line_breaks", False),
                form["header"],
                form.get("skip", 0),
                form.get("escape", ""),
            ),
            {role: several(stated) for role, stated in document["charge"].items()},
            {role: several(stated) for role, stated in document.get("amended", {}).items()},
            {kind: Words.read(stated) for kind, stated in document["values"].items()},
            {role: several(stated) for role, stated in document.get("identity", {}).items()},
        )

    @property
    def title(self) -> str:
        """What the files are."""
        return str(self.document["title"])

    @cached_property
    def used(self) -> tuple[str, ...]:
        """The columns that something is read from, in order."""
        wanted = {column for columns in (*self.charge.values(), *self.amended.values()) for column in columns}
        wanted |= {self.document[part]["column"] for part in ("rows", "county") if "column" in self._table(part)}
        wanted |= {*self.required}
        return tuple(column for column in self.columns if column in wanted)

    @property
    def has_race(self) -> bool:
        """Whether files say of what race people are."""
        return "race" in self.charge

    def says_nothing(self, column: str) -> frozenset[str]:
        """Words that stand in a column where a value was not known, in capitals."""
        stated = self._table("missing")
        words = (*stated.get("everywhere", ()), *stated.get("columns", {}).get(column, ()))
        return frozenset({"", *map(capitals, words)})

    def dates(self, column: str) -> tuple[tuple[str, ...], int]:
        """(forms of dates, pivot of two-digit years) of a column."""
        stated = self._table("dates")
        own = stated.get("columns", {}).get(column, {})
        forms, pivot = own.get("formats", stated.get("formats", ())), own.get("pivot", stated.get("pivot"))
        return tuple(forms), DEFAULT_PIVOT if pivot is None else pivot

    @cached_property
    def rows(self) -> Rows | None:
        """Which rows are charges, None where all are."""
        stated = self._table("rows")
        if not stated:
            return None
        wanted, others = (Words.read({"": stated[key]}) if key in stated else None for key in ("is", "is_not"))
        return Rows(stated["column"], wanted, others)

    @property
    def county(self) -> Mapping[str, str]:
        """One of `fixed`, `column`, `file`; empty if nothing says where charges are."""
        return self._table("county")

    def county_in(self, file: str) -> str | None:
        """What a file's name says of the county, where it is the file's name that does."""
        found = re.search(self.county["file"], file)
        return found["county"] if found else None

    @cached_property
    def places(self) -> "Places | None":
        """Counties of the state that the files are of, None if that is none which is listed."""
        return state(self.document["state"]).places if "state" in self.document else None

    def listed(self, role: str) -> Callable[[str], str | None] | None:
        """What says the name of a court or agency that a text means, by the state's list; None if there is none."""
        places = self.places
        if places is None or not (places.courts if role == "court" else places.agencies):
            return None
        find = places.court if role == "court" else places.agency

        def name(text: str) -> str | None:
            found = find(text)
            return found.name if found else None

        return name

    @cached_property
    def statutes(self) -> "Statutes":
        """How statutes are spelled."""
        if "statutes" not in self.document:
            return state(self.document["state"]).statutes
        from clearscale.law.statutes import Statutes

        return Statutes.read(self.document["statutes"])

    def _table(self, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.document.get(name, {})
        return found


def several(stated: str | Sequence[str]) -> tuple[str, ...]:
    """A column, or several."""
    return (stated,) if isinstance(stated, str) else tuple(stated)


def wrong_in(document: Mapping[str, Any]) -> list[str]:
    """What is wrong with a document: by the schema or, where it fits that, what the schema cannot say."""
    return problems(document) or [
        *_unknown_columns(document),
        *_odd_form(document["file"]),
        *_odd_dates(document),
        *_odd_words(document["values"]),
        *_no_words(document),
        *_odd_state(document),
        *_odd_county(document),
        *_odd_identity(document),
    ]


def _named_columns(document: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """(key, column) of every place that names a column."""
    for table in ("charge", "amended", "identity"):
        for role, stated in document.get(table, {}).items():
            yield from ((f"{table}.{role}", column) for column in several(stated))
    for key in ("absent", "required"):
        yield from ((key, column) for column in document.get(key, ()))
    for table in ("rows", "county"):
        if "column" in document.get(table, {}):
            yield f"{table}.column", document[table]["column"]
    for table in ("missing", "dates"):
        yield from ((f"{table}.columns", column) for column in document.get(table, {}).get("columns", {}))
    yield from (("renamed", column) for column in document.get("renamed", {}).values())


def _unknown_columns(document: Mapping[str, Any]) -> list[str]:
    columns = document["columns"]
    found = []
    for key, column in _named_columns(document):
        if column not in columns:
            near = closest(column, columns)
            hint = f"; did you mean '{near}'?" if near else "; allowed are those that `columns` lists"
            found.append(f"{key}: there is no column '{column}'{hint}")
    return found


def _odd_form(form: Mapping[str, Any]) -> list[str]:
    separator, quote = form["separator"], form.get("quote", '"')
    found = []
    if any(character in separator for character in "\r\n") or (quote and quote in separator):
        found.append("file.separator: holds a line end or the quote; allowed is any other text")
    if quote in ("\r", "\n"):
        found.append("file.quote: is a line end; allowed is any other character")
    for key, text in (("separator", separator), ("quote", quote)):
        try:
            text.encode(form["encoding"])
        except UnicodeEncodeError:
            found.append(
                f"file.{key}: there is no '{text}' in {form['encoding']}; allowed is what the encoding has"
            )
    if form.get("line_breaks") and not quote:
        found.append("file.line_breaks: only a quoted value can go on in the next line; allowed is false")
    if form.get("escape") and form["escape"] in (separator, quote):
        found.append("file.escape: is the separator or the quote; allowed is another character")
    return found


def _odd_dates(document: Mapping[str, Any]) -> list[str]:
    stated = document.get("dates", {})
    forms = [("dates.formats", form) for form in stated.get("formats", ())]
    for column, own in stated.get("columns", {}).items():
        forms += [(f"dates.columns.{column}.formats", form) for form in own.get("formats", ())]
    found = []
    for key, form in forms:
        try:
            check_form(form)
        except ValueError as error:
            found.append(f"{key}: {error}")
    if not stated and any(role in document["charge"] for role in (*DATES, "birth_date")):
        found.append("'dates' is missing; needed are forms of dates, such as formats = [\"MM/DD/YYYY\"]")
    return found


def _odd_words(values: Mapping[str, Mapping[str, Sequence[str]]]) -> list[str]:
    found = []
    for kind, stated in values.items():
        seen: dict[str, str] = {}
        for meaning, texts in stated.items():
            for text in texts:
                other = seen.setdefault(capitals(text), meaning)
                if other != meaning:
                    found.append(f"values.{kind}.{meaning}: '{text}' means {other}, too; allowed is one meaning")
    return found


def _no_words(document: Mapping[str, Any]) -> list[str]:
    return [
        f'values.{role} is missing; needed are the words for it, such as yes = ["Y"] and no = ["N"]'
        for role in YES_NO
        if role in document["charge"] and role not in document["values"]
    ]


def _odd_state(document: Mapping[str, Any]) -> list[str]:
    if "state" in document and document["state"] not in state_names():
        return [f"state: there is no state '{document['state']}'; allowed are {', '.join(state_names())}"]
    if "state" not in document and "statutes" not in document:
        return ["'state' or 'statutes' is missing; one of them says how statutes are spelled"]
    if "statutes" in document:
        from clearscale.law.statutes import Statutes

        try:
            Statutes.read(document["statutes"])
        except ValueError as error:
            return [f"statutes: {error}"]
    return []


def _odd_county(document: Mapping[str, Any]) -> list[str]:
    stated = document.get("county", {})
    if "file" in stated:
        try:
            named = "county" in re.compile(stated["file"]).groupindex
        except re.error as error:
            return [f"county.file: is no regular expression: {error}"]
        return [] if named else ["county.file: has no group (?P<county>...); one is needed"]
    if (
        "fixed" in stated
        and "state" in document
        and state(document["state"]).places.county(stated["fixed"]) is None
    ):
        return [f"county.fixed: '{stated['fixed']}' is no county of {state(document['state']).title}"]
    return []


def _odd_identity(document: Mapping[str, Any]) -> list[str]:
    stated = document.get("identity", {})
    if not stated:
        return []
    if "person" in document["charge"]:
        return [
            "identity: charge.person is the key of a person, so nobody is told by name; allowed is one of the two"
        ]
    apart = [role for role in ("first_name", "middle_name", "last_name") if role in stated]
    if "name" in stated and apart:
        return [f"identity: names stand in one column or in several; allowed is name or {', '.join(apart)}"]
    if "name" not in stated and not {"first_name", "last_name"} <= {*stated}:
        return ["identity: names are missing; needed is name, or first_name and last_name"]
    if "birth_date" not in document["charge"]:
        return ["charge.birth_date is missing; needed where people are told by name"]
    named = [column for role in IDENTITY for column in several(stated.get(role, ()))]
    others = [
        column
        for key, column in _named_columns(document)
        if key.startswith(("charge.", "amended.", "rows.", "county."))
    ]
    return [
        f"identity: '{column}' is read as a part of charges, too; allowed is one of the two"
        for column in named
        if column in others
    ]
