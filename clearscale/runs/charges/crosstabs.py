"""Crosstabs of a run over charges: charges and people by where they are, what they are, and what becomes of them.

While buckets are counted, a row has the codes of the store; its texts come back when the tables are written. What
the files of a store do not have (a court, a level, a race) is no column of its tables.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from clearscale.charges.grouping import in_order
from clearscale.charges.tables import NO_DAY, Disposition, Tables, Words
from clearscale.relief import OUTCOMES, ChargePolicy, Decisions
from clearscale.relief.deciding import NO_RULE_HOLDS
from clearscale.runs.ages import AGE_BANDS, bands_of
from clearscale_kernels.arrays import Int32s, Int64s
from clearscale_kernels.relief import cells

from .grouping import grouped

STATE, COUNTY, COURT = "state", "county", "court"
SCOPES = (STATE, COUNTY, COURT)
"""All together; each county; each court of a county, which are counted only where some record names a court."""

CHARGE_KEYS = (
    *(
        "county",
        "court",
        "statute",
        "level",
        "class",
        "disposition",
        "outcome",
        "rule",
        "race",
        "sex",
        "age",
        "year",
    ),
)
CHARGE_COUNTS = ("charges", "people")
PEOPLE_KEYS = ("scope", "county", "court", "race", "sex", "age")
RELIEF = "relief"
PEOPLE_COUNTS = ("people", "decided", RELIEF, *OUTCOMES)
"""Everybody with a charge in the store, those with one that the policy decides, with one that has relief, and with
one of each outcome."""

FILLED = {"court": "courts", "level": "levels", "class": "classes", "race": "races", "sex": "sexes"}
"""Columns of tables that are there only if a store has texts for them."""

_MOST_PARTS = 32
"""Counts of more buckets are added up before others come to them."""

_DISPOSITIONS = tuple(disposition.name.lower().replace("_", " ") for disposition in sorted(Disposition))


def statutes_of(words: Words) -> tuple[tuple[str, str], ...]:
    """(code, section) of all offenses, sorted, without those that name nothing known."""
    return tuple(
        sorted({(offense.code, offense.section) for offense in words.offenses if offense.code or offense.section})
    )


def count_charges(tables: Tables, decisions: Decisions, rows: Int64s, as_of: int, statutes: Int32s) -> pa.Table:
    """Count the charges of a bucket by CHARGE_KEYS, where one number has no room for all of them: see `packing`.

    Parameters
    ----------
    tables, decisions
        Of the bucket.
    rows
        The charges that the policy decides.
    as_of
        The day number on which people have their age.
    statutes : shape (offenses + 1,)
        The place of each offense's code and section in `statutes_of`; the last is that of no offense.

    Returns
    -------
    Table
        CHARGE_KEYS as codes, and CHARGE_COUNTS; people once a row.
    """
    charges, people = tables.charges, tables.people
    person = charges.person[rows]
    columns: dict[str, np.ndarray] = {
        "county": charges.county[rows],
        "court": charges.court[rows],
        "statute": statutes[charges.offense[rows]],
        "level": charges.level[rows],
        "class": charges.severity[rows],
        "disposition": charges.disposition[rows],
        "outcome": decisions.outcome[rows],
        "rule": decisions.rule[rows],
        "race": people.race[person],
        "sex": people.sex[person],
        "age": ages_of(tables, as_of)[person],
        "year": years_of(charges.disposition_date[rows]),
    }
    groups = grouped(list(columns.values()))
    counts = {"charges": groups.counts(), "people": groups.once(person)}
    return coded({name: column[groups.first] for name, column in columns.items()}, counts)


def count_people(tables: Tables, decisions: Decisions, as_of: int) -> pa.Table:
    """Count the people of a bucket by PEOPLE_KEYS: in the state, in each county, in each court.

    Parameters
    ----------
    tables, decisions, as_of
        As `count_charges`.

    Returns
    -------
    Table
        PEOPLE_KEYS as codes, and PEOPLE_COUNTS, each person once.
    """
    charges, people = tables.charges, tables.people
    ages = ages_of(tables, as_of)
    in_counties = _visits(tables, decisions, cells.COUNTY)
    places = [_in_state(in_counties, charges.person), in_counties]
    if tables.words.courts:
        places.append(_visits(tables, decisions, cells.COURT))
    found = []
    for scope, met in enumerate(places):
        person = charges.person[met.first]
        nowhere = np.full(person.size, -1, np.int32)
        columns: dict[str, np.ndarray] = {
            "scope": np.full(person.size, scope, np.int32),
            "county": charges.county[met.first] if scope else nowhere,
            "court": charges.court[met.first] if scope == SCOPES.index(COURT) else nowhere,
            "race": people.race[person],
            "sex": people.sex[person],
            "age": ages[person],
        }
        groups = grouped(list(columns.values()))
        table = np.zeros((groups.size, len(_COUNTED)), np.int64)
        cells.count_visits(groups.of_row, met.outcomes, np.array([*_COUNTED.values()]), table)
        counts = {name: column.copy() for name, column in zip(_COUNTED, table.T, strict=True)}
        found.append(coded({name: column[groups.first] for name, column in columns.items()}, counts))
    return pa.concat_tables(found)


_BITS = {name: 2 << outcome.code for name, outcome in OUTCOMES.items()}
_COUNTED = {
    "people": -1,
    "decided": ~1,
    RELIEF: sum(_BITS[name] for name, outcome in OUTCOMES.items() if outcome.relief),
    **_BITS,
}
"""Whom PEOPLE_COUNTS count, by bits of `cells.Visits`."""


def _visits(tables: Tables, decisions: Decisions, scope: int) -> cells.Visits:
    """Who is where: people in counties or in courts, those of a person side by side."""
    room = room_of(tables)
    seen = cells.Seen(np.zeros(room, np.int64), np.full(room, cells.NOBODY, np.int32), np.zeros(room, np.int32))
    found = cells.Visits(*(np.empty(tables.rows, np.int64) for _ in cells.Visits._fields))
    located = cells.Located(tables.charges.county, tables.charges.court, decisions.outcome)
    count = cells.visits(located, tables.people.bounds, scope, seen, found)
    return cells.Visits(*(column[:count] for column in found))


def _in_state(in_counties: cells.Visits, person: Int32s) -> cells.Visits:
    """The same people in the state. person: of each charge."""
    begins = np.flatnonzero(np.diff(person[in_counties.first], prepend=-1))
    if not begins.size:
        return in_counties
    return cells.Visits(in_counties.first[begins], np.bitwise_or.reduceat(in_counties.outcomes, begins))


def room_of(tables: Tables) -> int:
    """A power of two, at least twice as many as any person of a bucket has charges."""
    most = int(np.diff(tables.people.bounds).max(initial=0))
    return 1 << (2 * most).bit_length()


def ages_of(tables: Tables, as_of: int) -> "np.ndarray":
    """Place of each person's age in AGE_BANDS, less one: -1 where nobody knows it. Shape (people,)."""
    births = tables.people.birth_date
    return bands_of(births, births == NO_DAY, as_of) - np.int8(1)


