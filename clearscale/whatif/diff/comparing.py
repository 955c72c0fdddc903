"""Compare two runs, decision by decision.

Decisions are of the same conviction where extract and row are equal. An extract's id comes from its bytes, so equal
ids are equal files. A county's new extract has another id than the one it replaces, and its rows are others: there,
decisions are matched by what stays of a conviction (`replaced.py`).
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.drawing.tables import html_table
from clearscale.errors import RunError
from clearscale.io.claims import LOCK, claimed
from clearscale.io.files import Folder
from clearscale.io.spreadsheet import write_csv
from clearscale.law import state
from clearscale.policy.outcomes import reason_for_figures, reasons_with_code_section
from clearscale.runs.crosstabs import CONVICTION_COUNTS, Axes, Coded
from clearscale.runs.demography import RACES
from clearscale.runs.opened import Run, decisions_of
from clearscale.runs.recorded import policy_of
from clearscale.runs.stores import open_store_of
from clearscale.store import Store
from clearscale_cluster import Cluster, ProgressCallback
from clearscale_kernels.arrays import Int32s, Int64s
from clearscale_kernels.policy.tables import CountTable, add_equal

from .files import CHANGES_TABLE, INFO, RECORDS_TABLE, SIDES, clear, inputs
from .people import counties_of, looked_up
from .replaced import Stays, as_later, replaced

SAME, OTHER_REASON, OTHER_DETERMINATION = "same", "other reason", "other determination"
ONLY_BEFORE, ONLY_AFTER = "only before", "only after"
CHANGES = (SAME, OTHER_REASON, OTHER_DETERMINATION, ONLY_BEFORE, ONLY_AFTER)
"""What became of a decision: the same when determination and reason are."""

OUTCOME_KEYS = tuple(f"{part}_{side}" for side in SIDES for part in ("determination", "reason"))
_FIGURES = ("county_figure", "state_figure")


@dataclass(frozen=True, repr=False)
class Diff:
    """What differs between two runs.

    Attributes
    ----------
    info : dict of str to object
        Both runs' inputs, which of them differ, the extracts that only one has, and the state's convictions by what
        became of them: the content of `diff.json`.
    changes : pyarrow.Table
        Convictions by `county`, `race`, `change` and both outcomes. `convictions` (int64) counts each county's own,
        `convictions_once` (int64) each person's once, as a run's tables do.
    records : pyarrow.Table
        The decisions that are not the same, in the order of extracts and rows.
    """

    info: dict[str, Any]
    changes: pa.Table
    records: pa.Table

    def __repr__(self) -> str:
        before, after = (self.info[side]["run"] for side in SIDES)
        return f"Diff({before!r}, {after!r}, differ={self.info['differ']}, records={self.records.num_rows})"

    def _repr_html_(self) -> str:
        """How many convictions of the state changed how, for a notebook."""
        before, after = (self.info[side]["policy"] for side in SIDES)
        return html_table(
            f"Statewide, {before} -> {after}", list(self.info["convictions_once"].items()), ("", "convictions")
        )

    def pairs(self) -> list[dict[str, Any]]:
        """The state's convictions by change and both outcomes, without those that are the same.

        Returns
        -------
        list of dict
            `change`, `determination_before`, `reason_before`, `determination_after`, `reason_after` and
            `convictions_once`; the most first.
        """
        names = ["change", *OUTCOME_KEYS]
        counts: Counter[tuple[str, ...]] = Counter()
        for row in self.changes.select([*names, "convictions_once"]).to_pylist():
            if row["change"] != SAME:
                counts[tuple(row[name] for name in names)] += row["convictions_once"]
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return [{**dict(zip(names, key, strict=True)), "convictions_once": count} for key, count in ordered]

    def by(self, name: str) -> dict[str, dict[str, int]]:
        """Convictions by what became of them, for each county or race.

        Parameters
        ----------
        name : {"county", "race"}
            What to divide by. Counties count their own convictions; races are of the state, each person once.

        Returns
        -------
        dict of str to dict of str to int
            Counts by change, for each county or race; those with the most that are not the same come first.

        Raises
        ------
        RunError
            If it is another name.
        """
        if name not in ("county", "race"):
            raise RunError(f"'{name}' divides no changes; there are county and race")
        figure = "convictions" if name == "county" else "convictions_once"
        found: dict[str, dict[str, int]] = {}
        for row in self.changes.select([name, "change", figure]).to_pylist():
            found.setdefault(row[name], dict.fromkeys(CHANGES, 0))[row["change"]] += row[figure]
        return dict(sorted(found.items(), key=lambda item: (item[1][SAME] - sum(item[1].values()), item[0])))


@dataclass(frozen=True)
class _Side:
    """One run's decisions as numbers, shape (n,) each, by key: number of the extract times 2^32 plus row."""

    keys: Int64s
    county: Int64s
    offense: Int64s
    outcome: Int64s
    race: Int64s
    counted: Int64s
    person: Int64s
    date: Int64s

    @property
    def stays(self) -> Stays:
        """What tells a conviction in another extract."""
        return Stays(self.keys, self.person, self.date, self.county, self.offense)


