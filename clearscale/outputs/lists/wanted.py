"""Which decisions of a run are wanted, in the words of its records."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.errors import RunError, closest
from clearscale_kernels.arrays import Bools

from .columns import CASE_SEPARATOR

ANY = "any"
"""The name of all flags that say to look at a decision."""


@dataclass(frozen=True)
class Wanted:
    """Which decisions; nothing named means all.

    Attributes
    ----------
    counties, courts, agencies
        As records name them; capitals and spaces do not matter.
    outcomes
        As the run names them, or `dismiss`, `reduce` and so on; `none` for those that no rule decides.
    flags
        Each decision has one of them at least; `any` for any that says to look at it.
    case, record
        Number of a case, and what the extract calls a record.
    """

    counties: tuple[str, ...] = ()
    courts: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    case: str | None = None
    record: str | None = None

    @property
    def filters(self) -> bool:
        """Whether more than counties are chosen."""
        chosen = (self.courts, self.agencies, self.outcomes, self.flags)
        return any(chosen) or self.case is not None or self.record is not None

    @property
    def words(self) -> str:
        """Which decisions they are, in words."""
        parts = {
            "county": self.counties,
            "court": self.courts,
            "agency": self.agencies,
            "outcome": self.outcomes,
            "flag": self.flags,
            "case": () if self.case is None else (self.case,),
            "record": () if self.record is None else (self.record,),
        }
        said = [f"{name} {', '.join(names)}" for name, names in parts.items() if names]
        return f"Decisions of {'; '.join(said)}" if said else "All decisions that counties count"


def plain(text: str) -> str:
    """A text without what hardly ever matters: capitals, and how many spaces there are where."""
    return " ".join(text.casefold().split())


def named(given: Sequence[str], known: Iterable[str], what: str, **aliases: str) -> tuple[str, ...]:
    """Those of the known texts that are named, each once.

    what: they are, for messages. aliases: further names. Raises RunError for a name of none; says which is near.
    """
    listed = list(known)
    by_name = {plain(text): text for text in (*aliases, *listed)}
    found = []
    for text in given:
        hit = by_name.get(plain(text))
        if hit is None:
            near = closest(plain(text), by_name)
            listing = f"; there are {', '.join(sorted(filter(None, listed))[:20])}" if listed else ""
            hint = f"; did you mean '{by_name[near]}'?" if near else listing
            raise RunError(f"the run has no {what} '{text}'{hint}")
        found.append(aliases.get(hit, hit))
    return tuple(dict.fromkeys(found))


def flags_of(given: Sequence[str], known: Iterable[str], doubts: Iterable[str]) -> tuple[str, ...]:
    """Those of the known flags that are named; all doubts for `any`. Raises RunError for a name of none."""
    return named(given, known, "flag") if ANY not in map(plain, given) else tuple(doubts)


class Seen:
    """Picks rows by courts and agencies, and knows at the end whether each was met.

    given: names of one kind. what: they are.
    """

    def __init__(self, given: Sequence[str], what: str) -> None:
        self._given = {plain(text): text for text in given}
        self._what = what
        self._met: dict[str, str] = {}

    def among(self, texts: pa.ChunkedArray) -> Bools | None:
        """Which of the texts are wanted, shape (n,); None for all."""
        if not self._given:
            return None
        coded = texts.combine_chunks().dictionary_encode()
        known = [text or "" for text in coded.dictionary.to_pylist()]
        plainly = [plain(text) for text in known]
        self._met.update(zip(plainly, known, strict=True))
        fits = np.array([text in self._given for text in plainly] + [False], np.bool_)
        found: Bools = fits[coded.indices.fill_null(len(known)).to_numpy(zero_copy_only=False)]
        return found

    def require_met(self) -> None:
        """Raise RunError for a name that no record has, with one that is near."""
        for name, text in self._given.items():
            if name not in self._met:
                near = closest(name, self._met)
                hint = f"; did you mean '{self._met[near]}'?" if near else ""
                raise RunError(f"no record of the decisions names the {self._what} '{text}'{hint}")


def of_case(cases: pa.Array, wanted: str) -> Bools:
    """Which case numbers are the wanted one, or hold it among several. Shape (n,)."""
    sought = plain(wanted)
    coded = cases.dictionary_encode()
    fits = [
        bool(text) and sought in {plain(text), *map(plain, text.split(CASE_SEPARATOR.strip()))}
        for text in coded.dictionary.to_pylist()
    ]
    codes = coded.indices.fill_null(len(fits)).to_numpy(zero_copy_only=False)
    found: Bools = np.array([*fits, False], np.bool_)[codes]
    return found


def with_flags(texts: pa.Array, flags: Sequence[str]) -> Bools:
    """Which texts of flags have one of these at least. Shape (n,)."""
    coded = texts.dictionary_encode() if not pa.types.is_dictionary(texts.type) else texts
    fits = [bool(set(text.split(";")) & set(flags)) for text in coded.dictionary.to_pylist()]
    codes = coded.indices.fill_null(len(fits)).to_numpy(zero_copy_only=False)
    found: Bools = np.array([*fits, False], np.bool_)[codes]
    return found


def in_order(table: pa.Table, last: Sequence[str]) -> pa.Table:
    """Rows by county, court, case, person and charge; last: what tells the others apart."""
    keys = ("county", "court", "case", "person", "number", "charge", *last)
    filled = {name: table.column(name) for name in keys}
    filled = {
        name: pc.fill_null(column, "") if pa.types.is_string(column.type) else column
        for name, column in filled.items()
    }
    order = pc.sort_indices(pa.table(filled), sort_keys=[(name, "ascending") for name in keys])
    return table.take(order)


def by_court(table: pa.Table) -> Iterable[pa.Table]:
    """Yield the rows of each court of a table that is in order."""
    if not table.num_rows:
        return
    names = [
        pc.fill_null(table.column(name), "").combine_chunks().dictionary_encode() for name in ("county", "court")
    ]
    county, court = (column.indices.to_numpy() for column in names)
    changes = np.flatnonzero((np.diff(county) != 0) | (np.diff(court) != 0)) + 1
    bounds = [0, *changes.tolist(), table.num_rows]
    for first, last in itertools.pairwise(bounds):
        yield table.slice(first, last - first)