def years_of(days: Int32s) -> Int32s:
    """The year of each day, -1 of one that is missing. Shape (n,)."""
    years = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int32) + 1970
    return np.where(days == NO_DAY, -1, years).astype(np.int32)


def coded(columns: "dict[str, np.ndarray]", counts: dict[str, Int64s]) -> pa.Table:
    """A table of counts by codes."""
    return pa.table(
        {name: pa.array(column.astype(np.int32, copy=False)) for name, column in columns.items()}
        | {name: pa.array(column.astype(np.int64, copy=False)) for name, column in counts.items()}
    )


def together(one: pa.Table, other: pa.Table) -> pa.Table:
    """Counts of several buckets, of which equal rows are added up now and then: few are equal."""
    found = pa.concat_tables([one, other])
    return added(found) if found.column(0).num_chunks > _MOST_PARTS else found


def added(counts: pa.Table) -> pa.Table:
    """Add up the counts of equal rows, in the order of keys. Nobody is in two buckets, so people add up, too."""
    if not counts.num_rows:
        return counts
    keys = [name for name in counts.column_names if counts.schema.field(name).type == pa.int32()]
    columns = _columns(counts)
    order = in_order(*(columns[name] for name in keys))
    ordered = {name: column[order] for name, column in columns.items()}
    new = np.zeros(order.size, np.bool_)
    new[0] = True
    for name in keys:
        new[1:] |= ordered[name][1:] != ordered[name][:-1]
    starts = np.flatnonzero(new)
    return pa.table(
        {
            name: column[starts] if name in keys else np.add.reduceat(column, starts)
            for name, column in ordered.items()
        }
    )