@dataclass(frozen=True)
class _Texts:
    """What the numbers of both sides stand for."""

    extracts: list[str]
    counties: list[str]
    offenses: list[str]
    outcomes: list[str]


def diff(
    before: Run,
    after: Run,
    cluster: Cluster,
    *,
    out: str | None = None,
    progress: ProgressCallback | None = None,
) -> Diff:
    """Compare two runs; see `clearscale.diff`."""
    runs = (before, after)
    tables = [decisions_of(run) for run in runs]
    texts = _Texts(
        list(dict.fromkeys(extract for run in runs for extract in run.info["decisions"])),
        _in_order(tables, "county"),
        _in_order(tables, "offense"),
        sorted({f"{a}\0{b}" for table in tables for a, b in _outcome_pairs(table)} | {"\0"}),
    )
    stores = [open_store_of(run) for run in runs]
    named = replaced([list(run.info["decisions"]) for run in runs], [*map(counties_of, stores)])
    sides = [
        _side(store, table, texts, extracts, cluster, progress)
        for store, table, extracts in zip(stores, tables, named, strict=True)
    ]
    matched = 0
    if all(named):
        sides[0], matched = _as_later(sides, texts, named)
    determinations = [text.partition("\0")[0] for text in texts.outcomes]
    joined = _joined(sides, Coded.of(determinations).places)
    changes = _changes(joined, texts, [form for run in runs for form in reasons_with_code_section(policy_of(run))])
    result = Diff({**_info(runs, changes), "matched": matched}, changes, _records(joined, texts))
    if out is not None:
        with claimed(Folder(out), LOCK, RunError):
            _write(Folder(out), result)
    return result


def _column(table: pa.Table, name: str) -> tuple[list[str], Int64s]:
    """Return a column's texts and the place of each row's text among them."""
    coded = table.column(name)
    if not pa.types.is_dictionary(coded.type):
        coded = coded.dictionary_encode()
    unified = coded.unify_dictionaries().combine_chunks()
    return unified.dictionary.to_pylist(), unified.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def _in_order(tables: Sequence[pa.Table], name: str) -> list[str]:
    return sorted({text for table in tables for text in _column(table, name)[0]})


