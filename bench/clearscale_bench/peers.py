"""The peers: the same work in DuckDB's SQL, Polars, Arrow and NumPy, and the totals that all must share.

Of a store, the demo's policy is asked for convictions by section and reason. Each peer takes canonical histories
and Prop 64 convictions only, so that totals can be held against a run's. `people` is as the store has it, also
where convictions are made anew from histories: a head start for the peers.
"""

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

import clearscale
from clearscale.commands.demo import AS_OF, options
from clearscale.dates import add_years, as_of_day
from clearscale.law import state
from clearscale.store import Store

Totals = dict[tuple[str, str], int]
"""Convictions by (section, reason)."""

_RELIEF = options()["additionalRelief"]
_AS_OF = as_of_day(AS_OF)
_AGE, _SINCE, _FREE = (
    int(_RELIEF[name])
    for name in ("subjectAgeThreshold", "yearsSinceConvictionThreshold", "yearsCrimeFreeThreshold")
)
_BORN_BY = add_years(_AS_OF, -_AGE)
_CONVICTED_BY = add_years(_AS_OF, -_SINCE)
_CLEAR_BEFORE = add_years(_AS_OF, -_FREE)

_REASONS = f"""
    CASE
        WHEN c.flags & 2 = 0 THEN 'Misdemeanor or Infraction'
        WHEN o.flags & 1 <> 0 THEN 'Dismiss all HS 11357 convictions'
        WHEN o.flags & 2 <> 0 THEN 'Dismiss all HS 11358 convictions'
        WHEN year(born) * 10000 + month(born) * 100 + day(born) + 210000
            > year(convicted) * 10000 + month(convicted) * 100 + day(convicted) THEN '21 years or younger'
        WHEN p.birth_date <= {_BORN_BY} THEN '{_AGE} years or older'
        WHEN c.event_date <= {_CONVICTED_BY} THEN 'Conviction occurred {_SINCE} or more years ago'
        WHEN p.latest_conviction < {_CLEAR_BEFORE} THEN 'No convictions in the past {_FREE} years'
        WHEN p.convictions = p.convictions_11357 + p.convictions_11358 + p.convictions_11359 + p.convictions_11360
            THEN 'Only has 11357-60 charges'
        WHEN p.flags & 4 <> 0 THEN 'Individual is deceased'
        WHEN o.flags & 4 <> 0 THEN 'Reduce all HS 11359 convictions'
        ELSE 'Reduce all HS 11360 convictions'
    END
"""

_FROM_HISTORIES = """
    SELECT filename, history, event_date, offense, flags,
        row_number() OVER (PARTITION BY filename, history, count_order ORDER BY row) AS place
    FROM read_parquet('{snapshot}/histories/*.parquet', filename = true)
    WHERE flags & 1 <> 0
    QUALIFY place = 1
"""


def duckdb_totals(store: Store, *, histories: bool = False) -> Totals:
    """In SQL, from `convictions`, or from `histories` folded on the way (the first row of each count order)."""
    snapshot = Path(store.snapshot.url)
    source = (
        _FROM_HISTORIES.format(snapshot=snapshot)
        if histories
        else f"SELECT * FROM read_parquet('{snapshot}/convictions/*.parquet', filename = true)"
    )
    query = f"""
        WITH c AS (
            SELECT *, parse_filename(filename) AS bucket, DATE '1970-01-01' + event_date AS convicted
            FROM ({source})
        ), p AS (
            SELECT *, parse_filename(filename) AS bucket, DATE '1970-01-01' + birth_date AS born
            FROM read_parquet('{snapshot}/people/*.parquet', filename = true, file_row_number = true)
        ), o AS (
            SELECT *, file_row_number AS code
            FROM read_parquet('{snapshot}/dictionaries/charges.parquet', file_row_number = true)
        )
        SELECT o.section, {_REASONS} AS reason, count(*)
        FROM c
        JOIN o ON o.code = c.offense AND o.section >= 0
        JOIN p ON p.bucket = c.bucket AND p.file_row_number = c.history AND p.canonical
        GROUP BY ALL
    """
    found = duckdb.execute(query).fetchall()
    return {(str(11357 + int(section)), reason): count for section, reason, count in found}


def duckdb_convictions(store: Store) -> int:
    """How many convictions the store's histories fold to."""
    query = f"SELECT count(*) FROM ({_FROM_HISTORIES.format(snapshot=Path(store.snapshot.url))})"
    (found,) = duckdb.execute(query).fetchall()
    return int(found[0])


