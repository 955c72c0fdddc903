"""The peer of a run over charges: the same policy in DuckDB's SQL, and the totals that both must share.

The policy is `ca-1203-425`, all of it: what is not known of a charge, of its person's other charges, or of a day is
carried through as it is there. Answers are 0 for no, 1 for not known and 2 for yes, days are numbers. The peer
counts only, and starts from tables that lie in memory, where it is told which offenses are on the policy's list.
"""

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from clearscale.charges.tables import NO_DAY, Disposition, Mark
from clearscale.dates import as_of_day
from clearscale.relief.packs import load_document
from clearscale.relief.statutes import on_list
from clearscale.runs.charges import ChargeRun
from clearscale.store.charge_store import ChargeStore

POLICY, AS_OF = "ca-1203-425", "2026-01-01"
MONTHS = 120

Totals = dict[tuple[Any, ...], int]
"""Charges by (outcome, rule), or by (county, outcome, month)."""

_NEVER, _EVER = -(2**31), 2**31 - 1
_COLUMNS = (
    "person",
    "offense",
    "level",
    "disposition",
    "marks",
    "disposition_date",
    "sentence_end",
    "supervision_end",
)


class ChargesInMemory:
    """A store of charges as tables in DuckDB's memory: `charges` and `people`, of all buckets."""

    def __init__(self, store: ChargeStore) -> None:
        document = load_document(POLICY)
        values, words = document.values(), store.words
        barred = on_list(document.lists["barred"], words.offenses)
        charges, people = [], []
        for bucket in range(store.buckets):
            tables, first = store.tables(bucket), np.int64(bucket) << 32
            columns = {name: getattr(tables.charges, name) for name in _COLUMNS}
            columns["person"] = columns["person"] + first
            columns["barred"] = np.append(barred, np.int8(1))[columns.pop("offense")]
            charges.append(pa.table(columns))
            marks = tables.people.marks
            people.append(pa.table({"person": np.arange(marks.size) + first, "of_person": marks}))
        self.database = duckdb.connect()
        for name, parts in (("charges", charges), ("people", people)):
            self.database.register("part", pa.concat_tables(parts))
            self.database.execute(f"CREATE TABLE {name} AS SELECT * FROM part")
            self.database.unregister("part")
        self.database.execute(_LATER)
        levels = {level: code for code, level in enumerate(words.levels)}
        self._about = {
            **{name: int(str(values[name])) for name in ("misdemeanor_years", "felony_years")},
            **{
                name: as_of_day(str(values[name]))
                for name in ("since", "felonies_since", "effective", "felonies_effective")
            },
            "as_of": as_of_day(AS_OF),
            "felony": levels.get("felony", -2),
            "misdemeanor": levels.get("misdemeanor", -2),
            "infraction": levels.get("infraction", -2),
            "revoked": int(Mark.REVOKED),
            "revoked_untold": 0 if "revoked" in words.told else 1,
            "registered": int(Mark.REGISTERED),
            "registered_untold": 0 if "registered" in words.told else 1,
            "no_key": int(Mark.NO_KEY),
            "none": int(Disposition.NONE),
            "convicted": int(Disposition.CONVICTED),
            "pending": int(Disposition.PENDING),
            "no_day": NO_DAY,
            "never": _NEVER,
            "ever": _EVER,
        }

    def totals(self) -> Totals:
        """Charges by outcome and rule."""
        found = self.database.execute(_QUERY.format(**self._about)).fetchall()
        return {(outcome, int(rule)): count for outcome, rule, count in found}


_LATER = """
CREATE OR REPLACE TEMP MACRO moved(day, years) AS (DATE '1970-01-01' + day + to_years(years))::DATE;
CREATE OR REPLACE TEMP MACRO later(day, years) AS
    (moved(day, years) - DATE '1970-01-01') + (day(DATE '1970-01-01' + day) <> day(moved(day, years)))::INTEGER;
"""
"""Day numbers so many years later; of 29 February, where there is none, 1 March."""

