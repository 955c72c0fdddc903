"""The demo's policy asked of a store in DuckDB's SQL and in Polars: convictions by section and reason.

Each takes the canonical histories of the store's Prop 64 convictions, so that totals can be held against a run's.
"""

from pathlib import Path

import duckdb
import polars as pl

from clearscale.dates import add_years, as_of_day
from clearscale.demo import AS_OF, POLICY
from clearscale.store import Store

Totals = dict[tuple[str, str], int]
"""Convictions by (section, reason)."""

_RELIEF = POLICY["additionalRelief"]
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
    found = duckdb.sql(query).fetchall()
    return {(str(11357 + section), reason): count for section, reason, count in found}


def polars_totals(store: Store) -> Totals:
    """In Polars, lazily, from `convictions`."""
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
    convictions = pl.scan_parquet(snapshot / "convictions/*.parquet", include_file_paths="path").with_columns(
        bucket, convicted=pl.col("event_date").cast(pl.Date)
    )

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
    return {(str(11357 + section), reason): count for section, reason, count in found.iter_rows()}
