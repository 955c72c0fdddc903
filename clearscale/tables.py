"""Tidy count tables: one row a combination that occurs, small enough to read, exact enough to publish from."""

import numpy as np
import pyarrow as pa
import pyarrow.csv

from clearscale_kernels import calendar, facts
from clearscale_kernels.arrays import Int8s

from .evaluate import Bucket, Decisions
from .files import Folder
from .tally import MEASURES, View, person_measures, views

SCOPES = ("county", "state")
"""`county`: as the county alone would count, its own extracts. `state`: each person once."""

AGE_BANDS = ("unknown", "under 21", "21-29", "30-39", "40-49", "50-64", "65 and over")
_BAND_STARTS = (21, 30, 40, 50, 65)

CONVICTION_KEYS = (
    "scope",
    "county",
    "section",
    "severity",
    "determination",
    "reason",
    "race",
    "sex",
    "age",
    "year",
)
PEOPLE_KEYS = ("scope", "county", "race", "sex", "age")
PEOPLE_COUNTS = ("people", "with_prop64", *MEASURES)


class Labels:
    """Texts of the codes that tables show. counties: of each extract, in the snapshot's order."""

    def __init__(self, county: list[str], race: list[str], sex: list[str], extract_county: list[str]) -> None:
        self.county = pa.array(county, pa.string())
        self.race = pa.array([text or "UNKNOWN" for text in race], pa.string())
        self.sex = pa.array([text or "UNKNOWN" for text in sex], pa.string())
        self.extract_county = pa.array(extract_county, pa.string())


def age_bands(bucket: Bucket, as_of: int) -> Int8s:
    """Place in AGE_BANDS of each history's person on the as-of date. Shape (h,)."""
    births = bucket.people["birth_date"]
    ages = np.empty(births.size, np.int16)
    calendar.ages(births, np.array([as_of], np.int32), ages)
    bands = np.searchsorted(_BAND_STARTS, ages, side="right").astype(np.int8) + np.int8(1)
    bands[bucket.people["flags"] & facts.NO_BIRTH_DATE != 0] = 0
    return bands


def _pick(texts: pa.Array, codes: np.ndarray) -> pa.Array:
    return texts.take(pa.array(codes, pa.int64()))


def conviction_counts(bucket: Bucket, decisions: Decisions, labels: Labels, as_of: int) -> pa.Table:
    """Convictions in scope by CONVICTION_KEYS, in column `convictions`; `year` is null without a date."""
    determinations, reasons = (pa.array(texts, pa.string()) for texts in decisions.texts())
    bands = age_bands(bucket, as_of)
    tables = []
    for scope, view in zip(SCOPES, views(bucket), strict=True):
        kept = view.convictions[decisions.places]
        places, rules = decisions.places[kept], decisions.rules[kept]
        rules = np.where(rules < 0, len(decisions.policy.rules), rules)
        column = {name: values[places] for name, values in bucket.convictions.items()}
        person = column["history"]
        years = np.empty(places.size, np.int16)
        calendar.years_of(column["event_date"], years)
        missing = column["flags"] & facts.NO_EVENT_DATE != 0
        section = bucket.sections[column["offense"]]
        felony = np.where(column["flags"] & facts.FELONY != 0, 0, 1)
        tables.append(
            pa.table(
                {
                    "scope": pa.array([scope] * places.size, pa.string()),
                    "county": _pick(labels.county, column["county"]),
                    "section": _pick(_SECTIONS, np.where(section < 0, len(facts.SECTIONS), section)),
                    "severity": _pick(_SEVERITIES, felony),
                    "determination": _pick(determinations, rules),
                    "reason": _pick(reasons, rules),
                    "race": _pick(labels.race, bucket.people["race"][person]),
                    "sex": _pick(labels.sex, bucket.people["sex"][person]),
                    "age": _pick(_BANDS, bands[person]),
                    "year": pa.array(years, mask=missing),
                    "convictions": pa.array(np.ones(places.size, np.int64)),
                }
            )
        )
    return add_up(tables, CONVICTION_KEYS, ("convictions",))


def people_counts(bucket: Bucket, decisions: Decisions, labels: Labels, as_of: int) -> pa.Table:
    """People by PEOPLE_KEYS in the columns PEOPLE_COUNTS; `county` is empty in scope `state`."""
    relief = decisions.relief(bucket.convictions["history"].size)
    bands = age_bands(bucket, as_of)
    tables = []
    for scope, view in zip(SCOPES, views(bucket), strict=True):
        measures = {
            "people": view.people,
            "with_prop64": _with_prop64(bucket, view),
            **dict(zip(MEASURES, person_measures(bucket, relief, view, as_of), strict=True)),
        }
        kept = np.flatnonzero(view.people)
        county = (
            _pick(labels.extract_county, bucket.people["extract"][kept])
            if scope == "county"
            else pa.array([""] * kept.size, pa.string())
        )
        tables.append(
            pa.table(
                {
                    "scope": pa.array([scope] * kept.size, pa.string()),
                    "county": county,
                    "race": _pick(labels.race, bucket.people["race"][kept]),
                    "sex": _pick(labels.sex, bucket.people["sex"][kept]),
                    "age": _pick(_BANDS, bands[kept]),
                    **{name: pa.array(mask[kept].astype(np.int64)) for name, mask in measures.items()},
                }
            )
        )
    return add_up(tables, PEOPLE_KEYS, PEOPLE_COUNTS)


def _with_prop64(bucket: Bucket, view: View) -> np.ndarray:
    counted = view.convictions & (bucket.sections[bucket.convictions["offense"]] >= 0)
    history = bucket.convictions["history"][counted]
    return (np.bincount(history, minlength=view.people.size) > 0) & view.people


def add_up(tables: list[pa.Table], keys: tuple[str, ...], counts: tuple[str, ...]) -> pa.Table:
    """One table with the counts of the tables added up by key, sorted by key."""
    joined = pa.concat_tables(tables)
    summed = joined.group_by(list(keys), use_threads=False).aggregate([(name, "sum") for name in counts])
    summed = summed.rename_columns([name.removesuffix("_sum") for name in summed.column_names])
    return summed.select([*keys, *counts]).sort_by([(name, "ascending") for name in keys])


def write_table(folder: Folder, name: str, table: pa.Table) -> None:
    """Write a table as `<name>.parquet` and `<name>.csv`."""
    folder.write_parquet(f"{name}.parquet", table)
    sink = pa.BufferOutputStream()
    pa.csv.write_csv(table, sink, pa.csv.WriteOptions(quoting_style="needed"))
    folder.write(f"{name}.csv", memoryview(sink.getvalue()))


_SECTIONS = pa.array([*facts.SECTIONS, "related"], pa.string())
_SEVERITIES = pa.array(["felony", "not a felony"], pa.string())
_BANDS = pa.array(AGE_BANDS, pa.string())