def polars_totals(store: Store, *, histories: bool = False) -> Totals:
    """In Polars, lazily, from `convictions`, or from `histories` folded on the way."""
    snapshot = Path(store.snapshot.url)
    bucket = pl.col("path").str.extract(r"bucket-(\d+)").cast(pl.Int32).alias("bucket")
    charges = pl.scan_parquet(snapshot / "dictionaries/charges.parquet").with_row_index("offense")
    offenses = charges.select(pl.col("offense").cast(pl.Int32), "section", names=pl.col("flags"))
    people = pl.concat(
        [
            pl.scan_parquet(path, include_file_paths="path").with_row_index("history")
            for path in sorted(snapshot.glob("people/*.parquet"))
        ]
    ).with_columns(bucket, pl.col("history").cast(pl.Int32), born=pl.col("birth_date").cast(pl.Date))
    if histories:
        rows = pl.scan_parquet(snapshot / "histories/*.parquet", include_file_paths="path")
        same_count = ["path", "history", "count_order"]
        source = rows.filter(pl.col("flags") & 1 != 0).unique(same_count, keep="first", maintain_order=True)
    else:
        source = pl.scan_parquet(snapshot / "convictions/*.parquet", include_file_paths="path")
    convictions = source.with_columns(bucket, convicted=pl.col("event_date").cast(pl.Date))

    def ymd(name: str) -> pl.Expr:
        date = pl.col(name).dt
        return date.year() * 10000 + date.month().cast(pl.Int32) * 100 + date.day().cast(pl.Int32)

    only = pl.sum_horizontal(f"convictions_{section}" for section in range(11357, 11361)) == pl.col("convictions")
    reason = (
        pl.when(pl.col("flags") & 2 == 0)
        .then(pl.lit("Misdemeanor or Infraction"))
        .when(pl.col("names") & 1 != 0)
        .then(pl.lit("Dismiss all HS 11357 convictions"))
        .when(pl.col("names") & 2 != 0)
        .then(pl.lit("Dismiss all HS 11358 convictions"))
        .when(ymd("born") + 210000 > ymd("convicted"))
        .then(pl.lit("21 years or younger"))
        .when(pl.col("birth_date") <= _BORN_BY)
        .then(pl.lit(f"{_AGE} years or older"))
        .when(pl.col("event_date") <= _CONVICTED_BY)
        .then(pl.lit(f"Conviction occurred {_SINCE} or more years ago"))
        .when(pl.col("latest_conviction") < _CLEAR_BEFORE)
        .then(pl.lit(f"No convictions in the past {_FREE} years"))
        .when(only)
        .then(pl.lit("Only has 11357-60 charges"))
        .when(pl.col("flags_right") & 4 != 0)
        .then(pl.lit("Individual is deceased"))
        .when(pl.col("names") & 4 != 0)
        .then(pl.lit("Reduce all HS 11359 convictions"))
        .otherwise(pl.lit("Reduce all HS 11360 convictions"))
    )
    found = (
        convictions.join(offenses, on="offense")
        .filter(pl.col("section") >= 0)
        .join(people.filter("canonical"), on=["bucket", "history"])
        .group_by("section", reason.alias("reason"))
        .len()
        .collect()
    )
    return {(str(11357 + int(section)), reason): count for section, reason, count in found.iter_rows()}


def run_totals(run: clearscale.Run) -> Totals:
    """Of a run: its decisions of Prop 64 convictions that count in the state's figures."""
    decisions = run.decisions().select(["section", "reason", "state_figure"])
    counted = (
        decisions.filter(pc.field("state_figure")).group_by(["section", "reason"]).aggregate([([], "count_all")])
    )
    rows = counted.to_pylist()
    return {
        (row["section"], row["reason"]): row["count_all"]
        for row in rows
        if row["section"] in state().charges.sections
    }


def decided_totals(decided: tuple[Any, Any]) -> Totals:
    """Of evaluation, (caseload, decisions): decisions of the canonical Prop 64 convictions added up."""
    caseload, decisions = decided
    counted = caseload.canonical & (caseload.section >= 0)
    pairs = np.stack([caseload.section[counted], decisions.rules[counted]]).astype(np.int64)
    distinct, counts = np.unique(pairs, axis=1, return_counts=True)
    reasons = [*(rule.reason for rule in decisions.policy.rules), ""]
    return {
        (str(11357 + section), reasons[rule]): count
        for (section, rule), count in zip(distinct.T.tolist(), counts.tolist(), strict=True)
    }


ALL: tuple[str, ...] = state().format.columns
NEEDED = (
    "SUBJECT_ID",
    "CII_NUMBER",
    "PRI_DOB",
    "STP_EVENT_DATE",
    "STP_TYPE_DESCR",
    "STP_ORI_CNTY_NAME",
    "CNT_ORDER",
    "OFN",
    "OFFENSE_DESCR",
    "OFFENSE_TOC",
    "DISP_DESCR",
    "CONV_STAT_DESCR",
    "SENT_LENGTH",
    "SENT_TIME_CODE",
)
"""The columns that decisions rest on in any extract. Encoding takes three more: race, sex and comments."""


def arrow_columns(extract: str, columns: tuple[str, ...]) -> pa.Table:
    """Read columns of an extract as bytes, on all cores."""
    options = pa.csv.ConvertOptions(include_columns=columns, column_types=dict.fromkeys(columns, pa.binary()))
    return pa.csv.read_csv(extract, convert_options=options)


def arrow_totals(table: pa.Table) -> tuple[int, int, int]:
    """(rows, convicted rows, subjects)."""
    convicted = pc.sum(pc.starts_with(table["DISP_DESCR"], "CONVICTED")).as_py()
    return table.num_rows, convicted, pc.count_distinct(table["SUBJECT_ID"]).as_py()


def arrow_records(text: bytes) -> int:
    """Read records that are in memory, every column as bytes, on one core; returns how many there are."""
    table = pa.csv.read_csv(
        pa.BufferReader(text),
        read_options=pa.csv.ReadOptions(column_names=ALL, use_threads=False),
        convert_options=pa.csv.ConvertOptions(column_types=dict.fromkeys(ALL, pa.binary())),
    )
    return int(table.num_rows)


_COMPARE: dict[str, Any] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "has": lambda values, bits: values & bits != 0,
    "lacks": lambda values, bits: values & bits == 0,
}


def numpy_rules(policy: Any, found: dict[str, np.ndarray]) -> np.ndarray:
    """The first rule of the policy that holds for each conviction, -1 if none does, in NumPy. Shape (n,), int8."""
    rules = np.full(next(iter(found.values())).size, -1, np.int8)
    # The last rule first: an earlier one that holds takes its place.
    for place, rule in reversed(list(enumerate(policy.rules))):
        holds = np.ones(rules.size, np.bool_)
        for condition in rule.conditions:
            holds &= _COMPARE[condition.operator](found[condition.fact], condition.value)
        rules[holds] = place
    return rules