def no_people() -> pa.Table:
    """The counts of no people."""
    return coded(dict.fromkeys(PEOPLE_KEYS, _NONE), dict.fromkeys(PEOPLE_COUNTS, _NONE))


_NONE = np.empty(0, np.int64)


def texts_of(policy: ChargePolicy, words: Words) -> dict[str, list[str]]:
    """What the codes of the table of charges stand for, by its columns; those of dispositions begin at -1."""
    statutes = statutes_of(words)
    return {
        "county": [*words.counties],
        "code": [code for code, _ in statutes],
        "section": [section for _, section in statutes],
        "disposition": [*_DISPOSITIONS],
        "outcome": [*OUTCOMES],
        "reason": [*(rule.reason for rule in policy.rules), NO_RULE_HOLDS],
        "age": [*AGE_BANDS[1:]],
        **{column: [*getattr(words, texts)] for column, texts in FILLED.items()},
    }


def charge_crosstab(counts: pa.Table, texts: Mapping[str, Sequence[str]]) -> pa.Table:
    """The table of charges: what CHARGE_KEYS say in words, and CHARGE_COUNTS.

    Null is what the record does not say; `rule` is null where none decided. counts: in the order of their columns.
    texts: see `texts_of`.
    """
    codes = _columns(counts)
    rule = codes["rule"]
    reason = np.where(rule < 0, np.int32(len(texts["reason"]) - 1), rule)
    of = {"code": codes["statute"], "section": codes["statute"], "reason": reason}
    of |= {"disposition": codes["disposition"] + 1}
    found: dict[str, pa.Array] = {}
    for column in _CHARGE_COLUMNS:
        if column in ("rule", "year"):
            numbers = codes[column] + np.int32(column == "rule")
            found[column] = pa.array(numbers, pa.int32(), mask=codes[column] < 0)
        elif column not in FILLED or texts[column]:
            found[column] = _texts(of[column] if column in of else codes[column], texts[column])
    return pa.table({**found, **{name: codes[name] for name in CHARGE_COUNTS}})


_CHARGE_COLUMNS = (
    *("county", "court", "code", "section", "level", "class", "disposition", "outcome", "rule", "reason"),
    *("race", "sex", "age", "year"),
)


def people_crosstab(counts: pa.Table, words: Words) -> pa.Table:
    """The table of people: what PEOPLE_KEYS say in words, and PEOPLE_COUNTS. Null and order as of charges."""
    codes = _columns(counts)
    found = {
        "scope": _texts(codes["scope"], SCOPES),
        "county": _texts(codes["county"], words.counties),
        "court": _texts(codes["court"], words.courts),
        "race": _texts(codes["race"], words.races),
        "sex": _texts(codes["sex"], words.sexes),
        "age": _texts(codes["age"], AGE_BANDS[1:]),
        **{name: codes[name] for name in PEOPLE_COUNTS},
    }
    return pa.table(
        {name: values for name, values in found.items() if name not in FILLED or getattr(words, FILLED[name])}
    )


def _columns(counts: pa.Table) -> "dict[str, np.ndarray]":
    return {name: counts.column(name).to_numpy() for name in counts.column_names}


def _texts(codes: Int32s, texts: Sequence[str]) -> pa.DictionaryArray:
    """Texts by their codes, null where there is none; the dictionary has those that occur, each once."""
    met = np.zeros(len(texts) + 1, np.bool_)  # the first is of none
    cells.meet(codes, met)
    used = np.flatnonzero(met[1:]).tolist()
    known = sorted({texts[code] for code in used})
    at = {text: place for place, text in enumerate(known)}
    places = np.full(met.size, -1, np.int32)
    places[np.array(used, np.int64) + 1] = [at[texts[code]] for code in used]
    found = np.empty(codes.size, np.int32)
    cells.look_up(codes, places, found)
    indices = pa.array(found, pa.int32(), mask=found < 0 if met[0] else None)
    return pa.DictionaryArray.from_arrays(indices, pa.array(known, pa.string()))