_QUERY = """
WITH facts AS MATERIALIZED (
    SELECT c.person, barred, marks, disposition,
        nullif(disposition_date, {no_day}) AS decided,
        nullif(sentence_end, {no_day}) AS ends,
        nullif(supervision_end, {no_day}) AS supervised,
        CASE WHEN disposition = {convicted} THEN 2 WHEN disposition <= {none} THEN 1 ELSE 0 END AS convicted,
        CASE WHEN level < 0 THEN 1 WHEN level = {felony} THEN 2 ELSE 0 END AS felony,
        CASE WHEN level < 0 THEN 1 WHEN level IN ({misdemeanor}, {infraction}) THEN 2 ELSE 0 END AS lesser,
        CASE WHEN marks & {revoked} <> 0 THEN 2 ELSE {revoked_untold} END AS revoked,
        CASE WHEN of_person & {registered} <> 0 THEN 2 ELSE {registered_untold} END AS registered,
        of_person & {no_key} <> 0 AS blind
    FROM charges c JOIN people p ON p.person = c.person
), persons AS MATERIALIZED (
    SELECT person,
        bool_or(disposition = {pending}) AS pending,
        coalesce(max(supervised) FILTER (convicted = 2), {never}) AS supervised_low,
        CASE WHEN bool_or(blind OR (convicted > 0 AND supervised IS NULL))
            THEN coalesce(max(supervised) FILTER (convicted = 2), {never})
            ELSE coalesce(max(supervised) FILTER (convicted > 0), {never}) END AS supervised_high,
        coalesce(max(ends) FILTER (convicted = 2), {never}) AS ends_low,
        CASE WHEN bool_or(blind OR (convicted > 0 AND ends IS NULL))
            THEN coalesce(max(ends) FILTER (convicted = 2), {never})
            ELSE coalesce(max(ends) FILTER (convicted > 0), {never}) END AS ends_high,
        bool_or(blind OR (least(convicted, felony) > 0 AND decided IS NULL)) AS lost
    FROM facts GROUP BY person
), asked AS MATERIALIZED (
    SELECT f.*, p.* EXCLUDE (person), row_number() OVER () AS charge,
        convicted = 2 AND felony > 0 AND decided >= {felonies_since} AS may_be_clear
    FROM facts f JOIN persons p ON p.person = f.person WHERE convicted = 2
), days AS (
    SELECT DISTINCT person, decided AS day, least(convicted, felony) = 2 AS sure
    FROM facts WHERE least(convicted, felony) > 0 AND decided IS NOT NULL
), chosen AS (
    SELECT person, day, 'low' AS side FROM days WHERE sure
    UNION ALL SELECT DISTINCT person, day, 'high' FROM days
), events AS MATERIALIZED (
    SELECT person, side, day,
        min(CASE WHEN next IS NULL OR next >= later(day, {felony_years}) THEN day END)
            OVER (PARTITION BY person, side ORDER BY day ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS last
    FROM (SELECT *, lead(day) OVER (PARTITION BY person, side ORDER BY day) AS next FROM chosen)
), starts AS (
    SELECT charge, person, 'supervised' AS since, supervised AS start FROM asked
    WHERE may_be_clear AND supervised IS NOT NULL
    UNION ALL SELECT charge, person, 'ends', ends FROM asked WHERE may_be_clear AND ends IS NOT NULL
), sided AS (
    SELECT starts.*, side FROM starts CROSS JOIN (VALUES ('low'), ('high')) AS sides(side)
), clear AS (
    SELECT s.charge, s.since, s.side,
        CASE WHEN e.day IS NULL OR e.day >= later(s.start, {felony_years}) THEN later(s.start, {felony_years})
            ELSE later(e.last, {felony_years}) END AS over
    FROM sided s ASOF LEFT JOIN events e ON e.person = s.person AND e.side = s.side AND s.start < e.day
), cleared AS (
    SELECT charge,
        max(over) FILTER (since = 'supervised' AND side = 'low') AS since_supervised_low,
        max(over) FILTER (since = 'supervised' AND side = 'high') AS since_supervised_high,
        max(over) FILTER (since = 'ends' AND side = 'low') AS since_ends_low,
        max(over) FILTER (since = 'ends' AND side = 'high') AS since_ends_high
    FROM clear GROUP BY charge
), waits AS (
    SELECT a.*,
        greatest(supervised_low, ends_low, {effective}) AS low,
        greatest(supervised_high, ends_high, {effective}) AS high,
        greatest(supervised_low, ends_low, {effective}, later(decided, {misdemeanor_years})) AS year_low,
        greatest(supervised_high, ends_high, {effective}, later(decided, {misdemeanor_years})) AS year_high,
        greatest(supervised_low, ends_low, {felonies_effective},
            coalesce(since_supervised_low, {never}), coalesce(since_ends_low, {never})) AS clear_low,
        greatest(supervised_high, ends_high, {felonies_effective},
            CASE WHEN lost THEN {ever} ELSE coalesce(since_supervised_high, {never}) END,
            CASE WHEN lost AND ends IS NOT NULL THEN {ever} ELSE coalesce(since_ends_high, {never}) END
            ) AS clear_high,
        greatest(supervised_low, ends_low, {felonies_effective}, coalesce(since_ends_low, {never})) AS served_low,
        CASE WHEN lost OR ends IS NULL THEN {ever}
            ELSE greatest(supervised_high, ends_high, {felonies_effective}, since_ends_high) END AS served_high
    FROM asked a LEFT JOIN cleared c ON c.charge = a.charge
), holds AS (
    SELECT *,
        least(lesser, 2 * (supervised IS NOT NULL)::INTEGER, 2 - revoked) AS rule_4,
        least(felony, 2 * (supervised IS NOT NULL AND ends IS NULL)::INTEGER, 2 - revoked) AS rule_5,
        least(lesser, 2 * (supervised IS NULL)::INTEGER) AS rule_6,
        least(felony, barred) AS rule_7,
        least(felony, 2 * (decided >= {felonies_since} AND supervised IS NOT NULL)::INTEGER) AS rule_8,
        least(felony, 2 * (decided >= {felonies_since} AND supervised IS NULL)::INTEGER) AS rule_9
    FROM waits
), found AS (
    SELECT CASE
        WHEN decided IS NULL THEN 'undecided 1'
        WHEN decided < {since} THEN 'not-eligible 1'
        WHEN registered = 2 THEN 'not-eligible 2'
        WHEN registered = 1 THEN 'undecided 2'
        WHEN pending THEN 'not-eligible 3'
        WHEN rule_4 = 2 AND high <= {as_of} THEN 'dismiss 4'
        WHEN rule_4 = 2 AND low = high THEN 'not-yet 4'
        WHEN rule_4 > 0 THEN 'undecided 4'
        WHEN rule_5 = 2 AND high <= {as_of} THEN 'dismiss 5'
        WHEN rule_5 = 2 AND low = high THEN 'not-yet 5'
        WHEN rule_5 > 0 THEN 'undecided 5'
        WHEN rule_6 = 2 AND year_high <= {as_of} THEN 'dismiss 6'
        WHEN rule_6 = 2 AND year_low = year_high THEN 'not-yet 6'
        WHEN rule_6 > 0 THEN 'undecided 6'
        WHEN rule_7 = 2 THEN 'not-eligible 7'
        WHEN rule_7 = 1 THEN 'undecided 7'
        WHEN rule_8 = 2 AND clear_high <= {as_of} THEN 'dismiss 8'
        WHEN rule_8 = 2 AND clear_low = clear_high THEN 'not-yet 8'
        WHEN rule_8 > 0 THEN 'undecided 8'
        WHEN rule_9 = 2 AND served_high <= {as_of} THEN 'dismiss 9'
        WHEN rule_9 = 2 AND served_low = served_high THEN 'not-yet 9'
        WHEN rule_9 > 0 THEN 'undecided 9'
        WHEN felony = 2 THEN 'not-eligible 10'
        WHEN felony = 1 THEN 'undecided 10'
        WHEN lesser = 2 THEN 'not-eligible 11'
        WHEN lesser = 1 THEN 'undecided 11'
        ELSE 'not-eligible 12' END AS decision
    FROM holds
)
SELECT split_part(decision, ' ', 1), split_part(decision, ' ', 2), count(*) FROM found GROUP BY ALL
"""