def _outcome_pairs(table: pa.Table) -> list[tuple[str, str]]:
    """Return every determination with every reason that occurs with it."""
    (firsts, first), (seconds, second) = _column(table, "determination"), _column(table, "reason")
    pairs = np.unique(first * max(len(seconds), 1) + second)
    return [(firsts[pair // len(seconds)], seconds[pair % len(seconds)]) for pair in pairs.tolist()]


def _as_later(sides: Sequence[_Side], texts: _Texts, named: Sequence[Collection[str]]) -> tuple[_Side, int]:
    """Return the earlier side with the keys of the later one where extracts were replaced, and how many it has."""
    place = {extract: number for number, extract in enumerate(texts.extracts)}
    places = [
        np.isin(side.keys >> 32, [place[extract] for extract in extracts])
        for side, extracts in zip(sides, named, strict=True)
    ]
    keys = as_later(sides[0].stays, sides[1].stays, places)
    order = np.argsort(keys, kind="stable")
    columns = {field.name: getattr(sides[0], field.name)[order] for field in fields(_Side)}
    return _Side(**{**columns, "keys": keys[order]}), int(np.count_nonzero(keys != sides[0].keys))


def _side(
    store: Store,
    table: pa.Table,
    texts: _Texts,
    named: Collection[str],
    cluster: Cluster,
    progress: ProgressCallback | None,
) -> _Side:
    """Read a run's decisions. store: it was made from. named: extracts whose people are looked up."""
    place = {extract: number for number, extract in enumerate(texts.extracts)}

    def coded(name: str, order: list[str]) -> Int64s:
        mine, codes = _column(table, name)
        return Coded.of(mine, order).at(codes)

    keys = coded("extract", texts.extracts) << 32 | table.column("row").to_numpy()
    (firsts, first), (seconds, second) = _column(table, "determination"), _column(table, "reason")
    number = {text: at for at, text in enumerate(texts.outcomes)}
    pairs = [[number.get(f"{a}\0{b}", 0) for b in seconds] for a in firsts]
    counted = [table.column(name).to_numpy(zero_copy_only=False).astype(np.int64) for name in _FIGURES]
    known = looked_up(store, place, keys, named, cluster, progress)
    columns = (
        keys,
        coded("county", texts.counties),
        coded("offense", texts.offenses),
        np.array(pairs, np.int64).reshape(len(firsts), len(seconds))[first, second],
        known.races.astype(np.int64),
        counted[0] | counted[1] << 1,
        known.people,
        known.dates,
    )
    order = np.argsort(keys, kind="stable")
    return _Side(*(column[order] for column in columns))


@dataclass(frozen=True)
class _Joined:
    """The decisions of both runs, shape (n,) each, by key. outcomes: before and after, of no text where absent."""

    keys: Int64s
    county: Int64s
    offense: Int64s
    race: Int64s
    change: Int64s
    outcomes: tuple[Int64s, Int64s]
    counted: Int64s


def _joined(sides: Sequence[_Side], determinations: Int64s) -> _Joined:
    """Match both runs' decisions by key. determinations: code of the determination of each outcome."""
    keys = np.union1d(sides[0].keys, sides[1].keys)
    held = [np.isin(keys, side.keys, assume_unique=True) for side in sides]

    def latest(name: str) -> Int64s:
        """Return a column as the later run has it, or the earlier one where the later has not."""
        result = np.zeros(keys.size, np.int64)
        for here, side in zip(held, sides, strict=True):
            result[here] = getattr(side, name)
        return result

    outcomes = []
    for here, side in zip(held, sides, strict=True):
        outcome = np.zeros(keys.size, np.int64)  # the first of all texts is of no decision
        outcome[here] = side.outcome
        outcomes.append(outcome)
    both = held[0] & held[1]
    change = np.where(held[0], CHANGES.index(ONLY_BEFORE), CHANGES.index(ONLY_AFTER))
    before, after = (determinations[outcome] for outcome in outcomes)
    decided = np.where(before == after, CHANGES.index(OTHER_REASON), CHANGES.index(OTHER_DETERMINATION))
    decided[outcomes[0] == outcomes[1]] = CHANGES.index(SAME)
    return _Joined(
        keys,
        latest("county"),
        latest("offense"),
        latest("race"),
        np.where(both, decided, change).astype(np.int64),
        (outcomes[0], outcomes[1]),
        latest("counted"),
    )


def _split(texts: _Texts, places: Int32s | Int64s, side: str) -> dict[str, pa.Array]:
    """Split outcomes into columns of their determinations and reasons."""
    pairs = [text.partition("\0") for text in texts.outcomes]
    return {
        f"determination_{side}": _coded([pair[0] for pair in pairs], places),
        f"reason_{side}": _coded([pair[2] for pair in pairs], places),
    }


def _coded(texts: Sequence[str], places: Int32s | Int64s) -> pa.Array:
    """Return a column of texts with a dictionary that has each of them once."""
    coded = Coded.of(texts)
    return pa.DictionaryArray.from_arrays(
        pa.array(coded.at(places).astype(np.int32)), pa.array(coded.texts, pa.string())
    )


def _changes(joined: _Joined, every: _Texts, forms: Sequence[str]) -> pa.Table:
    """Count. forms: reasons of both policies that hold code sections."""
    counties = Coded.of([state().counties.group(text) for text in every.counties])
    outcomes = Coded.of([_for_figures(text, forms) for text in every.outcomes])
    texts = replace(every, counties=list(counties.texts), outcomes=list(outcomes.texts))
    axes = Axes(county=texts.counties, race=RACES, change=CHANGES, before=texts.outcomes, after=texts.outcomes)
    before, after = (outcomes.at(places) for places in joined.outcomes)
    county = counties.at(joined.county)
    keys = axes.part(county=county, race=joined.race, change=joined.change, before=before, after=after)
    order = np.argsort(keys, kind="stable")
    counted = np.stack([joined.counted & 1, joined.counted >> 1], axis=1)[order]
    out = CountTable(np.empty(keys.size, np.int64), np.empty_like(counted))
    size = add_equal(CountTable(keys[order], counted), out)
    places, counts = axes.places(out.keys[:size]), out.counts[:size]
    return pa.table(
        {
            "county": _coded(texts.counties, places["county"]),
            "race": _coded(RACES, places["race"]),
            "change": _coded(CHANGES, places["change"]),
            **_split(texts, places["before"], "before"),
            **_split(texts, places["after"], "after"),
            **{name: counts[:, place] for place, name in enumerate(CONVICTION_COUNTS)},
        }
    )


def _for_figures(outcome: str, forms: Sequence[str]) -> str:
    determination, _, reason = outcome.partition("\0")
    return f"{determination}\0{reason_for_figures(reason, forms)}"


def _records(joined: _Joined, texts: _Texts) -> pa.Table:
    chosen = np.flatnonzero(joined.change != CHANGES.index(SAME))
    keys = joined.keys[chosen]
    return pa.table(
        {
            "extract": _coded(texts.extracts, keys >> 32),
            "row": (keys & 0xFFFFFFFF).astype(np.int32),
            "county": _coded(texts.counties, joined.county[chosen]),
            "offense": _coded(texts.offenses, joined.offense[chosen]),
            "change": _coded(CHANGES, joined.change[chosen]),
            **_split(texts, joined.outcomes[0][chosen], "before"),
            **_split(texts, joined.outcomes[1][chosen], "after"),
            "county_figure": pa.array((joined.counted[chosen] & 1) != 0),
            "state_figure": pa.array((joined.counted[chosen] >> 1) != 0),
        }
    )


def _info(runs: Sequence[Run], changes: pa.Table) -> dict[str, Any]:
    extracts = [list(run.info["decisions"]) for run in runs]
    once = dict.fromkeys(CHANGES, 0)
    for change, count in zip(
        changes.column("change").to_pylist(), changes.column("convictions_once").to_pylist(), strict=True
    ):
        once[change] += count
    return {
        **inputs(runs),
        "extracts_only_before": [extract for extract in extracts[0] if extract not in set(extracts[1])],
        "extracts_only_after": [extract for extract in extracts[1] if extract not in set(extracts[0])],
        "convictions_once": once,
    }


def _write(folder: Folder, result: Diff) -> None:
    clear(folder)
    for name, table in ((CHANGES_TABLE, result.changes), (RECORDS_TABLE, result.records)):
        folder.write_parquet(f"{name}.parquet", table, lasting=True, write_statistics=False)
        write_csv(folder, f"{name}.csv", table)
    folder.write_json(INFO, result.info, lasting=True)