def run_totals(run: ChargeRun) -> Totals:
    """Of a run: charges of the state by outcome and rule."""
    rows = run.table("charges").to_pylist()
    return {(row["outcome"], row["rule"]): row["charges"] for row in rows if row["scope"] == "state"}


def write_decisions(run: ChargeRun, folder: Path) -> Path:
    """Write a run's decisions to a new folder as Parquet files, which SQL can read. Returns the folder."""
    folder.mkdir()
    for number, table in enumerate(run.decisions()):
        pq.write_table(table.select(["county", "outcome", "first_eligible"]), folder / f"{number}.parquet")
    return folder


def months_of_decisions(folder: Path) -> Totals:
    """What becomes due when, in SQL over the decisions in a folder: charges by (county, outcome, month)."""
    query = f"""
        WITH due AS (
            SELECT county, outcome = 'not-yet' AS waits,
                12 * year(first_eligible) + month(first_eligible) AS month
            FROM read_parquet('{folder}/*.parquet')
            WHERE outcome IN ('dismiss', 'not-yet')
        ), counted AS (
            SELECT county, CASE WHEN waits THEN month ELSE 0 END AS month FROM due
            WHERE NOT waits OR month < 12 * {AS_OF[:4]} + {int(AS_OF[5:7])} + {MONTHS}
        )
        SELECT county, month, count(*) FROM counted GROUP BY ALL
    """
    return {(county, "dismiss", month): count for county, month, count in duckdb.execute(query).fetchall()}


def forecast_totals(table: pa.Table) -> Totals:
    """The same of a forecast's table."""
    return {
        (row["county"], row["outcome"], 12 * row["month"].year + row["month"].month if row["month"] else 0): row[
            "charges"
        ]
        for row in table.to_pylist()
        if row["scope"] == "county"
    }
